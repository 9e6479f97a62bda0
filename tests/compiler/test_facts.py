"""Facts about a listing: signs, sums that cancel, and which rows are rounded as the function is."""

import pytest

from autograd.compiler.passes.analysis import (
    find_ancestors,
    find_cancelling,
    find_cancelling_sums,
    find_signs,
    is_correctly_rounded,
)
from tests.compiler.test_passes import listing


def cancelling(steps, n_inputs=2):
    """The marks of the steps, and a function that gives the sums for some registers."""
    listed = listing(steps, [], n_inputs)
    needed = find_ancestors(listed, range(listed.n_registers))
    marks = find_cancelling(listed, needed, find_signs(listed, needed))
    return list(marks[n_inputs:]), lambda *roots: find_cancelling_sums(listed, marks, list(roots))


def test_a_sum_of_both_signs_cancels_and_what_has_its_side_depends_on_it():
    marks, sums = cancelling([("subtract", (0, 1)), ("negative", (2,)), ("negative", (0,))])
    assert marks == [2, 1, 0]
    assert sums(3) == sums(2, 3, 3) == [2]
    assert sums(4) == sums(0) == sums() == []


def test_a_power_has_the_side_of_its_base():
    marks, sums = cancelling([("subtract", (0, 1)), ("power", (0, 2)), ("power", (2, 3.0))])
    assert marks == [2, 0, 1]
    assert (sums(3), sums(4)) == ([], [2])


def test_the_condition_of_where_decides_no_side():
    marks, sums = cancelling([("subtract", (0, 1)), ("where", (2, 0, 1)), ("where", (0, 2, 1))])
    assert marks == [2, 0, 1]
    assert (sums(3), sums(4)) == ([], [2])


def test_what_is_positive_has_one_side_whatever_it_is_made_of():
    marks, sums = cancelling([("subtract", (0, 1)), ("exp", (2,)), ("negative", (3,))])
    assert marks == [2, 0, 0]
    assert sums(3, 4) == []


def test_operands_of_the_next_step_are_none_of_this_one():
    steps = [("subtract", (0, 1)), ("subtract", (1, 0)), ("negative", (2,)), ("negative", (3,)), ("negative", (0,))]
    assert cancelling(steps)[1](4) == [2]
    steps = [("exp", (0,)), ("add", (2, 2)), ("add", (0, 1)), ("add", (4, 4))]
    assert cancelling(steps)[0] == [0, 0, 2, 2]
    steps = [("subtract", (0, 1)), ("negative", (0,)), ("negative", (2,))]
    assert cancelling(steps)[0] == [2, 0, 1]


def test_an_even_power_is_not_negative_but_one_of_an_unknown_exponent_may_be():
    assert list(find_signs(listing([("power", (1, 2.0))], []))) == [0, 0, 1]
    assert list(find_signs(listing([("power", (1, 0)), ("multiply", (2, 2.0))], []))) == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("steps", "is_rounded"),
    [
        ([("add", (0, 1))], True),
        ([("dot", (0, 1, 2.0))], True),
        ([("exp", (0,))], False),
        ([("exp", (1,))], True),  # it is the same for all rows, and computed by the function itself
        ([("exp", (0,)), ("dot", (0, 1, 2.0))], False),
    ],
)
def test_rows_are_rounded_as_the_function_if_ieee_prescribes_every_bit(steps, is_rounded):
    assert is_correctly_rounded(listing(steps, [], n_inputs=1, n_parameters=1)) == is_rounded
