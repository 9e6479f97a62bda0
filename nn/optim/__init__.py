"""Optimizers: how the gradients move the parameters. Read rules.py first; then optimizer.py, which runs the rules."""

from nn.optim.clipping import clip_grad_norm, clip_grad_value
from nn.optim.optimizer import Optimizer, Rule
from nn.optim.rules import SGD, Adagrad, Adam, AdamW, RMSProp
from nn.optim.schedules import CosineDecay, LinearDecay, OneCycle, Plateau, Schedule, StepDecay, WarmUp

__all__ = [
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "CosineDecay",
    "LinearDecay",
    "OneCycle",
    "Optimizer",
    "Plateau",
    "RMSProp",
    "Rule",
    "Schedule",
    "StepDecay",
    "WarmUp",
    "clip_grad_norm",
    "clip_grad_value",
]
