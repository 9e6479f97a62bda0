"""Data for training: shuffle, split, batches, standardize, one-hot labels.

Functions that pick samples take anything with samples along its first axis, also lists and frames of pandas and polars,
and give the same kind. Functions that compute take what `fit` takes, and give arrays of float64.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, final

from nn.arrays import blocks, numbers
from nn.arrays import class_labels as class_labels
from nn.arrays import inputs as inputs
from nn.arrays import targets as targets
from nn.protocols import Role, any_array, check_missing, remedy
from nn.rng import Seed, permutation, source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["Standardizer", "batches", "encode_labels", "one_hot", "shuffle", "split", "standardize"]

# --------------------------------------------------------------------------- pick samples


# Any: the kind of the arguments decides
def shuffle(*arrays: Any, rng: Seed = None) -> Any:
    """Copies with the samples in a random order, the same for all arrays; of one array, the copy itself.

    Args:
        arrays: one or more of the same length, such as x and y.
        rng: a seed, a random.Random, a NumPy Generator, or None for the module random.

    Raises:
        ValueError: the lengths differ, or there are no samples.
        TypeError: an argument has no samples in order, or rng draws no numbers.

    >>> x, y = shuffle([1, 2, 3, 4], [1, 4, 9, 16], rng=0)
    >>> sorted(x), y == [number**2 for number in x]
    ([1, 2, 3, 4], True)
    """
    n = _count("shuffle", arrays)
    order = permutation(n, source(rng))
    shuffled = [_rows(x, order) for x in arrays]
    return shuffled[0] if len(shuffled) == 1 else shuffled


def split(
    *arrays: Any, fraction: float = 0.2, rng: Seed = None, stratify: ArrayLike | None = None, shuffle: bool = True
) -> list[Any]:
    """Two parts of each array, in the order of scikit-learn's train_test_split: x_train, x_test, y_train, y_test.

    Args:
        arrays: one or more of the same length, such as x and y.
        fraction: how much of the samples the second part gets, between 0 and 1. A part of a sample is rounded up.
        rng: as for shuffle().
        stratify: the class of each sample, usually y. Both parts have its classes in the same shares.
        shuffle: False for the last samples as the second part, as for time series.

    Raises:
        ValueError: the lengths differ, a part or a class would be empty, or fraction is not between 0 and 1.
        TypeError: an argument has no samples in order, or rng draws no numbers.

    >>> x_train, x_test, y_train, y_test = split([1, 2, 3, 4, 5], ["a", "b", "c", "d", "e"], rng=0)
    >>> len(x_train), len(x_test), sorted(y_train + y_test)
    (4, 1, ['a', 'b', 'c', 'd', 'e'])
    >>> split([1, 2, 3, 4], fraction=0.5, shuffle=False)
    [[1, 2], [3, 4]]
    """
    n = _count("split", arrays)
    if n < 2:
        raise ValueError("split() takes at least two samples, one for each part, got 1; check how the data was read")
    if isinstance(fraction, bool) or not isinstance(fraction, Real):
        raise TypeError(f"fraction is a number between 0 and 1, got {type(fraction).__name__}; write fraction=0.2")
    if not 0.0 < fraction < 1.0:
        raise ValueError(f"fraction is between 0 and 1, got {fraction}; for 30 samples write fraction=30 / len(x)")
    n_test = math.ceil(round(float(fraction) * n, 9))  # 7/25 * 25 is a bit more than 7
    if n_test == n:
        raise ValueError(f"split() leaves samples for both parts, got {n} with fraction={fraction}; take a smaller one")
    if not shuffle and stratify is not None:
        raise ValueError("split() shuffles what it takes by class, got shuffle=False with stratify; leave one out")
    if not shuffle:
        first, second = slice(0, n - n_test), slice(n - n_test, n)
    elif stratify is not None:
        first, second = _stratified(stratify, n, n_test, permutation(n, source(rng)))
    else:
        order = permutation(n, source(rng))
        first, second = order[n_test:], order[:n_test]
    return [part for x in arrays for part in (_rows(x, first), _rows(x, second))]


def _stratified(classes: ArrayLike, n: int, n_test: int, order: NDArray[np.intp]) -> Any:
    """The order without n_test of its samples, and those. Each class gets its share, but for a part of a sample."""
    import numpy as np  # lazy: slow to import

    if isinstance(classes, bool):
        raise TypeError(f"split() takes the class of each sample, got stratify={classes}; write stratify=y")
    codes, names = encode_labels(classes)
    if len(codes) != n:
        raise ValueError(f"split() takes a class for each of {n} samples, got {len(codes)}; write stratify=y")
    counts = np.bincount(codes)
    if counts.min() < 2:
        name = names[counts.argmin()]
        raise ValueError(f"split() takes two samples or more of each class, got one of {name!s:.30}; leave it out")
    taken = counts * n_test // n
    largest = np.argsort(-(counts * n_test % n), kind="stable")  # Hamilton: the largest remainders get one more
    taken[largest[: n_test - taken.sum()]] += 1
    is_second = np.zeros(n, bool)
    for code, count in enumerate(taken):
        is_second[order[codes[order] == code][:count]] = True
    chosen = is_second[order]
    return order[~chosen], order[chosen]


def batches(*arrays: Any, size: int = 32, rng: Seed = None, drop_last: bool = False) -> Iterator[tuple[Any, ...]]:
    """Tuples with `size` samples of each array, one after the other; the last batch may have fewer.

    Args:
        arrays: one or more of the same length, such as x and y.
        size: how many samples a batch has, at least 1.
        rng: shuffles the samples: a seed, a random.Random, a NumPy Generator, or the module random. None leaves them in
            order; then batches of arrays are views. A seed gives the same order each time, so make a Random once
            for all epochs.
        drop_last: True to leave out a last batch that has fewer samples.

    Raises:
        ValueError: the lengths differ, there are no samples, size is less than 1, or there would be no batch.
        TypeError: an argument has no samples in order, size is not an int, or rng draws no numbers.

    >>> for x, y in batches([1, 2, 3], ["a", "b", "c"], size=2):
    ...     print(x, y)
    [1, 2] ['a', 'b']
    [3] ['c']
    """
    n = _count("batches", arrays)
    if isinstance(size, bool) or not isinstance(size, Integral):
        raise TypeError(f"size is a whole number of samples, got {type(size).__name__}; write size=32")
    if size < 1:
        raise ValueError(f"a batch has at least one sample, got size={size}; write size=1")
    if drop_last and n < size:
        raise ValueError(f"drop_last leaves no batch of {size} from {n} samples; take a smaller size")
    order = None if rng is None else permutation(n, source(rng))
    starts = range(0, n - size + 1 if drop_last else n, size)
    picks = (slice(i, i + size) if order is None else order[i : i + size] for i in starts)
    return (tuple([_rows(x, pick) for x in arrays]) for pick in picks)


def _count(caller: str, arrays: Sequence[Any]) -> int:
    """How many samples the arrays have, at least one."""
    if not arrays:
        raise TypeError(f"{caller}() takes arrays with one sample in each row, got none; write {caller}(x, y)")
    counts = [_length(caller, x) for x in arrays]
    if len(set(counts)) > 1:
        raise ValueError(
            f"{caller}() takes arrays of the same length, got {' and '.join(map(str, counts))} samples; "
            "pass one of each for every sample"
        )
    if counts[0] == 0:
        raise ValueError(f"{caller}() takes at least one sample, got none; check how the data was read")
    return counts[0]


def _length(caller: str, x: Any) -> int:
    shape = getattr(x, "shape", None)
    has_order = hasattr(x, "__getitem__") and not isinstance(x, (str, bytes, bytearray, Mapping, type))
    if not has_order or shape == () or not (shape or hasattr(x, "__len__")):
        instead = remedy(x) or "pass a list or an array"
        raise TypeError(f"{caller}() takes lists or arrays of samples, got {type(x).__name__}; {instead}")
    return int(shape[0]) if shape else len(x)


def _rows(x: Any, pick: Any) -> Any:
    """Some samples: a slice or an array of indices."""
    if hasattr(x, "iloc"):
        return x.iloc[pick]
    if hasattr(x, "to_pylist") and not isinstance(pick, slice):  # PyArrow
        return x.take(pick)
    if isinstance(x, Sequence):
        return [x[i] for i in (range(len(x))[pick] if isinstance(pick, slice) else pick)]  # a deque has no slices
    return x[pick]


# --------------------------------------------------------------------------- standardize


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


# --------------------------------------------------------------------------- labels


def one_hot(labels: ArrayLike, n_classes: int | None = None) -> Floats:
    """A row for each label: 1 in the column of its class, 0 in the others.

    Args:
        labels: whole numbers from 0 to n_classes - 1, of shape (n,) or (n, 1); floats and bools count as numbers.
        n_classes: how many columns there are; None for as many as the largest label needs.

    Returns:
        An array of shape (n, n_classes).

    Raises:
        ValueError: a number is no label, or labels are rows.
        TypeError: labels are text or no numbers, or n_classes is not an int.

    >>> one_hot([0, 2]).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    import numpy as np  # lazy: slow to import

    if n_classes is not None:
        if isinstance(n_classes, bool) or not isinstance(n_classes, Integral):
            raise TypeError(f"n_classes is a whole number, got {type(n_classes).__name__}; write n_classes=3")
        if n_classes < 1:
            raise ValueError(f"there is at least one class, got n_classes={n_classes}; leave it out to count them")
    codes = class_labels(labels, "one_hot", n_classes, "labels")
    width = int(codes.max()) + 1 if n_classes is None else int(n_classes)
    if width * len(codes) > _LARGEST:
        raise ValueError(
            f"one_hot() makes at most {_LARGEST:,} numbers, got labels up to {width - 1:,}; "
            "number the classes: nn.data.encode_labels(labels)"
        )
    rows = np.zeros((len(codes), width))
    rows[np.arange(len(codes)), codes] = 1.0
    return rows


