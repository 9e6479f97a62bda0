"""Comparisons become guards: no row follows a wrong branch."""

import math
import random
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import autograd as ag
from autograd import Value, compile, grad


def eager(f, *args):
    """What f returns for Values, as a float."""
    return float(f(*(Value(x) for x in args)))


def test_a_comparison_takes_each_row_its_own_way():
    def f(x):
        if x > 1.0:
            return x * x
        return -x if x < 0.0 else ag.sqrt(x)

    program = compile(f)
    assert program(4.0) == 16.0
    assert [program(x) for x in (-2.0, 0.25, 4.0)] == [2.0, 0.5, 16.0]
    rows = np.linspace(-3.0, 3.0, 300)
    assert program.map(rows) == pytest.approx([eager(f, x) for x in rows], rel=1e-14)
    assert compile(f).map(rows) == pytest.approx([eager(f, x) for x in rows], rel=1e-14)
    assert program.grad.map(rows[::7]) == pytest.approx([grad(f)(x) for x in rows[::7]], rel=1e-14)


def test_backward_over_rows_of_different_branches():
    w = Value(2.0)

    def f(x):
        return w * x if x > 0.0 else w * w

    rows = np.linspace(-1.0, 1.0, 201)
    loss = ag.mean([f(x) for x in rows.tolist()])
    loss.backward()
    wanted = w.grad
    w.zero_grad()
    assert compile(lambda x: f(x)).backward(rows) == pytest.approx(loss.data, rel=1e-13)
    assert w.grad == pytest.approx(wanted, rel=1e-13)


def test_a_comparison_with_nan_holds_for_neither():
    program = compile(lambda x: 1.0 * x if x > 0.0 else 2.0 * x)
    assert program(1.0) == 1.0
    assert math.isnan(program(math.nan))
    assert len(program.listings) == 2


def test_a_comparison_of_parameters():
    w = Value(1.0)
    program = compile(lambda x: x * 2.0 if w > 0.0 else x * 3.0)
    assert program(1.0) == 2.0
    w.data = -1.0
    assert program(1.0) == 3.0
    assert program.map([1.0, 2.0]).tolist() == [3.0, 6.0]


def test_branches_of_other_structures_have_no_common_array():
    program = compile(lambda x: [x] if x > 0.0 else x)
    assert (program(1.0), program(-1.0)) == ([1.0], -1.0)
    assert program.map([-1.0, -2.0]).tolist() == [-1.0, -2.0]
    with pytest.raises(ValueError, match="differently nested results"):
        program.map([1.0, -1.0])


def test_max_sorted_and_in_are_comparisons():
    program = compile(lambda x, y: max(x, y) * 10.0 + min(x, y))
    assert [program(1.0, 2.0), program(2.0, 1.0), program(3.0, 3.0)] == [21.0, 21.0, 33.0]


def test_a_comparison_that_rounding_decides_comes_out_as_in_the_function():
    a, b = 0.1, 0.3

    def f(x, y, z):
        return x if x * y + z == 0.0 else -x

    product = a * b  # rounded; a fused product and sum is not 0
    assert compile(f)(a, b, -product) == a
    rows = compile(f).map(np.full(3, a), np.full(3, b), np.full(3, -product))
    assert set(np.abs(rows)) == {a}


def test_rounding_decides_a_comparison_of_rows_as_it_does_for_the_function():
    def f(a, b, c):
        return a + 1.0 if a * b - c == 0.0 else a

    rng = random.Random(0)
    a, b = ([rng.uniform(-1.0, 1.0) for _ in range(200)] for _ in range(2))
    c = [x * y for x, y in zip(a, b)]
    for first in ((1.0, 1.0, 1.0), (1.0, 1.0, 2.0)):
        program = compile(f)
        program(*first)
        assert program.map(a, b, c).tolist() == [x + 1.0 for x in a]
        assert len(program.listings) <= 2


def test_tanh_compares_in_rows_as_in_the_function():
    bound = math.tanh(0.7)
    program = compile(lambda x: x if ag.tanh(x) >= bound else -x)
    assert program.map([0.7] * 200).tolist() == [0.7] * 200
    assert len(program.listings) == 1


@pytest.mark.parametrize(
    "b",
    [2**53 + 1, Fraction(1, 3), -Fraction(2, 3), 10**400, -(10**400), Decimal("0.1"), 3],
    ids=["2**53+1", "1/3", "-2/3", "10**400", "-10**400", "0.1", "3"],
)
@pytest.mark.parametrize("operator", ["<", "<=", "==", "!=", ">", ">="])
def test_comparisons_with_numbers_that_are_no_floats(operator, b):
    f = eval(f"lambda x: x * 7.0 if x {operator} b else x * 3.0", {"b": b})
    near = 0.0 if abs(b) > 1e300 else float(b)
    points = [near, math.nextafter(near, 9e99), math.nextafter(near, -9e99), 1.0, -1.0, math.inf, -math.inf]
    wanted = [eager(f, x) for x in points]
    for first in points:
        program = compile(f)
        program(first)
        assert [program(x) for x in points] == wanted
        assert program.map(points).tolist() == wanted


def test_rows_behind_a_failed_guard_have_results_that_are_the_same_for_all_rows():
    program = compile(lambda x: (x * x if x > 0.0 else -x, 3.0))
    x = [-1.0] * 20 + [2.0] * 20
    squares, threes = program.map([1.0, *x])
    assert squares.tolist() == [1.0] * 21 + [4.0] * 20
    assert threes.tolist() == [3.0] * 41
