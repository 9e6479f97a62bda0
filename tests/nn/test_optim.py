"""SGD: the step, the rate, the parameters it refuses; and the four steps of training together."""

import math
import random

import pytest

from autograd import Value
from nn import MLP, losses
from nn.optim import SGD


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


@pytest.mark.parametrize("rate", [0.0, -1.0, math.nan, math.inf, "0.1"])
def test_a_rate_that_is_not_positive_and_finite_is_refused(rate):
    with pytest.raises(ValueError, match="learning_rate is positive and finite, got"):
        SGD([Value(1.0)], rate)


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
