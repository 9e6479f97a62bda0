"""Module: which attributes are parameters, and in what order."""

import copy
import pickle
import re

import numpy as np
import pytest

import nn
from autograd import Value
from nn import MLP, Dropout, Layer, Module, Neuron, Tanh


class Branch(Module):
    def __init__(self):
        self.weights = {"left": Value(1.0), "right": (Value(2.0), [Value(3.0)])}
        self.sum = self.weights["left"] + 1
        self.name = "branch"
        self.child = MLP(1, [1])
        self.again = self.child
        self.shared = self.weights["left"]


def test_parameters_are_the_leaves_among_the_attributes_each_once():
    names = [name for name, _ in Branch().named_parameters()]
    assert names == [
        "weights.left",
        "weights.right.0",
        "weights.right.1.0",
        "child.layers.0.neurons.0.w.0",
        "child.layers.0.neurons.0.b",
    ]


def test_parameters_come_in_the_order_of_their_names():
    branch = Branch()
    assert [p.data for p in branch.parameters()][:3] == [1.0, 2.0, 3.0]
    assert all(a is b for a, (_, b) in zip(branch.parameters(), branch.named_parameters(), strict=True))


def test_modules_that_hold_each_other_end():
    parent, child = Branch(), Branch()
    parent.child, child.parent = child, parent
    assert len(parent.parameters()) == 5 + 5


def test_zero_grad_reaches_every_parameter():
    model = MLP(2, [3, 1])
    model([1.0, 2.0]).backward()
    assert any(p.grad for p in model.parameters())
    model.zero_grad()
    assert not any(p.grad for p in model.parameters())


def test_parameters_in_arrays_are_found():
    class Line(Module):
        def __init__(self):
            self.w = np.array([Value(1.0), Value(2.0)])

    assert [name for name, _ in Line().named_parameters()] == ["w.0", "w.1"]


def test_parameters_in_slots_are_found_in_their_order_before_the_other_attributes():
    class Line(Module):
        __slots__ = ("slope", "__offset", "unset")  # noqa: RUF023  # in the order of parameters

        def __init__(self):
            self.last = Value(3.0)
            self.slope = Value(1.0)
            self.__offset = Value(2.0)

    class Parabola(Line):
        __slots__ = "curvature"

        def __init__(self):
            super().__init__()
            self.curvature = Value(4.0)

    assert [name for name, _ in Parabola().named_parameters()] == ["slope", "_Line__offset", "curvature", "last"]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_networks_pickle(protocol):
    model = MLP(2, [3, 1])
    reloaded = pickle.loads(pickle.dumps(model, protocol))
    assert reloaded([1.0, 2.0]).data == model([1.0, 2.0]).data
    assert [name for name, _ in reloaded.named_parameters()] == [name for name, _ in model.named_parameters()]


def test_a_neuron_is_made_again_of_its_attributes():
    neuron = MLP(2, [1]).layers[0].neurons[0]
    again = type(neuron).__new__(type(neuron))
    again.__setstate__({"w": neuron.w, "b": neuron.b, "nonlin": False, "activation": neuron.activation})
    assert again([1.0, 2.0]).data == neuron([1.0, 2.0]).data


def test_a_neuron_takes_attributes_of_ones_own_and_can_be_copied():
    neuron = MLP(2, [1]).layers[0].neurons[0]
    neuron.scale = Value(2.0)
    copied = pickle.loads(pickle.dumps(copy.deepcopy(neuron)))
    assert [(name, p.data) for name, p in copied.named_parameters()] == [
        (name, p.data) for name, p in neuron.named_parameters()
    ]
    assert [name for name, _ in copied.named_parameters()] == ["w.0", "w.1", "b", "scale"]


def test_keys_of_the_same_text_keep_their_parameters():
    class Table(Module):
        def __init__(self):
            self.w = {1: Value(1.0), "1": Value(2.0), "a.b": Value(3.0), "a": {"b": Value(4.0)}, "'1'": Value(5.0)}

    found = list(Table().named_parameters())
    assert [p.data for _, p in found] == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert [name for name, _ in found] == ["w.1", "w.'1'", "w.'a.b'", "w.a.b", "w.\"'1'\""]


def test_names_are_different_whatever_the_keys():
    class Key:
        def __repr__(self):
            return "key"

    class Table(Module):
        def __init__(self):
            self.w = {Key(): Value(1.0), Key(): Value(2.0), "key": Value(3.0), "key'": Value(4.0)}

    assert len(dict(Table().named_parameters())) == 4


def test_lists_that_hold_themselves_and_deep_lists_end():
    class Loop(Module):
        def __init__(self):
            self.items = [Value(1.0)]
            self.items.append(self.items)
            self.deep = Value(2.0)
            for _ in range(5000):
                self.deep = [self.deep]

    assert [p.data for p in Loop().parameters()] == [1.0, 2.0]


class Remembering(Module):
    def __init__(self):
        self.inner = MLP(2, [1])
        self.last = None
        self.seen = []

    def __call__(self, x):
        self.last = self.inner(x)
        return self.last


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_says_which_attribute_is_in_the_way(duplicate):
    model = Remembering()
    model([1.0, 2.0])
    with pytest.raises(TypeError, match=r"copy or pickle Remembering: self.last was made by add, .* self.last.detach"):
        duplicate(model)
    model.seen.append({"loss": model.last})
    model.last = model.last.detach()
    with pytest.raises(TypeError, match=r"self.seen.0.loss was made by add"):
        duplicate(model)
    model.seen.clear()
    model.inner.layers[0].last = model([1.0, 2.0])
    model.last = None
    with pytest.raises(TypeError, match=r"self.inner.layers.0.last was made by add"):
        duplicate(model)
    del model.inner.layers[0].last
    assert duplicate(model)([1.0, 2.0]).data == model([1.0, 2.0]).data


