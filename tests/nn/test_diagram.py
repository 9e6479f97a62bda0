"""The diagram of a network: which modules have one, and what it shows of them."""

import pytest

from autograd import Value, draw
from nn import (
    ELU,
    MLP,
    Dropout,
    Embedding,
    Layer,
    LayerNorm,
    Linear,
    LogSoftmax,
    Module,
    Neuron,
    ReLU,
    RMSNorm,
    Sequential,
    Softmax,
    Tanh,
)
from tests.pictures.reading import texts, titles


def test_an_mlp_has_a_column_for_its_inputs_and_for_each_layer():
    picture = draw(MLP(2, [4, 3, 1], activation="tanh", rng=0))
    assert {"inputs", "layers.0", "layers.1", "layers.2"} <= set(texts(picture))
    assert {"4 neurons", "3 neurons", "1 neuron", "tanh", "linear"} <= set(texts(picture))
    assert [len(titles(picture, kind)) for kind in ("input", "neuron", "output")] == [2, 7, 1]


def test_the_tips_have_the_names_of_the_parameters():
    model = MLP(2, [1], rng=0)
    bias = model.layers[0].neurons[0].b
    assert titles(draw(model), "output") == [f"layers.0, neuron 1 of 1; layers.0.neurons.0.b = {bias.data!r}"]
    assert f"layers.0.neurons.0.w.1 = {model.parameters()[1].data!r}" in draw(model).pipe(encoding="utf-8")


@pytest.mark.parametrize("module", [Neuron(2, rng=0), Layer(2, 3, rng=0), Linear(2, 3, rng=0)])
def test_a_layer_alone_is_named_after_its_class(module):
    assert type(module).__name__ in texts(draw(module))
    assert len(titles(draw(module), "input")) == 2


def test_functions_in_a_sequential_belong_to_the_layer_before():
    model = Sequential(Linear(3, 4, rng=0), ReLU(), Dropout(0.5), Linear(4, 2, rng=1), ELU(0.5), Softmax())
    shown = texts(draw(model))
    assert {"0: Linear", "3: Linear", "ReLU, Dropout(0.5)", "ELU(0.5), Softmax"} <= set(shown)
    inner = texts(draw(Sequential(MLP(2, [3, 2], rng=0), Sequential(Linear(2, 2, rng=0), LogSoftmax()))))
    assert {"0.layers.0", "0.layers.1", "1.0: Linear", "LogSoftmax"} <= set(inner)
    assert "Tanh" in texts(draw(Sequential(Tanh(), Linear(2, 1, rng=0))))


def test_norms_belong_to_the_layer_before():
    assert "LayerNorm, RMSNorm" in texts(draw(Sequential(Linear(2, 2, rng=0), LayerNorm(2), RMSNorm(2))))


def test_only_neurons_with_one_known_activation_show_its_curve():
    def curves(*modules):
        return draw(Sequential(*modules)).pipe(encoding="utf-8").count("<polyline")

    assert curves(Linear(2, 3, rng=0)) == curves(Linear(2, 3, rng=0), Tanh()) == curves(Layer(2, 3, rng=0)) == 3
    assert curves(Layer(2, 3, rng=0), Softmax()) == 3
    assert curves(Linear(2, 3, rng=0), Softmax()) == curves(Layer(2, 3, rng=0), Tanh()) == 0
    assert curves(Layer(2, 3, activation=lambda x: x * x, rng=0)) == 0


def test_neurons_with_several_activations_list_them():
    layer = Layer(2, 2, activation="tanh", rng=0)
    layer.neurons[0] = Neuron(2, activation="relu", rng=0)
    assert "relu, tanh" in texts(draw(layer))


@pytest.mark.parametrize("convert", [list, tuple, lambda x: [Value(number) for number in x]])
def test_with_inputs_each_circle_has_what_its_neuron_gives(convert):
    model = Sequential(Linear(2, 2, rng=0), Tanh(), Neuron(2, activation="relu", rng=1))
    inputs = [0.5, -2.0]
    hidden = model[1](model[0](inputs))
    picture = draw(model, inputs=convert(inputs))
    assert [title.split(": ")[1] for title in titles(picture, "input")] == ["0.5", "-2.0"]
    assert [title.split(": ")[2].split(";")[0] for title in titles(picture, "neuron")] == [repr(y.data) for y in hidden]
    assert f": {model(inputs).data!r};" in titles(picture, "output")[0]


