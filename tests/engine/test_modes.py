"""no_grad and scope: by thread, safe against exceptions, and right in suspended bodies."""

import asyncio
import contextlib
import copy
import threading

import pytest

from autograd import Value, dot, enable_grad, mean, no_grad, scope, where
from autograd.engine.state import ENTERED
from nn import losses

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


def test_leaving_more_often_than_entering_is_an_error():
    with pytest.raises(RuntimeError, match=r"no_grad\(\) was left more often than entered"):
        no_grad().__exit__(None, None, None)


def test_parentheses_may_be_left_out():
    with no_grad:
        assert not is_recording()
        with enable_grad:
            assert is_recording()
            with no_grad:
                assert not is_recording()
        assert not is_recording()
    assert is_recording()


def test_a_decorator_needs_no_parentheses():
    @no_grad
    def inner():
        """Its own text."""
        return is_recording()

    @no_grad
    def numbers():
        yield is_recording()
        yield is_recording()

    assert inner() is False
    assert inner.__doc__ == "Its own text."
    assert [(paused, is_recording()) for paused in numbers()] == [(False, True), (False, True)]


def test_a_mode_shows_how_it_is_written():
    assert [repr(mode) for mode in (no_grad, no_grad(), enable_grad, scope("a"))] == [
        "no_grad()",
        "no_grad()",
        "enable_grad()",
        "scope('a')",
    ]


def test_decorated_async_generators_are_paused_while_they_run():
    @no_grad()
    async def steps():
        yield is_recording()
        yield is_recording()

    async def main():
        return [(paused, is_recording()) async for paused in steps()]

    assert asyncio.run(main()) == [(False, True), (False, True)]


def test_enable_grad_records_within_no_grad():
    with scope("outer"), no_grad():
        with enable_grad():
            y = X * X
            with no_grad():
                assert not is_recording()
        assert not is_recording()
    assert (y.op, y.scope) == ("multiply", ("outer",))


@pytest.mark.parametrize(
    "compute",
    [
        lambda x: x * 2,
        abs,
        lambda x: dot([x, x], [x, 1.0]),
        lambda x: where(x, x, 1.0),
        lambda x: mean([x * x, x]),
        lambda x: losses.mse([x], [1.0]),
    ],
)
def test_backward_of_what_no_grad_did_not_record_says_so(compute):
    x = Value(2.0)
    with no_grad():
        y = compute(x)
    for number in (y, y):
        with pytest.raises(RuntimeError, match=r"within no_grad\(\) finds no graph, .*; compute it outside of no_grad"):
            number.backward()
    assert (y.grad, x.grad, y.op, y.inputs, y.partials) == (0.0, 0.0, None, (), ())


def test_what_no_grad_did_not_record_serves_as_a_leaf():
    with no_grad():
        x = X * 3.0
        leaf = Value(5.0)
    (x * x).backward()
    leaf.backward()
    assert (x.grad, leaf.grad) == (12.0, 1.0)
    for plain in (copy.copy(x), x.detach(), Value(2.0) * 3.0):
        plain.backward()


def test_backward_of_a_leaf_or_of_what_was_recorded_says_nothing_within_no_grad():
    x = Value(3.0)
    y = x * x
    with no_grad():
        y.backward()
        x.backward()
        with enable_grad():
            (x * x).backward()
    assert x.grad == 13.0
