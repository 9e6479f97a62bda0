"""simplify() moves negatives and factors of 2 where no bit of a result changes."""

import itertools
import math

import pytest

from autograd import Value, compile
from autograd.compiler.passes.dead_code import eliminate_dead_code
from autograd.compiler.passes.simplification import simplify
from tests.compiler.test_passes import listing, run, same

SIGNS = {
    "a + -b": ([("negative", (1,)), ("add", (0, 2))], "v2 = x0 - x1"),
    "-a + b": ([("negative", (0,)), ("add", (2, 1))], "v2 = x1 - x0"),
    "a - -b": ([("negative", (1,)), ("subtract", (0, 2))], "v2 = x0 + x1"),
    "-a + -b": ([("negative", (0,)), ("negative", (1,)), ("add", (2, 3))], "v2 = -x0\nv3 = v2 - x1"),
    "-a + -a": ([("negative", (0,)), ("add", (2, 2))], "v2 = -x0\nv3 = v2 + v2"),
    "-(-a)": ([("negative", (0,)), ("negative", (2,))], ""),
    "-(a + a)": ([("add", (0, 0)), ("negative", (2,))], "v2 = x0 * -2.0"),
    "-(3 a)": ([("multiply", (3.0, 0)), ("negative", (2,))], "v2 = x0 * -3.0"),
    "-(a b)": ([("multiply", (0, 1)), ("negative", (2,))], "v2 = x0 * x1\nv3 = -v2"),
    "-a * -b": ([("negative", (0,)), ("negative", (1,)), ("multiply", (2, 3))], "v2 = x0 * x1"),
    "-b * -a": ([("negative", (1,)), ("negative", (0,)), ("multiply", (2, 3))], "v2 = x1 * x0"),
    "-a * 3": ([("negative", (0,)), ("multiply", (2, 3.0))], "v2 = x0 * -3.0"),
    "3 * (a + a)": ([("add", (0, 0)), ("multiply", (3.0, 2))], "v2 = x0 * 6.0"),
    "3 * 2 a": ([("multiply", (0, 2.0)), ("multiply", (3.0, 2))], "v2 = x0 * 6.0"),
    "3 * 4 a": ([("multiply", (0, 4.0)), ("multiply", (3.0, 2))], "v2 = x0 * 4.0\nv3 = 3.0 * v2"),
    "0.25 * (a + a)": ([("add", (0, 0)), ("multiply", (2, 0.25))], "v2 = x0 + x0\nv3 = v2 * 0.25"),
    "1e308 * (a + a)": ([("add", (0, 0)), ("multiply", (2, 1e308))], "v2 = x0 + x0\nv3 = v2 * 1e+308"),
    "inf * (a + a)": ([("add", (0, 0)), ("multiply", (2, math.inf))], "v2 = x0 + x0\nv3 = v2 * inf"),
    "nan * (a + a)": ([("add", (0, 0)), ("multiply", (2, math.nan))], "v2 = x0 + x0\nv3 = v2 * nan"),
    "-a * (b + b)": ([("negative", (0,)), ("add", (1, 1)), ("multiply", (2, 3))], "v2 = x1 * -2.0\nv3 = x0 * v2"),
    "3 b * -a": ([("multiply", (1, 3.0)), ("negative", (0,)), ("multiply", (2, 3))], "v2 = x1 * -3.0\nv3 = x0 * v2"),
    "-a * b": ([("negative", (0,)), ("multiply", (2, 1))], "v2 = -x0\nv3 = v2 * x1"),
}
EXTREMES = (0.0, -0.0, 1.1, -0.3, math.inf, -math.inf, math.nan, 5e-324, -3e-308, 1.7e308, -1e308, 1e-200)


@pytest.mark.parametrize(("steps", "text"), SIGNS.values(), ids=SIGNS)
def test_signs_and_factors_of_two_move_where_no_bit_changes(steps, text):
    before = listing(steps, [1 + len(steps)])
    after = eliminate_dead_code(simplify(before))
    assert str(after).rpartition("\n")[0] == text
    for point in itertools.product(EXTREMES, repeat=2):
        [wanted], [found] = run(before, point), run(after, point)
        assert same(wanted, found), (point, wanted, found)


def test_a_constant_is_not_taken_for_a_register_whose_sign_moves():
    steps = [("negative", (0,)), ("multiply", (1, 2.0)), ("multiply", (3, 2.0)), ("add", (1, 2.0))]
    assert str(simplify(listing(steps, [4, 5, 2]))).splitlines()[1:-1] == [
        "v3 = x1 * 2.0",
        "v4 = x1 * 4.0",
        "v5 = x1 + 2.0",
    ]


def test_a_sum_with_a_constant_is_not_taken_for_a_multiple_of_the_register_with_its_number():
    before = listing([("exp", (0,)), ("add", (2, 2.0)), ("negative", (3,)), ("multiply", (3, 3.0))], [4, 5])
    assert str(simplify(before)).splitlines()[1:-1] == ["v3 = v2 + 2.0", "v4 = -v3", "v5 = v3 * 3.0"]
    x = Value(0.25)
    program = compile(lambda x: -(x.tanh() + 1.0))
    assert program(x.data) == program(x.data) == (-(x.tanh() + 1.0)).data


@pytest.mark.parametrize(
    ("step", "lines"),
    [
        (("multiply", (0, 1.0)), ["v2 = x0 * 3.0"]),
        (("subtract", (0, 0.0)), ["v2 = x0 * 3.0"]),
        (("stop_gradient", (0,)), ["v2 = x0 * 3.0"]),
        (("divide_by_exp", (math.log(3.0), 1, 0)), [f"v2 = divide_by_exp({math.log(3.0)!r}, x1, x0)", "v3 = v2 * 3.0"]),
    ],
)
def test_register_0_is_not_taken_for_the_last_constant(step, lines):
    assert str(simplify(listing([step, ("multiply", (2, 3.0))], [3]))).splitlines()[:-1] == lines
