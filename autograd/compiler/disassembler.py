"""The disassembler: reads the code of an assembly back, instruction by instruction, and writes it as C."""

from __future__ import annotations

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.instructions import (
    AFTER,
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
    from collections.abc import Callable, Iterator, Mapping, Sequence
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


def assigned(
    step: Step, read: Callable[[int], str], function: Callable[[str, list[str]], str], *, fuses: bool
) -> Iterator[tuple[int, str]]:
    """What an instruction computes: addresses, each with its expression in C.

    Args:
        read: gives the expression of an address.
        function: gives the expression of an operation on others.
        fuses: whether a sum of products may skip the rounding of each product.
    """
    x = step.operands
    if step.instruction in (None, EXACT):
        yield x["out"], function(step.name, [read(k) for k in x["operands"]])
    elif step.instruction is DOT:
        total = _sum(read(x["start"]), [read(k) for k in x["pairs"]], function, fuses=fuses)
        yield x["out"], _after(x["after"], total, x["gate"], read)
    elif step.instruction is DOTS:
        for k in range(x["count"]):
            pairs = [read(z) for pair in zip(x["inputs"], x["factors"][k :: x["count"]]) for z in pair]
            total = _sum(read(x["starts"][k]), pairs, function, fuses=fuses)
            yield x["outs"][k], _after(x["after"], total, x["gates"][k], read)
    elif step.instruction is TANH_AND_SLOPE:
        a = read(x["a"])
        yield x["out"], function("tanh", [a])
        yield x["slope"], function("sech_squared", [a])
    elif step.instruction is SCALE:
        a = read(x["a"])
        products: dict[int, str] = {}
        for out, b in zip(x["pairs"][::2], x["pairs"][1::2]):  # b may be one of the products before
            products[out] = f"({function('multiply', [a, products.get(b) or read(b)])})"
            yield out, products[out]
    else:  # GATE
        product = function("multiply", [read(x["a"]), read(x["c"])])
        yield x["out"], function("multiply", [product, f"vg_step({read(x['b'])})"])


def _sum(start: str, pairs: list[str], function: Callable[[str, list[str]], str], *, fuses: bool) -> str:
    total = start
    for a, b in zip(pairs[::2], pairs[1::2]):
        total = f"VG_FMA({a}, {b}, {total})" if fuses else f"({total} + {function('multiply', [a, b])})"
    return total


def _after(after: int, total: str, gate: int, read: Callable[[int], str]) -> str:
    """What happens to a sum of products."""
    if AFTER[after] == "relu":
        return f"vg_relu({total})"
    if AFTER[after] == "add":
        return f"({total} + {read(gate)})"
    return f"{total} * vg_step({read(gate)})" if AFTER[after] == "gate" else total
