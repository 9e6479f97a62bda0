"""Passes that make a listing shorter: each takes a listing and gives one with the same results, bit for bit.

The passes of `products.py` may change the bits of sums of products.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from autograd._typing import TYPE_CHECKING, final
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
    x + 0.0 does not, because -0.0 + 0.0 is 0.0. Signs and factors of 2 move into constants: see _Simplifier.
    """
    simplifier = _Simplifier(listing.first)
    places: list[Operand] = list(range(listing.first))
    for name, operands in listing.steps:
        places.append(simplifier.add(name, renumbered(operands, places)))
    short = listing.rebuilt(simplifier.steps, places)
    short.guards = [guard for guard in short.guards if type(guard[1]) is int or type(guard[2]) is int]
    return short


@final
class _Simplifier:
    """The steps so far.

    A negative, and a sum x + x, become products with constants, or parts of other steps, where these give the same
    bits: a + -b is a - b; -(x + x) is x * -2.0; and c * (x + x) is x * 2c if |c| >= 1. For other c, x + x may overflow
    where x * 2c does not.
    """

    def __init__(self, first: int) -> None:
        self.steps: list[Step] = []
        self._first = first
        self._known: dict[object, int] = {}
        self._negated: dict[Operand, Operand] = {}  # for a register that is -x: x
        self._scaled: dict[Operand, tuple[Operand, float]] = {}  # for one that is x + x or x * c: x, and 2.0 or c

    def add(self, name: str, operands: tuple[Operand, ...]) -> Operand:
        """Add a step, unless its result is known; gives the register or the constant that has it."""
        step: Step = name, operands
        key: object = step
        a, b = operands[0], operands[-1]
        if type(a) is float or type(b) is float or len(operands) > 2 or name == "stop_gradient":
            if name == "divide_by_exp" and _is_quotient(operands, self.steps, self._first):
                name, operands = "divide", operands[1:]
            step = name, operands = _folded(name, operands)
            if not name:
                return operands[0]
        if name in _SIGNED:
            step = name, operands = self._with_signs(name, operands)
            if not name:
                return operands[0]
            a, b = operands[0], operands[-1]
        if float in map(type, operands):
            key = name, tuple([x if type(x) is int else bits_of(x) for x in operands])
        elif name in _COMMUTATIVE and a > b:
            key = name, (b, a)
        else:
            key = step
        place = self._first + len(self.steps)
        found = self._known.setdefault(key, place)
        if found == place:
            self.steps.append(step)
            if name == "negative":
                self._negated[place] = a
            elif name == "add" and a == b and type(a) is type(b):
                self._scaled[place] = a, 2.0
            elif name == "multiply" and type(a) is float:
                self._scaled[place] = b, a
            elif name == "multiply" and type(b) is float:
                self._scaled[place] = a, b
        return found

    def _with_signs(self, name: str, operands: tuple[Operand, ...]) -> Step:
        """A sum, difference, product or negative, with fewer negatives and factors of 2; "" for its operand."""
        a, b = operands[0], operands[-1]
        if name == "negative":
            if a in self._negated:
                return "", (self._negated[a],)
            return ("multiply", self._with_factor(a, -1.0)) if a in self._scaled else (name, operands)
        negated_a, negated_b = self._opposite(a), self._opposite(b)
        if name == "subtract":
            return (name, operands) if negated_b is None else ("add", (a, negated_b))
        if name == "add":
            if a == b:
                return name, operands
            if negated_b is not None:
                return "subtract", (a, negated_b)
            return (name, operands) if negated_a is None else ("subtract", (b, negated_a))
        if type(a) is float:
            a, b, negated_a = b, a, negated_b
        if type(b) is float:
            if negated_a is not None:
                return "multiply", (negated_a, -b)
            is_double = a in self._scaled and self._scaled[a][1] == 2.0
            return "multiply", self._with_factor(a, b) if is_double and 1.0 <= abs(b) < _HALF else operands
        return "multiply", self._product(a, b, negated_a, negated_b)

    def _product(
        self, a: Operand, b: Operand, negated_a: Operand | None, negated_b: Operand | None
    ) -> tuple[Operand, ...]:
        """The factors of the product of two registers: the sign of one may move into the constant of the other."""
        if negated_a is not None and negated_b is not None:
            return negated_a, negated_b
        for x, y in ((negated_a, b), (negated_b, a)):
            if x is not None and y in self._scaled:
                return x, self.add("multiply", self._with_factor(y, -1.0))
        return a, b

    def _opposite(self, x: Operand) -> Operand | None:
        """For a register that is -y: y."""
        return self._negated.get(x) if type(x) is int else None  # a constant may equal a number of a register

    def _with_factor(self, x: Operand, factor: float) -> tuple[Operand, float]:
        """The factors of a scaled register times a number."""
        y, own = self._scaled[x]
        return y, own * factor


_SIGNED = {"add", "multiply", "negative", "subtract"}
_HALF = 2.0**1023  # twice this is infinite


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
            return "", (factor or 0.0,)  # not -0.0
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
