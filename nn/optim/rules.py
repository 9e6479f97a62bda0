"""The optimizers: each is its textbook rule for one number."""

from __future__ import annotations

from typing import Any, final

from autograd import Value, sqrt
from nn.optim.optimizer import Parameters, Rule
from nn.optim.settings import Setting, flag, fraction, fractions, not_negative


@final
class SGD(Rule):
    """Gradient descent: a parameter p becomes p - learning_rate * gradient.

    It is stochastic if the gradient is that of a part of the data. Robbins and Monro, "A stochastic approximation
    method", 1951. With momentum, p moves by a velocity: momentum * velocity + gradient. Polyak, "Some methods of
    speeding up the convergence of iteration methods", 1964.

    Args:
        parameters, learning_rate: see Optimizer.
        momentum: from 0 to below 1; what remains of the velocity in each step.
        nesterov: take the velocity that the next step would have. Nesterov, "A method for solving the convex
            programming problem with convergence rate O(1/k^2)", 1983, as in Sutskever et al., "On the importance of
            initialization and momentum in deep learning", 2013.
        weight_decay: not negative; adds weight_decay * p to the gradient.

    >>> p = Value(3.0)
    >>> optimizer = SGD([p], learning_rate=0.1)
    >>> (p * p).backward()
    >>> optimizer.step()
    >>> p.data
    2.4
    """

    __slots__ = ()

    STATE = ("velocity",)

    momentum = Setting(fraction)
    nesterov = Setting(flag)
    weight_decay = Setting(not_negative)

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: float,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, learning_rate, momentum=momentum, nesterov=nesterov, weight_decay=weight_decay)
        if any(group["nesterov"] and not group["momentum"] for group in self.groups):
            raise ValueError("nesterov=True needs a momentum, got 0.0; 0.9 is a common choice")

    @staticmethod
    def move(p: Value, gradient: Value, velocity: Value, settings: Any) -> tuple[Value, ...]:
        """The parameter and its velocity after a step."""
        rate, momentum, weight_decay = settings.learning_rate, settings.momentum, settings.weight_decay
        if weight_decay:
            gradient = gradient + weight_decay * p
        if not momentum:
            return (p - rate * gradient,)
        velocity = momentum * velocity + gradient
        if settings.nesterov:
            return p - rate * (gradient + momentum * velocity), velocity
        return p - rate * velocity, velocity


@final
class Adagrad(Rule):
    """Steps that shrink with the sum of the squares of all gradients so far, for each parameter.

    Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and stochastic optimization", 2011.

    Args:
        parameters, learning_rate: see Optimizer.
        epsilon: not negative; keeps the denominator away from 0.
        weight_decay: not negative; adds weight_decay * p to the gradient.

    >>> p = Value(3.0)
    >>> optimizer = Adagrad([p], learning_rate=0.5)
    >>> (p * p).backward()
    >>> optimizer.step()
    >>> round(p.data, 6)
    2.5
    """

    __slots__ = ()

    STATE = ("total",)

    epsilon = Setting(not_negative)
    weight_decay = Setting(not_negative)

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: float = 0.01,
        epsilon: float = 1e-10,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, learning_rate, epsilon=epsilon, weight_decay=weight_decay)

    @staticmethod
    def move(p: Value, gradient: Value, total: Value, settings: Any) -> tuple[Value, ...]:
        """The parameter after a step, and the sum of squares."""
        if settings.weight_decay:
            gradient = gradient + settings.weight_decay * p
        total = total + gradient * gradient
        return p - settings.learning_rate * gradient / (sqrt(total) + settings.epsilon), total


