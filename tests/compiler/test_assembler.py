"""From a listing to the code of the machine: instructions, and where numbers are stored."""

import pytest

from autograd.compiler.assembler import assemble
from autograd.compiler.instructions import AFTER, INSTRUCTIONS
from tests.compiler.test_passes import listing

LAYOUTS = {instruction.number: instruction for instruction in INSTRUCTIONS}


def decoded(code):
    """The instructions in code: the names of each and of its operands; operations have instructions of their own."""
    code = list(code)
    while code:
        number = code.pop(0)
        if number not in LAYOUTS:
            yield number, {"out": code.pop(0), "a": code.pop(0)}
            continue
        operands = {}
        for name, length in LAYOUTS[number].fields:
            count = eval(length, {}, operands) if length else 1
            values = [code.pop(0) for _ in range(count)]
            operands[name] = values if length else values[0]
        yield LAYOUTS[number].name, operands


def sums_over_rows(code):
    return [name for name, _ in decoded(code) if name in ("SUM_PRODUCTS", "SUM_SHARED")]


def outputs_of(totals):
    return [x for pairs in totals for pair in pairs for x in pair]


def assembled(before, numbers, totals=None, exact=False):
    """The code; totals are pairs of registers and constants."""
    if totals is not None:
        totals = [[(before.operand(a), before.operand(b)) for a, b in pairs] for pairs in totals]
    return assemble(before, numbers, totals, exact)


def test_sums_over_rows_of_the_same_factors_are_one_instruction():
    numbers = {"exp": 0, "sin": 1}
    steps = [("exp", (i,)) for i in range(5)]
    totals = [[(6 + i, j)] for i in range(5) for j in range(6)]
    listed = listing(steps, outputs_of(totals), n_inputs=6)
    assembly = assembled(listed, numbers, totals)
    assert sums_over_rows(assembly.row) == ["SUM_PRODUCTS", "SUM_SHARED"]  # four sums together, then the fifth
    exact = assembled(listed, numbers, totals, exact=True)
    assert sums_over_rows(exact.sums) == ["SUM_SHARED"] * 5
    far = [("exp", (0,)), *(("sin", (2 + i,)) for i in range(100))]
    totals = [[(2, 0)], [(2, 1)], [(102, 0)], [(102, 1)]]
    apart = assembled(listing(far, outputs_of(totals)), numbers, totals)
    assert sums_over_rows(apart.row) == ["SUM_SHARED"] * 2


@pytest.mark.parametrize(("count", "instructions"), [(2, [2]), (3, [2, 1]), (4, [4]), (7, [4, 2, 1]), (8, [4, 4])])
def test_sums_of_products_of_the_same_registers_are_one_instruction_with_their_relu(count, instructions):
    steps = []
    for k in range(count):
        steps += [("dot", (count, 0, 1 + k)), ("relu", (1 + count + len(steps),))]
    outputs = [2 + count + 2 * k for k in range(count)]
    assembly = assembled(listing(steps, outputs, n_inputs=1, n_parameters=count), {"relu": 0})
    found = list(decoded(assembly.row))
    assert [operands.get("count", 1) for _, operands in found] == instructions
    assert all(name in ("DOTS", "DOT") and AFTER[operands["after"]] == "relu" for name, operands in found)
    assert [operands["step"] for name, operands in found if name == "DOTS"] == [1] * sum(
        size > 1 for size in instructions
    )
    assert len(assembly.packed) == 0


@pytest.mark.parametrize(
    ("first", "second", "step"),
    [
        ((0, 2, 4), (1, 3, 5), -2),  # parameters lie at -1, -2, ...
        ((4, 3, 2), (5, 4, 3), 1),
        ((0, 1, 2), (3, 4, 6), 0),
        ((5, 5, 5), (6, 6, 6), 0),
    ],
)
def test_only_factors_at_irregular_places_are_copied_and_these_once(first, second, step):
    sums = [[x for k, p in enumerate(factors) for x in (k, 3 + p)] for factors in (first, second)]
    steps = [("dot", (start, *products)) for start in (10, 11) for products in sums]  # the last two need the first
    assembly = assembled(listing(steps, [11, 12, 13, 14], n_inputs=3, n_parameters=8), {})
    found = [operands for _, operands in decoded(assembly.row)]
    assert [(operands["count"], operands["step"], operands["packed"]) for operands in found] == [(2, step, 0)] * 2
    assert list(assembly.packed) == ([] if step else [-1 - p for both in zip(first, second) for p in both])


