"""At thousands of points of smooth functions no kink is seen, no right gradient is wrong, and errors are honest."""

import pytest
from mpmath import mp

import autograd as ag
from autograd.testing import GradientError, InconclusiveError, check_gradients, numerical_gradient
from tests.effort import scaled, seeded


class Exact:
    """The functions of mpmath by the names of autograd."""

    erfc, exp, lgamma, log, sin, sqrt, tanh = mp.erfc, mp.exp, mp.loggamma, mp.log, mp.sin, mp.sqrt, mp.tanh


pytestmark = pytest.mark.no_cover


def normal(m, z):
    return m.erfc(-z / m.sqrt(2)) / 2


def black(m, spot, volatility, years):
    deviation = volatility * m.sqrt(years)
    d = m.log(spot / 100) / deviation + deviation / 2
    return spot * normal(m, d) - 100 * normal(m, d - deviation)


def polynomial(_, x, *coefficients):
    return sum(c * x**k for k, c in enumerate(coefficients))


FAMILIES = {
    # the function of x and of some constants, how to draw x and the constants
    "price by spot": (lambda m, x, v, t: black(m, x, v, t), lambda u: (u(50, 150), u(0.05, 0.8), u(0.02, 3))),
    "price by volatility": (lambda m, x, s, t: black(m, s, x, t), lambda u: (u(0.2, 0.8), u(80, 125), u(0.25, 3))),
    "price by years": (lambda m, x, s, v: black(m, s, v, x), lambda u: (u(0.25, 3), u(80, 125), u(0.2, 0.8))),
    "normal density": (lambda m, x: m.exp(-x * x / 2), lambda u: (u(-38, 38),)),
    "normal tail": (normal, lambda u: (u(-37, 5),)),
    "polynomial": (polynomial, lambda u: (u(-3, 3), *(u(-2, 2) for _ in range(7)))),
    "polynomial far out": (polynomial, lambda u: (u(-1, 1) * 10 ** u(-5, 5), *(u(-2, 2) for _ in range(4)))),
    "lgamma": (lambda m, x: m.lgamma(x), lambda u: (10 ** u(-3, 3),)),
    "exp": (lambda m, x, a: m.exp(a * x), lambda u: (u(-200, 200), u(-3, 3))),
    "log": (lambda m, x: m.log(x), lambda u: (10 ** u(-100, 100),)),
    "softplus": (lambda m, x: m.log(1 + m.exp(x)), lambda u: (u(-10, 10),)),
    "tanh": (lambda m, x, a: m.tanh(a * x), lambda u: (u(-3, 3), u(0.5, 3))),
    "fast sine": (lambda m, x, a: m.sin(a * x), lambda u: (u(-3, 3), 10 ** u(-2, 3))),
    "narrow peak": (lambda _, x, a: 1 / (1 + (x / a) ** 2), lambda u: (u(-3, 3), 10 ** u(-3, 1))),
    "essential singularity": (lambda m, x: m.exp(-1 / (x * x)), lambda u: (u(0.04, 1),)),
    "any scale": (
        lambda m, x, a, b: a * m.sin(x / b),
        lambda u: ((b := 10 ** u(-80, 80)) * u(-2, 2), 10 ** u(-200, 200), b),
    ),
}


def derivative(f, x, constants):
    """The derivative by a central difference of 100 digits with a step of 1e-30 |x|."""
    with mp.workdps(100):
        h = abs(mp.mpf(x)) * mp.mpf(10) ** -30
        return float(mp.re(f(Exact, mp.mpf(x) + h, *constants) - f(Exact, mp.mpf(x) - h, *constants)) / (2 * h))


@pytest.mark.parametrize("name", FAMILIES)
def test_no_false_alarm_and_no_error_too_small(name):
    check_family(name, scaled(100))


@pytest.mark.campaign
@pytest.mark.parametrize("name", FAMILIES)
def test_no_false_alarm_at_thousands_of_points(name):
    check_family(name, scaled(2000))


def check_family(name, count):
    f, draw = FAMILIES[name]
    rng = seeded(name)
    for _ in range(count):
        x, *constants = draw(rng.uniform)

        def g(x, constants=constants):
            return f(ag, x, *constants)

        check_gradients(g, x)
        found = numerical_gradient(g, x)
        assert found.doubts == []
        distance = abs(found.gradient - derivative(f, x, constants))
        assert distance <= 3 * found.error


@pytest.mark.parametrize("name", FAMILIES)
def test_a_derivative_that_is_1_percent_wrong_does_not_pass(name):
    f, draw = FAMILIES[name]
    rng = seeded(f"wrong {name}")
    for _ in range(scaled(30)):
        x, *constants = draw(rng.uniform)
        wrong = 0.0101 * derivative(f, x, constants)

        def g(x, constants=constants, wrong=wrong):
            return f(ag, x, *constants) + wrong * (x - ag.stop_gradient(x))

        with pytest.raises(GradientError):
            check_gradients(g, x)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_kink_of_a_thousandth_of_the_slope_is_told(name):
    f, draw = FAMILIES[name]
    rng = seeded(f"kink {name}")
    for _ in range(scaled(30)):
        x, *constants = draw(rng.uniform)
        jump = 1e-3 * derivative(f, x, constants)

        def g(t, x=x, constants=constants, jump=jump):
            return f(ag, t, *constants) + 0.5 * jump * abs(t - x)

        with pytest.raises(InconclusiveError, match="a kink"):
            check_gradients(g, x)


@pytest.mark.parametrize("years", [1e-3, 1e-2])
def test_far_in_the_money_a_price_is_right_or_inconclusive_but_has_no_kink(years):
    rng = seeded("far")
    doubts = []
    for _ in range(scaled(200)):
        try:
            check_gradients(lambda s, v: black(ag, s, v, years), rng.uniform(50, 150), rng.uniform(0.05, 0.8))
        except InconclusiveError as error:
            doubts.append(str(error))
    assert not any("a kink" in doubt for doubt in doubts)


def test_a_derivative_far_below_the_rounding_of_the_value_is_inconclusive():
    with pytest.raises(InconclusiveError, match=r"is too inexact for 1\.28252e-30"):
        check_gradients(lambda v: black(ag, 150.0, v, 0.04), 0.17)
