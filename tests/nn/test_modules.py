"""Linear, Sequential, Embedding, Dropout, norms and activations: what they compute, eagerly and in programs."""

import copy
import math
import pickle
import random

import numpy as np
import pytest

import autograd
import nn
from autograd import Value, compile
from autograd.testing import check_gradients
from nn import (
    MLP,
    Dropout,
    Embedding,
    Layer,
    LayerNorm,
    Linear,
    Module,
    ReLU,
    RMSNorm,
    Sequential,
    Softmax,
    Tanh,
    fit,
    predict,
)

X = [1.0, -2.0, 0.5]
MODULES = {
    "Linear": lambda: Linear(3, 2, rng=0),
    "Linear without bias": lambda: Linear(3, 2, bias=False, rng=0),
    "Layer": lambda: Layer(3, 2, activation="tanh", rng=0),
    "LayerNorm": lambda: LayerNorm(3),
    "RMSNorm": lambda: RMSNorm(3),
    "Dropout": lambda: Dropout(0.5, rng=0).eval(),
    "Sequential": lambda: Sequential(Linear(3, 4, rng=0), Tanh(), LayerNorm(4), MLP(4, [3, 2], rng=1)),
    "Softmax": Softmax,
    **{name: getattr(nn, name) for name in ("ReLU", "LeakyReLU", "ELU", "GELU", "SiLU", "Sigmoid", "Softplus", "Tanh")},
    "LogSoftmax": nn.LogSoftmax,
    "Identity": nn.Identity,
}


def numbers(outputs):
    return [float(y) for y in (outputs if isinstance(outputs, list) else [outputs])]


