"""Functions of several numbers keep their digits in the tails: values, first and second derivatives against mpmath."""

import itertools
import math

import pytest
from mpmath import mp, mpf

import autograd as ag
from autograd import Value, compile, grad, hessian, jacobian, jvp
from nn.losses import cross_entropy, softmax_cross_entropy
from tests import oracle
from tests.oracle import ulps

ROWS = [
    [0.0, -40.0],
    [0.0, -40.0, -50.0],
    [-50.25, -40.1, 0.0],
    [700.3, 0.1, -3.0],
    [-3.0, 700.3, 0.1, 0.2],
    [1e17, 1e17, 1e17],
    [1e6, 1e6 - 10.0, 1e6 - 700.0],
    [2.0, 2.0, -1.0],
    [0.1, 0.3, 0.2, -0.4, 1.5],
    [-1e300, 3.0, 2.5],
    [1e-300, 1e-200, -1e-10],
    [-math.inf, 0.5, 2.0],
    [1e17, 0.0, -1e17],
    [5.0],
]


def row_id(row):
    return " ".join(map(repr, row))


rows = pytest.mark.parametrize("row", ROWS, ids=row_id)


def probabilities(row):
    """The softmax of a row, and for each of its numbers the sum of the others, at 700 digits."""
    with mp.workdps(700):
        powers = [mp.exp(mpf(x) - mpf(max(row))) if x > -math.inf else mpf(0) for x in row]
        total = mp.fsum(powers)
        others = [mp.fsum(powers[:i] + powers[i + 1 :]) / total for i in range(len(row))]
        return [power / total for power in powers], others


def is_within(got, want, scale=0.0):
    """16 ulp of the larger term, or a result too small for a normal number."""
    return ulps(float(got), want, float(scale)) <= 16.0 or (abs(want) < mpf("2.3e-308") and abs(float(got)) < 2.3e-308)


def are_within(got, want, scale):
    return all(map(is_within, got, want, scale))


def slope(p, others, i, j):
    """The derivative of softmax(x)[i] by x[j]."""
    with mp.workdps(700):
        return p[i] * others[i] if i == j else -p[i] * p[j]


@rows
def test_softmax_and_its_jacobian_keep_their_digits(row):
    p, others = probabilities(row)
    found = jacobian(ag.softmax)(row)
    for i in range(len(row)):
        assert is_within(ag.softmax(row)[i], p[i])
        for j in range(len(row)):
            assert is_within(found[i][j], slope(p, others, i, j)), (i, j)


@rows
def test_log_softmax_and_its_derivatives_keep_their_digits(row):
    p, others = probabilities(row)
    found = jacobian(ag.log_softmax)(row)
    for i in range(len(row)):
        with mp.workdps(700):
            want = mp.log1p(-others[i]) if p[i] > 0.5 else mp.log(p[i]) if row[i] > -math.inf else -mp.inf
        assert is_within(ag.log_softmax(row)[i], want)
        for j in range(len(row)):
            assert is_within(found[i][j], others[i] if i == j else -p[j]), (i, j)
        curved = hessian(lambda x, i=i: ag.log_softmax(x)[i])(row)
        for j, k in itertools.product(range(len(row)), repeat=2):
            crossing = p[j] if j == k != i else mpf(0)
            assert is_within(curved[j][k], -slope(p, others, j, k), crossing), (i, j, k)


@rows
def test_logsumexp_and_its_derivatives_keep_their_digits(row):
    p, others = probabilities(row)
    with mp.workdps(700):
        want = mpf(max(row)) - mp.log1p(-others[row.index(max(row))])
    assert is_within(ag.logsumexp(row), want)
    assert are_within(grad(ag.logsumexp)(row), p, [mpf(0)] * len(row))
    curved = hessian(ag.logsumexp)(row)
    for j, k in itertools.product(range(len(row)), repeat=2):
        crossing = p[j] if j == k and len(row) > 2 else mpf(0)
        assert is_within(curved[j][k], slope(p, others, j, k), crossing), (j, k)


def of_index(row, label):
    return cross_entropy([row], [label])


