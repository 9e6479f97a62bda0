"""Passes that fuse steps into new ones for the machine, which runs each as one instruction.

A register is uniform if it is the same for all rows, and varying otherwise. Uniform steps run once, before the rows.

The new steps, which are not in the table: relu_dot(start, ...) is the relu of dot(start, ...), gate(a, b, c) is
a * c * step(b), and gate_dot(b, start, ...) is dot(start, ...) * step(b). The last two serve the derivative of relu.
"""

from __future__ import annotations

from array import array

from autograd._typing import TYPE_CHECKING
from autograd.compiler.codes import DOT, GATE, GATE_DOT, MULTIPLY, RELU, RELU_DOT, STEP
from autograd.compiler.ir import MINUS_ZERO, ONE
from autograd.compiler.passes.analysis import find_varying
from autograd.compiler.passes.dead_code import keep
from autograd.compiler.passes.pointers import integers, small

if TYPE_CHECKING:
    from autograd.compiler.ir import Listing

SUMS = (DOT, RELU_DOT, GATE_DOT)
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
        start, end = starts[i], starts[i + 1]
        if codes[i] == DOT and did_vary[first + i]:
            once, rest = _split([x if x < 0 else places[x] for x in operands[start:end]], varies)
            if len(once) > 1:
                new_codes[step] = DOT
                for x in once:
                    new_operands[used] = x
                    used += 1
                once = [first + step]
                step += 1
                new_starts[step] = used
            for x in once + rest:
                new_operands[used] = x
                used += 1
        else:
            for k in range(start, end):
                x = operands[k]
                new_operands[used] = x if x < 0 else places[x]
                used += 1
        new_codes[step] = codes[i]
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
        self._first = listing.first
        self._codes = listing.codes[:]
        self._varies = find_varying(listing)
        self._uses = _count_operands(listing)
        self._new: dict[int, list[int]] = {}
        self.marks = bytearray(b"\1") * len(listing)

    def fuse(self) -> None:
        """Fuse each step with others, if it can be."""
        starts, operands = integers(self._listing.starts), integers(self._listing.operands)
        codes = integers(self._codes)
        for i in range(len(self._codes)):
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
        uses, varies = integers(self._uses), small(self._varies)
        return x - self._first if x >= self._first and uses[x] == 1 and varies[x] else -1

    def _operands(self, i: int) -> list[int]:
        if i in self._new:
            return self._new[i]
        return self._listing.operands[self._listing.starts[i] : self._listing.starts[i + 1]].tolist()

    def listing(self) -> Listing:
        """The listing with the new steps, and with those that were taken."""
        listing, count = self._listing, len(self._codes)
        room = len(listing.operands) + sum(map(len, self._new.values()))
        arrays = self._codes, array("i", bytes(4 * (count + 1))), array("i", bytes(4 * room))
        new_starts, new_operands = integers(arrays[1]), integers(arrays[2])
        starts, operands = integers(listing.starts), integers(listing.operands)
        used = 0
        for i in range(count):
            if i in self._new:
                for x in self._new[i]:
                    new_operands[used] = x
                    used += 1
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
