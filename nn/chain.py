"""A network as a chain of linear maps and activations, as other libraries take it, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple, Union

from nn.activations import name_of
from nn.architecture import mlp
from nn.layers import MLP, Layer, Neuron
from nn.module import Module

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Linear(NamedTuple):
    """The map from x to weight @ x + bias."""

    weight: NDArray[np.float64]
    bias: NDArray[np.float64]


Step = Union[Linear, str]
"""A linear map, or the name of an activation."""


def chain_of(model: Module, function: str) -> list[Step]:
    """The steps of a model, with copies of its numbers; the activation "linear" is left out.

    Args:
        function: the public one that asks, for errors.

    Raises:
        TypeError: the model is no chain of linear maps and activations.
        ValueError: an activation is a function of the user, or the neurons of a layer differ.
    """
    import numpy as np  # lazy: importing nn stays fast

    if isinstance(model, MLP):
        return [step for layer in model.layers for step in chain_of(layer, function)]
    if not isinstance(model, (Layer, Neuron)):
        raise TypeError(f"{function}() takes an MLP, a Layer or a Neuron, got {type(model).__name__}; pass its parts")
    neurons = [model] if isinstance(model, Neuron) else model.neurons
    (name, *others) = {name_of(neuron.activation) for neuron in neurons}
    if name is None or others or len({len(neuron.w) for neuron in neurons}) > 1:
        raise ValueError(
            f"{function}() takes layers with one activation of ACTIVATIONS, got others in a {type(model).__name__}; "
            "name one for all of its neurons"
        )
    weight = np.array([[w.data for w in neuron.w] for neuron in neurons])
    bias = np.array([neuron.b.data for neuron in neurons])
    return [Linear(weight, bias)] if name == "linear" else [Linear(weight, bias), name]


def mlp_of(steps: Iterable[Step], function: str) -> MLP:
    """The MLP whose layers are the linear maps, each with the activation after it.

    Raises:
        ValueError: there is no linear map, two do not fit, or an activation does not follow a linear map.
    """
    maps: list[Linear] = []
    activations: list[str] = []
    for step in steps:
        if isinstance(step, Linear):
            if maps and step.weight.shape[1] != len(maps[-1].bias):
                raise ValueError(
                    f"{function}() takes linear maps that fit, got {step.weight.shape[1]} inputs after "
                    f"{len(maps[-1].bias)} outputs; change one of them"
                )
            maps.append(step)
            activations.append("linear")
        elif not maps or activations[-1] != "linear":
            raise ValueError(f"{function}() takes activations after a linear map, got {step} elsewhere; leave it out")
        else:
            activations[-1] = step
    if not maps:
        raise ValueError(f"{function}() takes at least one linear map, got none; add one")
    model = mlp(maps[0].weight.shape[1], [len(step.bias) for step in maps], activations)
    state = {f"layers.{i}.{name}": array for i, step in enumerate(maps) for name, array in step._asdict().items()}
    model.load_state_dict(state)
    return model
