"""Machine code of a program's own: the instructions of an assembly as C functions, for a C compiler of the system.

The functions for one row hold every number in a variable. Those for a block of rows take a run of instructions in one
loop, so that a number between two of them needs no place in memory. Everything else stays with the machine.
"""

from __future__ import annotations

from array import array
from itertools import groupby

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.codegen import c_expression, c_number
from autograd.compiler.disassembler import steps_of
from autograd.compiler.instructions import (
    AFTER,
    CALL,
    DOT,
    DOTS,
    EXACT,
    GATE,
    GUARD,
    OWN,
    ROWS_PER_BLOCK,
    SCALE,
    TANH_AND_SLOPE,
)
from autograd.compiler.ir import COMPARISONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from autograd.compiler.assembler import Assembly
    from autograd.compiler.disassembler import Step

IN_VECTORS = {
    "exp", "expm1", "log", "log1p", "sqrt", "tanh", "sech_squared", "sigmoid", "softplus", "gaussian", "normal_pdf",
    "erf", "erfc", "normal_cdf",
}  # fmt: skip
"""The functions of vector.h that take any number."""

LIMITED = {"sin": "vm_is_far", "cos": "vm_is_far", "power": "vm_is_rare"}
"""Those that do not, with the function of vector.h whose sign bit says that they cannot be used."""

PLAIN = {
    "negative", "absolute", "relu", "step", "add", "subtract", "multiply", "divide", "maximum", "minimum", "exceeds",
    "times", "where", "stop_gradient", "semicircle",
}  # fmt: skip
"""Operations whose C a compiler turns into vectors."""

SHORTEST, LONGEST = 4, 150
"""How many instructions a run may have. A shorter one is not worth a loop, a longer one takes long to compile."""


