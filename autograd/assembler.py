"""A listing as numbers for the compiled evaluator: what is computed once, what for each row, and in which registers."""

from __future__ import annotations

from array import array
from collections import Counter
from itertools import pairwise

from autograd._typing import TYPE_CHECKING, final
from autograd.arrange import TANH, gate, join, key_of, separate
from autograd.listing import COMPARISONS
from autograd.passes import hoist

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autograd.arrange import Pairs
    from autograd.listing import Listing, Operand

DOT, GUARD, SUM_SHARED, DOTS, TANH_AND_SLOPE, SCALE, GATE = 240, 241, 242, 243, 244, 245, 246
"""The instructions that are no rows of the table, see machine.h."""


@final
class Assembly:
    """The code of a listing, in the form that machine.h describes.

    Attributes:
        uniform, row, sums, flat: instructions; run once, for each row, to add up over rows, and the sums of what is
            the same in all of them.
        outputs: where the results are.
        constants: numbers that lie below the middle of the memory after the parameters.
        n_uniform, n_registers: how many numbers lie below the middle, and how many above for each row.
    """

    def __init__(self, n_parameters: int) -> None:
        self.uniform, self.row, self.sums, self.flat = (array("i") for _ in range(4))
        self.outputs = array("i")
        self.constants = array("d")
        self.n_uniform = n_parameters
        self.n_registers = 0


def assemble(
    listing: Listing, numbers: dict[str, int], totals: list[Pairs] | None = None, exact: bool = False
) -> Assembly:
    """The code of a listing.

    Args:
        numbers: of the rows of the table.
        totals: of each result that is wanted as a sum over rows, the pairs of factors; see over_rows().
        exact: whether sums of products must keep their order.
    """
    listing, totals = gate(listing, totals)
    if not exact and not all(hoist(listing)):  # of what is computed once there is one of each step
        listing, totals = join(*separate(listing, totals))
    return _Assembler(listing, numbers, totals, is_fast=not exact).assembly


