"""Neural networks on Values: modules, losses and optimizers."""

from nn import _installation as _installation  # first: it raises an error if HIPS autograd is installed instead
from nn import losses, optim
from nn.layers import ACTIVATIONS, MLP, Layer, Neuron
from nn.module import Module

__all__ = ["ACTIVATIONS", "MLP", "Layer", "Module", "Neuron", "losses", "optim"]
