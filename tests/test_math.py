"""`from autograd import math`: every name of Python's math, for floats and Values alike."""

import math as python
import subprocess
import sys

import numpy as np
import pytest
from mpmath import mp

from autograd import Value, compile, grad, math

# a point of each function of numbers, and the same function of mpmath
POINTS = {
    "acos": (0.3,), "acosh": (1.7,), "asin": (0.3,), "asinh": (0.3,), "atan": (0.3,), "atan2": (0.3, -1.2),
    "atanh": (0.3,), "cbrt": (2.7,), "copysign": (0.3, -1.2), "cos": (0.3,), "cosh": (0.3,), "degrees": (0.3,),
    "erf": (0.3,), "erfc": (0.3,), "exp": (0.3,), "exp2": (0.3,), "expm1": (0.3,), "fabs": (-0.3,), "fmod": (7.3, 2.1),
    "gamma": (3.7,), "hypot": (0.3, 1.2), "lgamma": (0.3,), "log": (0.3,), "log10": (0.3,), "log1p": (0.3,),
    "log2": (0.3,), "pow": (1.3, 2.7), "radians": (0.3,), "remainder": (7.3, 2.1), "sin": (0.3,), "sinh": (0.3,),
    "sqrt": (0.3,), "tan": (0.3,), "tanh": (0.3,), "ceil": (0.3,), "floor": (0.3,), "trunc": (-1.7,),
    "ldexp": (0.3, 5), "fma": (0.3, 1.2, 2.1),
}  # fmt: skip
EXACT = {
    "cbrt": mp.cbrt, "copysign": lambda a, b: abs(a) * mp.sign(b), "degrees": mp.degrees, "radians": mp.radians,
    "exp2": lambda a: mp.mpf(2) ** a, "fabs": abs, "fmod": lambda a, b: a - 3 * b, "remainder": lambda a, b: a - 3 * b,
    "lgamma": mp.loggamma, "log2": lambda a: mp.log(a, 2), "pow": mp.power, "trunc": lambda a: mp.mpf(int(a)),
    "ldexp": lambda a, i: a * mp.mpf(2) ** i, "fma": lambda a, b, c: a * b + c,
}  # fmt: skip


def formula(name):
    return EXACT.get(name) or getattr(mp, name)


def test_it_has_every_name_of_pythons_math():
    names = {name for name in dir(python) if name[0] != "_"}
    assert names <= set(math.__all__) <= set(dir(math))
    for name in names:
        item = getattr(math, name)
        assert not callable(item) or "Of Values: " in item.__doc__, name
    assert (math.pi, math.e, math.tau, math.inf) == (python.pi, python.e, python.tau, python.inf)


@pytest.mark.parametrize("name", [name for name in POINTS if hasattr(python, name)])
def test_a_plain_number_gives_pythons_own_result(name):
    got, want = getattr(math, name)(*POINTS[name]), getattr(python, name)(*POINTS[name])
    assert got == want
    assert type(got) is type(want)


@pytest.mark.parametrize("name", POINTS)
def test_a_value_gives_a_value_and_the_derivative_by_each_argument(name):
    point = POINTS[name]
    inputs = [x if isinstance(x, int) else Value(x) for x in point]
    y = getattr(math, name)(*inputs)
    y.backward()
    with mp.workdps(40):
        assert y.data == pytest.approx(float(formula(name)(*point)), rel=1e-14)
        for i, x in enumerate(inputs):
            if isinstance(x, Value):
                slope = mp.diff(formula(name), point, tuple(int(i == k) for k in range(len(point))))
                assert x.grad == pytest.approx(float(slope), rel=1e-13, abs=1e-25)


def test_a_logarithm_takes_a_base():
    assert math.log(8, 2) == python.log(8, 2)
    assert grad(lambda x: math.log(x, 2))(0.3) == pytest.approx(1 / (0.3 * python.log(2)), rel=1e-15)
    assert grad(lambda b: math.log(8, b))(2.0) == pytest.approx(-3 / (2 * python.log(2)), rel=1e-15)


def test_sums_and_products_of_many_take_generators_too():
    xs = [Value(x) for x in (1.0, 2.0, 4.0)]
    assert math.fsum(x for x in xs).data == 7.0
    assert math.fsum([0.1] * 10) == 1.0
    assert grad(lambda x: math.fsum(a for a in (x, x, 1.0)))(2.0) == 2.0
    assert grad(lambda x: math.prod(a for a in (x, x, 3.0)))(2.0) == 12.0
    assert math.prod([xs[0]], start=5).data == 5.0
    assert math.prod([2, 3]) == 6
    assert grad(lambda x: math.sumprod([x, 2.0], [3.0, x]))(2.0) == 5.0
    assert grad(lambda x: math.dist([x, 2.0], (3.0, 6.0)))(0.0) == -0.6
    assert math.dist([0, 0], [3, 4]) == 5.0
    assert grad(lambda x: math.hypot(x, 2.0, 1.0))(2.0) == pytest.approx(2 / 3, rel=1e-15)
    with pytest.raises(ValueError, match="one dimension"):
        math.dist([Value(1.0)], [1.0, 2.0])


