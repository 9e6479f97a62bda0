"""What a playground shows, as data for its script."""

from __future__ import annotations

import base64
import os
import tempfile
from typing import TYPE_CHECKING, Any

from autograd import Value
from nn import losses
from nn.files import save
from nn.module import Module
from nn.pages.programs import Task, outputs_of
from nn.predict import Model
from nn.rng import Random, permutation
from nn.structure.diagram import Stage
from nn.structure.diagram import columns as columns_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

GRID = 40
"""How many points each side of the map of scores has."""

LONGEST_ORDERS = 20_000  # numbers
MOST_ORDERS = 100  # epochs


def grid_of(x: Array) -> tuple[Array, list[list[float]]]:
    """The inputs at which the page shows what the network gives: a map for two inputs, a line for one.

    Gives:
        (inputs, ranges): rows of inputs, and for each axis its two ends. No range if there are three inputs or more.
    """
    import numpy as np  # lazy: importing nn stays fast

    rows = x.reshape(len(x), -1)
    if rows.shape[1] > 2:
        return rows, []
    low, high = rows.min(axis=0), rows.max(axis=0)
    margin = np.where(high > low, (high - low) * 0.08, 1.0)
    low, high = low - margin, high + margin
    ranges = [[float(a), float(b)] for a, b in zip(low, high)]
    if len(ranges) == 1:
        return np.linspace(low[0], high[0], GRID * 5)[:, None], ranges
    places = (np.arange(GRID) + 0.5) / GRID
    across, up = np.meshgrid(low[0] + (high[0] - low[0]) * places, high[1] - (high[1] - low[1]) * places)
    return np.column_stack([across.ravel(), up.ravel()]), ranges


def orders_of(n: int, size: int, rng: Random) -> list[list[int]]:
    """The orders of the samples in the first epochs, as fit() draws them; none if all samples are in one batch."""
    if size >= n:
        return []
    count = max(1, min(MOST_ORDERS, LONGEST_ORDERS // n))
    return [permutation(n, rng).tolist() for _ in range(count)]


def stages_of(model: Model) -> list[Stage]:
    """The stages of the diagram of a model; none if it has no diagram."""
    stages = model._stages("") if isinstance(model, Module) else None
    return stages if stages and columns_of(stages, None) else []


def diagram_of(task: Task) -> list[dict[str, Any]]:
    """The columns of the network, from the inputs to the outputs. Weights are places of parameters, or null."""
    places = {parameter: k for k, parameter in enumerate(task.parameters)}
    x = task.samples[0]
    columns = columns_of(task.stages, None) if task.stages else None
    if columns is None:
        sample = x[0].tolist()
        n = 1 if x.ndim == 1 else x.shape[1]
        sizes = [n, len(outputs_of(task, sample)[-1])]
        return [{"name": "", "size": size, "functions": [], "weights": [], "biases": []} for size in sizes]
    return [
        {
            "name": column.name,
            "size": column.size,
            "functions": column.functions,
            "weights": [[_place(places, weight) for weight in row] for row in column.weights],
            "biases": [_place(places, bias) for bias in column.biases],
        }
        for column in columns
    ]


def _place(places: dict[Value, int], number: Any) -> int | None:
    return places.get(number) if isinstance(number, Value) else None


def names_of(task: Task) -> list[str]:
    """The names of the parameters: paths in the model, or labels."""
    named = task.model.named_parameters() if isinstance(task.model, Module) else iter(())
    names = {x: path for path, x in named}
    return [names.get(p, p.label or f"p{k}") for k, p in enumerate(task.parameters)]


def file_of_model(task: Task) -> dict[str, Any] | None:
    """The file that save() writes, and for each of its numbers the place of the parameter; None for a function."""
    if not isinstance(task.model, Module):
        return None
    places = {parameter: k for k, parameter in enumerate(task.parameters)}
    numbers = [places.get(x) for block in task.model._blocks().values() for x in block.values]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.safetensors")
        save(task.model, path)
        with open(path, "rb") as file:
            content = file.read()
    return {"bytes": base64.b64encode(content).decode(), "places": numbers}


def scale_of(task: Task) -> dict[str, Any]:
    """How outputs and targets become colours: as classes, as probabilities, or between the least and the largest."""
    import numpy as np  # lazy: importing nn stays fast

    x, y = task.samples
    n_outputs = len(outputs_of(task, x[0].tolist())[-1])
    if n_outputs > 1 and y.ndim == 1:
        return {"kind": "classes"}
    if n_outputs > 1 and bool(np.isin(y, (0.0, 1.0)).all() and (y.sum(axis=1) == 1.0).all()):
        return {"kind": "rows"}
    first = y if y.ndim == 1 else y[:, 0]
    low, high = float(first.min()), float(first.max())
    kind = "logits" if task.loss is losses.binary_cross_entropy else "numbers"
    return {"kind": kind, "low": low, "high": high if high > low else low + 1.0}
