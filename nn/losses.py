"""Losses: the error of the outputs of a network, as one Value to minimise."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from numbers import Integral
from typing import TypeVar, Union

from autograd import (
    Value,
    exp_difference,
    log_fraction,
    maximum,
    mean,
    minimum,
    multiply,
    negative,
    relu,
    stop_gradient,
    subtract,
    sum,
)
from nn.lists import check_list

Scalar = TypeVar("Scalar", Value, float, Union[Value, float])


def mse(predictions: Sequence[Scalar], targets: Sequence[float]) -> Scalar:
    """Mean squared error: the mean of (prediction - target) ** 2.

    Raises ValueError if the two lists differ in length, or are empty.

    >>> mse([1.0, 2.0], [1.0, 4.0])
    2.0
    """
    _check_lengths("mse", "predictions", predictions, "targets", targets)
    errors = [subtract(p, t) for p, t in zip(predictions, targets)]
    return mean(e * e for e in errors)


def hinge(scores: Sequence[Scalar], labels: Sequence[float]) -> Scalar:
    """Mean hinge loss of scores for labels -1 and 1: the mean of max(0, 1 - label * score).

    Cortes and Vapnik, "Support-vector networks", 1995.

    Raises ValueError if the two lists differ in length or are empty, or if a label is neither -1 nor 1.

    >>> hinge([0.5, -2.0], [1, -1])
    0.25
    """
    _check_lengths("hinge", "scores", scores, "labels", labels)
    for i, label in enumerate(labels):
        if isinstance(label, (list, tuple)) or getattr(label, "ndim", 0) > 0 or label not in (-1, 1):
            raise ValueError(f"hinge() takes labels -1 and 1, got {label!r} at {i}; map 0 and 1 by 2*label - 1")
    return mean(relu(subtract(1.0, multiply(label, score))) for score, label in zip(scores, labels))


def softmax_cross_entropy(logits: Sequence[Sequence[Scalar]], labels: Sequence[int]) -> Scalar:
    """Mean of -log(softmax(row)[label]) over all samples, without overflow, exact also for confident answers.

    Args:
        logits: one row for each sample, one number for each class.
        labels: the index of the right class of each sample, from 0.

    Raises:
        ValueError: there is no row, the numbers of rows and labels differ, or a label is not an index of its row.

    >>> round(softmax_cross_entropy([[0.0, 0.0]], [1]), 6)
    0.693147
    """
    _check_lengths("softmax_cross_entropy", "rows of logits", logits, "labels", labels)
    for i, (row, label) in enumerate(zip(logits, labels)):
        check_list(row, "softmax_cross_entropy() takes a row of logits for each sample")
        if not hasattr(row, "__len__"):
            raise TypeError(
                f"softmax_cross_entropy() takes a row of logits for each sample, got {type(row).__name__} at {i}; "
                "write [logits] for one sample"
            )
        if len(row) == 0:
            raise ValueError(f"softmax_cross_entropy() takes logits, one for each class, got none at {i}; skip it")
        if not (isinstance(label, Integral) and 0 <= label < len(row)):
            raise ValueError(
                f"softmax_cross_entropy() takes labels from 0 to {len(row) - 1} for {len(row)} logits, "
                f"got {label!r} at {i}; number the classes from 0"
            )
    return mean(_surprise(row, int(label)) for row, label in zip(logits, labels))


def _surprise(row: Sequence[Scalar], label: int) -> Scalar:
    """-log(softmax(row)[label]), which keeps its digits where it is close to 0, and whatever all logits share."""
    largest = stop_gradient(minimum(maximum(maximum.reduce(row), -_LARGEST), _LARGEST))
    others = sum(exp_difference(x, largest) for i, x in enumerate(row) if i != label)
    return negative(log_fraction(row[label], largest, others))  # type: ignore[return-value]  # a float of floats


_LARGEST = sys.float_info.max


def _check_lengths(name: str, left_name: str, left: Sequence[object], right_name: str, right: Sequence[object]) -> None:
    for argument, values in ((left_name, left), (right_name, right)):
        check_list(values, f"{name}() takes {argument} as a list")
        if not hasattr(values, "__len__"):
            raise TypeError(f"{name}() takes {argument} as a list, got {type(values).__name__}; write [x] for one")
    if len(left) != len(right):
        raise ValueError(
            f"{name}() takes as many {left_name} as {right_name}, got {len(left)} and {len(right)}; "
            "pass one of each for every sample"
        )
    if len(left) == 0:
        raise ValueError(f"{name}() takes at least one sample, got none; skip an empty batch")
