"""Initial weights: their distributions, what fits an activation, seeds, and how far they carry."""

import math
import random
from statistics import fmean, pstdev

import numpy as np
import pytest

from nn import ACTIVATIONS, MLP, Layer, Neuron, fit, init, losses, predict
from nn.init import INITIALIZERS
from nn.optim import SGD

N_INPUTS, N_OUTPUTS = 40, 60


def numbers(rows):
    return [x for row in rows for x in row]


@pytest.mark.parametrize("name", INITIALIZERS)
def test_an_initializer_gives_a_row_of_floats_for_each_output(name):
    rows = INITIALIZERS[name](3, 5, rng=0)
    assert [len(row) for row in rows] == [3] * 5
    assert all(type(x) is float for x in numbers(rows))


@pytest.mark.parametrize("rng", [lambda: 5, lambda: random.Random(5), lambda: np.random.default_rng(5)])
@pytest.mark.parametrize("name", INITIALIZERS)
def test_the_same_seed_gives_the_same_weights(name, rng):
    def weights():
        return [p.data for p in MLP(2, [3, 1], init=name, rng=rng()).parameters()]

    assert weights() == weights()


def test_a_seed_is_that_of_random():
    assert [p.data for p in MLP(2, [3, 1], rng=7).parameters()] == [
        p.data for p in MLP(2, [3, 1], rng=random.Random(7)).parameters()
    ]
    assert MLP(2, [3], rng=0).parameters()[0].data != MLP(2, [3], rng=1).parameters()[0].data


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("uniform", 1.0),
        ("xavier_uniform", math.sqrt(6 / (N_INPUTS + N_OUTPUTS))),
        ("glorot_uniform", math.sqrt(6 / (N_INPUTS + N_OUTPUTS))),
        ("he_uniform", math.sqrt(6 / N_INPUTS)),
        ("kaiming_uniform", math.sqrt(6 / N_INPUTS)),
        ("he_pairs", math.sqrt(6 / N_INPUTS)),
    ],
)
def test_uniform_weights_fill_their_range(name, limit):
    weights = numbers(INITIALIZERS[name](N_INPUTS, N_OUTPUTS, rng=1))
    assert 0.99 * limit < max(weights) <= limit
    assert -limit <= min(weights) < -0.99 * limit
    assert pstdev(weights) == pytest.approx(limit / math.sqrt(3), rel=0.05)


@pytest.mark.parametrize(
    ("name", "deviation"),
    [
        ("normal", 1.0),
        ("xavier_normal", math.sqrt(2 / (N_INPUTS + N_OUTPUTS))),
        ("glorot_normal", math.sqrt(2 / (N_INPUTS + N_OUTPUTS))),
        ("he_normal", math.sqrt(2 / N_INPUTS)),
        ("kaiming_normal", math.sqrt(2 / N_INPUTS)),
    ],
)
def test_normal_weights_have_the_moments_of_a_normal_distribution(name, deviation):
    weights = np.array(numbers(INITIALIZERS[name](N_INPUTS, N_OUTPUTS, rng=1))) / deviation
    assert fmean(weights) == pytest.approx(0, abs=0.06)
    assert fmean(weights**2) == pytest.approx(1, abs=0.08)
    assert fmean(weights**3) == pytest.approx(0, abs=0.2)
    assert fmean(weights**4) == pytest.approx(3, abs=0.4)
    assert np.mean(np.abs(weights) < 0.6745) == pytest.approx(0.5, abs=0.04)


@pytest.mark.parametrize(("n_inputs", "n_outputs"), [(3, 3), (5, 2), (2, 5), (1, 1), (1, 3)])
def test_orthogonal_rows_or_columns_are_orthogonal(n_inputs, n_outputs):
    w = np.array(init.orthogonal(n_inputs, n_outputs, rng=0, gain=2.0))
    product = w @ w.T if n_outputs <= n_inputs else w.T @ w
    np.testing.assert_allclose(product, 4 * np.eye(min(n_inputs, n_outputs)), atol=1e-14)


def test_pairs_are_opposite_and_an_odd_row_has_no_partner():
    rows = init.he_pairs(2, 5, rng=0)
    assert rows[3:] == [[-x for x in row] for row in rows[:2]]


def test_options_of_a_distribution():
    assert numbers(init.uniform(2, 2, low=3.0, high=3.0)) == [3.0] * 4
    assert numbers(init.normal(1, 3, mean=5.0, deviation=0.0)) == [5.0] * 3
    assert numbers(init.zeros(2, 2)) == [0.0] * 4
    for function in (init.xavier_uniform, init.xavier_normal, init.he_uniform, init.he_normal):
        once, twice = (numbers(function(3, 4, gain=gain, rng=2)) for gain in (1.0, 2.0))
        assert twice == pytest.approx([2 * x for x in once])


