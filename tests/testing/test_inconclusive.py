"""Gradient checks say where they cannot tell, and nowhere else: at kinks, in noise, at the limits of floats."""

import pytest

import autograd as ag
from autograd.testing import GradientError, InconclusiveError, check_gradients
from tests.effort import scaled, seeded

# --------------------------------------------------------------------------- at the limits of floats


@pytest.mark.parametrize(
    ("f", "at"),
    [
        (lambda a, b: a * b, (1e-200, 1e-200)),
        (lambda a: a * 1.0, (5e-324,)),
        (lambda a: ag.log(1.0 + ag.exp(a)), (-8.799527524907406,)),  # where 1 + x rounds x away
        (lambda a: 1 / a, (1e-100,)),
        (lambda a: a * a, (1e150,)),
    ],
)
def test_what_underflows_or_rounds_is_not_held_against_the_gradient(f, at):
    check_gradients(f, *at)


@pytest.mark.parametrize(
    ("f", "at", "sentence"),
    [
        (lambda x: 1 / x, 1e-200, "do not settle"),  # the derivative is beyond the floats
        (lambda x: x * x, 1e-160, "too inexact for 2e-160"),  # subnormal numbers have few digits
        (lambda x: x * x * 1e200, 1e-200, "too inexact for 2"),  # x * x underflows
        (lambda x: ag.exp(x), -744.0, "too inexact"),
    ],
)
def test_what_floats_cannot_show_is_inconclusive(f, at, sentence):
    with pytest.raises(InconclusiveError, match=sentence):
        check_gradients(f, at)


@pytest.mark.parametrize("size", [1.0, 1e-3, 4e-7, 1e-8])
def test_small_kinks_are_told_too(size):
    with pytest.raises(InconclusiveError, match="a kink"):
        check_gradients(lambda x: x + size * abs(x), 0.0)


@pytest.mark.parametrize("at", [1.0, -2.5, 1e-12, 1e5])
@pytest.mark.parametrize("size", [1.0, 1e-5])
def test_kinks_on_a_curve_are_told_too(at, size):
    with pytest.raises(InconclusiveError, match="a kink"):
        check_gradients(lambda x: size * abs(x - at) + ag.log(x * x + 1.0), at)


@pytest.mark.parametrize("at", [0.0, 1.0, -2.5])
def test_a_jump_of_the_second_derivative_alone_is_no_kink(at):
    def f(x):
        return ag.relu(x - at) ** 2 + x

    check_gradients(f, at)
    with pytest.raises(InconclusiveError, match=r"for the derivative by args\[0\]: .* a kink"):
        check_gradients(f, at, order=2)


def test_an_infinite_partial_is_named():
    with pytest.raises(GradientError, match=r"the partial derivative of cbrt\(0\.0\) by a is inf, at .*cbrt"):
        check_gradients(lambda x: ag.cbrt(x) ** 3, 0.0)


@pytest.mark.parametrize("f", [ag.sqrt, ag.cbrt, lambda x: ag.sqrt(abs(x)), lambda x: 1 / x, lambda x: ag.sin(1e9 / x)])
def test_what_is_not_differentiable_is_inconclusive(f):
    with pytest.raises(InconclusiveError):
        check_gradients(f, 0.0)


@pytest.mark.parametrize("frequency", [2.0e6, 1.0e7, 3.3e8, 5.7e10])
def test_what_varies_faster_than_the_steps_is_inconclusive(frequency):
    with pytest.raises(InconclusiveError):
        check_gradients(lambda x: ag.sin(frequency * x), 0.3)


@pytest.mark.parametrize("noise", [1e-13, 1e-10, 1e-7, 1e-4, 1e-2])
def test_noise_is_not_held_against_the_gradient(noise):
    rng = seeded("noise")
    outcomes = set()
    for _ in range(scaled(100)):
        try:
            check_gradients(lambda x: ag.sin(x) * (1.0 + noise * rng.uniform(-1, 1)), 0.7)
            outcomes.add("right")
        except InconclusiveError:
            outcomes.add("doubt")
    assert outcomes == {"right"} if noise < 1e-6 else "doubt" in outcomes or noise < 1e-2


@pytest.mark.parametrize("offset", [10.0**k for k in range(0, 16, 3)])
def test_digits_that_cancel_within_the_function_are_not_held_against_the_gradient(offset):
    try:
        check_gradients(lambda x: (offset + ag.sin(x)) - offset, 0.7)
    except InconclusiveError:
        assert offset >= 1e9


