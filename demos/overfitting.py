"""Overfitting: a large network learns the noise of 30 points, and three remedies.

Without a remedy the training loss falls on while the validation loss rises. Early stopping goes back to the weights of
the least validation loss, weight decay keeps weights small, and dropout leaves out neurons at random. The points have
noise of variance 0.09, so no curve gets far below that. Run it, after `pip install -e ".[demos]"`:

    python demos/overfitting.py
"""

import random
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from nn import Dropout, History, Linear, Neuron, Sequential, evaluate, fit, predict
from nn.activations import Tanh
from nn.optim import AdamW

REMEDIES = {
    "no remedy": {},
    "early stopping": {"patience": 60},
    "weight decay": {"decay": 0.3},
    "dropout": {"p": 0.2},
}


class Result(NamedTuple):
    """The error of each remedy on fresh points, the histories, and the picture."""

    errors: dict[str, float]
    histories: dict[str, History]
    path: Path


def points(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A sine with noise of deviation 0.3."""
    x = rng.uniform(-3, 3, count)
    return x, np.sin(2 * x) + rng.normal(0, 0.3, count)


def main(epochs: int = 600, seed: int = 0, out: str | Path = "out") -> Result:
    """Train a network with each remedy for up to `epochs` epochs, and draw into the folder out."""
    generator = np.random.default_rng(seed)
    (x, y), validation, (fresh, wanted) = points(30, generator), points(30, generator), points(1000, generator)
    figure = Figure(figsize=(12, 6), dpi=150, layout="constrained")
    errors, histories, xs = {}, {}, np.linspace(-3, 3, 200)
    for (name, remedy), (above, below) in zip(REMEDIES.items(), figure.subplots(2, 4, sharey="row").T):
        rng = random.Random(seed)
        dropout = Dropout(remedy.get("p", 0.0), rng=rng)
        first, second, last = Linear(1, 24, rng=rng), Linear(24, 24, rng=rng), Neuron(24, nonlin=False, rng=rng)
        model = Sequential(first, Tanh(), second, Tanh(), dropout, last)
        adam = AdamW(model.parameters(), learning_rate=0.02, weight_decay=remedy.get("decay", 0.0))
        options = {"epochs": epochs, "batch_size": 30, "validation": validation, "patience": remedy.get("patience")}
        history = fit(model, x, y, loss="mse", optimizer=adam, rng=rng, **options)
        errors[name] = evaluate(model, fresh, wanted, loss="mse")["loss"]
        print(f"{name}: error {history.losses[-1]:.3f} in training, {errors[name]:.3f} for fresh points.")
        histories[name] = history
        is_first = len(histories) == 1
        history.plot(above).set(title=f"{name}: {errors[name]:.2f}", ylabel="loss" if is_first else "")
        below.plot(xs, np.sin(2 * xs), color="#999999", linestyle="--", label="sine")
        below.plot(xs, predict(model, xs), color="#d95f02", linewidth=2, label="network")
        below.scatter(x, y, color="#1f78b4", edgecolor="white", s=30, zorder=3, label="points")
        below.set(xlabel="x", ylabel="y" if is_first else "", ylim=(-2, 2))
        below.legend(loc="lower left", fontsize=8)
    path = Path(out, "overfitting.png")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    print(f"Picture: {path}")
    return Result(errors, histories, path)


if __name__ == "__main__":
    main()
