"""to_onnx: files that a small reader, or onnxruntime where it is installed, evaluates to the outputs of the model."""

import math
import os
import random

import numpy as np
import pytest

import nn
from nn import ACTIVATIONS, MLP, Layer, Neuron

POINTS = np.array([[0.5, -1.5], [-30.0, 4.0], [25.0, -25.0], [1e-9, -1e-9], [0.0, 0.0]])


def network(activation):
    return MLP(2, [3, 2], activation=activation, rng=random.Random(0))


def outputs(model):
    return np.array([[y.data for y in model(x)] for x in POINTS.tolist()])


def saved(model, path, **options):
    nn.to_onnx(model, path, **options)
    return path.read_bytes()


# --------------------------------------------------------------------------- a reader of such files


def varint(data, i):
    n = shift = 0
    while True:
        n |= (data[i] & 127) << shift
        shift, i = shift + 7, i + 1
        if data[i - 1] < 128:
            return n, i


def fields(data):
    """The fields of a message by number: integers and bytes."""
    found, i = {}, 0
    while i < len(data):
        key, i = varint(data, i)
        value, i = varint(data, i)
        if key & 7 == 2:
            value, i = data[i : i + value], i + value
        else:
            assert key & 7 == 0
        found.setdefault(key >> 3, []).append(value)
    assert i == len(data)
    return found


TYPES = {1: np.float32, 11: np.float64}


def tensor(data):
    message = fields(data)
    numbers = np.frombuffer(message[9][0], TYPES[message[2][0]])
    return message[8][0].decode(), numbers.reshape(message.get(1, []))


def attribute(node):
    (data,) = node[5]
    message = fields(data)
    assert message[20] == [2]
    return message[1][0].decode(), message[3][0]


def gemm(node, x, weight, bias):
    assert attribute(node) == ("transB", 1)
    return x @ weight.T + bias


def cast(node, x):
    name, kind = attribute(node)
    assert name == "to"
    return x.astype(TYPES[kind])


def erf(_, x):
    assert x.dtype == np.float32  # onnxruntime has no other
    return np.vectorize(math.erf)(x).astype(np.float32)


OPERATORS = {
    "Abs": lambda _, x: np.abs(x),
    "Add": lambda _, x, y: x + y,
    "Cast": cast,
    "Erf": erf,
    "Exp": lambda _, x: np.exp(x),
    "Gemm": gemm,
    "Log": lambda _, x: np.log(x),
    "Max": lambda _, x, y: np.maximum(x, y),
    "Min": lambda _, x, y: np.minimum(x, y),
    "Mul": lambda _, x, y: x * y,
    "Neg": lambda _, x: -x,
    "Relu": lambda _, x: np.maximum(x, 0),
    "Sigmoid": lambda _, x: 1 / (1 + np.exp(-x)),
    "Sub": lambda _, x, y: x - y,
    "Tanh": lambda _, x: np.tanh(x),
}


def rows(data):
    """The name, the type and the size of an input or output of shape (n, size)."""
    message = fields(data)
    kind = fields(fields(message[2][0])[1][0])
    n, size = map(fields, fields(kind[2][0])[1])
    assert n == {2: [b"n"]}
    return message[1][0].decode(), TYPES[kind[1][0]], size[1][0]


