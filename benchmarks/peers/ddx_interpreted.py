"""ddx-ad: graphs of scalars, interpreted, called by buffers that are bound once."""

import ddx
import numpy as np
from ddx import exp, tanh
from workloads import Call, mlp, plain_layers

__all__ = ["exp", "tanh"]

REQUIREMENTS = ["ddx-ad", "numpy"]


def relu(x):
    return ddx.select(x > 0.0, x, 0.0)


def variables(name, count, make=ddx.var):
    array = np.empty(count, dtype=object)
    for i in range(count):  # one by one: NumPy takes an expression for a sequence
        array[i] = make(f"{name}{i}")
    return array


def hessian(function, numbers, options=None):
    call = rosenbrock_call(function, numbers, ddx.Want.HESSIAN, options)
    return lambda: (call(), call.hessian)[1]


def gradient(function, numbers, options=None):
    call = rosenbrock_call(function, numbers, ddx.Want.GRADIENT, options)
    return lambda: (call(), call.jacobian)[1]


def rosenbrock_call(function, numbers, want, options):
    equation = ddx.equation(lambda: function(variables("x", len(numbers)), np.sum))
    equation.options = options or ddx.Options()
    return equation.buffer(np.array(numbers), want=want)


def moons_row(weights, point, label, options=None):
    @ddx.equation
    def loss():
        w, x = variables("w", len(weights)), variables("x", 2, ddx.param)
        return relu(1 - ddx.param("y") * mlp(plain_layers(w, 2, [16, 16, 1]), x, relu))

    loss.options = options or ddx.Options()
    call = loss.buffer(np.array([*weights, *point, label]))
    return Call(call, numbers=lambda: (call(), call.value, call.jacobian)[1:])


def first_result(function, numbers):
    return Call(lambda: ddx.equation(lambda: function(list(variables("x", len(numbers))))).jacobian(np.array(numbers)))
