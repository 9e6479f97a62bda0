"""The kit that proves gradients: it knows its error, passes what is right, and bites what is wrong."""

import math
import re
import subprocess
import sys

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from mpmath import mp

import autograd as ag
from autograd import Value
from autograd.derivatives import calls
from autograd.engine import topological_order
from autograd.operations.operation import Binary, Unary
from autograd.testing import GradientError, check_gradients, expressions, numerical_gradient, points_for, values

REAL = (-math.inf, math.inf)
SEARCH = settings(database=None, max_examples=2000)


# --------------------------------------------------------------------------- numerical differentiation


@pytest.mark.parametrize("scale", [1e-150, 1e-8, 1.0, 1e6, 1e150])
@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (lambda x, s: ag.sin(x / s), lambda x, s: mp.cos(x / s) / s),
        (lambda x, s: ag.exp(x / s), lambda x, s: mp.exp(x / s) / s),
        (lambda x, s: 1 / (1 + (x / s) ** 2), lambda x, s: -2 * x / s**2 / (1 + (x / s) ** 2) ** 2),
    ],
)
def test_the_quotient_is_within_its_estimated_error(f, slope, scale):
    x = 0.7 * scale
    found = numerical_gradient(lambda x: f(x, scale), x)
    want = float(slope(mp.mpf(x), mp.mpf(scale)))
    assert not found.doubts
    assert found.error <= 2e-8 * abs(want)
    assert abs(found.gradient - want) <= 10 * found.error


def test_at_the_edge_of_a_domain_the_quotient_is_one_sided():
    found = numerical_gradient(lambda x: ag.where(x >= 0, ag.sin(x), math.nan), 0.0)
    assert not found.doubts
    assert found.gradient == pytest.approx(1.0, abs=1e-9)
    found = numerical_gradient(lambda x: ag.arcsin(x) * ag.sqrt(1 - x), 1.0)
    assert found.doubts  # its derivative has no series there


@pytest.mark.parametrize(
    ("f", "at", "doubt"),
    [
        (ag.relu, 0.0, r"args\[0\] = 0\.0: a kink, the derivative is 0 on the left and 1 on the right"),
        (abs, 0.0, "a kink, the derivative is -1 on the left and 1 on the right"),
        (lambda x: ag.maximum(x, 2 * x - 1), 1.0, "a kink, the derivative is 1 on the left and 2 on the right"),
        (ag.log, 0.0, "the function is -inf there"),
        (ag.sqrt, -1.0, "the function is nan there"),
        (ag.sqrt, 0.0, "do not settle"),
        (lambda x: math.sin(1e9 * x.data), 0.3, "do not settle"),
    ],
)
def test_it_says_when_it_cannot_trust_itself(f, at, doubt):
    found = numerical_gradient(f, at)
    assert len(found.doubts) == 1
    assert re.search(doubt, found.doubts[0])


def test_it_keeps_the_structure_and_records_nothing():
    w = Value(2.0)
    found = numerical_gradient(lambda p, q: w * p["a"][0] * q + p["b"], {"a": [3.0], "b": 1}, 4.0)
    gradient, error = found.gradient, found.error
    assert gradient[0]["a"][0] == pytest.approx(8.0)
    assert gradient[0]["b"] == pytest.approx(1.0)
    assert gradient[1] == pytest.approx(6.0)
    assert error[0].keys() == {"a", "b"}
    assert w.grad == 0.0
    with pytest.raises(TypeError, match="gives one number, got list; pick one entry"):
        numerical_gradient(lambda x: [x], 1.0)


# --------------------------------------------------------------------------- what is right passes


@pytest.mark.no_cover
@pytest.mark.parametrize(("order", "max_ops"), [(1, 6), (2, 4)])
def test_smooth_expressions_pass_and_nearly_all_can_be_checked(order, max_ops):
    outcomes = []

    @settings(max_examples=60)
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