def evaluated(data, x):
    """The output of the network in a file."""
    model = fields(data)
    assert model[1] == [7]
    assert fields(model[8][0]) == {1: [b""], 2: [13]}
    graph = fields(model[7][0])
    (source,), (result,) = (list(map(rows, graph[k])) for k in (11, 12))
    assert source == ("x", x.dtype.type, x.shape[1])
    known = dict(map(tensor, graph[5]))
    assert all(array.dtype == x.dtype for array in known.values())
    known["x"] = x
    used = set()
    for node in map(fields, graph[1]):
        names = [name.decode() for name in node[1]]
        used.update(names)
        (output,) = node[2]
        assert output.decode() not in known
        known[output.decode()] = OPERATORS[node[4][0].decode()](node, *(known[name] for name in names))
    assert used | {"y"} == known.keys()
    y = known["y"]
    assert result == ("y", y.dtype.type, y.shape[1])
    return y


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_file_computes_what_the_model_computes(activation, tmp_path):
    model = network(activation)
    y = evaluated(saved(model, tmp_path / "model.onnx"), POINTS)
    assert y.dtype == np.float64
    close = 1e-12 if activation != "gelu" else 1e-5  # erf() in float32
    np.testing.assert_allclose(y, outputs(model), rtol=close, atol=close)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_float32_is_written_for_programs_that_take_nothing_else(activation, tmp_path):
    model = network(activation)
    y = evaluated(saved(model, tmp_path / "model.onnx", dtype="float32"), POINTS.astype(np.float32))
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, outputs(model), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_onnxruntime_computes_the_same(activation, dtype, tmp_path):
    onnxruntime = pytest.importorskip(
        "onnxruntime", reason="onnxruntime is not installed; a reader in this file is used"
    )
    checker = pytest.importorskip("onnx.checker", reason="onnx is not installed; a reader in this file is used")
    model = network(activation)
    path = os.fspath(tmp_path / "model.onnx")
    nn.to_onnx(model, path, dtype=dtype)
    checker.check_model(path, full_check=True)
    (y,) = onnxruntime.InferenceSession(path).run(["y"], {"x": POINTS.astype(dtype)})
    close = 1e-12 if dtype == "float64" and activation != "gelu" else 1e-5
    np.testing.assert_allclose(y, outputs(model), rtol=close, atol=close)


def test_a_sequence_is_written(tmp_path):
    parts = [
        nn.Linear(2, 3, rng=0),
        nn.Sequential(nn.Tanh(), nn.Identity()),
        nn.Dropout(),
        nn.Linear(3, 2, False, rng=1),
    ]
    model = nn.Sequential(*parts, nn.ELU()).eval()
    np.testing.assert_allclose(
        evaluated(saved(model, tmp_path / "m.onnx"), POINTS), outputs(model), rtol=1e-12, atol=1e-12
    )


def test_layers_and_neurons_and_wide_networks_are_written(tmp_path):
    path = tmp_path / "model.onnx"
    layer, neuron = Layer(2, 3, activation="silu", rng=random.Random(1)), Neuron(2, rng=random.Random(1))
    np.testing.assert_allclose(evaluated(saved(layer, path), POINTS), outputs(layer), rtol=1e-12)
    wanted = [[neuron(x).data] for x in POINTS.tolist()]
    np.testing.assert_allclose(evaluated(saved(neuron, path), POINTS), wanted, rtol=1e-12)
    wide = MLP(300, [200, 1], rng=random.Random(0))
    point = np.linspace(-1, 1, 300)
    wanted = [[wide(point.tolist()).data]]
    np.testing.assert_allclose(evaluated(saved(wide, path), point[None]), wanted, rtol=1e-11)


def test_what_cannot_be_written_is_refused_and_leaves_the_former_file(tmp_path):
    path = tmp_path / "model.onnx"
    former = saved(network("relu"), path)
    for model, options, error, match in [
        (network("relu"), {"dtype": "float16"}, ValueError, "writes float64 or float32, got 'float16'; pass dtype="),
        (network(lambda x: x), {}, ValueError, "got others in a Layer; name one for all of its neurons"),
        ({}, {}, TypeError, r"to_onnx\(\) takes networks of layers, Linear and activations, got dict; convert its"),
    ]:
        with pytest.raises(error, match=match):
            nn.to_onnx(model, path, **options)
    with pytest.raises(TypeError, match=r"to_onnx\(\) takes the path of a file, got int; write 'model.onnx'"):
        nn.to_onnx(network("relu"), 3)
    assert path.read_bytes() == former
    assert list(tmp_path.iterdir()) == [path]
