"""state_dict and load_state_dict: names and shapes of arrays, and what does not fit."""

import math
import pathlib
import random

import numpy as np
import pytest

from autograd import Value
from nn import MLP, Layer, Module, Neuron


class Mixed(Module):
    """Parameters in everything that may hold them."""

    def __init__(self):
        self.scale = Value(1.0)
        self.row = [Value(2.0), Value(3.0)]
        self.table = ((Value(4.0), Value(5.0)), [Value(6.0), Value(7.0)])
        self.ragged = [[Value(8.0)], [Value(9.0), Value(10.0)]]
        self.named = {"a": Value(11.0), "b": [Value(12.0)], "x.y": Value(13.0)}
        self.array = np.array([[Value(14.0), Value(15.0), Value(16.0)]])
        self.some = [Value(17.0), None, 1.0]
        self.body = Layer(2, 1, rng=random.Random(0))
        self.result = self.scale + 1
        self.nothing = []


SHAPES = {
    "scale": (),
    "row": (2,),
    "table": (2, 2),
    "ragged.0": (1,),
    "ragged.1": (2,),
    "named.a": (),
    "named.b": (1,),
    "named.'x.y'": (),
    "array": (1, 3),
    "some.0": (),
    "body.weight": (1, 2),
    "body.bias": (1,),
}


def numbers(model):
    return [p.data for p in model.parameters()]


def test_arrays_have_the_natural_shapes_of_what_holds_the_values():
    state = Mixed().state_dict()
    assert {name: array.shape for name, array in state.items()} == SHAPES
    assert all(array.dtype == np.float64 for array in state.values())
    assert [x for array in state.values() for x in array.ravel()][:17] == list(range(1, 18))


def test_a_layer_is_a_matrix_of_weights_and_a_vector_of_biases():
    layer = Layer(3, 2, rng=random.Random(0))
    layer.neurons[1].b.data = 5.0
    state = layer.state_dict()
    assert state["weight"].tolist() == [[w.data for w in neuron.w] for neuron in layer.neurons]
    assert state["bias"].tolist() == [0.2, 5.0]
    assert {name: x.shape for name, x in Neuron(3).state_dict().items()} == {"w": (3,), "b": ()}


def test_what_a_neuron_of_a_layer_holds_besides_is_in_the_state():
    layer = Layer(2, 2)
    layer.neurons[1].scale, layer.gain = Value(3.0), Value(4.0)
    layer.neurons[0].b = layer.neurons[1].b
    state = layer.state_dict()
    assert (state["neurons.1.scale"], state["gain"], list(state)) == (
        3.0,
        4.0,
        ["weight", "bias", "neurons.1.scale", "gain"],
    )


@pytest.mark.parametrize("make", [Mixed, lambda: MLP(2, [3, 1]), lambda: Neuron(2), Module])
def test_a_state_that_is_loaded_gives_the_same_bits(make):
    model, other = make(), make()
    for i, p in enumerate(model.parameters()):
        p.data = [0.1 * i, -0.0, math.inf, 5e-324][i % 4]
    assert other.load_state_dict(model.state_dict()) == ([], [])
    assert list(map(float.hex, numbers(other))) == list(map(float.hex, numbers(model)))


def test_the_arrays_are_copies():
    model = MLP(2, [1])
    state = model.state_dict()
    state["layers.0.weight"][:] = 7.0
    assert 7.0 not in numbers(model)
    model.load_state_dict(state)
    state["layers.0.weight"][:] = 8.0
    assert numbers(model) == [7.0, 7.0, 0.0]


def test_gradients_and_results_stay_as_they_are():
    neuron = Neuron(1, nonlin=False)
    y = neuron([2.0])
    y.backward()
    neuron.load_state_dict({"w": [5.0], "b": 1.0})
    assert (neuron.w[0].grad, y.partials) == (2.0, (1.0, 1.0))