@pytest.mark.parametrize(
    ("inputs", "totals", "neighbours"),
    [
        (range(9), range(9), 9),
        ([*range(3, 12), 1], [*range(9), 9], 0),  # 1 is less than 3, and no neighbour
        ([8, *range(8)], [8, *range(8)], 9),  # in another order
        (range(9), range(0, 18, 2), 0),
        (range(7), range(7), 0),  # fewer than in a vector
    ],
)
def test_sums_over_rows_of_inputs_side_by_side_say_how_many_they_are(inputs, totals, neighbours):
    steps = [("exp", (0,)), ("sin", (0,))]
    pairs = [[] for _ in range(40)]
    for k in range(2):
        for x, total in zip(inputs, totals):
            pairs[20 * k + total].append((12 + k, x))
    listed = listing(steps, outputs_of(pairs), n_inputs=12)
    code = assembled(listed, {"exp": 0, "sin": 1}, pairs).row
    assert [x["n_neighbours"] for name, x in decoded(code) if name == "SUM_PRODUCTS"] == [neighbours]


def test_a_sum_of_products_that_needs_another_one_is_an_instruction_of_its_own():
    steps = [("dot", (1, 0, 1)), ("dot", (2, 0, 1)), ("dot", (3, 0, 1)), ("dot", (1, 0, 1))]
    code = assembled(listing(steps, [2, 3, 4, 5], n_inputs=1, n_parameters=1), {}).row
    assert sorted(name for name, _ in decoded(code)) == ["DOT", "DOT", "DOTS"]


def test_a_sum_of_varying_products_says_how_many_factors_are_uniform():
    steps = [("dot", (1.0, 0, 1, 3, 0, 1, 0.5))]
    assembly = assembled(listing(steps, [5], n_parameters=3), {})
    operands = {"out": 1, "start": -4, "n_uniform": 2, "n_varying": 1, "after": 0, "gate": 0}
    assert list(decoded(assembly.row)) == [("DOT", {**operands, "pairs": [0, -2, 1, -5, 1, 0]})]
    assert list(assembly.constants) == [1.0, 0.5]


def test_tanh_and_its_derivative_are_one_instruction_in_either_order():
    for names in (("tanh", "sech_squared"), ("sech_squared", "tanh")):
        code = assembled(listing([(name, (0,)) for name in names], [1, 2], n_inputs=1), {}).row
        [(name, operands)] = decoded(code)
        assert name == "TANH_AND_SLOPE"
        assert operands[{"tanh": "out", "sech_squared": "slope"}[names[0]]] == 1
        assert operands["a"] == 0


def test_products_of_a_common_factor_are_one_instruction():
    steps = [("multiply", (0, 1)), ("multiply", (2, 0)), ("multiply", (0, 0)), ("exp", (0,))]
    code = assembled(listing(steps, [1, 2, 3, 4, 5]), {"exp": 9}).row
    assert list(decoded(code)) == [("SCALE", {"a": 0, "n": 3, "pairs": [2, 1, 3, 2, 4, 0]}), (9, {"out": 0, "a": 0})]


def test_an_exact_program_keeps_steps_apart():
    steps = [("dot", (k, 0, 1 + k)) for k in range(1, 5)]
    code = assembled(listing(steps, [5, 6, 7, 8], n_inputs=1, n_parameters=4), {}, exact=True).row
    assert [name for name, _ in decoded(code)] == ["DOT"] * 4


