"""The graph of one sample's error, for the player within a playground."""

from __future__ import annotations

from typing import Any

from autograd import Value, scope
from autograd.engine import topological_order
from autograd.pages.document import embedded, words_of
from autograd.pages.functions import recorded
from autograd.pages.player import player_of
from autograd.pictures.graphs.choice import Choice
from nn.pages.programs import Task
from nn.predict import loss_of_sample

MOST_NODES = 3_000
"""How many nodes a graph may have: a page has some 250 bytes for each."""


def graph_of_sample(task: Task, lang: str) -> tuple[dict[str, Any] | None, str]:
    """What the player shows, and a module that computes it; None if the graph is too large.

    The numbers of its leaves are those of a sample, that is its inputs and targets, and then the parameters: `places`
    has the place of each leaf among them, or None for a number that stays.
    """
    x, y = (array[0] for array in task.samples)
    inputs = [Value(float(number), label=f"x{k + 1}") for k, number in enumerate(x.reshape(-1))]
    targets = [
        Value(float(number), label=f"target{k + 1}" if y.ndim else "target") for k, number in enumerate(y.reshape(-1))
    ]

    def error() -> Any:
        output = task.model(inputs if x.ndim else inputs[0])
        with scope("loss"):
            return loss_of_sample(task.loss, output, targets if y.ndim else targets[0])

    if not x.ndim:
        inputs[0].label = "x"
    shown = recorded(error, [])._replace(arguments=(*inputs,))
    shown.roots[0].label = "error"
    order = topological_order(*shown.roots)
    if len(order) > MOST_NODES:
        return None, ""
    words = words_of(lang)
    graph, module = player_of(shown, Choice.of(0, (), None, MOST_NODES, task.parameters), words)
    wanted = set(targets)
    known = {value: k for k, value in enumerate([*inputs, *targets, *task.parameters])}
    graph["listed"].sort(key=lambda k: order[graph["leaves"][k]] in wanted)
    places = [known.get(order[i]) for i in graph["leaves"]]
    return {**embedded(words), "graph": graph, "places": places}, module
