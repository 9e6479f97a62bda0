"""PyTorch: 0-dimensional float64 tensors on the CPU, one thread."""

import torch
from torch import exp, relu, tanh

__all__ = ["exp", "relu", "tanh"]

REQUIREMENTS = ["torch==2.13.0", "numpy"]  # it warns where there is no numpy
IMPORT = "torch"

torch.set_num_threads(1)


def parameters(numbers):
    return [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in numbers]


def forward(function, parameters):
    return function(parameters)


def backward(loss):
    loss.backward()


def hessian(function, numbers):
    at = torch.tensor(numbers, dtype=torch.float64)
    return lambda: torch.autograd.functional.hessian(lambda x: function(x, torch.sum), at)


def zero_grad(parameters):
    for p in parameters:
        p.grad = None


def result(loss):
    return loss.item()


def gradients(loss, parameters):  # noqa: ARG001  # they are of the parameters
    return [p.grad.item() for p in parameters]
