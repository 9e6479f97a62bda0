"""Functions of many branches: few paths are traced, and on rare ones the function itself runs."""

import gc
import itertools
import pickle
import threading
import weakref

import numpy as np
import pytest

import autograd as ag
from autograd import Value, compile, detect_anomaly, grad
from autograd.compiler import rare

pytestmark = pytest.mark.filterwarnings("ignore:the function takes more than:UserWarning")

RNG = np.random.default_rng(5)
UNITS = 10
ROWS = RNG.normal(size=(300, 3))
cube = ag.operation("cube_of_rare_paths", lambda a: a**3, "3.0*a*a")
WEIGHTS = RNG.normal(size=(UNITS, 3)).tolist()


class Net:
    """A network whose units branch by Python's `if`."""

    def __init__(self):
        self.w = [[Value(x) for x in row] for row in WEIGHTS]
        self.out = [Value(0.1 * i - 0.4) for i in range(UNITS)]
        self.parameters = [*itertools.chain(*self.w), *self.out]
        self.calls = 0

    def __call__(self, x):
        self.calls += 1
        total = 0.0
        for row, factor in zip(self.w, self.out):
            z = ag.sum(a * b for a, b in zip(row, x))
            h = z if z > 0.0 else 0.1 * z
            total = total + factor * ag.tanh(h)
        return total * total

    def eager(self, rows=ROWS):
        """The results, their mean, and its gradient."""
        results = [self([Value(a) for a in row]) for row in rows.tolist()]
        for p in self.parameters:
            p.zero_grad()
        loss = ag.mean(results)
        loss.backward()
        return [y.data for y in results], loss.data, self.gradient()

    def gradient(self):
        found = [p.grad for p in self.parameters]
        for p in self.parameters:
            p.zero_grad()
        return found


def traces(program):
    return len(program._paths())


# --------------------------------------------------------------------------- few traces, and the same results


@pytest.mark.parametrize("exact", [False, True])
def test_map_of_many_branches_makes_few_traces(exact):
    net = Net()
    results, _, _ = net.eager()
    program = compile(net, exact=exact)
    for _ in range(3):
        found = program.map(ROWS)
        if exact:
            assert found.tolist() == results
        assert found == pytest.approx(results, rel=1e-13)
    assert traces(program) == rare.FREE


def test_calls_of_many_branches_make_few_traces():
    net = Net()
    results, _, _ = net.eager()
    program = compile(net)
    assert [program(row) for row in ROWS.tolist()] == pytest.approx(results, rel=1e-13)
    assert traces(program) == rare.FREE


def test_backward_of_many_branches_makes_few_traces():
    net = Net()
    _, loss, gradient = net.eager()
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
    _, loss, gradient = net.eager()
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


def test_a_buffer_computes_rows_on_rare_paths():
    net = Net()
    results, _, _ = net.eager()
    buffer = compile(net).buffer(ROWS[0])
    for row, result in zip(ROWS, results):
        buffer.inputs[:] = row
        assert buffer()[0] == pytest.approx(result, rel=1e-13)
    assert len(buffer._runs) == rare.FREE


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


def test_paths_are_bounded_whatever_rows_come():
    program = compile(lambda x: ag.sum(a if a > 0.0 else 2.0 * a for a in x))
    rows = RNG.normal(size=(8_000, 12))
    wanted = np.where(rows > 0.0, rows, 2.0 * rows).sum(axis=1)
    assert program.map(rows) == pytest.approx(wanted, rel=1e-12)
    assert traces(program) == 9  # 100 * 9**2 > 8000


def test_results_are_written_where_out_says():
    net = Net()
    results, _, _ = net.eager()
    out = np.empty(len(ROWS))
    assert compile(net).map(ROWS, out=out) is out
    assert out == pytest.approx(results, rel=1e-13)


# --------------------------------------------------------------------------- the same refusals and rules as in a trace

SIGNS = np.array(list(itertools.product([-1.0, 1.0], repeat=4)))


def of_signs(special):
    """A function with a path for each combination of four signs; for the last one, all are 1, it gives special(x)."""

    def f(x):
        total = 0.0
        for a in x:
            total = total + (a if a > 0.0 else 3.0 * a)
        return special(x) if all(a > 0.0 for a in x) else total

    return f


