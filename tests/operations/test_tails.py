"""Functions of several numbers keep their digits in the tails: values, first and second derivatives against mpmath."""

import itertools
import math

import pytest
from mpmath import mp, mpf

import autograd as ag
from autograd import Value, compile, grad, hessian, jacobian
from nn.losses import softmax_cross_entropy
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


@rows
def test_the_loss_of_an_answer_and_its_derivatives_keep_their_digits(row):
    p, others = probabilities(row)
    for label in range(len(row)):

        def loss(logits, label=label):
            return softmax_cross_entropy([logits], [label])

        with mp.workdps(700):
            want = -mp.log1p(-others[label]) if p[label] > 0.5 else -mp.log(p[label]) if p[label] else mp.inf
        assert is_within(loss(row), want)
        found = grad(loss)(row)
        assert are_within(found, [-others[i] if i == label else p[i] for i in range(len(row))], [mpf(0)] * len(row))
        curved = hessian(loss)(row)
        for j, k in itertools.product(range(len(row)), repeat=2):
            crossing = p[j] if j == k != label else mpf(0)
            assert is_within(curved[j][k], slope(p, others, j, k), crossing), (label, j, k)


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
