"""check_gradients(): the derivatives of a function, compared with difference quotients."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, final

from autograd.derivatives.transforms import jvp
from autograd.engine import Value
from autograd.engine.modes import no_grad
from autograd.pytree import flatten, unflatten
from autograd.testing.culprit import first_wrong_partial
from autograd.testing.finite_differences import paths, sampled
from autograd.testing.samples import MANY, REMEDY, Samples, check_function, number_of, with_derivatives
from autograd.testing.sizes import Sizes, sizes

if TYPE_CHECKING:
    from autograd.testing.extrapolation import Entry


_GOLDEN = 0.6180339887498949  # its multiples are spread evenly


class GradientError(AssertionError):
    """A derivative is wrong; or, if it is an InconclusiveError, nobody can tell."""

    __module__ = "autograd.testing"  # the name by which it is imported


class InconclusiveError(GradientError):
    """A derivative cannot be checked at this point: at a kink, at the end of a domain, in noise.

    Within a Hypothesis test it also counts as a failed `assume()`: Hypothesis draws another point.
    """

    __module__ = "autograd.testing"


def check_gradients(
    f: Callable[..., Any], *args: Any, order: int = 1, modes: Iterable[str] = ("reverse", "forward")
) -> None:
    """Compare the derivatives of f with difference quotients; raise if one is wrong or cannot be checked.

    Args:
        f: gives one Value. It is called at most 40 times for each number, whatever the order is. From 16 numbers on
            it is traced instead, if it can be. See numerical_gradient() for the exceptions it may raise near the point.
        args: the point: numbers, or nested lists, tuples, dicts and NumPy arrays of numbers.
        order: the highest order to check. Second derivatives are checked as first ones of each entry of the gradient.
        modes: how the derivatives are computed, "reverse" and "forward".

    Each derivative is checked at its own scale, however small it is beside others.

    Raises:
        GradientError: a derivative is wrong. The message has the worst entry, both numbers, the estimated error of the
            quotient, and the operation and source line of the first wrong partial derivative, if there is one. Or f
            takes a number out of a Value, so that its gradient is lost.
        InconclusiveError: no derivative was found to be wrong, but one cannot be checked, as its quotients cannot be
            trusted: at a kink, at a pole, in noise. It is a GradientError too, so catch it first.
        TypeError: f gives no number, or an argument holds something else.
        ValueError: order is less than 1, a mode is unknown, or there is none.

    >>> check_gradients(lambda x, y: x * y.sin(), 2.0, 3.0, order=2)
    """
    check_function("check_gradients", f, args)
    if not isinstance(order, int) or order < 1:
        raise ValueError(f"order is 1 or more, got {order!r}; 1 checks the gradient, 2 the Hessian too")
    modes = _checked_modes(modes)
    try:
        check = _Check(f, args, order, modes)
    except TypeError as error:
        if not _gives_number(f, args):
            raise
        raise GradientError(f"the gradient is lost: {error}") from error
    check.run()


def _gives_number(f: Callable[..., Any], args: tuple[Any, ...]) -> bool:
    """Whether f gives a number, if it is not being differentiated."""
    numbers, tree = flatten(args, "check_gradients() takes", REMEDY)
    try:
        with no_grad():
            number_of(f(*unflatten(tree, [Value(float(x)) for x in numbers])))
    except TypeError:
        return False
    return True


def _checked_modes(modes: Iterable[str]) -> tuple[str, ...]:
    modes = (modes,) if isinstance(modes, str) else tuple(modes)
    if not modes:
        raise ValueError('modes are "reverse" and "forward", got none of them; leave it out for both')
    for mode in modes:
        if mode not in ("reverse", "forward"):
            raise ValueError(f'modes are "reverse" and "forward", got {mode!r}; leave it out for both')
    return modes


@final
class _Check:
    """The check of a function at a point.

    Its results are those of with_derivatives(): that of f, the gradient, the Hessian, and so on. Each derivative of a
    result is compared with the quotient of that result.
    """

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...], order: int, modes: tuple[str, ...]) -> None:
        self.args = args
        self.numbers, self.tree = flatten(args, "check_gradients() takes", REMEDY)
        self.point = unflatten(self.tree, [float(x) for x in self.numbers])
        self.names = paths(self.tree, self.numbers)
        self.results = with_derivatives(f, len(args), order - 1)
        self.all = with_derivatives(f, len(args), order)
        samples = Samples(f, self.numbers, self.tree, order - 1)
        self.here = samples.here
        self.claimed: dict[str, list[list[float]]] = {}
        self._sizes: dict[int, Sizes] = {}
        self._recorded: tuple[list[Value], Sequence[object]] | None = None
        if not math.isfinite(self.here[0]):
            raise _inconclusive(f"the function is {self.here[0]} at {', '.join(self.names)}; check at another point")
        if "reverse" in modes:
            self.claimed["reverse"] = self._reverse()
        if "forward" in modes and not self._is_reverse_forward():
            self.claimed["forward"] = self._forward()
        self.lines = sampled(samples.at, samples.point, samples.here)

    def _reverse(self) -> list[list[float]]:
        """For each result, the derivative by each number of the arguments, in reverse mode."""
        found, count = [float(x) for x in self.all(*self.point)[1:]], len(self.numbers)
        return [found[k : k + count] for k in range(0, len(found), count)]

    def _forward(self) -> list[list[float]]:
        columns = [self._along([float(i == k) for k in range(len(self.numbers))]) for i in range(len(self.numbers))]
        return [list(row) for row in zip(*columns)]

    def _along(self, direction: Sequence[float]) -> list[float]:
        """The derivative of each result in a direction, in forward mode."""
        return [float(x) for x in jvp(self.results, self.point, unflatten(self.tree, direction))[1]]

    def _is_reverse_forward(self) -> bool:
        """Whether forward mode gives the gradient of reverse mode, by one call of f for many numbers.

        In the direction, each derivative counts about as much as every other, however small it is.
        """
        if len(self.numbers) < MANY or list(map(len, self.claimed.values())) != [1]:
            return False
        ((derivatives,),) = self.claimed.values()
        direction = [(1.0 + i * _GOLDEN % 1.0) / (abs(d) or 1.0) for i, d in enumerate(derivatives)]
        terms = [d * t for d, t in zip(derivatives, direction)]
        return abs(self._along(direction)[0] - math.fsum(terms)) <= 1e-9 * math.fsum(map(abs, terms))

    def run(self) -> None:
        """Raise for the worst wrong derivative of the lowest order, or else for the first that cannot be checked."""
        undecided = ""
        for k in range(len(self.here)):
            worst, wrong = 0.0, ""
            for mode, derivatives in self.claimed.items():
                for i, derivative in enumerate(derivatives[k]):
                    entry = self.lines[i].entry(k)
                    doubt, excess = self._judged(derivative, entry, k, i)
                    if excess:
                        entry = self.lines[i].entry(k, self._sizes_of(k).noise)
                        doubt, excess = self._judged(derivative, entry, k, i)
                    if excess > worst:
                        worst, wrong = excess, self._sentence(derivative, mode, entry, i)
                    elif doubt and not undecided:
                        undecided = f"{self._entry_name(k)}the gradient cannot be checked at {self.names[i]}: {doubt}"
            if wrong:
                culprit = first_wrong_partial(lambda *args, k=k: self.results(*args)[k], self.args)
                raise GradientError(f"{self._entry_name(k)}{wrong}; {culprit}")
        if undecided:
            raise _inconclusive(f"{undecided}; check at another point")

    def _judged(self, derivative: float, entry: Entry, k: int, i: int) -> tuple[str, float]:
        """Why the derivative cannot be checked, "" if it can; and how wrong it is, 0 if it is right."""
        if entry.doubt:
            return entry.doubt, 0.0
        error, tolerance = 5 * entry.error, entry.tolerance
        distance = abs(derivative - entry.derivative)
        size = abs(derivative) if math.isfinite(derivative) else 0.0
        if distance <= tolerance and error <= 0.01 * size:
            return "", 0.0
        terms = self._sizes_of(k).terms[i]
        is_near = distance <= tolerance + 1e-12 * terms
        if math.isnan(distance) and error <= 0.1 * (entry.steepness or math.inf):
            return "", math.inf
        if not is_near and error <= 0.1 * max(size, abs(entry.derivative)):
            return "", distance / tolerance
        if size == terms == 0.0:  # no path leads to the result; then its slopes give the scale
            terms = entry.steepness or math.inf
        if is_near and error <= 0.01 * max(size, terms):
            return "", 0.0
        return f"the quotient {entry.derivative:.6g} +- {entry.error:.1g} is too inexact for {derivative:.6g}", 0.0

    def _sizes_of(self, k: int) -> Sizes:
        if not self._recorded:
            leaves = [Value(float(x)) for x in self.numbers]
            self._recorded = leaves, self.results(*unflatten(self.tree, leaves))
        if k not in self._sizes:
            leaves, results = self._recorded
            self._sizes[k] = sizes(results[k], leaves)
        return self._sizes[k]

    def _entry_name(self, k: int) -> str:
        """The beginning of a message about the k-th result: which derivative of f it is."""
        count, order = len(self.numbers), 0
        while k >= count**order:
            k -= count**order
            order += 1
        places = [self.names[k // count**j % count].split(" = ")[0] for j in reversed(range(order))]
        return "".join(f"for the derivative by {place}: " for place in places)

    def _sentence(self, derivative: float, mode: str, entry: Entry, i: int) -> str:
        return (
            f"the derivative by {self.names[i]} is {derivative!r} in {mode} mode, but the difference quotient is "
            f"{entry.derivative!r} +- {entry.error:.1g}"
        )


def _inconclusive(message: str) -> InconclusiveError:
    """The exception; within a Hypothesis test it is also that of a failed assume()."""
    hypothesis = sys.modules.get("hypothesis")  # never imported here: it is optional, and slow to import
    if hypothesis is None or not hypothesis.currently_in_test_context():
        return InconclusiveError(message)
    failed_assumption = hypothesis.errors.UnsatisfiedAssumption
    members = {"__module__": "autograd.testing", "__init__": failed_assumption.__init__}
    kind: type[InconclusiveError] = type("InconclusiveError", (InconclusiveError, failed_assumption), members)
    return kind(message)
