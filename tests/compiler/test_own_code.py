"""compile(target="c"): machine code that the system's C compiler makes of a program."""

import itertools
import math
import pickle
import random
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, find, settings

import autograd as ag
from autograd import TABLE, Value, backend, compile, operation
from autograd.compiler import c_compiler, own_code, own_runs
from autograd.pytree import flatten
from autograd.testing import expressions
from tests.derivatives.test_transforms import same
from tests.oracle import ulps

pytestmark = pytest.mark.usefixtures("compiler")

if backend != "native":
    pytest.skip("machine code needs the compiled engine", allow_module_level=True)

SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, 1e-300, -1e300, 5e-324, 3.7, -2.5, 1e5, math.inf, -math.inf, math.nan]


def points():
    rng = np.random.default_rng(0)
    drawn = rng.normal(scale=3.0, size=(60, 3))
    return np.concatenate([drawn, [[a, b, c] for a in SPECIAL for b in SPECIAL for c in (1.0, -2.0)]])


@pytest.mark.parametrize("exact", [True, pytest.param(False, marks=pytest.mark.campaign)])
def test_each_operation_has_the_value_of_the_switch(exact):
    f = lambda x: [getattr(ag, name)(*x[: row.arguments.count(",") + 1]) for name, row in TABLE.items()]  # noqa: E731
    plain, own = compile(f, exact=True), compile(f, exact=exact, target="c")
    rows = points()
    for row in rows:
        assert all(map(same, own(row), plain(row)))
    for name, found, wanted in zip(TABLE, own.map(rows).T.tolist(), plain.map(rows).T.tolist()):
        for row, a, b in zip(rows, found, wanted):
            assert same(a, b) or (not exact and ulps(a, b) <= 6.0), (name, row, a, b)


def drawn_functions(count):
    """Random expressions of two numbers."""
    options = settings(max_examples=count * 20, database=None, suppress_health_check=list(HealthCheck))
    seen = []

    def collect(f):
        if f.n_inputs == 2 and len(seen) < count:
            seen.append(f)
        return len(seen) == count

    find(expressions(max_ops=12), collect, settings=options, random=random.Random(0))
    return seen


@pytest.fixture(scope="module")
def functions():
    return drawn_functions(40)


@pytest.mark.campaign
def test_random_gradients_have_the_bits_of_an_exact_program(functions):
    def all_of_them(x, y):
        return [ag.value_and_grad(f, argnums=(0, 1))(x, y) for f in functions]

    plain, own = compile(all_of_them, exact=True), compile(all_of_them, exact=True, target="c")
    buffer = own.buffer(0.5, 0.5)
    rng = np.random.default_rng(1)
    for x, y in [*rng.normal(size=(30, 2)).tolist(), *((a, b) for a in SPECIAL for b in SPECIAL)]:
        wanted = flatten(plain(x, y), "", "")[0]
        assert all(map(same, flatten(own(x, y), "", "")[0], wanted))
        buffer.inputs[:] = x, y
        assert all(map(same, buffer().tolist(), wanted))


def test_a_loop_over_rows_gives_what_the_switch_gives():
    def f(x, y, z):
        u = (x * y + z).tanh() * (x - y).exp() + (z * z + 1.0).log() / (1.0 + y * y)
        return [u, u.sin() * (x * x + 0.5) ** z, ag.normal_cdf(u) - ag.erf(y) + x.relu(), (u - z).sqrt()]

    gradient = lambda x, y, z: ag.jacobian(f, argnums=(0, 1, 2))(x, y, z)  # noqa: E731
    rows = np.random.default_rng(2).normal(size=(3, 1003))
    for function in (f, gradient):
        plain, own = compile(function), compile(function, target="c")
        wanted = np.array(flatten(plain.map(*rows), "", "")[0])
        for threads in (1, 2):
            found = np.array(flatten(own.map(*rows, threads=threads), "", "")[0])
            np.testing.assert_allclose(found, wanted, rtol=1e-13, atol=1e-14)


