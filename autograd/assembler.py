"""A listing as numbers for the compiled evaluator: what is computed once, what for each row, and in which registers."""

from __future__ import annotations

from array import array
from collections import Counter

from autograd._typing import TYPE_CHECKING, final
from autograd.listing import COMPARISONS, Listing
from autograd.passes import hoist

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autograd.listing import Operand, Step

    Pairs = list[tuple[Operand, Operand]]

DOT, GUARD, SUM_SHARED, DOTS = 240, 241, 242, 243
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
    if not exact:
        listing, totals = _paired(*_separated(listing, totals))
    return _Assembler(listing, numbers, totals, is_paired=not exact).assembly


def _separated(listing: Listing, totals: list[Pairs] | None) -> tuple[Listing, list[Pairs] | None]:
    """Sums of products that differ from row to row without the products that do not: these are a sum of their own."""
    uniform = hoist(listing)
    places: list[Operand] = list(range(listing.first))
    steps: list[Step] = []

    def moved(x: Operand) -> Operand:
        return x if type(x) is float else places[x]  # type: ignore[index]

    def is_uniform(x: Operand) -> bool:
        return type(x) is float or uniform[x]  # type: ignore[index]

    for i, (name, operands) in enumerate(listing.steps, listing.first):
        if name == "dot" and not uniform[i]:
            start, *factors = operands
            pairs = list(zip(factors[::2], factors[1::2]))
            same = [pair for pair in pairs if is_uniform(pair[0]) and is_uniform(pair[1])]
            if same:
                pairs = [pair for pair in pairs if not (is_uniform(pair[0]) and is_uniform(pair[1]))]
                if not is_uniform(start):
                    pairs.insert(0, (start, 1.0))
                    start = -0.0
                places_of_same = [moved(x) for pair in same for x in pair]
                steps.append(("dot", (moved(start), *places_of_same)))
                head: Operand = listing.first + len(steps) - 1
            else:
                head = moved(start)
            ordered = [pair if is_uniform(pair[1]) else pair[::-1] for pair in pairs]
            ordered.sort(key=lambda pair: not is_uniform(pair[1]))
            operands = (head, *(moved(x) for pair in ordered for x in pair))
        else:
            operands = tuple([moved(x) for x in operands])
        places.append(listing.first + len(steps))
        steps.append((name, operands))
    guards = [(operator, moved(a), moved(b), holds) for operator, a, b, holds in listing.guards]
    outputs = [moved(x) for x in listing.outputs]
    result = Listing(listing.n_inputs, listing.n_parameters, steps, outputs, guards)
    return result, totals and [[(moved(a), moved(b)) for a, b in pairs] for pairs in totals]


def _key(step: Step, uniform: list[bool]) -> tuple[Operand, ...] | None:
    """The registers of a sum of products with numbers that are the same for all rows; None of any other step."""
    name, operands = step
    if name != "dot" or not all(type(x) is float or uniform[x] for x in operands[2::2]):  # type: ignore[index]
        return None
    registers = operands[1::2]
    return None if any(type(x) is float or uniform[x] for x in registers) else registers  # type: ignore[index]


def _paired(listing: Listing, totals: list[Pairs] | None) -> tuple[Listing, list[Pairs] | None]:
    """Sums of products of the same registers next to one another, two by two, so that they share the loads."""
    uniform = hoist(listing)
    waiting: dict[tuple[Operand, ...], int] = {}
    partner: dict[int, int] = {}
    for i, step in enumerate(listing.steps, listing.first):
        key = _key(step, uniform)
        if key is None:
            continue
        j = waiting.pop(key, None)
        start = step[1][0]
        if j is None or (type(start) is int and start >= j):
            waiting[key] = i
        else:
            partner[j] = i
    moved = set(partner.values())
    order = [
        x
        for i in range(listing.first, listing.first + len(listing.steps))
        if i not in moved
        for x in ((i, partner[i]) if i in partner else (i,))
    ]
    places: dict[Operand, int] = {i: i for i in range(listing.first)}
    places.update((x, i) for i, x in enumerate(order, listing.first))

    def place(x: Operand) -> Operand:
        return x if type(x) is float else places[x]

    steps = [
        (listing.steps[i - listing.first][0], tuple(map(place, listing.steps[i - listing.first][1]))) for i in order
    ]
    guards = [(operator, place(a), place(b), holds) for operator, a, b, holds in listing.guards]
    result = Listing(listing.n_inputs, listing.n_parameters, steps, list(map(place, listing.outputs)), guards)
    return result, totals and [[(place(a), place(b)) for a, b in pairs] for pairs in totals]


