"""Compiled programs: they compute what the function computes, on every branch, and refuse what cannot be replayed."""

import copy
import gc
import math
import pickle
import pickletools
import random
import subprocess
import sys
from concurrent import futures
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import autograd as ag
import nn
from autograd import Program, Value, backend, compile, grad, gradients, hessian, jvp, vjp
from autograd.compiler import _machine, machine_evaluator
from autograd.operations.operation import Binary
from autograd.testing import expressions, points_for
from tests.derivatives.test_transforms import EDGES, FUNCTIONS, numbers, rosenbrock, same


def eager(f, *args):
    """What f gives of Values, as a float."""
    return float(f(*(Value(x) for x in args)))


# --------------------------------------------------------------------------- the same numbers


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
    scale = max([1.0, *(abs(x) for x in f._numbers(point))])  # cancellation may take digits from sums of products
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


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("case", EDGES, ids=lambda case: f"{case['op']} at {case['args']}")
def test_special_values_are_those_of_the_function(case, order):
    arguments = numbers(case["args"])
    f = FUNCTIONS[case["op"]]
    derivative = grad(f, argnums=tuple(range(len(arguments))))
    if order == 2:
        derivative = hessian(f, argnums=tuple(range(len(arguments))))
    wanted = np.array(derivative(*arguments)).ravel()
    found = np.array(compile(derivative, exact=True)(*arguments)).ravel()
    assert all(map(same, found, wanted))
    if not any(0.0 < abs(x) < 1e-150 for x in arguments):  # whose products overflow if they are rounded
        rows = np.array(compile(derivative).map(*([x] for x in arguments))).ravel()
        assert rows == pytest.approx(wanted, rel=1e-12, abs=1e-300, nan_ok=True)


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


# --------------------------------------------------------------------------- parameters


def test_parameters_are_read_at_every_call():
    w = Value(2.0)
    program = compile(lambda x: w * x)
    assert program(3.0) == 6.0
    w.data = 5.0
    assert program(3.0) == 15.0
    assert program.parameters == [w]


def test_leaves_made_in_the_function_are_constants():
    program = compile(lambda x: x * Value(2.0) + 1.0)
    assert program(3.0) == 7.0
    assert program.parameters == []


def test_nodes_made_before_are_computed_again_from_their_leaves():
    w = Value(2.0)
    square = w * w
    program = compile(lambda x: square * x)
    w.data = 3.0
    assert program(1.0) == 9.0


def test_parameters_live_as_long_as_the_program():
    program = compile((lambda w: lambda x: w * x)(Value(7.0)))
    assert program(1.0) == 7.0
    gc.collect()
    program._f = None
    gc.collect()
    assert program(2.0) == 14.0


def test_bind_takes_other_parameters():
    a, b = Value(2.0), Value(3.0)
    program = compile(lambda x: a * x + b)
    program(1.0)
    program.bind([Value(10.0), Value(20.0)])
    assert program(1.0) == 30.0
    with pytest.raises(ValueError, match="takes 2 parameters, got 1"):
        program.bind([a])
    with pytest.raises(ValueError, match="leaf Values, got one made by multiply"):
        program.bind([a, a * 2])


def test_bind_holds_for_derivatives_and_for_what_is_traced_later():
    w = Value(2.0)
    program = compile(lambda x: w * x * x if x > 0.0 else w * x)
    assert (program(1.0), program.grad(1.0)) == (2.0, 4.0)
    program.bind([Value(10.0)])
    program.bind([Value(20.0)])
    assert (program(1.0), program.grad(1.0), program.value_and_grad(1.0)) == (20.0, 40.0, (20.0, 40.0))
    assert (program(-1.0), program.map([-1.0, 2.0]).tolist()) == (-20.0, [-20.0, 80.0])
    assert [x.data for x in program.parameters] == [20.0]


def test_parameters_and_bind_know_the_derivatives():
    w, v = Value(2.0), Value(3.0)
    program = compile(lambda x: w * x * x + v)
    assert program.grad(1.0) == 4.0
    assert program.parameters == program.grad.parameters == [w]
    program(1.0)
    assert set(program.parameters) == {w, v}
    parameters = {w: Value(10.0), v: Value(20.0)}
    program.bind([parameters[x] for x in program.parameters])
    assert (program(1.0), program.grad(1.0), program.grad.grad(1.0)) == (30.0, 20.0, 20.0)
    copied = pickle.loads(pickle.dumps(program))
    copied.bind([Value(x.data + 1.0) for x in copied.parameters])
    assert (copied(1.0), copied.grad(1.0), copied.grad.grad(1.0)) == (32.0, 22.0, 22.0)