@pytest.mark.parametrize("name", MODULES)
def test_a_module_computes_the_same_in_a_program(name):
    model = MODULES[name]()
    rows = np.array([X, [0.25, 3.0, -1.0]])
    want = [numbers(model(row)) for row in rows.tolist()]
    np.testing.assert_allclose(compile(lambda x: model(x)).map(rows), want, rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(predict(model, rows), want, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("name", MODULES)
def test_the_derivatives_of_a_module_are_those_of_differences(name):
    model = MODULES[name]()
    weights = [0.3, -1.7, 0.9]
    check_gradients(lambda *x: autograd.sum(w * y for w, y in zip(weights, model(list(x)))), *X)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_copies_and_pickles(name):
    model = MODULES[name]()
    for again in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert numbers(again(X)) == numbers(model(X))
        assert repr(again) == repr(model)


@pytest.mark.parametrize("name", MODULES)
def test_inputs_of_every_kind_are_taken(name):
    model = MODULES[name]()
    want = numbers(model(X))
    for x in (tuple(X), np.array(X), [Value(v) for v in X], np.array([Value(v) for v in X]), (v for v in X)):
        assert numbers(model(x)) == want


# --------------------------------------------------------------------------- what each computes


def test_linear_is_a_matrix_times_a_vector_plus_a_vector():
    linear = Linear(3, 2, rng=0)
    state = linear.state_dict()
    assert {name: array.shape for name, array in state.items()} == {"weight": (2, 3), "bias": (2,)}
    linear.load_state_dict({"weight": [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "bias": [0.5, -0.5]})
    assert numbers(linear(X)) == [-1.0, -3.5]
    assert (repr(linear), repr(Linear(3, 2, bias=False))) == ("Linear(3, 2)", "Linear(3, 2, bias=False)")
    assert len(Linear(1, 1)(2.0)) == 1


def test_sequential_calls_its_modules_in_order_and_names_them_by_number():
    model = Sequential(Linear(3, 2, rng=0), ReLU())
    model.append(Linear(2, 1, rng=1))
    assert list(model.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert (len(model), model[1], model[-1]) == (3, list(model)[1], list(model)[2])
    y = model(X)[0]
    assert (y.data, y.scope) == (model[2](model[1](model[0](X)))[0].data, ("2",))
    assert repr(model) == "Sequential(\n  (0): Linear(3, 2)\n  (1): ReLU()\n  (2): Linear(2, 1)\n)"
    assert [p.label for p in model.parameters()][-3:] == ["2.weight.0.0", "2.weight.0.1", "2.bias.0"]


def test_an_embedding_is_a_row_of_its_table():
    embedding = Embedding(4, 3, rng=0)
    table = embedding.state_dict()["weight"]
    for index in (0, 3, -1, 2.0, np.int64(1)):
        assert numbers(embedding(index)) == table[int(index)].tolist()
    assert compile(lambda i: embedding(i)).map([1.0, 3.0, 0.0]).tolist() == table[[1, 3, 0]].tolist()
    autograd.sum(embedding(2)).backward()
    assert [[w.grad for w in row] for row in embedding.weight] == [[float(i == 2)] * 3 for i in range(4)]
    assert repr(embedding) == "Embedding(4, 3)"


def test_norms_are_those_of_the_papers():
    x, w, b = np.array(X), np.array([0.5, 2.0, -1.0]), np.array([1.0, 0.0, 3.0])
    layer, rms = LayerNorm(3, epsilon=0.1), RMSNorm(3, epsilon=0.1)
    layer.load_state_dict({"weight": w, "bias": b})
    rms.load_state_dict({"weight": w})
    assert numbers(layer(X)) == pytest.approx(w * (x - x.mean()) / np.sqrt(x.var() + 0.1) + b)
    assert numbers(rms(X)) == pytest.approx(w * x / np.sqrt((x**2).mean() + 0.1))
    assert numbers(LayerNorm(3)([2.0] * 3)) == [0.0] * 3
    assert (repr(layer), repr(rms)) == ("LayerNorm(3, epsilon=0.1)", "RMSNorm(3, epsilon=0.1)")


@pytest.mark.parametrize(("name", "module"), [("leaky_relu", nn.LeakyReLU), ("elu", nn.ELU)])
def test_an_activation_with_a_setting_passes_it_on(name, module):
    assert module(0.3)(-2.0) == getattr(autograd, name)(-2.0, 0.3)
    assert repr(module(0.3)) == f"{module.__name__}(0.3)"


# --------------------------------------------------------------------------- dropout


def test_dropout_scales_what_it_keeps_so_that_the_mean_stays():
    dropout = Dropout(0.25, rng=1)
    kept = [y for _ in range(2000) for y in dropout([3.0])]
    assert set(kept) == {0.0, 4.0}
    assert np.mean(kept) == pytest.approx(3.0, abs=0.1)
    assert dropout(Value(2.0)).__class__ in (Value, float)


def test_dropout_does_nothing_in_evaluation_or_with_probability_0():
    x = Value(3.0)
    assert Dropout(0.9).eval()([x, 1.0]) == [x, 1.0]
    assert Dropout(0.0)([x]) == [x]
    assert Dropout(1.0)([x, 2.0]) == [0.0, 0.0]


def test_dropout_has_a_generator_of_its_own():
    a, b = Dropout(0.5, rng=3), Dropout(0.5, rng=3)
    first = a([1.0] * 50)
    random.random()
    assert b([1.0] * 50) == first != a([1.0] * 50)
    random.seed(1)
    default = Dropout()([1.0] * 50)
    random.seed(1)
    assert Dropout()([1.0] * 50) == default


def test_dropout_in_a_compiled_function_is_refused_unless_in_evaluation():
    model = Sequential(Dropout(0.5, rng=0), Linear(3, 1, rng=0))
    with pytest.raises(RuntimeError, match=r"would drop the same numbers in every call; call model.eval\(\) first, or"):
        compile(lambda x: model(x)[0])(X)
    model.eval()
    assert compile(lambda x: model(x)[0])(X) == model(X)[0].data


class Noisy(Module):
    def __init__(self):
        self.body = Sequential(
            Linear(3, 6, rng=0), Tanh(), Dropout(0.5, rng=1), Linear(6, 1, rng=2), Dropout(0.2, rng=3)
        )

    def __call__(self, x):
        return self.body(x)[0]


def test_fit_trains_with_dropout_alike_compiled_and_recorded():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(20, 3))
    y = x.sum(axis=1)
    losses, weights = [], []
    for compiled in (True, False):
        model = Noisy()
        history = fit(
            model, x, y, loss="mse", optimizer="adam", epochs=4, batch_size=8, rng=0, compiled=compiled, progress=False
        )
        losses.append(history.losses)
        weights.append([p.data for p in model.parameters()])
        assert model.training
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-10)
    np.testing.assert_allclose(weights[0], weights[1], rtol=1e-10)
    assert predict(model, x).tolist() == predict(model, x).tolist()


def test_fit_drops_other_numbers_for_each_sample_and_epoch():
    seen = []

    class Watched(Module):
        def __init__(self):
            self.drop, self.scale = Dropout(0.5, rng=0), Value(1.0)

        def __call__(self, x):
            y = self.drop([x])[0]
            seen.append(y if isinstance(y, float) else y.data)
            return y * self.scale

    fit(Watched(), [1.0] * 64, [0.0] * 64, loss="mse", optimizer="sgd", epochs=3, rng=0, compiled=False, progress=False)
    epochs = np.array(seen[-192:]).reshape(3, 64)
    assert 0.3 < (epochs == 0).mean() < 0.7
    assert len({tuple(row) for row in epochs.tolist()}) == 3


# --------------------------------------------------------------------------- what they refuse


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: Linear(0, 1), ValueError, "n_inputs is at least 1, got 0"),
        (lambda: Linear(2, 1.5), TypeError, "n_outputs is a whole number, got float"),
        (lambda: Linear(2, 1, "tanh"), TypeError, "bias of Linear is True or False, got str"),
        (lambda: Linear(2, 1)([1.0]), ValueError, r"Linear\(2\) takes 2 numbers, got 1; pass 2, or build"),
        (lambda: Linear(2, 1)([[1.0, 2.0]]), TypeError, "one sample, a row of numbers, got rows: list in it"),
        (lambda: Sequential(), ValueError, "at least one module, got none"),
        (lambda: Sequential(Linear(2, 1), math.tanh), TypeError, r"got tanh; write nn.Tanh\(\) for tanh"),
        (lambda: Sequential(Linear(2, 1), ReLU), TypeError, r"got ReLU; write ReLU\(\)"),
        (lambda: Sequential([Linear(2, 1)]), TypeError, r"got list; write \*modules"),
        (lambda: Embedding(0, 1), ValueError, "n_indices is at least 1, got 0"),
        (lambda: Embedding(3, 2)(3), (IndexError, ValueError), "3"),
        (lambda: Dropout(1.5), ValueError, "p of Dropout is a probability from 0 to 1, got 1.5"),
        (lambda: Dropout(True), ValueError, "p of Dropout is a probability from 0 to 1"),
        (lambda: Dropout(0.5, rng="a"), TypeError, "rng draws random numbers, got str"),
        (lambda: LayerNorm(0), ValueError, "n_inputs is at least 1"),
        (lambda: LayerNorm(2, -1.0), ValueError, "epsilon is a number from 0 on, got -1.0"),
        (lambda: LayerNorm(2)([1.0]), ValueError, r"LayerNorm\(2\) takes 2 numbers, got 1"),
        (lambda: RMSNorm(2)([1.0, 2.0, 3.0]), ValueError, r"RMSNorm\(2\) takes 2 numbers, got 3"),
    ],
)
def test_what_is_impossible_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


