"""Passes that fuse steps into new ones for the machine, which runs each as one instruction.

A register is uniform if it is the same for all rows, and varying otherwise. Uniform steps run once, before the rows.

The new steps, which are not in the table: relu_dot(start, ...) is the relu of dot(start, ...), gate(a, b, c) is
a * c * step(b), and gate_dot(b, start, ...) is dot(start, ...) * step(b). The last two serve the derivative of relu.
"""

from __future__ import annotations

from collections import Counter

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.analysis import find_uniform, is_uniform
from autograd.compiler.ir import renumbered

if TYPE_CHECKING:
    from autograd.compiler.ir import Listing, Operand, Step

SUMS = ("dot", "relu_dot", "gate_dot")
"""The steps that add up products, in the order of `instructions.AFTER`."""


def count_leading(name: str) -> int:
    """How many operands of a sum of products come before the pairs: the start, and before it the gate of gate_dot."""
    return 2 if name == "gate_dot" else 1


def split_uniform_products(listing: Listing) -> Listing:
    """Move the uniform products of each varying sum into a sum of their own, which is computed once.

    Of the remaining pairs, those with a uniform factor come first, and this factor is the second of its pair.
    """
    was_uniform = find_uniform(listing)
    first = listing.first
    places: list[Operand] = list(range(first))
    steps: list[Step] = []
    uniform = was_uniform[:first]  # of the new registers
    for i, (name, operands) in enumerate(listing.steps, first):
        operands = renumbered(operands, places)
        if name == "dot" and not was_uniform[i]:
            (start, *products), pairs = _split(operands, uniform)
            if products:
                steps.append(("dot", (start, *products)))
                start = len(uniform)
                uniform.append(True)
            operands = (start, *pairs)
        places.append(len(uniform))
        steps.append((name, operands))
        uniform.append(was_uniform[i])
    return listing.rebuilt(steps, places)


def _split(operands: tuple[Operand, ...], uniform: list[bool]) -> tuple[list[Operand], list[Operand]]:
    """Split a sum of products: the operands of a uniform sum, which becomes its start, and the pairs that remain."""
    start = operands[0]
    once: list[Operand] = []
    scaled: list[Operand] = []
    varying: list[Operand] = []
    for a, b in zip(operands[1::2], operands[2::2]):
        is_once = type(a) is float or uniform[a]  # type: ignore[index]
        if type(b) is not float and not uniform[b]:  # type: ignore[index]
            (scaled if is_once else varying).extend((b, a))
        else:
            (once if is_once else scaled).extend((a, b))
    if once and not is_uniform(start, uniform):
        scaled = [start, 1.0, *scaled]
        start = -0.0
    if len(once) == 2 and type(once[1]) is float and once[1] == 1.0 and repr(start) == "-0.0":  # -0.0 + x * 1.0 is x
        return once[:1], scaled + varying
    return [start, *once], scaled + varying


def fuse_activations(listing: Listing) -> Listing:
    """Fuse relu, or its derivative, with the product or the sum of products that only it uses."""
    if _ACTIVATIONS.isdisjoint([name for name, _ in listing.steps]):
        return listing
    fuser = _Fuser(listing)
    for name, operands in listing.steps:
        fuser.add(name, operands)
    return listing.replaced(fuser.steps)


_ACTIVATIONS = {"relu", "step"}


@final
class _Fuser:
    """The new steps so far. If a step absorbs an earlier one, which has no other use, the earlier one becomes None."""

    def __init__(self, listing: Listing) -> None:
        self.steps: list[Step | None] = []
        self._first = listing.first
        self._uniform = find_uniform(listing)
        self._uses: Counter[Operand] = Counter(x for _, operands in listing.steps for x in operands if type(x) is int)
        self._uses.update(2 * [x for x in listing.results if type(x) is int])  # results stay as they are

    def add(self, name: str, operands: tuple[Operand, ...]) -> None:
        if name == "multiply":
            name, operands = self._fuse_step(operands)
        if name == "relu" or name == "gate":
            a, *others = operands
            inner, factors = self._find(a)
            if inner == "dot":
                self._take(a)
                name, operands = f"{name}_dot", (*others[:1], *factors)
            elif inner == "multiply" and name == "gate":
                operands = self._fuse_factor(a, others[0], factors)
        self.steps.append((name, operands))

    def _fuse_step(self, operands: tuple[Operand, ...]) -> Step:
        """The product of a and step(b) as gate(a, b, 1.0); any other product as it is."""
        for a, b in (operands, operands[::-1]):
            inner, of = self._find(b)
            if inner == "step":
                self._take(b)
                return "gate", (a, of[0], 1.0)
        return "multiply", operands

    def _fuse_factor(self, a: Operand, b: Operand, factors: tuple[Operand, ...]) -> tuple[Operand, ...]:
        """The operands of gate(a, b, 1.0) for a product a; a uniform factor of the product moves into the gate."""
        for x, c in (factors, factors[::-1]):
            if is_uniform(c, self._uniform):
                self._take(a)
                return x, b, c
        return a, b, 1.0

    def _find(self, x: Operand) -> Step:
        """The varying step that computes an operand, if nothing else uses it; otherwise a step without a name."""
        if is_uniform(x, self._uniform) or x < self._first or self._uses[x] != 1:
            return "", ()
        return self.steps[x - self._first] or ("", ())  # type: ignore[index]

    def _take(self, x: Operand) -> None:
        self.steps[x - self._first] = None  # type: ignore[index]
