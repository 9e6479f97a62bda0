"""A Value as a number of Python: comparisons, conversions and text. A mode that watches is told of them."""

from __future__ import annotations

import operator

from autograd._typing import TYPE_CHECKING
from autograd.engine.watch import compared, is_traced, reading
from autograd.operations import table
from autograd.operations.coercion import comparable, defers, incomparable

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, SupportsFloat, SupportsIndex

    from autograd.engine.value import Value

TRACED = "<traced>"
"""The text of a number within a compiled function, where it stands for the numbers of all calls."""


def _missing(operator: str, remedy: str) -> Callable[..., Any]:
    """The method of an operator that a Value does not have."""

    def method(self: Value, other: object = None) -> Any:  # noqa: ARG001  # a method
        if defers(other):
            return NotImplemented
        raise TypeError(f"a Value has no operator {operator}; {remedy}")

    return method


_DOT = "write x * y for numbers, and autograd.dot(xs, ys) for lists of them"
_COMPARE = "compare first: (x > 0) & (y > 0)"
_SHIFT = "write x * 2**n, or x / 2**n"


class Number:
    """The methods that Python expects of a number."""

    __slots__ = ()

    _number: float
    _grad: float
    _label: str

    def __float__(self) -> float:
        reading(self, "float()")
        return self._number

    def __int__(self) -> int:
        reading(self, "int()")
        return int(self._number)

    if not TYPE_CHECKING:  # so that a type checker refuses a Value as an index

        def __index__(self) -> int:
            raise TypeError(
                "a Value is no index and no count; write autograd.take(xs, i) for xs[i], or int(x.data) for a number"
            )

    def __bool__(self) -> bool:
        return self._compared("!=", 0.0, self._number != 0.0)

    def __floor__(self: Value) -> Value:  # type: ignore[misc]  # a part of Value
        return self.floor()

    def __ceil__(self: Value) -> Value:  # type: ignore[misc]
        return self.ceil()

    def __trunc__(self: Value) -> Value:  # type: ignore[misc]
        return self.trunc()

    def __round__(self: Value, digits: SupportsIndex | None = None) -> Value:  # type: ignore[misc]
        return self.rint() if digits is None else table.round_digits(self, operator.index(digits))

    def __divmod__(self: Value, other: SupportsFloat) -> tuple[Value, Value]:  # type: ignore[misc]
        return self // other, self % other

    def __rdivmod__(self: Value, other: SupportsFloat) -> tuple[Value, Value]:  # type: ignore[misc]
        return other // self, other % self

    def __lt__(self, other: SupportsFloat) -> bool:
        number = comparable(other)
        return incomparable("<", other) if number is None else self._compared("<", other, self._number < number)

    def __le__(self, other: SupportsFloat) -> bool:
        number = comparable(other)
        return incomparable("<=", other) if number is None else self._compared("<=", other, self._number <= number)

    def __gt__(self, other: SupportsFloat) -> bool:
        number = comparable(other)
        return incomparable(">", other) if number is None else self._compared(">", other, self._number > number)

    def __ge__(self, other: SupportsFloat) -> bool:
        number = comparable(other)
        return incomparable(">=", other) if number is None else self._compared(">=", other, self._number >= number)

    def __eq__(self, other: object) -> bool:
        number = comparable(other)
        return NotImplemented if number is None else self._compared("==", other, self._number == number)

    def __ne__(self, other: object) -> bool:
        number = comparable(other)
        return NotImplemented if number is None else self._compared("!=", other, self._number != number)

    __hash__ = object.__hash__

    __matmul__ = __rmatmul__ = _missing("@", _DOT)
    __and__ = __rand__ = _missing("&", _COMPARE)
    __or__ = __ror__ = _missing("|", _COMPARE)
    __xor__ = __rxor__ = _missing("^", "write x ** y for a power")
    __invert__ = _missing("~", "write not x, or -x")
    __lshift__ = __rlshift__ = _missing("<<", _SHIFT)
    __rshift__ = __rrshift__ = _missing(">>", _SHIFT)

    def __repr__(self) -> str:
        label = f", label={self._label!r}" if self._label else ""
        if is_traced():
            return f"Value(data={TRACED}{label})"
        return f"Value(data={self._number}, grad={self._grad}{label})"

    def __format__(self, spec: str) -> str:
        if not spec:
            return repr(self)
        return TRACED if is_traced() else format(self._number, spec)

    @property
    def real(self: Value) -> Value:  # type: ignore[misc]  # a part of Value
        """The Value itself, because it is real."""
        return self

    @property
    def imag(self) -> float:
        """0.0, because it is real."""
        return 0.0

    def conjugate(self: Value) -> Value:  # type: ignore[misc]  # a part of Value
        """The Value itself, because it is real; numpy.var and numpy.vdot call this."""
        return self

    def fabs(self: Value) -> Value:  # type: ignore[misc]
        """The magnitude, as abs(); numpy.fabs calls this."""
        return abs(self)

    def deg2rad(self: Value) -> Value:  # type: ignore[misc]
        """The same as radians(); numpy.deg2rad calls it."""
        return self.radians()

    def rad2deg(self: Value) -> Value:  # type: ignore[misc]
        """The same as degrees(); numpy.rad2deg calls it."""
        return self.degrees()

    def __array_function__(self: Value, function: Any, types: object, args: Any, names: Any) -> Any:  # type: ignore[misc]
        """What NumPy gives for a function of a Value that is none of its ufuncs; numpy.sinc() asks for a dtype."""
        if function.__name__ == "sinc" and (args, names) == ((self,), {}):
            return self.sinc()
        return function._implementation(*args, **names)

    def _compared(self, operator: str, other: object, holds: object) -> bool:
        """The result of a comparison, as a bool even if NumPy gives a bool of its own."""
        compared(self, operator, other, bool(holds))
        return bool(holds)


MISSING = [name for name, method in vars(Number).items() if getattr(method, "__qualname__", "").startswith("_missing")]
"""The methods of operators that a Value does not have."""
