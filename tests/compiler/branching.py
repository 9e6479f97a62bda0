"""Functions of many branches, and rows that take them."""

import itertools
from functools import cache

import numpy as np

import autograd as ag
from autograd import Value

RNG = np.random.default_rng(5)
UNITS = 10
ROWS = RNG.normal(size=(300, 3))
WEIGHTS = RNG.normal(size=(UNITS, 3)).tolist()


class Net:
    """A network whose units branch by Python's `if`."""

    def __init__(self):
        self.w = [[Value(x) for x in row] for row in WEIGHTS]
        self.out = [Value(0.1 * i - 0.4) for i in range(UNITS)]
        self.parameters = [*itertools.chain(*self.w), *self.out]
        self.calls = 0

    def __call__(self, x):
        self.calls += 1
        total = 0.0
        for row, factor in zip(self.w, self.out):
            z = ag.sum(a * b for a, b in zip(row, x))
            h = z if z > 0.0 else 0.1 * z
            total = total + factor * ag.tanh(h)
        return total * total

    def gradient(self):
        found = [p.grad for p in self.parameters]
        for p in self.parameters:
            p.zero_grad()
        return found


@cache  # it takes as long as many tests together
def eager():
    """The results of a network for all rows, their mean, and its gradient."""
    net = Net()
    results = [net([Value(a) for a in row]) for row in ROWS.tolist()]
    loss = ag.mean(results)
    loss.backward()
    return [y.data for y in results], loss.data, net.gradient()


def traces(program):
    return len(program._paths())


SIGNS = np.array(list(itertools.product([-1.0, 1.0], repeat=4)))


def of_signs(special):
    """A function with a path for each combination of four signs; for the last one, all are 1, it gives special(x)."""

    def f(x):
        total = 0.0
        for a in x:
            total = total + (a if a > 0.0 else 3.0 * a)
        return special(x) if all(a > 0.0 for a in x) else total

    return f
