"""to_torch and from_torch: the same numbers and outputs. Without PyTorch, a stand-in takes its place."""

import importlib.util
import random
import sys

import numpy as np
import pytest

import nn
from nn import ACTIVATIONS, MLP, Layer, Neuron
from tests.nn import torch_stand_in

IS_INSTALLED = importlib.util.find_spec("torch") is not None

POINTS = [[0.5, -1.5], [-30.0, 4.0], [25.0, -25.0]]
RECORDED = {
    "elu": [[0.4552202355647463, -0.9168814938535141], [31.249999999999957, -21.749999999999993], [-36.3125, 36.0625]],
    "gelu": [[0.6886582703120914, -0.9529065648895576], [29.75, -20.25], [-35.5625, 35.5625]],
    "leaky_relu": [[0.4934375, -0.748125], [30.230625, -20.793125], [-35.894375, 35.78375]],
    "linear": [[-0.15625, -0.5625], [77.8125, -74.5625], [-68.75, 57.6875]],
    "relu": [[0.5, -0.75], [29.75, -20.25], [-35.5625, 35.5625]],
    "sigmoid": [
        [0.03341217695115384, -0.25017111690169647],
        [1.249999999999957, -1.2499999999999913],
        [-0.9999999999454607, 0.7499999999538114],
    ],
    "silu": [
        [0.5961745388204117, -0.9085015264131442],
        [29.750000000001332, -20.25000000000027],
        [-35.56249999868922, 35.56249999888229],
    ],
    "softplus": [
        [-0.10410918306595884, -0.11022205253264072],
        [29.749999999999957, -20.249999999999993],
        [-35.56250000005454, 35.56250000004619],
    ],
    "tanh": [[0.477641790755053, -0.9661531058000403], [2.75, -2.75], [-1.75, 1.25]],
}
"""The outputs of torch.nn, of PyTorch 2.13. To record them again: python -m tests.nn.test_pytorch"""


@pytest.fixture
def torch(monkeypatch):
    if IS_INSTALLED:
        import torch

        return torch
    monkeypatch.setitem(sys.modules, "torch", torch_stand_in)
    return torch_stand_in


def network(activation):
    """A model with numbers that are easy to repeat."""
    model = MLP(2, [3, 2], activation=activation)
    for i, p in enumerate(model.parameters()):
        p.data = ((i * 7) % 11 - 5) / 4
    return model


def outputs(model):
    return [[y.data for y in model(x)] for x in POINTS]


def rows(torch, module):
    return module(torch.tensor(POINTS, dtype=torch.float64) if IS_INSTALLED else torch.tensor(POINTS)).detach().numpy()


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_network_has_the_same_outputs_there_and_comes_back_with_its_bits(activation, torch):
    model = network(activation)
    module = nn.to_torch(model)
    np.testing.assert_allclose(rows(torch, module), outputs(model), rtol=1e-12, atol=1e-12)
    back = nn.from_torch(module)
    assert repr(back) == repr(model)
    assert [p.data.hex() for p in back.parameters()] == [p.data.hex() for p in model.parameters()]


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_outputs_are_those_that_pytorch_gave(activation):
    np.testing.assert_allclose(outputs(network(activation)), RECORDED[activation], rtol=1e-12, atol=1e-12)


@pytest.mark.skipif(not IS_INSTALLED, reason="PyTorch is not installed; its outputs are recorded in this file")
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_recorded_outputs_are_those_of_pytorch(activation, torch):
    np.testing.assert_allclose(rows(torch, nn.to_torch(network(activation))), RECORDED[activation], rtol=1e-14)


@pytest.mark.skipif(not IS_INSTALLED, reason="PyTorch is not installed, and the stand-in draws no random numbers")
def test_random_numbers_of_pytorch_are_left_alone(torch):
    state = torch.random.get_rng_state()
    nn.to_torch(network("relu"))
    assert torch.equal(torch.random.get_rng_state(), state)


@pytest.mark.parametrize(
    "model", [Layer(2, 2, activation="tanh", rng=random.Random(1)), Neuron(2, rng=random.Random(1))]
)
@pytest.mark.usefixtures("torch")
def test_layers_and_neurons_are_taken_as_networks(model):
    back = nn.from_torch(nn.to_torch(model))
    assert [p.data for p in back.parameters()] == [p.data for p in model.parameters()]
    assert np.array(outputs(back) if isinstance(model, Layer) else [[back(x).data] for x in POINTS]).tolist() == [
        [y.data for y in (model(x) if isinstance(model, Layer) else [model(x)])] for x in POINTS
    ]


