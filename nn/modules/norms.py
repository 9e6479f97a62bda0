"""Normalisations of a sample: LayerNorm and RMSNorm."""

from __future__ import annotations

from typing import Any, final

from autograd import Value, dot, mean, sqrt
from nn.arguments import Sample, check_count, check_items, check_width, shown, vector
from nn.module import Module
from nn.structure.diagram import Stage


@final
class LayerNorm(Module):
    """Numbers of mean 0 and variance 1, times weights, plus biases: w (x - mean) / sqrt(variance + epsilon) + b.

    The variance is that of all n numbers, divided by n. Ba, Kiros and Hinton, "Layer normalization", 2016.

    Args:
        n_inputs: how many numbers a sample has, at least 1.
        epsilon: positive and small; it keeps equal numbers from a division by 0.

    Attributes:
        weight, bias: n_inputs Values each, at first 1 and 0.

    Raises:
        TypeError, ValueError: n_inputs is no number of inputs, or epsilon is not 0 or more.

    >>> [round(y.data, 3) for y in LayerNorm(3)([1.0, 2.0, 3.0])]
    [-1.225, 0.0, 1.225]
    """

    def __init__(self, n_inputs: int, epsilon: float = 1e-5) -> None:
        check_width("n_inputs", n_inputs)
        self.epsilon = _checked(epsilon)
        self.weight = [Value(1.0) for _ in range(n_inputs)]
        self.bias = [Value(0.0) for _ in range(n_inputs)]

    def __call__(self, x: Sample) -> list[Value]:
        """A list of as many numbers."""
        inputs = _inputs("LayerNorm", x, len(self.weight))
        middle = mean(inputs)
        centered = [number - middle for number in inputs]
        scale = 1.0 / sqrt(dot(centered, centered) / len(centered) + self.epsilon)
        return [w * (number * scale) + b for w, number, b in zip(self.weight, centered, self.bias)]

    def _example(self) -> list[float]:
        return [0.0] * len(self.weight)

    def _stages(self, path: str) -> list[Stage]:
        return [Stage(path, self, {"LayerNorm": None})]

    def extra_repr(self) -> str:
        """The number of inputs, and epsilon."""
        return f"{len(self.weight)}, epsilon={self.epsilon!r}"


@final
class RMSNorm(Module):
    """Numbers whose mean square is 1, times weights: w x / sqrt(mean of x ** 2 + epsilon).

    Zhang and Sennrich, "Root mean square layer normalization", 2019.

    Args:
        n_inputs, epsilon: as for LayerNorm.

    Attributes:
        weight: n_inputs Values, at first 1.

    Raises:
        TypeError, ValueError: as LayerNorm does.

    >>> [round(y.data, 3) for y in RMSNorm(2)([3.0, 4.0])]
    [0.849, 1.131]
    """

    def __init__(self, n_inputs: int, epsilon: float = 1e-5) -> None:
        check_width("n_inputs", n_inputs)
        self.epsilon = _checked(epsilon)
        self.weight = [Value(1.0) for _ in range(n_inputs)]

    def __call__(self, x: Sample) -> list[Value]:
        """A list of as many numbers."""
        inputs = _inputs("RMSNorm", x, len(self.weight))
        scale = 1.0 / sqrt(dot(inputs, inputs) / len(inputs) + self.epsilon)
        return [w * (number * scale) for w, number in zip(self.weight, inputs)]

    def _example(self) -> list[float]:
        return [0.0] * len(self.weight)

    def _stages(self, path: str) -> list[Stage]:
        return [Stage(path, self, {"RMSNorm": None})]

    def extra_repr(self) -> str:
        """The number of inputs, and epsilon."""
        return f"{len(self.weight)}, epsilon={self.epsilon!r}"


_NUMBERS = {Value, float}


def _inputs(name: str, x: Sample, n_inputs: int) -> Any:
    inputs = vector(x)
    if not _NUMBERS.issuperset(map(type, inputs)):
        check_items(inputs)
    check_count(name, inputs, n_inputs)
    return inputs


def _checked(epsilon: Any) -> float:
    if isinstance(epsilon, bool) or not isinstance(epsilon, (int, float)) or not 0 <= epsilon < float("inf"):
        raise ValueError(f"epsilon is a number from 0 on, got {shown(epsilon)}; 1e-5 is usual")
    return float(epsilon)
