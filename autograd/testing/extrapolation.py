"""The derivative of a function of one number, from its values at a ladder of steps to both sides of a point.

Each estimate has an error: how far it is from those of shorter ladders, and what the rounding of the values can do to
it. Nothing here calls the function.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise, takewhile
from typing import NamedTuple


class Row(NamedTuple):
    """The values of the function at one step to the left and at one to the right; nan where it has none."""

    left: float  # the length of the step
    right: float
    below: float  # the value at the left
    above: float


class Entry(NamedTuple):
    """The derivative by one number.

    Attributes:
        derivative: the estimate.
        error: how far it may be from the derivative, estimated.
        steepness: the largest slope between x and another point, or the value over the size of x if that is larger.
        doubt: why the estimate cannot be trusted, "" if it can.
    """

    derivative: float
    error: float
    steepness: float
    doubt: str

    @property
    def tolerance(self) -> float:
        """How far a correct derivative may be from the estimate."""
        return 5 * self.error + 1e-9 * abs(self.derivative)

    @property
    def is_settled(self) -> bool:
        """Whether more values are not worth their time."""
        return self.error <= 1e-10 * abs(self.derivative)


class _Quotients(NamedTuple):
    """Difference quotients at growing steps.

    Attributes:
        steps: the steps.
        slopes: the quotients, central or of one side.
        noises: how far rounding may move each of them.
        steepest: the largest size of the quotients of each side.
        is_noise: whether the values show more noise than trend.
    """

    steps: list[float]
    slopes: list[float]
    noises: list[float]
    steepest: list[float]
    is_noise: bool


class _Limit(NamedTuple):
    """An estimate of the limit at a step of 0, its error, and the first row that it comes from."""

    limit: float
    error: float
    first: int


_NO_LIMIT = _Limit(math.nan, math.inf, 0)
_ROUNDING = 2.0**-51  # the relative error that each value may have: 4 halves of a unit in the last place
_SMALLEST = 5e-324
_HUGE = 2.0**60
_MOST_ROWS = 6  # in one estimate; more do not improve it


def slope(x: float, y: float, rows: Sequence[Row], noise: float = 0.0) -> Entry:
    """The derivative at x, where the value is y, from rows with growing steps.

    Inside the domain, central quotients have an error that is a series in even powers of the step. At its end, only
    one side has values, and the error is a series in all powers. So it is too where the curvature jumps.

    Args:
        x, y: the point and its value.
        rows: at least one, with growing steps.
        noise: an error that each value may have, besides some units in its last place and what the values show.
    """
    if abs(y) > 1e290:  # so that differences do not overflow
        small = [Row(row.left, row.right, row.below / _HUGE, row.above / _HUGE) for row in rows]
        found = slope(x, y / _HUGE, small, noise / _HUGE)
        return Entry(found.derivative * _HUGE, found.error * _HUGE, found.steepness * _HUGE, found.doubt)
    inside = list(takewhile(lambda row: math.isfinite(row.above - row.below), rows))
    if not inside:
        return _one_sided(x, y, rows, noise)
    right = [(row.above - y) / row.right for row in inside]
    left = [(y - row.below) / row.left for row in inside]
    bends = [b - a for a, b in zip(left, right)]
    quotients = _central(x, y, inside, [max(abs(a), abs(b)) for a, b in zip(left, right)], noise)
    steps, _, noises, steepest, _ = quotients
    if _is_kink(steps, bends, [128 * n + 1e-9 * most for n, most in zip(noises, steepest)]):
        twice = [2 * n for n in noises]
        a, b = (_agreed(_limits(steps, slopes, twice, 1), len(steps))[0].limit for slopes in (left, right))
        doubt = f"a kink, the derivative is {a:.6g} on the left and {b:.6g} on the right"
        return Entry(0.5 * a + 0.5 * b, abs(b - a), max(abs(a), abs(b)), doubt)
    even, general = (_limits(steps, quotients.slopes, noises, power) for power in (2, 1))
    smooth = [
        min(even[i], general[i], key=lambda limit: limit.error)
        for i in range(len(steps) - 1)
        if not (abs(bends[i]) > 16 * noises[i] and abs(bends[i]) > 0.6 * abs(bends[i + 1]))
    ]
    return _judged(x, y, smooth, quotients)


def _central(x: float, y: float, rows: Sequence[Row], steepest: list[float], noise: float) -> _Quotients:
    steps = [0.5 * row.left + 0.5 * row.right for row in rows]
    slopes = [(row.above - row.below) / (row.left + row.right) for row in rows]
    sizes = [max(abs(row.below), abs(row.above), abs(y)) for row in rows]
    measured = max(
        _measured_noise([row.right for row in rows], [row.above - y for row in rows]),
        _measured_noise([row.left for row in rows], [y - row.below for row in rows]),
    )
    rise = max(max(abs(row.below - y), abs(row.above - y)) for row in rows)
    noises = _noises(x, steps, slopes, sizes, measured, noise)
    return _Quotients(steps, slopes, noises, steepest, _is_noise(measured, rise, sizes))


def _one_sided(x: float, y: float, rows: Sequence[Row], noise: float) -> Entry:
    for sign in (1, -1):
        points = [(row.right, row.above) if sign > 0 else (row.left, row.below) for row in rows]
        points = list(takewhile(lambda point: math.isfinite(point[1] - y), points))
        if points:
            steps = [step for step, _ in points]
            rises = [value - y for _, value in points]
            slopes = [sign * rise / step for step, rise in zip(steps, rises)]
            sizes = [max(abs(value), abs(y)) for _, value in points]
            measured = _measured_noise(steps, rises)
            noises = [2 * n for n in _noises(x, steps, slopes, sizes, measured, noise)]
            is_noise = _is_noise(measured, max(map(abs, rises)), sizes)
            quotients = _Quotients(steps, slopes, noises, [abs(a) for a in slopes], is_noise)
            return _judged(x, y, _limits(steps, slopes, noises, 1), quotients)
    return Entry(math.nan, math.inf, 0.0, "the function is not finite on either side")


def _judged(x: float, y: float, limits: Sequence[_Limit], quotients: _Quotients) -> Entry:
    """The entry of the best limit, and a doubt if others contradict it."""
    steps, slopes, noises, steepest, is_noise = quotients
    count = sum(steps[limit.first] <= max(abs(x), 1.0) for limit in limits)
    (limit, error, first), contradiction = _agreed(limits, count)
    steepness = max(*steepest, abs(y) / max(abs(x), 1.0))
    if not (math.isfinite(limit) and math.isfinite(error)):
        return Entry(slopes[0], math.inf, steepness, f"the quotients do not settle, {slopes[0]:.6g} +- inf")
    if len(steps) > 2 and steepest[0] > 1.2 * steepest[1] > 1.44 * steepest[2] and steepest[0] > 0.1 * steepness:
        return Entry(slopes[0], math.inf, steepness, f"the quotients do not settle, they grow to {steepest[0]:.6g}")
    away = abs(slopes[first] - limit) + 3 * error
    is_away = any(abs(slopes[i] - limit) > away + 8 * noises[i] for i in range(first))
    doubt = f"the quotients do not settle, {limit:.6g} +- {error:.1g}" if is_noise or is_away else ""
    if contradiction and not doubt:
        doubt = f"the quotients do not settle, {limit:.6g} at small steps and {contradiction:.6g} at larger ones"
    return Entry(limit, error, steepness, doubt)


# --------------------------------------------------------------------------- limits


def _limits(steps: Sequence[float], slopes: Sequence[float], noises: Sequence[float], power: int) -> list[_Limit]:
    """For each first row, the limit with the least error, extrapolated from it and the rows after it.

    Neville's scheme: each column removes one more power of the step, or one more even power if power is 2. The error
    is the distance from both limits of one row less, as in C. J. F. Ridders, "Accurate computation of F'(x) and
    F'(x)F''(x)", Advances in Engineering Software 4 (1982); the noise is added.
    """
    count = len(steps)
    best = [_NO_LIMIT] * count
    column, rounding = list(slopes), list(noises)
    for length in range(1, min(_MOST_ROWS, count)):
        for i in range(count - length):
            ratio = steps[i + length] / steps[i]
            weight = 1.0 / ((ratio if power == 1 else ratio * ratio) - 1.0)
            near, far = column[i], column[i + 1]
            column[i] = near + (near - far) * weight
            rounding[i] += (rounding[i] + rounding[i + 1]) * weight
            error = max(abs(column[i] - near), abs(column[i] - far)) + rounding[i] + _SMALLEST
            if error < best[i].error:
                best[i] = _Limit(column[i], error, i)
    return best


def _agreed(limits: Sequence[_Limit], count: int) -> tuple[_Limit, float]:
    """The limit with the least error. Only limits that agree with all limits from smaller steps count.

    Larger steps have less noise, but may miss what the function does near x. O. V. Lepski, "On a problem of adaptive
    estimation in Gaussian white noise", Theory of Probability and its Applications 35 (1991). Those after the first
    `count` are so large that the slopes of any bounded function shrink with them: a small limit means nothing there.

    Second, a limit that contradicts it, because three neighbours among the first `count` agree on it well; else 0.
    """
    best = _NO_LIMIT
    for i, found in enumerate(limits):
        if math.isfinite(best.limit) and not _agree(found, best):
            for group in zip(limits[i:count], limits[i + 1 : count], limits[i + 2 : count]):
                distance = min(abs(group[0].limit), abs(group[0].limit - best.limit))
                if all(_agree(one, group[0]) and one.error < 1e-3 * distance for one in group):
                    return best, group[0].limit
            break
        if found.error < best.error and (i < count or found.error < 0.1 * abs(found.limit)):
            best = found
    return best, 0.0


def _agree(a: _Limit, b: _Limit) -> bool:
    return abs(a.limit - b.limit) <= 3 * (a.error + b.error)


# --------------------------------------------------------------------------- noise and kinks


def _noises(
    x: float,
    steps: Sequence[float],
    slopes: Sequence[float],
    sizes: Sequence[float],
    measured: float,
    least: float,
) -> list[float]:
    """How far the rounding of the values, and of what they are computed from, may move each slope."""
    relative = measured / (max(sizes[:3]) or 1.0)
    return [
        max(_ROUNDING * (size + abs(x * slope)) + 2 * _SMALLEST, measured, relative * size, least) / step
        for step, slope, size in zip(steps, slopes, sizes)
    ]


def _measured_noise(steps: Sequence[float], rises: Sequence[float]) -> float:
    """The noise of the values at the three smallest steps: what is left of them without a slope and a curve."""
    if len(steps) < 3:
        return 0.0
    b, c = steps[1] / steps[0], steps[2] / steps[0]
    weights = (b * c * (c - b), -c * (c - 1.0), b * (b - 1.0))
    return 2 * abs(sum(weight * rise for weight, rise in zip(weights, rises))) / sum(map(abs, weights))


def _is_noise(measured: float, rise: float, sizes: Sequence[float]) -> bool:
    """Whether the measured noise is not small beside the rise to any value, and more than rounding."""
    return measured > max(1e-3 * rise, 16 * _ROUNDING * max(sizes[:3]))


def _is_kink(steps: Sequence[float], bends: Sequence[float], thresholds: Sequence[float]) -> bool:
    """Whether the right slope minus the left one has a limit other than 0 as the steps shrink.

    A curve bends in proportion to the step, so two steps tell it from a kink. The bend of a kink is the same for all
    steps, until it drowns in noise; what is left of a smooth function shrinks.
    """
    jumps = [a + (a - b) * h / (k - h) for (a, b), (h, k) in zip(pairwise(bends), pairwise(steps))]
    clear = next((i for i, (jump, least) in enumerate(zip(jumps, thresholds)) if abs(jump) > 2 * least), None)
    if clear is None or len(jumps) < 3:
        return False
    jump = jumps[clear]
    finer = [i for i in (clear - 1, clear - 2) if i >= 0 and thresholds[i] <= 32 * abs(jump)]  # noise of a quarter
    coarser = [i for i in (clear + 1, clear + 2) if i < len(jumps)]
    return all(0.5 <= jumps[i] / jump <= 1.7 for i in (finer + coarser)[:2])
