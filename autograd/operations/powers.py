"""The derivatives of a power by its base, of every order: floats in, a float out.

Each is a whole function, because its factors alone may be 0, infinite or rounded where their product is not. `floats.h`
has the same arithmetic in C.
"""

import math
from math import copysign, inf, nan

from autograd.operations.floats import power


def shifted_power(a: float, b: float, n: float) -> float:
    """a ** (b - n), exact to a few ulp even where b - n is rounded.

    That rounding error, times log(a), is the relative error of the power: 300 ulp at a = 1e300 and b = 0.1.
    """
    e = b - n
    y = power(a, e)
    if y == 0.0 or not math.isfinite(y) or not math.isfinite(e):
        return y
    back = e - b
    lost = (b - (e - back)) - (n + back)
    return y + y * (lost * math.log(abs(a))) if lost else y


def power_slope(a: float, b: float) -> float:
    """b * a ** (b - 1), the derivative of a ** b; 0 at b = 0.

    Where the power overflows, or loses digits to underflow, it is the square of a power with half the exponent.
    """
    if b == 0.0:
        return 0.0
    if b == 2.0:
        return a + a
    y = shifted_power(a, b, 1.0)
    if 1e-290 < abs(y) < inf or y != y:
        return b * y
    half = shifted_power(abs(a), 0.5 * b, 0.5)
    return b * half * half * copysign(1.0, y)


def power_derivative(a: float, b: float, n: float) -> float:
    """The n-th derivative of a ** b by a; exactly 0 beyond the degree, where a ** (b - n) may be infinite."""
    factor = falling_factorial(b, n, 0.0)
    if factor == 0.0:
        return 0.0
    if b - n == 1.0:
        return factor * a
    y = shifted_power(a, b, n)
    if 1e-290 < abs(y) < inf or y != y:
        return factor * y
    half = shifted_power(abs(a), 0.5 * b, 0.5 * n)
    return factor * half * half * copysign(1.0, y)


def falling_factorial(a: float, n: float, order: float) -> float:
    """The derivative of this order of a (a - 1) ... (a - n + 1), by the product rule, factor by factor."""
    if not (0.0 <= n <= 100.0 and 0.0 <= order <= 100.0) or n != math.floor(n) or order != math.floor(order):
        return nan
    last = int(order)
    derivatives = [1.0] + [0.0] * last
    for k in range(int(n)):
        for j in range(last, 0, -1):
            derivatives[j] = derivatives[j] * (a - k) + j * derivatives[j - 1]
        derivatives[0] *= a - k
    return derivatives[last]
