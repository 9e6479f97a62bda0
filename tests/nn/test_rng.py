"""What is passed as rng: seeds, generators of Python and NumPy, and what is refused."""

import random

import numpy as np
import pytest

from nn.rng import permutation, source


def draws(rng):
    return [rng.uniform(0, 1) for _ in range(5)]


@pytest.mark.parametrize("seed", [0, 1, 2**70, np.int64(7), np.uint8(7)])
def test_a_seed_draws_what_a_random_of_that_seed_draws(seed):
    assert draws(source(seed)) == draws(random.Random(int(seed)))


@pytest.mark.parametrize(
    "rng", [random.Random(0), random, np.random.default_rng(0), np.random.RandomState(0), random.SystemRandom()]
)
def test_what_draws_numbers_is_taken_itself(rng):
    assert source(rng) is rng


def test_none_is_the_module_random():
    assert source(None) is random


@pytest.mark.parametrize("rng", ["0", 0.0, True, [0], random.Random, {}, object()])
def test_what_does_not_draw_numbers_is_refused(rng):
    with pytest.raises(TypeError, match=rf"got {type(rng).__name__}; pass a seed, such as rng=0"):
        source(rng)


def test_a_negative_seed_is_refused_because_its_sign_would_not_count():
    assert draws(random.Random(-3)) == draws(random.Random(3))
    with pytest.raises(ValueError, match="0 or more, got -3; write rng=3"):
        source(-3)


@pytest.mark.parametrize("make", [random.Random, np.random.default_rng, np.random.RandomState])
def test_a_permutation_has_each_number_once_and_depends_on_the_seed_alone(make):
    orders = [permutation(1000, make(seed)).tolist() for seed in (0, 0, 1)]
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == list(range(1000))


def test_each_permutation_of_a_generator_is_another_one():
    rng = random.Random(0)
    assert permutation(100, rng).tolist() != permutation(100, rng).tolist()


def test_permutations_are_those_of_the_module_random_after_it_was_seeded():
    orders = []
    for _ in range(2):
        random.seed(5)
        orders.append(permutation(50, source(None)).tolist())
    assert orders[0] == orders[1]


def test_all_orders_are_equally_likely():
    counts = {}
    rng = random.Random(0)
    for _ in range(2400):
        order = tuple(permutation(4, rng))
        counts[order] = counts.get(order, 0) + 1
    assert len(counts) == 24
    assert sum((count - 100) ** 2 / 100 for count in counts.values()) < 49.7  # chi-squared, 23 degrees, p = 0.001
