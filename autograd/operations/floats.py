"""Real functions with the special values of IEEE-754: floats in, a float out, and never an exception.

Python's `math` raises where C returns inf or nan (`math.exp(1000)`, `math.log(0)`), has no
`sigmoid`, and its `hypot` is not libm's. These are the float functions of the operations in `table.py`;
`floats.h` in this folder has the same arithmetic in C, step by step.
"""

import math
import operator
from collections.abc import Sequence
from functools import reduce
from math import copysign, inf, nan

# --------------------------------------------------------------------------- arithmetic


def add(a: float, b: float) -> float:
    return a + b


def subtract(a: float, b: float) -> float:
    return a - b


def multiply(a: float, b: float) -> float:
    return a * b


def divide(a: float, b: float) -> float:
    """a / b, where x/0 is an infinity with the product of the signs and 0/0 is nan."""
    if b:
        return a / b
    return copysign(inf, a) * copysign(1.0, b) if a and a == a else nan


def dot(a: Sequence[float], b: Sequence[float]) -> float:
    """The sum of the rounded products, from left to right; 0.0 for none. Python 3.12's sum() rounds differently."""
    return reduce(operator.add, map(operator.mul, a, b)) if a else 0.0


def power(a: float, b: float) -> float:
    """C's `pow`: a negative base to a fractional power is nan, overflow is an infinity. Squares are rounded once."""
    if b == 2.0:
        return a * a
    try:
        return math.pow(a, b)
    except (OverflowError, ValueError):
        if a < 0.0 and b != math.floor(b):
            return nan
        odd = b != -inf and abs(math.fmod(b, 2.0)) == 1.0  # Python 3.10 raises for 0.0 ** -inf
        return copysign(inf, a) if odd else inf


def times(a: float, b: float) -> float:
    """a * b, but 0 wherever a is 0, even if b is infinite or nan."""
    return a * b if a != 0.0 else 0.0


def negative(a: float) -> float:
    return -a


def absolute(a: float) -> float:
    return abs(a)


# --------------------------------------------------------------------------- exp, log and roots


def exp(a: float) -> float:
    try:
        return math.exp(a)
    except OverflowError:
        return inf


def expm1(a: float) -> float:
    try:
        return math.expm1(a)
    except OverflowError:
        return inf


def exp2(a: float) -> float:
    return power(2.0, a)


def log(a: float) -> float:
    return math.log(a) if a > 0.0 else _below_log(a)


def log_magnitude(a: float) -> float:
    return log(abs(a))


def divide_by_exp(a: float, b: float, c: float) -> float:
    """b * exp(-a) with the sign of c too; b / c where a is log|c|."""
    return divide(b, c) if a == log_magnitude(c) or c != c else b * exp(-a) * copysign(1.0, c)


def log2(a: float) -> float:
    return math.log2(a) if a > 0.0 else _below_log(a)


def log10(a: float) -> float:
    return math.log10(a) if a > 0.0 else _below_log(a)


def log1p(a: float) -> float:
    return math.log1p(a) if a > -1.0 else _below_log(1.0 + a)


def _below_log(a: float) -> float:
    return -inf if a == 0.0 else nan


def sqrt(a: float) -> float:
    return nan if a < 0.0 else math.sqrt(a)


