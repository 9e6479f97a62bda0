"""Where an operation is smooth: its domain is as large as it can be, and its kinks are where it jumps or bends."""

import itertools
import math

import pytest

from autograd import TABLE
from tests.effort import seeded

# arguments whose functions are finite beyond the end of the domain, too
POLES = [("gamma", 0), ("lgamma", 0), ("digamma", 0)]  # at 0, -1, -2, ...
ORDERS = [("round_digits", 1), ("shifted_power", 2)]  # the whole numbers that tests try
PARTS = [("fraction", 0), ("fraction", 1), ("log_fraction", 2), ("add_fraction", 0), ("add_fraction", 1)]
# one argument is a whole number
WHOLE = {name for name in TABLE if name.endswith("_derivative")} | {"polygamma", "falling_factorial"}

STEP = 1e-6


def is_finite(row, point):
    y = row.function(*point)
    return math.isfinite(y) and all(x is None or math.isfinite(x) for x in row.slopes(y, *point))


def inside(row, rng):
    return [rng.uniform(max(low, -3.0), min(high, 3.0)) for low, high in row.domain]


@pytest.mark.parametrize("row", [row for name, row in TABLE.items() if name not in WHOLE])
def test_beyond_its_domain_an_operation_or_a_partial_is_not_finite(row):
    rng = seeded(row.name)
    for i, ends in enumerate(row.domain):
        for end, side in zip(ends, (-1.0, 1.0)):
            is_checked = math.isfinite(end) and (row.name, i) not in POLES + ORDERS + PARTS
            for _ in range(20 if is_checked else 0):
                point = inside(row, rng)
                point[i] = end + side * rng.uniform(0.01, 0.9)
                assert not is_finite(row, point), point


@pytest.mark.parametrize("row", [row for name, row in TABLE.items() if name not in WHOLE])
def test_inside_its_domain_an_operation_is_finite_and_kinks_are_rare(row):
    rng = seeded(row.name)
    points = [inside(row, rng) for _ in range(100)]
    assert all(is_finite(row, point) for point in points)
    assert sum(abs(row.kink(*point)) < 1e-3 for point in points) < 10


def at_all(row):
    """Points that are kinks of some operation: zeros, ties, whole and half numbers, and poles of tan."""
    numbers = [-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, math.pi / 2, -math.pi / 2, 0.3, -0.7]
    points = itertools.product(numbers if len(row.domain) < 3 else numbers[2:7], repeat=len(row.domain))
    return [p for p in points if all(low < x < high for x, (low, high) in zip(p, row.domain))]


def is_kink(row, point, i):
    """Whether a function jumps or bends here, in the direction of its i-th argument."""

    def at(step):
        return row.function(*(x + step if k == i else x for k, x in enumerate(point)))

    before, here, after = at(-STEP), at(0.0), at(STEP)
    if not all(map(math.isfinite, (before, here, after))):
        return True
    return abs(after - before) > 1e-3 * (1.0 + abs(here)) or abs(after - 2.0 * here + before) > 0.3 * STEP * (
        1.0 + abs(here)
    )


@pytest.mark.parametrize("row", [row for name, row in TABLE.items() if name not in WHOLE | {"round_digits"}])
def test_an_operation_bends_and_jumps_only_at_its_kinks(row):
    for point in at_all(row):
        for i in range(len(point)):
            if is_kink(row, point, i):
                assert not abs(row.kink(*point)) > 1e-9, point  # nan at b = 0 of a remainder


@pytest.mark.parametrize("row", [row for name, row in TABLE.items() if row.kinks != "1" and name != "add_fraction"])
def test_each_operation_with_kinks_has_some(row):
    points = at_all(row)
    assert any(is_kink(row, point, i) for point in points for i in range(len(point)))
