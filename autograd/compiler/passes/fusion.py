"""Passes that fuse steps into new ones for the machine, which runs each as one instruction.

A register is uniform if it is the same for all rows, and varying otherwise. Uniform steps run once, before the rows.

The new steps, which are not in the table: relu_dot(start, ...) is the relu of dot(start, ...), gate(a, b, c) is
a * c * step(b), and gate_dot(b, start, ...) is dot(start, ...) * step(b). The last two serve the derivative of relu.
And add_dot(b, start, ...) is dot(start, ...) + b: other sums can have the same inputs, but not the same b.
"""

from __future__ import annotations

from array import array

from autograd._typing import TYPE_CHECKING
from autograd.compiler.codes import ADD_DOT, DOT, GATE, GATE_DOT, MULTIPLY, RELU, RELU_DOT, STEP
from autograd.compiler.ir import MINUS_ZERO, ONE
from autograd.compiler.passes.analysis import find_varying
from autograd.compiler.passes.dead_code import keep
from autograd.compiler.passes.pointers import integers, small

if TYPE_CHECKING:
    from autograd.compiler.ir import Listing

SUMS = (DOT, RELU_DOT, GATE_DOT, ADD_DOT)
"""The steps that add up products, in the order of `instructions.AFTER`."""


def split_uniform_products(listing: Listing) -> Listing:
    """Move the uniform products of each varying sum into a sum of their own, which is computed once.

    Of the remaining pairs, those with a uniform factor come first, and this factor is the second of its pair.
    """
    first, count = listing.first, len(listing)
    varied = find_varying(listing)
    sums = _count_sums(listing, varied)
    if not sums:
        return listing
    renumbered = listing.places()
    arrays = [array("i", bytes(4 * n)) for n in (count + sums, count + sums + 1, len(listing.operands) + 4 * sums)]
    places, varies = integers(renumbered), bytearray(first + count + sums)
    new_codes, new_starts, new_operands = integers(arrays[0]), integers(arrays[1]), integers(arrays[2])
    codes, starts, operands = integers(listing.codes), integers(listing.starts), integers(listing.operands)
    is_varying, did_vary = small(varies), small(varied)
    for x in range(first):
        is_varying[x] = did_vary[x]
    step = used = 0
    for i in range(count):
        new_starts[step] = used
        start, end, is_added = starts[i], starts[i + 1], False
        if codes[i] != DOT or not did_vary[first + i]:
            for k in range(start, end):
                x = operands[k]
                new_operands[used] = x if x < 0 else places[x]
                used += 1
        elif not _has_uniform_product(listing, i, varied):
            is_added = _ends_with_addend(listing, i, varied)
            used = _place_sum(listing, i, is_added, varied, renumbered, arrays[2], used)
        else:
            once, rest = _split([x if x < 0 else places[x] for x in operands[start:end]], varies)
            if len(once) > 1:
                new_codes[step] = DOT
                used = _place(once, arrays[2], used)
                once = [first + step]
                step += 1
                new_starts[step] = used
            used = _place(once + rest, arrays[2], used)
        new_codes[step] = ADD_DOT if is_added else codes[i]
        is_varying[first + step] = did_vary[first + i]
        places[first + i] = first + step
        step += 1
    new_starts[step] = used
    del arrays[0][step:], arrays[1][step + 1 :], arrays[2][used:]
    return listing.with_steps(*arrays).renumbered(renumbered)


def _count_sums(listing: Listing, varies: bytearray) -> int:
    """How many varying sums of products there are."""
    first, count = listing.first, 0
    codes, is_varying = integers(listing.codes), small(varies)
    for i in range(len(listing)):
        count += codes[i] == DOT and is_varying[first + i]
    return count


def _has_uniform_product(listing: Listing, i: int, varies: bytearray) -> bool:
    """Whether a sum of products has one of two uniform factors."""
    starts, operands, is_varying = integers(listing.starts), integers(listing.operands), small(varies)
    for k in range(starts[i] + 1, starts[i + 1], 2):
        a, b = operands[k], operands[k + 1]
        if (a < 0 or not is_varying[a]) and (b < 0 or not is_varying[b]):
            return True
    return False


def _ends_with_addend(listing: Listing, i: int, varies: bytearray) -> bool:
    """Whether a sum of products with one uniform factor ends with a varying number times 1.0."""
    starts, operands, is_varying = integers(listing.starts), integers(listing.operands), small(varies)
    last = starts[i + 1] - 2
    if last < starts[i] + 3 or operands[last + 1] != ONE or operands[last] < 0 or not is_varying[operands[last]]:
        return False
    for k in range(starts[i] + 1, last, 2):
        a, b = operands[k], operands[k + 1]
        if a >= 0 and is_varying[a] and b >= 0 and is_varying[b]:
            return False
    return True


def _place_sum(
    listing: Listing, i: int, is_added: bool, varies: bytearray, renumbered: array[int], to: array[int], used: int
) -> int:
    """Write the operands of a sum of products, pairs with a uniform factor first; give the place behind them.

    Args:
        is_added: whether the last pair becomes an addend, which is the first operand.
    """
    starts, operands, is_varying = integers(listing.starts), integers(listing.operands), small(varies)
    places, new_operands = integers(renumbered), integers(to)
    start, end = starts[i], starts[i + 1]
    if is_added:
        end -= 2
        new_operands[used] = places[operands[end]]
        used += 1
    x = operands[start]
    new_operands[used] = x if x < 0 else places[x]
    used += 1
    for both in range(2):
        for k in range(start + 1, end, 2):
            a, b = operands[k], operands[k + 1]
            a_varies, b_varies = a >= 0 and is_varying[a], b >= 0 and is_varying[b]
            if (a_varies and b_varies) == both:
                if b_varies:
                    a, b = b, a
                new_operands[used] = a if a < 0 else places[a]
                new_operands[used + 1] = b if b < 0 else places[b]
                used += 2
    return used


