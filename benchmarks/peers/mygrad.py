"""MyGrad: 0-dimensional tensors, without memory guarding, which its documentation advises for many small tensors."""

import mygrad
from mygrad import exp, tanh
from mygrad.nnet.activations import relu

__all__ = ["exp", "relu", "tanh"]

REQUIREMENTS = ["mygrad"]
IMPORT = "mygrad"

mygrad.turn_memory_guarding_off()


def parameters(numbers):
    return [mygrad.tensor(x) for x in numbers]


def forward(function, parameters):
    return function(parameters)


def backward(loss):
    loss.backward()


def zero_grad(parameters):
    for p in parameters:
        p.null_grad()


def result(loss):
    return loss.item()


def gradients(loss, parameters):  # noqa: ARG001  # they are of the parameters
    return [p.grad.item() for p in parameters]