def test_bind_goes_by_the_parameters_there_are_and_not_by_those_there_were():
    a, b, c, d = map(Value, (1.0, 10.0, 100.0, 1000.0))
    program = compile(lambda x: a * x + 2.0 * b if x > 0.0 else a * x + 3.0 * b)
    program(1.0)
    program.bind(program.parameters[::-1])
    assert program(1.0) == 10.0 + 2.0
    program.bind([c, d])
    assert program.parameters == [c, d]
    assert (program(1.0), program(-1.0), program.grad(-1.0)) == (100.0 + 2000.0, -100.0 + 3000.0, 100.0)
    other = compile(lambda x: a * x if x > 0.0 else b * x)
    other(1.0)
    other.bind([b])
    other.bind([c])
    assert (other(1.0), other(-1.0)) == (100.0, -10.0)  # b itself was never bound


@pytest.mark.parametrize("n", [1, 3, 50])
def test_parameters_that_only_decide_a_branch_get_no_gradient(n):
    deciding, a = [Value(1.0) for _ in range(n)], Value(2.0)
    program = compile(lambda x: a * x * 3.0 if any(t > 5.0 for t in deciding) else a * x)
    for rows in (np.array([1.0, 2.0]), [1.0, 2.0]):
        a.grad = 0.0
        assert program.backward(rows, reduction="sum") == 6.0
        assert (a.grad, *(t.grad for t in deciding)) == (3.0, *[0.0] * n)
    deciding[0].data = 6.0
    assert program.backward(np.array([1.0, 2.0]), reduction="sum") == 18.0
    assert a.grad == 3.0 + 9.0


def test_code_of_a_derivative_does_not_depend_on_what_else_was_traced():
    w, v = Value(2.0), Value(3.0)
    program = compile(lambda x: v + w * x * x)
    program.grad(1.0)
    code = program.grad.to_c("f")
    program(1.0)
    assert program.grad.to_c("f") == code
    reloaded = pickle.loads(pickle.dumps(program.grad))
    assert len(reloaded.parameters) == len(program.grad.parameters) == 1
    program.grad.bind([Value(10.0)])
    assert (program(1.0), program.grad(1.0)) == (5.0, 20.0)


def test_backward_adds_the_gradient_of_the_mean():
    w, b, rows = Value(2.0), Value(0.5), np.linspace(-1.0, 2.0, 150)
    labels = np.sin(rows)
    program = compile(lambda x, y: (ag.tanh(w * x + b) - y) ** 2)
    loss = ag.mean([(ag.tanh(w * x + b) - y) ** 2 for x, y in zip(rows.tolist(), labels.tolist())])
    loss.backward()
    wanted = w.grad, b.grad
    assert program.backward(rows, labels) == pytest.approx(loss.data, rel=1e-13)
    assert (w.grad, b.grad) == pytest.approx((2 * wanted[0], 2 * wanted[1]), rel=1e-12)
    w.zero_grad()
    assert program.backward(rows, labels, reduction="sum") == pytest.approx(150 * loss.data, rel=1e-13)
    assert w.grad == pytest.approx(150 * wanted[0], rel=1e-12)


@pytest.fixture(params=[2, 4, 8])
def vectors(request):
    """Each number of rows that sums of products may take at a time, where the engine has a choice."""
    if backend == "python":
        if request.param != 4:
            pytest.skip("only the compiled engine has vectors of numbers")
        yield
        return
    before = _machine.load().numbers_at_a_time()
    try:
        _machine.load().numbers_at_a_time(request.param)
    except ValueError as error:
        pytest.skip(str(error))
    yield
    _machine.load().numbers_at_a_time(before)


@pytest.mark.usefixtures("vectors")
@pytest.mark.parametrize("rows", [1, 7, 100, 128, 131, 300])
@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "gelu"])
def test_gradients_of_a_network_are_those_of_the_engine(activation, rows):
    model = nn.MLP(3, [7, 6, 1], activation=activation, rng=random.Random(0))
    rng = np.random.default_rng(rows)
    points, labels = rng.normal(size=(rows, 3)), rng.choice([-1.0, 1.0], size=rows)

    def loss(x, y):
        return ag.softplus(-y * model(x)) + 1e-3 * ag.sum(p * p for p in model.parameters())

    total = ag.mean([loss(x, y) for x, y in zip(points.tolist(), labels.tolist())])
    total.backward()
    wanted = {p: p.grad for p in model.parameters()}
    for exact in (False, True):
        model.zero_grad()
        program = compile(loss, exact=exact)
        assert program.backward(points, labels) == pytest.approx(total.data, rel=1e-13)
        assert {p: p.grad for p in model.parameters()} == pytest.approx(wanted, rel=1e-11, abs=1e-15)
    assert set(program.parameters) == set(model.parameters())


