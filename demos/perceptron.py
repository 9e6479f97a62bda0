"""The perceptron: one neuron learns AND, OR and NAND from its mistakes, and no neuron can learn XOR.

A neuron says 1 if its score w1*x1 + w2*x2 + b is positive. Rosenblatt's rule (1958) moves the weights after each wrong
answer: it is a gradient step on max(0, -label * score). XOR wants -b >= 0, w2 + b > 0, w1 + b > 0, -(w1 + w2 + b) >= 0.
These add up to 0 > 0 (Minsky and Papert, "Perceptrons", 1969). Run it, after `pip install -e ".[demos]"`:

    python demos/perceptron.py
"""

import random
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from autograd import relu
from nn import Neuron
from nn.optim import SGD

CORNERS = [(0, 0), (0, 1), (1, 0), (1, 1)]
GATES = {"AND": [-1, -1, -1, 1], "OR": [-1, 1, 1, 1], "NAND": [1, 1, 1, -1], "XOR": [-1, 1, 1, -1]}


class Result(NamedTuple):
    """For each gate how many corners are right, and the sum of its inequalities; and the picture."""

    right: dict[str, int]
    sums: dict[str, tuple[int, ...]]  # the coefficients of w1, w2 and b
    path: Path


def learn(neuron: Neuron, labels: list[int], rounds: int) -> int:
    """Go round the corners until all answers are right, `rounds` times at most; the number of rounds."""
    optimizer = SGD(neuron.parameters(), learning_rate=1.0)
    for count in range(rounds):
        errors = []
        for corner, label in zip(CORNERS, labels):
            score = neuron(corner)  # 1. from random weights, compute the result
            error = relu(-label * score)  # 2. measure the error: 0 for a right answer
            optimizer.zero_grad()
            error.backward()
            optimizer.step()  # 3. after a wrong answer, w1, w2 and b move by label * x1, label * x2 and label
            errors.append(error.data)
        if not any(errors):  # 4. repeat until no answer is wrong
            return count
    return rounds


def main(rounds: int = 100, seed: int = 1, out: str | Path = "out") -> Result:
    """Train a neuron for each gate, at most `rounds` rounds, and draw into the folder out."""
    rng = random.Random(seed)
    figure = Figure(figsize=(10, 3.2), dpi=150, layout="constrained")
    figure.suptitle("Filled: the gate says 1. Shaded: the neuron says 1. Orange: they differ.")
    figure.supylabel("x2")
    right = {}
    grid = np.linspace(-0.4, 1.4, 200)
    for axes, (gate, labels) in zip(figure.subplots(1, 4, sharey=True), GATES.items()):
        neuron = Neuron(2, activation="linear", rng=rng)
        count = learn(neuron, labels, rounds)
        w1, w2, b = (parameter.data for parameter in neuron.parameters())
        good = [(w1 * x1 + w2 * x2 + b > 0) == (label > 0) for (x1, x2), label in zip(CORNERS, labels)]
        right[gate] = good.count(True)
        print(f"{gate:4}: {right[gate]} of 4 right after {count} rounds; {w1:+.2f} x1 {w2:+.2f} x2 {b:+.2f} > 0.")
        axes.contourf(grid, grid, w1 * grid + w2 * grid[:, None] + b > 0, levels=1, colors=["white", "#d6e6f4"])
        fills = ["#1f78b4" if label > 0 else "white" for label in labels]
        edges = ["#1f78b4" if one else "#d95f02" for one in good]
        axes.scatter(*zip(*CORNERS), s=120, c=fills, edgecolor=edges, linewidth=3)
        axes.set(title=f"{gate}: {right[gate]} of 4", xlabel="x1", xticks=[0, 1], yticks=[0, 1], aspect="equal")
    sums = {gate: tuple(np.dot(labels, [(*corner, 1) for corner in CORNERS])) for gate, labels in GATES.items()}
    print("The sum of what XOR wants is {} w1 {:+} w2 {:+} b > 0: no neuron is XOR.".format(*sums["XOR"]))
    path = Path(out, "perceptron.png")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    print(f"Picture: {path}")
    return Result(right, sums, path)


if __name__ == "__main__":
    main()
