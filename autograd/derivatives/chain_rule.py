"""The chain rule on graphs: a derivative is a Value too, made from the formulas of the operations, node by node.

So it can be differentiated again, drawn and compiled. `transforms.py` makes functions of it.

The project has three reverse sweeps, which visit the same edges in the same order. Each engine has one that adds up
numbers: `sweep()` in `engine/value.py`, and its compiled twin. The third, `backward_edges()` here, serves callers that
need more: `pull_back()` records a graph, `detect_anomaly()` checks each product. The engines need a faster one.
"""

from __future__ import annotations

import contextlib
import functools
import math
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence

from autograd._typing import TYPE_CHECKING, final
from autograd.engine import Value, topological_order
from autograd.engine.modes import enable_grad
from autograd.engine.state import current
from autograd.engine.watch import Tracer, Watch
from autograd.operations import table
from autograd.operations.coercion import is_real, listed
from autograd.operations.operation import CUSTOM

if TYPE_CHECKING:
    from typing import NoReturn, TypeVar

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
        watch = current()[2]
        tracer = watch if isinstance(watch, Tracer) else None
        with _UNTRACED if tracer is None else _traced(tracer, order):
            branches = _Branches(derivatives, tracer) if tracer and _has_branches(tracer, order) else None
            for node, derivative, edges in backward_edges(order, derivatives, inputs):
                if branches is not None:
                    branches.propagate(node, derivative, edges)
                    continue
                for edge in edges:
                    operand, product = edge[0], _product(node, edge, derivative, watch)
                    before = derivatives.get(operand)
                    derivatives[operand] = product if before is None else before + product
        return derivatives


@contextlib.contextmanager
def _traced(tracer: Tracer, order: list[Value]) -> Iterator[None]:
    """Tell a tracer of the nodes to visit, and that the chain rule makes the next nodes."""
    tracer.ordered(order)
    before, tracer.derives = tracer.derives, True
    try:
        yield
    finally:
        tracer.derives = before


_UNTRACED = contextlib.nullcontext()


def _has_branches(tracer: Tracer, order: list[Value]) -> bool:
    """Whether the graph has both branches of a where()."""
    return not tracer.chooses and any(node.op == "where" for node in order)


def backward_edges(
    order: list[Value], derivatives: Mapping[Value, Derivative], inputs: Container[Value]
) -> Iterator[tuple[Value, Derivative, list[Edge]]]:
    """The order of a reverse sweep: from the last node back, each with its derivative and its edges toward the inputs.

    The caller adds products to the derivatives during the iteration. A node without a derivative is left out.
    """
    depending = depending_on(inputs, order)
    for node in reversed(order):
        derivative = derivatives.get(node)
        if derivative is not None:
            yield node, derivative, _edges(node, depending)


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
                self._add(operand, _product(node, edge, derivative, self.tracer), condition)

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


# --------------------------------------------------------------------------- forward mode


def push_forward(roots: Sequence[Number], tangents: dict[Value, Number]) -> list[Number]:
    """Forward mode: the derivative of each root in the direction of the tangents; a constant one is a float."""
    derivatives = dict(tangents)
    order = topological_order(*[root for root in roots if isinstance(root, Value)])
    depending = depending_on(tangents, order)
    with enable_grad():
        watch = current()[2]
        tracer = watch if isinstance(watch, Tracer) else None
        with _UNTRACED if tracer is None else _traced(tracer, order):
            flow = _Flow(derivatives, tracer) if tracer and _has_branches(tracer, order) else None
            for node in order:
                if node not in depending or node in derivatives:
                    continue
                if flow is not None and node.op == "where":
                    flow.choose(node)
                    continue
                edges = _edges(node, depending)
                products = [_product(node, edge, derivatives[edge[0]], watch) for edge in edges]
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


# --------------------------------------------------------------------------- edges


def depending_on(inputs: Container[Value], order: list[Value]) -> set[Value]:
    """The inputs, and the nodes from which a gradient flows to one of them."""
    depending: set[Value] = set()
    for node in order:
        if node in inputs or not depending.isdisjoint(node.inputs):
            depending.add(node)
    return depending


def _edges(node: Value, depending: set[Value]) -> list[Edge]:
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


def _product(node: Value, edge: Edge, derivative: Number, watch: Watch | None) -> Number:
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