def of_unit_vector(row, label):
    return cross_entropy(row, [float(k == label) for k in range(len(row))])


def in_a_program(exact):
    """The loss, its gradient and its Hessian by programs that take the label as an argument."""
    programs = [compile(f, exact=exact) for f in (of_index, grad(of_index), hessian(of_index))]
    return lambda row, label: [program(row, label) for program in programs]


def for_many_rows(row, label):
    """The same by a program for many rows, in a row among others."""
    count = len(row)
    gradient = grad(lambda xs, t: of_index(xs, t))
    columns = [[7.0, x, -3.0] for x in row]
    program = compile(lambda *args: [of_index(args[:count], args[count]), *gradient([*args[:count]], args[count])])
    found = program.map(*columns, [0, label, count - 1])[1].tolist()
    return [found[0], found[1:], hessian(of_index)(row, label)]


def recorded(f):
    """The loss, its gradient and its Hessian without a program."""
    return lambda row, label: [g(row, label) for g in (f, grad(f), hessian(f))]


WAYS = {
    "index": recorded(of_index),
    "unit vector": recorded(of_unit_vector),
    "program": in_a_program(False),
    "exact program": in_a_program(True),
    "many rows": for_many_rows,
}


@rows
@pytest.mark.parametrize("way", WAYS)
def test_the_loss_of_an_answer_and_its_derivatives_keep_their_digits(row, way):
    p, others = probabilities(row)
    for label in range(len(row)):
        loss, found, curved = WAYS[way](row, label)
        with mp.workdps(700):
            want = -mp.log1p(-others[label]) if p[label] > 0.5 else -mp.log(p[label]) if p[label] else mp.inf
        assert is_within(loss, want)
        assert are_within(found, [-others[i] if i == label else p[i] for i in range(len(row))], [mpf(0)] * len(row))
        for j, k in itertools.product(range(len(row)), repeat=2):
            crossing = p[j] if j == k != label else mpf(0)
            assert is_within(curved[j][k], slope(p, others, j, k), crossing), (label, j, k)


@rows
@pytest.mark.parametrize("f", [of_index, grad(of_index)])
def test_an_exact_program_of_the_loss_gives_the_bits_for_each_label(row, f):
    program = compile(f, exact=True)
    for label in range(len(row)):
        assert str(program(row, label)) == str(f(row, label))
    assert len(program.listings) == 1


@rows
@pytest.mark.parametrize("function", [ag.softmax, ag.log_softmax, ag.logsumexp], ids=lambda f: f.__name__)
def test_exact_programs_give_the_same_bits(row, function):
    for f in (function, jacobian(function)):
        assert str(compile(f, exact=True)(row)) == str(f(row))


def test_rows_of_a_program_keep_the_digits_of_an_exponential():
    points = [(0.1, 700.3), (700.3, 0.1), (1e17, 1e17), (1e6, 1e6 - 10.0), (-700.0, -0.3), (0.3, 0.1)]
    found = compile(ag.exp_difference).map(*map(list, zip(*points)))
    for got, (a, b) in zip(found, points):
        with mp.workdps(50):
            assert ulps(float(got), mp.exp(mpf(a) - mpf(b))) <= 4.0
    special = [(-math.inf, 1.0), (1.0, -math.inf), (1e300, -1e300), (-1e300, 1e300), (math.inf, math.inf)]
    assert str(compile(ag.exp_difference).map(*map(list, zip(*special))).tolist()) == "[0.0, inf, inf, 0.0, nan]"


@rows
def test_programs_for_many_rows_keep_the_digits_too(row):
    p, others = probabilities(row)

    def loss(*logits):
        return softmax_cross_entropy([logits], [0])

    program = compile(grad(loss, argnums=tuple(range(len(row)))))
    for got, want in zip(program.map(*([x] * 3 for x in row)), [-others[0], *p[1:]]):
        assert is_within(got[1], want)


def test_a_confident_answer_has_a_loss_and_a_gradient():
    logits = [Value(40.0), Value(0.0)]
    loss = softmax_cross_entropy([logits], [0])
    loss.backward()
    small = 4.248354255291589e-18
    assert [loss.data, *(x.grad for x in logits)] == pytest.approx([small, -small, small], rel=1e-15)


