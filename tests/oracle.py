"""The exact results of the operations, from mpmath alone: nothing here reads a formula of the table."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

from mpmath import mp, mpf


def sinc_derivative(n: float, a: mpf) -> mpf:
    """The n-th derivative of sin(pi*a)/(pi*a): pi**n times the integral of t**n cos(pi*a*t + n*pi/2) over 0 < t < 1."""
    n = int(n)
    return mp.pi**n * mp.re(mp.mpc(0, 1) ** n * mp.hyp1f1(n + 1, n + 2, mp.mpc(0, mp.pi * a)) / (n + 1))


def exprel_derivative(n: float, a: mpf) -> mpf:
    return mp.hyp1f1(int(n) + 1, int(n) + 2, a) / (int(n) + 1)


def log1prel_derivative(n: float, a: mpf) -> mpf:
    """By the series about 0, or by the derivatives of a*y = log(1 + a) where that converges slowly."""
    n = int(n)
    if abs(a) < 0.5:
        return (-1) ** n * mp.factorial(n) * mp.hyp2f1(n + 1, n + 1, n + 2, -a) / (n + 1)
    y = mp.log1p(a) / a
    for k in range(1, n + 1):
        y = -((-1) ** k * mp.factorial(k - 1) / (1 + a) ** k + k * y) / a
    return y


def gamma_derivative(n: float, a: mpf) -> mpf:
    """By the product rule on y' = y*digamma(a)."""
    found = [mp.gamma(a)]
    for k in range(int(n)):
        found.append(mp.fsum(mp.binomial(k, j) * found[j] * mp.psi(k - j, a) for j in range(k + 1)))
    return found[-1]


def erfcx_derivative(n: float, a: mpf) -> mpf:
    """By the differential equation y' = 2*a*y - 2/sqrt(pi), at a precision that makes up for its cancellation."""
    before, y = mpf(0), mp.exp(a * a) * mp.erfc(a)
    for k in range(int(n)):
        before, y = y, 2 * (a * y + k * before) - (2 / mp.sqrt(mp.pi) if k == 0 else 0)
    return y


def log_normal_cdf_derivative(n: float, a: mpf) -> mpf:
    """By the Taylor series of y' = -y*(y + a), y = pdf/cdf."""
    series = [mp.npdf(a) / (mp.erfc(-a / mp.sqrt(2)) / 2)]
    for k in range(int(n) - 1):
        products = mp.fsum(series[j] * series[k - j] for j in range(k + 1))
        series.append(-(a * series[k] + (series[k - 1] if k else 0) + products) / (k + 1))
    return series[-1] * mp.factorial(int(n) - 1)


def falling_factorial(a: mpf, n: int, order: int) -> mpf:
    """The derivative of this order of a (a - 1) ... (a - n + 1): the sum over the factors that are left out."""
    kept = itertools.combinations(range(n), n - order) if order <= n else ()
    return mp.factorial(order) * mp.fsum(mp.fprod(a - k for k in factors) for factors in kept)


