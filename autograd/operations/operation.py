"""What an operation is: the facts that one entry of the table holds, and how it is called."""

from __future__ import annotations

import functools
import reprlib
from abc import ABC
from binascii import crc32
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from math import inf

from autograd._typing import TYPE_CHECKING, final
from autograd.operations.coercion import (
    TAKE_VALUES,
    check_listed,
    elementwise,
    is_arraylike,
    is_value,
    like,
    listed,
    real,
)
from autograd.operations.formulas import FLOAT_FUNCTIONS, OPERATIONS, compile_formula

if TYPE_CHECKING:
    from typing import Any, Final, SupportsFloat, TypeVar, Union, overload

    from autograd.engine.value import Value  # never at run time: a Value records itself

    Interval = tuple[float, float]
    Number = Union[Value, float]
    Scalar = TypeVar("Scalar", Value, float, Value | float)
    Slopes = tuple[float | None, ...]

REAL: Interval = (-inf, inf)
POSITIVE: Interval = (0.0, inf)
UNIT: Interval = (-1.0, 1.0)

TABLE: Final[dict[str, Operation]] = {}
"""Every operation of `table.py` by name, in its order."""

CUSTOM: Final[dict[str, Operation]] = {}
"""Every operation that users defined, by name; see `custom.py`."""


