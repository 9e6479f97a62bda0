"""Machine code that is made when the package is built: that it is found, and has the bits of floats."""

import itertools
import math

import numpy as np
import pytest

from autograd import backend, compile
from autograd.compiler import prebuilt
from nn.optim.usual import usual_rules

if backend == "python":
    pytest.skip("only the compiled engine has machine code", allow_module_level=True)

from autograd.compiler import _machine

RULES = list(usual_rules())
VECTORS = [numbers for numbers in _machine.load().vectors() if numbers > 1]
SPECIAL = (0.0, -0.0, 1.0, -1e308, 5e-324, math.inf, -math.inf, math.nan)


@pytest.fixture(params=VECTORS)
def vectors(request):
    machine = _machine.load()
    before = machine.numbers_at_a_time()
    machine.numbers_at_a_time(request.param)
    yield request.param
    machine.numbers_at_a_time(before)


def rows(n_arrays, count):
    """Arrays whose rows are numbers of all sizes, and every pair of special values."""
    rng = np.random.default_rng(0)
    arrays = rng.normal(size=(n_arrays, count)) * 10.0 ** rng.integers(-3, 4, size=(n_arrays, count))
    pairs = np.array(list(itertools.product(SPECIAL, repeat=2)))[: count // 2]
    arrays[:2, : len(pairs)] = pairs.T
    return list(arrays)


def bits(x):
    return np.where(np.isnan(x), np.nan, x).view(np.int64).tolist()


@pytest.mark.parametrize("k", range(len(RULES)))
@pytest.mark.parametrize("count", [1, 7, 8, 37, 300])
def test_a_rule_is_found_and_has_the_bits_of_floats(vectors, k, count):
    rule, n_arrays = RULES[k]
    arrays = rows(n_arrays, count)
    program = compile(rule, exact=True)
    with np.errstate(all="ignore"):
        wanted = np.array([[float(x) for x in rule(*numbers)] for numbers in zip(*(x.tolist() for x in arrays))])
    program.map(*arrays)
    assert bits(np.stack(program.map(*arrays), axis=1)) == bits(wanted), vectors
    [path] = program._specializations[0].paths
    assert path.evaluator._machine.is_machine_code


def test_programs_that_differ_in_one_place_have_the_machine_code_of_none():
    rule, _ = RULES[0]
    for f in (lambda *x: (rule(*x)[0] + x[1],), lambda *x: (*rule(*x), x[0]), lambda *x: rule(x[0], x[1] + 1.0, x[2])):
        program = compile(f, exact=True)
        arrays = rows(3, 20)
        program.map(*arrays)
        program.map(*arrays)
        assert not program._specializations[0].paths[0].evaluator._machine.is_machine_code


def test_each_program_stands_once_in_the_c():
    text = prebuilt.header([*RULES, *RULES])
    assert text == prebuilt.header(RULES)
    assert text.count("VG_OWN VM_TARGET") == len(RULES) - 1  # without a decay, AdamW is Adam
