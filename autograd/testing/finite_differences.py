"""Derivatives by difference quotients, each with an estimated error, and a doubt if it cannot be trusted."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Sequence
from statistics import fmean
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd.engine import Value
from autograd.engine.modes import no_grad
from autograd.operations.coercion import is_real
from autograd.pytree import Branch, flatten, unflatten

if TYPE_CHECKING:
    from autograd.operations.operation import Number
    from autograd.pytree import Tree


class NumericalGradient(NamedTuple):
    """What numerical_gradient() found.

    Attributes:
        gradient: in the structure of the argument, or of the tuple of arguments if there are several.
        error: the estimated absolute error of each entry, in the same structure; inf where there is no estimate.
        doubts: a sentence for each entry that cannot be trusted: a kink, the edge of a domain, noise.
    """

    gradient: Any
    error: Any
    doubts: list[str]


def numerical_gradient(f: Callable[..., Any], *args: Any) -> NumericalGradient:
    """The gradient of f by difference quotients, independent of every derivative in the table.

    Central differences are extrapolated to a step of 0, from several first steps; the result has the smallest error.
    At the edge of a domain, where f is finite on one side only, the differences are one-sided. A feature of f that is
    narrower than a millionth of |x| (near 0: than a millionth) is missed, and the estimated error does not show it.
    C. J. F. Ridders, "Accurate computation of F'(x) and F'(x)F''(x)", Advances in Engineering Software 4 (1982).

    Args:
        f: gives one number. It is called with Values, and nothing is recorded.
        args: numbers, or nested lists, tuples, dicts and NumPy arrays of numbers.

    Raises:
        TypeError: an argument holds something else, or f gives no number.

    >>> found = numerical_gradient(lambda x: x[0] * x[1] ** 2, [3.0, 2.0])
    >>> [round(x, 9) for x in found.gradient], max(found.error) < 1e-8, found.doubts
    ([4.0, 12.0], True, [])
    >>> numerical_gradient(abs, 0.0).doubts
    ['args[0] = 0.0: a kink, the derivative is -1 on the left and 1 on the right']
    """
    numbers, tree = flatten(args[0] if len(args) == 1 else args, "numerical_gradient() takes", REMEDY)
    entries = quotients(f, numbers, tree, is_one=len(args) == 1)
    return NumericalGradient(
        unflatten(tree, [entry.derivative for entry in entries]),
        unflatten(tree, [entry.error for entry in entries]),
        [f"{path}: {entry.doubt}" for path, entry in zip(paths(tree, numbers, len(args)), entries) if entry.doubt],
    )


REMEDY = "bind other arguments first: lambda x: f(x, option)"


class Entry(NamedTuple):
    """The derivative by one number."""

    derivative: float
    error: float
    doubt: str  # '' for none

    @property
    def tolerance(self) -> float:
        """How far a correct derivative may be from this one."""
        return 20 * self.error + 1e-9 * abs(self.derivative)


def quotients(f: Callable[..., Any], numbers: Sequence[Number], tree: Tree, *, is_one: bool) -> list[Entry]:
    """The derivative of f by each number of its arguments, or of its one argument if is_one."""
    point = [float(x) for x in numbers]

    def along(i: int, x: float) -> float:
        values = [Value(number) for number in point]
        values[i] = Value(x)
        arguments = unflatten(tree, values)
        with no_grad():
            return number_of(f(arguments) if is_one else f(*arguments))

    return [quotient(functools.partial(along, i), x) for i, x in enumerate(point)]


def number_of(y: object) -> float:
    """The result of the function as a float."""
    if isinstance(y, Value) or is_real(y):
        return float(y)  # type: ignore[arg-type]
    kind = type(y).__name__
    raise TypeError(f"a function to differentiate gives one number, got {kind}; pick one entry of it")


def quotient(g: Callable[[float], float], x: float) -> Entry:
    """The derivative of a function of one number."""
    y = g(x)
    if not math.isfinite(y):
        return Entry(math.nan, math.inf, f"the function is {y} there")
    right, left = _settled(g, x, y, (0, 1)), _settled(g, x, y, (-1, 0))
    if math.isnan(left.limit) and math.isnan(right.limit):
        return Entry(math.nan, math.inf, "the function is not finite on either side")
    if math.isnan(left.limit) or math.isnan(right.limit):
        return _judged(right if math.isnan(left.limit) else left)
    jump = abs(left.limit - right.limit)
    if jump > 20 * (left.error + right.error) + 1e-9 * max(abs(left.limit), abs(right.limit)):
        doubt = f"a kink, the derivative is {left.limit:.6g} on the left and {right.limit:.6g} on the right"
        return Entry((left.limit + right.limit) / 2, jump, doubt)
    return _judged(_settled(g, x, y, (-1, 1)))


class _Limit(NamedTuple):
    """The limit of a quotient at a step of 0, its estimated error, and how steep the function is nearby."""

    limit: float
    error: float
    steepness: float


_NO_LIMIT = _Limit(math.nan, math.inf, 0.0)
_ENOUGH = 1e-11  # relative error below which more quotients are not worth their time


def _judged(found: _Limit) -> Entry:
    limit, error, steepness = found
    is_settled = math.isfinite(limit) and error <= max(2e-8 * abs(limit), 2e-8 * steepness, 1e-300)
    return Entry(limit, error, "" if is_settled else f"the quotients do not settle, {limit:.6g} +- {error:.1g}")


def _settled(g: Callable[[float], float], x: float, y: float, sides: tuple[int, int]) -> _Limit:
    """The estimate with the least error, from first steps of several sizes.

    A larger step is less noisy, but may miss what the function does near x. So its estimate counts only if it agrees
    with the estimate of the next smaller step, within their errors.
    """
    scales = {abs(x) or 1.0, max(abs(x), 1.0)}
    best = _NO_LIMIT
    for h in sorted(scale * step for scale in scales for step in (2.0**-20, 2.0**-10, 2.0**-5, 0.25)):
        found = _extrapolated(g, x, y, h, sides)
        if math.isinf(found.limit):  # too steep for a float; larger steps would hide that
            return found
        if not math.isnan(best.limit) and abs(found.limit - best.limit) > 10 * (found.error + best.error):
            break
        if found.error < best.error:
            best = found
        if best.error <= _ENOUGH * abs(best.limit):
            break
    return best


def _extrapolated(g: Callable[[float], float], x: float, y: float, h: float, sides: tuple[int, int]) -> _Limit:
    """The limit of the difference quotient between two points, extrapolated from steps of h, h/1.4, ...

    The points are x + side * step for both sides. The error is a series in powers of the step, and in even powers if
    the sides are symmetric.
    """
    shrink = 1.4**2 if sides == (-1, 1) else 1.4
    table: list[list[float]] = []
    noise = _noise(g, x, h * 2.0**-12, sides)
    best = _NO_LIMIT
    steepness = 0.0
    for _ in range(12):
        low, high = x + sides[0] * h, x + sides[1] * h
        below, above = (g(low) if sides[0] else y), (g(high) if sides[1] else y)
        if high == low or not (math.isfinite(below) and math.isfinite(above)):
            table = []
            h /= 1.4
            continue
        row = [(above - below) / (high - low)]
        if math.isinf(row[0]):
            return _Limit(row[0], math.inf, 0.0)
        largest = max(abs(below), abs(above), abs(y))
        steepness = max(steepness, abs(above - y) / h, abs(below - y) / h, 1e-3 * largest / max(abs(x), 1.0))
        rounding = (noise + 4e-16 * largest + 1e-323) / h
        factor = shrink
        for before in table[-1] if table else ():
            row.append((row[-1] * factor - before) / (factor - 1.0))
            factor *= shrink
            error = max(abs(row[-1] - row[-2]), abs(row[-1] - before)) + rounding
            if error <= best.error:
                best = _Limit(row[-1], error, steepness)
        if table and (abs(row[-1] - table[-1][-1]) >= 2.0 * best.error or best.error <= _ENOUGH * abs(best.limit)):
            break
        table.append(row)
        h /= 1.4
    return best


def _noise(g: Callable[[float], float], x: float, step: float, sides: tuple[int, int]) -> float:
    """The size of the rounding errors in values of the function, estimated from fourth differences.

    J. J. More and S. M. Wild, "Estimating computational noise", SIAM Journal on Scientific Computing 33 (2011).
    """
    first = 8 * sides[0] // (sides[1] - sides[0])
    differences = [g(x + k * step) for k in range(first, first + 9)]
    for _ in range(4):
        differences = [b - a for a, b in itertools.pairwise(differences)]
    deviation = math.sqrt(fmean(d * d for d in differences) / 70.0)  # of fourth differences: (4!)**2 / 8! = 1/70
    return 4.0 * deviation if math.isfinite(deviation) else 0.0


def paths(tree: Tree, numbers: Sequence[Number], count: int) -> list[str]:
    """The name of each number in messages, such as args[0] = 2.0."""
    places: list[str] = []
    _walk(tree, "args[0]" if count == 1 else "args", places)
    return [f"{place} = {float(x)!r}" for place, x in zip(places, numbers)]


def _walk(tree: Tree, place: str, places: list[str]) -> None:
    if isinstance(tree, Branch):
        for key, child in zip(tree.keys or range(len(tree.children)), tree.children):
            _walk(child, f"{place}[{key!r}]", places)
    elif tree.shape is None:
        places.append(place)
    else:
        places += [f"{place}.flat[{i}]" for i in range(tree.size)]
