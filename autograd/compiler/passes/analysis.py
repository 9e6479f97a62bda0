"""Facts about a listing for passes and evaluators: what is used, what is the same for all rows, what decides."""

from __future__ import annotations

from array import array

from autograd._typing import TYPE_CHECKING
from autograd.compiler.codes import DOT, MAXIMUM, MULTIPLY, POWER, marked
from autograd.compiler.passes.pointers import integers, small
from autograd.compiler.sides import BASE, BRANCHES, SUM_OF_SIDES, kinds_of_sides

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autograd.compiler.ir import Listing


def count_uses(listing: Listing) -> array[int]:
    """How often each register is a result, or an operand of a step that a result depends on."""
    first, end = listing.first, listing.n_registers
    counts = array("i", bytes(4 * end))
    uses, starts, operands = integers(counts), integers(listing.starts), integers(listing.operands)
    for x in listing.results:
        if x >= 0:
            uses[x] += 1
    for i in range(end - 1, first - 1, -1):
        if uses[i]:
            for k in range(starts[i - first], starts[i - first + 1]):
                x = operands[k]
                if x >= 0:
                    uses[x] += 1
    return counts


def find_varying(listing: Listing) -> bytearray:
    """Whether each register is varying: not the same for all rows. The others are uniform, and computed only once."""
    first, end = listing.first, listing.n_registers
    found = bytearray(end)
    varies, starts, operands = small(found), integers(listing.starts), integers(listing.operands)
    for i in range(listing.n_inputs):
        varies[i] = 1
    for i in range(first, end):
        for k in range(starts[i - first], starts[i - first + 1]):
            x = operands[k]
            if x >= 0 and varies[x]:
                varies[i] = 1
                break
    return found


def find_decisive(listing: Listing) -> bytearray:
    """The registers that must have the bits of the function: those that decide, and all that these depend on."""
    first, end = listing.first, listing.n_registers
    found = bytearray(end)
    decisive, starts, operands = small(found), integers(listing.starts), integers(listing.operands)
    roots = [x for _, a, b, _ in listing.conditions for x in (a, b) if x >= 0]
    roots += listing.decisive
    if not roots:
        return found
    for x in roots:
        decisive[x] = 1
    for i in range(end - 1, first - 1, -1):
        if decisive[i]:
            for k in range(starts[i - first], starts[i - first + 1]):
                if operands[k] >= 0:
                    decisive[operands[k]] = 1
    return found


def find_inexact(listing: Listing) -> bytearray:
    """The decisive registers whose operations an evaluator for blocks of rows may round differently."""
    first = listing.first
    found = find_decisive(listing)
    found[:first] = bytes(first)
    rounded = marked(_CORRECTLY_ROUNDED)
    inexact, is_rounded, codes = small(found), small(rounded), integers(listing.codes)
    for i in range(first, listing.n_registers):
        if inexact[i] and is_rounded[codes[i - first]]:
            inexact[i] = 0
    return found


def is_correctly_rounded(listing: Listing) -> bool:
    """Whether an evaluator for blocks of rows gives every bit of the function, if it rounds each product in a sum."""
    first = listing.first
    varies = find_varying(listing)
    rounded = marked(_CORRECTLY_ROUNDED)
    return all(rounded[code] or code == DOT or not varies[i] for i, code in enumerate(listing.codes, first))


def find_signs(listing: Listing, needed: bytearray | None = None) -> bytearray:
    """For each register 2 if it is positive, but for underflow; 1 if it is not negative; 0 if nothing is known.

    Args:
        listing: the steps.
        needed: only for these registers, as find_ancestors() marks them; None for all.
    """
    first = listing.first
    found, kinds, known = bytearray(listing.n_registers), _kinds(), signs_of_constants(listing)
    signs, kind_of, of_constants = small(found), small(kinds), small(known)
    codes, starts, operands = integers(listing.codes), integers(listing.starts), integers(listing.operands)
    marks = needed or bytearray(b"\1") * listing.n_registers
    is_needed = small(marks)
    for i in range(first, listing.n_registers):
        kind = kind_of[codes[i - first]]
        if not kind or not is_needed[i]:
            continue
        start, end = starts[i - first], starts[i - first + 1]
        a, b = operands[start], operands[end - 1]
        least, most = 2, 0
        for k in range(max(start, end - 2), end):  # the branches of where(), and all operands of others
            x = operands[k]
            sign = signs[x] if x >= 0 else of_constants[~x]
            least, most = min(least, sign), max(most, sign)
        if kind in (_POSITIVE, _NOT_NEGATIVE):
            signs[i] = kind
        elif kind == _LARGEST:
            signs[i] = most if least or codes[i - first] == MAXIMUM else 0
        elif kind == _SMALLEST:
            signs[i] = max(least, 1) if a == b and codes[i - first] == MULTIPLY else least
        elif kind == _MAGNITUDE:
            signs[i] = max(most, 1)
        else:
            signs[i] = signs[a] if a >= 0 else of_constants[~a]
            if codes[i - first] == POWER and b < 0 and listing.constants.numbers[~b] in (2.0, 4.0):
                signs[i] = max(signs[i], 1)
    return found


