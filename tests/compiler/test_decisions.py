"""What decides a branch, or cancels at the end of a domain, has the bits of the function."""

import math
import random

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Value, backend, compile, grad
from autograd.compiler import _machine, trace
from autograd.pytree import flatten
from tests import branches
from tests.effort import SEED, scaled

jump = ag.operation("jump_to_1", lambda a: 1.0 if a > 0.0 else 0.0, None)
TIE = 0.1 * 3.0  # rounded: 0.1 * 3.0 - TIE is 0, but 5.6e-18 if the product is not rounded

DECIDED = [
    (lambda a, b, c: ag.where(a * b - c, 1.0 * a, 100.0 * a), (0.1, 3.0, TIE), 10.0, 100.0),
    (lambda a, b, c: ag.where(ag.exceeds(c, a * b), 1.0 * a, ag.where(ag.step(a * b - c), 2.0, 3.0) * a),
     (0.1, 3.0, TIE), 0.1, 1.0),
    (lambda a, b, c: ag.step(a * b - c) + a, (0.1, 3.0, TIE), 0.1, 1.0),
    (lambda a, b, c: ag.sign(a * b - c) + a, (0.1, 3.0, TIE), 0.1, 1.0),
    (lambda a, b, c: ag.floor(c - a * b) + a, (0.1, 3.0, TIE), 0.1, 1.0),
    (lambda a, b, c: ag.ceil(a * b - c) + a, (0.1, 3.0, TIE), 0.1, 1.0),
    (lambda a, b, c: ag.exceeds(a * b, c) * a, (0.1, 3.0, TIE), 0.05, 0.5),
    (lambda a, b, c: ag.sqrt(b * b - a * c) + a, (0.1, 0.1, 0.1), 0.1, -math.inf),
    (lambda a, b, c: ag.sqrt((b * b - a * c) * b) + a, (0.1, 0.1, 0.1), 0.1, -math.inf),
    (lambda a, b, c: ag.sqrt(ag.relu(a * b - c)) + a, (0.1, 3.0, TIE), 0.1, math.nan),
    (lambda a, b, c: ag.cbrt(a * b - c) + a, (0.1, 3.0, TIE), 0.1, math.inf),
    (lambda a, b, c: (a * b - c) ** 0.5 + a, (0.1, 3.0, TIE), 0.1, math.inf),
    (lambda a, b, c: ag.log(a * b - c), (0.1, 3.0, TIE), -math.inf, math.inf),
    (lambda a, b, c: ag.arccosh(a * b - c + 1.0) + a, (0.1, 3.0, TIE), 0.1, math.inf),
    (lambda a, b, c: ag.arcsin(a * b - c + 1.0) - math.pi / 2.0 + a, (0.1, 3.0, TIE), 0.1, math.inf),
    (lambda a, b, c: a / (a * b - c), (0.1, 3.0, TIE), math.inf, math.nan),
    (lambda a, b, c: (a * b - c) / (c - a * b), (0.1, 3.0, TIE), math.nan, math.nan),
    (lambda a, b, c: ag.arctan2(a * b - c, -1.0) - math.pi + a, (0.1, 3.0, TIE), 0.1, -2.0),
    (lambda a, b, c: ag.where(ag.tanh(a * b) - c, 5.0, 7.0) * a, (0.7, 1.0, math.tanh(0.7)), 4.9, 7.0),
    (lambda a, b, c: ag.where(ag.step(ag.exp(ag.sin(a) * b) - c), 5.0, 7.0) * a,
     (0.7, 1.0, math.exp(math.sin(0.7))), 4.9, 7.0),
    (lambda a, b, c: ag.where(ag.sum([a, b, c, a, b, c]) - 2.0, 5.0, 7.0) * a, (1e16, 1.0, -1e16), 5e16, 5.0),
]  # fmt: skip


