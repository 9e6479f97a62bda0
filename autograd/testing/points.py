"""points_for(): a Hypothesis strategy of points at which a function can be checked."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, final

from autograd.engine import Value
from autograd.engine.watch import Watch
from autograd.operations.coercion import is_real
from autograd.operations.operation import Binary, Ternary, Unary
from autograd.pytree import Branch, Leaf, is_array, unflatten
from autograd.testing.expressions import Expression
from autograd.testing.samples import MANY, OUTSIDE, check_function, number_of
from autograd.testing.strategies import hypothesis_strategies

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from autograd.pytree import Tree

_DEFAULT = (-10.0, 10.0)
_FINENESS = 14  # a range has 2**14 steps or a few more
_NEAR = 1e-6  # no quotient tells a kink from a point that is relatively as near as this


def points_for(f: Callable[..., Any], /, *ranges: Any, **named: Any) -> SearchStrategy[tuple[Any, ...]]:
    """Points for check_gradients(): f is finite there, and no operation or comparison in it is at a kink or a pole.

    Args:
        f: the function. For an Expression without ranges: points around its witness where it is smooth.
        ranges: for each argument the least and the largest number, such as (0.5, 2.0). For an argument that is a list,
            tuple, dict or nesting of them: the same with a range in place of each number. For an array of numbers: an
            array of ranges, with one more axis of length 2, such as np.full((3, 2), (0.5, 2.0)).
        named: the same by name. An argument without a range, and without a default, is from -10 to 10.

    A number is a multiple of a power of 2, so it is short; it shrinks towards 0. Both ends of a range belong to it.

    Raises:
        TypeError: the arguments of f cannot be counted, or have other names; or a range is none.
        ValueError: a range is empty or infinite.

    >>> from hypothesis import find
    >>> find(points_for(lambda x, y: x / y), lambda point: point[1] > 0.5)
    (0.0, 0.5009765625)
    >>> find(points_for(lambda p, rate: p["spot"] * p["days"][0] * rate, {"spot": (50, 150), "days": [(1, 3)]}, (0, 1)),
    ...     lambda point: True)
    ({'spot': 50.0, 'days': [1.0]}, 0.0)
    """
    check_function("points_for", f)
    st = hypothesis_strategies()
    points: SearchStrategy[tuple[Any, ...]]
    if isinstance(f, Expression) and not ranges and not named:
        around = st.tuples(*[st.integers(-100, 100).map(lambda k: k / 100)] * f.n_inputs)
        points = around.map(lambda offsets: _nearest_smooth(f, offsets))
        return points
    intervals: list[tuple[float, float]] = []
    tree = Branch(tuple, None, tuple(_tree_of(x, intervals) for x in _arguments(f, ranges, named)))
    if len(intervals) >= MANY:
        import numpy  # noqa: F401  # lazy: slow to import, so not within the deadline of the first example
    numbers = st.tuples(*[_multiples(st, low, high) for low, high in intervals])
    points = numbers.filter(lambda point: _is_smooth(f, tree, point)).map(lambda point: unflatten(tree, point))
    return points


# --------------------------------------------------------------------------- ranges


def _arguments(f: Callable[..., Any], ranges: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
    """The ranges of the arguments that f gets, in order."""
    if isinstance(f, (Expression, Unary, Binary, Ternary)) and not named:
        count = f.n_inputs if isinstance(f, Expression) else len(f.formulas)
        return [*ranges, *[_DEFAULT] * (count - len(ranges))]
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except ValueError:
        parameters = []
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if len(ranges) > len(positional) and parameters and not any(p.kind is p.VAR_POSITIONAL for p in parameters):
        raise TypeError(
            f"points_for() takes one range for each argument, got {len(ranges)} for {len(positional)}; leave some out"
        )
    if unknown := sorted(named.keys() - {p.name for p in positional[len(ranges) :]}):
        raise TypeError(
            f"points_for() takes ranges by the names of arguments that have none yet, got {unknown[0]}=; leave it out"
        )
    chosen = list(ranges)
    for p in positional[len(ranges) :]:
        if p.name not in named and p.default is not p.empty:
            break
        chosen.append(named.get(p.name, _DEFAULT))
    if skipped := named.keys() - {p.name for p in positional[: len(chosen)]}:
        raise TypeError(
            f"points_for() needs ranges for the arguments before {min(skipped)}, which have defaults; pass them too"
        )
    needed = [p for p in parameters if p.default is p.empty and p not in positional]
    if (needed and not ranges) or not chosen:
        raise TypeError(f"points_for() cannot count the arguments of {f!r}; name each one: lambda x, y: f(x, y)")
    return chosen


def _tree_of(x: Any, intervals: list[tuple[float, float]]) -> Tree:
    """How an argument with these ranges is nested; the ranges are added to the intervals."""
    if type(x) is tuple and len(x) == 2 and all(map(is_real, x)):
        low, high = map(float, x)
        if not -math.inf < low <= high < math.inf:
            raise ValueError(
                f"points_for() takes a range from a number to a larger one, both finite, got {x}; write (0.5, 2.0)"
            )
        intervals.append((low, high))
        return Leaf()
    if is_array(x) and x.shape[-1:] == (2,):
        for pair in x.reshape(-1, 2).tolist():
            _tree_of(tuple(pair), intervals)
        return Leaf(x.shape[:-1])
    if isinstance(x, dict):
        return Branch(dict, tuple(x), tuple(_tree_of(child, intervals) for child in x.values()))
    if isinstance(x, (list, tuple)):
        return Branch(type(x), None, tuple(_tree_of(child, intervals) for child in x))
    raise TypeError(
        f"points_for() takes ranges, and lists, tuples, dicts and arrays of them, got {type(x).__name__}; "
        "write (0.5, 2.0) for a range"
    )


def _multiples(st: Any, low: float, high: float) -> SearchStrategy[float]:
    """Multiples of a power of 2, from low to high."""
    exponent = max(math.frexp(high / 2 - low / 2)[1] - _FINENESS, -1074)
    first, last = math.ceil(math.ldexp(low, -exponent)), math.floor(math.ldexp(high, -exponent))
    if not first < last:
        constant: SearchStrategy[float] = st.just(low) if low == high else st.floats(low, high)
        return constant
    multiples: SearchStrategy[float] = st.integers(first, last).map(lambda k: math.ldexp(k, exponent))
    return multiples


# --------------------------------------------------------------------------- where a function is smooth


@final
class _Kinks(Watch):
    """Within its block, it notices operations and comparisons at their kinks, and partial derivatives without end.

    Only those count that depend on the inputs.
    """

    def __init__(self, inputs: Sequence[Value]) -> None:
        self.dependent = {id(x): x for x in inputs}
        self.found = False

    def recorded(self, node: Value) -> None:
        if not any(id(x) in self.dependent for x in node.operands):
            return
        self.dependent[id(node)] = node  # kept, so that no other node gets its id
        operation, operands = node._operation, [float(x) for x in node.operands]
        if operation is None or operation.name == "where":  # the condition has its own kink
            return
        is_kink = not abs(operation.kink(*operation.arranged(operands))) > _NEAR * max(map(abs, operands))
        self.found = self.found or is_kink or not all(map(math.isfinite, node.partials))

    def compared(self, a: Value, operator: str, b: object, holds: bool) -> None:  # noqa: ARG002  # any comparison
        if id(a) in self.dependent or id(b) in self.dependent:
            left, right = float(a), number_of(b)
            self.found = self.found or abs(left - right) <= _NEAR * max(abs(left), abs(right))


def _is_smooth(f: Callable[..., Any], tree: Tree, numbers: Sequence[float]) -> bool:
    """Whether f is finite at the point, and nothing in it is at a kink."""
    inputs = [Value(x) for x in numbers]
    kinks = _Kinks(inputs)
    try:
        with kinks:
            y = f(*unflatten(tree, inputs))
        return math.isfinite(number_of(y)) and not kinks.found
    except OUTSIDE:
        return False


def _nearest_smooth(f: Expression, offsets: Sequence[float]) -> tuple[float, ...]:
    """The witness plus the offsets, halved until f is smooth there."""
    scale = 1.0
    while scale > 1e-3:
        point = tuple(x + scale * offset for x, offset in zip(f.witness, offsets))
        if f.is_smooth_at(point):
            return point
        scale /= 2
    return f.witness
