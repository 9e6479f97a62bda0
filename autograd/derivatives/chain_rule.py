"""The chain rule as a graph: a derivative is made of Values, node by node from the rows of the table.

So it can be differentiated again, drawn and compiled. `transforms.py` makes functions of it.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Container, Iterable, Sequence

from autograd._typing import TYPE_CHECKING
from autograd.engine import Value, modes, topological_order
from autograd.operations import table

if TYPE_CHECKING:
    from autograd.operations.operation import Number

    # which operand it is, the recorded slope by it, and how the partial by an operand is computed
    _Edge = tuple[int, float, Callable[[int], Number]]


def gradients(output: Value, inputs: Iterable[Value]) -> list[Value]:
    """The derivative of output by each input, as Values that are functions of the inputs.

    It can be differentiated again, drawn and compiled. An input that does not reach the output has the gradient 0.0.
    No `.grad` changes.

    Raises:
        TypeError: the output is not a Value, or the inputs are not Values.
        RuntimeError: `.data` has changed since the output was computed, so that its recorded partial derivatives are
            no longer those of the numbers there.

    >>> x, y = Value(3.0), Value(2.0)
    >>> by_x, by_y = gradients(x * x * y, [x, y])
    >>> by_x.data, by_y.data
    (12.0, 9.0)
    >>> [g.data for g in gradients(by_x, [x, y])]
    [4.0, 6.0]
    """
    if isinstance(output, (list, tuple)):
        raise TypeError(f"gradients() differentiates one Value, got {type(output).__name__}; call it for each of them")
    if not isinstance(output, Value):
        raise TypeError(f"gradients() differentiates a Value, got {type(output).__name__}; {LOST}")
    if isinstance(inputs, Value):
        raise TypeError("gradients() takes a list of inputs, got a Value; write gradients(y, [x])")
    inputs = list(inputs)
    for x in inputs:
        if not isinstance(x, Value):
            raise TypeError(f"gradients() takes Values as inputs, got {type(x).__name__} among them; pass Value(x)")
    found = pull_back([output], [1.0], set(inputs))
    return [as_value(found.get(x, 0.0)) for x in inputs]


LOST = (
    "a number that went through .data, float() or a function of math has lost its gradient, so use Values "
    "and functions of autograd throughout"
)


def pull_back(roots: Sequence[Number], seeds: Sequence[Number], inputs: Container[Value]) -> dict[Value, Number]:
    """Reverse mode: the derivative of the sum of seed * root by each input, and by what lies between.

    A float if it is a constant; nothing if no gradient flows.
    """
    with modes.enable_grad():
        watch = modes.current()[2]
        sums: dict[Value, Number] = {}
        for root, seed in zip(roots, seeds):
            if isinstance(root, Value):
                sums[root] = seed if root not in sums else table.add(sums[root], seed)
        order = topological_order(*sums)
        depending = depending_on(inputs, order)
        if watch is not None:
            watch.ordered(order)
            if not watch.chooses:
                return _pull_back_on_branches(order, sums, depending, watch)
        for node in reversed(order):
            if node in depending and node in sums:
                total = sums[node]
                for operand, edge in _edges(node, depending):
                    product = _product(node, edge, total, watch)
                    sums[operand] = product if operand not in sums else table.add(sums[operand], product)
        return sums


def _pull_back_on_branches(
    order: list[Value], sums: dict[Value, Number], depending: set[Value], watch: modes.Watch
) -> dict[Value, Number]:
    """The same for a function that is being traced, in which either branch of a where() may be taken.

    What lies in one branch alone gets a derivative only where that one is taken, or else its partials, infinite or
    nan perhaps, would come into it. `taken` says where that is, by a 1 or a 0; nothing for what always gets one.
    """
    taken: dict[Value, Number] = {}
    for node in reversed(order):
        if node not in depending or node not in sums:
            continue
        total, here, is_where = sums[node], taken.get(node), node.op == "where"
        for operand, edge in _edges(node, depending):
            product, there = _product(node, edge, total, None), here
            if is_where:
                product = total
                i, _, partial = edge
                chosen = partial(i)
                there = chosen if here is None else table.where(here, chosen, 0.0)
            former = sums.get(operand)
            before = taken.get(operand) if former is not None else 0.0
            both = product if former is None else table.add(former, product)
            if before is not None and former is not None:
                both = table.where(before, both, product)
            if there is None:
                sums[operand] = both
                taken.pop(operand, None)
            else:
                sums[operand] = table.where(there, both, 0.0 if former is None else former)
                watch.chosen(sums[operand])
                if before is not None:
                    taken[operand] = there if former is None else table.maximum(before, there)
    return sums


def is_traced() -> bool:
    """Whether a function is being compiled, so that what is recorded stands for other numbers too."""
    watch = modes.current()[2] if modes.ENTERED else None
    return watch is not None and watch.traces


def push_forward(roots: Sequence[Number], tangents: dict[Value, Number]) -> list[Number]:
    """Forward mode: the derivative of each root in the direction of the tangents; a float if it is a constant."""
    sums = dict(tangents)
    order = topological_order(*[root for root in roots if isinstance(root, Value)])
    depending = depending_on(tangents, order)
    with modes.enable_grad():
        watch = modes.current()[2]
        if watch is not None:
            watch.ordered(order)
        for node in order:
            if node not in depending or node in sums:
                continue
            if node.op == "where" and watch is not None and not watch.chooses:
                a, b, c = node.operands
                taken, other = (sums.get(x, 0.0) if isinstance(x, Value) else 0.0 for x in (b, c))
                sums[node] = table.where(a, taken, other)
                watch.chosen(sums[node])
            else:
                products = [_product(node, edge, sums[operand], watch) for operand, edge in _edges(node, depending)]
                sums[node] = functools.reduce(table.add, products)
    return [sums.get(root, 0.0) if isinstance(root, Value) else 0.0 for root in roots]


def depending_on(inputs: Container[Value], order: list[Value]) -> set[Value]:
    """The nodes from which a gradient flows to an input, and the inputs."""
    depending: set[Value] = set()
    for node in order:
        if node in inputs or not depending.isdisjoint(node.inputs):
            depending.add(node)
    return depending


def _edges(node: Value, depending: set[Value]) -> list[tuple[Value, _Edge]]:
    """The operands that depend on an input, and what is known of the way there."""
    row, operands = node._operation, node.operands
    if row is None:
        return []
    partial = row.partials_of(node, operands)
    return [
        (operand, (i, slope, partial))  # type: ignore[misc]  # no gradient flows to a float
        for i, (operand, slope) in enumerate(zip(operands, node._slopes))
        if slope is not None and operand in depending
    ]


def _product(node: Value, edge: _Edge, derivative: Number, watch: modes.Watch | None) -> Number:
    """A derivative times the partial derivative of a node by an operand, which is made of rows of the table.

    There is no node for a factor 1 or -1. Who watches is told.
    """
    i, slope, partial_by = edge
    if watch is not None:
        watch.multiplying(node, i, slope, derivative)
    partial = partial_by(i)
    number = partial._data if isinstance(partial, Value) else partial
    if number != slope and not (math.isnan(number) and math.isnan(slope)):
        raise RuntimeError(
            f".data has changed since {node.op}() was recorded: its partial derivative was {slope!r} and now is "
            f"{number!r}; compute the result again before it is differentiated this way"
        )
    if type(partial) is float:
        if partial == 1.0:
            return derivative
        if partial == -1.0:
            return table.negative(derivative)
    if type(derivative) is float and derivative == 1.0:
        return partial
    return table.multiply(derivative, partial)


def as_value(number: Number) -> Value:
    """A number that is a constant as a Value."""
    return number if isinstance(number, Value) else Value(number)