@pytest.mark.parametrize(
    ("special", "message"),
    [
        (lambda x: x[0] * float(x[1]), "float.. of a Value is read within a compiled function"),
        (lambda x: (x[0].backward(), x[0])[1], "backward.. within a compiled function"),
        (lambda x: setattr(x[0], "data", 1.0), ".data of a Value is changed within a compiled function"),
        (lambda x: None, "a function that gives numbers"),  # noqa: ARG005
    ],
)
def test_the_function_may_not_do_on_rare_paths_what_a_trace_refuses(special, message):
    program = compile(of_signs(special))
    program.map(SIGNS[:-1])
    for run in (lambda: program.map(SIGNS), lambda: program(SIGNS[-1]), lambda: program.backward(SIGNS)):
        with pytest.raises(TypeError, match=message):
            run()
    assert traces(program) == 2 * rare.FREE  # of calls and of backward()
    assert not ag.engine.state.ENTERED


def test_other_structures_on_rare_paths_have_no_common_array():
    program = compile(of_signs(lambda x: [x[0]]))
    program.map(SIGNS[:-1])
    assert program(SIGNS[-1]) == [1.0]
    with pytest.raises(ValueError, match="differently nested results"):
        program.map(SIGNS)


def test_integers_become_floats_on_rare_paths():
    result = compile(of_signs(lambda x: 7)).map(SIGNS)  # noqa: ARG005
    assert result.dtype == np.float64
    assert result[-1] == 7.0


def test_no_gradient_changes_if_the_function_fails_on_a_rare_path():
    w = Value(2.0)

    def special(x):
        raise ZeroDivisionError(x)

    f = of_signs(special)
    program = compile(lambda x: w * f(x))
    with pytest.raises(ZeroDivisionError):
        program.backward(SIGNS)
    assert w.grad == 0.0
    assert program.backward(SIGNS[:-1], reduction="sum") == pytest.approx(2.0 * w.grad)


def test_a_parameter_of_a_rare_path_is_found():
    v, w = Value(2.0), Value(5.0)
    f = of_signs(lambda x: v * x[0])
    program = compile(lambda x: w * f(x))
    program.backward(SIGNS[:-1])
    assert program.parameters == [w]
    w.zero_grad()
    program.backward(SIGNS, reduction="sum")
    assert v.grad == 5.0
    assert program.parameters == [w, v]
    with pytest.raises(ValueError, match="takes the numbers of 2 parameters, got 1"):
        program.loss_and_grad([1.0], SIGNS)
    loss, gradient = program.loss_and_grad([1.0, 3.0], SIGNS, reduction="sum")
    total = np.where(SIGNS > 0.0, SIGNS, 3.0 * SIGNS)[:-1].sum()
    assert loss == total + 3.0
    assert gradient.tolist() == [total + 3.0, 1.0]


def test_leaves_that_the_function_makes_are_no_parameters():
    w, made = Value(3.0), []

    def special(x):
        made.append(Value(2.0))
        return w * x[0] * made[-1]

    program = compile(of_signs(special))
    program.backward(np.vstack([SIGNS, SIGNS[-1:]]), reduction="sum")
    assert w.grad == 4.0
    assert program.parameters == [w]
    assert [x.grad for x in made] == [0.0] * len(made)


def test_rows_on_rare_paths_leave_no_node_behind():
    nodes = []

    def special(x):
        y = x[0] * 2.0
        nodes.append(weakref.ref(y))
        return y

    program = compile(of_signs(special))
    program.map(SIGNS)
    program.backward(SIGNS)
    gc.collect()
    assert [node() for node in nodes] == [None] * 2


def test_nodes_computed_outside_are_recomputed_so_all_paths_are_traced():
    w = Value(2.0)
    double = w * 2.0
    program = compile(lambda x: double * ag.sum(a if a > 0.0 else 3.0 * a for a in x))
    w.data = 10.0
    wanted = 20.0 * np.where(SIGNS > 0.0, SIGNS, 3.0 * SIGNS).sum(axis=1)
    assert program.map(SIGNS).tolist() == wanted.tolist()
    assert traces(program) == 16


