"""Two half moons, told apart by a network of 337 parameters, each of them a Value.

Two hidden layers of 16 ReLU neurons learn by gradient descent on the hinge loss. The program writes
three pictures to `out`: how the network divides the plane, the loss of each step, and the graph of the
loss of one sample, with each layer as a box.

Run it, after `pip install -e ".[demos]"`; in pure Python it takes less than a minute:

    python demos/two_moons.py
"""

import math
import random
from pathlib import Path
from typing import NamedTuple

from matplotlib.figure import Figure

from autograd import Value, draw, no_grad, sum
from nn import MLP
from nn.losses import hinge
from nn.optim import SGD


class Result(NamedTuple):
    """The share of points on the right side, the loss of each step, and the pictures."""

    accuracy: float
    losses: list[float]
    paths: list[Path]


def two_moons(samples: int, noise: float, rng: random.Random) -> tuple[list[tuple[float, float]], list[int]]:
    """Points on two interleaved half circles of radius 1, with Gaussian noise, and their labels, -1 and 1 in turn."""
    labels = [1 if i % 2 else -1 for i in range(samples)]
    points = []
    for label in labels:
        angle = rng.uniform(0, math.pi)
        x, y = math.cos(angle), math.sin(angle)
        x, y = (x, y) if label == -1 else (1 - x, 0.5 - y)
        points.append((x + rng.gauss(0, noise), y + rng.gauss(0, noise)))
    return points, labels


def main(steps: int = 100, samples: int = 100, grid: int = 40, seed: int = 0, out: str | Path = "out") -> Result:
    """Train for `steps` steps on `samples` points, evaluate grid * grid points, and draw into the folder out."""
    rng = random.Random(seed)
    points, labels = two_moons(samples, 0.1, rng)
    model = MLP(2, [16, 16, 1], rng=rng)
    optimizer = SGD(model.parameters(), learning_rate=1.0)
    losses = []
    for k in range(steps):
        loss = hinge([model(point) for point in points], labels) + 1e-4 * sum(p * p for p in optimizer.parameters)
        optimizer.zero_grad()
        loss.backward()
        optimizer.learning_rate = 1.0 - 0.9 * k / steps
        optimizer.step()
        losses.append(loss.data)
        if k % 10 == 0 or k == steps - 1:
            print(f"Step {k:2}: the loss is {loss.data:.4f}.")

    xs = [-1.75 + 4.5 * i / (grid - 1) for i in range(grid)]
    ys = [-1.25 + 3.0 * i / (grid - 1) for i in range(grid)]
    with no_grad():
        margins = [label * model(point).data for point, label in zip(points, labels)]
        plane = [[model((x, y)).data for x in xs] for y in ys]
    right = [margin > 0 for margin in margins].count(True)
    accuracy = right / samples
    print(
        f"The network gets {right} of {samples} points right ({accuracy:.0%}), its smallest margin {min(margins):.2f}."
    )

    Path(out).mkdir(parents=True, exist_ok=True)
    paths = [Path(out, name) for name in ("decision_boundary.png", "loss.png", "one_sample.svg")]

    axes = Figure(figsize=(7, 5), dpi=150, layout="constrained").subplots()
    axes.contourf(xs, ys, plane, levels=[-math.inf, 0, math.inf], colors=["#fbe3d1", "#d6e6f4"])
    axes.contour(xs, ys, plane, levels=[-1, 0, 1], colors="#555555", linestyles=["--", "-", "--"])
    for label, colour in (-1, "#d95f02"), (1, "#1f78b4"):
        x, y = zip(*(point for point, other in zip(points, labels) if other == label))
        axes.scatter(x, y, color=colour, edgecolor="white", s=45, label=f"label {label}")
    axes.set(title="Two moons; the score is 0 on the line, ±1 on the dashes", aspect="equal", xlabel="x", ylabel="y")
    axes.legend(loc="lower left")
    axes.figure.savefig(paths[0])

    axes = Figure(figsize=(7, 4), dpi=150, layout="constrained").subplots()
    axes.semilogy(losses, color="#1f78b4")
    axes.set(title="Hinge loss plus L2 penalty", xlabel="step", ylabel="loss")
    axes.figure.savefig(paths[1])

    hardest = margins.index(min(margins))
    x, y = (Value(number, label=name) for number, name in zip(points[hardest], "xy"))
    loss = hinge([model([x, y])], [labels[hardest]])
    loss.label = "loss"
    loss.backward()
    draw(loss, depth=0).render(outfile=paths[2], cleanup=True)
    print(f"Pictures: {', '.join(map(str, paths))}")
    return Result(accuracy, losses, paths)


if __name__ == "__main__":
    main()