class Tensor:
    """A tensor of torch: its items are tensors again."""

    def __init__(self, values, requires_grad=False):
        self.values, self.requires_grad = values, requires_grad
        self.shape, self.dtype = np.shape(values), "torch.float64"
        self.ndim = len(self.shape)

    def __iter__(self):
        return (Tensor(value) for value in self.values)

    def tolist(self):
        return self.values

    def item(self):
        return self.values


class Frame:
    """A frame of polars: it has a shape and columns, and gives its columns one by one."""

    shape, columns = (2, 3), ["a", "b", "c"]

    def __iter__(self):
        return iter([[1.0, 2.0]] * 3)


@pytest.mark.parametrize("make", [lambda: MLP(3, [2, 1]), lambda: Linear(3, 1), lambda: LayerNorm(3), Tanh, Softmax])
def test_batches_frames_and_tensors_get_the_right_remedy(make):
    model = make()
    assert numbers(model(Tensor(X))) == numbers(model(X))
    for wrong, message in (
        (
            Tensor([X, X]),
            r"got Tensor of shape \(2, 3\); write nn.predict\(model, x\), or \[model\(row\) for row in x\]",
        ),
        (Frame(), r"got Frame of shape \(2, 3\); .* for row in x.to_numpy\(\)\]"),
        (np.zeros((2, 3)), r"got ndarray of shape \(2, 3\)"),
        (Tensor(X, requires_grad=True), r"no gradient flows from a network into a Tensor of torch; pass x.detach\(\)"),
        ({"a": 1.0}, r"got dict; pass list\(d.values\(\)\)"),
    ):
        with pytest.raises(TypeError, match=message):
            model(wrong)


@pytest.mark.parametrize(
    ("sample", "message"),
    [
        ([1.0, None, 2.0], r"a list of numbers, got NoneType in it; convert it to float"),
        (None, r"a list of numbers, got NoneType in it; convert it to float"),
        (["1", "2", "3"], r"a list of numbers, got str in it; convert it to float"),
        ([np.float32(1), 2, np.array(3.0)], r"got ndarray in it; write \[x.item\(\) for x in xs\]"),
        ([1j, 2.0, 3.0], "got complex in it; convert"),
    ],
)
def test_what_is_no_number_in_a_sample_is_named(sample, message):
    for model in (MLP(3, [2, 1]), Linear(3, 1), LayerNorm(3)):
        with pytest.raises(TypeError, match=message):
            model(sample)


def test_a_list_of_tensors_is_told_to_become_numbers():
    for model in (MLP(3, [2, 1]), Linear(3, 1), LayerNorm(3)):
        with pytest.raises(TypeError, match=r"a list of numbers, got Tensor in it; write \[x.item\(\) for x in xs\]"):
            model(list(Tensor(X)))
