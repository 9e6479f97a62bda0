"""Refuses what can be iterated, but does not give the numbers of a sample or of a batch: dicts, sets, text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def check_list(x: object, sentence: str) -> None:
    """Raise TypeError for a container whose items are not its numbers, or have no order.

    Args:
        sentence: how the error begins, such as "mse() takes predictions as a list".
    """
    if type(x) is list or type(x) is tuple:
        return
    remedy = ""
    if isinstance(x, Mapping):
        remedy = "pass list(d.values())"
    elif isinstance(x, (set, frozenset)):
        remedy = "list them in the order that you want: sorted(s)"
    elif isinstance(x, (str, bytes, bytearray)):
        remedy = "convert the text first: [float(x) for x in text.split()]"
    elif hasattr(x, "mask") and hasattr(x, "filled"):
        remedy = "leave out the gaps of the array: x.compressed()"
    elif hasattr(x, "keys") and getattr(x, "ndim", 1) > 1:
        remedy = "a frame gives the names of its columns; pass x.to_numpy()"
    elif isinstance(x, Iterable) and getattr(x, "ndim", 1) == 0:
        remedy = "take the number out of the array: x.item()"
    elif getattr(x, "gi_frame", ()) is None:
        remedy = "the generator is used up; make a list of it, and use that: list(x)"
    if remedy:
        raise TypeError(f"{sentence}, got {type(x).__name__}; {remedy}")