def cbrt(a: float) -> float:
    """The real cube root, negative for negative a; exact for exact cubes.

    `math.cbrt` exists from Python 3.11 only. The power is taken of a number in [1/8, 1), where
    the rounding of 1/3 changes it by less than half an ulp.
    """
    if a == 0.0 or not math.isfinite(a):
        return a
    fraction, exponent = math.frexp(abs(a))
    shift = exponent % 3 - 3 if exponent % 3 else 0
    root = math.pow(math.ldexp(fraction, shift), 1.0 / 3.0)
    return copysign(math.ldexp(root, (exponent - shift) // 3), a)


def hypot(a: float, b: float) -> float:
    """sqrt(a*a + b*b) without overflow or underflow on the way; inf if either is infinite."""
    a = abs(a)
    b = abs(b)
    if a == inf or b == inf:
        return inf
    m = a if a > b else b
    if 1e-140 < m < 1e140:
        return math.sqrt(a * a + b * b)
    if m == 0.0 or a != a or b != b:
        return a + b
    exponent = math.frexp(m)[1]
    a = math.ldexp(a, -exponent)
    b = math.ldexp(b, -exponent)
    root = math.sqrt(a * a + b * b)
    return inf if exponent == 1024 and root >= 1.0 else math.ldexp(root, exponent)


def direction(a: float, b: float) -> float:
    """a / hypot(a, b), the cosine of the angle of the point (a, b); 0 at the origin.

    This is the derivative of hypot; at the origin 0 is its subgradient of least norm.
    """
    if a == 0.0 and b == 0.0:
        return 0.0
    if a != a or b != b or (abs(a) == inf and abs(b) == inf):
        return nan
    if abs(a) == inf:
        return copysign(1.0, a)
    if abs(b) == inf:
        return copysign(0.0, a)
    largest = max(abs(a), abs(b))
    if 1e-140 < largest < 1e140:
        return a / math.sqrt(a * a + b * b)
    exponent = math.frexp(largest)[1]
    a = math.ldexp(a, -exponent)
    b = math.ldexp(b, -exponent)
    return a / math.sqrt(a * a + b * b)


def maximum_magnitude(a: float, b: float) -> float:
    return b if abs(b) > abs(a) else a


def minimum_magnitude(a: float, b: float) -> float:
    return a if abs(b) > abs(a) else b


def semicircle(a: float) -> float:
    """sqrt(1 - a*a), with no digit lost where |a| is close to 1."""
    return sqrt((1.0 - a) * (1.0 + a))


# --------------------------------------------------------------------------- trigonometric


def sin(a: float) -> float:
    return math.sin(a) if abs(a) != inf else nan


def cos(a: float) -> float:
    return math.cos(a) if abs(a) != inf else nan


def tan(a: float) -> float:
    return math.tan(a) if abs(a) != inf else nan


def arcsin(a: float) -> float:
    return nan if abs(a) > 1.0 else math.asin(a)


def arccos(a: float) -> float:
    return nan if abs(a) > 1.0 else math.acos(a)


arctan = math.atan
arctan2 = math.atan2
radians = math.radians
degrees = math.degrees

# --------------------------------------------------------------------------- hyperbolic


def sinh(a: float) -> float:
    try:
        return math.sinh(a)
    except OverflowError:
        return copysign(inf, a)


def cosh(a: float) -> float:
    try:
        return math.cosh(a)
    except OverflowError:
        return inf


tanh = math.tanh
arcsinh = math.asinh


def arccosh(a: float) -> float:
    return nan if a < 1.0 else math.acosh(a)


def arctanh(a: float) -> float:
    if abs(a) < 1.0 or a != a:
        return math.atanh(a)
    return copysign(inf, a) if abs(a) == 1.0 else nan


def sech_squared(a: float) -> float:
    """1 / cosh(a)**2, the derivative of tanh, also where cosh overflows."""
    e = math.exp(-2.0 * abs(a))
    return 4.0 * e / ((1.0 + e) * (1.0 + e))


# --------------------------------------------------------------------------- error function

erf = math.erf
erfc = math.erfc


def gaussian(a: float) -> float:
    """exp(-a*a); the square is split, because its rounding error alone causes 300 ulp at a = 26."""
    if abs(a) > 30.0:
        return 0.0
    high = _high_half(a)
    return math.exp(-high * high) * math.exp(-(a - high) * (a + high))


def _high_half(a: float) -> float:
    """The upper 26 bits of a, whose square is exact (Veltkamp's splitting)."""
    c = 134217729.0 * a
    return c - (c - a)


# --------------------------------------------------------------------------- learning


def sigmoid(a: float) -> float:
    """1 / (1 + exp(-a)), which never takes exp() of a positive number: that could overflow."""
    if a < 0.0:
        e = math.exp(a)
        return e / (1.0 + e)
    return 1.0 / (1.0 + math.exp(-a))


def softplus(a: float) -> float:
    """log(1 + exp(a)), which never takes exp() of a positive number: that could overflow."""
    e = math.log1p(math.exp(-abs(a)))
    return a + e if a > 0.0 else e


def relu(a: float) -> float:
    return 0.0 if a <= 0.0 else a


# --------------------------------------------------------------------------- steps and choices


def step(a: float) -> float:
    return 1.0 if a > 0.0 else 0.0 if a <= 0.0 else nan


def sign(a: float) -> float:
    return 1.0 if a > 0.0 else -1.0 if a < 0.0 else a


def floor(a: float) -> float:
    return copysign(float(math.floor(a)), a) if math.isfinite(a) else a


def ceil(a: float) -> float:
    return copysign(float(math.ceil(a)), a) if math.isfinite(a) else a


def trunc(a: float) -> float:
    return copysign(float(math.trunc(a)), a) if math.isfinite(a) else a


def rint(a: float) -> float:
    return copysign(float(round(a)), a) if math.isfinite(a) else a


def round_digits(a: float, b: float) -> float:
    """Python's round(a, b): the decimal number of b digits after the point that is nearest to a, ties to even."""
    if b != b or not math.isfinite(a):
        return nan if b != b else a
    try:
        return round(a, int(max(-400.0, min(b, 400.0))))
    except OverflowError:
        return copysign(inf, a)


def remainder(a: float, b: float) -> float:
    """Python's a % b, which has the sign of b; nan for b = 0 and infinite a."""
    y = fmod(a, b)
    if y == 0.0:
        return copysign(0.0, b)
    return y + b if (y < 0.0) != (b < 0.0) else y


def floor_divide(a: float, b: float) -> float:
    """Python's a // b, the floor of the exact quotient; for b = 0 it is a / b."""
    if b == 0.0:
        return divide(a, b)
    rest = fmod(a, b)
    y = (a - rest) / b
    if rest != 0.0 and (rest < 0.0) != (b < 0.0):
        y -= 1.0
    if y == 0.0:
        return copysign(0.0, a / b)
    whole = floor(y)
    return whole + 1.0 if y - whole > 0.5 else whole


def fmod(a: float, b: float) -> float:
    return math.fmod(a, b) if b != 0.0 and abs(a) != inf else a * nan


def ieee_remainder(a: float, b: float) -> float:
    return math.remainder(a, b) if b != 0.0 and abs(a) != inf else a * nan


def with_sign(a: float, b: float) -> float:
    """a with the sign of b; nan if b is nan, because the sign of a nan is not the same on every machine."""
    return math.copysign(a, b) if b == b else nan


def maximum(a: float, b: float) -> float:
    return a if a > b or a != a else b


def minimum(a: float, b: float) -> float:
    return a if a < b or a != a else b


def exceeds(a: float, b: float) -> float:
    """1 where a > b, 0 where a < b, one half on a tie: the derivative of maximum."""
    return 1.0 if a > b else 0.0 if a < b else 0.5 if a == b else nan


def identity(a: float) -> float:
    return a


def where(a: float, b: float, c: float) -> float:
    return b if a else c
