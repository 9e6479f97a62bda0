"""Facts about a listing for passes and evaluators: what is used, what is the same for all rows, what decides guards."""

from __future__ import annotations

from autograd._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograd.compiler.ir import Listing, Operand


def count_uses(listing: Listing) -> list[int]:
    """How often each register is a result, or an operand of a step that a result depends on."""
    first = listing.first
    uses = [0] * (first + len(listing.steps))
    for x in listing.results:
        if type(x) is int:
            uses[x] += 1
    for i in range(len(listing.steps) - 1, -1, -1):
        if uses[first + i]:
            for x in listing.steps[i][1]:
                if type(x) is int:
                    uses[x] += 1
    return uses


def find_uniform(listing: Listing) -> list[bool]:
    """Whether each register is uniform: the same for all rows, and so computed once, before them."""
    uniform = [False] * listing.n_inputs + [True] * listing.n_parameters
    for _, operands in listing.steps:
        is_uniform = True
        for x in operands:
            if type(x) is int and not uniform[x]:
                is_uniform = False
                break
        uniform.append(is_uniform)
    return uniform


def is_uniform(x: Operand, uniform: list[bool]) -> bool:
    """Whether an operand is the same for all rows, as find_uniform() says of registers."""
    return type(x) is float or uniform[x]  # type: ignore[index]


def find_compared(listing: Listing) -> set[int]:
    """The registers that guards compare, and all that these depend on."""
    found = {x for _, a, b, _ in listing.guards for x in (a, b) if type(x) is int}
    for i in range(len(listing.steps) - 1, -1, -1) if found else ():
        if listing.first + i in found:
            found.update(x for x in listing.steps[i][1] if type(x) is int)
    return found


def are_guards_reproducible(listing: Listing) -> bool:
    """Whether guards compare the same bits as the function in every evaluator, also in one for blocks of rows."""
    steps, first = listing.steps, listing.first
    return all(x < first or steps[x - first][0] in _CORRECTLY_ROUNDED for x in find_compared(listing))


# IEEE 754 prescribes every bit of their results
_CORRECTLY_ROUNDED = {
    "absolute", "add", "ceil", "copysign", "divide", "exceeds", "floor", "floor_divide", "fmod", "ieee_remainder",
    "maximum", "minimum", "multiply", "negative", "relu", "remainder", "rint", "round_digits", "sign", "sqrt", "step",
    "stop_gradient", "subtract", "trunc", "where",
}  # fmt: skip
