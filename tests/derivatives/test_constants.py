"""Functions that are constant somewhere: a float is a constant there, and its derivative is 0."""

import pytest

from autograd import (
    Value,
    compile,
    detect_anomaly,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    value_and_grad,
    vjp,
)
from autograd.testing import check_gradients


def ramp(x):
    return x * x if x > 0 else 0.0


def payoff(x):
    return max(x - 100.0, 0)


@pytest.mark.parametrize(("f", "at", "value"), [(ramp, -3.0, 0.0), (payoff, 90.0, 0.0), (lambda _: 5, 1.0, 5.0)])
def test_a_constant_has_the_derivative_0_in_every_transform(f, at, value):
    assert grad(f)(at) == 0.0
    assert value_and_grad(f)(at) == (value, 0.0)
    assert [type(x) for x in value_and_grad(f)(at)] == [float, float]
    assert grad(grad(f))(at) == 0.0
    assert grad(lambda p: f(p["x"]))({"x": at, "y": [1.0]}) == {"x": 0.0, "y": [0.0]}
    assert grad(lambda x, _: f(x), (0, 1))(at, 1.0) == (0.0, 0.0)
    assert hessian(lambda x: f(x[0]))([at, 1.0]) == [[0.0, 0.0], [0.0, 0.0]]
    assert hessian(lambda x: f(x[0]), sparse=True)([at]) == ([], [], [])
    assert jacobian(lambda x: [f(x), 2])(at) == [0.0, 0.0]
    assert jvp(f, (at,), (1.0,)) == (value, 0.0)
    assert hvp(f, (at,), (1.0,)) == 0.0
    out, pull_back = vjp(f, at)
    assert (out, pull_back(1.0)) == (value, (0.0,))
    by_value = value_and_grad(f)(Value(at))
    assert [x.data for x in by_value] == [value, 0.0]
    check_gradients(f, at, order=2)


def test_a_constant_has_the_derivative_0_in_programs():
    pytest.importorskip("numpy")
    for exact in (False, True):
        p = compile(ramp, exact=exact)
        assert [p(3.0), p(-3.0), p.grad(3.0), p.grad(-3.0)] == [9.0, 0.0, 6.0, 0.0]
        assert p.map([3.0, -3.0, 2.0]).tolist() == [9.0, 0.0, 4.0]
        assert p.grad.map([3.0, -3.0]).tolist() == [6.0, 0.0]
        assert p.value_and_grad(-1.0) == (0.0, 0.0)
        assert compile(hessian(ramp), exact=exact)(-3.0) == 0.0
        assert compile(lambda x: jvp(ramp, (x,), (1.0,))[1], exact=exact).map([3.0, -3.0]).tolist() == [6.0, 0.0]


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("rows", [[110.0, 90.0, 130.0, 95.0], [90.0, 110.0, 95.0, 130.0], [90.0, 95.0, 1.0, 2.0]])
def test_a_batch_with_mixed_branches_adds_the_gradients_of_those_that_are_not_constant(rows, exact):
    pytest.importorskip("numpy")
    strike = Value(100.0)
    program = compile(lambda s: max(s - strike, 0.0), exact=exact)
    paid = [max(s - 100.0, 0.0) for s in rows]
    for _ in range(2):
        strike.zero_grad()
        assert program.backward(rows) == sum(paid) / 4
        assert strike.grad == -sum(x > 0 for x in paid) / 4
    assert program.backward(rows, reduction="sum") == sum(paid)
    constant = compile(lambda _: 3.0, exact=exact)
    assert constant.backward(rows) == 3.0
    assert constant.backward(rows, reduction="sum") == 12.0
    with detect_anomaly():
        assert program.backward(rows) == sum(paid) / 4


def test_what_is_no_number_is_refused():
    for f in (lambda x: x > 0, lambda _: None, lambda _: "1"):
        with pytest.raises(TypeError):
            grad(f)(1.0)
    pytest.importorskip("numpy")
    with pytest.raises(TypeError, match="a program that gives one Value, got bool"):
        compile(lambda x: x > 0).backward([1.0])


def test_gradients_still_says_that_a_float_lost_its_gradient():
    with pytest.raises(TypeError, match=r"went through \.data"):
        gradients(3.0, [Value(1.0)])
    with pytest.raises(TypeError, match=r"went through \.data"):
        grad(lambda x: x * gradients(3.0, [Value(1.0)])[0])(2.0)


def test_gradients_of_a_constant_are_0_where_no_gradient_can_get_lost():
    def slope(x):
        return gradients(ramp(x), [x])[0]

    assert [compile(slope)(3.0), compile(slope)(-3.0)] == [6.0, 0.0]
    assert [grad(slope)(3.0), grad(slope)(-3.0)] == [2.0, 0.0]
