"""Hypothesis strategies: leaves and random expressions. Those of points are in `points.py`.

They need Hypothesis, `python -m pip install hypothesis`; the rest of `autograd.testing` does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from autograd.engine import Value
from autograd.operations.operation import TABLE
from autograd.testing.expressions import Expression, is_smooth

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


def values(min_value: float = -10.0, max_value: float = 10.0) -> SearchStrategy[Value]:
    """Leaf Values with numbers from min_value to max_value.

    >>> from hypothesis import find
    >>> find(values(), lambda x: x.data > 1)
    Value(data=2.0, grad=0.0)
    """
    st = hypothesis_strategies()
    leaves: SearchStrategy[Value] = st.builds(Value, st.floats(min_value, max_value, allow_subnormal=False))
    return leaves


def expressions(max_ops: int = 10, ops: Iterable[str] | None = None, smooth: bool = True) -> SearchStrategy[Expression]:
    """Random expressions of 1 to 3 inputs; a step may be used several times.

    Args:
        max_ops: the largest number of operations, at least 1.
        ops: the names of the operations to use. By default all that take real numbers.
        smooth: use only operations that have derivatives, and keep away from kinks and poles at the expression's
            `witness`, so that difference quotients can be trusted there.

    An expression is a function; its repr is code that can be pasted. Hypothesis shrinks it to few operations.

    Raises:
        ValueError: max_ops is not an int of 1 or more, or no operation has this name.

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
    names = _checked_names(ops, smooth)
    st = hypothesis_strategies()
    operands = cache(partial(_operands, st))  # Hypothesis takes longer to check a new strategy than to draw from it

    @st.composite  # type: ignore[untyped-decorator]  # Hypothesis need not be installed
    def expression(draw: Any) -> Expression:
        return _drawn(st, draw, operands, names, max_ops, smooth)

    drawn: SearchStrategy[Expression] = expression().filter(lambda f: f.steps)
    return drawn


def _checked_names(ops: Iterable[str] | None, smooth: bool) -> list[str]:
    names = [ops] if isinstance(ops, str) else list(TABLE if ops is None else ops)
    if not names:
        raise ValueError("ops are names of operations in autograd.TABLE, got none; leave it out for all of them")
    for name in names:
        if name not in TABLE:
            raise ValueError(f"ops are names of operations in autograd.TABLE, got {name!r}; see docs/operations.md")
    if ops is None:
        names = [name for name in names if name not in _COUNTING and (not smooth or any(TABLE[name].formulas))]
    return names


_COUNTING = {
    "polygamma",
    "shifted_power",
    "falling_factorial",
    *(name for name in TABLE if name.endswith("_derivative")),
}
"""The operations that take whole numbers."""


def _operands(st: Any, count: int) -> tuple[Any, Any, Any]:
    """The strategies of three operands of a step after this many numbers. The first is not a constant."""
    # mostly the newest numbers, so that most of the graph is used
    newest = st.integers(0, min(2, count - 1)).map(lambda k: count - 1 - k)
    operand = newest | st.integers(0, count - 1)
    other = operand | _tenths(st)
    return operand, other, other


def _tenths(st: Any) -> Any:
    return st.integers(-20, 20).map(lambda k: k / 10)


def _drawn(
    st: Any, draw: Any, operands_of: Callable[[int], tuple[Any, ...]], names: list[str], max_ops: int, smooth: bool
) -> Expression:
    """Draw an expression step by step; each step takes an operation whose domain fits the numbers so far."""
    n_inputs = draw(st.integers(1, 3))
    witness = tuple(draw(_tenths(st)) for _ in range(n_inputs))
    numbers = list(witness)
    steps: list[tuple[str, tuple[int | float, ...]]] = []
    for _ in range(draw(st.integers(1, max_ops))):
        available = [draw(operand) for operand in operands_of(len(numbers))]
        fitting = []
        for name in names:
            operands = tuple(available[: len(TABLE[name].formulas)])
            arguments = [x if isinstance(x, float) else numbers[x] for x in operands]
            if not smooth or is_smooth(name, arguments):
                fitting.append((name, operands, TABLE[name].function(*arguments)))
        if fitting:
            name, operands, number = fitting[draw(st.integers(0, len(fitting) - 1))]
            steps.append((name, operands))
            numbers.append(number)
    return Expression(n_inputs, tuple(steps), witness)


def hypothesis_strategies() -> Any:
    """The strategies of Hypothesis."""
    try:
        from hypothesis import strategies  # lazy: optional, the checks do without it
    except ImportError:
        raise ImportError(
            "the strategies of autograd.testing need Hypothesis; install it: python -m pip install hypothesis"
        ) from None
    return strategies
