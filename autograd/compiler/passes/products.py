"""Sums of products: each becomes one step. An evaluator need not round each product, so bits may change."""

from __future__ import annotations

from array import array

from autograd._typing import TYPE_CHECKING
from autograd.compiler.codes import ADD, DOT, MULTIPLY, NEGATIVE, SUBTRACT
from autograd.compiler.ir import MINUS_ONE, MINUS_ZERO, ONE
from autograd.compiler.passes.analysis import count_uses, find_decisive, find_varying
from autograd.compiler.passes.dead_code import keep
from autograd.compiler.passes.pointers import integers, small

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autograd.compiler.ir import Listing


def fuse_products(listing: Listing, summed: Iterable[int] = (), exact: bool = False) -> Listing:
    """Fuse a sum of products into one step if its parts have no other use: dot(a, b, c, d, e) is a + b*c + d*e.

    The order of additions stays. Steps that a guard or another decision depends on stay: with other rounding, it could
    give another result. Steps that no result depends on are left out.

    Args:
        summed: operands of results that are added up over rows. Their own sums stay, too, if they differ from row to
            row: in each row they may nearly cancel.
        exact: the evaluator rounds each product. Then decisions need no steps of their own.
    """
    counts = count_uses(listing)
    marks = bytearray([uses > 0 for uses in counts[listing.first :]])
    _keep_results(listing, counts, summed, exact)
    sums = _add_up(listing, counts, marks)
    return keep(_with_sums(listing, sums, marks), marks)


def _keep_results(listing: Listing, counts: array[int], summed: Iterable[int], exact: bool) -> None:
    """Count one use more of what must stay a step of its own."""
    decisive = b"" if exact else find_decisive(listing)
    for x in listing.results:
        if x >= 0 and counts[x]:
            counts[x] += 1
    if any(decisive):
        for x in range(len(decisive)):
            if decisive[x] and counts[x]:
                counts[x] += 1
    varies = find_varying(listing) if summed else b""
    waiting = [x for x in summed if x >= 0 and varies[x]]
    while waiting:
        step = waiting.pop() - listing.first
        if step >= 0 and listing.codes[step] in (ADD, SUBTRACT, NEGATIVE):
            for x in listing.operands[listing.starts[step] : listing.starts[step + 1]]:
                if x >= 0 and counts[x] == 1:
                    counts[x] = 2
                    waiting.append(x)


_PRODUCT, _SUM = 1, 2


def _add_up(listing: Listing, counts: array[int], marks: bytearray) -> list[list[int] | None]:
    """The parts of each sum: what it starts with, and pairs of factors. What became a part loses its mark.

    A product, or a sum, that only one other step uses is open: that step can take it as a part. The sum of two numbers
    is not listed: most sums stay that.
    """
    first = listing.first
    found: list[list[int] | None] = [None] * (first + len(listing))
    states = bytearray(first + len(listing))
    uses, is_open, kept = integers(counts), small(states), small(marks)
    codes, starts, operands = integers(listing.codes), integers(listing.starts), integers(listing.operands)
    for i in range(first, first + len(listing)):
        code, start = codes[i - first], starts[i - first]
        if code == MULTIPLY:
            is_open[i] = _PRODUCT if uses[i] == 1 else 0
        if (code != ADD and code != SUBTRACT) or not uses[i]:
            continue
        left, right = operands[start], operands[start + 1]
        a, b = is_open[left] if left >= 0 else 0, is_open[right] if right >= 0 else 0
        if code == ADD and b != _PRODUCT and _length(left, a, found) < _length(right, b, found):
            left, right, a, b = right, left, b, a  # a + b is b + a
        takes_product = b == _PRODUCT and code == ADD
        is_open[i] = _SUM if uses[i] == 1 else 0
        if a == _SUM:
            parts = found[left] or _two_parts(listing, left - first)
            found[left] = None
        elif a == _PRODUCT and (takes_product or code == SUBTRACT):
            start = starts[left - first]
            parts = [MINUS_ZERO, operands[start], operands[start + 1]]
        elif takes_product:
            parts = [left]
        else:
            continue
        if len(parts) > 1:
            kept[left - first] = 0
        if takes_product:
            start = starts[right - first]
            parts += [operands[start], operands[start + 1]]
            kept[right - first] = 0
        else:
            parts += [right, MINUS_ONE if code == SUBTRACT else ONE]
        found[i] = parts
    return found


def _two_parts(listing: Listing, step: int) -> list[int]:
    """The parts of a sum of two numbers, which begins with a register if it can."""
    start = listing.starts[step]
    left, right = listing.operands[start], listing.operands[start + 1]
    if listing.codes[step] == SUBTRACT:
        return [left, right, MINUS_ONE]
    return [right, left, ONE] if left < 0 <= right else [left, right, ONE]


def _length(x: int, state: int, found: list[list[int] | None]) -> int:
    """How many numbers x adds up already: of two sums, the longer one is extended."""
    if state == _SUM:
        return len(found[x] or _TWO)
    return int(state == 0 and x >= 0)


_TWO = (0, 0, 0)  # as many as the sum of two numbers has parts


def _with_sums(listing: Listing, sums: list[list[int] | None], marks: bytearray) -> Listing:
    """The listing with a step "dot" in place of each sum that is more than one addition."""
    first, count = listing.first, len(listing)
    arrays = listing.codes[:], array("i", bytes(4 * (count + 1))), array("i", bytes(4 * _room(sums, listing)))
    new_codes, new_starts, new_operands = integers(arrays[0]), integers(arrays[1]), integers(arrays[2])
    starts, operands, kept = integers(listing.starts), integers(listing.operands), small(marks)
    used = 0
    for i in range(count):
        new_starts[i] = used
        parts = sums[first + i]
        if not kept[i]:
            continue
        if parts is None:
            for k in range(starts[i], starts[i + 1]):
                new_operands[used] = operands[k]
                used += 1
        else:
            new_codes[i] = DOT
            for x in parts:
                new_operands[used] = x
                used += 1
    new_starts[count] = used
    return listing.with_steps(*arrays)


def _room(sums: list[list[int] | None], listing: Listing) -> int:
    """As many operands as the steps with these sums have, or more."""
    room = len(listing.operands)
    for parts in sums:
        if parts is not None:
            room += len(parts)
    return room
