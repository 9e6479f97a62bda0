"""predict() and evaluate(): what a trained network says, and how good that is."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from autograd import compile
from nn import losses
from nn.activations import Sigmoid, Softmax
from nn.arguments import shown, with_remedies
from nn.data.arrays import samples, targets
from nn.metrics import METRICS, Metric, Metrics, accuracy
from nn.module import Module
from nn.modules.linear import Sequential

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

Model = Callable[..., Any]  # a Module, or a function of a sample
Loss = Callable[[list[Any], list[Any]], Any]  # of the outputs and the targets of samples, as in nn.losses


@with_remedies(dict.fromkeys(("batch_size", "verbose"), "predict(model, x) alone: it computes all samples at once"))
def predict(model: Model, x: ArrayLike) -> Any:
    """The outputs of a network for many samples, computed by a compiled program.

    Args:
        model: a Module, which is asked in the mode of evaluation; or a function of a sample.
        x: a sample in each row, of shape (n, k); or (n,) if a sample is one number. See `nn.data` for what serves.

    Gives an array of shape (n,) if the model gives one number for a sample, and of shape (n, m) if it gives m.

    Raises:
        TypeError, ValueError: x is no such array, or the model takes other samples.

    >>> import random
    >>> from nn import MLP
    >>> model = MLP(2, [4, 3], rng=random.Random(0))
    >>> predict(model, [[1.0, 2.0], [3.0, 4.0]]).shape
    (2, 3)
    """
    check_model("predict", model)
    rows = samples(x, "predict")
    with evaluating(modules_of(model)):
        return compile(lambda x: model(x)).map(rows)


@with_remedies({"metric": "metrics=", "scoring": "metrics=", "criterion": "loss=", "loss_fn": "loss="})
def evaluate(
    model: Model, x: ArrayLike, y: ArrayLike, *, loss: str | Loss | None = None, metrics: Metrics = ()
) -> dict[str, float]:
    """How good the outputs of a network are for samples with known targets.

    Args:
        model, x: as for predict().
        y: the target of each sample, of shape (n,) or (n, m).
        loss: a name of `nn.losses`, or such a function; its mean is the entry "loss" of the result. None for none.
        metrics: names of `nn.metrics.METRICS`, or functions of the arrays of outputs and targets; one, or several.

    Raises:
        TypeError, ValueError: the arrays do not match, or a name is unknown.

    >>> evaluate(lambda x: 2.0 * x, [1.0, 2.0], [2.0, 5.0], loss="mse", metrics="mae")
    {'loss': 0.5, 'mae': 0.5}
    """
    check_model("evaluate", model)
    measured = named_metrics("evaluate", metrics, loss)
    if loss is None and not measured:
        raise ValueError("evaluate() needs a loss or a metric, got none; write loss='mse' or metrics='accuracy'")
    judged = None if loss is None else loss_for("evaluate", model, loss)
    rows = samples(x, "evaluate")
    wanted = targets(y, len(rows), "evaluate")
    with evaluating(modules_of(model)):
        program = score_program(model, judged)
        found = scores(program, rows, wanted, measured)
    return found if loss is not None else {name: found[name] for name in measured}


def named_loss(caller: str, loss: str | Loss | None) -> Loss:
    """The loss of this name, or the function itself."""
    if callable(loss):
        return loss
    if loss is None:
        raise TypeError(f"{caller}() needs a loss, got none; write loss='mse', or loss='cross_entropy' for classes")
    if not isinstance(loss, str) or loss not in losses.LOSSES:
        names = ", ".join(losses.LOSSES)
        raise ValueError(f"{caller}() has the losses {names}, got {shown(loss)}; or pass a function as in nn.losses")
    return losses.LOSSES[loss]


def _accuracy_between(outputs: Array, targets: Array) -> float:
    """The accuracy of outputs near their labels: between two classes is the middle of their labels."""
    return accuracy(outputs, targets, 0.0 if (targets < 0.0).any() else 0.5)


_NEAR = (losses.mse, losses.mae, losses.huber)  # losses that bring outputs near their targets


def named_metrics(caller: str, metrics: Metrics, loss: str | Loss | None) -> dict[str, Metric]:
    """The metrics by name. The accuracy depends on the loss, which makes outputs scores, or numbers near a label."""
    if isinstance(metrics, Mapping):
        found = dict(metrics)
    else:
        given: Any = metrics
        single = isinstance(metrics, str) or callable(metrics) or not isinstance(metrics, Iterable)
        names = [given] if single else list(given)
        found = {m if isinstance(m, str) else getattr(m, "__name__", str(m)): m for m in names}
    for name, metric in found.items():
        if isinstance(metric, str) and metric in METRICS:
            near = metric == "accuracy" and named_loss(caller, loss or "hinge") in _NEAR
            found[name] = _accuracy_between if near else METRICS[metric]
        elif not callable(metric):
            raise ValueError(
                f"{caller}() has the metrics {', '.join(METRICS)}, got {shown(metric)}; "
                "or pass a function of outputs and targets"
            )
    return found


def check_model(caller: str, model: object) -> None:
    """Raise TypeError unless it is a model: something to call that is no class."""
    if not callable(model) or isinstance(model, type):
        kind = f"the class {model.__name__}" if isinstance(model, type) else type(model).__name__
        raise TypeError(f"{caller}() takes a Module or a function of a sample, got {kind}; pass the network first")


def loss_for(caller: str, model: Model, loss: str | Loss | None) -> Loss:
    """The loss of this name, or the function itself, for the outputs of a model.

    Raises:
        ValueError: the model ends in probabilities, Sigmoid or Softmax, and the loss would take them as scores.
    """
    found = named_loss(caller, loss)
    last = [*model][-1] if isinstance(model, Sequential) else None
    for takes_scores, kind in ((losses.binary_cross_entropy, Sigmoid), (losses.cross_entropy, Softmax)):
        if found is takes_scores and isinstance(last, kind):
            raise ValueError(
                f"{caller}(): {takes_scores.__name__} takes scores of any sign, "
                f"and the network ends in {kind.__name__}; leave that out"
            )
    return found


def score_program(model: Model, loss: Loss | None) -> Any:
    """The program of a sample that gives the output of a model and its loss, 0 without one."""

    def scored(x: Any, y: Any) -> tuple[Any, Any]:
        output = model(x)
        return output, 0.0 if loss is None else loss_of_sample(loss, output, y)

    return compile(scored)


def loss_of_sample(loss: Loss, output: Any, target: Any) -> Any:
    """The loss of one sample. With a single output, cross_entropy would be 0 whatever the label is."""
    if isinstance(output, (list, tuple)) and len(output) == 1 and not hasattr(target, "__len__"):
        (output,) = output  # as Linear(n, 1) gives it
    if loss is losses.cross_entropy:
        if not isinstance(output, (list, tuple)):
            raise ValueError(
                "cross_entropy takes an output for each class, got one output; "
                "use binary_cross_entropy, or a network with as many outputs as classes"
            )
    elif loss in losses.LOSSES.values() and (n := _count(output)) != (m := _count(target)):
        raise ValueError(
            f"{loss.__name__} takes a target for each output, got {n} and {m}; "
            "use cross_entropy for classes, or a network with as many outputs as targets"
        )
    return loss([output], [target])


def _count(x: Any) -> int:
    """How many numbers an output or a target has."""
    return len(x) if hasattr(x, "__len__") else 1


def scores(program: Any, x: Array, y: Array, metrics: dict[str, Any]) -> dict[str, float]:
    """The mean loss and the metrics, by name, from such a program."""
    outputs, errors = program.map(x, y)
    if y.ndim == 1 and getattr(outputs, "shape", ()) == (len(y), 1):
        outputs = outputs[:, 0]
    found = {"loss": float(errors.mean())}
    return found | {name: float(metric(outputs, y)) for name, metric in metrics.items()}


def modules_of(model: Model) -> list[Module]:
    """The modules of a model; none of a function."""
    return model.modules() if isinstance(model, Module) else []


@contextlib.contextmanager
def evaluating(modules: list[Module]) -> Iterator[None]:
    """Within it, the modules are in the mode of evaluation; afterwards, each is in its own mode again."""
    trained = [module for module in modules if module.training]
    try:
        for module in trained:
            module.training = False
        yield
    finally:
        for module in trained:
            module.training = True
