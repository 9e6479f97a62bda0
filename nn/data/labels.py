"""Labels of classes: encode_labels numbers them, and one_hot makes rows of them."""

from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING, Any

from nn.data.arrays import class_labels
from nn.data.protocols import Role, any_array, check_missing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


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
