"""Quotients that are 0/0 at 0, such as sin(x)/x, and all their derivatives: floats in, a float out.

`floats.h` has the same arithmetic in C.
"""

import math
from math import inf, nan

from autograd.operations.floats import exp, expm1, log1p
from autograd.operations.gamma import _cos_pi, _is_order, _sin_pi

# --------------------------------------------------------------------------- sin(pi x) / (pi x)


def sinc(a: float) -> float:
    """sin(pi * a) / (pi * a); 1 at 0."""
    if a == 0.0 or a != a:
        return 1.0 + a
    return _sin_pi(a) / (math.pi * a) if abs(a) != inf else 0.0


def sinc_derivative(n: float, a: float) -> float:
    """The n-th derivative of sinc for whole n from 1 to 100, nan for any other n."""
    if not _is_order(n) or a != a:
        return nan
    order = int(n)
    if abs(a) == inf:
        return 0.0
    z = math.pi * abs(a)
    if z < 3.0:
        y = _sinc_series(order, z)
    elif z < n:
        y = _sinc_downwards(order, abs(a))
    else:
        y = sinc(a)
        for k in range(1, order + 1):
            y = (_turned(k, abs(a)) - k * y) / z
    for _ in range(order):
        y *= math.pi
    return -y if a < 0.0 and order % 2 else y


def _turned(k: int, a: float) -> float:
    """sin(pi * a + k * pi/2)."""
    y = _cos_pi(a) if k % 2 else _sin_pi(a)
    return -y if k % 4 >= 2 else y


def _sinc_series(order: int, z: float) -> float:
    """The derivative of sin(z)/z by its Taylor series: the terms (-1)**k z**(2k - n) / (2k - n)! / (2k + 1)."""
    first = (order + 1) // 2
    power = z if order % 2 else 1.0
    y = 0.0
    sign = -1.0 if first % 2 else 1.0
    k = 2 * first
    before = nan
    while y != before:
        before = y
        y += sign * power / (k + 1)
        power *= z / (k - order + 1) * (z / (k - order + 2))
        sign = -sign
        k += 2
    return y


def _sinc_downwards(order: int, a: float) -> float:
    """The same by the recurrence from a high order down, which makes an error at the start smaller at each step."""
    z = math.pi * a
    y = 0.0
    for k in range(order + 60 + int(math.sqrt(80.0 * order)), order, -1):
        y = (_turned(k, a) - z * y) / k
    return y


# --------------------------------------------------------------------------- (exp(x) - 1) / x


def exprel(a: float) -> float:
    """(exp(a) - 1) / a; 1 at 0."""
    if a == 0.0:
        return 1.0
    if a > 700.0:
        half = exp(0.5 * a)
        return half / a * half if a < inf else inf
    return expm1(a) / a


def exprel_derivative(n: float, a: float) -> float:
    """The n-th derivative of exprel, the integral of t**n exp(a*t) over 0 < t < 1; nan unless n is 1, 2, ..., 100."""
    if not _is_order(n) or a != a:
        return nan
    if a == inf:
        return inf
    order = int(n)
    if -(n + 1.0) <= a <= n + 2.0:
        return _exprel_series(order, a)
    z = abs(a)
    last = 1.0 / z
    for k in range(1, order + 1):
        last *= k / z
    term = total = 1.0
    if a < 0.0:
        if a < -750.0:
            return last
        for k in range(1, order + 1):
            term *= z / k
            total += term
        return last - last * exp(a) * total
    for k in range(order):
        term *= -(order - k) / z
        total += term
    last = last if order % 2 else -last
    if a < 700.0:
        return exp(a) / a * total + last
    half = exp(0.5 * a)
    return half / a * total * half + last


def _exprel_series(order: int, a: float) -> float:
    """The series in which all terms are positive: 6.5.29 for negative a."""
    total = 0.0
    if a < 0.0:
        for k in range(30 + int(math.sqrt(80.0 * order)), 0, -1):
            total = -a / (order + 1 + k) * (1.0 + total)
        return exp(a) * (1.0 + total) / (order + 1)
    before = nan
    power = 1.0
    k = 0
    while total != before:
        before = total
        total += power / (k + order + 1)
        k += 1
        power *= a / k
    return total


# --------------------------------------------------------------------------- log(1 + x) / x


def log1prel(a: float) -> float:
    """log(1 + a) / a; 1 at 0, inf at -1, nan below."""
    if a == 0.0:
        return 1.0
    return log1p(a) / a if a != inf else 0.0


def log1prel_derivative(n: float, a: float) -> float:
    """The n-th derivative of log1prel for whole n from 1 to 100, nan for any other n."""
    if not _is_order(n) or not a >= -1.0:
        return nan
    order = int(n)
    sign = -1.0 if order % 2 else 1.0
    if a == -1.0 or a == inf:
        return sign * (inf if a < 0.0 else 0.0)
    y = _log1prel_integral(order, a)
    for k in range(1, order + 1):
        y *= k
    return sign * y


def _log1prel_integral(order: int, a: float) -> float:
    """The integral of t**n / (1 + a*t)**(n + 1) over 0 < t < 1: a series of positive terms, or a difference."""
    w = a / (1.0 + a)
    total = 0.0
    if -0.75 < a < 0.0:
        for k in range(int(40.0 / (1.0 + a)) + 20 * order, 0, -1):
            total = -a * (order + k) / k * ((order + k) / (order + k + 1.0)) * (1.0 + total)
        return (1.0 + total) / (order + 1)
    if 0.0 <= w < 1.0 - 1.0 / (2 * order + 4):
        for k in range(int(40.0 / (1.0 - w)) + order, order, -1):
            total = total * w + 1.0 / k
        above = 1.0 + a
        total -= total * ((order + 1) * (a - (above - 1.0)) / above)  # what the rounding of 1 + a changes
        for _ in range(order + 1):
            total /= above
        return total
    total = log1p(a)
    power = 1.0
    for k in range(1, order + 1):
        power *= w
        total -= power / k
    for _ in range(order + 1):
        total /= a
    return total
