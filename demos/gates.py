"""One neuron learns AND, OR and NAND. No neuron can learn XOR, but a network of five neurons can.

A neuron says 1 if its score w1*x1 + w2*x2 + b is positive. The program also shows that no weights give
XOR (Minsky and Papert, "Perceptrons", 1969): the four inequalities that XOR needs add up to 0 > 0.

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
    """How many corners each model gets right, the sum of the inequalities of each gate, and the picture."""

    right: dict[str, int]
    sums: dict[str, tuple[int, int, int]]
    path: Path


def learn(model: Neuron | MLP, labels: list[int], steps: int) -> int:
    """Train, keep the best weights in the model, and return how many corners they get right."""
    optimizer = SGD(model.parameters(), learning_rate=1.0)
    best, kept = -1, []
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


def sum_of_inequalities(labels: list[int]) -> tuple[int, int, int]:
    """The coefficients of w1, w2 and b in the sum of label * (w1*x1 + w2*x2 + b) over the corners."""
    w1 = sum(label * x1 for (x1, _), label in zip(CORNERS, labels))
    w2 = sum(label * x2 for (_, x2), label in zip(CORNERS, labels))
    return w1, w2, sum(labels)


def main(steps: int = 200, starts: int = 5, seed: int = 1, out: str | Path = "out") -> Result:
    """Train each model for `steps` steps from `starts` random starts, and draw the best into the folder out."""
    rng = random.Random(seed)
    figure = Figure(figsize=(12, 3.4), dpi=150, layout="constrained")
    figure.suptitle("Filled: the gate says 1. Shaded: the model says 1. Orange: they differ.")
    panels = figure.subplots(1, 5, sharey=True)
    grid = np.linspace(-0.4, 1.4, 25)
    right = {}
    print("Inputs -> answer (score of the model: it answers 1 where that is positive)")
    for axes, name in zip(panels, ["AND", "OR", "NAND", "XOR", "XOR by a network"]):
        labels = GATES[name.split()[0]]
        is_neuron = name in GATES
        models = [
            Neuron(2, False, rng=rng) if is_neuron else MLP(2, [4, 1], activation="tanh", rng=rng)
            for _ in range(starts)
        ]
        right[name], model = max(((learn(model, labels, steps), model) for model in models), key=lambda pair: pair[0])
        with no_grad():
            scores = [model(corner).data for corner in CORNERS]
            plane = [[model((x1, x2)).data for x1 in grid] for x2 in grid]
        answers = ", ".join(f"{x1}{x2} -> {score > 0:d} ({score:+.1f})" for (x1, x2), score in zip(CORNERS, scores))
        print(f"{name + ':':17} {answers}; {right[name]} of 4 right.")
        axes.contourf(grid, grid, plane, levels=[-np.inf, 0, np.inf], colors=["white", "#d6e6f4"])
        fills = ["#1f78b4" if label > 0 else "white" for label in labels]
        edges = ["#1f78b4" if (score > 0) == (label > 0) else "#d95f02" for score, label in zip(scores, labels)]
        axes.scatter(*zip(*CORNERS), s=120, c=fills, edgecolor=edges, linewidth=3)
        axes.set(title=f"{name}: {right[name]} of 4", xlabel="x1", xticks=[0, 1], yticks=[0, 1], aspect="equal")
    panels[0].set_ylabel("x2")
    path = Path(out, "gates.png")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)

    sums = {gate: sum_of_inequalities(labels) for gate, labels in GATES.items()}
    print("XOR asks a neuron for -b >= 0, w2 + b > 0, w1 + b > 0 and -(w1 + w2 + b) >= 0.")
    print("Added up: {}*w1 + {}*w2 + {}*b > 0, that is 0 > 0: no neuron is XOR.".format(*sums["XOR"]))
    print(f"Picture: {path}")
    return Result(right, sums, path)


if __name__ == "__main__":
    main()
