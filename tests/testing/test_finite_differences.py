"""Difference quotients are within their estimated errors, and say where they cannot be trusted."""

import math
import re

import pytest
from mpmath import mp

import autograd as ag
from autograd import Value
from autograd.testing import numerical_gradient
from autograd.testing.samples import MANY


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


def test_a_feature_narrower_than_the_steps_is_not_told():
    found = numerical_gradient(lambda x: x + ag.where(abs(x - 1.0) < 1e-12, 1e-3 * (x - 1.0), 0.0), 1.0)
    assert found.doubts == []
    assert found.gradient == pytest.approx(1.0)


def test_numbers_of_many_are_the_same_traced_and_called():
    point = [0.1 * i + 0.05 for i in range(MANY)]

    def f(x):
        return ag.sum(ag.sin(v) * v for v in x)

    traced = numerical_gradient(f, point)
    called = numerical_gradient(lambda x: f(x) if x[0] < 100.0 else math.nan, point)  # a comparison is not traced
    assert traced == called
    assert traced.gradient == pytest.approx([math.sin(v) + v * math.cos(v) for v in point], rel=1e-9)


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


@pytest.mark.no_cover
@pytest.mark.parametrize("f", [lambda m, x: m.log(1 + m.exp(x)), lambda m, x: m.log(3 - (3 - m.exp(x)))])
def test_where_digits_cancel_the_error_includes_the_rounding_of_each_operation(f):
    for i in range(150):
        x = -8.5 - i / 100
        found = numerical_gradient(lambda x: f(ag, x), x)
        assert found.doubts == []
        with mp.workdps(60):
            want = float(mp.diff(lambda t: f(mp, t), x))
        assert abs(found.gradient - want) <= 3 * found.error


def test_only_operations_on_values_tell_their_rounding():
    recorded = numerical_gradient(lambda x: ag.log(1e6 + x) + 0 * x, 1.0)
    plain = numerical_gradient(lambda x: math.log(1e6 + x.data) + 0 * x, 1.0)
    assert recorded.gradient == pytest.approx(1 / (1e6 + 1), rel=1e-3)
    assert recorded.error >= plain.error > 0.0
