"""Functions of many branches: few paths are traced, and on rare ones the function itself runs."""

import numpy as np
import pytest

import autograd as ag
from autograd import Value, compile, grad, gradients, jvp, value_and_grad
from autograd.compiler import rare
from autograd.pytree import flatten
from tests.compiler.branching import RNG, ROWS, SIGNS, WEIGHTS, Net, eager, of_signs, traces

pytestmark = pytest.mark.filterwarnings("ignore:the function takes more than:UserWarning")


@pytest.mark.parametrize("exact", [False, True])
def test_map_of_many_branches_makes_few_traces(exact):
    net = Net()
    results, _, _ = eager()
    program = compile(net, exact=exact)
    for _ in range(3):
        found = program.map(ROWS)
        if exact:
            assert found.tolist() == results
        assert found == pytest.approx(results, rel=1e-13)
    assert traces(program) == rare.FREE


def test_calls_of_many_branches_make_few_traces():
    net = Net()
    results, _, _ = eager()
    program = compile(net)
    assert [program(row) for row in ROWS.tolist()] == pytest.approx(results, rel=1e-13)
    assert traces(program) == rare.FREE


def test_backward_of_many_branches_makes_few_traces():
    net = Net()
    _, loss, gradient = eager()
    program = compile(net)
    for _ in range(2):
        assert program.backward(ROWS) == pytest.approx(loss, rel=1e-13)
        assert net.gradient() == pytest.approx(gradient, rel=1e-12, abs=1e-15)
    assert program.backward(ROWS, reduction="sum") == pytest.approx(300 * loss, rel=1e-13)
    assert traces(program) == rare.FREE


def test_the_function_runs_once_for_each_row_on_a_rare_path():
    net = Net()
    program = compile(net)
    program.map(ROWS)
    net.calls = 0
    program.map(ROWS)
    first = net.calls
    known = {tuple(holds for *_, holds in listing.guards) for listing, _ in program.listings}
    signs = [tuple((np.array(WEIGHTS) @ row > 0.0).tolist()) for row in ROWS]
    assert first == sum(sign not in known for sign in signs)


def test_loss_and_grad_of_many_branches_makes_few_traces_and_leaves_the_values_alone():
    net = Net()
    _, loss, gradient = eager()
    program = compile(net)
    start = np.array([p.data for p in net.parameters])
    program.backward(ROWS[:2])
    net.gradient()
    order = [net.parameters.index(p) for p in program.parameters]
    for p in net.parameters:
        p.data = 7.0
    found, slopes = program.loss_and_grad(start[order], ROWS)
    assert found == pytest.approx(loss, rel=1e-13)
    assert slopes == pytest.approx(np.array(gradient)[order], rel=1e-12, abs=1e-15)
    assert {p.data for p in net.parameters} == {7.0}
    assert set(net.gradient()) == {0.0}
    assert traces(program) == rare.FREE


def test_the_program_of_the_gradient_runs_its_function_on_rare_paths():
    net = Net()
    slopes = compile(grad(net))
    wanted = [[x.data for x in grad(net)([Value(a) for a in row])] for row in ROWS[:100].tolist()]
    assert slopes.map(ROWS[:100]) == pytest.approx(np.array(wanted), rel=1e-11, abs=1e-14)
    assert compile(net).grad.map(ROWS[:100]) == pytest.approx(np.array(wanted), rel=1e-11, abs=1e-14)
    assert traces(slopes) == rare.FREE


@pytest.mark.parametrize(
    "transform",
    [
        lambda f: grad(f, argnums=(0, 1)),
        lambda f: value_and_grad(f, argnums=1),
        lambda f: grad(lambda x, y: ag.sum(grad(f)(x, y)) * y),
        lambda f: grad(lambda x, y: gradients(f(x, y), [y])[0]),
        lambda f: lambda x, y: gradients(ag.sum(grad(f)(x, y)), [y])[0],
        lambda f: lambda x, y: ag.sum(a.tanh() for a in grad(f)(x, y)),
        lambda f: lambda x, y: jvp(lambda z: f(z, y), (x,), ([1.0] * 4,))[1],
        lambda f: grad(lambda x, y: (f(x, y) * y, {"y": y * y}), has_aux=True),
    ],
    ids=["grad", "value_and_grad", "twice", "gradients within", "gradients of", "function of", "jvp", "has_aux"],
)
@pytest.mark.parametrize("exact", [False, True])
def test_derivatives_of_rare_paths_are_those_of_the_function(transform, exact):
    w = Value(0.7)
    derivative = transform(lambda x, y: (w * ag.sum(a * a * y if a > 0.0 else a * y * y for a in x)).tanh())
    ys = np.linspace(0.1, 0.4, 16)
    program = compile(derivative, exact=exact)
    found = [program(signs.tolist(), y) for signs, y in zip(0.3 * SIGNS, ys)]
    for signs, y, results in zip(0.3 * SIGNS, ys.tolist(), found):
        wanted = flatten(derivative([Value(a) for a in signs.tolist()], Value(y)), "", "")
        numbers, tree = flatten(results, "", "")
        assert tree == wanted[1]
        assert numbers == pytest.approx([x.data for x in wanted[0]], rel=0.0 if exact else 1e-13, abs=0.0)
    assert traces(program) == rare.FREE


@pytest.mark.parametrize(
    "kind", [list, tuple, np.array, lambda x: list(map(int, x)), lambda x: list(map(np.float32, x))]
)
def test_calls_with_numbers_of_any_kind_find_the_known_paths(kind):
    calls = []
    f = of_signs(lambda x: x[0])
    program = compile(lambda x: (calls.append(1), f(x))[1])
    for signs in SIGNS:
        program(kind(signs))
    calls.clear()
    found = [program(kind(signs)) for signs in SIGNS[: rare.FREE]]
    assert found == np.where(SIGNS > 0.0, SIGNS, 3.0 * SIGNS)[: rare.FREE].sum(axis=1).tolist()
    assert not calls


def test_a_buffer_computes_rows_on_rare_paths():
    net = Net()
    results, _, _ = eager()
    buffer = compile(net).buffer(ROWS[0])
    for row, result in zip(ROWS, results):
        buffer.inputs[:] = row
        assert buffer()[0] == pytest.approx(result, rel=1e-13)
    assert len(buffer._runs) == rare.FREE


@pytest.mark.no_cover
def test_paths_that_many_rows_take_are_all_traced():
    def bins(x):
        for i in range(12):
            if x < i + 1:
                return x * (i + 1.0)
        return x * 0.0

    program = compile(bins)
    x = np.linspace(0.0, 13.0, 20_001)
    wanted = x * np.where(x < 12.0, np.floor(x) + 1.0, 0.0)
    for _ in range(6):
        assert program.map(x).tolist() == pytest.approx(wanted.tolist(), rel=1e-15)
    assert traces(program) == 13


@pytest.mark.no_cover
def test_paths_are_bounded_whatever_rows_come():
    program = compile(lambda x: ag.sum(a if a > 0.0 else 2.0 * a for a in x))
    rows = RNG.normal(size=(2_000, 12))
    wanted = np.where(rows > 0.0, rows, 2.0 * rows).sum(axis=1)
    assert program.map(rows) == pytest.approx(wanted, rel=1e-12)
    assert traces(program) == 5  # 100 * 5**2 > 2000


def test_results_are_written_where_out_says():
    net = Net()
    results, _, _ = eager()
    out = np.empty(len(ROWS))
    assert compile(net).map(ROWS, out=out) is out
    assert out == pytest.approx(results, rel=1e-13)
