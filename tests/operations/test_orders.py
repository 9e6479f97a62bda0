"""Derivatives of orders 1 to 6 exist wherever a function is smooth, also where a number on the way is 0 or infinite."""

import itertools
import math
from collections.abc import Callable, Sequence

import pytest
from mpmath import mp, mpf

import autograd as ag
from autograd import TABLE, Operation, Value, compile, grad, gradients, hessian, jvp
from tests import oracle
from tests.effort import scaled, seeded

pytestmark = pytest.mark.no_cover

Function = Callable[[Sequence], object]

# --------------------------------------------------------------------------- what is exact


def series(f: Callable[[mpf], mpf], x: float, order: int, digits: int) -> list[mpf]:
    """The derivatives of orders 0 to this one, from mpmath's Taylor coefficients."""
    with mp.workdps(digits):
        return [mp.re(c) * mp.factorial(k) for k, c in enumerate(mp.taylor(f, mpf(x), order))]


def bounds(want: Sequence[mpf], size: float) -> list[mpf]:
    """How far off derivatives of orders 1, 2, ... may be, from the exact ones, which go one order further.

    A derivative that crosses zero has the error of its neighbours. The orders from the first overflow on are left out.

    Args:
        size: the largest magnitude among the arguments.
    """
    found: list[mpf] = []
    sizes = list(map(abs, want))
    for n in range(1, len(want) - 1):
        if max(sizes[: n + 2]) > 1e290:
            break
        before, now, after = sizes[n - 1 : n + 2]
        lower = max(sizes[k] * math.perm(n, n - k) / mpf(max(size, 1.0)) ** (n - k) for k in range(1, n + 1))
        scale = max(now, mp.sqrt(before * after), size * after, 1e-3 * lower)
        found.append(1e-11 * scale + 1e-290)
    return found


def check(got: Sequence[float], want: Sequence[mpf], allowed: Sequence[mpf], what: object) -> None:
    """Compare derivatives of orders 1, 2, ... with exact ones."""
    for n, (y, error) in enumerate(zip(got, allowed), 1):
        assert abs(mpf(y) - want[n]) <= error, (what, n, y, float(want[n]))


# --------------------------------------------------------------------------- what is computed


def in_reverse(f: Callable, x: float, orders: int) -> list[float]:
    """The derivatives of orders 1, 2, ... by the chain rule on one graph."""
    leaf = Value(x)
    y, found = f(leaf), []
    for _ in range(orders):
        y = gradients(y, [leaf])[0] if isinstance(y, Value) else 0.0
        found.append(float(y))
    return found


def forward(f: Callable) -> Callable:
    return lambda x: jvp(f, (x,), (1.0,))[1]


def nested(f: Callable, x: float, orders: int, modes: Sequence[Callable]) -> list[float]:
    """The derivatives of orders 1, 2, ... by transforms of transforms, in turn."""
    found = []
    for mode in itertools.islice(itertools.cycle(modes), orders):
        f = mode(f)
        found.append(float(f(x)))
    return found


def lines(f: Function, exact: Function, point: Sequence[float], places: Sequence[int]):
    """Both functions of a vector as functions of one number: each argument alone, then all of them together."""
    for i in places:
        yield point[i], *((lambda t, g=g, i=i: g([*point[:i], t, *point[i + 1 :]])) for g in (f, exact))
    if len(places) > 1:
        slopes = [(1.0, -1.75, 0.625)[i % 3] * (i in places) for i in range(len(point))]
        yield 0.0, *((lambda t, g=g: g([x + t * v if v else x for x, v in zip(point, slopes)])) for g in (f, exact))


def sweep(
    f: Function, exact: Function, points: Sequence[Sequence[float]], order: int, places: Sequence[int] | None = None
) -> None:
    """Check all derivatives up to this order at these points; by these arguments, or by all."""
    for point in points:
        size = max(map(abs, point))
        is_tiny = min([abs(x) for x in point if x], default=1.0) < 1e-6
        digits = 400 if size > 1e6 else 200 if size >= 20.0 or is_tiny else 60
        for x, g, h in lines(f, exact, point, range(len(point)) if places is None else places):
            want = series(h, x, order + 1, digits)
            allowed = bounds(want, size)
            check(in_reverse(g, x, order), want, allowed, (point, "reverse"))
            check(nested(g, x, min(order, 4), [forward]), want, allowed, (point, "forward"))
            check(nested(g, x, min(order, 3), [grad, forward]), want, allowed, (point, "forward of reverse"))
            check(nested(g, x, min(order, 3), [forward, grad]), want, allowed, (point, "reverse of forward"))


