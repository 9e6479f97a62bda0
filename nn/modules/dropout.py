"""Dropout, and where its random numbers come from: its own generator, or what a compiled training passes to it."""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, final

from autograd import Value, is_traced, no_grad, step, where
from nn.arguments import Number, Sample, shown, vector
from nn.module import Module
from nn.rng import Seed, source
from nn.structure.diagram import Stage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class _Source(threading.local):
    """What a Dropout of this thread takes its random numbers from; None for its own generator."""

    numbers: Iterator[Number] | None = None
    takers: list[Dropout] | None = None  # notes who takes each number


_SOURCE = _Source()


@final
class Dropout(Module):
    """In training, each number is 0 with probability p, else divided by 1 - p; in evaluation, numbers stay as they are.

    So the mean of each number is the same in both (inverted dropout). Srivastava and others, "Dropout: a simple way to
    prevent neural networks from overfitting", 2014. `model.train()` and `model.eval()` say which it is; `nn.fit` trains
    and `nn.predict` evaluates.

    Args:
        p: the probability of 0, from 0 to 1.
        rng: draws who is dropped: a random.Random, a NumPy Generator, or a seed; by default one of its own,
            seeded by the module `random`.

    Raises:
        ValueError: p is not from 0 to 1.
        TypeError: rng draws no numbers.
        RuntimeError: it is called in training within a compiled function, which would drop the same numbers each time.

    >>> dropout = Dropout(0.5, rng=0)
    >>> dropout([1.0, 2.0, 3.0, 4.0])
    [2.0, 4.0, 0.0, 0.0]
    >>> dropout.eval()([1.0, 2.0, 3.0, 4.0])
    [1.0, 2.0, 3.0, 4.0]
    """

    def __init__(self, p: float = 0.5, *, rng: Seed = None) -> None:
        if isinstance(p, bool) or not isinstance(p, (int, float)) or not 0 <= p <= 1:
            raise ValueError(f"p of Dropout is a probability from 0 to 1, got {shown(p)}; 0.5 is usual")
        self.p = float(p)
        self.rng = random.Random(random.getrandbits(64)) if rng is None else source(rng)

    def __call__(self, x: Sample) -> Any:
        """A number for a number, a list for a list."""
        if isinstance(x, (Value, float)):
            return self([x])[0]
        inputs = list(vector(x))
        if not self.training or self.p == 0.0:
            return inputs
        return [self._dropped(number) for number in inputs]

    def _dropped(self, x: Number) -> Number:
        if _SOURCE.takers is not None:
            _SOURCE.takers.append(self)
        if _SOURCE.numbers is not None:
            u = next(_SOURCE.numbers, None)
            if u is None:
                raise RuntimeError("a sample needs more random numbers than the first one; drop as many for each")
        elif is_traced():
            raise RuntimeError(
                "a Dropout within a compiled function would drop the same numbers in every call; "
                "call model.eval() first, or train by nn.fit()"
            )
        else:
            u = self.rng.uniform(0.0, 1.0)
        if self.p == 1.0:
            return 0.0
        kept = x * (1.0 / (1.0 - self.p))
        return where(step(u - self.p), kept, 0.0) if isinstance(u, Value) else kept if u > self.p else 0.0

    def _stages(self, path: str) -> list[Stage]:
        return [Stage(path, self, {repr(self): None})]

    def extra_repr(self) -> str:
        """The probability."""
        return f"{self.p!r}"


# --------------------------------------------------------------------------- for nn.fit


def takers(model: Any, x: Sequence[float]) -> list[Dropout]:
    """Which Dropout takes each random number in a call of a model on a sample, in the order of these numbers.

    A compiled training cannot draw in the traced function, so random numbers are arguments of it: one column for each
    item of this list, filled by drawn() for each batch. The function calls the model within taking_from(row), where
    row has the random numbers of one sample.
    """
    modules = model.modules() if isinstance(model, Module) else []
    if not any(isinstance(module, Dropout) and module.p > 0.0 for module in modules):
        return []
    found: list[Dropout] = []
    with no_grad(), taking_from(itertools.repeat(0.5), found):
        model(x)
    return found


@contextmanager
def taking_from(numbers: Iterable[Number] | None, takers: list[Dropout] | None = None) -> Iterator[None]:
    """Within it, the calls of each Dropout take random numbers from these, in order; None for the own generators."""
    before = _SOURCE.numbers, _SOURCE.takers
    _SOURCE.numbers, _SOURCE.takers = None if numbers is None else iter(numbers), takers
    try:
        yield
    finally:
        _SOURCE.numbers, _SOURCE.takers = before


def drawn(takers: list[Dropout], n: int) -> NDArray[np.float64]:
    """Uniform random numbers from [0, 1) for n samples, of shape (n, len(takers)); each taker seeds its own columns."""
    import numpy as np  # lazy: slow to import

    numbers = np.empty((n, len(takers)))
    for dropout in dict.fromkeys(takers):
        columns = [i for i, taker in enumerate(takers) if taker is dropout]
        seed = [int(dropout.rng.uniform(0, 2**32)) for _ in range(4)]
        numbers[:, columns] = np.random.default_rng(seed).random((n, len(columns)))
    return numbers
