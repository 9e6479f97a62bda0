"""The architecture of a module as plain data, and back: only the kinds that are listed here, and no code."""

from __future__ import annotations

import json
import math
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
from nn.files.safetensors import MOST_ARRAYS, parsed, refused
from nn.layers import MLP, Layer, Neuron
from nn.module import Module
from nn.modules.dropout import Dropout
from nn.modules.linear import Embedding, Linear, Sequential
from nn.modules.norms import LayerNorm, RMSNorm

Shapes = dict[str, tuple[int, ...]]

LARGEST = 2**31
DEEPEST = 50  # Sequentials within each other

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


def _linear_settings(linear: Linear) -> dict[str, Any]:
    return {"n_inputs": len(linear.weight[0]), "n_outputs": len(linear.weight), "bias": linear.bias is not None}


def _embedding_settings(embedding: Embedding) -> dict[str, Any]:
    return {"n_indices": len(embedding.weight), "n_outputs": len(embedding.weight[0])}


def _norm_settings(norm: LayerNorm | RMSNorm) -> dict[str, Any]:
    return {"n_inputs": len(norm.weight), "epsilon": norm.epsilon}


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
    return _under({f"layers.{i}": _layer_shapes(*settings) for i, settings in enumerate(widths)})


def _linear_shapes(n_inputs: int, n_outputs: int, bias: bool) -> Shapes:
    return {"weight": (n_outputs, n_inputs), **({"bias": (n_outputs,)} if bias else {})}


def _sequential_shapes(modules: list[dict[str, Any]]) -> Shapes:
    return _under({str(i): shapes_of(**part) for i, part in enumerate(modules)})


def _under(parts: Mapping[str, Shapes]) -> Shapes:
    return {f"{path}.{name}": shape for path, shapes in parts.items() for name, shape in shapes.items()}


# --------------------------------------------------------------------------- a new module


def mlp(n_inputs: int, sizes: list[int], activations: list[str]) -> MLP:
    """An MLP with an activation for each layer, and zeros, which draw no random numbers, for parameters."""
    model = MLP(n_inputs, sizes, init="zeros")
    for layer, activation in zip(model.layers, activations):
        for neuron in layer.neurons:
            neuron.activation, neuron.nonlin = ACTIVATIONS[activation], activation != "linear"
    return model


# --------------------------------------------------------------------------- the kinds


def _is_size(x: object) -> bool:
    return type(x) is int and 1 <= x <= LARGEST  # type() because True is an int


def _is_number(x: object) -> bool:
    return type(x) is float and math.isfinite(x)


def _is_bool(x: object) -> bool:
    return type(x) is bool


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
        lambda **settings: Layer(**settings, init="zeros"),
    ),
    Kind(
        Neuron,
        {"n_inputs": _is_size, "activation": _is_activation},
        _neuron_settings,
        _neuron_shapes,
        lambda **settings: Neuron(**settings, init="zeros"),
    ),
    Kind(
        Linear,
        {"n_inputs": _is_size, "n_outputs": _is_size, "bias": _is_bool},
        _linear_settings,
        _linear_shapes,
        lambda **settings: Linear(**settings, init="zeros"),
    ),
    Kind(
        Sequential,
        {"modules": _list_of(lambda x: type(x) is dict)},
        lambda sequential: {"modules": [config_of(part) for part in sequential]},
        _sequential_shapes,
        lambda modules: Sequential(*(built(**part) for part in modules)),
    ),
    Kind(
        Embedding,
        {"n_indices": _is_size, "n_outputs": _is_size},
        _embedding_settings,
        lambda n_indices, n_outputs: {"weight": (n_indices, n_outputs)},
        lambda **settings: Embedding(**settings, init="zeros"),
    ),
    Kind(
        LayerNorm,
        {"n_inputs": _is_size, "epsilon": _is_number},
        _norm_settings,
        lambda n_inputs, epsilon: {"weight": (n_inputs,), "bias": (n_inputs,)},  # noqa: ARG005
        LayerNorm,
    ),
    Kind(
        RMSNorm,
        {"n_inputs": _is_size, "epsilon": _is_number},
        _norm_settings,
        lambda n_inputs, epsilon: {"weight": (n_inputs,)},  # noqa: ARG005
        RMSNorm,
    ),
    *map(_plain, [Identity, ReLU, GELU, SiLU, Sigmoid, Softplus, Tanh, Softmax, LogSoftmax]),
    _plain(LeakyReLU, negative_slope=_is_number),
    _plain(ELU, alpha=_is_number),
    _plain(Dropout, p=_is_number),
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
    try:
        config = config_of(module)
    except RecursionError:  # it may hold itself
        raise _unlike(module, f"it is more than {DEEPEST} deep") from None
    if problem := _problem(config):
        raise _unlike(module, problem)
    arrays = {path: block.shape for path, block in module._blocks().items()}
    wanted = shapes_of(**config)
    if arrays != wanted or len(module.parameters()) != sum(map(math.prod, wanted.values())):
        raise _unlike(module, "it was changed after it was built, or shares parameters")
    return json.dumps(config)


def planned(text: str) -> tuple[Callable[[], Module], Shapes]:
    """From an architecture as JSON, what builds the module, and the shapes of its arrays, before it is built."""
    config = parsed(text, "its architecture", floats=True)
    if problem := _problem(config):
        raise refused(problem)
    return lambda: built(**config), shapes_of(**config)


def config_of(module: Module) -> dict[str, Any]:
    """The kind and the settings of a module."""
    name = type(module).__name__
    return {"kind": name, **KINDS[name].settings(module)}


def shapes_of(kind: str, **settings: Any) -> Shapes:
    """The shapes of the arrays of such a module."""
    return KINDS[kind].shapes(**settings)


def built(kind: str, **settings: Any) -> Module:
    """Such a module, whose parameters are zeros."""
    return KINDS[kind].build(**settings)


def _is_known(module: Module) -> bool:
    kind = KINDS.get(type(module).__name__)
    return kind is not None and kind.module is type(module)


def _problem(config: dict[str, Any], depth: int = 0) -> str:
    """Why a module cannot have this kind and these settings; empty if it can."""
    name = config.get("kind")
    if type(name) is not str or name not in KINDS:
        return "its architecture has a kind that this version does not know"
    checks = KINDS[name].checks
    if config.keys() != {"kind", *checks} or not all(check(config[key]) for key, check in checks.items()):
        return f"its architecture has wrong settings for {name}"
    if depth > DEEPEST:
        return f"its architecture is more than {DEEPEST} deep"
    return next(filter(None, (_problem(part, depth + 1) for part in config.get("modules", ()))), "")