@final
class OwnCode:
    """The C of an assembly.

    Args:
        assembly: the instructions.
        n_parameters: how many there are.
        names: the operation of each number.
        exact: give the bits of the engine.

    Attributes:
        row: C for one row, "" if it cannot be had, because a Python function is called.
        blocks: C for blocks of rows, "" if no run of instructions is long enough.
        n_blocks: how many functions this has.
        block: the instructions for a block of rows, which call these functions.
    """

    def __init__(self, assembly: Assembly, n_parameters: int, names: dict[int, str], *, exact: bool) -> None:
        self._fuses = not exact
        self._constants = {-1 - n_parameters - i: c_number(x) for i, x in enumerate(assembly.constants)}
        uniform, row = list(steps_of(assembly.uniform, names)), list(steps_of(assembly.row, names))
        summed = {k for x in steps_of(assembly.sums, names) for k in x.reads}
        self.row = ""
        if all(x.instruction is not CALL for x in [*row, *uniform]):
            self.row = _ROW.format(uniform=self._scalar(uniform, None), row=self._scalar(row, summed, assembly.outputs))
        self.block = assembly.row
        self.blocks = ""
        self.n_blocks = 0
        if not exact:
            self._fuse_runs(assembly.row, row, summed.union(assembly.outputs))

    # ----------------------------------------------------------------------- one row

    def _scalar(self, code: Iterable[Step], kept: set[int] | None, outputs: Sequence[int] = ()) -> str:
        """The statements that run the code on m, and write the outputs to out.

        Args:
            kept: the addresses whose numbers are left in m; None for all.
        """
        lines: list[str] = []
        names = dict(self._constants)

        def read(k: int) -> str:
            if k not in names:
                lines.append(f"const double m{k if k >= 0 else f'_{-k}'} = m[{k}];")
                names[k] = f"m{k if k >= 0 else f'_{-k}'}"
            return names[k]

        written: set[int] = set()
        for step in code:
            if step.instruction is GUARD:
                x = step.operands
                lines.append(
                    f"if (({read(x['a'])} {COMPARISONS[x['comparison']]} {read(x['b'])}) != {x['holds']}) return 1;"
                )
                continue
            found = list(self._assigned(step, read, lambda name, xs: c_expression(name, xs)))
            for k, expression in found:  # a result may lie at the address of an operand, so all are computed first
                lines.append(f"const double v{len(lines)} = {expression};")
                names[k] = f"v{len(lines) - 1}"
                written.add(k)
        lines += [f"m[{k}] = {names[k]};" for k in sorted(written if kept is None else written & kept)]
        lines += _stores([names.get(k, f"m[{k}]") for k in outputs])
        return "\n".join(f"    {line}" for line in lines)

    def _assigned(
        self, step: Step, read: Callable[[int], str], function: Callable[[str, list[str]], str]
    ) -> Iterator[tuple[int, str]]:
        """What an instruction computes: addresses, each with its expression."""
        x = step.operands
        if step.instruction in (None, EXACT):
            yield x["out"], function(step.name, [read(k) for k in x["operands"]])
        elif step.instruction is DOT:
            pairs = [read(k) for k in x["pairs"]]
            yield x["out"], self._sum(read(x["start"]), pairs, x["after"], x["gate"], read)
        elif step.instruction is DOTS:
            for k in range(x["count"]):
                pairs = [read(z) for pair in zip(x["inputs"], x["factors"][k :: x["count"]]) for z in pair]
                yield x["outs"][k], self._sum(read(x["starts"][k]), pairs, x["after"], x["gates"][k], read)
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

    def _sum(self, start: str, pairs: list[str], after: int, gate: int, read: Callable[[int], str]) -> str:
        total = start
        for a, b in zip(pairs[::2], pairs[1::2]):
            total = f"VG_FMA({a}, {b}, {total})" if self._fuses else f"({total} + {a} * {b})"
        if AFTER[after] == "relu":
            return f"vg_relu({total})"
        return f"{total} * vg_step({read(gate)})" if AFTER[after] == "gate" else total

    # ----------------------------------------------------------------------- blocks of rows

    def _fuse_runs(self, row: Sequence[int], code: list[Step], results: set[int]) -> None:
        """Write a function for each run of instructions that one loop can compute, and let OWN call it."""
        runs = list(_runs(code))
        needed = _live_after(code, {end for _, end in runs}, results)
        block = array("i")
        functions: list[str] = []
        for start, end in runs:
            part = row[code[start].start : code[end - 1].end]
            if end - start < SHORTEST:
                block.extend(part)
            else:
                block.extend(OWN.encode(number=len(functions), n=len(part), code=part))
                functions.append(self._loop(len(functions), code[start:end], needed[end]))
        self.n_blocks = len(functions)
        self.block = block
        if functions:
            self.blocks = _BLOCKS.format(rows=ROWS_PER_BLOCK, functions="\n".join(functions))

    def _loop(self, number: int, code: list[Step], needed: set[int]) -> str:
        before: list[str] = []
        lines: list[str] = []
        names = dict(self._constants)
        conditions: list[str] = []

        def read(k: int) -> str:
            if k not in names:
                names[k] = f"m{k if k >= 0 else f'_{-k}'}"
                value = f"x[{k * ROWS_PER_BLOCK} + r]" if k >= 0 else f"m[{k}]"
                (lines if k >= 0 else before).append(f"const double {names[k]} = {value};")
            return names[k]

        def function(name: str, operands: list[str]) -> str:
            if name in LIMITED:
                conditions.append(f"{LIMITED[name]}({', '.join(operands)})")
                return f"vm_{'pow' if name == 'power' else name}({', '.join(operands)})"
            if name == "multiply":
                return f"VG_PRODUCT({', '.join(operands)})"
            return f"vm_{name}({operands[0]})" if name in IN_VECTORS else c_expression(name, operands)

        written: dict[int, str] = {}
        for step in code:
            conditions.clear()
            found = list(self._assigned(step, read, function))
            lines += [f"far |= {condition} >> 63;" for condition in conditions]
            for k, expression in found:
                names[k] = written[k] = f"v{len(lines)}"
                lines.append(f"const double {names[k]} = {expression};")
        is_limited = any(line.startswith("far") for line in lines)
        kept = sorted(written.keys() & needed)
        target = "results[{} * VG_WIDTH + r]" if is_limited else "x[{} * VG_WIDTH + r]"
        lines += [f"{target.format(i if is_limited else k)} = {written[k]};" for i, k in enumerate(kept)]
        after = ["if (far) return 1;"] if is_limited else []
        if is_limited:
            before += ["uint64_t far = 0;", f"double results[{max(len(kept), 1)} * VG_WIDTH];"]
            after += [
                f"memcpy(x + {k} * VG_WIDTH, results + {i} * VG_WIDTH, VG_WIDTH * sizeof(double));"
                for i, k in enumerate(kept)
            ]
        return _LOOP.format(
            number=number,
            before="".join(f"    {line}\n" for line in before),
            lines="".join(f"        {line}\n" for line in lines),
            after="".join(f"    {line}\n" for line in after),
        )


