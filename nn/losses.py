"""Losses: the error of the outputs of a network, as one Value to minimise.

Each takes lists of outputs and of targets, one of each for every sample, and gives the mean of the errors; with
reduction="sum" it gives their sum, and with reduction="none" a list of them. Targets may be Values, also arguments of a
compiled function. A Value that the loss does not know as a label makes its error nan; another number raises ValueError.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from itertools import accumulate
from math import inf, nan
from numbers import Real
from typing import Any, Union

from autograd import (
    Value,
    absolute,
    add,
    exp_difference,
    log_fraction,
    maximum,
    mean,
    minimum,
    multiply,
    negative,
    relu,
    rint,
    softplus,
    stop_gradient,
    subtract,
    sum,
    times,
    where,
)
from nn.arguments import check_list

Number = Union[Value, float]
Numbers = Union[Sequence[Number], Sequence[Sequence[Number]]]
"""One number for each sample, or a row of as many numbers for each."""

# --------------------------------------------------------------------------- errors of numbers

# Any: the reduction decides whether it is one number or a list


def mse(predictions: Numbers, targets: Numbers, *, reduction: str = "mean") -> Any:
    """Mean squared error: the mean of (prediction - target) ** 2, over all numbers of all samples.

    Args:
        predictions: a number for each sample, or a row of numbers.
        targets: as many.
        reduction: "mean", "sum" or "none".

    Raises:
        ValueError: the two differ in length, or are empty; or the reduction is unknown.
        TypeError: they are no lists of numbers.

    >>> mse([1.0, 2.0], [1.0, 4.0])
    2.0
    >>> mse([[1.0, 2.0]], [[1.0, 4.0]], reduction="none")
    [[0.0, 4.0]]
    """
    pairs = _Pairs("mse", "predictions", predictions, "targets", targets, reduction)
    errors = subtract.map(*pairs.numbers)
    return pairs.reduced(multiply.map(errors, errors))


def mae(predictions: Numbers, targets: Numbers, *, reduction: str = "mean") -> Any:
    """Mean absolute error: the mean of |prediction - target|; its derivative is 0 where an error is 0.

    Args and errors are those of mse().

    >>> mae([1.0, 2.0], [1.0, 4.0])
    1.0
    """
    pairs = _Pairs("mae", "predictions", predictions, "targets", targets, reduction)
    return pairs.reduced([absolute(e) for e in subtract.map(*pairs.numbers)])


def huber(predictions: Numbers, targets: Numbers, *, delta: float = 1.0, reduction: str = "mean") -> Any:
    """Mean of e**2 / 2 for errors e up to delta in magnitude, and of delta * (|e| - delta / 2) for larger ones.

    Huber, "Robust estimation of a location parameter", 1964.

    Args:
        predictions, targets, reduction: as in mse().
        delta: where the parabola ends and the straight lines begin, a positive number.

    Raises:
        ValueError, TypeError: as mse() does; ValueError also if delta is not positive and finite.

    >>> huber([1.0, 2.0], [1.5, 5.0], reduction="none")
    [0.125, 2.5]
    """
    if not (isinstance(delta, Real) and 0.0 < delta < inf):
        raise ValueError(f"huber() takes a positive number as delta, got {delta!r}; write delta=1.0")
    pairs = _Pairs("huber", "predictions", predictions, "targets", targets, reduction)
    limit = float(delta)
    errors = subtract.map(*pairs.numbers)
    limited = [minimum(maximum(e, -limit), limit) for e in errors]
    lines = [multiply(limit, subtract(absolute(e), absolute(m))) for e, m in zip(errors, limited)]
    return pairs.reduced([add(multiply(m, multiply(0.5, m)), line) for m, line in zip(limited, lines)])


# --------------------------------------------------------------------------- errors of yes or no


def hinge(scores: Numbers, labels: Numbers, *, reduction: str = "mean") -> Any:
    """Mean hinge loss of scores for labels -1 and 1: the mean of max(0, 1 - label * score).

    Cortes and Vapnik, "Support-vector networks", 1995.

    Args:
        scores: a number for each sample, or a row of numbers.
        labels: as many, each -1 or 1.
        reduction: "mean", "sum" or "none".

    Raises:
        ValueError: the two differ in length or are empty, a label is neither -1 nor 1, or the reduction is unknown.
        TypeError: they are no lists of numbers.

    >>> hinge([0.5, -2.0], [1, -1])
    0.25
    """
    pairs = _Pairs("hinge", "scores", scores, "labels", labels, reduction)
    signs = [_sign(label, i) for i, label in enumerate(pairs.numbers[1])]
    products = multiply.map(signs, pairs.numbers[0])
    return pairs.reduced([relu(x) for x in subtract.map([1.0] * len(products), products)])


def _sign(label: Any, i: int) -> Any:
    if isinstance(label, Value):
        return where(subtract(absolute(label), 1.0), nan, label)
    if not (_is_number(label) and label in (-1, 1)):
        raise ValueError(f"hinge() takes labels -1 and 1, got {label!r} at {i}; map 0 and 1 by 2*label - 1")
    return label


def binary_cross_entropy(logits: Numbers, labels: Numbers, *, reduction: str = "mean") -> Any:
    """Mean of -log(p) for label 1 and of -log(1 - p) for label 0, where p is sigmoid(logit); exact in both tails.

    It takes logits, not probabilities: the outputs of a network without a sigmoid at the end. PyTorch calls it
    binary_cross_entropy_with_logits. Good, "Rational decisions", 1952.

    Args:
        logits: a number for each sample, or a row of numbers.
        labels: as many, each 0 or 1, or the probability of a 1.
        reduction: "mean", "sum" or "none".

    Raises:
        ValueError: the two differ in length or are empty, a label is not from 0 to 1, or the reduction is unknown.
        TypeError: they are no lists of numbers.

    >>> round(binary_cross_entropy([0.0], [1]), 6)
    0.693147
    >>> f"{binary_cross_entropy([40.0], [1]):.4g}"
    '4.248e-18'
    """
    pairs = _Pairs("binary_cross_entropy", "logits", logits, "labels", labels, reduction)
    return pairs.reduced([_doubt(x, label, i) for i, (x, label) in enumerate(zip(*pairs.numbers))])


def _doubt(x: Any, label: Any, i: int) -> Any:
    """-log of the probability of a label. times() leaves out the infinite logarithm of what does not occur."""
    if isinstance(label, Value):
        label = where(subtract(label, minimum(maximum(label, 0.0), 1.0)), nan, label)
    elif not (_is_number(label) and 0 <= label <= 1):
        raise ValueError(
            f"binary_cross_entropy() takes labels from 0 to 1, got {label!r} at {i}; map -1 and 1 by (label + 1)/2"
        )
    elif label in (0, 1):
        return softplus(negative(x) if label else x)
    return add(times(label, softplus(negative(x))), times(subtract(1.0, label), softplus(x)))


# --------------------------------------------------------------------------- errors of choices


def cross_entropy(logits: Numbers, labels: Any, *, reduction: str = "mean") -> Any:
    """Mean of -log(softmax(row)[label]) over all samples, without overflow, exact also for confident answers.

    It takes logits, not probabilities: the outputs of a network without a softmax at the end, as in PyTorch. A logit of
    -inf rules a class out; if one is inf, the loss is inf or nan. Good, "Rational decisions", 1952.

    Args:
        logits: one row for each sample, one number for each of n classes; or the row of one sample.
        labels: for each sample the index of its class, from 0 to n - 1, which takes the least time; or a row of n
            probabilities, such as a unit vector. For one row of logits: an index, or n floats.
        reduction: "mean", "sum" or "none".

    Raises:
        ValueError: there is no row, the numbers of rows and labels differ, a label is not an index of its row nor a row
            of probabilities, or the reduction is unknown.
        TypeError: logits are no rows of numbers.

    >>> round(cross_entropy([[0.0, 0.0]], [1]), 6)
    0.693147
    >>> from autograd import compile
    >>> program = compile(lambda row, label: cross_entropy(row, label))
    >>> program.map([[0.0, 40.0], [0.0, 40.0]], [0, 1]).tolist()
    [40.0, 4.248354255291589e-18]
    """
    return _cross_entropy("cross_entropy", logits, labels, reduction)


def softmax_cross_entropy(logits: Numbers, labels: Any, *, reduction: str = "mean") -> Any:
    """Another name of cross_entropy().

    >>> round(softmax_cross_entropy([[0.0, 0.0]], [1]), 6)
    0.693147
    """
    return _cross_entropy("softmax_cross_entropy", logits, labels, reduction)


LOSSES: dict[str, Callable[..., Any]] = {
    "binary_cross_entropy": binary_cross_entropy,
    "cross_entropy": cross_entropy,
    "hinge": hinge,
    "huber": huber,
    "mae": mae,
    "mse": mse,
}
"""The losses by name, as `nn.fit` takes them."""


def _cross_entropy(name: str, logits: Any, labels: Any, reduction: str) -> Any:
    _check_reduction(name, reduction)
    if _is_sample(logits, labels):
        return _loss_of(name, logits, labels, 0)
    _check_lengths(name, "rows of logits", logits, "labels", labels)
    found = [_loss_of(name, row, label, i) for i, (row, label) in enumerate(zip(logits, labels))]
    return found if reduction == "none" else sum(found) if reduction == "sum" else mean(found)


def _is_sample(logits: Any, labels: Any) -> bool:
    """Whether these are the logits of one sample. Whole numbers in a list are the labels of several ones."""
    if not _is_row(logits) or any(map(_is_row, logits)):
        return False
    if not _is_row(labels):
        return True
    return len(labels) == len(logits) > 0 and all(isinstance(t, (Value, float)) for t in labels)


def _loss_of(name: str, row: Any, label: Any, i: int) -> Any:
    """The loss of one sample."""
    check_list(row, f"{name}() takes a row of logits for each sample")
    if not hasattr(row, "__len__"):
        raise TypeError(
            f"{name}() takes a row of logits for each sample, got {type(row).__name__} at {i}; "
            "write [logits] for one sample"
        )
    n = len(row)
    if n == 0:
        raise ValueError(f"{name}() takes logits, one for each class, got none at {i}; skip it")
    row = [*row]
    if isinstance(label, Value):
        return _surprise(row, *_chosen(row, label))
    if _is_row(label) and len(label) == n:
        _check_probabilities(name, label, i)
        return _mean_surprise(row, label)
    if not (_is_number(label) and label % 1 == 0 and 0 <= label < n):
        raise ValueError(
            f"{name}() takes labels from 0 to {n - 1} for {n} logits, got {label!r} at {i}; number the classes from 0"
        )
    largest = _largest(row)
    return _surprise(row, row[int(label)], largest, [inf if k == label else largest for k in range(n)])


def _chosen(row: list[Any], label: Value) -> tuple[Number, Number, list[Number]]:
    """The same as for an index that is a number: the logit of the label, the largest one, and what to subtract."""
    last = len(row) - 1.0
    is_label = [where(subtract(label, float(k)), 0.0, 1.0) for k in range(len(row))]
    missing = where(subtract(label, minimum(maximum(rint(label), 0.0), last)), nan, 0.0)
    largest = _largest(row)
    shifts: list[Number] = [where(x, inf, largest) for x in is_label]
    return add.reduce([missing, *times.map(is_label, row)]), largest, shifts


def _surprise(row: list[Any], chosen: Number, largest: Number, shifts: list[Number]) -> Any:
    """-log(softmax(row)[label]), which keeps its digits where it is close to 0, and whatever all logits share.

    Args:
        row: the logits.
        chosen: that of the label.
        largest: the largest one.
        shifts: for each class what to subtract from its logit: the largest one, but inf for the label, so that its
            exponential is 0. A where() would take more steps, also in the derivative.
    """
    return negative(log_fraction(chosen, largest, add.reduce(exp_difference.map(row, shifts))))


def _mean_surprise(row: list[Any], probabilities: Sequence[Any]) -> Any:
    """The sum of -p * log(softmax(row)[k]) over all classes k with their probabilities p."""
    largest = _largest(row)
    powers = exp_difference.map(row, [largest] * len(row))
    # for each class the sum of the other powers: that of all, minus its own, would lose digits; -0.0 + x is x
    before: list[Any] = [-0.0, *accumulate(powers[:-1], add)]
    after: list[Any] = [-0.0, *accumulate(powers[:0:-1], add)][::-1]
    classes = [*zip(probabilities, row, before, after)]
    chosen = [x for x in classes if isinstance(x[0], Value) or x[0]] or classes[:1]
    terms = [times(p, log_fraction(x, largest, add(a, b))) for p, x, a, b in chosen]
    return subtract(0.0, add.reduce(terms))


def _largest(row: list[Any]) -> Number:
    return stop_gradient(minimum(maximum(maximum.reduce(row), -_LARGEST), _LARGEST))


_LARGEST = sys.float_info.max


def _check_probabilities(name: str, label: Sequence[Any], i: int) -> None:
    check_list(label, f"{name}() takes a label, or a row of probabilities, for each sample")
    for p in label:
        if not isinstance(p, Value) and not (_is_number(p) and 0 <= p <= 1):
            raise ValueError(
                f"{name}() takes probabilities from 0 to 1 in a row of labels, got {p!r} at {i}; divide by their sum"
            )


# --------------------------------------------------------------------------- lists


class _Pairs:
    """The numbers of two lists that have the same lengths, also in each row.

    Attributes:
        numbers: those of either list, without rows.
    """

    def __init__(self, name: str, left_name: str, left: Any, right_name: str, right: Any, reduction: str) -> None:
        _check_reduction(name, reduction)
        _check_lengths(name, left_name, left, right_name, right)
        self._reduction = reduction
        self._lengths: list[int | None] | None = None  # of each row, None for a number; None if there are only numbers
        self.numbers: tuple[list[Any], list[Any]] = ([*left], [*right])
        if any(map(_is_row_class, {*map(type, left), *map(type, right)})):
            self._flatten(name, left_name, left, right_name, right)

    def _flatten(self, name: str, left_name: str, left: Any, right_name: str, right: Any) -> None:
        self._lengths, self.numbers = [], ([], [])
        for i, pair in enumerate(zip(left, right)):
            is_row = [*map(_is_row, pair)]
            if all(is_row):
                _check_lengths(name, f"{left_name} in row {i}", pair[0], right_name, pair[1])
            elif any(is_row) and not (is_row[1] and right_name == "labels"):  # the check of labels refuses a row
                kinds = " and ".join(type(x).__name__ for x in pair)
                raise TypeError(
                    f"{name}() takes a real number or a Value, got {kinds} at {i}; "
                    f"pass {left_name} and {right_name} of the same shape"
                )
            self._lengths.append(len(pair[0]) if is_row[0] else None)
            for numbers, x in zip(self.numbers, pair):
                numbers.extend(x if is_row[0] else [x])

    def reduced(self, errors: list[Any]) -> Any:
        """Their mean, or their sum, or the errors themselves in the shape of the lists."""
        if self._reduction != "none":
            return sum(errors) if self._reduction == "sum" else mean(errors)
        if self._lengths is None:
            return errors
        rest = iter(errors)
        return [next(rest) if n is None else [next(rest) for _ in range(n)] for n in self._lengths]


def _check_reduction(name: str, reduction: object) -> None:
    if not isinstance(reduction, str) or reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{name}() reduces by 'mean', 'sum' or 'none', got {reduction!r}; choose one of them")


def _is_row(x: object) -> bool:
    """Whether x has items: a list, a tuple, an array; but a text is one thing."""
    return _is_row_class(type(x)) and getattr(x, "ndim", 1) > 0


def _is_row_class(kind: type) -> bool:
    return hasattr(kind, "__len__") and not issubclass(kind, (str, bytes, bytearray))


def _is_number(x: object) -> bool:
    """Whether x is a real number, but no Value; NumPy's bool is one."""
    return type(x) in (float, int) or isinstance(x, Real) or type(x).__name__ in ("bool_", "bool")


def _check_lengths(name: str, left_name: str, left: Any, right_name: str, right: Any) -> None:
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