@pytest.mark.usefixtures("vectors")
@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("width", [1, 2, 3, 5])
def test_a_network_takes_nan_and_infinity_as_the_engine_does(width, exact):
    special = [0.0, -0.0, 1.5, -2.0, math.inf, -math.inf, math.nan]
    rows = [(x, y) for x in special for y in special]
    model = nn.MLP(2, [width, width, 1], rng=random.Random(1))
    differentiated = ag.value_and_grad(lambda x, y: ag.relu(1.0 - model([x, y])), argnums=(0, 1))
    value, gradient = compile(differentiated, exact=exact).map(*np.array(rows).T)
    wanted = [differentiated(x, y) for x, y in rows]
    np.testing.assert_allclose(value, [v for v, _ in wanted], rtol=1e-13)
    np.testing.assert_allclose(np.transpose(gradient), [g for _, g in wanted], rtol=1e-13)


@pytest.mark.usefixtures("vectors")
def test_a_nan_in_the_last_row_of_a_block_stays_there():
    model = nn.MLP(2, [5, 4, 1], rng=random.Random(2))
    for count in range(1, 20):
        rows = np.random.default_rng(count).normal(size=(count, 2))
        program = compile(lambda x: model(x) ** 2)
        program.backward(rows, reduction="sum")
        wanted = [p.grad for p in model.parameters()]
        model.zero_grad()
        spoilt = program.map(np.vstack([rows, [[math.nan, 1.0]]]))
        np.testing.assert_allclose(spoilt[:-1], program.map(rows), rtol=1e-13)
        assert math.isnan(spoilt[-1])
        program.backward(np.vstack([rows, [[1e200, 1.0]]]), reduction="sum")  # fills up the block with infinities
        program.backward(rows, reduction="sum")
        assert not all(map(math.isfinite, (p.grad for p in model.parameters())))
        model.zero_grad()
        program.backward(rows, reduction="sum")
        assert [p.grad for p in model.parameters()] == wanted
        model.zero_grad()


@pytest.mark.skipif(backend == "python", reason="the compiled engine does not run")
def test_vectors_of_other_lengths_are_refused():
    with pytest.raises(ValueError, match="there are no vectors of 5 numbers here; take 4"):
        _machine.load().numbers_at_a_time(5)
    assert _machine.load().numbers_at_a_time() in (2, 4, 8)


def test_an_exact_derivative_has_the_sign_of_zero_of_grad():
    f = grad(lambda x: -(x * x))
    x = Value(0.0)
    assert same(f(0.0), -0.0)
    assert same(compile(f, exact=True)(0.0), -0.0)
    assert same(gradients(-(x * x), [x])[0].data, -0.0)


def test_backward_of_what_is_the_same_for_all_rows():
    w, v = Value(2.0), Value(3.0)
    program = compile(lambda x: w * w * 0.5 + v * x - w)
    assert program.backward(np.ones(130)) == 3.0
    assert (w.grad, v.grad) == (1.0, 1.0)


def test_backward_without_arguments():
    w = Value(3.0)
    program = compile(lambda: w * w)
    assert program.backward() == 9.0
    assert w.grad == 6.0


def test_threads_give_the_same_rows(monkeypatch):
    started = []
    monkeypatch.setattr(machine_evaluator, "_WORTH_A_THREAD", 1)
    monkeypatch.setattr(futures, "ThreadPoolExecutor", lambda count: started.append(count) or ThreadPoolExecutor(count))
    w = Value(0.3)
    program = compile(lambda x: ag.exp(w * x) * x)
    rows = np.linspace(-1.0, 1.0, 1001)
    assert (program.map(rows, threads=3) == program.map(rows)).all()
    sums = program.backward(rows), w.grad
    w.zero_grad()
    assert (program.backward(rows, threads=2), w.grad) == pytest.approx(sums, rel=1e-13)
    assert len({program.backward(rows, threads=7) for _ in range(20)}) == 1
    assert started == ([3, 2, *[7] * 20] if backend == "native" else [])


@pytest.mark.skipif(backend != "native", reason="only the compiled engine spreads rows")
def test_no_thread_is_started_for_few_rows(monkeypatch):
    program = compile(lambda x: ag.exp(x) * x)
    monkeypatch.setattr(futures, "ThreadPoolExecutor", None)
    assert len(program.map(np.zeros(1000), threads=2)) == 1000
    with pytest.raises(TypeError, match="'NoneType' object is not callable"):  # there it would start them
        program.map(np.zeros(4_000_000), threads=2)


def in_a_thread(f):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(f).result()


def doubled(x):
    x.data = 14.0
    return True


