"""%, //, divmod, round and trunc of a Value have the bits of Python's floats, and the stated derivatives."""

import itertools
import math
import random

import numpy as np
import pytest

import autograd
from autograd import Value, compile, copysign, fmod, grad, ieee_remainder, round_digits
from tests.effort import scaled

SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.1, -0.3, 2.5, -7.0, 1e300, -5e-324, math.inf, -math.inf, math.nan, 2.0**53 + 2]


def pairs():
    rng = random.Random(0)
    drawn = [tuple(rng.choice((-1, 1)) * 10 ** rng.uniform(-30, 30) for _ in range(2)) for _ in range(scaled(300))]
    whole = [(rng.randrange(-50, 50) / 4, rng.randrange(-9, 9) / 4) for _ in range(scaled(300))]
    return [*itertools.product(SPECIAL, SPECIAL), *drawn, *whole]


def same(a, b):
    return (a == b and math.copysign(1.0, a) == math.copysign(1.0, b)) or (math.isnan(a) and math.isnan(b))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_remainder_and_floor_are_those_of_floats_from_either_side():
    for a, b in pairs():
        if b == 0.0:  # Python raises an error
            remainder, quotient = math.nan, autograd.divide(a, b)
        else:
            remainder, quotient = a % b, a // b
        for x, y in ((Value(a), Value(b)), (Value(a), b), (a, Value(b)), (np.float64(a), Value(b))):
            assert same((x % y).data, remainder), (a, b)
            assert same((x // y).data, quotient), (a, b)
            assert [same(z.data, w) for z, w in zip(divmod(x, y), (quotient, remainder))] == [True, True]


def test_remainders_of_c_are_those_of_math():
    for f, g in ((fmod, math.fmod), (ieee_remainder, math.remainder), (copysign, math.copysign)):
        for a, b in pairs():
            try:
                want = g(a, b)
            except ValueError:
                want = math.nan
            if f is copysign and math.isnan(b):
                want = math.nan  # the sign of a nan is not the same on every machine
            assert same(f(Value(a), b).data, want), (f, a, b)
            assert same(f(a, b), want), (f, a, b)


@pytest.mark.parametrize("digits", [*range(-25, 26), 100, 300, 322, 323, 324, 400, -40, -300, -307, -308, -309, -400])
def test_round_to_digits_is_that_of_floats(digits):
    rng = random.Random(digits)
    drawn = [rng.choice((-1, 1)) * 10 ** rng.uniform(-8, 24) for _ in range(scaled(200))]
    near = (
        [x * 10.0**-digits for x in (0.5, 1.5, 2.5, 0.49999999999999994, 5.0, 9.5, 95.0)] if abs(digits) < 300 else []
    )
    for a in [
        *SPECIAL,
        *drawn,
        *near,
        2.675,
        1.005,
        149.5,
        250.0,
        350.0,
        1.7976931348623157e308,
        9e307,
        4.99e307,
        5e307,
    ]:
        try:
            want = round(a, digits)
        except OverflowError:
            want = math.copysign(math.inf, a)
        assert same(round(Value(a), digits).data, want), a
        assert same(round_digits(a, float(digits)), want), a


def test_round_and_trunc_give_the_whole_number_next_to_a_value():
    for a in (0.5, 1.5, 2.5, -0.5, -1.5, 2.6, -2.6, 1e300):
        assert round(Value(a)).data == round(a)
        assert math.trunc(Value(a)).data == math.trunc(a)
    assert math.copysign(1.0, round(Value(-0.4)).data) == -1.0
    assert round(Value(math.inf)).data == math.trunc(Value(math.inf)).data == math.inf
    with pytest.raises(TypeError):
        round(Value(1.0), 1.5)


@pytest.mark.parametrize(("a", "b"), [(5.5, 2.0), (-5.5, 2.0), (5.5, -2.0), (-5.5, -2.0), (0.3, 7.0), (6.0, 2.0)])
def test_the_derivatives_of_a_remainder(a, b):
    assert grad(lambda a, b: a % b, (0, 1))(a, b) == (1.0, -math.floor(a / b))
    assert grad(fmod, (0, 1))(a, b) == (1.0, -math.trunc(a / b))
    assert grad(ieee_remainder, (0, 1))(a, b) == (1.0, -round(a / b))
    assert grad(lambda a, b: a * (a // b), (0, 1))(a, b) == (a // b, 0.0)
    assert grad(lambda a: a * round(a, 1))(a) == round(a, 1)
    assert grad(copysign)(a, b) == math.copysign(1.0, a) * math.copysign(1.0, b)


def test_no_derivative_of_a_remainder_rounds_the_quotient_up():
    assert 1.0 / 0.1 == 10.0
    assert grad(lambda b: 1.0 % b)(0.1) == -9.0  # 0.1 is a little more than a tenth


@pytest.mark.parametrize("exact", [False, True])
def test_programs_and_exports_compute_remainders(exact):
    def f(a, b):
        return [a % b, a // b, round(a), round(a, 2), round(a, -1), math.trunc(a), fmod(a, b), copysign(a, b)]

    program = compile(f, exact=exact)
    points = [(a, b) for a, b in pairs() if math.isfinite(a) and math.isfinite(b) and b]
    names = {}
    exec(program.to_python("exported") if program(1.0, 1.0) else "", names)
    for point, row in zip(points, program.map(*np.transpose(points)).tolist()):
        want = [y.data for y in f(*map(Value, point))]
        for got in (program(*point), row, names["exported"](point)):
            assert all(map(same, got, want)), point
    assert '"%.*f"' in program.to_c("exported")
    assert "#include <stdio.h>" in program.to_c("exported")


def test_a_value_has_the_parts_of_a_real_number():
    x = Value(2.0)
    assert x.real is x
    assert x.imag == 0.0
    assert x.fabs().op == "absolute"


def test_numpy_finds_the_methods():
    array = np.array([Value(5.5), Value(-5.5)])
    for f in (np.rint, np.trunc, np.fabs, np.floor, np.ceil, np.round, np.square, np.real, np.conjugate, np.positive):
        assert [y.data for y in f(array)] == list(f(np.array([5.5, -5.5])))
    for f in (np.mod, np.fmod, np.floor_divide, np.remainder):
        assert [y.data for y in f(array, 2.0)] == list(f(np.array([5.5, -5.5]), 2.0))
    assert [y.data for y in np.round(np.array([Value(1.26)]), 1)] == [1.3]
    angles = np.unwrap(np.array([Value(3.0), Value(-3.0)]))
    assert [float(y) for y in angles] == list(np.unwrap([3.0, -3.0]))
    quotients, remainders = divmod(Value(5.5), np.array([2.0, -2.0]))
    assert [y.data for y in (*quotients, *remainders)] == [2.0, -3.0, 1.5, -0.5]
