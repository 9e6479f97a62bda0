"""Allocate registers for varying numbers, by linear scan; each uniform number gets an address of its own.

See Poletto and Sarkar, "Linear scan register allocation", 1999. A program has as many registers as it needs, so nothing
is spilled; but the fewer it needs, the better a block of rows fits into the cache.
"""

from __future__ import annotations

from array import array
from heapq import heappop, heappush

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.passes.pointers import integers, small

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autograd.compiler.ir import Listing
    from autograd.compiler.reductions import Schedule


@final
class Memory:
    """The address of each number: a register is 0, 1, ...; uniform numbers lie at -1, -2, ....

    Uniform numbers are, in this order: the parameters, the constants in use, and the results of uniform steps.

    Attributes:
        of_register: the address of each register of the listing.
        of_constant: that of each of its constants; 0 for those that are not used.
        constants: those that are used, in the order of their addresses.
        n_uniform, n_registers: how many addresses are in use below 0, and from 0 on.
    """

    def __init__(self, listing: Listing) -> None:
        self.of_register = array("i", bytes(4 * listing.n_registers))
        self.of_constant = array("i", bytes(4 * len(listing.constants.numbers)))
        self.constants = array("d")
        self.n_uniform = listing.n_parameters
        self.n_registers = listing.n_inputs
        self._numbers = listing.constants.numbers

    def use(self, constant: int) -> None:
        """Give the constant of an operand an address, if it has none."""
        if not self.of_constant[~constant]:
            self.n_uniform += 1
            self.of_constant[~constant] = -self.n_uniform
            self.constants.append(self._numbers[~constant])

    def address(self, x: int) -> int:
        """The address of an operand."""
        return self.of_register[x] if x >= 0 else self.of_constant[~x]

    def addresses(self, operands: Iterable[int]) -> list[int]:
        """The addresses of operands."""
        of_register, of_constant = self.of_register, self.of_constant
        return [of_register[x] if x >= 0 else of_constant[~x] for x in operands]


def allocate(
    listing: Listing, varies: bytearray, schedule: Schedule, outputs: Iterable[int], lowest: bool = False
) -> Memory:
    """Give each number an address. A varying number gives its register back after its last use.

    Args:
        schedule: the sums over rows.
        outputs: the operands that are needed after all steps.
        lowest: take the free register with the lowest number, and not the one that was freed last: if the same steps
            come again and again, so do their addresses.
    """
    first, count = listing.first, len(listing)
    memory = Memory(listing)
    last_uses = _find_last_uses(listing, memory, schedule, outputs)
    expiring, following = array("i", [-1]) * (count + 1), array("i", [-1]) * (first + count)
    expires, follows = integers(expiring), integers(following)  # the registers that each step frees, as linked lists
    last_use, is_varying, of_register = integers(last_uses), small(varies), integers(memory.of_register)
    for x in range(first + count - 1, -1, -1):
        if is_varying[x] and last_use[x] >= 0:
            follows[x] = expires[last_use[x]]
            expires[last_use[x]] = x
    for x in range(first):
        of_register[x] = x if is_varying[x] else listing.n_inputs - 1 - x
    n_uniform, n_registers = memory.n_uniform, memory.n_registers
    free: list[int] = []
    for i in range(count):
        x = expires[i]
        while x >= 0:  # the result of a step may take the register of an operand
            if lowest:
                heappush(free, of_register[x])
            else:
                free.append(of_register[x])
            x = follows[x]
        if not is_varying[first + i]:
            n_uniform += 1
            of_register[first + i] = -n_uniform
        elif free:
            of_register[first + i] = heappop(free) if lowest else free.pop()
        else:
            of_register[first + i] = n_registers
            n_registers += 1
    memory.n_uniform, memory.n_registers = n_uniform, n_registers
    return memory


def _find_last_uses(listing: Listing, memory: Memory, schedule: Schedule, outputs: Iterable[int]) -> array[int]:
    """For each register the last step that uses it, -1 if none does; constants in use get their addresses."""
    count = len(listing)
    found = array("i", [-1]) * listing.n_registers
    last_use, of_constant = integers(found), integers(memory.of_constant)
    starts, operands = integers(listing.starts), integers(listing.operands)
    for i in range(count):
        for k in range(starts[i], starts[i + 1]):
            x = operands[k]
            if x >= 0:
                last_use[x] = i
            elif not of_constant[~x]:
                memory.use(x)
    later = [(count, x) for x in outputs]
    later += [(count, x) for _, a, b, _ in listing.conditions for x in (a, b)]
    for step, reductions in schedule.items():
        for reduction in reductions:
            later += [(step + 1, x) for x in reduction.factors()]  # a reduction runs between two steps
    for step, x in later:
        if x < 0:
            memory.use(x)
        elif last_use[x] < step:
            last_use[x] = min(step, count)
    return found
