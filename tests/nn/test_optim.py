"""SGD: the step, the rate, the parameters it refuses; and the four steps of training together."""

import math
import pickle
import random
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from autograd import Value
from nn import MLP, losses
from nn.optim import SGD, Optimizer


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


@pytest.mark.parametrize("name", ["lr", "learning_rat", "momentum"])
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
