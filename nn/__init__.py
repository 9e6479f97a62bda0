"""Neural networks on Values: modules, losses, optimizers, training, data and files."""

from typing import TYPE_CHECKING

from nn import _installation as _installation  # first: it raises an error if HIPS autograd is installed instead
from nn import data, init, losses, metrics, optim
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
)
from nn.fit import fit
from nn.layers import MLP, Layer, Neuron
from nn.module import Module
from nn.modules.dropout import Dropout
from nn.modules.linear import Embedding, Linear, Sequential
from nn.modules.norms import LayerNorm, RMSNorm
from nn.predict import evaluate, predict
from nn.training.history import History

if TYPE_CHECKING:
    from nn.files import load, load_state, save
    from nn.files.onnx import to_onnx
    from nn.files.pytorch import from_torch, to_torch
    from nn.pages.playground import playground
del TYPE_CHECKING

__all__ = [
    "ACTIVATIONS",
    "ELU",
    "GELU",
    "MLP",
    "Dropout",
    "Embedding",
    "History",
    "Identity",
    "Layer",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSoftmax",
    "Module",
    "Neuron",
    "RMSNorm",
    "ReLU",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Tanh",
    "data",
    "evaluate",
    "fit",
    "from_torch",
    "init",
    "load",
    "load_state",
    "losses",
    "metrics",
    "optim",
    "playground",
    "predict",
    "save",
    "to_onnx",
    "to_torch",
]

_LAZY = {  # what few programs need, and takes time to import
    "from_torch": "files.pytorch",
    "load": "files",
    "load_state": "files",
    "playground": "pages.playground",
    "save": "files",
    "to_onnx": "files.onnx",
    "to_torch": "files.pytorch",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        known = {"optim": optim.__all__, "losses": losses.LOSSES, "data": data.__all__, "init": init.__all__}
        remedies = [f"; write nn.{part}.{name}" for part, names in known.items() if name in names]
        raise AttributeError(f"module 'nn' has no attribute {name!r}{''.join(remedies)}")
    from importlib import import_module

    return getattr(import_module(f"nn.{_LAZY[name]}"), name)
