"""Steps of a loop on one level: what follows a single edge moves up or down until that edge is straight."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

from autograd.pictures.graphs.scene import Scene

if TYPE_CHECKING:
    from autograd.pictures.graphs.layout import Layout, Point, Rectangle

_LEAST = 0.5  # points: what is lower by less than this is on the level


def levelled(scene: Scene, layout: Layout, units: dict[str, int], cuts: list[int]) -> Layout:
    """The layout with these edges straight, or as it was if then more would lie on something else.

    Args:
        units: the number of the unit of each card, from left to right.
        cuts: the units after which a single edge leads on.
    """
    parts = {key: bisect_left(cuts, unit) for key, unit in units.items()}
    heights = {card.key: y for card, (_, y) in zip(scene.cards, layout.centres)}
    moves = [0.0] * (len(cuts) + 1)
    for arrow in sorted(scene.arrows, key=lambda arrow: parts[arrow.head]):
        tail, head = parts[arrow.tail], parts[arrow.head]
        if tail < head:
            moves[head] = heights[arrow.tail] + moves[tail] - heights[arrow.head]
    if max(map(abs, moves)) < _LEAST:
        return layout
    early = _before_their_part(scene, layout, parts)
    shifts = {key: moves[part - 1 if key in early else part] for key, part in parts.items()}
    made = _shifted(scene, layout, shifts, parts)
    return layout if _overlaps(scene, made) > _overlaps(scene, layout) else made


def _before_their_part(scene: Scene, layout: Layout, parts: dict[str, int]) -> set[str]:
    """The leaves that stand to the left of the frames and results of their part, below or above the part before."""
    heads = {arrow.head for arrow in scene.arrows}
    begins: dict[int, float] = {}
    for card, (x, _) in zip(scene.cards, layout.centres):
        if card.key in heads or card.scope:
            left = layout.frames[card.scope[:1]][0] if card.scope else x - card.width / 2
            begins[parts[card.key]] = min(left, begins.get(parts[card.key], left))
    return {
        card.key
        for card, (x, _) in zip(scene.cards, layout.centres)
        if parts[card.key] and card.key not in heads and x + card.width / 2 < begins.get(parts[card.key], 0.0)
    }


def _shifted(scene: Scene, layout: Layout, shifts: dict[str, float], parts: dict[str, int]) -> Layout:
    """The layout with each card lower by its number; an edge follows its ends."""
    centres = [(x, y + shifts[card.key]) for card, (x, y) in zip(scene.cards, layout.centres)]
    heights = {card.key: y for card, (_, y) in zip(scene.cards, centres)}
    frames = {}
    for path, (left, top, right, bottom) in layout.frames.items():
        shift = next(shifts[card.key] for card in scene.cards if card.scope[: len(path)] == path)
        frames[path] = left, top + shift, right, bottom + shift
    curves: list[list[Point]] = []
    labels: list[Point | None] = []
    for arrow, curve, at in zip(scene.arrows, layout.curves, layout.labels):
        first, last = shifts[arrow.tail], shifts[arrow.head]
        labels.append(at and (at[0], at[1] + (first + last) / 2))
        if parts[arrow.tail] < parts[arrow.head]:
            (x, _), (u, _), (tip, _) = curve[0], curve[-2], curve[-1]
            places = (x, (2 * x + u) / 3, (x + 2 * u) / 3, u, tip)
            curves.append([(place, heights[arrow.tail]) for place in places])
        else:
            slope = (last - first) / ((curve[-1][0] - curve[0][0]) or 1.0)  # sheared, a curve stays smooth
            curves.append([(x, y + first + slope * (x - curve[0][0])) for x, y in curve])
    boxes = [*_boxes(scene, centres), *frames.values()]
    top, bottom = min(box[1] for box in boxes), max(box[3] for box in boxes)
    return replace(layout, height=bottom - top, centres=centres, curves=curves, labels=labels, frames=frames)


def _boxes(scene: Scene, centres: list[Point]) -> list[Rectangle]:
    return [
        (x - card.width / 2, y - card.height / 2, x + card.width / 2, y + card.height / 2)
        for card, (x, y) in zip(scene.cards, centres)
    ]


def _overlaps(scene: Scene, layout: Layout) -> int:
    """How many cards and outermost frames lie on another one, except for cards in their own frame."""
    outside = [box for card, box in zip(scene.cards, _boxes(scene, layout.centres)) if not card.scope]
    outside += [box for path, box in layout.frames.items() if len(path) == 1]
    outside.sort()
    return sum(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for a, b in combinations(outside, 2))
