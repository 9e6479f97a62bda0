"""fit(): train a network by the four steps of error back-propagation.

1. From the weights, which are random at first, compute the results.
2. Measure their error against the wanted values.
3. Move each weight down its gradient, so that the error shrinks.
4. Repeat until the error no longer falls.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Union

from autograd import is_traced
from nn import data
from nn.arguments import shown, with_remedies
from nn.metrics import Metric, Metrics
from nn.optim.optimizer import Optimizer
from nn.optim.schedules import Plateau, Schedule
from nn.predict import Loss, Model, check_model, evaluating, loss_for, named_metrics, score_program, scores
from nn.rng import source
from nn.training.given import ELSEWHERE, count, parted
from nn.training.history import History
from nn.training.progress import Progress
from nn.training.training import Training

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from nn.pages.run import Run, Wanted
    from nn.rng import Random, Seed

    Array = NDArray[np.float64]
    Samples = tuple[Array, Array]  # inputs and targets
    AnySchedule = Union[Schedule, Plateau]


@with_remedies(ELSEWHERE)
def fit(
    model: Model,
    x: ArrayLike,
    y: ArrayLike,
    *,
    loss: str | Loss | None = None,
    optimizer: str | Optimizer = "adam",
    epochs: int = 100,
    batch_size: int = 32,
    validation: float | tuple[ArrayLike, ArrayLike] | None = None,
    patience: int | None = None,
    metrics: Metrics = (),
    schedule: AnySchedule | Callable[[Optimizer], AnySchedule] | None = None,
    callbacks: Iterable[Callable[[History], object]] = (),
    rng: Seed = None,
    progress: bool = True,
    compiled: bool = True,
    history: History | None = None,
    view: Wanted | None = None,
) -> History:
    """Train a network on samples with known targets, and give the losses of all epochs.

    Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", 1986.

    Args:
        model: a Module. Or a function of a sample, if the optimizer has its parameters.
        x: a sample in each row, of shape (n, k); or (n,) if a sample is one number. See `nn.data` for what serves.
        y: the target of each sample, of shape (n,) or (n, m).
        loss: a name of `nn.losses.LOSSES`, or such a function. It gets the output and the target of one sample, each
            in a list; the error is its mean over the samples of a batch.
        optimizer: an Optimizer, or a name: "adagrad", "adam", "adamw", "rmsprop", "sgd", with its usual settings.
        epochs: how many times all samples are used, 1 or more.
        batch_size: how many samples there are for each step of the optimizer, 1 or more. The last batch may be smaller.
        validation: samples that are not trained on, as (x, y); or the share of the samples to keep for that.
        patience: end when the loss has not fallen for so many epochs, and go back to the best weights. It is the
            validation loss, if there is validation.
        metrics: names of `nn.metrics.METRICS`, or functions of the arrays of outputs and targets.
        schedule: changes the learning rate after each epoch; or a function that makes it for the optimizer.
        callbacks: functions of the History, called after each epoch. If one gives True, the training ends.
        rng: orders the samples anew in each epoch: a random.Random, a NumPy Generator or a seed; None for `random`. It
            is not asked if all samples are in one batch.
        progress: show a bar in a terminal or a notebook.
        compiled: False to record a graph for each batch. It is slow, and gives the same losses to 1e-10.
        history: of an earlier training, to go on with.
        view: a file such as "run.html", for a page in which the training can be looked at again, epoch by epoch; or a
            dict of its path, title and lang.

    In Jupyter, the losses are drawn while the training runs, if there is a bar.

    Ctrl-C ends the training. Then, and after an exception, the model has the weights of the last step.

    Raises:
        TypeError, ValueError: an argument is wrong, or the arrays do not match.
        FloatingPointError: a loss or a gradient is nan or infinite.

    >>> import random
    >>> from nn import MLP
    >>> from nn.optim import Adam
    >>> x = [i / 10 for i in range(-10, 11)]
    >>> model = MLP(1, [8, 1], activation="tanh", rng=random.Random(0))
    >>> adam = Adam(model.parameters(), learning_rate=0.02)
    >>> history = fit(model, x, [number**2 for number in x], loss="mse", optimizer=adam, epochs=200, rng=0)
    >>> history.losses[-1] < 0.01 < history.losses[0]
    True
    """
    check_model("fit", model)
    _check_call(progress=progress, compiled=compiled)
    training = Training(model, loss_for("fit", model, loss), optimizer, compiled=compiled)
    epochs, batch_size = count("fit", "epochs", epochs), count("fit", "batch_size", batch_size)
    patience = None if patience is None else count("fit", "patience", patience)
    rng = source(rng)
    (x, y), held_out = parted("fit", x, y, validation, rng)
    judge = _judge(training, (x, y), held_out, named_metrics("fit", metrics, loss))
    schedule = _schedule(schedule, training.optimizer)
    callbacks, history = _functions(callbacks), _continued(history)
    run = None if view is None else _run(view, training, (x, y), held_out, batch_size, history)
    callbacks = [*callbacks, run] if run else callbacks
    best: Array | None = None
    with training, Progress(epochs, progress) as bar, suppress(KeyboardInterrupt):
        history.ended = "interrupt"
        for epoch in range(1, epochs + 1):
            begin, rate, total = time.perf_counter(), training.optimizer.groups[0]["learning_rate"], 0.0
            for batch, (rows, targets) in _batches(x, y, batch_size, rng):
                error, gradient = training.measure(rows, targets)  # steps 1 and 2
                training.check(error, gradient, rows, targets, f"epoch {epoch}, batch {batch}")
                training.move()  # step 3
                total += error * len(rows)
            training.store()
            training.check_moved()
            history.add(total / len(x), learning_rate=rate, seconds=time.perf_counter() - begin, **judge())
            bar.advance(history)
            _advance(schedule, history)
            if patience is not None and history.best_epoch == len(history) - 1:
                best = training.weights.copy()
            if ended := _ending(history, callbacks, patience):  # step 4
                history.ended = ended
                break
        else:
            history.ended = "epochs"
        if best is not None:
            training.weights[:] = best
    if run:
        run.write(history)
    return history


# --------------------------------------------------------------------------- what fit() is given


def _check_call(**flags: object) -> None:
    """Raise TypeError if one is not a bool, or within a function that is being compiled."""
    for name, flag in flags.items():
        if not isinstance(flag, bool):
            raise TypeError(f"{name} of fit() is True or False, got {shown(flag)}; leave it out for True")
    if is_traced():
        raise TypeError("fit() within a compiled function would train only while it is traced; call it outside")


def _functions(callbacks: object) -> list[Any]:
    functions = (
        [callbacks] if callable(callbacks) else list(callbacks) if isinstance(callbacks, Iterable) else [callbacks]
    )
    for function in functions:
        if not callable(function):
            raise TypeError(f"callbacks of fit() are functions of a History, got {shown(function)}; write [function]")
    return functions


def _run(view: Any, *what: Any) -> Run:
    from nn.pages.run import Run  # lazy, as playground() is: few programs need it, and it takes time to import

    return Run(view, *what)


def _continued(history: History | None) -> History:
    if history is not None and not isinstance(history, History):
        raise TypeError(f"history is what an earlier fit() gave, got {shown(history)}; leave it out to begin")
    return History() if history is None else history


# --------------------------------------------------------------------------- an epoch


def _batches(x: Array, y: Array, size: int, rng: Random) -> Iterator[tuple[int, Samples]]:
    """The samples in a new order, part by part, with numbers from 1. In a single part, the order does not matter."""
    return enumerate(data.batches(x, y, size=size, rng=rng if size < len(x) else None), 1)


# --------------------------------------------------------------------------- between the epochs


def _judge(
    training: Training, trained_on: Samples, held_out: Samples | None, metrics: dict[str, Metric]
) -> Callable[[], dict[str, Any]]:
    """What gives the validation loss and the metrics of the present weights, for History.add()."""
    program = score_program(training.model, training.loss)

    def judge() -> dict[str, Any]:
        if held_out is None and not metrics:
            return {}
        with evaluating(training.modules):
            found = scores(program, *(trained_on if held_out is None else held_out), metrics)
        loss = found.pop("loss")
        return {"metrics": found, "validation_loss": None if held_out is None else loss}

    return judge


def _schedule(
    schedule: AnySchedule | Callable[[Optimizer], AnySchedule] | None, optimizer: Optimizer
) -> AnySchedule | None:
    """The schedule, which must be one for this optimizer."""
    is_class = isinstance(schedule, type) and issubclass(schedule, Schedule)  # which needs to know how many steps
    if callable(schedule) and not isinstance(schedule, (Schedule, Plateau)) and not is_class:
        schedule = schedule(optimizer)
    if schedule is None:
        return None
    if not isinstance(schedule, (Schedule, Plateau)) or schedule.optimizer is not optimizer:
        raise TypeError(
            f"schedule of fit() changes its optimizer, got {shown(schedule)}; "
            "write schedule=lambda optimizer: CosineDecay(optimizer, steps=100)"
        )
    return schedule


def _advance(schedule: AnySchedule | None, history: History) -> None:
    if isinstance(schedule, Plateau):
        schedule.step((history.validation_losses or history.losses)[-1])
    elif schedule is not None:
        schedule.step()


def _ending(history: History, callbacks: list[Any], patience: int | None) -> str:
    """Why the training ends now; "" if it goes on."""
    answers = [callback(history) for callback in callbacks]
    if any(answer is True for answer in answers):
        return "callback"
    return "patience" if patience is not None and history.has_stopped_falling(patience) else ""
