"""valuegrad: compiled functions as machine code, made by the system's C compiler and called by Program.buffer()."""

import numpy as np
from workloads import Call

import autograd
from autograd import compile
from peers import valuegrad_compiled

REQUIREMENTS = [".", "numpy"]
ENVIRONMENT = {"VALUEGRAD_BUILD": "require", "VALUEGRAD_BACKEND": "native"}


def hessian(function, numbers):
    return compile(autograd.hessian(lambda x: function(x, autograd.sum)), target="c").buffer(np.array(numbers))


def gradient(function, numbers):
    return compile(autograd.grad(lambda x: function(x, autograd.sum)), target="c").buffer(np.array(numbers))


def moons_row(weights, point, label):
    step = valuegrad_compiled.row_step(target="c")
    return Call(step.buffer(np.array(weights), np.array(point), label))


def black_scholes(columns):
    return valuegrad_compiled.black_scholes(columns, target="c")


def pendulum(columns):
    return valuegrad_compiled.pendulum(columns, target="c", forward=True)
