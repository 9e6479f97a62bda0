"""A Value and an array: operators and functions give the array that NumPy would give; NumPy's numbers stay NumPy's."""

import cmath
import math
import operator

import numpy as np
import pytest

import autograd
from autograd import Value, compile, exp, grad, jacobian, no_grad, where
from autograd import math as math_of_values

OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]
X = np.array([0.5, 1.0, 2.5])


def numbers(array):
    return [float(y) for y in np.ravel(array)]


# --------------------------------------------------------------------------- operators


@pytest.mark.parametrize("f", OPERATORS)
@pytest.mark.parametrize("x", [X, X.reshape(3, 1), np.array([1, 2]), X.astype(np.float32), np.array([])])
def test_an_operator_with_an_array_on_either_side_gives_an_array_of_values(f, x):
    v = Value(1.5)
    for result, want in ((f(v, x), f(1.5, x.astype(float))), (f(x, v), f(x.astype(float), 1.5))):
        assert isinstance(result, np.ndarray)
        assert result.shape == x.shape
        assert all(isinstance(y, Value) for y in result.flat)
        assert numbers(result) == numbers(want)


@pytest.mark.parametrize("f", OPERATORS)
def test_an_array_without_dimensions_is_a_number(f):
    v = Value(1.5)
    for result, want in ((f(v, np.array(2.0)), f(1.5, 2.0)), (f(np.array(2.0), v), f(2.0, 1.5))):
        assert isinstance(result, Value)
        assert result.data == want


def test_a_square_of_zero_warns_of_nothing():
    assert numbers(np.array([Value(0.0), Value(-0.0)], dtype=object) ** 2) == [0.0, 0.0]


@pytest.mark.parametrize("f", [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne])
def test_a_comparison_with_an_array_compares_each_element(f):
    assert list(f(Value(1.0), X)) == list(f(1.0, X))
    assert list(f(X, Value(1.0))) == list(f(X, 1.0))
    assert f(Value(1.0), np.array(1.0)) == f(1.0, 1.0)


def test_an_operator_in_place_makes_an_array_of_a_value_and_keeps_an_array_of_objects():
    y = Value(2.0)
    y *= X
    assert numbers(y) == [1.0, 2.0, 5.0]
    objects = X.astype(object)
    objects *= Value(2.0)
    assert numbers(objects) == [1.0, 2.0, 5.0]
    with pytest.raises(TypeError, match="Cannot cast"):
        X.__imul__(Value(2.0))


def test_gradients_flow_through_an_array_on_the_right():
    a, b = Value(2.0), Value(0.5)
    np.sum(a * np.exp(-b * X)).backward()
    assert a.grad == pytest.approx(np.sum(np.exp(-0.5 * X)))
    assert b.grad == pytest.approx(np.sum(-2.0 * X * np.exp(-0.5 * X)))


def test_within_no_grad_an_array_of_leaves_is_made():
    with no_grad():
        assert [y.op for y in Value(2.0) * X] == [None, None, None]


def test_a_masked_array_keeps_its_mask_and_the_gradients():
    masked = np.ma.array([1.0, 2.0, 3.0], mask=[False, True, False])
    v = Value(2.0)
    for result in (masked * v, v * masked, exp(masked * v), v.maximum(masked)):
        assert list(result.mask) == [False, True, False]
        assert isinstance(result[0], Value)
    np.sum(v * masked).backward()
    assert v.grad == 4.0


class Vector:
    """A class that has operators of its own."""

    def __init__(self, *elements):
        self.elements = elements

    def __rmul__(self, factor):
        return Vector(*(factor * x for x in self.elements))


class Fixed:
    """A number, which would take the float of a Value."""

    def __float__(self):
        return 1.0

    def __rmul__(self, factor):
        return float(factor)


