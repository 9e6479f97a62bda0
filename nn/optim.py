"""Optimizers: how the gradients move the parameters."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import final

from autograd import Value


class Optimizer(ABC):
    """Base class of optimizers: it holds the parameters to move, and the learning rate.

    Args:
        parameters: leaf Values, at least one, such as `model.parameters()`.
        learning_rate: multiplies the gradient in a step; positive, and may change between steps.

    Raises:
        TypeError: a parameter is not a Value.
        ValueError: there is no parameter, one is not a leaf, or learning_rate is not positive and finite.
    """

    __slots__ = ("_learning_rate", "parameters")  # so that a misspelled attribute is noticed

    def __init__(self, parameters: Iterable[Value], learning_rate: float) -> None:
        if not isinstance(parameters, Iterable) or getattr(parameters, "ndim", 1) == 0:
            kind = type(parameters).__name__
            raise TypeError(f"an optimizer moves a list of Values, got {kind}; pass model.parameters()")
        self.parameters = list(parameters)
        if not self.parameters:
            raise ValueError("an optimizer moves at least one parameter, got none; pass model.parameters()")
        if len({id(parameter) for parameter in self.parameters}) < len(self.parameters):
            raise ValueError("an optimizer moves each parameter once, got one twice; pass model.parameters()")
        for parameter in self.parameters:
            if not isinstance(parameter, Value):
                kind = type(parameter).__name__
                raise TypeError(f"an optimizer moves Values, got {kind} among the parameters; pass model.parameters()")
            if parameter.op is not None:
                raise ValueError(
                    f"an optimizer moves leaves, got the result of {parameter.op}; "
                    "pass the Values it was made of, or x.detach()"
                )
        self.learning_rate = learning_rate

    @property
    def learning_rate(self) -> float:
        """What multiplies the gradient in a step: a positive and finite number."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, rate: float) -> None:
        try:
            number = Value(rate).data  # a float of any kind of real number
        except (TypeError, ValueError):
            number = math.nan
        if not 0.0 < number < math.inf:
            text = repr(rate)
            shown = text if len(text) <= 20 else type(rate).__name__
            raise ValueError(f"learning_rate is positive and finite, got {shown}; 0.01 is a common first try")
        self._learning_rate = number

    def __setattr__(self, name: str, value: object) -> None:
        is_unknown = not hasattr(self, "__dict__") and not hasattr(type(self), name)
        if name == "lr" or is_unknown:
            kind = type(self).__name__
            raise AttributeError(f"{kind} has no {name}; a step uses optimizer.learning_rate and optimizer.parameters")
        super().__setattr__(name, value)

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0."""
        for parameter in self.parameters:
            parameter.zero_grad()

    @abstractmethod
    def step(self) -> None:
        """Move every parameter once, by its gradient."""


@final
class SGD(Optimizer):
    """Gradient descent: a parameter p becomes p - learning_rate * gradient.

    It is stochastic if the gradient is that of a part of the data. Robbins and Monro, "A stochastic approximation
    method", 1951.

    >>> p = Value(3.0)
    >>> optimizer = SGD([p], learning_rate=0.1)
    >>> (p * p).backward()
    >>> optimizer.step()
    >>> p.data
    2.4
    """

    __slots__ = ()

    def step(self) -> None:
        """Move every parameter once, against its gradient."""
        for parameter in self.parameters:
            parameter.data -= self.learning_rate * parameter.grad
