"""Gradient checks: they estimate their error, pass right gradients, and find wrong ones."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd.derivatives import calls, transforms
from autograd.engine import topological_order
from autograd.operations.operation import Binary, Unary
from autograd.testing import (
    GradientError,
    InconclusiveError,
    check_gradients,
    expressions,
    numerical_gradient,
    points_for,
)
from tests.effort import examples, seeded

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
        except InconclusiveError:  # steep where it is still smooth
            outcomes.append("doubt")
            raise

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


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("f", [lambda x: x * x.data, lambda x: x.data * 2, lambda x: x * math.sin(x)])
def test_a_number_that_lost_its_gradient_is_caught(f, order):
    with pytest.raises(GradientError, match=r"the gradient is lost: .* of a Value that \w+\(\) differentiates"):
        check_gradients(f, 2.0, order=order)
    with pytest.raises(GradientError, match=r"a number went through \.data"):
        check_gradients(lambda x: x * ag.stop_gradient(x), 2.0)


@pytest.mark.parametrize("f", [ag.relu, abs, lambda x: ag.maximum(x, 2 * x)])
def test_a_kink_is_not_passed_in_silence(f):
    with pytest.raises(InconclusiveError, match=r"cannot be checked at args\[0\] = 0\.0: a kink, .* at another point"):
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


# --------------------------------------------------------------------------- wrong partials


@pytest.mark.parametrize("factor", [2.0, 1.001, 1.000001, -1.0, 0.0])
@pytest.mark.parametrize(
    ("name", "right", "points"),
    [
        ("exp", "y", (-300.0, -1.0, 0.0, 1e-9, 2.5, 300.0)),
        ("log", "1.0/a", (1e-200, 1e-3, 1.5, 1e9, 1e200)),
        ("tanh", "1.0 - y*y", (-3.0, 0.0, 1e-12, 0.3, 2.0)),
        ("erfc", "-2.0/sqrt(pi)*exp(-a*a)".replace("sqrt(pi)", "1.7724538509055159"), (-1.0, 0.0, 1.0, 5.0, 20.0)),
    ],
)
def test_a_wrong_partial_is_caught_everywhere(table, name, right, points, factor):
    wrong = Unary("wrong", "?", getattr(ag, name).function, "", (f"{factor}*({right})",), (REAL,), "", "Wrong.")
    assert table["wrong"] is wrong
    for x in points:
        with pytest.raises(GradientError, match=r"the first wrong partial derivative is that of wrong\("):
            check_gradients(wrong, x)


def test_a_wrong_partial_of_forward_mode_alone_is_caught_among_many_numbers(monkeypatch):
    real = transforms.push_forward

    def wrong(roots, tangents):
        *others, last = tangents
        return real(roots, {**{x: tangents[x] for x in others}, last: 1.000001 * tangents[last]})

    point = [0.1 * i + 0.1 for i in range(19)] + [1e-4]
    check_gradients(lambda x: ag.sum(v * v for v in x), point)
    monkeypatch.setattr(transforms, "push_forward", wrong)
    with pytest.raises(GradientError, match=r"args\[0\]\[19\] = .* in forward mode"):
        check_gradients(lambda x: ag.sum(v * v for v in x), point)


# --------------------------------------------------------------------------- what it costs


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize(
    ("f", "point"),
    [
        (lambda x: ag.exp(x), (0.3,)),
        (lambda x: x**9, (0.0,)),
        (lambda x: x**3, (1e-30,)),
        (lambda x, y: ag.log(1.0 + ag.exp(x)) * ag.sin(y), (0.3, 0.0)),
        (lambda x, y, z: 1e12 + x * y + 0.0 * z, (1e-7, 1e7, 2.0)),
        (abs, (0.0,)),
    ],
)
def test_a_check_takes_at_most_40_calls_for_each_number(f, point, order):
    calls = []

    def counted(*args):
        calls.append(args)
        return f(*args)

    try:
        check_gradients(counted, *point, order=order)
    except InconclusiveError:
        assert f is abs
    assert len(calls) <= 40 * len(point)


@pytest.mark.no_cover
@pytest.mark.parametrize("order", [1, 2])
def test_a_function_of_many_numbers_is_traced_instead_of_called(order):
    calls = []

    def f(x):
        calls.append(x)
        return ag.sum(v * v * v for v in x)

    check_gradients(f, [0.1 * i for i in range(40)], order=order)
    assert len(calls) <= (8 if order == 1 else 50)


@pytest.mark.no_cover
def test_a_function_of_many_numbers_that_cannot_be_traced_is_called():
    point = [0.1 * i + 0.05 for i in range(20)]
    check_gradients(lambda x: ag.sum(v * v if v > 0.5 else v for v in x), point)
    with pytest.raises(GradientError, match=r"but the difference quotient is"):
        check_gradients(lambda x: ag.sum(v * ag.stop_gradient(v) if v > 0.5 else v for v in x), point)
    rng = seeded("random")
    with pytest.raises(InconclusiveError):
        check_gradients(lambda x: ag.sum(v * v for v in x) * (1.0 + 0.1 * rng.random()), point)


def test_arrays_and_nested_arguments_are_checked():
    weights = {"layers": [(np.full((3, 2), 0.25), [0.1, 0.2, 0.3]), (np.full((1, 3), 0.5), [0.4])], "scale": 2.0}

    def network(p, x):
        for matrix, offsets in p["layers"]:
            x = [ag.tanh(ag.dot(list(row), x) + offset) for row, offset in zip(matrix, offsets, strict=True)]
        return p["scale"] * x[0]

    check_gradients(network, weights, [0.5, -0.25], order=2)


def test_what_checks_nothing_is_refused():
    def wrong(x):
        return x * ag.stop_gradient(x)

    with pytest.raises(ValueError, match="got none of them; leave it out for both"):
        check_gradients(wrong, 2.0, modes=())
    with pytest.raises(GradientError):
        check_gradients(wrong, 2.0, modes="reverse")
    with pytest.raises(TypeError, match=r"gives one number, got str"):
        numerical_gradient(lambda _: "1", 2.0)
    with pytest.raises(TypeError, match=r"gives one number, got list"):
        check_gradients(lambda x: [x], 1.0)
