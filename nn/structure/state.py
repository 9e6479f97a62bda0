"""The numbers of a module as NumPy arrays by name, and back: state_dict() and load_state_dict()."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd import Value, parameters_to_vector, vector_to_parameters
from nn.structure.contents import Holder, is_array, joined, named_parts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    State = dict[str, NDArray[np.float64]]


class IncompatibleKeys(NamedTuple):
    """What load_state_dict() did not load: names that the state lacks, and names that the module lacks."""

    missing_keys: list[str]
    unexpected_keys: list[str]


class Block(NamedTuple):
    """Leaf Values that make up one array."""

    shape: tuple[int, ...]
    values: list[Value]


def blocks_of(root: Holder, parts_of: Callable[[Holder], Mapping[str, object]]) -> dict[str, Block]:
    """The arrays that the parameters of an object make up, by path.

    A leaf Value is an array without axes; lists of them, also nested ones, are one array if their lengths agree, else
    each item is an array of its own. An array whose Values all belong to earlier ones is left out.

    Args:
        parts_of: what a Holder holds, by name.
    """
    blocks: dict[str, Block] = {}
    known: set[Value] = set()
    seen: dict[int, object] = {}  # it keeps them, so that no other one gets their id()
    waiting: list[tuple[str, object]] = [("", root)]
    while waiting:
        path, item = waiting.pop()
        if id(item) in seen:
            continue
        if (block := _block(item)) is not None:
            if not known.issuperset(block.values):
                blocks[path] = block
                known.update(block.values)
            continue
        parts = parts_of(item).items() if isinstance(item, Holder) else _items(item)
        seen[id(item)] = item
        waiting += reversed([(joined(path, name), part) for name, part in named_parts(parts)])
    return blocks


def _items(item: object) -> Any:
    if isinstance(item, dict):
        return item.items()
    if isinstance(item, (list, tuple)):
        return enumerate(item)
    return enumerate(item.flat) if is_array(item) else ()  # type: ignore[attr-defined]


_MOST_AXES = 32  # as many as NumPy always takes


def _block(item: object) -> Block | None:
    """The Values of an item that is one, or consists of lists of Values of the same lengths; None for others."""
    if is_array(item):
        values = list(item.flat)  # type: ignore[attr-defined]
        return Block(item.shape, values) if values and _are_leaves(values) else None  # type: ignore[attr-defined]
    shape: list[int] = []
    level: list[Any] = [item]
    while not _are_leaves(level):
        lengths = {len(x) if isinstance(x, (list, tuple)) else 0 for x in level}
        if len(lengths) > 1 or 0 in lengths or len(shape) == _MOST_AXES:
            return None
        shape += lengths
        level = [part for x in level for part in x]
    return Block(tuple(shape), level)


def _are_leaves(items: Sequence[object]) -> bool:
    return all(isinstance(x, Value) and x.op is None for x in items)


def read(blocks: dict[str, Block]) -> State:
    """The numbers of each block, in a new array."""
    return {name: parameters_to_vector(values).reshape(shape) for name, (shape, values) in blocks.items()}


def load(name: str, blocks: dict[str, Block], state: Mapping[str, Any], strict: bool) -> IncompatibleKeys:
    """Write the arrays of a state to the blocks of the same names; see Module.load_state_dict().

    Args:
        name: the class of the module, for errors.
    """
    if not isinstance(state, Mapping):
        is_path = isinstance(state, (str, os.PathLike))
        remedy = "write nn.load(path, into=model)" if is_path else "pass what state_dict() of such a model gave"
        raise TypeError(f"load_state_dict() takes a dict of arrays by name, got {type(state).__name__}; {remedy}")
    if state.keys() == {"steps", "groups", "state"} and blocks.keys().isdisjoint(state):
        raise ValueError(
            f"load_state_dict() of {name} takes arrays by name, got the state of an optimizer; "
            "call that of the optimizer, optimizer.load_state_dict(state)"
        )
    arrays = {key: numbers_of(key, state[key]) for key in blocks if key in state}
    shapes = {key: arrays[key].shape if key in arrays else () for key in state}
    difference = compare(name, blocks, shapes, strict)
    _write(blocks, arrays)
    return difference


def compare(
    name: str,
    blocks: dict[str, Block],
    shapes: Mapping[str, tuple[int, ...]],
    strict: bool,
    otherwise: str = "pass strict=False",
) -> IncompatibleKeys:
    """The names that blocks and arrays of these shapes do not share; ValueError for another shape or, if strict, name.

    Args:
        name: the class of the module, for errors.
        otherwise: what allows other names, for errors.
    """
    missing = [key for key in blocks if key not in shapes]
    unexpected = [str(key) for key in shapes if key not in blocks]
    wrong = [
        f"{key} of shape {shapes[key]} instead of {block.shape}"
        for key, block in blocks.items()
        if key in shapes and shapes[key] != block.shape
    ]
    differences = [f"it has {_listed(wrong)}"] if wrong else []
    if strict:
        differences += [f"it lacks {_listed(missing)}"] if missing else []
        differences += [f"nothing takes {_listed(unexpected)}"] if unexpected else []
    if differences:
        remedy = "build the model as it was saved" + ("" if wrong else f", or {otherwise}")
        raise ValueError(f"the state does not fit {name}: {', '.join(differences)}; {remedy}")
    return IncompatibleKeys(missing, unexpected)


def _write(blocks: dict[str, Block], arrays: State) -> None:
    """Write all numbers at once: an interrupt comes before all of them or after."""
    numbers: dict[Value, float] = {}
    owners: dict[Value, str] = {}
    for key, array in arrays.items():
        for x, number in zip(blocks[key].values, array.ravel().tolist()):
            former = numbers.setdefault(x, number)
            if former != number and (former == former or number == number):
                raise ValueError(
                    f"{owners[x]} and {key} share a parameter, got {former!r} and {number!r} for it; make them equal"
                )
            owners.setdefault(x, key)
    vector_to_parameters(list(numbers.values()), list(numbers))


def numbers_of(key: str, array: Any, function: str = "load_state_dict") -> NDArray[np.float64]:
    """A copy of an array or nested lists as float64; TypeError for anything but real numbers."""
    import numpy as np  # lazy: NumPy is optional

    numbers = np.asarray(array)
    if numbers.dtype.kind not in "fiub":
        got = type(array).__name__ if numbers.dtype == object else f"an array of {numbers.dtype}"
        raise TypeError(f"{function}() takes arrays of real numbers, got {got} for {key}; convert it to float")
    return numbers.astype(np.float64)


def _listed(names: Sequence[str]) -> str:
    """The names, at most four of them."""
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
