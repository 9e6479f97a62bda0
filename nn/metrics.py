"""Metrics: how good the outputs of a network are, as a number that people understand. They are not differentiated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Union

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

Metric = Callable[["Array", "Array"], float]
Metrics = Union[str, Metric, Iterable[Union[str, Metric]], Mapping[str, Metric]]


def accuracy(outputs: ArrayLike, targets: ArrayLike, threshold: float = 0.0) -> float:
    """The share of samples whose class is named rightly.

    Args:
        outputs: of shape (n, k), a score for each class; or (n,), a score that is above the threshold for one of two
            classes.
        targets: the labels, of shape (n,): from 0 to k - 1; for two classes 0 and 1, or -1 and 1. Or of shape (n, k),
            with the largest number at the right class.
        threshold: 0 for scores of any sign, which `binary_cross_entropy` and `hinge` take; 0.5 for probabilities.

    `fit` and `evaluate` take the middle of the two labels as the threshold, if the loss is "mse", "mae" or "huber".

    Raises:
        ValueError: the shapes do not match, there is no sample, or a target is no label.

    >>> accuracy([[2.0, -1.0], [0.5, 0.7]], [0, 1])
    1.0
    >>> accuracy([3.0, -2.0, 1.0], [1, -1, -1]) == 2 / 3
    True
    """
    import numpy as np  # lazy: it takes longer to import than this package

    scores, labels = _arrays("accuracy", outputs, targets)
    if scores.ndim == 1:
        _check_labels(labels, (-1.0, 0.0, 1.0), "0 and 1, or -1 and 1, for one output")
        return float(np.mean((scores > threshold) == (labels > 0.0)))
    if labels.ndim == 1:
        k = scores.shape[1]
        _check_labels(labels, range(k), f"from 0 to {k - 1} for {k} outputs")
    wanted = labels if labels.ndim == 1 else labels.argmax(axis=1)
    return float(np.mean(scores.argmax(axis=1) == wanted))


def _check_labels(labels: Array, known: Iterable[float], which: str) -> None:
    import numpy as np  # lazy: it takes longer to import than this package

    strange = labels[~np.isin(labels, list(known))]
    if strange.size:
        raise ValueError(f"accuracy() takes labels {which}, got {strange[0]:g}; encode them, or use r2 for numbers")


def mse(outputs: ArrayLike, targets: ArrayLike) -> float:
    """The mean of (output - target) ** 2.

    >>> mse([1.0, 2.0], [1.0, 4.0])
    2.0
    """
    outputs, targets = _alike("mse", outputs, targets)
    return float(((outputs - targets) ** 2).mean())


def mae(outputs: ArrayLike, targets: ArrayLike) -> float:
    """The mean of |output - target|.

    >>> mae([1.0, 2.0], [1.0, 4.0])
    1.0
    """
    outputs, targets = _alike("mae", outputs, targets)
    return float(abs(outputs - targets).mean())


def r2(outputs: ArrayLike, targets: ArrayLike) -> float:
    """The coefficient of determination: 1 - (sum of squared errors) / (sum of squared deviations of the targets).

    It is 1 for perfect outputs, 0 for a constant at the mean, and nan if all targets are equal.

    >>> r2([1.0, 2.0, 3.5], [1.0, 2.0, 3.0])
    0.875
    """
    import numpy as np  # lazy: it takes longer to import than this package

    outputs, targets = _alike("r2", outputs, targets)
    deviations = float(((targets - targets.mean(axis=0)) ** 2).sum())
    return 1.0 - float(((outputs - targets) ** 2).sum()) / deviations if deviations else float(np.nan)


METRICS: dict[str, Metric] = {"accuracy": accuracy, "mae": mae, "mse": mse, "r2": r2}
"""The metrics that have a name. Any function of outputs and targets, as arrays, to a number works too."""


def _arrays(name: str, outputs: ArrayLike, targets: ArrayLike) -> tuple[Array, Array]:
    """Both as arrays of one axis or two; a single column counts as one axis."""
    import numpy as np  # lazy: it takes longer to import than this package

    try:
        scores, wanted = np.asarray(outputs, dtype=np.float64), np.asarray(targets, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise TypeError(
            f"{name}() takes arrays of numbers, got something else; pass the outputs of predict()"
        ) from None
    if not {scores.ndim, wanted.ndim} <= {1, 2} or len(scores) != len(wanted):
        raise ValueError(
            f"{name}() takes an output and a target for each sample, got shapes {scores.shape} and {wanted.shape}; "
            "pass as many of both"
        )
    if len(scores) == 0:
        raise ValueError(f"{name}() takes at least one sample, got none; skip an empty batch")
    scores, wanted = [x[:, 0] if x.ndim == 2 and x.shape[1] == 1 else x for x in (scores, wanted)]
    if scores.ndim < wanted.ndim:
        raise ValueError(
            f"{name}() takes one target for one output, got rows of {wanted.shape[1]} targets; "
            f"build the network with {wanted.shape[1]} outputs"
        )
    return scores, wanted


def _alike(name: str, outputs: ArrayLike, targets: ArrayLike) -> tuple[Array, Array]:
    numbers, wanted = _arrays(name, outputs, targets)
    if numbers.shape != wanted.shape:
        is_label = wanted.ndim == 1 and ((wanted >= 0) & (wanted < numbers.shape[1]) & (wanted % 1 == 0)).all()
        remedy = "for labels use accuracy" if is_label else "build the network with as many outputs as targets"
        raise ValueError(
            f"{name}() takes a target for each output, got shape {wanted.shape} for {numbers.shape}; {remedy}"
        )
    return numbers, wanted
