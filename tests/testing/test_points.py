"""points_for(): points in ranges, nested like the arguments, at which nothing is at a kink or a pole."""

import math
from collections import namedtuple

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

import autograd as ag
from autograd.testing import InconclusiveError, check_gradients, expressions, points_for
from tests.effort import examples

SEARCH = settings(database=None, max_examples=200)
Option = namedtuple("Option", "spot strike")


def simplest(f, *ranges, **named):
    return find(points_for(f, *ranges, **named), lambda _: True, settings=SEARCH)


# --------------------------------------------------------------------------- ranges


def test_arguments_without_ranges_are_from_minus_10_to_10():
    x, y = simplest(lambda x, y: ag.log(x) / y)
    assert 0 < x <= 10
    assert y != 0
    assert len(simplest(lambda x, y=2.0, *, k=1.0: x * y * k)) == 1
    for uncountable in (lambda *x: x[0], max, lambda *, k: k):
        with pytest.raises(TypeError, match="name each one"):
            points_for(uncountable)


@examples(100)
@given(points_for(lambda spot, volatility, rate: spot * volatility * rate, (50, 150), rate=(-0.01, 0.1)))
def test_numbers_are_within_their_ranges(point):
    spot, volatility, rate = point
    assert 50 <= spot <= 150
    assert -10 <= volatility <= 10
    assert -0.01 <= rate <= 0.1
    assert all(math.ldexp(x, 40).is_integer() for x in point)


def test_both_ends_of_a_range_belong_to_it():
    assert simplest(lambda x: x + 1.0, (0, 1)) == (0.0,)
    assert find(points_for(lambda x: x + 1.0, (0, 1)), lambda p: p[0] >= 1, settings=SEARCH) == (1.0,)
    assert simplest(lambda x: x + 1.0, (3, 3)) == (3.0,)
    assert 1e-9 <= simplest(ag.log, (1e-9, 2e-9))[0] <= 2e-9
    assert simplest(lambda x: x / 2, (-1.7e308, 1.7e308)) == (0.0,)


@pytest.mark.parametrize(
    "ranges",
    [
        [(0, 1), (2, 3)],
        ((0, 1), (2, 3)),
        {"a": (0, 1), "b": [(2, 3), {"c": (4, 5)}]},
        Option((90, 110), (100, 100)),
        [([(-1, 1), (-1, 1)], (0, 1)), ([(-1, 1)], (0, 1))],
    ],
)
def test_an_argument_is_nested_like_its_ranges(ranges):
    def low(x):
        if type(x) is tuple and isinstance(x[0], int):
            return float(max(x[0], 0))
        if isinstance(x, dict):
            return {key: low(child) for key, child in x.items()}
        return type(x)(*map(low, x)) if hasattr(x, "_fields") else type(x)(map(low, x))

    (found,) = simplest(lambda p: ag.Value(1.0) if p else None, ranges)
    assert found == low(ranges)
    assert type(found) is type(ranges)


def test_an_array_of_ranges_gives_an_array():
    (found,) = simplest(lambda a: (a * a).sum(), np.full((3, 2, 2), (0.5, 2.0)))
    assert (found.shape, found.dtype) == ((3, 2), float)
    assert (found == 0.5).all()


def test_named_ranges_may_follow_others():
    assert simplest(lambda x, k=2.0: x * k, k=(1, 2)) == (0.0, 1.0)
    assert simplest(lambda x, k=2.0: x * k, (3, 4)) == (3.0,)
    assert simplest(ag.hypot, (1, 2)) == (1.0, 0.0)
    f = find(expressions(), lambda f: f.n_inputs == 1, settings=SEARCH)
    assert -1 <= simplest(f, (-1, 1))[0] <= 1


@pytest.mark.parametrize(
    ("ranges", "named", "error", "sentence"),
    [
        (((2, 1),), {}, ValueError, r"from a number to a larger one, both finite, got \(2, 1\)"),
        (((0, math.inf),), {}, ValueError, "both finite"),
        (((0, math.nan),), {}, ValueError, "both finite"),
        (("01",), {}, TypeError, "takes ranges, and lists"),
        (((1, 2, 3),), {}, TypeError, "takes ranges, .* got int"),
        ((), {"z": (0, 1)}, TypeError, "got z="),
        (((0, 1),), {"x": (0, 1)}, TypeError, "got x="),
        ((), {"b": (0, 1)}, TypeError, "before b, which have defaults"),
        (((0, 1),) * 4, {}, TypeError, "one range for each argument, got 4 for 3"),
    ],
)
def test_what_is_no_range_is_refused(ranges, named, error, sentence):
    with pytest.raises(error, match=sentence):
        points_for(lambda x, a=1.0, b=2.0: x * a * b, *ranges, **named)


# --------------------------------------------------------------------------- kinks


def clipped(x):
    return x * x if x > 0 else 0.0 * x


@pytest.mark.parametrize(
    "f",
    [
        lambda x: ag.relu(x) * x,
        abs,
        clipped,
        lambda x: max(x, 0.0) * x,
        lambda x: ag.where(x > 0, x, -2.0 * x),
        ag.sqrt,
        lambda x: ag.log(abs(x)),
        lambda x: 1 / x,
        lambda x: ag.floor(x) + x,
    ],
)
def test_points_do_not_shrink_to_a_kink_or_pole_at_0(f):
    (x,) = simplest(f)
    assert x == 1 / 1024


def test_points_do_not_shrink_to_ties():
    x, y = simplest(lambda x, y: ag.maximum(x, y) + ag.minimum(2 * x, 1.0))
    assert x != y
    assert 2 * x != 1


def test_where_and_constants_are_at_no_kink():
    assert simplest(lambda x: ag.where(x > 1.0, x, 2.0 * x) + ag.relu(ag.Value(0.0))) == (0.0,)
    assert simplest(lambda x: x**2) == (0.0,)


@pytest.mark.parametrize("error", [ValueError, ZeroDivisionError, NotImplementedError])
def test_points_where_the_function_raises_are_left_out(error):
    def f(x):
        if x < 2:
            raise error
        return x * x

    assert simplest(f)[0] > 2


@examples(50)
@given(points_for(lambda x, y: ag.relu(x * y - 1.0) * clipped(x), (-3, 3), (-3, 3)))
def test_a_property_test_of_a_function_with_kinks_passes(point):
    check_gradients(lambda x, y: ag.relu(x * y - 1.0) * clipped(x), *point, order=2)


def test_in_a_property_test_what_cannot_be_told_counts_as_an_assumption():
    tried = []

    @settings(database=None)
    @given(st.integers(-3, 3))
    def kinked(x):
        tried.append(x)
        check_gradients(ag.relu, float(x))

    kinked()
    assert 0 in tried

    @settings(database=None)
    @given(st.just(0.0))
    def only_kinks(x):
        check_gradients(ag.relu, x)

    with pytest.raises(Unsatisfiable):
        only_kinks()

    @settings(database=None)
    @given(st.just(0.0))
    def caught(x):
        with pytest.raises(InconclusiveError, match="a kink"):
            check_gradients(ag.relu, x)

    caught()
