"""Program.backward(): the gradients of a mean or a sum over rows equal those of the engine."""

import math
import random
from functools import cache

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Value, backend, compile
from autograd.compiler import _machine
from autograd.compiler.specialize import Specialization


def test_backward_adds_the_gradient_of_the_mean():
    w, b, rows = Value(2.0), Value(0.5), np.linspace(-1.0, 2.0, 150)
    labels = np.sin(rows)
    program = compile(lambda x, y: (ag.tanh(w * x + b) - y) ** 2)
    loss = ag.mean([(ag.tanh(w * x + b) - y) ** 2 for x, y in zip(rows.tolist(), labels.tolist())])
    loss.backward()
    wanted = w.grad, b.grad
    assert program.backward(rows, labels) == pytest.approx(loss.data, rel=1e-13)
    assert (w.grad, b.grad) == pytest.approx((2 * wanted[0], 2 * wanted[1]), rel=1e-12)
    w.zero_grad()
    assert program.backward(rows, labels, reduction="sum") == pytest.approx(150 * loss.data, rel=1e-13)
    assert w.grad == pytest.approx(150 * wanted[0], rel=1e-12)


@cache  # not once for each length of vectors
def by_the_engine(activation, rows):
    """A network, its loss, rows, labels, the mean loss and its gradient."""
    model = nn.MLP(3, [7, 6, 1], activation=activation, rng=random.Random(0))
    rng = np.random.default_rng(rows)
    points, labels = rng.normal(size=(rows, 3)), rng.choice([-1.0, 1.0], size=rows)

    def loss(x, y):
        return ag.softplus(-y * model(x)) + 1e-3 * ag.sum(p * p for p in model.parameters())

    total = ag.mean([loss(x, y) for x, y in zip(points.tolist(), labels.tolist())])
    total.backward()
    return model, loss, points, labels, total.data, {p: p.grad for p in model.parameters()}


@pytest.mark.no_cover
@pytest.mark.usefixtures("vectors")
@pytest.mark.parametrize("rows", [1, 7, 128, 131, 300])
@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "gelu"])
def test_gradients_of_a_network_are_those_of_the_engine(activation, rows):
    model, loss, points, labels, mean, gradient = by_the_engine(activation, rows)
    for exact in (False, True):
        model.zero_grad()
        program = compile(loss, exact=exact)
        assert program.backward(points, labels) == pytest.approx(mean, rel=1e-13)
        assert {p: p.grad for p in model.parameters()} == pytest.approx(gradient, rel=1e-11, abs=1e-15)
    assert set(program.parameters) == set(model.parameters())


@pytest.mark.usefixtures("vectors")
@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("width", [1, 2, 3, 5])
def test_a_network_takes_nan_and_infinity_as_the_engine_does(width, exact):
    special = [0.0, -0.0, 1.5, -2.0, math.inf, -math.inf, math.nan]
    rows = [(x, y) for x in special for y in special]
    model = nn.MLP(2, [width, width, 1], rng=random.Random(1))
    differentiated = ag.value_and_grad(lambda x, y: ag.relu(1.0 - model([x, y])), argnums=(0, 1))
    value, gradient = compile(differentiated, exact=exact).map(*np.array(rows).T)
    wanted = [differentiated(x, y) for x, y in rows]
    np.testing.assert_allclose(value, [v for v, _ in wanted], rtol=1e-13)
    np.testing.assert_allclose(np.transpose(gradient), [g for _, g in wanted], rtol=1e-13)


@pytest.mark.usefixtures("vectors")
def test_a_nan_in_the_last_row_of_a_block_stays_there():
    model = nn.MLP(2, [5, 4, 1], rng=random.Random(2))
    for count in range(1, 20):
        rows = np.random.default_rng(count).normal(size=(count, 2))
        program = compile(lambda x: model(x) ** 2)
        program.backward(rows, reduction="sum")
        wanted = [p.grad for p in model.parameters()]
        model.zero_grad()
        spoilt = program.map(np.vstack([rows, [[math.nan, 1.0]]]))
        np.testing.assert_allclose(spoilt[:-1], program.map(rows), rtol=1e-13)
        assert math.isnan(spoilt[-1])
        program.backward(np.vstack([rows, [[1e200, 1.0]]]), reduction="sum")  # makes infinities in the block
        program.backward(rows, reduction="sum")
        assert not all(map(math.isfinite, (p.grad for p in model.parameters())))
        model.zero_grad()
        program.backward(rows, reduction="sum")
        assert [p.grad for p in model.parameters()] == wanted
        model.zero_grad()


