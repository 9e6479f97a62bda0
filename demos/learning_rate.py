"""The learning rate: too small, right, nearly too large and too large, for the two weights of a line.

Each step multiplies the distance from the minimum by 1 - rate * curvature, in the directions of the least and of the
largest curvature. So gradient descent diverges above 2 / largest, and the best rate is 2 / (least + largest). The
curvatures are the eigenvalues of the Hessian of the error. Run it, after `pip install -e ".[demos]"`:

    python demos/learning_rate.py
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure

from autograd import Value, compile, hessian, mean
from nn.optim import SGD

XS = [-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0]
YS = [0.4, 0.1, 1.1, 1.2, 2.1, 2.4, 2.8]
START = (-1.5, 3.0)


class Result(NamedTuple):
    """The rate from which on gradient descent diverges, the errors of each rate, step by step, and the picture."""

    limit: float
    errors: dict[str, list[float]]
    path: Path


def error(w: Any, b: Any) -> Any:
    """The mean squared error of the line w*x + b."""
    return mean((w * x + b - y) ** 2 for x, y in zip(XS, YS))


def descend(rate: float, steps: int) -> np.ndarray:
    """The weights and their error before each step, and at the end: rows of three numbers."""
    w, b = Value(START[0]), Value(START[1])
    optimizer = SGD([w, b], learning_rate=rate)
    rows = []
    for _ in range(steps + 1):
        e = error(w, b)
        rows.append((w.data, b.data, e.data))
        optimizer.zero_grad()
        e.backward()
        optimizer.step()
    return np.array(rows)


def main(steps: int = 40, out: str | Path = "out") -> Result:
    """Descend for `steps` steps with each rate, and draw into the folder out."""
    least, largest = np.linalg.eigvalsh(hessian(error, argnums=(0, 1))(*START)).tolist()
    limit, best = 2 / largest, 2 / (least + largest)
    print(f"The curvatures are {least:.3f} and {largest:.3f}: it diverges above {limit:.4f}, and {best:.4f} is best.")
    rates = {"too small": 0.02 * limit, "right": best, "nearly too large": 0.99 * limit, "too large": 1.03 * limit}
    left, right = (figure := Figure(figsize=(11, 4.8), dpi=150, layout="constrained")).subplots(1, 2)
    slopes, intercepts = np.meshgrid(np.linspace(-2.2, 4, 100), np.linspace(-1.4, 4, 100))
    plane = compile(error).map(slopes.ravel(), intercepts.ravel()).reshape(100, 100)
    left.contour(slopes, intercepts, plane, levels=np.geomspace(0.1, 40, 12), colors="#cccccc")
    styles = zip(["#7570b3", "#1f78b4", "#1b9e77", "#d95f02"], [":", "-", "--", "-."])
    errors = {}
    for (name, rate), (colour, style) in zip(rates.items(), styles):
        ws, bs, descent = descend(rate, steps).T
        errors[name] = descent.tolist()
        print(f"Rate {rate:.3f}, {name}: in {steps} steps the error goes from {descent[0]:.3f} to {descent[-1]:.3f}.")
        left.plot(ws, bs, color=colour, linestyle=style, marker=".")
        right.semilogy(descent, color=colour, linestyle=style, linewidth=2, label=f"{name}: {rate:.3f}")
    left.set(title="The weights in each step", xlabel="slope", ylabel="intercept", xlim=(-2.2, 4), ylim=(-1.4, 4))
    right.set(title="Their error", xlabel="step", ylabel="mean squared error")
    right.legend()
    path = Path(out, "learning_rate.png")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    print(f"Picture: {path}")
    return Result(limit, errors, path)


if __name__ == "__main__":
    main()
