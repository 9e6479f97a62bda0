"""Passes over sums of products: each sum becomes one step, and products that are only summed over rows need no step.

They keep the order of additions, and fusion.py may change it. An evaluator need not round each product.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cached_property

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.analysis import count_uses, find_decisive, find_signs, find_uniform, is_uniform, sign_of
from autograd.compiler.ir import Listing
from autograd.compiler.passes import eliminate_dead_code

if TYPE_CHECKING:
    from autograd.compiler.ir import Operand, Step

    Pairs = list[tuple[Operand, Operand]]  # of factors, whose products are added up

# --------------------------------------------------------------------------- dot products


def fuse_products(listing: Listing, summed: Sequence[Operand] = ()) -> Listing:
    """Fuse a sum of products into one step if its parts have no other use: dot(a, b, c, d, e) is a + b*c + d*e.

    Steps that a guard or another decision depends on stay: with other rounding, it could give another result. Steps
    that no result depends on are left out.

    Args:
        summed: results that are added up over rows. Their own sums stay, too, if they differ from row to row: in each
            row they may nearly cancel.
    """
    sums = _Sums(listing)
    uniform = find_uniform(listing) if summed else []
    for x in summed:
        if not is_uniform(x, uniform):
            sums.keep(x)
    uses = sums.uses
    for i, (name, operands) in enumerate(listing.steps, listing.first):
        if name == "multiply":
            if uses[i] == 1:
                sums.open[i] = operands
        elif (name == "add" or name == "subtract") and uses[i]:
            sums.add(i, *operands, is_difference=name == "subtract")
    return listing.replaced(sums.fused())


@final
class _Sums:
    """The sums of products in the steps of a listing that were read so far.

    Attributes:
        uses: how often each register is used, plus one if it must stay a register.
        open: what only one other step uses: the factors of a product, or the parts of a sum, which are a start and
            pairs of factors.
    """

    def __init__(self, listing: Listing) -> None:
        self._steps = listing.steps
        self._first = listing.first
        self.uses = count_uses(listing)
        self._new: list[Step | list[Operand] | None] = [None] * self._first
        self._new += [step if n else None for step, n in zip(listing.steps, self.uses[self._first :])]
        for x in [*listing.results, *find_decisive(listing)]:
            if type(x) is int and self.uses[x]:
                self.uses[x] += 1
        self.open: dict[int, tuple[Operand, ...] | list[Operand]] = {}

    def keep(self, result: Operand) -> None:
        """Let the terms of a result stay steps of their own, if it is a sum."""
        waiting = [result]
        while waiting:
            x = waiting.pop()
            name, operands = self._steps[x - self._first] if type(x) is int and x >= self._first else ("", ())
            for a in operands if name in ("add", "subtract", "negative") else ():
                if type(a) is int and self.uses[a] == 1:
                    self.uses[a] += 1
                    waiting.append(a)

    def add(self, i: int, left: Operand, right: Operand, *, is_difference: bool) -> None:
        """Register i is a sum or a difference."""
        # a constant may equal the number of a register
        a = None if type(left) is float else self.open.get(left)  # type: ignore[arg-type]
        b = None if type(right) is float else self.open.get(right)  # type: ignore[arg-type]
        if not is_difference and type(b) is not tuple and _length(left, a) < _length(right, b):
            left, right, a, b = right, left, b, a  # a + b is b + a
        is_product = type(b) is tuple and not is_difference
        if type(a) is list:
            parts = a
            self._new[left] = None  # type: ignore[index]  # a register
        elif a and (is_difference or is_product):
            parts = [-0.0, *a]
            self._new[left] = None  # type: ignore[index]  # a register
        else:
            parts = [left]
        if b and is_product:
            parts += b
            self._new[right] = None  # type: ignore[index]  # a register
        else:
            parts += (right, -1.0 if is_difference else 1.0)
        self._new[i] = parts
        if self.uses[i] == 1:
            self.open[i] = parts

    def fused(self) -> list[Step | None]:
        """The new steps; None for those that became parts of others, and for those that nothing used."""
        return [
            self._step(step, new) if type(new) is list else new  # type: ignore[misc]  # a step or None
            for step, new in zip(self._steps, self._new[self._first :])
        ]

    @staticmethod
    def _step(step: Step, parts: list[Operand]) -> Step:
        """The new step for one that adds up these parts."""
        is_plain = len(parts) == 3 and type(parts[2]) is float and abs(parts[2]) == 1.0  # one addition or subtraction
        return step if is_plain else ("dot", tuple(parts))


def _length(x: Operand, found: Sequence[Operand] | None) -> int:
    """How many numbers x adds up already: of two sums, the longer one is extended."""
    return len(found) if type(found) is list else int(found is None and type(x) is int)


# --------------------------------------------------------------------------- sums over rows


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
        pairs: list[Pairs] = [[(x, 1.0)] for x in listing.outputs]
        steps = listing.steps
    else:
        splitter = _Splitter(listing)
        pairs = [splitter.split(x, is_loss=i == 0) for i, x in enumerate(listing.outputs)]
        steps = splitter.steps
    factors = [x for group in pairs for pair in group for x in pair]
    result = eliminate_dead_code(
        Listing(listing.n_inputs, listing.n_parameters, steps, factors, listing.guards, listing.decisive)
    )
    return result, regrouped(pairs, result.outputs)


def regrouped(pairs: list[Pairs], factors: Iterable[Operand]) -> list[Pairs]:
    """The same pairs with other factors: the new registers, in order."""
    rest = iter(factors)
    return [[(next(rest), next(rest)) for _ in group] for group in pairs]


@final
class _Splitter:
    """Splits the results of a listing.

    Attributes:
        steps: those of the listing, and new ones that add up uniform terms.
    """

    def __init__(self, listing: Listing) -> None:
        self.steps = listing.steps.copy()
        self._first = listing.first
        self._uses = count_uses(listing)
        self._uniform = find_uniform(listing)
        self._listing = listing

    @cached_property
    def _signs(self) -> list[int]:
        return find_signs(self._listing.steps, self._first)

    def split(self, result: Operand, *, is_loss: bool) -> Pairs:
        """The pairs of factors of one result."""
        if self._own_step(result)[0] != "add":
            return [self._pair(result)]
        terms = self._terms(result, is_loss)
        uniform = [x for x in terms if is_uniform(x, self._uniform)]
        pairs = [self._pair(x) for x in terms if not is_uniform(x, self._uniform)]
        if not is_loss and len(pairs) > 1 and not all(map(self._is_varying, pairs)):
            return [(result, 1.0)]  # they may cancel in each row
        return pairs + self._uniform_pairs(uniform)

    def _terms(self, result: Operand, is_loss: bool) -> list[Operand]:
        """The terms of a sum, through all sums that only it uses; those of a loss must not be negative."""
        terms: list[Operand] = []
        waiting = [result]
        while waiting:
            x = waiting.pop()
            name, operands = self._own_step(x)
            is_split = name == "add" and (not is_uniform(x, self._uniform) or len({*map(repr, operands)}) == 1)
            if is_split and (not is_loss or all(sign_of(a, self._signs) for a in operands)):
                waiting += operands[::-1]
            else:
                terms.append(x)
        return terms

    def _own_step(self, x: Operand) -> Step:
        """The step of a register that is used once; for others a step without a name."""
        if type(x) is float or x < self._first or self._uses[x] != 1:  # type: ignore[index]
            return "", ()
        return self.steps[x - self._first]  # type: ignore[index]

    def _pair(self, x: Operand) -> tuple[Operand, Operand]:
        """One term as a product of two factors."""
        name, operands = self._own_step(x)
        if name == "multiply":
            return operands[0], operands[1]
        return (operands[0], -1.0) if name == "negative" else (x, 1.0)

    def _is_varying(self, pair: tuple[Operand, Operand]) -> bool:
        return not any(is_uniform(x, self._uniform) for x in pair)

    def _uniform_pairs(self, terms: list[Operand]) -> Pairs:
        """The pair for the sum of uniform terms; each may be so large that its sum over the rows is infinite."""
        if len(terms) < 2:
            return [self._pair(x) for x in terms]
        if len({*map(repr, terms)}) == 1:
            return [_scaled(self.steps, self._first, self._uses, terms[0], float(len(terms)))]
        total = terms[0]
        for x in terms[1:]:
            self.steps.append(("add", (total, x)))
            total = self._first + len(self.steps) - 1
        return [(total, 1.0)]


def _scaled(steps: list[Step], first: int, uses: list[int], x: Operand, factor: float) -> tuple[Operand, Operand]:
    """The pair for x * factor: y and a constant, if x is a multiple of y that has no other use."""
    if type(x) is int and x >= first and uses[x] == factor:
        name, operands = steps[x - first]
        for a, b in (operands, operands[::-1]) if name == "multiply" else ():
            if type(a) is float and math.isfinite(a * factor):
                return b, a * factor
    return x, factor
