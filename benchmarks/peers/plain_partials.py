"""Plain Python without closures: nodes have slots and store partial derivatives, so there are no cycles."""

import math

from peers import values

REQUIREMENTS = []


class Value:
    """A number, the Values it was made of, and its partial derivative by each of them."""

    __slots__ = ("_inputs", "_partials", "data", "grad")

    def __init__(self, data, inputs=(), partials=()):
        self.data = data
        self.grad = 0.0
        self._inputs = inputs
        self._partials = partials

    def __add__(self, other):
        if isinstance(other, Value):
            return Value(self.data + other.data, (self, other), (1.0, 1.0))
        return Value(self.data + other, (self,), (1.0,))

    def __mul__(self, other):
        if isinstance(other, Value):
            return Value(self.data * other.data, (self, other), (other.data, self.data))
        return Value(self.data * other, (self,), (other,))

    def __pow__(self, exponent):
        return Value(self.data**exponent, (self,), (exponent * self.data ** (exponent - 1),))

    def exp(self):
        y = math.exp(self.data)
        return Value(y, (self,), (y,))

    def log(self):
        return Value(math.log(self.data), (self,), (1 / self.data,))

    def relu(self):
        return Value(max(self.data, 0.0), (self,), (float(self.data > 0),))

    def tanh(self):
        y = math.tanh(self.data)
        return Value(y, (self,), (1 - y * y,))

    def __neg__(self):
        return self * -1

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __sub__(self, other):
        return self + -other

    def __rsub__(self, other):
        return -self + other

    def __truediv__(self, other):
        return self * other**-1

    def __rtruediv__(self, other):
        return self**-1 * other

    @property
    def _prev(self):
        return set(self._inputs)

    def backward(self):
        order, visited, stack = [], set(), [(self, False)]
        while stack:
            v, inputs_done = stack.pop()
            if inputs_done:
                order.append(v)
            elif v not in visited:
                visited.add(v)
                stack.append((v, True))
                stack += [(x, False) for x in v._inputs if x not in visited]
        self.grad = 1.0
        for v in reversed(order):
            for x, partial in zip(v._inputs, v._partials):
                x.grad += partial * v.grad


exp, relu, tanh = Value.exp, Value.relu, Value.tanh
forward, backward, zero_grad = values.forward, values.backward, values.zero_grad
result, gradients, nodes = values.result, values.gradients, values.nodes


def parameters(numbers):
    return [Value(x) for x in numbers]
