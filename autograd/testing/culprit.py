"""Why a gradient is wrong: find the first node whose recorded partial derivative is wrong."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, final

from autograd.derivatives.anomaly import calling_line
from autograd.engine import Value, topological_order
from autograd.engine.watch import Watch
from autograd.pytree import flatten, unflatten
from autograd.testing.finite_differences import quotient
from autograd.testing.samples import REMEDY

if TYPE_CHECKING:
    from autograd.operations.operation import Operation


@final
class _Lines(Watch):
    """Within its block, it remembers the source line that recorded each node."""

    def __init__(self) -> None:
        self.lines: dict[int, str] = {}

    def recorded(self, node: Value) -> None:
        self.lines[id(node)] = calling_line()


def first_wrong_partial(f: Callable[..., Any], args: tuple[Any, ...]) -> str:
    """The first wrong partial derivative in topological order, as the end of an error message."""
    numbers, tree = flatten(args, "check_gradients() takes", REMEDY)
    lines = _Lines()
    with lines:
        output = f(*unflatten(tree, [Value(float(x)) for x in numbers]))
    for node in topological_order(output) if isinstance(output, Value) else ():
        if found := _wrong_partial(node):
            return f"{found}, at {lines.lines.get(id(node), 'an unknown line')}"
    return (
        "each operation recorded the right partial derivatives, so they are added up wrongly, or a number went "
        "through .data, float() or math; use autograd's functions"
    )


def _wrong_partial(node: Value) -> str:
    """The first wrong partial derivative of a node, in words; '' if all are right."""
    operation, point = node._operation, [float(x) for x in node.operands]
    for i, slope in enumerate(node._slopes):
        if slope is None or operation is None:
            continue
        call, name = operation.call(point), operation.edges(len(point))[i][0]
        if not math.isfinite(slope):
            return f"the partial derivative of {call} by {name} is {slope!r}"
        entry = quotient(_along(operation, point, i), point[i])
        is_exact = 5 * entry.error <= 0.1 * max(abs(slope), abs(entry.derivative))
        if not entry.doubt and is_exact and abs(slope - entry.derivative) > entry.tolerance:
            return (
                f"the first wrong partial derivative is that of {call} by {name}: it recorded {slope!r}, "
                f"but {entry.derivative!r} is right"
            )
    return ""


def _along(operation: Operation, point: list[float], i: int) -> Callable[[float], float]:
    """The operation as a function of one of its operands."""
    return lambda x: operation.function(*operation.arranged([*point[:i], x, *point[i + 1 :]]))
