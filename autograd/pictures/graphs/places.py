"""Facts about many nodes as flat arrays: a picture of a million nodes asks for each of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable
from itertools import count
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from autograd.engine import Value, compiled

Integers = NDArray[np.int32]
Floats = NDArray[np.float64]
Fact = TypeVar("Fact", bound=Hashable)


def operand_places(order: list[Value]) -> tuple[Integers, Integers]:
    """Where the operands of each node begin, and end; and for each operand its position in the order.

    The position is -1 for constants and for Values that are not in the order.
    """
    if compiled is not None:
        starts, places = compiled.operand_places(order)
        return np.frombuffer(starts, np.int32), np.frombuffer(places, np.int32)
    positions: dict[object, int] = {node: i for i, node in enumerate(order)}
    found = [[positions.get(x, -1) if isinstance(x, Value) else -1 for x in node.operands] for node in order]
    ends = np.cumsum([0, *map(len, found)], dtype=np.int32)
    return ends, np.array([place for places in found for place in places], dtype=np.int32)


def numbered(nodes: list[Value], fact: Callable[[Value], Fact]) -> tuple[list[Fact], Integers]:
    """The different facts about some nodes, and for each node the number of its own."""
    numbers: defaultdict[Fact, int] = defaultdict(count().__next__)
    found = np.fromiter(map(numbers.__getitem__, map(fact, nodes)), np.int32, len(nodes))
    return [*numbers], found


def flows_of(nodes: list[Value]) -> Floats:
    """What backward() sends along the edge of each operand: the gradient of the node times the partial derivative."""
    if compiled is not None:
        return np.frombuffer(compiled.operand_flows(nodes), np.float64)
    slopes = [(node._grad, slope) for node in nodes for _, slope in zip(node.operands, node._slopes)]
    return np.array([0.0 if slope is None else grad * slope for grad, slope in slopes], dtype=np.float64)


def summed(numbers: Any, flows: Floats, count: int) -> Floats:
    """The sum of the flows that have each number, one after the other, as backward() adds them."""
    found: Floats = np.bincount(numbers, weights=flows, minlength=count)  # type: ignore[assignment]  # it has weights
    return found


def counted(numbers: Any) -> tuple[Any, Any]:
    """The different numbers of an array, and how often each comes; np.unique() hashes them in five times the time."""
    is_small = len(numbers) and numbers.max() <= np.iinfo(np.int32).max
    numbers = np.sort(numbers.astype(np.int32) if is_small else numbers)  # takes half the time
    first = np.flatnonzero(np.diff(numbers, prepend=-1))
    return numbers[first], np.diff(first, append=len(numbers))
