"""A scene as SVG: cards, arrows and frames at their places, with a title for each, for pointers and screen readers."""

from __future__ import annotations

from html import escape
from math import ceil

from autograd.pictures.layout import LABEL_LINE, Layout, Point, label_width
from autograd.pictures.scene import PADDING, Arrow, Card, Scene, name_of
from autograd.pictures.text import FONTS, Run, printable
from autograd.pictures.themes import DARK, colours_of

_MARGIN = 12.0  # points around the picture
_SHIFTS = {"sub": 0.22, "sup": -0.36}  # of the size, downwards
_SMALLER = 0.72
_ROUND = {"input": 7.0, "parameter": 0.0, "operation": 11.0, "result": 7.0, "box": 4.0}
"""The radius of the corners of each kind of card: kinds differ without colour, too."""


# class names begin with vg-, because the rules of an SVG within a page hold for the whole page


def svg(scene: Scene, layout: Layout, theme: str) -> str:
    """The picture as a document of SVG."""
    return _Drawing(scene, layout, theme).document()


class _Drawing:
    def __init__(self, scene: Scene, layout: Layout, theme: str) -> None:
        self._scene, self._layout, self._theme = scene, layout, theme
        self._colours = colours_of(theme)

    def document(self) -> str:
        scene, layout = self._scene, self._layout
        notes = 16.0 * len(scene.notes)
        width, height = ceil(layout.width + 2 * _MARGIN), ceil(layout.height + 2 * _MARGIN + notes)
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}pt" height="{height}pt" '
            f'viewBox="0 0 {width} {height}" role="img" font-family="{escape(FONTS)}">',
            f"<title>{_safe(scene.title)}</title>",
            f"<desc>{_safe(_described(scene))}</desc>",
        ]
        if self._theme == "auto":
            lines.append(f"<style>@media (prefers-color-scheme: dark) {{ {_dark_rules()} }}</style>")
        if self._theme != "light":
            background = "none" if self._theme == "auto" else self._colours["paper"]
            lines.append(f'<rect class="vg-ground" width="{width}" height="{height}" fill="{background}"/>')
        lines.append(f'<g transform="translate({_MARGIN:g} {_MARGIN:g})">')
        lines += [self._frame(name_of(path), layout.frames[path]) for path in scene.frames]
        lines += [self._arrow(*placed) for placed in zip(scene.arrows, layout.curves)]
        lines += [self._card(*placed) for placed in zip(scene.cards, layout.centres)]
        lines += [self._label(arrow, at) for arrow, at in zip(scene.arrows, layout.labels) if at is not None]
        for i, note in enumerate(scene.notes, 1):
            lines.append(self._text([Run(note, "muted", size=10.5)], 0.0, layout.height + 16.0 * i))
        return "\n".join([*lines, "</g>", "</svg>", ""])

    def _frame(self, name: str, place: tuple[float, float, float, float]) -> str:
        left, top, right, bottom = place
        rectangle = f'x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{bottom - top:.1f}" rx="8"'
        line = f'<rect class="vg-frame" {rectangle} fill="none" stroke="{self._colours["frame"]}"/>'
        return line + self._text([Run(name, "muted", size=11.0)], left + 9.0, top + 16.0)

    def _card(self, card: Card, centre: Point) -> str:
        left, top = centre[0] - card.width / 2, centre[1] - card.height / 2
        fill, stroke = self._colours[card.kind], self._colours[f"{card.kind} line"]
        size = f'width="{card.width:.1f}" height="{card.height:.1f}" rx="{_ROUND[card.kind]:g}"'
        look = f'fill="{fill}" stroke="{stroke}" stroke-width="{2.2 if card.kind == "result" else 1.2}"'
        lines = [f'<g class="vg-{card.kind}"><title>{_safe(card.tip)}</title>']
        if card.kind == "box":  # a pile
            lines.append(f'<rect x="{left + 3:.1f}" y="{top + 3:.1f}" {size} {look}/>')
        lines.append(f'<rect x="{left:.1f}" y="{top:.1f}" {size} {look}/>')
        base = top + 4.0
        for line in card.lines:
            y = base + line.height / 2 + 4.2
            if line.middle is not None:
                lines.append(self._text([line.middle], centre[0], y, "middle"))
            if line.left is not None:
                lines.append(self._text([line.left], left + PADDING, y))
            if line.right is not None:
                lines.append(self._text([line.right], left + card.width - PADDING, y, "end"))
            base += line.height
        return "".join([*lines, "</g>"])

    def _arrow(self, arrow: Arrow, curve: list[Point]) -> str:
        *points, end = curve
        path = f"M{_at(points[0])}C" + " ".join(map(_at, points[1:]))
        dashes = "" if arrow.flows else ' stroke-dasharray="4 3"'
        look = f'fill="none" stroke="{self._colours["edge"]}" stroke-width="1.2"{dashes}'
        title = f"<title>{_safe(arrow.tip)}</title>" if arrow.tip else ""
        head = f'<path class="vg-head" d="{_head(points[-1], end)}" fill="{self._colours["edge"]}"/>'
        return f'<g class="vg-edge">{title}<path d="{path}" {look}/>{head}</g>'

    def _label(self, arrow: Arrow, at: Point) -> str:
        top = at[1] - LABEL_LINE * len(arrow.labels) / 2
        lines = []
        for i, line in enumerate(arrow.labels):
            left = at[0] - label_width(line) / 2
            lines.append(self._text(list(line), left, top + LABEL_LINE * i + 10.5, halo=True))
        return "".join(lines)

    def _text(self, runs: list[Run], x: float, y: float, anchor: str = "start", *, halo: bool = False) -> str:
        side = "" if anchor == "start" else f' text-anchor="{anchor}"'
        around = (
            f' class="vg-halo" paint-order="stroke" stroke="{self._colours["paper"]}" stroke-width="3" '
            'stroke-linejoin="round"'
            if halo
            else ""
        )
        spans = "".join(self._span(run) for run in runs)
        return f'<text x="{x:.1f}" y="{y:.1f}"{side}{around}>{spans}</text>'

    def _span(self, run: Run) -> str:
        weight = ' font-weight="bold"' if run.bold else ""
        look = f'class="vg-{run.role}" fill="{self._colours[run.role]}"{weight}'
        spans, raised = [], 0.0
        for text, shift in run.pieces():
            size = run.size * (_SMALLER if shift else 1.0)
            lowered = run.size * _SHIFTS.get(shift, 0.0)
            move = f' dy="{lowered - raised:.2f}"' if lowered != raised else ""
            spans.append(f'<tspan {look} font-size="{size:g}"{move} xml:space="preserve">{_safe(text)}</tspan>')
            raised = lowered
        if raised:
            spans.append(f'<tspan dy="{-raised:.2f}">\u200b</tspan>')
        return "".join(spans)


