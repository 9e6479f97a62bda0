"""An interrupt at any point of a trace or of a derivative ends it: the thread does not go on watching."""

import sys
from pathlib import Path

import pytest

from autograd import Value, compile, grad, tanh
from autograd.engine.state import ENTERED
from autograd.engine.watch import UNDER_WAY, watching

pytestmark = pytest.mark.no_cover

W = Value(0.5)


def trace_once():
    program = compile(lambda x: grad(lambda t: tanh(W * t) * t)(x) if x > 0.0 else x, exact=True)
    return program(2.0)


def differentiate_once():
    return grad(lambda x: x * grad(lambda t: tanh(W * t) * t)(x))(2.0)


class Interrupting:
    """Raises KeyboardInterrupt at the n-th event in the functions that trace, and enter and leave modes."""

    NAMES = ("_traced", "trace", "call_function", "enter", "leave", "__enter__", "__exit__")

    def __init__(self, n):
        self.left = n

    def __call__(self, frame, *_):
        if frame.f_code.co_name not in self.NAMES or "autograd" not in Path(frame.f_code.co_filename).parts:
            return None
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt
        return self


def run_interrupted(run, n):
    """Whether the n-th point of a run exists; then it was interrupted there."""
    interrupting = Interrupting(n)
    before = sys.gettrace()
    sys.settrace(interrupting)
    try:
        run()
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(before)
    return interrupting.left <= 0


@pytest.mark.parametrize(("run", "points"), [(trace_once, 50), (differentiate_once, 30)])
def test_an_interrupt_at_any_point_leaves_no_watch(run, points):
    want = run()
    count = 1
    while run_interrupted(run, count):
        assert (UNDER_WAY, ENTERED, watching()) == ([], [], None), f"after an interrupt at point {count}"
        assert float(Value(1.0) * 2.0) == 2.0
        count += 1
    assert count > points
    assert run() == want
