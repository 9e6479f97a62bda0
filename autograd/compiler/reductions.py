"""Sums over rows: which products one instruction adds up, and after which step.

A total is a sum of products of two factors, added up over all rows. Many products share a factor, and an instruction
that adds up several of them loads the shared one once. It runs as soon as its factors are computed: this frees their
registers for other numbers.
"""

from __future__ import annotations

from collections import Counter

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.analysis import is_uniform
from autograd.compiler.instructions import FACTORS_AT_A_TIME
from autograd.operations.operation import CUSTOM

if TYPE_CHECKING:
    from autograd.compiler.ir import Listing, Operand
    from autograd.compiler.products import Pairs

    Schedule = dict[int, list["Reduction"]]
    """The reductions by the step after which they run; the key after the last step is the end."""

_PATIENCE = 64  # steps that a reduction may wait for others with the same factors, although its registers stay in use


@final
class Reduction:
    """Products of each a with each b, added up over rows.

    Attributes:
        a, b: the factors.
        totals: for each product the number of the total that it belongs to; those of the first a come first.
    """

    __slots__ = ("a", "b", "totals")

    def __init__(self, a: list[Operand], b: list[Operand], totals: list[int]) -> None:
        self.a = a
        self.b = b
        self.totals = totals

    def factors(self) -> list[Operand]:
        return [*self.a, *self.b]

    def is_uniform(self, uniform: list[bool]) -> bool:
        """Whether every product is the same for all rows."""
        return is_uniform(self.a[0], uniform)  # if a is uniform, group_products() has put in uniform b only


def schedule_reductions(
    listing: Listing, totals: list[Pairs], uniform: list[bool], groups: dict[int, int], *, exact: bool
) -> Schedule:
    """Choose the products of each reduction, and the step after which it runs.

    Args:
        totals: for each total the pairs of factors.
        groups: the steps that share an instruction, see find_groups().
        exact: whether each total must be added up in the order of its products.
    """
    end = len(uniform)
    reductions = group_products(totals, uniform)
    if exact:
        return {end: reductions}
    ends = {step: first + size - 1 for first, size in groups.items() for step in range(first, first + size)}
    must_wait = can_rows_fail(listing, uniform)  # a row that fails a guard is not added up
    early: list[tuple[int, Reduction]] = []
    late: list[tuple[int, Reduction]] = []
    for reduction in reductions:
        step = max((int(x) for x in reduction.factors() if not is_uniform(x, uniform)), default=-1)
        if must_wait or step < listing.first:  # inputs keep their registers anyway
            late.append((end, reduction))
        else:
            early.append((ends.get(step, step), reduction))
    early.sort(key=lambda timed: timed[0])
    return {**_merge(early, uniform), end: [], **_merge(late, uniform)}


def can_rows_fail(listing: Listing, uniform: list[bool]) -> bool:
    """Whether a guard may fail, or a user's operation may raise an exception, for some rows and not for others."""
    if any(name in CUSTOM for name, _ in listing.steps):
        return True
    return any(not (is_uniform(a, uniform) and is_uniform(b, uniform)) for _, a, b, _ in listing.guards)


def group_products(totals: list[Pairs], uniform: list[bool]) -> list[Reduction]:
    """A reduction for each factor that products share: this factor is a, and their other factors are b."""
    products = [(k, a, b) for k, pairs in enumerate(totals) for a, b in pairs]
    uses = Counter(repr(x) for _, a, b in products for x in (a, b))

    def rank(x: Operand) -> tuple[bool, int]:
        return not is_uniform(x, uniform), uses[repr(x)]

    groups: dict[str, Reduction] = {}
    for k, a, b in products:
        if rank(a) < rank(b):
            a, b = b, a
        group = groups.setdefault(repr(a), Reduction([a], [], []))
        group.b.append(b)
        group.totals.append(k)
    return list(groups.values())


def _merge(timed: list[tuple[int, Reduction]], uniform: list[bool]) -> Schedule:
    """Merge reductions that have the same b and are near; the merged one runs after the last of their steps."""
    schedule: Schedule = {}
    waiting: dict[object, list[tuple[int, Reduction]]] = {}

    def release(batch: list[tuple[int, Reduction]]) -> None:
        step, last = batch[-1]
        a = [x for _, reduction in batch for x in reduction.a]
        totals = [k for _, reduction in batch for k in reduction.totals]
        schedule.setdefault(step, []).append(Reduction(a, last.b, totals))
        batch.clear()

    for step, reduction in timed:
        is_alone = reduction.is_uniform(uniform)
        batch = waiting.setdefault(None if is_alone else tuple(map(repr, reduction.b)), [])
        if batch and (is_alone or len(batch) == FACTORS_AT_A_TIME or step > batch[0][0] + _PATIENCE):
            release(batch)
        batch.append((step, reduction))
    for batch in waiting.values():
        if batch:
            release(batch)
    return schedule
