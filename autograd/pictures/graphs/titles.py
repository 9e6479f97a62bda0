"""Where the titles of frames stand: at the left, or further to the right if an edge or its label is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from autograd.pictures.graphs.labels import Path, name_of
from autograd.pictures.graphs.scene import Scene
from autograd.pictures.notation.text import Run

if TYPE_CHECKING:
    from autograd.pictures.graphs.layout import Layout, Point

SIZE = 11.0
_SIDE, _BASE = 9.0, 16.0  # points from the corner of a frame to the beginning of the title, and to its base
_STEP = 6.0  # points between two places that are tried
_NEAR = 5.0  # points between a title and an edge


def title_places(scene: Scene, layout: Layout) -> dict[Path, Point]:
    """Where the title of each frame begins, and its base. It is at the left if there is no free place."""
    points = [point for curve in layout.curves for point in along(curve)]
    for arrow, at in zip(scene.arrows, layout.labels):
        if at is not None:
            wide = max(sum(run.width for run in line) for line in arrow.labels) / 2
            points += [(at[0] + wide * side / 4, at[1] + low) for side in range(-4, 5) for low in (-12.0, 0.0, 12.0)]
    found = {}
    for path, (left, top, right, _) in layout.frames.items():
        width, base = Run(name_of(path), size=SIZE).width, top + _BASE
        taken = [x for x, y in points if base - SIZE - _NEAR < y < base + 2.0 + _NEAR]
        places = [left + _SIDE + _STEP * i for i in range(int(max(right - left - width - 2 * _SIDE, 0.0) / _STEP) + 1)]
        free = [x for x in places if not any(x - _NEAR < other < x + width + _NEAR for other in taken)]
        found[path] = (free or places)[0], base
    return found


def along(curve: Sequence[Point]) -> Iterator[Point]:
    """Points on Bezier curves, at most some points apart; the last one is the tip of an arrow."""
    yield curve[-1]
    for i in range(0, len(curve) - 4, 3):
        (a, b), (c, d), (e, f), (g, h) = curve[i : i + 4]
        count = int(abs(c - a) + abs(d - b) + abs(e - c) + abs(f - d) + abs(g - e) + abs(h - f)) // 4 + 2
        for t in (k / count for k in range(count + 1)):
            s = 1.0 - t
            p, q, r, w = s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t
            yield p * a + q * c + r * e + w * g, p * b + q * d + r * f + w * h
