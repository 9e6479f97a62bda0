"""valuegrad: compiled functions called by Program.buffer()."""

import numpy as np
from workloads import Call

import autograd
from autograd import compile
from peers.valuegrad_compiled import row_step

REQUIREMENTS = [".", "numpy"]
ENVIRONMENT = {"VALUEGRAD_BUILD": "require", "VALUEGRAD_BACKEND": "native"}


def hessian(function, numbers):
    return compile(autograd.hessian(lambda x: function(x, autograd.sum))).buffer(np.array(numbers))


def gradient(function, numbers):
    return compile(autograd.grad(lambda x: function(x, autograd.sum))).buffer(np.array(numbers))


def moons_row(weights, point, label):
    return Call(row_step().buffer(np.array(weights), np.array(point), label))