@pytest.mark.usefixtures("vectors")
@pytest.mark.parametrize("rows", [1, 130])
@pytest.mark.parametrize(("f", "at", "value", "slope"), DECIDED)
def test_a_program_decides_as_the_function(f, at, value, slope, rows):
    if math.isnan(slope):
        slope = grad(f)(*at)
    columns = [np.full(rows, x) for x in at]
    program = compile(f)
    assert [program(*at), *program.map(*columns)] == pytest.approx([value] * (rows + 1), rel=1e-13, nan_ok=True)
    found = [program.grad(*at), *program.grad.map(*columns)]
    assert found == pytest.approx([slope] * (rows + 1), rel=1e-13, nan_ok=True)
    w = Value(at[0])
    assert compile(lambda b, c: f(w, b, c)).backward(*columns[1:]) == pytest.approx(value, rel=1e-13, nan_ok=True)
    assert w.grad == pytest.approx(slope, rel=1e-13, nan_ok=True)


def decisive(f):
    """The registers of a trace that must have the bits of the function; 0 to 2 are the inputs."""
    return trace.trace(f, [0.5, 0.25, 0.125], flatten((1.0,) * 3, "", "")[1]).listing.decisive


@pytest.mark.parametrize(
    "f",
    [
        lambda a, b, c: ag.log(1.0 + ag.exp(a * b - c)),
        lambda a, b, c: ag.log1p(ag.exp(a * b - c)),
        lambda a, b, c: ag.logsumexp([a * b - c, b]),
        lambda a, b, c: ag.softmax([a * b - c, b])[0],
        lambda a, b, c: (a * b - c) ** 2 + (a * b - c) ** 3.0,
        lambda a, b, c: a / ag.sqrt((a * b - c) ** 2 + b * b + 1e-5),
        lambda a, b, c: (ag.mean([a * a, b * b, c * c]) + 1e-5) ** -0.5,
        lambda a, b, c: a / (1.0 + ag.absolute(a * b - c)),
        lambda a, b, c: ag.log(ag.sigmoid(a * b - c)),
        lambda a, b, c: ag.log(ag.softmax([a * b - c, b, a])[1]),
        lambda a, b, c: ag.logsumexp([a * b - c, b, a]) + ag.norm([a * b - c, b, a * c - b, c]),
        lambda a, b, c: nn.losses.softmax_cross_entropy([[a * b - c, b, a]], [1]),
        lambda a, b, c: ag.sqrt(a) / b + ag.log(a * b / c) + ag.where(a, b, c),
        lambda a, b, c: ag.hypot(a * b - c, b) + ag.maximum(a * b, c) + ag.absolute(a * b - c) + ag.relu(a * b - c),
        lambda a, b, c: ag.clip(a * b - c, -1.0, 1.0) + ag.clip(a * b - c, b, c) + ag.elu(a * b - c, 2.0),
        lambda a, b, c: ag.leaky_relu(a * b - c) * ag.leaky_relu(a * c - b, 0.2),
        lambda a, b, c: ag.mean([a * b - c, b]) + (a * b - c) / 3.0,
    ],
)
def test_nothing_decides_where_rounding_stays_small(f):
    for order in (f, grad(f), grad(grad(f)), lambda *x: ag.jvp(f, x, (1.0, 2.0, 3.0))[1]):
        program = compile(order)
        program(0.5, 0.25, 0.125)
        assert program.listings[0][1].decisive <= {0, 1, 2}


