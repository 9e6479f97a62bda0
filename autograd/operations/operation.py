"""What a row of the table is: the facts of one operation, and how it is called."""

from __future__ import annotations

import functools
import math
import re
import reprlib
from abc import ABC
from binascii import crc32
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from math import inf

from autograd._typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from typing import Any, Final, SupportsFloat, TypeGuard, TypeVar, Union, overload

    from autograd.engine.value import Value  # never at run time: a Value records itself

    Interval = tuple[float, float]
    Number = Union[Value, float]
    Scalar = TypeVar("Scalar", Value, float, Value | float)
    Slopes = tuple[float | None, ...]

TABLE: Final[dict[str, Operation]] = {}
"""Every row by name, in the order of `table.py`."""


class Operation(ABC):
    """A row of the table. Called with numbers it gives a float, with a Value among them a Value.

    Attributes:
        name: the public name, also that of the function in `autograd`.
        symbol: what a picture shows inside the operation's node.
        function: floats in, a float out; IEEE-754, never an exception.
        c: the same function as a C expression in a, b and c.
        formulas: one partial derivative per argument as text, None where no gradient flows.
        partials: the formulas as functions of (y, a, ...), of floats or of Values.
        slopes: all of them at once as one function of floats, which gives a tuple: what a node records.
        symmetric: whether the order of two arguments is of no account.
        domain: one open interval per argument, inside which the row is smooth,
        kinks, kink: ... except where this expression in the arguments is zero; the same as a function.
        ulps: how far a value, a first and a second derivative may be from the exact one.
        crossings: of a derivative (by the arguments of these numbers) that crosses zero inside the domain,
            the size of the terms it is the difference of: its ulps are those of the larger.
        text, latex: one sentence for the docs, with the special values; the formula in LaTeX.

    Raises TypeError when called with anything that is neither a real number nor a Value.
    """

    arguments: str

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
    ) -> None:
        if len(formulas) != len(self.arguments.split(",")):
            raise ValueError(
                f"{name} is a row of the arguments {self.arguments}, got {len(formulas)} formulas; "
                "give one for each argument, None where no gradient flows"
            )
        self.name = self.__name__ = name
        self.__module__ = "autograd"  # where pickle finds it by its name
        self.symbol = symbol
        self.function = function
        self.c = c
        self.formulas = formulas
        self.domain = domain
        self.latex = latex
        self.text = self.__doc__ = text
        self.kinks = kinks
        self.ulps = ulps
        self.symmetric = symmetric
        self.crossings = crossings or {}
        _NAMES.add(name)
        self._enlist()

    def _enlist(self) -> None:
        """Let formulas use it by its name, and whoever goes through the table find it."""
        if self.name in _INSTRUCTIONS:
            raise ValueError(f"{self.name} is the name of an instruction of programs; choose another one for this row")
        _ROWS[self.name] = self
        _FLOATS[self.name] = self.function
        TABLE[self.name] = self

    def __repr__(self) -> str:
        return f"<operation {self.name}({self.arguments})>"

    def __reduce__(self) -> str:
        return self.name

    # compiled when first used: all rows together take longer than the rest of the import

    @cached_property
    def partials(self) -> tuple[Callable[..., Any] | None, ...]:
        """The formulas as functions of (y, a, ...), of floats or of Values."""
        return tuple(None if f is None else _compile(self.arguments, f, _ROWS) for f in self.formulas)

    @cached_property
    def slopes(self) -> Callable[..., Slopes]:
        """All partials at once as one function of floats."""
        return self._slopes(*range(len(self.formulas)))

    @cached_property
    def kink(self) -> Callable[..., float]:
        """The expression that is zero where the row is not smooth, as a function of the arguments."""
        return _compile(self.arguments, self.kinks, _FLOATS, result="")

    def terms(self, *places: int) -> Callable[..., float]:
        """The size of the terms of the derivative by these arguments; 0 if it does not subtract."""
        formula = self.crossings.get(tuple(sorted(places)), "0.0")
        return _compile(self.arguments, formula, _FLOATS, result="")

    def _slopes(self, *positions: int) -> Callable[..., Slopes]:
        """The partials at these positions as one function of floats, None at the others."""
        chosen = [f if i in positions else None for i, f in enumerate(self.formulas)]
        return _compile(self.arguments, f"({', '.join(map(str, chosen))},)", _FLOATS)

    # what a node's operands are to the row that made it

    def arranged(self, operands: Sequence[Any]) -> Sequence[Any]:
        """The operands of a node as the arguments of the row."""
        return operands

    def edges(self, count: int) -> list[tuple[str, str | None]]:  # noqa: ARG002  # others have any number of operands
        """For each of so many operands its name, and the formula of the partial by it."""
        return list(zip(self.arguments.split(", "), self.formulas))

    def partials_of(self, y: Any, operands: Sequence[Any]) -> Callable[[int], Any]:
        """The partial by the operand of a given number, computed when it is asked for."""
        return lambda i: self.partials[i](y, *operands)  # type: ignore[misc]  # of one that a gradient flows to

    def call(self, operands: Sequence[Any]) -> str:
        """How a call with these operands is written; of long vectors the beginning."""
        return f"{self.name}({', '.join(map(reprlib.repr, self.arranged(operands)))})"