_NOT_NEGATIVE, _POSITIVE, _LARGEST, _SMALLEST, _OPERAND, _MAGNITUDE = range(1, 7)
"""The sign of a result, or the operands on whose signs it depends."""

_SIGNS = {
    _POSITIVE: {
        "cosh", "erfc", "erfcx", "exp", "exp2", "exp_difference", "gaussian", "normal_cdf", "sech_squared", "share",
        "sigmoid", "softplus",
    },
    _NOT_NEGATIVE: {"exceeds", "semicircle", "step"},
    _LARGEST: {"add", "maximum"},  # if both operands are not negative, the result is positive if one of them is
    _SMALLEST: {"divide", "fraction", "minimum", "multiply", "where"},
    _OPERAND: {"power", "sqrt", "stop_gradient"},
    _MAGNITUDE: {"absolute", "hypot", "relu"},
}  # fmt: skip


def _kinds() -> bytearray:
    kinds = marked(set())
    for kind, names in _SIGNS.items():
        kinds = marked(names, kind, kinds)
    return kinds


def signs_of_constants(listing: Listing) -> bytearray:
    """The sign of each constant, as find_signs() has it."""
    return bytearray([2 if x > 0.0 else int(x == 0.0) for x in listing.constants.numbers])


def find_cancelling(listing: Listing, needed: bytearray, signs: bytearray) -> bytearray:
    """The registers that rounding in a sum may put on another side of 0: 2 for such sums, 1 for what depends on them.

    What takes more than the sides of its operands counts as a sum.

    Args:
        listing: the steps.
        needed: which registers are searched, as find_ancestors() marks them.
        signs: those of find_signs().
    """
    found, kinds = bytearray(listing.n_registers), kinds_of_sides()
    cancels, sign, kind_of, is_needed = small(found), small(signs), small(kinds), small(needed)
    first = listing.first
    codes, starts, operands = integers(listing.codes), integers(listing.starts), integers(listing.operands)
    known = signs_of_constants(listing)
    of_constants = small(known)
    for i in range(first, listing.n_registers):
        if sign[i] == 2 or not is_needed[i]:
            continue
        kind, start, end = kind_of[codes[i - first]], starts[i - first], starts[i - first + 1]
        if kind == SUM_OF_SIDES:
            for k in range(start, end):
                x = operands[k]
                if not (sign[x] if x >= 0 else of_constants[~x]):
                    kind = 0
        if kind == 0:
            cancels[i] = 2
            continue
        start, end = start + (kind == BRANCHES), start + 1 if kind == BASE else end
        for k in range(start, end):
            x = operands[k]
            if x >= 0 and cancels[x]:
                cancels[i] = 1
    return found


def find_cancelling_sums(listing: Listing, cancelling: bytearray, roots: list[int]) -> list[int]:
    """The sums that find_cancelling() marks, as far as the sides of these operands depend on them."""
    first, found, waiting = listing.first, [], roots[:]
    kinds, seen = kinds_of_sides(), bytearray(listing.n_registers)
    kind_of, cancels, is_seen = small(kinds), small(cancelling), small(seen)
    codes, starts, operands = integers(listing.codes), integers(listing.starts), integers(listing.operands)
    while waiting:
        x = waiting.pop()
        if x < 0 or not cancels[x] or is_seen[x]:
            continue
        is_seen[x] = 1
        if cancels[x] == 2:
            found.append(x)
            continue
        kind, start, end = kind_of[codes[x - first]], starts[x - first], starts[x - first + 1]
        start, end = start + (kind == BRANCHES), start + 1 if kind == BASE else end
        for k in range(start, end):
            waiting.append(operands[k])
    return found


def find_ancestors(listing: Listing, roots: Iterable[int]) -> bytearray:
    """A mark for each register of a step among the roots, and of all steps that these depend on."""
    first = listing.first
    marks = bytearray(listing.n_registers)
    found, starts, operands = small(marks), integers(listing.starts), integers(listing.operands)
    last = first - 1
    for x in roots:
        if x >= first:
            found[x] = 1
            last = max(last, x)
    for i in range(last, first - 1, -1):
        if found[i]:
            for k in range(starts[i - first], starts[i - first + 1]):
                if operands[k] >= first:
                    found[operands[k]] = 1
    return marks


# IEEE 754 prescribes every bit of their results
_CORRECTLY_ROUNDED = {
    "absolute", "add", "ceil", "copysign", "divide", "exceeds", "floor", "floor_divide", "fmod", "gate",
    "ieee_remainder", "maximum", "minimum", "multiply", "negative", "relu", "remainder", "rint", "round_digits", "sign",
    "sqrt", "step", "stop_gradient", "subtract", "times", "trunc", "where",
}  # fmt: skip
