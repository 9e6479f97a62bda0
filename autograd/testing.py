"""Proof of gradients: difference quotients that know their error, checks against them, and Hypothesis strategies.

    from autograd.testing import check_gradients, expressions, numerical_gradient, points_for, values

The strategies need Hypothesis, `python -m pip install hypothesis`; the rest needs nothing.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd.anomaly import calling_line
from autograd.engine import Value, topological_order
from autograd.expressions import Expression, is_smooth
from autograd.modes import Mode, no_grad
from autograd.operation import TABLE
from autograd.transforms import grad, jvp
from autograd.tree import Branch, flatten, unflatten

if TYPE_CHECKING:
    from typing import SupportsFloat

    from hypothesis.strategies import SearchStrategy

    from autograd.modes import State
    from autograd.operation import Number
    from autograd.tree import Tree

# --------------------------------------------------------------------------- numerical differentiation


class NumericalGradient(NamedTuple):
    """What numerical_gradient() found.

    Attributes:
        gradient: in the structure of the argument, of the tuple of them if there are several.
        error: an estimate of the absolute error of each entry, in the same structure; inf where there is none.
        doubts: a sentence for each entry that is not to be trusted: a kink, the edge of a domain, noise.
    """

    gradient: Any
    error: Any
    doubts: list[str]


def numerical_gradient(f: Callable[..., Any], *args: Any) -> NumericalGradient:
    """The gradient of f by difference quotients, independent of every derivative in the table.

    Central differences, extrapolated to a step of 0, from several first steps, of which the one with the smallest
    error counts; at the edge of a domain, where f is finite on one side only, differences on that side.
    C. J. F. Ridders, "Accurate computation of F'(x) and F'(x)F''(x)", Advances in Engineering Software 4 (1982).

    Args:
        f: gives one number; called with Values, of which nothing is recorded.
        args: numbers, or nested lists, tuples, dicts and NumPy arrays of numbers.

    Raises:
        TypeError: an argument holds something else, or f gives no number.

    >>> found = numerical_gradient(lambda x: x[0] * x[1] ** 2, [3.0, 2.0])
    >>> [round(x, 9) for x in found.gradient], max(found.error) < 1e-8, found.doubts
    ([4.0, 12.0], True, [])
    >>> numerical_gradient(abs, 0.0).doubts
    ['args[0] = 0.0: a kink, the derivative is -1 on the left and 1 on the right']
    """
    numbers, tree = flatten(args[0] if len(args) == 1 else args, "numerical_gradient")
    entries = _entries(f, len(args) == 1, [float(x) for x in numbers], tree)
    return NumericalGradient(
        unflatten(tree, [entry.derivative for entry in entries]),
        unflatten(tree, [entry.error for entry in entries]),
        [f"{path}: {entry.doubt}" for path, entry in zip(_paths(tree, numbers, len(args)), entries) if entry.doubt],
    )


class _Entry(NamedTuple):
    derivative: float
    error: float
    doubt: str


def _entries(f: Callable[..., Any], is_one: bool, numbers: list[float], tree: Tree) -> list[_Entry]:
    def at(i: int) -> Callable[[float], float]:
        def g(x: float) -> float:
            values = [Value(number) for number in numbers]
            values[i] = Value(x)
            arguments = unflatten(tree, values)
            with no_grad():
                return _number_of(f(arguments) if is_one else f(*arguments))

        return g

    return [_derivative(at(i), x) for i, x in enumerate(numbers)]


def _number_of(y: object) -> float:
    try:
        return float(y)  # type: ignore[arg-type]
    except TypeError:
        kind = type(y).__name__
        raise TypeError(f"a function to differentiate gives one number, got {kind}; pick one entry of it") from None


def _derivative(g: Callable[[float], float], x: float) -> _Entry:
    y = g(x)
    if not math.isfinite(y):
        return _Entry(math.nan, math.inf, f"the function is {y} there")
    right = _settled(lambda h: (g(x + h) - y) / (x + h - x), x, y, 1)
    left = _settled(lambda h: (g(x - h) - y) / (x - h - x), x, y, 1)
    if math.isnan(left.limit) and math.isnan(right.limit):
        return _Entry(math.nan, math.inf, "the function is not finite on either side")
    if math.isnan(left.limit) or math.isnan(right.limit):
        return _judged(right if math.isnan(left.limit) else left, x, y)
    jump = abs(left.limit - right.limit)
    if jump > 10 * (left.error + right.error) + 1e-6 * max(abs(left.limit), abs(right.limit)):
        doubt = f"a kink, the derivative is {left.limit:.6g} on the left and {right.limit:.6g} on the right"
        return _Entry((left.limit + right.limit) / 2, jump, doubt)
    return _judged(_settled(lambda h: (g(x + h) - g(x - h)) / ((x + h) - (x - h)), x, y, 2), x, y)


class _Limit(NamedTuple):
    """The limit of a quotient for a step of 0, an estimate of its error, and how much the function changes around."""

    limit: float
    error: float
    change: float


def _judged(found: _Limit, x: float, y: float) -> _Entry:
    limit, error, change = found
    is_settled = error <= 2e-8 * max(abs(limit), (change + 1e-3 * abs(y)) / max(abs(x), 1.0))
    return _Entry(limit, error, "" if is_settled else f"the quotients do not settle, {limit:.6g} +- {error:.1g}")


def _settled(quotient: Callable[[float], float], x: float, y: float, power: int) -> _Limit:
    """The estimate with the least error, from first steps of several sizes.

    A larger step is less noisy, but may be too large to see what the function does near x. So its estimate counts
    only if it is within the error of that from the next smaller one.
    """
    scales = {abs(x) or 1.0, max(abs(x), 1.0)}
    best = _Limit(math.nan, math.inf, 0.0)
    for h in sorted(scale * step for scale in scales for step in (2.0**-20, 2.0**-10, 2.0**-5, 0.25)):
        found = _extrapolated(quotient, h, y, power)
        if not math.isnan(best.limit) and abs(found.limit - best.limit) > 10 * (found.error + best.error):
            break
        if found.error < best.error:
            best = found
        if best.error <= _ENOUGH * abs(best.limit):
            break
    return best


_ENOUGH = 1e-11  # relative error beyond which more quotients are not worth their time


def _extrapolated(quotient: Callable[[float], float], h: float, y: float, power: int) -> _Limit:
    """The limit of a quotient whose error is a series of powers of the step, from steps of h, h/1.4, ..."""
    shrink = 1.4**power
    table: list[list[float]] = []
    best = _Limit(math.nan, math.inf, 0.0)
    change = 0.0
    for _ in range(20):
        row = [quotient(h)]
        if math.isfinite(row[0]):
            change = max(change, abs(row[0]) * h)
            noise = 4e-16 * (abs(y) + abs(row[0]) * h) / h
            factor = shrink
            for before in table[-1] if table else ():
                row.append((row[-1] * factor - before) / (factor - 1.0))
                factor *= shrink
                error = max(abs(row[-1] - row[-2]), abs(row[-1] - before)) + noise
                if error <= best.error:
                    best = _Limit(row[-1], error, change)
            if table and (abs(row[-1] - table[-1][-1]) >= 2.0 * best.error or best.error <= _ENOUGH * abs(best.limit)):
                break
        table = [*table, row] if math.isfinite(row[0]) else []
        h /= 1.4
    return best


def _paths(tree: Tree, numbers: Sequence[Number], count: int) -> list[str]:
    """What each number is called in messages."""
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


# --------------------------------------------------------------------------- checks


class GradientError(AssertionError):
    """A gradient is not that of the function, or cannot be checked."""


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
        ValueError: order is less than 1, or a mode is unknown.

    >>> check_gradients(lambda x, y: x * y.sin(), 2.0, 3.0, order=2)
    """
    if not isinstance(order, int) or order < 1:
        raise ValueError(f"order is 1 or more, got {order!r}; 1 checks the gradient, 2 the Hessian too")
    modes = tuple(modes)
    for mode in modes:
        if mode not in ("reverse", "forward"):
            raise ValueError(f'modes are "reverse" and "forward", got {mode!r}; leave it out for both')
    numbers, tree = flatten(args, "check_gradients")
    paths = _paths(tree, numbers, 2)
    entries = _entries(f, False, [float(x) for x in numbers], tree)
    for mode in modes:
        _compare(f, args, mode, _derivatives(f, args, mode), entries, paths)
    for path, entry in zip(paths, entries):
        if entry.doubt:
            raise GradientError(f"the gradient cannot be checked at {path}: {entry.doubt}; check at another point")
    if order > 1:
        everything = tuple(range(len(args)))
        for i, path in enumerate(paths):

            def slope(*arguments: Any, i: int = i) -> Any:
                return flatten(grad(f, everything)(*arguments), "check_gradients")[0][i]

            try:
                check_gradients(slope, *args, order=order - 1, modes=modes)
            except GradientError as error:
                raise GradientError(f"of the derivative by {path.split(' = ')[0]}: {error}") from None


