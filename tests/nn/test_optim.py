"""Optimizers: the steps, the settings, what they refuse; and the four steps of training together."""

import contextlib
import copy
import inspect
import json
import math
import pickle
import random
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from autograd import (
    Value,
    compile,
    detect_anomaly,
    no_grad,
    parameters_to_vector,
    scope,
    vector_to_gradients,
    vector_to_parameters,
)
from nn import MLP, losses, optim
from nn.optim import SGD, Optimizer
from tests.nn.trajectories import FILE, GROUPS, OPTIMIZERS, START, moved, noise

RECORDED = json.loads(FILE.read_text(encoding="utf-8"))


def test_a_step_moves_against_the_gradient():
    p, q = Value(3.0), Value(-1.0)
    (p * p + q).backward()
    SGD([p, q], learning_rate=0.1).step()
    assert (p.data, q.data) == (3.0 - 0.1 * 6.0, -1.0 - 0.1)


def test_the_learning_rate_may_change_between_steps():
    p = Value(0.0)
    p.grad = 1.0
    optimizer = SGD([p], 1.0)
    optimizer.learning_rate = 0.5
    optimizer.step()
    assert p.data == -0.5


def test_zero_grad_reaches_every_parameter():
    p = Value(0.0)
    p.grad = 1.0
    SGD([p], 0.1).zero_grad()
    assert p.grad == 0.0


@pytest.mark.parametrize(
    "rate",
    [0.0, -1.0, math.nan, math.inf, "0.1", 10**400, Decimal("NaN"), Decimal("-0.1"), Decimal("1e-400"), None, 1j, [0.1]]
    + [Decimal("sNaN"), Fraction(-1, 3), np.float64("nan"), np.array([0.1]), Value(0.1), object()],
)
def test_a_rate_that_is_not_positive_and_finite_is_refused(rate):
    with pytest.raises(ValueError, match="learning_rate is positive and finite, got"):
        SGD([Value(1.0)], rate)


@pytest.mark.parametrize("rate", [Decimal("0.5"), Fraction(1, 2), np.float32(0.5), 0.5])
def test_a_rate_of_any_kind_of_number_is_a_float(rate):
    p = Value(0.0)
    p.grad = 1.0
    optimizer = SGD([p], rate)
    assert type(optimizer.learning_rate) is float
    optimizer.step()
    assert p.data == -0.5


@pytest.mark.parametrize("name", ["lr", "learning_rat", "betas"])
def test_an_attribute_that_no_step_uses_is_refused(name):
    optimizer = SGD([Value(1.0)], 0.1)
    with pytest.raises(AttributeError, match=f"SGD has no {name}; a step uses optimizer.learning_rate"):
        setattr(optimizer, name, 99)


def test_a_rule_of_ones_own_has_attributes_but_no_lr():
    class Signs(Optimizer):
        def __init__(self, parameters, learning_rate):
            super().__init__(parameters, learning_rate)
            self.steps = 0

        def step(self):
            self.steps += 1

    optimizer = pickle.loads(pickle.dumps(SGD([Value(1.0)], 0.1)))
    assert (optimizer.learning_rate, optimizer.parameters[0].data) == (0.1, 1.0)
    rule = Signs([Value(1.0)], 0.1)
    rule.step()
    assert rule.steps == 1
    with pytest.raises(AttributeError, match="Signs has no lr"):
        rule.lr = 1.0


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ([], ValueError, "at least one parameter, got none"),
        ([1.0], TypeError, "got float among the parameters"),
        (MLP(2, [1]), TypeError, r"got MLP; pass model.parameters\(\)"),
        ([Value(1.0)] * 2, ValueError, "each parameter once, got one twice"),
        ([Value(1.0) * 2], ValueError, "the result of multiply"),
    ],
)
def test_what_cannot_be_moved_is_refused(parameters, error, message):
    with pytest.raises(error, match=message):
        SGD(parameters, 0.1)


def test_the_four_steps_of_error_back_propagation_lower_the_error():
    model = MLP(1, [4, 1], activation="tanh", rng=random.Random(0))
    optimizer = SGD(model.parameters(), learning_rate=0.3)
    xs = [i / 5 for i in range(-5, 6)]
    errors = []
    for _ in range(150):
        loss = losses.mse([model(x) for x in xs], [x * x for x in xs])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        errors.append(loss.data)
    assert errors[-1] < 0.1 * errors[0]


