"""Neuron, Layer and MLP: shapes, activations, and what they refuse."""

import math
import random

import numpy as np
import pytest

from autograd import Value, draw, no_grad
from nn import ACTIVATIONS, MLP, Layer, Neuron
from tests.pictures.reading import titles

X = [1.0, -2.0]


def test_a_neuron_is_a_dot_product_a_bias_and_an_activation():
    neuron = Neuron(2, activation="tanh")
    neuron.w[0].data, neuron.w[1].data, neuron.b.data = 0.5, 0.25, 0.125
    assert neuron(X).data == math.tanh(0.5 - 0.5 + 0.125)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_named_activation_is_applied(name):
    neuron = Neuron(2, activation=name, rng=random.Random(1))
    before = Neuron(2, nonlin=False)
    before.load_state_dict(neuron.state_dict())
    before = before(X)
    assert neuron(X).data == float(ACTIVATIONS[name](before))


def test_any_function_of_a_value_is_an_activation():
    assert Neuron(2, activation=lambda x: x * 0 + 7)(X).data == 7.0


def test_the_last_layer_is_linear_and_the_others_are_not():
    model = MLP(2, [3, 2], activation="tanh")
    assert [n.activation is ACTIVATIONS["linear"] for layer in model.layers for n in layer.neurons] == [False] * 3 + [
        True
    ] * 2


def test_outputs_are_a_list_and_a_single_one_is_a_value():
    assert isinstance(MLP(2, [3, 1])(X), Value)
    assert len(MLP(2, [3, 2])(X)) == 2
    assert isinstance(MLP(1, [1, 1, 1])(2.0), Value)
    assert isinstance(MLP(1, [4, 1])(Value(2.0)), Value)


@pytest.mark.parametrize("inputs", [X, tuple(X), np.array(X), (x for x in X), [Value(x) for x in X]])
def test_inputs_are_any_iterable_of_numbers(inputs):
    want = MLP(2, [2, 1], rng=random.Random(3))(X).data
    assert MLP(2, [2, 1], rng=random.Random(3))(inputs).data == want


@pytest.mark.parametrize("rng", [random.Random, np.random.default_rng])
def test_the_same_seed_gives_the_same_weights(rng):
    def weights(seed):
        return [p.data for p in MLP(2, [3, 1], rng=rng(seed)).parameters()]

    assert weights(5) == weights(5) != weights(6)


@pytest.mark.parametrize("module", [Neuron(2), Layer(2, 3), MLP(2, [3, 1])], ids=lambda module: type(module).__name__)
@pytest.mark.parametrize("inputs", [[1.0], [1.0, 2.0, 3.0], [], 1.0])
def test_a_wrong_number_of_inputs_is_refused_with_both_remedies(module, inputs):
    count = len(inputs) if isinstance(inputs, list) else 1
    message = rf"Neuron\(2\) takes 2 numbers, got {count}; pass 2, or build the network with n_inputs={count}"
    with pytest.raises(ValueError, match=message):
        module(inputs)


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (lambda: MLP(2, []), ValueError, "at least one layer, got no sizes"),
        (lambda: MLP(2, 16), TypeError, r"got the int 16; write \[16\]"),
        (lambda: MLP(2, [3, 0]), ValueError, "n_outputs is at least 1, got 0; leave out"),
        (lambda: MLP(0, [1]), ValueError, "n_inputs is at least 1, got 0"),
        (lambda: MLP(2, (n for n in ())), ValueError, "at least one layer"),
        (lambda: Neuron(2, "tanh"), TypeError, "nonlin is True or False, got 'tanh'; .* activation='tanh'"),
        (lambda: Layer(2, 1, rng=False), TypeError, "rng draws random numbers, got bool"),
        (lambda: Neuron(2, rng=""), TypeError, "rng draws random numbers, got str; pass a seed, such as rng=0"),
        (lambda: Neuron(2, rng=-1), ValueError, "rng takes a seed that is 0 or more, got -1; write rng=1"),
        (lambda: Neuron(2, rng=[]), TypeError, "rng draws random numbers, got list"),
        (lambda: Neuron(2, rng=random.Random), TypeError, "rng draws random numbers, got type"),
        (lambda: Neuron(2, activation=[1]), ValueError, r"unknown activation \[1\]; use one of"),
        (lambda: MLP(2, {1, 3}), TypeError, r"sizes lists the neurons of each layer, got set; list them in the order"),
        (lambda: MLP(2, {3: 1}), TypeError, r"sizes lists the neurons of each layer, got dict; pass list"),
        (lambda: MLP(2, "31"), TypeError, "sizes lists the neurons of each layer, got str"),
        (lambda: MLP(2, [2.5]), TypeError, "n_outputs is a whole number, got float"),
        (lambda: Layer(2, -1), ValueError, "n_outputs is at least 1, got -1"),
        (lambda: Neuron(True), TypeError, "n_inputs is a whole number, got bool"),
        (lambda: Neuron(2, activation="rulu"), ValueError, "unknown activation 'rulu'; use one of elu, gelu"),
        (lambda: MLP(2, [1], activation=None), ValueError, "unknown activation None"),
    ],
)
def test_impossible_networks_are_refused(build, error, message):
    with pytest.raises(error, match=message):
        build()


