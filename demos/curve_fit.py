"""Curve fitting: the Gauss-Newton method finds the peak that NIST certifies, and how sure its numbers are.

Data: the transmittance of a filter by wavelength, by K. Eckerle of NIST, a reference dataset for nonlinear regression:
https://www.itl.nist.gov/div898/strd/nls/data/eckerle4.shtml. Each step solves the linear problem that the derivatives
of the curve give. Run it, after `pip install -e ".[demos]"`:

    python demos/curve_fit.py
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure

from autograd import compile, exp, value_and_grad

NANOMETRES = """400 405 410 415 420 425 430 435 436.5 438 439.5 441 442.5 444 445.5 447 448.5 450 451.5 453 454.5 456
457.5 459 460.5 462 463.5 465 470 475 480 485 490 495 500"""
TRANSMITTANCES = """.0001575 .0001699 .0002350 .0003102 .0004917 .0008710 .0017418 .0046400 .0065895 .0097302 .0149002
.0237310 .0401683 .0712559 .1264458 .2073413 .2902366 .3445623 .3698049 .3668534 .3106727 .2078154 .1164354 .0616764
.0337200 .0194023 .0117831 .0074357 .0022732 .0008800 .0004579 .0002345 .0001586 .0001143 .0000710"""
START = (1.5, 5.0, 450.0)  # the second of NIST
CERTIFIED = (1.5543827178, 4.0888321754, 451.54121844)


class Result(NamedTuple):
    """The area, the width and the place of the peak, their standard deviations, and the picture."""

    numbers: tuple[float, ...]
    deviations: tuple[float, ...]
    path: Path


def peak(area: Any, width: Any, place: Any, x: Any) -> Any:
    """A bell curve, where NIST leaves out the square root of 2 pi."""
    return area / width * exp(-0.5 * ((x - place) / width) ** 2)


def main(steps: int = 10, out: str | Path = "out") -> Result:
    """Take `steps` steps, and draw into the folder out."""
    x, y = (np.array(text.split(), dtype=float) for text in (NANOMETRES, TRANSMITTANCES))
    curve = compile(value_and_grad(peak, argnums=(0, 1, 2)))
    numbers, errors = np.array(START), []
    for step in range(steps + 1):
        values, slopes = curve.map(*numbers, x)  # for all x at once
        jacobian, residuals = np.stack(slopes, axis=1), y - values
        errors.append(float(abs(numbers / CERTIFIED - 1).max()))
        print(f"Step {step:2}: the sum of squares is {residuals @ residuals:.9f}, the relative error {errors[-1]:.0e}.")
        if step < steps:
            numbers = numbers + np.linalg.lstsq(jacobian, residuals, rcond=None)[0]
    variance = residuals @ residuals / (len(x) - 3)
    deviations = np.sqrt(variance * np.linalg.inv(jacobian.T @ jacobian).diagonal())
    for name, number, deviation in zip(("area", "width", "place"), numbers, deviations):
        print(f"The {name} is {number:.5f} with a standard deviation of {deviation:.5f}.")

    figure = Figure(figsize=(11, 4.5), dpi=150, layout="constrained")
    left, right = figure.subplots(1, 2)
    fine = np.linspace(430, 475, 300)
    left.plot(fine, curve.map(*START, fine)[0], color="#7570b3", linestyle="--", label="start")
    left.plot(fine, curve.map(*numbers, fine)[0], color="#d95f02", linewidth=2, label=f"after {steps} steps")
    left.scatter(x, y, color="#1f78b4", edgecolor="white", s=50, zorder=3, label="measured")
    left.set(title="A filter", xlabel="wavelength in nm", ylabel="transmittance", xlim=(430, 475))
    left.legend()
    right.semilogy(errors, color="#d95f02", marker="o")
    right.set(title="How far the numbers are from the certified ones", xlabel="step", ylabel="largest relative error")
    path = Path(out, "curve_fit.png")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    print(f"Picture: {path}")
    return Result(tuple(numbers.tolist()), tuple(deviations.tolist()), path)


if __name__ == "__main__":
    main()
