"""Scales columns: Standardizer and standardize."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

from nn.data.arrays import blocks, inputs, numbers
from nn.data.protocols import Role

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@final
class Standardizer:
    """Subtracts the mean of each column and divides by its standard deviation, both taken from the training data.

    Call it for the training data, the test data and later samples. A column of equal numbers is only shifted: it has no
    deviation to divide by. The deviation is that of all samples (divided by n), as in scikit-learn's StandardScaler.

    Args:
        x: the training data, a row for each sample, or one number for each.

    Attributes:
        mean: of each column.
        deviation: of each column; 1 if its numbers are equal.

    Raises:
        TypeError, ValueError: x is not numbers, or they are not finite; the columns are others than before.

    >>> scaler = Standardizer([[1.0, 10.0], [3.0, 10.0]])
    >>> scaler.mean.tolist(), scaler.deviation.tolist()
    ([2.0, 10.0], [1.0, 1.0])
    >>> scaler([[5.0, 11.0]]).tolist()
    [[3.0, 1.0]]
    >>> scaler.inverse([[3.0, 1.0]]).tolist()
    [[5.0, 11.0]]
    """

    __slots__ = ("deviation", "mean")

    def __init__(self, x: Any) -> None:
        array = inputs(x, "Standardizer")
        self.mean, self.deviation = _moments(array)

    def __call__(self, x: Any) -> Floats:
        """The numbers minus their mean, divided by their deviation, as a new array."""
        array, columns = self._columns(x, "Standardizer")
        standardized = columns - self.mean
        standardized /= self.deviation
        return standardized.reshape(array.shape)

    def inverse(self, z: Any) -> Floats:
        """The numbers that were standardized, as a new array: z * deviation + mean."""
        array, columns = self._columns(z, "inverse")
        restored = columns * self.deviation
        restored += self.mean
        return restored.reshape(array.shape)

    def _columns(self, x: Any, caller: str) -> tuple[Floats, Floats]:
        array = numbers(x, Role(caller))
        columns = array.reshape(len(array), -1)
        if columns.shape[1] != len(self.mean):
            one = "; for one sample write [x]" if array.ndim == 1 else "; pass those it was made of"
            raise ValueError(f"{caller}() takes {len(self.mean)} columns, got {columns.shape[1]}{one}")
        return array, columns

    def __repr__(self) -> str:
        return f"Standardizer(mean={self.mean.tolist()}, deviation={self.deviation.tolist()})"


def standardize(train: Any, *others: Any) -> Any:
    """The training data, and other data, minus the mean of the training data and divided by its standard deviation.

    It gives an array for each argument, or the array itself for one. `Standardizer` keeps the mean and the deviation,
    for samples that come later.

    Args:
        train: a row for each sample, or one number for each.
        others: such as the test data, with the same columns.

    Raises:
        TypeError, ValueError: as Standardizer does.

    >>> x_train, x_test = standardize([[1.0], [3.0]], [[4.0]])
    >>> x_train.tolist(), x_test.tolist()
    ([[-1.0], [1.0]], [[2.0]])
    """
    arrays = [numbers(x, Role("standardize")) for x in (train, *others)]
    scaler = Standardizer(arrays[0])
    standardized = [scaler(array) for array in arrays]
    return standardized[0] if not others else standardized


def _moments(x: Floats) -> tuple[Floats, Floats]:
    """The mean and the deviation of each column.

    Each column is mapped to [-1, 1] first, so that squares neither overflow nor cancel.
    """
    import numpy as np  # lazy: slow to import

    low, high = x.min(axis=0), x.max(axis=0)
    middle, spread = low / 2 + high / 2, high / 2 - low / 2
    is_constant = spread <= 4 * np.finfo(float).eps * np.maximum(abs(low), abs(high))  # equal, but for rounding
    scale = np.where(is_constant, 1.0, spread)
    sums, squares = np.zeros_like(low), np.zeros_like(low)
    for block in blocks(x):
        mapped = (x[block] - middle) / scale
        sums += mapped.sum(axis=0)
        squares += (mapped * mapped).sum(axis=0)
    mean = sums / len(x)
    deviation = np.sqrt(squares / len(x) - mean * mean)
    return middle + scale * mean, np.where(is_constant, 1.0, scale * deviation)
