"""Initial weights: how the numbers of a layer are drawn. Each function gives one row for each output.

`fan_in` is n_inputs, `fan_out` is n_outputs. Where a layer begins decides whether it learns: with weights that are too
large or too small, numbers and gradients grow or shrink from layer to layer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, Union

from nn.rng import Random, Seed, source

__all__ = [
    "INITIALIZERS",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_pairs",
    "he_uniform",
    "kaiming_normal",
    "kaiming_uniform",
    "normal",
    "orthogonal",
    "uniform",
    "xavier_normal",
    "xavier_uniform",
    "zeros",
]

Rows = list[list[float]]
Initializer = Callable[..., Rows]
"""A function of n_inputs, n_outputs, and rng by name."""

# --------------------------------------------------------------------------- distributions


def zeros(n_inputs: int, n_outputs: int, *, rng: Seed = None) -> Rows:  # noqa: ARG001  # it draws nothing
    """Zeros. Neurons that begin alike stay alike: only for a single layer without others after it.

    >>> zeros(2, 1)
    [[0.0, 0.0]]
    """
    return [[0.0] * n_inputs for _ in range(n_outputs)]


def uniform(n_inputs: int, n_outputs: int, *, rng: Seed = None, low: float = -1.0, high: float = 1.0) -> Rows:
    """Numbers drawn from [low, high), row by row.

    >>> [[weight]] = uniform(1, 1, rng=0)
    >>> -1 <= weight < 1
    True
    """
    draw = source(rng).uniform
    return [[float(draw(low, high)) for _ in range(n_inputs)] for _ in range(n_outputs)]


def normal(n_inputs: int, n_outputs: int, *, rng: Seed = None, mean: float = 0.0, deviation: float = 1.0) -> Rows:
    """Numbers from a normal distribution.

    Two uniform numbers u and v give two of them, sqrt(-2 log(1 - u)) times the cosine and the sine of 2 pi v. Box and
    Muller, "A note on the generation of random normal deviates", 1958.

    >>> len(normal(3, 2, rng=0)[0])
    3
    """
    draws = source(rng)
    numbers: list[float] = []
    while len(numbers) < n_inputs * n_outputs:
        radius = deviation * math.sqrt(-2.0 * math.log(1.0 - draws.uniform(0.0, 1.0)))
        angle = 2.0 * math.pi * draws.uniform(0.0, 1.0)
        numbers += mean + radius * math.cos(angle), mean + radius * math.sin(angle)
    return [numbers[i * n_inputs : (i + 1) * n_inputs] for i in range(n_outputs)]


# --------------------------------------------------------------------------- scaled by the fans


def xavier_uniform(n_inputs: int, n_outputs: int, *, rng: Seed = None, gain: float = 1.0) -> Rows:
    """Uniform in [-a, a), a = gain sqrt(6 / (fan_in + fan_out)): for tanh, sigmoid and linear layers.

    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010.

    >>> max(map(abs, xavier_uniform(4, 2, rng=0)[0])) <= 1.0
    True
    """
    limit = gain * math.sqrt(6.0 / (n_inputs + n_outputs))
    return uniform(n_inputs, n_outputs, rng=rng, low=-limit, high=limit)


def xavier_normal(n_inputs: int, n_outputs: int, *, rng: Seed = None, gain: float = 1.0) -> Rows:
    """Normal with deviation gain sqrt(2 / (fan_in + fan_out)); source as for xavier_uniform.

    >>> len(xavier_normal(4, 2, rng=0))
    2
    """
    return normal(n_inputs, n_outputs, rng=rng, deviation=gain * math.sqrt(2.0 / (n_inputs + n_outputs)))


def he_uniform(n_inputs: int, n_outputs: int, *, rng: Seed = None, gain: float = math.sqrt(2.0)) -> Rows:
    """Uniform in [-a, a), a = gain sqrt(3 / fan_in): for relu and its relatives.

    He, Zhang, Ren and Sun, "Delving deep into rectifiers", 2015. PyTorch calls it kaiming_uniform.

    >>> max(map(abs, he_uniform(6, 1, rng=0)[0])) <= 1.0
    True
    """
    limit = gain * math.sqrt(3.0 / n_inputs)
    return uniform(n_inputs, n_outputs, rng=rng, low=-limit, high=limit)


def he_normal(n_inputs: int, n_outputs: int, *, rng: Seed = None, gain: float = math.sqrt(2.0)) -> Rows:
    """Normal with deviation gain / sqrt(fan_in); source as for he_uniform. PyTorch calls it kaiming_normal.

    >>> len(he_normal(4, 2, rng=0))
    2
    """
    return normal(n_inputs, n_outputs, rng=rng, deviation=gain / math.sqrt(n_inputs))


def he_pairs(n_inputs: int, n_outputs: int, *, rng: Seed = None, gain: float = math.sqrt(2.0)) -> Rows:
    """he_uniform for the first half of the rows; the others are these times -1, so that few neurons start dead.

    Whatever the input, one neuron of each pair is active at first. Balduzzi and others, "The shattered gradients
    problem: if resnets are the answer, then what is the question?", 2017, begin with such pairs.

    >>> first, second = he_pairs(3, 2, rng=0)
    >>> second == [-weight for weight in first]
    True
    """
    half = he_uniform(n_inputs, (n_outputs + 1) // 2, rng=rng, gain=gain)
    return [*half, *([-weight for weight in row] for row in half)][:n_outputs]


def orthogonal(n_inputs: int, n_outputs: int, *, rng: Seed = None, gain: float = 1.0) -> Rows:
    """Rows, or columns if there are fewer of them, that are orthogonal and of length gain.

    Saxe, McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural
    networks", 2014; drawn evenly as in Mezzadri, "How to generate random matrices from the classical compact groups",
    2007.

    Raises:
        ModuleNotFoundError: NumPy is not installed.

    >>> (a, b), (c, d) = orthogonal(2, 2, rng=0)
    >>> abs(a * c + b * d) < 1e-15
    True
    """
    import numpy as np  # lazy: NumPy is optional

    wide = max(n_inputs, n_outputs)
    q, r = np.linalg.qr(np.array(normal(min(n_inputs, n_outputs), wide, rng=rng)))
    q *= np.sign(np.diag(r))
    rows: Rows = (gain * (q if n_outputs == wide else q.T)).tolist()
    return rows


glorot_normal, glorot_uniform = xavier_normal, xavier_uniform
kaiming_normal, kaiming_uniform = he_normal, he_uniform

# --------------------------------------------------------------------------- by name, and by activation

INITIALIZERS: dict[str, Initializer] = {
    "glorot_normal": glorot_normal,
    "glorot_uniform": glorot_uniform,
    "he_normal": he_normal,
    "he_pairs": he_pairs,
    "he_uniform": he_uniform,
    "kaiming_normal": kaiming_normal,
    "kaiming_uniform": kaiming_uniform,
    "micrograd": uniform,
    "normal": normal,
    "orthogonal": orthogonal,
    "uniform": uniform,
    "xavier_normal": xavier_normal,
    "xavier_uniform": xavier_uniform,
    "zeros": zeros,
}
"""The initial weights that have a name. "micrograd" draws those of micrograd: uniform in [-1, 1)."""

Init = Union[str, Initializer, None]
"""What is passed as init; None for what fits the activation."""

RELATIVES_OF_RELU = frozenset(["relu", "leaky_relu", "elu", "gelu", "silu", "softplus"])

BIAS = 0.2
"""The first bias of relu and its relatives by default: with it, both neurons of a pair are active near 0."""


class Start(NamedTuple):
    """How a layer begins: a row of weights and a bias for each output."""

    weights: Rows
    biases: list[float]


def start(n_inputs: int, n_outputs: int, init: Init, activation: str | None, rng: Random) -> Start:
    """The first weights and biases of a layer.

    Args:
        init: a name or a function, and the biases are 0. None for what fits the activation: he_pairs and a bias of 0.2
            for relu and its relatives, xavier_uniform for others. There, the biases are uniform in [-a, a),
            a = 1 / sqrt(fan_in), as in PyTorch: with 0 an odd function such as tanh gives an odd network, for which
            even functions are hard to learn. After `linear`, they are 0.
        activation: its name; None for a function without one.

    Raises:
        ValueError: a name is unknown, or a function gives rows of other lengths.
        TypeError: init is something else, or a function gives something other than rows of real numbers.
    """
    if init is None and activation in RELATIVES_OF_RELU:
        return Start(he_pairs(n_inputs, n_outputs, rng=rng), [BIAS] * n_outputs)
    if init is None:
        weights = xavier_uniform(n_inputs, n_outputs, rng=rng)
        limit = 0.0 if activation == "linear" else 1.0 / math.sqrt(n_inputs)
        return Start(weights, uniform(n_outputs, 1, rng=rng, low=-limit, high=limit)[0] if limit else [0.0] * n_outputs)
    function = named(init)
    rows = function(n_inputs, n_outputs, rng=rng)
    if not _is_matrix(rows, n_inputs, n_outputs):
        name = getattr(function, "__name__", type(function).__name__)
        raise ValueError(
            f"{name}() as init gives a list of {n_outputs} rows of {n_inputs} numbers, got something else; "
            "see nn.init.uniform"
        )
    return Start(rows, [0.0] * n_outputs)


def named(init: str | Initializer) -> Initializer:
    """The function of this name, or the function itself."""
    if callable(init) and not isinstance(init, type):
        return init
    if not isinstance(init, str) or init not in INITIALIZERS:
        got = repr(init) if isinstance(init, str) else type(init).__name__
        raise ValueError(f"unknown init {got}; use one of nn.init, such as 'he_normal', or leave it out")
    return INITIALIZERS[init]


def _is_matrix(rows: Any, n_inputs: int, n_outputs: int) -> bool:
    return (
        hasattr(rows, "__len__")
        and len(rows) == n_outputs
        and all(hasattr(row, "__len__") and len(row) == n_inputs for row in rows)
    )