class Operation(ABC):
    """An operation. Called with numbers it gives a float; if one of them is a Value, it gives a Value.

    NumPy's scalars give a numpy.float64. With an array it is applied to each element, and gives an array.

    Attributes:
        name: the public name, also that of the function in `autograd`.
        symbol: what a picture shows inside the operation's node.
        function: floats in, a float out; IEEE-754, never an exception.
        c: the same function as a C expression in a, b and c.
        python: the same function as a Python expression; "" if the source of the function itself serves.
        formulas: one partial derivative per argument as text; None where no gradient flows.
        handbook: the same derivatives as a handbook has them, with y for the result: what people read. They have the
            digits of the formulas only in the middle of the domain.
        partials: the formulas as functions of (y, a, ...), which take floats or Values.
        slopes: all partials as one function of floats; a node records the tuple that it gives.
        symmetric: whether the arguments commute.
        domain: one open interval per argument; inside, the operation is smooth except at its kinks.
        kinks, kink: an expression in the arguments that is zero at the kinks, as text and as a function.
        ulps: error bounds of the value, of first and of second derivatives, in units in the last place.
        crossings: the error scale of each derivative that crosses zero, by the positions of its arguments:
            the size of the terms that the derivative subtracts; that of the value itself has the key ().
        method: whether a Value has a method of this name.
        text, latex: one sentence for the docs, with the special values; the formula in LaTeX.

    Raises TypeError when called with anything that is neither a real number nor a Value.
    """

    arguments: str
    takes: str

    def __init__(
        self,
        name: str,
        symbol: str,
        function: Callable[..., float],
        c: str,
        formulas: tuple[str | None, ...],
        domain: tuple[Interval, ...],
        latex: str,
        text: str,
        kinks: str = "1",
        crossings: dict[tuple[int, ...], str] | None = None,
        ulps: tuple[float, float, float] = (4.0, 4.0, 16.0),
        symmetric: bool = False,
        method: bool = True,
        registry: dict[str, Operation] = TABLE,
        handbook: tuple[str | None, ...] | None = None,
    ) -> None:
        if len(formulas) != len(self.arguments.split(",")):
            raise ValueError(
                f"{name} takes the arguments {self.arguments}, got {len(formulas)} formulas; "
                "give one for each argument, None where no gradient flows"
            )
        if len(formulas) > 3:
            raise ValueError(
                f"{name} has {len(formulas)} arguments, and an operation has three at most; compose it from others"
            )
        self.name = self.__name__ = name
        self.__module__ = "autograd"  # pickle finds it there by its name
        self.symbol = symbol
        self.function = function
        self.c = c
        self.python = ""
        self.formulas = formulas
        self.handbook = formulas if handbook is None else handbook
        self.domain = domain
        self.latex = latex
        self.text = self.__doc__ = text
        self.kinks = kinks
        self.ulps = ulps
        self.symmetric = symmetric
        self.method = method
        self.crossings = crossings or {}
        TAKE_VALUES.add(name)
        self._register(registry)

    def _register(self, registry: dict[str, Operation]) -> None:
        """Add it to `TABLE` or `CUSTOM`, and let formulas use it by its name."""
        if self.name in RESERVED:
            raise ValueError(f"{self.name} is the name of an instruction of programs; choose another name")
        OPERATIONS[self.name] = self
        FLOAT_FUNCTIONS[self.name] = self.function
        registry[self.name] = self

    def _of_numbers(self, *numbers: Any) -> Any:
        """The result for numbers and arrays that are no Values."""
        if any(map(is_arraylike, numbers)):
            return elementwise(self, numbers)
        return like(self.function(*[real(x, self.name) for x in numbers]), numbers)

    if not TYPE_CHECKING:  # each kind has types of its own

        def __call__(self, *operands, **names):
            if len(operands) != len(self.formulas) or names:
                raise TypeError(self._counted(len(operands), names))
            are_floats = True
            for x in operands:
                if type(x) is not float:
                    if is_value(x):
                        return x._record(self, operands)
                    are_floats = False
            return self.function(*operands) if are_floats else self._of_numbers(*operands)

    def _counted(self, count: int, names: Iterable[str]) -> str:
        """The message about a call with the wrong number of arguments, or with names."""
        given = f"{count} and {', '.join(names)}=" if names else str(count)
        return f"{self.name}() takes {self.takes}, got {given}; write {self.name}({self.arguments}){self.or_many()}"

    def or_many(self) -> str:
        """For the message: what to write for lists of arguments."""
        return ""

    def __repr__(self) -> str:
        return f"<operation {self.name}({self.arguments})>"

    def __reduce__(self) -> str | tuple[Any, ...]:
        return self.name if CUSTOM.get(self.name) is not self else (find, (self.name,))

    # compiled at first use: compiling all formulas takes longer than the rest of the import

    @cached_property
    def partials(self) -> tuple[Callable[..., Any] | None, ...]:
        """The formulas as functions of (y, a, ...), which take floats or Values."""
        return tuple(None if f is None else compile_formula(self.arguments, f, OPERATIONS) for f in self.formulas)

    @cached_property
    def slopes(self) -> Callable[..., Slopes]:
        """All partials at once as one function of floats."""
        return compile_formula(self.arguments, f"({', '.join(map(str, self.formulas))},)", FLOAT_FUNCTIONS)

    @cached_property
    def kink(self) -> Callable[..., float]:
        """The expression that is zero where the operation is not smooth, as a function of the arguments."""
        return compile_formula(self.arguments, self.kinks, FLOAT_FUNCTIONS, result="")

    def terms(self, *places: int) -> Callable[..., float]:
        """The error scale of the derivative by these arguments; 0 if it does not subtract terms."""
        formula = self.crossings.get(tuple(sorted(places)), "0.0")
        return compile_formula(self.arguments, formula, FLOAT_FUNCTIONS, result="")

    # a node has operands, which the operation takes as its arguments

    def arranged(self, operands: Sequence[Any]) -> Sequence[Any]:
        """The operands of a node as the arguments of the operation."""
        return operands

    def edges(self, count: int) -> list[tuple[str, str | None]]:  # noqa: ARG002  # VectorBinary needs it
        """The name of each operand, and the handbook's formula of the partial by it."""
        return list(zip(self.arguments.split(", "), self.handbook))

    def partials_of(self, y: Any, operands: Sequence[Any]) -> Callable[[int], Any]:
        """A function from the position of an operand to the partial by it."""
        return lambda i: self.partials[i](y, *operands)  # type: ignore[misc]  # asked only where a gradient flows

    def call(self, operands: Sequence[Any]) -> str:
        """The call with these operands as text; long vectors are cut short."""
        return f"{self.name}({', '.join(map(reprlib.repr, self.arranged(operands)))})"


@final
class Unary(Operation):
    """An operation of one argument."""

    arguments = "a"
    takes = "one number"

    if TYPE_CHECKING:

        @overload
        def __call__(self, a: Value) -> Value: ...
        @overload
        def __call__(self, a: float) -> float: ...
        def __call__(self, a: Number) -> Number: ...

    def or_many(self) -> str:
        """For the message: what to write for a list."""
        return f", or [{self.name}(x) for x in xs]"


