"""playground(): a network that trains in a page, with what each of the four steps does in numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd import is_traced
from autograd.pages.document import ASSETS as SHARED
from autograd.pages.document import Parts, document, languages, words_of
from autograd.pages.player import Page, file_of, written
from nn.arguments import with_remedies
from nn.fit import ELSEWHERE, count, parted
from nn.module import Module
from nn.modules.dropout import Dropout
from nn.optim.optimizer import Optimizer
from nn.pages.facts import GRID, diagram_of, file_of_model, grid_of, names_of, orders_of, scale_of, stages_of
from nn.pages.programs import Task, compute_module, rows_of, steps_of
from nn.predict import Loss, Model, check_model, evaluating, loss_for, modules_of
from nn.rng import Seed, source
from nn.training.training import optimizer_of

if TYPE_CHECKING:
    import os

    from numpy.typing import ArrayLike

ASSETS = Path(__file__).with_name("assets")
SCRIPTS = ("training.js", "network.js", "charts.js", "phases.js", "playground.js")
PARTS = Parts(
    ASSETS / "playground.html",
    (ASSETS / "playground.css",),
    (SHARED / "numbers.js", *[ASSETS / name for name in SCRIPTS]),
)

MOST_PARAMETERS = 20_000
"""How many parameters a model may have: more would make a page of many megabytes, which a browser compiles slowly."""

_KNOWN = ("criterion", "learning_rate", "loss_fn", "lr", "random_state", "seed", "validation_data", "validation_split")


@with_remedies({name: ELSEWHERE[name] for name in _KNOWN} | {"epochs": "none: the page trains until it is paused"})
def playground(
    model: Model,
    x: ArrayLike,
    y: ArrayLike,
    path: str | os.PathLike[str] | None = None,
    *,
    loss: str | Loss | None = None,
    optimizer: str | Optimizer = "adam",
    batch_size: int | None = None,
    validation: float | tuple[ArrayLike, ArrayLike] | None = None,
    rng: Seed = None,
    title: str = "",
    lang: str = "en",
) -> Page:
    """A page in which the network trains: with its own weights, on these samples, by this loss and optimizer.

    It shows the four steps of error back-propagation one by one, the network with its weights, what it has learned of
    one or two inputs, and the losses. It is one HTML file that makes no request. The losses are those of `nn.fit` to
    1e-9, at first; the page shows the loss of all samples at the present weights.

    Args:
        model: a Module, or a function of a sample if the optimizer has its parameters. It stays as it is.
        x, y: samples and targets, as for fit().
        path: the file to write, which ends in .html; None for none.
        loss, optimizer, validation: as for fit().
        batch_size: how many samples there are for each step; None for all.
        rng: as for fit(). The page has the orders of the first epochs, up to 100, and then begins with them again.
        title: the heading; without it, one with the sizes of the layers.
        lang: the language of the page: "en" or "ko".

    Returns:
        The page: its `html` is the text, and its `path` is where it was written.

    Raises:
        TypeError, ValueError: as fit() does; also for an unknown language, a path that does not end in .html, a model
            with dropout, more than 20,000 parameters, an optimizer that is no Rule, or an operation without C.

    >>> import random
    >>> from nn import MLP, playground
    >>> model = MLP(2, [4, 1], activation="tanh", rng=random.Random(0))
    >>> x, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> page = playground(model, x, y, loss="binary_cross_entropy")
    >>> "MLP 2 → 4 → 1" in page.html
    True
    """
    check_model("playground", model)
    if is_traced():
        raise TypeError("playground() within a compiled function would run only while it is traced; call it outside")
    if lang not in languages(ASSETS):
        raise ValueError(f"lang is one of {', '.join(languages(ASSETS))}, got {lang!r}; leave it out for the first one")
    target = file_of(path)
    loss_function = loss_for("playground", model, loss)
    optimizer = optimizer_of("playground", model, optimizer)
    rng = source(rng)
    samples, held_out = parted("playground", x, y, validation, rng)
    n = len(samples[0])
    size = n if batch_size is None else min(n, count("playground", "batch_size", batch_size))
    task = Task(model, loss_function, optimizer, _parameters(model, optimizer), samples, stages_of(model))
    _check(task)
    inputs, ranges = grid_of(samples[0])
    with evaluating(modules_of(model)):
        steps = steps_of(optimizer)
        compute = compute_module(task, [held_out] if held_out else [], inputs, steps)
        columns, scale = diagram_of(task), scale_of(task)
    words = words_of(lang, ASSETS)
    heading = title or _heading(model, columns)
    data = {
        "words": words,
        "parameters": [p.data for p in task.parameters],
        "names": names_of(task),
        "rows": rows_of(samples).tolist(),
        "heldOut": rows_of(held_out).tolist() if held_out else [],
        "columns": columns,
        "groups": steps.groups,
        "state": [optimizer.state[name].tolist() for name in optimizer.STATE if name in optimizer.state],
        "kept": len(optimizer.STATE),
        "steps": optimizer.steps,
        "kind": type(optimizer).__name__,
        "size": size,
        "orders": orders_of(n, size, rng),
        "grid": GRID,
        "ranges": ranges,
        "scale": scale,
        "file": file_of_model(task),
    }
    loss_name = getattr(loss_function, "__name__", type(loss_function).__name__).replace("_", " ")
    facts = words["facts"].format(samples=n, loss=loss_name, optimizer=type(optimizer).__name__)
    html = document(words, lang, heading, facts, [], compute, data, PARTS)
    return written(html, target, heading)


def _parameters(model: Model, optimizer: Optimizer) -> list[Any]:
    """Those that the optimizer moves, then the others of the model."""
    moved = set(optimizer.parameters)
    own = model.parameters() if isinstance(model, Module) else []
    return [*optimizer.parameters, *(p for p in own if p not in moved)]


def _check(task: Task) -> None:
    """Raise ValueError for a model that a page cannot train."""
    count = len(task.parameters)
    if count > MOST_PARAMETERS:
        raise ValueError(f"playground() takes up to {MOST_PARAMETERS} parameters, got {count}; take fewer neurons")
    if any(isinstance(module, Dropout) and module.p > 0.0 for module in modules_of(task.model)):
        raise ValueError("playground() draws no random numbers, got a Dropout; leave it out, or set its p to 0")


def _heading(model: Model, columns: list[dict[str, Any]]) -> str:
    """The class of a model and the sizes of its layers."""
    sizes = " → ".join(str(column["size"]) for column in columns)
    name = type(model).__name__ if isinstance(model, Module) else getattr(model, "__name__", "function")
    return f"{name} {sizes}"