@pytest.mark.parametrize(
    ("f", "found"),
    [
        (lambda a, b, _: ag.where(ag.step(a * b), a, b), {3, 4}),
        (lambda a, b, c: ag.sqrt(a * a + b * c), {5}),
        (lambda a, b, c: ag.sqrt(a * a + ag.absolute(b * c)), set()),
        (lambda a, b, c: ag.sqrt(a * a + ag.absolute(b - c)), {4}),
        (lambda a, b, _: ag.log1p(a * b), {3}),
        (lambda a, b, c: a ** (b * c), {3}),
        (lambda a, b, c: ag.exp(a) ** (b * c), set()),
        (lambda a, b, _: (a - b) ** -2.0, {3}),
        (lambda a, b, c: ag.log(ag.where(ag.step(a), b - c, 1.0)), {3, 4}),
        (lambda a, b, _: ag.where(ag.step(a * b), (a * b) * ag.step(a * b), 2.0), {3, 4, 6}),
        (lambda a, b, _: ag.leaky_relu(a * b) + ag.step(a * b), {7}),
        (lambda a, b, _: [ag.step(a * b), ag.elu(a * b)], {3}),
        (lambda a, b, c: ag.maximum_magnitude(a * b, c), {3}),
        (lambda a, b, c: ag.log1p(ag.where(ag.step(0.5 - (a - 1.0)), b * c, 0.0) + (a - 1.0)), {4, 5, 9}),
    ],
)
def test_only_what_decides_is_found(f, found):
    assert decisive(f) == found


def test_a_kink_that_is_used_in_another_way_decides():
    def f(a, b, c):
        positive = ag.step(a * b - c)
        return ag.where(positive, (a * b - c) * positive, 2.0 * ag.expm1(a * b - c)) + 10.0 * positive

    assert decisive(f)


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "gelu", "silu", "softplus", "leaky_relu", "elu"])
def test_networks_keep_their_sums_of_products(activation):
    model = nn.MLP(2, [4, 3, 1], activation=activation, rng=random.Random(0))
    losses = [lambda x: ag.relu(1.0 - model(x)), lambda x: (model(x) - 0.5) ** 2, lambda x: ag.softplus(model(x))]
    for loss in losses:
        for program in (compile(loss), compile(loss).grad):
            program([1.0, 2.0])
            assert program.listings[0][1].decisive == set()
            assert str(program.listings[0][1]).count(" * ") >= 16
    assert sum(name == "dot" for name, _ in compile_and_list(losses[0]).steps) == 8


def compile_and_list(f):
    program = compile(f)
    program([1.0, 2.0])
    return program.listings[0][1]


@pytest.mark.usefixtures("vectors")
def test_a_users_operation_decides_as_in_the_function():
    program = compile(lambda a, b, c: jump(a * b - c) + a)
    assert program.map([0.1] * 9, [3.0] * 9, [TIE] * 9).tolist() == [0.1] * 9


def test_random_functions_are_decided_as_by_the_function():
    assert sum(1 for _ in branches.campaign(scaled(100), seed=SEED or 0)) == scaled(100)


@pytest.mark.skipif(backend == "python", reason="NumPy rounds every product")
def test_the_campaign_notices_decisions_that_rounding_changes(monkeypatch):
    if _machine.load().numbers_at_a_time() <= 2:
        pytest.skip("this processor rounds every product")
    monkeypatch.setattr(trace, "find_decisions", lambda *_: set())
    with pytest.raises(branches.WrongNumberError):
        list(branches.campaign(20, seed=0))


def test_a_campaign_is_the_same_for_the_same_seed():
    texts = [branches.draw_case(random.Random(3)).source.text for _ in range(2)]
    assert texts[0] == texts[1]


def test_a_wrong_gradient_and_a_wrong_sum_are_noticed(monkeypatch):
    case = branches.draw_case(random.Random(5))
    assert branches.wrong_number(case) is None
    original = branches.run_eagerly

    def shifted(by_value, by_slope):
        def run(*args):
            right = original(*args)
            right.value += by_value
            right.gradient = [x + by_slope for x in right.gradient]
            return right

        return run

    for by_value, by_slope, how in ((1.0, 0.0, "a call gives"), (0.0, 1e9, "grad gives")):
        monkeypatch.setattr(branches, "run_eagerly", shifted(by_value, by_slope))
        assert str(branches.wrong_number(case)).startswith(how)
