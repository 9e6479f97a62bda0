"""A snapshot of a computation graph: which nodes and boxes its picture has. It does not change when the graph does."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, Union

import numpy as np

from autograd.engine import Value
from autograd.operations.operation import Operation
from autograd.pictures.graphs.classes import MANY, alike
from autograd.pictures.graphs.selection import Part

Path = tuple[str, ...]
Operand = Union[str, float]  # the key of a node or a box, "" if that is not drawn; a constant
Collapse = Union[str, Iterable[str], Callable[[str], bool]]

READABLE, LARGEST = 150, 1000
"""How many nodes a picture has at most: if we choose what is open, and if the user does."""

_CROWDED = 60  # more nodes than this are searched for those that are alike
_COUNTLESS = 100_000  # nor are more than this


@dataclass(frozen=True)
class Node:
    """A Value, or several that are alike: its numbers, and how it was made.

    Attributes:
        kind: "input" and "parameter" for leaves, "result" for roots that were computed, "operation" for others.
        operation: what made it, None for a leaf, and for a root that was made in a box.
        operands: what it was made of.
        slopes: the partial derivative by each operand, None where no gradient flows.
        others: the number and the gradient of each that it stands for too.
        constants: among the operands of the others.
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
    others: tuple[tuple[float, float], ...] = ()
    constants: tuple[float, ...] = ()


@dataclass
class Box:
    """A scope drawn as one node, or several that are alike.

    Attributes:
        times: how many scopes it stands for.
        count: how many Values it hides.
        uses: how often it uses what is outside, by key.
        n_parameters: how many leaves are in it.
        squares: the sum of the squares of their gradients.
        inside, out: how many Values from outside it uses, and how many of its Values are used outside.
    """

    key: str
    scope: Path
    times: int = 1
    count: int = 0
    uses: Counter[str] = field(default_factory=Counter)
    n_parameters: int = 0
    squares: float = 0.0
    inside: int = 0
    out: int = 0


@dataclass
class Snapshot:
    """Everything a picture shows.

    Attributes:
        nodes, boxes: in the order of the computation.
        has_gradients: whether there was a backward(): then nodes show their gradients.
        depth: how many levels of scopes are drawn open; None for all.
        is_cut: whether the depth was chosen to keep the picture small.
        left_out, minor: how many nodes, and uses of nodes, are not drawn, because only a part was asked for.
    """

    nodes: list[Node] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    has_gradients: bool = False
    depth: int | None = None
    is_cut: bool = False
    left_out: int = 0
    minor: int = 0

    def __len__(self) -> int:
        return len(self.nodes) + len(self.boxes)


@dataclass(frozen=True)
class Choice:
    """What of a graph is drawn, and what is collapsed.

    Attributes:
        depth: how many levels of scopes are drawn open, from 0; None for as many as are readable.
        collapse: which scopes become boxes: their names, patterns, or a function of a name.
        merge: whether nodes, and boxes, that are alike are drawn as one; None for "if there are many".
        max_nodes: the largest number of nodes and boxes; None for the usual one.
        parameters: leaves that are parameters; those of modules within another module are known.
    """

    depth: int | None = None
    collapse: Collapse = ()
    merge: bool | None = None
    max_nodes: int | None = None
    parameters: frozenset[Value] = frozenset()

    @classmethod
    def of(cls, depth: int | None, collapse: Any, merge: bool | None, max_nodes: int | None, parameters: Any) -> Choice:
        """The choice that draw() is asked for.

        Raises:
            TypeError, ValueError: one of the arguments is wrong.
        """
        names = collapse if isinstance(collapse, str) or callable(collapse) else None
        if names is None and isinstance(collapse, Iterable):
            names = tuple(collapse)
        if names is None or (isinstance(names, tuple) and not all(isinstance(name, str) for name in names)):
            raise TypeError('collapse takes names of scopes, or a function of a name; write collapse="layers.*"')
        moved: list[Any] = (
            list(parameters) if isinstance(parameters, Iterable) and not isinstance(parameters, Value) else [None]
        )
        if not all(isinstance(x, Value) for x in moved):
            raise TypeError("parameters takes a list of Values; pass model.parameters(), or [w, b]")
        if max_nodes is not None and (not isinstance(max_nodes, int) or max_nodes < 1):
            raise ValueError(f"max_nodes is a whole number from 1 on, got {max_nodes!r}; leave it out for 1000")
        return cls(depth, names, merge, max_nodes, frozenset(moved))

    def collapsed(self, names: set[str]) -> set[str]:
        """Those of the names of scopes that `collapse` takes. What is a name is no pattern."""
        if callable(self.collapse):
            return set(filter(self.collapse, names))
        wanted = {self.collapse} if isinstance(self.collapse, str) else set(self.collapse)
        patterns = wanted - names
        return (wanted & names) | {name for name in names if any(fnmatchcase(name, text) for text in patterns)}