def test_after_bind_all_paths_are_traced():
    w = Value(2.0)
    program = compile(lambda x: w * ag.sum(a if a > 0.0 else 3.0 * a for a in x))
    program.map(SIGNS[:2])
    other = Value(10.0)
    program.bind([other])
    wanted = 10.0 * np.where(SIGNS > 0.0, SIGNS, 3.0 * SIGNS).sum(axis=1)
    assert program.map(SIGNS).tolist() == wanted.tolist()
    assert [program(row) for row in SIGNS.tolist()] == wanted.tolist()
    program.backward(SIGNS, reduction="sum")
    assert (w.grad, other.grad) == (0.0, wanted.sum() / 10.0)
    assert traces(program) == 3 * 16  # of arrays, of lists, and of backward()


def test_a_parameter_of_a_rare_path_is_bound():
    v, w = Value(2.0), Value(5.0)
    f = of_signs(lambda x: v * x[0])
    program = compile(lambda x: w * f(x))
    program.backward(SIGNS)
    others = [Value(1.0), Value(3.0)]
    assert program.parameters == [w, v]
    program.bind(others)
    assert program.parameters == others
    program.backward(SIGNS[-1:])
    assert [x.grad for x in others] == [3.0, 1.0]


def test_an_unpickled_program_tries_all_its_paths():
    many = compile(of_signs(lambda x: x[0]))
    many._warner = None  # so all paths are traced
    wanted = many.map(SIGNS)
    assert traces(many) == 16
    loaded = pickle.loads(pickle.dumps(many))
    assert loaded.map(SIGNS).tolist() == wanted.tolist()
    assert [loaded(row) for row in SIGNS] == wanted.tolist()


def test_an_unpickled_program_does_not_know_rare_paths():
    program = compile(of_signs(lambda x: x[0]))
    program.map(SIGNS)
    loaded = pickle.loads(pickle.dumps(program))
    with pytest.raises(RuntimeError, match="has only the paths that were traced before"):
        loaded.map(SIGNS)


def test_detect_anomaly_looks_into_rows_on_rare_paths():
    program = compile(of_signs(lambda x: ag.log(x[0] - 1.0)))
    assert program.map(SIGNS)[-1] == -np.inf
    with detect_anomaly(), pytest.raises(FloatingPointError, match="log"):
        program.map(SIGNS)
    with detect_anomaly():
        assert program.map(SIGNS[:-1]).tolist() == np.where(SIGNS > 0.0, SIGNS, 3.0 * SIGNS)[:-1].sum(axis=1).tolist()


def test_a_rare_path_that_depends_on_what_is_differentiated_is_refused():
    def outer(w):
        f = of_signs(lambda x: x[0] * w)
        return ag.sum(compile(f).map(SIGNS).tolist()) * w

    with pytest.raises(TypeError, match="closes over what is being differentiated"):
        grad(outer)(2.0)


def test_programs_and_derivatives_within_the_function_run_on_rare_paths():
    w = Value(3.0)
    inner = compile(lambda y: w * y * y)
    f = of_signs(lambda x: inner(2.0) + grad(lambda y: w * y**3)(1.0) * x[0])
    program = compile(f)
    assert program.map(SIGNS)[-1] == 12.0 + 9.0
    program.backward(SIGNS)
    assert w.grad * 16.0 == 4.0 + 3.0


def test_an_operation_of_the_user_runs_on_rare_paths():
    w = Value(2.0)
    program = compile(of_signs(lambda x: cube(w * x[0])))
    assert program.map(SIGNS)[-1] == 8.0
    program.backward(SIGNS, reduction="sum")
    assert w.grad == 12.0


def test_threads_have_numbers_of_their_own_in_loss_and_grad():
    net = Net()
    program = compile(net)
    program.backward(ROWS[:2])
    vectors = [np.full(len(program.parameters), c) for c in (0.3, -0.7)]
    wanted = [program.loss_and_grad(vector, ROWS)[0] for vector in vectors]
    found = {}

    def run(i):
        found[i] = [program.loss_and_grad(vectors[i], ROWS)[0] for _ in range(10)]

    threads = [threading.Thread(target=run, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for i, loss in enumerate(wanted):
        assert found[i] == pytest.approx([loss] * 10, rel=1e-12)
