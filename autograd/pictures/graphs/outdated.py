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


def changed(order: Sequence[Value]) -> dict[Value, float | None]:
    """The leaves whose numbers were changed, each with the number that it had; None if that is not known.

    The recorded partial derivatives of a product are the numbers of its factors, and a sum less its other term is that
    of a term. Left out is what may be one of several, and everything if a result was changed.

    Args:
        order: the nodes of an outdated graph.
    """
    before: dict[Value, float] = {}
    for node in order:
        if node.op in ("multiply", "dot"):
            n, middle = len(node.operands), len(node.operands) // 2
            found = [(x, node._slopes[(k + middle) % n]) for k, x in enumerate(node.operands)]
            before.update(
                {x: slope for x, slope in found if isinstance(x, Value) and x.op is None and slope is not None}
            )
    found_changed: dict[Value, float | None] = {x: old for x, old in before.items() if _differ([old], [x._number])}
    for node in order:
        if node._operation is None or not is_outdated([node]):
            continue
        leaves = {x for x in node.operands if isinstance(x, Value) and x.op is None}
        unknown = leaves - before.keys()
        if not leaves & (unknown | found_changed.keys()):
            return {}
        if len(unknown) == 1 and not leaves & found_changed.keys():
            [x] = unknown
            old = _inverse(node, x, before)
            found_changed[x] = old if old is not None else found_changed.get(x)
    return found_changed


def _inverse(node: Value, leaf: Value, before: dict[Value, float]) -> float | None:
    """The number that an operand of a sum, a difference or a product with a constant had."""
    if len(node.operands) != 2 or node.operands[0] is node.operands[1]:
        return None
    place = 0 if node.operands[0] is leaf else 1
    x, y = node.operands[1 - place], node._number
    other = before.get(x, x._number) if isinstance(x, Value) else x
    if node.op == "multiply":
        return y / other if other else None
    if node.op == "add":
        return y - other
    if node.op == "subtract":
        return other - y if place else y + other
    return None


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
