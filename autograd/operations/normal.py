"""The normal distribution and the scaled error function: floats in, a float out, exact in both tails.

Derivatives of high order come from the moments of exp(-s*s/2 - t*s), s > 0. Their quotients are a continued fraction
(Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.14), in which all terms are positive.
`floats.h` has the same arithmetic in C.
"""

import math
from math import inf, nan

from autograd.operations.floats import _high_half, divide, exp, log, log1p
from autograd.operations.gamma import _ROOT_TWO_PI, _is_order

_ROOT_HALF = 0.7071067811865476
_ROOT_PI = 1.772453850905516
_LOG_TWO = 0.6931471805599453


def normal_pdf(a: float) -> float:
    """exp(-a*a/2) / sqrt(2 pi); the square is split as in gaussian()."""
    if abs(a) > 40.0:
        return 0.0
    high = _high_half(a)
    return math.exp(-0.5 * high * high) * math.exp(-0.5 * (a - high) * (a + high)) / _ROOT_TWO_PI


def normal_cdf(a: float) -> float:
    """erfc(z) / 2 for z = -a / sqrt(2); the tail is as sensitive as exp(-z*z), and makes up for the rounding of z."""
    z = -_ROOT_HALF * a
    y = 0.5 * math.erfc(z)
    if a > -1.0 or y == 0.0:
        return y
    high, upper = _high_half(z), _high_half(a)
    lost = (high * high - 0.5 * upper * upper) + ((z - high) * (z + high) - 0.5 * (a - upper) * (a + upper))
    return y + y * lost


def log_normal_cdf(a: float) -> float:
    """log(normal_cdf(a)), also where that is 1 or 0."""
    if a > 0.0:
        return log1p(-normal_cdf(-a))
    if a > -20.0:
        return math.log(normal_cdf(a))
    return log(erfcx(-_ROOT_HALF * a)) - _LOG_TWO - 0.5 * a * a


def erfcx(a: float) -> float:
    """exp(a*a) * erfc(a); far out the asymptotic series 7.1.23, which is exact to a rounding error from 8 on."""
    if a < 8.0:
        if a < -30.0:
            return inf
        high = _high_half(a)
        return exp(high * high) * math.exp((a - high) * (a + high)) * math.erfc(a)
    half = 0.5 / a / a
    series = 1.0
    for k in range(16, 0, -1):
        series = 1.0 - (2 * k - 1) * half * series
    return series / (a * _ROOT_PI)


def erfcx_derivative(n: float, a: float) -> float:
    """The n-th derivative of erfcx for whole n from 1 to 100, nan for any other n."""
    if not _is_order(n) or a != a:
        return nan
    order = int(n)
    if a < (0.5 if order < 3 else 0.3):  # 7.2.5, in which nothing cancels here
        before, y = erfcx(a), 2.0 * a * erfcx(a) - 2.0 / _ROOT_PI
        for k in range(1, order):
            before, y = y, 2.0 * (a * y + k * before)
        return y
    moments, total = _moments(order, a, 0.5)
    y = moments[order] / total / _ROOT_PI
    for _ in range(order):
        y *= -2.0
    return y


def log_normal_cdf_derivative(n: float, a: float) -> float:
    """The n-th derivative of log_normal_cdf for whole n from 1 to 100, nan for any other n."""
    if not _is_order(n) or a != a:
        return nan
    order = int(n)
    if order == 1:
        return normal_pdf(a) / normal_cdf(a) if a > -20.0 else divide(2.0, _ROOT_TWO_PI * erfcx(-_ROOT_HALF * a))
    if a > -1.0:
        return _derivative_of_ratio(order, a)
    moments, _ = _moments(order, -a, 1.0)
    cumulants = [0.0] * (order + 1)
    for k in range(1, order + 1):
        y = moments[k]
        binomial = 1.0
        for j in range(1, k):  # cumulants from moments: 26.1.13
            y -= binomial * cumulants[j] * moments[k - j]
            binomial = binomial * (k - j) / j
        cumulants[k] = y
    return cumulants[2] - 1.0 if order == 2 else cumulants[order]


def _derivative_of_ratio(order: int, a: float) -> float:
    """The derivative of order - 1 of y = pdf/cdf, by the Taylor series of y' = -y * (y + a)."""
    if a > 40.0:
        return 0.0
    series = [normal_pdf(a) / normal_cdf(a)]
    factorial = 1.0
    for k in range(order - 1):
        y = a * series[k] + (series[k - 1] if k else 0.0)
        for j in range(k + 1):
            y += series[j] * series[k - j]
        series.append(-y / (k + 1))
        factorial *= k + 1
    return factorial * series[order - 1]


def _moments(order: int, t: float, variance: float) -> tuple[list[float], float]:
    """The moments of the density exp(-(s*s/2 + t*s) / variance), s > 0, times a constant; and variance * density(0)."""
    root = math.sqrt(order) + 20.0 * math.sqrt(variance) / t
    ratios = [0.0] * (order + 1)
    ratio = 0.0
    for k in range(int(root * root) + 10 + order, 0, -1):
        ratio = k * variance / (t + ratio)
        if k <= order:
            ratios[k] = ratio
    moments = [1.0]
    for k in range(1, order + 1):
        moments.append(moments[-1] * ratios[k])
    return moments, t + ratio
