"""Programs run the operations that users define, on every evaluator, and export them if their text is known."""

import ctypes
import math
import pickle
import subprocess
import sys
import threading

import numpy as np
import pytest

from autograd import Value, backend, compile, exp, grad, operation, sum
from tests.threads import at_once

SHARPNESS = 1.5
bump = operation(
    "bump",
    lambda a: math.exp(-SHARPNESS * a * a),
    lambda y, a: -2.0 * SHARPNESS * a * y,
    c="exp(-1.5 * a * a)",
    python="math.exp(-1.5 * a * a)",
)
lean = operation("lean", lambda a, b: a * b + a * a, ("b + 2.0*a", "a"))
mixed = operation("mixed", lambda a, b, c: a * b + (1.0 - a) * c, ("b - c", "a", "1.0 - a"), c="a * b + (1.0 - a) * c")
strict_log = operation("strict_log", math.log, "1.0/a")  # raises an error where autograd.log gives nan

XS = np.linspace(-2.0, 2.0, 300)
YS = np.linspace(0.5, 3.0, 300)


def f(x, y):
    return mixed(bump(x), lean(x, y), exp(x) * y) + bump(y)


def value(x, y):
    return float(f(Value(x), Value(y)))


@pytest.mark.parametrize("exact", [True, False])
def test_one_row(exact):
    p = compile(f, exact=exact)
    for x, y in ((0.5, 2.0), (-1.0, 0.25), (3, 1)):
        assert p(x, y) == pytest.approx(value(x, y), rel=0 if exact else 1e-14, abs=0)


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("threads", [1, 2])
def test_many_rows(exact, threads):
    xs, ys = np.tile(XS, 20), np.tile(YS, 20)
    got = compile(f, exact=exact).map(xs, ys, threads=threads)
    want = [value(x, y) for x, y in zip(xs, ys, strict=True)]
    assert got.tolist() == want if exact else got == pytest.approx(want, rel=1e-13)


@pytest.mark.parametrize("exact", [True, False])
def test_derivatives(exact):
    p = compile(f, exact=exact)
    assert p.grad(0.5, 2.0) == pytest.approx(grad(f)(0.5, 2.0), rel=1e-13)
    assert p.grad.grad(0.5, 2.0) == pytest.approx(grad(grad(f))(0.5, 2.0), rel=1e-13)
    assert p.grad.map(XS, YS) == pytest.approx([grad(f)(x, y) for x, y in zip(XS, YS, strict=True)], rel=1e-12)


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("threads", [1, 2])
def test_backward(exact, threads):
    w, v = Value(0.75), Value(1.25)
    p = compile(lambda x, y: lean(bump(w * x), v) * y + bump(w) + mixed(v, w, x), exact=exact)
    loss = p.backward(XS, YS, threads=threads)
    got = w.grad, v.grad
    w.grad = v.grad = 0.0
    want = sum([lean(bump(w * x), v) * y + bump(w) + mixed(v, w, x) for x, y in zip(XS, YS, strict=True)]) / len(XS)
    want.backward()
    assert loss == pytest.approx(want.data, rel=1e-12)
    assert got == pytest.approx((w.grad, v.grad), rel=1e-11)


def test_parameters_are_read_at_every_call():
    w = Value(0.5)
    p = compile(lambda x: bump(w) * x)
    assert p(2.0) == bump(0.5) * 2.0
    w.data = 1.0
    assert p(2.0) == bump(1.0) * 2.0


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("calls", ["call", "map", "backward"])
def test_an_exception_counts_only_for_rows_that_need_the_result(exact, calls):
    w = Value(1.0)

    def guarded(x):
        return w * strict_log(x) if x > 0.0 else w * x

    p = compile(guarded, exact=exact)
    assert p(2.0) == math.log(2.0)
    xs = np.array([2.0, -1.0, 0.5, -3.0] * 80)
    want = [math.log(x) if x > 0.0 else x for x in xs]
    if calls == "call":
        assert [p(x) for x in xs] == want
    elif calls == "map":
        assert p.map(xs) == pytest.approx(want, rel=1e-15)
    else:
        assert p.backward(xs) == pytest.approx(math.fsum(want) / len(xs), rel=1e-13)
        assert w.grad == pytest.approx(math.fsum(want) / len(xs), rel=1e-13)


@pytest.mark.parametrize("exact", [True, False])
def test_an_exception_of_a_row_that_needs_the_result_comes_through(exact):
    p = compile(lambda x: strict_log(x) * 2.0, exact=exact)
    assert p(1.0) == 0.0
    with pytest.raises(ValueError, match=r"math domain error|expected a positive input"):
        p(-1.0)
    with pytest.raises(ValueError, match=r"math domain error|expected a positive input"):
        p.map([1.0, 2.0, -1.0])
    w = Value(1.0)
    q = compile(lambda x: strict_log(w) * x, exact=exact)
    assert q(1.0) == 0.0
    w.data = -1.0
    with pytest.raises(ValueError, match=r"math domain error|expected a positive input"):
        q(1.0)