@pytest.mark.parametrize("look", [lambda x: x > 0.0, lambda x: x * 2 > 1.0, float, lambda x: x.data, doubled])
def test_what_another_thread_reads_or_compares_is_not_taken_for_what_holds_always(look):
    program = compile(lambda x: x * 2 if in_a_thread(lambda: look(x * 3)) else x)
    with pytest.raises(TypeError, match="in another thread"):
        program(2.0)
    assert len(program.listings) == 0
    assert compile(lambda x: in_a_thread(lambda: x * x))(3.0) == 9.0  # to compute there is no harm


def test_a_thread_with_values_of_its_own_does_not_disturb_a_trace():
    other = Value(1.0)
    program = compile(lambda x: x * 2 if in_a_thread(lambda: other * 2 > 1.0) else x)
    assert (program(2.0), program(-2.0)) == (4.0, -4.0)


def test_one_program_in_several_threads():
    program = compile(lambda x: ag.tanh(x) * x)
    rows = [np.full(200, float(i)) for i in range(8)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(program.map, rows))
    assert all((x == program.map(row)).all() for x, row in zip(found, rows))


def test_one_program_of_several_branches_in_several_threads():
    program = compile(lambda x: ag.exp(x) if x > 0.0 else x * x if x > -1.0 else -x)
    rng = np.random.default_rng(0)
    rows = [rng.normal(size=3000) for _ in range(12)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(program.map, rows))
    for x, y in zip(rows, found):
        assert y == pytest.approx(np.where(x > 0.0, np.exp(x), np.where(x > -1.0, x * x, -x)), rel=1e-13)


# --------------------------------------------------------------------------- comparisons


def test_a_comparison_takes_each_row_its_own_way():
    def f(x):
        if x > 1.0:
            return x * x
        return -x if x < 0.0 else ag.sqrt(x)

    program = compile(f)
    assert program(4.0) == 16.0
    assert [program(x) for x in (-2.0, 0.25, 4.0)] == [2.0, 0.5, 16.0]
    rows = np.linspace(-3.0, 3.0, 300)
    assert program.map(rows) == pytest.approx([eager(f, x) for x in rows], rel=1e-14)
    assert compile(f).map(rows) == pytest.approx([eager(f, x) for x in rows], rel=1e-14)
    assert program.grad.map(rows[::7]) == pytest.approx([grad(f)(x) for x in rows[::7]], rel=1e-14)


def test_backward_over_rows_of_different_branches():
    w = Value(2.0)

    def f(x):
        return w * x if x > 0.0 else w * w

    rows = np.linspace(-1.0, 1.0, 201)
    loss = ag.mean([f(x) for x in rows.tolist()])
    loss.backward()
    wanted = w.grad
    w.zero_grad()
    assert compile(lambda x: f(x)).backward(rows) == pytest.approx(loss.data, rel=1e-13)
    assert w.grad == pytest.approx(wanted, rel=1e-13)


def test_a_comparison_with_nan_holds_for_neither():
    program = compile(lambda x: 1.0 * x if x > 0.0 else 2.0 * x)
    assert program(1.0) == 1.0
    assert math.isnan(program(math.nan))
    assert len(program.listings) == 2


def test_a_comparison_of_parameters():
    w = Value(1.0)
    program = compile(lambda x: x * 2.0 if w > 0.0 else x * 3.0)
    assert program(1.0) == 2.0
    w.data = -1.0
    assert program(1.0) == 3.0
    assert program.map([1.0, 2.0]).tolist() == [3.0, 6.0]


def test_branches_of_other_structures_have_no_common_array():
    program = compile(lambda x: [x] if x > 0.0 else x)
    assert (program(1.0), program(-1.0)) == ([1.0], -1.0)
    assert program.map([-1.0, -2.0]).tolist() == [-1.0, -2.0]
    with pytest.raises(ValueError, match="differently nested results"):
        program.map([1.0, -1.0])


def test_max_sorted_and_in_are_comparisons():
    program = compile(lambda x, y: max(x, y) * 10.0 + min(x, y))
    assert [program(1.0, 2.0), program(2.0, 1.0), program(3.0, 3.0)] == [21.0, 21.0, 33.0]


def test_a_comparison_that_rounding_decides_comes_out_as_in_the_function():
    a, b = 0.1, 0.3

    def f(x, y, z):
        return x if x * y + z == 0.0 else -x

    product = a * b  # rounded; a fused product and sum is not 0
    assert compile(f)(a, b, -product) == a
    rows = compile(f).map(np.full(3, a), np.full(3, b), np.full(3, -product))
    assert set(np.abs(rows)) == {a}


# --------------------------------------------------------------------------- transforms


