"""Threads, signal handlers and interrupts during sweeps: no gradient is lost."""

import pytest

import autograd
from autograd import Value, backend
from tests.threads import NEEDS_TIMER, at_once, interrupting_with

pytestmark = pytest.mark.no_cover


def test_threads_that_share_leaves_lose_no_gradient():
    x = Value(1.0)

    def work():
        for _ in range(3000):
            x.backward()

    at_once(8, work)
    assert x.grad == 24_000.0


@NEEDS_TIMER
def test_a_signal_handler_may_call_backward_during_backward():
    x, y = Value(1.0), Value(1.0)
    total = autograd.sum([x] * 50_000)
    with interrupting_with(y.backward):
        for _ in range(5):
            total.backward()
    assert x.grad == 250_000.0
    assert y.grad > 0.0


@NEEDS_TIMER
def test_a_signal_handler_may_call_backward_on_the_same_graph_during_backward():
    x = Value(1.0)
    part = autograd.sum([x] * 100)
    total = part * 2 + autograd.sum([x] * 20_000)
    inner = outer = 0

    def interrupt():
        nonlocal inner
        if inner < 20:  # after that, let the other one finish
            inner += 1
            part.backward()

    with interrupting_with(interrupt):
        while inner < 20:
            total.backward()
            outer += 1
    assert x.grad == outer * 20_200.0 + inner * 100.0


def test_threads_that_sweep_one_graph_lose_no_gradient():
    x = Value(1.0)
    total = autograd.sum([x] * 200)

    def work():
        for _ in range(50):
            total.backward()

    at_once(4, work)
    assert x.grad == 4 * 50 * 200.0


@NEEDS_TIMER
def test_nothing_is_stored_if_backward_is_interrupted():
    x = Value(1.0)
    total = autograd.sum([x] * 50_000)

    def interrupt():
        raise KeyboardInterrupt

    def sweep_until_interrupted():
        with interrupting_with(interrupt, every=0.0):
            while True:
                total.backward()

    with pytest.raises(KeyboardInterrupt):
        sweep_until_interrupted()
    assert x.grad % 50_000.0 == 0.0
    x.zero_grad()
    total.backward()
    assert x.grad == 50_000.0


# --------------------------------------------------------------------------- dot products


LONG_DOT = 300_000 if backend == "native" else 30_000  # terms: the sweep checks for signals some times


@NEEDS_TIMER
@pytest.mark.parametrize("work", ["records", "differentiates"])
def test_a_long_dot_product_lets_signal_handlers_run_and_an_interrupt_changes_nothing(work):
    xs = [Value(1.0) for _ in range(LONG_DOT)]
    y = autograd.dot(xs, xs)

    def interrupt():
        raise KeyboardInterrupt

    def repeat():
        with interrupting_with(interrupt, every=0):
            while True:
                if work == "records":
                    autograd.dot(xs, xs)
                else:
                    y.backward()

    for _ in range(10):
        with pytest.raises(KeyboardInterrupt):
            repeat()
        [gradient] = {x.grad for x in xs}  # all leaves got the same number of sweeps
        assert gradient % 2.0 == 0.0
    y.backward()
    assert {x.grad for x in xs} == {gradient + 2.0}


@NEEDS_TIMER
@pytest.mark.parametrize("act", ["differentiates", "interrupts"])
def test_a_signal_handler_may_run_while_only_some_operands_of_a_dot_product_are_in_order(act):
    x, z, other = Value(1.0), Value(2.0), Value(3.0)
    deep = x
    for _ in range(LONG_DOT // 2):
        deep = deep + 1.0
    y = autograd.dot([x, z, deep], [3.0, 5.0, 7.0])
    inner = autograd.dot([other, z * 2.0], [2.0, 3.0])

    def handle():
        if act == "differentiates":
            inner.backward()
            other.zero_grad()
        else:
            raise KeyboardInterrupt

    def sweep(times):
        for _ in range(times):
            y.backward()

    if act == "interrupts":
        with pytest.raises(KeyboardInterrupt), interrupting_with(handle, every=0):
            sweep(10_000)
    else:
        with interrupting_with(handle):
            sweep(8)
        assert x.grad == 80.0
    x.zero_grad()
    z.zero_grad()
    y.backward()
    assert (x.grad, z.grad) == (10.0, 5.0)
