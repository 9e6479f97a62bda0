"""The results of many rows: arrays with the rows along the first axis, nested like what the function gives."""

from __future__ import annotations

import math
import sys

from autograd._typing import TYPE_CHECKING
from autograd.pytree import Branch, Leaf, fill, leaves

if TYPE_CHECKING:
    from typing import Any

    from autograd.pytree import Tree


def stacked(tree: Tree) -> Tree:
    """The tree of the arrays: a list whose items are alike becomes one array, as `numpy.asarray()` makes of it."""
    if isinstance(tree, Leaf):
        return tree
    children = tuple([stacked(child) for child in tree.children])
    first = children[0] if children else None
    if tree.kind is list and isinstance(first, Leaf) and all(child == first for child in children):
        return Leaf((len(children), *(first.shape or ())))
    return Branch(tree.kind, tree.keys, children, tree.default)


def new_arrays(tree: Tree, count: int) -> list[Any]:
    """For each leaf an array with this number of rows."""
    return [_empty((count, *(leaf.shape or ()))) for leaf in leaves(tree)]


def _empty(shape: tuple[int, ...]) -> Any:
    """A new array. A large one begins where huge pages do: Linux takes about half as long to provide them."""
    import numpy as np  # lazy: NumPy is optional

    size = math.prod(shape)
    if 8 * size < _LARGE or sys.platform != "linux":
        return np.empty(shape)
    longer = np.empty(size + _HUGE_PAGE // 8)
    first = -longer.__array_interface__["data"][0] % _HUGE_PAGE // 8
    return longer[first : first + size].reshape(shape)


_HUGE_PAGE = 2**21
_LARGE = 2**22
"""For so many bytes NumPy asks for huge pages. A page more for less than that would be much."""


def arrays_of(out: Any, tree: Tree, count: int) -> list[Any]:
    """The arrays that are nested in `out`.

    Raises:
        TypeError: there is something other than arrays of float64 that can be written to.
        ValueError: they are nested otherwise than the tree, or of other shapes.
    """
    import numpy as np  # lazy: NumPy is optional

    arrays = _items(out, tree)
    for array, leaf in zip(arrays, leaves(tree)):
        if not isinstance(array, np.ndarray) or array.dtype != np.float64 or not array.flags.writeable:
            raise TypeError(f"map() writes into arrays of float64, got {kind_of(array)}; write numpy.empty(shape)")
        shape = (count, *(leaf.shape or ()))
        if array.shape != shape:
            raise ValueError(
                f"map() gives an array of shape {shape} here, got out= of {array.shape}; leave it out for a new one"
            )
    return arrays


def kind_of(out: Any) -> str:
    """What is wrong with something that should be an array of float64 to write to."""
    import numpy as np  # lazy: NumPy is optional

    if not isinstance(out, np.ndarray):
        return type(out).__name__
    return f"{out.dtype}" if out.flags.writeable else "a read-only array"


def directly(array: Any, columns: list[Any]) -> Any:
    """The array if results can be written into it while the columns are read, otherwise a new one like it."""
    import numpy as np  # lazy: NumPy is optional

    if array.flags.aligned and not any(np.may_share_memory(array, column) for column in columns):
        return array
    return np.empty(array.shape)


def _items(out: Any, tree: Tree) -> list[Any]:
    if isinstance(tree, Leaf):
        return [out]
    children = [out[key] for key in tree.keys if key in out] if isinstance(out, dict) and tree.keys is not None else out
    if not isinstance(children, (list, tuple)) or len(children) != len(tree.children):
        raise ValueError(
            f"map() writes into arrays nested like the results, here a {tree.kind.__name__} of {len(tree.children)}; "
            "leave it out for new ones"
        )
    return [array for child, part in zip(children, tree.children) for array in _items(child, part)]


def views(tree: Tree, numbers: Any) -> Any:
    """Parts of an array with one axis, nested like the tree; for a number an array of shape ()."""
    parts, start = [], 0
    for leaf in leaves(tree):
        parts.append(numbers[start : start + leaf.size].reshape(leaf.shape or ()))
        start += leaf.size
    return fill(tree, parts)


def columns_of(arrays: list[Any]) -> list[Any]:
    """For each number of a row the view that has it for all rows."""
    import numpy as np  # lazy: NumPy is optional

    return [array[(slice(None), *place)] for array in arrays for place in np.ndindex(array.shape[1:])]