def test_transforms_compile():
    x = [0.3, -0.7, 1.2]
    matrix = compile(hessian(rosenbrock))(x)
    assert np.array(matrix) == pytest.approx(np.array(hessian(rosenbrock)(x)), rel=1e-12)
    value, tangent = compile(lambda x: jvp(rosenbrock, (x,), ([1.0, 0.0, 2.0],)))(x)
    assert (value, tangent) == pytest.approx(jvp(rosenbrock, (x,), ([1.0, 0.0, 2.0],)), rel=1e-12)
    [pulled] = compile(lambda x: vjp(rosenbrock, x)[1](2.0))(x)
    assert pulled == pytest.approx(vjp(rosenbrock, x)[1](2.0)[0], rel=1e-12)
    assert compile(lambda x: grad(lambda t: t * x[0])(3.0))(x) == 0.3


def test_programs_of_gradients():
    program = compile(rosenbrock)
    x = np.array([0.3, -0.7, 1.2])
    assert isinstance(program.grad, Program)
    assert program.grad(x) == pytest.approx(np.array(grad(rosenbrock)(list(x))), rel=1e-12)
    value, gradient = program.value_and_grad(x)
    assert value == pytest.approx(program(x))
    assert gradient.shape == (3,)
    assert program.value_and_grad.map(np.array([x, x]))[1].shape == (2, 3)


def test_a_program_of_values_is_the_function():
    program = compile(lambda x: x * x)
    assert grad(program)(3.0) == 6.0
    assert compile(lambda x: program(x) + 1.0)(2.0) == 5.0


def test_structures_go_in_and_come_out():
    program = compile(lambda p, xs: {"sum": p["a"] + xs[0], "all": [xs[1], (p["b"], 2.0)]})
    assert program({"a": 1.0, "b": 2.0}, [3.0, 4.0]) == {"sum": 4.0, "all": [4.0, (2.0, 2.0)]}
    assert program({"a": 1, "b": 2}, [3, 4]) == {"sum": 4.0, "all": [4.0, (2.0, 2.0)]}
    rows = program.map({"a": [1.0, 5.0], "b": [2.0, 6.0]}, np.array([[3.0, 4.0], [7.0, 8.0]]))
    assert rows["sum"].tolist() == [4.0, 12.0]
    assert rows["all"][1][1].tolist() == [2.0, 2.0]


def test_many_arguments_and_results():
    program = compile(lambda *xs: [x * 2.0 for x in xs])
    rows = [np.arange(5.0) + i for i in range(70)]
    found = program.map(*rows)
    assert all((y == 2.0 * x).all() for x, y in zip(rows, found))


def test_rows_that_are_not_contiguous():
    matrix = np.arange(24.0).reshape(4, 6)
    program = compile(lambda x, y: x[0] * 100.0 + x[1] + y)
    wanted = matrix[:, 1] * 100.0 + matrix[:, 3] + matrix[::-1, 0]
    assert program.map(matrix[:, 1:5:2], matrix[::-1, 0]).tolist() == wanted.tolist()
    assert program.map(matrix[:, 1:5:2].astype(np.float32), matrix[::-1, 0].astype(int)).tolist() == wanted.tolist()


# --------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("f", "what"),
    [
        (lambda x: x.data, r"\.data of a Value"),
        (lambda x: math.sin(x), r"float\(\) of a Value"),
        (lambda x: int(x), r"int\(\) of a Value"),
        (lambda x: x if x else -x, r"bool\(\) of a Value"),
        (lambda x: x.grad, r"\.grad of a Value"),
        (lambda x: (x * x).backward(), r"backward\(\) within a function"),
        (lambda x: setattr(x, "data", 1.0), r"\.data of a Value"),
    ],
)
def test_numbers_cannot_be_taken_out(f, what):
    with pytest.raises(TypeError, match=what):
        compile(f)(2.0)
    assert float(Value(1.0)) == 1.0  # and outside it is as before


def test_numbers_cannot_be_changed():
    w = Value(1.0)

    def f(x):
        w.data = 2.0
        return w * x

    with pytest.raises(TypeError, match=r"\.data of a Value is changed within a function that is compiled"):
        compile(f)(2.0)
    assert w.data == 1.0


def test_detach_stops_the_gradient_and_not_the_number():
    program = compile(grad(lambda x: x.detach() * x))
    assert [program(2.0), program(3.0)] == [2.0, 3.0]


