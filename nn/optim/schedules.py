"""Schedules: how the learning rate changes from step to step."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from numbers import Integral
from typing import Any, final

from nn.arguments import shown
from nn.optim.optimizer import Optimizer
from nn.optim.settings import fraction, not_negative, number, rate


class Schedule(ABC):
    """Base class of schedules. A subclass says in `rate()` what the learning rate is after so many steps.

    A step is what you make it: call `step()` after each epoch, or after each step of the optimizer.

    Args:
        optimizer: its learning rates are the first ones. The rates for step 0 are set at once.

    Raises:
        TypeError: it is not an Optimizer.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        if not isinstance(optimizer, Optimizer):
            kind = type(optimizer).__name__
            raise TypeError(f"a schedule changes an optimizer, got {kind}; pass it first: StepDecay(optimizer, 30)")
        self.optimizer = optimizer
        self.steps = 0
        self.base_rates: list[float] = [group["learning_rate"] for group in optimizer.groups]
        self._set()

    def __repr__(self) -> str:
        return _shown(self)

    @abstractmethod
    def rate(self, base_rate: float, step: int) -> float:
        """The learning rate after so many steps."""

    def step(self) -> None:
        """Count a step, and set the learning rate of each group."""
        self.steps += 1
        self._set()

    def _set(self) -> None:
        for group, base_rate in zip(self.optimizer.groups, self.base_rates):
            group.follow(self.rate(base_rate, self.steps))

    def state_dict(self) -> dict[str, Any]:
        """What the next steps depend on, beside the optimizer."""
        return {"steps": self.steps, "base_rates": list(self.base_rates)}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where a schedule was that gave this `state_dict()`.

        Raises:
            ValueError: it is not that of a schedule for as many groups.
        """
        steps, rates = _entries(state_dict, "steps", "base_rates")
        if len(rates) != len(self.base_rates):
            raise ValueError(
                f"the optimizer has {len(self.base_rates)} groups, got rates for {len(rates)}; "
                "load them into a schedule for the same groups"
            )
        self.steps, self.base_rates = int(steps), [float(x) for x in rates]
        self._set()


@final
class StepDecay(Schedule):
    """The rate is multiplied by a factor after every so many steps: StepLR in PyTorch.

    Args:
        optimizer: see Schedule.
        every: how many steps, 1 or more.
        factor: positive.

    >>> from autograd import Value
    >>> from nn.optim import SGD, StepDecay
    >>> optimizer = SGD([Value(1.0)], learning_rate=1.0)
    >>> schedule = StepDecay(optimizer, every=2, factor=0.5)
    >>> for epoch in range(4):
    ...     schedule.step()
    >>> optimizer.learning_rate
    0.25
    """

    def __init__(self, optimizer: Optimizer, every: int, factor: float = 0.1) -> None:
        self.every, self.factor = _count("every", every), rate("factor", factor)
        super().__init__(optimizer)

    def rate(self, base_rate: float, step: int) -> float:
        """base_rate * factor ** (step // every)"""
        return float(base_rate * self.factor ** (step // self.every))


@final
class CosineDecay(Schedule):
    """The rate falls from the first to the least along half a wave of the cosine, and stays there.

    Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017, without restarts;
    CosineAnnealingLR in PyTorch, where the rate would rise again afterwards.

    Args:
        optimizer: see Schedule.
        steps: how many steps it takes, 1 or more.
        least: the last rate, not negative.

    >>> from autograd import Value
    >>> from nn.optim import SGD, CosineDecay
    >>> optimizer = SGD([Value(1.0)], learning_rate=1.0)
    >>> schedule = CosineDecay(optimizer, steps=2)
    >>> schedule.step()
    >>> optimizer.learning_rate
    0.5
    """

    def __init__(self, optimizer: Optimizer, steps: int, least: float = 0.0) -> None:
        self.length, self.least = _count("steps", steps), not_negative("least", least)
        super().__init__(optimizer)

    def rate(self, base_rate: float, step: int) -> float:
        """least + (base_rate - least) * (1 + cos(pi * step / steps)) / 2"""
        return _cosine(base_rate, self.least, step / self.length)


@final
class LinearDecay(Schedule):
    """The rate changes in a straight line, from a part of the first rate to another part, and stays there.

    LinearLR in PyTorch, where it rises from a third unless something else is asked for.

    Args:
        optimizer: see Schedule.
        steps: how many steps it takes, 1 or more.
        start, end: what the first rate is multiplied by at both ends, not negative.

    >>> from autograd import Value
    >>> from nn.optim import SGD, LinearDecay
    >>> optimizer = SGD([Value(1.0)], learning_rate=1.0)
    >>> schedule = LinearDecay(optimizer, steps=4)
    >>> schedule.step()
    >>> optimizer.learning_rate
    0.75
    """

    def __init__(self, optimizer: Optimizer, steps: int, start: float = 1.0, end: float = 0.0) -> None:
        self.length = _count("steps", steps)
        self.start, self.end = not_negative("start", start), not_negative("end", end)
        super().__init__(optimizer)

    def rate(self, base_rate: float, step: int) -> float:
        """base_rate * (start + (end - start) * step / steps)"""
        return base_rate * _line(self.start, self.end, step / self.length)


@final
class WarmUp(Schedule):
    """The rate rises in a straight line from a part of the first rate to all of it; then another schedule goes on.

    Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1 hour", 2017. In PyTorch it is a LinearLR, in a
    SequentialLR with the other schedule.

    Args:
        optimizer: see Schedule.
        steps: how many steps the rise takes, 1 or more.
        start: what the first rate is multiplied by at first, from 0 to below 1.
        then: a schedule for the same optimizer, which begins after the rise; without it, the rate stays.

    >>> from autograd import Value
    >>> from nn.optim import SGD, CosineDecay, WarmUp
    >>> optimizer = SGD([Value(1.0)], learning_rate=1.0)
    >>> schedule = WarmUp(optimizer, steps=4, start=0.0, then=CosineDecay(optimizer, steps=100))
    >>> schedule.step()
    >>> optimizer.learning_rate
    0.25
    """

    def __init__(self, optimizer: Optimizer, steps: int, start: float = 1 / 3, then: Schedule | None = None) -> None:
        self.length, self.start, self.then = _count("steps", steps), fraction("start", start), then
        if then is not None and (not isinstance(then, Schedule) or then.optimizer is not optimizer):
            raise TypeError("then is a schedule for the same optimizer; write then=CosineDecay(optimizer, steps=100)")
        super().__init__(optimizer)
        if then is not None:
            self.base_rates = then.base_rates
            self._set()

    def rate(self, base_rate: float, step: int) -> float:
        """base_rate * (start + (1 - start) * step / steps); after that, what the other schedule says."""
        if self.then is not None and step >= self.length:
            return self.then.rate(base_rate, step - self.length)
        return base_rate * _line(self.start, 1.0, step / self.length)


@final
class OneCycle(Schedule):
    """The rate rises to the highest and falls far below the first one, while the momentum falls and rises again.

    Smith and Topin, "Super-convergence: very fast training of neural networks using large learning rates", 2018, in two
    phases along the cosine, as OneCycleLR in PyTorch does it. Call `step()` after each step of the optimizer.

    Args:
        optimizer: see Schedule; its own learning rates do not matter.
        highest: the highest rate.
        steps: how many steps the cycle has, 2 or more. Afterwards the rate stays.
        rise: the part of the steps in which the rate rises, between 0 and 1.
        start, end: the highest rate divided by these is the first rate, and that divided by `end` the last one.
        momentum: the least and the greatest momentum, or first one of the betas of Adam; None to leave it alone.

    >>> from autograd import Value
    >>> from nn.optim import SGD, OneCycle
    >>> optimizer = SGD([Value(1.0)], learning_rate=1.0, momentum=0.9)
    >>> schedule = OneCycle(optimizer, highest=2.0, steps=11)
    >>> round(optimizer.learning_rate, 6), optimizer.momentum
    (0.08, 0.95)
    """

    def __init__(
        self,
        optimizer: Optimizer,
        highest: float,
        steps: int,
        rise: float = 0.3,
        start: float = 25.0,
        end: float = 1e4,
        momentum: tuple[float, float] | None = (0.85, 0.95),
    ) -> None:
        self.highest, self.length = rate("highest", highest), _count("steps", steps)
        self.turn = fraction("rise", rise) * self.length - 1
        self.first = self.highest / rate("start", start)
        self.last = self.first / rate("end", end)
        if not 0 < self.turn < self.length - 1:
            raise ValueError(f"the rate rises in some of {steps} steps and falls in others; pass more, or rise=0.5")
        self.momentum = None
        if momentum is not None:
            least, greatest = momentum
            self.momentum = fraction("momentum", least), fraction("momentum", greatest)
        super().__init__(optimizer)

    def rate(self, base_rate: float, step: int) -> float:  # noqa: ARG002  # the cycle has rates of its own
        """The rate of the cycle."""
        if step <= self.turn:
            return _cosine(self.first, self.highest, step / self.turn)
        return _cosine(self.highest, self.last, (step - self.turn) / (self.length - 1 - self.turn))

    def _set(self) -> None:
        super()._set()
        if self.momentum is None:
            return
        least, greatest = self.momentum
        if self.steps <= self.turn:
            now = _cosine(greatest, least, self.steps / self.turn)
        else:
            now = _cosine(least, greatest, (self.steps - self.turn) / (self.length - 1 - self.turn))
        for group in self.optimizer.groups:
            if group.get("momentum"):
                group["momentum"] = now
            elif "betas" in group:
                group["betas"] = now, group["betas"][1]


@final
class Plateau:
    """The rate is multiplied by a factor when the loss has not improved for some steps: ReduceLROnPlateau in PyTorch.

    Args:
        optimizer: see Schedule.
        factor: between 0 and 1.
        patience: how many steps without improvement are forgiven, 0 or more.
        threshold: an improvement is at least this part of the best loss; not negative.
        cooldown: how many steps after a change are not counted, 0 or more.
        least: the rate falls no further; not negative.
        mode: "min" for a loss, "max" for what is to grow, such as an accuracy.

    >>> from autograd import Value
    >>> from nn.optim import SGD, Plateau
    >>> optimizer = SGD([Value(1.0)], learning_rate=1.0)
    >>> schedule = Plateau(optimizer, factor=0.5, patience=1)
    >>> for loss in [3.0, 2.0, 2.0, 2.0]:
    ...     schedule.step(loss)
    >>> optimizer.learning_rate
    0.5
    """

    def __init__(
        self,
        optimizer: Optimizer,
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        cooldown: int = 0,
        least: float = 0.0,
        mode: str = "min",
    ) -> None:
        if not isinstance(optimizer, Optimizer):
            kind = type(optimizer).__name__
            raise TypeError(f"a schedule changes an optimizer, got {kind}; pass it first: Plateau(optimizer)")
        if mode not in ("min", "max"):
            raise ValueError(f"mode is 'min' or 'max', got {shown(mode)}; leave it out for a loss")
        self.optimizer = optimizer
        self.factor, self.threshold = fraction("factor", factor), not_negative("threshold", threshold)
        self.patience, self.cooldown = _count("patience", patience, 0), _count("cooldown", cooldown, 0)
        self.least, self.mode = not_negative("least", least), mode
        self.best = math.inf if mode == "min" else -math.inf
        self.bad_steps = 0
        self.cooling = 0

    def __repr__(self) -> str:
        return _shown(self)

    def step(self, loss: float) -> None:
        """Look at the loss of a step, and lower the rates if it is time."""
        x = number(loss)
        is_better = x < self.best * (1 - self.threshold) if self.mode == "min" else x > self.best * (1 + self.threshold)
        if is_better:
            self.best, self.bad_steps = x, 0
        else:
            self.bad_steps += 1
        if self.cooling:
            self.cooling, self.bad_steps = self.cooling - 1, 0
        if self.bad_steps > self.patience:
            for group in self.optimizer.groups:
                group.follow(max(group["learning_rate"] * self.factor, self.least))
            self.cooling, self.bad_steps = self.cooldown, 0

    def state_dict(self) -> dict[str, Any]:
        """What the next steps depend on, beside the optimizer."""
        return {"best": self.best, "bad_steps": self.bad_steps, "cooling": self.cooling}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where a schedule was that gave this `state_dict()`.

        Raises:
            ValueError: it is not that of a Plateau.
        """
        best, bad_steps, cooling = _entries(state_dict, "best", "bad_steps", "cooling")
        self.best, self.bad_steps, self.cooling = float(best), int(bad_steps), int(cooling)


def _shown(schedule: Schedule | Plateau) -> str:
    """A schedule with the learning rate of each group now."""
    rates = ", ".join(f"{group['learning_rate']:.4g}" for group in schedule.optimizer.groups)
    return f"<{type(schedule).__name__}, learning_rate {rates}>"


def _cosine(begin: float, end: float, part: float) -> float:
    """From the beginning to the end along half a wave of the cosine."""
    return end + (begin - end) * (1 + math.cos(math.pi * min(part, 1.0))) / 2


def _line(begin: float, end: float, part: float) -> float:
    """From the beginning to the end in a straight line."""
    return begin + (end - begin) * min(part, 1.0)


_MOST = 10**15  # steps, which are counted exactly also as a float


def _count(name: str, value: object, least: int = 1) -> int:
    if not isinstance(value, Integral) or isinstance(value, bool) or not least <= int(value) <= _MOST:
        raise ValueError(f"{name} is a whole number from {least} on, got {shown(value)}; write an int")
    return int(value)


def _entries(state_dict: Mapping[str, Any], *names: str) -> list[Any]:
    if not isinstance(state_dict, Mapping) or state_dict.keys() != set(names):
        raise ValueError(
            f"load_state_dict() takes what state_dict() of a schedule gave, got {shown(state_dict)}; pass that"
        )
    return [state_dict[name] for name in names]
