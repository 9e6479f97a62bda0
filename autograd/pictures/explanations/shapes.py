"""Paths of the same shape, such as those of all samples of a batch: their number, their sum, and the largest."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple, final

from autograd.engine import Value

MOST = 64
"""If more shapes than this lead to a node, paths are not grouped."""


class Group(NamedTuple):
    """Paths of the same shape.

    Attributes:
        number: how many; total: the sum of their products; least, most: the least and the largest of these.
        prefix: the path with the product of the largest magnitude.
    """

    number: int
    total: float
    least: float
    most: float
    prefix: Any


@final
class Shapes:
    """The shapes of paths. Operations of a shape have the same names and labels; their constants may differ.

    Args:
        y: where the paths begin.
        special: results whose operations have other names.
        prefix: the path that has only y.

    Attributes:
        arrived: the groups of paths to each node, by the numbers of their shapes.
        is_given_up: whether there are too many shapes.
    """

    def __init__(self, y: Value, special: Mapping[Value, object], prefix: Any) -> None:
        self._numbers: dict[tuple[object, ...], int] = {}
        self._special = special
        self.is_given_up = False
        self.arrived: dict[Value, dict[int, Group]] = {y: {0: Group(1, 1.0, 1.0, 1.0, prefix)}}

    def add(self, node: Value, operand: Value, slope: float, *, is_end: bool, longer: Any) -> None:
        """Make the paths to a node longer by an edge.

        Args:
            is_end: whether the operand is the end of all paths.
            longer: gives a prefix with one more edge.
        """
        there = self.arrived.setdefault(operand, {})
        is_sum = slope == 1.0 and not is_end and self._is_sum(operand) and self._is_sum(node)
        for shape, (count, total, a, b, prefix) in self.arrived[node].items():
            key = (shape, operand.op, operand.label)
            new = shape if is_sum else self._numbers.setdefault(key, len(self._numbers) + 1)
            least, most = sorted((a * slope, b * slope))
            found = Group(count, total * slope, least, most, longer(prefix, operand, slope))
            there[new] = _joined(there[new], found) if new in there else found
        self.is_given_up |= len(there) > MOST

    def _is_sum(self, node: Value) -> bool:
        return node.op == "add" and not node.label and node not in self._special

    def groups(self, x: Value) -> list[Group]:
        """The groups of all paths to x, those with the largest sums first; none if a sum is not finite."""
        found = [*self.arrived.get(x, {}).values()]
        if not all(math.isfinite(group.total) for group in found):
            return []
        return sorted(found, key=lambda group: -abs(group.total))


def _joined(a: Group, b: Group) -> Group:
    largest = a if max(-a.least, a.most) >= max(-b.least, b.most) else b
    least, most = min(a.least, b.least), max(a.most, b.most)
    return Group(a.number + b.number, a.total + b.total, least, most, largest.prefix)
