"""What a compiler does to a listing: each pass takes one and gives one that computes the same.

All but `fuse_products` keep every bit of every result. That one adds up in the same order, but an evaluator may keep
more digits within a sum of products than rounding each product would.
"""

from __future__ import annotations

import math

from autograd._typing import TYPE_CHECKING
from autograd.compiler.ir import Listing
from autograd.operations.operation import TABLE

if TYPE_CHECKING:
    from typing import Any

    from autograd.compiler.ir import Operand, Step


def fold_constants(listing: Listing) -> Listing:
    """Compute what depends on constants alone, and replace x * 1 and its like by x.

    Only what IEEE-754 arithmetic grants for every number, -0.0, infinities and nan included: x * 1 is x, and so is
    x - 0.0, but x + 0.0 is not where x is -0.0.
    """
    steps = listing.steps.copy()
    same = _Same()
    known = same.keys()
    for i, (name, operands) in enumerate(steps):
        if not known.isdisjoint(operands):
            operands = same.of(operands)
            steps[i] = name, operands
        if float in map(type, operands) or name in _FOLDED:
            name, operands = _folded(name, operands)
            if name:
                steps[i] = name, operands
            else:
                same[listing.first + i] = operands[0]
    return listing.rebuilt(steps, same)


class _Same(dict[int, "Operand"]):
    """For registers that hold what another operand is, this one; for all others themselves.

    That their steps are left where they are, and not looked at any more, is cheaper than to number all others anew.
    """

    def __missing__(self, register: int) -> int:
        return register

    def of(self, operands: tuple[Operand, ...]) -> tuple[Operand, ...]:
        return tuple([x if type(x) is float else self[x] for x in operands])  # type: ignore[index]


def _folded(name: str, x: tuple[Operand, ...]) -> Step:
    """A step in its simplest form; without a name it is its operand."""
    if int not in map(type, x):
        return "", (TABLE[name].function(*x),)
    if name == "multiply":
        for a, b in ((x[0], x[1]), (x[1], x[0])):
            if type(b) is float and b == 1.0:
                return "", (a,)
            if type(b) is float and b == -1.0:
                return "negative", (a,)
    elif (
        (name == "subtract" and _is(x[1], 0.0))
        or (name == "add" and _is(x[1], -0.0))
        or (name in ("divide", "power") and _is(x[1], 1.0))
        or name == "stop_gradient"
    ):
        return "", x[:1]
    elif name == "add" and _is(x[0], -0.0):
        return "", x[1:]
    elif name == "divide" and _is(x[1], -1.0):
        return "negative", x[:1]
    elif name == "power" and _is(x[1], 2.0):  # as the row itself has it, and the next one
        return "multiply", (x[0], x[0])
    elif name == "power_slope" and _is(x[1], 2.0):
        return "add", (x[0], x[0])
    elif name == "times" and type(x[0]) is float:
        return _folded("multiply", x) if x[0] else ("", (0.0,))
    elif name == "shifted_power" and type(x[1]) is float and type(x[2]) is float and x[1] - x[2] in (0.0, 1.0, 2.0):
        return ("", (1.0,)) if x[1] == x[2] else _folded("power", (x[0], x[1] - x[2]))
    elif name == "where" and type(x[0]) is float:
        return "", (x[1] if x[0] else x[2],)
    elif name == "where" and type(x[1]) is type(x[2]) and repr(x[1]) == repr(x[2]):
        return "", x[1:2]
    return name, x


_FOLDED = {"stop_gradient", "where"}
"""What may be left out even of registers alone."""


def _is(operand: Operand, number: float) -> bool:
    return type(operand) is float and operand == number and math.copysign(1.0, operand) == math.copysign(1.0, number)


def eliminate_common_subexpressions(listing: Listing) -> Listing:
    """Use the first register that holds the same of the same; see eliminate_dead_code()."""
    steps = listing.steps.copy()
    same = _Same()
    known = same.keys()
    first: dict[object, int] = {}
    for i, step in enumerate(steps, listing.first):
        name, operands = step
        if not known.isdisjoint(operands):
            operands = same.of(operands)
            steps[i - listing.first] = step = name, operands
        key: object = step
        if float in map(type, operands):  # 2.0 is not the register 2, and 0.0 not -0.0, which in Python are equal
            key = (name, *map(repr, operands))
        elif name in _COMMUTATIVE and operands[0] > operands[1]:
            key = name, operands[::-1]
        register = first.setdefault(key, i)
        if register != i:
            same[i] = register
    return listing.rebuilt(steps, same)


