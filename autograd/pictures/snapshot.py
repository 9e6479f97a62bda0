"""A snapshot of a computation graph: which nodes and boxes its picture has. It does not change when the graph does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Union

from autograd.engine import Value, topological_order
from autograd.operations.operation import Operation

Path = tuple[str, ...]
Operand = Union[str, float]  # the key of a node or a box; a constant


@dataclass(frozen=True)
class Node:
    """A Value: its numbers, and how it was made.

    Attributes:
        kind: "input" and "parameter" for leaves, "result" for roots that were computed, "operation" for others.
        operation: what made it, None for a leaf.
        operands: what it was made of.
        slopes: the partial derivative by each operand, None where no gradient flows.
    """

    key: str
    kind: str
    scope: Path
    label: str
    data: float
    grad: float
    operation: Operation | None
    operands: tuple[Operand, ...]
    slopes: tuple[float | None, ...]


@dataclass
class Box:
    """A scope drawn as one node.

    Attributes:
        count: how many Values it hides.
        uses: how often it uses what is outside, by key.
    """

    key: str
    scope: Path
    count: int = 0
    uses: Counter[str] = field(default_factory=Counter)


@dataclass
class Snapshot:
    """Everything a picture shows.

    Attributes:
        nodes, boxes: in the order of the computation; boxes by their scopes.
        has_gradients: whether there was a backward(): then nodes show their gradients.
        depth: how many levels of scopes are drawn open; None for all.
        is_cut: whether the depth was chosen to keep the picture small.
    """

    nodes: list[Node] = field(default_factory=list)
    boxes: dict[Path, Box] = field(default_factory=dict)
    has_gradients: bool = False
    depth: int | None = None
    is_cut: bool = False

    def __len__(self) -> int:
        return len(self.nodes) + len(self.boxes)


def snapshot(
    roots: Value | Iterable[Value],
    *,
    depth: int | None = None,
    max_nodes: int = 1000,
    parameters: Iterable[Value] = (),
) -> Snapshot:
    """What the roots depend on. Each scope deeper than depth becomes one box; roots are never in a box.

    Args:
        roots: one Value, or several.
        depth: how many levels of scopes are drawn open, from 0; None for as many as fit.
        max_nodes: the largest number of nodes: Values and boxes.
        parameters: leaves that are parameters; those of modules within another module are known.

    Raises:
        TypeError: a root is not a Value.
        ValueError: there is no root, depth is negative, or there are more than max_nodes nodes. For too many nodes, the
            message has their number and the largest depth that fits.
    """
    shown = _checked(roots)
    order = topological_order(*shown)
    if depth is not None and (not isinstance(depth, int) or depth < 0):
        raise ValueError(f"depth is the number of scope levels drawn open, 0 or more, got {depth!r}; use 0 for none")
    whole, moved = set(shown), set(parameters)
    chosen = _chosen(order, depth, max_nodes, whole)
    picture = Snapshot(depth=chosen, is_cut=chosen != depth)
    picture.has_gradients = any(node._grad != 0.0 for node in order)
    keys: dict[Value, str] = {}
    for i, node in enumerate(order):
        path = _box_path(node, chosen, whole)
        operands = tuple([keys[x] if isinstance(x, Value) else x for x in node.operands])
        if path is None:
            keys[node] = f"value{i}"
            kind = _kind(node, is_root=node in whole, is_parameter=node in moved)
            picture.nodes.append(_node(node, keys[node], kind, node.scope[:chosen], operands))
        else:
            box = picture.boxes.setdefault(path, Box(f"box{len(picture.boxes)}", path))
            box.count += 1
            box.uses.update([x for x in operands if isinstance(x, str) and x != box.key])
            keys[node] = box.key
    return picture


def _kind(node: Value, *, is_root: bool, is_parameter: bool) -> str:
    if node.op is None:
        return "parameter" if is_parameter or node.scope else "input"  # a module puts its parameters into its scope
    return "result" if is_root else "operation"


def _node(node: Value, key: str, kind: str, scope: Path, operands: tuple[Operand, ...]) -> Node:
    label, made_by = str(node.label), node._operation
    return Node(key, kind, scope, label, node._number, node._grad, made_by, operands, node._slopes)


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


def _chosen(order: list[Value], depth: int | None, max_nodes: int, whole: set[Value]) -> int | None:
    """The depth to draw: that which is asked for, or the deepest one that fits."""
    count = _count(order, depth, whole)
    if count <= max_nodes:
        return depth
    deepest = max(len(node.scope) for node in order) if depth is None else depth
    counts = {level: _count(order, level, whole) for level in range(deepest)}
    fitting = [level for level, smaller in counts.items() if smaller <= max_nodes]
    if fitting and depth is None:
        return fitting[-1]
    if fitting:
        ends = dict.fromkeys([fitting[0], fitting[-1]])
        remedy = " and ".join(f"depth={level} draws {counts[level]}" for level in ends)
    else:
        remedy = (
            "no depth fits: record parts of the computation in `with scope(name):` blocks, or draw an earlier result"
        )
    raise ValueError(
        f"the graph has {count} nodes to draw, more than max_nodes={max_nodes}; {remedy}, or raise max_nodes"
    )


def _box_path(node: Value, depth: int | None, whole: set[Value]) -> Path | None:
    """The scope whose box hides the node; None if the node itself is drawn, as each root is."""
    if depth is None or len(node.scope) <= depth or node in whole:
        return None
    return node.scope[: depth + 1]


def _count(order: list[Value], depth: int | None, whole: set[Value]) -> int:
    """How many nodes and boxes a picture has."""
    if depth is None:
        return len(order)
    paths = [_box_path(node, depth, whole) for node in order]
    return paths.count(None) + len(set(paths) - {None})