@final
class Unary(Operation):
    """A row of one argument."""

    arguments = "a"

    if TYPE_CHECKING:

        @overload
        def __call__(self, a: Value) -> Value: ...
        @overload
        def __call__(self, a: float) -> float: ...

    def __call__(self, a: Number) -> Number:
        if is_value(a):
            return a._record(self, (a,))
        return self.function(real(a, self.name))


@final
class Binary(Operation):
    """A row of two arguments."""

    arguments = "a, b"

    @cached_property
    def left_slope(self) -> Callable[..., Slopes]:
        """The slopes for a Value and a constant: that by the Value, and None."""
        return self._slopes(0)

    @cached_property
    def right_slope(self) -> Callable[..., Slopes]:
        """The slopes for a constant and a Value: None, and that by the Value."""
        return self._slopes(1)

    if TYPE_CHECKING:

        @overload
        def __call__(self, a: Value, b: SupportsFloat) -> Value: ...
        @overload
        def __call__(self, a: float, b: Value) -> Value: ...
        @overload
        def __call__(self, a: float, b: float) -> float: ...

    def __call__(self, a: Number, b: SupportsFloat) -> Number:
        if is_value(a):
            return a._record(self, (a, b))
        if is_value(b):
            node: Value = b._record(self, (a, b))
            return node
        return self.function(real(a, self.name), real(b, self.name))

    def reduce(self, values: Iterable[Number]) -> Number:
        """The left fold over at least one number or Value: add.reduce([x, y, z]) is add(add(x, y), z).

        Raises ValueError if there is none.
        """
        values = tuple(values)
        if not values:
            raise ValueError(f"{self.name}.reduce() takes at least one value, got none")
        first, *rest = values
        return functools.reduce(self, rest, first if is_value(first) else real(first, self.name))

    def map(self, xs: Iterable[Number], ys: Iterable[Number]) -> list[Number]:
        """The row of each pair, as far as both go: multiply.map([x, y], [z, w]) is [multiply(x, z), multiply(y, w)]."""
        return [self(x, y) for x, y in zip(xs, ys)]


@final
class Ternary(Operation):
    """A row of three arguments."""

    arguments = "a, b, c"

    if TYPE_CHECKING:

        @overload
        def __call__(self, a: Number, b: Value, c: Number) -> Value: ...
        @overload
        def __call__(self, a: Number, b: Number, c: Value) -> Value: ...
        @overload
        def __call__(self, a: Value, b: float, c: float) -> Value: ...
        @overload
        def __call__(self, a: float, b: float, c: float) -> float: ...

    def __call__(self, a: Number, b: Number, c: Number) -> Number:
        for argument in (a, b, c):
            if is_value(argument):
                return argument._record(self, (a, b, c))
        return self.function(*(real(x, self.name) for x in (a, b, c)))