@final
class Binary(Operation):
    """An operation of two arguments."""

    arguments = "a, b"
    takes = "two numbers"

    if TYPE_CHECKING:

        @overload
        def __call__(self, a: Value, b: SupportsFloat) -> Value: ...
        @overload
        def __call__(self, a: float, b: Value) -> Value: ...
        @overload
        def __call__(self, a: float, b: float) -> float: ...
        def __call__(self, a: Number, b: SupportsFloat) -> Number: ...

    def or_many(self) -> str:
        """For the message: what to write for two lists."""
        return f", or {self.name}.map(xs, ys)"

    def reduce(self, values: Iterable[Number]) -> Number:
        """The left fold over at least one number or Value: add.reduce([x, y, z]) is add(add(x, y), z).

        Raises ValueError if there is none.
        """
        values = listed(values, f"{self.name}.reduce")
        if not values:
            raise ValueError(f"{self.name}.reduce() takes at least one value, got none; leave out empty lists")
        first, *rest = values
        return functools.reduce(self, rest, first if is_value(first) else like(real(first, self.name), [first]))

    def map(self, xs: Iterable[Number], ys: Iterable[Number]) -> list[Number]:
        """Apply it to pairs, until one side ends: multiply.map([x, y], [z, w]) is [multiply(x, z), multiply(y, w)]."""
        for side in (xs, ys):
            check_listed(side, f"{self.name}.map", "two lists of numbers")
        return [self(x, y) for x, y in zip(xs, ys)]


@final
class Ternary(Operation):
    """An operation of three arguments."""

    arguments = "a, b, c"
    takes = "three numbers"

    if TYPE_CHECKING:

        @overload
        def __call__(self, a: Number, b: Value, c: Number) -> Value: ...
        @overload
        def __call__(self, a: Number, b: Number, c: Value) -> Value: ...
        @overload
        def __call__(self, a: Value, b: float, c: float) -> Value: ...
        @overload
        def __call__(self, a: float, b: float, c: float) -> float: ...
        def __call__(self, a: Number, b: Number, c: Number) -> Number: ...


@final
class VectorBinary(Operation):
    """An operation of two sequences of the same length. It gives one number; each formula is the name of a sequence.

    The operands of its node are the elements of a, then those of b. `TABLE` holds only operations of numbers.

    Raises:
        TypeError: an argument is not a sequence, or an element is neither a real number nor a Value.
        ValueError: the lengths differ.
    """

    arguments = "a, b"
    takes = "two lists of numbers"

    def _register(self, registry: dict[str, Operation]) -> None:
        """Not registered in `TABLE`."""

    def arranged(self, operands: Sequence[Any]) -> Sequence[Any]:
        """The two vectors."""
        middle = len(operands) // 2
        return [*operands[:middle]], [*operands[middle:]]

    def edges(self, count: int) -> list[tuple[str, str | None]]:
        """The names a0, a1, ..., b0, b1, ..., each with the formula for its element."""
        return [
            (f"{name}{i}", formula and f"{formula}{i}")
            for name, formula in super().edges(count)
            for i in range(count // 2)
        ]

    def partials_of(self, y: Any, operands: Sequence[Any]) -> Callable[[int], Any]:
        """A function from the position of an element to the partial by it."""
        vectors = self.arranged(operands)
        return [x for partial in self.partials for x in partial(y, *vectors)].__getitem__  # type: ignore[misc]

    if TYPE_CHECKING:

        def __call__(self, xs: Sequence[Scalar], ys: Sequence[Number]) -> Scalar: ...

    else:

        def __call__(self, *vectors, **names):
            if len(vectors) != 2 or names:
                raise TypeError(self._counted(len(vectors), names))
            return self._called(*vectors)

    def _called(self, xs: Sequence[Scalar], ys: Sequence[Number]) -> Scalar:
        a: tuple[Any, ...] = listed(xs, self.name, self.takes)
        b: tuple[Any, ...] = listed(ys, self.name, self.takes)
        if len(a) != len(b):
            raise ValueError(
                f"{self.name}() takes two sequences of the same length, got {len(a)} and {len(b)} numbers; "
                "pass one factor for each number"
            )
        for x in (*a, *b):
            if hasattr(type(x), "_record_vectors"):
                node: Any = x._record_vectors(self, a, b)
                return node  # type: ignore[no-any-return]  # a Value
        numbers = [[real(x, self.name) for x in vector] for vector in (a, b)]
        return like(self.function(*numbers), (*a, *b))  # type: ignore[return-value]  # no Value


def find(name: str) -> Operation:
    """The operation of this name, from the table or defined by a user.

    Raises ValueError if there is none, for example after unpickling in a process that does not define it.
    """
    found = TABLE.get(name) or CUSTOM.get(name)
    if found is None:
        raise ValueError(
            f"there is no operation {name!r} in this process; define it first: autograd.operation({name!r}, ...)"
        )
    return found


RESERVED = {"add_dot", "dot", "gate", "gate_dot", "relu_dot"}
"""The names of instructions that programs have beside the operations of the table."""


def fingerprint(operations: Iterable[Operation]) -> int:
    """A checksum of all facts that the compiled engine takes from these operations."""
    facts = [f"{o.name}({o.arguments}) = {o.c}; {o.formulas}" for o in operations]
    return crc32("\n".join(facts).encode())
