"""The look of micrograd's pictures: a record for each number, and beside it the operation that made it."""

from __future__ import annotations

from collections.abc import Iterator

import graphviz

from autograd.pictures.canvas.picture import plain
from autograd.pictures.canvas.themes import Colours
from autograd.pictures.graphs.contents import Node, Snapshot
from autograd.pictures.graphs.labels import Path
from autograd.pictures.graphs.scene import Arrow, Card, Line, Scene, box_card, finish, notes
from autograd.pictures.graphs.wording import Names
from autograd.pictures.notation.text import Run, cut, printable


def scene(shown: Snapshot) -> Scene:
    """The scene of a snapshot."""
    made = Scene()
    for node in shown.nodes:
        cells = tuple([Run(cut(printable(text), 32), size=11.0) for text in _texts(node)])
        made.cards.append(Card(node.key, node.scope, "number", (), ", ".join(_texts(node)), cells))
        if node.operation is not None:
            sign = (Line(middle=Run(printable(node.operation.symbol))),)
            made.cards.append(Card(_made_by(node), node.scope, "operation", sign, node.operation.name))
        for key, number in _constants(node):
            cells = tuple([Run(text, size=11.0) for text in _numbers(number, 0.0)])
            made.cards.append(Card(key, node.scope, "number", (), f"constant {number!r}", cells))
        made.arrows += [Arrow(tail, head) for tail, head in _edges(node)]
    for box in shown.boxes:
        made.cards.append(box_card(box, shows_gradient=False))
        made.arrows += [Arrow(tail, box.key) for tail in [*box.uses, *([box.key] if box.link else [])]]
    finish(made, shown, Names(shown.nodes))
    made.notes = notes(shown)
    return made


def write(picture: graphviz.Digraph, shown: Snapshot, direction: str, colours: Colours) -> None:
    """Write a snapshot into an empty graph."""
    ink, paper = colours["ink"], colours["paper"]
    picture.attr("graph", rankdir=direction, bgcolor=paper, fontcolor=ink, color=colours["frame"])
    picture.attr("node", color=colours["number line"], fontcolor=ink)
    picture.attr("edge", color=colours["number line"])
    frames: dict[Path, graphviz.Digraph] = {(): picture}
    for node in shown.nodes:
        frame = _frame(frames, node.scope)
        frame.node(node.key, _record(_texts(node)), shape="record")
        if node.operation is not None:
            frame.node(_made_by(node), plain(node.operation.symbol))
        for key, number in _constants(node):
            frame.node(key, _record(_numbers(number, 0.0)), shape="record")
        for tail, head in _edges(node):
            picture.edge(tail, head)
    for box in shown.boxes:
        label = f"{box.scope[-1]}\n{box.count} nodes"
        _frame(frames, box.scope[:-1]).node(box.key, plain(label), shape="box3d")
        for tail in [*box.uses, *([box.key] if box.link else [])]:
            picture.edge(tail, box.key)
    for path in sorted(frames, key=len, reverse=True):
        if path:
            frames[path[:-1]].subgraph(frames[path])


def _made_by(node: Node) -> str:
    """The key of the operation that made a node."""
    return f"{node.key}made"


def _constants(node: Node) -> Iterator[tuple[str, float]]:
    """The key and the number of each constant that a node was made of."""
    for i, x in enumerate(node.operands):
        if not isinstance(x, str):
            yield f"{node.key}constant{i}", x


def _edges(node: Node) -> Iterator[tuple[str, str]]:
    """The tail and the head of each edge to a node, and to the operation that made it."""
    head = node.key if node.operation is None else _made_by(node)
    if node.operation is not None:
        yield head, node.key
    for x in [stream.tail for stream in node.streams] if node.is_several else node.operands:
        if isinstance(x, str) and x:
            yield x, head
    for key, _ in _constants(node):
        yield key, head


def _texts(node: Node) -> list[str]:
    """What stands in the record of a number: its label, its data and its gradient."""
    times = f"{len(node.others) + 1} × " if node.others else ""
    label = times + node.label
    return [*([label] if label else []), *_numbers(node.data, node.grad)]


def _numbers(data: float, grad: float) -> list[str]:
    shown = [f"{x:.4f}" for x in (data, grad)]
    shown = [text.lstrip("-") if float(text) == 0.0 else text for text in shown]
    return [f"data {shown[0]}", f"grad {shown[1]}"]


def _frame(frames: dict[Path, graphviz.Digraph], path: Path) -> graphviz.Digraph:
    """The subgraph of a scope. It is made at its first use, with those around it."""
    for level in range(1, len(path) + 1):
        if path[:level] not in frames:
            name = f"cluster{len(frames)}"
            frames[path[:level]] = graphviz.Digraph(name=name, graph_attr={"label": plain(path[level - 1])})
    return frames[path]


def _record(texts: list[str]) -> str:
    """The label of a number: texts side by side."""
    cells = [plain(text) for text in texts]
    for sign in "{}|<> ":
        cells = [text.replace(sign, "\\" + sign) for text in cells]
    return graphviz.nohtml(f"{{ {' | '.join(cells)} }}")  # type: ignore[no-any-return]
