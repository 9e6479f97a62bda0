"""Both engines make the same of every program: each bit of each number, and each exception."""

import collections
import inspect
import random
from importlib import import_module

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import TABLE, engine
from autograd.engine import value
from tests import programs

pytestmark = [
    pytest.mark.skipif(engine.backend != "native", reason="the compiled engine does not run, so there are no two"),
    pytest.mark.filterwarnings("ignore:.*encountered in scalar:RuntimeWarning"),  # NumPy's, of its own infinities
]


@settings(max_examples=300)
@given(rng=st.randoms(use_true_random=False), length=st.integers(1, 25))
def test_the_engines_agree_on_every_program(rng, length):
    program = programs.draw_program(rng, length)
    assert programs.disagreement(program) is None, program


def test_the_programs_of_the_campaign_agree():
    assert sum(1 for _ in programs.campaign(500, seed=1)) == 500


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
    with pytest.raises(AssertionError):
        collections.deque(programs.campaign(3000, seed=0), maxlen=0)


def test_a_sweep_in_another_order_is_noticed(monkeypatch):
    monkeypatch.setattr(value, "topological_order", last_argument_first)
    with pytest.raises(AssertionError):
        collections.deque(programs.campaign(3000, seed=0), maxlen=0)


def last_argument_first(root):
    """Operands before results, but not in the order of the arguments."""
    order, stack = [], [(root, False)]
    while stack:
        node, is_ready = stack.pop()
        if is_ready:
            order.append(node)
        elif not any(node is x for x in order):
            stack += [(node, True), *((x, False) for x in node.operands if isinstance(x, value.Value))]
    return list({id(x): x for x in order}.values())


def public(cls):
    return {name for name in dir(cls) if name[0] != "_" or name in ("_prev", "_op", "_repr_mimebundle_")}


def test_the_engines_have_the_same_names_documented_alike():
    native = import_module("autograd.engine._native.engine").Value
    assert public(native) == public(value.Value)
    assert inspect.getdoc(native) == inspect.getdoc(value.Value)
    for name in public(native):
        ours, reference = inspect.getattr_static(native, name), inspect.getattr_static(value.Value, name)
        assert inspect.getdoc(ours) == inspect.getdoc(reference), name
        if callable(reference):
            assert list(inspect.signature(ours).parameters) == list(inspect.signature(reference).parameters), name
