"""A scene in Graphviz's language."""

from __future__ import annotations

from html import escape

import graphviz

from autograd.pictures.canvas.picture import plain
from autograd.pictures.canvas.themes import Colours
from autograd.pictures.graphs.labels import Path, name_of
from autograd.pictures.graphs.scene import Arrow, Card, Line, Scene
from autograd.pictures.notation.text import Run

LARGE = 200
"""More nodes than this are placed with fewer tries and joined by straight lines: else 700 nodes take minutes."""

DENSE = 3
"""With more edges than this for a node, they are straight and longer: else they lie on each other."""

VERY_LARGE = 600
"""More nodes than this are placed with still fewer tries: else 1,300 nodes in a long chain take ten seconds."""

_QUICK = {"nslimit": "1", "nslimit1": "1", "splines": "line"}
_QUICKER = {"nslimit": "0.05", "nslimit1": "0.05", "splines": "line"}


def spacing(scene: Scene, direction: str) -> dict[str, str]:
    """The attributes that decide where Graphviz puts things."""
    count = len(scene.cards)
    quick = _QUICKER if count > VERY_LARGE else _QUICK if count > LARGE else {}
    if len(scene.arrows) > DENSE * count:
        quick = {**quick, "splines": "line", "ranksep": "1.4"}
    return {"rankdir": direction, "nodesep": "0.22", "ranksep": "0.5", "pad": "0.2"} | quick


def write(picture: graphviz.Digraph, scene: Scene, direction: str, colours: Colours) -> None:
    """Write a scene into an empty graph."""
    picture.attr("graph", bgcolor=colours["paper"], fontname="Helvetica", **spacing(scene, direction))
    picture.attr("graph", tooltip=plain(scene.title), fontcolor=colours["muted"], fontsize="10")
    picture.attr("node", fontname="Helvetica", fontsize="12", shape="plain")
    picture.attr("edge", fontname="Helvetica", fontsize="10.5", arrowsize="0.6", color=colours["edge"], penwidth="1.2")
    if scene.notes:
        picture.attr("graph", label=plain("\n".join(scene.notes)), labelloc="b")
    frames: dict[Path, graphviz.Digraph] = {(): picture}
    for i, path in enumerate(scene.frames):
        look = {"label": plain(name_of(path)), "style": "rounded", "color": colours["frame"], "labeljust": "l"}
        frames[path] = graphviz.Digraph(name=f"cluster{i}", graph_attr=look)
    for card in scene.cards:
        frames[card.scope].node(card.key, _table(card, colours), tooltip=plain(card.tip))
    for path in sorted(scene.frames, key=len, reverse=True):
        frames[path[:-1]].subgraph(frames[path])
    for arrow in scene.arrows:
        picture.edge(arrow.tail, arrow.head, **_edge(arrow, colours))


def _edge(arrow: Arrow, colours: Colours) -> dict[str, str]:
    attributes = {"tooltip": plain(arrow.tip)} if arrow.tip else {}
    if arrow.labels:
        lines = "<br/>".join("".join(_run(run, colours) for run in line) for line in arrow.labels)
        attributes["label"] = f"<{lines}>"
    return attributes if arrow.flows else {**attributes, "style": "dashed"}


def _table(card: Card, colours: Colours) -> str:
    """The label of a card: a table in Graphviz's HTML."""
    rounded = "" if card.kind == "parameter" else ' style="rounded"'
    border = 2 if card.kind in ("result", "box") else 1
    fill, stroke = colours[card.kind], colours[f"{card.kind} line"]
    rows = "".join(_row(line, colours) for line in card.lines)
    return (
        f'<<table border="{border}" cellborder="0" cellspacing="0" cellpadding="4"{rounded} '
        f'bgcolor="{fill}" color="{stroke}">{rows}</table>>'
    )


def _row(line: Line, colours: Colours) -> str:
    if line.middle is not None:
        return f'<tr><td colspan="2">{_run(line.middle, colours)}</td></tr>'
    cells = [([line.left], "left"), ([line.word, line.right], "right")]
    shown = [("".join(_run(run, colours) for run in runs if run), side) for runs, side in cells]
    texts = [f'<td align="{side}">{text}</td>' for text, side in shown if text]
    return f"<tr>{''.join(texts)}</tr>"


def _run(run: Run, colours: Colours) -> str:
    text = "".join(_piece(text, shift) for text, shift in run.pieces()) or "&#160;"  # <b></b> is an error
    text = f"<b>{text}</b>" if run.bold else text
    return f'<font point-size="{run.size:g}" color="{colours[run.role]}">{text}</font>'


def _piece(text: str, shift: str) -> str:
    shown = escape(text).replace(" ", "&#160;")
    return f"<{shift}>{shown}</{shift}>" if shift else shown
