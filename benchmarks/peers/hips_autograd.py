"""HIPS autograd: make_vjp, which its grad() uses, of a function that takes an array and splits it into scalars.

An array costs less than a list of scalars, for which each use of an item makes a list of derivatives.
"""

import autograd.numpy as np

import autograd
from autograd import make_vjp

REQUIREMENTS = ["autograd"]
IMPORT = "autograd"

exp, tanh = np.exp, np.tanh


def relu(x):
    return np.maximum(x, 0.0)


def parameters(numbers):
    return np.array(numbers)


def forward(function, parameters):
    vjp, output = make_vjp(lambda array: function(list(array)))(parameters)
    return {"vjp": vjp, "output": output}


def backward(recording):
    recording["gradients"] = recording["vjp"](1.0)


def hessian(function, numbers):
    at = np.array(numbers)
    matrix = autograd.hessian(lambda x: function(x, np.sum))
    return lambda: matrix(at)


def zero_grad(parameters):
    """Nothing: gradients are returned."""


def result(recording):
    return float(recording["output"])


def gradients(recording, parameters):  # noqa: ARG001  # the gradients are of the recording
    return recording["gradients"].tolist()
