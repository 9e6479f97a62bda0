"""Neural networks on Values: modules, losses and optimizers."""

from nn import _installation as _installation  # first: it says what is wrong if the engine is not ours
from nn import losses, optim
from nn.layers import ACTIVATIONS, MLP, Layer, Neuron
from nn.module import Module

__all__ = ["ACTIVATIONS", "MLP", "Layer", "Module", "Neuron", "losses", "optim"]
