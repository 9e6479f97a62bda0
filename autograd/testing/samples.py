"""The values of a function, and of its derivatives, at many points that differ from one point in one number each."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, final

from autograd.compiler.compile import compile
from autograd.derivatives.transforms import value_and_grad, vjp
from autograd.engine import Value
from autograd.engine.modes import no_grad
from autograd.operations.coercion import is_real
from autograd.pytree import flatten, unflatten

if TYPE_CHECKING:
    from autograd.operations.operation import Number
    from autograd.pytree import Tree

OUTSIDE = (ArithmeticError, AssertionError, LookupError, NotImplementedError, ValueError)
"""What a function may raise at a point outside of its domain."""

REMEDY = "bind other arguments first: lambda x: f(x, option)"

MANY = 16
"""From so many numbers on, a function is compiled: tracing it takes as long as some hundred calls."""

_ROOM = 1 << 20  # how many numbers a program is given at once


def check_function(caller: str, f: object, args: tuple[Any, ...] = (0.0,)) -> None:
    """Raise TypeError if f is not a function, or if there are no arguments."""
    if not callable(f):
        raise TypeError(f"{caller}() takes a function first, got {type(f).__name__}; pass the function itself")
    if not args:
        raise TypeError(f"{caller}() takes the arguments of f after it, got none; write {caller}(f, 2.0)")


def with_derivatives(f: Callable[..., Any], count: int, order: int) -> Callable[..., list[Number]]:
    """The function that gives, by one call of f, its result and then all derivatives up to this order.

    Args:
        f: gives one Value.
        count: how many arguments it takes.
        order: 0 or more. The derivatives of order k follow those of order k - 1, each by all numbers of the arguments.
    """
    if order == 0:
        return lambda *args: [f(*args)]
    if order == 1:
        both = value_and_grad(f, tuple(range(count)))
        return lambda *args: numbers_in(both(*args))
    lower = with_derivatives(f, count, order - 1)

    def all_levels(*args: Any) -> list[Number]:
        numbers, pull_back = vjp(lower, *args)
        highest = len(numbers_in(args)) ** (order - 1)
        found = list(numbers)
        for i in range(len(numbers) - highest, len(numbers)):
            found += numbers_in(pull_back([float(i == k) for k in range(len(numbers))]))
        return found

    return all_levels


def numbers_in(x: object) -> list[Number]:
    """The numbers of a gradient, or of arguments, from left to right."""
    numbers, _ = flatten(x, "a gradient holds", REMEDY)
    return numbers


def number_of(y: object) -> float:
    """The result of the function as a float."""
    if isinstance(y, Value) or is_real(y):
        try:
            return float(y)  # type: ignore[arg-type]
        except OverflowError:  # an int or a Fraction
            return math.inf if y > 0 else -math.inf  # type: ignore[operator]
    kind = type(y).__name__
    raise TypeError(f"a function to differentiate gives one number, got {kind}; pick one entry of it")


@final
class Samples:
    """A function at a point, and at points that differ from it in one number.

    Args:
        f: takes the arguments, and gives one number.
        numbers: the numbers of the arguments at the point.
        tree: how a tuple of the arguments is nested.
        order: the highest order of the derivatives to give with each result, see with_derivatives().

    Attributes:
        point: the numbers as floats.
        here: the result and the derivatives at the point.

    It raises what f raises at the point.
    """

    def __init__(self, f: Callable[..., Any], numbers: Sequence[Number], tree: Tree, order: int = 0) -> None:
        self.point = [float(x) for x in numbers]
        self._f = f
        self._tree = tree
        self._order = order
        self._outputs = with_derivatives(f, len(tree.children), order)  # type: ignore[union-attr]  # of a tuple
        self.here = self._call(self.point)
        self._program = self._traced() if len(numbers) >= MANY else None

    def at(self, places: Sequence[tuple[int, float]]) -> list[list[float]]:
        """The result and the derivatives at each place, an index and another number for it; nan outside the domain."""
        if self._program is None:
            return [self._call_anywhere(place) for place in places]
        rows = max(1, _ROOM // len(self.point))
        found: list[list[float]] = []
        for start in range(0, len(places), rows):
            found += self._mapped(self._program, places[start : start + rows])
        return found

    def _moved(self, place: tuple[int, float]) -> list[float]:
        point = list(self.point)
        point[place[0]] = place[1]
        return point

    def _call(self, point: Sequence[float]) -> list[float]:
        if self._order:
            return [float(x) for x in self._outputs(*unflatten(self._tree, point))]
        with no_grad():
            return [number_of(self._f(*unflatten(self._tree, [Value(x) for x in point])))]

    def _call_anywhere(self, place: tuple[int, float]) -> list[float]:
        try:
            return self._call(self._moved(place))
        except OUTSIDE:
            return [math.nan] * sum_of_powers(len(self.point), self._order)

    # ----------------------------------------------------------------------- by a program

    def _traced(self) -> Any:
        """A program that gives the same bits for a row of numbers; None if there is none."""

        def of_row(row: Any) -> list[Number]:
            return self._outputs(*unflatten(self._tree, list(row)))

        program = compile(of_row, exact=True)
        try:
            found = program.map([self.point])[0].tolist()
        except (TypeError, RuntimeError, *OUTSIDE):  # f takes numbers out of Values
            return None
        # a guard would be traced again wherever it fails; and what is random differs
        is_same = not program.listings[0][0].guards and repr(found) == repr(self.here)
        return program if is_same else None

    def _mapped(self, program: Any, places: Sequence[tuple[int, float]]) -> list[list[float]]:
        try:
            rows: list[list[float]] = program.map([self._moved(place) for place in places]).tolist()
        except OUTSIDE:
            return [self._call_anywhere(place) for place in places]
        return rows


def sum_of_powers(count: int, order: int) -> int:
    """How many results and derivatives there are up to this order."""
    return sum(count**k for k in range(order + 1))
