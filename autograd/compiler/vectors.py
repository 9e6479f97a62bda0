"""The numbers of many Values as one array of float64, and back."""

from __future__ import annotations

from collections.abc import Iterable

from autograd import engine
from autograd._typing import TYPE_CHECKING
from autograd.compiler import _machine
from autograd.compiler.results import kind_of
from autograd.engine import Value
from autograd.engine.watch import UNDER_WAY, watching
from autograd.operations.coercion import is_real, listed, real

if TYPE_CHECKING:
    from typing import Any

    import numpy as np
    from numpy.typing import ArrayLike, NDArray


def parameters_to_vector(parameters: Iterable[Value], out: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """The `.data` of each Value, in one array.

    Args:
        parameters: n Values, as `model.parameters()` or `Program.parameters` gives them.
        out: an array of float64 of shape (n,) to write to; without it, a new one is made.

    Raises:
        TypeError: an item is not a Value, or `out` is not an array of float64.
        ValueError: `out` has another shape.

    >>> from autograd import Value, parameters_to_vector
    >>> parameters_to_vector([Value(1.0), Value(2.0)])
    array([1., 2.])
    """
    return _read("parameters_to_vector", parameters, out, "data")


def gradients_to_vector(parameters: Iterable[Value], out: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """The `.grad` of each Value, in one array; see parameters_to_vector().

    >>> from autograd import Value, gradients_to_vector
    >>> x, y = Value(2.0), Value(3.0)
    >>> (x * y).backward()
    >>> gradients_to_vector([x, y])
    array([3., 2.])
    """
    return _read("gradients_to_vector", parameters, out, "grad")


def vector_to_parameters(vector: ArrayLike, parameters: Iterable[Value]) -> None:
    """Write each number of a vector to the `.data` of a Value.

    Args:
        vector: n real numbers, in an array of any kind.
        parameters: n Values.

    Raises:
        TypeError: an item is not a Value, or the vector holds something other than real numbers.
        ValueError: there are not as many numbers as Values. No Value has changed.

    >>> from autograd import Value, vector_to_parameters
    >>> x, y = Value(0.0), Value(0.0)
    >>> vector_to_parameters([1.0, 2.0], [x, y])
    >>> y.data
    2.0
    """
    _write("vector_to_parameters", vector, parameters, "data")


def vector_to_gradients(vector: ArrayLike, parameters: Iterable[Value]) -> None:
    """Write each number of a vector to the `.grad` of a Value; see vector_to_parameters().

    >>> from autograd import Value, vector_to_gradients
    >>> x = Value(0.0)
    >>> vector_to_gradients([0.5], [x])
    >>> x.grad
    0.5
    """
    _write("vector_to_gradients", vector, parameters, "grad")


def _read(
    caller: str, parameters: Iterable[Value], out: NDArray[np.float64] | None, attribute: str
) -> NDArray[np.float64]:
    values = _values(caller, parameters)
    out = array_of(caller, out, len(values))
    if _is_direct() and out.flags.carray:
        wrong = _machine.load().read(values, out, attribute == "grad")
    else:
        wrong = _first_other(values)
        if wrong is None:
            out[:] = [getattr(x, attribute) for x in values]
    _check(caller, wrong)
    return out


def _write(caller: str, vector: Any, parameters: Iterable[Value], attribute: str) -> None:
    values = _values(caller, parameters)
    vector = vector_of(caller, vector, len(values))
    if _is_direct():
        wrong = _machine.load().write(values, vector, attribute == "grad")
    else:
        wrong = _first_other(values)
        if wrong is None:
            for x, number in zip(values, vector.tolist()):
                setattr(x, attribute, number)
    _check(caller, wrong)


def _is_direct() -> bool:
    """Whether the numbers can be copied in C: there is the compiled engine, and nobody watches what is read."""
    return engine.compiled is not None and watching() is None and not UNDER_WAY


def _values(caller: str, parameters: Any) -> list[Any]:
    if isinstance(parameters, Value):
        raise TypeError(f"{caller}() takes a list of Values, got Value; write [x]")
    return parameters if type(parameters) is list else list(listed(parameters, caller, "parameters as a list"))


def _first_other(values: list[Any]) -> type | None:
    """The class of the first item that is not a Value."""
    return next((type(x) for x in values if type(x) is not Value), None)


def _check(caller: str, wrong: type | None) -> None:
    if wrong is not None:
        raise TypeError(f"{caller}() takes a list of Values, got {wrong.__name__} in it; write Value(x)")


def array_of(caller: str, out: NDArray[np.float64] | None, size: int) -> NDArray[np.float64]:
    """The array that results of this number are to be written to; a new one if it is None."""
    import numpy as np  # lazy: NumPy is optional

    if out is None:
        return np.empty(size, dtype=np.float64)
    if type(out) is not np.ndarray or out.dtype != np.float64 or not out.flags.writeable:
        raise TypeError(f"{caller}() writes to an array of float64, got {kind_of(out)}; write numpy.empty({size})")
    if out.shape != (size,):
        raise ValueError(f"{caller}() writes to an array of shape ({size},), got shape {out.shape}; leave it out")
    return out


def vector_of(caller: str, vector: Any, size: int | None = None) -> Any:
    """A contiguous array of float64 with the numbers of a vector, of this size if it is given."""
    import numpy as np  # lazy: NumPy is optional

    array = np.asarray(vector)
    if array.dtype.kind == "O" and all(map(is_real, array.ravel())):
        array = np.array([real(x, caller) for x in array.ravel()]).reshape(array.shape)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{caller}() takes an array of real numbers, got {array.dtype}; convert it to float first")
    array = array.astype(np.float64, copy=False)
    if array.ndim != 1:
        remedy = "pass the parameters first" if caller == "loss_and_grad" else "write x.ravel()"
        raise ValueError(f"{caller}() takes an array with one axis, got shape {array.shape}; {remedy}")
    if size is not None and len(array) != size:
        raise ValueError(f"{caller}() takes a number for each of {size} parameters, got {len(array)}; pass all of them")
    return np.ascontiguousarray(array)