_COMMUTATIVE = {"add", "multiply", "hypot"}


def eliminate_dead_code(listing: Listing) -> Listing:
    """Leave out what no result depends on, and comparisons of constants."""
    guards = [guard for guard in listing.guards if type(guard[1]) is int or type(guard[2]) is int]
    first = listing.first
    needed = _uses(listing)
    kept = Listing(listing.n_inputs, listing.n_parameters, listing.steps, listing.outputs, guards)
    if all(needed[first:]):
        return kept
    places: list[Operand] = list(range(first))
    steps: list[Step] = []
    for i, (name, operands) in enumerate(listing.steps, first):
        places.append(first + len(steps))
        if needed[i]:
            steps.append((name, tuple([x if type(x) is float else places[x] for x in operands])))  # type: ignore[index]
    return kept.rebuilt(steps, places)


def _uses(listing: Listing) -> list[int]:
    """How often each register is a result, or an operand of a step that a result depends on."""
    first = listing.first
    uses = [0] * (first + len(listing.steps))
    for x in _results(listing):
        if type(x) is int:
            uses[x] += 1
    for i in range(len(listing.steps) - 1, -1, -1):
        if uses[first + i]:
            for x in listing.steps[i][1]:
                if type(x) is int:
                    uses[x] += 1
    return uses


def _results(listing: Listing) -> list[Operand]:
    """What a listing computes: the outputs, and what is compared."""
    return [*listing.outputs, *(x for _, a, b, _ in listing.guards for x in (a, b))]


def fuse_products(listing: Listing) -> Listing:
    """Make one step of a sum of products of which nobody else uses the parts: dot(a, b, c, d, e) is a + b*c + d*e.

    Not of what is compared, or made of to be compared: an evaluator that keeps more digits could go another way.
    """
    first = listing.first
    uses = _uses(listing)
    for x in [*_results(listing), *_compared(listing)]:
        if type(x) is int:
            uses[x] += 1  # it is needed as it is
    products: dict[Operand, tuple[Operand, ...]] = {}  # the factors of what only one other step uses
    sums: dict[Operand, list[Operand]] = {}  # what is added up in a register: a number and pairs of factors
    taken = bytearray(len(uses))
    for i, (name, operands) in enumerate(listing.steps, first):
        if name == "multiply":
            if uses[i] == 1:
                products[i] = operands
        elif name == "add" or name == "subtract":
            total, term = operands
            if name == "add" and _rank(sums, products, uses, total) < _rank(sums, products, uses, term):
                total, term = term, total  # the order of two does not matter
            is_product = type(term) is int and term in products  # a number may equal that of a register
            if type(total) is int and total in sums and uses[total] == 1:
                taken[total] = 1
                parts = sums.pop(total)
            elif type(total) is int and total in products and (name == "subtract" or is_product):
                taken[total] = 1
                parts = [-0.0, *products[total]]
            else:
                parts = [total]
            if name == "add" and is_product:
                taken[term] = 1  # type: ignore[index]
                parts += products[term]
            else:
                parts += (term, 1.0 if name == "add" else -1.0)
            sums[i] = parts
    places: list[Operand] = list(range(first))
    steps: list[Step] = []
    for i, (name, operands) in enumerate(listing.steps, first):
        places.append(first + len(steps))
        if taken[i]:
            continue
        if i in sums and not _is_plain(sums[i]):
            name, operands = "dot", tuple(sums[i])
        steps.append((name, tuple([x if type(x) is float else places[x] for x in operands])))  # type: ignore[index]
    return listing.rebuilt(steps, places)


def _is_plain(parts: list[Operand]) -> bool:
    """Whether this is a single addition or subtraction."""
    return len(parts) == 3 and type(parts[2]) is float and abs(parts[2]) == 1.0


