"""Write the instructions of steps."""

from __future__ import annotations

from array import array

from autograd._typing import TYPE_CHECKING
from autograd.compiler.codes import ADD_DOT, DOT, GATE_DOT, RELU_DOT
from autograd.compiler.instructions import DOT as DOT_INSTRUCTION
from autograd.compiler.instructions import EXACT
from autograd.compiler.passes.pointers import integers, small

if TYPE_CHECKING:
    from autograd.compiler.ir import Listing
    from autograd.compiler.passes.registers import Memory


def emit(
    listing: Listing,
    numbers: array[int],
    varies: bytearray,
    inexact: bytearray,
    memory: Memory,
    instead: dict[int, tuple[list[int], int]],
    behind: dict[int, list[int]],
) -> tuple[array[int], array[int]]:
    """The instructions of uniform and of varying steps.

    DOT, EXACT and operations are written here, in the order of their layouts: encode() would take most of the time.

    Args:
        listing: the steps.
        numbers: the instruction for each code.
        varies: whether each register is varying.
        inexact: registers that EXACT must compute.
        memory: the addresses.
        instead: other instructions by the step where they begin, and how many steps each covers.
        behind: instructions by the step after which they run.
    """
    first, count, exact, end = listing.first, len(listing), EXACT.number, 0
    codes, starts, operands = integers(listing.codes), integers(listing.starts), integers(listing.operands)
    of_register, of_constant = integers(memory.of_register), integers(memory.of_constant)
    is_varying, is_inexact, number_of = small(varies), small(inexact), integers(numbers)
    replaced, followed = bytearray(count), bytearray(count)
    for i in instead:
        replaced[i] = 1
    for i in behind:
        if i < count:
            followed[i] = 1
    is_replaced, is_followed = small(replaced), small(followed)
    arrays = [array("i", bytes(4 * room)) for room in _rooms(listing, varies, instead, behind)]
    written = [0, 0]
    for i in range(count):
        if i < end:
            continue  # it shares the instruction of an earlier step
        kind = 1 if is_varying[first + i] else 0
        code, at = integers(arrays[kind]), written[kind]
        end = i + 1
        if is_replaced[i]:
            other, size = instead[i]
            for x in other:
                code[at] = x
                at += 1
            end = i + size
        elif codes[i] in (DOT, RELU_DOT, GATE_DOT, ADD_DOT):
            at = _emit_dot(listing, i, varies, memory, arrays[kind], at)
        else:
            if is_inexact[first + i]:
                code[at] = exact
                code[at + 1] = starts[i + 1] - starts[i]
                at += 2
            code[at] = number_of[codes[i]]
            code[at + 1] = of_register[first + i]
            at += 2
            for k in range(starts[i], starts[i + 1]):
                x = operands[k]
                code[at] = of_register[x] if x >= 0 else of_constant[~x]
                at += 1
        written[kind] = at
        if is_followed[end - 1]:
            code, at = integers(arrays[1]), written[1]
            for x in behind[end - 1]:
                code[at] = x
                at += 1
            written[1] = at
    uniform, row = arrays
    del uniform[written[0] :], row[written[1] :]
    return uniform, row


def _rooms(
    listing: Listing, varies: bytearray, instead: dict[int, tuple[list[int], int]], behind: dict[int, list[int]]
) -> tuple[int, int]:
    """At least as many integers as the instructions of uniform and of varying steps have."""
    first = listing.first
    starts, is_varying = integers(listing.starts), small(varies)
    uniform = row = 0
    for i in range(len(listing)):
        if is_varying[first + i]:
            row += _MOST_BESIDE + starts[i + 1] - starts[i]
        else:
            uniform += _MOST_BESIDE + starts[i + 1] - starts[i]
    others = sum([len(other) for other, _ in instead.values()])
    return uniform + others, row + others + sum(map(len, behind.values()))


def _emit_dot(listing: Listing, i: int, varies: bytearray, memory: Memory, instructions: array[int], at: int) -> int:
    """Write a sum of products at a place; give the place behind it."""
    first, name = listing.first, listing.codes[i]
    code, starts, operands = integers(instructions), integers(listing.starts), integers(listing.operands)
    is_varying, of_register, of_constant = small(varies), integers(memory.of_register), integers(memory.of_constant)
    start, end = starts[i], starts[i + 1]
    gate = 0
    if name in (GATE_DOT, ADD_DOT):
        x = operands[start]
        gate = of_register[x] if x >= 0 else of_constant[~x]
        start += 1
    n_uniform = 0
    if is_varying[first + i]:
        for k in range(start + 2, end, 2):
            n_uniform += operands[k] < 0 or not is_varying[operands[k]]
    x = operands[start]
    code[at] = _DOT
    code[at + 1] = of_register[first + i]
    code[at + 2] = of_register[x] if x >= 0 else of_constant[~x]
    code[at + 3] = n_uniform
    code[at + 4] = (end - start) // 2 - n_uniform
    code[at + 5] = name  # what happens to the sum: the numbers are those in instructions.AFTER
    code[at + 6] = gate
    at += 7
    for k in range(start + 1, end):
        x = operands[k]
        code[at] = of_register[x] if x >= 0 else of_constant[~x]
        at += 1
    return at


_MOST_BESIDE = 7  # integers of an instruction beside the operands
_DOT = DOT_INSTRUCTION.number
