"""take(): one of many numbers by its index, recorded, and in programs of every kind."""

import ctypes
import itertools
import math
import subprocess
import threading
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import autograd as ag
from autograd import Value, backend, compile, grad, gradients, hessian, jvp, no_grad, parameters_to_vector, take
from autograd.compiler.numpy_evaluator import NumpyEvaluator
from autograd.compiler.path import Path
from autograd.compiler.trace import trace
from autograd.pytree import flatten
from tests.derivatives.test_transforms import same

NUMBERS = [0.5, -0.0, math.inf, 2.5, math.nan]
INDICES = [*range(-5, 5)]
OUTSIDE = [5, -6, 0.5, math.nan, math.inf, -math.inf, 1e300, 5e-324]


@pytest.mark.parametrize("index", [1, True, 1.0, -2, np.int64(1), np.float32(1), Fraction(1), Decimal(1), Value(1.0)])
def test_an_index_is_a_whole_number_of_any_type(index):
    values = [Value(3.0), Value(4.0), Value(5.0)]
    assert take(values, index) is values[1]
    assert float(take([3.0, 4.0, 5.0], index)) == 4.0


@pytest.mark.parametrize(
    "use",
    [lambda i: [1.0, 2.0][i], lambda i: (1.0, 2.0)[i], lambda i: [1.0, 2.0][i:], lambda i: "ab"[i], range, math.comb],
)
def test_a_value_as_an_index_or_a_count_of_python_is_answered_with_a_remedy(use):
    call = (lambda i: use(i, 1)) if use is math.comb else use
    for f in (lambda: call(Value(1.0)), lambda: compile(lambda i: call(i) and i)(1.0)):
        with pytest.raises(
            TypeError, match=r"a Value is no index and no count; write autograd.take\(xs, i\) for xs\[i\]"
        ):
            f()


def test_negative_indices_count_from_the_end():
    assert [take([1.0, 2.0, 3.0], k) for k in range(-3, 3)] == [1.0, 2.0, 3.0, 1.0, 2.0, 3.0]


def test_values_give_a_value_and_numbers_a_number_of_their_kind():
    assert [type(take(values, 1)) for values in ([1.0, 2.0], (1, 2), [Value(1.0), 2.0])] == [float, float, Value]
    assert type(take([1.0, 2.0], Value(1.0))) is Value
    assert type(take(np.array([1.0, 2.0]), 1)) is np.float64


def test_the_derivative_is_one_by_the_chosen_value_and_none_by_the_index():
    values, index = [Value(x) for x in (1.0, 2.0, 3.0)], Value(1.0)
    (take(values, index) * 5.0).backward()
    assert [x.grad for x in (*values, index)] == [0.0, 5.0, 0.0, 0.0]
    assert grad(lambda i: take([1.0, 2.0], i) * i)(1.0) == 2.0


@pytest.mark.parametrize("index", [3, -4, 1e300, 10**30])
def test_an_index_out_of_range_is_refused(index):
    with pytest.raises(IndexError, match=r"take\(\) takes an index from -3 to 2 for 3 values, got .*; count from 0"):
        take([1.0, 2.0, 3.0], index)


@pytest.mark.parametrize("index", [0.5, math.nan, math.inf, 10**400, Value(0.5)])
def test_an_index_that_is_not_whole_is_refused(index):
    with pytest.raises(ValueError, match=r"take\(\) takes a whole number as its index, got .*; round it first"):
        take([1.0, 2.0, 3.0], index)


@pytest.mark.parametrize(
    ("values", "index", "error", "message"),
    [
        ([], 0, ValueError, "at least one value, got none"),
        ([1.0], [0], TypeError, "takes a real number or a Value, got list"),
        ([1.0], "0", TypeError, "takes a real number or a Value, got str"),
        ([[1.0]], 0, TypeError, "takes a real number or a Value, got list"),
        ({0: 1.0}, 0, TypeError, "takes a list of numbers, got dict; pass list"),
        (1.0, 0, TypeError, "takes a list of numbers, got float"),
    ],
)
def test_what_is_no_list_or_no_index_is_refused(values, index, error, message):
    with pytest.raises(error, match=message):
        take(values, index)


# --------------------------------------------------------------------------- programs


@pytest.mark.parametrize("exact", [False, True])
def test_a_program_takes_the_same_number_for_every_index(exact):
    program = compile(take, exact=exact)
    rows = np.tile(NUMBERS, (len(INDICES), 1))
    for index, found in zip(INDICES, program.map(rows, INDICES)):
        assert same(program(NUMBERS, index), NUMBERS[index])
        assert same(found, NUMBERS[index])
        assert math.copysign(1.0, found) == math.copysign(1.0, NUMBERS[index])
    assert not any(traced.guards for traced, _ in program.listings)


def test_a_program_gives_nan_for_an_index_that_is_none():
    program = compile(take)
    assert all(math.isnan(program([1.0, 2.0, 3.0, 4.0, 5.0], index)) for index in OUTSIDE)
    assert all(map(math.isnan, compile(lambda i: take([1.0, 2.0], i)).map(OUTSIDE)))
    assert program.grad([1.0, 2.0, 3.0, 4.0, 5.0], 7) == [0.0] * 5


