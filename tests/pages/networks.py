"""Networks whose playgrounds tests open, and what they train in them."""

import random

import nn
from nn.optim import SGD

XOR = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]


def small(activation="tanh"):
    return nn.MLP(2, [3, 1], activation=activation, rng=random.Random(0))


def xor(play, settings=None, make=lambda parameters: SGD(parameters, 0.5), **options):
    model = small()
    options = {"loss": "binary_cross_entropy", "optimizer": make(model.parameters()), **options}
    return play(model, *XOR, settings=settings, **options)


def losses(opened, steps):
    """The loss before the first step and after each."""
    return [float(text) for text in opened.page.evaluate(_TRAIN, steps)]


_TRAIN = """(steps) => {
  const read = () => document.querySelector("[data-loss]").dataset.loss;
  const found = [read()];
  for (let k = 0; k < steps; k++) {
    document.querySelector("[data-action=train-step]").click();
    found.push(read());
  }
  return found;
}"""
