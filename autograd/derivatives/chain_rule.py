"""The chain rule on graphs: a derivative is a Value too, made from the formulas of the operations, node by node.

So it can be differentiated again, drawn and compiled. `transforms.py` makes functions of it.

The project has three reverse sweeps, which visit the same edges in the same order. Each engine has one that adds up
numbers: `sweep()` in `engine/value.py`, and its compiled twin. The third, `backward_edges()` here, serves callers that
need more: `pull_back()` records a graph, `detect_anomaly()` checks each product. The engines need a faster one. What
`compiled` does here, it does as the Python code beside it.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence

from autograd._typing import TYPE_CHECKING, final
from autograd.engine import Value, compiled, topological_order
from autograd.engine.modes import enable_grad
from autograd.engine.state import current
from autograd.engine.watch import Tracer, Watch
from autograd.operations import table
from autograd.operations.coercion import is_real, listed
from autograd.operations.operation import CUSTOM

if TYPE_CHECKING:
    from typing import NoReturn, TypeGuard, TypeVar

    from autograd.operations.operation import Number

    Derivative = TypeVar("Derivative")
    # the operand, its position, the recorded partial by it, and a function that makes this partial as a graph
    Edge = tuple[Value, int, float, Callable[[int], Number]]


def gradients(output: Value, inputs: Iterable[Value]) -> list[Value]:
    """The derivative of output by each input, as Values that are functions of the inputs.

    They can be differentiated again, drawn and compiled. If the output does not depend on an input, the gradient by it
    is 0.0. No `.grad` changes.

    Raises:
        TypeError: the output is not a Value, or the inputs are not Values. Within a function that is compiled, or
            differentiated by the inputs, the output may be a float: it is a constant.
        RuntimeError: `.data` has changed since the output was computed, so the recorded partial derivatives are out
            of date.

    >>> x, y = Value(3.0), Value(2.0)
    >>> by_x, by_y = gradients(x * x * y, [x, y])
    >>> by_x.data, by_y.data
    (12.0, 9.0)
    >>> [g.data for g in gradients(by_x, [x, y])]
    [4.0, 6.0]
    """
    if isinstance(output, (list, tuple)):
        raise TypeError(f"gradients() differentiates one Value, got {type(output).__name__}; call it for each of them")
    if isinstance(inputs, Value):
        raise TypeError("gradients() takes a list of inputs, got a Value; write gradients(y, [x])")
    inputs = listed(inputs, "gradients", "inputs as a list")
    for x in inputs:
        if not isinstance(x, Value):
            raise TypeError(f"gradients() takes Values as inputs, got {type(x).__name__} among them; pass Value(x)")
    if not isinstance(output, Value) and not _is_constant(output, inputs):
        raise TypeError(f"gradients() differentiates a Value, got {type(output).__name__}; {LOST}")
    found = pull_back([output], [1.0], set(inputs))
    return [as_value(found.get(x, 0.0)) for x in inputs]


LOST = "a number that went through .data, float(), math or an array of floats is constant: use autograd's functions"


def _is_constant(output: object, inputs: list[Value]) -> bool:
    """Whether a float is a constant because no number can be taken out of the inputs here, so it lost no gradient."""
    watch = current()[2]
    return is_real(output) and watch is not None and (watch.traces or all(map(watch.depends, inputs)))


# --------------------------------------------------------------------------- reverse mode


def pull_back(roots: Sequence[Number], seeds: Sequence[Number], inputs: Collection[Value]) -> dict[Value, Number]:
    """Reverse mode: the derivative of the sum of seed * root by each input, and by each node on the way there.

    A constant derivative is a float. A node that no gradient reaches has no entry.
    """
    with enable_grad():
        derivatives: dict[Value, Number] = {}
        for root, seed in zip(roots, seeds):
            if isinstance(root, Value):
                derivatives[root] = seed if root not in derivatives else derivatives[root] + seed
        order = topological_order(*derivatives)
        depending = depending_on(inputs, order)
        watch = current()[2]
        tracer = watch if isinstance(watch, Tracer) else None
        with visiting(tracer, order):
            if has_branches(tracer, depending):
                branches = _Branches(derivatives, tracer)
                for node, derivative, edges in backward_edges(order, derivatives, depending):
                    branches.propagate(node, derivative, edges)
            else:
                _propagate_all(order, derivatives, depending, watch)
        return derivatives


def _propagate_all(
    order: list[Value], derivatives: dict[Value, Number], depending: set[Value], watch: Watch | None
) -> None:
    """From the last node back, add each derivative times partial to the derivative of the operand."""

    def propagate(node: Value, derivative: Number) -> None:
        for edge in edges_of(node, depending):
            operand, product = edge[0], product_along(node, edge, derivative, watch)
            before = derivatives.get(operand)
            derivatives[operand] = product if before is None else before + product

    if compiled is not None:
        is_told = watch is not None and type(watch).multiplying is not Watch.multiplying
        compiled.propagate(order, derivatives, depending, watch if is_told else None, propagate)
        return
    for node in reversed(order):
        if node in derivatives:
            propagate(node, derivatives[node])


@contextlib.contextmanager
def visiting(tracer: Tracer | None, order: list[Value]) -> Iterator[None]:
    """Tell a tracer, if there is one, of the nodes to visit, and that the chain rule makes the next nodes."""
    if tracer is None:
        yield
        return
    tracer.ordered(order)
    before, tracer.derives = tracer.derives, True
    try:
        yield
    finally:
        tracer.derives = before


def has_branches(tracer: Tracer | None, depending: set[Value]) -> TypeGuard[Tracer]:
    """Whether the graph was traced, and gradients flow through both branches of a where()."""
    return tracer is not None and not tracer.chooses and bool(made_by(depending, {"where"}))


def made_by(nodes: Iterable[Value], operations: set[str | None]) -> list[Value]:
    """Those of the nodes that one of these operations made, by name. The name of a leaf is None."""
    if compiled is not None:
        return compiled.made_by(nodes, operations)  # type: ignore[no-any-return]  # Values
    return [node for node in nodes if node.op in operations]


def backward_edges(
    order: list[Value], derivatives: Mapping[Value, Derivative], depending: set[Value]
) -> Iterator[tuple[Value, Derivative, list[Edge]]]:
    """The order of a reverse sweep: from the last node back, each with its derivative and its edges toward the inputs.

    The caller adds products to the derivatives during the iteration. A node without a derivative is left out.

    Args:
        order: the nodes, operands before results.
        derivatives: those of the roots at first.
        depending: the nodes to which gradients flow, see depending_on().
    """
    for node in reversed(order):
        derivative = derivatives.get(node)
        if derivative is not None:
            yield node, derivative, edges_of(node, depending)


@final
class _Branches:
    """The chain rule for a function that is being traced, where both branches of each where() are recorded.

    Untaken branches must not leak inf or nan. So each node that lies only in branches has a condition: 1 where its
    branch is taken, otherwise 0.
    """

    def __init__(self, derivatives: dict[Value, Number], tracer: Tracer) -> None:
        self.derivatives = derivatives
        self.tracer = tracer
        self.conditions: dict[Value, Number] = {}  # a node that is used outside of branches has none

    def propagate(self, node: Value, derivative: Number, edges: list[Edge]) -> None:
        """Add the node's derivative, times its partials, to the derivatives of its operands."""
        condition = self.conditions.get(node)
        for edge in edges:
            operand, i, _, partial_by = edge
            if node.op == "where":
                is_chosen = partial_by(i)
                both = is_chosen if condition is None else table.where(condition, is_chosen, 0.0)
                self._add(operand, derivative, both)
            else:
                self._add(operand, product_along(node, edge, derivative, self.tracer), condition)

    def _add(self, operand: Value, product: Number, condition: Number | None) -> None:
        """Add a product to the derivative of an operand if the condition holds; without a condition, always."""
        former = self.derivatives.get(operand)
        before = self.conditions.get(operand) if former is not None else 0.0
        total = product if former is None else table.add(former, product)
        if former is not None and before is not None:
            total = table.where(before, total, product)
        if condition is None:
            self.derivatives[operand] = total
            self.conditions.pop(operand, None)
            return
        total = table.where(condition, total, 0.0 if former is None else former)
        self.derivatives[operand] = total
        self.tracer.chosen(total)
        if before is not None:
            self.conditions[operand] = condition if former is None else table.maximum(before, condition)