@final
class VectorBinary(Operation):
    """A row of two vectors, which are sequences of the same length. It gives one number, each formula a vector.

    The operands of its node are the elements of a, then those of b. It is not in `TABLE`, whose rows take numbers.

    Raises:
        TypeError: an argument is no sequence, or an element neither a real number nor a Value.
        ValueError: the lengths differ.
    """

    arguments = "a, b"

    def _enlist(self) -> None:
        """It is in no list."""

    def arranged(self, operands: Sequence[Any]) -> Sequence[Any]:
        """The two vectors."""
        middle = len(operands) // 2
        return [*operands[:middle]], [*operands[middle:]]

    def edges(self, count: int) -> list[tuple[str, str | None]]:
        """a0, a1, ... and b0, b1, ..., with the formula for this element."""
        return [
            (f"{name}{i}", formula and re.sub(r"\b[ab]\b", rf"\g<0>{i}", formula))
            for name, formula in super().edges(count)
            for i in range(count // 2)
        ]

    def partials_of(self, y: Any, operands: Sequence[Any]) -> Callable[[int], Any]:
        """The elements of the vectors that the formulas give."""
        vectors = self.arranged(operands)
        return [x for partial in self.partials for x in partial(y, *vectors)].__getitem__  # type: ignore[misc]

    def __call__(self, xs: Sequence[Scalar], ys: Sequence[Number]) -> Scalar:
        for vector in (xs, ys):
            if isinstance(vector, (dict, set, frozenset)) or not _has_length(vector):
                kind = type(vector).__name__
                raise TypeError(
                    f"{self.name}() takes two lists of numbers, got {kind}; "
                    "write [x] for a single number, list(x) for many in the order that you want"
                )
        a: tuple[Any, ...] = tuple(xs)
        b: tuple[Any, ...] = tuple(ys)
        if len(a) != len(b):
            raise ValueError(
                f"{self.name}() takes two sequences of the same length, got {len(a)} and {len(b)} numbers; "
                "give each number its factor"
            )
        for x in (*a, *b):
            if hasattr(type(x), "_record_vectors"):
                node: Any = x._record_vectors(self, a, b)
                return node  # type: ignore[no-any-return]  # a Value
        numbers = [[real(x, self.name) for x in vector] for vector in (a, b)]
        return self.function(*numbers)  # type: ignore[return-value]  # a float if there is no Value


def _has_length(x: object) -> bool:
    """Not so have classes, and arrays without a dimension."""
    try:
        return len(x) >= 0  # type: ignore[arg-type]  # that is the question
    except TypeError:
        return False


def fingerprint(rows: Iterable[Operation]) -> int:
    """A number made of all that the compiled engine takes from these rows."""
    facts = [f"{r.name}({r.arguments}) = {r.c}; {r.formulas}" for r in rows]
    return crc32("\n".join(facts).encode())


def real(x: object, caller: str) -> float:
    """x as a float, if it is a real number; an int or Fraction beyond the range is an infinity.

    Raises:
        TypeError: x is anything else, with the remedy; caller names the function in the message.
    """
    if type(x) is float:
        return x
    if is_real(x):
        try:
            return float(x)  # type: ignore[arg-type]  # NumPy's bool is a number in all but name
        except OverflowError:
            return inf if x > 0 else -inf  # type: ignore[operator]  # an int or a Fraction
    expected = "a real number or a Value" if caller in _NAMES else "a real number"
    call = caller if "." in caller else f"{caller}()"  # of an attribute its name
    raise TypeError(f"{call} takes {expected}, got {type(x).__name__}; {_remedy(x, caller)}")


def is_value(x: object) -> TypeGuard[Value]:
    """Whether x is a Value, of whichever engine; the class itself is none."""
    return hasattr(type(x), "_record")


def is_real(x: object) -> bool:
    """Whether x is a real number: int, float, bool, Fraction, Decimal or a NumPy scalar."""
    if isinstance(x, (int, float)):
        return True
    from decimal import Decimal  # lazy: few programs pay for what these two take to import
    from numbers import Real

    return isinstance(x, (Real, Decimal)) or (type(x).__module__, type(x).__name__) in _NUMPY_BOOLS


_NUMPY_BOOLS = {("numpy", "bool_"), ("numpy", "bool")}


def _remedy(x: object, caller: str) -> str:
    if isinstance(x, complex):
        return "take the real and the imaginary part as two numbers: z.real, z.imag"
    if isinstance(x, (str, bytes)):
        return "convert the text first: float(text)"
    if caller == "Value.grad" and x is None:
        return "write x.zero_grad()"
    if x is None:
        return "a function that gives None may lack its return statement"
    if is_value(x):
        return "take the number out of it: x.data"
    if callable(x):
        return "call it, and pass what it gives"
    if isinstance(x, dict):
        return "take its numbers one by one: for x in d.values()"
    if hasattr(x, "item") and getattr(x, "ndim", 1) == 0:
        return "take the number out of it: x.item()"
    if caller == "Value":
        return "build one Value per element: [Value(x) for x in xs]"
    if hasattr(x, "__array_ufunc__"):
        return "put the array on the left of an operator, or take its elements one by one: for x in xs"
    return "take its elements one by one: for x in xs"


def _compile(arguments: str, formula: str, names: dict[str, Any], result: str = "y, ") -> Callable[..., Any]:
    """The formula as a function of the result and the arguments, its names looked up among names."""
    import ast  # lazy: it takes longer to import than autograd without it

    class SpellOut(ast.NodeTransformer):
        """x / z becomes divide(x, z), for Python's own quotient of floats raises."""

        def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
            self.generic_visit(node)
            if not isinstance(node.op, ast.Div):
                return node
            return ast.Call(ast.Name("divide", ast.Load()), [node.left, node.right], [])

    tree = ast.parse(f"lambda {result}{arguments}: {formula}", mode="eval")
    code = compile(ast.fix_missing_locations(SpellOut().visit(tree)), f"<{formula}>", "eval")
    function: Callable[..., Any] = eval(code, names)
    return function


_CONSTANTS = {"LN2": math.log(2.0), "LN10": math.log(10.0), "TWO_BY_ROOT_PI": 2.0 / math.sqrt(math.pi)}
_NAMES: set[str] = set()  # of all rows
_INSTRUCTIONS = {"dot", "gate", "gate_dot", "relu_dot"}  # that programs have beside the rows of the table
_ROWS: dict[str, Any] = dict(_CONSTANTS)
_FLOATS: dict[str, Any] = dict(_CONSTANTS)
