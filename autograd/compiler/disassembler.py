"""The disassembler: reads the code of an assembly back, instruction by instruction."""

from __future__ import annotations

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.instructions import (
    CALL,
    DOT,
    DOTS,
    EXACT,
    GATE,
    GUARD,
    INSTRUCTIONS,
    SCALE,
    SUM_SHARED,
    TANH_AND_SLOPE,
    Instruction,
)
from autograd.operations.operation import find

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any


@final
class Step:
    """One instruction of an assembly.

    Attributes:
        instruction: None for an operation of the table.
        name: of the operation, "" if the instruction has none.
        operands: by name.
        start, end: where it is in the code.
        reads, writes: the addresses.
    """

    __slots__ = ("end", "instruction", "name", "operands", "reads", "start", "writes")

    def __init__(
        self, instruction: Instruction | None, name: str, operands: dict[str, Any], start: int, end: int
    ) -> None:
        self.instruction, self.name, self.operands, self.start, self.end = instruction, name, operands, start, end
        x = operands
        if instruction in (None, EXACT, CALL):
            self.reads, self.writes = [*x["operands"]], [x["out"]]
        elif instruction is DOT:
            self.reads, self.writes = [x["start"], *x["pairs"], *([x["gate"]] if x["after"] == 2 else [])], [x["out"]]
        elif instruction is DOTS:
            gates = x["gates"] if x["after"] == 2 else ()
            self.reads, self.writes = [*x["starts"], *x["inputs"], *x["factors"], *gates], [*x["outs"]]
        elif instruction is TANH_AND_SLOPE:
            self.reads, self.writes = [x["a"]], [x["out"], x["slope"]]
        elif instruction is SCALE:
            self.reads, self.writes = [x["a"], *x["pairs"][1::2]], [*x["pairs"][::2]]
        elif instruction is GATE:
            self.reads, self.writes = [x["a"], x["b"], x["c"]], [x["out"]]
        elif instruction is GUARD:
            self.reads, self.writes = [x["a"], x["b"]], []
        elif instruction is SUM_SHARED:
            self.reads, self.writes = [x["a"], *x["pairs"][1::2]], []
        else:  # SUM_PRODUCTS
            self.reads, self.writes = [*x["a"], *x["b"]], []


_BY_NUMBER = {instruction.number: instruction for instruction in INSTRUCTIONS}


def steps_of(code: Sequence[int], names: Mapping[int, str]) -> Iterator[Step]:
    """The instructions of a code.

    Args:
        names: the operation of each number.
    """
    start = 0
    while start < len(code):
        instruction = _BY_NUMBER.get(code[start])
        if instruction is None:
            name = names[code[start]]
            end = start + 3 + find(name).arguments.count(",")
            yield Step(None, name, {"out": code[start + 1], "operands": code[start + 2 : end]}, start, end)
        else:
            operands, end = instruction.decode(code, start)
            name = names[operands["operation"]] if instruction is EXACT else ""
            yield Step(instruction, name, operands, start, end)
        start = end
