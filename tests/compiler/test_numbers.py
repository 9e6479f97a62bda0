"""What a program computes: the numbers of the function, bit for bit if it is exact."""

import math
import random

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import autograd as ag
from autograd import Value, compile, grad, gradients, hessian
from autograd.operations.operation import Binary
from autograd.testing import expressions, points_for
from tests.derivatives.test_transforms import same
from tests.operations.test_edges import CASES_OF, FUNCTIONS, numbers


def eager(f, *args):
    """What f returns for Values, as a float."""
    return float(f(*(Value(x) for x in args)))


@given(data=st.data())
def test_an_exact_program_gives_the_bits_of_the_function(data):
    f = data.draw(expressions())
    point = data.draw(points_for(f))
    wanted = eager(f, *point)
    program = compile(f, exact=True)
    assert same(program(*point), wanted)
    assert same(program.map(*([x] for x in point))[0], wanted)


@given(data=st.data())
def test_a_program_gives_the_numbers_of_the_function(data):
    f = data.draw(expressions(max_ops=8))
    point = data.draw(points_for(f))
    program = compile(f)
    wanted = eager(f, *point)
    scale = max([1.0, *(abs(x) for x in f._numbers(point))])  # sums of products may lose digits by cancellation
    assert program(*point) == pytest.approx(wanted, rel=1e-12, abs=1e-12 * scale)
    rows = [[x] * 70 for x in point]
    assert program.map(*rows) == pytest.approx([wanted] * 70, rel=1e-12, abs=1e-12 * scale)


@given(data=st.data())
def test_the_gradients_of_an_exact_program_have_the_bits_of_gradients(data):
    f = data.draw(expressions(max_ops=8))
    point = data.draw(points_for(f))
    inputs = [Value(x) for x in point]
    output = f(*inputs)
    assume(isinstance(output, Value))
    wanted = [x.data for x in gradients(output, inputs)]
    program = compile(grad(lambda x: f(*x)), exact=True)
    assert all(map(same, program(list(point)), wanted))


@pytest.mark.no_cover
@pytest.mark.parametrize("name", FUNCTIONS)
def test_special_values_are_those_of_the_function(name):
    for arguments in (numbers(case["args"]) for case in CASES_OF[name]):
        for transform in (grad, hessian):
            derivative = transform(FUNCTIONS[name], argnums=tuple(range(len(arguments))))
            wanted = np.array(derivative(*arguments)).ravel()
            found = np.array(compile(derivative, exact=True)(*arguments)).ravel()
            assert all(map(same, found, wanted)), (arguments, transform)
            if not any(0.0 < abs(x) < 1e-150 for x in arguments):  # their products overflow if they are rounded
                rows = np.array(compile(derivative).map(*([x] for x in arguments))).ravel()
                assert rows == pytest.approx(wanted, rel=1e-12, abs=1e-300, nan_ok=True), (arguments, transform)


def test_nan_and_infinities_in_rows_flow_through():
    program = compile(lambda x: ag.where(x.step(), ag.sqrt(x), ag.exp(x)) * 2.0)
    found = program.map([math.nan, math.inf, -math.inf, 4.0])
    assert found == pytest.approx([math.nan, math.inf, 0.0, 4.0], nan_ok=True)


@pytest.mark.parametrize("order", [lambda f: f, grad, lambda f: grad(grad(f)), lambda f: hessian(f, argnums=(0, 1))])
def test_a_compiled_dot_product_has_the_bits_of_a_recorded_one(order):
    w = Value(0.7)

    def f(x, y):
        inner = ag.dot([x, 0.3, y, w], [y, x, y, x])
        return ag.dot([inner, inner, w], [x, inner, y]) if inner > -10.0 else inner

    exact, fast = compile(order(f), exact=True), compile(order(f))
    for x, y in ((0.1, -1.3), (-0.7, 2.9), (1e-3, 3.0)):
        wanted = np.array(order(f)(x, y), dtype=float)
        assert np.array(exact(x, y)).tobytes() == wanted.tobytes()
        assert np.array(fast(x, y)) == pytest.approx(wanted, rel=1e-12)


def test_multiples_that_are_added_up_do_not_overflow():
    w = Value(1.0)
    program = compile(lambda x: w * x * 1e308 + (w + 1.0) * x * 1e308)
    assert program.backward(np.array([1e-300]), reduction="sum") == pytest.approx(3e8)
    assert w.grad == pytest.approx(2e8)


