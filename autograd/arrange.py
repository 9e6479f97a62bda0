"""Passes for the compiled evaluator: what its machine does in one instruction becomes one step, or two neighbours.

Unlike those of `passes.py` each takes, beside the listing, the factors of what is to be summed up over rows.
"""

from __future__ import annotations

from collections import Counter

from autograd._typing import TYPE_CHECKING
from autograd.listing import Listing
from autograd.passes import drop, hoist

if TYPE_CHECKING:
    from autograd.listing import Operand, Step

    Pairs = list[tuple[Operand, Operand]]


def gate(listing: Listing, totals: list[Pairs] | None) -> tuple[Listing, list[Pairs] | None]:
    """Each product of a step that nothing else uses as one operation: gate(a, b) is a * step(b), as relu has it."""
    first = listing.first
    uses: Counter[Operand] = Counter(x for _, operands in listing.steps for x in operands if type(x) is int)
    kept = [*listing.outputs, *(x for _, a, b, _ in listing.guards for x in (a, b))]
    kept += [x for pairs in totals or () for pair in pairs for x in pair]
    uses.update(2 * [x for x in kept if type(x) is int])
    steps = list(listing.steps)
    for i, (name, operands) in enumerate(listing.steps):
        if name == "multiply":
            for a, b in (operands, operands[::-1]):
                if type(b) is int and b >= first and uses[b] == 1 and steps[b - first][0] == "step":
                    steps[i] = ("gate", (a, steps[b - first][1][0]))
    if steps == listing.steps:
        return listing, totals
    result = Listing(listing.n_inputs, listing.n_parameters, steps, kept, listing.guards)
    dropped = drop(result)
    moved = iter(dropped.outputs)
    outputs = [next(moved) for _ in listing.outputs]
    for _ in listing.guards:
        next(moved), next(moved)
    result = Listing(listing.n_inputs, listing.n_parameters, dropped.steps, outputs, dropped.guards)
    return result, totals and [[(next(moved), next(moved)) for _ in pairs] for pairs in totals]


def separate(listing: Listing, totals: list[Pairs] | None) -> tuple[Listing, list[Pairs] | None]:
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
            if len(same) == 1 and repr(same[0][1]) == "1.0" and repr(start) == "-0.0":  # a number alone
                head: Operand = moved(same[0][0])
            elif same:
                steps.append(("dot", (moved(start), *(moved(x) for pair in same for x in pair))))
                head = listing.first + len(steps) - 1
            else:
                head = moved(start)
            ordered = [pair if is_uniform(pair[1]) else pair[::-1] for pair in pairs]
            ordered.sort(key=lambda pair: not is_uniform(pair[1]))
            operands = (head, *(moved(x) for pair in ordered for x in pair))
        else:
            operands = tuple([moved(x) for x in operands])
        places.append(listing.first + len(steps))
        steps.append((name, operands))
    return listing.rebuilt(steps, places), totals and [[(moved(a), moved(b)) for a, b in pairs] for pairs in totals]


def join(listing: Listing, totals: list[Pairs] | None) -> tuple[Listing, list[Pairs] | None]:
    """Steps that have a key in common next to one another, two by two."""
    uniform = hoist(listing)
    waiting: dict[tuple[object, ...], int] = {}
    partner: dict[int, int] = {}
    for i, step in enumerate(listing.steps, listing.first):
        key = key_of(step, uniform)
        if key is None:
            continue
        j = waiting.pop(key, None)
        start = step[1][0]
        if j is None or (type(start) is int and start >= j and not uniform[start]):
            waiting[key] = i
        else:
            partner[j] = i
    moved = set(partner.values())
    numbers = range(listing.first, listing.first + len(listing.steps))
    order = [i for i in numbers if uniform[i]]
    order += [
        x for i in numbers if i not in moved and not uniform[i] for x in ((i, partner[i]) if i in partner else (i,))
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


TANH = ("tanh", "sech_squared")


def key_of(step: Step, uniform: list[bool]) -> tuple[object, ...] | None:
    """What a step has in common with another one, so that both are one instruction; None if there is no such.

    Sums of products have it with those of the same registers and other numbers, the same for all rows; a hyperbolic
    tangent with its derivative.
    """
    name, operands = step
    if name in TANH:
        return None if type(operands[0]) is float or uniform[operands[0]] else ("tanh", operands[0])  # type: ignore[index]
    if name != "dot" or not all(type(x) is float or uniform[x] for x in operands[2::2]):  # type: ignore[index]
        return None
    registers = operands[1::2]
    return None if any(type(x) is float or uniform[x] for x in registers) else registers  # type: ignore[index]