# --------------------------------------------------------------------------- against PyTorch


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("k", range(len(OPTIMIZERS)))
def test_an_optimizer_moves_as_that_of_pytorch(k, flat):
    name, settings, _ = OPTIMIZERS[k]
    parameters = list(map(Value, START))
    moves = followed(getattr(optim, name)(parameters, **{"learning_rate": 0.001, **defaults(name), **settings}), flat)
    np.testing.assert_allclose(moves, RECORDED["optimizers"][k], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("k", range(len(GROUPS)))
def test_groups_move_as_those_of_pytorch(k, flat):
    name, settings, own = GROUPS[k]
    parameters = list(map(Value, START))
    groups = [{"parameters": parameters[:2]}, {"parameters": parameters[2:], **own}]
    moves = followed(getattr(optim, name)(groups, **settings), flat)
    np.testing.assert_allclose(moves, RECORDED["groups"][k], rtol=1e-12, atol=1e-12)


def defaults(name):
    """The learning rate, where PyTorch and this package have one by default."""
    kind = getattr(optim, name)
    default = inspect.signature(kind.__init__).parameters["learning_rate"].default
    return {} if default is inspect.Parameter.empty else {"learning_rate": default}


def followed(optimizer, flat):
    """The parameters after the steps to be shown, by step() or by update() of an array."""
    vector = parameters_to_vector(optimizer.parameters)

    def step(gradients):
        if flat:
            optimizer.update(vector, np.array(gradients))
            return
        vector_to_gradients(gradients, optimizer.parameters)
        optimizer.step()

    return moved(lambda: vector.tolist() if flat else [p.data for p in optimizer.parameters], step)


def kinds_and_settings():
    return [(getattr(optim, name), {"learning_rate": 0.1, **settings}) for name, settings, _ in OPTIMIZERS]


@pytest.mark.parametrize(("kind", "settings"), kinds_and_settings())
def test_step_and_update_have_the_same_bits_and_the_same_state(kind, settings):
    both, only_steps = kind(list(map(Value, START)), **settings), kind(list(map(Value, START)), **settings)
    vector = np.array(START)
    for k, gradients in enumerate(noise()):
        for optimizer in (both, only_steps):
            vector_to_gradients(gradients, optimizer.parameters)
        only_steps.step()
        if k % 3:
            both.update(vector, np.array(gradients))
            vector_to_parameters(vector, both.parameters)
        else:
            both.step()
            parameters_to_vector(both.parameters, out=vector)
    assert vector.tolist() == parameters_to_vector(only_steps.parameters).tolist()
    assert both.steps == only_steps.steps == len(noise())
    for name in kind.STATE:
        assert both.state[name].tolist() == only_steps.state[name].tolist()


@pytest.mark.parametrize(("kind", "settings"), kinds_and_settings())
def test_the_rule_on_floats_has_the_same_bits(kind, settings):
    optimizer = kind([Value(x) for x in START], **settings)
    vector, rows = np.array(START), [[x, *[0.0] * len(kind.STATE)] for x in START]
    for gradients in noise()[:20]:
        now = SimpleNamespace(step=optimizer.steps + 1, **optimizer.groups[0].settings)
        moved = [kind.move(*row[:1], g, *row[1:], now) for row, g in zip(rows, gradients)]
        rows = [[*new, *row[len(new) :]] for new, row in zip(moved, rows)]
        optimizer.update(vector, np.array(gradients))
    assert vector.tolist() == [p for p, *_ in rows]


@pytest.mark.parametrize("through", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x)), "state_dict", "json"])
@pytest.mark.parametrize(("kind", "settings"), kinds_and_settings())
def test_a_training_resumes_bit_for_bit(kind, settings, through):
    whole, first = kind(list(map(Value, START)), **settings), kind(list(map(Value, START)), **settings)
    a, b = np.array(START), np.array(START)
    half = len(noise()) // 2
    for gradients in noise()[:half]:
        whole.update(a, np.array(gradients))
        first.update(b, np.array(gradients))
    if callable(through):
        second = through(first)
    else:
        second = kind(list(map(Value, START)), learning_rate=7.0)
        state = first.state_dict()
        if through == "json":
            state = json.loads(json.dumps(state, default=list))
        second.load_state_dict(state)
    first.update(b.copy(), np.ones(len(b)))  # the state that was given is a copy
    for gradients in noise()[half:]:
        whole.update(a, np.array(gradients))
        second.update(b, np.array(gradients))
    assert a.tolist() == b.tolist()
    assert dict(second.groups[0], parameters=0) == dict(whole.groups[0], parameters=0)


