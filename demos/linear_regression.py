"""Linear regression: gradient descent finds the line that the closed form gives.

Data: E. Hubble, "A relation between distance and radial velocity among extra-galactic nebulae", 1929, table 1: galaxies
that are farther away move away faster. Run it, after `pip install -e ".[demos]"`:

    python demos/linear_regression.py
"""

import random
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from autograd import Value, mean
from nn.optim import SGD

MEGAPARSECS = ".032 .034 .214 .263 .275 .275 .45 .5 .5 .63 .8 .9 .9 .9 .9 1 1.1 1.1 1.4 1.7 2 2 2 2"
KM_PER_S = "170 290 -130 -70 -185 -220 200 290 270 200 300 -30 650 150 500 920 450 500 500 960 500 850 800 1090"


class Result(NamedTuple):
    """The line of gradient descent, that of the closed form, how far apart they are at most, and the picture."""

    line: tuple[float, float]
    closed_form: tuple[float, float]
    difference: float
    path: Path


def closed_form(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """The slope and the intercept with the least squared error: covariance / variance, and a line through the means."""
    slope = float(((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum())
    return slope, float(y.mean() - slope * x.mean())


def main(steps: int = 400, seed: int = 0, out: str | Path = "out") -> Result:
    """Descend for `steps` steps, compare with the closed form, and draw into the folder out."""
    xs, ys = (list(map(float, text.split())) for text in (MEGAPARSECS, KM_PER_S))
    rng = random.Random(seed)
    slope, intercept = Value(rng.uniform(-100, 100)), Value(rng.uniform(-100, 100))
    optimizer = SGD([slope, intercept], learning_rate=0.3)
    lines = [(slope.data, intercept.data)]
    for step in range(1, steps + 1):
        results = [slope * x + intercept for x in xs]  # 1. from random weights, compute the results
        error = mean((result - y) ** 2 for result, y in zip(results, ys))  # 2. measure the error
        optimizer.zero_grad()
        error.backward()
        optimizer.step()  # 3. move each weight down its gradient
        lines.append((slope.data, intercept.data))  # 4. repeat
        if step in (1, 10, 100, steps):
            print(f"Step {step:3}: error {error.data:.1f}, then the line {slope.data:.2f} x {intercept.data:+.2f}.")

    best = closed_form(np.array(xs), np.array(ys))
    differences = np.abs(np.array(lines) - best).max(axis=1)
    print(f"The closed form is {best[0]:.2f} x {best[1]:+.2f}.")
    print(f"The two lines differ by {differences[-1]:.0e} at most, in slope and intercept.")

    figure = Figure(figsize=(11, 4.5), dpi=150, layout="constrained")
    left, right = figure.subplots(1, 2)
    left.scatter(xs, ys, color="#1f78b4", edgecolor="white", s=50, label="galaxies")
    for step, style in zip((0, 3, 10, steps), (":", "--", "-.", "-")):
        a, b = lines[min(step, steps)]
        left.axline((0, b), slope=a, color="#d95f02", linestyle=style, label=f"after {step} steps")
    left.set(title="Hubble's galaxies", xlabel="distance in megaparsecs", ylabel="velocity in km/s", ylim=(-300, 1200))
    left.legend()
    right.semilogy(differences, color="#d95f02", linewidth=2)
    right.set(title="Distance from the closed form", xlabel="step", ylabel="largest difference of slope and intercept")
    path = Path(out, "linear_regression.png")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    print(f"Picture: {path}")
    return Result(lines[-1], best, float(differences[-1]), path)


if __name__ == "__main__":
    main()