@final
class _Assembler:
    """Gives every register a place, and writes the instructions."""

    def __init__(self, listing: Listing, numbers: dict[str, int], totals: list[Pairs] | None, *, is_fast: bool) -> None:
        self.listing = listing
        self.assembly = Assembly(listing.n_parameters)
        self.known: dict[str, int] = {}  # constants by their digits
        self.uniform = hoist(listing)
        n_inputs = listing.n_inputs
        self.places = [*range(n_inputs), *(~k for k in range(listing.n_parameters)), *[0] * len(listing.steps)]
        self.heads = self._pairs() if is_fast else set()
        self.sums = self._grouped(totals or [])
        is_guarded = any(not (self._is_same(a) and self._is_same(b)) for _, a, b, _ in listing.guards)
        # sums over rows as soon as their factors are there, whose registers are free then; strays must be known before
        self.early = self._by_step() if is_fast and not is_guarded else {}
        self._allocate(listing.outputs if totals is None else [])
        self._write(numbers)
        if totals is None:
            self.assembly.outputs.extend(map(self.place, listing.outputs))
        for a, members in self.sums:
            self._add_up(self.assembly.flat if self._is_same(a) else self.assembly.sums, a, members)

    def place(self, x: Operand) -> int:
        """Where an operand lies: below the middle of the memory if it is the same for all rows."""
        if type(x) is not float:
            place: int = self.places[x]  # type: ignore[index]
            return place
        digits = repr(x)
        if digits not in self.known:
            self.known[digits] = ~self.assembly.n_uniform
            self.assembly.n_uniform += 1
            self.assembly.constants.append(x)
        return self.known[digits]

    def _is_same(self, x: Operand) -> bool:
        """Whether an operand is the same for all rows."""
        return type(x) is float or self.uniform[x]  # type: ignore[index]

    def _pairs(self) -> set[int]:
        """Each first of two steps that stand next to one another and have a key in common."""
        heads: set[int] = set()
        keys = [key_of(step, self.uniform) for step in self.listing.steps]
        for i, (key, other) in enumerate(pairwise(keys), self.listing.first):
            start = self.listing.steps[i + 1 - self.listing.first][1][0]
            if key is not None and key == other and start != i and i - 1 not in heads and not self.uniform[i]:
                heads.add(i)
        return heads

    def _run_of_products(self, i: int) -> tuple[Operand, list[Operand]] | None:
        """The factor that the products from this step on have in common, and their other factors; None of one alone."""
        best: tuple[Operand, list[Operand]] | None = None
        for common in self.listing.steps[i - self.listing.first][1]:
            if type(common) is float:
                continue
            others: list[Operand] = []
            for j in range(i, len(self.places)):
                name, operands = self.listing.steps[j - self.listing.first]
                places = [k for k, x in enumerate(operands) if type(x) is int and x == common]
                if name != "multiply" or not places or self.uniform[j] != self.uniform[i]:
                    break
                others.append(operands[1 - places[0]])
                if j in self.early:
                    break
            if len(others) > 1 and (best is None or len(others) > len(best[1])):
                best = common, others
        return best

    def _grouped(self, totals: list[Pairs]) -> list[tuple[Operand, list[tuple[int, Operand]]]]:
        """The products that are added up over rows, by a factor that many of them share."""
        products = [(k, a, b) for k, pairs in enumerate(totals) for a, b in pairs]
        common = Counter(repr(x) for _, a, b in products for x in (a, b))

        def rank(x: Operand) -> tuple[bool, int]:
            return not self._is_same(x), common[repr(x)]

        groups: dict[str, tuple[Operand, list[tuple[int, Operand]]]] = {}
        for k, a, b in products:
            if rank(a) < rank(b):
                a, b = b, a
            groups.setdefault(repr(a), (a, []))[1].append((k, b))
        return list(groups.values())

    def _by_step(self) -> dict[int, list[tuple[Operand, list[tuple[int, Operand]]]]]:
        """The groups by the step after which all of their factors are there; they are taken out of the others."""
        early: dict[int, list[tuple[Operand, list[tuple[int, Operand]]]]] = {}
        late = []
        for a, members in self.sums:
            ready = max((x for x in (a, *(b for _, b in members)) if not self._is_same(x)), default=-1)
            if ready < self.listing.first:  # made of inputs and numbers for all rows alone
                late.append((a, members))
            else:
                early.setdefault(int(ready) + (ready in self.heads), []).append((a, members))
        self.sums = late
        return early

    def _allocate(self, kept: Iterable[Operand]) -> None:
        """Registers for what differs from row to row, given back after their last use."""
        listing, uniform, places = self.listing, self.uniform, self.places
        end = len(places)
        last = [-1] * end
        constants: list[Operand] = []

        def use(x: Operand, i: int) -> None:
            if type(x) is int:
                last[x] = max(last[x], i)
            else:
                constants.append(x)

        for i, (_, operands) in enumerate(listing.steps, listing.first):
            for x in operands:
                use(x, i)
        for x in [*kept, *(x for _, a, b, _ in listing.guards for x in (a, b))]:
            use(x, end)
        for when, groups in [*self.early.items(), (end, self.sums)]:
            for a, members in groups:
                for x in (a, *(b for _, b in members)):
                    use(x, when + 1)  # after this step
        for x in constants:
            self.place(x)
        ending: dict[int, list[int]] = {}
        for x, i in enumerate(last):
            if i >= 0 and not uniform[x]:
                ending.setdefault(i, []).append(x)
        free: list[int] = []
        count = listing.n_inputs
        slots = self.assembly.n_uniform
        for i in range(listing.first, end):
            free += [places[x] for x in ending.get(i, ())]
            if uniform[i]:
                places[i] = ~slots
                slots += 1
            elif free:
                places[i] = free.pop()
            else:
                places[i] = count
                count += 1
        self.assembly.n_uniform = slots
        self.assembly.n_registers = count

    def _write(self, numbers: dict[str, int]) -> None:
        listing, places, known = self.listing, self.places, self.known
        uniform_code, row_code = self.assembly.uniform, self.assembly.row
        steps = enumerate(listing.steps, listing.first)
        for i, (name, operands) in steps:
            code = uniform_code if self.uniform[i] else row_code
            where = [known[repr(x)] if type(x) is float else places[x] for x in operands]  # type: ignore[index]
            if name in TANH and i in self.heads:
                i, (other, _) = next(steps)
                outs = sorted(((name, places[i - 1]), (other, places[i])), reverse=True)
                code.extend((TANH_AND_SLOPE, outs[0][1], outs[1][1], where[0]))
            elif name == "dot":
                pairs = len(where) // 2
                same = sum([x < 0 for x in where[2::2]]) if code is row_code else 0
                if i in self.heads:
                    i, (_, factors) = next(steps)
                    others = [known[repr(x)] if type(x) is float else places[x] for x in factors]  # type: ignore[index]
                    triples = zip(where[1::2], where[2::2], others[2::2])
                    code.extend((DOTS, places[i - 1], places[i], where[0], others[0], pairs))
                    code.extend(x for triple in triples for x in triple)
                else:
                    code.extend((DOT, places[i], where[0], same, pairs - same, *where[1:]))
            elif name == "gate":
                code.extend((GATE, places[i], *where))
            elif name == "multiply" and (run := self._run_of_products(i)):
                common, rest = run
                code.extend((SCALE, self.place(common), len(rest)))
                code.extend(x for j, b in enumerate(rest, i) for x in (places[j], self.place(b)))
                for _ in rest[1:]:
                    i, _ = next(steps)
            else:
                code.extend((numbers[name], places[i], *where))
            for a, members in self.early.get(i, ()):
                self._add_up(row_code, a, members)
        for operator, a, b, holds in listing.guards:
            pair = self.place(a), self.place(b)
            code = uniform_code if max(pair) < 0 else row_code
            code.extend((GUARD, COMPARISONS.index(operator), *pair, holds))

    def _add_up(self, code: array[int], a: Operand, members: list[tuple[int, Operand]]) -> None:
        code.extend((SUM_SHARED, self.place(a), len(members)))
        code.extend(x for k, b in members for x in (k, self.place(b)))
