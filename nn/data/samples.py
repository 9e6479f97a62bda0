"""Functions that pick samples: shuffle, split, batches. They give the kind of data that they take."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from nn.data.labels import encode_labels
from nn.data.protocols import remedy
from nn.rng import Seed, permutation, source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


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