@pytest.mark.parametrize("number", [0.0, -0.0, 2.75, -2.75, 5e-324, -1e300, python.inf, -python.inf])
def test_the_parts_of_a_number_are_those_of_math(number):
    x = Value(number)
    for got, want in ((math.modf(x), python.modf(number)), (math.frexp(x), python.frexp(number))):
        assert [str(float(part)) for part in got] == [str(float(part)) for part in want]
    for i in (-2000, -1074, -1030, -5, 0, 7, 1030, 2000, 10**30):
        try:
            want = python.ldexp(number, i)
        except OverflowError:
            want = python.copysign(python.inf, number)
        assert str(math.ldexp(x, i).data) == str(want)
    assert float(math.nextafter(x, 1.0)) == python.nextafter(number, 1.0)
    assert math.ulp(x) == python.ulp(number)


def test_the_parts_of_a_number_have_derivatives():
    assert grad(lambda x: math.modf(x)[0] * x)(2.75) == 2.75 + 0.75
    assert grad(lambda x: math.modf(x)[1] * x)(2.75) == 2.0
    assert grad(lambda x: math.frexp(x)[0])(6.0) == 0.125
    assert grad(lambda x: math.nextafter(x, 9.0) * 2)(6.0) == 2.0


def test_questions_give_bools():
    for number in (0.0, 1.5, python.inf, -python.inf, python.nan):
        for name in ("isnan", "isinf", "isfinite"):
            assert getattr(math, name)(Value(number)) is getattr(python, name)(number)
        for other in (1.5 + 1e-12, python.inf, 0.0):
            assert math.isclose(Value(number), other) is python.isclose(number, other)
            assert math.isclose(number, Value(other), abs_tol=2.0) is python.isclose(number, other, abs_tol=2.0)
    with pytest.raises(ValueError, match="not negative"):
        math.isclose(Value(1.0), 1.0, rel_tol=-1.0)


def test_whole_numbers_are_refused_as_values_with_a_remedy():
    assert (math.comb(5, 2), math.factorial(5), math.gcd(12, 18), math.isqrt(17), math.perm(5, 2)) == (
        10,
        120,
        6,
        4,
        20,
    )
    for name in ("comb", "factorial", "gcd", "isqrt", "lcm", "perm"):
        with pytest.raises(TypeError, match=rf"math\.{name}\(\) takes whole numbers.* got a Value; write int\(x\)"):
            getattr(math, name)(Value(5.0))


def test_values_follow_ieee_and_plain_numbers_raise_as_in_python():
    assert python.isnan(math.sqrt(Value(-1.0)).data)
    assert (math.exp(Value(1000.0)).data, math.log(Value(0.0)).data) == (python.inf, -python.inf)
    for attempt in (lambda: math.sqrt(-1.0), lambda: math.log(0.0), lambda: math.fmod(1.0, 0.0)):
        with pytest.raises(ValueError, match=r"math domain error|expected a"):
            attempt()
    with pytest.raises(OverflowError):
        math.exp(1000.0)


def test_arrays_are_taken_element_by_element():
    x = np.array([0.25, 0.5])
    assert [y.data for y in math.asin(Value(1.0) * x)] == [python.asin(0.25), python.asin(0.5)]
    assert math.asin(x).tolist() == [python.asin(0.25), python.asin(0.5)]
    assert list(math.isfinite(Value(1.0) * x)) == [True, True]


def test_a_formula_compiles():
    def f(x):
        return math.gamma(x) + math.degrees(math.atan2(x, 2)) + math.fmod(x, 2) + (1.0 if math.isfinite(x) else 0.0)

    program, exact = compile(f), compile(f, exact=True)
    for x in (0.7, 3.6, 7.0, 160.5):
        assert exact(x) == f(Value(x)).data
        assert program(x) == pytest.approx(f(x), rel=1e-14)
        assert program.grad(x) == pytest.approx(grad(f)(x), rel=1e-14)
    with pytest.raises(TypeError, match="compiled function"):
        compile(lambda x: math.frexp(x)[0])(2.0)


def test_the_package_does_not_import_it():
    code = "import sys, autograd; assert 'autograd.math' not in sys.modules; from autograd import math; math.sin"
    subprocess.run([sys.executable, "-c", code], check=True)
