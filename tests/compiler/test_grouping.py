"""Which steps are moved next to one another, and which of them become one instruction."""

import pytest

from autograd.compiler.passes import grouping
from autograd.compiler.passes.analysis import find_varying
from autograd.compiler.passes.grouping import by_levels, find_groups, find_runs, pair_neighbours
from tests.compiler.test_passes import listing


def paired(steps, outputs=()):
    """The steps in their new order; inputs are 0 and 1, the parameter is 2."""
    return with_neighbours(listing(steps, list(outputs), n_parameters=1)).steps


def with_neighbours(before):
    return pair_neighbours(before, find_varying(before))


def groups(steps):
    before = listing(steps, [], n_parameters=1)
    return groups_of(before)


def groups_of(before):
    """The sizes of groups, by the registers with which they begin."""
    return {before.first + i: size for i, size in find_groups(before, find_varying(before)).items()}


def test_a_step_moves_up_to_the_first_that_can_share_its_instruction():
    steps = [("tanh", (0,)), ("exp", (3,)), ("sech_squared", (0,)), ("multiply", (4, 5))]
    assert paired(steps) == [("tanh", (0,)), ("sech_squared", (0,)), ("exp", (3,)), ("multiply", (5, 4))]
    steps = [("dot", (1.0, 0, 2)), ("exp", (3,)), ("dot", (2.0, 0, 2))]
    assert paired(steps) == [steps[0], steps[2], steps[1]]


def test_up_to_four_sums_move_behind_the_first_of_them():
    sums = [("dot", (float(k), 0, 2)) for k in range(6)]
    steps = [x for k in range(6) for x in (sums[k], ("exp", (3 + 2 * k,)))]
    found = paired(steps)
    assert found[:4] == sums[:4]
    assert [name for name, _ in found[4:]] == ["exp"] * 4 + ["dot"] * 2 + ["exp"] * 2


def test_uniform_steps_move_to_the_front():
    steps = [("exp", (0,)), ("exp", (2,)), ("add", (3, 4))]
    assert paired(steps) == [("exp", (2,)), ("exp", (0,)), ("add", (4, 3))]


def test_a_step_that_needs_the_other_one_stays_behind_it():
    steps = [("dot", (1.0, 0, 2)), ("exp", (3,)), ("dot", (4, 0, 2))]
    assert paired(steps) == steps
    steps = [("dot", (1.0, 0, 2)), ("exp", (3,)), ("gate_dot", (4, 1.0, 0, 2)), ("gate_dot", (1, 1.0, 0, 2))]
    assert paired(steps) == steps
    assert groups(steps) == {5: 2}


def test_results_keep_to_their_steps():
    after = with_neighbours(
        listing([("tanh", (0,)), ("exp", (1,)), ("sech_squared", (0,))], [2, 3, 4], guards=[("<", 0, 3, True)])
    )
    assert after.outputs == [2, 4, 3]
    assert after.guards == [("<", 0, 4, True)]


def test_the_same_operations_of_a_level_stand_side_by_side():
    steps = [x for k in range(3) for x in (("exp", (0,)), ("sin", (1,)), ("add", (3 + 3 * k, 4 + 3 * k)))]
    after = by_levels(listing(steps, [11], n_parameters=1))
    assert [name for name, _ in after.steps] == ["exp"] * 3 + ["sin"] * 3 + ["add"] * 3
    assert after.steps[6:] == [("add", (3 + k, 6 + k)) for k in range(3)]
    assert after.outputs == [11]


@pytest.mark.parametrize(
    ("count", "found"), [(1, {}), (2, {3: 2}), (3, {3: 2}), (4, {3: 4}), (6, {3: 4, 7: 2}), (7, {3: 4, 7: 2})]
)
def test_sums_of_products_are_grouped_by_four_or_two(count, found):
    assert groups([("dot", (float(k), 0, 2, 1, 0.5)) for k in range(count)]) == found


def test_the_work_for_a_wide_layer_grows_with_its_width_alone(monkeypatch):
    compared = []
    original = grouping._is_independent
    monkeypatch.setattr(grouping, "_is_independent", lambda *args: compared.append(args) or original(*args))
    assert len(groups([("dot", (float(k), 0, 2)) for k in range(400)])) == 100
    assert len(compared) == 300


@pytest.mark.parametrize(
    "step",
    [
        ("dot", (1.0, 1, 2)),  # another input
        ("dot", (1.0, 0, 1)),  # a varying factor
        ("dot", (3, 0, 2)),  # it starts with the other one
        ("relu_dot", (1.0, 0, 2)),
        ("dot", (1.0, 0, 2, 1, 2)),
    ],
)
def test_what_has_another_form_is_an_instruction_of_its_own(step):
    assert groups([("dot", (2.0, 0, 2)), step]) == {}


def test_a_group_of_four_needs_none_of_its_own_results():
    steps = [("dot", (1.0, 0, 2)), ("dot", (2.0, 0, 2)), ("dot", (3.0, 0, 2)), ("dot", (3, 0, 2))]
    assert groups(steps) == {3: 2, 5: 2}


def test_the_longest_run_of_products_with_a_common_factor_is_found():
    steps = [("multiply", (0, 1)), ("multiply", (0, 0)), ("multiply", (1, 2)), ("multiply", (1, 0.5)), ("exp", (0,))]
    before = listing(steps, [], n_parameters=1)
    varies = find_varying(before)
    half = before.operand(0.5)
    assert find_runs(before, varies, ()) == {0: (0, [1, 0]), 2: (1, [2, half])}
    assert find_runs(before, varies, {2}) == {0: (0, [1, 0])}  # what comes after it must run before the next one
    assert find_runs(before, varies, {0}) == {2: (1, [2, half])}


def test_what_decides_is_computed_on_its_own():
    before = listing([("tanh", (0,)), ("sech_squared", (0,))], [2, 3], decisive=[3])
    assert groups_of(before) == {}
    assert groups_of(listing(before.steps, [2, 3])) == {2: 2}
    assert with_neighbours(before).decisive == {3}
