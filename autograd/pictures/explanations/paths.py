"""The paths from a Value to a result: their number, the largest, and where a gradient is lost or blown up."""

from __future__ import annotations

import math
from operator import itemgetter
from typing import Any, NamedTuple, final

from autograd.engine import Value
from autograd.engine.collector import uncollected
from autograd.pictures.composed.steps import Call, Steps
from autograd.pictures.explanations.shapes import Group, Shapes
from autograd.pictures.graphs.classes import MANY
from autograd.pictures.graphs.outdated import is_outdated

HUGE = 1e6
"""A partial derivative of this magnitude blows a gradient up."""


class GradientPath(NamedTuple):
    """A path along which a gradient flows.

    Attributes:
        nodes: from x to y.
        partials: of each node but x, the partial derivative by the one before.
        product: of the partial derivatives.
        share: the product divided by the gradient; nan if that is 0 or not finite.
    """

    nodes: tuple[Value, ...]
    partials: tuple[float, ...]
    product: float
    share: float


class Place(NamedTuple):
    """An edge at which a gradient is lost or blown up.

    Attributes:
        node: the result of the operation.
        operand: the Value to which its gradient flows, or would.
        partial: the partial derivative; None if no gradient flows.
        reason: "no gradient", "zero partial" or "underflow" where it is lost; "huge partial", "infinite partial",
            "nan partial", "overflow" or "nan" where it is blown up.
    """

    node: Value
    operand: Value
    partial: float | None
    reason: str


class Found(NamedTuple):
    """What a search for paths found.

    Attributes:
        gradient: as backward() has it.
        number: how many paths there are.
        number_lost, number_blown: of how many a partial derivative is 0; or huge, infinite or nan.
        magnitude: the sum of the magnitudes of their products.
        best: the partial derivatives and the nodes of the paths with the largest products, each from x to y.
        depends: whether y was computed from x, though perhaps no gradient flows.
        is_outdated: whether numbers were changed after y was computed.
        calls: the call of softmax or the like that a node is a result of.
        groups: the paths of each shape, with the nodes and partial derivatives of the largest; none if too many shapes.
    """

    gradient: float
    number: int
    number_lost: int
    number_blown: int
    magnitude: float
    best: list[tuple[tuple[Value, ...], tuple[float, ...]]]
    lost: tuple[Place, ...]
    blown: tuple[Place, ...]
    depends: bool
    is_outdated: bool
    calls: dict[Value, Call]
    groups: list[tuple[Group, tuple[Value, ...], tuple[float, ...]]]


_COUNTLESS = 200_000  # in a graph of more nodes, paths are not grouped

# A path from y down to a node: how many partials are not finite, minus how many are 0, and the product of the others as
# exponent and mantissa, so that it cannot overflow. Then the path that is longer by the last edge. A larger tuple has a
# larger product, and stays larger along every edge; so the k largest at a node come from the k largest before it.
Prefix = tuple[int, int, int, float, Any, Value, float]
_RANK = itemgetter(0, 1, 2, 3)


@uncollected()
def search(order: list[Value], x: Value, k: int) -> Found:
    """The k paths from x to y with the largest products; one sweep from y back, in time linear in the graph.

    No path is followed on its own: their number may be exponential. A call of softmax or the like is one edge.

    Args:
        order: y and all that it depends on, operands before results.
    """
    y = order[-1]
    is_old, steps = is_outdated(order), Steps(order, [x])
    depending = {x}
    for node in order:
        if not depending.isdisjoint(node.operands):
            depending.add(node)
    if y not in depending:
        return Found(0.0, 0, 0, 0, 0.0, [], (), (), depends=False, is_outdated=is_old, calls={}, groups=[])
    arrived: dict[Value, _Arrived] = {y: _Arrived(1.0, 1.0, 1, 1, 1, [(0, 0, 0, 1.0, None, y, 1.0)])}
    lost: list[Place] = []
    blown: list[Place] = []
    for node in reversed(steps.order):
        if node is x or node not in arrived:
            continue
        here = arrived.pop(node)  # so that the counts and paths of few nodes are kept
        derivative, before = here.derivative, _largest(here.prefixes, k)
        for operand, slope in steps.edges(node):
            if not isinstance(operand, Value) or operand not in depending:
                continue
            if slope is None:
                if derivative != 0.0:
                    lost.append(Place(node, operand, None, "no gradient"))
                continue
            there = arrived.get(operand)
            if there is None:
                there = arrived[operand] = _Arrived(-0.0, 0.0, 0, 0, 0, [])  # -0.0 + x is x for every x
            product, former = derivative * slope, there.derivative
            there.derivative = former + product
            there.magnitude += here.magnitude * abs(slope)
            there.count += here.count
            there.kept += here.kept if slope != 0.0 else 0
            there.calm += here.calm if abs(slope) < HUGE else 0
            there.prefixes += [_longer(prefix, operand, slope) for prefix in before]
            if slope == 0.0 or product == 0.0 or not abs(slope) < HUGE or not math.isfinite(there.derivative):
                _judge(Place(node, operand, slope, ""), derivative, former, lost, blown)
    at_x = arrived.get(x) or _Arrived(0.0, 0.0, 0, 0, 0, [])
    best = [_unrolled(prefix) for prefix in _largest(at_x.prefixes, k)]
    count = at_x.count
    numbers = count, count - at_x.kept, count - at_x.calm
    gradient = _gradient(order, x) if steps.calls else at_x.derivative
    places = tuple(lost), tuple(blown)
    groups = _grouped(steps, depending, x) if count >= MANY and len(order) <= _COUNTLESS else []
    return Found(gradient, *numbers, at_x.magnitude, best, *places, True, is_old, steps.calls, groups)


