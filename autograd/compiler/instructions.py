"""The instructions of the machine that runs compiled programs, and the constants that Python and C share.

The machine has one instruction for each operation of the table: the number of the operation, where the result goes, and
the operands. The instructions below have no operation of their own. All parts of an instruction are integers.

Most of them are addresses. A number that differs from row to row lies in a register, at address 0, 1, ...; a uniform
number, which is the same for all rows, lies at address -1, -2, ....
"""

from __future__ import annotations

from autograd._typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

ROWS_PER_BLOCK = 256
"""At most so many rows are computed by one instruction before the next one runs. See rows.h for how many they are."""

LANES = 8
"""The machine rounds the size of a block up to a multiple of this; it does not use the results of the extra rows."""

SUMS_AT_A_TIME = 4
"""DOTS computes this many sums of products, or half as many."""

FACTORS_AT_A_TIME = 4
"""SUM_PRODUCTS takes at most this many first factors."""

AFTER = ("nothing", "relu", "gate", "add")
"""What happens to a sum of products, by number: nothing, its relu, times step(gate), or plus the number in gate."""


@final
class Instruction:
    """An instruction and its layout.

    Args:
        name: its name in C, after the prefix VG_.
        number: the first integer of the instruction, different from that of all others.
        layout: the names of the integers that follow, in order; "xs[n]" stands for n integers, where n is an
            expression of earlier names. The single integers come before all of these.
        meaning: one sentence on what it computes.
    """

    __slots__ = ("_lists", "_numbers", "fields", "meaning", "name", "number")

    def __init__(self, name: str, number: int, layout: str, meaning: str) -> None:
        self.name = name
        self.number = number
        self.meaning = meaning
        # each name with its length as an expression in C, "" for a single integer
        self.fields = [field.rstrip("]").partition("[")[::2] for field in layout.split(", ")]
        self._lists = [name for name, length in self.fields if length]
        self._numbers = [name for name, length in self.fields if not length]

    def encode(self, **operands: int | Sequence[int]) -> list[int]:
        """The integers of one instruction.

        Args:
            operands: an integer, or a sequence of them, for each name of the layout.
        """
        code: list[int] = [self.number, *map(operands.__getitem__, self._numbers)]  # type: ignore[list-item]
        for name in self._lists:
            code += operands[name]  # type: ignore[arg-type]
        return code

    def decode(self, code: Sequence[int], start: int) -> tuple[dict[str, Any], int]:
        """The operands by name of the instruction that starts there, and where the next one starts."""
        operands: dict[str, Any] = {}
        at = start + 1
        for name, length in self.fields:
            if length:
                end = at + eval(length, None, operands)  # of a layout below
                operands[name] = code[at:end]
                at = end
            else:
                operands[name] = code[at]
                at += 1
        return operands, at


DOT = Instruction(
    "DOT",
    240,
    "out, start, n_uniform, n_varying, after, gate, pairs[2 * (n_uniform + n_varying)]",
    "Puts start plus the products of all pairs into out; the second of a pair is uniform in the first n_uniform pairs.",
)
GUARD = Instruction(
    "GUARD",
    241,
    "comparison, a, b, holds",
    "Marks the rows where comparing a and b does not give holds, which is 0 or 1.",
)
SUM_SHARED = Instruction(
    "SUM_SHARED",
    242,
    "a, n, pairs[2 * n]",
    "Adds up a * b over the rows, for each pair of the number of a total and b.",
)
DOTS = Instruction(
    "DOTS",
    243,
    "count, n, after, step, packed, outs[count], starts[count], gates[count], inputs[n], factors[n * count]",
    "Computes four or two sums like DOT, with the same inputs and uniform factors. The factors of each sum lie step "
    "apart; if step is 0, copies of all begin at packed.",
)
TANH_AND_SLOPE = Instruction(
    "TANH_AND_SLOPE",
    244,
    "out, slope, a",
    "Puts tanh(a) into out and sech_squared(a), its derivative, into slope.",
)
SCALE = Instruction(
    "SCALE",
    245,
    "a, n, pairs[2 * n]",
    "Puts a * b into out, for each pair of out and b.",
)
GATE = Instruction(
    "GATE",
    246,
    "out, a, b, c",
    "Puts a * c * step(b) into out, where c is uniform.",
)
SUM_PRODUCTS = Instruction(
    "SUM_PRODUCTS",
    247,
    "n_a, n_b, n_neighbours, a[n_a], b[n_b], totals[n_a * n_b]",
    "Adds up the products of each a with each b over the rows, for two to four a; totals has the total for each. "
    "The first n_neighbours of b are inputs in their order, and so are their totals.",
)
CALL = Instruction(
    "CALL",
    248,
    "out, function, n, operands[n]",
    "Puts the result of a Python function, given by its number, into out; marks the rows where it raises an exception.",
)
EXACT = Instruction(
    "EXACT",
    249,
    "n, operation, out, operands[n]",
    "Puts the result of an operation, with the bits of the engine, into out.",
)

INSTRUCTIONS = (DOT, GUARD, SUM_SHARED, DOTS, TANH_AND_SLOPE, SCALE, GATE, SUM_PRODUCTS, CALL, EXACT)
"""All of them, in the order of their numbers."""
