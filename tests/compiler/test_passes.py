"""Each pass of the compiler on listings of a few lines: what it changes, and what it must leave."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import TABLE, Value
from autograd.compiler.codegen import function_of
from autograd.compiler.ir import Listing
from autograd.compiler.notation import code_of, terms_of, text_of
from autograd.compiler.passes.analysis import find_decisive, find_inexact, find_signs, find_varying
from autograd.compiler.passes.dead_code import eliminate_dead_code
from autograd.compiler.passes.products import fuse_products
from autograd.compiler.passes.simplification import simplify
from autograd.compiler.totals import split_reductions
from autograd.compiler.trace import trace
from autograd.pytree import flatten
from autograd.testing import expressions, points_for
from tests.derivatives.test_transforms import same

ROWS = {name: row.function for name, row in TABLE.items()}
SPECIAL = [0.0, -0.0, 1.5, -2.0, math.inf, -math.inf, math.nan, 5e-324]


def listing(steps, outputs, n_inputs=2, n_parameters=0, guards=(), decisive=()):
    return Listing(n_inputs, n_parameters, steps, outputs, list(guards), decisive)


def marked(registers):
    """The registers that have a mark."""
    return {x for x, mark in enumerate(registers) if mark}


def numbers(listed, pairs):
    """Pairs of operands as registers and constants."""
    return [[(listed.number(a), listed.number(b)) for a, b in group] for group in pairs]


def run(listed, x, p=()):
    return function_of(listed, ROWS)(x, p)


@pytest.mark.parametrize(
    "change",
    [
        simplify,
        eliminate_dead_code,
        fuse_products,
        lambda x: fuse_products(simplify(x)),
        lambda x: fuse_products(eliminate_dead_code(simplify(x))),
    ],
)
@given(data=st.data())
def test_a_pass_keeps_every_bit(change, data):
    f = data.draw(expressions())
    point = data.draw(points_for(f))
    traced = trace(f, list(point), flatten(tuple(point), "", "")[1]).listing
    assert all(map(same, run(change(traced), point), run(traced, point)))


@pytest.mark.parametrize(
    ("step", "result"),
    [
        (("multiply", (0, 1.0)), "return x0"),
        (("multiply", (1.0, 0)), "return x0"),
        (("multiply", (0, -1.0)), "v2 = -x0\nreturn v2"),
        (("add", (0, -0.0)), "return x0"),
        (("add", (0, 0.0)), "v2 = x0 + 0.0\nreturn v2"),  # -0.0 + 0.0 is 0.0
        (("subtract", (0, 0.0)), "return x0"),
        (("subtract", (0, -0.0)), "v2 = x0 - -0.0\nreturn v2"),
        (("multiply", (0, 0.0)), "v2 = x0 * 0.0\nreturn v2"),  # nan at infinity
        (("divide", (0, 1.0)), "return x0"),
        (("power", (0, 1.0)), "return x0"),
        (("power", (0, 2.0)), "v2 = x0 * x0\nreturn v2"),
        (("power_slope", (0, 2.0)), "v2 = x0 + x0\nreturn v2"),
        (("shifted_power", (0, 2.0, 2.0)), "return 1.0"),
        (("shifted_power", (0, 3.0, 2.0)), "return x0"),
        (("shifted_power", (0, 4.0, 2.0)), "v2 = x0 * x0\nreturn v2"),
        (("shifted_power", (0, 5.0, 2.0)), "v2 = shifted_power(x0, 5.0, 2.0)\nreturn v2"),
        (("shifted_power", (0, 1, 1)), "v2 = shifted_power(x0, x1, x1)\nreturn v2"),
        (("shifted_power", (0, 1, 1.0)), "v2 = shifted_power(x0, x1, 1.0)\nreturn v2"),
        (("power_derivative", (0, 1, 1)), "v2 = power_derivative(x0, x1, x1)\nreturn v2"),
        (("times", (3.0, 0)), "v2 = 3.0 * x0\nreturn v2"),
        (("times", (0.0, 0)), "return 0.0"),
        (("times", (0, 1.0)), "v2 = times(x0, 1.0)\nreturn v2"),  # 0.0 where x0 is -0.0
        (("power_derivative", (0, 3.0, 3.0)), "return 6.0"),
        (("power_derivative", (0, 3.0, 2.0)), "v2 = 6.0 * x0\nreturn v2"),
        (("power_derivative", (0, 1.0, 0.0)), "return x0"),
        (("power_derivative", (0, 3.0, 4.0)), "return 0.0"),
        (("power_derivative", (0, 4.0, 2.0)), "v2 = power_derivative(x0, 4.0, 2.0)\nreturn v2"),
        (("divide_by_exp", (math.log(3.0), 0, -3.0)), "v2 = x0 / -3.0\nreturn v2"),
        (("divide_by_exp", (0.5, 0, 3.0)), "v2 = divide_by_exp(0.5, x0, 3.0)\nreturn v2"),
        (("stop_gradient", (0,)), "return x0"),
        (("where", (1.0, 0, 1)), "return x0"),
        (("where", (0.0, 0, 1)), "return x1"),
        (("where", (0, 1, 1)), "return x1"),
        (("where", (0, 0.0, -0.0)), "v2 = where(x0, 0.0, -0.0)\nreturn v2"),
        (("divide", (1.0, 0.0)), "return inf"),
        (("exp", (0.0,)), "return 1.0"),
    ],
)
def test_fold_knows_the_identities_of_ieee_arithmetic(step, result):
    before = listing([step], [2])
    assert str(eliminate_dead_code(simplify(before))) == result
    for a in SPECIAL:
        assert all(map(bits, run(simplify(before), (a, 3.0)), run(before, (a, 3.0))))


def test_later_steps_use_what_takes_the_place_of_a_folded_one():
    before = listing(
        [("multiply", (0, 1.0)), ("exp", (1,)), ("add", (2, 3)), ("exp", (0.0,)), ("multiply", (4, 5))], [6, 2]
    )
    assert str(simplify(before)) == "v2 = exp(x1)\nv3 = x0 + v2\nreturn v3, x0"


def test_a_quotient_by_the_exponential_of_a_logarithm_folds_to_a_quotient_if_it_is_that_of_the_divisor():
    before = listing([("log_magnitude", (0,)), ("divide_by_exp", (2, 1, 0)), ("divide_by_exp", (2, 0, 1))], [3, 4])
    assert str(simplify(before)).splitlines()[1:] == [
        "v3 = x1 / x0", "v4 = divide_by_exp(v2, x0, x1)", "return v3, v4"
    ]  # fmt: skip
    for a in SPECIAL:
        assert all(map(bits, run(simplify(before), (a, 3.0)), run(before, (a, 3.0))))


def bits(a, b):
    return (a != a and b != b) or (a == b and math.copysign(1.0, a) == math.copysign(1.0, b))


def test_share_computes_the_same_once():
    before = listing(
        [("exp", (0,)), ("exp", (0,)), ("add", (2, 3)), ("multiply", (0, 1)), ("multiply", (1, 0))], [4, 5, 6]
    )
    assert str(eliminate_dead_code(simplify(before))) == "v2 = exp(x0)\nv3 = v2 + v2\nv4 = x0 * x1\nreturn v3, v4, v4"


def test_share_tells_constants_from_registers_and_zeros_apart():
    steps = [
        ("multiply", (0, 2)),
        ("multiply", (0, 2.0)),
        ("divide", (1, 0.0)),
        ("divide", (1, -0.0)),
        ("divide", (1, 0)),
        ("divide", (1, math.nan)),
        ("where", (0, 2.0, 1)),
        ("where", (0, 2, 1)),
    ]
    assert len(eliminate_dead_code(simplify(listing(steps, range(3, 11), n_inputs=3)))) == 8


def test_share_finds_the_same_constants():
    constants = [2.0, 0.0, -0.0, math.inf, math.nan]
    steps = [("divide", (0, float(str(x)))) for x in constants + constants]
    assert simplify(listing(steps, range(2, 12))).outputs == 2 * [2, 3, 4, 5, 6]


def test_share_leaves_the_order_of_what_does_not_commute():
    steps = [("subtract", (0, 1)), ("subtract", (1, 0)), ("maximum", (0, 1)), ("maximum", (1, 0))]
    assert len(eliminate_dead_code(simplify(listing(steps, [2, 3, 4, 5])))) == 4


def split(steps, outputs, n_parameters=0):
    """What the pass leaves of the steps, and the pairs of the results after the first one, which is the loss."""
    return split_all(listing(steps, [1.0, *outputs], n_parameters=n_parameters))


def split_all(before, exact=False):
    result, pairs = split_reductions(before, exact)
    return result, numbers(result, pairs)[1:]


def test_a_multiple_of_a_multiple_is_one():
    """Each parameter of an L2 penalty has the derivative v + v, where v is a constant times the parameter."""
    steps = [("multiply", (0.25, 2)), ("add", (3, 3))]
    result, terms = split(steps, [4], 1)
    assert (len(result), terms) == (0, [[(2, 0.5)]])
    result, terms = split([steps[0], ("add", (0, 3)), ("add", (4, 3))], [5], 1)
    assert (len(result), terms) == (0, [[(0, 1.0), (2, 0.5)]])
    before = listing(steps, [1.0, 4], n_parameters=1)
    result, pairs = split_reductions(before, exact=True)
    assert numbers(result, pairs) == [[(1.0, 1.0)], [(4, 1.0)]]
    result, terms = split(steps, [3, 4], 1)
    assert (len(result), terms) == (1, [[(3, 1.0)], [(3, 2.0)]])
    for first in (("multiply", (2, 2)), ("multiply", (1e308, 2))):
        assert split([first, steps[1]], [4], 1)[1] == [[(3, 2.0)]]


def test_terms_of_a_gradient_are_added_up_over_rows_if_they_are_products_of_varying_factors():
    products = [("multiply", (0, 1)), ("multiply", (1, 1)), ("add", (3, 4))]
    result, [pairs] = split(products, [5], 1)
    assert (len(result), pairs) == (0, [(0, 1), (1, 1)])
    for other in (("multiply", (1, 2)), ("multiply", (1, 3.0)), ("negative", (1,)), ("subtract", (1, 0))):
        assert split([products[0], other, products[2]], [5], 1)[1] == [[(5, 1.0)]]
    assert split([*products[:2], ("subtract", (3, 4))], [5], 1)[1] == [[(5, 1.0)]]
    assert split([products[0], ("add", (3, 2))], [4], 1)[1] == [[(0, 1), (2, 1.0)]]
    assert split([("negative", (0,))], [3], 1)[1] == [[(0, -1.0)]]


def test_terms_of_a_loss_are_added_up_over_rows_if_they_are_not_negative():
    steps = [("multiply", (0, 0)), ("relu", (1,)), ("add", (2, 3))]
    for changed, wanted in (
        (steps, [[(0, 0), (2, 1.0)]]),
        ([steps[0], ("sin", (1,)), steps[2]], [[(4, 1.0)]]),
        ([steps[0], steps[1], ("subtract", (2, 3))], [[(4, 1.0)]]),
    ):
        result, pairs = split_reductions(listing(changed, [4]))
        assert numbers(result, pairs) == wanted


def test_terms_that_are_the_same_for_all_rows_are_added_up_once():
    steps = [("subtract", (2, 3)), ("add", (4, 0)), ("exp", (2,)), ("add", (5, 6))]
    result, [pairs] = split(steps, [7], 2)
    assert pairs == [(0, 1.0), (6, 1.0)]
    assert result.steps == [("subtract", (2, 3)), ("exp", (2,)), ("add", (4, 5))]


@pytest.mark.parametrize(
    "steps",
    [
        [("add", (0, 0)), ("subtract", (2, 0))],
        [("multiply", (0, 0.0)), ("add", (2, 0))],
        [("multiply", (0, 3.0)), ("add", (2, 2)), ("subtract", (3, 0)), ("subtract", (4, 0))],
        [("add", (0, 0)), ("add", (2, 0))],
    ],
)
@pytest.mark.parametrize("x", [math.inf, -math.inf, math.nan, 0.0, 2.0])
@pytest.mark.parametrize("is_uniform", [False, True])
def test_sums_over_rows_keep_what_infinities_make_nan(steps, x, is_uniform):
    before = listing(steps, [1.0, len(steps) + 1], n_inputs=0 if is_uniform else 2, n_parameters=2 if is_uniform else 0)
    result, [pairs] = split_all(before)
    number = [x, 1.0, *run_all(result, x)]
    found = sum((a if type(a) is float else number[a]) * (b if type(b) is float else number[b]) for a, b in pairs)
    arguments = ((), (x, 1.0)) if is_uniform else ((x, 1.0), ())
    assert same(found, run(before, *arguments)[1])


def run_all(listed, x):
    """Every register of the steps."""
    places = list(range(2, 2 + len(listed.steps)))
    return run(Listing(2, 0, listed.steps, places, []), (x, 1.0))


def test_what_is_used_no_more_counts_for_nothing():
    """Two steps use x1 * x0. One of them replaces the other, so the product becomes part of the sum over rows."""
    steps = [("multiply", (1, 0)), ("multiply", (0, 0)), ("add", (2, 3)), ("add", (2, 3))]
    shared = simplify(listing(steps, [1.0, 4]))
    assert str(split_reductions(shared)[0]) == "return 1.0, 1.0, x1, x0, x0, x0"


def test_drop_leaves_out_what_nothing_depends_on():
    before = listing(
        [("exp", (0,)), ("sin", (1,)), ("log", (2,))], [3], guards=[("<", 0, 1.0, True), ("<", 0.0, 1.0, True)]
    )
    for short in (eliminate_dead_code(simplify(before)), fuse_products(simplify(before))):
        assert str(short) == "v2 = sin(x1)\nguard x0 < 1.0\nreturn v2"


def test_drop_keeps_what_a_guard_looks_at():
    assert len(eliminate_dead_code(listing([("exp", (0,))], [1], guards=[(">", 2, 1.0, True)]))) == 1


def test_fuse_makes_sums_of_products():
    steps = [("multiply", (0, 1)), ("multiply", (0, 0)), ("add", (2, 3)), ("add", (4, 1)), ("subtract", (5, 0))]
    assert str(fuse_products(listing(steps, [6]))) == "v2 = x0 * x1 + x0 * x0 + x1 + x0 * -1.0\nreturn v2"


def test_fuse_leaves_what_others_use():
    steps = [("multiply", (0, 1)), ("add", (2, 0)), ("add", (3, 2))]
    assert len(fuse_products(listing(steps, [4]))) == 2
    assert len(fuse_products(listing([("multiply", (0, 1)), ("add", (2, 1))], [2, 3]))) == 2
    assert len(fuse_products(listing([("multiply", (0, 1)), ("add", (2, 1))], [3], guards=[("<", 2, 0.0, True)]))) == 2


def test_fuse_takes_a_sum_for_a_sum():
    """y + y is not taken for the product y * y, although both have the same two operands."""
    steps = [("add", (1, 1)), ("add", (0, 1)), ("add", (3, 2)), ("add", (4, 4))]
    assert run(fuse_products(listing(steps, [5])), (0.5, 0.25)) == [2.5]


def test_fuse_tells_constants_from_registers():
    steps = [("multiply", (0, 1)), ("add", (2.0, 0)), ("add", (2, 3))]
    assert run(fuse_products(listing(steps, [4])), (3.0, 5.0)) == [20.0]


@pytest.mark.parametrize("kind", ["guards", "decisive"])
def test_fuse_leaves_what_decides(kind):
    steps = [("multiply", (0, 1)), ("add", (2, 0)), ("multiply", (3, 1)), ("add", (4, 0))]
    before = listing(steps, [5], **{kind: [("<", 3, 1.0, True)] if kind == "guards" else [3]})
    assert fuse_products(before).steps == [*steps[:2], ("dot", (0, 3, 1))]
    assert marked(find_decisive(before)) - {0, 1} == {2, 3}
    assert marked(find_inexact(before)) == set()
    steps = [("exp", (0,)), ("exp", (1,)), ("add", (2, 1)), ("add", (3, 1))]
    before = listing(steps, [5], **{kind: [("<", 4, 1.0, True)] if kind == "guards" else [4]})
    assert marked(find_inexact(before)) == {2}


def test_passes_renumber_what_decides():
    steps = [("exp", (0,)), ("multiply", (1, 1.0)), ("add", (0, 1)), ("add", (0, 1)), ("subtract", (5, 1))]
    before = listing(steps, [6], decisive=[2, 3, 5])
    assert simplify(before).decisive == {2, 1, 3}
    assert eliminate_dead_code(simplify(before)).decisive == {1, 2}


@pytest.mark.parametrize(
    ("step", "sign"),
    [
        (("exp", (0,)), 2),
        (("step", (0,)), 1),
        (("multiply", (0, 0)), 1),
        (("multiply", (0, 1)), 0),
        (("multiply", (2, 2.0)), 2),
        (("multiply", (2, 0.0)), 1),
        (("multiply", (2, -1.0)), 0),
        (("power", (0, 2.0)), 1),
        (("power", (0, 3.0)), 0),
        (("power", (2, 0)), 2),
        (("add", (2, 3)), 2),
        (("add", (3, 3)), 1),
        (("add", (2, 0)), 0),
        (("add", (3, 1e-9)), 2),
        (("subtract", (2, 3)), 0),
        (("maximum", (0, 2)), 2),
        (("minimum", (0, 2)), 0),
        (("minimum", (3, 2)), 1),
        (("where", (0, 2, 3)), 1),
        (("where", (0, 2, 1)), 0),
        (("absolute", (0,)), 1),
        (("relu", (2,)), 2),
        (("hypot", (0, 2)), 2),
        (("sqrt", (2,)), 2),
        (("divide", (2, 3)), 1),
        (("sin", (2,)), 0),
    ],
)
def test_signs_of_steps_are_found(step, sign):
    """Register 2 is positive, and 3 is not negative."""
    assert list(find_signs(listing([("exp", (0,)), ("absolute", (1,)), step], []))) == [0, 0, 2, 1, sign]


def test_over_rows_computes_what_is_used_elsewhere():
    result, pairs = split([("multiply", (0, 1))], [2, 2])
    assert len(result) == 1
    assert pairs == [[(2, 1.0)], [(2, 1.0)]]


def test_hoist_finds_what_is_the_same_for_all_rows():
    steps = [("exp", (1,)), ("multiply", (0, 2)), ("add", (2, 1.0)), ("sin", (0,))]
    assert marked(find_varying(listing(steps, [3], n_inputs=1, n_parameters=1))) == {0, 3, 5}


def test_a_listing_is_told_by_its_fingerprint():
    one = listing([("exp", (0,))], [2])
    assert one.fingerprint() == listing([("exp", (0,))], [2]).fingerprint()
    assert one.fingerprint() != listing([("exp", (1,))], [2]).fingerprint()
    assert one.fingerprint() != listing([("exp", (0,))], [2], guards=[("<", 0, 1.0, True)]).fingerprint()


def test_a_listing_reads_as_formulas():
    w = Value(2.0)
    traced = trace(lambda x, y: w * x - y if x > y else x, [3.0, 1.0], flatten((1.0, 1.0), "", "")[1])
    assert str(traced.listing) == "v3 = p0 * x0\nv4 = v3 - x1\nguard x0 > x1\nreturn v4"


@pytest.mark.parametrize(
    ("name", "operands", "text", "code"),
    [
        ("power", ["-2.0", "x0"], "-2.0 ** x0", "(-2.0) ** x0"),
        ("subtract", ["x0", "-1.0"], "x0 - -1.0", "x0 - (-1.0)"),
        ("negative", ["-1.0"], "--1.0", "-(-1.0)"),
        ("maximum", ["x0", "-1.0"], "maximum(x0, -1.0)", "maximum(x0, -1.0)"),
    ],
)
def test_a_step_is_written_in_listings_and_in_code(name, operands, text, code):
    assert (text_of(name, operands), code_of(name, operands)) == (text, code)


def test_a_sum_of_products_is_written_without_what_changes_no_bit():
    assert terms_of((-0.0, 0, 1, 2, 1.0, 3, -1.0), str) == ["0 * 1", "2", "3 * -1.0"]
    assert terms_of((0.0, 0, 1), str) == ["0.0", "0 * 1"]


def test_a_long_sum_of_products_is_computed_line_by_line():
    operands = (0.5, *(x for _ in range(1000) for x in (0, 1)))
    assert run(listing([("dot", operands)], [2]), (1.5, 2.0)) == [3000.5]