# --------------------------------------------------------------------------- layers


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_default_fits_the_activation(activation):
    layer = Layer(4, 6, activation=activation, rng=3)
    is_relative = activation in init.RELATIVES_OF_RELU
    assert layer.state_dict()["weight"].tolist() == (init.he_pairs if is_relative else init.xavier_uniform)(4, 6, rng=3)
    biases = layer.state_dict()["bias"].tolist()
    if is_relative or activation == "linear":
        assert biases == [0.2 * is_relative] * 6
    else:
        assert max(map(abs, biases)) <= 0.5
        assert len(set(biases)) == 6


def test_the_last_layer_of_a_network_begins_with_small_weights():
    model = MLP(4, [6, 2], rng=3)
    rng = random.Random(3)
    first, last = init.he_pairs(4, 6, rng=rng), init.xavier_uniform(6, 2, rng=rng, gain=0.5)
    state = model.state_dict()
    assert (state["layers.0.weight"].tolist(), state["layers.1.weight"].tolist()) == (first, last)
    assert state["layers.1.bias"].tolist() == [0.0, 0.0]


@pytest.mark.parametrize("name", INITIALIZERS)
def test_a_named_init_draws_every_layer_and_leaves_the_biases_0(name):
    rng = random.Random(3)
    want = [INITIALIZERS[name](4, 6, rng=rng), INITIALIZERS[name](6, 2, rng=rng)]
    state = MLP(4, [6, 2], init=name, rng=3).state_dict()
    assert [state["layers.0.weight"].tolist(), state["layers.1.weight"].tolist()] == want
    assert not state["layers.0.bias"].any()


def test_a_function_of_ones_own_draws_the_weights():
    def ramp(n_inputs, n_outputs, *, rng):  # noqa: ARG001  # it draws nothing
        return [[i + j / 10 for j in range(n_inputs)] for i in range(n_outputs)]

    assert Layer(2, 2, init=ramp).state_dict()["weight"].tolist() == [[0.0, 0.1], [1.0, 1.1]]
    assert [w.data for w in Neuron(2, init=ramp).w] == [0.0, 0.1]


def test_weights_of_micrograd_are_drawn_neuron_by_neuron():
    rng = random.Random(1337)
    want = [[rng.uniform(-1, 1) for _ in range(n)] for n in (2, 2, 2, 3)]
    model = MLP(2, [3, 1], init="micrograd", rng=1337)
    assert [[w.data for w in neuron.w] for layer in model.layers for neuron in layer.neurons] == want


def constant(rows):
    """An initializer that gives these rows, whatever is asked for."""
    return lambda *_, **__: rows


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ("xavier", ValueError, "unknown init 'xavier'; use one of nn.init, such as 'he_normal', or leave it out"),
        (3, ValueError, "unknown init int; use one of nn.init"),
        (dict, ValueError, "unknown init type; use one of nn.init"),
        (constant([[0.0] * 3] * 2), ValueError, r"<lambda>\(\) as init gives a list of 3 rows of 2 numbers, got"),
        (constant(0.0), ValueError, "as init gives a list of 3 rows of 2 numbers"),
        (constant([["a"] * 2] * 3), TypeError, r"Value\(\) takes a real number, got str"),
    ],
)
def test_an_init_that_is_none_is_refused(wrong, error, message):
    with pytest.raises(error, match=message):
        Layer(2, 3, init=wrong)


# --------------------------------------------------------------------------- what they are for


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_numbers_keep_their_size_through_many_layers(activation):
    rng = random.Random(0)
    model = MLP(30, [30] * 8, activation=activation, rng=rng)
    outputs = np.array([[x.data for x in model([rng.gauss(0, 1) for _ in range(30)])] for _ in range(10)])
    assert 0.05 < outputs.std() < 2.0


def test_the_first_loss_of_classes_is_near_that_of_chance():
    rng = random.Random(0)
    images = [[rng.randrange(17) / 16 for _ in range(64)] for _ in range(20)]
    for seed in range(3):
        model = MLP(64, [32, 10], rng=seed)
        first = losses.softmax_cross_entropy([model(x) for x in images], [i % 10 for i in range(20)]).data
        assert first == pytest.approx(math.log(10), abs=0.25)


@pytest.mark.campaign
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_xor_is_learnt_from_nearly_all_seeds(activation):
    corners, labels = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [-1, 1, 1, -1]
    learnt = 0
    for seed in range(12):
        model = MLP(2, [4, 1], activation=activation, rng=seed)
        optimizer = SGD(model.parameters(), learning_rate=1.0)
        fit(model, corners, labels, loss="hinge", optimizer=optimizer, epochs=100, batch_size=4, progress=False)
        learnt += all(predict(model, corners) * labels > 0)
    assert learnt >= 11