def test_a_function_that_does_not_give_the_same_again_is_noticed():
    calls = []

    def moody(a):
        calls.append(a)
        if len(calls) > 1 and threading.current_thread():
            raise RuntimeError("moody")
        return a

    p = compile(lambda x: 2.0 * operation("moody", moody, "1.0")(x))
    with pytest.raises(RuntimeError):
        p(1.0)


def test_a_program_may_be_run_within_the_function_of_another_one():
    inner = compile(lambda x: bump(x) + x)
    outer = compile(lambda x: 3.0 * operation("nested", lambda a: inner(a), "exp(a)")(x) + x)
    assert outer(0.5) == pytest.approx(3.0 * inner(0.5) + 0.5, rel=1e-15)


def test_a_program_that_its_own_function_runs_keeps_its_numbers():
    def again(a):
        return p(a - 1.0) if a > 0.0 else 1.0

    p = compile(lambda x: x * operation("again", again, None)(x) + x)
    assert [p(float(n)) for n in range(5)] == [0.0, 1.0, 4.0, 15.0, 64.0]


def test_threads_may_call_one_program():
    p = compile(f, exact=True)
    p(0.5, 2.0)
    wrong = []

    want = {x: value(x, 2.0) for x in (0.1, 0.2, 0.3, 0.4)}
    points = iter(want)

    def run():
        x = next(points)
        for _ in range(200):
            if p(x, 2.0) != want[x]:
                wrong.append(x)

    at_once(len(want), run)
    assert next(points, None) is None
    assert not wrong


def test_an_operation_of_constants_is_folded():
    p = compile(lambda x: bump(2.0) * x)
    assert p(3.0) == bump(2.0) * 3.0
    assert "bump" not in str(p)


def test_a_listing_shows_it_by_its_name():
    p = compile(lambda x: bump(x))
    p(1.0)
    assert "v1 = bump(x0)" in str(p)


# --------------------------------------------------------------------------- elsewhere


def test_it_is_exported_as_c(tmp_path, compiler):
    p = compile(lambda x, y: mixed(bump(x), y, 2.0), exact=True)
    p(0.5, 2.0)
    (tmp_path / "row.c").write_text(p.to_c("row"))
    subprocess.run([compiler, "-shared", "-fPIC", "-o", tmp_path / "row.so", tmp_path / "row.c", "-lm"], check=True)
    out = (ctypes.c_double * 1)()
    assert ctypes.CDLL(str(tmp_path / "row.so")).row((ctypes.c_double * 2)(0.5, 3.0), (ctypes.c_double * 1)(), out) == 0
    assert out[0] == pytest.approx(p(0.5, 3.0), rel=1e-15)


def test_it_is_exported_as_python():
    p = compile(lambda x: bump(x) * 2.0)
    p(0.5)
    names = {}
    exec(p.to_python("row"), names)
    assert names["row"]([0.25]) == [p(0.25)]


def test_without_its_text_it_is_not_exported():
    p = compile(lambda x: lean(x, 2.0))
    p(0.5)
    with pytest.raises(
        ValueError, match=r"to_c\(\) needs operation lean in C; define it with c=, an expression of a, b"
    ):
        p.to_c("row")
    with pytest.raises(
        ValueError, match=r"to_python\(\) needs operation lean in Python; define it with python=, an exp"
    ):
        p.to_python("row")


def test_a_program_is_pickled_with_the_names_of_its_operations():
    p = compile(f)
    p(0.5, 2.0)
    data = pickle.dumps(p)
    assert pickle.loads(data)(0.25, 2.0) == p(0.25, 2.0)
    code = "import pickle, sys; pickle.loads(sys.stdin.buffer.read())"
    lost = subprocess.run([sys.executable, "-c", code], input=data, capture_output=True)
    assert b"ValueError: there is no operation 'bump' in this process; define it first" in lost.stderr


def test_the_machine_runs_it_where_it_is_built():
    p = compile(f)
    p(0.5, 2.0)
    assert type(p._specializations[0].paths[0].evaluator).__name__ == (
        "MachineEvaluator" if backend == "native" else "NumpyEvaluator"
    )


class Stop(BaseException):
    pass


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, Stop])
@pytest.mark.parametrize("exact", [True, False])
def test_an_interrupt_of_its_function_ends_the_program_once(error, exact):
    calls = []

    def interrupted(a):
        calls.append(a)
        if len(calls) == fatal:
            raise error
        return 2.0 * a

    w = Value(3.0)
    fatal = 0
    double = operation(f"double_{error.__name__}_{exact}", interrupted, "2.0")
    p = compile(lambda x: double(x) * w, exact=exact)
    assert (p(1.0), p.backward(XS) is None) == (6.0, False)
    gradient = w.grad
    for run in (lambda: p(1.0), lambda: p.map(XS), lambda: p.map(np.tile(XS, 20), threads=2), lambda: p.backward(XS)):
        calls.clear()
        fatal = 1
        with pytest.raises(error):
            run()
        assert w.grad == gradient
        fatal = 0
        assert p(1.0) == 6.0