EXACT: dict[str, Callable[..., mpf]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "power": lambda a, b: mp.power(a, b),
    "negative": lambda a: -a,
    "absolute": lambda a: abs(a),
    "exp": mp.exp,
    "expm1": mp.expm1,
    "log": mp.log,
    "log1p": mp.log1p,
    "log2": lambda a: mp.log(a) / mp.log(2),
    "log10": lambda a: mp.log(a) / mp.log(10),
    "sqrt": mp.sqrt,
    "cbrt": lambda a: mp.cbrt(a) if a > 0 else -mp.cbrt(-a),
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "semicircle": lambda a: mp.sqrt(1 - a * a),
    "arcsin": mp.asin,
    "arccos": mp.acos,
    "arctan": mp.atan,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "sech_squared": lambda a: mp.sech(a) ** 2,
    "arcsinh": mp.asinh,
    "arccosh": mp.acosh,
    "arctanh": mp.atanh,
    "erf": mp.erf,
    "erfc": mp.erfc,
    "gaussian": lambda a: mp.exp(-a * a),
    "gamma": mp.gamma,
    "lgamma": lambda a: mp.loggamma(a),
    "digamma": lambda a: mp.digamma(a),
    "polygamma": lambda n, a: mp.psi(int(n), a),
    "sigmoid": lambda a: 1 / (1 + mp.exp(-a)),
    "softplus": lambda a: mp.log1p(mp.exp(a)),
    "relu": lambda a: max(a, mpf(0)),
    "step": lambda a: mpf(a > 0),
    "sign": lambda a: mpf(mp.sign(a)),
    "floor": mp.floor,
    "ceil": mp.ceil,
    "trunc": lambda a: mp.floor(a) if a > 0 else mp.ceil(a),
    "rint": mp.nint,
    "round_digits": lambda a, b: mp.nint(a * 10 ** int(b)) / 10 ** int(b),
    "remainder": lambda a, b: a - b * mp.floor(a / b),
    "floor_divide": lambda a, b: mp.floor(a / b),
    "fmod": lambda a, b: a - b * (mp.floor(a / b) if a / b > 0 else mp.ceil(a / b)),
    "ieee_remainder": lambda a, b: a - b * mp.nint(a / b),
    "copysign": lambda a, b: abs(a) if b >= 0 else -abs(a),
    "exceeds": lambda a, b: mpf(a > b),
    "maximum": lambda a, b: max(a, b),
    "minimum": lambda a, b: min(a, b),
    "stop_gradient": lambda a: a,
    "where": lambda a, b, c: b if a != 0 else c,
    "hypot": lambda a, b: mp.sqrt(a * a + b * b),
    "direction": lambda a, b: a / mp.sqrt(a * a + b * b),
    "arctan2": lambda a, b: mp.atan2(a, b),
    "maximum_magnitude": lambda a, b: b if abs(b) > abs(a) else a,
    "minimum_magnitude": lambda a, b: a if abs(b) > abs(a) else b,
    "power_slope": lambda a, b: b * mp.power(a, b - 1),
    "times": lambda a, b: a * b,
    "power_derivative": lambda a, b, n: falling_factorial(b, int(n), 0) * mp.power(a, b - n),
    "shifted_power": lambda a, b, n: mp.power(a, b - n),
    "falling_factorial": lambda a, n, order: falling_factorial(a, int(n), int(order)),
    "log_magnitude": lambda a: mp.log(abs(a)),
    "divide_by_exp": lambda a, b, c: mp.sign(c) * b * mp.exp(-a),
    "exp2": lambda a: mp.power(2, a),
    "radians": lambda a: a * mp.pi / 180,
    "degrees": lambda a: a * 180 / mp.pi,
    "logaddexp": lambda a, b: mp.log(mp.exp(a) + mp.exp(b)),
    "share": lambda a, b: 1 / (1 + mp.exp(b - a)),
    "exp_difference": lambda a, b: mp.exp(a - b),
    "fraction": lambda a, b: a / (a + b),
    "log_fraction": lambda a, b, c: -mp.log1p(c * mp.exp(b - a)),
    "add_fraction": lambda a, b: a + b - mp.floor(b),
    "log_sigmoid": lambda a: -mp.log1p(mp.exp(-a)),
    "xlogy": lambda a, b: a * mp.log(b),
    "xlog1py": lambda a, b: a * mp.log1p(b),
    "entr": lambda a: -a * mp.log(a),
    "sinc": lambda a: mp.sinpi(a) / (mp.pi * a) if a else mpf(1),
    "sinc_derivative": sinc_derivative,
    "exprel": lambda a: mp.expm1(a) / a if a else mpf(1),
    "exprel_derivative": exprel_derivative,
    "log1prel": lambda a: mp.log1p(a) / a if a else mpf(1),
    "log1prel_derivative": log1prel_derivative,
    "normal_pdf": lambda a: mp.npdf(a),
    "normal_cdf": lambda a: mp.erfc(-a / mp.sqrt(2)) / 2,
    "log_normal_cdf": lambda a: mp.log(mp.erfc(-a / mp.sqrt(2)) / 2),
    "log_normal_cdf_derivative": log_normal_cdf_derivative,
    "erfcx": lambda a: mp.exp(a * a) * mp.erfc(a),
    "erfcx_derivative": erfcx_derivative,
}


def _linear(i: int, j: int, slope: mpf) -> mpf:
    """The derivative of order i by a and j by b of a + b * slope, where slope is a step."""
    return {(1, 0): mpf(1), (0, 1): mpf(slope)}.get((i, j), mpf(0))


