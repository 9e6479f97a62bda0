"""How the passes reach the numbers of an array: in Python it is the array itself, in C a pointer into it.

The passes are Python. The build compiles them, too, with the types of `compiled.pxd`: then these functions are those in
that file, and no index is checked.
"""

from __future__ import annotations

from array import array


def integers(numbers: array[int]) -> array[int]:
    """The numbers of an array of type "i"."""
    return numbers


def floats(numbers: array[float]) -> array[float]:
    """The numbers of an array of type "d"."""
    return numbers


def small(numbers: bytearray) -> bytearray:
    """The numbers of a bytearray."""
    return numbers