# --------------------------------------------------------------------------- modules, modes, text


def test_modules_come_with_their_paths_in_the_order_of_definition():
    branch = Branch()
    found = list(branch.named_modules())
    assert [path for path, _ in found] == ["", "child", "child.layers.0", "child.layers.0.neurons.0"]
    assert branch.modules() == [module for _, module in found]
    assert found[0][1] is branch
    assert found[-1][1] is branch.child.layers[0].neurons[0]


def test_the_path_of_a_parameter_begins_with_that_of_its_module():
    model = MLP(2, [3, 1])
    owners = {id(p): path for path, module in model.named_modules() for p in module.parameters()}
    assert all(name.startswith(f"{owners[id(p)]}.") for name, p in model.named_parameters())


def test_train_and_eval_reach_every_module_and_give_the_model():
    branch = Branch()
    assert all(module.training for module in branch.modules())
    assert branch.eval() is branch
    assert not any(module.training for module in branch.modules())
    assert not copy.deepcopy(branch.child).training
    assert branch.child.train() is branch.child
    assert [module.training for module in branch.modules()] == [False, True, True, True]
    assert not any(module.training for module in branch.train(False).modules())


@pytest.mark.parametrize("mode", [1, None, "eval", [0.0]])
def test_a_mode_is_true_or_false(mode):
    with pytest.raises(TypeError, match=r"train\(\) takes True or False, got \w+; it sets a mode, and does not train"):
        Branch().train(mode)


def test_the_text_of_a_module_is_its_architecture():
    assert str(MLP(64, [32, 10], activation="tanh")) == (
        "MLP(\n  (layers.0): Layer(64, 32, activation='tanh')\n  (layers.1): Layer(32, 10, activation='linear')\n)"
    )
    assert repr(Branch()) == (
        "Branch(\n  3 parameters\n  (child): MLP(\n    (layers.0): Layer(1, 1, activation='linear')\n  )\n)"
    )
    assert [repr(x) for x in (Module(), Neuron(3), Neuron(1, activation=np.tanh))] == [
        "Module()",
        "Neuron(3, activation='relu')",
        "Neuron(1, activation=tanh)",
    ]


def test_a_layer_of_different_neurons_lists_them():
    layer = Layer(2, 2)
    layer.neurons[1].activation = abs
    assert repr(layer) == (
        "Layer(\n  (neurons.0): Neuron(2, activation='relu')\n  (neurons.1): Neuron(2, activation=abs)\n)"
    )


def test_the_text_of_modules_that_hold_each_other_ends():
    parent, child = Branch(), Branch()
    parent.child, child.parent = child, parent
    assert repr(parent).count("Branch(...)") == 1


def test_a_module_may_say_more_of_itself():
    class Named(Branch):
        def extra_repr(self):
            return f"name={self.name}"

    assert repr(Named()).startswith("Named(\n  name=branch\n  (child)")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: MLP(2, [1])(1.0, 2.0), "MLP takes x, got 2 arguments; call it as model(x), with the numbers"),
        (lambda: MLP(2, [1])(), "MLP takes x, got 0 arguments; call it as model(x), with the numbers"),
        (lambda: MLP([2, 4, 1]), "MLP takes n_inputs, sizes, got 1 argument; write MLP(n_inputs, sizes)"),
        (lambda: MLP(2, 4, 1), "MLP takes n_inputs, sizes, got 3 arguments; write MLP(n_inputs, sizes)"),
        (lambda: MLP(2, [1], bias=True), "MLP takes n_inputs, sizes, activation, init, rng, got bias=; write MLP(n_"),
        (lambda: Dropout(rate=0.1), "Dropout takes p, rng, got rate=; write Dropout(p)"),
        (lambda: Dropout(0.1, 0), "Dropout takes p, got 2 arguments; write Dropout(p)"),
        (lambda: Tanh(3), "Tanh takes no arguments, got 1; write Tanh()"),
    ],
)
def test_arguments_that_a_module_does_not_take_are_named(call, message):
    with pytest.raises(TypeError, match=re.escape(message)):
        call()


def test_a_name_that_is_in_a_part_of_nn_is_found_there():
    for name in ("optim.Adam", "losses.mse", "data.one_hot", "init.orthogonal"):
        with pytest.raises(AttributeError, match=f"no attribute '{name.split('.')[1]}'; write nn.{name}$"):
            getattr(nn, name.split(".")[1])
    with pytest.raises(AttributeError, match=r"no attribute 'Conv2d'$"):
        _ = nn.Conv2d


def test_errors_within_a_module_are_its_own():
    class Broken(Module):
        def __call__(self, x):
            return x + len(3)

    with pytest.raises(TypeError, match="object of type 'int' has no len"):
        Broken()(1.0)


def test_methods_of_other_libraries_get_a_remedy():
    model = MLP(1, [1], rng=0)
    with pytest.raises(AttributeError, match=r'MLP has no fit\(\); write nn\.fit\(model, x, y, loss="mse"\)'):
        model.fit([1.0], [1.0])
    with pytest.raises(AttributeError, match=r"MLP has no predict\(\); write nn\.predict\(model, x\)"):
        model.predict([1.0])
    assert not hasattr(model, "fit")
    with pytest.raises(AttributeError, match="'MLP' object has no attribute 'lots'"):
        model.lots  # noqa: B018


def test_a_module_may_have_such_a_method_itself():
    class Mine(Module):
        def fit(self):
            return 3

        def __call__(self, x):
            return x

    assert Mine().fit() == 3
