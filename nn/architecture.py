"""The architecture of a module as plain data, and back: only the kinds that are listed here, and no code."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from nn.activations import (
    ACTIVATIONS,
    ELU,
    GELU,
    Identity,
    LeakyReLU,
    LogSoftmax,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
    name_of,
)
from nn.layers import MLP, Layer, Neuron
from nn.module import Module
from nn.safetensors import MOST_ARRAYS, parsed, refused

Shapes = dict[str, tuple[int, ...]]

LARGEST = 2**31

Check = Callable[[Any], bool]


class Kind(NamedTuple):
    """A class of modules: from a module to its settings, to the shapes of its arrays, and back to a module."""

    module: type[Module]
    checks: dict[str, Check]
    settings: Callable[[Any], dict[str, Any]]
    shapes: Callable[..., Shapes]
    build: Callable[..., Module]


# --------------------------------------------------------------------------- the settings of a module


def _neuron_settings(neuron: Neuron) -> dict[str, Any]:
    return {"n_inputs": len(neuron.w), "activation": _activation(neuron)}


def _layer_settings(layer: Layer) -> dict[str, Any]:
    if not layer.neurons or any(type(neuron) is not Neuron for neuron in layer.neurons):
        raise _unlike(layer, "it holds something other than neurons")
    settings = [_neuron_settings(neuron) for neuron in layer.neurons]
    if any(like != settings[0] for like in settings):
        raise _unlike(layer, "its neurons differ")
    return {"n_inputs": settings[0]["n_inputs"], "n_outputs": len(settings), "activation": settings[0]["activation"]}


def _mlp_settings(model: MLP) -> dict[str, Any]:
    if not model.layers or any(type(layer) is not Layer for layer in model.layers):
        raise _unlike(model, "it holds something other than layers")
    settings = [_layer_settings(layer) for layer in model.layers]
    return {
        "n_inputs": settings[0]["n_inputs"],
        "sizes": [like["n_outputs"] for like in settings],
        "activations": [like["activation"] for like in settings],
    }


def _activation(neuron: Neuron) -> str:
    if (name := name_of(neuron.activation)) is None:
        raise _unlike(neuron, "its activation is a function of your own")
    return name


def _unlike(module: Module, what: str) -> ValueError:
    return ValueError(
        f"cannot save the architecture of {type(module).__name__}: {what}; "
        "save(model.state_dict(), path) saves the numbers, for load(path, into=model)"
    )


# --------------------------------------------------------------------------- the shapes of its arrays


def _neuron_shapes(n_inputs: int, activation: str) -> Shapes:  # noqa: ARG001  # it has no array
    return {"w": (n_inputs,), "b": ()}


def _layer_shapes(n_inputs: int, n_outputs: int, activation: str) -> Shapes:  # noqa: ARG001
    return {"weight": (n_outputs, n_inputs), "bias": (n_outputs,)}


def _mlp_shapes(n_inputs: int, sizes: list[int], activations: list[str]) -> Shapes:
    if len(sizes) != len(activations):
        raise refused("its architecture has an MLP with more or fewer layers than activations")
    widths = zip([n_inputs, *sizes], sizes, activations)
    return _under("layers", {str(i): _layer_shapes(*settings) for i, settings in enumerate(widths)})


def _under(path: str, parts: Mapping[str, Shapes]) -> Shapes:
    prefix = f"{path}." if path else ""
    return {f"{prefix}{part}.{name}": shape for part, shapes in parts.items() for name, shape in shapes.items()}


# --------------------------------------------------------------------------- a new module


def _seed() -> random.Random:
    """Draws numbers that are soon replaced; the generator of everybody else is left alone."""
    return random.Random(0)


def mlp(n_inputs: int, sizes: list[int], activations: list[str]) -> MLP:
    """An MLP with an activation for each layer, and other numbers than those that it is to have."""
    model = MLP(n_inputs, sizes, rng=_seed())
    for layer, activation in zip(model.layers, activations):
        for neuron in layer.neurons:
            neuron.activation, neuron.nonlin = ACTIVATIONS[activation], activation != "linear"
    return model


# --------------------------------------------------------------------------- the kinds


def _is_size(x: object) -> bool:
    return type(x) is int and 1 <= x <= LARGEST  # type() because True is an int


def _is_number(x: object) -> bool:
    return type(x) is float


def _is_activation(x: object) -> bool:
    return type(x) is str and x in ACTIVATIONS


def _list_of(check: Check) -> Check:
    return lambda x: type(x) is list and 1 <= len(x) <= MOST_ARRAYS and all(map(check, x))


def _plain(module: type[Module], **checks: Check) -> Kind:
    """A class without parameters, whose attributes are the numbers that build it."""
    return Kind(module, checks, lambda x: {name: float(getattr(x, name)) for name in checks}, lambda **_: {}, module)


_KINDS = [
    Kind(
        MLP,
        {"n_inputs": _is_size, "sizes": _list_of(_is_size), "activations": _list_of(_is_activation)},
        _mlp_settings,
        _mlp_shapes,
        mlp,
    ),
    Kind(
        Layer,
        {"n_inputs": _is_size, "n_outputs": _is_size, "activation": _is_activation},
        _layer_settings,
        _layer_shapes,
        lambda **settings: Layer(**settings, rng=_seed()),
    ),
    Kind(
        Neuron,
        {"n_inputs": _is_size, "activation": _is_activation},
        _neuron_settings,
        _neuron_shapes,
        lambda **settings: Neuron(**settings, rng=_seed()),
    ),
    *map(_plain, [Identity, ReLU, GELU, SiLU, Sigmoid, Softplus, Tanh, Softmax, LogSoftmax]),
    _plain(LeakyReLU, negative_slope=_is_number),
    _plain(ELU, alpha=_is_number),
]

KINDS = {kind.module.__name__: kind for kind in _KINDS}
"""What a file can name. A class of a user is not among them, so that a file cannot choose code that is run."""

# --------------------------------------------------------------------------- writing and reading


def architecture_of(module: Module) -> str:
    """The architecture as JSON; empty if a part of the module has a class of the user.

    Raises:
        ValueError: a module is not as its class builds it, or has a function of the user.
    """
    if not all(_is_known(part) for part in module.modules()):
        return ""
    name = type(module).__name__
    settings = KINDS[name].settings(module)
    arrays = {path: block.shape for path, block in module._blocks().items()}
    wanted = KINDS[name].shapes(**settings)
    if arrays != wanted or len(module.parameters()) != sum(map(math.prod, wanted.values())):
        raise _unlike(module, "it was changed after it was built, or shares parameters")
    return json.dumps({"kind": name, **settings})


def _is_known(module: Module) -> bool:
    kind = KINDS.get(type(module).__name__)
    return kind is not None and kind.module is type(module)


def planned(text: str) -> tuple[Callable[[], Module], Shapes]:
    """From an architecture as JSON, what builds the module, and the shapes of its arrays, before it is built."""
    settings = parsed(text, "its architecture", floats=True)
    name = settings.pop("kind", None)
    if type(name) is not str or name not in KINDS:
        raise refused("its architecture has a kind that this version does not know")
    kind = KINDS[name]
    if settings.keys() != kind.checks.keys() or not all(check(settings[key]) for key, check in kind.checks.items()):
        raise refused(f"its architecture has wrong settings for {name}")
    return lambda: kind.build(**settings), kind.shapes(**settings)
