"""NumPy: forward and backward written out for one network. OpenBLAS computes the matrix products, in one thread.

SciPy has the normal distribution, which NumPy lacks.
"""

import numpy as np
from workloads import Call

from peers.arrays import digits_batches, digits_loss, digits_vector, matrices, optimizer_of, some_rows

REQUIREMENTS = ["numpy", "scipy"]
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def relu(x):
    return np.maximum(x, 0.0)


def moons_rows(weights, points, labels, activation, penalty):
    w, x, y = map(np.array, (weights, points, labels))
    activate, slope = {"relu": (relu, lambda h: h > 0), "tanh": (np.tanh, lambda h: 1 - h * h)}[activation]

    def run():
        first, second, last = w[:48].reshape(16, 3), w[48:320].reshape(16, 17), w[320:]
        h1 = activate(x @ first[:, :2].T + first[:, 2])
        h2 = activate(h1 @ second[:, :16].T + second[:, 16])
        slack = 1 - y * (h2 @ last[:16] + last[16])
        loss = relu(slack).mean() + penalty * (w @ w)

        d = (slack > 0) * y * (-1 / len(y))
        d2 = np.outer(d, last[:16]) * slope(h2)
        d1 = (d2 @ second[:, :16]) * slope(h1)
        gradient = 2 * penalty * w
        gradient[:48].reshape(16, 3)[:, :2] += d1.T @ x
        gradient[:48].reshape(16, 3)[:, 2] += d1.sum(axis=0)
        gradient[48:320].reshape(16, 17)[:, :16] += d2.T @ h1
        gradient[48:320].reshape(16, 17)[:, 16] += d2.sum(axis=0)
        gradient[320:336] += d @ h2
        gradient[336] += d.sum()
        return loss, gradient

    return Call(run)


def digits(weights, rows, labels, optimizer):
    vector, (x, y) = digits_vector(weights), digits_batches(rows, labels)
    gradient = np.empty(len(vector))
    update = optimizer_of(optimizer, len(vector))
    first, bias, second, last = matrices(vector)
    to_first, to_bias, to_second, to_last = matrices(gradient)

    def run():
        for images, wanted in zip(x, y):
            hidden = relu(images @ first + bias)
            scores = hidden @ second + last
            powers = np.exp(scores - scores.max(axis=1, keepdims=True))
            d = (powers / powers.sum(axis=1, keepdims=True) - wanted) / len(images)
            np.matmul(hidden.T, d, out=to_second)
            d.sum(axis=0, out=to_last)
            d = (d @ second.T) * (hidden > 0)
            np.matmul(images.T, d, out=to_first)
            d.sum(axis=0, out=to_bias)
            update(vector, gradient)

    return Call(run, numbers=lambda: (run(), digits_loss(vector, x, y))[1])


def black_scholes(columns):
    from scipy.special import ndtr  # lazy: only this needs SciPy

    spot, strike, time, rate, volatility = map(np.asarray, columns)

    def run():
        root = np.sqrt(time)
        deviation = volatility * root
        d = (np.log(spot / strike) + (rate + 0.5 * volatility * volatility) * time) / deviation
        delta, discount = ndtr(d), np.exp(-rate * time)
        by_strike = -discount * ndtr(d - deviation)
        vega = spot * root * np.exp(-0.5 * d * d) * (1 / np.sqrt(2 * np.pi))
        by_rate = -time * strike * by_strike
        by_time = 0.5 * vega * volatility / time - rate * strike * by_strike
        return spot * delta + strike * by_strike, delta, by_strike, by_time, by_rate, vega

    return Call(run, numbers=lambda: some_rows(run()))
