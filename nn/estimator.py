"""What the estimators for scikit-learn share: their parameters, and training by `nn.fit`."""

from __future__ import annotations

import math
import random
import warnings
from collections.abc import Callable, Iterable
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from autograd import Program, compile
from nn.activations import ACTIVATIONS, Activation
from nn.arguments import shown
from nn.data import split
from nn.fit import fit
from nn.layers import MLP
from nn.optim import SGD, Adagrad, Adam, Optimizer, RMSProp
from nn.predict import Loss
from nn.training.history import History

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

ALIASES = {"identity": "linear", "logistic": "sigmoid"}
"""Scikit-learn's names of activations."""

SOLVERS: dict[str, Callable[..., Optimizer]] = {"adagrad": Adagrad, "adam": Adam, "rmsprop": RMSProp, "sgd": SGD}
"""The optimizers that add the penalty of alpha to the gradient."""


class Perceptron(BaseEstimator):
    """Base class of MLPClassifier and MLPRegressor, which describe its parameters.

    Attributes:
        model_, history_, n_iter_: see MLPClassifier.
    """

    n_features_in_: int
    model_: MLP
    history_: History
    n_iter_: int
    _program: Program  # of the model; pickles do not have it

    def __init__(
        self,
        hidden_layer_sizes: int | Iterable[int] = (100,),
        activation: str | Activation = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate_init: float = 0.001,
        max_iter: int = 200,
        random_state: Any = None,
        tol: float = 0.0001,
        verbose: bool = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change

    # ----------------------------------------------------------------------- what training gave

    @property
    def loss_curve_(self) -> list[float]:
        """The mean loss of the training samples in each epoch, without the penalty of alpha."""
        check_is_fitted(self)
        return self.history_.losses

    @property
    def coefs_(self) -> list[Array]:
        """The weights of each layer, of shape (inputs, outputs)."""
        check_is_fitted(self)
        return [np.array([[w.data for w in neuron.w] for neuron in layer.neurons]).T for layer in self.model_.layers]

    @property
    def intercepts_(self) -> list[Array]:
        """The biases of each layer."""
        check_is_fitted(self)
        return [np.array([neuron.b.data for neuron in layer.neurons]) for layer in self.model_.layers]

    def _outputs(self, x: Any) -> Array:
        """The outputs of the network: of shape (n,), or (n, m) if there are more than one."""
        check_is_fitted(self)
        outputs: Array = self._program.map(validate_data(self, x, dtype=np.float64, order="C", reset=False))
        return outputs

    def __getstate__(self) -> dict[str, Any]:
        return {name: x for name, x in super().__getstate__().items() if name != "_program"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "model_" in state:
            self._program = compile(self.model_)

    # ----------------------------------------------------------------------- training

    def _train(self, x: Array, y: Any, weights: Array | None, loss: Loss, n_outputs: int, classes: Any) -> None:
        """Train the network, and set model_, history_ and n_iter_.

        Args:
            x: of shape (n, k).
            y: the targets, of shape (n,) or (n, m).
            weights: how much each sample counts, of shape (n,), or None.
            loss: of outputs and targets.
            n_outputs: of the network.
            classes: those of the samples, which have the same shares in the samples for validation; or None.
        """
        rng = random.Random(int(check_random_state(self.random_state).randint(2**31 - 1)))
        goes_on = self.warm_start and hasattr(self, "model_")
        model = self._present_model(n_outputs) if goes_on else self._new_model(n_outputs, rng)
        mean_weight = 1.0
        if weights is not None:
            mean_weight = float(weights.mean())
            y, loss = np.column_stack([y, weights / mean_weight]), _weighted(loss)
        validation: Any = None
        if self.early_stopping:
            x, kept_x, y, kept_y = split(x, y, fraction=float(self.validation_fraction), rng=rng, stratify=classes)
            validation = (kept_x, kept_y)
        history = self.history_ if goes_on and not self.early_stopping else History()
        before = len(history)
        batch_size = min(200 if self.batch_size == "auto" else int(self.batch_size), len(x))
        epochs = int(self.max_iter)
        optimizer = self._optimizer(model, float(self.alpha) / (batch_size * mean_weight))
        self.history_ = fit(
            model,
            x,
            y,
            loss=loss,
            optimizer=optimizer,
            epochs=epochs,
            batch_size=batch_size,
            validation=validation,
            patience=epochs if self.early_stopping else None,  # goes back to the best weights, but ends nothing
            callbacks=[self._watch(optimizer)],
            rng=rng,
            progress=bool(self.verbose),
            history=history,
        )
        self.model_, self._program = model, compile(model)
        self.n_iter_ = len(self.history_) - before
        if self.history_.ended == "epochs":
            sentence = f"the loss still fell after {epochs} epochs; raise max_iter or learning_rate_init"
            warnings.warn(sentence, ConvergenceWarning, stacklevel=3)

    def _new_model(self, n_outputs: int, rng: random.Random) -> MLP:
        """A network that begins as an `MLP` does."""
        activation = self.activation
        if isinstance(activation, str):
            activation = ALIASES.get(activation, activation)
        return MLP(self.n_features_in_, [*self._sizes(), n_outputs], activation=activation, rng=rng)

    def _present_model(self, n_outputs: int) -> MLP:
        """The network of the former training. It must have the same sizes."""
        layers = self.model_.layers
        sizes = [len(layers[0].neurons[0].w), *(len(layer.neurons) for layer in layers)]
        wanted = [self.n_features_in_, *self._sizes(), n_outputs]
        if sizes != wanted:
            raise ValueError(
                f"warm_start goes on with a network of sizes {sizes}, got data and parameters for {wanted}; "
                "set warm_start=False"
            )
        return self.model_

    def _sizes(self) -> list[int]:
        sizes = self.hidden_layer_sizes
        return [*map(int, sizes)] if isinstance(sizes, Iterable) else [int(sizes)]

    def _optimizer(self, model: MLP, weight_decay: float) -> Optimizer:
        """The solver. Only weights decay, not biases."""
        neurons = [neuron for layer in model.layers for neuron in layer.neurons]
        groups = [
            {"parameters": [w for neuron in neurons for w in neuron.w], "weight_decay": weight_decay},
            {"parameters": [neuron.b for neuron in neurons]},
        ]
        settings = {"momentum": self.momentum, "nesterov": self.momentum > 0.0} if self.solver == "sgd" else {}
        return SOLVERS[self.solver](groups, float(self.learning_rate_init), **settings)

    def _watch(self, optimizer: Optimizer) -> Callable[[History], bool]:
        decaying = optimizer.groups[0]
        half = 0.5 * float(decaying["weight_decay"])

        def penalty() -> float:
            return half * math.fsum(w.data * w.data for w in decaying.parameters)

        return _until_it_stops_falling(float(self.tol), int(self.n_iter_no_change), penalty)

    # ----------------------------------------------------------------------- what fit() is given

    def _checked(self, x: Any, y: Any, weights: Any, **checks: Any) -> tuple[Any, Any, Any]:
        """The samples, the targets and the weights as arrays, without samples of weight 0."""
        self._check_parameters()
        x, y = validate_data(self, x, y, dtype=np.float64, order="C", **checks)
        if weights is None:
            return x, y, None
        weights = _check_sample_weight(weights, x, dtype=np.float64, ensure_non_negative=True)
        counts = weights > 0.0
        if not counts.any():
            raise ValueError("fit() needs a sample_weight that is positive, got zeros; leave it out for equal weights")
        return x[counts], y[counts], weights[counts]

    def _check_parameters(self) -> None:
        sizes = self.hidden_layer_sizes
        listed = list(sizes) if isinstance(sizes, Iterable) else [sizes]
        if not all(map(_is_count, listed)):
            raise ValueError(f"hidden_layer_sizes are whole numbers from 1 on, got {shown(sizes)}; write (100,)")
        activation, names = self.activation, [*ACTIVATIONS, *ALIASES]
        if not callable(activation) and not (isinstance(activation, str) and activation in names):
            raise ValueError(f"activation is {', '.join(names)} or a function, got {shown(activation)}; choose one")
        if not isinstance(self.solver, str) or self.solver not in SOLVERS:
            raise ValueError(f"solver is {', '.join(SOLVERS)}, got {shown(self.solver)}; choose one")
        for name, (is_right, range_, example) in _RANGES.items():
            value = getattr(self, name)
            if not is_right(value):
                raise ValueError(f"{name} is {range_}, got {shown(value)}; write {name}={example}")


def _is_count(x: Any) -> bool:
    return isinstance(x, Integral) and not isinstance(x, bool) and int(x) >= 1


def _is_flag(x: Any) -> bool:
    return isinstance(x, (bool, np.bool_))


def _is_from(low: float, below: float = math.inf) -> Callable[[Any], bool]:
    """Whether x is a number from low to below an upper end."""
    return lambda x: isinstance(x, Real) and not isinstance(x, bool) and low <= float(x) < below


_LEAST = math.ulp(0.0)

_RANGES: dict[str, tuple[Callable[[Any], bool], str, str]] = {
    "alpha": (_is_from(0.0), "a number from 0 on", "0.0001"),
    "batch_size": (lambda x: _is_count(x) or str(x) == "auto", "a whole number from 1 on, or 'auto'", "32"),
    "learning_rate_init": (_is_from(_LEAST), "a positive number", "0.001"),
    "max_iter": (_is_count, "a whole number from 1 on", "200"),
    "tol": (_is_from(0.0), "a number from 0 on", "0.0001"),
    "verbose": (_is_flag, "True or False", "True"),
    "warm_start": (_is_flag, "True or False", "True"),
    "momentum": (_is_from(0.0, below=1.0), "a number from 0 to below 1", "0.9"),
    "early_stopping": (_is_flag, "True or False", "True"),
    "validation_fraction": (_is_from(_LEAST, below=1.0), "a share between 0 and 1", "0.1"),
    "n_iter_no_change": (_is_count, "a whole number from 1 on", "10"),
}
"""For each parameter what values are right, in Python and in English, and an example."""


def _until_it_stops_falling(tol: float, patience: int, penalty: Callable[[], float]) -> Callable[[History], bool]:
    """A callback that ends the training when, for more epochs than patience, no loss was less than the best by tol.

    Args:
        penalty: what to add to the loss of the training samples, which may rise while the sum falls.
    """
    best, waited = math.inf, 0

    def has_stopped_falling(history: History) -> bool:
        nonlocal best, waited
        losses = history.validation_losses
        loss = losses[-1] if losses else history.losses[-1] + penalty()
        waited = 0 if loss < best - tol else waited + 1
        best = min(best, loss)
        return waited > patience

    return has_stopped_falling


def _weighted(loss: Loss) -> Loss:
    """The loss of one sample, times its weight, which is the last of its targets."""

    def weighted(outputs: list[Any], targets: list[Any]) -> Any:
        ((*target, weight),) = targets
        return weight * loss(outputs, target if len(target) == 1 else [target])

    return weighted
