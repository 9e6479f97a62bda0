"""The operands of many nodes as flat arrays: a picture of a million nodes asks for each of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autograd.engine import Value, compiled

Integers = NDArray[np.int32]


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
