"""A listing: what a traced function computes, as instructions over registers, one after the other."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.notation import terms_of, text_of

if TYPE_CHECKING:
    from typing import Union

    Operand = Union[int, float]  # the number of a register; or a constant
    Step = tuple[str, tuple[Operand, ...]]  # the name of an operation, or "dot"; its operands
    Guard = tuple[str, Operand, Operand, bool]  # a comparison, and its result when it was traced

COMPARISONS = ("<", "<=", "==", "!=", ">", ">=")
"""In the order of Python's C interface."""


@final
class Listing:
    """Instructions in static single assignment: each puts a number into a register of its own.

    The registers are numbered: first the inputs, then the parameters, then the steps. A step is named after its
    operation in the table. One name is not in the table: "dot" takes a number and any count of pairs of factors,
    a + b * c + d * e + ..., added up from left to right.

    Args:
        n_inputs: how many numbers it takes for each row.
        n_parameters: how many numbers it takes that are the same for all rows.
        steps: the instructions.
        outputs: the registers, or constants, of the results.
        guards: comparisons with their results in the trace. With another result, the function takes another path.
        decisive: registers that must have the bits of the function, see `decisions.py`; so must those of the guards.
    """

    __slots__ = ("decisive", "guards", "n_inputs", "n_parameters", "outputs", "steps")

    def __init__(
        self,
        n_inputs: int,
        n_parameters: int,
        steps: list[Step],
        outputs: list[Operand],
        guards: list[Guard],
        decisive: Iterable[int] = (),
    ) -> None:
        self.n_inputs = n_inputs
        self.n_parameters = n_parameters
        self.steps = steps
        self.outputs = outputs
        self.guards = guards
        self.decisive = frozenset(decisive)

    @property
    def first(self) -> int:
        """The register of the first step."""
        return self.n_inputs + self.n_parameters

    @property
    def results(self) -> list[Operand]:
        """The operands that must be computed: the outputs, and the operands of the guards."""
        return [*self.outputs, *(x for _, a, b, _ in self.guards for x in (a, b))]

    def __len__(self) -> int:
        return len(self.steps)

    def rebuilt(self, steps: list[Step], places: Sequence[Operand], n_parameters: int | None = None) -> Listing:
        """A listing of other steps; places has the new operand for each register in the outputs and guards."""
        n_parameters = self.n_parameters if n_parameters is None else n_parameters
        guards: list[Guard] = []
        for operator, a, b, holds in self.guards:
            a, b = renumbered((a, b), places)
            guards.append((operator, a, b, holds))
        decisive = [x for x in renumbered(self.decisive, places) if type(x) is int]
        return Listing(self.n_inputs, n_parameters, steps, list(renumbered(self.outputs, places)), guards, decisive)

    def replaced(self, steps: list[Step | None]) -> Listing:
        """A listing of these steps in place of its own; those that are None are left out."""
        places: list[Operand] = list(range(self.first))
        place = self.first - 1
        for step in steps:
            place += step is not None
            places.append(math.nan if step is None else place)  # nothing uses what is left out
        kept = [(step[0], renumbered(step[1], places)) for step in steps if step is not None]
        return self.rebuilt(kept, places)

    def with_parameters(self, count: int, numbers: list[int]) -> Listing:
        """The same listing for a longer list of parameters; numbers has the positions of its own parameters there."""
        n = self.n_inputs
        steps = range(n + count, n + count + len(self.steps))
        places: list[Operand] = [*range(n), *(n + k for k in numbers), *steps]
        return self.rebuilt([(name, renumbered(operands, places)) for name, operands in self.steps], places, count)

    def fingerprint(self) -> str:
        """A digest of all that it computes: the same for the same instructions, in every process."""
        import hashlib  # lazy: it loads OpenSSL, and few programs need it

        return hashlib.sha256(repr((self.n_inputs, self.n_parameters, str(self))).encode()).hexdigest()

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        name = self.name
        for i, (operation, operands) in enumerate(self.steps, self.first):
            is_sum = operation == "dot"
            text = " + ".join(terms_of(operands, name)) if is_sum else text_of(operation, list(map(name, operands)))
            yield f"v{i} = {text}"
        for operator, a, b, holds in self.guards:
            condition = f"{name(a)} {operator} {name(b)}"
            yield f"guard {condition}" if holds else f"guard not {condition}"
        yield f"return {', '.join(map(name, self.outputs))}"

    def name(
        self,
        operand: Operand,
        inputs: str = "x{}",
        parameters: str = "p{}",
        constant: Callable[[float], str] = repr,
    ) -> str:
        """The name of an operand: x0 for an input, p0 for a parameter, v9 for a step; the digits of a constant.

        Generated code passes its own names for inputs and parameters, with {} for the number, and its own digits.
        """
        if isinstance(operand, float):
            return constant(operand)
        if operand < self.n_inputs:
            return inputs.format(operand)
        return parameters.format(operand - self.n_inputs) if operand < self.first else f"v{operand}"


def renumbered(operands: Collection[Operand], places: Sequence[Operand]) -> tuple[Operand, ...]:
    """The operands with other registers: places has the new one for each."""
    if len(operands) == 2:  # most steps have one or two operands; without a loop they take a third of the time
        a, b = operands
        return a if type(a) is float else places[a], b if type(b) is float else places[b]  # type: ignore[index]
    if len(operands) == 1:
        (a,) = operands
        return (a if type(a) is float else places[a],)  # type: ignore[index]
    return tuple([x if type(x) is float else places[x] for x in operands])  # type: ignore[index]


bits_of = struct.Struct("d").pack
"""The bits of a constant, as a key in a dict: in Python 0.0 == -0.0, nan != nan, and 2.0 equals the register 2."""

NOT_TRACED = "the program was not traced yet; call it once, because the trace depends on the arguments"


def text_of_traces(known: list[tuple[Listing, Listing]]) -> str:
    """The traces of a program as text, each as it was traced and as it is run; of many, the first."""
    texts = []
    if len(known) > _SHOWN:
        count = sum(len(listing) for _, listing in known)
        texts = [f"# the first of {len(known)} traces with {count} instructions; all are in .listings", ""]
    for traced, listing in known if len(known) <= _SHOWN else known[:1]:
        texts += [f"# {len(traced)} instructions as traced", str(traced), ""]
        texts += [f"# {len(listing)} instructions as run", str(listing), ""]
    return "\n".join(texts).rstrip()


_SHOWN = 4  # so many traces are shown in full
