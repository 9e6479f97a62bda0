"""Allocate registers for varying numbers, by linear scan; each uniform number gets an address of its own.

See Poletto and Sarkar, "Linear scan register allocation", 1999. A program has as many registers as it needs, so nothing
is spilled; but the fewer it needs, the better a block of rows fits into the cache.
"""

from __future__ import annotations

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.ir import bits_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from autograd.compiler.ir import Listing, Operand
    from autograd.compiler.reductions import Schedule


@final
class Memory:
    """The address of each number: a register is 0, 1, ...; uniform numbers lie at -1, -2, ....

    Uniform numbers are, in this order: the parameters, the constants, and the results of uniform steps.

    Attributes:
        constants: in the order of their addresses.
        n_uniform, n_registers: how many addresses are in use below 0, and from 0 on.
    """

    def __init__(self, listing: Listing, constants: dict[bytes, float]) -> None:
        self.constants = list(constants.values())
        self.n_uniform = listing.n_parameters + len(constants)
        self.n_registers = listing.n_inputs
        self._of_bits = {bits: ~k for k, bits in enumerate(constants, listing.n_parameters)}
        self._of_register = [*range(listing.n_inputs), *(~k for k in range(listing.n_parameters))]

    def address(self, x: Operand) -> int:
        return self._of_bits[bits_of(x)] if type(x) is float else self._of_register[x]  # type: ignore[index]

    def addresses(self, operands: Iterable[Operand]) -> list[int]:
        of_bits, of_register = self._of_bits, self._of_register
        return [of_bits[bits_of(x)] if type(x) is float else of_register[x] for x in operands]  # type: ignore[index]

    def add_uniform(self) -> None:
        """An address for the next step, which is uniform."""
        self._of_register.append(~self.n_uniform)
        self.n_uniform += 1

    def add_varying(self, free: list[int]) -> None:
        """An address for the next step, which is varying: the register that was freed last, or a new one."""
        if not free:
            free.append(self.n_registers)
            self.n_registers += 1
        self._of_register.append(free.pop())


def allocate(listing: Listing, uniform: list[bool], schedule: Schedule, outputs: list[Operand]) -> Memory:
    """Give each number an address. A varying number gives its register back after its last use.

    Args:
        schedule: the sums over rows.
        outputs: the operands that are needed after all steps.
    """
    last_use, constants = _find_last_uses(listing, schedule, outputs)
    expiring: dict[int, list[int]] = {}
    for x, step in enumerate(last_use):
        if step >= 0 and not uniform[x]:
            expiring.setdefault(step, []).append(x)
    memory = Memory(listing, constants)
    free: list[int] = []
    for step in range(listing.first, len(uniform)):
        if step in expiring:  # the result of a step may take the register of an operand
            free += memory.addresses(expiring[step])
        if uniform[step]:
            memory.add_uniform()
        else:
            memory.add_varying(free)
    return memory


def _find_last_uses(
    listing: Listing, schedule: Schedule, outputs: list[Operand]
) -> tuple[list[int], dict[bytes, float]]:
    """For each register the last step that uses it, -1 if none does; and the constants in use by their bits."""
    last_use = [-1] * (listing.first + len(listing.steps))
    constants: dict[bytes, float] = {}
    for step, operands in _uses(listing, schedule, outputs):
        for x in operands:
            if type(x) is float:
                constants.setdefault(bits_of(x), x)
            elif last_use[x] < step:  # type: ignore[index]
                last_use[x] = step  # type: ignore[index]
    return last_use, constants


def _uses(listing: Listing, schedule: Schedule, outputs: list[Operand]) -> Iterator[tuple[int, Iterable[Operand]]]:
    """Pairs of a step, and the operands that must keep their registers until it runs."""
    for step, (_, operands) in enumerate(listing.steps, listing.first):
        yield step, operands
    end = listing.first + len(listing.steps)
    yield end, outputs
    for _, a, b, _ in listing.guards:
        yield end, (a, b)
    for step, reductions in schedule.items():
        for reduction in reductions:
            yield step + 1, reduction.factors()  # a reduction runs between two steps
