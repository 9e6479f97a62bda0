"""A network as a chain of linear maps and activations, as other libraries take it, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple, Union

from nn.activations import ELU, GELU, Identity, LeakyReLU, ReLU, Sigmoid, SiLU, Softplus, Tanh, name_of
from nn.files.architecture import mlp
from nn.layers import MLP, Layer, Neuron
from nn.module import Module
from nn.modules import linear
from nn.modules.dropout import Dropout
from nn.modules.linear import Sequential

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Linear(NamedTuple):
    """The map from x to weight @ x + bias."""

    weight: NDArray[np.float64]
    bias: NDArray[np.float64]


Step = Union[Linear, str]
"""A linear map, or the name of an activation."""


_ACTIVATIONS: dict[type[Module], str] = {
    ELU: "elu",
    GELU: "gelu",
    LeakyReLU: "leaky_relu",
    ReLU: "relu",
    Sigmoid: "sigmoid",
    SiLU: "silu",
    Softplus: "softplus",
    Tanh: "tanh",
}


def chain_of(model: Module, function: str) -> list[Step]:
    """The steps of a model, with copies of its numbers; the activation "linear" is left out.

    Args:
        function: the public one that asks, for errors.

    Raises:
        TypeError: the model is no chain of linear maps and activations.
        ValueError: an activation is a function of the user, the neurons of a layer differ, or the first step is no
            linear map.
    """
    steps = [step for part in _parts(model) for step in _steps(part, function)]
    if not steps or not isinstance(steps[0], Linear):
        raise ValueError(f"{function}() takes a network that begins with a linear map, got none at the start; add one")
    return steps


def _parts(model: Module) -> Iterator[Module]:
    """The modules that are called one after the other."""
    if isinstance(model, (MLP, Sequential)):
        for part in model.layers if isinstance(model, MLP) else model:
            yield from _parts(part)
    else:
        yield model


def _steps(module: Module, function: str) -> list[Step]:
    import numpy as np  # lazy: importing nn stays fast

    kind = type(module).__name__
    if isinstance(module, linear.Linear):
        weight = np.array([[w.data for w in row] for row in module.weight])
        return [Linear(weight, np.array([b.data for b in module.bias or []] or [0.0] * len(weight)))]
    if isinstance(module, Identity) or (isinstance(module, Dropout) and not module.training):
        return []
    if (name := _ACTIVATIONS.get(type(module))) is not None:
        if getattr(module, "negative_slope", 0.01) != 0.01 or getattr(module, "alpha", 1.0) != 1.0:
            raise ValueError(f"{function}() takes {kind} with its usual setting, got {module!r}; use {kind}()")
        return [name]
    if not isinstance(module, (Layer, Neuron)):
        remedy = "call model.eval() first" if isinstance(module, Dropout) else "convert its parts"
        raise TypeError(f"{function}() takes networks of layers, Linear and activations, got {kind}; {remedy}")
    neurons = [module] if isinstance(module, Neuron) else module.neurons
    (name, *others) = {name_of(neuron.activation) for neuron in neurons}
    if name is None or others or len({len(neuron.w) for neuron in neurons}) > 1:
        raise ValueError(
            f"{function}() takes layers with one activation of ACTIVATIONS, got others in a {kind}; "
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