def test_the_loop_gives_way_where_a_function_is_limited():
    def f(x):
        return [(x + 1.0).sin() * 2.0, (x * 2.0).cos() - 1.0, (x + 0.5) ** 3.3, x * x + x]

    plain, own = compile(f, exact=True), compile(f, target="c")
    near = np.linspace(0.1, 9.0, 300)
    for far in (1e7, -3.0, math.inf, math.nan, 5e-324 - 0.5, 1e300):
        rows = near.copy()
        rows[[3, 131]] = far
        found, wanted = own.map(rows), plain.map(rows)
        np.testing.assert_allclose(found, wanted, rtol=1e-14, atol=1e-14)


def test_exact_rows_are_machine_code_where_every_operation_is_correctly_rounded(monkeypatch):
    texts = []
    library = c_compiler.library
    monkeypatch.setattr(c_compiler, "library", lambda row, rows: texts.append(rows) or library(row, rows))
    for f in (lambda x, y: 0.9 * x + 0.1 * y + (x * y).sqrt(), lambda x, y: (x * y).exp()):
        program = compile(f, exact=True, target="c")
        program.map(np.ones(40), np.ones(40))
        program.map(np.ones(40), np.ones(40))
    assert [bool(text) for text in texts] == [True, False]


def test_decided_branches_have_the_bits_of_the_function():
    def f(a, b, c):
        return [ag.where(b * b - a * c > 0.0, a, b), (b * b - a * c).sqrt(), a * b + c * c + a * c]

    rng = np.random.default_rng(3)
    numbers = rng.normal(size=(500, 1)).repeat(3, axis=1)  # b*b - a*c is 0, not a rounding error
    for exact in (False, True):
        found = compile(f, exact=exact, target="c").map(*numbers.T)
        assert (found[:, 0] == numbers[:, 1]).all()
        assert (found[:, 1] == 0.0).all()


def test_guards_choose_the_path():
    program = compile(lambda x, y: [x * y, x.exp()] if x > y else [-x, y], target="c")
    rows = np.random.default_rng(4).normal(size=(2, 200))
    for _ in range(2):
        found = program.map(*rows)
        for row, (x, y) in zip(found.tolist(), rows.T.tolist()):
            wanted = [x * y, math.exp(x)] if x > y else [-x, y]
            assert program(x, y) == wanted
            np.testing.assert_allclose(row, wanted, rtol=1e-15)


def test_parameters_are_read_in_every_call_also_after_bind():
    w = Value(2.0)
    program = compile(lambda x: w * w * x + w.exp(), target="c")
    assert program(3.0) == 12.0 + math.exp(2.0)
    w.data = 1.0
    assert program(3.0) == 3.0 + math.exp(1.0)
    assert program.map([3.0]).tolist() == [3.0 + math.exp(1.0)]
    program.bind([Value(5.0)])
    assert program(3.0) == 75.0 + math.exp(5.0)


def test_derived_programs_are_machine_code_too():
    program = compile(lambda x: x[0] * x[1] ** 2, target="c")
    assert program.grad([2.0, 3.0]) == [9.0, 12.0]
    assert program.grad._specializations[0].paths[0].target == "c"
    assert program.value_and_grad([2.0, 3.0]) == (18.0, [9.0, 12.0])


def test_backward_adds_up_rows_as_without_it():
    w = Value(0.5)
    rows = np.linspace(-1.0, 1.0, 100)
    gradients = []
    for target in (None, "c"):
        w.zero_grad()
        compile(lambda x: (w * x).tanh(), target=target).backward(rows)
        gradients.append(w.grad)
    assert gradients[0] == gradients[1]


def test_an_operation_in_python_stays_in_python():
    squared_in_python = operation("squared_in_python", lambda a: a * a, "2.0*a")
    program = compile(lambda x: (squared_in_python(x) + 1.0).exp() * x - x / 3.0, target="c")
    assert program(0.5) == math.exp(1.25) * 0.5 - 0.5 / 3.0
    np.testing.assert_allclose(program.map([0.5, 1.0])[0], math.exp(1.25) * 0.5 - 0.5 / 3.0, rtol=1e-15)


