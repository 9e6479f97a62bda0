"""What counts as a number: a real number becomes a float, anything else raises an error with a remedy."""

from __future__ import annotations

from math import inf

from autograd._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeGuard

    from autograd.engine.value import Value

TAKE_VALUES: set[str] = set()
"""The names of all operations: errors say that their arguments may be Values too."""


def real(x: object, caller: str) -> float:
    """x as a float, if it is a real number; an int or Fraction beyond the range becomes an infinity.

    Raises:
        TypeError: x is anything else; the message names the caller and the remedy.
    """
    if type(x) is float:
        return x
    if is_real(x):
        try:
            return float(x)  # type: ignore[arg-type]  # NumPy's bool converts like a number
        except OverflowError:
            return inf if x > 0 else -inf  # type: ignore[operator]  # an int or a Fraction
    expected = "a real number or a Value" if caller in TAKE_VALUES else "a real number"
    call = caller if "." in caller else f"{caller}()"  # an attribute has no parentheses
    raise TypeError(f"{call} takes {expected}, got {type(x).__name__}; {_remedy(x, caller)}")


def is_value(x: object) -> TypeGuard[Value]:
    """Whether x is a Value, of either engine; False for the class itself."""
    return hasattr(type(x), "_record")


def is_real(x: object) -> bool:
    """Whether x is a real number: int, float, bool, Fraction, Decimal or a NumPy scalar."""
    if isinstance(x, (int, float)):
        return True
    from decimal import Decimal  # lazy: these two are slow to import, and rarely needed
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
