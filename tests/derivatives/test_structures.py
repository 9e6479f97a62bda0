"""Nested arguments and results of derivatives: lists, tuples, dicts, arrays, and which are refused."""

import collections

import pytest

import autograd as ag
from autograd import Value, grad, gradients, hessian, hvp, jacobian, jvp, value_and_grad, vjp

Point = collections.namedtuple("Point", "x y")


def test_a_gradient_has_the_structure_of_its_argument():
    def f(p):
        return p["w"][0] * p["w"][1] + p["at"].x * p["at"].y + p["rest"][0][0]

    p = {"w": [2.0, 3.0], "at": Point(5, 7.0), "rest": ((1.0,), [])}
    assert grad(f)(p) == {"w": [3.0, 2.0], "at": Point(7.0, 5.0), "rest": ((1.0,), [])}
    assert type(grad(f)(p)["at"]) is Point
    assert grad(lambda a, b: a * b, (1, 0))(2.0, 3.0) == (2.0, 3.0)
    assert grad(lambda a, b: a * b, -1)(2.0, 3.0) == 2.0
    assert grad(lambda a, *, k: a * k)(2.0, k=5.0) == 5.0
    assert value_and_grad(lambda a, name: a * len(name))(2.0, "abc") == (6.0, 3.0)


def test_arrays_give_arrays():
    np = pytest.importorskip("numpy")
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    slope = grad(lambda a: (a * a).sum())(x)
    assert slope.dtype == float
    assert (slope == 2 * x).all()
    square = jacobian(lambda a: a * a)(np.array([1.0, 2.0, 3.0]))
    assert (square == np.diag([2.0, 4.0, 6.0])).all()
    assert jacobian(lambda a: a @ a.T)(x).shape == (2, 2, 2, 2)
    mixed = jacobian(lambda p: [p["a"] * p["b"], p["b"]])({"a": np.array([1.0, 2.0]), "b": 3.0})
    assert [sorted(row) for row in mixed] == [["a", "b"], ["a", "b"]]
    assert mixed[0]["a"].tolist() == [[3.0, 0.0], [0.0, 3.0]]
    assert mixed[0]["b"].tolist() == [1.0, 2.0]
    assert mixed[1]["b"] == 1.0
    objects = grad(lambda a: (a * a).sum())(np.array([Value(1.0), Value(2.0)]))
    assert [type(v) for v in objects] == [Value, Value]
    assert hessian(lambda a: (a * a).sum())(x).shape == (2, 2, 2, 2)


def test_jvp_and_vjp_take_and_give_structures():
    out, tangent = jvp(lambda p: {"s": p[0] * p[1], "c": p[0]}, ([2.0, 3.0],), ([1.0, 10.0],))
    assert out == {"s": 6.0, "c": 2.0}
    assert tangent == {"s": 23.0, "c": 1.0}
    out, pull_back = vjp(lambda a, b: (a * b, a), 2.0, [3.0][0])
    assert out == (6.0, 2.0)
    assert pull_back((1.0, 10.0)) == (13.0, 2.0)
    assert hvp(lambda a, b: a * a * b, (2.0, 3.0), (1.0, 0.0)) == (6.0, 4.0)


def test_an_input_that_does_not_reach_the_output_has_the_gradient_0():
    x, y = Value(1.0), Value(2.0)
    assert [g.data for g in gradients(x * x, [x, y])] == [2.0, 0.0]
    assert grad(lambda a, b: a * a, (0, 1))(3.0, 4.0) == (6.0, 0.0)  # noqa: ARG005  # as asked
    assert jacobian(lambda a: [a[0], 1.0])([2.0, 3.0]) == [[1.0, 0.0], [0.0, 0.0]]
    assert grad(lambda a: ag.step(a))(2.0) == 0.0


def test_tangents_may_name_the_keys_in_another_order():
    def f(p):
        return p["a"] * p["b"][0]

    assert jvp(f, ({"a": 2.0, "b": [3.0]},), ({"b": [0.0], "a": 1.0},)) == (6.0, 3.0)
    _, pull_back = vjp(lambda x: {"a": x, "b": 2 * x}, 1.0)
    assert pull_back({"b": 1.0, "a": 10.0}) == (12.0,)


def test_dicts_of_other_kinds_come_as_plain_dicts():
    counts = collections.defaultdict(float, a=2.0)
    assert grad(lambda p: p["a"] * p["a"])(counts) == {"a": 4.0}
    assert type(grad(lambda p: p["a"] * p["a"])(counts)) is dict


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: grad(Value(2.0) * 3), TypeError, r"differentiates a function, got Value; .* gradients\(y, \[x\]\)"),
        (lambda: hessian(3.0), TypeError, "differentiates a function, got float; pass the function itself"),
        (lambda: jacobian(abs, [1.0]), TypeError, r"got \[1\.0\]; write argnums=0 .* argnums=\(0, 1\)"),
        (lambda: grad(abs, ()), TypeError, r"got \(\); write argnums=0"),
        (lambda: jvp(abs, (), ()), ValueError, "at least one argument to differentiate by, got none"),
        (lambda: vjp(abs), ValueError, "at least one argument to differentiate by, got none"),
        (lambda: hvp(abs, 1.0, (1.0,)), TypeError, r"hvp\(\) takes primals as a tuple"),
        (lambda: hvp(lambda x: x * x, (1.0,), ((1.0,),)), ValueError, r"hvp\(\) takes tangents nested like primals"),
        (
            lambda: jacobian(lambda x: [x, "a"])(1.0),
            TypeError,
            "gives numbers, .* got str; return only numbers",
        ),
        (
            lambda: vjp(lambda x: [x], 1.0)[1](None),
            TypeError,
            "takes as a cotangent numbers, .* got NoneType; pass",
        ),
        (lambda: gradients([Value(1.0)], []), TypeError, "one Value, got list; call it for each of them"),
    ],
)
def test_more_that_is_refused_with_a_remedy_that_fits(call, error, message):
    with pytest.raises(error, match=message):
        call()
