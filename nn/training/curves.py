"""The losses of a training as a picture, which a notebook shows while it runs."""

from __future__ import annotations

import html
import math
import time
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, final

if TYPE_CHECKING:
    from nn.training.history import History

PAUSE = 0.5
"""How many seconds there are between two pictures, at least: a shorter training needs none."""

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 560, 170, 64, 552, 12, 148


@final
class Curves:
    """The losses so far, in the output of a cell. They are drawn twice a second at most, and once more in the end.

    Args:
        wanted: whether a notebook shows them.
    """

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted
        self._drawn = time.monotonic()
        self._output: Any = None
        self._history: History | None = None

    def advance(self, history: History) -> None:
        """An epoch has ended."""
        if self._wanted and time.monotonic() - self._drawn >= PAUSE:
            self._history = history
            self._draw(history)

    def close(self) -> None:
        """The training has ended."""
        if self._history is not None:
            self._draw(self._history)

    def _draw(self, history: History) -> None:
        shown = {"text/html": picture(history), "text/plain": repr(history)}
        if self._output is None:
            self._output = import_module("IPython.display").display(shown, raw=True, display_id=True)
        else:
            self._output.update(shown, raw=True)
        self._drawn = time.monotonic()


def thinned(history: History, most: int) -> list[tuple[int, float, float]]:
    """The number of an epoch, its loss, and its validation loss, nan without one; of very many, some evenly spaced."""
    n = len(history)
    stride = math.ceil(n / most) or 1
    return [
        (epoch, _at(history.losses, epoch), _at(history.validation_losses, epoch))
        for epoch in range(1, n + 1)
        if (n - epoch) % stride == 0
    ]


def _at(column: Sequence[float], epoch: int) -> float:
    return column[epoch - 1] if epoch <= len(column) else math.nan


def picture(history: History) -> str:
    """The losses as SVG, in the colour of the text around it; validation as a broken line.

    >>> from nn import History
    >>> history = History()
    >>> history.add(0.5)
    >>> "epoch 1: loss 0.5" in picture(history)
    True
    """
    points = thinned(history, 300)
    finite = [x for _, *both in points for x in both if math.isfinite(x)]
    low, high = min([0.0, *finite]), max([1e-300, *finite])
    last = points[-1][0]
    lines = [_line(points, which, last, low, high) for which in (1, 2)]
    numbers = ", ".join(f"{name} {number:.4g}" for name, number in history.last().items())
    label = html.escape(f"epoch {last}: {numbers}")  # a metric may be named <lambda>
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT + 22}" width="{WIDTH}" '
        f'style="max-width:100%" role="img" aria-label="{label}" fill="currentColor" font-size="12" '
        'font-family="system-ui, sans-serif">'
        f'<path d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}" fill="none" stroke="currentColor" opacity="0.35"/>'
        f'<text x="{LEFT - 8}" y="{TOP + 8}" text-anchor="end">{high:.3g}</text>'
        f'<text x="{LEFT - 8}" y="{BOTTOM}" text-anchor="end">{low:.3g}</text>'
        f'<text x="{RIGHT}" y="{BOTTOM + 16}" text-anchor="end">{last}</text>'
        f'{lines[0]}{lines[1]}<text x="{LEFT}" y="{HEIGHT + 14}">{label}</text></svg>'
    )


def _line(points: Sequence[tuple[int, float, float]], which: int, last: int, low: float, high: float) -> str:
    """The line of the losses, or of the validation losses if which is 2."""
    finite = [(point[0], point[which]) for point in points if math.isfinite(point[which])]
    places = [
        f"{LEFT + (RIGHT - LEFT) * epoch / last:.1f} {BOTTOM - (BOTTOM - TOP) * (loss - low) / (high - low):.1f}"
        for epoch, loss in finite
    ]
    if not places:
        return ""
    look = ' stroke-dasharray="5 4" opacity="0.7"' if which == 2 else ""
    line = "L".join(places if len(places) > 1 else places * 2)
    return f'<path d="M{line}" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"{look}/>'
