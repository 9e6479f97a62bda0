"""Clipping: keep gradients small, so that one steep place does not throw the parameters far away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Union

from autograd import Value, gradients_to_vector, vector_to_gradients
from nn.optim.settings import rate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Gradients = Union[Iterable[Value], NDArray[np.float64]]


def clip_grad_norm(gradients: Gradients, max_norm: float) -> float:
    """Multiply all gradients by one factor, so that their norm is at most max_norm; give the norm before.

    Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", 2013. The factor is that of
    PyTorch: max_norm / (norm + 1e-6), or 1 if that is less.

    Args:
        gradients: Values, such as `model.parameters()`, whose `.grad` changes; or an array of gradients.
        max_norm: positive and finite.

    Raises:
        ValueError: a gradient is nan or infinite, or max_norm is out of its range.
        TypeError: the array is not one of float64.

    >>> p, q = Value(3.0), Value(4.0)
    >>> (p * p + q * q).backward()
    >>> clip_grad_norm([p, q], 5.0)
    10.0
    >>> round(p.grad, 5)
    3.0
    """
    import numpy as np  # lazy: it takes longer to import than this package

    largest_norm = rate("max_norm", max_norm)
    vector, values = _vector("clip_grad_norm", gradients)
    largest = float(np.max(np.abs(vector), initial=0.0))
    if not np.isfinite(largest):
        raise ValueError(
            "clip_grad_norm() got a gradient that is nan or infinite; call backward() within detect_anomaly(), "
            "which says where it began"
        )
    scale = largest or 1.0
    norm = scale * float(np.linalg.norm(vector / scale))  # squares of large numbers would be infinite
    vector *= min(1.0, largest_norm / (norm + 1e-6))
    if values is not None:
        vector_to_gradients(vector, values)
    return norm


def clip_grad_value(gradients: Gradients, max_value: float) -> None:
    """Replace each gradient by the nearest number from -max_value to max_value; a nan stays.

    Args:
        gradients: as for clip_grad_norm().
        max_value: positive and finite.

    >>> p = Value(3.0)
    >>> (p * p).backward()
    >>> clip_grad_value([p], 1.0)
    >>> p.grad
    1.0
    """
    import numpy as np  # lazy: it takes longer to import than this package

    largest = rate("max_value", max_value)
    vector, values = _vector("clip_grad_value", gradients)
    np.clip(vector, -largest, largest, out=vector)
    if values is not None:
        vector_to_gradients(vector, values)


def _vector(caller: str, gradients: Gradients) -> tuple[NDArray[np.float64], list[Value] | None]:
    """The gradients as an array, and the Values that it is to go back to."""
    import numpy as np  # lazy: it takes longer to import than this package

    if isinstance(gradients, np.ndarray) and gradients.dtype != object:
        if gradients.dtype != np.float64:
            raise TypeError(f"{caller}() takes an array of float64, got {gradients.dtype}; pass x.astype(float)")
        return gradients, None
    if not isinstance(gradients, Iterable):
        kind = type(gradients).__name__
        raise TypeError(f"{caller}() takes a list of Values or an array, got {kind}; pass model.parameters()")
    values = list(gradients)
    for value in values:
        if not isinstance(value, Value):
            kind = type(value).__name__
            raise TypeError(f"{caller}() takes Values, got {kind} among them; pass model.parameters()")
    return gradients_to_vector(values), values
