"""take(values, index): one of many numbers, by an index that may be an argument of a compiled function."""

from __future__ import annotations

from math import nan

from autograd._typing import TYPE_CHECKING
from autograd.engine.watch import is_traced, read_unwatched, watching
from autograd.operations.coercion import TAKE_VALUES, is_value, like, listed, real
from autograd.operations.table import add, maximum, minimum, negative, rint, step, subtract, where

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, SupportsFloat, SupportsIndex, overload

    from autograd.engine.value import Value
    from autograd.operations.operation import Number

    @overload
    def take(values: Iterable[Value], index: SupportsFloat) -> Value: ...
    @overload
    def take(values: Iterable[float], index: SupportsIndex | float) -> float: ...
    @overload
    def take(values: Iterable[float], index: Value) -> Value: ...
    @overload
    def take(values: Iterable[Number], index: SupportsFloat) -> Number: ...
    def take(values: Iterable[Number], index: SupportsFloat | SupportsIndex) -> Number: ...

else:  # a type checker takes the overloads

    def take(values, index):
        """The value with this index, counted from 0; negative ones count from the end, as in NumPy.

        The index may be a Value, also an argument of a compiled function. Such a program compares it with each of n
        indices, and gives nan where it is not a whole number from -n to n - 1. The derivative by the chosen value is 1.
        No gradient flows to the others, whatever their partials are, nor to the index.

        Args:
            values: n numbers or Values, at least one.
            index: a whole number from -n to n - 1, of any type.

        Raises:
            IndexError: the index is out of range.
            ValueError: it is not a whole number, or there is no value.
            TypeError: values is not a list of numbers, or the index is not a number.

        >>> take([0.5, 1.5, 2.5], 1)
        1.5
        >>> from autograd import compile
        >>> compile(lambda index: take([0.5, 1.5, 2.5], index)).map([2, 0, -1])
        array([2.5, 0.5, 2.5])
        """
        values = listed(values, "take")
        if not values:
            raise ValueError("take() takes at least one value, got none; leave out empty lists")
        numbers = [x if is_value(x) else like(real(x, "take"), [x]) for x in values]
        if is_value(index):
            if is_traced():
                return _chosen(numbers, index)
            if watching() is None:
                read_unwatched(index, "take()")
        chosen = numbers[_whole(index, len(numbers))]
        kind = next((type(x) for x in (index, *numbers) if is_value(x)), None)
        return chosen if kind is None or is_value(chosen) else kind(chosen)


def _whole(index: Any, n: int) -> int:
    """The index as an int, checked."""
    number = index._number if is_value(index) else real(index, "take")
    if not number.is_integer():
        raise ValueError(f"take() takes a whole number as its index, got {number!r}; round it first: rint(index)")
    if not -n <= number < n:
        raise IndexError(f"take() takes an index from {-n} to {n - 1} for {n} values, got {number:g}; count from 0")
    return int(number)


def _chosen(values: list[Number], index: Value) -> Number:
    """The value with this index as a sum: all other terms are -0.0, which changes no number, not even -0.0."""
    n = len(values)
    place = where(step(negative(index)), add(index, n), index)
    beyond = subtract(place, minimum(maximum(rint(place), 0.0), n - 1.0))
    missing = where(beyond, nan, -0.0)
    return add.reduce([missing, *[where(subtract(place, float(k)), -0.0, x) for k, x in enumerate(values)]])


TAKE_VALUES.add("take")
