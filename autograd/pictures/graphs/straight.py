"""Edges that are nearly straight become straight, and others smooth: a small kink looks like a mistake."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from autograd.pictures.graphs.scene import Card, Scene

if TYPE_CHECKING:
    from autograd.pictures.graphs.layout import Layout, Point

_CROOKED = 8.0  # points: an edge that goes so far to the side, or less, is made straight
_CORNER = 9.0  # points at the end of a side, where a corner may be round


def straightened(scene: Scene, layout: Layout, *, is_across: bool) -> list[list[Point]]:
    """The curves of the edges.

    Args:
        is_across: whether the computation goes from left to right, or back.
    """
    ends = {card.key: (card, centre) for card, centre in zip(scene.cards, layout.centres)}
    found = []
    for arrow, curve in zip(scene.arrows, layout.curves):
        sides = [point[1 if is_across else 0] for point in curve]
        if arrow.tail == arrow.head or len(curve) < 5 or max(sides) - min(sides) > _CROOKED:
            found.append(smooth(curve))
            continue
        least, most = _overlap(ends[arrow.tail], ends[arrow.head], 1 if is_across else 0)
        if least < most:
            side = min(max((sides[0] + sides[-1]) / 2, least), most)
            curve = [(x, side) if is_across else (side, y) for x, y in curve]
        (x, y), (u, v), tip = curve[0], curve[-2], curve[-1]
        found.append([(x, y), ((2 * x + u) / 3, (2 * y + v) / 3), ((x + 2 * u) / 3, (y + 2 * v) / 3), (u, v), tip])
    return found


def smooth(curve: list[Point]) -> list[Point]:
    """The curve with one direction at each point where two Bezier curves meet, unless it is a corner."""
    points = list(curve)
    for i in range(3, len(points) - 4, 3):
        at = points[i]
        if _is_smooth(points[i - 1], at, points[i + 1]):
            continue
        (x, y, length), (u, v, other) = (_leaving(at, [points[i + k * step] for k in (1, 2, 3)]) for step in (-1, 1))
        x, y = u - x, v - y
        size = math.hypot(x, y)
        if size > _CORNERED:
            points[i - 1] = at[0] - x / size * length, at[1] - y / size * length
            points[i + 1] = at[0] + x / size * other, at[1] + y / size * other
    return points


def _is_smooth(before: Point, at: Point, after: Point) -> bool:
    """Whether the three points, which are apart, are on a line: then the curve has one direction already."""
    (x, y), (u, v) = (at[0] - before[0], at[1] - before[1]), (after[0] - at[0], after[1] - at[1])
    return min(math.hypot(x, y), math.hypot(u, v)) > 1.0 and x * u + y * v > 0.999 * math.hypot(x, y) * math.hypot(u, v)


def _leaving(at: Point, others: list[Point]) -> tuple[float, float, float]:
    """The direction in which a Bezier curve leaves its end, and how far its first point is from there.

    A first point very near the end only rounds a corner. Then the second point gives the direction.
    """
    (x, y), (u, v), end = ((point[0] - at[0], point[1] - at[1]) for point in others)
    least = _TURNING * math.hypot(*end)
    if math.hypot(x, y) < least:
        x, y = u, v
    length = math.hypot(x, y)
    return (x / length, y / length, max(length, least)) if length else (0.0, 0.0, 0.0)


_TURNING = 0.2  # of the length of a curve
_CORNERED = 2.0 * math.cos(math.radians(35.0))  # a turn of more than 70 degrees is a corner


def _overlap(a: tuple[Card, Point], b: tuple[Card, Point], side: int) -> tuple[float, float]:
    """From where to where a straight edge meets the sides of both cards, but for their corners."""
    spans = []
    for card, centre in (a, b):
        half = (card.height if side else card.width) / 2 - _CORNER
        spans.append((centre[side] - half, centre[side] + half))
    return max(least for least, _ in spans), min(most for _, most in spans)