def test_modes_that_make_no_sense_are_refused():
    @ag.no_grad()
    def f(x):
        return x * x

    with pytest.raises(RuntimeError, match=r"use stop_gradient\(x\)"):
        compile(f)(1.0)
    with ag.no_grad():
        assert compile(grad(lambda x: x * x))(3.0) == 6.0

    @ag.detect_anomaly()
    def g(x):
        return x * x

    with pytest.raises(RuntimeError, match=r"call the function itself within detect_anomaly"):
        compile(g)(1.0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda p: p.map(), ValueError, "got none; call the program itself"),
        (lambda p: p.map([1.0], [1.0, 2.0]), ValueError, "as many rows of each argument, got 1, 2"),
        (lambda p: p.map([[1.0], [1.0, 2.0]], [1.0, 2.0]), ValueError, "rows of the same length"),
        (lambda p: p.map(np.array([None]), [1.0]), TypeError, "got NoneType; leave such rows out, or put math.nan"),
        (lambda p: p.map([10**20], [1.0]), TypeError, r"array of objects; convert it: numpy.asarray\(x, dtype=float\)"),
        (lambda p: p.map([Fraction(1, 2)], [1.0]), TypeError, "array of objects; convert it"),
        (lambda p: p.map([Value(1.0)], [1.0]), TypeError, "got Values; close over them"),
        (lambda p: p.map(Value(1.0), [1.0]), TypeError, "got Values; close over them"),
        (lambda p: p.map(10**20, [1.0]), TypeError, r"got the number 1000.*; write \[x\]"),
        (lambda p: p.map(np.array(True), [1.0]), TypeError, r"got the number array\(True\); write \[x\]"),
        (lambda p: p.map(None, [1.0]), TypeError, "got NoneType; leave such rows out"),
        (lambda p: p.map({1.0}, [1.0]), TypeError, r"got set; make a list of it: list\(x\)"),
        (lambda p: p.map(iter([1.0]), [1.0]), TypeError, r"make a list of it: list\(x\)"),
        (lambda p: p.map(["a"], [1.0]), TypeError, "arrays of real numbers, got <U1; convert them"),
        (lambda p: p.map([1j], [1.0]), TypeError, "arrays of real numbers, got complex128; pass parts of them: x.real"),
        (lambda p: p.bind(Value(1.0)), TypeError, r"takes a list of Values, got Value; write \[x\]"),
        (lambda p: p.map(3.0, [1.0]), TypeError, "write"),
        (lambda p: p("a", 1.0), TypeError, "a program takes numbers"),
        (lambda p: p.backward([], []), ValueError, "no rows to take the mean of"),
        (lambda p: p.backward([1.0], [1.0], reduction="max"), ValueError, "'mean' or 'sum', got 'max'"),
        (lambda p: p.map([1.0], [1.0], threads=0), ValueError, "at least 1 thread, got threads=0"),
        (lambda p: p.map([1.0], [1.0], threads="2"), TypeError, "threads is a whole number, got str"),
        (lambda p: p.backward([1.0], [1.0], threads=1.5), TypeError, "threads is a whole number, got float"),
        (lambda p: p.to_c("a b"), ValueError, "is an identifier"),
        (lambda p: p.map((1.0, 2.0), [1.0]), TypeError, "rows as a list or an array"),
        (lambda p: p.backward([1.0], [1.0], "sum"), TypeError, "name an option: reduction='sum'"),
        (lambda p: p(1.0, y=2.0), TypeError, "in order, and not by name, got y="),
        (lambda p: p((x for x in [1.0]), 2.0), TypeError, r"make a list of it: list\(x\)"),
    ],
)
def test_bad_input_gets_a_sentence(call, error, message):
    program = compile(lambda x, y: x * y)
    program(1.0, 2.0)
    with pytest.raises(error, match=message):
        call(program)
    assert program(3.0, 2.0) == 6.0


def test_a_program_in_a_class_is_no_method():
    class Model:
        loss = compile(lambda self, x: self.w * x)
        double = staticmethod(compile(lambda x: 2 * x))

        def __init__(self):
            self.w = Value(3.0)
            self.own = compile(self.method)

        def method(self, x):
            return self.w * x

    assert not hasattr(Model(), "loss")
    with pytest.raises(AttributeError, match=r"is no method.*self.loss = compile\(self.loss\) in __init__"):
        Model().loss(1.0)
    assert (Model().own(2.0), Model().double(2.0)) == (6.0, 4.0)


def test_backward_needs_one_value():
    with pytest.raises(TypeError, match="gives one Value, got list"):
        compile(lambda x: [x, x]).backward([1.0])


def test_what_is_no_function_is_refused():
    with pytest.raises(TypeError, match="takes a function, got Value"):
        compile(Value(1.0))


def test_rows_of_another_width_trace_again_and_fail_in_the_function():
    program = compile(lambda x: x[0] * x[1])
    assert program.map(np.ones((2, 2))).tolist() == [1.0, 1.0]
    with pytest.raises(IndexError):
        program.map(np.ones((2, 1)))


