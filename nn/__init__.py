"""Neural networks on Values: modules, losses, optimizers, data and files."""

from typing import TYPE_CHECKING

from nn import _installation as _installation  # first: it raises an error if HIPS autograd is installed instead
from nn import losses, optim
from nn.layers import ACTIVATIONS, MLP, Layer, Neuron
from nn.module import Module

if TYPE_CHECKING:
    from nn import data
    from nn.files import load, load_state, save
del TYPE_CHECKING

__all__ = ["ACTIVATIONS", "MLP", "Layer", "Module", "Neuron", "data", "load", "load_state", "losses", "optim", "save"]


def __getattr__(name: str) -> object:
    if name in ("load", "load_state", "save"):
        from nn import files  # lazy: few programs read files, and it takes a third of the time of the rest

        return getattr(files, name)
    if name == "data":
        import nn.data  # lazy: it takes as long

        return nn.data
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
