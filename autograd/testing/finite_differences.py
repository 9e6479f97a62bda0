"""Derivatives by difference quotients, each with an estimated error, and a doubt if it cannot be trusted."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, final

from autograd.engine import Value
from autograd.engine.modes import enable_grad
from autograd.pytree import Branch, flatten, unflatten
from autograd.testing.extrapolation import Entry, Row, slope
from autograd.testing.samples import REMEDY, Samples, check_function
from autograd.testing.sizes import sizes

if TYPE_CHECKING:
    from autograd.operations.operation import Number
    from autograd.pytree import Tree


class NumericalGradient(NamedTuple):
    """What numerical_gradient() found.

    Attributes:
        gradient: in the structure of the argument, or of the tuple of arguments if there are several.
        error: the estimated absolute error of each entry, in the same structure; inf where there is no estimate.
        doubts: a sentence for each entry that cannot be trusted: a kink, the end of a domain, noise.
    """

    gradient: Any
    error: Any
    doubts: list[str]


def numerical_gradient(f: Callable[..., Any], *args: Any) -> NumericalGradient:
    """The gradient of f by difference quotients, independent of every derivative in the table.

    Central differences at steps from half of |x| (of 1 near 0) down to a millionth of it are extrapolated to a step of
    0. At the end of a domain, where f is finite on one side only, the differences are one-sided. Each number takes at
    most 37 evaluations, and about 20 where f is smooth. For 16 numbers or more, f is compiled if it can be.

    The error allows for digits that cancel within f: one more evaluation records the operations of f, and how far the
    rounding of each moves the result. What f computes with plain floats is not recorded, and there the error allows
    only for the noise that its results show: it may be too small. A feature of f that is narrower than a millionth of
    |x| (near 0: than a millionth) is missed, and the error does not show it.

    Args:
        f: gives one number. It is called with Values. Where it raises ArithmeticError, AssertionError, LookupError,
            NotImplementedError or ValueError near the point, its domain ends.
        args: numbers, or nested lists, tuples, dicts and NumPy arrays of numbers.

    Raises:
        TypeError: an argument holds something else, or f gives no number.

    >>> found = numerical_gradient(lambda x: x[0] * x[1] ** 2, [3.0, 2.0])
    >>> [round(x, 9) for x in found.gradient], max(found.error) < 1e-8, found.doubts
    ([4.0, 12.0], True, [])
    >>> numerical_gradient(abs, 0.0).doubts
    ['args[0] = 0.0: a kink, the derivative is -1 on the left and 1 on the right']
    """
    check_function("numerical_gradient", f, args)
    numbers, tree = flatten(args, "numerical_gradient() takes", REMEDY)
    samples = Samples(f, numbers, tree)
    noise = _noise(f, samples.point, tree)
    entries = [line.entry(0, noise) for line in sampled(samples.at, samples.point, samples.here)]
    shown = tree.children[0] if len(args) == 1 else tree  # type: ignore[union-attr]  # of a tuple
    return NumericalGradient(
        unflatten(shown, [entry.derivative for entry in entries]),
        unflatten(shown, [entry.error for entry in entries]),
        [f"{path}: {doubt}" for path, entry in zip(paths(tree, numbers), entries) if (doubt := _doubt(entry))],
    )


def _noise(f: Callable[..., Any], point: Sequence[float], tree: Tree) -> float:
    """What the rounding of each operation of f may add up to; 0 for what is not recorded."""
    leaves = [Value(x) for x in point]
    with enable_grad():
        return sizes(f(*unflatten(tree, leaves)), leaves).noise


def _doubt(entry: Entry) -> str:
    if entry.doubt or entry.error <= 1e-6 * max(abs(entry.derivative), entry.steepness):
        return entry.doubt
    return f"the quotients do not settle, {entry.derivative:.6g} +- {entry.error:.1g}"


# --------------------------------------------------------------------------- quotients

_MOST_STEPS = 18  # so that a check takes at most 40 evaluations for each number
_FEW = 6  # of fewer steps, the derivative is not exact
_FINEST = 21  # the smallest step is 2**-21 of x, or of 1 if x is 0


def quotient(g: Callable[[float], float], x: float) -> Entry:
    """The derivative of a function of one number."""
    return sampled(lambda places: [[g(at)] for _, at in places], [x], [g(x)])[0].entry(0)


def sampled(
    sample: Callable[[Sequence[tuple[int, float]]], list[list[float]]], point: Sequence[float], here: Sequence[float]
) -> list[Line]:
    """For each number of a point, the samples along it; they know the derivative of each result by it.

    Args:
        sample: gives the results at each of some places; a place is an index and another number for the point there.
        point: the numbers.
        here: the results at the point.
    """
    lines = [Line(x, here) for x in point]
    for stage in range(3):
        wanted = [(i, step) for i, line in enumerate(lines) for step in line.next_steps(stage)]
        places = [(i, at) for i, (low, high) in wanted for at in (low, high)]
        found = sample(places) if places else []
        for (i, (low, high)), below, above in zip(wanted, found[::2], found[1::2]):
            lines[i].add(low, high, below, above)
    return lines


@final
class Line:
    """The results along one number: their values at more and more steps, until the derivatives are settled."""

    def __init__(self, x: float, here: Sequence[float]) -> None:
        self.x = x
        self.here = here
        self.stages = _ladder(x)
        self._samples: list[tuple[float, float, Sequence[float], Sequence[float]]] = []
        self._entries: dict[tuple[int, float], Entry] = {}

    def next_steps(self, stage: int) -> list[tuple[float, float]]:
        """The numbers below and above x to sample next; none if the derivatives are settled."""
        if stage and all(self.entry(k).is_settled or not math.isfinite(y) for k, y in enumerate(self.here)):
            return []
        exponents = self.stages[stage]
        if stage == 2 and 0 < self._count_inside() < _FEW:  # the end of a domain is near
            exponents = [min(map(min, self.stages[:2])) - 2 * i for i in range(1, len(exponents) + 1)]
        steps = [math.ldexp(1.0, k) for k in exponents if -1074 <= k <= 1023]
        ends = [(self.x - step, self.x + step) for step in steps]
        return [(low, high) for low, high in ends if -math.inf < low < self.x < high < math.inf]

    def _count_inside(self) -> int:
        """At how many steps all results are finite on both sides."""
        return sum(all(map(math.isfinite, [*below, *above])) for _, _, below, above in self._samples)

    def add(self, low: float, high: float, below: Sequence[float], above: Sequence[float]) -> None:
        """Add what was sampled at two numbers."""
        self._samples.append((low, high, below, above))
        self._entries = {}

    def entry(self, k: int, noise: float = 0.0) -> Entry:
        """The derivative of the k-th result, whose values may have this error besides what they show."""
        if not math.isfinite(self.here[k]):
            return Entry(math.nan, math.inf, 0.0, f"the function is {self.here[k]} there")
        if (k, noise) not in self._entries:
            self._samples.sort(key=lambda sample: sample[1])
            rows = [Row(self.x - low, high - self.x, below[k], above[k]) for low, high, below, above in self._samples]
            self._entries[k, noise] = slope(self.x, self.here[k], rows, noise)
        return self._entries[k, noise]


def _ladder(x: float) -> tuple[list[int], list[int], list[int]]:
    """Three stages of steps, as powers of 2: enough for most functions; the rest; larger ones, against noise.

    They reach from half of |x|, or of 1 if x is less, down to a millionth of |x|. If x is tiny, there is a gap between
    the steps at the scale of x and those at the scale of 1.
    """
    own = math.frexp(x)[1] - 1 if x else 0
    top = max(own, 0)
    steps = list(range(top - 1, own - _FINEST - 1, -2))
    if len(steps) > _MOST_STEPS:
        steps = [*range(top - 1, top - 14, -2), *range(own - 1, own - _FINEST - 1, -2)]
    first = [*steps[1:6], *steps[-3:]]
    larger = range(top + 1, top + 1 + 2 * (_MOST_STEPS - len(steps)), 2)
    return first, [k for k in steps if k not in first], list(larger)


# --------------------------------------------------------------------------- names of numbers


def paths(tree: Tree, numbers: Sequence[Number]) -> list[str]:
    """The name of each number of the arguments in messages, such as args[0] = 2.0."""
    places: list[str] = []
    _walk(tree, "args", places)
    return [f"{place} = {float(x)!r}" for place, x in zip(places, numbers)]


def _walk(tree: Tree, place: str, places: list[str]) -> None:
    if isinstance(tree, Branch):
        for key, child in zip(tree.keys or range(len(tree.children)), tree.children):
            _walk(child, f"{place}[{key!r}]", places)
    elif tree.shape is None:
        places.append(place)
    else:
        places += [f"{place}.flat[{i}]" for i in range(tree.size)]