def _derivatives(f: Callable[..., Any], args: tuple[Any, ...], mode: str) -> list[float]:
    numbers, tree = flatten(args, "check_gradients")
    point = unflatten(tree, [float(x) for x in numbers])
    if mode == "reverse":
        found = flatten(grad(f, tuple(range(len(args))))(*point), "check_gradients")[0]
        return [float(x) for x in found]
    return [
        float(jvp(f, point, unflatten(tree, [float(i == k) for k in range(len(numbers))]))[1])
        for i in range(len(numbers))
    ]


def _compare(
    f: Callable[..., Any],
    args: tuple[Any, ...],
    mode: str,
    derivatives: list[float],
    entries: list[_Entry],
    paths: list[str],
) -> None:
    worst, message = 1.0, ""
    for derivative, entry, path in zip(derivatives, entries, paths):
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


class _Lines(Mode):
    """Remembers where each node was recorded."""

    def __init__(self) -> None:
        self.lines: dict[int, str] = {}

    def within(self, state: State) -> State:
        paused, names, _ = state
        return paused, names, self

    def recorded(self, node: Value) -> None:
        self.lines[id(node)] = calling_line()

    def differentiating(self, root: Value, gradient: SupportsFloat) -> None:
        """A backward() that f calls is no concern of this."""