def test_layers_are_scopes_of_nodes_and_parameters():
    model = MLP(2, [3, 1])
    y = model(X)
    assert y.scope == ("layers.1", "layers.1.neurons.0")
    assert {p.scope for p in model.layers[0].neurons[2].parameters()} == {("layers.0", "layers.0.neurons.2")}
    assert [title.partition(",")[0] for title in titles(draw(y, depth=0), "box")] == [
        "layers.0: 18 nodes",
        "layers.1: 6 nodes",
    ]


def test_no_gradient_is_recorded_in_no_grad():
    model = MLP(2, [3, 1])
    with no_grad():
        assert model(X).op is None


def test_sizes_are_any_iterable_of_whole_numbers():
    for sizes in ((3, 1), (n for n in (3, 1)), np.array([3, 1])):
        assert len(MLP(2, sizes).parameters()) == 13


def test_an_activation_that_cuts_the_graph_is_refused():
    with pytest.raises(TypeError, match=r"gave float, through which no gradient flows; use .* autograd\.tanh"):
        MLP(2, [3, 1], activation=math.tanh)(X)


def test_a_batch_is_told_to_come_one_by_one():
    with pytest.raises(TypeError, match=r"got ndarray of shape \(5, 2\); write nn.predict\(model, x\), or \[model\("):
        MLP(2, [3, 1])(np.ones((5, 2)))
    with pytest.raises(
        TypeError, match=r"got rows: list in it; write nn.predict\(model, xs\), or \[model\(x\) for x in"
    ):
        MLP(2, [3, 1])([[1.0, 2.0], [3.0, 4.0]])


def test_parameters_are_labelled_for_pictures():
    assert [p.label for p in Neuron(2).parameters()] == ["w.0", "w.1", "b"]


def used_up():
    numbers = (x for x in [1.0, 2.0])
    list(numbers)
    return numbers


@pytest.mark.parametrize(
    ("sample", "kind"),
    [
        ({1.0: 5.0, 2.0: 6.0}, "dict"),
        ({1.0, 2.0}, "set"),
        (b"ab", "bytes"),
        ("12", "str"),
        (np.ma.array([1.0, 2.0], mask=[True, False]), "MaskedArray"),
        (np.array(1.0), "ndarray"),
        (used_up(), "generator"),
    ],
)
def test_what_is_no_list_of_numbers_is_no_sample(sample, kind):
    for network in (MLP(2, [1]), Layer(2, 1), Neuron(2)):
        with pytest.raises(TypeError, match=f"a network takes one sample, a list of numbers, got {kind}; "):
            network(sample)
