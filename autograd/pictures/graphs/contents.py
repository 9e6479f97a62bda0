"""What a snapshot has: the nodes and boxes of a picture, and what is known about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Union

from autograd.operations.operation import Operation
from autograd.pictures.graphs.facts import Box
from autograd.pictures.graphs.labels import Path

Operand = Union[str, float]  # the key of a node or a box, "" if that is not drawn; a constant


@dataclass
class Stream:
    """Edges that are drawn as one.

    Attributes:
        tail: the key of what is used.
        places: those of the operands.
        count: how many edges.
        pairs: how many pairs of nodes these connect: x * x has two edges from x.
        slopes: for each pair with a gradient, the sum of the partial derivatives of its edges.
        flow: what backward() sends along them in all.
    """

    tail: str
    places: set[int] = field(default_factory=set)
    count: int = 0
    pairs: int = 0
    slopes: list[float] = field(default_factory=list)
    flow: float = 0.0

    @property
    def is_uniform(self) -> bool:
        """Whether each pair has an edge at each of the places: then all have the same formula."""
        return self.count == self.pairs * len(self.places)


@dataclass(frozen=True)
class Node:
    """A Value, or several that are alike: its numbers, and how it was made.

    Attributes:
        kind: "input" and "parameter" for leaves, "result" for roots that were computed, "operation" for others.
        operation: what made it, None for a leaf, and for a root that was made in a box.
        operands: what it was made of.
        hidden: the name of each operand that no node shows, "" for others and without a label.
        slopes: the partial derivative by each operand, None where no gradient flows.
        others: the number and the gradient of each that it stands for too.
        constants: among the operands of the others.
        terms: how many numbers it adds, if it is a long sum; then `operands` are all of these, and `ends` has the
            positions of the sums that it stands for.
        was: what was known of its number before that was changed; "" if it was not.
        index: which of the Values with this label it is, from 1; 0 if it is the only one, and for several.
        streams: the edges into all that it stands for, if these are several nodes.
    """

    key: str
    kind: str
    scope: Path
    label: str
    data: float
    grad: float
    operation: Operation | None = None
    operands: tuple[Operand, ...] = ()
    slopes: tuple[float | None, ...] = ()
    hidden: tuple[str, ...] = ()
    others: tuple[tuple[float, float], ...] = ()
    constants: tuple[float, ...] = ()
    streams: tuple[Stream, ...] = ()
    index: int = 0
    terms: int = 0
    ends: tuple[int, ...] = ()
    was: str = ""

    @property
    def is_several(self) -> bool:
        """Whether it stands for several nodes of the graph."""
        return bool(self.others or self.terms)


@dataclass
class Snapshot:
    """Everything a picture shows.

    Attributes:
        nodes, boxes: in the order of the computation.
        has_gradients: whether there was a backward(): then nodes show their gradients.
        is_outdated: whether numbers were changed after the graph was recorded.
        depth: how many levels of scopes are drawn open; None for all. levels: how many there are.
        is_cut: whether the depth was chosen to keep the picture small; deeper: how many nodes one more level has.
        left_out, minor: how many nodes, and uses of nodes, are not drawn, because only a part was asked for.
        hidden: how many nodes are in boxes.
        focus: the key of the node that was asked for; min_share: the smallest share; more: how to see more.
        unequal: the keys of nodes whose gradient is not the sum of what leaves them, "" for each leaf in a box.
        names: the names of nodes without a label, by key.
        units, keys: for each Value that is drawn the number of what shows it, and the key of each number.
    """

    nodes: list[Node] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    has_gradients: bool = False
    is_outdated: bool = False
    depth: int | None = None
    levels: int = 0
    is_cut: bool = False
    deeper: int = 0
    left_out: int = 0
    minor: int = 0
    hidden: int = 0
    focus: str = ""
    min_share: float = 0.0
    more: str = ""
    unequal: list[str] = field(default_factory=list)
    units: list[int] = field(default_factory=list)
    keys: dict[int, str] = field(default_factory=dict)
    names: Callable[[str], str] = str

    def __len__(self) -> int:
        return len(self.nodes) + len(self.boxes)