@final
class _Assembler:
    """Gives every register a place, and writes the instructions."""

    def __init__(
        self, listing: Listing, numbers: dict[str, int], totals: list[Pairs] | None, *, is_paired: bool
    ) -> None:
        self.listing = listing
        self.is_paired = is_paired
        self.assembly = Assembly(listing.n_parameters)
        self.known: dict[str, int] = {}  # constants by their digits
        self.uniform = hoist(listing)
        n_inputs = listing.n_inputs
        self.places = [*range(n_inputs), *(~k for k in range(listing.n_parameters)), *[0] * len(listing.steps)]
        factors = [x for pairs in totals or () for pair in pairs for x in pair]
        self._allocate([*(listing.outputs if totals is None else factors)])
        self._write(numbers)
        if totals is None:
            self.assembly.outputs.extend(map(self.place, listing.outputs))
        else:
            self._add_up(totals)

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

    def _allocate(self, kept: Iterable[Operand]) -> None:
        """Registers for what differs from row to row, given back after their last use."""
        listing, uniform, places = self.listing, self.uniform, self.places
        last = [-1] * len(places)
        for i, (_, operands) in enumerate(listing.steps, listing.first):
            for x in operands:
                if type(x) is int:
                    last[x] = i
        for x in [*kept, *(x for _, a, b, _ in listing.guards for x in (a, b))]:
            if type(x) is int:
                last[x] = len(places)
        for _, operands in listing.steps:
            for x in operands:
                if type(x) is float:
                    self.place(x)
        for x in kept:
            if type(x) is float:
                self.place(x)
        for _, a, b, _ in listing.guards:
            for x in (a, b):
                if type(x) is float:
                    self.place(x)
        free: list[int] = []
        count = listing.n_inputs
        slots = self.assembly.n_uniform
        for i, (_, operands) in enumerate(listing.steps, listing.first):
            if uniform[i]:
                places[i] = ~slots
                slots += 1
                continue
            for x in operands:
                if type(x) is int and last[x] == i and not uniform[x]:
                    last[x] = -1  # once, even if it is an operand twice
                    free.append(places[x])
            if free:
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
            if name == "dot":
                pairs = len(where) // 2
                same = sum([x < 0 for x in where[2::2]]) if code is row_code else 0
                other = self._partner(i) if code is row_code else None
                if other is not None:
                    next(steps)
                    others = [known[repr(x)] if type(x) is float else places[x] for x in other]  # type: ignore[index]
                    triples = zip(where[1::2], where[2::2], others[2::2])
                    code.extend((DOTS, places[i], places[i + 1], where[0], others[0], pairs))
                    code.extend(x for triple in triples for x in triple)
                    continue
                code.extend((DOT, places[i], where[0], same, pairs - same, *where[1:]))
            else:
                code.extend((numbers[name], places[i], *where))
        for operator, a, b, holds in listing.guards:
            pair = self.place(a), self.place(b)
            code = uniform_code if max(pair) < 0 else row_code
            code.extend((GUARD, COMPARISONS.index(operator), *pair, holds))

    def _add_up(self, totals: list[Pairs]) -> None:
        placed = [(k, self.place(a), self.place(b)) for k, pairs in enumerate(totals) for a, b in pairs]
        common = Counter(x for _, a, b in placed for x in {a, b} if x >= 0)
        groups: dict[int, list[tuple[int, int]]] = {}
        for k, a, b in placed:
            if (common[a], a) < (common[b], b):
                a, b = b, a
            groups.setdefault(a, []).append((k, b))
        for a, members in groups.items():
            flat = [(k, b) for k, b in members if a < 0 and b < 0]
            rows = [(k, b) for k, b in members if not (a < 0 and b < 0)]
            for code, chosen in ((self.assembly.flat, flat), (self.assembly.sums, rows)):
                if chosen:
                    code.extend((SUM_SHARED, a, len(chosen), *(x for pair in chosen for x in pair)))

    def _partner(self, i: int) -> tuple[Operand, ...] | None:
        """The operands of the next step, if it is a sum of products of the same registers."""
        here = i - self.listing.first
        if not self.is_paired or here + 1 >= len(self.listing.steps):
            return None
        key = _key(self.listing.steps[here], self.uniform)
        step = self.listing.steps[here + 1]
        is_partner = key is not None and _key(step, self.uniform) == key and step[1][0] != i
        return step[1] if is_partner else None
