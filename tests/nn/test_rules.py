"""Rules of one's own, and the state that a rule keeps."""

import math

import numpy as np
import pytest

from autograd import Value, sign
from nn import optim
from nn.optim import Optimizer
from nn.optim.settings import Setting


def test_a_rule_on_values_also_moves_arrays():
    class Signs(Optimizer):
        def step(self):
            for p in self.parameters:
                p.data -= math.copysign(self.learning_rate, p.grad)

    vector = np.array([1.0, 2.0])
    Signs([Value(0.0), Value(0.0)], 0.5).update(vector, np.array([3.0, -3.0]))
    assert vector.tolist() == [0.5, 2.5]


def test_a_rule_of_ones_own_for_one_number_is_compiled():
    class Signs(optim.Rule):
        @staticmethod
        def move(p, gradient, settings):
            return (p - settings.learning_rate * sign(gradient),)

    p = Value(1.0)
    p.grad = -3.0
    optimizer = Signs([p], 0.5)
    optimizer.step()
    assert p.data == 1.5
    vector = np.array([1.0])
    optimizer.update(vector, np.array([2.0]))
    assert vector.tolist() == [0.5]


def test_a_state_may_come_in_any_order_of_names():
    optimizer, other = optim.Adam([Value(0.0)], learning_rate=0.1), optim.Adam([Value(0.0)], learning_rate=0.1)
    vector, gradient = np.zeros(1), np.ones(1)
    optimizer.update(vector, gradient)
    state, same = optimizer.state_dict(), vector.copy()
    state["state"] = dict(reversed(state["state"].items()))
    other.load_state_dict(state)
    optimizer.state = dict(reversed(optimizer.state.items()))
    optimizer.update(vector, gradient)
    other.update(same, gradient)
    assert vector.tolist() == same.tolist() == [pytest.approx(-0.2)]


def test_the_state_of_a_fresh_optimizer_can_be_loaded_and_stored_again():
    optimizer = optim.Adam([Value(0.0)], learning_rate=0.1)
    fresh = optimizer.state_dict()
    first, second = np.zeros(1), np.zeros(1)
    optimizer.update(first, np.ones(1))
    optimizer.load_state_dict(fresh)
    optimizer.load_state_dict(optimizer.state_dict())
    optimizer.update(second, np.ones(1))
    assert first.tolist() == second.tolist()


def test_settings_of_another_shape_get_a_rule_of_their_own():
    class Sums(optim.Rule):
        a = Setting(lambda _, x: x)
        b = Setting(lambda _, x: x)

        def __init__(self, parameters, a, b):
            super().__init__(parameters, 0.1, a=a, b=b)

        @staticmethod
        def move(p, gradient, settings):
            return (p - (sum(settings.a) + 100.0 * sum(settings.b)) * gradient,)

    optimizer, vector = Sums([Value(0.0)], (1.0, 2.0), (3.0,)), np.zeros(1)
    optimizer.update(vector, np.ones(1))
    assert vector[0] == -303.0
    optimizer.groups[0]["a"], optimizer.groups[0]["b"] = (1.0,), (2.0, 3.0)
    vector[:] = 0.0
    optimizer.update(vector, np.ones(1))
    assert vector[0] == -501.0


def test_a_rule_that_gives_no_tuple_is_told_so():
    class Bare(optim.Rule):
        @staticmethod
        def move(p, gradient, settings):
            return p - settings.learning_rate * gradient

    with pytest.raises(TypeError, match=r"gives a tuple, the parameter and then its state; write return \(p,\)"):
        Bare([Value(1.0)], 0.1).step()
