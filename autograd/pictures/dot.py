"""A snapshot of a graph in Graphviz's language: shapes, colours, labels."""

from __future__ import annotations

from typing import Any

import graphviz

from autograd.pictures.picture import Picture
from autograd.pictures.snapshot import Edge, Snapshot, ValueNode

LARGE = 200
"""More nodes than this are placed with fewer tries and joined by straight lines: else 700 nodes take minutes."""

_QUICK = {"nslimit": "1", "nslimit1": "1", "splines": "line"}


def render(shown: Snapshot, direction: str, partials: bool) -> Picture:
    """The picture of a snapshot, with the partial derivatives on its edges if wanted."""
    picture = Picture(
        format="svg",
        graph_attr={"rankdir": direction, "fontname": "Helvetica", **(_QUICK if len(shown) > LARGE else {})},
        node_attr={"fontname": "Helvetica", "fontsize": "11", "style": "filled", "fillcolor": "white"},
        edge_attr={"fontname": "Helvetica", "fontsize": "9", "arrowsize": "0.7"},
    )
    frames: dict[tuple[str, ...], graphviz.Digraph] = {(): picture}
    for value in shown.values:
        colour = "#e8f1fb" if value.is_leaf else "white"
        label = graphviz.nohtml(_fields(value, direction))
        _frame(frames, value.scope).node(value.key, label, shape="record", fillcolor=colour)
    for operation in shown.operations:
        _frame(frames, operation.scope).node(operation.key, _text(operation.symbol), shape="circle", margin="0.02")
    for constant in shown.constants:
        _frame(frames, constant.scope).node(constant.key, f"{constant.data:.6g}", shape="plain", fillcolor="none")
    for box in shown.boxes.values():
        nodes = "1 node" if box.count == 1 else f"{box.count} nodes"
        text = _text(box.scope[-1]) + "\\n" + nodes
        _frame(frames, box.scope[:-1]).node(box.key, graphviz.nohtml(text), shape="box3d", fillcolor="#f3f3f3")
    for path in sorted(frames, key=len, reverse=True):
        if path:
            frames[path[:-1]].subgraph(frames[path])
    for edge in shown.edges:
        picture.edge(edge.tail, edge.head, **_edge_attributes(edge, partials))
    return picture


def _fields(value: ValueNode, direction: str) -> str:
    """The label of a Value: a record of its label, number and gradient, one below the other."""
    name = [_field(value.label)] if value.label else []
    fields = " | ".join([*name, f"data {value.data:.6g}", f"grad {value.grad:.6g}"])
    return f"{{ {fields} }}" if direction in ("LR", "RL") else fields


def _frame(frames: dict[tuple[str, ...], graphviz.Digraph], path: tuple[str, ...]) -> graphviz.Digraph:
    """The subgraph of a scope. It is made at its first use, with those around it."""
    for level in range(1, len(path) + 1):
        if path[:level] not in frames:
            frames[path[:level]] = graphviz.Digraph(
                name=f"cluster{len(frames)}",
                graph_attr={"label": _text(path[level - 1]), "style": "rounded", "color": "#9aa7b5"},
            )
    return frames[path]


def _edge_attributes(edge: Edge, partials: bool) -> dict[str, str]:
    if edge.count > 1:
        return {"label": f"{edge.count} uses"}
    attributes = {} if edge.flows else {"style": "dashed", "color": "#777777"}
    if partials and edge.formula is not None:
        formula = f"d/d{edge.argument} = {_text(edge.formula)}"
        attributes["label"] = graphviz.nohtml(f"{formula}\\n= {edge.partial:.6g}")
    elif edge.ordered and edge.argument is not None:
        attributes["label"] = edge.argument
    return attributes


def _text(text: str) -> Any:
    """The text as a label, with special signs escaped. Joined to other text it is a plain str again."""
    shown = "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
    shown = shown.replace("\\", "\\\\").replace("&", "&amp;").replace("\n", "\\n")
    return graphviz.nohtml(shown)


def _field(text: str) -> str:
    """The text as a field of a record, with braces, bars and angle brackets escaped too."""
    shown: str = _text(text)
    for sign in "{}|<> ":
        shown = shown.replace(sign, "\\" + sign)
    return shown
