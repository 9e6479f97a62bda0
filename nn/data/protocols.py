"""What users hold as arrays of NumPy: lists, frames and tensors; or a sentence that says why it is none.

Other libraries are known by what their objects can do, never imported: `__array__` (NumPy, pandas, polars, PyArrow,
JAX), `detach().cpu().numpy()` (tensors of PyTorch).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from numbers import Complex, Number, Real
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd import Value

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Role(NamedTuple):
    """What errors say of an argument."""

    caller: str
    name: str = "x"
    what: str = "numbers"
    text: str = "encode such columns: nn.data.one_hot(nn.data.encode_labels(column)[0])"
    gap: str = "leave such rows out, or fill in the mean"

    def takes(self) -> str:
        """How an error begins."""
        return f"{self.caller}() takes {self.what} in {self.name}"


# --------------------------------------------------------------------------- arrays of any kind


def any_array(x: Any, role: Role) -> NDArray[Any]:
    """x as an array of any type, with one axis or more; TypeError or ValueError for what has no items or is ragged."""
    import numpy as np  # lazy: slow to import

    array: NDArray[Any]
    if isinstance(x, np.ndarray) and not (hasattr(x, "mask") and np.any(x.mask)):
        array = np.asarray(x)
    elif (instead := remedy(x)) is not None:
        raise TypeError(f"{role.takes()}, got {type(x).__name__}; {instead}")
    else:
        try:
            array = np.asarray(_without_tensors(x))
        except ValueError as error:
            raise ValueError(_ragged(x, role)) from error
        except (TypeError, RuntimeError) as error:
            raise TypeError(
                f"{role.takes()}, got {type(x).__name__}, which NumPy cannot read; convert it to an array of floats"
            ) from error
    if array.ndim == 0:
        one = f"write [{role.name}] for one sample" if array.dtype.kind in REAL else "pass a list or an array"
        raise TypeError(f"{role.takes()} with a row for each sample, got {type(x).__name__}; {one}")
    return array


def remedy(x: Any) -> str | None:
    """What to write instead of an object that is no array, nor a list; None if it may be one."""
    if x is None or isinstance(x, type):
        return "pass a list or an array, with a row for each sample"
    if isinstance(x, Value):
        return "pass the number: x.data"
    if isinstance(x, (str, bytes, bytearray)):
        return "pass a list or an array of numbers"
    if isinstance(x, Mapping):
        return "stack its columns: numpy.column_stack(list(d.values()))"
    if isinstance(x, Set):
        return "list the samples in the order that you want: sorted(s)"
    if hasattr(x, "mask") and hasattr(x, "filled"):
        return "fill the gaps of the masked array: x.filled(0.0)"
    if hasattr(x, "collect") and not hasattr(x, "__array__"):
        return "compute it first: x.collect()"
    if getattr(x, "is_sparse", False):
        return "make it dense: x.to_dense()"
    if hasattr(x, "toarray") and not hasattr(x, "__array__"):
        return "make it dense: x.toarray()"
    if hasattr(x, "__dataframe__") and not hasattr(x, "__array__"):
        return "convert it: x.to_pandas()"
    if isinstance(x, Iterator):
        return "it can be read only once; make a list of it: list(x)"
    if isinstance(x, Iterable) and not hasattr(x, "__array__") and not hasattr(x, "__getitem__"):
        return "make a list of it: list(x)"
    return None


def _without_tensors(x: Any) -> Any:
    """A tensor of PyTorch as an array, also each in a list; anything else as it is."""
    if isinstance(x, (list, tuple)) and x and _is_tensor(x[0]):
        return [_without_tensors(item) for item in x]
    if not _is_tensor(x):
        return x
    tensor = x.detach().cpu()
    try:
        return tensor.numpy()
    except TypeError:  # bfloat16, which NumPy lacks
        return tensor.double().numpy()


def _is_tensor(x: Any) -> bool:
    return hasattr(x, "detach") and hasattr(x, "cpu")


def _ragged(x: Any, role: Role) -> str:
    """The sentence for rows that do not make an array."""
    if not isinstance(x, Sequence):
        return f"{role.takes()}, got {type(x).__name__}, whose rows NumPy cannot read; convert it to an array of floats"
    shapes = [_shape(row) for row in x]
    for i, shape in enumerate(shapes):
        if shape != shapes[0]:
            return f"{role.takes()}, got {shapes[0]} in row 0 and {shape} in row {i}; give all rows the same length"
    return f"{role.takes()}, got lists of different lengths within a row; flatten each row to numbers"


def _shape(row: Any) -> str:
    if isinstance(row, (str, bytes)) or not hasattr(row, "__len__"):
        return type(row).__name__
    return "1 item" if len(row) == 1 else f"{len(row)} items"


# --------------------------------------------------------------------------- real numbers

REAL = "fiub"  # kinds of dtypes
_REMEDIES = {
    "c": "pass parts of them: x.real, x.imag",
    "M": "subtract a date, and divide by numpy.timedelta64(1, 'D')",
    "m": "divide by numpy.timedelta64(1, 'D')",
    "V": "convert it: numpy.array(x.tolist(), dtype=float)",
}


def real(array: NDArray[Any], role: Role, column: str | None) -> NDArray[Any]:
    """The array if its type is one of real numbers; as float64 if it consists of objects that are numbers.

    Args:
        column: the name of the only column, for errors.
    """
    kind = array.dtype.kind
    if kind in REAL:
        return array
    if kind == "O":
        return _of_objects(array, role, column)
    if kind in _REMEDIES:
        place = "" if column is None else f" in column {column}"
        raise TypeError(f"{role.takes()}, got {array.dtype}{place}; {_REMEDIES[kind]}")
    texts = enumerate(array.flat)
    i, item = next(((i, item) for i, item in texts if not _is_text_of_number(item)), (0, array.flat[0]))
    raise _not_a_number(item, place_of(i, array, column), role, column)


def _of_objects(array: NDArray[Any], role: Role, column: str | None) -> NDArray[Any]:
    import numpy as np  # lazy: slow to import

    if not all(map(_is_real, set(map(type, array.flat)))):
        i, item = next((i, item) for i, item in enumerate(array.flat) if not _is_real(type(item)))
        raise _not_a_number(item, place_of(i, array, column), role, column)
    try:
        return np.asarray(array, np.float64)
    except (OverflowError, ValueError) as error:  # a huge int; Decimal's signaling nan
        place = "" if column is None else f" in column {column}"
        raise ValueError(
            f"{role.takes()} that a float can hold, got others{place}; scale them, or take their logarithms"
        ) from error


def _is_real(kind: type) -> bool:
    if issubclass(kind, Number) and not issubclass(kind, Complex):
        return True  # Decimal
    return issubclass(kind, Real) or kind.__name__ in ("bool_", "bool")  # NumPy's bool is no Real


def _not_a_number(item: Any, place: str, role: Role, column: str | None) -> Exception:
    """The error for an item that is no real number."""
    got = type(item).__name__
    if item is None or got in _MISSING:
        return ValueError(f"{role.takes()}, got {item} at {place}; {role.gap}")
    if isinstance(item, (str, bytes)):
        got = f"the text {short(item)!r}"
        instead = "convert it: numpy.asarray(x, dtype=float)" if _is_text_of_number(item) else role.text
    elif isinstance(item, Value):
        got, instead = "a Value", "pass the number: x.data of each"
    elif isinstance(item, Mapping):
        instead = "pass rows of numbers: list(row.values())"
    elif isinstance(item, (list, tuple)) or hasattr(item, "shape"):
        instead = "give all rows the same length" if column is None else "make a column of each of its numbers"
    else:
        instead = "pass rows of real numbers"
    return TypeError(f"{role.takes()}, got {got} at {place}; {instead}")


def short(text: Any) -> Any:
    """At most 20 characters and three words of a text, so that an error stays a sentence."""
    words = text[:20].split()
    return text[:20].rsplit(None, len(words) - 3)[0] if len(words) > 3 else text[:20]


_MISSING = ("NAType", "NaTType")  # the types of pandas.NA and pandas.NaT


def _is_text_of_number(item: Any) -> bool:
    try:
        float(item)
    except ValueError:
        return False
    return True


def place_of(i: int, array: NDArray[Any], column: str | None) -> str:
    """Where item i of the flat array is."""
    if column is not None:
        return f"row {i}, column {column}"
    return f"row {i}" if array.ndim == 1 else "row {}, column {}".format(*divmod(i, array.shape[1]))


def check_missing(array: NDArray[Any], role: Role) -> None:
    """Raise ValueError if an item of an array of any type, with one axis, is nan, None or another sign of a gap."""
    if array.dtype.kind == "O":
        gaps = [x is None or type(x).__name__ in _MISSING or (isinstance(x, Real) and x != x) for x in array]
    else:
        gaps = (array != array).tolist()
    if any(gaps):
        i = gaps.index(True)
        raise ValueError(f"{role.takes()}, got {array[i]} at row {i}; {role.gap}")
