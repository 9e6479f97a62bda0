"""What counts as a number: a real number becomes a float, anything else raises an error with a remedy."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from math import inf, nan

from autograd._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, TypeGuard

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
        except ValueError:  # a signaling nan of Decimal
            return nan
    expected = "a real number or a Value" if caller in TAKE_VALUES else "a real number"
    call = caller if "." in caller else f"{caller}()"  # an attribute has no parentheses
    raise TypeError(f"{call} takes {expected}, got {type(x).__name__}; {_remedy(x, caller)}")


def like(y: float, numbers: Iterable[object]) -> float:
    """A result for these numbers: NumPy's float64 if one is a NumPy scalar, because 1/y then follows IEEE-754 too."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not any(issubclass(kind, numpy.generic) for kind in set(map(type, numbers))):
        return y
    return numpy.float64(y)  # type: ignore[no-any-return]


def is_arraylike(x: object) -> bool:
    """Whether x computes element by element, as arrays of NumPy and frames of pandas do."""
    return getattr(type(x), "__array_ufunc__", None) is not None


def defers(x: object) -> bool:
    """Whether an operator of a Value is left to x: an array, or an object with operators that is not a number."""
    kind = type(x)
    is_number = hasattr(kind, "__float__") or kind.__module__ == "builtins"  # it might lose the gradient
    return is_arraylike(x) or (hasattr(kind, "__rmul__") and not is_number)


def elementwise(function: Any, arguments: tuple[Any, ...]) -> Any:
    """A function of numbers at each element of arrays, which are broadcast: floats, or objects if some are Values."""
    import numpy  # lazy: NumPy is optional, and a caller that has arrays has imported it

    for x in arguments:
        if not is_arraylike(x) and not is_value(x):
            real(x, function.name)  # raises TypeError
    result = numpy.frompyfunc(function, len(arguments), 1)(*arguments)
    if not is_arraylike(result):  # of arrays without dimensions
        return result if is_value(result) else numpy.float64(result)
    return result if any(map(is_value, numpy.asarray(result).flat)) else result.astype(float)


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


def comparable(x: object) -> Any:
    """x as a number to compare with; None if it is not a number."""
    if is_value(x):
        return x._number
    if not is_real(x):
        return None
    return nan if hasattr(x, "is_nan") and x.is_nan() else x  # a Decimal nan would raise


def incomparable(operator: str, x: object) -> Any:
    """What a Value gives if it is compared with x, which is not a number: NotImplemented, so that x may decide.

    Raises:
        TypeError: x is of a class of Python that is never larger or smaller than a number.
    """
    if x is None or isinstance(x, (str, bytes, complex, list, tuple, dict, set)):
        raise TypeError(
            f"Value {operator} takes a real number or a Value, got {type(x).__name__}; {_remedy(x, operator)}"
        )
    return NotImplemented


_NUMPY_BOOLS = {("numpy", "bool_"), ("numpy", "bool")}


def listed(values: object, caller: str, takes: str = "a list of numbers") -> tuple[Any, ...]:
    """The items of a list, or of anything else that gives its numbers in an order; TypeError for other things."""
    check_listed(values, caller, takes)
    return tuple(values)  # type: ignore[arg-type]  # checked


def check_listed(values: object, caller: str, takes: str = "a list of numbers") -> None:
    """Raise TypeError if values is not a list, or gives something else than its numbers: a dict gives its keys."""
    if type(values) is not list and type(values) is not tuple:
        remedy = _list_remedy(values, f"write {caller}([x]) for one" if takes[0] == "a" else "write [x] for one")
        if remedy:
            raise TypeError(f"{caller}() takes {takes}, got {type(values).__name__}; {remedy}")


def _list_remedy(x: object, default: str) -> str:
    """What to write instead of x, which is no list; "" if it serves as one."""
    if isinstance(x, Mapping):
        return "pass list(d.values())"
    if isinstance(x, (set, frozenset)):
        return "list them in the order that you want: sorted(s)"
    if isinstance(x, (str, bytes, bytearray)):
        return "convert the text first: [float(x) for x in text.split()]"
    if is_masked(x):
        return "fill its gaps first: x.filled(math.nan)"
    if hasattr(x, "keys") and getattr(x, "ndim", 1) > 1:
        return "a frame gives the names of its columns; pass one column"
    if getattr(x, "gi_frame", x) is None:
        return "it is used up; make a list of it, and use that: list(x)"
    try:
        iter(x)  # type: ignore[call-overload]  # that is the question
    except TypeError:  # also for classes and arrays without dimensions
        return default
    return ""


def is_masked(x: object) -> bool:
    """Whether x is an array of NumPy with gaps, whose operators and items lose them."""
    return hasattr(x, "mask") and hasattr(x, "filled")


def _remedy(x: object, caller: str) -> str:
    if isinstance(x, complex):
        return "take the real and the imaginary part as two numbers: z.real, z.imag"
    if isinstance(x, (str, bytes)):
        return "convert the text first: float(text)"
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
    return "take its elements one by one: for x in xs"