def test_what_is_shared_is_stored_once_and_loaded_once():
    class Tied(Module):
        def __init__(self):
            self.first = Layer(2, 2)
            self.again = self.first
            self.weights = [neuron.b for neuron in self.first.neurons]
            self.pair = [self.first.neurons[0].b, Value(1.0)]

    model = Tied()
    state = model.state_dict()
    assert list(state) == ["first.weight", "first.bias", "pair"]
    before = numbers(model)
    state["pair"][0] = 9.0
    with pytest.raises(ValueError, match=r"first.bias and pair share a parameter, got 0.2 and 9.0 for it; make"):
        model.load_state_dict(state)
    assert numbers(model) == before
    state["first.bias"][0] = 9.0
    model.load_state_dict(state)
    assert model.pair[0].data == model.first.neurons[0].b.data == 9.0


def test_nan_is_equal_to_itself_where_a_parameter_is_shared():
    class Tied(Module):
        def __init__(self):
            self.a = Value(math.nan)
            self.b = [self.a, Value(1.0)]

    Tied().load_state_dict(Tied().state_dict())


class Tensor:
    """Something that gives its numbers as torch's tensors do."""

    def __array__(self, dtype=None, copy=None):
        return np.array([1.0, 2.0], dtype=np.float32)


@pytest.mark.parametrize(
    "array", [[1, 2], (1.0, 2.0), np.array([1, 2], dtype=np.int8), Tensor()], ids=lambda array: type(array).__name__
)
def test_arrays_may_be_of_any_kind_that_numpy_reads(array):
    neuron = Neuron(2)
    neuron.load_state_dict({"w": array, "b": True})
    assert numbers(neuron) == [1.0, 2.0, 1.0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bias": None}, r"Layer: it lacks bias; build the model as it was saved, or pass strict=False"),
        ({"extra": 1.0, "more": 2.0}, r"nothing takes extra, more; build"),
        ({"weight": np.ones((2, 3))}, r"it has weight of shape \(2, 3\) instead of \(3, 2\); build .* saved$"),
        ({"weight": None, "bias": [[1.0]], "b": 1}, r"bias of shape \(1, 1\) .* it lacks weight, nothing takes b; "),
        ({f"x{i}": 0 for i in range(6)}, "nothing takes x0, x1, x2, x3 and 2 more;"),
        ({"bias": ["a", "b", "c"]}, r"real numbers, got an array of <U1 for bias; convert"),
        ({"bias": [1j, 0, 0]}, r"real numbers, got an array of complex128 for bias"),
        ({"bias": {"a": 1}}, r"real numbers, got dict for bias"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing_and_says_why(change, message):
    layer = Layer(2, 3)
    before = numbers(layer)
    state = {name: x for name, x in (layer.state_dict() | change).items() if x is not None}
    state = {name: x if name in change else x + 1 for name, x in state.items()}
    with pytest.raises((ValueError, TypeError), match=message):
        layer.load_state_dict(state)
    assert numbers(layer) == before


def test_names_may_differ_if_it_is_not_strict_but_shapes_may_not():
    layer = Layer(2, 1)
    keys = layer.load_state_dict({"bias": [4.0], "extra": 1.0}, strict=False)
    assert (keys.missing_keys, keys.unexpected_keys, layer.neurons[0].b.data) == (["weight"], ["extra"], 4.0)
    with pytest.raises(ValueError, match=r"bias of shape \(2,\) instead of \(1,\); build the model as it was saved$"):
        layer.load_state_dict({"bias": [4.0, 5.0]}, strict=False)


@pytest.mark.parametrize("state", [None, [1.0], np.ones(3), MLP(2, [1])], ids=type)
def test_a_state_is_a_dict(state):
    with pytest.raises(TypeError, match=r"takes a dict of arrays by name, got \w+; pass what state_dict\(\)"):
        MLP(2, [1]).load_state_dict(state)
    for path in ("model.safetensors", pathlib.Path("model.safetensors")):
        with pytest.raises(
            TypeError, match=r"takes a dict of arrays by name, got .*; write nn.load\(path, into=model\)"
        ):
            MLP(2, [1]).load_state_dict(path)


def test_lists_that_hold_themselves_and_deep_lists_have_a_state():
    class Loop(Module):
        def __init__(self):
            self.items = [Value(1.0)]
            self.items.append(self.items)
            self.only = []
            self.only.append(self.only)
            self.deep = Value(2.0)
            for _ in range(100):
                self.deep = [self.deep]

    assert [array.ravel().tolist() for array in Loop().state_dict().values()] == [[1.0], [2.0]]
