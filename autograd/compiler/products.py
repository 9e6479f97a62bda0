"""Passes over sums of products: each sum becomes one step, and products that are only summed over rows need no step.

The order of additions does not change. But an evaluator may compute a sum of products without rounding each product.
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
    """Fuse a sum of products into one step if its parts have no other use: dot(a, b, c, d, e) is a + b*c + d*e.

    Steps that a guard depends on stay: with other rounding, a comparison could give another result.
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
    """The sums of products in the steps of a listing that were read so far.

    Attributes:
        uses: how often each register is used, plus one if it must stay a register.
        products: the factors of each product that only one other step uses.
        parts: for each register that is a sum, what it adds up: a start and pairs of factors.
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
        """The new step for register i; None if another step absorbed it."""
        if i in self.absorbed:
            return None
        parts = self.parts.get(i, ())
        is_plain = len(parts) == 3 and type(parts[2]) is float and abs(parts[2]) == 1.0  # one addition or subtraction
        return ("dot", tuple(parts)) if parts and not is_plain else step

    # a constant may equal the number of a register, so these check the type first

    def _is_product(self, x: Operand) -> bool:
        return type(x) is int and x in self.products

    def _is_sum(self, x: Operand) -> bool:
        return type(x) is int and x in self.parts and self.uses[x] == 1

    def _length(self, x: Operand) -> int:
        """How many numbers x adds up already: of two sums, the longer one is extended."""
        if type(x) is float or x in self.products:
            return 0
        return len(self.parts[x]) if self._is_sum(x) else 1


# --------------------------------------------------------------------------- sums over rows


def split_reductions(listing: Listing, exact: bool = False) -> tuple[Listing, list[Pairs]]:
    """Split each result into pairs of factors whose products add up to it, if only sums over rows are needed.

    The new listing outputs the factors; it leaves the last products and sums to the sum over rows. If exact, the
    result stays as it is, and its only pair is (result, 1).
    """
    uses = count_uses(listing)
    pairs: list[Pairs] = [[(x, 1.0)] if exact else _split(listing, uses, x) for x in listing.outputs]
    factors = [x for group in pairs for pair in group for x in pair]
    result = eliminate_dead_code(
        Listing(listing.n_inputs, listing.n_parameters, listing.steps, factors, listing.guards)
    )
    return result, regrouped(pairs, result.outputs)


def regrouped(pairs: list[Pairs], factors: Iterable[Operand]) -> list[Pairs]:
    """The same pairs with other factors: the new registers, in order."""
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
    """Whether the pair is x times a constant of this sign; with both signs inf + inf - inf would be inf, not nan."""
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
