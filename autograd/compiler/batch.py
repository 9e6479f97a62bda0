"""Rows of data: the arguments of Program.map() as columns."""

from __future__ import annotations

from collections.abc import Iterable

from autograd._typing import TYPE_CHECKING
from autograd.operations.coercion import is_masked, is_real, is_value, real
from autograd.pytree import DEEPEST, Branch, Leaf, branch_of_dict

if TYPE_CHECKING:
    from typing import Any

    from autograd.pytree import Tree


def rows_of(caller: str, arrays: tuple[Any, ...]) -> tuple[list[Any], Tree, int]:
    """The columns, arrays of float64 or float32; the tree of the arguments of one row; and how many rows there are.

    Args:
        caller: the method, for the error.
        arrays: one for each argument, with the rows along the first axis, or tuples and dicts of such arrays. A number
            is the same for all rows.
    """
    import numpy as np  # lazy: NumPy is optional

    if not arrays:
        raise ValueError(f"{caller}() takes an array for each argument, got none; call the program itself for one row")
    columns: list[Any] = []
    tree = Branch(tuple, None, tuple([_columns_of(caller, x, columns, 0) for x in arrays]))
    counts = [len(x) for x in columns if x.ndim]
    if not counts:
        raise TypeError(
            f"{caller}() takes arrays with rows along the first axis, got only numbers; "
            "call the program itself for one row"
        )
    if len(set(counts)) > 1:
        raise ValueError(
            f"{caller}() takes the same number of rows for each argument, "
            f"got {', '.join(map(str, counts))}; pass a number for what is the same for all rows"
        )
    return [x if x.ndim else np.broadcast_to(x, counts[0]) for x in columns], tree, counts[0]


def _columns_of(caller: str, x: Any, columns: list[Any], depth: int) -> Tree:
    import numpy as np  # lazy: NumPy is optional

    if isinstance(x, str):
        raise TypeError(
            f"{caller}() takes arrays of numbers, got the text {x!r}; pass options by name: reduction='sum', threads=2"
        )
    if depth > DEEPEST:
        raise TypeError(f"{caller}() takes arrays nested at most {DEEPEST} deep, got more; one may hold itself")
    if isinstance(x, (bytes, bytearray)):
        raise TypeError(f"{caller}() takes arrays of numbers, got {type(x).__name__}; write numpy.frombuffer(x)")
    if is_masked(x):
        raise TypeError(f"{caller}() takes arrays of numbers, got a masked array; leave its gaps out: x.compressed()")
    if isinstance(x, dict):
        return branch_of_dict(x, [_columns_of(caller, child, columns, depth + 1) for child in x.values()])
    if isinstance(x, tuple):
        return Branch(type(x), None, tuple([_columns_of(caller, child, columns, depth + 1) for child in x]))
    try:
        array = np.asarray(x)
    except ValueError as error:
        raise ValueError(
            f"{caller}() takes rows of the same length, got different ones; call the program itself for each row"
        ) from error
    if array.ndim == 0 and is_real(array.item()):
        columns.append(np.float64(real(array.item(), caller)))
        return _NUMBER
    if array.dtype != np.float64 and array.dtype != np.float32:
        if array.dtype.kind not in "fiub":
            raise TypeError(f"{caller}() takes arrays of real numbers, got {_what_else(array)}")
        array = array.astype(np.float64)
    if not array.flags.aligned:
        array = array.copy()
    columns.append(array)
    return _NUMBER if array.ndim == 1 else Leaf(array.shape[1:])


def _what_else(array: Any) -> str:
    """The kind of items in an array that is not of real numbers, and the remedy."""
    if array.dtype.kind == "c":
        return f"{array.dtype}; pass parts of them: x.real, x.imag"
    if array.dtype != object:
        return f"{array.dtype}; convert them to float first"
    items = array.ravel().tolist()
    others = [type(item) for item in items if not is_real(item)]
    if any(is_value(item) for item in items):
        return "Values; close over them, which makes them parameters, or pass x.data of each"
    if array.ndim == 0 and issubclass(others[0], Iterable):
        return f"{others[0].__name__}; make a list of it: list(x)"
    if others:
        return f"{others[0].__name__}; leave such rows out, or put math.nan in their place"
    return "an array of objects; convert it: numpy.asarray(x, dtype=float)"


_NUMBER = Leaf()


def check_threads(threads: int) -> None:
    """Raise an exception unless threads is a whole number, 1 or more."""
    if not isinstance(threads, int):
        raise TypeError(f"threads is a whole number, got {type(threads).__name__}; write threads=2")
    if threads < 1:
        raise ValueError(f"rows are spread over at least 1 thread, got threads={threads}; leave it out for one")
