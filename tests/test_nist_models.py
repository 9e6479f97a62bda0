"""The models of NIST's reference datasets for nonlinear regression, written with NumPy as every fit is.

https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml has 27 datasets. Those with the same model stand here once. The
parameters are starting values of NIST's. The oracle is the derivative by a complex step, f(x + ih).imag / h, which has
no rounding but that of f: Squire and Trapp, "Using complex variables to estimate derivatives of real functions", 1998.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from autograd import compile, jacobian, value_and_grad

np = pytest.importorskip("numpy")

PI = 3.141592653589793
MODELS: dict[str, tuple[Callable[[Any, Any], Any], list[float], tuple[float, float]]] = {
    "Bennett5": (lambda b, x: b[0] * (b[1] + x) ** (-1 / b[2]), [-1500, 45, 0.85], (7, 50)),
    "BoxBOD, Misra1a": (lambda b, x: b[0] * (1 - np.exp(-b[1] * x)), [100, 0.75], (1, 10)),
    "Chwirut": (lambda b, x: np.exp(-b[0] * x) / (b[1] + b[2] * x), [0.15, 0.008, 0.010], (0.5, 6)),
    "DanWood": (lambda b, x: b[0] * x ** b[1], [0.7, 4], (1.3, 1.7)),
    "Eckerle4": (lambda b, x: b[0] / b[1] * np.exp(-0.5 * ((x - b[2]) / b[1]) ** 2), [1.5, 5, 450], (435, 465)),
    "ENSO": (
        lambda b, x: (
            b[0]
            + b[1] * np.cos(2 * PI * x / 12)
            + b[2] * np.sin(2 * PI * x / 12)
            + b[4] * np.cos(2 * PI * x / b[3])
            + b[5] * np.sin(2 * PI * x / b[3])
            + b[7] * np.cos(2 * PI * x / b[6])
            + b[8] * np.sin(2 * PI * x / b[6])
        ),
        [10, 3, 0.5, 44, -1.5, 0.5, 26, -0.1, 1.5],
        (1, 168),
    ),
    "Gauss": (
        lambda b, x: (
            b[0] * np.exp(-b[1] * x)
            + b[2] * np.exp(-((x - b[3]) ** 2) / b[4] ** 2)
            + b[5] * np.exp(-((x - b[6]) ** 2) / b[7] ** 2)
        ),
        [94, 0.0105, 99, 63, 25, 71, 180, 20],
        (1, 250),
    ),
    "Hahn1, Thurber": (
        lambda b, x: (b[0] + b[1] * x + b[2] * x**2 + b[3] * x**3) / (1 + b[4] * x + b[5] * x**2 + b[6] * x**3),
        [1300, 1500, 500, 75, 1, 0.4, 0.05],
        (-1, 2),
    ),
    "Kirby2": (
        lambda b, x: (b[0] + b[1] * x + b[2] * x**2) / (1 + b[3] * x + b[4] * x**2),
        [1.5, -0.15, 0.0025, -0.0015, 0.00002],
        (10, 370),
    ),
    "Lanczos": (
        lambda b, x: b[0] * np.exp(-b[1] * x) + b[2] * np.exp(-b[3] * x) + b[4] * np.exp(-b[5] * x),
        [0.5, 0.7, 3.6, 4.2, 4, 6.3],
        (0, 1.2),
    ),
    "MGH09": (
        lambda b, x: b[0] * (x**2 + x * b[1]) / (x**2 + x * b[2] + b[3]),
        [0.25, 0.39, 0.415, 0.39],
        (0.06, 4),
    ),
    "MGH10": (lambda b, x: b[0] * np.exp(b[1] / (x + b[2])), [0.02, 4000, 250], (50, 125)),
    "MGH17": (
        lambda b, x: b[0] + b[1] * np.exp(-x * b[3]) + b[2] * np.exp(-x * b[4]),
        [0.5, 1.5, -1, 0.01, 0.02],
        (0, 320),
    ),
    "Misra1b": (lambda b, x: b[0] * (1 - (1 + b[1] * x / 2) ** (-2)), [300, 2e-4], (77, 760)),
    "Misra1c": (lambda b, x: b[0] * (1 - (1 + 2 * b[1] * x) ** (-0.5)), [600, 2e-4], (77, 760)),
    "Misra1d": (lambda b, x: b[0] * b[1] * x * (1 + b[1] * x) ** (-1), [450, 3e-4], (77, 760)),
    "Nelson": (lambda b, x: b[0] - b[1] * 64 * np.exp(-b[2] * x), [2.5, 5e-9, -0.05], (180, 275)),  # after 64 weeks
    "Rat42": (lambda b, x: b[0] / (1 + np.exp(b[1] - b[2] * x)), [75, 2.5, 0.07], (9, 79)),
    "Rat43": (lambda b, x: b[0] / (1 + np.exp(b[1] - b[2] * x)) ** (1 / b[3]), [700, 5, 0.75, 1.3], (1, 15)),
    "Roszman1": (
        lambda b, x: b[0] - b[1] * x - np.arctan(b[2] / (x - b[3])) / PI,
        [0.2, -5e-6, 1200, -150],
        (-4868, 500),
    ),
}

each_model = pytest.mark.parametrize(("model", "parameters", "ends"), MODELS.values(), ids=MODELS)


def by_complex_steps(f: Callable[[Any], Any], parameters: list[float], h: float = 1e-200) -> Any:
    """The derivatives of f by each parameter, one column for each."""
    steps = 1j * h * np.eye(len(parameters))
    return np.stack([f(list(np.array(parameters) + step)).imag / h for step in steps], axis=-1)


@each_model
def test_the_jacobian_is_that_of_complex_steps(model: Any, parameters: Any, ends: Any) -> None:
    x = np.linspace(*ends, 15)
    wanted = by_complex_steps(lambda b: model(b, x), parameters)
    got = jacobian(lambda b: model(b, x))(np.array(parameters, dtype=float))
    assert got.shape == (15, len(parameters))
    assert got == pytest.approx(wanted, rel=1e-12, abs=1e-300)


@each_model
def test_the_compiled_gradient_of_the_squares_is_that_of_complex_steps(model: Any, parameters: Any, ends: Any) -> None:
    x = np.linspace(*ends, 15)
    target = 0.9 * model(parameters, x)

    def squares(b: Any) -> Any:
        return np.sum((model(b, x) - target) ** 2)

    start = [float(p) for p in parameters]
    loss, gradient = compile(value_and_grad(squares))(start)
    assert loss == pytest.approx(squares(start), rel=1e-12)
    assert np.array(gradient) == pytest.approx(by_complex_steps(squares, parameters), rel=1e-10)
