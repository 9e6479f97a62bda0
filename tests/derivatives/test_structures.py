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
    counts = collections.Counter(a=2.0)
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


def test_kinds_of_dicts_come_back():
    for p in (collections.OrderedDict(b=2.0, a=3.0), collections.defaultdict(float, b=2.0, a=3.0)):
        slope = grad(lambda p: p["a"] * p["b"])(p)
        assert type(slope) is type(p)
        assert list(slope.items()) == [("b", 3.0), ("a", 2.0)]
        assert jvp(lambda p: p["a"] * p["b"], (p,), ({"a": 1.0, "b": 0.0},)) == (6.0, 2.0)
        assert type(hvp(lambda p: p["a"] * p["b"], (p,), (p,))) is type(p)
    missing = collections.defaultdict(lambda: 7.0, a=1.0)
    assert grad(lambda p: p["a"] * p["b"])(missing) == {"a": 7.0}


# --------------------------------------------------------------------------- argnums and aux


def test_argnums_may_be_a_list():
    def f(a, b, c):
        return a * b * c

    assert grad(f, [0, 2])(2.0, 3.0, 5.0) == (15.0, 6.0)
    assert value_and_grad(f, [-1])(2.0, 3.0, 5.0) == (30.0, (6.0,))
    assert jacobian(f, [0, 1])(2.0, 3.0, 5.0) == (15.0, 10.0)
    assert hessian(f, [0, 1])(2.0, 3.0, 5.0) == hessian(f, (0, 1))(2.0, 3.0, 5.0)
    with pytest.raises(TypeError, match=r"argnums of grad\(\) is an int or a tuple of ints, got \[\]"):
        grad(f, [])
    with pytest.raises(ValueError, match="differentiates by one argument"):
        hessian(f, [0, 1], sparse=True)


def squared_with_aux(x):
    return x * x, {"twice": [2 * x], "text": "a"}


def test_aux_comes_beside_the_derivative():
    aux = {"twice": [6.0], "text": "a"}
    assert grad(squared_with_aux, has_aux=True)(3.0) == (6.0, aux)
    assert value_and_grad(squared_with_aux, has_aux=True)(3.0) == ((9.0, aux), 6.0)
    assert jacobian(squared_with_aux, has_aux=True)(3.0) == (6.0, aux)
    assert hessian(squared_with_aux, has_aux=True)(3.0) == (2.0, aux)
    assert hessian(squared_with_aux, has_aux=True, sparse=True)(3.0) == (([0], [0], [2.0]), aux)
    assert jvp(squared_with_aux, (3.0,), (1.0,), has_aux=True) == (9.0, 6.0, aux)
    out, pull_back, found = vjp(squared_with_aux, 3.0, has_aux=True)
    assert (out, pull_back(1.0), found) == (9.0, (6.0,), aux)


def test_aux_has_floats_for_floats_and_values_for_values():
    slope, aux = grad(squared_with_aux, has_aux=True)(Value(3.0))
    assert (type(slope), type(aux["twice"][0])) == (Value, Value)
    anything = object()
    assert grad(lambda x: (x * x, anything), has_aux=True)(3.0) == (6.0, anything)
    p = Point(1.0, 2.0)
    _, aux = grad(lambda q: (q.x * q.y, (q, collections.OrderedDict(s=q.x))), has_aux=True)(p)
    assert aux == (p, {"s": 1.0})
    assert type(aux[0]) is Point
    assert type(aux[1]) is collections.OrderedDict
    assert grad(lambda x: grad(lambda y: (y * y * x, y), has_aux=True)(x)[0])(3.0) == 12.0


def test_aux_of_arrays_and_programs():
    np = pytest.importorskip("numpy")
    _, aux = grad(lambda x: (x @ x, x * 2), has_aux=True)(np.array([1.0, 2.0]))
    assert aux.dtype == float
    assert aux.tolist() == [2.0, 4.0]
    program = ag.compile(value_and_grad(lambda x: (x * x, [3 * x]), has_aux=True))
    assert [program(2.0), program(5.0)] == [((4.0, [6.0]), 4.0), ((25.0, [15.0]), 10.0)]


def test_a_function_without_aux_is_refused():
    for output in (lambda x: x * x, lambda x: (x, x, x), lambda x: [x, x]):
        with pytest.raises(TypeError, match=r"has_aux=True\) takes a function that gives two .* return result"):
            grad(output, has_aux=True)(2.0)