# --------------------------------------------------------------------------- and it bites


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
    with pytest.raises(GradientError, match=r"went through \.data"):
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
    with pytest.raises(GradientError, match=r"of the derivative by args\[0\]: .*wrong_slope\(0\.5\) by a"):
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
        return x * x.data

    with pytest.raises(ValueError, match="got none of them; leave it out for both"):
        check_gradients(wrong, 2.0, modes=())
    with pytest.raises(GradientError):
        check_gradients(wrong, 2.0, modes="reverse")
    with pytest.raises(TypeError, match=r"gives one number, got str"):
        numerical_gradient(lambda _: "1", 2.0)
    with pytest.raises(TypeError, match=r"went through \.data"):
        check_gradients(lambda x: x.data * 2, 1.0)


# --------------------------------------------------------------------------- strategies


@settings(max_examples=100, deadline=None)
@given(f=expressions(), inputs=st.lists(st.floats(-3, 3), min_size=3, max_size=3))
def test_the_repr_of_an_expression_is_code_that_defines_it(f, inputs):
    namespace: dict = {}
    exec(repr(f), namespace)
    x = [Value(number) for number in inputs[: f.n_inputs]]
    ours, pasted = float(f(*x)), float(namespace["f"](*x))
    assert ours == pasted or (math.isnan(ours) and math.isnan(pasted))


@settings(max_examples=100, deadline=None)
@given(f=expressions(max_ops=5))
def test_smooth_expressions_are_smooth_at_their_witness(f):
    assert 1 <= len(f.steps) <= 5
    assert f.is_smooth_at(f.witness)
    assert math.isfinite(float(f(*f.witness)))


def test_failures_shrink_to_what_matters():
    f = find(
        expressions(),
        lambda f: any(name == "exp" for name, _ in f.steps),
        settings=SEARCH,
    )
    assert [name for name, _ in f.steps] == ["exp"]
    shared = find(
        expressions(),
        lambda f: any(len(x) == 2 and x[0] == x[1] for _, x in f.steps),
        settings=SEARCH,
    )
    assert len(shared.steps) == 1
    assert find(values(1.0, 2.0), lambda x: x.data > 1, settings=SEARCH).data <= 2.0


def test_expressions_of_chosen_rows_with_kinks():
    f = find(
        expressions(ops=["relu"], smooth=False),
        lambda f: len(f.steps) == 2,
        settings=SEARCH,
    )
    assert {name for name, _ in f.steps} == {"relu"}
    with pytest.raises(ValueError, match=r"got 'cosine'; see docs/operations\.md"):
        expressions(ops=["cosine"])
    with pytest.raises(ValueError, match="1 or more, got 0"):
        expressions(max_ops=0)
    with pytest.raises(ValueError, match=r"1 or more, got 2\.5"):
        expressions(max_ops=2.5)
    with pytest.raises(ValueError, match="got none; leave it out"):
        expressions(ops=[])
    assert find(expressions(ops="sin"), lambda _: True, settings=SEARCH).steps[0][0] == "sin"
    with pytest.raises(TypeError, match="takes 1 numbers, got 2"):
        f(*[1.0] * f.n_inputs, 2.0) if f.n_inputs == 1 else f(1.0, 2.0, 3.0, 4.0)


def test_points_for_a_function_of_ones_own():
    x, y = find(points_for(lambda x, y: ag.log(x) / y), lambda _: True, settings=SEARCH)
    assert x > 0
    assert y != 0
    assert len(find(points_for(lambda x, y=2.0, *, k=1.0: x * y * k), lambda _: True, settings=SEARCH)) == 1
    for uncountable in (lambda *x: x[0], max, lambda *, k: k):
        with pytest.raises(TypeError, match="name each one"):
            points_for(uncountable)


def test_the_checks_do_without_hypothesis():
    program = """
import sys
sys.modules["hypothesis"] = None
from autograd.testing import check_gradients, expressions
check_gradients(lambda x: x * x, 2.0)
try:
    expressions()
except ImportError as error:
    assert "python -m pip install hypothesis" in str(error)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
