"""What a network is called with: one sample, a list of numbers. Anything else gets a sentence with its remedy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from numbers import Integral, Real
from typing import Any, Union

from autograd import Value
from nn.lists import check_list

Number = Union[Value, float]
Sample = Union[Number, Iterable[Number]]


def vector(x: Sample) -> Sequence[Number]:
    """The inputs as a sequence; one number is a sequence of one.

    Raises:
        TypeError: it is no sample: rows of them, a frame, a dict, text.
    """
    if type(x) is list or type(x) is tuple:  # each sample comes here
        return x
    given: Any = x
    shape = getattr(given, "shape", ())
    if len(shape) > 1:
        rows = "x.to_numpy()" if hasattr(given, "columns") else "x"
        raise TypeError(
            f"a network takes one sample, got {type(x).__name__} of shape {tuple(shape)}; "
            f"write nn.predict(model, x), or [model(row) for row in {rows}]"
        )
    check_list(x, "a network takes one sample, a list of numbers")
    if getattr(given, "requires_grad", False):
        raise TypeError(f"no gradient flows from a network into a {type(x).__name__} of torch; pass x.detach()")
    if len(shape) == 1 and hasattr(given, "tolist") and str(getattr(given, "dtype", "object")) != "object":
        numbers: list[Number] = given.tolist()  # Python's floats: an item of a tensor is a tensor again
        return numbers
    return x if isinstance(x, (list, tuple)) else list(x) if isinstance(x, Iterable) else [x]


def check_items(inputs: Sequence[Number]) -> None:
    """Raise TypeError if the items of a sample are no numbers."""
    for x in inputs:
        if isinstance(x, (Value, Real, Decimal)):
            continue
        kind = type(x).__name__
        if getattr(x, "ndim", None) == 0 and hasattr(x, "item"):
            raise TypeError(f"a sample is a list of numbers, got {kind} in it; write [x.item() for x in xs]") from None
        if isinstance(x, Iterable) and not isinstance(x, str):
            raise TypeError(
                f"a network takes one sample, a row of numbers, got rows: {kind} in it; "
                "write nn.predict(model, xs), or [model(x) for x in xs]"
            ) from None
        raise TypeError(f"a sample is a list of numbers, got {kind} in it; convert it to float") from None


def check_count(name: str, inputs: Sequence[Number], n_inputs: int) -> None:
    """Raise ValueError unless a sample has as many numbers as a module takes."""
    if len(inputs) != n_inputs:
        raise ValueError(
            f"{name}({n_inputs}) takes {numbers_of(n_inputs)}, got {len(inputs)}; "
            f"pass {n_inputs}, or build the network with n_inputs={len(inputs)}"
        ) from None


def numbers_of(n: int) -> str:
    """So many numbers, in words."""
    return "1 number" if n == 1 else f"{n} numbers"


_WIDEST = 10_000_000  # a layer of one such neuron takes a gigabyte


def check_width(name: str, n: int) -> None:
    """Raise TypeError or ValueError unless it is a whole number in the range of widths."""
    if not isinstance(n, Integral) or isinstance(n, bool):
        raise TypeError(f"{name} is a whole number, got {type(n).__name__}; write it as an int")
    if n < 1:
        raise ValueError(f"{name} is at least 1, got {n}; leave out a layer that has no neurons")
    if n > _WIDEST:
        raise ValueError(f"{name} is at most {_WIDEST:,}, got more; its Values would fill the memory")
