"""Functions of exponentials that keep their digits in the tails: floats in, a float out.

log(exp(a) + exp(b)) and its kin are functions of differences. The rounding error of a difference d, times exp(d), is
the error of its exponential: 350 ulp at d = -700. So these functions take both numbers, and make up for that error.
`floats.h` has the same arithmetic in C.
"""

import math
from math import inf, nan

from autograd.operations.floats import divide, exp, floor, log, log1p, softplus

# --------------------------------------------------------------------------- exponentials of differences


def exp_difference(a: float, b: float) -> float:
    """exp(a - b), exact even where a - b is rounded."""
    d = a - b
    y = exp(d)
    if not 0.0 < y < inf:
        return y
    back = d - a
    lost = (a - (d - back)) - (b + back)
    return y + y * lost


def share(a: float, b: float) -> float:
    """exp(a) / (exp(a) + exp(b)), the derivative of logaddexp by a."""
    if a < b:
        e = exp_difference(a, b)
        return e / (1.0 + e)
    return 1.0 / (1.0 + exp_difference(b, a))


def logaddexp(a: float, b: float) -> float:
    """log(exp(a) + exp(b)), which never takes exp() of a positive number: that could overflow."""
    if a == b:
        return a + _LOG_2
    return b + math.log1p(exp_difference(a, b)) if a < b else a + math.log1p(exp_difference(b, a))


def log_sigmoid(a: float) -> float:
    """log(sigmoid(a)), exact in both tails."""
    return -softplus(-a)


def fraction(a: float, b: float) -> float:
    """a / (a + b), the share of a."""
    return divide(a, a + b)


def log_fraction(a: float, b: float, c: float) -> float:
    """log(e / (e + c)) for e = exp(a - b); 0 at c = 0."""
    if c == 0.0:
        return -0.0
    ratio = c * exp_difference(b, a)
    return -log1p(ratio) if ratio < inf else (a - b) - log(c)


def add_fraction(a: float, b: float) -> float:
    """a plus the part of b behind the point."""
    return a + (b - floor(b)) if math.isfinite(b) else nan


_LOG_2 = math.log(2.0)

# --------------------------------------------------------------------------- entropies


def xlogy(a: float, b: float) -> float:
    """a * log(b), but 0 at a = 0 unless b is nan."""
    return a * log(b) if a != 0.0 or b != b else 0.0


def xlog1py(a: float, b: float) -> float:
    """a * log(1 + b), but 0 at a = 0 unless b is nan."""
    return a * log1p(b) if a != 0.0 or b != b else 0.0


def entr(a: float) -> float:
    """-a * log(a), 0 at 0, -inf below."""
    if a > 0.0:
        return -a * math.log(a)
    return 0.0 if a == 0.0 else -inf if a < 0.0 else nan