_LARGEST = 1_000_000_000  # eight gigabytes


def encode_labels(classes: ArrayLike) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Each class as a number from 0 on, and the classes in the order of their numbers, which is sorted.

    Args:
        classes: the class of each sample, as text or numbers, of shape (n,) or (n, 1).

    Returns:
        (labels, names): an array of n labels, and one of the different classes; names[labels] are the classes again.

    Raises:
        ValueError: a class is missing, or classes are rows.
        TypeError: classes are no list or array, or cannot be sorted.

    >>> labels, names = encode_labels(["cat", "dog", "cat"])
    >>> labels.tolist(), names.tolist()
    ([0, 1, 0], ['cat', 'dog'])
    """
    import numpy as np  # lazy: slow to import

    role = Role("encode_labels", "classes", what="text or numbers", gap="leave such samples out, or name their class")
    array = any_array(classes, role)
    if array.ndim > 2 or (array.ndim == 2 and array.shape[1] != 1):
        raise ValueError(f"encode_labels() takes one class for each sample, got shape {array.shape}; pass one column")
    array = array.reshape(-1)
    if array.size == 0:
        raise ValueError("encode_labels() takes at least one class, got none; check how the data was read")
    check_missing(array, role)
    try:
        names, codes = np.unique(array, return_inverse=True)
    except TypeError as error:
        kinds = " and ".join(sorted({type(item).__name__ for item in array.tolist()})[:3])
        raise TypeError(
            f"encode_labels() sorts classes, which must be of one kind, got {kinds}; convert them: [str(c) for c in y]"
        ) from error
    return codes.astype(np.int64), names