ORDERED = {
    "polygamma": 5,
    **dict.fromkeys((name for name in EXACT if name.endswith("_derivative") and name != "power_derivative"), 3),
}
"""The operations that give a derivative of some order, and the highest order that the tests take."""


def higher(derivative: Callable[..., mpf]) -> Callable[..., mpf]:
    """The k-th derivative by a of the derivative of order n, which is that of order k + n."""
    return lambda _, k, n, a: derivative(k + n, a)


# derivatives of order n that mpmath has: difference quotients of a thousand digits would take half a minute, and those
# of a remainder would step over its jumps
DERIVATIVES: dict[str, Callable[..., mpf]] = {
    "remainder": lambda i, j, a, b: _linear(i, j, -mp.floor(a / b)),
    "fmod": lambda i, j, a, b: _linear(i, j, -(mp.floor(a / b) if a / b > 0 else mp.ceil(a / b))),
    "ieee_remainder": lambda i, j, a, b: _linear(i, j, -mp.nint(a / b)),
    "gamma": gamma_derivative,
    "lgamma": lambda n, a: mp.psi(int(n) - 1, a),
    "digamma": lambda n, a: mp.psi(int(n), a),
    "sinc": sinc_derivative,
    "sinc_derivative": higher(sinc_derivative),
    "exprel": exprel_derivative,
    "exprel_derivative": higher(exprel_derivative),
    "log1prel": log1prel_derivative,
    "log1prel_derivative": higher(log1prel_derivative),
    "erfcx": erfcx_derivative,
    "erfcx_derivative": higher(erfcx_derivative),
    "log_normal_cdf": log_normal_cdf_derivative,
    "log_normal_cdf_derivative": higher(log_normal_cdf_derivative),
}


def exact(name: str, arguments: tuple[float, ...], orders: tuple[int, ...] | None = None) -> mpf:
    """The value of an operation, or a partial derivative of it, right to at least 25 digits.

    A derivative is one of `DERIVATIVES`, or a central difference with a step 1e-40 of the argument, or of 1 if less.
    The working precision is doubled until two results agree to 25 digits, because a difference quotient far out in a
    tail loses hundreds of digits. A result below 1e-1000 becomes 0.
    """
    if orders is not None and name in DERIVATIVES and any(orders):
        function, orders, arguments = DERIVATIVES[name], None, (*orders, *arguments)
    else:
        function = EXACT[name]
    magnitude = max(abs(math.log10(abs(x))) if x else 0.0 for x in arguments)
    digits = 60 if orders is None else int(60 + 40 * sum(orders) + 3 * magnitude)
    before = None
    while digits <= 16000:
        with mp.workdps(digits):
            at = tuple(mpf(x) for x in arguments)
            now = function(*at) if orders is None else _difference(function, at, orders)
        if before is not None and abs(now - before) <= mpf(10) ** -25 * abs(now) and now:
            return now
        if digits > 1600 and abs(now) < mpf(10) ** -1000:
            return mpf(0)
        before = now
        digits *= 2
    raise AssertionError(f"mpmath found no 25 digits of {name}{arguments}, orders {orders}")


def _difference(function: Callable[..., mpf], at: tuple[mpf, ...], orders: tuple[int, ...]) -> mpf:
    for position, order in enumerate(orders):
        if order:
            x = at[position]
            h = min(abs(x), mpf(1)) * mpf(10) ** -40 if x else mpf(10) ** -40
            rest = (*orders[:position], 0, *orders[position + 1 :])
            terms = [
                (-1) ** k
                * mp.binomial(order, k)
                * _difference(function, (*at[:position], there, *at[position + 1 :]), rest)
                for k, there in enumerate(x + (order - 2 * k) * h for k in range(order + 1))
            ]
            return mp.fsum(terms) / (2 * h) ** order
    return function(*at)


def ulps(got: float, want: mpf, scale: float = 0.0) -> float:
    """The distance of got from want, in ulp of want as a double, or of scale if that is larger.

    It is 0 for the same infinity, and inf for nan.
    """
    nearest = float(want)
    if math.isinf(nearest) or not math.isfinite(got):
        return 0.0 if got == nearest else math.inf
    return float(abs(mpf(got) - want) / mpf(math.ulp(max(abs(nearest), abs(scale)))))
