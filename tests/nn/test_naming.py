"""Each module opens a scope that is named by its path, and its parameters are labelled by theirs."""

import copy
import pickle

import pytest

from autograd import Value, compile, draw, scope
from autograd.engine import topological_order
from nn import MLP, Layer, Module, Neuron
from tests.pictures.reading import titles

X = [1.0, -2.0]


class Net(Module):
    def __init__(self):
        self.gain = Value(2.0)
        self.body = MLP(2, [2, 1])

    def __call__(self, x):
        return self.gain * self.body(x)


class Renamed(Net):
    def __init__(self):
        super().__init__()
        self.extra = {"bias": Value(1.0)}

    def __call__(self, x):
        return super().__call__(x) + self.extra["bias"]


@pytest.mark.parametrize("make", [Net, Renamed, lambda: MLP(2, [3, 1]), lambda: Layer(2, 3), lambda: Neuron(2)])
def test_the_label_of_a_parameter_is_its_path(make):
    model = make()
    assert [p.label for p in model.parameters()] == [path for path, _ in model.named_parameters()]


def scopes_of(y):
    return {node.scope for node in topological_order(*(y if isinstance(y, list) else [y]))}


def test_nodes_are_in_the_scopes_of_their_modules():
    net = Net()
    y = net(X)
    product, output = y, y.inputs[1]
    assert (product.scope, output.scope) == ((), ("body", "body.layers.1", "body.layers.1.neurons.0"))
    paths = {scope[-1] for scope in scopes_of(y) if scope}
    assert paths == {path for path, module in net.named_modules() if isinstance(module, Neuron)}


def test_parameters_are_in_the_scopes_of_the_nodes_that_use_them():
    net = Net()
    assert {p.scope for p in net.parameters()} == {x.scope for x in topological_order(net(X)) if x.op is not None}


def test_scopes_around_a_call_are_around_its_nodes():
    layer = Layer(2, 2)
    with scope("loss"):
        assert [y.scope for y in layer(X)] == [("loss", "neurons.0"), ("loss", "neurons.1")]
    assert Neuron(2)(X).scope == ()


def test_the_outermost_module_gives_the_names():
    model = MLP(2, [1])
    assert model(X).scope == ("layers.0", "layers.0.neurons.0")

    class Outer(Module):
        def __init__(self):
            self.models = {"first": model}

        def __call__(self, x):
            return self.models["first"](x)

    outer = Outer()
    assert outer(X).scope[-1] == "models.first.layers.0.neurons.0"
    assert model.parameters()[0].label == "models.first.layers.0.neurons.0.w.0"


def test_labels_of_ones_own_stay():
    neuron = Neuron(2)
    neuron.w[0].label = "b"
    layer = Layer(2, 1)
    layer.neurons[0] = neuron
    layer.train()
    assert [p.label for p in layer.parameters()] == ["b", "neurons.0.w.1", "neurons.0.b"]


def test_modules_that_come_later_get_names():
    model = MLP(2, [2, 1])
    model.layers.append(Layer(1, 1))
    assert model(X).scope == ("layers.2", "layers.2.neurons.0")
    net = Net()
    net.head = Layer(1, 1)
    assert [p.label for p in net.head.parameters()] == ["head.neurons.0.w.0", "head.neurons.0.b"]
    net.heads = [Layer(1, 1), Layer(1, 1)]
    net.eval()
    assert net.heads[1](2.0).scope == ("heads.1", "heads.1.neurons.0")
    net.body.tail = Neuron(1)
    assert net.body.tail(1.0).scope == ("body.tail",)
    assert net.body.tail.b.scope == ("body", "body.tail")


def test_a_module_that_is_told_its_parent_keeps_its_name():
    net = Net()
    net.body.parent = net
    assert [p.label for p in net.body.layers[0].neurons[0].parameters()] == [
        "body.layers.0.neurons.0.w.0",
        "body.layers.0.neurons.0.w.1",
        "body.layers.0.neurons.0.b",
    ]


def test_a_shared_module_has_its_first_name():
    class Twice(Module):
        def __init__(self):
            self.first = self.second = Layer(2, 2)

        def __call__(self, x):
            return self.second(self.first(x))

    assert {s[0] for s in scopes_of(Twice()(X))} == {"first"}


def test_layers_of_another_kind_in_a_network_are_called():
    class Double(Module):
        def __call__(self, x):
            return [2 * y for y in x] if isinstance(x, list) else 2 * x

    model = MLP(2, [2, 1])
    for at in (1, 3):
        model.layers.insert(at, Double())
    model.train()
    plain = MLP(2, [2, 1])
    plain.load_state_dict({k.replace("2", "1"): x for k, x in model.state_dict().items()})
    hidden = plain.layers[0](X)
    y = model(X)
    assert y.data == 2 * plain.layers[1]([2 * h for h in hidden]).data
    assert y.scope == ("layers.3",)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_copies_have_the_same_names(duplicate):
    net = Net()
    again = duplicate(net)
    assert scopes_of(again(X)) == scopes_of(net(X))
    assert [p.label for p in again.parameters()] == [p.label for p in net.parameters()]
    again.more = Neuron(2)
    assert again.more.b.label == "more.b"


def test_a_call_of_a_super_class_opens_no_second_scope():
    class Outer(Module):
        def __init__(self):
            self.net = Renamed()

        def __call__(self, x):
            return self.net(x)

    assert {s[:2] for s in scopes_of(Outer()(X))} == {
        ("net",),
        ("net", "net.body"),
    }


def test_a_class_may_define_forward_instead_of_a_call():
    class Line(Module):
        def __init__(self):
            self.slope = Value(3.0)

        def forward(self, x):
            return self.slope * x

    class Outer(Module):
        def __init__(self):
            self.line = Line()

        def forward(self, x):
            return self.line(x)

    y = Outer()(2.0)
    assert (y.data, y.scope) == (6.0, ("line",))
    with pytest.raises(TypeError, match=r"Module has no __call__\(\), got called; define"):
        Module()(1.0)


def test_a_call_that_is_a_generator_goes_on_outside_of_the_scope():
    class Steps(Module):
        def __init__(self):
            self.w = Value(1.0)

        def __call__(self, x):
            yield self.w * x

    class Outer(Module):
        def __init__(self):
            self.steps = Steps()

        def __call__(self, x):
            return [*self.steps(x)]

    assert Outer()(2.0)[0].data == 2.0


def test_pictures_collapse_by_module():
    def boxes(depth):
        return {title.partition(":")[0] for title in titles(draw(Net()(X), depth=depth), "box")}

    assert boxes(0) == {"body"}
    assert {"layers.0", "layers.1"} <= boxes(1)
    assert "neurons.1" in boxes(2)


def test_exported_code_lists_the_paths():
    model = MLP(1, [2, 1])
    program = compile(lambda x: model(x))
    program(1.0)
    assert all(name in program.to_c("f") for name, _ in model.named_parameters())