def snapshot(part: Part, choice: Choice) -> Snapshot:
    """What a picture of a part of a graph shows. Each collapsed scope becomes a box, from which a root in it comes out.

    Raises:
        ValueError: depth is negative, or there are more than choice.max_nodes nodes. Then the message has their number
            and the depths that fit.
    """
    depth = choice.depth
    if depth is not None and (not isinstance(depth, int) or depth < 0):
        raise ValueError(f"depth is the number of scope levels drawn open, 0 or more, got {depth!r}; use 0 for none")
    known: dict[int | None, _Parts] = {depth: _Parts(part, choice, depth)}
    if depth is None and len(known[None]) > (choice.max_nodes or READABLE):
        deepest = max([len(path) for path in {node._scope for node in part.drawn}], default=0)
        for level in range(deepest - 1, -1, -1):
            known[level] = _Parts(part, choice, level)
            if len(known[level]) <= (choice.max_nodes or READABLE):
                break
        depth = min(known, key=lambda level: len(known[level]))
    if len(known[depth]) > (choice.max_nodes or LARGEST):
        raise ValueError(_too_many(len(known[depth]), part, choice))
    made = known[depth].snapshot()
    made.depth, made.is_cut, made.left_out = depth, depth != choice.depth, len(part.order) - len(part.drawn)
    made.minor = len(part.minor)
    return made


def _too_many(count: int, part: Part, choice: Choice) -> str:
    most = choice.max_nodes or LARGEST
    counts = {depth: len(_Parts(part, choice, depth)) for depth in range(choice.depth or 0)}
    fitting = [depth for depth, smaller in counts.items() if smaller <= most]
    remedy = " and ".join(f"depth={depth} draws {counts[depth]}" for depth in dict.fromkeys(fitting[:1] + fitting[-1:]))
    if not remedy:
        remedy = "no depth fits: record parts of it in `with scope(name):` blocks, or draw a part by focus= or between="
    return f"the graph has {count} nodes to draw, more than max_nodes={most}; {remedy}, or raise max_nodes"


