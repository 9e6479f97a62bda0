"""The two evaluators behind one interface: the compiled machine, and its replacement in Python and NumPy."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import Value, backend
from autograd.compiler.machine_evaluator import MachineEvaluator
from autograd.compiler.numpy_evaluator import NumpyEvaluator
from autograd.compiler.path import Path
from autograd.compiler.trace import trace
from autograd.pytree import flatten
from autograd.testing import expressions, points_for
from tests.derivatives.test_transforms import same

KINDS = [NumpyEvaluator, MachineEvaluator] if backend == "native" else [NumpyEvaluator]


def evaluators(f, numbers, *, exact=False, reduced=False):
    """Each kind of evaluator for the path of these numbers, and the path."""
    traced = trace(f, list(numbers), flatten(tuple(numbers), "", "")[1], with_gradients=reduced, exact=exact)
    path = Path(traced, exact, reduced)
    return [kind(path.listing, path.parameters, path.exact, path.pairs) for kind in KINDS], path


@given(data=st.data())
def test_they_give_the_same_bits(data):
    f = data.draw(expressions())
    point = data.draw(points_for(f))
    found, _ = evaluators(f, point, exact=True)
    for evaluator in found:
        results = np.empty((2, 1))
        failed = evaluator.rows([np.array([x, x]) for x in point], [results], 2, 1)
        assert failed.tolist() == [0, 0]
        assert all(same(x, evaluator.call(list(point))[0]) for x in results[:, 0])
        assert same(results[0, 0], found[0].call(list(point))[0])


def test_they_mark_the_rows_on_which_a_guard_fails():
    w = Value(2.0)
    columns = [np.array([3.0, -1.0, 0.5, -2.0])]
    for evaluator in evaluators(lambda x: w * x * x if x > 0.0 else -x, [1.0])[0]:
        results = np.full(4, 7.0)
        failed = evaluator.rows(columns, [results], 4, 1)
        assert (failed != 0).tolist() == [False, True, False, True]
        assert results.tolist() == [18.0, 7.0, 0.5, 7.0]
        assert evaluator.call([3.0]) == [18.0]
        assert evaluator.call([-3.0]) is None


def test_they_add_up_the_rows_on_which_all_guards_hold():
    w = Value(2.0)
    columns = [np.array([3.0, -1.0, 0.5, -2.0])]
    found, _ = evaluators(lambda x: w * w * x if x > 0.0 else -x, [1.0], reduced=True)
    for evaluator in found:
        totals, failed = evaluator.totals(columns, 4, 1)
        assert (failed != 0).tolist() == [False, True, False, True]
        assert totals.tolist() == [4.0 * 3.5, 4.0 * 3.5]
        w.zero_grad()
        evaluator.add_gradients(totals[1:], 0.5)
        assert w.grad == 7.0


def test_a_shortcut_gives_the_results_or_none():
    arguments = flatten((1.0, [2.0]), "", "")[1]
    for evaluator in evaluators(lambda x, y: x * y, [1.0, 2.0])[0]:
        found = evaluator.call_with((3.0, [4.0]), arguments, flatten(1.0, "", "")[1])
        assert found == (12.0 if isinstance(evaluator, MachineEvaluator) else None)
        assert evaluator.call_with((3.0, (4.0,)), arguments, flatten(1.0, "", "")[1]) is None


def test_functions_of_arrays_are_those_of_floats():
    from autograd.compiler.array_functions import functions

    points = np.array([-2.0, -0.5, -0.0, 0.0, 0.3, 1.0, 4.0, np.inf, -np.inf, np.nan])
    on_arrays = functions()
    assert on_arrays.keys() >= ag.TABLE.keys()
    with np.errstate(all="ignore"):
        for name, operation in ag.TABLE.items():
            for other in (-1.5, 0.0, 2.0):
                others = (other, 1.0)[: len(operation.formulas) - 1]
                wanted = [operation.function(x, *others) for x in points.tolist()]
                found = on_arrays[name](points, *others)
                np.testing.assert_allclose(found, wanted, rtol=1e-14, err_msg=f"{name} {others}")
