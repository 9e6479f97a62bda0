"""Activations: in a deep network of sigmoids the gradients vanish, and with ReLU they do not.

The chain rule multiplies the gradient by one slope of the activation in each layer. The slope of a sigmoid is at most
1/4, that of tanh at most 1, and that of ReLU is 1 wherever it is not 0. So the first layers of ten layers of sigmoids
learn almost nothing (Hochreiter, 1991). Run it, after `pip install -e ".[demos]"`:

    python demos/activations.py
"""

import random
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from autograd import compile, grad
from nn import ACTIVATIONS, MLP
from nn.losses import mse

WIDTH, LAYERS, SAMPLES = 16, 10, 8
STYLES = {"sigmoid": ("#d95f02", "-"), "tanh": ("#7570b3", "--"), "relu": ("#1b9e77", "-."), "gelu": ("#1f78b4", ":")}
INITS = {"sigmoid": "xavier_normal", "tanh": "xavier_normal", "relu": "he_normal", "gelu": "he_normal"}


class Result(NamedTuple):
    """For each activation the mean size of the gradients in each layer, first to last, and the picture."""

    sizes: dict[str, list[float]]
    path: Path


def gradient_sizes(activation: str, seed: int) -> list[float]:
    """The mean size of the derivatives of the error by the weights of each hidden layer."""
    rng = random.Random(seed)
    model = MLP(WIDTH, [WIDTH] * LAYERS + [1], activation=activation, init=INITS[activation], rng=rng)
    rows = [[rng.gauss(0, 1) for _ in range(WIDTH)] for _ in range(SAMPLES)]
    mse([model(row) for row in rows], [rng.gauss(0, 1) for _ in rows]).backward()
    weights = [[w for neuron in layer.neurons for w in neuron.w] for layer in model.layers[:-1]]
    return [sum(abs(w.grad) for w in layer) / len(layer) for layer in weights]


def main(starts: int = 3, seed: int = 0, out: str | Path = "out") -> Result:
    """Measure the gradients of networks with `starts` random weights each, and draw into the folder out."""
    figure = Figure(figsize=(11, 4.5), dpi=150, layout="constrained")
    left, right = figure.subplots(1, 2)
    xs = np.linspace(-5, 5, 401)
    sizes = {}
    for name, (colour, style) in STYLES.items():
        runs = [gradient_sizes(name, seed + i) for i in range(starts)]
        sizes[name] = [sum(column) / starts for column in zip(*runs)]
        first, last = sizes[name][0], sizes[name][-1]
        print(f"{name:7}: gradients are {last:.0e} in the last layer, and {last / first:.2g} times less in the first.")
        left.plot(xs, compile(grad(ACTIVATIONS[name])).map(xs), color=colour, linestyle=style, linewidth=2, label=name)
        right.semilogy(range(1, LAYERS + 1), sizes[name], color=colour, linestyle=style, marker="o", label=name)
    left.set(title="The slope of each activation", xlabel="x", ylabel="derivative")
    left.legend()
    right.set(title="Gradients of ten layers with random weights", xlabel="layer", ylabel="mean size of the gradient")
    right.legend()
    path = Path(out, "activations.png")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    print(f"Picture: {path}")
    return Result(sizes, path)


if __name__ == "__main__":
    main()