def _head(before: Point, tip: Point) -> str:
    """The triangle of an arrow."""
    x, y = tip[0] - before[0], tip[1] - before[1]
    length = (x * x + y * y) ** 0.5 or 1.0
    x, y = 2.6 * x / length, 2.6 * y / length
    return f"M{_at(tip)}L{_at((before[0] - y, before[1] + x))} {_at((before[0] + y, before[1] - x))}Z"


def _at(point: Point) -> str:
    return f"{point[0]:.1f},{point[1]:.1f}"


def _described(scene: Scene) -> str:
    """What the picture shows, in a sentence."""
    kinds = [card.kind for card in scene.cards]
    parts = [
        f"{kinds.count(kind)} {kind}{'' if kinds.count(kind) == 1 else 'es' if kind == 'box' else 's'}"
        for kind in ("input", "parameter", "operation", "result", "box")
        if kind in kinds
    ]
    return f"A graph with {', '.join(parts)} and {len(scene.arrows)} edges."


def _dark_rules() -> str:
    """The colours of the dark theme, as rules that replace those of the light one."""
    rules = [f".vg-{kind} > rect {{ fill: {DARK[kind]}; stroke: {DARK[kind + ' line']} }}" for kind in _ROUND]
    rules += [f".vg-{role} {{ fill: {DARK[role]} }}" for role in ("ink", "muted", "positive", "negative")]
    rules += [f".vg-edge > path {{ stroke: {DARK['edge']} }}", f".vg-edge > .vg-head {{ fill: {DARK['edge']} }}"]
    rules += [f".vg-frame {{ stroke: {DARK['frame']} }}", f".vg-halo {{ stroke: {DARK['paper']} }}"]
    return " ".join([*rules, f".vg-ground {{ fill: {DARK['paper']} }}"])


def _safe(text: str) -> str:
    """The text for SVG; a sign that XML forbids is replaced."""
    return escape(printable(text))