def test_the_evaluator_of_numpy_takes_the_same():
    traced = trace(take, [*NUMBERS, 0.0], flatten((NUMBERS, 0.0), "", "")[1])
    path = Path(traced, True, False)
    evaluator = NumpyEvaluator(path.listing, path.parameters, path.exact, path.pairs)
    indices = [*INDICES, *OUTSIDE]
    results = np.empty((1, len(indices)))
    columns = [np.full(len(indices), x) for x in NUMBERS]
    evaluator.rows([*columns, np.array(indices, dtype=float)], [*results], len(indices), 1)
    for index, found in zip(indices, results[0]):
        assert same(found, NUMBERS[index] if index in INDICES else math.nan)


def steep(x, index):
    """The numbers that are not chosen have infinite slopes or none at 0."""
    return take([x * x * x, ag.sqrt(x), 1.0 / x, ag.exp(x), 7.0], index)


@pytest.mark.no_cover
@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("x", [0.0, 0.75, -1.5])
def test_what_is_not_chosen_adds_nothing_to_any_derivative(exact, x):
    orders = [grad(steep), grad(grad(steep)), grad(grad(grad(steep)))]
    orders += [lambda x, i: jvp(lambda x: steep(x, i), (x,), (2.0,))[1]]
    orders += [lambda x, i: jvp(grad(lambda x: steep(x, i)), (x,), (2.0,))[1]]
    for f in orders:
        program = compile(f, exact=exact)
        for index in range(5):
            assert same(program(x, index), f(x, index)), (x, index)


def test_the_hessian_of_a_function_of_the_chosen_number():
    def f(xs, index):
        return take(xs, index) ** 3 * xs[0]

    program = compile(lambda xs, i: hessian(lambda xs: f(xs, i))(xs))
    for index in range(3):
        assert program([2.0, 3.0, 5.0], index) == hessian(lambda xs, index=index: f(xs, index))([2.0, 3.0, 5.0])


def test_rows_add_up_the_gradient_of_each_number():
    table = [Value(float(k)) for k in range(4)]
    program = compile(lambda index, x: (take(table, index) - x) ** 2)
    indices, xs = [3, 0, 0, -1, 2], [1.0, 2.0, 3.0, 4.0, 5.0]
    loss = ag.sum((take(table, i) - x) ** 2 for i, x in zip(indices, xs))
    wanted = [g.data for g in gradients(loss, table)]
    program.loss_and_grad([0.0] * 4, indices, xs)  # it finds the parameters
    vector = parameters_to_vector(program.parameters)
    found = program.loss_and_grad(vector, indices, xs, reduction="sum")
    assert found[0] == pytest.approx(loss.data, rel=1e-15)
    assert dict(zip(program.parameters, found[1])) == pytest.approx(dict(zip(table, wanted)), rel=1e-15)
    assert program.backward(indices, xs, reduction="sum") == found[0]
    assert [x.grad for x in table] == pytest.approx(wanted, rel=1e-15)


def test_a_parameter_may_be_the_index():
    index = Value(1.0)
    program = compile(lambda x: take([x, x * x], index))
    assert program(3.0) == 9.0
    index.data = 0.0
    assert program(3.0) == 3.0


def test_an_index_that_rounding_decides_has_the_bits_of_the_function():
    def f(a, b, c):
        return take([1.0, 2.0], ag.step(a * b - c)) * a

    columns = [np.full(130, x) for x in (0.1, 3.0, 0.1 * 3.0)]
    assert set(compile(f).map(*columns)) == {f(0.1, 3.0, 0.1 * 3.0)} == {0.1}


def test_exported_python_takes_the_same():
    program = compile(take, exact=True)
    program(NUMBERS, 0)
    names = {}
    exec(program.to_python("chosen"), names)
    for index in INDICES:
        assert same(names["chosen"]([*NUMBERS, float(index)])[0], NUMBERS[index])
    assert all(math.isnan(names["chosen"]([*NUMBERS, index])[0]) for index in OUTSIDE)


def test_exported_c_takes_the_same(compiler, tmp_path):
    program = compile(take, exact=True)
    program(NUMBERS, 0)
    (tmp_path / "code.c").write_text(program.to_c("chosen"), encoding="utf-8")
    flags = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-O2", "-shared", "-fPIC"]
    subprocess.run([compiler, *flags, "code.c", "-o", "code.so", "-lm"], cwd=tmp_path, check=True)
    function = ctypes.CDLL(str(tmp_path / "code.so")).chosen
    for index in [*INDICES, *OUTSIDE]:
        out = (ctypes.c_double * 1)()
        assert function((ctypes.c_double * 6)(*NUMBERS, index), (ctypes.c_double * 1)(), out) == 0
        assert same(out[0], NUMBERS[index] if index in INDICES else math.nan)


@pytest.mark.skipif(backend != "native", reason="machine code needs the compiled engine")
@pytest.mark.parametrize("exact", [False, True])
def test_machine_code_takes_the_same(compiler, exact):  # noqa: ARG001  # it skips where there is none
    plain, own = compile(grad(steep)), compile(grad(steep), exact=exact, target="c")
    points = list(itertools.product([0.0, 0.75], range(5)))
    for point, found in zip(points, own.map(*map(list, zip(*points)))):
        assert own(*point) == plain(*point) == pytest.approx(found, rel=1e-14)


def test_a_number_that_is_read_in_another_thread_is_no_index_of_a_trace():
    def f(index):
        found = []
        thread = threading.Thread(target=lambda: found.append(take([1.0, 2.0], index)))
        thread.start()
        thread.join()
        return found[0]

    with pytest.raises(TypeError, match="another thread"):
        compile(f)(1.0)


def test_without_gradients_it_gives_the_number():
    with no_grad():
        assert take([Value(1.0), Value(2.0)], Value(1.0)).data == 2.0
