"""Every operation, every argument, orders 1 and 2: the derivative equals a difference quotient."""

import itertools
import math

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from autograd import TABLE, Operation, Value
from tests.effort import scaled
from tests.oracle import ORDERED
from tests.ridders import ridders
from tests.rows import with_formulas

pytestmark = pytest.mark.no_cover

STEP = 0.05
SMOOTH = [row for row in TABLE.values() if any(row.formulas) and row.name != "stop_gradient"]
CHOSEN = {
    **{name: {0: (1.0, 2.0, 3.0)} for name in ORDERED},
    "shifted_power": {2: (0.0, 1.0, 2.0)},
    "power_derivative": {2: (0.0, 1.0, 2.0)},
    "falling_factorial": {1: (2.0, 3.0), 2: (0.0, 1.0)},
    "where": {0: (0.0, 1.0)},
}
"""Operations with arguments that are not differentiated: their possible values, by the number of the argument."""

WIDE = dict.fromkeys(("remainder", "fmod", "ieee_remainder"), 20.0)
"""Operations whose jumps would be too close together: their arguments are multiplied by this."""


def places(row: Operation):
    """The arguments that a gradient flows to."""
    return [i for i, formula in enumerate(row.formulas) if formula]


@st.composite
def points(draw: st.DrawFn, row: Operation) -> tuple[float, ...]:
    """Arguments some steps away from every kink and every end of the domain."""
    point = []
    chosen = CHOSEN.get(row.name, {})
    for i, (low, high) in enumerate(row.domain):
        smooth = st.floats(max(low + 6 * STEP, -5.0), min(high - 6 * STEP, 5.0))
        drawn = draw(st.sampled_from(chosen[i]) if i in chosen else smooth)
        point.append(drawn * WIDE.get(row.name, 1.0))
    if row.name != "where":
        assume(abs(row.kink(*point)) > 6 * STEP)
    return tuple(point)


def first(row: Operation, point: tuple[float, ...], i: int) -> float:
    inputs = [Value(x) for x in point]
    row(*inputs).backward()
    return inputs[i].grad


def second(row: Operation, point: tuple[float, ...], i: int, j: int) -> float:
    inputs = [Value(x) for x in point]
    slope = row.partials[i](row(*inputs), *inputs)
    if isinstance(slope, Value):
        slope.backward()
    return inputs[j].grad


def moved(point: tuple[float, ...], i: int, x: float) -> tuple[float, ...]:
    return (*point[:i], x, *point[i + 1 :])


def check_first(row: Operation, point: tuple[float, ...]) -> None:
    for i in places(row):
        want, error = ridders(lambda x, i=i: row.function(*moved(point, i, x)), point[i], STEP)
        got = first(row, point, i)
        assert abs(got - want) <= 4.0 * error + 1e-11 * (1e-3 + abs(want) + abs(row.function(*point))), (
            i,
            got,
            want,
            error,
        )


def check_second(row: Operation, point: tuple[float, ...]) -> None:
    for i, j in itertools.product(places(row), repeat=2):
        want, error = ridders(lambda x, i=i, j=j: first(row, moved(point, j, x), i), point[j], STEP)
        got = second(row, point, i, j)
        size = 1e-3 + abs(want) + abs(first(row, point, i))
        assert abs(got - want) <= 4.0 * error + 1e-11 * size, (i, j, got, want, error)


@pytest.mark.parametrize("row", SMOOTH, ids=lambda row: row.name)
@given(data=st.data())
def test_first_derivative_is_the_limit_of_difference_quotients(row, data):
    check_first(row, data.draw(points(row)))


@pytest.mark.parametrize("row", SMOOTH, ids=lambda row: row.name)
@given(data=st.data())
def test_second_derivative_is_the_limit_of_difference_quotients(row, data):
    check_second(row, data.draw(points(row)))


def mutant(row: Operation, i: int, mutation: str) -> Operation:
    """The operation with its i-th partial changed by the mutation."""
    changed = mutation.format(row.formulas[i])
    return with_formulas(row, (*row.formulas[:i], changed, *row.formulas[i + 1 :]))


def each_partial(*mutations: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        ("row", "i", "mutation"),
        [pytest.param(row, i, m, id=f"{row.name}-{i}-{m}") for row in SMOOTH for i in places(row) for m in mutations],
    )


# partials such as that of fmod by the second operand are 0 at most points, which are left out
OFTEN_ZERO = settings(
    max_examples=scaled(20), suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)


def check_that_it_is_caught(row: Operation, i: int, mutation: str, data: st.DataObject) -> None:
    point = data.draw(points(row))
    assume(abs(first(row, point, i)) > 1e-3)
    check_first(mutant(row, i, "1.0*({})"), point)
    with pytest.raises(AssertionError):
        check_first(mutant(row, i, mutation), point)


@each_partial("1.001*({})")
@OFTEN_ZERO
@given(data=st.data())
def test_a_partial_that_is_a_thousandth_off_is_caught(row, i, mutation, data):
    check_that_it_is_caught(row, i, mutation, data)


@pytest.mark.campaign
@each_partial("-({})", "0.0*({})")
@OFTEN_ZERO
@given(data=st.data())
def test_a_partial_that_is_negated_or_zero_is_caught(row, i, mutation, data):
    check_that_it_is_caught(row, i, mutation, data)


def test_the_error_estimate_of_ridders_covers_its_error_where_the_third_derivative_is_zero():
    for x in (math.sqrt(1.5), 1.225238269946364, -math.sqrt(1.5) + 1e-4):
        want = -2.0 * x * math.exp(-x * x)
        got, error = ridders(lambda x: math.exp(-x * x), x, STEP)
        assert abs(got - want) <= 4.0 * error + 1e-14


def test_the_error_estimate_of_ridders_covers_its_error():
    for x in (-3.0, -0.5, 0.1, 1.0, 4.0):
        for f, derivative in ((math.sin, math.cos), (math.exp, math.exp), (math.atan, lambda x: 1 / (1 + x * x))):
            got, error = ridders(f, x, STEP)
            assert abs(got - derivative(x)) <= 4.0 * error + 1e-14 * abs(derivative(x))
            assert error < 1e-9 * math.exp(abs(x))