def _grouped(steps: Steps, depending: set[Value], x: Value) -> list[tuple[Group, tuple[Value, ...], tuple[float, ...]]]:
    """The paths of each shape, as Found has them; a sweep of its own, because few graphs have many paths."""
    y = steps.order[-1]
    shapes = Shapes(y, steps.calls, (0, 0, 0, 1.0, None, y, 1.0))
    for node in reversed(steps.order):
        if node is x or node not in shapes.arrived:
            continue
        for operand, slope in steps.edges(node):
            if isinstance(operand, Value) and operand in depending and slope is not None:
                shapes.add(node, operand, slope, is_end=operand is x, longer=_longer)
        if shapes.is_given_up:
            return []
        del shapes.arrived[node]
    return [(group, *_unrolled(group.prefix)) for group in shapes.groups(x)]


def _gradient(order: list[Value], x: Value) -> float:
    """The derivative of the last node by another one, with the bits of backward()."""
    sums = {order[-1]: 1.0}
    for node in reversed(order):
        if node is x or node not in sums:
            continue
        for operand, slope in zip(node.operands, node._slopes):
            if isinstance(operand, Value) and slope is not None:
                sums[operand] = sums.get(operand, -0.0) + sums[node] * slope  # -0.0 + x is x for every x
    return sums.get(x, 0.0)


@final
class _Arrived:
    """What the sweep brought to a node so far: the derivative, its sum of magnitudes, and the paths.

    Attributes:
        count: how many paths; kept, calm: how many of them without a partial derivative of 0, and without a huge one.
        prefixes: the largest paths.
    """

    __slots__ = ("calm", "count", "derivative", "kept", "magnitude", "prefixes")

    def __init__(
        self, derivative: float, magnitude: float, count: int, kept: int, calm: int, prefixes: list[Prefix]
    ) -> None:
        self.derivative, self.magnitude, self.prefixes = derivative, magnitude, prefixes
        self.count, self.kept, self.calm = count, kept, calm


def _largest(prefixes: list[Prefix], k: int) -> list[Prefix]:
    return prefixes if len(prefixes) == 1 else sorted(prefixes, key=_RANK, reverse=True)[:k]


def _longer(prefix: Prefix, operand: Value, slope: float) -> Prefix:
    """The prefix with one more edge."""
    not_finite, zeros, exponent, mantissa, _, _, _ = prefix
    if slope == 0.0:
        zeros -= 1
    elif math.isfinite(slope):
        factor, shift = math.frexp(abs(slope))
        mantissa, carry = math.frexp(mantissa * factor)
        exponent += shift + carry
    else:
        not_finite += 1
    return not_finite, zeros, exponent, mantissa, prefix, operand, slope


def _unrolled(prefix: Prefix) -> tuple[tuple[Value, ...], tuple[float, ...]]:
    nodes, partials = [prefix[5]], []
    while prefix[4] is not None:
        partials.append(prefix[6])
        prefix = prefix[4]
        nodes.append(prefix[5])
    return tuple(nodes), tuple(partials)


def _judge(place: Place, derivative: float, former: float, lost: list[Place], blown: list[Place]) -> None:
    """Say where a gradient is lost or blown up, if it is here and not before.

    Args:
        derivative: the gradient of the node.
        former: the gradient of the operand, before that of this edge is added.
    """
    slope = place.partial
    assert slope is not None  # the caller has asked
    product = derivative * slope
    if slope == 0.0 and math.isfinite(derivative):
        if derivative != 0.0:
            lost.append(place._replace(reason="zero partial"))
    elif product == 0.0 and derivative != 0.0:
        lost.append(place._replace(reason="underflow"))
    elif math.isnan(slope) or math.isinf(slope):
        blown.append(place._replace(reason="nan partial" if math.isnan(slope) else "infinite partial"))
    elif math.isnan(former + product) and not math.isnan(former) and not math.isnan(derivative):
        blown.append(place._replace(reason="nan"))
    elif math.isinf(former + product) and math.isfinite(derivative) and math.isfinite(former):
        blown.append(place._replace(reason="overflow"))
    elif abs(slope) >= HUGE and derivative != 0.0:
        blown.append(place._replace(reason="huge partial"))


def product_of(partials: tuple[float, ...]) -> float:
    """The product from y back to x, as if numbers could not overflow on the way."""
    special, mantissa, exponent = 1.0, 1.0, 0
    for partial in reversed(partials):
        if partial == 0.0 or not math.isfinite(partial):
            special *= partial
        else:
            factor, shift = math.frexp(partial)  # first, because a product with a subnormal number loses digits
            mantissa, carry = math.frexp(mantissa * factor)
            exponent += shift + carry
    if special == 0.0 or not math.isfinite(special):
        return special * math.copysign(1.0, mantissa)
    try:
        return special * math.ldexp(mantissa, exponent)
    except OverflowError:
        return math.copysign(math.inf, mantissa)
