"""The page of a network: what it computes, what it shows, and its file."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd.pages.document import PLAYER, Parts, document, languages, spoken, words_of
from autograd.pages.player import Page as Page
from autograd.pages.player import file_of, written
from nn.arguments import shown
from nn.losses import LOSSES
from nn.module import Module
from nn.modules.dropout import Dropout
from nn.optim.optimizer import Optimizer, Rule
from nn.pages.facts import GRID, diagram_of, file_of_model, grid_of, names_of, scale_of
from nn.pages.programs import Steps, Task, compute_module, rows_of, steps_of
from nn.pages.sample import graph_of_sample
from nn.predict import Model, evaluating, modules_of

if TYPE_CHECKING:
    from nn.pages.programs import Samples

ASSETS = Path(__file__).with_name("assets")
SCRIPTS = ("run.js", "training.js", "network.js", "charts.js", "phases.js", "playground.js", "epochs.js")
PARTS = Parts(
    ASSETS / "playground.html",
    (ASSETS / "playground.css",),
    (*PLAYER.scripts[:-1], *[ASSETS / name for name in SCRIPTS]),  # the last one starts a page with a player alone
)

MOST_PARAMETERS = 20_000
"""How many parameters a model may have: more would make a page of many megabytes, which a browser compiles slowly."""


class Heading(NamedTuple):
    """What stands over a page, its language, its file, and the rows and columns of a sample that is an image."""

    title: str
    lang: str
    target: Path | None
    image: tuple[int, int] | None

    @staticmethod
    def of(path: str | os.PathLike[str] | None, title: str, lang: str, image: tuple[int, int] | None = None) -> Heading:
        """The same, checked."""
        known = languages(ASSETS)
        if lang not in known:
            raise ValueError(f"lang is one of {', '.join(known)}, got {lang!r}; leave it out for the first one")
        return Heading(title, lang, file_of(path), image)


def parameters_of(model: Model, optimizer: Optimizer) -> list[Any]:
    """Those that the optimizer moves, then the others of the model."""
    moved = set(optimizer.parameters)
    own = model.parameters() if isinstance(model, Module) else []
    return [*optimizer.parameters, *(p for p in own if p not in moved)]


def check(caller: str, task: Task) -> None:
    """Raise ValueError for a model with too many parameters."""
    count = len(task.parameters)
    if count > MOST_PARAMETERS:
        raise ValueError(f"{caller}() takes up to {MOST_PARAMETERS} parameters, got {count}; take fewer neurons")


def image_of(task: Task, image: Any) -> list[int] | None:
    """The rows and columns of pixels, checked."""
    if image is None:
        return None
    shape = task.samples[0].shape
    n = shape[1] if len(shape) == 2 else 1
    if not isinstance(image, (tuple, list)) or len(image) != 2 or image[0] * image[1] != n:
        raise ValueError(
            f"image is the rows and columns of {n} pixels, got {shown(image)}; write such as (8, 8) for 64"
        )
    return [int(image[0]), int(image[1])]


def has_dropout(model: Model) -> bool:
    """Whether training needs random numbers, which a page does not draw."""
    return any(isinstance(module, Dropout) and module.p > 0.0 for module in modules_of(model))


def page_of(
    task: Task,
    held_out: Samples | None,
    heading: Heading,
    *,
    size: int,
    orders: list[list[int]],
    run: dict[str, Any] | None = None,
) -> Page:
    """The page of a network.

    Args:
        task: what is trained.
        held_out: samples for validation.
        size: how many samples there are for each step.
        orders: of the samples, epoch by epoch; none if the page makes its own.
        run: the epochs of a training that has ended; None if there was none.
    """
    inputs, ranges = grid_of(task.samples[0])
    optimizer = task.optimizer
    can_train = isinstance(optimizer, Rule) and not has_dropout(task.model)
    with evaluating(modules_of(task.model)):
        steps = steps_of(optimizer) if isinstance(optimizer, Rule) and can_train else Steps("", [])
        player, graph = graph_of_sample(task, heading.lang)
        others = [held_out] if held_out else []
        compute = compute_module(task, others, inputs, steps, graph, may_be_infinite=run is not None)
        columns, scale = diagram_of(task), scale_of(task)
    words = words_of(heading.lang, ASSETS)
    data = {
        "words": spoken(words, PARTS.scripts[-len(SCRIPTS) :]),
        "parameters": [] if run else [p.data for p in task.parameters],
        "names": names_of(task),
        "rows": rows_of(task.samples).tolist(),
        "heldOut": rows_of(held_out).tolist() if held_out else [],
        "columns": columns,
        "groups": steps.groups,
        "state": _state(optimizer),
        "kept": len(optimizer.STATE),
        "steps": optimizer.steps,
        "kind": type(optimizer).__name__,
        "loss": next((name for name, loss in LOSSES.items() if loss is task.loss), ""),
        "size": size,
        "orders": orders,
        "grid": GRID,
        "ranges": ranges,
        "scale": scale,
        "file": file_of_model(task),
        "run": run,
        "player": player,
        "image": image_of(task, heading.image) if task.stages else None,
    }
    loss_name = getattr(task.loss, "__name__", type(task.loss).__name__).replace("_", " ")
    facts = words["facts"].format(samples=len(task.samples[0]), loss=loss_name, optimizer=type(optimizer).__name__)
    title = heading.title or _title(task.model, columns)
    html = document(words, heading.lang, title, facts, compute, data, PARTS)
    return written(html, heading.target, title)


def _state(optimizer: Optimizer) -> list[list[float]]:
    """What the optimizer has kept for each parameter; nothing if it is not finite, which JSON does not know."""
    state = [optimizer.state[name].tolist() for name in optimizer.STATE if name in optimizer.state]
    return state if all(math.isfinite(x) for column in state for x in column) else []


def _title(model: Model, columns: list[dict[str, Any]]) -> str:
    """The class of a model and the sizes of its layers."""
    sizes = " → ".join(str(column["size"]) for column in columns)
    name = type(model).__name__ if isinstance(model, Module) else getattr(model, "__name__", "function")
    return f"{name} {sizes}"
