"""Samples as arrays of float64: inputs(), targets() and class_labels(), for functions that take data from users."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nn.data.protocols import REAL, Role, any_array, place_of, real, short

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def inputs(x: Any, caller: str, name: str = "x") -> Floats:
    """The samples as a C-contiguous array of shape (n, k), finite throughout; a sample of one number may be a number.

    An array of float64 that is contiguous is not copied: what is returned may be the memory of the user.

    Args:
        x: a row of k numbers for each of n samples, n and k at least 1, or one number for each.
        caller: the function that the user called, for errors.
        name: what that function calls x.

    Raises:
        TypeError: x is no array of real numbers.
        ValueError: it is empty or ragged, a number is nan or infinite, or there are more than two axes.

    >>> inputs([1, 2, 3], "fit").shape
    (3, 1)
    """
    array = numbers(x, Role(caller, name))
    return array.reshape(len(array), -1)


def samples(x: Any, caller: str, name: str = "x") -> Floats:
    """As inputs(), but samples of one number keep the shape (n,): so a model is called with a number, not with a row.

    >>> samples([1, 2, 3], "predict").shape
    (3,)
    """
    return numbers(x, Role(caller, name))


def targets(y: Any, n: int, caller: str, name: str = "y") -> Floats:
    """The targets of n samples as an array of shape (n,), also from a single column, or (n, m); finite throughout.

    Labels stay numbers: whether they are classes, the loss decides. Then `class_labels()` makes them integers.

    Args:
        y: a number for each sample, or a row of m.
        n: how many samples there are.
        caller, name: as for inputs().

    Raises:
        TypeError, ValueError: as inputs() does; ValueError also if there are not n targets.

    >>> targets([[1], [0]], 2, "fit")
    array([1., 0.])
    """
    array = numbers(y, _role_of_targets(caller, name), n)
    return array.reshape(-1) if array.ndim == 2 and array.shape[1] == 1 else array


def class_labels(y: Any, caller: str, n_classes: int | None = None, name: str = "y") -> NDArray[np.int64]:
    """The classes of samples as integers of shape (n,): whole numbers from 0 on, which may be floats or bools.

    Raises:
        TypeError, ValueError: as targets() does; ValueError also for a number that is no label.

    >>> class_labels([0.0, 2.0], "fit")
    array([0, 2])
    """
    import numpy as np  # lazy: slow to import

    array = numbers(y, _role_of_targets(caller, name))
    if array.ndim == 2 and array.shape[1] > 1:
        raise ValueError(
            f"{caller}() takes one label for each sample, got rows of {array.shape[1]} numbers; "
            f"of rows that are one-hot, pass {name}.argmax(axis=1)"
        )
    array = array.reshape(-1)
    wrong = (array < 0) | (array != np.floor(array)) | (array >= 2.0**53)
    if wrong.any():
        i = int(wrong.argmax())
        remedy = _NUMBER_THE_CLASSES.format(name)
        raise ValueError(f"{caller}() takes labels 0, 1, 2, ..., got {float(array[i])!r} at row {i}; {remedy}")
    if n_classes is not None and array.max() >= n_classes:
        i = int(array.argmax())
        raise ValueError(
            f"{caller}() takes labels from 0 to {n_classes - 1} for {n_classes} classes, "
            f"got {int(array[i])} at row {i}; pass n_classes={int(array[i]) + 1}"
        )
    return array.astype(np.int64)


def _role_of_targets(caller: str, name: str) -> Role:
    return Role(caller, name, text=_NUMBER_THE_CLASSES.format(name), gap="leave such samples out of x and y")


_NUMBER_THE_CLASSES = "number the classes: labels, classes = nn.data.encode_labels({})"


def numbers(x: Any, role: Role, n: int | None = None) -> Floats:
    """The numbers as a C-contiguous array with one axis or two, finite and not empty.

    Args:
        n: how many rows there must be; None for any number.
    """
    import numpy as np  # lazy: slow to import

    is_frame = hasattr(x, "to_numpy") and hasattr(x, "columns")
    names = [repr(short(str(name))) for name in x.columns] if is_frame else None
    array = any_array(x, role) if names is None else _frame(x, names, role)
    _check_shape(array, role)
    _check_length(array, role, n)
    array = real(array, role, None)
    with np.errstate(all="ignore"):  # what is too large becomes inf, which has a sentence of its own
        floats = np.require(array, np.float64, ["C_CONTIGUOUS", "ALIGNED"])
    _check_finite(floats, role, names)
    return floats


def _frame(x: Any, names: list[str], role: Role) -> Any:
    """The numbers of a frame. Columns of different types are copied one by one: together they would be objects."""
    import numpy as np  # lazy: slow to import

    if len(set(map(str, getattr(x, "dtypes", ())))) == 1 and (array := np.asarray(x.to_numpy())).dtype.kind in REAL:
        return array
    floats = np.empty((len(x), len(names)))
    for j, name in enumerate(x.columns):
        column = np.asarray(x.iloc[:, j] if hasattr(x, "iloc") else x[name])
        if column.ndim != 1:
            raise ValueError(
                f"{role.takes()}, got shape {column.shape} in column {names[j]}; make a column of each of its numbers"
            )
        floats[:, j] = real(column, role, names[j])
    return floats


# --------------------------------------------------------------------------- checks


def _check_shape(array: NDArray[Any], role: Role) -> None:
    if array.ndim > 2:
        raise ValueError(
            f"{role.takes()} with one row for each sample, got shape {array.shape}; "
            f"flatten each sample: {role.name}.reshape(len({role.name}), -1)"
        )
    if array.size == 0:
        raise ValueError(f"{role.takes()}, got shape {array.shape}, which has none; pass at least one sample")


def _check_length(array: NDArray[Any], role: Role, n: int | None) -> None:
    if n is None or len(array) == n:
        return
    is_row = array.ndim == 2 and array.shape == (1, n)
    is_single = len(array) == 1 and array.size < n
    remedy = "for one sample write [x] and [y]" if is_single else "pass as many of both"
    remedy = f"pass the row itself: {role.name}[0]" if is_row else remedy
    raise ValueError(
        f"{role.caller}() takes a target for each sample, got {len(array)} in {role.name} for {n} samples; {remedy}"
    )


_BLOCK = 65_536  # numbers


def blocks(array: Floats) -> Iterator[slice]:
    """Parts of the rows, one after the other. What is computed of one takes no memory to speak of."""
    step = max(1, _BLOCK * len(array) // array.size)
    return (slice(start, start + step) for start in range(0, len(array), step))


def _check_finite(array: Floats, role: Role, names: list[str] | None) -> None:
    import numpy as np  # lazy: slow to import

    for block in blocks(array):
        is_finite = np.isfinite(array[block])
        if not is_finite.all():
            i = block.start * (array.size // len(array)) + int(is_finite.argmin())
            place = place_of(i, array, None)
            if names is not None:
                row, j = divmod(i, len(names))
                place = f"row {row}, column {names[j]}"
            raise ValueError(f"{role.takes()}, got {float(array.flat[i])} at {place}; {role.gap}")
