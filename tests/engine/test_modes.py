"""no_grad and scope: by thread, safe against exceptions, and right in suspended bodies."""

import _thread
import asyncio
import contextlib
import gc
import subprocess
import sys
import threading

import pytest

from autograd import Value, dot, enable_grad, no_grad, scope
from autograd.engine.state import CHANGES, ENTERED, IN_BODIES
from tests.threads import at_once

X = Value(2.0)


def is_recording() -> bool:
    return (X * 1).op is not None


@pytest.fixture(autouse=True)
def nothing_stays_entered():
    yield
    assert ENTERED == []


def test_no_grad_holds_inside_and_nests():
    with no_grad():
        assert not is_recording()
        with no_grad():
            assert not is_recording()
        assert not is_recording()
    assert is_recording()


def test_no_grad_ends_with_an_exception():
    with pytest.raises(ZeroDivisionError), no_grad():
        1 / 0  # noqa: B018  # the exception is what is tested
    assert is_recording()


def test_one_object_may_be_entered_again():
    mode = no_grad()
    with mode:
        with mode:
            assert not is_recording()
        assert not is_recording()
    assert is_recording()


def test_no_grad_holds_for_its_thread_alone():
    seen = []
    with no_grad():
        thread = threading.Thread(target=lambda: seen.append(is_recording()))
        thread.start()
        thread.join()
        assert not is_recording()
    assert seen == [True]


def test_a_suspended_generator_does_not_pause_its_caller():
    def numbers():
        with no_grad():
            for _ in range(3):
                yield is_recording()

    generator = numbers()
    assert next(generator) is False
    assert is_recording()
    assert next(generator) is False
    assert is_recording()
    generator.close()


def test_a_generator_resumed_inside_no_grad_is_paused_there():
    def numbers():
        while True:
            yield is_recording()

    generator = numbers()
    assert next(generator) is True
    with no_grad():
        assert next(generator) is False
    assert next(generator) is True


def test_interleaved_generators_do_not_end_each_other():
    def numbers(mode):
        with mode:
            yield is_recording()
            yield is_recording()

    mode = no_grad()
    first, second = numbers(mode), numbers(mode)
    assert [next(first), next(second), next(first)] == [False, False, False]
    with contextlib.suppress(StopIteration):
        next(first)
    assert next(second) is False
    second.close()


def test_a_dropped_generator_leaves_nothing_entered():
    def numbers():
        with no_grad():
            yield 1

    generator = numbers()
    next(generator)
    del generator
    assert ENTERED == []


def test_decorated_functions_generators_and_coroutines_are_paused_while_they_run():
    @no_grad()
    def function():
        return is_recording()

    @no_grad()
    def generator():
        yield is_recording()
        yield is_recording()

    @no_grad()
    async def coroutine():
        await asyncio.sleep(0)
        return is_recording()

    async def others():
        return await asyncio.gather(coroutine(), asyncio.sleep(0, is_recording()))

    assert function() is False
    steps = generator()
    assert next(steps) is False
    assert is_recording()
    assert next(steps) is False
    steps.close()
    assert asyncio.run(others()) == [False, True]
    assert function.__name__ == "function"


def test_an_exit_stack_may_enter_a_mode():
    with contextlib.ExitStack() as stack:
        stack.enter_context(no_grad())
        assert not is_recording()
    assert is_recording()


def test_scopes_nest_and_are_recorded_on_nodes_and_leaves():
    with scope("model"):
        leaf = Value(1.0)
        with scope("layer"):
            y = leaf * 2
    assert (leaf.scope, y.scope, (y * 2).scope) == (("model",), ("model", "layer"), ())


def test_scopes_in_a_generator_name_only_its_own_nodes():
    def nodes():
        with scope("inner"):
            yield X * 2
            yield X * 2

    with scope("outer"):
        generator = nodes()
        assert next(generator).scope == ("outer", "inner")
        assert (X * 2).scope == ("outer",)
        assert next(generator).scope == ("outer", "inner")
        generator.close()


def test_a_scope_without_a_name_is_refused():
    with pytest.raises(TypeError, match=r"scope\(\) takes a name, got int; write scope\('layer 1'\)"):
        scope(1)


def test_a_mode_made_of_others_by_contextlib_holds_for_its_block():
    @contextlib.contextmanager
    def evaluating():
        with no_grad(), scope("evaluation"):
            yield

    with evaluating():
        assert not is_recording()
        assert Value(1.0).scope == ("evaluation",)
    assert is_recording()

    def suspended():
        with evaluating():
            yield is_recording()

    generator = suspended()
    assert next(generator) is False
    assert is_recording()
    generator.close()


def test_an_exit_stack_in_a_generator_does_not_pause_its_caller():
    def numbers():
        with contextlib.ExitStack() as stack:
            stack.enter_context(no_grad())
            yield is_recording()

    generator = numbers()
    assert next(generator) is False
    assert is_recording()
    generator.close()


def test_an_async_exit_stack_ends_what_it_entered():
    async def main():
        async with contextlib.AsyncExitStack() as stack:
            stack.enter_context(no_grad())
            await asyncio.sleep(0)
            return is_recording()

    assert asyncio.run(main()) is False
    assert is_recording()


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


def test_leaving_more_often_than_entering_is_an_error():
    with pytest.raises(RuntimeError, match="no_grad was left more often than entered"):
        no_grad().__exit__(None, None, None)


def test_decorated_async_generators_are_paused_while_they_run():
    @no_grad()
    async def steps():
        yield is_recording()
        yield is_recording()

    async def main():
        return [(paused, is_recording()) async for paused in steps()]

    assert asyncio.run(main()) == [(False, True), (False, True)]


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
        for allocations in range(6):  # after which the collector runs
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


def test_enable_grad_records_within_no_grad():
    with scope("outer"), no_grad():
        with enable_grad():
            y = X * X
            with no_grad():
                assert not is_recording()
        assert not is_recording()
    assert (y.op, y.scope) == ("multiply", ("outer",))
