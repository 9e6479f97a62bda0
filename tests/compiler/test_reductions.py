"""Sums over rows: which products one instruction adds up, and after which step it runs."""

from autograd import Value, compile
from autograd.compiler.passes.analysis import find_varying
from autograd.compiler.reductions import group_products, schedule_reductions
from tests.compiler.test_passes import listing

EXP = [("exp", (0,)), ("exp", (1,)), ("exp", (0,)), ("exp", (1,)), ("exp", (0,))]  # 3 to 7; 2 is a parameter


def scheduled(totals, steps=(), groups=(), exact=False, guards=()):
    """The schedule of sums of these pairs, as tuples, by the registers of the steps after which they run."""
    before = listing(list(steps), [], n_parameters=1, guards=guards)
    totals = [[(before.operand(a), before.operand(b)) for a, b in pairs] for pairs in totals]
    groups = {x - before.first: size for x, size in dict(groups).items()}
    schedule = schedule_reductions(before, totals, find_varying(before), groups, exact=exact)
    return {
        before.first + step: [([*map(before.number, x.a)], [*map(before.number, x.b)], x.totals) for x in found]
        for step, found in schedule.items()
        if found
    }


def test_products_are_grouped_by_the_factor_that_most_of_them_share():
    found = group_products([[(0, 1), (2, 1)], [(1, 0)], [(0, 0)]], [True, True, False])
    assert [(x.a, x.b, x.totals) for x in found] == [([0], [1, 1, 0], [0, 1, 2]), ([1], [2], [0])]


def test_a_uniform_factor_is_the_first_one_only_of_uniform_products():
    assert scheduled([[(2, 0)], [(2, 2)], [(1.0, 1)]]) == {3: [([0], [2], [0]), ([2], [2], [1]), ([1], [1.0], [2])]}


def test_products_run_after_the_step_that_gives_their_last_factor():
    assert scheduled([[(3, 0)], [(4, 1)]], EXP) == {3: [([3], [0], [0])], 4: [([4], [1], [1])]}


def test_products_of_inputs_run_at_the_end():
    assert scheduled([[(0, 1)]], EXP) == {8: [([0], [1], [0])]}


def test_a_group_of_steps_is_not_interrupted():
    assert list(scheduled([[(3, 0)]], EXP, groups={3: 2})) == [4]


def test_rows_are_checked_before_they_are_added_up():
    assert list(scheduled([[(3, 0)]], EXP, guards=[("<", 0, 1.0, True)])) == [8]
    assert list(scheduled([[(3, 0)]], EXP, guards=[("<", 2, 1.0, True)])) == [3]  # all rows, or none


def test_up_to_four_groups_with_the_same_second_factors_are_one():
    factors = [0, 1, 2, 0.5, 2.0, -0.0]
    found = scheduled([[(a, b)] for a in range(3, 8) for b in factors], EXP)
    assert found == {6: [([3, 4, 5, 6], factors, list(range(24)))], 7: [([7], factors, list(range(24, 30)))]}


def test_a_reduction_waits_for_others_only_if_they_are_near():
    for distance, steps in ((40, [43]), (100, [3, 103])):
        far = [("exp", (0,)), *(("sin", (2 + i,)) for i in range(1, distance + 1))]
        assert list(scheduled([[(3, 0)], [(3 + distance, 0)], [(3, 1)], [(3 + distance, 1)]], far)) == steps


def test_exact_sums_are_not_merged():
    totals = [[(3 + i, j)] for i in range(2) for j in range(3)]
    assert scheduled(totals, EXP, exact=True) == {8: [([3], [0, 1, 2], [0, 1, 2]), ([4], [0, 1, 2], [3, 4, 5])]}


def test_a_program_without_rows_fuses_the_sums_of_its_gradients():
    v, w = Value(0.5), Value(-2.0)
    program = compile(lambda: (v * 1.5 + w * 2.5 - 1.0).tanh() + (v * 0.5 + w * 3.0 - 2.0).tanh())
    program.backward()
    [(_, listing)] = program.listings
    assert [name for name, _ in listing.steps].count("dot") == 4  # two arguments of tanh, two gradients