def test_a_sequence_has_the_same_outputs_there(torch):
    parts = [
        nn.Linear(2, 3, rng=0),
        nn.Sequential(nn.SiLU(), nn.Identity()),
        nn.Dropout(),
        nn.Linear(3, 2, False, rng=1),
    ]
    model = nn.Sequential(*parts, nn.LeakyReLU()).eval()
    module = nn.to_torch(model)
    np.testing.assert_allclose(rows(torch, module), outputs(model), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(outputs(nn.from_torch(module)), outputs(model), rtol=1e-12, atol=1e-12)


def test_nested_modules_and_those_that_change_nothing_are_taken(torch):
    inner = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Identity(), torch.nn.Tanh())
    module = torch.nn.Sequential(inner, torch.nn.Dropout().eval(), torch.nn.Linear(3, 1, bias=False))
    model = nn.from_torch(module)
    assert [(len(layer.neurons), layer.neurons[0].activation.__name__) for layer in model.layers] == [
        (3, "tanh"),
        (1, "linear"),
    ]
    assert model.state_dict()["layers.1.bias"].tolist() == [0.0]
    assert model.state_dict()["layers.0.bias"].tolist() == inner_bias(inner)


def inner_bias(module):
    return next(iter(module)).bias.detach().numpy().tolist()


def test_what_is_no_chain_is_refused(torch):
    t = torch.nn
    for module, error, match in [
        (t.Sequential(), ValueError, "takes at least one linear map, got none; add one"),
        (t.Sequential(t.Linear(1, 2), t.Linear(3, 1)), ValueError, "got 3 inputs after 2 outputs; change one of them"),
        (t.Sequential(t.ReLU(), t.Linear(1, 1)), ValueError, "after a linear map, got relu elsewhere; leave it out"),
        (t.Sequential(t.Linear(1, 1), t.ReLU(), t.Tanh()), ValueError, "got tanh elsewhere; leave it out"),
        (t.Sequential(t.Linear(1, 1), t.ELU(alpha=0.5)), ValueError, "takes ELU with alpha=1.0, got 0.5; use that"),
        (t.Sequential(t.Linear(1, 1), t.Dropout()), TypeError, r"got Dropout; call module.eval\(\) first"),
        (type("Own", (t.Module,), {})(), TypeError, "got Own; convert its parts"),
        (3, TypeError, "from_torch.. takes Linear, activations and Sequential of torch.nn, got int; convert its parts"),
    ]:
        with pytest.raises(error, match=match):
            nn.from_torch(module)
    mixed = Layer(1, 2)
    mixed.neurons[0].activation = ACTIVATIONS["tanh"]
    for model in (MLP(1, [1, 1], activation=lambda x: x * x), mixed):
        with pytest.raises(ValueError, match="one activation of ACTIVATIONS, got others in a Layer; name one for all"):
            nn.to_torch(model)
    for model, error, match in [
        ({}, TypeError, "takes networks of layers, Linear and activations, got dict; convert its parts"),
        (nn.Sequential(nn.Linear(1, 1), nn.Softmax()), TypeError, "got Softmax; convert its parts"),
        (nn.Sequential(nn.Linear(1, 1), nn.Dropout()), TypeError, r"got Dropout; call model.eval\(\) first"),
        (nn.Sequential(nn.Linear(1, 1), nn.LeakyReLU(0.2)), ValueError, r"got LeakyReLU\(0.2\); use LeakyReLU\(\)"),
        (nn.Sequential(nn.Linear(1, 1), nn.ELU(0.5)), ValueError, r"with its usual setting, got ELU\(0.5\); use ELU"),
        (nn.Sequential(nn.Tanh(), nn.Linear(1, 1)), ValueError, "begins with a linear map, got none at the start"),
        (nn.Identity(), ValueError, "begins with a linear map, got none at the start; add one"),
    ]:
        with pytest.raises(error, match=match):
            nn.to_torch(model)


def test_without_pytorch_an_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    for call in (lambda: nn.to_torch(network("relu")), lambda: nn.from_torch(None)):
        with pytest.raises(ImportError, match=r"torch\(\) needs PyTorch; install it: python -m pip install torch"):
            call()


def record():
    """Print the outputs of PyTorch, for RECORDED."""
    import torch

    for activation in ACTIVATIONS:
        print(f"    {activation!r}: {rows(torch, nn.to_torch(network(activation))).tolist()},")


if __name__ == "__main__":
    record()
