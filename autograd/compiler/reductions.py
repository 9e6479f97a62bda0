"""Sums over rows: which products one instruction adds up, and after which step.

A total is a sum of products of two factors, added up over all rows. Many products share a factor, and an instruction
that adds up several of them loads the shared one once. It runs as soon as its factors are computed: this frees their
registers for other numbers.
"""

from __future__ import annotations

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.codes import NAMES
from autograd.compiler.instructions import FACTORS_AT_A_TIME, LANES
from autograd.operations.operation import CUSTOM

if TYPE_CHECKING:
    from autograd.compiler.ir import Listing
    from autograd.compiler.totals import Pairs

    Schedule = dict[int, list["Reduction"]]
    """The reductions by the step after which they run; the number of steps stands for the end."""

_PATIENCE = 64  # steps that a reduction may wait for others with the same factors, although its registers stay in use


@final
class Reduction:
    """Products of each a with each b, added up over rows.

    Attributes:
        a, b: the factors.
        totals: for each product the number of the total that it belongs to; those of the first a come first.
    """

    __slots__ = ("a", "b", "totals")

    def __init__(self, a: list[int], b: list[int], totals: list[int]) -> None:
        self.a = a
        self.b = b
        self.totals = totals

    def factors(self) -> list[int]:
        return [*self.a, *self.b]

    def put_neighbours_first(self, n_inputs: int) -> int:
        """Let b begin with inputs in their order, as far as their totals are also in order; return how many these are.

        Only where there are at least as many as vectors have numbers; otherwise nothing changes.
        """
        order = sorted(range(len(self.b)), key=lambda i: self.b[i] if 0 <= self.b[i] < n_inputs else n_inputs)
        b = [self.b[i] for i in order]
        rows = range(0, len(self.totals), len(b))
        totals = [self.totals[row + i] for row in rows for i in order]
        n = 0
        while n < len(b) and b[n] == b[0] + n < n_inputs and all(totals[row + n] == totals[row] + n for row in rows):
            n += 1
        if b[0] < 0 or n < LANES:
            return 0
        self.b, self.totals = b, totals
        return n

    def is_uniform(self, varies: bytearray) -> bool:
        """Whether every product is the same for all rows."""
        return self.a[0] < 0 or not varies[self.a[0]]  # if a is uniform, group_products() has put in uniform b only


def schedule_reductions(
    listing: Listing, totals: list[Pairs], varies: bytearray, groups: dict[int, int], *, exact: bool
) -> Schedule:
    """Choose the products of each reduction, and the step after which it runs.

    Args:
        totals: for each total the pairs of factors.
        groups: the steps that share an instruction, see find_groups().
        exact: whether each total must be added up in the order of its products.
    """
    first, end = listing.first, len(listing)
    reductions = group_products(totals, varies)
    if exact:
        return {end: reductions}
    ends = {step: start + size - 1 for start, size in groups.items() for step in range(start, start + size)}
    must_wait = can_rows_fail(listing, varies)  # a row that fails a guard is not added up
    early: list[tuple[int, Reduction]] = []
    late: list[tuple[int, Reduction]] = []
    for reduction in reductions:
        step = max([x - first for x in reduction.factors() if x >= 0 and varies[x]], default=-1)
        if must_wait or step < 0:  # inputs keep their registers anyway
            late.append((end, reduction))
        else:
            early.append((ends.get(step, step), reduction))
    early.sort(key=lambda timed: timed[0])
    return {**_merge(early, varies), end: [], **_merge(late, varies)}


def can_rows_fail(listing: Listing, varies: bytearray) -> bool:
    """Whether a guard may fail, or a user's operation may raise an exception, for some rows and not for others."""
    if any(NAMES[code] in CUSTOM for code in set(listing.codes)):
        return True
    return any((a >= 0 and varies[a]) or (b >= 0 and varies[b]) for _, a, b, _ in listing.conditions)


def group_products(totals: list[Pairs], varies: bytearray) -> list[Reduction]:
    """A reduction for each factor that products share: this factor is a, and their other factors are b."""
    uses: dict[int, int] = {}
    for pairs in totals:
        for pair in pairs:
            for x in pair:
                uses[x] = uses.get(x, 0) + 1
    groups: dict[int, Reduction] = {}
    for k, pairs in enumerate(totals):
        for a, b in pairs:
            a_varies, b_varies = a >= 0 and varies[a], b >= 0 and varies[b]
            if b_varies > a_varies or (a_varies == b_varies and uses[b] > uses[a]):
                a, b = b, a
            group = groups.get(a)
            if group is None:
                group = groups[a] = Reduction([a], [], [])
            group.b.append(b)
            group.totals.append(k)
    return list(groups.values())


def _merge(timed: list[tuple[int, Reduction]], varies: bytearray) -> Schedule:
    """Merge reductions that have the same b and are near; the merged one runs after the last of their steps."""
    schedule: Schedule = {}
    waiting: dict[object, list[tuple[int, Reduction]]] = {}
    for step, reduction in timed:
        is_alone = reduction.is_uniform(varies)
        batch = waiting.setdefault(None if is_alone else tuple(reduction.b), [])
        if batch and (is_alone or len(batch) == FACTORS_AT_A_TIME or step > batch[0][0] + _PATIENCE):
            _release(batch, schedule)
        batch.append((step, reduction))
    for batch in waiting.values():
        if batch:
            _release(batch, schedule)
    return schedule


def _release(batch: list[tuple[int, Reduction]], schedule: Schedule) -> None:
    """Merge the reductions of a batch, which becomes empty."""
    step, last = batch[-1]
    a = [x for _, reduction in batch for x in reduction.a]
    totals = [k for _, reduction in batch for k in reduction.totals]
    schedule.setdefault(step, []).append(Reduction(a, last.b, totals))
    batch.clear()
