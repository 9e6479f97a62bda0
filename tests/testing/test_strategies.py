"""The strategies: expressions are functions, smooth at their witness, and shrink to what matters."""

import math
import subprocess
import sys

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from autograd import Value
from autograd.testing import expressions, values
from tests.effort import examples

SEARCH = settings(database=None, max_examples=2000)


@examples(100)
@given(f=expressions(), inputs=st.lists(st.floats(-3, 3), min_size=3, max_size=3))
def test_the_repr_of_an_expression_is_code_that_defines_it(f, inputs):
    namespace: dict = {}
    exec(repr(f), namespace)
    x = [Value(number) for number in inputs[: f.n_inputs]]
    ours, pasted = float(f(*x)), float(namespace["f"](*x))
    assert ours == pasted or (math.isnan(ours) and math.isnan(pasted))


@examples(100)
@given(f=expressions(max_ops=5))
def test_smooth_expressions_are_smooth_at_their_witness(f):
    assert 1 <= len(f.steps) <= 5
    assert f.is_smooth_at(f.witness)
    assert math.isfinite(float(f(*f.witness)))


@pytest.mark.no_cover
def test_failures_shrink_to_what_matters():
    f = find(
        expressions(),
        lambda f: any(name == "exp" for name, _ in f.steps),
        settings=SEARCH,
    )
    assert [name for name, _ in f.steps] == ["exp"]
    shared = find(
        expressions(),
        lambda f: any(len(x) == 2 and x[0] == x[1] for _, x in f.steps),
        settings=SEARCH,
    )
    assert len(shared.steps) == 1
    assert find(values(1.0, 2.0), lambda x: x.data > 1, settings=SEARCH).data <= 2.0


def test_expressions_of_chosen_operations_with_kinks():
    f = find(
        expressions(ops=["relu"], smooth=False),
        lambda f: len(f.steps) == 2,
        settings=SEARCH,
    )
    assert {name for name, _ in f.steps} == {"relu"}
    with pytest.raises(ValueError, match=r"got 'cosine'; see docs/operations\.md"):
        expressions(ops=["cosine"])
    with pytest.raises(ValueError, match="1 or more, got 0"):
        expressions(max_ops=0)
    with pytest.raises(ValueError, match=r"1 or more, got 2\.5"):
        expressions(max_ops=2.5)
    with pytest.raises(ValueError, match="got none; leave it out"):
        expressions(ops=[])
    assert find(expressions(ops="sin"), lambda _: True, settings=SEARCH).steps[0][0] == "sin"
    with pytest.raises(TypeError, match="takes 1 numbers, got 2"):
        f(*[1.0] * f.n_inputs, 2.0) if f.n_inputs == 1 else f(1.0, 2.0, 3.0, 4.0)


def test_the_checks_do_without_hypothesis():
    program = """
import sys
sys.modules["hypothesis"] = None
from autograd.testing import check_gradients, expressions
check_gradients(lambda x: x * x, 2.0)
try:
    expressions()
except ImportError as error:
    assert "python -m pip install hypothesis" in str(error)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
