"""The part of PyTorch that to_torch() and from_torch() use, with NumPy, for where PyTorch is not installed."""

import math
from types import SimpleNamespace

import numpy as np

float64 = np.float64


class Tensor:
    def __init__(self, array):
        self.array = np.asarray(array, float64)

    def detach(self):
        return Tensor(self.array)

    def to(self, device, dtype):
        assert (device, dtype) == ("cpu", float64)
        return self

    def numpy(self):
        return self.array


from_numpy = tensor = Tensor


class Module:
    training = True

    def eval(self):
        self.training = False
        return self


class Linear(Module):
    def __init__(self, in_features, out_features, bias=True, dtype=float64):
        assert dtype == float64
        self.weight = Tensor(np.ones((out_features, in_features)))
        self.bias = Tensor(np.ones(out_features)) if bias else None

    def load_state_dict(self, state):
        assert {name: x.array.shape for name, x in state.items()} == {
            "weight": self.weight.array.shape,
            "bias": self.bias.array.shape,
        }
        self.weight, self.bias = state["weight"], state["bias"]

    def __call__(self, x):
        return Tensor(x.array @ self.weight.array.T + self.bias.array)


class Sequential(Module):
    def __init__(self, *parts):
        self.parts = parts

    def __iter__(self):
        return iter(self.parts)

    def __call__(self, x):
        for part in self.parts:
            x = part(x)
        return x


class Elementwise(Module):
    """Applies the function of its class to each number, with settings as attributes."""

    defaults: dict

    def __init__(self, **settings):
        vars(self).update(self.defaults | settings)

    def __call__(self, x):
        return Tensor(np.vectorize(self.function)(x.array))


def elementwise(name, function, **defaults):
    return type(name, (Elementwise,), {"function": function, "defaults": defaults})


def skip_init(kind, *args, **kwargs):
    return kind(*args, **kwargs)


def softplus(self, x):
    return x if x > self.threshold else math.log1p(math.exp(x))


nn = SimpleNamespace(
    ELU=elementwise("ELU", lambda self, x: x if x > 0 else self.alpha * math.expm1(x), alpha=1.0),
    GELU=elementwise("GELU", lambda _, x: x * math.erfc(-x / math.sqrt(2)) / 2, approximate="none"),
    LeakyReLU=elementwise("LeakyReLU", lambda self, x: x if x > 0 else self.negative_slope * x, negative_slope=0.01),
    ReLU=elementwise("ReLU", lambda _, x: max(x, 0.0)),
    Sigmoid=elementwise("Sigmoid", lambda _, x: 1 / (1 + math.exp(-x))),
    SiLU=elementwise("SiLU", lambda _, x: x / (1 + math.exp(-x))),
    Softplus=elementwise("Softplus", softplus, beta=1.0, threshold=20.0),
    Tanh=elementwise("Tanh", lambda _, x: math.tanh(x)),
    Identity=elementwise("Identity", lambda _, x: x),
    Dropout=elementwise("Dropout", lambda _, x: x),
    Linear=Linear,
    Sequential=Sequential,
    Module=Module,
    utils=SimpleNamespace(skip_init=skip_init),
)
