"""What a training is given: samples and targets, numbers, and the names that other libraries have for arguments."""

from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING

from nn import data
from nn.arguments import shown
from nn.data.arrays import samples, targets

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from nn.rng import Random

    Array = NDArray[np.float64]
    Samples = tuple[Array, Array]  # inputs and targets

ELSEWHERE = {
    "callback": "callbacks=[function]",
    "class_weight": "loss=, a function that weights its samples",
    "criterion": "loss=",
    "early_stopping": "patience=10",
    "learning_rate": "optimizer=Adam(model.parameters(), learning_rate=0.01)",
    "loss_fn": "loss=",
    "lr": "optimizer=Adam(model.parameters(), learning_rate=0.01)",
    "max_epochs": "epochs=",
    "max_iter": "epochs=",
    "n_epochs": "epochs=",
    "num_epochs": "epochs=",
    "random_state": "rng=",
    "sample_weight": "loss=, a function that weights its samples",
    "scheduler": "schedule=",
    "seed": "rng=",
    "shuffle": "rng=0 for one order, or batch_size=len(x) for none",
    "validation_data": "validation=(x, y)",
    "validation_fraction": "validation=",
    "validation_split": "validation=",
    "verbose": "progress=True or False",
}
"""What to write for the arguments that other libraries have."""


def parted(
    caller: str, x: ArrayLike, y: ArrayLike, validation: float | tuple[ArrayLike, ArrayLike] | None, rng: Random
) -> tuple[Samples, Samples | None]:
    """The samples to train on, and those to validate with."""
    given = _samples(caller, x, y)
    if validation is None:
        return given, None
    if isinstance(validation, (tuple, list)) and len(validation) == 2:
        return given, _samples(caller, *validation)
    if (
        isinstance(validation, (bool, tuple, list))
        or not isinstance(validation, (int, float))
        or not 0 < validation < 1
    ):
        raise ValueError(
            f"validation is (x, y), or the share of samples to keep for it, between 0 and 1, got {shown(validation)}; "
            "0.2 is a common choice"
        )
    rows, kept_rows, wanted, kept_wanted = data.split(*given, fraction=validation, rng=rng)
    return (rows, wanted), (kept_rows, kept_wanted)


def _samples(caller: str, x: ArrayLike, y: ArrayLike) -> Samples:
    rows = samples(x, caller)
    return rows, targets(y, len(rows), caller)


def count(caller: str, name: str, value: object) -> int:
    """A whole number from 1 on."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name} of {caller}() is a whole number from 1 on, got {shown(value)}; write an int")
    return int(value)