@pytest.mark.skipif(backend == "python", reason="the compiled engine does not run")
def test_vectors_of_other_lengths_are_refused():
    with pytest.raises(ValueError, match=r"there are no vectors of 5 numbers here; take one of \[1, "):
        _machine.load().numbers_at_a_time(5)
    assert _machine.load().numbers_at_a_time() in _machine.load().vectors()


def test_backward_of_what_is_the_same_for_all_rows():
    w, v = Value(2.0), Value(3.0)
    program = compile(lambda x: w * w * 0.5 + v * x - w)
    assert program.backward(np.ones(130)) == 3.0
    assert (w.grad, v.grad) == (1.0, 1.0)


def test_backward_without_arguments():
    w = Value(3.0)
    program = compile(lambda: w * w)
    assert program.backward() == 9.0
    assert w.grad == 6.0


def test_backward_needs_one_value():
    with pytest.raises(TypeError, match="gives one Value, got list"):
        compile(lambda x: [x, x]).backward([1.0])


def test_a_program_of_which_only_backward_was_called_has_a_listing():
    w = Value(2.0)
    program = compile(lambda x: w * x * x)
    program.backward([1.0, 2.0])
    assert len(program) > 0
    assert "return" in str(program)
    with pytest.raises(RuntimeError, match="call it once"):
        program.to_c("f")


def test_infinities_and_nan_flow_into_gradients_without_a_warning():
    w = Value(0.0)
    assert math.isnan(compile(lambda x: w * x).backward([math.inf, 1.0]))
    assert w.grad == math.inf


def differences(w):
    """Functions whose terms nearly cancel in each row, and what w is there."""
    return [
        (lambda x, y: w * x - y, 1.5),
        (lambda x, y: w * x + (-y), 1.5),
        (lambda x, y: -(y - w * x), 1.5),
        (lambda x, y: (w * x + w) - (y + w), 1.5),
        (lambda x, y: 0.5 * w * w * x - w * y, 1.5),
        (lambda x, y: w * (x * x) - w * (y * x) / 1.5, 1.5),
        (lambda x, y: w * x * 2.0 - w * y / 0.75, 1.5),
        (lambda x, y: (w * x - y) + w * w - w * w, 1.5),
    ]


@pytest.mark.parametrize("case", range(8))
def test_terms_that_nearly_cancel_in_each_row_are_subtracted_before_they_are_added_up(case):
    w = Value(0.0)
    f, w.data = differences(w)[case]
    rng = random.Random(0)
    x = np.array([rng.uniform(-1.0, 1.0) for _ in range(1000)])
    y = 1.5 * x * (1.0 + 1e-12 * np.array([rng.uniform(0.0, 1.0) for _ in range(1000)]))
    found = []
    for exact in (False, True):
        w.zero_grad()
        found.append((compile(f, exact=exact).backward(x, y), w.grad))
    assert found[0] == pytest.approx(found[1], rel=1e-12, abs=1e-30)


def test_what_is_the_same_for_all_rows_does_not_overflow_in_their_sum():
    w = Value(1e307)
    assert compile(lambda x: w - w + x).backward([1.0] * 100) == 1.0
    assert compile(lambda x: x + w * 1e-300).backward([0.0] * 100) == pytest.approx(1e7)
    assert compile(lambda x: (w * 10.0) * 1e-10 + x * 0.0).backward([1.0] * 1000) == pytest.approx(1e298)
    w.zero_grad()
    compile(lambda x: w * x + 2.0 * w - 2.0 * w + w * (w * 1e-300)).backward([1.0] * 100)
    assert w.grad == pytest.approx(1.0 + 2e7)


