"""summary(): a row for each layer, with the shape of its output and its parameters."""

import pytest

from autograd import Value
from nn import MLP, Dropout, Embedding, Layer, LayerNorm, Linear, Module, Neuron, Sequential, Tanh


class Net(Module):
    def __init__(self):
        self.scale = Value(2.0)
        self.body = MLP(2, [3, 1])
        self.heads = [Linear(1, 2), Linear(1, 2)]
        self.again = self.body

    def __call__(self, x):
        y = self.body(x) * self.scale
        return [head(y) for head in self.heads]


def test_a_network_is_a_row_for_each_layer():
    summary = MLP(64, [32, 10]).summary()
    assert summary.rows == [("layers.0", "Layer", (32,), 2080), ("layers.1", "Layer", (10,), 330)]
    assert summary.parameters == 2410
    assert repr(summary).splitlines() == [
        "layer     kind   output shape  parameters",
        "-----------------------------------------",
        "layers.0  Layer  (32,)              2,080",
        "layers.1  Layer  (10,)                330",
        "-----------------------------------------",
        "total                               2,410",
    ]


def test_modules_without_parameters_are_rows_too():
    model = Sequential(Dropout(0.5), Linear(3, 4), Tanh(), LayerNorm(4), Linear(4, 1, bias=False))
    assert [row[1:] for row in model.summary().rows] == [
        ("Dropout", (3,), 0),
        ("Linear", (4,), 16),
        ("Tanh", (4,), 0),
        ("LayerNorm", (4,), 8),
        ("Linear", (1,), 4),
    ]


@pytest.mark.parametrize(
    ("model", "row"),
    [
        (Neuron(2), ("(model)", "Neuron", (), 3)),
        (Layer(2, 1), ("(model)", "Layer", (), 3)),
        (Embedding(5, 3), ("(model)", "Embedding", (3,), 15)),
        (Module(), ("(model)", "Module", None, 0)),
    ],
)
def test_a_single_layer_is_a_row(model, row):
    assert model.summary().rows == [row]


def test_a_sample_shows_the_shapes_of_a_module_of_ones_own():
    net = Net()
    rows = net.summary([1.0, 2.0]).rows
    assert rows == [
        ("(model)", "Net", (2, 2), 1),
        ("body.layers.0", "Layer", (3,), 9),
        ("body.layers.1", "Layer", (), 4),
        ("heads.0", "Linear", (2,), 4),
        ("heads.1", "Linear", (2,), 4),
    ]
    assert sum(row.parameters for row in rows) == len(net.parameters())
    unknown = net.summary()
    assert [row.shape for row in unknown.rows] == [None, (3,), (), None, None]
    assert "(model)        Net     ?                      1" in repr(unknown)


def test_a_shared_parameter_counts_once():
    a, b = Linear(2, 2), Linear(2, 2)
    b.weight[0] = a.weight[0]
    summary = Sequential(a, b).summary()
    assert [row.parameters for row in summary.rows] == [6, 4]


def test_the_model_is_called_in_evaluation_and_stays_as_it_is():
    model = Sequential(Linear(2, 2), Dropout(0.5, rng=0))
    state = model[1].rng.getstate()
    model[0].eval()
    model.summary()
    assert (model[1].rng.getstate(), model.training, model[0].training) == (state, True, False)
    with pytest.raises(ValueError, match=r"Linear\(2\) takes 2 numbers, got 3"):
        model.summary([1.0, 2.0, 3.0])
    assert (model.training, model[0].training) == (True, False)


def test_modules_that_hold_each_other_have_a_summary():
    net = Net()
    net.body.parent = net
    assert [row.parameters for row in net.summary().rows][:1] == [1]


def test_jupyter_shows_a_table():
    text = MLP(2, [1]).summary()._repr_html_()
    left, right = '<{} style="text-align: left">', '<{} style="text-align: right">'
    row = "".join(f"{left.format('td')}{cell}</td>" for cell in ("layers.0", "Layer", "()"))
    assert text.startswith(f"<table><thead><tr>{left.format('th')}layer</th>")
    assert f"<tbody><tr>{row}{right.format('td')}3</td></tr></tbody>" in text
    assert text.endswith(f"{right.format('th')}3</th></tr></tfoot></table>")