def test_an_object_with_operators_of_its_own_is_asked_and_a_number_that_would_lose_the_gradient_is_not():
    result = Value(2.0) * Vector(1.0, 3.0)
    assert [y.data for y in result.elements] == [2.0, 6.0]
    with pytest.raises(TypeError, match="got Fixed"):
        Value(2.0) * Fixed()
    with pytest.raises(TypeError, match="got Vector"):
        autograd.hypot(Value(2.0), Vector(1.0))


# --------------------------------------------------------------------------- functions


def test_a_function_of_arrays_is_applied_to_each_element():
    assert exp(X).dtype == float
    assert numbers(exp(X)) == [exp(x) for x in X.tolist()]
    v = Value(2.0)
    for result in (exp(v * X), autograd.hypot(v, X), v.hypot(X), where(X > 0.75, v * X, 0.0)):
        assert result.shape == X.shape
    assert numbers(where(X > 0.75, v * X, 0.0)) == [0.0, 2.0, 5.0]
    assert numbers(exp(where(X > 0.75, v, 1.0))) == [exp(1.0), exp(2.0), exp(2.0)]
    assert isinstance(exp(v * np.array(1.0)), Value)


def test_an_operation_of_a_user_takes_arrays_too():
    cube = autograd.operation("cube_of_arrays", lambda a: a * a * a, "3.0*a*a")
    assert numbers(cube(X)) == [x**3 for x in X]
    assert numbers(cube(Value(2.0) * X)) == [(2 * x) ** 3 for x in X]


def test_an_array_of_text_is_refused_with_a_remedy():
    for attempt in (lambda: exp(np.array(["1"])), lambda: Value(1.0) * np.array(["1"])):
        with pytest.raises(TypeError, match=r"got str; .*float\(text\)"):
            attempt()


# --------------------------------------------------------------------------- models of regressions, with x an array

