"""Facts about a listing for passes and evaluators: what is used, what is the same for all rows, what decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autograd._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograd.compiler.ir import Listing, Operand, Step


def count_uses(listing: Listing) -> list[int]:
    """How often each register is a result, or an operand of a step that a result depends on."""
    uses = [0] * (listing.first + len(listing.steps))
    for x in listing.results:
        if type(x) is int:
            uses[x] += 1
    i = len(uses)
    for _, operands in reversed(listing.steps):
        i -= 1
        if uses[i]:
            for x in operands:
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


def find_decisive(listing: Listing) -> set[int]:
    """The registers that must have the bits of the function: those that decide, and all that these depend on."""
    found = {x for _, a, b, _ in listing.guards for x in (a, b) if type(x) is int}
    found |= listing.decisive
    for i in range(len(listing.steps) - 1, -1, -1) if found else ():
        if listing.first + i in found:
            found.update(x for x in listing.steps[i][1] if type(x) is int)
    return found


def find_inexact(listing: Listing) -> set[int]:
    """The decisive registers whose operations an evaluator for blocks of rows may round differently."""
    steps, first = listing.steps, listing.first
    return {x for x in find_decisive(listing) if x >= first and steps[x - first][0] not in _CORRECTLY_ROUNDED}


def is_correctly_rounded(listing: Listing) -> bool:
    """Whether an evaluator for blocks of rows gives every bit of the function."""
    uniform = find_uniform(listing)
    return all(uniform[x] or name in _CORRECTLY_ROUNDED for x, (name, _) in enumerate(listing.steps, listing.first))


def find_signs(steps: Sequence[Step], first: int, needed: Iterable[int] | None = None) -> list[int]:
    """For each register 2 if it is positive, but for underflow; 1 if it is not negative; 0 if nothing is known.

    Args:
        steps: the steps of a listing.
        first: the register of the first one.
        needed: only for these registers, in order, as find_ancestors() gives them; None for all.
    """
    signs = [0] * (first + len(steps))
    for x in range(first, len(signs)) if needed is None else needed:
        name, operands = steps[x - first]
        if name in _WITH_SIGN:
            signs[x] = _sign_of_step(name, operands, signs)
    return signs


def find_ancestors(steps: Sequence[Step], first: int, roots: Iterable[Operand]) -> list[int]:
    """The registers of steps among the roots, and of all steps that these depend on, in order."""
    found = {x for x in roots if type(x) is int and x >= first}
    for x in range(max(found, default=first), first, -1):
        if x in found:
            found.update([a for a in steps[x - first][1] if type(a) is int and a >= first])
    return sorted(found)


def sign_of(x: Operand, signs: list[int]) -> int:
    """The sign of an operand, given those of the registers by find_signs()."""
    return signs[x] if type(x) is int else 2 if x > 0.0 else int(x == 0.0)


def _sign_of_step(name: str, operands: tuple[Operand, ...], signs: list[int]) -> int:
    if name in _POSITIVE:
        return 2
    if name in _NOT_NEGATIVE:
        return 1
    found = [sign_of(x, signs) for x in operands]
    is_square = name == "multiply" and len({*map(repr, operands)}) == 1
    if is_square or (name == "power" and type(operands[1]) is float and operands[1] in (2.0, 4.0)):
        return max(found[0], 1)
    if name in _AS_LARGEST:
        return max(found) if name == "maximum" or min(found) else 0
    if name in _MAGNITUDES:
        return max(*found, 1)
    if name in _AS_SMALLEST:
        return min(found[-2:])
    return found[0] if name in _AS_OPERAND else 0


_POSITIVE = {
    "cosh", "erfc", "erfcx", "exp", "exp2", "exp_difference", "gaussian", "normal_cdf", "sech_squared", "share",
    "sigmoid", "softplus",
}  # fmt: skip
_NOT_NEGATIVE = {"exceeds", "semicircle", "step"}
_AS_LARGEST = {"add", "maximum"}  # if both operands are not negative, the result is positive if one of them is
_AS_SMALLEST = {"divide", "fraction", "minimum", "multiply", "where"}
_AS_OPERAND = {"power", "sqrt", "stop_gradient"}
_MAGNITUDES = {"absolute", "hypot", "relu"}
_WITH_SIGN = _POSITIVE | _NOT_NEGATIVE | _AS_LARGEST | _AS_SMALLEST | _AS_OPERAND | _MAGNITUDES

# IEEE 754 prescribes every bit of their results
_CORRECTLY_ROUNDED = {
    "absolute", "add", "ceil", "copysign", "divide", "exceeds", "floor", "floor_divide", "fmod", "gate",
    "ieee_remainder", "maximum", "minimum", "multiply", "negative", "relu", "remainder", "rint", "round_digits", "sign",
    "sqrt", "step", "stop_gradient", "subtract", "times", "trunc", "where",
}  # fmt: skip
