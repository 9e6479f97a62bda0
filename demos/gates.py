"""One neuron learns AND, OR and NAND, but no neuron is XOR; a network of five neurons is.

A neuron fires where its score w1*x1 + w2*x2 + b is positive. That no weights make it XOR (Minsky and
Papert, "Perceptrons", 1969) is computed: the four inequalities XOR asks for add up to 0 > 0.

Run it, after `pip install -e ".[demos]"`; it takes a few seconds:

    python demos/gates.py
"""

import random
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from autograd import no_grad
from nn import MLP, Neuron
from nn.losses import hinge
from nn.optim import SGD

CORNERS = [(0, 0), (0, 1), (1, 0), (1, 1)]
GATES = {"AND": [-1, -1, -1, 1], "OR": [-1, 1, 1, 1], "NAND": [1, 1, 1, -1], "XOR": [-1, 1, 1, -1]}


class Result(NamedTuple):
    """How many corners each model gets right, the sum of the inequalities of each gate, the picture."""

    right: dict[str, int]
    sums: dict[str, tuple[int, int, int]]
    path: Path


def learn(model: Neuron | MLP, labels: list[int], steps: int) -> int:
    """Train by the hinge loss, leave the model the best weights it met, return how many corners these get right."""
    optimizer = SGD(model.parameters(), learning_rate=1.0)
    best, kept = 0, [p.data for p in optimizer.parameters]
    for _ in range(steps):
        scores = [model(corner) for corner in CORNERS]
        right = [(score > 0) == (label > 0) for score, label in zip(scores, labels)].count(True)
        if right >= best:
            best, kept = right, [p.data for p in optimizer.parameters]
        optimizer.zero_grad()
        hinge(scores, labels).backward()
        optimizer.step()
    for p, number in zip(optimizer.parameters, kept):
        p.data = number
    return best


def added_up(labels: list[int]) -> tuple[int, int, int]:
    """The whole numbers of w1, w2 and b in the sum of label * (w1*x1 + w2*x2 + b) over the corners."""
    rows = [(label * x1, label * x2, label) for (x1, x2), label in zip(CORNERS, labels)]
    w1, w2, b = zip(*rows)
    return sum(w1), sum(w2), sum(b)


def main(steps: int = 200, seed: int = 1, out: str | Path = "out") -> Result:
    """Train each model for so many steps, draw what they learnt into the folder out."""
    rng = random.Random(seed)
    models: dict[str, tuple[str, Neuron | MLP]] = {
        f"{gate}, one neuron": (gate, Neuron(2, False, rng=rng)) for gate in GATES
    }
    models["XOR, network"] = "XOR", MLP(2, [4, 1], activation="tanh", rng=rng)
    grid = np.linspace(-0.4, 1.4, 25)
    panels = Figure(figsize=(12, 2.9), dpi=150, layout="constrained").subplots(1, 5, sharey=True)
    right = {}
    for axes, (name, (gate, model)) in zip(panels, models.items()):
        right[name] = learn(model, GATES[gate], steps)
        with no_grad():
            scores = [model(corner).data for corner in CORNERS]
            plane = [[model((x1, x2)).data for x1 in grid] for x2 in grid]
        answers = ", ".join(f"{x1}{x2} -> {int(score > 0)} ({score:+.1f})" for (x1, x2), score in zip(CORNERS, scores))
        print(f"{name + ':':17} {answers}; {right[name]} of 4 right.")
        axes.contourf(grid, grid, plane, levels=[-np.inf, 0, np.inf], colors=["white", "#d6e6f4"])
        axes.contour(grid, grid, plane, levels=[0], colors="#1f78b4")
        fills = ["#1f78b4" if label > 0 else "white" for label in GATES[gate]]
        axes.scatter(*zip(*CORNERS), s=120, c=fills, edgecolor="#1f78b4", linewidth=2, zorder=3)
        axes.set(title=f"{name}: {right[name]} of 4", xlabel="x1", xticks=[0, 1], yticks=[0, 1], aspect="equal")
    panels[0].set_ylabel("x2")
    path = Path(out, "gates.png")
    path.parent.mkdir(parents=True, exist_ok=True)
    panels[0].figure.savefig(path)

    sums = {gate: added_up(labels) for gate, labels in GATES.items()}
    print("XOR asks w1 + b > 0 and w2 + b > 0, but -b >= 0 and -(w1 + w2 + b) >= 0.")
    print("Added up: {}*w1 + {}*w2 + {}*b > 0, that is 0 > 0. No neuron is XOR.".format(*sums["XOR"]))
    print(f"Picture: {path}")
    return Result(right, sums, path)


if __name__ == "__main__":
    main()