MODELS = {
    "exponential": (lambda b, x, e: b[0] * (1 - e(-b[1] * x)), [2.4, 0.55]),
    "two exponentials": (lambda b, x, e: b[0] * e(-b[1] * x) + b[2] * e(-b[3] * x), [0.1, 1.0, 0.9, 3.0]),
    "power": (lambda b, x, _: b[0] * (b[1] + x) ** (-1 / b[2]), [3.0, 2.0, 0.75]),
    "rational": (lambda b, x, _: (b[0] + b[1] * x + b[2] * x**2) / (1 + b[3] * x + b[4] * x**2), [1.0, 2, 3, 0.4, 0.5]),
    "peaks": (lambda b, x, e: b[0] * e(-((x - b[1]) ** 2) / b[2] ** 2) + b[0] ** x, [1.5, 1.0, 0.8]),
}


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")  # by 0**2, in the partial that is not used
@pytest.mark.parametrize(("model", "at"), MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("compiled", [False, True])
def test_the_jacobian_of_a_model_written_for_arrays(model, at, compiled):
    derivative = jacobian(lambda b: model(b, X, np.exp))
    got = (compile(derivative) if compiled else derivative)(np.array(at))
    for i, x in enumerate(X.tolist()):
        for k in range(len(at)):  # a complex step: the imaginary part of f(b + ih) is h f'(b)
            step = [complex(b, 1e-30 * (j == k)) for j, b in enumerate(at)]
            assert got[i, k] == pytest.approx(model(step, x, cmath.exp).imag / 1e-30, rel=1e-12)


def test_a_polynomial_of_numpy_takes_a_value():
    assert grad(lambda t: np.polyval([1.0, 2.0, 3.0], t))(1.5) == 5.0


def test_the_jacobian_of_an_array_by_a_list_is_a_list_of_arrays():
    for of in (jacobian, lambda f: compile(jacobian(f))):
        found = of(lambda p: p[0] * X**2 + p[1] * X)([3.0, 4.0])
        assert type(found) is list
        assert [column.tolist() for column in found] == [(X**2).tolist(), X.tolist()]
        assert of(lambda p: p[0] * X**2 + p[1] * X)(np.array([3.0, 4.0])).tolist() == np.stack([X**2, X], 1).tolist()


# --------------------------------------------------------------------------- functions of NumPy that are not ufuncs


def test_sinc_of_numpy_takes_a_value_and_has_its_derivatives_at_zero():
    assert np.sinc(Value(0.5)).data == pytest.approx(2 / math.pi, rel=1e-15)
    assert grad(np.sinc)(0.5) == pytest.approx(-4 / math.pi, rel=1e-15)
    assert [grad(np.sinc)(0.0), grad(grad(np.sinc))(0.0)] == [0.0, pytest.approx(-(math.pi**2) / 3, rel=1e-15)]
    assert compile(np.sinc)(0.5) == pytest.approx(2 / math.pi, rel=1e-15)


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")  # within the series of sinc and its derivatives
def test_sinc_of_numpy_takes_an_array_of_values_without_zeros():
    assert grad(lambda x: np.sinc(np.array([x, 2 * x]))[1])(0.25) == pytest.approx(-8 / math.pi, rel=1e-15)
    with pytest.raises(TypeError, match="float which has no callable sin method"):
        np.sinc(np.array([Value(0.0)]))
    assert autograd.sinc(np.array([Value(0.0), 1.0]))[0].data == 1.0


def test_other_functions_of_numpy_compute_with_a_value_as_with_any_number():
    x = Value(0.5)
    assert np.where([True, False], x, 2.0).tolist() == [x, 2.0]
    assert np.where(True, x, 0.0)[()] is x
    assert [float(y) for y in (np.sum(x), np.mean([x, x]), np.clip(x, 0.0, 0.25), np.polyval([2.0, 1.0], x))] == [
        0.5, 0.5, 0.25, 2.0
    ]  # fmt: skip
    assert numbers(np.stack([x, x])) == numbers(np.concatenate([[x], [x]])) == numbers(np.full(2, x)) == [0.5, 0.5]
    assert numbers(np.linspace(0.0, x, 3)) == [0.0, 0.25, 0.5]
    with pytest.raises(TypeError, match="takes 1 positional argument but 2 were given"):
        np.sinc(x, x)


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")  # the logarithm of a negative base
def test_what_the_docs_write_instead_of_a_function_that_takes_no_values():
    x = np.array([Value(-0.5), Value(0.0), Value(2.0)])
    plain = np.array([-0.5, 0.0, 2.0])
    assert numbers(autograd.step(x)) == np.heaviside(plain, 0.0).tolist()
    assert numbers(where(x, autograd.step(x), 0.5)) == np.heaviside(plain, 0.5).tolist()
    assert numbers(x**2.0) == np.float_power(plain, 2.0).tolist()
    assert (x < 0).tolist() == np.signbit(plain).tolist()
    assert numbers(autograd.hypot(1.0, x)) == np.hypot(1.0, plain).tolist()
    assert [math_of_values.modf(y)[0] for y in plain] == np.modf(plain)[0].tolist()


# --------------------------------------------------------------------------- NumPy's numbers


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("kind", [np.float64, np.float32, np.float16, np.int64])
def test_functions_of_numpys_numbers_give_numpys_numbers_which_follow_ieee(kind):
    big, small = kind(400), kind(-800)
    assert type(exp(big)) is np.float64
    assert exp(big) ** 2 == math.inf
    assert 1 / exp(small) == math.inf
    assert 1 / autograd.sum([exp(small)]) == math.inf
    assert autograd.mean([kind(2), kind(2)]) / 0 == math.inf
    assert 1 / autograd.dot([exp(small)], [1.0]) == math.inf
    assert 1 / autograd.add.reduce([exp(small)]) == math.inf
    assert autograd.hypot(3.0, kind(4)) / 0 == math.inf
    assert autograd.where(kind(1), 1.0, 2.0) / 0 == math.inf
    assert 1 / exp(np.array(small)) == math.inf


def test_functions_of_floats_give_floats():
    assert type(exp(1.0)) is type(exp(1)) is type(autograd.hypot(3, 4.0)) is float
    assert type(autograd.add.reduce([1])) is type(autograd.dot([1.0], [2])) is float
