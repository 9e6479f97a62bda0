"""History: the losses of each epoch of a training."""

from __future__ import annotations

import html
import math
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast, final

from nn.training.progress import in_notebook

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@final
class History:
    """What `nn.fit` gives: the numbers of each epoch, in order. In Jupyter it shows itself as a table.

    Attributes:
        losses: the mean of the losses of all samples in each epoch, each with the weights of its batch.
        validation_losses: the mean loss of the validation samples after each epoch; empty without them.
        metrics: for each metric its numbers after each epoch: of the validation samples, or of all without them. If an
            earlier training had no validation or other metrics, the numbers are nan there.
        learning_rates: the learning rate in each epoch, of the first group of parameters.
        seconds: how long each epoch took.
        ended: why the training ended: "epochs", "patience", "callback" or "interrupt"; "" while it runs.

    >>> history = History()
    >>> history.add(0.5, validation_loss=0.7, metrics={"accuracy": 0.8})
    >>> history.add(0.25, validation_loss=0.9, metrics={"accuracy": 0.75})
    >>> history.best_epoch
    0
    >>> history.rows()[1]["loss"]
    0.25
    """

    def __init__(self) -> None:
        self.losses: list[float] = []
        self.validation_losses: list[float] = []
        self.metrics: dict[str, list[float]] = {}
        self.learning_rates: list[float] = []
        self.seconds: list[float] = []
        self.ended = ""

    def add(
        self,
        loss: float,
        *,
        validation_loss: float | None = None,
        metrics: Mapping[str, float] | None = None,
        learning_rate: float = math.nan,
        seconds: float = math.nan,
    ) -> None:
        """Append the numbers of an epoch."""
        self.losses.append(loss)
        before = len(self.losses) - 1
        if validation_loss is not None or self.validation_losses:
            self.validation_losses += [math.nan] * (before - len(self.validation_losses))
            self.validation_losses.append(math.nan if validation_loss is None else validation_loss)
        for name in {**self.metrics, **(metrics or {})}:
            column = self.metrics.setdefault(name, [math.nan] * before)
            column.append((metrics or {}).get(name, math.nan))
        self.learning_rates.append(learning_rate)
        self.seconds.append(seconds)

    @property
    def best_epoch(self) -> int:
        """The place in the lists, from 0, of the least validation loss; of the least loss if the last epoch has none.

        -1 without epochs.
        """
        validated = self.validation_losses and not math.isnan(self.validation_losses[-1])
        watched = self.validation_losses if validated else self.losses
        epochs = [epoch for epoch, loss in enumerate(watched) if not math.isnan(loss)]
        return min(epochs, key=watched.__getitem__, default=len(watched) - 1)

    def has_stopped_falling(self, patience: int) -> bool:
        """Whether the best epoch is so many epochs ago."""
        return len(self.losses) - 1 - self.best_epoch >= patience

    def rows(self) -> list[dict[str, float]]:
        """A dict for each epoch, counted from 1, as `csv.DictWriter` and `pandas.DataFrame` take them."""
        columns: dict[str, list[float]] = {"loss": self.losses}
        if self.validation_losses:
            columns["validation_loss"] = self.validation_losses
        columns |= self.metrics
        columns |= {"learning_rate": self.learning_rates, "seconds": self.seconds}
        return [
            {"epoch": epoch + 1, **{name: column[epoch] for name, column in columns.items()}}
            for epoch in range(len(self))
        ]

    def plot(self, axes: Axes | str | os.PathLike[str] | None = None) -> Axes:
        """Draw the losses over the epochs, the best one marked, with matplotlib (`pip install -e ".[demos]"`).

        Jupyter shows the figure. In a program, write a file, or call `pyplot.show()` if you have imported pyplot.

        Args:
            axes: where to draw: axes, or a file to write, such as "losses.png"; without it, a new figure.

        Raises:
            ValueError: there is no epoch yet.
            ImportError: matplotlib is not installed.
        """
        if not self.losses:
            raise ValueError("plot() draws the losses of a training, got none; call fit() first")
        from matplotlib.ticker import MaxNLocator  # lazy: an extra, which is slow to import

        if isinstance(axes, (str, os.PathLike)):
            drawn = self.plot(_new_axes(is_shown=False))
            cast("Any", drawn.figure).savefig(axes)
            return drawn
        axes = _new_axes(is_shown=True) if axes is None else axes
        epochs = range(1, len(self) + 1)
        only = "o" if len(self) == 1 else None  # a line of one point cannot be seen
        axes.plot(epochs, self.losses, color="#1f78b4", marker=only, label="training")
        if self.validation_losses:
            axes.plot(epochs, self.validation_losses, color="#d95f02", marker=only, linestyle="--", label="validation")
            best = self.best_epoch
            if not math.isnan(self.validation_losses[best]):
                label = f"best: epoch {best + 1}"
                axes.plot([best + 1], [self.validation_losses[best]], "o", color="#d95f02", label=label)
            axes.legend()
        axes.set(xlabel="epoch", ylabel="loss")
        axes.xaxis.set_major_locator(MaxNLocator("auto", integer=True))  # there is no half of an epoch
        if only:
            axes.set_xticks([1])
        numbers = [loss for loss in self.losses + self.validation_losses if not math.isnan(loss)]
        if numbers and min(numbers) > 0.0 and max(numbers) > 10.0 * min(numbers):
            axes.set_yscale("log")
        return axes

    def __len__(self) -> int:
        return len(self.losses)

    def __bool__(self) -> bool:
        return True  # also without epochs

    def __repr__(self) -> str:
        if not self.losses:
            return "<History of no epochs>"
        numbers = ", ".join(f"{name} {value:.4g}" for name, value in self.last().items())
        return f"<History of {len(self)} epoch{'s' * (len(self) > 1)}: {numbers}>"

    def last(self) -> dict[str, float]:
        """The losses and metrics of the last epoch, by name; an empty dict without epochs."""
        if not self.losses:
            return {}
        last = self.rows()[-1]
        return {name: value for name, value in last.items() if name not in ("epoch", "learning_rate", "seconds")}

    def _repr_html_(self) -> str:
        """The table that Jupyter shows: the first epoch, the best one and the last."""
        if not self.losses:
            return html.escape(repr(self))
        rows = self.rows()
        shown = sorted({0, self.best_epoch, len(rows) - 1})
        head = "".join(f"<th>{html.escape(name)}</th>" for name in rows[0])
        best = self.best_epoch + 1
        cells = ["".join(_cell(name, value, best) for name, value in rows[epoch].items()) for epoch in shown]
        body = "".join(f"<tr>{row}</tr>" for row in cells)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _new_axes(*, is_shown: bool) -> Axes:
    """Those of a new figure.

    A notebook only shows figures of pyplot, and closes them. So does pyplot.show(), in a program that has pyplot. Other
    figures of pyplot would pile up.
    """
    if is_shown and (in_notebook() or "matplotlib.pyplot" in sys.modules):
        from matplotlib import pyplot  # lazy: an extra, which is slow to import

        return pyplot.subplots(figsize=(7, 4), layout="constrained")[1]
    from matplotlib.figure import Figure  # lazy too

    return Figure(figsize=(7, 4), dpi=150, layout="constrained").subplots()


def _cell(name: str, value: float, best: int) -> str:
    if name != "epoch":
        return f"<td>{value:.4g}</td>"
    return f"<td>{value}, best</td>" if value == best else f"<td>{value}</td>"
