"""Leave out steps."""

from __future__ import annotations

from autograd._typing import TYPE_CHECKING
from autograd.compiler.passes.analysis import count_uses
from autograd.compiler.passes.pointers import integers, small

if TYPE_CHECKING:
    from autograd.compiler.ir import Listing


def eliminate_dead_code(listing: Listing) -> Listing:
    """Leave out the steps that no result depends on."""
    counts = count_uses(listing)
    return keep(listing, bytearray([uses > 0 for uses in counts[listing.first :]]))


def keep(listing: Listing, marks: bytearray) -> Listing:
    """A listing of the steps that are marked. No other step, nor a result, uses one that is not."""
    first, count = listing.first, len(listing)
    renumbered = listing.places()
    arrays = listing.codes[:], listing.starts[:], listing.operands[:]
    codes, starts, operands = integers(arrays[0]), integers(arrays[1]), integers(arrays[2])
    places, kept = integers(renumbered), small(marks)
    step = used = 0
    for i in range(count):
        if not kept[i]:
            places[first + i] = -1
            continue
        start, end = starts[i], starts[i + 1]
        codes[step], starts[step] = codes[i], used
        for k in range(start, end):
            x = operands[k]
            operands[used] = x if x < 0 else places[x]
            used += 1
        places[first + i] = first + step
        step += 1
    starts[step] = used
    del arrays[0][step:], arrays[1][step + 1 :], arrays[2][used:]
    return listing.with_steps(*arrays).renumbered(renumbered)
