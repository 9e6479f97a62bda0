"""Find neighbouring steps that the machine runs as one instruction.

Sums of products with the same inputs load each input once for all sums; tanh and its derivative share an exponential;
products with a common factor load this factor once.
"""

from __future__ import annotations

from array import array

from autograd._typing import TYPE_CHECKING
from autograd.compiler.codes import ADD_DOT, DOT, GATE_DOT, MULTIPLY, RELU_DOT, SECH_SQUARED, TANH
from autograd.compiler.instructions import SUMS_AT_A_TIME
from autograd.compiler.passes.analysis import find_decisive
from autograd.compiler.passes.pointers import integers, small

if TYPE_CHECKING:
    from collections.abc import Container

    from autograd.compiler.ir import Listing


def group_keys(listing: Listing, varies: bytearray) -> array[int]:
    """For each step a number that it shares with steps that one instruction can run; 0 if it needs one of its own.

    tanh and its derivative share one if they have the same operand. Sums of products do if their first factors are the
    same registers and their second factors are uniform.
    """
    first, count = listing.first, len(listing)
    decisive = find_decisive(listing)
    found = array("i", bytes(4 * count))
    numbers: dict[object, int] = {}
    keys, is_varying, decides = integers(found), small(varies), small(decisive)
    codes, starts, operands = integers(listing.codes), integers(listing.starts), integers(listing.operands)
    for i in range(count):
        code, start, end = codes[i], starts[i], starts[i + 1]
        if not is_varying[first + i] or decides[first + i]:
            continue
        if code in (TANH, SECH_SQUARED):
            keys[i] = numbers.setdefault(operands[start], len(numbers) + 1)
        elif code in (DOT, RELU_DOT, GATE_DOT, ADD_DOT):
            start += 2 if code in (GATE_DOT, ADD_DOT) else 1
            k = start
            while k < end and _is_scaled(operands[k], operands[k + 1], varies):
                k += 2
            if k >= end > start:
                inputs = (code, *[operands[k] for k in range(start, end, 2)])
                keys[i] = numbers.setdefault(inputs, len(numbers) + 1)
    return found


def _is_scaled(x: int, factor: int, varies: bytearray) -> bool:
    """Whether a product has a varying and a uniform factor, in this order."""
    is_varying = small(varies)
    return x >= 0 and is_varying[x] > 0 and (factor < 0 or not is_varying[factor])


def pair_neighbours(listing: Listing, varies: bytearray) -> Listing:
    """Move uniform steps to the front, and each step behind an earlier one with which it can share an instruction."""
    first, count = listing.first, len(listing)
    partners = _find_partners(listing, varies)
    if not partners and 0 not in varies[first:]:
        return listing
    moved, leads = bytearray(count), bytearray(count)
    for i, others in partners.items():
        leads[i] = 1
        for other in others:
            moved[other] = 1
    order = array("i", bytes(4 * count))
    is_moved, is_leading, is_varying, steps = small(moved), small(leads), small(varies), integers(order)
    k = 0
    for i in range(count):
        if not is_varying[first + i]:
            steps[k] = i
            k += 1
    for i in range(count):
        if is_varying[first + i] and not is_moved[i]:
            steps[k] = i
            k += 1
            if is_leading[i]:
                for other in partners[i]:
                    steps[k] = other
                    k += 1
    return _in_order(listing, order)


def by_levels(listing: Listing) -> Listing:
    """The listing in another order: first the steps that need no other step, then those that need only these, ....

    Among these, the same operations stand side by side. If values and their derivatives are computed along a chain, as
    in the steps of a simulation, they are near each other, and few numbers wait for their use at a time.
    """
    first, count = listing.first, len(listing)
    levels = array("i", bytes(4 * (first + count)))
    level, starts, operands = integers(levels), integers(listing.starts), integers(listing.operands)
    places: list[list[int]] = []
    for i in range(count):
        highest = 0
        for k in range(starts[i], starts[i + 1]):
            x = operands[k]
            if x >= first and level[x] > highest:
                highest = level[x]
        level[first + i] = highest + 1
        if highest == len(places):
            places.append([])
        places[highest].append(i)
    of_step = listing.codes.__getitem__
    return _in_order(listing, array("i", [i for place in places for i in sorted(place, key=of_step)]))