def test_a_state_that_does_not_fit_changes_nothing():
    adam = optim.Adam([Value(1.0), Value(2.0)])
    adam.update(np.ones(2), np.ones(2))
    before = json.dumps(adam.state_dict(), default=list)
    good = json.loads(before)
    sgd, other = SGD([Value(1.0), Value(2.0)], 0.1), optim.Adam([Value(1.0)])
    sgd.update(np.ones(2), np.ones(2))
    two = optim.Adam([{"parameters": [Value(1.0)]}, {"parameters": [Value(1.0)]}])
    for state, message in [
        (None, r"takes what state_dict\(\) of an optimizer gave, got None"),
        ("adam.safetensors", r"for a file write nn.load\(path, into=optimizer\)"),
        ({"layers.0.weight": np.ones(2)}, "got dict; give arrays by name to the model"),
        ({}, "got {}"),
        (sgd.state_dict(), "keeps mean and square, got velocity"),
        (other.state_dict(), r"the groups have \[2\] parameters, got a state of \[1\]"),
        (two.state_dict(), r"got a state of \[1, 1\]"),
        ({**good, "state": {"mean": [1.0, 2.0], "square": [1.0]}}, "an array for 2 parameters"),
        ({**good, "state": {}}, "got nothing"),
        ({**good, "groups": [{**good["groups"][0], "betas": [1.0, 2.0]}]}, "betas is from 0 to below 1, got 1.0"),
        ({**good, "groups": [{"size": 2, "learning_rate": 0.1}]}, "Adam has settings learning_rate, betas"),
    ]:
        with pytest.raises(ValueError, match=message):
            adam.load_state_dict(state)
        assert json.dumps(adam.state_dict(), default=list) == before


# --------------------------------------------------------------------------- settings