def test_no_rows_give_empty_arrays():
    assert compile(lambda x: [x, x]).map(np.empty(0))[0].shape == (0,)
    assert compile(lambda x: x).backward(np.empty(0), reduction="sum") == 0.0


def test_nothing_is_known_before_the_first_call():
    program = compile(lambda x: x)
    for look in (len, str, lambda p: p.to_c("f"), lambda p: p.fingerprint, lambda p: p.bind([Value(1.0)])):
        with pytest.raises(RuntimeError, match="call it once"):
            look(program)


# --------------------------------------------------------------------------- pickles


def test_a_program_survives_in_another_process():
    w = Value(3.0, label="w")
    program = compile(lambda x: w * x if x > 0.0 else x)
    assert [program(2.0), program(-2.0)] == [6.0, -2.0]
    program.backward([1.0, 2.0])
    code = (
        "import pickle, sys; p = pickle.loads(sys.stdin.buffer.read()); "
        "print(p(2.0), p(-2.0), p.backward([1.0, 2.0]), p.parameters[0].label, p.fingerprint)"
    )
    done = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(program), capture_output=True, check=True)
    assert done.stdout.decode().split() == ["6.0", "-2.0", "4.5", "w", program.fingerprint]


@pytest.mark.skipif(backend != "native", reason="only the compiled engine takes other arrays than those of NumPy")
@pytest.mark.parametrize("numpy", ["None", "type(sys)('numpy')"], ids=["forbidden", "half imported"])
def test_a_program_runs_where_numpy_is_not(numpy):
    program = compile(lambda x: x[0] * x[1])
    program(np.ones(2))
    code = (
        f"import array, pickle, sys; sys.modules['numpy'] = {numpy}; p = pickle.loads(sys.stdin.buffer.read()); "
        "print(p(memoryview(array.array('d', [2.0, 3.0]))))"
    )
    done = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(program), capture_output=True, check=True)
    assert done.stdout.decode().strip() == "6.0"


def test_arrays_that_lie_between_the_words_of_memory():
    packed = np.zeros(100, dtype=[("flag", "u1"), ("x", "f8")])
    packed["x"] = np.arange(100.0)
    w = Value(2.0)
    program = compile(lambda x: w * x)
    assert not packed["x"].flags.aligned
    assert program.map(packed["x"]).tolist() == [2.0 * i for i in range(100)]
    assert program.backward(packed["x"], reduction="sum") == 9900.0
    assert compile(lambda x: x[1] * x[2])(packed["x"][1:4]) == 6.0


def test_a_reloaded_program_says_that_it_cannot_trace():
    program = compile(lambda x: x if x > 0.0 else -x)
    program(1.0)
    reloaded = pickle.loads(pickle.dumps(program))
    assert reloaded(2.0) == 2.0
    with pytest.raises(RuntimeError, match="compile the function again"):
        reloaded(-1.0)
    with pytest.raises(RuntimeError, match="compile the function again"):
        _ = reloaded.grad


def test_a_pickle_names_no_module_inside_autograd():
    w = Value(3.0)
    program = compile(lambda x: {"a": [x["b"][0] * w, x["b"]]})
    program({"b": np.ones(2)})
    inner = compile(lambda x: w * x)
    inner.backward(np.ones(3))
    inner.grad(1.0)
    names = [x for _, x, _ in pickletools.genops(pickle.dumps([program, inner], protocol=2)) if isinstance(x, str)]
    assert {x.split()[0] for x in names if x.startswith("autograd")} == {"autograd"}


def test_a_pickle_of_another_format_is_refused():
    program = compile(lambda x: x)
    program(1.0)
    state = program.__getstate__() | {"format": 99}
    with pytest.raises(ValueError, match="has the format 99"):
        Program.__new__(Program).__setstate__(state)


def test_the_program_runs_on_the_engine_that_is_chosen():
    program = compile(lambda x: x * x)
    program(1.0)
    names = {"native": "MachineEvaluator", "python": "NumpyEvaluator"}
    assert type(program._specializations[0].paths[0].evaluator).__name__ == names[backend]


def test_products_by_one_factor_tell_numbers_from_registers():
    """In a program 3.0 is a constant, and 3 a register."""

    def f(x):
        return [x[0] * x[3], 3.0 * x[3], x[3] * x[1], x[3] * 3.0, x[3] * x[3]]

    for exact in (True, False):
        program = compile(f, exact=exact)
        assert program([5.0, 7.0, 11.0, 13.0]) == [65.0, 39.0, 91.0, 39.0, 169.0]
        assert [y[0] for y in program.map([[5.0, 7.0, 11.0, 13.0]])] == [65.0, 39.0, 91.0, 39.0, 169.0]