def test_a_pickled_program_runs_on_the_switch():
    program = compile(lambda x: x * x + 1.0, target="c")
    assert program(3.0) == 10.0
    assert pickle.loads(pickle.dumps(program))(3.0) == 10.0


def test_another_process_loads_what_was_compiled(tmp_path):
    script = "from autograd import compile; p = compile(lambda x: x.exp() * 3.0 + x, target='c'); print(p(1.0))"

    def run(**environment):
        return subprocess.run(
            [sys.executable, "-c", script],
            env={**c_compiler.os.environ, "VALUEGRAD_CACHE": str(tmp_path / "cache"), **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    first = run()
    assert first.stdout == f"{math.exp(1.0) * 3.0 + 1.0}\n"
    (file,) = (tmp_path / "cache").glob("*.so")
    made = file.stat().st_mtime_ns
    assert run().stdout == first.stdout
    assert file.stat().st_mtime_ns == made
    failed = run(CC="no-such-compiler")
    assert "finds no C compiler no-such-compiler; leave target out, or set CC" in failed.stderr
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho 'x.c: In function f:\nx.c:7: error: no y' >&2\nexit 1\n")
    broken.chmod(0o700)
    assert "failed to compile: x.c:7: error: no y; leave target out" in run(CC=str(broken)).stderr


def test_a_folder_that_others_may_write_to_is_refused(tmp_path, monkeypatch):
    tmp_path.chmod(0o777)
    monkeypatch.setenv("VALUEGRAD_CACHE", str(tmp_path))
    with pytest.raises(RuntimeError, match=r"others may write to .*; set VALUEGRAD_CACHE"):
        compile(lambda x: x + 7.25, target="c")(1.0)


def test_loops_take_the_functions_that_blocks_of_the_machine_take():
    text = Path(own_runs.__file__).with_name("_machine").joinpath("rows.h").read_text(encoding="utf-8")
    vectors = set(re.findall(r"vm_(\w+)_block\(n", text)) | set(re.findall(r"VECTOR\(VG_\w+, (\w+)\)", text))
    vectors = vectors - {"tanh_and_slope", "pow"} | {"power"}
    assert vectors == own_runs.IN_VECTORS | own_runs.LIMITED.keys()
    assert set(re.findall(r"LOOP\d\(VG_\w+, (\w+)\)", text)) | {"where"} == own_runs.PLAIN


def mixed(x, y):
    """Loops over vectors around calls of functions that are no vectors, with results that are inputs."""
    u = ag.arctan2(x * y + 1.0, 2.0 + x.exp())
    return [ag.log2(u * u + 1.0) * y, x, ag.cbrt(y) + u.sin(), ag.logsumexp([x, y, u]), ag.where(x > y, u, y)]


def test_loops_and_calls_share_the_rows():
    rows = np.random.default_rng(7).normal(size=(2, 500))
    found, wanted = compile(mixed, target="c").map(*rows), compile(mixed, exact=True).map(*rows)
    np.testing.assert_allclose(found, wanted, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("count", [1, 7, 8, 127, 128, 129, 1003])
def test_arrays_of_any_layout_are_read_and_written(count):
    x, y = np.random.default_rng(8).normal(size=(2, count)).astype(np.float32).astype(np.float64)
    f = lambda x, y: ((x * y).exp() - y.tanh(), y)  # noqa: E731
    program = compile(f, target="c")
    wanted = program.map(x, y)
    wide = np.zeros((count, 3))
    wide[:, 1] = x
    out = np.empty((count, 2)).T
    for a, b in ((wide[:, 1], y), (x.astype(np.float32), y.astype(np.float32)), (x[::-1].copy()[::-1], y)):
        program.map(a, b, out=(out[0], out[1]))
        np.testing.assert_allclose(out, wanted, rtol=1e-15)
    np.testing.assert_allclose(program.map(x, 0.5)[0], compile(f).map(x, 0.5)[0], rtol=1e-14)


def test_results_may_replace_the_arguments_also_in_another_order():
    x, y = np.random.default_rng(9).normal(size=(2, 300))
    y[150] = 1e9  # out of the range of the loop over sines
    program = compile(lambda x, y: (y, x, (x * y).sin()), target="c")
    wanted = [y.copy(), x.copy(), np.sin(x * y)]
    third = np.empty(300)
    program.map(x, y, out=(x, y, third))
    assert (x == wanted[0]).all()
    assert (y == wanted[1]).all()
    np.testing.assert_allclose(third, wanted[2], rtol=1e-14, atol=1e-15)


def test_a_sparse_matrix_has_its_zeros():
    hessian = compile(ag.hessian(lambda x: ag.sum(a * a * b for a, b in itertools.pairwise(x))), target="c")
    point = np.arange(1.0, 9.0)
    buffer = hessian.buffer(point)
    wanted = 2.0 * np.diag([*point[1:], 0.0]) + 2.0 * (np.diag(point[:-1], 1) + np.diag(point[:-1], -1))
    for _ in range(2):
        assert (buffer().reshape(8, 8) == wanted).all()
        buffer.outputs[:] = 7.0
    assert (hessian(point) == wanted).all()


def test_a_long_program_leaves_many_rows_to_the_machine(monkeypatch):
    monkeypatch.setattr(own_code, "MOST_STEPS", 3)
    program = compile(lambda x: (x.exp() + 1.25).log() * x / (x * x + 3.0), target="c")
    rows = np.linspace(-1.0, 1.0, 200)
    np.testing.assert_allclose(program.map(rows), np.log(np.exp(rows) + 1.25) * rows / (rows * rows + 3.0), rtol=1e-14)


def swing(angle, speed, stiffness, damping, steps):
    """A pendulum after some steps of Runge and Kutta of order 2."""
    for _ in range(steps):
        middle = angle + 0.05 * speed, speed + 0.05 * (-stiffness * angle.sin() - damping * speed)
        angle, speed = angle + 0.1 * middle[1], speed + 0.1 * (-stiffness * middle[0].sin() - damping * middle[1])
    return angle, speed


def with_partials(steps):
    units = np.eye(4).tolist()

    def f(*row):
        end = lambda *x: swing(*x, steps)  # noqa: E731
        return [end(*row), *(ag.jvp(end, row, unit)[1] for unit in units)]

    return f


def test_steps_of_a_simulation_are_compiled_once(monkeypatch):
    sizes, texts = [], []
    compile_it = c_compiler.library
    monkeypatch.setattr(c_compiler, "library", lambda row, rows: texts.append(rows) or compile_it(row, rows))
    rows = np.random.default_rng(8).uniform(0.1, 2.0, size=(4, 300))
    for steps in (20, 40):
        plain, own = compile(with_partials(steps)), compile(with_partials(steps), target="c")
        np.testing.assert_allclose(own.map(*rows), plain.map(*rows), rtol=1e-11, atol=1e-13)
        sizes.append(texts[-1].count("static int vg_own_rows_"))
    assert sizes[0] == sizes[1]
    assert "vm_shared_sin(" in texts[-1]
    assert "vm_shared_cos(" in texts[-1]


def test_a_wrong_target_is_refused():
    with pytest.raises(ValueError, match="compile\\(\\) has the target 'c' for machine code, got 'gpu'; leave it out"):
        compile(lambda x: x, target="gpu")


@pytest.mark.parametrize("count", [1, 100])
def test_rows_of_any_number_are_computed(count):
    rows = np.random.default_rng(5).normal(size=(2, count))
    found = compile(lambda x, y: (x * y + 1.0).exp() / (2.0 + x.tanh()) - y, target="c").map(*rows)
    np.testing.assert_allclose(found, np.exp(rows[0] * rows[1] + 1.0) / (2.0 + np.tanh(rows[0])) - rows[1], rtol=1e-14)


@pytest.mark.campaign
def test_drawn_numbers_agree(functions):
    program = compile(lambda x, y: [f(x, y) for f in functions], target="c")
    plain = compile(lambda x, y: [f(x, y) for f in functions], exact=True)
    rows = np.random.default_rng(6).normal(size=(2, 300))
    found, wanted = program.map(*rows), plain.map(*rows)
    with np.errstate(invalid="ignore"):
        close = np.isclose(found, wanted, rtol=1e-9, atol=1e-12, equal_nan=True)
    assert close.mean() > 0.999  # a jump, as that of floor(), may lie between two roundings


@pytest.fixture
def texts(monkeypatch):
    """The C for many rows of each program that is compiled in a test."""
    found = []
    library = c_compiler.library
    monkeypatch.setattr(c_compiler, "library", lambda row, rows: found.append(rows) or library(row, rows))
    return found


def option(spot, strike, time, rate, volatility):
    """The price of a call by Black and Scholes."""
    deviation = volatility * time.sqrt()
    d = ((spot / strike).log() + (rate + 0.5 * volatility * volatility) * time) / deviation
    return spot * ag.normal_cdf(d) - strike * (-rate * time).exp() * ag.normal_cdf(d - deviation)


def test_the_density_shares_the_table_of_the_normal_distribution(texts):
    price = ag.value_and_grad(option, argnums=(0, 1, 2, 3, 4))
    rng = np.random.default_rng(11)
    rows = [rng.uniform(*ends, size=1003) for ends in ((50, 200), (50, 200), (0.01, 5.0), (0.0, 0.1), (0.05, 1.0))]
    rows[0][:3], rows[2][3], rows[4][4] = (0.0, math.inf, math.nan), 0.0, 1e-300
    found, wanted = (
        np.array(flatten(program.map(*rows), "", "")[0])
        for program in (compile(price, target="c"), compile(price, exact=True))
    )
    assert texts[0].count("vm_shared_normal_pdf(") == 2
    assert "vm_normal_pdf(" not in texts[0]
    np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-12)


def test_a_long_chain_of_functions_is_cut_into_loops_that_the_processor_can_overlap(texts):
    x = np.linspace(0.1, 2.0, 100)
    for f, is_cut in ((lambda x: x.exp() * x, False), (lambda x: x.exp().log1p().tanh().erf() + x, True)):
        found = compile(lambda x, f=f: f(x), target="c").map(x)
        np.testing.assert_allclose(found, compile(f, exact=True).map(x), rtol=1e-14)
        assert (texts.pop().count("static int vg_own_rows_") > 1) == is_cut


def test_only_products_that_might_go_into_a_sum_are_kept_apart_from_it(texts):
    def f(x, y):
        u, v = x * y, y * 3.0
        return [u * x / v, ag.floor(u * 0.5) - ag.floor(v)]

    rows = np.random.default_rng(12).normal(size=(2, 100))
    assert (compile(f, target="c").map(*rows) == compile(f, exact=True).map(*rows)).all()
    assert len(re.findall(r"= \w+ \* \w+;", texts[0])) >= 1
    assert texts[0].count("VG_PRODUCT(") >= 2  # in the definition, and where floor() takes a product


def test_a_product_that_is_0_where_one_factor_is_0_is_rounded_before_a_sum():
    w, x = Value(0.3), np.linspace(0.1, 3.0, 100)
    f = lambda x: [ag.times(w, x) - x, ag.xlogy(w, x) + x]  # noqa: E731
    assert (
        compile(ag.jacobian(f), exact=True, target="c").map(x).tolist()
        == compile(ag.jacobian(f), exact=True).map(x).tolist()
    )
    assert compile(f, exact=True, target="c").map(x).tolist() == compile(f, exact=True).map(x).tolist()
    decided = compile(lambda x: ag.sign(ag.times(Value(0.1), x) - 0.1 * 3.0), target="c")
    assert decided.map(np.full(8, 3.0)).tolist() == decided.map(np.full(8, 3.0)).tolist() == [0.0] * 8
