"""Optimizers in files: a training goes on with the same bits, and files that do not fit change nothing."""

import json
import random

import pytest

import nn
from nn import MLP, losses, optim
from tests.hostile_files import file_of, is_refusal

OPTIMIZERS = {
    "SGD": lambda parameters: optim.SGD(parameters, 0.1),
    "momentum": lambda parameters: optim.SGD(parameters, 0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    "Adagrad": lambda parameters: optim.Adagrad(parameters, 0.1),
    "RMSProp": lambda parameters: optim.RMSProp(parameters, 0.01),
    "Adam": lambda parameters: optim.Adam(parameters, 0.1, betas=(0.8, 0.95)),
    "AdamW": lambda parameters: optim.AdamW(parameters, 0.1, weight_decay=0.1),
}


def built(name):
    model = MLP(2, [3, 1], activation="tanh", rng=random.Random(0))
    first, second = model.layers
    groups = [
        {"parameters": first.parameters(), "learning_rate": 1 / 3},
        {"parameters": second.parameters()},
    ]
    return model, OPTIMIZERS[name](groups)


def train(model, optimizer, steps):
    for _ in range(steps):
        model.zero_grad()
        losses.mse([model([0.5, -1.0]), model([1.0, 2.0])], [1.0, -1.0]).backward()
        optimizer.step()


def bits(model):
    return [p.data.hex() for p in model.parameters()]


@pytest.mark.parametrize("steps", [0, 1, 4])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_training_that_is_resumed_goes_on_with_the_same_bits(name, steps, tmp_path):
    model, optimizer = built(name)
    train(model, optimizer, steps)
    optimizer.groups[1]["learning_rate"] = 0.1234567
    nn.save(model, tmp_path / "model")
    nn.save(optimizer, tmp_path / "optimizer")
    train(model, optimizer, 3)
    other, resumed = built(name)
    train(other, resumed, 2)
    nn.load(tmp_path / "model", into=other)
    assert nn.load(tmp_path / "optimizer", into=resumed) is resumed
    train(other, resumed, 3)
    assert bits(other) == bits(model)
    assert repr(resumed.state_dict()) == repr(optimizer.state_dict())


def refusal(path, optimizer):
    former = repr(optimizer.state_dict())
    with pytest.raises(ValueError, match="; ") as caught:
        nn.load(path, into=optimizer)
    assert is_refusal(caught.value), caught.value
    assert repr(optimizer.state_dict()) == former
    return str(caught.value)


def test_a_file_of_another_optimizer_or_model_is_refused(tmp_path):
    path = tmp_path / "file"
    model, adam = built("Adam")
    train(model, adam, 1)
    nn.save(adam, path)
    assert "another optimizer than AdamW; build one of its class" in refusal(path, built("AdamW")[1])
    assert "of another model; build the model" in refusal(path, optim.Adam(MLP(2, [4, 1]).parameters()))
    assert "of another model; build the model" in refusal(path, optim.Adam(model.parameters()))


def test_a_file_of_another_kind_is_named_with_what_reads_it(tmp_path):
    path = tmp_path / "file"
    model, adam = built("Adam")
    nn.save(adam, path)
    with pytest.raises(ValueError, match=r"of an optimizer, which load\(path, into=optimizer\) reads; a model"):
        nn.load(path, into=model)
    with pytest.raises(ValueError, match=r"of an optimizer; build .* then load\(path, into=optimizer\)"):
        nn.load(path)
    nn.save(model, path)
    assert "of a model, which load(path) reads; an optimizer has a file of its own" in refusal(path, adam)
    nn.save(model.state_dict(), path)
    assert "of arrays, which load(path, into=model) reads; an optimizer has" in refusal(path, adam)
    with pytest.raises(ValueError, match=r"then load\(path, into=model\); load_state\(path\) gives the arrays"):
        nn.load(path)
    with pytest.raises(
        TypeError, match=r"takes the optimizer instead of its state_dict\(\).*; save\(optimizer, path\)"
    ):
        nn.save(adam.state_dict(), path)
    with pytest.raises(ValueError, match=r"got the state of an optimizer; .* optimizer.load_state_dict\(state\)"):
        model.load_state_dict(adam.state_dict())


SGD = {"kind": "SGD", "steps": 0, "groups": [{"size": 13, "learning_rate": 0.1, "momentum": 0.0, "nesterov": False,
                                              "weight_decay": 0.0}]}  # fmt: skip


def changed(**members):
    return SGD | {"groups": [SGD["groups"][0] | members]}


@pytest.mark.parametrize(
    "state",
    [
        "", "null", "[]", "{}", json.dumps(SGD)[:-1], {"kind": "SGD"}, SGD | {"more": 1}, SGD | {"steps": -1},
        SGD | {"steps": 1.0}, SGD | {"steps": True}, SGD | {"steps": None}, SGD | {"steps": 10**30}, SGD | {"steps": 1},
        SGD | {"groups": []}, SGD | {"groups": {}}, SGD | {"groups": None}, SGD | {"groups": [1]},
        SGD | {"groups": SGD["groups"] * 2}, SGD | {"kind": "Adam"}, SGD | {"kind": None}, SGD | {"kind": ["SGD"]},
        changed(size=12), changed(size="13"), changed(learning_rate=-0.1), changed(learning_rate="0.1"),
        changed(learning_rate=float("inf")), changed(momentum=1.0), changed(momentum=[0.5]), changed(nesterov=1),
        changed(weight_decay=None), changed(more=1), {**SGD, "groups": [{"size": 13}]},
    ],
    ids=str,
)  # fmt: skip
def test_a_state_of_no_known_form_is_refused(state, tmp_path):
    text = state if isinstance(state, str) else json.dumps(state)
    path = tmp_path / "file"
    path.write_bytes(file_of({"__metadata__": {"optimizer": text}}))
    optimizer = optim.SGD(MLP(2, [3, 1]).parameters(), 0.5)
    refusal(path, optimizer)


def test_the_state_that_others_are_changed_from_is_right(tmp_path):
    (tmp_path / "file").write_bytes(file_of({"__metadata__": {"optimizer": json.dumps(SGD)}}))
    optimizer = optim.SGD(MLP(2, [3, 1]).parameters(), 0.5)
    assert nn.load(tmp_path / "file", into=optimizer).learning_rate == 0.1