def test_a_program_of_which_only_backward_was_called_has_a_listing():
    w = Value(2.0)
    program = compile(lambda x: w * x * x)
    program.backward([1.0, 2.0])
    assert len(program) > 0
    assert "return" in str(program)
    with pytest.raises(RuntimeError, match="call it once"):
        program.to_c("f")


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


def test_infinities_and_nan_flow_into_gradients_without_a_warning():
    w = Value(0.0)
    assert math.isnan(compile(lambda x: w * x).backward([math.inf, 1.0]))
    assert w.grad == math.inf


def test_bind_also_holds_where_rounding_decides_a_comparison():
    w = Value(2.0)
    product = 0.1 * 0.3

    def f(x, y, z):
        return w * x if x * y + z == 0.0 else -x

    program = compile(f)
    assert program(0.1, 0.3, -product) == 0.2
    rows = np.array([0.1]), np.array([0.3]), np.array([-product])
    program.bind([Value(3.0)])
    assert program(0.1, 0.3, -product) == 0.1 * 3.0
    assert program.map(*rows).tolist() == [0.1 * 3.0]


def test_rounding_decides_a_comparison_of_rows_as_it_does_for_the_function():
    def f(a, b, c):
        return a + 1.0 if a * b - c == 0.0 else a

    rng = random.Random(0)
    a, b = ([rng.uniform(-1.0, 1.0) for _ in range(200)] for _ in range(2))
    c = [x * y for x, y in zip(a, b)]
    for first in ((1.0, 1.0, 1.0), (1.0, 1.0, 2.0)):
        program = compile(f)
        program(*first)
        assert program.map(a, b, c).tolist() == [x + 1.0 for x in a]
        assert len(program.listings) <= 2


def test_tanh_compares_in_rows_as_in_the_function():
    bound = math.tanh(0.7)
    program = compile(lambda x: x if ag.tanh(x) >= bound else -x)
    assert program.map([0.7] * 200).tolist() == [0.7] * 200
    assert len(program.listings) == 1


@pytest.mark.parametrize(
    "b",
    [2**53 + 1, Fraction(1, 3), -Fraction(2, 3), 10**400, -(10**400), Decimal("0.1"), 3],
    ids=["2**53+1", "1/3", "-2/3", "10**400", "-10**400", "0.1", "3"],
)
@pytest.mark.parametrize("operator", ["<", "<=", "==", "!=", ">", ">="])
def test_comparisons_with_numbers_that_are_no_floats(operator, b):
    f = eval(f"lambda x: x * 7.0 if x {operator} b else x * 3.0", {"b": b})
    near = 0.0 if abs(b) > 1e300 else float(b)
    points = [near, math.nextafter(near, 9e99), math.nextafter(near, -9e99), 1.0, -1.0, math.inf, -math.inf]
    wanted = [eager(f, x) for x in points]
    for first in points:
        program = compile(f)
        program(first)
        assert [program(x) for x in points] == wanted
        assert program.map(points).tolist() == wanted


def test_a_program_within_a_program_is_a_part_of_it():
    w = Value(2.0)
    inner = compile(lambda y: y * w)
    program = compile(lambda x: x * inner(2.0))
    assert program(1.0) == 4.0
    w.data = 5.0
    assert program(1.0) == 10.0
    closing = compile(lambda x: compile(lambda y: y * x)(2.0))
    assert [closing(x) for x in (3.0, 4.0)] == [6.0, 8.0]
    assert closing.map([1.0, 2.0]).tolist() == [2.0, 4.0]


def test_rows_of_a_program_within_a_program_are_refused():
    w = Value(2.0)
    inner = compile(lambda y: y * w)
    for method in ("map", "backward"):
        with pytest.raises(TypeError, match=f"{method}.. of a program within a function that is compiled"):
            compile(lambda x: x * getattr(inner, method)([2.0]))(1.0)  # noqa: B023  # called in this round
    assert w.grad == 0.0


def test_a_bound_program_refuses_values():
    w = Value(2.0)
    program = compile(lambda x: w * x)
    program(1.0)
    program.bind([Value(50.0)])
    assert program(1.0) == 50.0
    with pytest.raises(TypeError, match="compile a function of the new ones"):
        program(Value(1.0))


def test_a_program_is_true_and_its_own_copy():
    program = compile(lambda x: x)
    assert program
    assert copy.copy(program) is program
    assert copy.deepcopy([program])[0] is program


def test_a_structure_that_failed_does_not_count():
    program = compile(lambda x: x[0] * x[1])
    with pytest.raises(IndexError):
        program([1.0])
    program([1.0, 2.0])
    assert "program" in program.to_c("program")