class _Parts:
    """The nodes of a graph, sorted into what is drawn as one.

    Attributes:
        boxes: for each collapsed scope the one that stands for it.
        units: for each node the number of what shows it: boxes come first.
    """

    def __init__(self, part: Part, choice: Choice, depth: int | None) -> None:
        self._nodes, self._minor, self._choice, self._depth = part.drawn, part.minor, choice, depth
        self._roots = set(part.roots).intersection(part.drawn) if part.drawn is not part.order else set(part.roots)
        identities = set(map(id, self._roots))  # faster than hashing a million Values
        self._root_places = [i for i, x in enumerate(map(id, part.drawn)) if x in identities]
        self._operands = part.operands()
        scopes = {node._scope for node in part.drawn}
        self._collapsed = choice.collapsed({name for path in scopes for name in path})
        paths = {path: self._box_of(path) for path in scopes}
        self.boxes = self._merged(sorted({path for path in paths.values() if path is not None}))
        self._shown = [*dict.fromkeys(self.boxes.values())]
        numbers = {path: i for i, path in enumerate(self._shown)}
        of_scope = {scope: -1 if path is None else numbers[self.boxes[path]] for scope, path in paths.items()}
        self.units = [of_scope[node._scope] for node in part.drawn]
        self._open = [i for i, unit in enumerate(self.units) if unit < 0]
        for i, number in self._alike().items():
            self.units[i] = len(self._shown) + number
        coming_out = sum(of_scope[root._scope] >= 0 for root in self._roots)
        self._count = len(set(self.units)) + coming_out

    def __len__(self) -> int:
        return self._count

    def _box_of(self, path: Path) -> Path | None:
        """The scope whose box hides what was recorded in a scope; None if that is drawn."""
        for level in range(1, len(path) + 1):
            if (self._depth is not None and level > self._depth) or path[level - 1] in self._collapsed:
                return path[:level]
        return None

    def _merged(self, paths: list[Path]) -> dict[Path, Path]:
        """For each box the one that shows it: boxes with the same name but for a number are drawn as one, if many."""
        families: dict[Path, list[Path]] = {}
        for path in paths:
            families.setdefault((*path[:-1], re.sub(r"\d+$", "*", path[-1])), []).append(path)
        shown: dict[Path, Path] = {}
        for family in families.values():
            as_one = self._choice.merge is not False and len(family) >= MANY
            shown.update({path: family[0] if as_one else path for path in family})
        return shown

    def _alike(self) -> dict[int, int]:
        """For each node that is not in a box the number of what shows it, by its position."""
        count = len(self._open)
        if self._choice.merge is False or count > _COUNTLESS or (self._choice.merge is None and count <= _CROWDED):
            return {place: i for i, place in enumerate(self._open)}
        known = [-1 - unit if unit >= 0 else 0 for unit in self.units]
        return alike(self._nodes, self._open, known, self._operands, self._kind)

    def _kind(self, node: Value) -> str:
        if node._operation is None:
            is_parameter = node in self._choice.parameters or node._scope  # a module puts its parameters into its scope
            return "parameter" if is_parameter else "input"
        return "result" if node in self._roots else "operation"

    def snapshot(self) -> Snapshot:
        """The nodes and boxes."""
        made = Snapshot(has_gradients=any(node._grad != 0.0 for node in self._nodes))
        made.boxes = self._described_boxes()
        members: dict[int, list[int]] = {}
        for i in self._open:
            members.setdefault(self.units[i], []).append(i)
        keys = {unit: f"value{places[0]}" for unit, places in members.items()}
        keys.update({unit: box.key for unit, box in enumerate(made.boxes)})
        for unit, places in members.items():
            made.nodes.append(self._node(keys[unit], places, keys))
        for i in self._root_places:
            if self.units[i] < len(made.boxes):
                made.nodes.append(_coming_out(self._nodes[i], f"value{i}", made.boxes[self.units[i]]))
        return made

    def _described_boxes(self) -> list[Box]:
        times = Counter(self.boxes.values())
        boxes = [Box(f"box{i}", path, times[path]) for i, path in enumerate(self._shown)]
        if not boxes:
            return []
        starts, places = self._operands
        units, arity = np.array(self.units), np.diff(starts)
        counts = np.bincount(units, minlength=len(boxes))
        for i in np.flatnonzero((arity == 0) & (units < len(boxes))).tolist():
            box, node = boxes[units[i]], self._nodes[i]
            box.n_parameters += node.op is None
            box.squares += node._grad * node._grad
        heads = np.repeat(units, arity)
        crosses = places >= 0
        crosses &= units[places] != heads
        tails, users = places[crosses], heads[crosses]
        into = users < len(boxes)
        most = len(self._nodes) + int(units.max()) + 1
        joined, uses = _counted(users[into] * most + units[tails[into]])
        names = {unit: f"value{self._open[k]}" for k, unit in reversed([*enumerate(units[self._open].tolist())])}
        for pair, count in zip(joined.tolist(), uses.tolist()):
            user, tail = divmod(pair, most)
            boxes[user].uses[boxes[tail].key if tail < len(boxes) else names[tail]] += count
        coming_in = _counted(users[into] * most + tails[into])[0] // most
        used = np.zeros(len(units), dtype=bool)
        used[tails] = used[self._root_places] = True
        coming_out = units[used]
        for unit, box in enumerate(boxes):
            box.count = int(counts[unit])
            box.inside, box.out = int(np.sum(coming_in == unit)), int(np.sum(coming_out == unit))
        return boxes

    def _node(self, key: str, places: list[int], keys: dict[int, str]) -> Node:
        """The node for all at these places."""
        i, *others = places
        node = self._nodes[i]
        kind = self._kind(node)
        starts, found = self._operands
        operands: list[Operand] = []
        for k, (x, place) in enumerate(zip(node.operands, found[starts[i] : starts[i + 1]].tolist())):
            is_drawn = place >= 0 and (node, k) not in self._minor
            operands.append(x if isinstance(x, float) else keys[self.units[place]] if is_drawn else "")
        numbers = tuple([(self._nodes[other]._number, self._nodes[other]._grad) for other in others])
        constants = [x for other in others for x in self._nodes[other].operands if isinstance(x, float)]
        made_by, label, slopes = node._operation, str(node.label), node._slopes
        shown = Node(key, kind, node._scope, label, node._number, node._grad, made_by, tuple(operands), slopes, numbers)
        return replace(shown, constants=tuple(constants))


def _counted(numbers: Any) -> tuple[Any, Any]:
    """The different numbers of an array, and how often each comes; np.unique() hashes them in five times the time."""
    numbers = np.sort(numbers)
    first = np.flatnonzero(np.diff(numbers, prepend=-1))
    return numbers[first], np.diff(first, append=len(numbers))


def _coming_out(root: Value, key: str, box: Box) -> Node:
    """A root that was made in a box: its numbers alone."""
    scope, label = box.scope[:-1], str(root.label)
    return Node(key, "result", scope, label, root._number, root._grad, None, (box.key,))
