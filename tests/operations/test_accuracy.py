"""Values and derivatives of every operation are within its error bounds in ulp, also in tails and near zeros."""

import itertools
import math
from functools import cache

import pytest
from mpmath import mpf

from autograd import TABLE, Operation, Value
from autograd.engine import topological_order
from tests import oracle
from tests.effort import scaled, seeded
from tests.oracle import ulps

pytestmark = pytest.mark.no_cover

exact = cache(oracle.exact)  # the tests of both orders need the same numbers

POINTS = scaled(40)
"""How many points of each operation are tried."""

# where an operation is hardest: zeros, poles, ends of its range, and where a plain formula loses digits
HARD = {
    "lgamma": [0.9, 1.0, 1.0 + 1e-9, 1.0 - 1e-15, 1.4616321449683622, 2.0, 2.0 + 1e-12, 2.1, 2.5, 1e-300, 171.6, 1e305],
    "digamma": [1.4616321449683622, 1.4616321449683625, 1.46, 1.47, 1e-300, 1.0, 2.5, 9.9999, 10.0, 1e300],
    "sigmoid": [-745.0, -700.0, -37.0, 20.0, 37.0, 40.0, 700.0, 1e-300],
    "tanh": [1e-300, 10.0, 20.0, -20.0, 300.0, -354.0],
    "sech_squared": [0.0, 1e-200, 350.0, -353.0],
    "softplus": [-745.0, -40.0, 0.0, 40.0, 710.0, 1e300],
    "gaussian": [26.0, -26.5, 26.6, 1e-200],
    "erf": [1e-300, 5.0, 26.0, -5.9],
    "erfc": [-5.0, 5.0, 26.0, 26.5, 1e-17],
    "log": [1.0 + 2.0**-52, 1.0 - 2.0**-53, 5e-324, 1.7e308],
    "log1p": [1e-300, -1e-20, -1.0 + 2.0**-53, 1e308],
    "expm1": [1e-300, -1e-20, -40.0, 709.0],
    "arctanh": [1e-300, 1.0 - 2.0**-53, -1.0 + 2.0**-53],
    "arcsin": [1e-300, 1.0 - 2.0**-53, -1.0 + 2.0**-53],
    "arccos": [1e-300, 1.0 - 2.0**-53, -1.0 + 2.0**-53],
    "semicircle": [1e-200, 1.0 - 2.0**-53, -1.0 + 2.0**-53],
    "arccosh": [1.0 + 2.0**-52, 1e200, 1.0 + 1e-8],
    "arcsinh": [1e-300, 1e200, -1e200],
    "arctan": [1e-300, 1e150, 1e154, -1e160],
    "exp": [-745.0, -708.4, 709.7, 1e-300],
    "sin": [math.pi, 1e22, 1e-300],
    "cos": [math.pi / 2, 1e22],
    "power": [(2.3e-308, -0.0022), (6.784450062473328e-238, -0.30053346752465165), (1e-200, 2.0)],
    "direction": [(1e-100, 1e-270), (5.4408449181713704e-70, 7.534556655717099e-226)],
    "hypot": [(1e-100, 1e-270)],
    "polygamma": [(5.0, 1e60), (4.0, 4.5e50), (1.0, 1e150), (1.0, 1e-150)],
    "tan": [math.pi, math.pi / 2, 1e22],
    "exp2": [-1021.9, 1023.9, 1e-300, 0.5],
    "logaddexp": [(0.0, -40.0), (-700.3, 0.1), (1e17, 1e17), (1e6, 1e6 - 10.0), (709.0, -0.1), (1e-20, -745.0)],
    "share": [(700.3, 0.1), (0.1, 700.3), (0.1, 40.7), (1e17, 1e17), (-500.0, 200.3)],
    "exp_difference": [(0.1, 700.3), (700.3, 0.1), (1e17, 1e17), (1e6, 1e6 - 10.0), (-740.0, -0.3)],
    "fraction": [(1e-300, 1.0), (1.0, 1e-300), (1.0, 4e-18)],
    "divide_by_exp": [(1e-300, 1.0, 1.0), (700.0, -1e-3, 2.0)],
    "log_magnitude": [-1.0 - 2.0**-52, -5e-324],
    "log_fraction": [(0.1, 0.1, 4e-18), (-700.7, 0.1, 1.5), (0.3, 0.1, 1e-300), (-740.0, 700.3, 2.0)],
    "log_sigmoid": [-745.0, -40.0, 0.0, 40.0, 700.0],
    "xlogy": [(3.0, 1.0 + 2.0**-52), (1e-300, 1e-300), (0.0, 2.0)],
    "xlog1py": [(3.0, 1e-300), (2.0, -1.0 + 2.0**-53), (0.0, 2.0)],
    "sinc": [0.0, 1.0, 1e-300, 1.0 + 2.0**-52, 0.5, 3.0, 1000.5],
    "sinc_derivative": [(1.0, 0.0), (2.0, 0.0), (1.0, 1e-300), (2.0, 1.0), (3.0, 0.95), (4.0, 0.96), (4.0, 1.3)],
    "exprel": [0.0, 1e-300, -1e-20, 709.9, 715.0, -745.0],
    "exprel_derivative": [(1.0, 0.0), (2.0, 0.0), (1.0, -2.36), (2.0, -6.39), (4.0, 12.1), (1.0, 709.9), (3.0, -1e200)],
    "log1prel": [0.0, 1e-300, -1.0 + 2.0**-53, 1e300],
    "log1prel_derivative": [(1.0, 0.0), (2.0, 0.0), (1.0, -0.75), (2.0, 5.0), (4.0, 11.0), (1.0, -1.0 + 2.0**-53)],
    "normal_pdf": [37.5, -37.5, 1e-200],
    "normal_cdf": [-37.5, -25.9, -1.0, 8.3, 1e-200],
    "log_normal_cdf": [-1e100, -1e4, -20.0, -1.0, 0.0, 8.3, 37.0],
    "log_normal_cdf_derivative": [(1.0, -1e4), (2.0, -1e4), (3.0, -1e4), (4.0, -1e4), (2.0, 8.3), (2.0, -0.99)],
    "erfcx": [-26.5, 0.5, 8.0, 26.6, 1e5],
    "erfcx_derivative": [(1.0, 0.49), (1.0, 0.5), (2.0, -20.0), (3.0, 1e4), (4.0, 30.0)],
    "entr": [5e-324, 1.0 - 2.0**-53, math.exp(-1.0), 1e300],
}

