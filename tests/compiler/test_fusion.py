"""Passes for the machine: which steps become one, and which products are computed once for all rows."""

import random

import numpy as np
import pytest

from autograd import Value, compile, exp, relu
from autograd.compiler.passes.fusion import fuse_activations, split_uniform_products
from tests.compiler.test_passes import listing


def split(steps, n_inputs=2, n_parameters=2):
    """The steps after the pass; inputs are 0 and 1, parameters are 2 and 3."""
    before = listing(steps, [n_inputs + n_parameters + len(steps) - 1], n_inputs, n_parameters)
    return split_uniform_products(before).steps


def test_uniform_products_are_added_up_once():
    assert split([("dot", (2, 2, 3, 0, 1, 3, 3))]) == [("dot", (2, 2, 3, 3, 3)), ("dot", (4, 1, 0))]


def test_a_uniform_number_alone_is_what_the_sum_starts_with():
    assert split([("dot", (-0.0, 0, 1, 2, 1.0))]) == [("dot", (2, 1, 0))]
    assert split([("dot", (0, 1, 1, 2, 1.0))]) == [("dot", (2, 0, 1.0, 1, 1))]
    assert split([("dot", (0.0, 0, 1, 2, 1.0))]) == [("dot", (0.0, 2, 1.0)), ("dot", (4, 1, 0))]  # 0.0 - 0.0 is 0.0


def test_uniform_factors_come_first_and_second_in_their_pairs():
    assert split([("dot", (2, 0, 1, 3, 0, 1, 2.0))]) == [("dot", (2, 0, 3, 1, 2.0, 1, 0))]


@pytest.mark.parametrize(
    ("operands", "found"),
    [
        ((1.0, 0, 2, 1, 3, 4, 1.0), ("add_dot", (4, 1.0, 0, 2, 1, 3))),
        ((4, 2, 0, 0, 1.0), ("add_dot", (0, 4, 0, 2))),
        ((1.0, 4, 1.0, 0, 2), ("dot", (1.0, 4, 1.0, 0, 2))),  # not last, and the order of additions stays
        ((1.0, 0, 1, 4, 1.0), ("dot", (1.0, 4, 1.0, 1, 0))),  # no other sum can have its inputs
        ((1.0, 0, 2, 4, 2.0), ("dot", (1.0, 0, 2, 4, 2.0))),
        ((1.0, 4, 1.0), ("dot", (1.0, 4, 1.0))),
    ],
)
def test_a_sum_of_uniform_factors_adds_its_last_number_by_itself(operands, found):
    first = ("exp", (0,))
    assert split([first, ("dot", operands)]) == [first, found]


@pytest.mark.usefixtures("vectors")
@pytest.mark.parametrize("count", [1, 2, 3, 9, 40, 300])
def test_sums_that_add_other_numbers_last_keep_the_order_of_additions(count):
    """x * 2.0**60 - x * 2.0**60 is 0, and what is added before it would be lost."""
    big = [[Value(2.0**60), Value(-(2.0**60))] for _ in range(7)]
    x = np.random.default_rng(0).uniform(1.0, 2.0, size=(count, 9))

    def sums(row):
        return [row[0] * a + row[0] * b + exp(row[2 + k]) for k, (a, b) in enumerate(big)]

    for exact in (False, True):
        program = compile(sums, exact=exact)
        assert program.map(x) == pytest.approx(np.exp(x[:, 2:]), rel=1e-15)
        assert program(x[0]) == pytest.approx(np.exp(x[0, 2:]), rel=1e-15)


def test_a_product_of_two_varying_steps_stays_in_its_sum():
    steps = [("exp", (0,)), ("dot", (2, 4, 4, 3, 0))]
    assert split(steps) == [("exp", (0,)), ("dot", (2, 0, 3, 4, 4))]


def test_later_steps_find_their_operands_after_a_split():
    steps = [("dot", (2, 2, 3, 0, 1)), ("exp", (4,)), ("multiply", (4, 5))]
    assert split(steps)[1:] == [("dot", (4, 1, 0)), ("exp", (5,)), ("multiply", (5, 6))]


def test_a_uniform_sum_stays_whole():
    assert split([("dot", (2, 2, 3, 3, 3))]) == [("dot", (2, 2, 3, 3, 3))]


@pytest.mark.parametrize(
    ("steps", "outputs", "result"),
    [
        ([("dot", (1.0, 0, 1)), ("relu", (2,))], [3], [("relu_dot", (1.0, 0, 1))]),
        ([("step", (1,)), ("multiply", (2, 0))], [3], [("gate", (0, 1, 1.0))]),
        ([("step", (1,)), ("multiply", (0, 2))], [3], [("gate", (0, 1, 1.0))]),
        ([("dot", (1.0, 0, 0)), ("step", (1,)), ("multiply", (2, 3))], [4], [("gate_dot", (1, 1.0, 0, 0))]),
        ([("multiply", (3.0, 0)), ("step", (1,)), ("multiply", (3, 2))], [4], [("gate", (0, 1, 3.0))]),
        (
            [("multiply", (0, 0)), ("step", (1,)), ("multiply", (2, 3))],
            [4],
            [("multiply", (0, 0)), ("gate", (2, 1, 1.0))],
        ),
        ([("step", (2.0,)), ("multiply", (0, 2))], [3], None),  # it is the same for all rows
        # a result that is used twice must stay
        ([("dot", (1.0, 0, 1)), ("relu", (2,)), ("add", (2, 3))], [4], None),
        ([("dot", (1.0, 0, 1)), ("relu", (2,))], [2, 3], None),
        ([("step", (1,)), ("multiply", (2, 0)), ("add", (2, 3))], [4], None),
    ],
)
def test_an_activation_takes_the_step_that_it_alone_uses(steps, outputs, result):
    found = fuse_activations(listing(steps, outputs))
    assert found.steps == (steps if result is None else result)
    assert len(found.outputs) == len(outputs)


def test_results_and_what_is_compared_stay_as_they_are():
    steps = [("dot", (1.0, 0, 1)), ("relu", (2,))]
    assert fuse_activations(listing(steps, [2, 3])).steps == steps
    assert fuse_activations(listing(steps, [3], guards=[("<", 2, 1.0, True)])).steps == steps
    assert fuse_activations(listing(steps, [3, 0])).outputs == [2, 0]


def mixed_layer(rng, x, w, previous):
    """Units over the same inputs, whose factors are parameters, inputs and constants, the same or different ones."""
    kinds = [
        lambda: rng.choice(w),
        lambda: rng.choice(x),
        lambda: rng.choice([2.0, -0.5]),
        lambda: rng.choice(previous),
    ]
    units = []
    for _ in range(4):
        unit = rng.choice([0.25, rng.choice(w), rng.choice(x)])
        for a in previous:
            unit = unit + a * rng.choice(kinds)()
        units.append(relu(unit) if rng.random() < 0.5 else unit)
    return units


@pytest.mark.parametrize("seed", range(20))
def test_units_share_an_instruction_only_if_their_factors_are_the_same_for_all_rows(seed):
    numbers = random.Random(seed)
    w = [Value(numbers.uniform(-1.0, 1.0)) for _ in range(3)]

    def f(x):
        rng = random.Random(seed)
        return mixed_layer(rng, x, w, mixed_layer(rng, x, w, list(x)))

    rows = np.random.default_rng(seed).normal(size=(20, 3))
    found, wanted = (np.array(compile(f, exact=exact).map(rows)) for exact in (False, True))
    np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-11)