# --------------------------------------------------------------------------- edges


def depending_on(inputs: Container[Value], order: list[Value]) -> set[Value]:
    """The inputs, and the nodes from which a gradient flows to one of them."""
    if compiled is not None:
        return compiled.depending_on(inputs, order)  # type: ignore[no-any-return]  # a set of Values
    depending: set[Value] = set()
    for node in order:
        if node in inputs or not depending.isdisjoint(node.inputs):
            depending.add(node)
    return depending


def edges_of(node: Value, depending: set[Value]) -> list[Edge]:
    """The edges to the operands that depend on an input."""
    operation, operands = node._operation, node.operands
    if operation is None:
        return []
    partial_by = operation.partials_of(node, operands)
    if operation.name in CUSTOM:
        partial_by = _without_reading(partial_by, operation.name)
    return [
        (operand, i, slope, partial_by)  # type: ignore[misc]  # no gradient flows to a float
        for i, (operand, slope) in enumerate(zip(operands, node._slopes))
        if slope is not None and operand in depending
    ]


def product_along(node: Value, edge: Edge, derivative: Number, watch: Watch | None) -> Number:
    """A derivative times the partial derivative of a node by an operand.

    A factor of 1 or -1 records no multiplication.
    """
    _, i, slope, partial_by = edge
    if watch is not None:
        watch.multiplying(node, i, slope, derivative)
    partial = partial_by(i)
    number = partial if type(partial) is float else partial._number if isinstance(partial, Value) else partial
    if number != slope and not (math.isnan(number) and math.isnan(slope)) and not _is_near(node, number, slope):
        raise RuntimeError(
            f".data has changed since {node.op}() was recorded: its partial derivative was {slope!r} and now is "
            f"{number!r}; compute the result again before you differentiate it"
        )
    if type(partial) is float:
        if partial == 1.0:
            return derivative
        if partial == -1.0:
            return -derivative
    if type(derivative) is float and derivative == 1.0:
        return partial
    return derivative * partial


def _is_near(node: Value, number: float, slope: float) -> bool:
    """Whether the partial of a user's operation differs only by rounding, as a**2 of a float and of a Value may."""
    return node.op in CUSTOM and math.isclose(number, slope, rel_tol=1e-12)


def _without_reading(partial_by: Callable[[int], Number], name: str) -> Callable[[int], Number]:
    """The partials of a user's operation; they must not read the number of a Value, which has no derivative."""

    def checked(i: int) -> Number:
        watch = current()[2]
        if watch is not None and watch.records:  # a trace refuses it too
            return partial_by(i)
        with _Reading(name):
            return partial_by(i)

    return checked


@final
class _Reading(Watch):
    """Refuses to read numbers in the partials of a user's operation."""

    def __init__(self, name: str) -> None:
        self.name = name

    def reading(self, node: Value, how: str) -> NoReturn:  # noqa: ARG002  # any node
        raise TypeError(
            f"a partial of {self.name} reads a number by {how}, which has no derivative; "
            "use functions of autograd instead, such as autograd.cos(a) for math.cos(a)"
        )


def as_value(number: Number) -> Value:
    """The number as a Value; a float becomes a leaf."""
    return number if isinstance(number, Value) else Value(number)
