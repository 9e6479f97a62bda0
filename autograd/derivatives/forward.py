"""Forward mode: the derivatives of all results in one direction, from the inputs on."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from autograd._typing import TYPE_CHECKING, final
from autograd.derivatives.chain_rule import depending_on, edges_of, has_branches, product_along, visiting
from autograd.engine import Value, topological_order
from autograd.engine.modes import enable_grad
from autograd.engine.state import current
from autograd.engine.watch import Tracer
from autograd.operations import table

if TYPE_CHECKING:
    from autograd.operations.operation import Number


def push_forward(roots: Sequence[Number], tangents: dict[Value, Number]) -> list[Number]:
    """Forward mode: the derivative of each root in the direction of the tangents; a constant one is a float."""
    derivatives = dict(tangents)
    order = topological_order(*[root for root in roots if isinstance(root, Value)])
    depending = depending_on(tangents, order)
    with enable_grad():
        watch = current()[2]
        tracer = watch if isinstance(watch, Tracer) else None
        with visiting(tracer, order):
            flow = _Flow(derivatives, tracer) if has_branches(tracer, depending) else None
            for node in order:
                if node not in depending or node in derivatives:
                    continue
                if flow is not None and node.op == "where":
                    flow.choose(node)
                    continue
                edges = edges_of(node, depending)
                products = [product_along(node, edge, derivatives[edge[0]], watch) for edge in edges]
                if flow is not None:
                    flow.add(node, [edge[0] for edge in edges], products)
                else:
                    derivatives[node] = functools.reduce(table.add, products)
            found = [derivatives.get(root, 0.0) if isinstance(root, Value) else 0.0 for root in roots]
            return found if flow is None else list(map(flow.arriving, roots, found))


@final
class _Flow:
    """Forward mode for a function that is being traced, where both branches of each where() are recorded.

    A node that depends on the inputs only in some branches has a condition: not 0 where such a branch is taken. Where
    it is 0, the derivative of the node may be any number, even nan, and is not used.
    """

    def __init__(self, derivatives: dict[Value, Number], tracer: Tracer) -> None:
        self.derivatives = derivatives
        self.tracer = tracer
        self.conditions: dict[Value, Number] = {}

    def choose(self, node: Value) -> None:
        """Set the derivative of a where()."""
        a, *branches = node.operands
        slopes: list[Number] = []
        flows: list[Number | None] = []
        for x in branches:
            is_depending = isinstance(x, Value) and x in self.derivatives
            slopes.append(self.derivatives[x] if is_depending else 0.0)  # type: ignore[index]  # it is a Value
            flows.append(self.conditions.get(x) if is_depending else 0.0)  # type: ignore[arg-type]
        self.derivatives[node] = self._where(a, *slopes)
        if any(x is not None for x in flows):
            self.conditions[node] = table.where(a, *[1.0 if x is None else x for x in flows])  # type: ignore[arg-type]

    def add(self, node: Value, operands: list[Value], products: list[Number]) -> None:
        """Add up the products of the operands that depend on the inputs."""
        total, *others = products
        condition = self.conditions.get(operands[0])
        for operand, product in zip(operands[1:], others):
            total, condition = self._sum(total, condition, product, self.conditions.get(operand))
        self.derivatives[node] = total
        if condition is not None:
            self.conditions[node] = condition

    def arriving(self, root: Number, derivative: Number) -> Number:
        """The derivative of a root: 0 where no branch that is taken depends on the inputs."""
        condition = self.conditions.get(root) if isinstance(root, Value) else None
        return derivative if condition is None else self._where(condition, derivative, 0.0)

    def _sum(self, a: Number, if_a: Number | None, b: Number, if_b: Number | None) -> tuple[Number, Number | None]:
        """The sum of two numbers and its condition; a number counts only where its own condition is not 0."""
        total = table.add(a, b)
        if if_b is not None:
            total = self._where(if_b, total, a)
        if if_a is not None:
            total = self._where(if_a, total, b)
        return total, None if if_a is None or if_b is None else table.maximum(if_a, if_b)

    def _where(self, condition: Number, a: Number, b: Number) -> Number:
        derivative = table.where(condition, a, b)
        self.tracer.chosen(derivative)
        return derivative
