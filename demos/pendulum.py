"""A pendulum: measured angles tell its length and its damping, by gradients through a differential equation.

The equation is angle'' = -g / length * sin(angle) - damping * angle'. The classical Runge-Kutta method solves it with
Values, so `backward()` differentiates the whole solution. Run it, after `pip install -e ".[demos]"`:

    python demos/pendulum.py
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure

from autograd import Value, mean, sin
from nn.optim import Adam

GRAVITY, STEP, ANGLE = 9.81, 0.1, 1.5  # in m/s^2, in s, and at first in radians
TRUE, GUESS = (0.8, 0.2), (0.6, 0.6)  # the length in m and the damping in 1/s


class Result(NamedTuple):
    """The length and the damping that were found, the error of each round, and the picture."""

    numbers: tuple[float, float]
    errors: list[float]
    path: Path


def swing(length: Any, damping: Any, count: int) -> list[Any]:
    """The angle after 0, 1, 2, ... steps, from rest."""

    def slope(state: np.ndarray) -> np.ndarray:
        angle, speed = state
        return np.array([speed, -GRAVITY / length * sin(angle) - damping * speed])

    state, angles = np.array([ANGLE, 0.0]), [ANGLE]
    for _ in range(count):
        k1 = slope(state)
        k2 = slope(state + STEP / 2 * k1)
        k3 = slope(state + STEP / 2 * k2)
        k4 = slope(state + STEP * k3)
        state = state + STEP / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        angles.append(state[0])
    return angles


def main(rounds: int = 120, count: int = 40, seed: int = 0, out: str | Path = "out") -> Result:
    """Find both numbers from `count` angles, each wrong by about 0.03, and draw into the folder out."""
    measured = swing(*TRUE, count) + np.random.default_rng(seed).normal(0, 0.03, count + 1)
    length, damping = Value(GUESS[0]), Value(GUESS[1])
    optimizer, errors = Adam([length, damping], learning_rate=0.02), []
    for _ in range(rounds):
        angles = swing(length, damping, count)  # 1. from guessed numbers, compute the result
        error = mean((angle - wanted) ** 2 for angle, wanted in zip(angles, measured))  # 2. measure the error
        optimizer.zero_grad()
        error.backward()
        optimizer.step()  # 3. move each number down its gradient
        errors.append(error.data)  # 4. repeat
    found = length.data, damping.data
    print(f"The error falls to {errors[-1]:.5f}; found are length {found[0]:.3f} m and damping {found[1]:.3f} / s.")

    figure, times = Figure(figsize=(11, 4.5), dpi=150, layout="constrained"), STEP * np.arange(count + 1)
    left, right = figure.subplots(1, 2)
    left.plot(times, swing(*GUESS, count), color="#7570b3", linestyle="--", label="guess")
    left.plot(times, swing(*found, count), color="#d95f02", linewidth=2, label=f"after {rounds} rounds")
    left.scatter(times, measured, color="#1f78b4", edgecolor="white", s=30, zorder=3, label="measured")
    left.set(title="The swinging pendulum", xlabel="time in s", ylabel="angle in radians", ylim=(-1.5, 2.4))
    left.legend()
    right.semilogy(errors, color="#d95f02", linewidth=2)
    right.set(title="The error falls to that of the measurement", xlabel="round", ylabel="mean squared error")
    path = Path(out, "pendulum.png")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    print(f"Picture: {path}")
    return Result(found, errors, path)


if __name__ == "__main__":
    main()