def test_a_wrong_answer_of_probability_zero_has_an_infinite_loss_and_finite_gradients():
    def loss(logits):
        return softmax_cross_entropy([logits], [0])

    assert loss([-math.inf, 1.0, 1.0]) == math.inf
    assert grad(loss)([-math.inf, 1.0, 1.0]) == [-1.0, 0.5, 0.5]


@pytest.mark.parametrize("function", [ag.logaddexp, lambda a, b: ag.logsumexp([a, b])])
def test_logaddexp_is_right_where_exponentials_overflow(function):
    for offset in (-700.0, -400.0, 0.0, 370.0, 700.0, 1e5):
        p, others = probabilities([offset, offset - 1.0])
        curved = hessian(lambda x: function(x[0], x[1]))([offset, offset - 1.0])
        for i, j in itertools.product(range(2), repeat=2):
            assert is_within(curved[i][j], slope(p, others, i, j))


def test_logaddexp_of_infinities_is_the_limit():
    assert ag.logaddexp(-math.inf, 2.0) == 2.0
    assert ag.logaddexp(-math.inf, -math.inf) == -math.inf
    assert ag.logaddexp(math.inf, 2.0) == math.inf
    assert grad(ag.logaddexp, argnums=(0, 1))(-math.inf, 2.0) == (0.0, 1.0)
    assert grad(ag.logaddexp, argnums=(0, 1))(math.inf, 2.0) == (1.0, 0.0)


# --------------------------------------------------------------------------- entropies


def test_x_log_x_is_zero_at_zero_with_an_infinite_slope():
    assert (ag.xlogy(0.0, 0.0), ag.xlogy(0.0, -1.0), ag.xlogy(0.0, math.inf)) == (0.0, 0.0, 0.0)
    assert math.isnan(ag.xlogy(0.0, math.nan))
    assert grad(lambda x: ag.xlogy(x, x))(0.0) == -math.inf
    assert grad(lambda x: ag.xlogy(x, 2.0))(0.0) == math.log(2.0)
    assert grad(lambda y: ag.xlogy(0.0, y))(0.0) == 0.0
    assert grad(grad(lambda x: ag.xlogy(x, x)))(0.5) == 2.0
    assert grad(grad(ag.xlogy), argnums=1)(0.0, 4.0) == 0.25
    assert (ag.xlog1py(0.0, -1.0), ag.xlog1py(2.0, -1.0)) == (0.0, -math.inf)
    assert (ag.entr(0.0), ag.entr(1.0), ag.entr(-1.0), grad(ag.entr)(0.0)) == (0.0, 0.0, -math.inf, math.inf)


def test_the_entropy_of_masked_logits_and_its_gradient_are_those_of_the_others():
    def masked(a, b):
        return ag.sum(ag.where(p > 0.0, ag.entr(p), 0.0) for p in ag.softmax([a, -math.inf, b]))

    def free(a, b):
        return ag.sum(map(ag.entr, ag.softmax([a, b])))

    assert masked(2.0, 0.5) == free(2.0, 0.5)
    assert grad(masked, argnums=(0, 1))(2.0, 0.5) == pytest.approx(grad(free, argnums=(0, 1))(2.0, 0.5), rel=1e-14)


# --------------------------------------------------------------------------- units


def test_numpy_finds_the_methods_of_angles_and_exponentials():
    import numpy as np

    x = np.array([Value(0.75), Value(-2.0)])
    plain = np.array([0.75, -2.0])
    for name in ("deg2rad", "rad2deg", "radians", "degrees", "exp2"):
        found = getattr(np, name)(x)
        assert [v.data for v in found] == pytest.approx(getattr(np, name)(plain).tolist(), rel=1e-15)


def test_angles_are_those_of_math():
    assert [ag.degrees(0.7), ag.radians(0.7)] == [math.degrees(0.7), math.radians(0.7)]
    assert grad(ag.degrees)(0.7) == pytest.approx(180.0 / math.pi, rel=1e-15)


