"""A scene as SVG: cards, arrows and frames at their places, with a title for each, for pointers and screen readers."""

from __future__ import annotations

from collections.abc import Iterator

from autograd.pictures.canvas.paper import Paper, safe
from autograd.pictures.canvas.themes import DARK
from autograd.pictures.graphs.beside import LABEL_LINE
from autograd.pictures.graphs.labels import name_of
from autograd.pictures.graphs.layout import Layout, Point, label_width
from autograd.pictures.graphs.scene import PADDING, Arrow, Card, Scene
from autograd.pictures.graphs.titles import SIZE, title_places
from autograd.pictures.notation.text import Run

_ROUND = {"input": 7.0, "parameter": 0.0, "operation": 11.0, "result": 7.0, "box": 4.0, "number": 0.0, "stub": 7.0}
"""The radius of the corners of each kind of card: kinds differ without colour, too."""


def svg(scene: Scene, layout: Layout, theme: str, *, fits: bool = False) -> str:
    """The picture as a document of SVG; for `fits` see Paper."""
    return _Drawing(scene, layout, Paper(theme, fits=fits)).document()


class _Drawing:
    def __init__(self, scene: Scene, layout: Layout, paper: Paper) -> None:
        self._scene, self._layout, self._paper = scene, layout, paper

    def document(self) -> str:
        scene, layout = self._scene, self._layout
        titles = title_places(scene, layout)
        lines = [self._frame(name_of(path), layout.frames[path], titles[path]) for path in scene.frames]
        ends = {card.key: (card, centre) for card, centre in zip(scene.cards, layout.centres)}
        for arrow, curve in zip(scene.arrows, layout.curves):
            lines.append(self._arrow(arrow, _touching(curve, *ends[arrow.head])))
        lines += [self._card(*placed) for placed in zip(scene.cards, layout.centres)]
        lines += [self._label(arrow, at) for arrow, at in zip(scene.arrows, layout.labels) if at is not None]
        width, height = layout.width, layout.height
        for note in scene.notes:
            runs = _wrapped(note, max(layout.width, _NARROWEST))
            texts = [self._paper.text([run], 0.0, height + 16.0 * i) for i, run in enumerate(runs, 1)]
            lines.append(f'<g class="vg-note">{"".join(texts)}</g>')
            width, height = max(width, *[run.width for run in runs]), height + 16.0 * len(runs)
        size = (width, height)
        return self._paper.document(size, scene.title, _described(scene), lines, _dark_rules())

    def _frame(self, name: str, place: tuple[float, float, float, float], title: Point) -> str:
        left, top, right, bottom = place
        rectangle = f'x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{bottom - top:.1f}" rx="8"'
        line = f'<rect class="vg-frame" {rectangle} fill="none" stroke="{self._paper.colours["frame"]}"/>'
        return line + self._paper.text([Run(name, "muted", size=SIZE)], *title)

    def _card(self, card: Card, centre: Point) -> str:
        left, top = centre[0] - card.width / 2, centre[1] - card.height / 2
        fill, stroke = self._paper.colours[card.kind], self._paper.colours[f"{card.kind} line"]
        size = f'width="{card.width:.1f}" height="{card.height:.1f}" rx="{_ROUND[card.kind]:g}"'
        width = 3.0 if card.is_marked else 2.2 if card.kind == "result" else 1.2
        look = f'fill="{fill}" stroke="{stroke}" stroke-width="{width}"'
        lines = [f'<g class="vg-{card.kind}"><title>{safe(card.tip)}</title>']
        if card.kind == "box":  # a pile
            lines.append(f'<rect x="{left + 3:.1f}" y="{top + 3:.1f}" {size} {look}/>')
        lines.append(f'<rect x="{left:.1f}" y="{top:.1f}" {size} {look}/>')
        lines += self._cells(card, left, top)
        base = top + 4.0
        for line in card.lines:
            y = base + line.height / 2 + 4.2
            if line.middle is not None:
                lines.append(self._paper.text([line.middle], centre[0], y, "middle"))
            if line.left is not None:
                lines.append(self._paper.text([line.left], left + PADDING, y))
            if line.right is not None:
                runs = [line.right] if line.word is None else [line.word, line.right]
                lines.append(self._paper.text(runs, left + card.width - PADDING, y, "end"))
            base += line.height
        return "".join([*lines, "</g>"])

    def _cells(self, card: Card, left: float, top: float) -> Iterator[str]:
        """Texts side by side, and the lines between them."""
        stroke, bottom = self._paper.colours[f"{card.kind} line"], top + card.height
        for i, run in enumerate(card.cells):
            if i:
                place = f"M{_at((left, top))}L{_at((left, bottom))}"
                yield f'<path class="vg-cell" d="{place}" stroke="{stroke}" stroke-width="1.2"/>'
            wide = run.width + 2.0 * PADDING
            yield self._paper.text([run], left + wide / 2.0, (top + bottom) / 2.0 + 4.2, "middle")
            left += wide

    def _arrow(self, arrow: Arrow, curve: list[Point]) -> str:
        *points, end = curve
        path = f"M{_at(points[0])}C" + " ".join(map(_at, points[1:]))
        dashes = "" if arrow.flows else ' stroke-dasharray="4 3"'
        look = f'fill="none" stroke="{self._paper.colours["edge"]}" stroke-width="1.2"{dashes}'
        title = f"<title>{safe(arrow.tip)}</title>" if arrow.tip else ""
        head = f'<path class="vg-head" d="{_head(points[-1], end)}" fill="{self._paper.colours["edge"]}"/>'
        return f'<g class="vg-edge">{title}<path d="{path}" {look}/>{head}</g>'

    def _label(self, arrow: Arrow, at: Point) -> str:
        top = at[1] - LABEL_LINE * len(arrow.labels) / 2
        lines = []
        for i, line in enumerate(arrow.labels):
            left = at[0] - label_width(line) / 2
            lines.append(self._paper.text(list(line), left, top + LABEL_LINE * i + 10.5, halo=True))
        return "".join(lines)


