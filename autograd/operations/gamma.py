"""The gamma function, its logarithm and the derivatives of that: floats in, a float out.

`math.lgamma` loses five digits around its zeros at 1 and 2 (71,268 ulp at the worst), and `math`
has no digamma. For positive arguments each function here is exact to a few ulp, zeros included;
for negative ones it is exact to a few ulp of the larger term of the reflection formula.

Formulas: Abramowitz and Stegun, Handbook of Mathematical Functions, chapter 6; a comment at each use
has the formula's number. Polynomials: Chebyshev fits on [1, 2.5] in powers of x - 1.75, highest
first, by `mpmath.chebyfit(f, [-0.75, 0.75], n)` at 60 digits, rounded to double.
"""

import math
from math import copysign, inf, nan

from autograd.operations.floats import divide, exp, log, power

# lgamma(x) / ((x - 1) * (x - 2)), which has no zeros: so the zeros of lgamma stay exact
_LGAMMA = (
    -5.0333679908980265e-08,
    9.11277895517167e-08,
    1.8847734392676648e-08,
    -3.336913537804954e-08,
    -2.386040832536453e-07,
    4.346200532078776e-07,
    -5.128211509102332e-07,
    9.424957587698116e-07,
    -1.9066804238023735e-06,
    3.516434844428187e-06,
    -6.434822788014993e-06,
    1.194597872164936e-05,
    -2.228191217665965e-05,
    4.170624738675929e-05,
    -7.846167352252309e-05,
    0.00014851664114522942,
    -0.0002831906297104388,
    0.0005448970025495887,
    -0.0010605660749412342,
    0.0020955338792364464,
    -0.004226194125928346,
    0.008776370425277888,
    -0.019053957830247412,
    0.04452044719850941,
    -0.11948158662524275,
    0.4501393121092563,
)

# digamma(x) / (x - root)
_DIGAMMA = (
    -4.279624085203948e-07,
    7.489345618425701e-07,
    3.744655461967921e-07,
    -6.553134477930105e-07,
    -1.8152982571215072e-06,
    3.176783869523677e-06,
    -2.493637963206625e-06,
    4.363954155587837e-06,
    -9.711942635667115e-06,
    1.699656557302208e-05,
    -2.8781726259309088e-05,
    5.037306922478186e-05,
    -8.848107178256062e-05,
    0.00015488023513747138,
    -0.00027107414127335234,
    0.0004746724618090757,
    -0.0008314991405858443,
    0.0014573755956349848,
    -0.002556686367507804,
    0.00449181364672186,
    -0.007910468781929783,
    0.01398578618617086,
    -0.024890048488912565,
    0.04479965445273985,
    -0.08228558635577836,
    0.15712011335204287,
    -0.3262546278681057,
    0.8581832171262995,
)

# the root of digamma as the sum of two doubles
_ROOT = 1.4616321449683622
_ROOT_REST = 9.549995429965697e-17

# B(2k) for k = 1, 2, ... (23.1.2)
_BERNOULLI = (
    1 / 6,
    -1 / 30,
    1 / 42,
    -1 / 30,
    5 / 66,
    -691 / 2730,
    7 / 6,
    -3617 / 510,
    43867 / 798,
    -174611 / 330,
)

_ROOT_TWO_PI = 2.5066282746310007
_ROOT_TWO_PI_REST = -7.312045493924426e-17  # what its rounding lost, as a part of it
_HALF_LOG_TWO_PI = 0.9189385332046728
_LOG_PI = 1.1447298858494002


def gamma(a: float) -> float:
    """The gamma function; infinite at 0 and -0.0, nan at the negative integers and at -inf."""
    if a != a or a == inf or a == -inf:
        return inf if a == inf else nan
    if a <= 0.0:
        if a == 0.0:
            return divide(1.0, a)
        if a == math.floor(a):
            return nan
        if a > -1e-17:
            return divide(1.0, a)
        # 6.1.17
        y = divide(-math.pi, a * _sin_pi(a))
        if a > -10.0:
            return y / gamma(-a)
        return y / _stirling(-a) / _root(-a) / _root(-a) if a > -200.0 else copysign(0.0, y)
    if a < 1.0:
        # 6.1.15; it takes a + 1, which is never computed and so never rounded
        return divide(math.exp(a * (a - 1.0) * _polynomial(_LGAMMA, a - 0.75)), a)
    if a < 10.0:
        product = 1.0
        while a > 2.5:
            a -= 1.0
            product *= a
        return product * math.exp((a - 1.0) * (a - 2.0) * _polynomial(_LGAMMA, a - 1.75))
    if a <= 23.0 and a == math.floor(a):
        return _factorial(a - 1.0)
    return _stirling(a) * _root(a) * _root(a) if a < 200.0 else inf


def _root(a: float) -> float:
    """The square root of a ** (a - 1/2), which does not overflow."""
    return power(a, 0.5 * a - 0.25)


def _stirling(a: float) -> float:
    """gamma(a) / a ** (a - 1/2) for a from 10 on: the exponential of 6.1.41."""
    y = _ROOT_TWO_PI * exp(-a)
    return y + y * math.expm1(_series(a) + _ROOT_TWO_PI_REST)


def _series(a: float) -> float:
    """The asymptotic series at the end of 6.1.41."""
    series = 0.0
    square = a * a
    for k in range(8, 0, -1):
        series = series / square + _BERNOULLI[k - 1] / (2 * k * (2 * k - 1))
    return series / a


