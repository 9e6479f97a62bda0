"""Arrays of many rows: the arguments of Program.map() taken apart, and its results put together."""

from __future__ import annotations

import math
from collections.abc import Iterable

from autograd._typing import TYPE_CHECKING
from autograd.operations.coercion import is_real, is_value
from autograd.pytree import Branch, Leaf, fill, leaves

if TYPE_CHECKING:
    from typing import Any

    from autograd.pytree import Tree


def rows_of(caller: str, arrays: tuple[Any, ...]) -> tuple[list[Any], Tree, int]:
    """The arrays of float64 in order, the structure of a row, and how many rows there are."""
    if not arrays:
        raise ValueError(f"{caller}() takes an array for each argument, got none; call the program itself for one row")
    columns: list[Any] = []
    tree = Branch(tuple, None, tuple([_columns_of(caller, x, columns) for x in arrays]))
    counts = {len(x) for x in columns}
    if len(counts) > 1:
        raise ValueError(
            f"{caller}() takes as many rows of each argument, got {', '.join(str(len(x)) for x in columns)}; "
            "repeat what is the same for all rows, or close over it"
        )
    return columns, tree, counts.pop()


def _columns_of(caller: str, x: Any, columns: list[Any]) -> Tree:
    import numpy as np  # lazy: who has rows has it

    if isinstance(x, str):
        raise TypeError(
            f"{caller}() takes arrays of numbers, got the text {x!r}; name an option: reduction='sum', threads=2"
        )
    if isinstance(x, dict):
        return Branch(dict, tuple(x), tuple([_columns_of(caller, child, columns) for child in x.values()]))
    if isinstance(x, tuple):
        return Branch(type(x), None, tuple([_columns_of(caller, child, columns) for child in x]))
    try:
        array = np.asarray(x)
    except ValueError as error:
        raise ValueError(
            f"{caller}() takes rows of the same length, got others; call the program itself for each of them"
        ) from error
    if array.ndim == 0 and is_real(array.item()):
        raise TypeError(
            f"{caller}() takes arrays with rows along the first axis, got the number {x!r}; write [x], and rows as a "
            "list or an array, for a tuple stands for an argument that is a tuple"
        )
    if array.dtype != np.float64:
        if array.dtype.kind not in "fiub":
            raise TypeError(f"{caller}() takes arrays of real numbers, got {_what_else(array)}")
        array = array.astype(np.float64)
    if not array.flags.aligned:
        array = array.copy()
    columns.append(array)
    return _NUMBER if array.ndim == 1 else Leaf(array.shape[1:])


def _what_else(array: Any) -> str:
    """What an array has that is no float, and the remedy."""
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


def results_of(tree: Any, base: Any) -> Any:
    """A matrix of results as the structure of arrays that it is."""
    parts = []
    start = 0
    for leaf in leaves(tree):
        part = base[:, start : start + leaf.size]
        parts.append(part.reshape(len(base), *(leaf.shape or ())))
        start += leaf.size
    return fill(tree, parts)


def few(columns: list[Any]) -> list[Any]:
    """The same inputs in few arrays, for the engine holds all of them at a time."""
    if len(columns) <= 32:
        return columns
    import numpy as np  # lazy: who has rows has it

    return [np.column_stack([x.reshape(len(x), math.prod(x.shape[1:])) for x in columns])]
