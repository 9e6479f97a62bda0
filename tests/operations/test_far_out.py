"""Moderate functions of huge or tiny numbers, such as log(1 + exp(x)) at 400: no factor of a derivative is lost."""

import ctypes
import math
import subprocess
from functools import cache

import pytest
from mpmath import mp, mpf

import autograd as ag
from autograd import TABLE, Value, compile, grad, gradients, hessian, hvp, jvp
from autograd.engine import topological_order

pytestmark = pytest.mark.no_cover

FUNCTIONS = {
    # a function that takes the functions of autograd or those of mpmath, and where to differentiate it
    "log(exp(x))": (lambda m, x: m.log(m.exp(x)), [-700, -400, 400, 700]),
    "log(1 + exp(x))": (lambda m, x: m.log(1 + m.exp(x)), [200, 400, 700]),
    "log1p(exp(x))": (lambda m, x: m.log1p(m.exp(x)), [200, 400, 700]),
    "log10 of a sum": (lambda m, x: m.log10(m.exp(x) + m.exp(x * x / 500)), [490, 500.5]),
    "log of a mixture": (lambda m, x: m.log(m.exp(-((x - 30) ** 2) / 2) + m.exp(-((x + 31) ** 2) / 2)), [-0.75, 0]),
    "softmax": (lambda m, x: m.exp(x) / (m.exp(x) + m.exp(x + m.sin(x))), [-690, -400, 400, 690]),
    "log of a softmax": (lambda m, x: m.log(m.exp(x) / (m.exp(x) + m.exp(x + m.sin(x)))), [-690, -400, 400, 690]),
    "quotient of sums": (lambda m, x: (m.exp(x) + 3 * m.exp(x * x / 500)) / (m.exp(x) + m.exp(x / 2)), [500.5, 590]),
    "log of a product": (lambda m, x: m.log(x * math.prod([1e3] * 99)), [1e3, 1e6]),
    "sqrt(x * x + 1)": (lambda m, x: m.sqrt(x * x + 1), [1e100, 1e150]),
    "exp(log(x) / 99)": (lambda m, x: m.exp(m.log(x) / 99), [1e100, 1e-100]),
    "arcsinh(exp(x))": (lambda m, x: (m.asinh if m is mp else m.arcsinh)(m.exp(x)), [300, 400, 700]),
    "arccosh(exp(x))": (lambda m, x: (m.acosh if m is mp else m.arccosh)(m.exp(x)), [300, 400, 700]),
}


def forward(f):
    return lambda x: jvp(f, (x,), (1.0,))[1]


@cache
def exact(name, x, order):
    """The derivatives of f(x * u) or, for an x that is neither huge nor tiny, of f(x + u), and the unit of u."""
    unit = mpf(x) if not 1e-3 < abs(x) < 1e3 and x else mpf(1)
    with mp.workdps(400):
        found = mp.taylor(lambda u: FUNCTIONS[name][0](mp, x + unit * u), 0, order)
        return [mp.re(c) * mp.factorial(k) for k, c in enumerate(found)], unit


def check(name, differentiate, order):
    """Check the derivative of this order. Its terms may cancel, so the error is relative to the largest derivative."""
    f, places = FUNCTIONS[name]
    for x in map(float, places):
        want, unit = exact(name, x, order)
        got = float(differentiate(lambda x: f(ag, x), x))
        assert abs(got * unit**order - want[order]) <= 1e-11 * max(map(abs, want[1:])), (x, got, float(want[order]))


@pytest.mark.parametrize("modes", [(grad, grad), (forward, forward), (grad, forward), (forward, grad)])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_second_derivatives_in_every_mode(name, modes):
    first, second = modes
    check(name, lambda f, x: first(f)(x), 1)
    check(name, lambda f, x: second(first(f))(x), 2)


