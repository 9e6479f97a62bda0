"""The diagram of a network, as draw(model) shows it: a column of circles for the inputs, and one for each layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd import Value, no_grad
from nn.arguments import Number, Sample, check_items, vector

if TYPE_CHECKING:
    from nn.module import Module

Function = Callable[[Value], Any]


class Stage(NamedTuple):
    """What a module computes: a linear map and an activation; or a function alone, which has no neurons.

    Attributes:
        path: of the module within the network.
        weights: for each neuron the weight of each input.
        biases: one for each neuron, or none.
        functions: the activations, each once, with its text. The function itself is None if a neuron alone has none.
    """

    path: str
    module: Module
    functions: dict[str, Function | None]
    weights: Sequence[Sequence[Number]] = ()
    biases: Sequence[Number] = ()


class Column(NamedTuple):
    """Circles above each other: the inputs of a network, or the neurons of a layer.

    Attributes:
        name: the path of the layer, "" for inputs.
        size: how many circles.
        weights: for each neuron the weight of each circle in the column before.
        biases: one for each neuron, or none.
        functions: the texts of the functions that the sums go through.
        curve: the graph of the activation between -3 and 3; empty if there are several, or others than those of nn.
        numbers: what each circle gives for the inputs, None without them.
        sources: the inputs themselves.
    """

    name: str
    size: int
    weights: Sequence[Sequence[Number]]
    biases: Sequence[Number]
    functions: list[str]
    curve: list[float]
    numbers: list[float] | None
    sources: Sequence[Number]


def chained(path: str, modules: Iterable[tuple[str, Module]]) -> list[Stage] | None:
    """The stages of modules that are called one after the other; None if one of them is no chain itself.

    Args:
        path: of what holds them.
        modules: each with its name there.
    """
    stages: list[Stage] = []
    for name, module in modules:
        found = module._stages(f"{path}.{name}" if path else name)
        if found is None:
            return None
        stages += found
    return stages


_POINTS = [i / 8 for i in range(-24, 25)]


def columns(stages: Iterable[Stage], inputs: Sample | None) -> list[Column] | None:
    """The columns of a network, from the first to the last; None if it has no layer, or layers that do not fit.

    Args:
        inputs: a sample; the columns show what each layer makes of it.

    Raises:
        TypeError, ValueError: the inputs are no sample, or not as many numbers as the network takes.
    """
    stages = list(stages)
    first = next((stage for stage in stages if stage.weights), None)
    if first is None:
        return None
    sources = () if inputs is None else vector(inputs)
    check_items(sources)
    numbers = None if inputs is None else _floats(sources)
    found = [Column("", len(first.weights[0]), (), (), [], [], numbers, sources)]
    output: Any = sources
    for stage in stages:
        if inputs is not None:
            with no_grad():
                output = stage.module(output)
            numbers = _floats(vector(output))
        names, curve = list(stage.functions), _curve(stage.functions.values())
        if stage.weights:
            if any(len(row) != found[-1].size for row in stage.weights):
                return None
            layer = Column(_name(stage), len(stage.weights), stage.weights, stage.biases, names, curve, numbers, ())
            found.append(layer)
        else:
            last = found[-1]
            curve = [] if curve and last.functions else curve or last.curve
            found[-1] = last._replace(functions=[*last.functions, *names], curve=curve, numbers=numbers)
    return found


def _name(stage: Stage) -> str:
    """The path of a layer; one without a word, as in Sequential, stands before the class."""
    kind = type(stage.module).__name__
    if any(map(str.isalpha, stage.path)):
        return stage.path
    return f"{stage.path}: {kind}" if stage.path else kind


def _floats(numbers: Iterable[Number]) -> list[float]:
    return [x.data if isinstance(x, Value) else Value(x).data for x in numbers]  # an int may be too large for a float


def _curve(functions: Iterable[Function | None]) -> list[float]:
    """The graph of a function; nothing if there are several."""
    function, *others = [*functions] or [None]
    if function is None or others:
        return []
    with no_grad():
        return _floats(function(Value(x)) for x in _POINTS)
