"""Write the instructions of steps."""

from __future__ import annotations

from autograd._typing import TYPE_CHECKING
from autograd.compiler.codes import DOT, GATE_DOT, RELU_DOT
from autograd.compiler.instructions import DOT as DOT_INSTRUCTION
from autograd.compiler.instructions import EXACT
from autograd.compiler.passes.pointers import array_of, integers, small

if TYPE_CHECKING:
    from array import array

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
    first, end = listing.first, 0
    codes, starts, operands = integers(listing.codes), integers(listing.starts), integers(listing.operands)
    of_register, of_constant = integers(memory.of_register), integers(memory.of_constant)
    is_varying, is_inexact, number_of = small(varies), small(inexact), integers(numbers)
    exact = EXACT.number
    uniform: list[int] = []
    row: list[int] = []
    for i in range(len(listing)):
        if i < end:
            continue  # it shares the instruction of an earlier step
        code = row if is_varying[first + i] else uniform
        end = i + 1
        if i in instead:
            other, count = instead[i]
            code.extend(other)
            end = i + count
        elif codes[i] == DOT or codes[i] == RELU_DOT or codes[i] == GATE_DOT:
            _emit_dot(listing, i, varies, memory, code)
        else:
            if is_inexact[first + i]:
                code.append(exact)
                code.append(starts[i + 1] - starts[i])
            code.append(number_of[codes[i]])
            code.append(of_register[first + i])
            for k in range(starts[i], starts[i + 1]):
                x = operands[k]
                code.append(of_register[x] if x >= 0 else of_constant[~x])
        if end - 1 in behind:
            row.extend(behind[end - 1])
    return array_of(uniform), array_of(row)


def _emit_dot(listing: Listing, i: int, varies: bytearray, memory: Memory, code: list[int]) -> None:
    first, name = listing.first, listing.codes[i]
    starts, operands, is_varying = integers(listing.starts), integers(listing.operands), small(varies)
    of_register, of_constant = integers(memory.of_register), integers(memory.of_constant)
    start, end = starts[i], starts[i + 1]
    gate = 0
    if name == GATE_DOT:
        x = operands[start]
        gate = of_register[x] if x >= 0 else of_constant[~x]
        start += 1
    n_uniform = 0
    if is_varying[first + i]:
        for k in range(start + 2, end, 2):
            n_uniform += operands[k] < 0 or not is_varying[operands[k]]
    x = operands[start]
    code.append(_DOT)
    code.append(of_register[first + i])
    code.append(of_register[x] if x >= 0 else of_constant[~x])
    code.append(n_uniform)
    code.append((end - start) // 2 - n_uniform)
    code.append(name)  # what happens to the sum: the numbers are those in instructions.AFTER
    code.append(gate)
    for k in range(start + 1, end):
        x = operands[k]
        code.append(of_register[x] if x >= 0 else of_constant[~x])


_DOT = DOT_INSTRUCTION.number
