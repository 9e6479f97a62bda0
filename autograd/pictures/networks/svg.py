"""The diagram of a network as SVG, and in Graphviz's language."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import graphviz

from autograd.pictures.canvas.paper import Paper, safe
from autograd.pictures.canvas.picture import plain
from autograd.pictures.canvas.themes import DARK, Colours
from autograd.pictures.networks.network import SAMPLE, Circle, Network, Point, Weight, legend
from autograd.pictures.notation.numbers import short
from autograd.pictures.notation.text import Run

_KINDS = {"input": "input", "neuron": "operation", "output": "result"}
"""The colours of the kinds of circles."""


def svg(shown: Network, theme: str, *, fits: bool = False) -> str:
    """The picture as a document of SVG; for `fits` see Paper."""
    return _Drawing(shown, Paper(theme, fits=fits)).document()


class _Drawing:
    def __init__(self, shown: Network, paper: Paper) -> None:
        self._shown, self._paper, self._radius = shown, paper, shown.radius
        self._is_dense = len(shown.weights) > 60

    def document(self) -> str:
        shown = self._shown
        lines = [f'<g transform="translate({shown.left:.1f} 0)">']
        lines += [self._weight(weight) for weight in shown.weights]
        for column in shown.circles:
            lines += [self._dots(circle) if circle.count else self._circle(circle) for circle in column]
        lines += [self._label(weight.text, weight.share, weight.label) for weight in shown.weights if weight.label]
        for x, caption in shown.captions:
            lines += [self._text(run, x, shown.bottom + 15.0 * i, "middle") for i, run in enumerate(caption)]
        lines += ["</g>", *self._legend()]
        return self._paper.document((shown.width, shown.height), shown.title, shown.description, lines, _RULES)

    def _weight(self, weight: Weight) -> str:
        sign, size = _sign(weight.share), _size(weight.share)
        faint = 0.14 if self._is_dense else 0.35
        look = f'stroke-width="{0.6 + 3.0 * size:.2f}" stroke-opacity="{faint + (0.95 - faint) * size:.2f}"'
        a, b = weight.tail, weight.head
        ends = f'x1="{a.x:.1f}" y1="{a.y:.1f}" x2="{b.x:.1f}" y2="{b.y:.1f}"'
        return (
            f'<line class="vg-weight vg-line-{sign}" {ends} stroke="{self._line(sign)}" {look}{_dashes(weight.share)}>'
            f"<title>{safe(weight.tip)}</title></line>"
        )

    def _label(self, run: Run, share: float, at: Point) -> str:
        """A weight, on its line."""
        wide, fill = run.width + 4.0, self._paper.colours["paper"]
        place = f'x="{at[0] - wide / 2.0:.1f}" y="{at[1] - 6.5:.1f}" width="{wide:.1f}" height="13" rx="3"'
        text = self._text(replace(run, role=_sign(share, "ink")), at[0], at[1] + 3.5, "middle")
        return f'<rect class="vg-disc" {place} fill="{fill}"/>{text}'

    def _circle(self, circle: Circle) -> str:
        colours, kind, r = self._paper.colours, _KINDS[circle.kind], self._radius
        place = f'cx="{circle.x:.1f}" cy="{circle.y:.1f}" r="{r:g}"'
        sign = _sign(circle.bias)
        stroke = self._line(sign) if circle.bias else colours[f"{kind} line"]
        ring = f"vg-line-{sign}" if circle.bias else f"vg-{circle.kind}-ring"
        wide = 1.2 + 3.0 * _size(circle.bias)
        parts = [f'<g class="vg-{circle.kind}"><title>{safe(circle.tip)}</title>']
        parts.append(f'<circle class="vg-disc" {place} fill="{colours["paper"]}"/>')
        if circle.number is None:
            parts.append(f'<circle class="vg-{circle.kind}-fill" {place} fill="{colours[kind]}"/>')
        else:
            sign = _sign(circle.share)
            tint = f'fill="{self._line(sign)}" fill-opacity="{0.06 + 0.34 * _size(circle.share):.2f}"'
            parts.append(f'<circle class="vg-tint-{sign}" {place} {tint}/>')
        look = f'stroke="{stroke}" stroke-width="{wide:.2f}"{_dashes(circle.bias)}'
        parts.append(f'<circle class="{ring}" {place} fill="none" {look}/>')
        return "".join([*parts, *self._inside(circle), *self._beside(circle), "</g>"])

    def _inside(self, circle: Circle) -> list[str]:
        """The number and the gradient in a circle; without them the graph of the activation, or the name."""
        runs = [] if circle.number is None else [self._fitting(circle.number, 11.0, bold=True)]
        if circle.gradient is not None:
            runs.append(self._fitting(circle.gradient, 9.5, f"{circle.gradient_name} "))
        if not runs and self._is_named(circle):
            runs = [Run(circle.name, size=13.0)]
        if not runs:
            return [self._curve(circle)] if circle.curve else []
        below = [[4.0], [-1.5, 11.5]][len(runs) - 1]
        return [self._text(run, circle.x, circle.y + y, "middle") for run, y in zip(runs, below)]

    def _beside(self, circle: Circle) -> list[str]:
        if not circle.name or (circle.kind == "input" and self._is_named(circle)):
            return []
        side = -1.0 if circle.kind == "input" else 1.0
        x = circle.x + side * (self._radius + 7.0)
        return [self._text(Run(circle.name), x, circle.y + 4.0, "end" if side < 0.0 else "start")]

    def _is_named(self, circle: Circle) -> bool:
        """Whether the name of an input stands in its circle."""
        return (
            circle.kind == "input" and circle.number is None and Run(circle.name, size=13.0).width < 1.7 * self._radius
        )

    def _fitting(self, x: float, size: float, before: str = "", *, bold: bool = False) -> Run:
        """A number as large as fits into a circle, with three digits or, if these were too small, with two."""
        room = 1.52 * self._radius  # so that the ring is not touched above and below the middle either
        runs = [Run(f"{before}{short(x, digits=digits)}", "ink", bold, size) for digits in (3, 2)]
        run = next((run for run in runs if run.width <= 1.15 * room), runs[-1])
        return run if run.width <= room else replace(run, size=int(10.0 * size * room / run.width) / 10.0)

    def _curve(self, circle: Circle) -> str:
        low, high = min(circle.curve), max(circle.curve)
        side, tall = 0.55 * self._radius, 0.45 * self._radius
        step = 2.0 * side / (len(circle.curve) - 1)
        points = [
            f"{circle.x - side + step * i:.1f},{circle.y + tall - 2.0 * tall * (y - low) / (high - low):.1f}"
            for i, y in enumerate(circle.curve)
        ]
        look = f'fill="none" stroke="{self._paper.colours["muted"]}" stroke-width="1.6" stroke-linejoin="round"'
        return f'<polyline class="vg-curve" points="{" ".join(points)}" {look}/>'

    def _dots(self, circle: Circle) -> str:
        """The sign that others are left out."""
        dots = "".join(
            f'<circle cx="{circle.x:.1f}" cy="{circle.y + y:.1f}" r="2.2" fill="{self._paper.colours["muted"]}"/>'
            for y in (-8.0, 0.0, 8.0)
        )
        return f'<g class="vg-more"><title>{safe(circle.tip)}</title>{dots}</g>'

    def _legend(self) -> list[str]:
        shown = self._shown
        y = shown.height - 15.0 * len(shown.notes) - 2.0
        x, lines = 0.0, []
        for sign, run in zip(("positive", "negative", ""), legend()):
            if sign:
                look = f'stroke="{self._line(sign)}" stroke-width="3"{_dashes(-1.0 if sign == "negative" else 1.0)}'
                ends = f'x1="{x:.1f}" y1="{y - 3.5:.1f}" x2="{x + SAMPLE:.1f}" y2="{y - 3.5:.1f}"'
                lines.append(f'<line class="vg-line-{sign}" {ends} {look}/>')
                x += SAMPLE + 6.0
            lines.append(self._text(run, x, y))
            x += run.width + 16.0
        for i, note in enumerate(shown.notes, 1):
            lines.append(self._text(Run(note, "muted", size=10.5), 0.0, y + 15.0 * i))
        return lines

    def _line(self, sign: str) -> str:
        return self._paper.colours["edge" if sign == "none" else sign]

    def _text(self, run: Run, x: float, y: float, anchor: str = "start") -> str:
        return self._paper.text([run], x, y, anchor)


def _sign(x: float, otherwise: str = "none") -> str:
    return "positive" if x > 0.0 else "negative" if x < 0.0 else otherwise


def _dashes(share: float) -> str:
    """Negative weights are dashed: so signs differ without colour, too."""
    if math.isnan(share):
        return ' stroke-dasharray="1.5 3"'
    return ' stroke-dasharray="7 2"' if share < 0.0 else ""


def _size(x: float) -> float:
    return 0.0 if math.isnan(x) else min(1.0, abs(x))


_RULES = [f".vg-line-{sign} {{ stroke: {DARK[sign]} }}" for sign in ("positive", "negative")]
_RULES += [f".vg-tint-{sign} {{ fill: {DARK[sign]} }}" for sign in ("positive", "negative")]
_RULES += [f".vg-{kind}-fill {{ fill: {DARK[colour]} }}" for kind, colour in _KINDS.items()]
_RULES += [f".vg-{kind}-ring {{ stroke: {DARK[f'{colour} line']} }}" for kind, colour in _KINDS.items()]
_RULES += [f".vg-line-none {{ stroke: {DARK['edge']} }}", f".vg-tint-none {{ fill: {DARK['edge']} }}"]
_RULES += [f".vg-curve {{ stroke: {DARK['muted']} }}", f".vg-more > circle {{ fill: {DARK['muted']} }}"]
_RULES += [f".vg-disc {{ fill: {DARK['paper']} }}"]


def write(picture: graphviz.Digraph, shown: Network, colours: Colours) -> None:
    """Write a network into an empty graph: a rank for each column, whose circles stay in order."""
    picture.attr("graph", rankdir="LR", splines="line", ranksep="1.6", nodesep="0.15", bgcolor=colours["paper"])
    picture.attr("graph", tooltip=plain(shown.title), fontname="Helvetica", fontcolor=colours["ink"], fontsize="11")
    picture.attr("node", fontname="Helvetica", fontsize="10", shape="circle", style="filled", fixedsize="true")
    picture.attr("node", width=f"{shown.radius / 36.0:.3f}", fontcolor=colours["ink"])
    picture.attr("edge", arrowhead="none", color=colours["edge"])
    for i, (circles, (_, caption)) in enumerate(zip(shown.circles, shown.captions)):
        column = graphviz.Digraph(graph_attr={"rank": "same"})
        for circle in circles:
            column.node(circle.key, **_node(circle, colours))
        label = plain("\n".join(run.text for run in caption))
        column.node(f"caption{i}", label, shape="plaintext", style="", fixedsize="false")
        keys = [circle.key for circle in circles] + [f"caption{i}"]
        for above, below in pairwise(keys):  # otherwise Graphviz chooses another order
            column.edge(above, below, style="invis")
        picture.subgraph(column)
    for weight in shown.weights:
        sign = _sign(weight.share)
        wide = f"{0.6 + 3.0 * _size(weight.share):.2f}"
        colour = colours["edge" if sign == "none" else sign]
        style = "dashed" if weight.share < 0.0 else "solid"
        tip = plain(weight.tip)
        picture.edge(weight.tail.key, weight.head.key, tooltip=tip, color=colour, penwidth=wide, style=style)


def _node(circle: Circle, colours: Colours) -> dict[str, str]:
    if circle.count:
        return {"label": "...", "tooltip": plain(circle.tip), "shape": "plaintext", "style": ""}
    lines = [circle.name] if circle.number is None else [short(circle.number, digits=3)]
    lines += [] if circle.gradient is None else [f"{circle.gradient_name} {short(circle.gradient, digits=3)}"]
    kind = _KINDS[circle.kind]
    look = {"fillcolor": colours[kind], "color": colours[f"{kind} line"]}
    return {"label": plain("\n".join(lines)), "tooltip": plain(circle.tip), **look}