def _in_order(listing: Listing, order: array[int]) -> Listing:
    """The listing with its steps in this order."""
    first, count = listing.first, len(listing)
    renumbered = listing.places()
    arrays = [array("i", bytes(4 * n)) for n in (count, count + 1, len(listing.operands))]
    places, new_codes = integers(renumbered), integers(arrays[0])
    new_starts, new_operands = integers(arrays[1]), integers(arrays[2])
    codes, starts, operands = integers(listing.codes), integers(listing.starts), integers(listing.operands)
    steps, used = integers(order), 0
    for step in range(count):
        places[first + steps[step]] = first + step
    for step in range(count):
        i = steps[step]
        new_codes[step] = codes[i]
        for k in range(starts[i], starts[i + 1]):
            x = operands[k]
            new_operands[used] = x if x < 0 else places[x]
            used += 1
        new_starts[step + 1] = used
    return listing.with_steps(*arrays).renumbered(renumbered)


def _find_partners(listing: Listing, varies: bytearray) -> dict[int, list[int]]:
    """The steps that can share an instruction: for the first of them, the others."""
    partners: dict[int, list[int]] = {}
    leaders: dict[int, int] = {}
    found = group_keys(listing, varies)
    keys, codes = integers(found), integers(listing.codes)
    for i in range(len(listing)):
        if keys[i]:
            leader = leaders.get(keys[i], -1)
            if leader >= 0 and _is_independent(listing, i, listing.first + leader, varies):
                partners.setdefault(leader, []).append(i)
                if len(partners[leader]) + 1 == _largest_group(codes[i]):
                    del leaders[keys[i]]
            else:
                leaders[keys[i]] = i
    return partners


def _largest_group(code: int) -> int:
    """How many steps of this kind one instruction runs at most."""
    return 2 if code in (TANH, SECH_SQUARED) else SUMS_AT_A_TIME


def _is_independent(listing: Listing, i: int, since: int, varies: bytearray) -> bool:
    """Whether the i-th step uses no varying register from number `since` on."""
    starts, operands, is_varying = integers(listing.starts), integers(listing.operands), small(varies)
    for k in range(starts[i], starts[i + 1]):
        if operands[k] >= since and is_varying[operands[k]]:
            return False
    return True


def find_groups(listing: Listing, varies: bytearray) -> dict[int, int]:
    """The groups of neighbouring steps that share an instruction, from the first step to the size of the group."""
    found = group_keys(listing, varies)
    keys = integers(found)
    codes = integers(listing.codes)
    groups: dict[int, int] = {}
    i, count = 0, len(listing)
    while i < count:
        size = 1
        if keys[i]:
            largest = _largest_group(codes[i])
            while (
                size < largest
                and i + size < count
                and keys[i + size] == keys[i]
                and _is_independent(listing, i + size, listing.first + i, varies)
            ):
                size += 1
            size = size if size == largest else min(size, largest // 2)
        if size > 1:
            groups[i] = size
        i += size
    return groups


def find_runs(listing: Listing, varies: bytearray, stops: Container[int]) -> dict[int, tuple[int, list[int]]]:
    """The runs of neighbouring products with a common factor: for the first product that factor, and the others.

    Args:
        stops: steps that end a run.
    """
    runs: dict[int, tuple[int, list[int]]] = {}
    codes = integers(listing.codes)
    i, count = 0, len(listing)
    while i + 1 < count:
        length = 1
        if codes[i] == MULTIPLY and codes[i + 1] == MULTIPLY:
            run = _longest_run(listing, i, varies, stops)
            if run is not None:
                runs[i] = run
                length = len(run[1])
        i += length
    return runs


def _longest_run(listing: Listing, i: int, varies: bytearray, stops: Container[int]) -> tuple[int, list[int]] | None:
    """The longest run that begins with the i-th step: its common factor and the others; None if it has no other."""
    best: tuple[int, list[int]] | None = None
    starts, operands = integers(listing.starts), integers(listing.operands)
    following = starts[i + 1]
    for k in range(starts[i], following):
        x = operands[k]
        if x >= 0 and (x == operands[following] or x == operands[following + 1]):
            others = _other_factors(listing, x, i, varies, stops)
            if len(others) > (len(best[1]) if best else 1):
                best = x, others
    return best


def _other_factors(listing: Listing, common: int, i: int, varies: bytearray, stops: Container[int]) -> list[int]:
    """The other factors of the neighbouring products, from the i-th step on, that have this common factor."""
    first, others = listing.first, []
    codes, starts, operands = integers(listing.codes), integers(listing.starts), integers(listing.operands)
    is_varying = small(varies)
    varying = is_varying[first + i]
    for j in range(i, len(listing)):
        if codes[j] != MULTIPLY or is_varying[first + j] != varying:
            break
        a, b = operands[starts[j]], operands[starts[j] + 1]
        if a != common and b != common:
            break
        others.append(b if a == common else a)
        if j in stops:
            break
    return others