@pytest.mark.usefixtures("table")
def test_an_operation_added_at_run_time_is_compiled():
    real = -math.inf, math.inf
    blend = Binary("blend", "~", lambda a, b: a * b + a, "a*b + a", ("b + 1.0", "a"), (real, real), "", "Blend.")
    program = compile(lambda x: blend(x, 2.0 * x))
    assert program(3.0) == 21.0


def test_the_branch_of_where_that_is_not_taken_gets_no_gradient():
    def f(x):
        return ag.where(ag.step(x), ag.sqrt(x) * x, 3.0 * x) + x

    program = compile(grad(f))
    assert [program(x) for x in (0.0, -1.0, 4.0)] == [grad(f)(x) for x in (0.0, -1.0, 4.0)] == [4.0, 4.0, 4.0]
    second = compile(grad(grad(f)))
    assert [second(x) for x in (0.0, 4.0)] == [grad(grad(f))(x) for x in (0.0, 4.0)]


def test_a_node_in_two_branches_gets_the_gradients_of_those_taken():
    def f(x):
        root = ag.sqrt(x)
        return ag.where(ag.step(x), root, 0.0) + ag.where(ag.step(x - 1.0), 3.0 * root, x)

    for order in (grad, lambda f: grad(grad(f))):
        program = compile(order(f))
        assert [program(x) for x in (0.0, 0.25, 4.0)] == [order(f)(x) for x in (0.0, 0.25, 4.0)]


@given(data=st.data())
def test_exact_second_derivatives_have_the_bits_of_hessian(data):
    f = data.draw(expressions(max_ops=8))
    point = data.draw(points_for(f))
    second = hessian(f, argnums=tuple(range(len(point))))
    assert all(map(same, np.ravel(compile(second, exact=True)(*point)), np.ravel(second(*point))))


def branching(x, y):
    a, b = ag.elu(0.7 * x - 0.9 * y + 0.2), ag.elu(x * y - 0.4)
    s = ag.where(ag.step(x - y), ag.tanh(a * b) * ag.exp(x), ag.sqrt(ag.absolute(y)) * b + a)
    return s * s + ag.leaky_relu(y * b) * s * x + ag.clip(x * y * s, -0.3, 0.8) * a


@pytest.mark.filterwarnings("ignore:the function takes more than:UserWarning")
@pytest.mark.parametrize(
    ("derivative", "is_one_way"),
    [
        (grad(branching, argnums=(0, 1)), True),
        (hessian(branching, argnums=(0, 1)), False),
        (grad(grad(grad(branching))), False),
        (lambda x, y: grad(lambda a: ag.jvp(lambda b: branching(b, y), (a,), (1.0,))[1])(x), False),
        (lambda x, y: ag.jvp(lambda a: grad(branching)(a, y), (x,), (1.0,))[1], False),
    ],
    ids=["first", "second", "third", "reverse over forward", "forward over reverse"],
)
def test_an_exact_derivative_has_the_bits_of_the_branches_of_where_that_are_taken(derivative, is_one_way):
    rng = random.Random(2)
    rows = [(rng.uniform(-2, 2), rng.uniform(-2, 2)) for _ in range(100)]
    program = compile(derivative, exact=True)
    wanted = np.array([np.ravel(derivative(x, y)) for x, y in rows])
    assert np.array([np.ravel(program(x, y)) for x, y in rows]).tobytes() == wanted.tobytes()
    assert (len(program._specializations[0].paths) == 1) == is_one_way
    columns = np.array(program.map(*np.transpose(rows))).reshape(-1, len(rows))
    assert columns.T.tobytes() == wanted.tobytes()


def test_a_branch_of_where_without_a_second_derivative_is_guarded_too():
    def f(x):
        return ag.where(ag.step(x), x * x * x, x) + ag.where(ag.step(x - 1.0), 3.0, ag.sin(x))

    program = compile(grad(grad(f)), exact=True)
    points = [-1.0, 2.0, 0.5, -2.0, 0.0]
    assert [program(x) for x in points] == [grad(grad(f))(x) for x in points]
    assert program.map(points).tolist() == [grad(grad(f))(x) for x in points]


def test_an_exact_derivative_has_the_sign_of_zero_of_grad():
    f = grad(lambda x: -(x * x))
    x = Value(0.0)
    assert same(f(0.0), -0.0)
    assert same(compile(f, exact=True)(0.0), -0.0)
    assert same(gradients(-(x * x), [x])[0].data, -0.0)