# beyond this, an exponential is 0 or infinite in double precision, and mpmath takes very long
FARTHEST = {
    **dict.fromkeys(("exp", "expm1", "sinh", "cosh", "tanh", "sech_squared", "sigmoid", "softplus"), 750.0),
    **dict.fromkeys(("erf", "erfc", "gaussian"), 28.0),
    "gamma": 171.0,
    **dict.fromkeys(("normal_pdf", "normal_cdf", "log_normal_cdf", "log_normal_cdf_derivative"), 37.0),
    **dict.fromkeys(("erfcx", "erfcx_derivative"), 25.0),
    **dict.fromkeys(("sinc", "sinc_derivative"), 1000.0),
    **dict.fromkeys(("exprel", "exprel_derivative"), 700.0),
    "log1prel_derivative": 1e6,
    **dict.fromkeys(
        ("exp2", "log_sigmoid", "logaddexp", "share", "exp_difference", "log_fraction", "divide_by_exp"), 740.0
    ),
}


def arguments(row: Operation, count: int) -> list[tuple[float, ...]]:
    """Points of the domain of an operation: middling, of every magnitude, and close to its finite ends."""
    rng = seeded(row.name)

    farthest = FARTHEST.get(row.name, math.inf)

    def draw(low: float, high: float) -> float:
        kind = rng.randrange(4)
        if kind == 0 and not math.isinf(low):
            return low + 10 ** rng.uniform(-15, 0) * (min(high, low + 4) - low)
        if kind == 1 and not math.isinf(high):
            return high - 10 ** rng.uniform(-15, 0) * (high - max(low, high - 4))
        if kind == 2:
            return rng.choice((-1, 1)) * 10 ** rng.uniform(-290, min(290, math.log10(farthest)))
        return rng.uniform(max(low, -4), min(high, 4))

    points = [x if isinstance(x, tuple) else (x,) for x in HARD.get(row.name, ())]
    while len(points) < count + len(HARD.get(row.name, ())):
        point = tuple(draw(low, high) for low, high in row.domain)
        if row.name in oracle.ORDERED:
            point = (float(rng.randint(1, oracle.ORDERED[row.name])), point[1])
        if row.name in ("shifted_power", "power_derivative"):
            point = (*point[:2], float(rng.randrange(0, 4)))
        if row.name == "falling_factorial":
            point = (point[0], float(rng.randrange(0, 4)), 0.0)
        if is_smooth(row, point):
            points.append(point)
    return points