def test_an_array_is_a_sample():
    np = pytest.importorskip("numpy")
    assert titles(draw(Neuron(2, rng=0), inputs=np.array([0.5, 1.0])), "input") == ["input x₁: 0.5", "input x₂: 1.0"]


def test_a_drawing_leaves_the_network_as_it_was():
    model = Sequential(Linear(2, 8, rng=0), Dropout(0.5, rng=0), Linear(8, 1, rng=1))
    x = Value(1.0)
    pictures = [draw(model, inputs=[x, 2.0]).pipe() for _ in range(2)]
    assert pictures[0] == pictures[1]
    assert all(module.training for module in model.modules())
    assert x.grad == 0.0
    assert all(parameter.grad == 0.0 for parameter in model.parameters())
    assert not model.eval().modules()[1].training
    draw(model)
    assert not any(module.training for module in model.modules())


def test_after_a_backward_the_gradient_of_each_bias_is_that_of_the_model():
    model, x = MLP(2, [3, 1], activation="tanh", rng=0), [Value(0.5, label="height"), Value(1.5)]
    model(x).backward()
    shown = titles(draw(model, inputs=x), "neuron")
    biases = [neuron.b for neuron in model.layers[0].neurons]
    assert [title.rpartition("gradient ")[2] for title in shown] == [repr(bias.grad) for bias in biases]
    assert titles(draw(model, inputs=x), "input")[0] == f"input height: 0.5, gradient {x[0].grad!r}"


def test_a_wrong_count_of_inputs_is_refused():
    with pytest.raises(ValueError, match="takes 2 numbers, got 1"):
        draw(MLP(2, [1], rng=0), inputs=[1.0])


class Own(Module):
    """A module that is no chain."""

    def __init__(self) -> None:
        self.layer = Linear(2, 2, rng=0)

    def __call__(self, x):
        return [a + b for a, b in zip(x, self.layer(x))]


@pytest.mark.parametrize(
    "module",
    [
        Own(),
        Embedding(3, 2, rng=0),
        Sequential(Own(), Linear(2, 1, rng=0)),
        Sequential(Tanh()),
        Sequential(Linear(2, 3, rng=0), Linear(2, 1, rng=0)),
    ],
)
def test_what_is_no_chain_of_layers_is_refused_and_jupyter_shows_its_text(module):
    with pytest.raises(TypeError, match=rf"got {type(module).__name__}; draw its result: draw\(model\(x\)\)"):
        draw(module)
    assert module._repr_mimebundle_() == {"text/plain": repr(module)}


def test_jupyter_shows_the_diagram_of_a_network():
    shown = MLP(2, [3, 1], rng=0)._repr_mimebundle_()
    assert shown["text/plain"] == repr(MLP(2, [3, 1], rng=0))
    assert "<svg" in shown["image/svg+xml"]
    deep = MLP(10, [10] * 100, rng=0)._repr_mimebundle_()
    assert list(deep) == ["text/plain"]
    assert "draw() shows no picture here: the network has 1010 circles" in deep["text/plain"]


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ([1.0], "takes 2 numbers, got 1; pass 2"),
        ([1.0, 2.0, 3.0], "takes 2 numbers, got 3; pass 2"),
        (5, "takes 2 numbers, got 1; pass 2"),
        ([[1.0, 2.0]], r"got rows: list in it; write nn\.predict"),
        ([1j, 2.0], "got complex in it; convert it"),
        ([None, 2.0], "got NoneType in it; convert it"),
        (["a", "b"], "got str in it; convert it"),
        (abs, "got builtin_function_or_method in it; convert it"),
        ({"x": 1.0}, r"got dict; pass list\(d\.values\(\)\)"),
    ],
)
@pytest.mark.parametrize("module", [MLP(2, [3, 1], rng=0), Sequential(Tanh(), Linear(2, 1, rng=0))])
def test_inputs_that_are_no_sample_are_refused_with_what_to_write(module, inputs, message):
    with pytest.raises((TypeError, ValueError), match=message):
        draw(module, inputs=inputs)


def test_an_input_that_is_nan_is_told_and_a_huge_one_is_infinite():
    shown = texts(draw(MLP(2, [3, 1], rng=0), inputs=[float("nan"), 1.0]))
    assert [text for text in shown if text.startswith("An input is nan, and so is what depends on it")]
    assert "∞" in texts(draw(MLP(2, [3, 1], rng=0), inputs=[10**400, 1.0]))
