"""Whether numbers were changed after a graph was recorded: then a picture of it shows new numbers beside old ones."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.engine import Value, compiled
from autograd.operations.operation import TABLE
from autograd.operations.table import dot

NOTE = (
    "a number was changed after this was computed: results, partial derivatives and gradients are still the old ones; "
    "compute it again"
)
"""What a picture says then."""


def is_outdated(nodes: list[Value]) -> bool:
    """Whether the operation of one of these nodes has another result or partial derivative now.

    Operations that a user defined are not asked: to call them again may take long.
    """
    if compiled is not None:
        return bool(compiled.is_outdated(nodes))
    return any(map(_is_node_outdated, nodes))


def _is_node_outdated(node: Value) -> bool:
    operation = node._operation
    if operation is None:
        return False
    numbers = [x._number if isinstance(x, Value) else x for x in node.operands]
    if operation is dot:
        a, b = numbers[: len(numbers) // 2], numbers[len(numbers) // 2 :]
        return _differ([node._number, *node._slopes], [operation.function(a, b), *b, *a])
    if TABLE.get(operation.name) is not operation:
        return False
    y = operation.function(*numbers)
    return _differ([node._number, *node._slopes], [y, *operation.slopes(y, *numbers)])


def _differ(recorded: Sequence[float | None], now: Sequence[float | None]) -> bool:
    """Whether two numbers differ, but for those where no gradient flows."""
    return any(
        a is not None and b is not None and a != b and (a == a or b == b)  # nan is the same as nan
        for a, b in zip(recorded, now)
    )
