"""Which part of a graph is drawn: all of it, what is near a node, the paths between two, or what adds to gradients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from autograd.engine import Value, topological_order
from autograd.pictures.arguments import is_whole
from autograd.pictures.composed.calls import Composed, calls
from autograd.pictures.graphs.places import Floats, Integers, flows_of, numbered, operand_places

Use = tuple[Value, int]
"""A node, and the place of one of its operands."""


@dataclass
class Part:
    """A part of a graph.

    Attributes:
        roots: the results.
        order: all nodes of the graph, operands before results.
        drawn: those of the part.
        minor: uses that are left out.
        focus, min_share: what was asked for; more: how to see more.
    """

    roots: list[Value]
    order: list[Value]
    drawn: list[Value]
    minor: set[Use] = field(default_factory=set)
    focus: Value | None = None
    min_share: float = 0.0
    more: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether all nodes are drawn."""
        return self.drawn is self.order

    @cached_property
    def operands(self) -> tuple[Integers, Integers]:
        """What operand_places() gives for the nodes that are drawn."""
        return self.all_operands if self.is_whole else operand_places(self.drawn)

    @cached_property
    def all_operands(self) -> tuple[Integers, Integers]:
        """What operand_places() gives for all nodes of the graph."""
        return operand_places(self.order)

    @cached_property
    def scopes(self) -> tuple[list[tuple[str, ...]], Integers]:
        """The scopes of the graph, and for each node the number of its own; a call of a composed function has one."""
        paths, numbers = numbered(self.order, attrgetter("_scope"))
        if "exp_difference" in self.operations[0]:
            found = [*calls(self.order, self.all_operands)]
            names = Counter((paths[numbers[members[-1]]], name) for name, members in found)
            counts: Counter[tuple[tuple[str, ...], str]] = Counter()
            for name, members in found:
                scope = paths[numbers[members[-1]]]
                counts[scope, name] += 1
                number = f".{counts[scope, name]}" if names[scope, name] > 1 else ""
                numbers[members] = len(paths)
                paths.append((*scope, Composed(name + number)))
        return paths, numbers

    @cached_property
    def drawn_scopes(self) -> tuple[list[tuple[str, ...]], Integers]:
        """The same for the nodes that are drawn."""
        if self.is_whole:
            return self.scopes
        paths, numbers = self.scopes
        kept, found = np.unique(numbers[self._drawn_places], return_inverse=True)
        return [paths[i] for i in kept.tolist()], found.astype(np.int32)

    @cached_property
    def _drawn_places(self) -> list[int]:
        """The positions of the nodes that are drawn among all nodes of the graph."""
        places = {id(node): i for i, node in enumerate(self.order)}
        return [places[id(node)] for node in self.drawn]

    @cached_property
    def uses(self) -> NDArray[np.int64]:
        """How often each node that is drawn is used in the graph."""
        places = self.all_operands[1]
        found = np.bincount(places[places >= 0], minlength=len(self.order))
        return found if self.is_whole else found[self._drawn_places]

    @cached_property
    def all_flows(self) -> Floats:
        """What flows_of() gives for all nodes of the graph."""
        return flows_of(self.order)

    @cached_property
    def flows(self) -> Floats:
        """The same for the nodes that are drawn."""
        return self.all_flows if self.is_whole else flows_of(self.drawn)

    @cached_property
    def root_places(self) -> list[int]:
        """The positions of the roots among all nodes of the graph."""
        return _places_of(self.roots, self.order)

    @cached_property
    def drawn_root_places(self) -> list[int]:
        """The positions of the roots among the nodes that are drawn."""
        return self.root_places if self.is_whole else _places_of(self.roots, self.drawn)

    @cached_property
    def operations(self) -> tuple[list[str | None], Integers]:
        """The names of the operations of the graph, None for leaves, and for each node the number of its own."""
        return numbered(self.order, attrgetter("op"))


def _places_of(nodes: Iterable[Value], order: Sequence[Value]) -> list[int]:
    identities = set(map(id, nodes))  # faster than hashing a million Values
    if order and identities == {id(order[-1])}:
        return [len(order) - 1]
    return [i for i, x in enumerate(map(id, order)) if x in identities]


RADIUS = 2
"""That of draw(), if it is left out."""


