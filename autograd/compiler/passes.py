"""Passes that make a listing shorter: each takes a listing and gives one with the same results, bit for bit.

The passes of `products.py` may change the bits of sums of products.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from autograd._typing import TYPE_CHECKING
from autograd.compiler.analysis import count_uses
from autograd.compiler.ir import Listing, bits_of, renumbered
from autograd.operations.floats import log_magnitude
from autograd.operations.operation import find
from autograd.operations.powers import falling_factorial

if TYPE_CHECKING:
    from autograd.compiler.ir import Operand, Step

# --------------------------------------------------------------------------- constants and common subexpressions


def simplify(listing: Listing) -> Listing:
    """Fold constants, and use the first of several steps with the same operation and operands, in one sweep.

    Constant folding computes steps whose operands are all constants, leaves out comparisons of constants, and uses x in
    place of x * 1.0. Each rule holds for every number, also for -0.0, infinities and nan. So x - 0.0 becomes x, but
    x + 0.0 does not, because -0.0 + 0.0 is 0.0.
    """
    first = place = listing.first
    places: list[Operand] = list(range(first))
    steps: list[Step] = []
    known: dict[object, int] = {}
    for name, operands in listing.steps:
        operands = renumbered(operands, places)
        step: Step = name, operands
        key: object = step
        a, b = operands[0], operands[-1]
        if type(a) is float or type(b) is float or len(operands) > 2 or name == "stop_gradient":
            if name == "divide_by_exp" and _is_quotient(operands, steps, first):
                name, operands = "divide", operands[1:]
            step = name, operands = _folded(name, operands)
            if not name:
                places.append(operands[0])
                continue
            key = name, tuple([x if type(x) is int else bits_of(x) for x in operands])
        elif a > b and name in _COMMUTATIVE:
            key = name, (b, a)
        found = known.setdefault(key, place)
        places.append(found)
        if found == place:
            steps.append(step)
            place += 1
    short = listing.rebuilt(steps, places)
    short.guards = [guard for guard in short.guards if type(guard[1]) is int or type(guard[2]) is int]
    return short


def _folded(name: str, operands: tuple[Operand, ...]) -> Step:
    """A step in its simplest form; a step that just returns its operand has the name ""."""
    if int not in map(type, operands):
        return "", (find(name).function(*operands),)
    neutral = _NEUTRAL.get(name)
    if neutral is not None:
        for a, b in (operands, operands[::-1]) if name in _COMMUTATIVE else (operands,):
            if _is(b, neutral):
                return "", (a,)
            if _is(b, -1.0) and name in ("multiply", "divide"):
                return "negative", (a,)
    return _RULES[name](*operands) if name in _RULES else (name, operands)


_NEUTRAL = {"add": -0.0, "subtract": 0.0, "multiply": 1.0, "divide": 1.0, "power": 1.0}
"""The right operand for which an operation returns its left operand, whatever that is."""

_COMMUTATIVE = {"add", "multiply", "hypot"}
"""Operations that give the same bits after a swap of operands; maximum(0.0, -0.0) is not maximum(-0.0, 0.0)."""


def _is(operand: Operand, number: float) -> bool:
    return operand == number and type(operand) is float and math.copysign(1.0, operand) == math.copysign(1.0, number)


def _is_quotient(operands: tuple[Operand, ...], steps: Sequence[Step], first: int) -> bool:
    """Whether divide_by_exp(a, b, c) is b/c, because a is log|c|."""
    a, _, c = operands
    if type(a) is int:
        return a >= first and steps[a - first] == ("log_magnitude", (c,))
    return type(c) is float and a == log_magnitude(c)


# a square and its derivative: the float functions of the table give the same bits


def _power(a: Operand, b: Operand) -> Step:
    return ("multiply", (a, a)) if _is(b, 2.0) else ("power", (a, b))


def _power_slope(a: Operand, b: Operand) -> Step:
    return ("add", (a, a)) if _is(b, 2.0) else ("power_slope", (a, b))


def _shifted_power(a: Operand, b: Operand, c: Operand) -> Step:
    if type(b) is float and type(c) is float and b - c in (0.0, 1.0, 2.0):
        return ("", (1.0,)) if b == c else _folded("power", (a, b - c))
    return "shifted_power", (a, b, c)


def _power_derivative(a: Operand, b: Operand, c: Operand) -> Step:
    if type(b) is float and type(c) is float:
        factor = falling_factorial(b, c, 0.0)
        if factor == 0.0 or b == c:
            return "", (factor,)
        if b - c == 1.0:
            return _folded("multiply", (factor, a))
    return "power_derivative", (a, b, c)


def _times(a: Operand, b: Operand) -> Step:
    if type(a) is not float:
        return "times", (a, b)
    return _folded("multiply", (a, b)) if a else ("", (0.0,))


def _where(a: Operand, b: Operand, c: Operand) -> Step:
    if type(a) is float:
        return "", (b if a else c,)
    is_same = type(b) is type(c) and repr(b) == repr(c)
    return ("", (b,)) if is_same else ("where", (a, b, c))


_RULES: dict[str, Callable[..., Step]] = {
    "power": _power,
    "power_slope": _power_slope,
    "power_derivative": _power_derivative,
    "shifted_power": _shifted_power,
    "stop_gradient": lambda a: ("", (a,)),
    "times": _times,
    "where": _where,
}

# --------------------------------------------------------------------------- dead code


def eliminate_dead_code(listing: Listing) -> Listing:
    """Leave out the steps that no result depends on."""
    needed = count_uses(listing)[listing.first :]
    return listing.replaced([step if uses else None for step, uses in zip(listing.steps, needed)])
