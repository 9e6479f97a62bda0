"""Programs and threads: rows are divided between threads, and no thread disturbs another or a trace."""

from concurrent import futures
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import autograd as ag
from autograd import Value, backend, compile
from autograd.compiler import machine_evaluator


def test_threads_give_the_same_rows(monkeypatch):
    started = []
    monkeypatch.setattr(machine_evaluator, "_WORTH_A_THREAD", 1)
    monkeypatch.setattr(futures, "ThreadPoolExecutor", lambda count: started.append(count) or ThreadPoolExecutor(count))
    w = Value(0.3)
    program = compile(lambda x: ag.exp(w * x) * x)
    rows = np.linspace(-1.0, 1.0, 2001)
    assert (program.map(rows, threads=3) == program.map(rows)).all()
    sums = program.backward(rows), w.grad
    w.zero_grad()
    assert (program.backward(rows, threads=2), w.grad) == pytest.approx(sums, rel=1e-13)
    assert len({program.backward(rows, threads=7) for _ in range(20)}) == 1
    assert started == ([3, 2, *[7] * 20] if backend == "native" else [])


@pytest.mark.skipif(backend != "native", reason="only the compiled engine spreads rows")
def test_no_thread_is_started_for_few_rows(monkeypatch):
    program = compile(lambda x: ag.exp(x) * x)
    monkeypatch.setattr(futures, "ThreadPoolExecutor", None)
    assert len(program.map(np.zeros(1000), threads=2)) == 1000
    with pytest.raises(TypeError, match="'NoneType' object is not callable"):  # there it would start threads
        program.map(np.zeros(4_000_000), threads=2)


def in_a_thread(f):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(f).result()


def doubled(x):
    x.data = 14.0
    return True


@pytest.mark.parametrize("look", [lambda x: x > 0.0, lambda x: x * 2 > 1.0, float, lambda x: x.data, doubled])
def test_what_another_thread_reads_or_compares_is_not_taken_for_what_holds_always(look):
    program = compile(lambda x: x * 2 if in_a_thread(lambda: look(x * 3)) else x)
    with pytest.raises(TypeError, match="in another thread"):
        program(2.0)
    assert len(program.listings) == 0
    assert compile(lambda x: in_a_thread(lambda: x * x))(3.0) == 9.0  # a thread may compute


def test_a_thread_with_values_of_its_own_does_not_disturb_a_trace():
    other = Value(1.0)
    program = compile(lambda x: x * 2 if in_a_thread(lambda: other * 2 > 1.0) else x)
    assert (program(2.0), program(-2.0)) == (4.0, -4.0)


def test_one_program_in_several_threads():
    program = compile(lambda x: ag.tanh(x) * x)
    rows = [np.full(200, float(i)) for i in range(8)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(program.map, rows))
    assert all((x == program.map(row)).all() for x, row in zip(found, rows))


def test_one_program_of_several_branches_in_several_threads():
    program = compile(lambda x: ag.exp(x) if x > 0.0 else x * x if x > -1.0 else -x)
    rng = np.random.default_rng(0)
    rows = [rng.normal(size=3000) for _ in range(12)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(program.map, rows))
    for x, y in zip(rows, found):
        assert y == pytest.approx(np.where(x > 0.0, np.exp(x), np.where(x > -1.0, x * x, -x)), rel=1e-13)