def _place(numbers: list[int], to: array[int], used: int) -> int:
    """Write numbers from a place on; give the place behind them."""
    new_operands = integers(to)
    for x in numbers:
        new_operands[used] = x
        used += 1
    return used


def _split(operands: list[int], varies: bytearray) -> tuple[list[int], list[int]]:
    """Split a sum of products: the operands of a uniform sum, which becomes its start, and the pairs that remain."""
    is_varying = small(varies)
    start = operands[0]
    once: list[int] = []
    scaled: list[int] = []
    varying: list[int] = []
    for k in range(1, len(operands), 2):
        a, b = operands[k], operands[k + 1]
        a_varies, b_varies = a >= 0 and is_varying[a], b >= 0 and is_varying[b]
        pairs = varying if a_varies and b_varies else scaled if a_varies or b_varies else once
        if b_varies:
            a, b = b, a
        pairs.append(a)
        pairs.append(b)
    if once and start >= 0 and is_varying[start]:
        scaled = [start, ONE, *scaled]
        start = MINUS_ZERO
    if len(once) == 2 and once[1] == ONE and start == MINUS_ZERO:  # -0.0 + x * 1.0 is x
        return once[:1], scaled + varying
    return [start, *once], scaled + varying


def fuse_activations(listing: Listing) -> Listing:
    """Fuse relu, or its derivative, with the product or the sum of products that only it uses."""
    if listing.codes.count(RELU) + listing.codes.count(STEP) == 0:
        return listing
    fuser = _Fuser(listing)
    fuser.fuse()
    return keep(fuser.listing(), fuser.marks)


class _Fuser:
    """Replaces steps of a listing. A step that becomes a part of a later one loses its mark.

    Attributes:
        marks: 1 for each step that stays.
    """

    def __init__(self, listing: Listing) -> None:
        self._listing = listing
        self._first, self._count = listing.first, len(listing)
        self.marks = bytearray(b"\1") * len(listing)
        self._new: dict[int, list[int]] = {}
        self._arrays = listing.codes[:], find_varying(listing), _count_operands(listing)
        self._codes, self._varies, self._uses = (
            integers(self._arrays[0]), small(self._arrays[1]), integers(self._arrays[2])
        )  # fmt: skip

    def fuse(self) -> None:
        """Fuse each step with others, if it can be."""
        starts, operands, codes = integers(self._listing.starts), integers(self._listing.operands), self._codes
        for i in range(self._count):
            if codes[i] == RELU:
                inner = self._find(operands[starts[i]])
                if inner >= 0 and codes[inner] == DOT:
                    self._take(i, RELU_DOT, inner, self._operands(inner))
            elif codes[i] == MULTIPLY:
                a, b = operands[starts[i]], operands[starts[i] + 1]
                inner = self._find(b)
                if inner < 0 or codes[inner] != STEP:
                    a, b, inner = b, a, self._find(a)
                if inner >= 0 and codes[inner] == STEP:
                    self._take(i, GATE, inner, [a, operands[starts[inner]], ONE])
                    self._fuse_gate(i)

    def _fuse_gate(self, i: int) -> None:
        """Let gate(a, b, 1.0) take a sum of products a; or a uniform factor of a product a."""
        a, b, _ = self._new[i]
        inner = self._find(a)
        if inner < 0:
            return
        factors = self._operands(inner)
        if self._codes[inner] == DOT:
            self._take(i, GATE_DOT, inner, [b, *factors])
        elif self._codes[inner] == MULTIPLY:
            for x, c in (factors, factors[::-1]):
                if c < 0 or not self._varies[c]:
                    self._take(i, GATE, inner, [x, b, c])
                    return

    def _take(self, i: int, code: int, inner: int, operands: list[int]) -> None:
        """Put another step in place of the i-th one, which takes an inner one."""
        self.marks[inner] = 0
        self._codes[i], self._new[i] = code, operands

    def _find(self, x: int) -> int:
        """The varying step that computes an operand, if nothing else uses it; otherwise -1."""
        return x - self._first if x >= self._first and self._uses[x] == 1 and self._varies[x] else -1

    def _operands(self, i: int) -> list[int]:
        """The operands of a step that was not replaced."""
        return self._listing.operands[self._listing.starts[i] : self._listing.starts[i + 1]].tolist()

    def listing(self) -> Listing:
        """The listing with the new steps, and with those that were taken."""
        listing = self._listing
        room = len(listing.operands) + sum(map(len, self._new.values()))
        arrays = self._arrays[0], array("i", bytes(4 * (self._count + 1))), array("i", bytes(4 * room))
        new_starts, new_operands, codes = integers(arrays[1]), integers(arrays[2]), integers(listing.codes)
        starts, operands = integers(listing.starts), integers(listing.operands)
        used = 0
        for i in range(self._count):
            if self._codes[i] != codes[i]:
                used = _place(self._new[i], arrays[2], used)
            else:
                for k in range(starts[i], starts[i + 1]):
                    new_operands[used] = operands[k]
                    used += 1
            new_starts[i + 1] = used
        return listing.with_steps(*arrays)


def _count_operands(listing: Listing) -> array[int]:
    """How often each register is an operand; results count more than once, because they stay as they are."""
    counts = array("i", bytes(4 * listing.n_registers))
    uses, operands = integers(counts), integers(listing.operands)
    for k in range(len(listing.operands)):
        if operands[k] >= 0:
            uses[operands[k]] += 1
    for x in listing.results:
        if x >= 0:
            uses[x] += 2
    return counts
