"""Functions composed from operations. Each takes floats and gives a float, or takes Values and gives a Value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import accumulate

from autograd._typing import TYPE_CHECKING
from autograd.operations.coercion import TAKE_VALUES, is_arraylike, is_value, like, listed, real
from autograd.operations.table import (
    absolute,
    add,
    add_fraction,
    divide,
    exceeds,
    exp_difference,
    expm1,
    floor,
    fraction,
    hypot,
    log1p,
    log_fraction,
    logaddexp,
    maximum,
    maximum_magnitude,
    minimum,
    minimum_magnitude,
    multiply,
    normal_cdf,
    sigmoid,
    step,
    stop_gradient,
    subtract,
    where,
)

if TYPE_CHECKING:
    from typing import Any

    from autograd.operations.operation import Binary, Number, Scalar

# sum and mean are left folds: one node for each addition, and no node for a zero at the start.


def sum(values: Iterable[Scalar]) -> Scalar:
    """Sum of the values, added from left to right; 0.0 if there are none.

    An iterator that was used before, such as zip(xs, ys), has none; a generator that is used up is refused.

    >>> sum([0.5, 1.0, 2.0])
    3.5
    """
    first, *rest = listed(values, "sum") or (0.0,)
    return add.reduce([_checked(first, "sum"), *rest])  # type: ignore[return-value]  # 0.0 if there are none


def mean(values: Iterable[Scalar]) -> Scalar:
    """Arithmetic mean of at least one value; ValueError if there is none.

    >>> mean([1.0, 2.0])
    1.5
    """
    values = _some(values, "mean")
    return divide(add.reduce(values), float(len(values)))  # type: ignore[return-value]


def norm(values: Iterable[Scalar]) -> Scalar:
    """Euclidean length of a vector, without overflow; its gradient at the origin is 0.

    Everywhere else it has all derivatives, also where components are 0. For its square write dot(x, x), which has them
    at the origin too.

    >>> norm([3.0, 4.0])
    5.0
    """
    values = _numbers(listed(values, "norm"), "norm")
    if len(values) < 2:
        return absolute(values[0] if values else 0.0)  # type: ignore[return-value]  # 0.0 if there are none
    # the largest of the others comes second: the derivatives of hypot(0.0, 0.0) would be nan
    length, *others = values
    pivots = list(accumulate(others, maximum_magnitude))
    rest: list[Any] = minimum_magnitude.map(pivots[:-1], others[1:])
    return _fold(hypot, [hypot(length, pivots[-1]), *rest])  # type: ignore[no-any-return]  # a number or a Value


def logsumexp(values: Iterable[Scalar]) -> Scalar:
    """log(exp(x) + exp(y) + ...) of at least one value, without overflow; ValueError if there is none.

    >>> logsumexp([1000.0, 1000.0])
    1000.6931471805599
    """
    values = _some(values, "logsumexp")
    if len(values) < 3:
        return reduce(logaddexp, values)
    powers: list[Any]
    largest, powers = _powers(values)
    total: Any = _fold(add, powers)
    # beside the 1 of a single largest value, small powers are lost: `rest` adds the others up alone
    rest = _fold(add_fraction, [add_fraction(0.0, powers[0]), *powers[1:]])
    beyond = subtract(total, 1.0)
    lost = stop_gradient(where(step(subtract(0.5, beyond)), subtract(rest, beyond), 0.0))
    result: Any = add(largest, log1p(add(beyond, lost)))
    return result  # type: ignore[no-any-return]


def softmax(values: Iterable[Scalar]) -> list[Scalar]:
    """exp(x) of each value, divided by the sum of these, without overflow; ValueError if there is none.

    >>> softmax([1000.0, 1000.0])
    [0.5, 0.5]
    """
    _, powers = _powers(_some(values, "softmax"))
    return [fraction(p, rest) for p, rest in zip(powers, _sums_of_others(powers))]


def log_softmax(values: Iterable[Scalar]) -> list[Scalar]:
    """The logarithm of each number of softmax(values), exact also where that is 0 or 1; ValueError if there is none.

    >>> log_softmax([0.0, -1000.0])
    [-0.0, -1000.0]
    """
    values = _some(values, "log_softmax")
    largest, powers = _powers(values)
    return [log_fraction(x, largest, rest) for x, rest in zip(values, _sums_of_others(powers))]


def silu(x: Scalar) -> Scalar:
    """x * sigmoid(x): the sigmoid linear unit, or swish.

    Elfwing, Uchibe and Doya, "Sigmoid-weighted linear units", 2017.

    >>> silu(0.0)
    0.0
    """
    x = _number(x, "silu")
    return multiply(x, sigmoid(x))


def gelu(x: Scalar) -> Scalar:
    """x times the normal distribution function at x: the Gaussian error linear unit, exact.

    Hendrycks and Gimpel, "Gaussian error linear units", 2016.

    >>> gelu(0.0)
    0.0
    """
    x = _number(x, "gelu")
    return multiply(x, normal_cdf(x))


def leaky_relu(x: Scalar, negative_slope: float = 0.01) -> Scalar:
    """x if it is positive, otherwise negative_slope * x; at 0 the derivative is negative_slope.

    Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic models", 2013.

    >>> leaky_relu(-2.0)
    -0.02
    """
    x, negative_slope = _number(x, "leaky_relu"), _number(negative_slope, "leaky_relu")
    positive = step(x)
    return multiply(x, where(positive, positive, negative_slope))


def elu(x: Scalar, alpha: float = 1.0) -> Scalar:
    """x if it is positive, otherwise alpha * (exp(x) - 1); at 0 the derivative is alpha.

    Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by exponential
    linear units", 2015.

    >>> elu(float("-inf"))
    -1.0
    """
    x, alpha = _number(x, "elu"), _number(alpha, "elu")
    positive = step(x)
    return where(positive, multiply(x, positive), multiply(alpha, expm1(x)))


def clip(x: Scalar, low: float, high: float) -> Scalar:
    """x limited to low <= x <= high; high where low > high, as in NumPy.

    The derivative by x is 1 strictly between the limits; at the limits and outside it is 0.

    >>> clip(1.5, 0.0, 1.0)
    1.0
    """
    x, low, high = [_number(number, "clip") for number in (x, low, high)]
    low = minimum(low, high)
    above = floor(exceeds(x, low))
    below = floor(exceeds(high, x))
    return where(below, where(above, multiply(x, multiply(above, below)), low), high)


def _checked(x: Number, name: str) -> Number:
    return x if is_value(x) else like(real(x, name), [x])


def _number(x: Any, name: str) -> Any:
    """x, if it is a number, a Value or an array; the error names the function that the user called."""
    return x if is_value(x) or is_arraylike(x) else like(real(x, name), [x])


def _numbers(values: tuple[Any, ...], name: str) -> tuple[Any, ...]:
    if all(hasattr(kind, "_record") for kind in set(map(type, values)) - {float}):
        return values
    return tuple([_number(x, name) for x in values])


def _some(values: Iterable[Scalar], name: str) -> tuple[Scalar, ...]:
    values = listed(values, name)
    if not values:
        raise ValueError(f"{name}() takes at least one value, got none; leave out empty lists")
    return _numbers(values, name)


def _fold(operation: Binary, numbers: Sequence[Any]) -> Any:
    """The left fold of an operation; its method reduce() is the fastest, and takes no array first."""
    return operation.reduce(numbers) if is_value(numbers[0]) else reduce(operation, numbers)


def _powers(values: tuple[Any, ...]) -> tuple[Any, list[Any]]:
    """The largest value, limited to finite numbers, and exp(x - largest) for each x.

    No gradient flows through the largest value: what is computed from the two does not depend on it.
    """
    largest: Any = stop_gradient(minimum(maximum(_fold(maximum, values), -_LARGEST), _LARGEST))
    return largest, exp_difference.map(values, [largest] * len(values))


def _sums_of_others(numbers: list[Scalar]) -> list[Scalar]:
    """For each number the sum of the others. The total minus the number would lose the digits of small ones."""
    if len(numbers) == 1:
        return [0.0]  # type: ignore[list-item]
    before: list[Any] = list(accumulate(numbers[:-1], add))
    after: list[Any] = list(accumulate(numbers[:0:-1], add))[::-1]
    return [after[0], *map(add, before[:-1], after[1:]), before[-1]]


_LARGEST = 1.7976931348623157e308

TAKE_VALUES.update(
    ["sum", "mean", "norm", "logsumexp", "softmax", "log_softmax", "silu", "gelu", "leaky_relu", "elu", "clip"]
)
