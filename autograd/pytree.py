"""Pytrees, as JAX calls them: nested lists, tuples, dicts and arrays of numbers, taken apart and put together again.

`flatten()` gives the numbers, and a tree of how they were nested; `unflatten()` nests other numbers in the same way.
A tree is made of tuples, so it can be a key of a dict, be pickled, and be read by the compiled evaluator.
"""

from __future__ import annotations

import sys
from collections import OrderedDict, defaultdict, namedtuple
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import prod

from autograd._typing import TYPE_CHECKING, final
from autograd.engine import Value
from autograd.operations.coercion import is_real, real

if TYPE_CHECKING:
    from typing import Any, NoReturn, Union

    from autograd.operations.operation import Number

    Tree = Union["Leaf", "Branch"]


@final
class Leaf(namedtuple("Leaf", "shape", defaults=(None,))):
    """A number, whose shape is None, or an array of numbers."""

    __slots__ = ()
    shape: tuple[int, ...] | None

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape or ())


@final
class Branch(namedtuple("Branch", "kind keys children default", defaults=(None,))):
    """A list, tuple, namedtuple or dict of trees.

    Attributes:
        kind: the class.
        keys: those of a dict, an OrderedDict or a defaultdict; None for others.
        children: the trees of the items.
        default: the default_factory of a defaultdict.
    """

    __slots__ = ()
    kind: type
    keys: tuple[Any, ...] | None
    children: tuple[Tree, ...]
    default: Callable[[], Any] | None


_NUMBER = Leaf()

_NUMBERS = {Value, float}

DEEPEST = 100
"""How deep numbers may be nested. A structure that holds itself is deeper, and recursion ends far below 1000."""

# --------------------------------------------------------------------------- taking apart


def flatten(x: object, sentence: str, remedy: str) -> tuple[list[Number], Tree]:
    """The numbers of a pytree from left to right, floats and Values, and its tree.

    Args:
        x: the pytree.
        sentence: how the error begins, such as "grad() takes".
        remedy: how it ends, unless there is a better one for what x holds.

    Raises:
        TypeError: there is something other than numbers in it, or it is nested more than 100 deep.
    """
    numbers: list[Number] = []

    def refuse(got: str, instead: str = remedy) -> NoReturn:
        raise TypeError(
            f"{sentence} numbers, Values, and lists, tuples, dicts and arrays of them, got {got}; {instead}"
        )

    return numbers, _flatten(x, numbers, refuse, 0)


def _flatten(x: object, numbers: list[Number], refuse: Callable[..., NoReturn], depth: int) -> Tree:
    kind = type(x)
    if kind is Value or kind is float:
        numbers.append(x)  # type: ignore[arg-type]
        return _NUMBER
    if depth > DEEPEST:
        refuse(f"a {kind.__name__} {depth} deep", "nest less; one of them may hold itself")
    if isinstance(x, dict):
        return branch_of_dict(x, [_flatten(child, numbers, refuse, depth + 1) for child in x.values()])
    if isinstance(x, (list, tuple)):
        if _NUMBERS.issuperset(map(type, x)):  # the same as below, in half of the time
            numbers.extend(x)
            return Branch(kind, None, (_NUMBER,) * len(x))
        return Branch(kind, None, tuple([_flatten(child, numbers, refuse, depth + 1) for child in x]))
    if is_array(x):
        if hasattr(x, "mask"):
            refuse("a masked array", "fill its gaps: x.filled(math.nan)")
        for item in x.ravel().tolist():  # type: ignore[attr-defined]
            if _flatten(item, numbers, refuse, depth + 1) is not _NUMBER:
                refuse(f"an array of {type(item).__name__}", "write nested lists")
        return Leaf(x.shape)  # type: ignore[attr-defined]
    if not is_real(x):
        refuse(kind.__name__, *(["make a list of it: list(x)"] if isinstance(x, Iterator) else []))
    numbers.append(real(x, kind.__name__))
    return _NUMBER


def branch_of_dict(x: dict[Any, Any], children: Iterable[Tree]) -> Branch:
    """The tree of a dict; any kind but OrderedDict and defaultdict is taken for a plain dict."""
    if type(x) is defaultdict:
        return Branch(defaultdict, tuple(x), tuple(children), x.default_factory)
    return Branch(OrderedDict if type(x) is OrderedDict else dict, tuple(x), tuple(children))


def with_keys_in_order(x: Any, tree: Tree) -> Any:
    """The pytree, with the kind and the order of keys that each dict has in the tree, if both have the same keys."""
    if not isinstance(tree, Branch):
        return x
    if tree.keys is not None:
        if not isinstance(x, dict) or x.keys() != set(tree.keys):
            return x
        return _branch(tree, [with_keys_in_order(x[key], child) for key, child in zip(tree.keys, tree.children)])
    items: Any = x
    if type(x) is tree.kind and len(items) == len(tree.children):
        return _branch(tree, [with_keys_in_order(item, child) for item, child in zip(items, tree.children)])
    return x


def leaves(tree: Tree) -> list[Leaf]:
    """The leaves from left to right."""
    if isinstance(tree, Leaf):
        return [tree]
    return [leaf for child in tree.children for leaf in ([child] if child is _NUMBER else leaves(child))]


def is_array(x: object) -> bool:
    """Whether x is a NumPy array; the test does not import NumPy."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(x, numpy.ndarray)


# --------------------------------------------------------------------------- putting together


def unflatten(tree: Tree, numbers: Sequence[Number]) -> Any:
    """A pytree with this tree and these numbers, floats or Values; arrays of Values are arrays of objects."""
    parts: list[Any] = []
    start = 0
    for leaf in leaves(tree):
        if leaf.shape is None:
            parts.append(numbers[start])
            start += 1
        else:
            parts.append(array(numbers[start : start + leaf.size], leaf.shape))
            start += leaf.size
    return fill(tree, parts)


def fill(tree: Tree, parts: Sequence[Any]) -> Any:
    """A pytree with this tree, and one part of any type in place of each leaf."""
    rest = iter(parts)
    return _fill(tree, rest.__next__)


def _fill(tree: Tree, part: Callable[[], Any]) -> Any:
    if isinstance(tree, Leaf):
        return part()
    return _branch(tree, [part() if child is _NUMBER else _fill(child, part) for child in tree.children])


def _branch(tree: Branch, children: list[Any]) -> Any:
    """The list, tuple or dict with these items."""
    if tree.kind is list:
        return children
    if tree.keys is not None:
        items = zip(tree.keys, children)
        return defaultdict(tree.default, items) if tree.kind is defaultdict else tree.kind(items)
    return tree.kind(*children) if hasattr(tree.kind, "_fields") else tree.kind(children)


def array(numbers: Sequence[Number], shape: tuple[int, ...]) -> Any:
    """An array of floats, or of objects if they are Values."""
    import numpy  # lazy: slow to import, and a caller that has arrays has imported it already

    result = numpy.empty(len(numbers), dtype=object if numbers and type(numbers[0]) is Value else float)
    result[:] = numbers
    return result.reshape(shape)
