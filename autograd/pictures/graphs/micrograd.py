"""The look of micrograd's pictures: a record for each number, and a circle for the operation that made it."""

from __future__ import annotations

import graphviz

from autograd.pictures.graphs.snapshot import Node, Path, Snapshot


def write(picture: graphviz.Digraph, shown: Snapshot, direction: str) -> None:
    """Write a snapshot into an empty graph."""
    picture.attr("graph", rankdir=direction)
    frames: dict[Path, graphviz.Digraph] = {(): picture}
    for node in shown.nodes:
        frame = _frame(frames, node.scope)
        frame.node(node.key, _record(node), shape="record")
        if node.operation is not None:
            made_by = f"{node.key}{node.operation.name}"
            frame.node(made_by, _escaped(node.operation.symbol))
            picture.edge(made_by, node.key)
            for i, x in enumerate(node.operands):
                if x == "":
                    continue
                tail = x if isinstance(x, str) else f"{node.key}constant{i}"
                if not isinstance(x, str):
                    frame.node(tail, f"{{ data {x:.4f} | grad 0.0000 }}", shape="record")
                picture.edge(tail, made_by)
        else:
            for x in node.operands:
                picture.edge(str(x), node.key)
    for box in shown.boxes:
        label = f"{_escaped(box.scope[-1])}\\n{box.count} nodes"
        _frame(frames, box.scope[:-1]).node(box.key, graphviz.nohtml(label), shape="box3d")
        for tail in box.uses:
            picture.edge(tail, box.key)
    for path in sorted(frames, key=len, reverse=True):
        if path:
            frames[path[:-1]].subgraph(frames[path])


def _frame(frames: dict[Path, graphviz.Digraph], path: Path) -> graphviz.Digraph:
    """The subgraph of a scope. It is made at its first use, with those around it."""
    for level in range(1, len(path) + 1):
        if path[:level] not in frames:
            name = f"cluster{len(frames)}"
            frames[path[:level]] = graphviz.Digraph(name=name, graph_attr={"label": _escaped(path[level - 1])})
    return frames[path]


def _record(node: Node) -> str:
    """The label of a number: its label, data and gradient, side by side."""
    text = _escaped(node.label)
    for sign in "{}|<> ":
        text = text.replace(sign, "\\" + sign)
    return graphviz.nohtml(f"{{ {text} | data {node.data:.4f} | grad {node.grad:.4f} }}")  # type: ignore[no-any-return]


def _escaped(text: str) -> str:
    shown = "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
    shown = shown.replace("\\", "\\\\").replace("&", "&amp;").replace("\n", "\\n")
    return graphviz.nohtml(shown)  # type: ignore[no-any-return]