@pytest.mark.parametrize("arrays", [([1.0, 2.0], [3.0, 4.0]), (np.array([1.0, 2.0]), np.array([3.0, 4.0]))])
def test_plain_arrays_take_the_shortcut_and_others_do_not(arrays, monkeypatch):
    w = Value(2.0)
    program = compile(lambda x, y: w * x * y if x > 0.0 else w)
    assert program.backward(*arrays) == 11.0
    reduced = []
    original = Specialization.reduce
    monkeypatch.setattr(Specialization, "reduce", lambda *args: reduced.append(args) or original(*args))
    is_short = backend == "native" and isinstance(arrays[0], np.ndarray)
    assert program.backward(*arrays) == 11.0
    assert len(reduced) == (0 if is_short else 1)
    assert program.backward(*arrays, threads=2) == 11.0
    assert program.backward(np.array([-1.0, 1.0]), np.array([3.0, 4.0])) == 5.0
    assert program.backward(np.array([1, 2]), np.array([3, 4])) == 11.0
    assert len(reduced) == (3 if is_short else 4)
    assert w.grad == pytest.approx(4 * 5.5 + 2.5)


def test_a_program_without_arguments_takes_the_shortcut(monkeypatch):
    w = Value(2.0)
    program = compile(lambda: w * w)
    program.backward()
    monkeypatch.setattr(Specialization, "reduce", None)
    if backend == "native":
        assert program.backward() == program.backward(reduction="sum") == 4.0
        assert w.grad == 12.0


@pytest.mark.usefixtures("vectors")
@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 9])
def test_gradients_of_a_few_rows_are_those_of_the_recorded_graph(count):
    model = nn.MLP(3, [4, 4, 1], activation="tanh", rng=random.Random(0))

    def loss(x, y):
        return (model(x) - y) ** 2 + 0.5 * model.layers[0].neurons[0].w[0] * y

    rng = np.random.default_rng(count)
    x, y = rng.normal(size=(count, 3)), rng.normal(size=count)
    ag.mean([loss(*row) for row in zip(x.tolist(), y.tolist())]).backward()
    wanted = [p.grad for p in model.parameters()]
    model.zero_grad()
    compile(loss).backward(x, y)
    assert [p.grad for p in model.parameters()] == pytest.approx(wanted, rel=1e-12, abs=1e-14)


LAYOUTS = {
    "rows": lambda x: x,
    "columns": np.asfortranarray,
    "single": lambda x: x.astype(np.float32),
    "strided": lambda x: np.repeat(x, 2, axis=1)[:, ::2],
    "every other row": lambda x: np.repeat(x, 2, axis=0)[::2],
    "backwards": lambda x: x[::-1].copy()[::-1],
    "the same row": lambda x: np.broadcast_to(x[:1], x.shape),
}


@pytest.mark.usefixtures("vectors")
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("rows", [1, 2, 5, 8, 31, 40, 300])
def test_gradients_of_a_wide_layer_do_not_depend_on_the_layout_of_its_rows(layout, rows):
    rng = np.random.default_rng(rows)
    weights, bias = rng.normal(size=(6, 37)), rng.normal(size=6)
    x = LAYOUTS[layout](rng.normal(size=(rows, 37)))
    parameters = [[Value(w) for w in row] for row in weights], [Value(b) for b in bias]

    def loss(row):
        return ag.sum(ag.tanh(ag.dot(w, row) + b) for w, b in zip(*parameters))

    assert compile(loss).backward(x) == pytest.approx(np.tanh(x @ weights.T + bias).sum(axis=1).mean(), rel=1e-12)
    slope = 1 - np.tanh(x @ weights.T + bias) ** 2
    wanted = slope.T @ x / rows
    assert np.array([[w.grad for w in row] for row in parameters[0]]) == pytest.approx(wanted, rel=1e-11, abs=1e-13)
    assert [b.grad for b in parameters[1]] == pytest.approx(slope.mean(axis=0), rel=1e-11)


@pytest.mark.usefixtures("vectors")
def test_gradients_of_a_wide_layer_leave_out_rows_that_take_another_branch():
    weights = [[Value(0.01 * (i + k)) for k in range(16)] for i in range(4)]

    def loss(row):
        total = ag.sum(ag.dot(w, row) ** 2 for w in weights)
        return total if row[0] > 0 else 3 * total

    x = np.random.default_rng(0).normal(size=(100, 16))
    compile(loss).backward(x)
    factor = np.where(x[:, 0] > 0, 1.0, 3.0)
    sums = x @ np.array([[w.data for w in row] for row in weights]).T
    wanted = 2 * (factor[:, None] * sums).T @ x / 100
    assert np.array([[w.grad for w in row] for row in weights]) == pytest.approx(wanted, rel=1e-11, abs=1e-13)
