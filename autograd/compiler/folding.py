"""Constant folding: a step whose operands are constants, or which just returns its operand, in its simplest form."""

from __future__ import annotations

import math
from collections.abc import Callable

from autograd._typing import TYPE_CHECKING
from autograd.operations.operation import find
from autograd.operations.powers import falling_factorial

if TYPE_CHECKING:
    from autograd.compiler.ir import Operand, Step


def folded(name: str, operands: tuple[Operand, ...]) -> Step:
    """A step in its simplest form; a step that just returns its operand has the name "".

    Each rule holds for every number, also for -0.0, infinities and nan. So x - 0.0 becomes x, but x + 0.0 does not,
    because -0.0 + 0.0 is 0.0.
    """
    if int not in map(type, operands):
        return "", (find(name).function(*operands),)
    neutral = _NEUTRAL.get(name)
    if neutral is not None:
        for a, b in (operands, operands[::-1]) if name in COMMUTATIVE else (operands,):
            if _is(b, neutral):
                return "", (a,)
            if _is(b, -1.0) and name in ("multiply", "divide"):
                return "negative", (a,)
    return RULES[name](*operands) if name in RULES else (name, operands)


_NEUTRAL = {"add": -0.0, "subtract": 0.0, "multiply": 1.0, "divide": 1.0, "power": 1.0}
"""The right operand for which an operation returns its left operand, whatever that is."""

COMMUTATIVE = {"add", "multiply", "hypot"}
"""Operations that give the same bits after a swap of operands; maximum(0.0, -0.0) is not maximum(-0.0, 0.0)."""


def _is(operand: Operand, number: float) -> bool:
    return operand == number and type(operand) is float and math.copysign(1.0, operand) == math.copysign(1.0, number)


# a square and its derivative: the float functions of the table give the same bits


def _power(a: Operand, b: Operand) -> Step:
    return ("multiply", (a, a)) if _is(b, 2.0) else ("power", (a, b))


def _power_slope(a: Operand, b: Operand) -> Step:
    return ("add", (a, a)) if _is(b, 2.0) else ("power_slope", (a, b))


def _shifted_power(a: Operand, b: Operand, c: Operand) -> Step:
    if type(b) is float and type(c) is float and b - c in (0.0, 1.0, 2.0):
        return ("", (1.0,)) if b == c else folded("power", (a, b - c))
    return "shifted_power", (a, b, c)


def _power_derivative(a: Operand, b: Operand, c: Operand) -> Step:
    if type(b) is float and type(c) is float:
        factor = falling_factorial(b, c, 0.0)
        if factor == 0.0 or b == c:
            return "", (factor or 0.0,)  # not -0.0
        if b - c == 1.0:
            return folded("multiply", (factor, a))
    return "power_derivative", (a, b, c)


def _times(a: Operand, b: Operand) -> Step:
    if type(a) is not float:
        return "times", (a, b)
    return folded("multiply", (a, b)) if a else ("", (0.0,))


def _where(a: Operand, b: Operand, c: Operand) -> Step:
    if type(a) is float:
        return "", (b if a else c,)
    is_same = type(b) is type(c) and repr(b) == repr(c)
    return ("", (b,)) if is_same else ("where", (a, b, c))


RULES: dict[str, Callable[..., Step]] = {
    "power": _power,
    "power_slope": _power_slope,
    "power_derivative": _power_derivative,
    "shifted_power": _shifted_power,
    "stop_gradient": lambda a: ("", (a,)),
    "times": _times,
    "where": _where,
}
