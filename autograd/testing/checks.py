"""Proof of gradients: checks against difference quotients, and Hypothesis strategies.

The strategies need Hypothesis, `python -m pip install hypothesis`; the rest needs nothing.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from autograd.derivatives.anomaly import calling_line
from autograd.derivatives.transforms import grad, jvp
from autograd.engine import Value, topological_order
from autograd.engine.modes import Watch
from autograd.operations.operation import TABLE
from autograd.pytree import flatten, unflatten
from autograd.testing.expressions import Expression, is_smooth
from autograd.testing.finite_differences import (
    REMEDY,
    Entry,
    number_of,
    paths,
    quotient,
    quotients,
)

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from autograd.operations.operation import Number, Operation

# --------------------------------------------------------------------------- checks


class GradientError(AssertionError):
    """A gradient is not that of the function, or cannot be checked."""

    __module__ = "autograd.testing"  # the name by which it is imported


def check_gradients(
    f: Callable[..., Any], *args: Any, order: int = 1, modes: Iterable[str] = ("reverse", "forward")
) -> None:
    """Compare the derivatives of f with difference quotients, and raise if one is wrong, or cannot be told right.

    Args:
        f: gives one Value.
        args: where: numbers, or nested lists, tuples, dicts and NumPy arrays of numbers.
        order: up to which order; the second derivatives are checked as the first ones of each gradient entry.
        modes: "reverse" and "forward", how the derivatives are computed.

    Raises:
        GradientError: with the worst entry, both numbers, the estimated error of the quotient, and the operation
            and source line of the first node whose recorded partial derivative is wrong, if there is one; or where
            the quotients cannot be trusted: at a kink, at a pole, in noise.
        TypeError: f gives no Value, or an argument holds something else.
        ValueError: order is less than 1, a mode is unknown, or there is none.

    >>> check_gradients(lambda x, y: x * y.sin(), 2.0, 3.0, order=2)
    """
    if not isinstance(order, int) or order < 1:
        raise ValueError(f"order is 1 or more, got {order!r}; 1 checks the gradient, 2 the Hessian too")
    modes = (modes,) if isinstance(modes, str) else tuple(modes)
    if not modes:
        raise ValueError('modes are "reverse" and "forward", got none of them; leave it out for both')
    for mode in modes:
        if mode not in ("reverse", "forward"):
            raise ValueError(f'modes are "reverse" and "forward", got {mode!r}; leave it out for both')
    numbers, tree = flatten(args, "check_gradients() takes", REMEDY)
    places = paths(tree, numbers, 2)
    entries = quotients(f, numbers, tree, is_one=False)
    for mode in modes:
        _compare(f, args, mode, _derivatives(f, args, mode), entries, places)
    for path, entry in zip(places, entries):
        if entry.doubt:
            raise GradientError(f"the gradient cannot be checked at {path}: {entry.doubt}; check at another point")
    if order > 1:
        everything = tuple(range(len(args)))
        for i, path in enumerate(places):

            def slope(*arguments: Any, i: int = i) -> Any:
                return _numbers(grad(f, everything)(*arguments))[i]

            try:
                check_gradients(slope, *args, order=order - 1, modes=modes)
            except GradientError as error:
                raise GradientError(f"of the derivative by {path.split(' = ')[0]}: {error}") from None


def _derivatives(f: Callable[..., Any], args: tuple[Any, ...], mode: str) -> list[float]:
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
    worst, message = 1.0, ""
    for derivative, entry, path in zip(derivatives, entries, places):
        if entry.doubt:
            continue
        excess = abs(derivative - entry.derivative) / (20 * entry.error + 1e-9 * abs(entry.derivative) + 1e-300)
        if excess > worst or math.isnan(excess):
            worst = excess
            message = (
                f"the derivative by {path} is {derivative!r} in {mode} mode, but the difference quotient is "
                f"{entry.derivative!r} +- {entry.error:.1g}"
            )
    if message:
        raise GradientError(f"{message}; {_culprit(f, args)}")


class _Lines(Watch):
    """Remembers where each node was recorded."""

    def __init__(self) -> None:
        self.lines: dict[int, str] = {}

    def recorded(self, node: Value) -> None:
        self.lines[id(node)] = calling_line()


def _along(row: Operation, point: list[float], i: int) -> Callable[[float], float]:
    """The function of a row along one of its operands."""
    return lambda x: row.function(*row.arranged([*point[:i], x, *point[i + 1 :]]))


def _culprit(f: Callable[..., Any], args: tuple[Any, ...]) -> str:
    """The first node whose recorded partial derivative is not that of its operation."""
    numbers, tree = flatten(args, "check_gradients() takes", REMEDY)
    lines = _Lines()
    with lines:
        output = f(*unflatten(tree, [Value(float(x)) for x in numbers]))
    for node in topological_order(output) if isinstance(output, Value) else ():
        row, point = node._operation, [float(x) for x in node.operands]
        for i, slope in enumerate(node._slopes):
            if slope is None or row is None:
                continue
            call, name = row.call(point), row.edges(len(point))[i][0]
            where = lines.lines.get(id(node), "an unknown line")
            if not math.isfinite(slope):
                return f"the partial derivative of {call} by {name} is {slope!r}, at {where}"
            entry = quotient(_along(row, point, i), point[i])
            if not entry.doubt and abs(slope - entry.derivative) > 20 * entry.error + 1e-9 * abs(entry.derivative):
                return (
                    f"its first wrong partial derivative is that of {call} by {name}: it recorded {slope!r} "
                    f"where {entry.derivative!r} is right, at {where}"
                )
    return (
        "each operation recorded the right partial derivatives, so they are added up wrongly, or a number "
        "on the way went through .data, float() or a function of math"
    )


# --------------------------------------------------------------------------- Hypothesis strategies


def values(min_value: float = -10.0, max_value: float = 10.0) -> SearchStrategy[Value]:
    """Leaves with numbers between the two.

    >>> from hypothesis import find
    >>> find(values(), lambda x: x.data > 1)
    Value(data=2.0, grad=0.0)
    """
    st = _hypothesis()
    leaves: SearchStrategy[Value] = st.builds(Value, st.floats(min_value, max_value, allow_subnormal=False))
    return leaves


def expressions(max_ops: int = 10, ops: Iterable[str] | None = None, smooth: bool = True) -> SearchStrategy[Expression]:
    """Random expressions: graphs in which results are shared, of 1 to 3 inputs.

    Args:
        max_ops: how many operations one has at most, at least 1.
        ops: the names of the rows they are made of; all that take real numbers if not given.
        smooth: only rows that have derivatives, and at the expression's `witness` away from kinks and poles, where
            difference quotients can be trusted.

    An expression is a function; its repr is code that can be pasted. Hypothesis shrinks it to few operations.

    Raises:
        ValueError: max_ops is no int of 1 or more, or a name is not that of a row.

    >>> from hypothesis import find
    >>> find(expressions(), lambda f: any(name == "tanh" for name, _ in f.steps))
    from autograd import tanh
    <BLANKLINE>
    <BLANKLINE>
    def f(x0):
        return tanh(x0)
    """
    if not isinstance(max_ops, int) or max_ops < 1:
        raise ValueError(f"max_ops is how many operations an expression may have, 1 or more, got {max_ops}; use 1")
    names = [ops] if isinstance(ops, str) else list(TABLE if ops is None else ops)
    if not names:
        raise ValueError("ops are names of rows of autograd.TABLE, got none; leave it out for all of them")
    for name in names:
        if name not in TABLE:
            raise ValueError(f"ops are names of rows of autograd.TABLE, got {name!r}; see docs/operations.md")
    if ops is None:
        names = [name for name in names if name not in _COUNTING and (not smooth or any(TABLE[name].formulas))]
    st = _hypothesis()
    tenths = st.integers(-20, 20).map(lambda k: k / 10)

    @st.composite  # type: ignore[untyped-decorator]  # Hypothesis need not be installed
    def expression(draw: Any) -> Expression:
        n_inputs = draw(st.integers(1, 3))
        witness = tuple(draw(tenths) for _ in range(n_inputs))
        numbers = list(witness)
        steps: list[tuple[str, tuple[int | float, ...]]] = []
        for _ in range(draw(st.integers(1, max_ops))):
            # mostly the newest numbers, so that most of the graph is used
            newest = st.integers(0, min(2, len(numbers) - 1)).map(lambda k: len(numbers) - 1 - k)
            operand = newest | st.integers(0, len(numbers) - 1)
            available = [draw(operand), draw(operand | tenths), draw(operand | tenths)]
            fitting = []
            for name in names:
                operands = tuple(available[: len(TABLE[name].formulas)])
                arguments = [x if isinstance(x, float) else numbers[x] for x in operands]
                if not smooth or is_smooth(name, arguments):
                    fitting.append((name, operands, TABLE[name].function(*arguments)))
            if fitting:
                name, operands, number = draw(st.sampled_from(fitting))
                steps.append((name, operands))
                numbers.append(number)
        return Expression(n_inputs, tuple(steps), witness)

    drawn: SearchStrategy[Expression] = expression().filter(lambda f: f.steps)
    return drawn


_COUNTING = {"polygamma", "shifted_power"}  # they take whole numbers


def points_for(f: Callable[..., Any]) -> SearchStrategy[tuple[float, ...]]:
    """Arguments for f: of an Expression, points around its witness where it is smooth; else multiples of
    1/1024 from -10 to 10 where f is finite.

    Raises:
        TypeError: it cannot be told how many arguments f takes.

    >>> from hypothesis import find
    >>> find(points_for(lambda x, y: x / y), lambda point: point[1] > 0.5)
    (0.0, 0.5009765625)
    """
    st = _hypothesis()
    points: SearchStrategy[tuple[float, ...]]
    if isinstance(f, Expression):
        around = st.tuples(*[st.integers(-100, 100).map(lambda k: k / 100)] * f.n_inputs)
        points = around.map(lambda offsets: _nearest_smooth(f, offsets))
        return points
    points = st.tuples(*[st.integers(-10240, 10240).map(lambda k: k / 1024)] * _count_arguments(f))
    return points.filter(lambda point: math.isfinite(number_of(f(*map(Value, point)))))


def _count_arguments(f: Callable[..., Any]) -> int:
    """How many numbers a function must be called with."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except ValueError:
        parameters = {}.values()
    needed = [p for p in parameters if p.default is p.empty]
    if not needed or any(p.kind not in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in needed):
        raise TypeError(f"points_for() cannot count the arguments of {f!r}; name each one: lambda x, y: f(x, y)")
    return len(needed)


def _nearest_smooth(f: Expression, offsets: Sequence[float]) -> tuple[float, ...]:
    scale = 1.0
    while scale > 1e-3:
        point = tuple(x + scale * offset for x, offset in zip(f.witness, offsets))
        if f.is_smooth_at(point):
            return point
        scale /= 2
    return f.witness


def _hypothesis() -> Any:
    try:
        from hypothesis import strategies  # lazy: the checks do without it
    except ImportError:
        raise ImportError(
            "the strategies of autograd.testing need Hypothesis; install it: python -m pip install hypothesis"
        ) from None
    return strategies
