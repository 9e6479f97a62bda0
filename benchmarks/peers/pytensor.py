"""PyTensor: functions of arrays, compiled with its defaults. What it has compiled, it keeps in a cache."""

import numpy as np
import pytensor
import pytensor.tensor as pt
from workloads import Call

REQUIREMENTS = ["pytensor"]
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
IMPORT = "pytensor"


def moons_rows(weights, points, labels, activation, penalty):
    w, x, y = map(np.array, (weights, points, labels))
    step = moons_step(pt.matrix("x"), pt.vector("y"), activation, penalty)
    return Call(lambda: step(w, x, y))


def moons_row(weights, point, label):
    w, x = np.array(weights), np.array(point)
    step = moons_step(pt.vector("x"), pt.scalar("y"), "relu", 0.0)
    return Call(lambda: step(w, x, label))


def compile_time(weights, point, label):
    w, x = np.array(weights), np.array(point)
    return Call(lambda: moons_step(pt.vector("x"), pt.scalar("y"), "relu", 0.0)(w, x, label))


def moons_step(x, y, activation, penalty):
    """The loss of rows and its gradient, compiled."""
    activate = {"relu": lambda x: pt.maximum(x, 0.0), "tanh": pt.tanh}[activation]
    w = pt.vector("w")
    first, second, last = w[:48].reshape((16, 3)), w[48:320].reshape((16, 17)), w[320:]
    h1 = activate(pt.dot(x, first[:, :2].T) + first[:, 2])
    h2 = activate(pt.dot(h1, second[:, :16].T) + second[:, 16])
    losses = pt.maximum(1 - y * (pt.dot(h2, last[:16]) + last[16]), 0.0)
    loss = losses.mean() + penalty * pt.sum(w * w)
    step = pytensor.function([w, x, y], [loss, pt.grad(loss, w)])
    step.trust_input = True  # arrays of the right type, as its documentation advises for small functions
    return lambda w, x, y: step(w, x, np.asarray(y))