@pytest.mark.parametrize(
    ("f", "at", "order"),
    [
        (lambda x: ag.arcsin(x), (0.999999,), 1),
        (lambda x: ag.sqrt(1 - x * x), (0.99999,), 2),
        (lambda x: ag.tan(x), (1.57,), 1),
        (lambda x: ag.sqrt(x), (1e-10,), 2),
        (lambda x: ag.log1p(x), (1e-15,), 2),
        (lambda x: ag.lgamma(x), (-2.5,), 1),
        (lambda x: ag.digamma(x), (1e-3,), 2),
        (lambda x: ag.relu(x) + ag.exp(x), (1e-9,), 2),
        (lambda x: ag.relu(x - 1.0) + ag.exp(x), (1.0001,), 2),
        (lambda x, y: ag.arctan2(x, y), (0.0, 3.0), 2),
        (lambda x, y: ag.hypot(x, y), (0.0, 3.0), 2),
        (lambda x, y: (1 - x) ** 2 + 100 * (y - x * x) ** 2, (-1.2, 1.0), 3),
        (lambda x, y: x / y, (1.0, 1e-5), 2),
        (lambda x: ag.sum(ag.sin(x * k) / k for k in range(1, 30)), (0.3,), 2),
        (lambda x: x * x if x > 0 else 0.0, (-1.0,), 2),
    ],
)
def test_smooth_points_near_what_is_not_smooth_pass(f, at, order):
    check_gradients(f, *at, order=order)


@pytest.mark.parametrize("n", range(1, 13))
def test_powers_are_right_where_they_are_flat(n):
    check_gradients(lambda x: x**n, 0.0, order=2)
    check_gradients(lambda x: 1.0 + x**n, 0.0, order=2)
    check_gradients(lambda x: ag.sin(x) ** n, 0.0, order=2)


@pytest.mark.parametrize("error", [NotImplementedError, ValueError, ZeroDivisionError, OverflowError, IndexError])
@pytest.mark.parametrize("at", [0.0, 1e-9, 0.5, 1.0])
def test_exceptions_beyond_the_end_of_a_domain_do_not_escape(error, at):
    def f(x):
        if x < 0 or x > 1:
            raise error("outside")
        return x * x

    check_gradients(f, at, order=2)
    with pytest.raises(error, match="outside"):
        check_gradients(f, 2.0)


def test_ints_too_large_for_a_float_do_not_escape():
    check_gradients(lambda x: x * x if x < 1.25 else 10**400, 1.0)
    with pytest.raises(InconclusiveError, match=r"the function is inf at args\[0\] = 2\.0"):
        check_gradients(lambda x: x * x if x < 1.25 else 10**400, 2.0)


# --------------------------------------------------------------------------- each derivative at its own scale


@pytest.mark.parametrize("size", [1e-6, 1e-8, 1e-12, 1e-20, 1e-100])
@pytest.mark.parametrize("g", [lambda x: x * ag.stop_gradient(x), lambda x: ag.sin(x) * ag.stop_gradient(ag.sin(x))])
def test_a_wrong_derivative_does_not_pass_however_small_it_is_beside_another(size, g):
    with pytest.raises(GradientError):
        check_gradients(lambda p: ag.sin(p[0]) / size + size * g(p[1]), [1.0, 1.0])


def test_a_small_derivative_that_can_be_checked_passes():
    check_gradients(lambda p: 1e8 * ag.sin(p[0]) + 1e-8 * p[1] * p[1], [1.0, 1.0])
    check_gradients(lambda x: 1e12 + x * x, 1.0)
    with pytest.raises(InconclusiveError, match=r"args\[0\]\[1\] = 1\.0: the quotient .* is too inexact for 1e-30"):
        check_gradients(lambda p: ag.sin(p[0]) + 1e-30 * p[1], [1.0, 1.0])


def test_terms_that_cancel_give_the_scale_of_a_derivative():
    check_gradients(lambda x: ag.sin(x) ** 2 + ag.cos(x) ** 2, 0.7, order=2)  # rounding leaves 1e-17 of 0


@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1e-100, 1e100, 1e200, 1e307])
def test_functions_of_any_size_are_checked(scale):
    check_gradients(lambda x: scale * ag.sin(x), 0.7, order=2)
    with pytest.raises(GradientError, match="but the difference quotient is"):
        check_gradients(lambda x: scale * ag.sin(x) * (1.0 + 1e-6 * (x - ag.stop_gradient(x))), 0.7)
