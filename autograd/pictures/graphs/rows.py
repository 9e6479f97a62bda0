"""Long computations in rows, as text is: a picture that is much wider than high is cut where a single edge leads on."""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from autograd.pictures.graphs.labels import Path
from autograd.pictures.graphs.level import levelled
from autograd.pictures.graphs.scene import Scene

if TYPE_CHECKING:
    from autograd.pictures.graphs.layout import Layout

Point = tuple[float, float]

_LEAST = 1400.0  # points: a narrower picture can be read
_PAGE = 1.8  # the width of a page, in units of its height
_GAIN = 0.7  # rows are worth it if they need less than this of the width
_BETWEEN, _SIDE = 36.0, 26.0  # points between rows, and for the edges at their sides
_MOST = 12  # rows


def in_rows(scene: Scene, layout: Layout) -> Layout:
    """The layout, in rows if it is wide, and if there are places to cut it."""
    if layout.width < _LEAST or layout.width < 2.0 * layout.height:
        return layout
    units, places, cuts = _units(scene, layout)
    flat = levelled(scene, layout, units, cuts)
    found = []
    for count in range(2, _MOST + 1):
        wanted = [layout.width * i / count for i in range(1, count)]
        chosen = sorted({min(cuts, key=lambda cut: abs(places[cut] - x)) for x in wanted}) if cuts else []
        numbers = {key: bisect(chosen, unit - 1) for key, unit in units.items()}
        steps = {numbers[arrow.head] - numbers[arrow.tail] for arrow in scene.arrows}
        if chosen and steps <= {0, 1}:
            found.append((numbers, _rows(scene, flat, numbers)))
    if not found:
        return layout
    numbers, rows = min(found, key=lambda pair: _size(pair[1]))
    made = _moved(scene, flat, numbers, rows)
    return made if made.width < _GAIN * layout.width and made.height < made.width else layout


@dataclass
class _Row:
    """A part of the picture from left to right, with its place before the cut."""

    left: float
    top: float
    right: float
    bottom: float


def _size(rows: list[_Row]) -> float:
    """How large the rows are on a page that is wider than high."""
    width = max(row.right - row.left for row in rows) + 2 * _SIDE
    return max(width, _PAGE * sum(row.bottom - row.top + _BETWEEN for row in rows))


def _units(scene: Scene, layout: Layout) -> tuple[dict[str, int], list[float], list[int]]:
    """What is not cut: frames, and cards with the leaves that only they use.

    Returns:
        The number of the unit of each card, from left to right; where each unit is; and the units after which a single
        edge leads on.
    """
    heads: dict[str, list[str]] = {card.key: [] for card in scene.cards}
    used = {arrow.head for arrow in scene.arrows}
    for arrow in scene.arrows:
        heads[arrow.tail].append(arrow.head)
    centres = {card.key: x for card, (x, _) in zip(scene.cards, layout.centres)}
    names: dict[str, Path | str] = {card.key: card.scope[:1] or card.key for card in scene.cards}
    for key in centres:
        if key not in used and len(heads[key]) == 1:
            names[key] = names[heads[key][0]]
    ats: dict[Path | str, float] = {name: centres[name] for name in names.values() if isinstance(name, str)}
    ats |= {path: (box[0] + box[2]) / 2 for path, box in layout.frames.items() if len(path) == 1}
    order = sorted(set(names.values()), key=lambda name: ats[name])
    number = {name: i for i, name in enumerate(order)}
    units = {key: number[name] for key, name in names.items()}
    crossing = [0] * (len(order) + 1)
    for arrow in scene.arrows:
        first, last = sorted((units[arrow.tail], units[arrow.head]))
        crossing[first] += 1
        crossing[last] -= 1
    return units, [ats[name] for name in order], [i for i, count in enumerate(accumulate(crossing)) if count == 1]


