"""Passes for the compiled evaluator: what its machine does in one instruction becomes one step, or two neighbours.

Unlike those of `passes.py` each takes, beside the listing, the factors of what is to be summed up over rows.
"""

from __future__ import annotations

from collections import Counter

from autograd._typing import TYPE_CHECKING
from autograd.compiler.analysis import find_uniform
from autograd.compiler.ir import Listing

if TYPE_CHECKING:
    from autograd.compiler.ir import Operand, Step

    Pairs = list[tuple[Operand, Operand]]


def separate(listing: Listing, totals: list[Pairs] | None) -> tuple[Listing, list[Pairs] | None]:
    """Sums of products that differ from row to row without the products that do not: these are a sum of their own."""
    uniform = find_uniform(listing)
    places: list[Operand] = list(range(listing.first))
    steps: list[Step] = []

    def moved(x: Operand) -> Operand:
        return x if type(x) is float else places[x]  # type: ignore[index]

    for i, (name, operands) in enumerate(listing.steps, listing.first):
        if name == "dot" and not uniform[i]:
            start, *factors = operands
            pairs = list(zip(factors[::2], factors[1::2]))
            same = [pair for pair in pairs if is_same(pair[0], uniform) and is_same(pair[1], uniform)]
            if same:
                pairs = [pair for pair in pairs if not (is_same(pair[0], uniform) and is_same(pair[1], uniform))]
                if not is_same(start, uniform):
                    pairs.insert(0, (start, 1.0))
                    start = -0.0
            if len(same) == 1 and repr(same[0][1]) == "1.0" and repr(start) == "-0.0":  # a number alone
                head: Operand = moved(same[0][0])
            elif same:
                steps.append(("dot", (moved(start), *(moved(x) for pair in same for x in pair))))
                head = listing.first + len(steps) - 1
            else:
                head = moved(start)
            ordered = [pair if is_same(pair[1], uniform) else pair[::-1] for pair in pairs]
            ordered.sort(key=lambda pair: not is_same(pair[1], uniform))
            operands = (head, *(moved(x) for pair in ordered for x in pair))
        else:
            operands = tuple([moved(x) for x in operands])
        places.append(listing.first + len(steps))
        steps.append((name, operands))
    return listing.rebuilt(steps, places), totals and [[(moved(a), moved(b)) for a, b in pairs] for pairs in totals]


def absorb(listing: Listing, totals: list[Pairs] | None) -> tuple[Listing, list[Pairs] | None]:
    """Steps that only one other step uses, as one step with it, where the machine has that.

    gate(a, b, c) is a * c * step(b), which the derivative of relu is made of; relu_dot(start, ...) is the relu of
    dot(start, ...), and gate_dot(b, start, ...) is dot(start, ...) * step(b).
    """
    first = listing.first
    uniform = find_uniform(listing)
    uses: Counter[Operand] = Counter(x for _, operands in listing.steps for x in operands if type(x) is int)
    kept = [*listing.outputs, *(x for _, a, b, _ in listing.guards for x in (a, b))]
    kept += [x for pairs in totals or () for pair in pairs for x in pair]
    uses.update(2 * [x for x in kept if type(x) is int])
    steps: list[Step] = []
    gone: set[Operand] = set()

    def inner(x: Operand) -> Step:
        """The step that makes an operand for each row, if nothing else uses it."""
        return steps[x - first] if not is_same(x, uniform) and x >= first and uses[x] == 1 else ("", ())  # type: ignore[index]

    for name, operands in listing.steps:
        if name == "multiply":
            for a, b in (operands, operands[::-1]):
                if inner(b)[0] == "step":
                    gone.add(b)
                    name, operands = "gate", (a, inner(b)[1][0], 1.0)
                    break
        if name in ("relu", "gate"):
            a, *others = operands
            part, factors = inner(a)
            if part == "dot":
                gone.add(a)
                name, operands = f"{name}_dot", (*others[:1], *factors)
            elif part == "multiply" and name == "gate":
                for b, c in (factors, factors[::-1]):
                    if is_same(c, uniform):
                        gone.add(a)
                        operands = (b, others[0], c)
                        break
        steps.append((name, operands))
    places: list[Operand] = list(range(first))
    remaining: list[Step] = []

    def moved(x: Operand) -> Operand:
        return x if type(x) is float else places[x]  # type: ignore[index]

    for i, (name, operands) in enumerate(steps, first):
        places.append(first + len(remaining))
        if i not in gone:
            remaining.append((name, tuple(map(moved, operands))))
    return listing.rebuilt(remaining, places), totals and [[(moved(a), moved(b)) for a, b in pairs] for pairs in totals]


def is_same(x: Operand, uniform: list[bool]) -> bool:
    """Whether an operand is the same for all rows."""
    return type(x) is float or uniform[x]  # type: ignore[index]


def join(listing: Listing, totals: list[Pairs] | None) -> tuple[Listing, list[Pairs] | None]:
    """Steps that have a key in common next to one another, two by two."""
    uniform = find_uniform(listing)
    waiting: dict[tuple[object, ...], int] = {}
    partner: dict[int, int] = {}
    for i, step in enumerate(listing.steps, listing.first):
        key = key_of(step, uniform)
        if key is None:
            continue
        j = waiting.pop(key, None)
        if j is None or any(type(x) is int and x >= j and not uniform[x] for x in leading(step)):
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
LEADING = {"dot": 1, "relu_dot": 1, "gate_dot": 2}
"""How many operands of a sum of products stand before the pairs; in the order of what becomes of it in machine.h."""


def leading(step: Step) -> tuple[Operand, ...]:
    """The operands of a sum of products that stand before the pairs."""
    name, operands = step
    return operands[: LEADING.get(name, 0)]


def key_of(step: Step, uniform: list[bool]) -> tuple[object, ...] | None:
    """What a step has in common with another one, so that both are one instruction; None if there is no such.

    Sums of products have it with those of the same registers and other numbers, the same for all rows; a hyperbolic
    tangent with its derivative.
    """
    name, operands = step
    if name in TANH:
        return None if is_same(operands[0], uniform) else ("tanh", operands[0])
    if name not in LEADING:
        return None
    registers, factors = operands[LEADING[name] :: 2], operands[LEADING[name] + 1 :: 2]
    if not all(is_same(x, uniform) for x in factors) or any(is_same(x, uniform) for x in registers):
        return None
    return name, registers
