"""numba: derivatives written by hand, compiled with fastmath."""

import math

import numba
import numpy as np
from workloads import Call

from peers.arrays import BETA1, BETA2, EPSILON, RATES, digits_batches, digits_loss, digits_vector, matrices, some_rows

REQUIREMENTS = ["numba", "numpy", "scipy"]  # scipy has its matrix products
ENVIRONMENT = {"NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
IMPORT = "numba"

RATE_SGD, RATE_ADAM = RATES["sgd"], RATES["adam"]  # numba reads no dicts
HALF, DENSITY = 0.5**0.5, (2 * math.pi) ** -0.5


def digits(weights, rows, labels, optimizer):
    vector, (x, y) = digits_vector(weights), digits_batches(rows, labels)
    gradient, mean, square = np.zeros((3, len(vector)))
    parts, to_parts = matrices(vector), matrices(gradient)
    steps = 0

    def run():
        nonlocal steps
        for images, wanted in zip(x, y):
            set_gradient(images, wanted, *parts, *to_parts)
            steps += 1
            if optimizer == "adam":
                adam(vector, gradient, mean, square, steps)
            else:
                descend(vector, gradient)

    return Call(run, numbers=lambda: (run(), digits_loss(vector, x, y))[1])


@numba.njit(fastmath=True)
def set_gradient(images, wanted, first, bias, second, last, to_first, to_bias, to_second, to_last):
    """The gradient of the mean loss of a batch."""
    hidden = np.maximum(images @ first + bias, 0.0)
    d = hidden @ second + last
    for row in range(len(d)):
        d[row] = np.exp(d[row] - d[row].max())
        d[row] = (d[row] / d[row].sum() - wanted[row]) / len(d)
    to_second[:] = hidden.T @ d
    to_last[:] = d.sum(axis=0)
    d = (d @ second.T) * (hidden > 0)
    to_first[:] = images.T @ d
    to_bias[:] = d.sum(axis=0)


@numba.njit(fastmath=True)
def descend(vector, gradient):
    for i in range(len(vector)):
        vector[i] -= RATE_SGD * gradient[i]


@numba.njit(fastmath=True)
def adam(vector, gradient, mean, square, steps):
    rate = RATE_ADAM * (1 - BETA2**steps) ** 0.5 / (1 - BETA1**steps)
    for i in range(len(vector)):
        mean[i] = BETA1 * mean[i] + (1 - BETA1) * gradient[i]
        square[i] = BETA2 * square[i] + (1 - BETA2) * gradient[i] * gradient[i]
        vector[i] -= rate * mean[i] / (np.sqrt(square[i]) + EPSILON)


def black_scholes(columns):
    arrays, out = [np.asarray(column) for column in columns], np.empty((6, len(columns[0])))
    return Call(lambda: price(*arrays, out), numbers=lambda: (price(*arrays, out), some_rows(out))[1])


@numba.njit(fastmath=True)
def price(spot, strike, time, rate, volatility, out):
    for i in range(len(spot)):
        root = math.sqrt(time[i])
        deviation = volatility[i] * root
        d = (math.log(spot[i] / strike[i]) + (rate[i] + 0.5 * volatility[i] ** 2) * time[i]) / deviation
        delta = 0.5 * math.erfc(-d * HALF)
        by_strike = -0.5 * math.exp(-rate[i] * time[i]) * math.erfc((deviation - d) * HALF)
        vega = spot[i] * root * math.exp(-0.5 * d * d) * DENSITY
        out[0, i] = spot[i] * delta + strike[i] * by_strike
        out[1, i] = delta
        out[2, i] = by_strike
        out[3, i] = 0.5 * vega * volatility[i] / time[i] - rate[i] * strike[i] * by_strike
        out[4, i] = -time[i] * strike[i] * by_strike
        out[5, i] = vega


def pendulum(columns):
    rows = np.array(columns).T.copy()
    out = np.empty((len(rows), 2, 5))

    def numbers():
        swing(rows, out)
        return some_rows([out[:, 0, 0], out[:, 1, 0], *out[:, 0, 1:].T, *out[:, 1, 1:].T])

    return Call(lambda: swing(rows, out), numbers=numbers)


@numba.njit(fastmath=True)
def swing(rows, out):
    """The state of each row after 100 steps of Runge and Kutta, behind each number its four derivatives."""
    weights, ahead, h = (1.0, 2.0, 2.0, 1.0), (0.5, 0.5, 1.0, 0.0), 0.01
    total, at, slope = np.empty((2, 5)), np.empty((2, 5)), np.empty((2, 5))
    for row in range(len(rows)):
        stiffness, damping, state = rows[row, 2], rows[row, 3], out[row]
        state[:] = 0.0
        state[0, 0], state[1, 0], state[0, 1], state[1, 2] = rows[row, 0], rows[row, 1], 1.0, 1.0
        for _ in range(100):
            total[:] = 0.0
            at[:] = state
            for stage in range(4):
                sine, by_angle = math.sin(at[0, 0]), -stiffness * math.cos(at[0, 0])
                for k in range(5):
                    slope[0, k] = at[1, k]
                    slope[1, k] = by_angle * at[0, k] - damping * at[1, k]
                slope[1, 0] = -stiffness * sine - damping * at[1, 0]
                slope[1, 3] -= sine
                slope[1, 4] -= at[1, 0]
                for i in range(2):
                    for k in range(5):
                        total[i, k] += weights[stage] * slope[i, k]
                        at[i, k] = state[i, k] + h * ahead[stage] * slope[i, k]
            for i in range(2):
                for k in range(5):
                    state[i, k] += h / 6 * total[i, k]
