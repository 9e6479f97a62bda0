"""The page of a training that has ended: the playground, with the weights of its epochs to scrub through."""

from __future__ import annotations

import base64
import math
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Union, final

from nn.arguments import shown
from nn.pages.facts import stages_of
from nn.pages.programs import Task
from nn.pages.writing import Heading, Page, check, page_of
from nn.training.curves import thinned as curve_of
from nn.training.history import History
from nn.training.training import Training

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nn.pages.programs import Samples

    Array = NDArray[np.float64]

Wanted = Union[str, "os.PathLike[str]", Mapping[str, Any]]
"""A file, or a dict with its path, and a title or a language."""

MOST_EPOCHS = 120
"""How many epochs a page has the weights of, at most; of a longer run, those that are evenly spaced."""

MOST_NUMBERS = 250_000
"""How many weights there are in all these epochs: a page of three megabytes."""

MOST_SAMPLES = 2_000
MOST_LOSSES = 2_000


@final
class Run:
    """Keeps the weights of a training, epoch by epoch, and writes their page. It is a callback of fit().

    Args:
        view: the argument of fit().
        training: the one to keep.
        samples, held_out: to train on, and to validate with.
        size: how many samples there are for each step.
        history: as it is before the first epoch.

    Raises:
        TypeError, ValueError: as playground() does, so that no training is lost.
    """

    def __init__(
        self,
        view: Wanted,
        training: Training,
        samples: Samples,
        held_out: Samples | None,
        size: int,
        history: History,
    ) -> None:
        self._heading = _heading(view)
        self._training, self._size = training, size
        self._samples, self._held_out = thinned(samples), held_out and thinned(held_out)
        self._stride = 1
        self._first = len(history)
        weights = training.weights.copy()
        self._kept: dict[int, Array] = {self._first: weights}
        self._best = self._last = (self._first, weights)
        self._most = max(2, min(MOST_EPOCHS, MOST_NUMBERS // len(weights)))
        self._page(History(), None)

    def __call__(self, history: History) -> None:
        """An epoch has ended."""
        epoch = len(history)
        self._last = (epoch, self._training.weights.copy())
        if history.best_epoch == epoch - 1:
            self._best = self._last
        if (epoch - self._first) % self._stride == 0:
            self._kept[epoch] = self._last[1]
        if len(self._kept) > self._most:  # every other one is forgotten
            self._stride *= 2
            self._kept = {k: x for k, x in self._kept.items() if (k - self._first) % self._stride == 0}

    def write(self, history: History) -> Page:
        """Write the page."""
        return self._page(history, self._heading.target)

    def _page(self, history: History, target: Any) -> Page:
        training = self._training
        kept = dict(sorted({**self._kept, **dict([self._best, self._last])}.items()))
        epochs = list(kept)
        numbers = b"".join(weights.astype("<f8").tobytes() for weights in kept.values())
        run = {
            "epochs": epochs,
            "weights": base64.b64encode(numbers).decode(),
            "curve": [[epoch, *map(_known, both)] for epoch, *both in curve_of(history, MOST_LOSSES)],
            "metrics": {name: [_at(column, k) for k in epochs] for name, column in history.metrics.items()},
            "best": self._best[0],
            "first": self._best[0] if history.ended == "patience" else self._last[0],
            "ended": history.ended,
        }
        model, optimizer = training.model, training.optimizer
        task = Task(model, training.loss, optimizer, training.parameters, self._samples, stages_of(model))
        check("fit", task)
        heading = self._heading._replace(target=target)
        return page_of(task, self._held_out, heading, size=self._size, orders=[], run=run)


def _heading(view: Any) -> Heading:
    """The file, the title and the language, checked."""
    settings = view if isinstance(view, Mapping) else {"path": view}
    unknown = settings.keys() - {"path", "title", "lang", "image"}
    if unknown or settings.get("path") is None:
        raise TypeError(f'view of fit() is a file, got {shown(view)}; write "run.html", or dict(path=..., lang="ko")')
    return Heading.of(settings["path"], settings.get("title", ""), settings.get("lang", "en"), settings.get("image"))


def thinned(samples: Samples) -> Samples:
    """These samples, or of very many some that are evenly spaced."""
    import numpy as np  # lazy: importing nn stays fast

    n = len(samples[0])
    if n <= MOST_SAMPLES:
        return samples
    places = np.linspace(0, n - 1, MOST_SAMPLES).astype(int)
    return samples[0][places], samples[1][places]


def _at(column: list[float], epoch: int) -> float | None:
    """The number of an epoch, from 1; None if there is none, or none that JSON has."""
    return _known(column[epoch - 1]) if 0 < epoch <= len(column) else None


def _known(number: float) -> float | None:
    """A number that JSON has, or None."""
    return number if math.isfinite(number) else None
