"""micrograd: its Value and its MLP. It lacks exp and tanh, which are added here in the style of its operations."""

import math

from micrograd.engine import Value
from micrograd.nn import MLP

from peers import values

REQUIREMENTS = ["micrograd==0.1.0"]
IMPORT = "micrograd.engine"

forward, backward, zero_grad = values.forward, values.backward, values.zero_grad
result, gradients, nodes = values.result, values.gradients, values.nodes
relu = Value.relu


def parameters(numbers):
    return [Value(x) for x in numbers]


def exp(x):
    out = Value(math.exp(x.data), (x,), "exp")

    def _backward():
        x.grad += out.data * out.grad

    out._backward = _backward
    return out


def tanh(x):
    out = Value(math.tanh(x.data), (x,), "tanh")

    def _backward():
        x.grad += (1 - out.data**2) * out.grad

    out._backward = _backward
    return out


def two_moons(weights, points, labels):
    model = MLP(2, [16, 16, 1])
    for p, weight in zip(model.parameters(), weights):
        p.data = weight

    def loss(parameters):
        scores = [model(point) for point in points]
        losses = [(1 + -label * score).relu() for score, label in zip(scores, labels)]
        return sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in parameters)

    return model.parameters(), loss