def test_settings_are_read_and_set_for_all_groups_or_for_one():
    p, q = Value(1.0), Value(2.0)
    optimizer = SGD([{"parameters": [p]}, {"parameters": [q], "momentum": 0.5}], 0.1)
    assert optimizer.parameters == [p, q]
    assert optimizer.learning_rate == 0.1
    assert [group["momentum"] for group in optimizer.groups] == [0.0, 0.5]
    with pytest.raises(AttributeError, match="the groups have different values of momentum"):
        _ = optimizer.momentum
    optimizer.momentum = 0.25
    assert optimizer.momentum == 0.25
    optimizer.groups[1]["learning_rate"] = 0.01
    p.grad = q.grad = 1.0
    optimizer.step()
    assert (p.data, q.data) == (1.0 - 0.1, 2.0 - 0.01)
    assert repr(optimizer.groups[1]).startswith("<1 parameters, learning_rate=0.01, momentum=0.25")
    assert list(optimizer.groups[0]) == ["parameters", "learning_rate", "momentum", "nesterov", "weight_decay"]
    assert optimizer.groups[0]["parameters"] == [p]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda p: SGD(p, lr=0.1), TypeError, r"SGD calls lr learning_rate; write learning_rate=0.1"),
        (lambda p: optim.Adam(p, eps=1e-3), TypeError, "Adam calls eps epsilon; write epsilon=0.001"),
        (lambda p: optim.RMSProp(p, alpha=0.9), TypeError, "RMSProp calls alpha decay"),
        (lambda p: optim.Adam(params=p), TypeError, "Adam calls params parameters"),
        (lambda p: optim.Adam([{"params": p}]), TypeError, "a group calls params parameters"),
        (lambda p: optim.Adam([{"parameters": p, "lr": 1.0}]), TypeError, "Adam calls lr learning_rate"),
        (
            lambda p: optim.Adam([{"parameters": p, "rate": 1.0}]),
            TypeError,
            "Adam has no setting rate; it has learning",
        ),
        (lambda p: optim.Adam([{"parameters": p}, *p]), TypeError, "a group is a dict with 'parameters'"),
        (lambda _: optim.Adam([{"learning_rate": 1.0}]), TypeError, "a group is a dict with 'parameters'"),
        (lambda p: optim.Adam([{"parameters": p}] * 2), ValueError, "each parameter once"),
        (lambda _: optim.Adam([{"parameters": []}]), ValueError, "at least one parameter"),
        (lambda p: optim.Adam([{"parameters": p[0]}]), TypeError, "a list of Values, got Value"),
        (lambda p: optim.Adam({"parameters": p}), TypeError, r"got one dict; write \[group\]"),
        (lambda p: SGD(p, 0.1, momentum=1.0), ValueError, "momentum is from 0 to below 1, got 1.0"),
        (lambda p: SGD(p, 0.1, nesterov=True), ValueError, "nesterov=True needs a momentum"),
        (lambda p: SGD(p, 0.1, 0.9, nesterov=1), TypeError, "nesterov is True or False, got 1"),
        (lambda p: SGD(p, 0.1, weight_decay=-1.0), ValueError, "weight_decay is finite and not negative, got -1.0"),
        (lambda p: optim.Adam(p, betas=0.9), ValueError, "betas are two numbers"),
        (lambda p: optim.Adam(p, betas=(0.9, math.nan)), ValueError, "betas is from 0 to below 1, got nan"),
        (lambda p: optim.Adam(p, epsilon="small"), ValueError, "epsilon is finite and not negative"),
        (lambda p: setattr(optim.Adam(p), "eps", 1.0), AttributeError, "Adam has no eps; a step uses"),
        (lambda p: optim.Adam(p).groups[0].__setitem__("lr", 1.0), TypeError, "Adam calls lr learning_rate"),
        (lambda p: optim.Adam(p).lr, AttributeError, "Adam calls lr learning_rate; write learning_rate"),
        (lambda p: SGD(p, 0.1).param_groups, AttributeError, "SGD calls param_groups groups; write groups"),
        (lambda p: SGD(p, 0.1).rate, AttributeError, "'SGD' object has no attribute 'rate'"),
    ],
)
def test_wrong_settings_are_refused(make, error, message):
    with pytest.raises(error, match=message):
        make([Value(1.0)])


@pytest.mark.parametrize(
    ("vector", "gradients", "error"),
    [
        ([1.0, 2.0], np.ones(2), TypeError),
        (np.ones(2, dtype=np.float32), np.ones(2), TypeError),
        (np.ones(2), [1.0, 1.0], TypeError),
        (np.ones(3), np.ones(3), ValueError),
        (np.ones(2), np.ones((2, 1)), ValueError),
    ],
)
def test_arrays_that_do_not_fit_are_refused_and_nothing_moves(vector, gradients, error):
    optimizer = optim.Adam([Value(1.0), Value(2.0)])
    with pytest.raises(error, match=r"start with parameters_to_vector\(optimizer.parameters\)"):
        optimizer.update(vector, gradients)
    assert optimizer.steps == 0


@pytest.mark.parametrize("mode", [no_grad, lambda: scope("training"), detect_anomaly])
def test_a_step_within_a_mode_has_the_same_bits(mode):
    optimizers = [optim.Adam(list(map(Value, START)), weight_decay=0.1) for _ in range(2)]
    for gradients in noise()[:3]:
        for optimizer, within in zip(optimizers, (contextlib.nullcontext, mode)):
            vector_to_gradients(gradients, optimizer.parameters)
            with within():
                optimizer.step()
    plain, in_mode = (parameters_to_vector(optimizer.parameters).tolist() for optimizer in optimizers)
    assert plain == in_mode


def test_a_training_within_a_compiled_function_is_refused_for_what_it_is():
    def trained(x):
        w = Value(1.0)
        optimizer = SGD([w], learning_rate=0.1)
        optimizer.zero_grad()
        ((w - x) ** 2).backward()
        optimizer.step()
        return w * x

    with pytest.raises(TypeError, match="within a compiled function"):
        compile(trained)(2.0)
