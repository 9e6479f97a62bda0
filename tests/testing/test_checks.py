"""Gradient checks: they estimate their error, pass right gradients, and find wrong ones."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd.derivatives import calls
from autograd.engine import topological_order
from autograd.operations.operation import Binary, Unary
from autograd.testing import GradientError, check_gradients, expressions, numerical_gradient, points_for
from tests.effort import examples

REAL = (-math.inf, math.inf)


# --------------------------------------------------------------------------- right gradients pass


@pytest.mark.no_cover
@pytest.mark.parametrize(("order", "max_ops"), [(1, 6), pytest.param(2, 4, marks=pytest.mark.campaign)])
def test_smooth_expressions_pass_and_nearly_all_can_be_checked(order, max_ops):
    outcomes = []

    @examples(60)
    @given(f=expressions(max_ops=max_ops), data=st.data())
    def check(f, data):
        point = data.draw(points_for(f))
        assert f.is_smooth_at(point)
        try:
            check_gradients(f, *point, order=order)
            outcomes.append("right")
        except GradientError as error:  # steep where it is still smooth
            assert "cannot be checked" in str(error)  # noqa: PT017  # both outcomes are counted
            outcomes.append("doubt")

    check()
    assert outcomes.count("right") >= 0.9 * len(outcomes)


def test_structures_and_modes():
    def f(p, q):
        return ag.sum(x * x for x in p["w"]) * q

    check_gradients(f, {"w": [1.0, 2.0]}, 3.0, order=3)
    check_gradients(f, {"w": [1.0, 2.0]}, 3.0, modes=["forward"])
    with pytest.raises(ValueError, match='modes are "reverse" and "forward", got \'sideways\''):
        check_gradients(f, {"w": [1.0]}, 3.0, modes=["sideways"])
    with pytest.raises(ValueError, match="order is 1 or more, got 0"):
        check_gradients(f, {"w": [1.0]}, 3.0, order=0)


# --------------------------------------------------------------------------- wrong gradients fail


def test_a_partial_that_is_wrong_by_1e_minus_6_is_caught_with_its_operation_and_line(table):
    wrong = Unary("wrong_sin", "sin", math.sin, "sin(a)", ("1.000001*cos(a)",), (REAL,), "", "Wrong.")
    assert table["wrong_sin"] is wrong

    def f(x, y):
        z = x * y
        return wrong(z) + y * y  # this line

    with pytest.raises(GradientError) as caught:
        check_gradients(f, 0.5, 0.75)
    message = str(caught.value)
    assert "the derivative by args[" in message
    assert "in reverse mode, but the difference quotient is 0." in message
    assert "that of wrong_sin(0.375) by a" in message
    assert "`return wrong(z) + y * y  # this line`" in message


def test_a_sign_error_behind_a_long_chain_is_caught(table):
    wrong = Unary("wrong_cos", "cos", math.cos, "cos(a)", ("sin(a)",), (REAL,), "", "Wrong.")
    assert "wrong_cos" in table

    def f(x):
        y = wrong(x)
        for _ in range(300):
            y = ag.tanh(1.01 * y)
        return y

    with pytest.raises(GradientError, match=r"that of wrong_cos\(0\.3\) by a: it recorded 0\.29"):
        check_gradients(f, 0.3)


def test_swapped_arguments_are_caught(table):
    wrong = Binary("wrong_quotient", "/", lambda a, b: a / b, "a / b", ("-y/b", "1.0/b"), (REAL, REAL), "", "Wrong.")
    assert "wrong_quotient" in table
    with pytest.raises(GradientError, match=r"that of wrong_quotient\(2\.0, 4\.0\) by a"):
        check_gradients(lambda a, b: wrong(a, b), 2.0, 4.0)


def test_gradients_of_a_shared_node_that_are_not_added_up_are_caught(monkeypatch):
    def set_instead_of_add(root):
        found = {root: 1.0}
        for node in reversed(topological_order(root)):
            for x, partial in zip(node.inputs, node.partials, strict=True):
                found[x] = found.get(node, 0.0) * partial
        return found

    check_gradients(lambda x: x * x.sin(), 1.0)
    monkeypatch.setattr(calls, "derivatives", set_instead_of_add)
    with pytest.raises(GradientError, match="so they are added up wrongly"):
        check_gradients(lambda x: x * x.sin(), 1.0)
    check_gradients(lambda x: x * x.sin(), 1.0, modes=["forward"])


def test_a_number_that_lost_its_gradient_is_caught():
    with pytest.raises(TypeError, match=r"\.data of a Value that grad\(\) differentiates through loses its gradient"):
        check_gradients(lambda x: x * x.data, 2.0)


@pytest.mark.parametrize("f", [ag.relu, abs, lambda x: ag.maximum(x, 2 * x)])
def test_a_kink_is_not_passed_in_silence(f):
    with pytest.raises(GradientError, match=r"cannot be checked at args\[0\] = 0\.0: a kink, .* at another point"):
        check_gradients(f, 0.0)
    check_gradients(f, 1e-9)
    check_gradients(f, -1e-3)


def test_a_wrong_second_derivative_is_caught(table):
    wrong = Unary("wrong_tanh", "tanh", math.tanh, "tanh(a)", ("wrong_slope(a)",), (REAL,), "", "Right at order 1.")
    Unary("wrong_slope", "s", lambda a: 1 / math.cosh(a) ** 2, "s", ("-2.1*tanh(a)*y",), (REAL,), "", "Wrong.")
    assert "wrong_slope" in table
    check_gradients(wrong, 0.5)
    with pytest.raises(GradientError, match=r"for the derivative by args\[0\]: .*wrong_slope\(0\.5\) by a"):
        check_gradients(wrong, 0.5, order=2)


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


@pytest.mark.parametrize(("f", "at"), [(lambda x: 1 / x, 1e-200), (lambda x: x * x, 1e-160)])
def test_a_derivative_beyond_the_floats_and_one_of_subnormal_numbers_are_doubts(f, at):
    found = numerical_gradient(f, at)
    assert found.error > 0.0
    assert "do not settle" in found.doubts[0]


@pytest.mark.parametrize("size", [1.0, 1e-3, 4e-7, 1e-8])
def test_small_kinks_are_told_too(size):
    with pytest.raises(GradientError, match="a kink"):
        check_gradients(lambda x: x + size * abs(x), 0.0)


def test_an_infinite_partial_is_named():
    with pytest.raises(GradientError, match=r"the partial derivative of cbrt\(0\.0\) by a is inf, at .*cbrt"):
        check_gradients(lambda x: ag.cbrt(x) ** 3, 0.0)


def test_what_checks_nothing_is_refused():
    def wrong(x):
        return x * ag.stop_gradient(x)

    with pytest.raises(ValueError, match="got none of them; leave it out for both"):
        check_gradients(wrong, 2.0, modes=())
    with pytest.raises(GradientError):
        check_gradients(wrong, 2.0, modes="reverse")
    with pytest.raises(TypeError, match=r"gives one number, got str"):
        numerical_gradient(lambda _: "1", 2.0)
    with pytest.raises(TypeError, match=r"\.data of a Value that grad"):
        check_gradients(lambda x: x.data * 2, 1.0)
