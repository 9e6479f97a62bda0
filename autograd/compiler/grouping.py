"""Find neighbouring steps that the machine runs as one instruction.

Sums of products with the same inputs load each input once for all sums; tanh and its derivative share an exponential;
products with a common factor load this factor once.
"""

from __future__ import annotations

from autograd._typing import TYPE_CHECKING
from autograd.compiler.analysis import find_decisive, find_uniform, is_uniform
from autograd.compiler.fusion import SUMS, count_leading
from autograd.compiler.instructions import SUMS_AT_A_TIME
from autograd.compiler.ir import renumbered

if TYPE_CHECKING:
    from collections.abc import Container

    from autograd.compiler.ir import Listing, Operand, Step

TANH = ("tanh", "sech_squared")
"""A step and its derivative, which are one instruction if they have the same operand."""


def group_keys(listing: Listing, uniform: list[bool]) -> list[tuple[object, ...] | None]:
    """For each step a key that it shares with steps that one instruction can run; None if it needs one of its own."""
    decisive = find_decisive(listing)
    steps = enumerate(listing.steps, listing.first)
    return [
        _group_key(step, uniform) if step[0] in _SHARING and not uniform[i] and i not in decisive else None
        for i, step in steps
    ]


_SHARING = {*TANH, *SUMS}


def _group_key(step: Step, uniform: list[bool]) -> tuple[object, ...] | None:
    """The key of a step.

    Sums of products share one if their first factors are the same registers and their second factors are uniform.
    """
    name, operands = step
    if name in TANH:
        return "tanh", operands[0]
    if not is_uniform(operands[-1], uniform):  # the last of the factors, because the varying ones come last
        return None
    leading = count_leading(name)
    inputs, factors = operands[leading::2], operands[leading + 1 :: 2]
    if not all(is_uniform(x, uniform) for x in factors) or any(is_uniform(x, uniform) for x in inputs):
        return None
    return name, inputs


def pair_neighbours(listing: Listing) -> Listing:
    """Move uniform steps to the front, and each step next to an earlier one that can share its instruction."""
    uniform = find_uniform(listing)
    partners = _find_partners(listing, uniform)
    if not partners and not any(uniform[listing.first :]):
        return listing
    moved = set(partners.values())
    first = listing.first
    registers = range(first, first + len(listing.steps))
    order = [i for i in registers if uniform[i]]
    for i in registers:
        if not uniform[i] and i not in moved:
            order.append(i)
            if i in partners:
                order.append(partners[i])
    places: list[Operand] = list(range(first + len(listing.steps)))
    for place, i in enumerate(order, first):
        places[i] = place
    in_order = (listing.steps[i - first] for i in order)
    return listing.rebuilt([(name, renumbered(operands, places)) for name, operands in in_order], places)


def _find_partners(listing: Listing, uniform: list[bool]) -> dict[int, int]:
    """The pairs of steps that can share an instruction, from the first step to the second one."""
    partners: dict[int, int] = {}
    waiting: dict[tuple[object, ...], int] = {}
    for i, (step, key) in enumerate(zip(listing.steps, group_keys(listing, uniform)), listing.first):
        if key is None:
            continue
        partner = waiting.pop(key, None)
        if partner is not None and _is_independent(step, partner, uniform):
            partners[partner] = i
        else:
            waiting[key] = i
    return partners


def _is_independent(step: Step, since: int, uniform: list[bool]) -> bool:
    """Whether a step uses no varying register from number `since` on."""
    return not any(type(x) is int and x >= since and not uniform[x] for x in step[1])


def find_groups(listing: Listing, uniform: list[bool]) -> dict[int, int]:
    """The groups of neighbouring steps that share an instruction, from the first step to the size of the group."""
    keys = group_keys(listing, uniform)
    groups: dict[int, int] = {}
    k = 0
    while k < len(keys):
        size = 1 if keys[k] is None else _measure_group(listing, keys, k, uniform)
        if size > 1:
            groups[listing.first + k] = size
        k += size
    return groups


def _measure_group(listing: Listing, keys: list[tuple[object, ...] | None], k: int, uniform: list[bool]) -> int:
    """How many steps from the k-th on share its instruction."""
    steps, since = listing.steps, listing.first + k
    largest = SUMS_AT_A_TIME if steps[k][0] in SUMS else 2
    size = 1
    for j in range(k + 1, min(k + largest, len(steps))):
        if keys[j] != keys[k] or not _is_independent(steps[j], since, uniform):
            break
        size += 1
    return size if size == largest else min(size, largest // 2)


def find_scaled(
    listing: Listing, i: int, uniform: list[bool], stops: Container[int]
) -> tuple[Operand, list[Operand]] | None:
    """The longest run of neighbouring products with a common factor: that factor and the others; None without a run.

    Args:
        i: the first product.
        stops: steps that end a run.
    """
    best: tuple[Operand, list[Operand]] | None = None
    k = i - listing.first
    following = listing.steps[k + 1] if k + 1 < len(listing.steps) else ("", ())
    for common in listing.steps[k][1] if following[0] == "multiply" else ():
        if type(common) is int and common in following[1]:
            others = _other_factors(listing, common, i, uniform, stops)
            if len(others) > (len(best[1]) if best else 1):
                best = common, others
    return best


def _other_factors(
    listing: Listing, common: int, start: int, uniform: list[bool], stops: Container[int]
) -> list[Operand]:
    """The other factors of the neighbouring products, from `start` on, that have this common factor."""
    others: list[Operand] = []
    for i in range(start, len(uniform)):
        name, operands = listing.steps[i - listing.first]
        if name != "multiply" or uniform[i] != uniform[start]:
            break
        a, b = operands
        if type(a) is int and a == common:
            others.append(b)
        elif type(b) is int and b == common:
            others.append(a)
        else:
            break
        if i in stops:
            break
    return others
