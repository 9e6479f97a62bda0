"""Neural networks on Values: modules, losses, optimizers, training, data and files."""

from typing import TYPE_CHECKING

from nn import _installation as _installation  # first: it raises an error if HIPS autograd is installed instead
from nn import data, losses, metrics, optim
from nn.fit import fit
from nn.history import History
from nn.layers import ACTIVATIONS, MLP, Layer, Neuron
from nn.module import Module
from nn.predict import evaluate, predict

if TYPE_CHECKING:
    from nn.files import load, load_state, save
del TYPE_CHECKING

__all__ = [
    "ACTIVATIONS",
    "MLP",
    "History",
    "Layer",
    "Module",
    "Neuron",
    "data",
    "evaluate",
    "fit",
    "load",
    "load_state",
    "losses",
    "metrics",
    "optim",
    "predict",
    "save",
]


def __getattr__(name: str) -> object:
    if name in ("load", "load_state", "save"):
        from nn import files  # lazy: few programs read files, and it takes a third of the time of the rest

        return getattr(files, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
