"""The state of modes: each thread has its own, whatever finalizers and other threads do."""

import _thread
import contextlib
import gc
import subprocess
import sys
import threading

import pytest

from autograd import Value, dot, no_grad, scope
from autograd.engine.state import CHANGES, ENTERED, IN_BODIES
from tests.engine.test_modes import X, is_recording, nothing_stays_entered  # noqa: F401  # a fixture for each test
from tests.threads import at_once


def test_a_mode_left_in_another_thread_ends_in_its_own():
    stack = contextlib.ExitStack()
    stack.enter_context(no_grad())
    thread = threading.Thread(target=stack.close)
    thread.start()
    thread.join()
    assert is_recording()


def test_a_mode_left_open_in_a_thread_does_not_reach_the_next():
    seen = []
    mode = no_grad()
    for work in (mode.__enter__, lambda: seen.append(is_recording())):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    mode.__exit__(None, None, None)
    assert seen == [True]


def test_a_generator_resumed_in_another_thread_is_still_paused():
    def numbers():
        with no_grad():
            while True:
                yield is_recording()

    generator = numbers()
    seen = [next(generator)]
    thread = threading.Thread(target=lambda: seen.append(next(generator)))
    thread.start()
    thread.join()
    generator.close()
    assert seen == [False, False]


def test_threads_that_enter_and_leave_at_once_do_not_meet():
    failures = []
    shared = no_grad()

    @shared
    def paused_by_decorator():
        return not is_recording()

    def work():
        for _ in range(3000):
            with shared:
                paused = not is_recording() and paused_by_decorator()
            with scope("mine"):
                named = (X * 1).scope == ("mine",)
            if not (paused and named and is_recording() and (X * 1).scope == ()):
                failures.append(1)

    at_once(4, work)
    assert failures == []


def test_every_entering_and_leaving_is_a_change_in_whatever_thread():
    def change():
        with scope("there"):
            pass

    thread = threading.Thread(target=change)
    seen = [CHANGES[0]]
    with no_grad():
        seen.append(CHANGES[0])
        thread.start()
        thread.join()
        seen.append(CHANGES[0])
    seen.append(CHANGES[0])
    assert len(set(map(id, seen))) == len(seen)
    assert len(CHANGES) == 1


def test_engines_are_told_of_modes_in_suspendable_bodies():
    def numbers():
        with no_grad():
            yield 1

    assert not IN_BODIES
    generator = numbers()
    next(generator)
    assert len(IN_BODIES) == 1
    generator.close()
    assert not IN_BODIES


def test_dot_goes_by_what_holds_when_the_code_of_its_arguments_has_run():
    class Quiet:
        def __len__(self):
            return 2

        def __iter__(self):
            for x in (3.0, 4.0):
                with no_grad():
                    yield (Value(x) * 1.0).data

    weights = [Value(1.0), Value(2.0)]
    with scope("layer"):
        y = dot(weights, Quiet())
    y.backward()
    assert y.scope == ("layer",)
    assert [w.grad for w in weights] == [3.0, 4.0]


@pytest.mark.usefixtures("quick_collector")
@pytest.mark.parametrize("outer", [no_grad(), scope("outer")])
@pytest.mark.parametrize("leaves", [False, True])
def test_a_finalizer_may_leave_a_mode_while_another_is_entered_or_left(outer, leaves):
    class Cyclic:
        def __init__(self):
            self.me = self

        def __del__(self, leave=outer.__exit__):
            leave(None, None, None)

    inner = scope("inner")
    enter, leave = inner.__enter__, inner.__exit__
    thresholds = gc.get_threshold()
    gc.disable()
    try:
        for allocations in range(6):  # the collector runs after so many
            gc.collect()
            outer.__enter__()
            if leaves:
                enter()
            no_free_tuples = [[(1, 2, 3, i) for i in range(2100)], [(1, i) for i in range(2100)]]
            Cyclic()
            gc.set_threshold(gc.get_count()[0] + allocations)
            gc.enable()
            (leave if leaves else enter)(*(None, None, None) if leaves else ())
            gc.disable()
            if not leaves:
                leave(None, None, None)
            gc.collect()
            del no_free_tuples
            assert ENTERED == []
            with scope("later"):
                y = X * X
            assert (y.op, y.scope) == ("multiply", ("later",))
    finally:
        gc.set_threshold(*thresholds)
        gc.enable()


def test_a_mode_may_be_entered_and_left_where_no_python_runs():
    _thread.start_new_thread(scope("x").__enter__, ())
    while not ENTERED:
        pass
    ENTERED[0][1].__exit__(None, None, None)
    program = """
import atexit
from autograd import Value, scope
block = scope("until the end")
block.__enter__()
atexit.register(block.__exit__, None, None, None)
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_names_of_scopes_may_run_code_when_they_go():
    class Name(str):
        __slots__ = ()

        def __del__(self):
            with scope("deleting"):
                Value(2.0) * 2.0

    for i in range(300):
        with scope(Name(f"name {i}")):
            y = Value(1.0) * 1.0
        del y
        with scope("a"), scope("b"):
            z = X * X
            [(j, j + 1) for j in range(3)]
            assert z.scope == ("a", "b")