def _rows(scene: Scene, layout: Layout, numbers: dict[str, int]) -> list[_Row]:
    """The rows, with their places before the cut."""
    boxes: list[list[tuple[float, float, float, float]]] = [[] for _ in range(max(numbers.values()) + 1)]
    for card, (x, y) in zip(scene.cards, layout.centres):
        wide, high = card.width / 2, card.height / 2
        boxes[numbers[card.key]].append((x - wide, y - high, x + wide, y + high))
    for path, frame in layout.frames.items():
        boxes[_row_of(path, scene, numbers)].append(frame)
    for arrow, curve, at in zip(scene.arrows, layout.curves, layout.labels):
        if numbers[arrow.tail] == numbers[arrow.head]:
            boxes[numbers[arrow.tail]] += [(x, y, x, y) for x, y in curve]
        if at is not None:
            wide = max(sum(run.width for run in line) for line in arrow.labels) / 2
            place = at[0] - wide, at[1] - 16.0, at[0] + wide, at[1] + 16.0
            boxes[numbers[arrow.tail]].append(place)
    return [
        _Row(min(b[0] for b in row), min(b[1] for b in row), max(b[2] for b in row), max(b[3] for b in row))
        for row in boxes
    ]


def _row_of(path: Path, scene: Scene, numbers: dict[str, int]) -> int:
    return next(numbers[card.key] for card in scene.cards if card.scope[: len(path)] == path)


def _moved(scene: Scene, layout: Layout, numbers: dict[str, int], rows: list[_Row]) -> Layout:
    """The layout with each row below the one before."""
    tops = [*accumulate([row.bottom - row.top + _BETWEEN for row in rows], initial=0.0)]

    def moved(point: Point, number: int) -> Point:
        return point[0] - rows[number].left + _SIDE, point[1] - rows[number].top + tops[number]

    places = {card.key: moved(at, numbers[card.key]) for card, at in zip(scene.cards, layout.centres)}
    sizes = {card.key: (card.width / 2, card.height / 2) for card in scene.cards}
    curves, labels = [], []
    for arrow, curve, at in zip(scene.arrows, layout.curves, layout.labels):
        number = numbers[arrow.tail]
        labels.append(at and moved(at, number))  # beside the tail
        if numbers[arrow.head] == number:
            curves.append([moved(point, number) for point in curve])
            continue
        start, end = places[arrow.tail], places[arrow.head]
        middle = tops[number + 1] - _BETWEEN / 2
        far = rows[number].right - rows[number].left + _SIDE + 14.0
        corners = [(start[0] + sizes[arrow.tail][0], start[1]), (far, start[1]), (far, middle)]
        above = [at for key, at in places.items() if numbers[key] == number + 1 and at[1] < end[1]]
        if any(abs(x - end[0]) < 40.0 for x, _ in above):
            corners += [(8.0, middle), (8.0, end[1]), (end[0] - sizes[arrow.head][0], end[1])]
        else:
            corners += [(end[0], middle), (end[0], end[1] - sizes[arrow.head][1])]
        curves.append(_straight(corners))
    frames = {}
    for path, (left, top, right, bottom) in layout.frames.items():
        number = _row_of(path, scene, numbers)
        frames[path] = (*moved((left, top), number), *moved((right, bottom), number))
    width = max(row.right - row.left for row in rows) + 2 * _SIDE
    centres = [places[card.key] for card in scene.cards]
    return replace(
        layout, width=width, height=tops[-1] - _BETWEEN, centres=centres, curves=curves, labels=labels, frames=frames
    )


def _straight(corners: list[Point]) -> list[Point]:
    """Lines from corner to corner as Bezier curves, and the tip of the arrow at the last one."""
    (x, y), tip = corners[-2:]
    before = (tip[0] - 6.0, tip[1]) if y == tip[1] else (tip[0], tip[1] - 6.0)
    points = corners[:1]
    for (x, y), (u, v) in pairwise([*corners[:-1], before]):
        points += [((2 * x + u) / 3, (2 * y + v) / 3), ((x + 2 * u) / 3, (y + 2 * v) / 3), (u, v)]
    return [*points, tip]