def test_products_by_one_factor_tell_numbers_from_registers():
    """In a program 3.0 is a constant, and 3 a register."""

    def f(x):
        return [x[0] * x[3], 3.0 * x[3], x[3] * x[1], x[3] * 3.0, x[3] * x[3]]

    for exact in (True, False):
        program = compile(f, exact=exact)
        assert program([5.0, 7.0, 11.0, 13.0]) == [65.0, 39.0, 91.0, 39.0, 169.0]
        assert program.map([[5.0, 7.0, 11.0, 13.0]]).tolist() == [[65.0, 39.0, 91.0, 39.0, 169.0]]


@given(data=st.data())
def test_an_exact_gradient_of_one_row_has_the_bits_of_the_engine(data):
    f = data.draw(expressions(max_ops=8))
    point = data.draw(points_for(f))
    parameters = [Value(x) for x in point]
    output = f(*parameters) * 1.0
    output.backward()
    wanted = [p.grad for p in parameters]
    for p in parameters:
        p.zero_grad()
    compile(lambda: f(*parameters) * 1.0, exact=True).backward()
    assert all(map(same, [p.grad for p in parameters], wanted))


def test_an_exact_gradient_keeps_the_order_of_its_terms():
    rng = random.Random(0)
    for _ in range(20):
        w, a, b, c, d, e = parameters = [Value(rng.uniform(-1, 1)) for _ in range(6)]

        def f():
            return (w * b) * a + (w * d) * c + (w * e) * a  # noqa: B023  # called in this round

        f().backward()
        wanted = [p.grad for p in parameters]
        for p in parameters:
            p.zero_grad()
        compile(f, exact=True).backward()
        assert [p.grad for p in parameters] == wanted


def safe_root(t):
    return ag.sqrt(ag.where(ag.exceeds(t, 1.0), t - 1.0, 0.0))


def joined(t):
    """Sums of what depends on t and of what does so in one branch only, each with an infinite slope where it is not."""
    inner = ag.sqrt(ag.where(t, ag.where(ag.step(t - 1.0), t - 1.0, 2.0), t * t))
    return ag.log(ag.where(ag.step(t), inner, 0.5)) + inner * ag.where(ag.step(t - 2.0), 3.0, inner) + t


FORWARD = [
    (safe_root, 2.25, 1.0 / math.sqrt(5.0)),
    (lambda t: ag.sqrt(ag.clip(t, 0.0, 1.0)), 0.25, 1.0),
    (lambda t: ag.sqrt(ag.clip(ag.clip(t, -2.0, 3.0), 0.0, 1.0)) * t, -3.0, 0.0),
    (lambda t: ag.where(t, ag.where(ag.step(t), 2.0, t), ag.stop_gradient(t)), -1.0, 1.0),
    (joined, 3.0, None),
]


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize(("f", "at", "wanted"), FORWARD)
def test_a_tangent_does_not_flow_through_the_branch_of_where_that_is_not_taken(f, at, wanted, exact):
    def slope(x):
        return ag.jvp(f, (x,), (1.0,))[1]

    def curve(x):
        return ag.jvp(slope, (x,), (1.0,))[1]

    for derivative in (slope, curve, grad(slope), lambda x: ag.jvp(grad(f), (x,), (-1.0,))[1]):
        program = compile(derivative, exact=exact)
        points = [at, 0.5, -3.0, 1.5, 2.5, 0.0, -0.0, 4.0]
        found, wanted_each = [program(x) for x in points], [float(derivative(x)) for x in points]
        if exact:
            assert all(map(same, found, wanted_each))
            assert all(map(same, program.map(points), wanted_each))
        else:
            assert found == pytest.approx(wanted_each, rel=1e-14, nan_ok=True)
    if wanted is not None:
        assert compile(slope, exact=exact)(at) == pytest.approx(wanted, rel=1e-15)


def test_a_tangent_that_does_not_flow_is_0_with_the_sign_of_the_function():
    def f(x):
        return ag.divide(x, ag.jvp(lambda t: -ag.where(t, ag.stop_gradient(t), t), (x,), (1.0,))[1])

    assert f(2.0) == compile(f, exact=True)(2.0) == compile(f)(2.0) == math.inf


@pytest.mark.parametrize("wide", [False, True])
def test_a_call_adds_up_in_the_order_of_the_function(wide):
    numbers = [1e16, 1.0, 1.0, -1e16, 1.0, 1.0, 0.5]
    w = [Value(x) for x in (1.0, 2.0, -1.0, 0.5)]

    def f(x):
        return [ag.sum(p * y for y in x) for p in w] if wide else ag.sum(x)

    wanted = [float(y) for y in f([Value(x) for x in numbers])] if wide else eager(lambda *x: f(x), *numbers)
    program = compile(f)
    assert program(numbers) == wanted
    assert np.ravel(program.map([numbers])).tolist() == np.ravel(wanted).tolist()
