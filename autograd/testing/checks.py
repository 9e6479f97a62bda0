"""check_gradients(): the derivatives of a function, compared with difference quotients."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from autograd.derivatives.transforms import grad, jvp
from autograd.pytree import flatten, unflatten
from autograd.testing.culprit import first_wrong_partial
from autograd.testing.finite_differences import REMEDY, Entry, paths, quotients

if TYPE_CHECKING:
    from autograd.operations.operation import Number


class GradientError(AssertionError):
    """A gradient is wrong, or cannot be checked."""

    __module__ = "autograd.testing"  # the name by which it is imported


def check_gradients(
    f: Callable[..., Any], *args: Any, order: int = 1, modes: Iterable[str] = ("reverse", "forward")
) -> None:
    """Compare the derivatives of f with difference quotients; raise if one is wrong or cannot be checked.

    Args:
        f: gives one Value.
        args: the point: numbers, or nested lists, tuples, dicts and NumPy arrays of numbers.
        order: the highest order to check. Second derivatives are checked as first ones of each entry of the gradient.
        modes: how the derivatives are computed, "reverse" and "forward".

    Raises:
        GradientError: a derivative is wrong. The message has the worst entry, both numbers, the estimated error of the
            quotient, and the operation and source line of the first wrong partial derivative, if there is one.
            It is raised too if the quotients cannot be trusted: at a kink, at a pole, in noise.
        TypeError: f gives no Value, or an argument holds something else.
        ValueError: order is less than 1, a mode is unknown, or there is none.

    >>> check_gradients(lambda x, y: x * y.sin(), 2.0, 3.0, order=2)
    """
    if not isinstance(order, int) or order < 1:
        raise ValueError(f"order is 1 or more, got {order!r}; 1 checks the gradient, 2 the Hessian too")
    modes = _checked_modes(modes)
    numbers, tree = flatten(args, "check_gradients() takes", REMEDY)
    places = paths(tree, numbers, 2)
    entries = quotients(f, numbers, tree, is_one=False)
    for mode in modes:
        _compare(f, args, mode, _derivatives(f, args, mode), entries, places)
    for place, entry in zip(places, entries):
        if entry.doubt:
            raise GradientError(f"the gradient cannot be checked at {place}: {entry.doubt}; check at another point")
    if order > 1:
        _check_entries(f, args, places, order, modes)


def _checked_modes(modes: Iterable[str]) -> tuple[str, ...]:
    modes = (modes,) if isinstance(modes, str) else tuple(modes)
    if not modes:
        raise ValueError('modes are "reverse" and "forward", got none of them; leave it out for both')
    for mode in modes:
        if mode not in ("reverse", "forward"):
            raise ValueError(f'modes are "reverse" and "forward", got {mode!r}; leave it out for both')
    return modes


def _check_entries(
    f: Callable[..., Any], args: tuple[Any, ...], places: list[str], order: int, modes: tuple[str, ...]
) -> None:
    """Check the derivatives of each entry of the gradient."""
    everything = tuple(range(len(args)))
    for i, place in enumerate(places):

        def entry(*arguments: Any, i: int = i) -> Any:
            return _numbers(grad(f, everything)(*arguments))[i]

        try:
            check_gradients(entry, *args, order=order - 1, modes=modes)
        except GradientError as error:
            raise GradientError(f"for the derivative by {place.split(' = ')[0]}: {error}") from None


def _derivatives(f: Callable[..., Any], args: tuple[Any, ...], mode: str) -> list[float]:
    """The derivative of f by each number of its arguments, in this mode."""
    numbers, tree = flatten(args, "check_gradients() takes", REMEDY)
    point = unflatten(tree, [float(x) for x in numbers])
    if mode == "reverse":
        return [float(x) for x in _numbers(grad(f, tuple(range(len(args))))(*point))]
    return [
        float(jvp(f, point, unflatten(tree, [float(i == k) for k in range(len(numbers))]))[1])
        for i in range(len(numbers))
    ]


def _numbers(x: object) -> list[Number]:
    numbers, _ = flatten(x, "a gradient holds", REMEDY)
    return numbers


def _compare(
    f: Callable[..., Any],
    args: tuple[Any, ...],
    mode: str,
    derivatives: list[float],
    entries: list[Entry],
    places: list[str],
) -> None:
    """Raise for the derivative that is farthest from its quotient, if it is beyond the estimated error."""
    worst, message = 1.0, ""
    for derivative, entry, place in zip(derivatives, entries, places):
        if entry.doubt:
            continue
        excess = abs(derivative - entry.derivative) / (entry.tolerance + 1e-300)
        if excess > worst or math.isnan(excess):
            worst = excess
            message = (
                f"the derivative by {place} is {derivative!r} in {mode} mode, but the difference quotient is "
                f"{entry.derivative!r} +- {entry.error:.1g}"
            )
    if message:
        raise GradientError(f"{message}; {first_wrong_partial(f, args)}")