def _rank(sums: dict[Operand, list[Operand]], products: dict[Operand, Any], uses: list[int], x: Operand) -> int:
    """How well an operand of an addition does as the sum that the other one is added to."""
    if type(x) is float or x in products:
        return 0
    return len(sums[x]) if x in sums and uses[x] == 1 else 1  # type: ignore[index]


def split_reductions(listing: Listing, exact: bool = False) -> tuple[Listing, list[list[tuple[Operand, Operand]]]]:
    """For results that are wanted as sums over rows alone: each as the pairs of factors whose products add up to it.

    The products and sums themselves need not be computed. The outputs of the listing are the factors. If it is to be
    exact, each result is computed for each row as it is, and is a factor of 1.
    """
    first = listing.first
    uses = _uses(listing)
    terms: list[list[tuple[Operand, Operand]]] = []
    for output in listing.outputs:
        found: list[tuple[Operand, Operand]] = []
        waiting = [(output, 1.0)]
        while waiting:
            x, sign = waiting.pop()
            is_split = not exact and type(x) is int and x >= first and uses[x] == 1
            name, operands = listing.steps[x - first] if is_split else ("", ())  # type: ignore[index]
            if name == "add":
                waiting += [(operands[1], sign), (operands[0], sign)]
            elif name == "subtract":
                waiting += [(operands[1], -sign), (operands[0], sign)]
            elif name == "negative":
                waiting.append((operands[0], -sign))
            elif name == "multiply" and sign == 1.0:
                found.append((operands[0], operands[1]))
            elif found and _is_multiple(found[-1], x, sign):
                found[-1] = _scaled(listing, uses, x, found[-1][1] + sign)
            else:
                found.append((x, sign))
        terms.append(found)
    factors = [x for pairs in terms for pair in pairs for x in pair]
    result = eliminate_dead_code(
        Listing(listing.n_inputs, listing.n_parameters, listing.steps, factors, listing.guards)
    )
    moved = iter(result.outputs)
    return result, [[(next(moved), next(moved)) for _ in pairs] for pairs in terms]


def _is_multiple(pair: tuple[Operand, Operand], x: Operand, sign: float) -> bool:
    """Whether this is a product of x and a constant of that sign: x - x is nan where x is infinite, and so is x * 0."""
    a, factor = pair
    return type(a) is type(x) and a == x and type(factor) is float and factor * sign > 0.0


def _scaled(listing: Listing, uses: list[int], x: Operand, factor: float) -> tuple[Operand, Operand]:
    """The factors of a multiple of x; if that is all x is used for, and x is one of y, those of a multiple of y."""
    if type(x) is int and x >= listing.first and uses[x] == abs(factor):
        name, operands = listing.steps[x - listing.first]
        for a, b in (operands, operands[::-1]) if name == "multiply" else ():
            if type(a) is float and math.isfinite(a * factor):
                return b, a * factor
    return x, factor


def find_uniform(listing: Listing) -> list[bool]:
    """For each register whether it is the same for all rows, so that it is computed once before them."""
    uniform = [False] * listing.n_inputs + [True] * listing.n_parameters
    for _, operands in listing.steps:
        is_uniform = True
        for x in operands:
            if type(x) is int and not uniform[x]:
                is_uniform = False
                break
        uniform.append(is_uniform)
    return uniform


def are_guards_reproducible(listing: Listing) -> bool:
    """Whether all that is compared has the bits of the function however the rest is computed, block by block say."""
    steps, first = listing.steps, listing.first
    return all(x < first or steps[x - first][0] in _ROUNDED_ALIKE for x in _compared(listing))


def _compared(listing: Listing) -> set[int]:
    """The registers that are compared, and those they depend on."""
    found = {x for _, a, b, _ in listing.guards for x in (a, b) if type(x) is int}
    for i in range(len(listing.steps) - 1, -1, -1) if found else ():
        if listing.first + i in found:
            found.update(x for x in listing.steps[i][1] if type(x) is int)
    return found


# IEEE 754 leaves no choice in what these give
_ROUNDED_ALIKE = {
    "absolute", "add", "ceil", "divide", "exceeds", "floor", "maximum", "minimum", "multiply", "negative", "relu",
    "sign", "sqrt", "step", "stop_gradient", "subtract", "where",
}  # fmt: skip
