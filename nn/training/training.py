"""A training under way: a model, its weights in one array, and how their error is measured."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, final

from autograd import (
    Value,
    compile,
    detect_anomaly,
    enable_grad,
    gradients_to_vector,
    mean,
    parameters_to_vector,
    vector_to_parameters,
)
from nn import optim
from nn.arguments import shown
from nn.module import Module
from nn.modules.dropout import Dropout, drawn, takers, taking_from
from nn.optim.optimizer import Optimizer
from nn.predict import Loss, Model, loss_of_sample, modules_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from typing_extensions import Self

    Array = NDArray[np.float64]

OPTIMIZERS: dict[str, Callable[[list[Value]], Optimizer]] = {
    "adagrad": optim.Adagrad,
    "adam": optim.Adam,
    "adamw": optim.AdamW,
    "rmsprop": optim.RMSProp,
    "sgd": lambda parameters: optim.SGD(parameters, learning_rate=0.01),
}
"""The optimizers that have a name, each with its usual settings."""


@final
class Training:
    """Within `with`, the model is in the mode of training, and its weights are in an array. Then they are in it again.

    Args:
        model: a Module, or a function whose parameters the optimizer has.
        loss: of the outputs and the targets of samples.
        optimizer: its name, or the optimizer.
        compiled: whether the error is measured by a program, or by recording a graph.

    Attributes:
        parameters: those that the optimizer moves, then the others of the model.
        weights: the numbers of the parameters.
        modules: those of the model.
        measure: gives the mean error of some rows and their targets, and its gradient by each weight.
    """

    def __init__(self, model: Model, loss: Loss, optimizer: str | Optimizer, *, compiled: bool) -> None:
        self.model = model
        self.loss = loss
        self.optimizer = optimizer_of("fit", model, optimizer)
        moved = set(self.optimizer.parameters)
        own: list[Value] = model.parameters() if isinstance(model, Module) else []
        self.modules = modules_of(model)
        self.parameters = [*self.optimizer.parameters, *(p for p in own if p not in moved)]
        self.weights = parameters_to_vector(self.parameters)
        self._gradient = self.weights.copy()
        n = len(self.optimizer.parameters)
        self._moved = self.weights[:n], self._gradient[:n]
        self._program = compile(self.error, parameters=self.parameters)
        self._takers: list[Dropout] | None = None  # who takes random numbers; None if that is not yet known
        self._random: Any = None  # these numbers, a row for each sample of the last batch
        self.measure = self._measure_by_program if compiled else self._measure_by_recording
        self._modes = ExitStack()
        self._is_moved = False  # whether there was a gradient so far

    def __enter__(self) -> Self:
        modes = [(module, module.training) for module in self.modules]
        self._modes.callback(_set_modes, modes)
        self._modes.enter_context(enable_grad())
        if isinstance(self.model, Module):
            self.model.train()
        return self

    def __exit__(self, *error: object) -> None:
        self.store()
        self._modes.close()

    def error(self, x: Any, y: Any, random: Any = None) -> Any:
        """The error of one sample; random has the random numbers that the model takes for it."""
        with taking_from(random):
            return loss_of_sample(self.loss, self.model(x), y)

    def _draw(self, rows: Array) -> list[Array]:
        """The random numbers that the model takes for these samples, if it takes any."""
        if self._takers is None:
            self._takers = takers(self.model, rows[0].tolist())
        self._random = drawn(self._takers, len(rows)) if self._takers else None
        return [] if self._random is None else [self._random]

    def _measure_by_program(self, rows: Array, targets: Array) -> tuple[float, Array]:
        try:
            return self._program.loss_and_grad(self.weights, rows, targets, *self._draw(rows), out=self._gradient)
        except ValueError:
            if unknown := self._program.parameters[len(self.parameters) :]:
                names = ", ".join(p.label or "one without a label" for p in unknown[:3])
                raise ValueError(
                    f"the loss has parameters that the optimizer lacks: {names}; "
                    "add them to it, as in Adam([*model.parameters(), a]), or detach() them"
                ) from None
            raise

    def _measure_by_recording(self, rows: Array, targets: Array) -> tuple[float, Array]:
        self._draw(rows)
        return self._record(rows, targets)

    def _record(self, rows: Array, targets: Array) -> tuple[float, Array]:
        """Record the error with the random numbers that were drawn last."""
        self.store()
        for parameter in self.parameters:
            parameter.zero_grad()
        drawn_rows = [None] * len(rows) if self._random is None else self._random.tolist()
        error = mean([self.error(*sample) for sample in zip(rows.tolist(), targets.tolist(), drawn_rows)])
        error.backward()
        return error.data, gradients_to_vector(self.parameters, out=self._gradient)

    def move(self) -> None:
        """Move the weights that the optimizer has, by the gradient that was measured last."""
        self.optimizer.update(*self._moved)

    def store(self) -> None:
        """Put the weights into the parameters of the model."""
        vector_to_parameters(self.weights, self.parameters)

    def check(self, error: float, gradient: Array, rows: Array, targets: Array, where: str) -> None:
        """Raise FloatingPointError if the error or its gradient is nan or infinite, and say what made it so.

        Args:
            where: the epoch and the batch, for the message.
        """
        import numpy as np  # lazy: it takes longer to import than this package

        with np.errstate(over="ignore", invalid="ignore"):
            square = gradient.dot(gradient)
        self._is_moved = self._is_moved or square > 0.0
        if math.isfinite(error) and math.isfinite(square):
            return
        if math.isfinite(error) and np.isfinite(gradient).all():  # only the square of the gradient is too large
            return
        self.store()
        try:
            with detect_anomaly():
                self._record(rows, targets)
            cause = "the numbers were not finite before"
        except FloatingPointError as anomaly:
            cause = str(anomaly)
        if math.isfinite(error):
            what = f"the gradient by {self._name(np.isfinite(gradient).argmin())}"
        else:
            largest = np.abs(self.weights).argmax()
            what = f"the loss (the largest weight is {self._name(largest)}, {self.weights[largest]:.3g})"
        raise FloatingPointError(
            f"{what} is not finite in {where}; lower the learning rate, or standardise the data. The cause: {cause}"
        )

    def check_moved(self) -> None:
        """Warn if no batch of an epoch had a gradient: then no epoch will."""
        if not self._is_moved:
            warnings.warn(
                "fit() found no gradient in a whole epoch: the loss is constant for these weights; "
                "compute it from the outputs by functions of autograd, or begin from other weights",
                RuntimeWarning,
                stacklevel=3,
            )
            self._is_moved = True  # once is enough

    def _name(self, i: Any) -> str:
        """The name of a parameter: its path in the model, or its label."""
        parameter = self.parameters[int(i)]
        named = self.model.named_parameters() if isinstance(self.model, Module) else iter(())
        names = {x: path for path, x in named}
        return names.get(parameter, parameter.label or f"parameter {int(i)}")


def _set_modes(modes: list[tuple[Module, bool]]) -> None:
    for module, is_training in modes:
        if module.training is not is_training:
            module.training = is_training


def optimizer_of(caller: str, model: Model, optimizer: str | Optimizer) -> Optimizer:
    """The optimizer; one with a name gets the parameters of the model."""
    own = model.parameters() if isinstance(model, Module) else []
    if isinstance(optimizer, Optimizer):
        if own and set(own).isdisjoint(optimizer.parameters):
            raise ValueError(
                f"{caller}() got an optimizer of another model; make it of this one: Adam(model.parameters())"
            )
        return optimizer
    if not isinstance(optimizer, str) or optimizer not in OPTIMIZERS:
        raise ValueError(
            f"{caller}() has the optimizers {', '.join(OPTIMIZERS)}, got {shown(optimizer)}; "
            "or pass one, such as Adam(model.parameters())"
        )
    if not own:
        raise TypeError(
            f"{caller}() finds no parameters in {type(model).__name__}; make its weights Values, "
            "or pass an optimizer that has them: Adam([a, b])"
        )
    return OPTIMIZERS[optimizer](own)
