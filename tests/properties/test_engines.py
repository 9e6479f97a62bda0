"""Both engines give the same for every program: each bit of each number, and each exception."""

import collections
import contextlib
import inspect
import random
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import TABLE, engine
from autograd.engine import value
from autograd.engine.keeping import Kept
from tests import programs
from tests.effort import SEED, examples, scaled

pytestmark = pytest.mark.skipif(engine.backend != "native", reason="the compiled engine does not run")


@examples(100)
@given(rng=st.randoms(use_true_random=False), length=st.integers(1, 25))
def test_the_engines_agree_on_every_program(rng, length):
    program = programs.draw_program(rng, length)
    assert programs.disagreement(program) is None, program


def test_the_programs_of_the_campaign_agree():
    assert sum(1 for _ in programs.campaign(scaled(1500), seed=SEED or 1)) == scaled(1500)


def flat(steps):
    for step in steps:
        yield step
        yield from flat(step.inner)


def test_programs_do_all_they_can_and_mostly_succeed():
    done = collections.Counter()
    rows, failed, total = set(), 0, 0
    for i in range(600):
        program = programs.draw_program(random.Random(i), 20)
        done.update(step.kind for step in flat(program))
        rows |= {step.what for step in flat(program) if step.kind == "row"}
        seen = programs.Run(programs.engines()[1]).program(program)
        failed += sum(isinstance(result, tuple) for result in seen)
        total += len(seen)
    assert done.keys() == programs.KINDS.keys()
    assert rows == set(TABLE.values())
    assert 0.01 * total < failed < 0.2 * total


@pytest.mark.parametrize("name", ["multiply", "tanh", "where", "hypot"])
def test_a_slope_that_is_one_ulp_off_is_noticed(name, monkeypatch):
    row = TABLE[name]
    right = row.slopes

    def wrong(*numbers):
        return tuple(p and p * (1.0 + 2.0**-52) for p in right(*numbers))

    monkeypatch.setattr(row, "slopes", wrong)
    agreeing = count_agreeing(3000)
    assert agreeing < 3000
    monkeypatch.undo()
    assert count_agreeing(agreeing + 1) == agreeing + 1


def count_agreeing(most):
    """How many programs the engines agree on until they first differ."""
    count = 0
    with contextlib.suppress(programs.DisagreementError):
        for _ in programs.campaign(most, seed=0):
            count += 1
    return count


@pytest.mark.parametrize("is_reversed", [False, True])
def test_a_sweep_in_another_order_is_noticed(is_reversed, monkeypatch):
    """The readable engine sweeps as written below; in the order of the arguments the engines must still agree."""
    backward = value.Value.backward

    def swept(root, *gradient):
        leaves = {node: node.grad for node in value.topological_order(root) if not node.operands}
        backward(root, *gradient)  # refuses a gradient that is no number
        seed = value.Value(0.0)
        seed.grad = -0.0
        backward(seed, *gradient)
        for node, derivative in derivatives(root, seed.grad, is_reversed).items():
            node.grad = leaves[node] + derivative if node in leaves else derivative

    monkeypatch.setattr(value.Value, "backward", swept)
    assert (count_agreeing(500) < 500) == is_reversed


def derivatives(root, gradient, is_reversed):
    """The derivatives of root, if nodes are visited in the order of their arguments, or in the reverse order."""
    order, stack = {}, [(root, False)]
    while stack:
        node, is_ready = stack.pop()
        if is_ready:
            order[node] = None
        elif node not in order:
            operands = [(x, False) for x in node.operands if isinstance(x, value.Value)]
            stack += [(node, True), *(operands if is_reversed else reversed(operands))]
    sums = {root: gradient}
    for node in reversed(order):
        if node in sums:
            for x, partial in zip(node.inputs, node.partials, strict=True):
                sums[x] = sums[x] + sums[node] * partial if x in sums else sums[node] * partial
    return sums


def public(cls):
    kept = {name for name, item in vars(cls).items() if isinstance(item, Kept)}  # by another test
    return {name for name in dir(cls) if name[0] != "_" or name in ("_prev", "_op", "_repr_mimebundle_")} - kept


def test_the_engines_have_the_same_names_documented_alike():
    native = import_module("autograd.engine._native.engine").Value
    assert public(native) == public(value.Value)
    assert inspect.getdoc(native) == inspect.getdoc(value.Value)
    for name in public(native):
        ours, reference = inspect.getattr_static(native, name), inspect.getattr_static(value.Value, name)
        assert inspect.getdoc(ours) == inspect.getdoc(reference), name
        if callable(reference):
            assert list(inspect.signature(ours).parameters) == list(inspect.signature(reference).parameters), name
