"""Labels stand beside the edges: one that lies on an edge covers it, and moves to the side if there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.pictures.graphs.scene import Scene

if TYPE_CHECKING:
    from autograd.pictures.graphs.layout import Layout, Point

LABEL_LINE = 14.0  # points
_STEPS = sorted(
    [(along, side) for along in range(-40, 41, 8) for side in range(-12, 13, 2)],
    key=lambda step: abs(step[0]) + abs(step[1]),
)
"""How far a label may move along the computation and across it: further away, it would seem to belong elsewhere."""

_FARTHEST = 41.0


def beside(scene: Scene, layout: Layout, *, is_across: bool) -> list[Point | None]:
    """The places of the labels.

    Args:
        is_across: whether the computation goes from left to right, or back.
    """
    labels = list(layout.labels)
    places = [i for i, at in enumerate(labels) if at is not None]
    if not places:
        return labels
    sizes = {i: _size(scene, i) for i in places}
    cards = [(*at, card.width / 2, card.height / 2) for card, at in zip(scene.cards, layout.centres)]
    points = np.concatenate([_points(curve) for curve in layout.curves])
    points = points[np.argsort(points[:, 0])]
    for i in places:
        at, size = labels[i], sizes[i]
        assert at is not None  # it is one of the places
        near = _near(points, at, size)
        if not _hits(near, at, size):
            continue
        others = [(*place, *sizes[j]) for j, place in enumerate(labels) if place is not None and j != i]
        taken = np.array([*cards, *others])
        for along, side in _STEPS:
            moved = (at[0] + along, at[1] + side) if is_across else (at[0] + side, at[1] + along)
            is_free = not np.any(np.all(np.abs(taken[:, :2] - moved) < taken[:, 2:] + size, axis=1))
            if is_free and not _hits(near, moved, size):
                labels[i] = moved
                break
    return labels


_TIMES = np.linspace(0.0, 1.0, 33)[:, None]


def _points(curve: list[Point]) -> Any:
    """Points of the Bezier curves of an edge, near each other."""
    found = [np.zeros((0, 2))]
    for i in range(0, len(curve) - 4, 3):
        a, b, c, d = np.array(curve[i : i + 4])
        s, t = 1.0 - _TIMES, _TIMES
        found.append(s**3 * a + 3.0 * s * s * t * b + 3.0 * s * t * t * c + t**3 * d)
    return np.concatenate(found)


def _size(scene: Scene, i: int) -> Point:
    """Half of the width and height of the label of an edge."""
    lines = scene.arrows[i].labels
    return max(sum(run.width for run in line) for line in lines) / 2 + 1.5, LABEL_LINE * len(lines) / 2 - 1.0


def _near(points: Any, at: Point, size: Point) -> Any:
    """The points, which are sorted from left to right, that a label may cover after the farthest move."""
    first, last = np.searchsorted(points[:, 0], [at[0] - size[0] - _FARTHEST, at[0] + size[0] + _FARTHEST])
    column = points[first:last]
    return column[np.abs(column[:, 1] - at[1]) < size[1] + _FARTHEST]


def _hits(points: Any, at: Point, size: Point) -> int:
    """How many of the points are in a label."""
    return int(np.sum(np.all(np.abs(points - at) < size, axis=1)))
