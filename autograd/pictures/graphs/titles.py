"""Where the titles of frames stand: at the left, or further to the right if an edge or its label is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.pictures.graphs.labels import Path, name_of
from autograd.pictures.graphs.scene import Scene
from autograd.pictures.notation.text import Run

if TYPE_CHECKING:
    from autograd.pictures.graphs.layout import Layout, Point

SIZE = 11.0
_SIDE, _BASE = 9.0, 16.0  # points from the corner of a frame to the beginning of the title, and to its base
_STEP = 6.0  # points between two places that are tried
_NEAR = 5.0  # points between a title and an edge

_TIMES = np.linspace(0.0, 1.0, 33)[:, None]
_WEIGHTS = np.hstack(
    [(1 - _TIMES) ** 3, 3 * (1 - _TIMES) ** 2 * _TIMES, 3 * (1 - _TIMES) * _TIMES**2, _TIMES**3]
)  # of the four points of a Bezier curve, at so many of its points: between them, it is nearly straight


def title_places(scene: Scene, layout: Layout) -> dict[Path, Point]:
    """Where the title of each frame begins, and its base. It is at the left if there is no free place."""
    lines = _lines(layout) if layout.frames else np.zeros((0, 2, 2))
    labels = []
    for arrow, at in zip(scene.arrows, layout.labels):
        if at is not None:
            wide, high = max(sum(run.width for run in line) for line in arrow.labels) / 2, 7.0 * len(arrow.labels)
            labels.append((at[0] - wide, at[1] - high, at[0] + wide, at[1] + high))
    found = {}
    for path, (left, top, right, _) in layout.frames.items():
        width, base = Run(name_of(path), size=SIZE).width, top + _BASE
        above, below = base - SIZE - _NEAR, base + 2.0 + _NEAR
        taken = [(x, u) for x, y, u, v in labels if y < below and v > above] + _crossing(lines, above, below)
        begins = np.array([x for x, _ in taken])
        ends = np.array([u for _, u in taken])
        count = int(max(right - left - width - 2 * _SIDE, 0.0) / _STEP) + 1
        places = [left + _SIDE + _STEP * i for i in range(count)]
        free = (x for x in places if not np.any((begins < x + width + _NEAR) & (ends > x - _NEAR)))
        found[path] = next(free, places[0]), base
    return found


def _lines(layout: Layout) -> Any:
    """The edges as short lines: an array of their ends."""
    curves = [curve[i : i + 4] for curve in layout.curves for i in range(0, len(curve) - 4, 3)]
    points = np.einsum("tk,nkc->ntc", _WEIGHTS, np.array(curves).reshape(-1, 4, 2))
    tips = np.array([curve[-2:] for curve in layout.curves if len(curve) > 1]).reshape(-1, 2, 2)
    return np.concatenate([np.stack([points[:, :-1], points[:, 1:]], axis=2).reshape(-1, 2, 2), tips])


def _crossing(lines: Any, above: float, below: float) -> list[tuple[float, float]]:
    """From where to where lines are between two heights."""
    low, high = lines[:, :, 1].min(axis=1), lines[:, :, 1].max(axis=1)
    (x, y), (u, v) = lines[(low < below) & (high > above)].transpose(1, 2, 0)
    with np.errstate(all="ignore"):
        times = np.where(v == y, [[0.0], [1.0]], (np.array([[above], [below]]) - y) / (v - y)).clip(0.0, 1.0)
    ends = np.sort(x + times * (u - x), axis=0)
    return [*zip(*ends.tolist())]
