"""XOR: the four steps of error back-propagation with their numbers, and then a network that has learnt XOR.

1. From random weights compute the results. 2. Measure their error. 3. Move each weight down its gradient, so that the
error shrinks. 4. Repeat until the error no longer falls. Run it, after `pip install -e ".[demos]"`:

    python demos/xor.py
"""

import random
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from nn import MLP, predict
from nn.losses import mse
from nn.optim import SGD

CORNERS = [(0, 0), (0, 1), (1, 0), (1, 1)]
WANTED = [0, 1, 1, 0]


class Result(NamedTuple):
    """The answer of the network for each corner, the error before each step, and the picture."""

    answers: list[float]
    errors: list[float]
    path: Path


def main(steps: int = 1000, seed: int = 1, out: str | Path = "out") -> Result:
    """Train a network with 2 inputs, 3 hidden neurons and 1 output for `steps` steps, and draw into the folder out."""
    model = MLP(2, [3, 1], activation="tanh", rng=random.Random(seed))
    optimizer = SGD(model.parameters(), learning_rate=0.2)
    weight = model.layers[0].neurons[0].w[0]
    errors: list[float] = []
    for step in range(steps):
        results = [model(corner) for corner in CORNERS]  # 1. from random weights compute the results
        error = mse(results, WANTED)  # 2. measure their error
        optimizer.zero_grad()
        error.backward()
        before = weight.data
        optimizer.step()  # 3. move each weight down its gradient
        errors.append(error.data)  # 4. repeat
        if step == 0:
            print("1. Random weights give", ", ".join(f"{c} -> {y.data:.3f}" for c, y in zip(CORNERS, results)) + ".")
            print(f"2. Wanted are {WANTED}, so the mean squared error is {error.data:.4f}.")
            print(f"3. The first weight is {before:.4f}, and the derivative of the error by it {weight.grad:+.4f}:")
            print(f"   it moves by -0.2 times that, to {weight.data:.4f}. The other 12 numbers move likewise.")
        elif step in (1, 10, 100) or step == steps - 1:
            print(f"4. After {step} {'steps' if step > 1 else 'step'}, the error is {error.data:.2g}.")

    answers = predict(model, CORNERS).tolist()
    print("The network answers", ", ".join(f"{c} -> {y:.3f}" for c, y in zip(CORNERS, answers)) + ".")
    print(f"The largest error is {max(abs(a - w) for a, w in zip(answers, WANTED)):.0e}.")

    grid = np.linspace(-0.4, 1.4, 60)
    plane = predict(model, [(x1, x2) for x2 in grid for x1 in grid]).reshape(60, 60)
    figure = Figure(figsize=(10, 4.2), dpi=150, layout="constrained")
    left, right = figure.subplots(1, 2)
    filled = left.contourf(grid, grid, plane, levels=np.linspace(-1, 2, 13), cmap="PuOr", extend="both", alpha=0.6)
    left.contour(grid, grid, plane, levels=[0.5], colors="black", linestyles="--")
    figure.colorbar(filled, label="answer of the network", ax=left)
    left.scatter(*zip(*CORNERS), s=120, c=["white", "#542788", "#542788", "white"], edgecolor="#542788", linewidth=2)
    left.set_title("XOR: filled corners want 1, dashes are at 0.5")
    left.set(xlabel="x1", ylabel="x2", xticks=[0, 1], yticks=[0, 1], aspect="equal")
    right.semilogy(errors, color="#1f78b4", linewidth=2)
    right.set(title="The error falls", xlabel="step", ylabel="mean squared error")
    figure.get_layout_engine().set(wspace=0.08)
    path = Path(out, "xor.png")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    print(f"Picture: {path}")
    return Result(answers, errors, path)


if __name__ == "__main__":
    main()