# --------------------------------------------------------------------------- operations

FEW = [0.0, -0.0, 1.0, -2.0, 0.5]
MANY = [*FEW, -1.0, 2.0, -0.5, 3.0, 1e-3, -20.0, 20.0, 1e-10, 1e-100, 1e6, -1e20, 1e100, math.pi / 2, -math.pi]
GAMMA = ("gamma", "lgamma", "digamma", "polygamma")
FAR = {**dict.fromkeys(("exp", "expm1", "sinh", "cosh"), 700.0), **dict.fromkeys(GAMMA, 10.0)}
FAR |= dict.fromkeys(("tanh", "sech_squared", "sigmoid", "softplus", "erf", "erfc", "gaussian"), 20.0)
COUNTS = {"polygamma": {0: [1.0, 2.0]}, "shifted_power": {2: [0.0, 2.0]}, "power_derivative": {2: [0.0, 3.0]}}
COUNTS |= {"falling_factorial": {1: [0.0, 3.0], 2: [0.0, 1.0]}, "where": {0: [0.0, 2.0]}}
JUMPING = {"remainder", "fmod", "ieee_remainder"}  # linear between jumps that the steps of mpmath would cross
TAILS = {"sinc", "exprel", "log1prel", "erfcx", "normal_cdf", "log_normal_cdf"}  # test_tails.py has their orders
WITHOUT = {"stop_gradient", *JUMPING, *TAILS, *oracle.ORDERED}
DIFFERENTIABLE = [row for row in TABLE.values() if any(row.formulas) and row.name not in WITHOUT]


def points(row: Operation, numbers: Sequence[float]) -> list[tuple[float, ...]]:
    """Where the operation is smooth: combinations of these numbers."""
    counts, far = COUNTS.get(row.name, {}), FAR.get(row.name, math.inf)
    each = [counts.get(i, numbers) for i in range(len(row.formulas))]

    def is_smooth(point: tuple[float, ...]) -> bool:
        inside = all(low < x < high for i, (x, (low, high)) in enumerate(zip(point, row.domain)) if i not in counts)
        near = row.name not in GAMMA or point[-1] >= 1e-3
        return inside and near and abs(point[-1]) <= far and (row.name == "where" or row.kink(*point) != 0.0)

    return list(filter(is_smooth, itertools.product(*each)))


def sweep_operation(row: Operation, numbers: Sequence[float], order: int, count: int) -> None:
    places = [i for i, formula in enumerate(row.formulas) if formula is not None]
    chosen = points(row, numbers)
    some = seeded(row.name).sample(chosen, min(len(chosen), count))
    assert some
    sweep(lambda x: row(*x), lambda x: oracle.EXACT[row.name](*x), some, order, places)


@pytest.mark.parametrize("row", DIFFERENTIABLE, ids=lambda row: row.name)
def test_derivatives_of_an_operation_at_zeros_and_kinks_of_others(row):
    sweep_operation(row, FEW if len(row.formulas) > 1 else MANY, 3, scaled(40))


@pytest.mark.campaign
@pytest.mark.parametrize("row", DIFFERENTIABLE, ids=lambda row: row.name)
def test_derivatives_of_an_operation_to_order_6(row):
    sweep_operation(row, (MANY, [*FEW, 3.0, -20.0, 1e-3, 1e6, -1e10], FEW)[len(row.formulas) - 1], 6, scaled(200))


# --------------------------------------------------------------------------- functions


def length(x):
    return mp.sqrt(mp.fsum(c * c for c in x))


def shifted(x):
    return [x[0] - 1, *x[1:]]