@pytest.mark.parametrize("kept", [{}, {"exact": True}])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_second_derivatives_of_programs(name, kept):
    check(name, lambda f, x: compile(grad(grad(f)), **kept)(x), 2)
    check(name, lambda f, x: compile(grad(f), **kept).grad(x), 2)
    check(name, lambda f, x: grad(grad(compile(f, **kept)))(x), 2)
    check(name, lambda f, x: compile(grad(grad(f)), **kept).map([x, x])[1], 2)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_second_derivatives_of_exported_code(name, compiler, tmp_path):
    f, places = FUNCTIONS[name]
    program = compile(grad(grad(lambda x: f(ag, x))))
    program(float(places[0]))
    names = {}
    exec(program.to_python("f"), names)
    check(name, lambda _, x: names["f"]([x])[0], 2)
    (tmp_path / "code.c").write_text(program.to_c("f"), encoding="utf-8")
    command = [compiler, "-O1", "-ffp-contract=off", "-shared", "-fPIC", "code.c", "-o", "code.so", "-lm"]
    subprocess.run(command, cwd=tmp_path, check=True)
    function, out = ctypes.CDLL(str(tmp_path / "code.so")).f, (ctypes.c_double * 1)()

    def in_c(_, x):
        assert function((ctypes.c_double * 1)(x), (ctypes.c_double * 1)(), out) == 0
        return out[0]

    check(name, in_c, 2)


@pytest.mark.parametrize("name", ["log(1 + exp(x))", "log1p(exp(x))", "softmax", "log of a softmax"])
def test_third_and_fourth_derivatives(name):
    for order in (3, 4):

        def differentiate(f, x, order=order):
            leaf = Value(x)
            y = f(leaf)
            for _ in range(order):
                [y] = gradients(y, [leaf])
            return y

        check(name, differentiate, order)


@pytest.mark.parametrize("offset", [-700.0, -400.0, -360.0, 0.0, 370.0, 400.0, 700.0])
def test_the_hessian_of_a_logarithm_of_exponentials_is_that_of_the_gap(offset):
    def f(x):
        return ag.log(ag.exp(x[0]) + ag.exp(x[1]))

    p = 1 / (1 + math.exp(-1.0))
    want = [
        pytest.approx([p * (1 - p), -p * (1 - p)], rel=1e-12),
        pytest.approx([-p * (1 - p), p * (1 - p)], rel=1e-12),
    ]
    at = [offset, offset - 1.0]
    assert hessian(f)(at) == compile(hessian(f))(at) == want
    assert hvp(f, (at,), ([1.0, 0.0],)) == want[0]


# --------------------------------------------------------------------------- how


def test_a_quotient_by_the_exponential_of_a_logarithm_is_the_quotient():
    for c in (3e200, -3e200, 5e-324, 0.0, -0.0, math.inf, 7.0):
        for b in (1.0, -2.5, 1e-300):
            assert ag.divide_by_exp(ag.log_magnitude(c), b, c) == ag.divide(b, c)
    assert math.isnan(ag.divide_by_exp(0.5, 1.0, -math.nan))
    assert ag.divide_by_exp(math.log(4.0) + 1e-3, 8.0, -4.0) == pytest.approx(-2.0 * math.exp(-1e-3), rel=1e-15)


@pytest.mark.parametrize("name", ["divide", "log", "sqrt", "arctan", "fraction"])
def test_a_derivative_has_the_bits_that_the_node_recorded(name):
    row = TABLE[name]
    for point in [(0.7, 3.0), (0.3, 1e-200), (1e200, 1e-300), (5e-324, 1.7e308)]:
        inputs = [Value(x) for x in point[: len(row.formulas)]]
        y = row(*inputs)
        assert [g.data for g in gradients(y, inputs)] == list(y.partials)


def test_a_program_has_the_quotient_alone():
    program = compile(grad(lambda x: ag.log(x) / (x + 2.0)))
    assert program(3.0) == pytest.approx((5 / 3 - math.log(3)) / 25, rel=1e-14)
    code = program.to_python("f").partition("def _f_0(")[2]
    assert "log(" in code
    assert "log_magnitude" not in code
    assert "divide_by_exp" not in code


def test_a_first_derivative_computes_no_logarithm():
    x = Value(3.0)
    assert [node.op for node in topological_order(1 / x)] == [None, "divide"]
    assert grad(lambda x: 1 / x)(3.0) == -(1 / 3) / 3
