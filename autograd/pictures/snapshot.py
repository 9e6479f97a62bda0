"""A snapshot of a computation graph: which nodes, edges and boxes its picture has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from autograd.engine import Value, topological_order

Path = tuple[str, ...]


@dataclass(frozen=True)
class ValueNode:
    """A Value: its label and its numbers."""

    key: str
    scope: Path
    label: str
    data: float
    grad: float
    is_leaf: bool


@dataclass(frozen=True)
class OperationNode:
    """The operation that made a Value."""

    key: str
    scope: Path
    symbol: str


@dataclass(frozen=True)
class ConstantNode:
    """A number among the operands of one operation."""

    key: str
    scope: Path
    data: float


@dataclass
class Edge:
    """A use of a number; between boxes, `count` uses are drawn as one edge.

    `argument` is the name of the argument if the operation is drawn; `ordered` is whether the order of arguments
    matters. `partial` and `formula` are the partial derivative by it as number and text, None if no gradient flows.
    """

    tail: str
    head: str
    argument: str | None = None
    partial: float | None = None
    formula: str | None = None
    flows: bool = True
    ordered: bool = False
    count: int = 1


@dataclass
class Box:
    """A scope drawn as one node, how many Values it hides, and the edges into it by their tails."""

    key: str
    scope: Path
    count: int = 0
    uses: dict[str, Edge] = field(default_factory=dict)


@dataclass
class Snapshot:
    """Everything a picture shows; it does not change when the graph does."""

    values: list[ValueNode] = field(default_factory=list)
    operations: list[OperationNode] = field(default_factory=list)
    constants: list[ConstantNode] = field(default_factory=list)
    boxes: dict[Path, Box] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.values) + len(self.operations) + len(self.constants) + len(self.boxes)


def snapshot(roots: Value | Iterable[Value], *, depth: int | None = None, max_nodes: int = 1000) -> Snapshot:
    """What the roots depend on. Each scope deeper than depth becomes one box; roots are never in a box.

    Args:
        roots: one Value, or several.
        depth: how many levels of scopes are drawn open, from 0; None for all.
        max_nodes: the largest number of nodes: values, operations, constants and boxes.

    Raises:
        TypeError: a root is not a Value.
        ValueError: there is no root, depth is negative, or there are more than max_nodes nodes. For too many nodes, the
            message has their number and the largest depth that fits.
    """
    shown = _checked(roots)
    order = topological_order(*shown)
    if depth is not None and (not isinstance(depth, int) or depth < 0):
        raise ValueError(f"depth is the number of scope levels drawn open, 0 or more, got {depth!r}; use 0 for none")
    whole = set(shown)
    count = _count(order, depth, whole)
    if count > max_nodes:
        raise ValueError(_too_many(order, count, depth, max_nodes, whole))

    picture = Snapshot()
    keys: dict[Value, str] = {}
    for i, node in enumerate(order):
        path = _box_path(node, depth, whole)
        scope = node.scope[:depth]  # a root of a deeper scope is drawn beside its box
        keys[node] = (
            _add_node(picture, keys, node, i, scope) if path is None else _add_to_box(picture, keys, node, path)
        )
    return picture


def _add_node(picture: Snapshot, keys: dict[Value, str], node: Value, i: int, scope: Path) -> str:
    """Draw the i-th node, the operation that made it, and its operands; return the key of the node."""
    key, made_by = f"value{i}", f"operation{i}"
    picture.values.append(ValueNode(key, scope, node.label, node._number, node._grad, node.op is None))
    operation = node._operation
    if operation is not None:
        picture.operations.append(OperationNode(made_by, scope, operation.symbol))
        picture.edges.append(Edge(made_by, key))
        operands = node.operands
        for operand, (argument, formula), partial in zip(operands, operation.edges(len(operands)), node._slopes):
            if isinstance(operand, Value):
                tail = keys[operand]
            else:
                tail = f"constant{i}{argument}"
                picture.constants.append(ConstantNode(tail, scope, operand))
            ordered = len(operands) > 1 and not operation.symmetric
            flows = partial is not None
            edge = Edge(tail, made_by, argument, partial, formula if flows else None, flows, ordered)
            picture.edges.append(edge)
    return key


def _add_to_box(picture: Snapshot, keys: dict[Value, str], node: Value, path: Path) -> str:
    """Count the node in the box of its scope, and draw the edges into the box; return the key of the box."""
    box = picture.boxes.setdefault(path, Box(f"box{len(picture.boxes)}", path))
    box.count += 1
    for tail in (keys[operand] for operand in node.operands if isinstance(operand, Value)):
        if tail in box.uses:
            box.uses[tail].count += 1
        elif tail != box.key:
            box.uses[tail] = Edge(tail, box.key)
            picture.edges.append(box.uses[tail])
    return box.key


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


def _box_path(node: Value, depth: int | None, whole: set[Value]) -> Path | None:
    """The scope whose box hides the node; None if the node itself is drawn, as each root is."""
    if depth is None or len(node.scope) <= depth or node in whole:
        return None
    return node.scope[: depth + 1]


def _count(order: list[Value], depth: int | None, whole: set[Value]) -> int:
    boxes = set()
    count = 0
    for node in order:
        path = _box_path(node, depth, whole)
        if path is not None:
            boxes.add(path)
        else:
            constants = sum(not isinstance(operand, Value) for operand in node.operands)
            count += 1 + (node.op is not None) + constants
    return count + len(boxes)


def _too_many(order: list[Value], count: int, depth: int | None, max_nodes: int, whole: set[Value]) -> str:
    deepest = max(len(node.scope) for node in order) if depth is None else depth
    counts = {depth: _count(order, depth, whole) for depth in range(deepest)}
    fitting = [depth for depth, smaller in counts.items() if smaller <= max_nodes]
    if fitting:
        ends = dict.fromkeys([fitting[0], fitting[-1]])
        remedy = " and ".join(f"depth={depth} draws {counts[depth]}" for depth in ends)
    else:
        remedy = (
            "no depth fits: record parts of the computation in `with scope(name):` blocks, or draw an earlier result"
        )
    return f"the graph has {count} nodes to draw, more than max_nodes={max_nodes}; {remedy}, or raise max_nodes"
