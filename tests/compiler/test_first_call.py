"""The first call of a program: the trace has computed its results, and the passes wait for the next use."""

import gc
import math
import pickle
import weakref

import numpy as np
import pytest

from autograd import Value, compile, grad, sin
from autograd.compiler import path as paths
from autograd.compiler.specialize import Specialization
from tests import HAS_RESULTS


@pytest.fixture(autouse=True)
def first_call(monkeypatch):
    monkeypatch.setattr(Specialization, "has_results", HAS_RESULTS)


@pytest.fixture
def simplified(monkeypatch):
    """A list that gets each listing when its passes begin."""
    found = []
    simplify = paths.simplify
    monkeypatch.setattr(paths, "simplify", lambda listing: found.append(listing) or simplify(listing))
    return found


def wave(x, y):
    return {"sum": x + y * y + x * y, "pair": (sin(x), 2.0)}


def test_a_first_call_runs_the_function_once_and_no_pass(simplified):
    calls = []
    program = compile(lambda x, y: calls.append(1) or wave(x, y))
    assert program(0.5, 3.0) == wave(0.5, 3.0)
    assert (len(calls), simplified) == (1, [])
    assert program(0.5, 3.0)["pair"] == wave(0.5, 3.0)["pair"]
    assert (len(calls), len(simplified)) == (1, 1)


@pytest.mark.parametrize("exact", [False, True])
def test_later_calls_give_the_results_of_the_first(exact):
    program = compile(grad(lambda x: sin(x[0] * x[1]) / x[1]), exact=exact)
    first = program([0.7, 1.3])
    assert first == grad(lambda x: sin(x[0] * x[1]) / x[1])([0.7, 1.3])
    assert program([0.7, 1.3]) == (first if exact else pytest.approx(first, rel=1e-15))


def test_results_are_floats_and_keep_their_structure():
    program = compile(lambda x: [x, 3, np.float64(2.0), {"a": x * 2}])
    for _ in range(2):
        result = program(1)
        assert result == [1.0, 3.0, 2.0, {"a": 2.0}]
        assert [type(n) for n in result[:3]] == [float] * 3


def test_each_new_path_gives_the_results_of_its_trace(simplified):
    program = compile(lambda x: x * x if x > 0 else -x)
    assert program(3.0) == 9.0
    assert program(-3.0) == 3.0
    assert len(simplified) == 1  # of the first path, which was tried at the second call
    assert (program(-2.0), program(2.0)) == (2.0, 4.0)


def test_numbers_from_before_the_call_are_not_used():
    w = Value(2.0)
    square = w * w
    program = compile(lambda x: square * x)
    w.data = 3.0
    assert program(1.0) == 9.0
    other = Value(5.0)
    bound = compile(lambda x, y: w * (x[0] + y))
    assert bound([1.0], 1.0) == 6.0
    bound.bind([other])
    assert bound([1.0, 1.0], 1.0) == 10.0  # another signature, so it is traced again


def test_parameters_that_change_after_the_first_call_are_seen():
    w = Value(2.0)
    program = compile(lambda x: w * x)
    assert program(3.0) == 6.0
    w.data = 7.0
    assert program(3.0) == 21.0


USES = {
    "str": str,
    "len": len,
    "python": lambda p: p.to_python("f"),
    "buffer": lambda p: p.buffer(2.0)(),
    "map": lambda p: p.map([2.0]),
    "pickle": lambda p: pickle.loads(pickle.dumps(p))(2.0),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_program_that_was_called_once_can_be_used_in_every_way(use):
    once, twice = compile(lambda x: sin(x) * x + 1.0), compile(lambda x: sin(x) * x + 1.0)
    for program in (once, twice, twice):
        program(0.5)
    assert str(use(once)) == str(use(twice))


def test_special_values_are_those_of_the_function():
    program = compile(lambda x: [x.log(), 1 / x, (-x).sqrt()])
    for _ in range(2):
        a, b, c = program(0.0)
        assert (a, b, math.copysign(1.0, c)) == (-math.inf, math.inf, -1.0)


def test_a_program_that_is_dropped_after_one_call_frees_its_graph_at_once():
    kept = []
    program = compile(lambda x: kept.append(weakref.ref(y := sin(x) * x)) or y)
    gc.collect()
    gc.disable()
    try:
        program(0.5)
        del program
        assert kept[0]() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("order", range(6))
@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0, 3.0])
def test_zeros_of_the_derivatives_of_powers_keep_their_sign(order, exponent):
    def f(x):
        return x**exponent

    for _ in range(order):
        f = grad(f)
    program = compile(lambda x: [f(x), 1.0 / f(x)], exact=True)
    assert [repr(program(0.9)) for _ in range(3)] == [repr([f(0.9), (1.0 / f(Value(0.9))).data])] * 3
