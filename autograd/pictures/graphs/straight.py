"""Edges that are nearly straight become straight: a kink of some points looks like a mistake."""

from __future__ import annotations

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
            found.append(curve)
            continue
        least, most = _overlap(ends[arrow.tail], ends[arrow.head], 1 if is_across else 0)
        if least < most:
            side = min(max((sides[0] + sides[-1]) / 2, least), most)
            curve = [(x, side) if is_across else (side, y) for x, y in curve]
        (x, y), (u, v), tip = curve[0], curve[-2], curve[-1]
        found.append([(x, y), ((2 * x + u) / 3, (2 * y + v) / 3), ((x + 2 * u) / 3, (y + 2 * v) / 3), (u, v), tip])
    return found


def _overlap(a: tuple[Card, Point], b: tuple[Card, Point], side: int) -> tuple[float, float]:
    """From where to where a straight edge meets the sides of both cards, but for their corners."""
    spans = []
    for card, centre in (a, b):
        half = (card.height if side else card.width) / 2 - _CORNER
        spans.append((centre[side] - half, centre[side] + half))
    return max(least for least, _ in spans), min(most for _, most in spans)
