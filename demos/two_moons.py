"""Two half moons, told apart by a network of 337 parameters, each of them a Value.

Two hidden layers of 16 ReLU neurons learn by gradient descent on the hinge loss. The program writes three pictures: how
the network divides the plane, the loss of each step, and the graph of the loss of one sample, with each layer as a box.
Run it, after `pip install -e ".[demos]"`:

    python demos/two_moons.py
"""

import math
import random
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from autograd import Value, draw
from nn import MLP, evaluate, fit, predict
from nn.losses import hinge
from nn.optim import SGD, LinearDecay


class Result(NamedTuple):
    """The share of points on the right side, the loss of each step, and the pictures."""

    accuracy: float
    losses: list[float]
    paths: list[Path]


def two_moons(samples: int, noise: float, rng: random.Random) -> tuple[np.ndarray, np.ndarray]:
    """Points on two interleaved half circles of radius 1, with Gaussian noise, and their labels, -1 and 1 in turn."""
    points = []
    for i in range(samples):
        angle = rng.uniform(0, math.pi)
        x, y = math.cos(angle), math.sin(angle)
        x, y = (1 - x, 0.5 - y) if i % 2 else (x, y)
        points.append((x + rng.gauss(0, noise), y + rng.gauss(0, noise)))
    return np.array(points), np.arange(samples) % 2 * 2.0 - 1


def main(steps: int = 100, samples: int = 100, grid: int = 100, seed: int = 0, out: str | Path = "out") -> Result:
    """Train for `steps` steps on `samples` points, evaluate grid * grid points, and draw into the folder out."""
    rng = random.Random(seed)
    points, labels = two_moons(samples, 0.1, rng)
    model = MLP(2, [16, 16, 1], rng=rng)
    sgd = SGD(model.parameters(), learning_rate=1.0, weight_decay=2e-4)
    options = {"epochs": steps, "batch_size": samples, "schedule": LinearDecay(sgd, steps, end=0.1), "rng": rng}
    history = fit(model, points, labels, loss="hinge", optimizer=sgd, **options)
    print(f"{steps} steps take {sum(history.seconds):.3f} s, and the loss falls to {history.losses[-1]:.4f}.")
    accuracy = evaluate(model, points, labels, metrics="accuracy")["accuracy"]
    print(f"The network gets {accuracy:.0%} of {samples} points right.")
    Path(out).mkdir(parents=True, exist_ok=True)
    paths = [Path(out, name) for name in ("decision_boundary.png", "loss.png", "one_sample.svg")]
    xs, ys = np.linspace(-1.75, 2.75, grid), np.linspace(-1.25, 1.75, grid)
    plane = predict(model, [(x, y) for y in ys for x in xs]).reshape(grid, grid)
    axes = Figure(figsize=(7, 5), dpi=150, layout="constrained").subplots()
    axes.contourf(xs, ys, plane > 0, levels=1, colors=["#fbe3d1", "#d6e6f4"])
    axes.contour(xs, ys, plane, levels=[-1, 0, 1], colors="#555555", linestyles=["--", "-", "--"])
    for label, colour in (-1, "#d95f02"), (1, "#1f78b4"):
        axes.scatter(*points[labels == label].T, color=colour, edgecolor="white", s=45, label=f"label {label}")
    axes.set(title="Two moons; the score is 0 on the line, ±1 on the dashes", xlabel="x", ylabel="y", aspect="equal")
    axes.legend(loc="lower left")
    axes.figure.savefig(paths[0])
    axes = history.plot()
    axes.set(title=f"The hinge loss of {samples} points falls", xlabel="step", ylabel="hinge loss")
    axes.figure.savefig(paths[1])
    hardest = (labels * predict(model, points)).argmin()
    x, y = (Value(number, label=name) for number, name in zip(points[hardest], "xy"))
    loss = hinge([model([x, y])], [labels[hardest]])
    loss.label = "loss"
    loss.backward()
    draw(loss, depth=0).render(outfile=paths[2])
    print(f"Pictures: {', '.join(map(str, paths))}")
    return Result(accuracy, history.losses, paths)


if __name__ == "__main__":
    main()
