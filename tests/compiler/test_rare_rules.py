"""A function that runs for rows on rare paths follows the rules of a trace."""

import gc
import pickle
import threading
import weakref

import numpy as np
import pytest

import autograd as ag
from autograd import Value, compile, detect_anomaly, grad
from autograd.compiler import rare
from tests.compiler.branching import ROWS, SIGNS, Net, of_signs, traces

pytestmark = pytest.mark.filterwarnings("ignore:the function takes more than:UserWarning")
cube = ag.operation("cube_of_rare_paths", lambda a: a**3, "3.0*a*a")


@pytest.mark.parametrize(
    ("special", "message"),
    [
        (lambda x: x[0] * float(x[1]), "float.. of a Value takes its number out of a compiled function"),
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
