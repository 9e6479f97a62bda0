"""Optimizers: SGD, momentum, Nesterov, Adagrad, RMSProp and Adam walk through the same valley.

The valley is (1 - x)^2 + 20 (y - x^2)^2, after H. H. Rosenbrock, "An automatic method for finding the greatest or least
value of a function", 1960: it has steep walls, and its floor falls gently to 0 at (1, 1). Each optimizer has a learning
rate that suits it. Run it, after `pip install -e ".[demos]"`:

    python demos/optimizers.py
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure

from autograd import Value
from nn.optim import SGD, Adagrad, Adam, Optimizer, RMSProp

START = (-1.2, 1.0)
OPTIMIZERS: dict[str, Callable[[list[Value]], Optimizer]] = {
    "SGD": lambda weights: SGD(weights, learning_rate=0.005),
    "momentum": lambda weights: SGD(weights, learning_rate=0.002, momentum=0.9),
    "Nesterov's momentum": lambda weights: SGD(weights, learning_rate=0.002, momentum=0.9, nesterov=True),
    "Adagrad": lambda weights: Adagrad(weights, learning_rate=0.5),
    "RMSProp": lambda weights: RMSProp(weights, learning_rate=0.01),
    "Adam": lambda weights: Adam(weights, learning_rate=0.1),
}


class Result(NamedTuple):
    """The height at which each optimizer ends, and the picture."""

    heights: dict[str, float]
    path: Path


def valley(x: Any, y: Any) -> Any:
    """The height at (x, y)."""
    return (1 - x) ** 2 + 20 * (y - x * x) ** 2


def walk(optimizer: Optimizer, steps: int) -> list[tuple[float, float]]:
    """The first place, and that after each step."""
    x, y = optimizer.parameters
    places = [(x.data, y.data)]
    for _ in range(steps):
        optimizer.zero_grad()
        valley(x, y).backward()
        optimizer.step()
        places.append((x.data, y.data))
    return places


def main(steps: int = 500, out: str | Path = "out") -> Result:
    """Let each optimizer take `steps` steps, and draw into the folder out."""
    figure = Figure(figsize=(11, 6.5), dpi=150, layout="constrained")
    figure.suptitle(f"{steps} steps from the square towards the star, a dot every 20 steps, and the last height")
    grid = np.meshgrid(np.linspace(-1.6, 1.6, 200), np.linspace(-0.4, 1.8, 200))
    heights = {}
    for axes, (name, make) in zip(figure.subplots(2, 3, sharex=True, sharey=True).flat, OPTIMIZERS.items()):
        places = walk(make([Value(START[0]), Value(START[1])]), steps)
        heights[name] = valley(*places[-1])
        print(f"{name + ':':20} height {heights[name]:.1e} after {steps} steps.")
        axes.contourf(*grid, np.log10(valley(*grid) + 1e-3), levels=14, cmap="Blues", alpha=0.4)
        axes.plot(*zip(*places), color="#d95f02", linewidth=1.5)
        axes.plot(*zip(*places[::20]), ".", color="#d95f02", markersize=7)
        axes.plot(*START, "ks")
        axes.plot(1, 1, "k*", markersize=11)
        axes.set(title=f"{name}: {heights[name]:.0e}", xlabel="x", ylabel="y", xlim=(-1.6, 1.6), ylim=(-0.4, 1.8))
        axes.label_outer()
    path = Path(out, "optimizers.png")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    print(f"Picture: {path}")
    return Result(heights, path)


if __name__ == "__main__":
    main()