_NARROWEST = 280.0  # points: less room for the lines below a picture is hard to read


def _wrapped(note: str, room: float) -> list[Run]:
    """A line below the picture, as lines that are not wider than this if their words are not."""
    lines: list[Run] = []
    for word in note.split(" "):
        longer = Run(f"{lines[-1].text} {word}" if lines else word, "muted", size=10.5)
        if lines and longer.width <= room:
            lines[-1] = longer
        else:
            lines.append(Run(word, "muted", size=10.5))
    return lines


def _touching(curve: list[Point], card: Card, centre: Point) -> list[Point]:
    """The curve of an arrow, longer if its tip is beside a round corner of the card, so that it touches that."""
    radius, (before, tip) = _ROUND[card.kind], curve[-2:]
    length = ((tip[0] - before[0]) ** 2 + (tip[1] - before[1]) ** 2) ** 0.5
    if length == 0.0:
        return curve
    step = (tip[0] - before[0]) / length, (tip[1] - before[1]) / length
    wide, high = card.width / 2 - radius, card.height / 2 - radius
    for _ in range(int(2 * radius)):
        x, y = abs(tip[0] - centre[0]) - wide, abs(tip[1] - centre[1]) - high
        if min(x, y) <= 0.0 or x * x + y * y <= radius * radius:
            break
        tip = tip[0] + step[0] / 2, tip[1] + step[1] / 2
    moved = tip[0] - curve[-1][0], tip[1] - curve[-1][1]
    return [*curve[:-2], (before[0] + moved[0], before[1] + moved[1]), tip]


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
        for kind in ("number", "input", "parameter", "operation", "result", "box")
        if kind in kinds
    ]
    return f"A graph with {', '.join(parts)} and {len(scene.arrows)} edges."


def _dark_rules() -> list[str]:
    """The colours of the dark theme, as rules that replace those of the light one."""
    rules = [f".vg-{kind} > rect {{ fill: {DARK[kind]}; stroke: {DARK[kind + ' line']} }}" for kind in _ROUND]
    rules += [f".vg-edge > path {{ stroke: {DARK['edge']} }}", f".vg-edge > .vg-head {{ fill: {DARK['edge']} }}"]
    rules.append(f".vg-cell {{ stroke: {DARK['number line']} }}")
    return [*rules, f".vg-frame {{ stroke: {DARK['frame']} }}"]