def _along(function: Callable[..., float], point: list[float], i: int) -> Callable[[float], float]:
    return lambda x: function(*point[:i], x, *point[i + 1 :])


def _culprit(f: Callable[..., Any], args: tuple[Any, ...]) -> str:
    """The first node whose recorded partial derivative is not that of its operation."""
    numbers, tree = flatten(args, "check_gradients")
    lines = _Lines()
    with lines:
        output = f(*unflatten(tree, [Value(float(x)) for x in numbers]))
    for node in topological_order(output) if isinstance(output, Value) else ():
        row = TABLE[node.op] if node.op else None
        point = [float(x) for x in node.operands]
        for i, slope in enumerate(node._slopes):
            if slope is None or row is None:
                continue
            entry = _derivative(_along(row.function, point, i), point[i])
            if not entry.doubt and abs(slope - entry.derivative) > 20 * entry.error + 1e-9 * abs(entry.derivative):
                call = f"{node.op}({', '.join(map(repr, point))})"
                where = lines.lines.get(id(node), "an unknown line")
                return (
                    f"its first wrong partial derivative is that of {call} by argument {i}: it recorded {slope!r} "
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
        ValueError: max_ops is less than 1, or a name is not that of a row.

    >>> from hypothesis import find
    >>> find(expressions(), lambda f: any(name == "tanh" for name, _ in f.steps))
    from autograd import tanh
    <BLANKLINE>
    <BLANKLINE>
    def f(x0):
        return tanh(x0)
    """
    if max_ops < 1:
        raise ValueError(f"max_ops is how many operations an expression may have, 1 or more, got {max_ops}; use 1")
    names = list(TABLE if ops is None else ops)
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
    """Arguments for f: of an Expression, points around its witness where it is smooth; else such where f is finite.

    Raises:
        TypeError: it cannot be told how many arguments f takes.

    >>> from hypothesis import find
    >>> find(points_for(lambda x, y: x / y), lambda point: True)
    (0.0, 1.0)
    """
    st = _hypothesis()
    points: SearchStrategy[tuple[float, ...]]
    if isinstance(f, Expression):
        around = st.tuples(*[st.integers(-100, 100).map(lambda k: k / 100)] * f.n_inputs)
        points = around.map(lambda offsets: _nearest_smooth(f, offsets))
        return points
    parameters = inspect.signature(f).parameters.values()
    if not parameters or any(p.kind not in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters):
        raise TypeError(f"points_for() counts the positional arguments of f, got {inspect.signature(f)}; name each one")
    points = st.tuples(*[st.floats(-10, 10, allow_subnormal=False)] * len(parameters))
    return points.filter(lambda point: math.isfinite(_number_of(f(*map(Value, point)))))


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