# --------------------------------------------------------------------------- all orders


def nth(function, order):
    for _ in range(order):
        function = grad(function)
    return function


def forward(function, order):
    for _ in range(order):
        function = lambda x, f=function: jvp(f, (x,), (1.0,))[1]  # noqa: E731
    return function


AT_ZERO = {  # derivatives of orders 0 to 6 at 0
    "sinc": [1.0, 0.0, -(math.pi**2) / 3, 0.0, math.pi**4 / 5, 0.0, -(math.pi**6) / 7],
    "exprel": [1 / (n + 1) for n in range(7)],
    "log1prel": [(-1) ** n * math.factorial(n) / (n + 1) for n in range(7)],
    "exp2": [math.log(2.0) ** n for n in range(7)],
    "normal_cdf": [0.5, *(h / math.sqrt(2 * math.pi) for h in (1, 0, -1, 0, 3, 0))],
}


@pytest.mark.parametrize("name", AT_ZERO)
@pytest.mark.parametrize("mode", [nth, forward])
def test_derivatives_at_zero_are_right_to_the_sixth_order(name, mode):
    found = [float(mode(ag.TABLE[name], order)(0.0)) for order in range(7)]
    assert found == pytest.approx(AT_ZERO[name], rel=1e-14, abs=1e-15)


FAR = {
    "normal_pdf": [-30.0, 5.0],
    "normal_cdf": [-35.0, -5.0, 5.0],
    "log_normal_cdf": [-1e4, -30.0, -1.0, 0.0, 6.0],
    "log_sigmoid": [-300.0, -40.0, 0.5, 40.0, 300.0],
    "erfcx": [-20.0, 0.3, 5.0, 1e4],
    "sinc": [1e-3, 1.0, 40.5],
    "exprel": [-300.0, -1e-5, 20.0],
    "log1prel": [-0.99, 1e-5, 1e3],
    "entr": [1e-300, 5.0],
    "exp2": [-900.0, 100.0],
}


@pytest.mark.parametrize(("name", "x"), [(name, x) for name, points in FAR.items() for x in points])
def test_derivatives_in_the_tails_are_right_to_the_sixth_order(name, x):
    for order in range(1, 7):
        want = float(oracle.exact(name, (x,), (order,)))
        size = abs(float(oracle.exact(name, (x,), (order - 1,))))  # an order that nearly vanishes has larger terms
        for mode in (nth, forward) if order < 5 else (nth,):
            assert float(mode(ag.TABLE[name], order)(x)) == pytest.approx(want, rel=1e-12, abs=1e-14 * size), order


@pytest.mark.parametrize("name", FAR)
def test_new_functions_have_methods_and_take_special_values(name):
    function = ag.TABLE[name]
    x = Value(0.75)
    assert getattr(x, name)().data == function(0.75)
    assert math.isnan(function(math.nan))
    for order in range(3):
        for point in (-math.inf, math.inf, 0.0, -1.0, 1e308, -1e308, 5e-324):
            assert isinstance(float(nth(function, order)(point)), float)


def test_special_values_of_quotients_and_tails():
    inf = math.inf
    assert [ag.sinc(x) for x in (0.0, 1.0, -3.0, inf)] == [1.0, 0.0, 0.0, 0.0]
    assert [ag.exprel(x) for x in (0.0, inf, -inf)] == [1.0, inf, 0.0]
    assert [ag.log1prel(x) for x in (0.0, inf, -1.0)] == [1.0, 0.0, inf]
    assert [ag.normal_cdf(x) for x in (-inf, 0.0, inf)] == [0.0, 0.5, 1.0]
    assert [ag.log_normal_cdf(x) for x in (-inf, inf)] == [-inf, 0.0]
    assert [ag.erfcx(x) for x in (-inf, 0.0, inf)] == [inf, 1.0, 0.0]
    for name in ("sinc", "exprel", "log1prel", "erfcx", "log_normal_cdf"):
        for order in (0.0, 1.5, 101.0, math.nan):
            assert math.isnan(ag.TABLE[f"{name}_derivative"](order, 0.5))
