"""Sums over rows: the products that add up to each result need no steps of their own."""

from __future__ import annotations

import math
from array import array
from copy import copy
from functools import cached_property

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.codes import ADD, MULTIPLY, NEGATIVE
from autograd.compiler.ir import MINUS_ONE, ONE
from autograd.compiler.passes import count_uses, eliminate_dead_code, find_signs, find_varying, signs_of_constants

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from autograd.compiler.ir import Listing

    Pairs = list[tuple[int, int]]  # of operands, whose products are added up


def split_reductions(listing: Listing, exact: bool = False) -> tuple[Listing, list[Pairs]]:
    """Split each result into pairs of factors whose products add up to it, if only sums over rows are needed.

    The new listing outputs the factors; it leaves the last products and sums to the sum over rows. If exact, the
    result stays as it is, and its only pair is (result, 1).

    The terms of a sum are added up over the rows separately only if they cannot cancel in each row; or if they are
    products of two varying factors, as in the gradients of networks.

    Args:
        listing: its first output is the loss, the others are gradients.
    """
    if exact:
        pairs = [[(x, ONE)] for x in listing.targets]
        changed = copy(listing)
    else:
        splitter = _Splitter(listing)
        pairs = [splitter.split(x, is_loss=i == 0) for i, x in enumerate(listing.targets)]
        changed = splitter.listing
    changed.targets = array("i", [x for group in pairs for pair in group for x in pair])
    short = eliminate_dead_code(changed)
    return short, regrouped(pairs, short.targets)


def regrouped(pairs: list[Pairs], factors: Iterable[int]) -> list[Pairs]:
    """The same pairs with other factors: the new operands, in order."""
    rest = iter(factors)
    return [[(next(rest), next(rest)) for _ in group] for group in pairs]


@final
class _Splitter:
    """Splits the results of a listing.

    Attributes:
        listing: the same listing, with new steps that add up uniform terms.
    """

    def __init__(self, listing: Listing) -> None:
        self.listing = listing.with_steps(listing.codes[:], listing.starts[:], listing.operands[:])
        self.listing.constants = copy(listing.constants)
        self._before = listing
        self._uses = count_uses(listing)
        self._varies = find_varying(listing)

    @cached_property
    def _signs(self) -> tuple[bytearray, bytearray]:
        """The signs of registers and of constants."""
        return find_signs(self._before), signs_of_constants(self._before)

    def split(self, result: int, *, is_loss: bool) -> Pairs:
        """The pairs of factors of one result."""
        if self._own_step(result)[0] != ADD:
            return [self._pair(result)]
        terms = self._terms(result, is_loss)
        uniform = [x for x in terms if self._is_uniform(x)]
        pairs = [self._pair(x) for x in terms if not self._is_uniform(x)]
        if not is_loss and len(pairs) > 1 and not all(map(self._is_varying, pairs)):
            return [(result, ONE)]  # they may cancel in each row
        return pairs + self._uniform_pairs(uniform)

    def _terms(self, result: int, is_loss: bool) -> list[int]:
        """The terms of a sum, through all sums that only it uses; those of a loss must not be negative."""
        terms: list[int] = []
        waiting = [result]
        while waiting:
            x = waiting.pop()
            code, operands = self._own_step(x)
            is_split = code == ADD and (not self._is_uniform(x) or operands[0] == operands[1])
            if is_split and (not is_loss or all(map(self._sign, operands))):
                waiting += operands[::-1]
            else:
                terms.append(x)
        return terms

    def _own_step(self, x: int) -> tuple[int, Sequence[int]]:
        """The code and operands of a register that is used once; for others no code."""
        if x < self.listing.first or x >= len(self._uses) or self._uses[x] != 1:
            return -1, ()
        return self._before.step(x)

    def _sign(self, x: int) -> int:
        registers, constants = self._signs
        return registers[x] if x >= 0 else constants[~x]

    def _is_uniform(self, x: int) -> bool:
        return x < 0 or not self._varies[x]

    def _pair(self, x: int) -> tuple[int, int]:
        """One term as a product of two factors."""
        code, operands = self._own_step(x)
        if code == MULTIPLY:
            return operands[0], operands[1]
        return (operands[0], MINUS_ONE) if code == NEGATIVE else (x, ONE)

    def _is_varying(self, pair: tuple[int, int]) -> bool:
        return not any(map(self._is_uniform, pair))

    def _uniform_pairs(self, terms: list[int]) -> Pairs:
        """The pair for the sum of uniform terms; each may be so large that its sum over the rows is infinite."""
        if len(terms) < 2:
            return [self._pair(x) for x in terms]
        if terms.count(terms[0]) == len(terms):
            return [self._scaled(terms[0], float(len(terms)))]
        total = terms[0]
        for x in terms[1:]:
            self.listing.append(ADD, (total, x))
            total = self.listing.n_registers - 1
        return [(total, ONE)]

    def _scaled(self, x: int, factor: float) -> tuple[int, int]:
        """The pair for x * factor: y and a constant, if x is a multiple of y that has no other use."""
        if x >= self.listing.first and self._uses[x] == factor:
            code, operands = self._before.step(x)
            for a, b in (operands, operands[::-1]) if code == MULTIPLY else ():
                if a < 0 and math.isfinite(self._before.constants.numbers[~a] * factor):
                    return b, self.listing.constants.operand(self._before.constants.numbers[~a] * factor)
        return x, self.listing.constants.operand(factor)
