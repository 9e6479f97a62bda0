"""A listing as numbers for the compiled evaluator: what is computed once, what for each row, and in which registers."""

from __future__ import annotations

from array import array
from collections import Counter

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.analysis import find_uniform
from autograd.compiler.fusion import LEADING, TANH, absorb, is_same, join, key_of, leading, separate
from autograd.compiler.ir import COMPARISONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autograd.compiler.fusion import Pairs
    from autograd.compiler.ir import Listing, Operand

    # factors a, factors b, and the number of the total of each product a * b, of the first a first
    _Sums = tuple[list[Operand], list[Operand], list[int]]

DOT, GUARD, SUM_SHARED, DOTS, TANH_AND_SLOPE, SCALE, GATE, SUM_PRODUCTS = 240, 241, 242, 243, 244, 245, 246, 247
"""The instructions that are no rows of the table, see machine.h."""

_AT_A_TIME = 4  # how many factors one SUM_PRODUCTS takes
_NEAR = 64  # steps: for how long a register may wait for others with which it is added up


@final
class Assembly:
    """The code of a listing, in the form that machine.h describes.

    Attributes:
        uniform, row, sums, flat: instructions; run once, for each row, to add up over rows, and the sums of what is
            the same in all of them.
        packed: where the numbers are that DOTS multiply by, in the order in which they do.
        outputs: where the results are.
        constants: numbers that lie below the middle of the memory after the parameters.
        n_uniform, n_registers: how many numbers lie below the middle, and how many above for each row.
    """

    def __init__(self, n_parameters: int) -> None:
        self.uniform, self.row, self.sums, self.flat, self.packed = (array("i") for _ in range(5))
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
        totals: of each result that is wanted as a sum over rows, the pairs of factors; see split_reductions().
        exact: whether sums of products must keep their order.
    """
    if not all(find_uniform(listing)):  # what is computed once is not worth it
        if not exact:
            listing, totals = separate(listing, totals)
        listing, totals = absorb(listing, totals)
        if not exact:
            listing, totals = join(listing, totals)
    return _Assembler(listing, numbers, totals, is_fast=not exact).assembly


@final
class _Assembler:
    """Gives every register a place, and writes the instructions."""

    def __init__(self, listing: Listing, numbers: dict[str, int], totals: list[Pairs] | None, *, is_fast: bool) -> None:
        self.listing = listing
        self.assembly = Assembly(listing.n_parameters)
        self.known: dict[str, int] = {}  # constants by their digits
        self.uniform = find_uniform(listing)
        n_inputs = listing.n_inputs
        self.places = [*range(n_inputs), *(~k for k in range(listing.n_parameters)), *[0] * len(listing.steps)]
        self.groups = self._alike() if is_fast else {}
        self.ends = {i: first + size - 1 for first, size in self.groups.items() for i in range(first, first + size)}
        self.sums = self._grouped(totals or [])
        end = len(self.places)
        is_guarded = any(not (is_same(a, self.uniform) and is_same(b, self.uniform)) for _, a, b, _ in listing.guards)
        # sums over rows as soon as their factors are there, whose registers are free then; strays must be known before
        self.early = self._together(self._by_step()) if is_fast and not is_guarded else {}
        if is_fast:
            self.sums = self._together({end: self.sums}).get(end, [])
        self._allocate(listing.outputs if totals is None else [])
        self._write(numbers)
        if totals is None:
            self.assembly.outputs.extend(map(self.place, listing.outputs))
        for sums in self.sums:
            self._add_up(self.assembly.flat if is_same(sums[0][0], self.uniform) else self.assembly.sums, sums)

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

    def _alike(self) -> dict[int, int]:
        """Steps that stand next to one another and have a key in common: of each group the first, and how many."""
        steps, uniform = self.listing.steps, self.uniform
        keys = [key_of(step, uniform) for step in steps]
        groups: dict[int, int] = {}
        k = 0
        while k < len(steps):
            first = self.listing.first + k
            size = 1
            while (
                k + size < len(steps)
                and keys[k + size] is not None
                and keys[k + size] == keys[k]
                and not uniform[first]
                and not set(range(first, first + size)).intersection(leading(steps[k + size]))
            ):
                size += 1
            size = 4 if size >= 4 and steps[k][0] in LEADING else min(size, 2)
            if size > 1:
                groups[first] = size
            k += size
        return groups

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

    def _grouped(self, totals: list[Pairs]) -> list[_Sums]:
        """The products that are added up over rows, by a factor that many of them share."""
        products = [(k, a, b) for k, pairs in enumerate(totals) for a, b in pairs]
        common = Counter(repr(x) for _, a, b in products for x in (a, b))

        def rank(x: Operand) -> tuple[bool, int]:
            return not is_same(x, self.uniform), common[repr(x)]

        groups: dict[str, _Sums] = {}
        for k, a, b in products:
            if rank(a) < rank(b):
                a, b = b, a
            _, others, numbers = groups.setdefault(repr(a), ([a], [], []))
            others.append(b)
            numbers.append(k)
        return list(groups.values())

    def _by_step(self) -> dict[int, list[_Sums]]:
        """The groups by the step after which all of their factors are there; they are taken out of the others."""
        early: dict[int, list[_Sums]] = {}
        late = []
        for group in self.sums:
            ready = max((x for x in (*group[0], *group[1]) if not is_same(x, self.uniform)), default=-1)
            if ready < self.listing.first:  # made of inputs and numbers for all rows alone
                late.append(group)
            else:
                early.setdefault(self.ends.get(int(ready), int(ready)), []).append(group)
        self.sums = late
        return early

    def _together(self, by_step: dict[int, list[_Sums]]) -> dict[int, list[_Sums]]:
        """Several groups of the same other factors as one, after the step of the last, if the steps are near."""
        joined: dict[int, list[_Sums]] = {}
        waiting: dict[object, list[tuple[int, _Sums]]] = {}

        def join(groups: list[tuple[int, _Sums]]) -> None:
            factors = [a for _, (firsts, _, _) in groups for a in firsts]
            numbers = [k for _, (_, _, totals) in groups for k in totals]
            step, (_, others, _) = groups[-1]
            joined.setdefault(step, []).append((factors, others, numbers))
            groups.clear()

        for step, group in [(i, sums) for i in sorted(by_step) for sums in by_step[i]]:
            key = None if is_same(group[0][0], self.uniform) else tuple(map(repr, group[1]))
            groups = waiting.setdefault(key, [])
            if groups and (key is None or len(groups) == _AT_A_TIME or step > groups[0][0] + _NEAR):
                join(groups)
            groups.append((step, group))
        for groups in waiting.values():
            if groups:
                join(groups)
        return joined

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
            for factors, others, _ in groups:
                for x in (*factors, *others):
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
            if name in TANH and i in self.groups:
                i, (other, _) = next(steps)
                outs = sorted(((name, places[i - 1]), (other, places[i])), reverse=True)
                code.extend((TANH_AND_SLOPE, outs[0][1], outs[1][1], where[0]))
            elif name in LEADING and i in self.groups:
                group = [where]
                for _ in range(self.groups[i] - 1):
                    i, (_, factors) = next(steps)
                    group.append([known[repr(x)] if type(x) is float else places[x] for x in factors])  # type: ignore[index]
                n = LEADING[name]
                same = [x for numbers in zip(*(x[n + 1 :: 2] for x in group)) for x in numbers]
                code.extend((DOTS, len(group), len(where[n::2]), list(LEADING).index(name), len(self.assembly.packed)))
                code.extend(places[i + 1 - len(group) : i + 1])
                code.extend(x[n - 1] for x in group)
                code.extend(x[0] if name == "gate_dot" else 0 for x in group)
                code.extend((*where[n::2], *same))
                self.assembly.packed.extend(same)
            elif name in LEADING:
                n = LEADING[name]
                pairs = len(where[n:]) // 2
                alike = sum([x < 0 for x in where[n + 1 :: 2]]) if code is row_code else 0
                code.extend((DOT, places[i], where[n - 1], alike, pairs - alike, list(LEADING).index(name)))
                code.extend((where[0] if name == "gate_dot" else 0, *where[n:]))
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
            for sums in self.early.get(i, ()):
                self._add_up(row_code, sums)
        for operator, a, b, holds in listing.guards:
            pair = self.place(a), self.place(b)
            code = uniform_code if max(pair) < 0 else row_code
            code.extend((GUARD, COMPARISONS.index(operator), *pair, holds))

    def _add_up(self, code: array[int], sums: _Sums) -> None:
        factors, others, totals = sums
        if len(factors) == 1:
            code.extend((SUM_SHARED, self.place(factors[0]), len(others)))
            code.extend(x for k, b in zip(totals, others) for x in (k, self.place(b)))
        else:
            code.extend((SUM_PRODUCTS, len(factors), len(others), *map(self.place, factors), *map(self.place, others)))
            code.extend(totals)