def _runs(code: list[Step]) -> Iterator[tuple[int, int]]:
    """Where each run begins and ends; an instruction that no loop can have is a run of its own."""
    start = 0
    while start < len(code):
        end = start
        while end < len(code) and end - start < LONGEST and _fits(code[end]):
            end += 1
        end = max(end, start + 1)
        yield start, end
        start = end


def _live_after(code: list[Step], places: set[int], results: set[int]) -> dict[int, set[int]]:
    """For each place the registers that are read from there on, or as results, before they are written again."""
    live = set(results)
    found = {}
    for i in range(len(code), 0, -1):
        if i in places:
            found[i] = set(live)
        live.difference_update(code[i - 1].writes)
        live.update(k for k in code[i - 1].reads if k >= 0)
    return found


def _fits(step: Step) -> bool:
    """Whether a loop over rows can have this instruction and stay a loop over vectors."""
    if step.instruction is None:
        return step.name in IN_VECTORS or step.name in LIMITED or step.name in PLAIN
    return step.instruction in (DOT, TANH_AND_SLOPE, SCALE, GATE)


def _stores(numbers: list[str]) -> Iterator[str]:
    """Statements that write the numbers to out. Equal neighbours, as the zeros of a matrix, share a loop."""
    start = 0
    for number, group in groupby(numbers):
        end = start + len(list(group))
        place = f"out[{start}]" if end == start + 1 else f"for (int k = {start}; k < {end}; k++) out[k]"
        yield f"{place} = {number};"
        start = end


_ROW = """\
#include "floats.h"

#ifdef __FMA__
#define VG_FMA(a, b, c) __builtin_fma(a, b, c)
#else
#define VG_FMA(a, b, c) ((c) + (a) * (b))
#endif

int vg_own_uniform(double *m);
int vg_own_uniform(double *m) {{
    (void)m;
{uniform}
    return 0;
}}

int vg_own_row(double *restrict m, double *restrict out);
int vg_own_row(double *restrict m, double *restrict out) {{
    (void)m;
    (void)out;
{row}
    return 0;
}}
"""

_BLOCKS = """\
#include "vector.h"

#define VG_FMA(a, b, c) ((c) + (a) * (b))
/* A rounded product. The compiler does not know that "nothing" is 0, so it cannot put the product into a sum. */
#define VG_PRODUCT(a, b) vm_from_bits(vm_bits((a) * (b)) ^ nothing)
static volatile uint64_t vg_nothing;
enum {{ VG_WIDTH = {rows} }};

{functions}"""

_LOOP = """\
int vg_own_block_{number}(int n, const double *restrict m, double *restrict x);
int vg_own_block_{number}(int n, const double *restrict m, double *restrict x) {{
    const uint64_t nothing = vg_nothing;
    (void)m, (void)nothing;
{before}    n &= -8;
    VM_INDEPENDENT
    for (int r = 0; r < n; r++) {{
{lines}    }}
{after}    return 0;
}}
"""