def part_of(
    roots: Value | Iterable[Value],
    focus: Value | None = None,
    radius: int = RADIUS,
    between: tuple[Value, Value] | None = None,
    min_share: float = 0.0,
) -> Part:
    """The part that draw() is asked for; see there for the arguments and the errors."""
    shown = _checked(roots)
    if focus is not None and not isinstance(focus, Value):
        raise TypeError(f"focus is a Value of the graph, got {type(focus).__name__}; leave it out for all")
    pair = () if between is None else between
    if between is not None and (
        not isinstance(pair, (tuple, list)) or len(pair) != 2 or not all(isinstance(x, Value) for x in pair)
    ):
        raise TypeError("between is a pair of Values, the first and the last of the paths; write between=(x, y)")
    order = topological_order(*shown)
    if not is_whole(radius, 0):
        raise ValueError(f"radius is a number of edges, 0 or more, got {radius!r}; 1 draws the neighbours")
    if radius != RADIUS and focus is None:
        raise TypeError(f"radius={radius} needs a focus; write focus=x, radius={radius} for a Value x")
    if not isinstance(min_share, (int, float)) or isinstance(min_share, bool) or not 0.0 <= min_share <= 1.0:
        raise ValueError(
            f"min_share is a share from 0 to 1, got {min_share!r}; 0.1 leaves out what adds less than 10 %"
        )
    part = Part(shown, order, order, focus=focus, min_share=min_share)
    known = set(order) if focus is not None or between is not None else set()
    for name, x in (("focus", focus), ("between", between and between[0]), ("between", between and between[1])):
        if x is not None and x not in known:
            raise ValueError(f"{name} has a Value that the roots do not depend on; draw what was computed from it")
    if focus is None and between is None and min_share == 0.0:
        return part  # no set of a million nodes
    kept = set(order)
    if focus is not None:
        kept &= near(order, focus, radius)
        part.more = f"radius={radius + 1} draws more"
    if between is not None:
        paths = within(order, *between)
        if not paths:
            raise ValueError(
                "between has no path from its first Value to its second one; write between=(x, y) for y of x"
            )
        kept &= paths
    if min_share > 0.0:
        important, part.minor = contributing(order, shown, min_share)
        kept &= important
    if len(kept) < len(order):
        part.drawn = [node for node in order if node in kept]
    return part


def _checked(roots: Value | Iterable[Value]) -> list[Value]:
    if isinstance(roots, Value):
        return [roots]
    if not isinstance(roots, Iterable) or getattr(roots, "ndim", 1) == 0:
        kind = type(roots).__name__
        raise TypeError(f"a picture starts from a Value or several, got {kind}; pass the result of a computation")
    checked = list(roots)
    if not checked:
        raise ValueError("a picture starts from at least one Value, got none; pass the result to be drawn")
    for root in checked:
        if not isinstance(root, Value):
            raise TypeError(f"a picture starts from Values, got {type(root).__name__} among them; pass Values only")
    return checked


def near(order: Sequence[Value], focus: Value, radius: int) -> set[Value]:
    """The nodes at most so many edges away from one, along or against the edges.

    Args:
        order: all nodes, operands before results.
    """
    neighbours: dict[Value, list[Value]] = {node: [] for node in order}
    for node in order:
        for x in node.inputs:
            neighbours[node].append(x)
            neighbours[x].append(node)
    found, edge = {focus}, [focus]
    for _ in range(radius):
        edge = [x for x in dict.fromkeys(x for node in edge for x in neighbours[node]) if x not in found]
        found.update(edge)
    return found


def within(order: Sequence[Value], x: Value, y: Value) -> set[Value]:
    """The nodes of all paths from x to y."""
    reached, needed = {x}, {y}
    for node in order:
        if not reached.isdisjoint(node.inputs):
            reached.add(node)
    for node in reversed(order):
        if node in needed:
            needed.update(node.inputs)
    return reached & needed


def contributing(order: Sequence[Value], roots: Sequence[Value], least: float) -> tuple[set[Value], set[Use]]:
    """The nodes that the roots reach by the uses that matter, and the other uses.

    What a use adds to the gradient of its operand is the gradient of its node times the partial derivative. It matters
    if it is at least this share of all that the uses of the operand add, in magnitude.
    """
    gradients: dict[Value, float] = dict.fromkeys(roots, 1.0)
    totals: dict[Value, float] = {}
    flows: dict[Use, float] = {}
    for node in reversed(order):
        gradient = gradients.get(node, 0.0)
        for i, (x, slope) in enumerate(zip(node.operands, node._slopes)):
            if isinstance(x, Value):
                flow = 0.0 if slope is None or gradient == 0.0 else gradient * slope
                gradients[x] = gradients.get(x, 0.0) + flow
                totals[x] = totals.get(x, 0.0) + abs(flow)
                flows[node, i] = abs(flow)
    kept, minor = set(roots), set()
    for node in reversed(order):
        if node not in kept:
            continue
        for i, x in enumerate(node.operands):
            if isinstance(x, Value):
                if flows[node, i] > 0.0 and not flows[node, i] < least * totals[x]:
                    kept.add(x)
                else:
                    minor.add((node, i))
    return kept, minor
