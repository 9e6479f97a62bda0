"""Passes over sums of products: one step for each sum, and none for what is only summed over rows.

They add up in the same order as before. But an evaluator may keep more digits within a sum of products than rounding
each product would.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.analysis import count_uses, find_compared
from autograd.compiler.ir import Listing
from autograd.compiler.passes import eliminate_dead_code

if TYPE_CHECKING:
    from autograd.compiler.ir import Operand, Step

    Pairs = list[tuple[Operand, Operand]]  # of factors, whose products are added up

# --------------------------------------------------------------------------- dot products


def fuse_products(listing: Listing) -> Listing:
    """Make one step of a sum of products whose parts have no other use: dot(a, b, c, d, e) is a + b*c + d*e.

    What a guard depends on stays as it is: with more digits, a comparison could come out otherwise.
    """
    sums = _Sums(listing)
    for i, (name, operands) in enumerate(listing.steps, listing.first):
        if name == "multiply":
            sums.multiply(i, operands)
        elif name in ("add", "subtract"):
            sums.add(i, *operands, is_difference=name == "subtract")
    return listing.replaced(map(sums.step, range(listing.first, len(sums.uses)), listing.steps))


@final
class _Sums:
    """The sums of products in a listing, as far as it was read.

    Attributes:
        uses: how often each register is used, and once more what must stay a register.
        products: the factors of each product that only one other step uses.
        parts: by register, what is added up in it: a start and pairs of factors.
        absorbed: the registers that became parts of others.
    """

    def __init__(self, listing: Listing) -> None:
        self.uses = count_uses(listing)
        for x in [*listing.results, *find_compared(listing)]:
            if type(x) is int:
                self.uses[x] += 1
        self.products: dict[Operand, tuple[Operand, ...]] = {}
        self.parts: dict[Operand, list[Operand]] = {}
        self.absorbed: set[Operand] = set()

    def multiply(self, i: int, factors: tuple[Operand, ...]) -> None:
        """Register i is a product."""
        if self.uses[i] == 1:
            self.products[i] = factors

    def add(self, i: int, left: Operand, right: Operand, *, is_difference: bool) -> None:
        """Register i is a sum or a difference."""
        if not is_difference and self._length(left) < self._length(right):
            left, right = right, left  # a + b is b + a
        is_product = self._is_product(right) and not is_difference
        if self._is_sum(left):
            parts = self.parts.pop(left)
            self.absorbed.add(left)
        elif self._is_product(left) and (is_difference or is_product):
            parts = [-0.0, *self.products[left]]
            self.absorbed.add(left)
        else:
            parts = [left]
        if is_product:
            parts += self.products[right]
            self.absorbed.add(right)
        else:
            parts += (right, -1.0 if is_difference else 1.0)
        self.parts[i] = parts

    def step(self, i: int, step: Step) -> Step | None:
        """What becomes of the step of register i."""
        if i in self.absorbed:
            return None
        parts = self.parts.get(i, ())
        is_plain = len(parts) == 3 and type(parts[2]) is float and abs(parts[2]) == 1.0  # one addition or subtraction
        return ("dot", tuple(parts)) if parts and not is_plain else step

    # a constant may equal the number of a register, so each asks for the type first

    def _is_product(self, x: Operand) -> bool:
        return type(x) is int and x in self.products

    def _is_sum(self, x: Operand) -> bool:
        return type(x) is int and x in self.parts and self.uses[x] == 1

    def _length(self, x: Operand) -> int:
        """How much x has added up already: the longer sum is the one that goes on."""
        if type(x) is float or x in self.products:
            return 0
        return len(self.parts[x]) if self._is_sum(x) else 1


# --------------------------------------------------------------------------- sums over rows


def split_reductions(listing: Listing, exact: bool = False) -> tuple[Listing, list[Pairs]]:
    """For results that are only wanted as sums over rows: each as pairs of factors, whose products add up to it.

    Then the last products and sums of each row need not be computed. The outputs of the listing become the factors.
    If exact, each result is computed as it is, and is a factor of 1.
    """
    uses = count_uses(listing)
    pairs: list[Pairs] = [[(x, 1.0)] if exact else _split(listing, uses, x) for x in listing.outputs]
    factors = [x for group in pairs for pair in group for x in pair]
    result = eliminate_dead_code(
        Listing(listing.n_inputs, listing.n_parameters, listing.steps, factors, listing.guards)
    )
    return result, regrouped(pairs, result.outputs)


def regrouped(pairs: list[Pairs], factors: Iterable[Operand]) -> list[Pairs]:
    """The same pairs, of the registers that the factors have now."""
    rest = iter(factors)
    return [[(next(rest), next(rest)) for _ in group] for group in pairs]


def _split(listing: Listing, uses: list[int], output: Operand) -> Pairs:
    """The pairs of factors of one result, through all sums and products that only it uses."""
    found: Pairs = []
    waiting = [(output, 1.0)]
    while waiting:
        x, sign = waiting.pop()
        is_split = type(x) is int and x >= listing.first and uses[x] == 1
        name, operands = listing.steps[x - listing.first] if is_split else ("", ())  # type: ignore[index]
        if name == "add":
            waiting += [(operands[1], sign), (operands[0], sign)]
        elif name == "subtract":
            waiting += [(operands[1], -sign), (operands[0], sign)]
        elif name == "negative":
            waiting.append((operands[0], -sign))
        elif name == "multiply" and sign == 1.0:
            found.append((operands[0], operands[1]))
        elif found and _is_multiple(found[-1], x, sign):
            found[-1] = _scaled(listing, uses, x, found[-1][1] + sign)
        else:
            found.append((x, sign))
    return found


def _is_multiple(pair: tuple[Operand, Operand], x: Operand, sign: float) -> bool:
    """Whether the pair is x times a constant of this sign. Of two signs the sum may be 0, where inf - inf is nan."""
    a, factor = pair
    return type(a) is type(x) and a == x and type(factor) is float and factor * sign > 0.0


def _scaled(listing: Listing, uses: list[int], x: Operand, factor: float) -> tuple[Operand, Operand]:
    """The pair for x * factor: y and a constant, if x is a multiple of y that has no other use."""
    if type(x) is int and x >= listing.first and uses[x] == abs(factor):
        name, operands = listing.steps[x - listing.first]
        for a, b in (operands, operands[::-1]) if name == "multiply" else ():
            if type(a) is float and math.isfinite(a * factor):
                return b, a * factor
    return x, factor
