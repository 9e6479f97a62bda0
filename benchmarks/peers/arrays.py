"""Shared by the peers that take arrays: rows to compare, and the network of digits as matrices."""

import numpy as np
from workloads import BATCH

RATES = {"sgd": 0.1, "adam": 0.01}
# Adam of scikit-learn adds epsilon before the correction of the means, others after; so small, it makes no difference
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-30
ADAM = {"learning_rate": RATES["adam"], "betas": (BETA1, BETA2), "epsilon": EPSILON}


def some_rows(columns):
    """The numbers of every thousandth row, to be compared."""
    return [np.asarray(column)[::1000] for column in columns]


def digits_batches(rows, labels):
    """The images and their labels, as unit vectors, batch by batch."""
    return np.array(rows).reshape(-1, BATCH, 64), np.eye(10)[labels].reshape(-1, BATCH, 10)


def digits_vector(weights):
    """The weights of neurons, one after the other, as one vector of matrices(), which lie there without gaps."""
    first, second = np.array(weights[:2080]).reshape(32, 65), np.array(weights[2080:]).reshape(10, 33)
    return np.concatenate([first[:, :64].T.ravel(), first[:, 64], second[:, :32].T.ravel(), second[:, 32]])


def matrices(vector):
    """Views of a vector: weights (64, 32) and biases, weights (32, 10) and biases."""
    return vector[:2048].reshape(64, 32), vector[2048:2080], vector[2080:2400].reshape(32, 10), vector[2400:]


def digits_loss(vector, x, y):
    """The mean cross-entropy of batches, which says whether the peers have trained alike."""
    first, bias, second, last = matrices(vector)
    scores = np.maximum(x @ first + bias, 0.0) @ second + last
    return (np.log(np.exp(scores).sum(-1)) - (scores * y).sum(-1)).mean()


def optimizer_of(name, size):
    """A function that updates a vector by a gradient, which it may overwrite."""
    if name == "sgd":
        return descend
    adam = Adam(size, BETA1, BETA2, EPSILON)
    return lambda vector, gradient: adam(vector, gradient, RATES["adam"])


def descend(vector, gradient):
    gradient *= RATES["sgd"]
    vector -= gradient


class Adam:
    """Kingma and Ba, "Adam: a method for stochastic optimization", 2015."""

    def __init__(self, size, beta1, beta2, epsilon):
        self.mean, self.square = np.zeros(size), np.zeros(size)
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon
        self.steps = 0

    def __call__(self, vector, gradient, rate):
        self.steps += 1
        self.mean *= self.beta1
        self.mean += (1 - self.beta1) * gradient
        gradient *= gradient
        gradient *= 1 - self.beta2
        self.square *= self.beta2
        self.square += gradient
        np.multiply(self.square, 1 / (1 - self.beta2**self.steps), out=gradient)
        np.sqrt(gradient, out=gradient)
        gradient += self.epsilon
        np.divide(self.mean, gradient, out=gradient)
        gradient *= rate / (1 - self.beta1**self.steps)
        vector -= gradient
