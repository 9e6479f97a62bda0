"""Initialisation: random weights must be neither too small nor too large, or a deep network does not learn.

A layer of ReLU neurons multiplies the size of signals by sqrt(width / 2) times the deviation of its weights. This is 1
for a deviation of sqrt(2 / width) (He et al., "Delving deep into rectifiers", 2015). With smaller weights, signals and
gradients fade from layer to layer; with larger ones they explode. Run it, after `pip install -e ".[demos]"`:

    python demos/initialisation.py
"""

import math
import random
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from nn import MLP, fit, predict
from nn.init import he_normal
from nn.optim import SGD

WIDTH, LAYERS = 16, 8
SCALES = {"zeros": 0.0, "a third of He": 1 / 3, "He": 1.0, "three times He": 3.0}
STYLES = [("#7570b3", ":"), ("#1b9e77", "-."), ("#1f78b4", "-"), ("#d95f02", "--")]


class Result(NamedTuple):
    """For each kind of weights the size of the outputs of each layer, the losses of a training, and the picture."""

    sizes: dict[str, list[float]]
    losses: dict[str, list[float]]
    path: Path


def sizes_of(model: MLP, rows: np.ndarray) -> list[float]:
    """The root mean square of the outputs of each hidden layer."""
    sizes = []
    for layer in model.layers[:-1]:
        rows = predict(layer, rows)
        sizes.append(float(np.sqrt((rows**2).mean())))
    return sizes


def main(epochs: int = 60, samples: int = 200, seed: int = 0, out: str | Path = "out") -> Result:
    """Train a network of each kind for `epochs` epochs to tell where x1 * x2 > 0, and draw into the folder out."""
    x = np.random.default_rng(seed).uniform(-2, 2, (samples, 2))
    y = (x[:, 0] * x[:, 1] > 0).astype(float)
    figure = Figure(figsize=(11, 4.5), dpi=150, layout="constrained")
    left, right = figure.subplots(1, 2)
    sizes, losses = {}, {}
    for (name, scale), (colour, style) in zip(SCALES.items(), STYLES):
        rng = random.Random(seed)
        weights = partial(he_normal, gain=scale * math.sqrt(2))
        model = MLP(2, [WIDTH] * LAYERS + [1], activation="relu", init=weights, rng=rng)
        sizes[name] = sizes_of(model, x)
        sgd = SGD(model.parameters(), learning_rate=0.02, momentum=0.9)
        losses[name] = fit(model, x, y, loss="binary_cross_entropy", optimizer=sgd, epochs=epochs, rng=rng).losses
        print(f"{name:14}: the last signals have size {sizes[name][-1]:.1e}, the last loss is {losses[name][-1]:.2g}.")
        left.semilogy(range(1, LAYERS + 1), sizes[name], color=colour, linestyle=style, marker="o", label=name)
        right.plot(losses[name], color=colour, linestyle=style, linewidth=2, label=name)
    left.set(title="The size of signals", xlabel="layer", ylabel="root mean square of the outputs")
    right.text(0.97, 0.48, "log 2, as by tossing a coin", ha="right", transform=right.transAxes)
    right.set(title="Training", xlabel="epoch", ylabel="cross-entropy", ylim=(0, 1.5))
    right.legend()
    path = Path(out, "initialisation.png")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    print(f"Picture: {path}")
    return Result(sizes, losses, path)


if __name__ == "__main__":
    main()
