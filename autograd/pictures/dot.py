"""A snapshot of a graph as Graphviz draws it."""

from __future__ import annotations

import shutil
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, final

import graphviz
from graphviz.backend import dot_command

from autograd.pictures.snapshot import Edge, Snapshot


@final
class Picture(graphviz.Digraph):  # type: ignore[misc]  # graphviz ships no types
    """A Digraph whose error for a format that cannot be written says what to do."""

    def pipe(self, *args: Any, **kwargs: Any) -> Any:
        """The picture as bytes, or as text with an encoding; see graphviz.Digraph.pipe."""
        with _executable_and_errors():
            return super().pipe(*args, **kwargs)

    def render(self, *args: Any, **kwargs: Any) -> Any:
        """Write the picture to a file and give its path; see graphviz.Digraph.render."""
        with _executable_and_errors():
            return super().render(*args, **kwargs)


@contextmanager
def _executable_and_errors() -> Iterator[None]:
    """Run our choice of executable, here alone, and say what to do about a format it cannot write."""
    before = dot_command.DOT_BINARY
    dot_command.DOT_BINARY = Path(_executable())
    try:
        yield
    except graphviz.CalledProcessError as error:
        said = error.stderr if isinstance(error.stderr, str) else bytes(error.stderr or b"").decode(errors="replace")
        if "not recognized" not in said:
            raise
        more = ", or install Graphviz, whose dot writes pdf and more" if _PURE in str(error.cmd) else ""
        raise ValueError(f"this format cannot be written here; use svg or png{more}. {said.strip()}") from error
    finally:
        dot_command.DOT_BINARY = before


_PURE = "graphviz-pure"


def _executable() -> str:
    """The system's dot, otherwise graphviz-pure, also where the environment is not activated."""
    scripts = sysconfig.get_path("scripts")
    return shutil.which("dot") or shutil.which(_PURE, path=scripts) or shutil.which(_PURE) or "dot"


def render(shown: Snapshot, direction: str, partials: bool) -> Picture:
    picture = Picture(
        format="svg",
        graph_attr={"rankdir": direction, "fontname": "Helvetica"},
        node_attr={"fontname": "Helvetica", "fontsize": "11", "style": "filled", "fillcolor": "white"},
        edge_attr={"fontname": "Helvetica", "fontsize": "9", "arrowsize": "0.7"},
    )
    frames: dict[tuple[str, ...], graphviz.Digraph] = {(): picture}
    for value in shown.values:
        name = [_field(value.label)] if value.label else []
        label = " | ".join([*name, f"data {value.data:.6g}", f"grad {value.grad:.6g}"])
        colour = "#e8f1fb" if value.is_leaf else "white"
        label = f"{{ {label} }}" if direction in ("LR", "RL") else label
        _frame(frames, value.scope).node(value.key, graphviz.nohtml(label), shape="record", fillcolor=colour)
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


def _frame(frames: dict[tuple[str, ...], graphviz.Digraph], path: tuple[str, ...]) -> graphviz.Digraph:
    """The subgraph of a scope, made with those around it when first asked for."""
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
    """Any text as a label that shows it; what it is joined to becomes a plain str again."""
    shown = "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
    shown = shown.replace("\\", "\\\\").replace("&", "&amp;").replace("\n", "\\n")
    return graphviz.nohtml(shown)


def _field(text: str) -> str:
    """Any text as a field of a record, in which braces, bars and angle brackets have meaning too."""
    shown: str = _text(text)
    for sign in "{}|<> ":
        shown = shown.replace(sign, "\\" + sign)
    return shown