def is_smooth(row: Operation, point: tuple[float, ...]) -> bool:
    return all(low < x < high for x, (low, high) in zip(point, row.domain)) and row.kink(*point) != 0.0


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("name", oracle.DERIVATIVES)
def test_the_derivatives_that_mpmath_has_are_limits_of_differences(name, order, monkeypatch):
    if name in oracle.ORDERED:
        point, orders = (2.0, 2.7), (0, order)
    else:
        count = len(TABLE[name].formulas)
        point, orders = (2.7, 1.1)[:count], (0, order)[-count:]
    want = oracle.exact(name, point, orders)
    monkeypatch.setattr(oracle, "DERIVATIVES", {})
    assert ulps(float(want), oracle.exact(name, point, orders)) <= 0.5


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_value_is_within_the_promised_ulps(row):
    for point in arguments(row, POINTS):
        got = row(*point)
        assert ulps(got, exact(row.name, point), row.terms()(*point)) <= row.ulps[0], (point, got)


@pytest.mark.parametrize("point", [(23.0, 1.7e14), (96.0, 19301.0), (30.0, 0.5)])
def test_polygamma_of_high_order_neither_underflows_nor_overflows_on_the_way(point):
    assert ulps(TABLE["polygamma"](*point), exact("polygamma", point)) <= 16.0


@pytest.mark.parametrize("point", [(100.0, -153.8), (2.3e-308, -0.0022), (1e308, 1e-300), (1e-300, 1e-5)])
def test_the_slope_of_a_power_is_exact_where_the_power_below_it_is_not_normal(point):
    base, exponent = Value(point[0]), Value(point[1])
    (base**exponent).backward()
    assert ulps(base.grad, exact("power", point, (1, 0))) <= 4.0


def inputs_with_gradient(row: Operation) -> list[int]:
    return [i for i, formula in enumerate(row.formulas) if formula is not None]


DIFFERENTIABLE = [row for row in TABLE.values() if inputs_with_gradient(row)]


def is_normal(number: mpf) -> bool:
    """Whether a double has all the digits of the number: it is neither subnormal nor infinite."""
    return number == 0 or 2.3e-308 < abs(number) < 1.79e308


@pytest.mark.parametrize("row", DIFFERENTIABLE, ids=lambda row: row.name)
def test_first_derivative_is_within_the_promised_ulps(row):
    for point, i in itertools.product(arguments(row, POINTS), inputs_with_gradient(row)):
        inputs = [Value(x) for x in point]
        row(*inputs).backward()
        want = exact(row.name, point, tuple(int(j == i) for j in range(len(point))))
        if is_normal(want) and is_normal(exact(row.name, point)):
            scale = row.terms(i)(*point)
            assert ulps(inputs[i].grad, want, scale) <= row.ulps[1], (point, i, inputs[i].grad)


@pytest.mark.parametrize("row", [TABLE[name] for name in ("step", "sign", "floor", "ceil", "trunc", "rint", "exceeds")])
def test_what_no_gradient_flows_through_is_flat(row):
    for point in arguments(row, POINTS):
        for i in range(len(point)):
            assert exact(row.name, point, tuple(int(j == i) for j in range(len(point)))) == 0


@pytest.mark.parametrize("row", DIFFERENTIABLE, ids=lambda row: row.name)
def test_second_derivative_is_within_the_promised_ulps(row):
    pairs = itertools.product(inputs_with_gradient(row), repeat=2)
    for point, (i, j) in itertools.product(arguments(row, POINTS // 2), pairs):
        inputs = [Value(x) for x in point]
        slope = row.partials[i](row(*inputs), *inputs)
        if isinstance(slope, Value):
            slope.backward()
            if any(map(math.isinf, (p for node in topological_order(slope) for p in node.partials))):
                continue  # an intermediate number overflows before a small factor is applied
        once = [int(k == i) for k in range(len(point))]
        twice = [order + int(k == j) for k, order in enumerate(once)]
        want = exact(row.name, point, tuple(twice))
        if all(map(is_normal, (want, exact(row.name, point), exact(row.name, point, tuple(once))))):
            scale = row.terms(i, j)(*point)
            assert ulps(inputs[j].grad, want, scale) <= row.ulps[2], (point, i, j, inputs[j].grad, float(want))