@final
class RMSProp(Rule):
    """Steps in units of the root of a moving mean of the squared gradient, for each parameter.

    Tieleman and Hinton, "Lecture 6.5: rmsprop", in Neural networks for machine learning, 2012.

    Args:
        parameters, learning_rate: see Optimizer.
        decay: from 0 to below 1; what remains of the mean in each step.
        epsilon: not negative; keeps the denominator away from 0.
        weight_decay: not negative; adds weight_decay * p to the gradient.

    >>> p = Value(3.0)
    >>> optimizer = RMSProp([p], learning_rate=0.01)
    >>> (p * p).backward()
    >>> optimizer.step()
    >>> round(p.data, 6)
    2.9
    """

    __slots__ = ()

    STATE = ("square",)

    decay = Setting(fraction)
    epsilon = Setting(not_negative)
    weight_decay = Setting(not_negative)

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: float = 0.01,
        decay: float = 0.99,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, learning_rate, decay=decay, epsilon=epsilon, weight_decay=weight_decay)

    @staticmethod
    def move(p: Value, gradient: Value, square: Value, settings: Any) -> tuple[Value, ...]:
        """The parameter after a step, and the mean of squares."""
        if settings.weight_decay:
            gradient = gradient + settings.weight_decay * p
        square = settings.decay * square + (1 - settings.decay) * (gradient * gradient)
        return p - settings.learning_rate * gradient / (sqrt(square) + settings.epsilon), square


@final
class Adam(Rule):
    """Steps by a moving mean of the gradient, in units of the root of a moving mean of its square.

    Kingma and Ba, "Adam: a method for stochastic optimization", 2015, in the order of its section 2: the corrections of
    the two means, which begin at 0, go into the learning rate and epsilon.

    Args:
        parameters, learning_rate: see Optimizer.
        betas: two numbers from 0 to below 1; what remains of the two means in each step.
        epsilon: not negative; keeps the denominator away from 0.
        weight_decay: not negative; adds weight_decay * p to the gradient. See AdamW for a decay of its own.

    >>> p = Value(3.0)
    >>> optimizer = Adam([p], learning_rate=0.5)
    >>> (p * p).backward()
    >>> optimizer.step()
    >>> round(p.data, 6)
    2.5
    """

    __slots__ = ()

    STATE = ("mean", "square")

    betas = Setting(fractions)
    epsilon = Setting(not_negative)
    weight_decay = Setting(not_negative)

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, learning_rate, betas=betas, epsilon=epsilon, weight_decay=weight_decay)

    @staticmethod
    def move(p: Value, gradient: Value, mean: Value, square: Value, settings: Any) -> tuple[Value, ...]:
        """The parameter after a step, and the two means."""
        beta1, beta2 = settings.betas
        if settings.weight_decay:
            gradient = gradient + settings.weight_decay * p
        mean = beta1 * mean + (1 - beta1) * gradient
        square = beta2 * square + (1 - beta2) * (gradient * gradient)
        root = sqrt(1 - beta2**settings.step)
        rate = settings.learning_rate * root / (1 - beta1**settings.step)
        return p - rate * mean / (sqrt(square) + settings.epsilon * root), mean, square


@final
class AdamW(Rule):
    """Adam with a weight decay outside of its means: p also shrinks by learning_rate * weight_decay * p.

    Loshchilov and Hutter, "Decoupled weight decay regularization", 2019.

    Args:
        parameters, learning_rate, betas, epsilon: see Adam.
        weight_decay: not negative.

    >>> p = Value(3.0)
    >>> optimizer = AdamW([p], learning_rate=0.5, weight_decay=0.1)
    >>> (p * p).backward()
    >>> optimizer.step()
    >>> round(p.data, 6)
    2.35
    """

    __slots__ = ()

    STATE = ("mean", "square")

    betas = Setting(fractions)
    epsilon = Setting(not_negative)
    weight_decay = Setting(not_negative)

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(parameters, learning_rate, betas=betas, epsilon=epsilon, weight_decay=weight_decay)

    @staticmethod
    def move(p: Value, gradient: Value, mean: Value, square: Value, settings: Any) -> tuple[Value, ...]:
        """The parameter after a step, and the two means."""
        beta1, beta2 = settings.betas
        mean = beta1 * mean + (1 - beta1) * gradient
        square = beta2 * square + (1 - beta2) * (gradient * gradient)
        root = sqrt(1 - beta2**settings.step)
        rate = settings.learning_rate * root / (1 - beta1**settings.step)
        kept = (1 - settings.learning_rate * settings.weight_decay) * p if settings.weight_decay else p
        return kept - rate * mean / (sqrt(square) + settings.epsilon * root), mean, square