def test_a_guard_is_checked_once_if_it_compares_uniform_numbers():
    listed = listing([], [0], n_inputs=1, n_parameters=1, guards=[("<", 1, 0.0, True), (">", 0, 1, False)])
    assembly = assembled(listed, {})
    assert list(decoded(assembly.uniform)) == [("GUARD", {"comparison": 0, "a": -1, "b": -2, "holds": 1})]
    assert list(decoded(assembly.row)) == [("GUARD", {"comparison": 4, "a": 0, "b": -1, "holds": 0})]


def test_rows_that_may_fail_a_guard_are_added_up_at_the_end():
    totals = [[(2, 0)]]
    steps = [("exp", (0,)), ("exp", (1,))]
    free = assembled(listing(steps, outputs_of(totals)), {"exp": 9}, totals)
    assert [name for name, _ in decoded(free.row)] == [9, "SUM_SHARED", 9]
    guarded = assembled(listing(steps, outputs_of(totals), guards=[("<", 3, 0.0, True)]), {"exp": 9}, totals)
    assert [name for name, _ in decoded(guarded.row)] == [9, "EXACT", "GUARD"]
    assert sums_over_rows(guarded.sums) == ["SUM_SHARED"]


def test_uniform_numbers_are_added_up_once_for_all_rows():
    totals = [[(2, 2), (0, 2)], [(3.0, 2)]]
    assembly = assembled(listing([], outputs_of(totals), n_parameters=1), {}, totals)
    assert [operands["pairs"] for _, operands in decoded(assembly.flat)] == [[0, -1, 1, -2]]
    assert [operands["pairs"] for _, operands in decoded(assembly.sums)] == [[0, -1]]


def test_registers_are_given_back():
    steps = [("exp", (0,)), *(("sin", (i,)) for i in range(1, 40))]
    assembly = assembled(listing(steps, [40], n_inputs=1), {"exp": 0, "sin": 1})
    assert assembly.n_registers == 1
    steps = [("exp", (0,)), ("add", (0, 1)), ("add", (0, 2)), ("multiply", (1, 3))]
    assert assembled(listing(steps, [4], n_inputs=1), {"exp": 0, "add": 1, "multiply": 2}).n_registers == 3


def test_values_and_derivatives_along_a_chain_come_side_by_side_if_that_takes_fewer_registers():
    chain = [("exp", (0,)), *(("sin", (1 + i,)) for i in range(1, 100))]  # registers 2 to 101
    slopes = [("multiply", (1, 2)), *(("multiply", (101 + i, 2 + i)) for i in range(1, 100))]
    before = listing([*chain, *slopes], [201])
    numbers = {"exp": 0, "sin": 1, "multiply": 2}
    assert assemble(before, numbers).n_registers < 6
    assert assemble(before, numbers, exact=True).n_registers > 90


@pytest.mark.parametrize("exact", [False, True])
def test_for_one_row_the_same_operations_stand_side_by_side(exact):
    numbers = {"exp": 0, "sin": 1}
    steps = [step for i in range(4) for step in (("exp", (i,)), ("sin", (4 + 2 * i,)))]
    listed = listing(steps, list(range(5, 12, 2)), n_inputs=4)
    for for_one_row, names in ((False, [0, 1] * 4), (True, [0] * 4 + [1] * 4)):
        assembly = assemble(listed, numbers, exact=exact, for_one_row=for_one_row)
        assert [name for name, _ in decoded(assembly.row)] == names


def test_for_one_row_numbers_that_would_wait_in_memory_keep_their_order():
    steps, last = [], 0
    for i in range(3000):
        steps += [("exp", (0,)), ("sin", (1 + 3 * i,)), ("add", (2 + 3 * i, last))]
        last = 3 + 3 * i
    listed = listing(steps, [last], n_inputs=1)
    numbers = {"exp": 0, "sin": 1, "add": 2}
    alike = [assemble(listed, numbers, exact=True, for_one_row=choice) for choice in (False, True)]
    assert alike[0].row == alike[1].row
    assert alike[1].n_registers < 10