def lgamma(a: float) -> float:
    """log(|gamma(a)|); inf at 0, at the negative integers and at both infinities."""
    if a != a or abs(a) == inf:
        return abs(a)
    if a <= 0.0:
        if a == math.floor(a):
            return inf
        if a > -1e-17:
            return -math.log(-a)
        # 6.1.17
        return _LOG_PI - math.log(abs(a * _sin_pi(a))) - lgamma(-a)
    if a < 1.0:
        # 6.1.15; it takes a + 1, which is never computed and so never rounded
        return a * (a - 1.0) * _polynomial(_LGAMMA, a - 0.75) - math.log(a)
    if a <= 2.5:
        return (a - 1.0) * (a - 2.0) * _polynomial(_LGAMMA, a - 1.75)
    if a < 10.0:
        product = 1.0
        while a > 2.5:
            a -= 1.0
            product *= a
        return (a - 1.0) * (a - 2.0) * _polynomial(_LGAMMA, a - 1.75) + math.log(product)
    # 6.1.41
    return (a - 0.5) * (math.log(a) - 1.0) + ((_HALF_LOG_TWO_PI - 0.5) + _series(a))


def digamma(a: float) -> float:
    """The derivative of lgamma; -inf at 0, inf at -0.0, nan at the negative integers."""
    if a <= 0.0:
        if a == 0.0:
            return divide(-1.0, a)
        if a == -inf or a == math.floor(a):
            return nan
        # 6.3.7
        return digamma(1.0 - a) - math.pi * divide(_cos_pi(a), _sin_pi(a))
    if a < 1.0:
        # 6.3.5; it takes a + 1, which is never computed and so never rounded
        return (a - (_ROOT - 1.0) - _ROOT_REST) * _polynomial(_DIGAMMA, a - 0.75) - divide(1.0, a)
    if a <= 2.5:
        return (a - _ROOT - _ROOT_REST) * _polynomial(_DIGAMMA, a - 1.75)
    if a < 10.0:
        total = 0.0
        while a > 2.5:
            a -= 1.0
            total += 1.0 / a
        return (a - _ROOT - _ROOT_REST) * _polynomial(_DIGAMMA, a - 1.75) + total
    # 6.3.18
    series = 0.0
    square = a * a
    for k in range(8, 0, -1):
        series = series / square + _BERNOULLI[k - 1] / (2 * k)
    return log(a) - (0.5 / a + series / square)


def polygamma(n: float, a: float) -> float:
    """The n-th derivative of digamma for whole n from 1 to 100, nan for any other n.

    At the poles 0, -1, -2, ... it is inf for odd n, and equal to digamma for even n.
    """
    if not _is_order(n) or a != a or a == -inf:
        return nan
    sign = -1.0 if math.fmod(n, 2.0) == 0.0 else 1.0
    if a == inf:
        return 0.0 * sign
    if a <= 0.0:
        if a == math.floor(a):
            return inf if sign > 0.0 else digamma(a)
        if a > -1e-17:
            return _factorial(n) * power(-a, -n - 1.0)
        # 6.4.7
        return -sign * polygamma(n, 1.0 - a) - _cot_pi_derivative(int(n), a)
    # 6.4.11 at `far`, where it is exact, then 6.4.6 down to a; the terms have one sign, the small ones come first
    steps = max(0, math.ceil(10.0 + n - a))
    far = a + steps
    total = 0.0
    coefficient = 1.0
    for k in range(1, 11):
        coefficient *= (n + (2 * k - 2)) * (n + (2 * k - 1)) / ((2 * k - 1) * (2 * k)) / far / far
        total += _BERNOULLI[k - 1] * coefficient
    total = 1.0 + (0.5 * n / far + total)
    if not steps:  # far ** -n may underflow although the result does not
        half = power(far, -0.5 * n)
        return sign * (_factorial(n - 1.0) * half) * total * half
    total *= power(far, -n)
    for k in range(steps - 1, -1, -1):
        total += n * power(a + k, -n - 1.0)
    return sign * _factorial(n - 1.0) * total


def _is_order(n: float) -> bool:
    """Whether n is the order of a derivative; beyond 100 no buffer of floats.h is long enough."""
    return 1.0 <= n <= 100.0 and n == math.floor(n)


def _polynomial(coefficients: tuple[float, ...], z: float) -> float:
    y = 0.0
    for coefficient in coefficients:
        y = y * z + coefficient
    return y


def _sin_pi(a: float) -> float:
    """sin(pi * a), without the rounding error of pi * a."""
    a = math.fmod(a, 2.0)
    nearest = float(round(2.0 * a))
    rest = math.pi * (a - 0.5 * nearest)
    quarter = int(nearest) % 4
    y = math.cos(rest) if quarter % 2 else math.sin(rest)
    return -y if quarter >= 2 else y


def _cos_pi(a: float) -> float:
    return _sin_pi(0.5 - math.fmod(a, 2.0)) if abs(a) >= 0.25 else math.cos(math.pi * a)


def _cot_pi_derivative(n: int, a: float) -> float:
    """pi times the n-th derivative of cot(pi * a): a polynomial in the cotangent."""
    c = divide(_cos_pi(a), _sin_pi(a))
    coefficients = [0.0, 1.0]
    for _ in range(n):
        slopes = [k * coefficients[k] for k in range(1, len(coefficients))]
        coefficients = [0.0] * (len(slopes) + 2)
        for k, slope in enumerate(slopes):
            coefficients[k] -= slope * math.pi
            coefficients[k + 2] -= slope * math.pi
    return math.pi * _polynomial(tuple(reversed(coefficients)), c)


def _factorial(n: float) -> float:
    y = 1.0
    while n > 1.0 and y != inf:
        y *= n
        n -= 1.0
    return y
