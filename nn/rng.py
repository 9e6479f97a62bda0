"""Where random numbers come from: rng is a random.Random, a NumPy Generator, a seed, or None for the module random."""

from __future__ import annotations

import random
from numbers import Integral
from typing import TYPE_CHECKING, Protocol, Union

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Random(Protocol):
    """Draws random numbers: a random.Random, a numpy.random.Generator, or the module random."""

    def uniform(self, low: float, high: float, /) -> float:
        """A number drawn from [low, high)."""
        ...


Seed = Union[Random, int, None]
"""What is passed as rng."""


def source(rng: Seed) -> Random:
    """What draws the numbers: rng itself, a new random.Random if it is a seed, the module random if it is None.

    Raises:
        TypeError: rng does not draw numbers and is no seed.
        ValueError: a seed is negative; to random.Random, -1 and 1 are the same.

    >>> source(0).uniform(0, 1) == random.Random(0).uniform(0, 1)
    True
    """
    if rng is None:
        return random
    if isinstance(rng, (bool, type)) or not (isinstance(rng, (int, Integral)) or hasattr(rng, "uniform")):
        raise TypeError(f"rng draws random numbers, got {type(rng).__name__}; pass a seed, such as rng=0")
    if not isinstance(rng, (int, Integral)):
        return rng
    if rng < 0:
        raise ValueError(f"rng takes a seed that is 0 or more, got {rng}; write rng={-rng}")
    return random.Random(int(rng))


def permutation(n: int, rng: Random) -> NDArray[np.intp]:
    """The numbers from 0 to n - 1 in a random order.

    NumPy permutes, seeded by four draws of rng: random.Random takes ten times as long.

    >>> sorted(permutation(4, random.Random(0)).tolist())
    [0, 1, 2, 3]
    """
    import numpy as np  # lazy: slow to import

    seed = [int(rng.uniform(0, 2**32)) for _ in range(4)]
    return np.random.default_rng(seed).permutation(n)
