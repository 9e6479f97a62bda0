"""Each call of a composed function as one step of texts and formulas: what it takes and gives, and its partials."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from operator import attrgetter
from typing import Any, final

import numpy as np

from autograd.engine import Value
from autograd.pictures.composed.calls import calls


@final
@dataclass(frozen=True, eq=False)
class Call:
    """A call of a composed function.

    Attributes:
        name: that of the function.
        nodes: its operations, operands before results.
    """

    name: str
    nodes: list[Value]

    @cached_property
    def members(self) -> frozenset[Value]:
        """Its operations as a set."""
        return frozenset(self.nodes)

    @cached_property
    def arguments(self) -> tuple[Value | float, ...]:
        """The numbers that it takes, in their order."""
        shift = next(node for node in self.nodes if node.op == "stop_gradient" and node.operands[0] in self.members)
        limited = _below(_below(shift))  # from minimum(maximum(x, -LARGEST), LARGEST) to x
        found: list[Value | float] = []
        largest: Value | float = limited.operands[0]
        while isinstance(largest, Value) and largest in self.members:
            found.append(largest.operands[1])
            largest = largest.operands[0]
        if isinstance(largest, Value):
            return (largest, *reversed(found))
        # of constants that come first, only the largest was recorded
        powers = Counter([x for x in map(_first, self.nodes, repeat("exp_difference")) if isinstance(x, float)])
        ends = Counter([x for x in map(_first, self.nodes, repeat("log_fraction")) if isinstance(x, float)])
        constants = (powers | ends) - Counter([x for x in found if isinstance(x, float)])
        return (*constants.elements(), *reversed(found))

    @cached_property
    def operands(self) -> list[Value]:
        """The Values that it takes, each once."""
        return [*dict.fromkeys(x for x in self.arguments if isinstance(x, Value))]

    def place(self, result: Value) -> int | None:
        """Which of the arguments a result belongs to; None if to all, as that of logsumexp does."""
        node = result if result.op != "negative" else _below(result)
        if node.op not in ("fraction", "log_fraction"):
            return None
        x = node.operands[0]
        if node.op == "fraction":
            x = x.operands[0] if isinstance(x, Value) else x
        return next((i for i, argument in enumerate(self.arguments) if argument is x or _is_same(argument, x)), None)

    def partials(self, result: Value) -> tuple[float | None, ...]:
        """The partial derivative of a result by each of the operands; None if no gradient flows there."""
        sums: dict[Value, float] = {result: 1.0}
        for node in reversed(self.nodes):
            if node not in sums:
                continue
            for x, slope in zip(node.operands, node._slopes):
                if isinstance(x, Value) and slope is not None:
                    sums[x] = sums.get(x, 0.0) + sums[node] * slope
        return tuple([sums.get(x) for x in self.operands])


def _first(node: Value, name: str) -> Value | float | None:
    """The first operand of a node that an operation made."""
    return node.operands[0] if node.op == name else None


def _below(node: Value) -> Value:
    x = node.operands[0]
    assert isinstance(x, Value)  # a call that a picture finds has operations there
    return x


def _is_same(a: Value | float, b: Value | float) -> bool:
    """Whether both are the same constant. Two Values with equal numbers are not the same."""
    return isinstance(a, float) and isinstance(b, float) and a == b


@final
class Steps:
    """The steps of a graph: its operations. Those of a call are one step.

    Args:
        order: all nodes, operands before results; the last one is the root.
        kept: nodes that have to be seen. A call is opened if one of them is within it, and no result of it.

    Attributes:
        order: the nodes that are seen: of a call, only its results.
        calls: the call that each result of one comes from.
    """

    def __init__(self, order: list[Value], kept: Sequence[Value] = ()) -> None:
        self.order = order
        self.calls: dict[Value, Call] = {}
        if not any(node.op == "stop_gradient" for node in order):
            return
        hidden: set[Value] = set()
        found = [
            Call(name, [order[i] for i in places])
            for name, places in calls(order, _places(order, attrgetter("operands")))
        ]
        of = {node: call for call in found for node in call.nodes}
        results: dict[Call, dict[Value, None]] = {call: {} for call in found}
        for node in order:
            for x in node.inputs:
                if x in of and of[x] is not of.get(node):
                    results[of[x]][x] = None
        if order[-1] in of:
            results[of[order[-1]]][order[-1]] = None
        for call, seen in results.items():
            if all(node in seen for node in kept if node in call.members):
                self.calls.update(dict.fromkeys(seen, call))
                hidden |= call.members - {*seen}
        self.order = [node for node in order if node not in hidden]

    def edges(self, node: Value) -> list[tuple[Value | float, float | None]]:
        """What a node was made of, and the partial derivatives."""
        call = self.calls.get(node)
        if call is None:
            return [*zip(node.operands, node._slopes)]
        return [*zip(call.operands, call.partials(node))]

    def places(self) -> tuple[Any, Any]:
        """Where the operands of each step begin in an array; and the array of their positions, -1 for constants."""
        return _places(self.order, lambda node: self.calls[node].operands if node in self.calls else node.operands)


def _places(order: Sequence[Value], operands: Callable[[Value], Iterable[Value | float]]) -> tuple[Any, Any]:
    positions = {node: i for i, node in enumerate(order)}
    found = [[positions[x] if isinstance(x, Value) else -1 for x in operands(node)] for node in order]
    starts = np.cumsum([0, *map(len, found)], dtype=np.int32)
    return starts, np.array([place for places in found for place in places], dtype=np.int32)