def phi(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


AXES = [(0.0, 0.0, 2.0), (0.0, -1.1, 0.0), (3.0, 0.0, 0.0), (-0.0, 1e-3, 0.0), (0.0, 3.0, -4.0), (1.5, 1.5, -1.5)]
SCALES = [(0.0, 1e-100, 3.0), (1e100, 0.0, 2e100), (1e-60, 0.0, 1e-90)]
NUMBERS = [(x,) for x in (0.0, -0.0, 1.0, -2.0, 0.5, 20.0, -20.0)]
FUNCTIONS = {
    "norm": (ag.norm, length, [*AXES, *SCALES, (0.0, 2.0), (0.0, 0.0, 0.0, 1.0, 0.0)]),
    "norm**2": (lambda x: ag.norm(x) ** 2, lambda x: length(x) ** 2, [*AXES[:3], *AXES[4:]]),
    "length by dot": (lambda x: ag.sqrt(ag.dot(x, x)), length, AXES),
    "length by sum": (lambda x: ag.sqrt(ag.sum(c**2 for c in x)), length, AXES),
    "spring": (lambda x: (ag.norm(shifted(x)) - 0.75) ** 2, lambda x: (length(shifted(x)) - mpf(0.75)) ** 2, AXES),
    "mean": (ag.mean, lambda x: mp.fsum(x) / len(x), AXES),
    "dot": (lambda x: ag.dot(x, x), lambda x: mp.fsum(c * c for c in x), [*AXES, (0.0, 0.0, 0.0)]),
    "logsumexp": (ag.logsumexp, lambda x: mp.log(mp.fsum(map(mp.exp, x))), AXES),
    "softmax": (lambda x: ag.softmax(x)[1], lambda x: mp.exp(x[1]) / mp.fsum(map(mp.exp, x)), AXES),
    "silu": (lambda x: ag.silu(x[0]), lambda x: x[0] / (1 + mp.exp(-x[0])), NUMBERS),
    "gelu": (lambda x: ag.gelu(x[0]), lambda x: x[0] * phi(x[0]), NUMBERS),
    "leaky_relu": (lambda x: ag.leaky_relu(x[0]), lambda x: max(x[0], x[0] / 100), NUMBERS[2:]),
    "elu": (lambda x: ag.elu(x[0]), lambda x: x[0] if x[0] > 0 else mp.expm1(x[0]), NUMBERS[2:]),
    "clip": (lambda x: ag.clip(x[0], -1.5, 1.5), lambda x: min(max(x[0], -1.5), 1.5), NUMBERS),
    "x**2 * y**3": (*[lambda x: x[0] ** 2 * x[1] ** 3] * 2, [(0.0, 0.0), (0.0, 2.0), (-1.0, 0.0)]),
    "(x - y)**4": (*[lambda x: (x[0] - x[1]) ** 4] * 2, [(0.0, 0.0), (2.0, 2.0), (-3.0, 1.0)]),
    "log(1 + x**2)": (lambda x: ag.log(1 + x[0] ** 2), lambda x: mp.log(1 + x[0] ** 2), NUMBERS),
    "1/(1 + x**2)": (*[lambda x: 1 / (1 + x[0] ** 2)] * 2, NUMBERS),
    "exp(-x**2)": (lambda x: ag.exp(-(x[0] ** 2)), lambda x: mp.exp(-(x[0] ** 2)), NUMBERS),
    "hypot(x**2, y)": (lambda x: ag.hypot(x[0] ** 2, x[1]), lambda x: length([x[0] ** 2, x[1]]), [(0.0, 1.0)]),
    "arctan2(x, y)": (lambda x: ag.arctan2(*x), lambda x: mp.atan2(*x), [(0.0, 2.0), (3.0, 0.0), (-3.0, -0.0)]),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives_of_a_function_at_zeros_and_kinks_of_its_operations(name):
    f, exact, chosen = FUNCTIONS[name]
    sweep(f, exact, chosen, 3)


@pytest.mark.campaign
@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives_of_a_function_to_order_6(name):
    f, exact, chosen = FUNCTIONS[name]
    sweep(f, exact, chosen, 6 if len(chosen[0]) < 3 else 5)


# --------------------------------------------------------------------------- powers

ANYWHERE = [0.0, -0.0, 1.0, -1.0, -2.0, 0.75, 1e-200, -1e-200, 1e200]
POWERS = {
    "x**n": lambda x, n: x**n,
    "power(x, n)": lambda x, n: ag.power(x, float(n)),
    "x**Value(n)": lambda x, n: x ** Value(n),
    "x**(n + 0*x)": lambda x, n: x ** ag.stop_gradient(n + 0.0 * x),
}


@pytest.mark.parametrize("n", range(7))
@pytest.mark.parametrize("name", POWERS)
def test_every_derivative_of_a_whole_power_is_that_of_a_polynomial_at_any_base(name, n):
    for x in ANYWHERE:
        want = [float(math.perm(n, k)) * ag.power(x, float(n - k)) if k <= n else 0.0 for k in range(1, 9)]
        for got in (
            in_reverse(lambda t: POWERS[name](t, n), x, 8),
            nested(lambda t: POWERS[name](t, n), x, 4, [forward, grad]),
        ):
            assert got == pytest.approx(want[: len(got)], rel=1e-14, abs=0.0), x


@pytest.mark.parametrize("n", [-3.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 2.0 + 2.0**-30])
def test_mixed_derivatives_of_a_power_by_base_and_exponent(n):
    sweep(lambda x: x[0] ** x[1], lambda x: mp.power(*x), [(0.5, n), (1.0, n), (3.0, n)], 4)


def test_a_polynomial_has_its_coefficients_as_derivatives_at_zero():
    got = in_reverse(lambda x: 1 + 2 * x + 3 * x**2 + 4 * x**3 + 5 * x**4, 0.0, 7)
    assert got == [2.0, 6.0, 24.0, 120.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("x", [0.0, -0.0, -1.5, 1e-200])
@pytest.mark.parametrize("n", range(5))
def test_a_program_has_the_derivatives_of_a_whole_power(n, x):
    for order in range(1, 7):
        f = lambda x: x**n  # noqa: E731
        for _ in range(order):
            f = grad(f)
        assert compile(f)(x) == f(x) == ag.power_derivative(x, n, order)


# --------------------------------------------------------------------------- lengths


@pytest.mark.parametrize("axis", range(4))
@pytest.mark.parametrize("of", [hessian, lambda f: compile(hessian(f)), lambda f: compile(hessian(f), exact=True)])
def test_the_hessian_of_a_length_on_an_axis_curves_across_it(axis, of):
    point = [2.0 * (i == axis) for i in range(4)]
    assert of(ag.norm)(point) == [[0.5 * (i == k != axis) for k in range(4)] for i in range(4)]
    assert of(lambda x: 0.5 * ag.norm(x) ** 2)(point) == [[float(i == k) for k in range(4)] for i in range(4)]


@pytest.mark.parametrize("point", [[1e3, 1e-3, 0.0], [1e200, 0.0, 1e190], [0.0, 1e-200, 1e-210]])
def test_the_hessian_of_a_length_loses_no_digits(point):
    x = [mpf(c) for c in point]
    r = length(x)
    want = [[(r * r * (i == k) - x[i] * x[k]) / r**3 for k in range(3)] for i in range(3)]
    want[0][0], want[1][1] = (x[1] ** 2 + x[2] ** 2) / r**3, (x[0] ** 2 + x[2] ** 2) / r**3
    want[2][2] = (x[0] ** 2 + x[1] ** 2) / r**3
    for got, exact in zip(hessian(ag.norm)(point), want, strict=True):
        assert got == pytest.approx(list(map(float, exact)), rel=1e-14, abs=0.0)


def test_the_gradient_of_a_length_is_zero_at_the_origin_and_its_hessian_is_nan():
    for count in range(1, 5):
        assert grad(ag.norm)([0.0] * count) == [0.0] * count
    assert all(map(math.isnan, hessian(ag.norm)([0.0, 0.0, 0.0])[0]))
    assert hessian(lambda x: ag.dot(x, x))([0.0, 0.0]) == [[2.0, 0.0], [0.0, 2.0]]


@pytest.mark.parametrize("row", [TABLE[name] for name in ("gaussian", "erf", "erfc", "normal_pdf", "normal_cdf")])
def test_every_derivative_of_a_bell_curve_is_zero_far_out(row):
    for x in (1e160, -1e200, 1e300):
        assert [abs(y) for y in in_reverse(row, x, 6)] == [0.0] * 6


def test_a_length_neither_overflows_nor_underflows():
    for scale in (1e-320, 1e-200, 1.0, 1e200, 4e307):
        for x in ([3.0, 0.0, 4.0], [0.0, 0.0, -5.0], [4.0, 3.0, 0.0, 0.0], [0.0, -3.0, 0.0, 4.0]):
            x = [c / 2.5 * scale for c in x]
            assert float(ag.norm(x)) == pytest.approx(2.0 * scale, rel=1e-15, abs=1e-323)
            assert grad(ag.norm)(x) == pytest.approx(
                [c / 2.0 / scale for c in x], rel=1e-3 if scale < 1e-300 else 1e-15
            )
