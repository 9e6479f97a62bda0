"""Activations: functions by name for `Layer` and `MLP`, and as modules for `Sequential`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, final

from autograd import Value, elu, gelu, leaky_relu, log_softmax, relu, sigmoid, silu, softmax, softplus, tanh
from nn.arguments import Number, Sample, vector
from nn.module import Module
from nn.structure.diagram import Stage

Activation = Callable[[Value], Value]


def linear(x: Value) -> Value:
    """The number itself: no activation."""
    return x


ACTIVATIONS: dict[str, Activation] = {
    "elu": elu,
    "gelu": gelu,
    "leaky_relu": leaky_relu,
    "linear": linear,
    "relu": relu,
    "sigmoid": sigmoid,
    "silu": silu,
    "softplus": softplus,
    "tanh": tanh,
}
"""The activations that have a name. Any function from a Value to a Value works too."""


def named(activation: str | Activation) -> Activation:
    """The function of this name, or the function itself."""
    if isinstance(activation, type):
        raise TypeError(
            f"activation is a name or a function of a Value, got the class {activation.__name__}; "
            f"write {activation.__name__.lower()!r} or an instance"
        )
    if callable(activation):
        return activation
    if not isinstance(activation, str) or activation not in ACTIVATIONS:
        alike = [repr(name) for name in ACTIVATIONS if name == str(activation).lower()]
        known = alike[0] if alike else f"one of {', '.join(ACTIVATIONS)}"
        raise ValueError(f"unknown activation {activation!r}; use {known}, or a function of a Value")
    return ACTIVATIONS[activation]


def name_of(activation: Activation) -> str | None:
    """The name of an activation in ACTIVATIONS; None for others."""
    name = getattr(activation, "__name__", "")
    return name if ACTIVATIONS.get(name) is activation else None


def text_of(activation: Activation) -> str:
    """An activation as it is passed: a name in quotes, or the name of the function."""
    name: str = getattr(activation, "__name__", type(activation).__name__)
    return name if name_of(activation) is None else repr(name)


# --------------------------------------------------------------------------- as modules


class Elementwise(Module):
    """Base class of the activations as modules: a function of each number of a sample. It has no parameters."""

    @abstractmethod
    def function(self, x: Number) -> Number:
        """The activation of one number."""

    def __call__(self, x: Sample) -> Any:
        """The activation of a number; for a list of numbers, the list of their activations."""
        if isinstance(x, (Value, float)):
            return self.function(x)
        return [self.function(number) for number in vector(x)]

    def _stages(self, path: str) -> list[Stage]:
        return [Stage(path, self, {repr(self).removesuffix("()"): self.function})]


@final
class Identity(Elementwise):
    """The numbers themselves.

    >>> Identity()([1.0, -2.0])
    [1.0, -2.0]
    """

    def function(self, x: Number) -> Number:
        return x


@final
class ReLU(Elementwise):
    """max(0, x), see autograd.relu().

    >>> ReLU()([1.0, -2.0])
    [1.0, 0.0]
    """

    def function(self, x: Number) -> Number:
        return relu(x)


@final
class LeakyReLU(Elementwise):
    """x, or negative_slope * x below 0, see autograd.leaky_relu().

    >>> LeakyReLU(0.1)([1.0, -2.0])
    [1.0, -0.2]
    """

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope

    def function(self, x: Number) -> Number:
        return leaky_relu(x, self.negative_slope)

    def extra_repr(self) -> str:
        """The slope."""
        return f"{self.negative_slope!r}"


@final
class ELU(Elementwise):
    """x, or alpha (exp(x) - 1) below 0, see autograd.elu().

    >>> ELU()([1.0, -100.0])
    [1.0, -1.0]
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def function(self, x: Number) -> Number:
        return elu(x, self.alpha)

    def extra_repr(self) -> str:
        """Alpha."""
        return f"{self.alpha!r}"


@final
class GELU(Elementwise):
    """x times the normal probability of less than x, see autograd.gelu().

    >>> GELU()([0.0, 10.0])
    [0.0, 10.0]
    """

    def function(self, x: Number) -> Number:
        return gelu(x)


@final
class SiLU(Elementwise):
    """x sigmoid(x), see autograd.silu().

    >>> SiLU()(0.0)
    0.0
    """

    def function(self, x: Number) -> Number:
        return silu(x)


@final
class Sigmoid(Elementwise):
    """1 / (1 + exp(-x)), see autograd.sigmoid().

    >>> Sigmoid()(0.0)
    0.5
    """

    def function(self, x: Number) -> Number:
        return sigmoid(x)


@final
class Softplus(Elementwise):
    """log(1 + exp(x)), see autograd.softplus().

    >>> Softplus()(100.0)
    100.0
    """

    def function(self, x: Number) -> Number:
        return softplus(x)


@final
class Tanh(Elementwise):
    """The hyperbolic tangent, see autograd.tanh().

    >>> Tanh()([0.0, 100.0])
    [0.0, 1.0]
    """

    def function(self, x: Number) -> Number:
        return tanh(x)


@final
class Softmax(Module):
    """The probabilities that belong to logits, see autograd.softmax(). Losses take the logits themselves.

    >>> Softmax()([1.0, 1.0])
    [0.5, 0.5]
    """

    def __call__(self, x: Sample) -> Any:
        """A list of probabilities."""
        return softmax(vector(x))

    def _stages(self, path: str) -> list[Stage]:
        return [Stage(path, self, {"Softmax": None})]


@final
class LogSoftmax(Module):
    """The logarithms of the probabilities that belong to logits, see autograd.log_softmax().

    >>> LogSoftmax()([0.0, -1000.0])[1]
    -1000.0
    """

    def __call__(self, x: Sample) -> Any:
        """A list of logarithms."""
        return log_softmax(vector(x))

    def _stages(self, path: str) -> list[Stage]:
        return [Stage(path, self, {"LogSoftmax": None})]
