"""Machine code of a program's own: the instructions of an assembly as C functions, for a C compiler of the system.

The function for one row holds every number in a variable. Python functions stay with the machine.
"""

from __future__ import annotations

from itertools import groupby

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.codegen import c_expression, c_number
from autograd.compiler.disassembler import assigned, steps_of
from autograd.compiler.instructions import CALL, GUARD
from autograd.compiler.ir import COMPARISONS
from autograd.compiler.own_rows import HEAD, OwnRows
from autograd.compiler.own_runs import has_more_distinct
from autograd.compiler.passes import is_correctly_rounded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from autograd.compiler.assembler import Assembly
    from autograd.compiler.disassembler import Step
    from autograd.compiler.ir import Listing

MOST_STEPS = 2_000
"""For more distinct instructions, the compiler would take minutes, and the code would not fit into a cache."""


@final
class OwnCode:
    """The C of an assembly.

    Args:
        assembly: the instructions.
        listing: where they come from.
        names: the operation of each number.
        exact: give the bits of the engine.

    Attributes:
        row: C for one row, "" if it cannot be had, because a Python function is called.
        rows: C for many rows, "" if the machine computes them.
    """

    def __init__(self, assembly: Assembly, listing: Listing, names: dict[int, str], *, exact: bool) -> None:
        self._exact = exact
        self._constants = {-1 - listing.n_parameters - i: c_number(x) for i, x in enumerate(assembly.constants)}
        uniform, row = list(steps_of(assembly.uniform, names)), list(steps_of(assembly.row, names))
        self.row = self.rows = ""
        if any(x.instruction is CALL for x in [*row, *uniform]):
            return
        functions = ""
        has_rows = listing.n_inputs and (not exact or is_correctly_rounded(listing))
        if has_rows and not has_more_distinct(row, MOST_STEPS):
            many = OwnRows(row, self._constants, listing.n_inputs, assembly.n_registers, assembly.outputs, exact=exact)
            self.rows, functions = HEAD + many.text, many.functions
        self.row = _ROW.format(
            functions=functions,
            uniform=self._scalar(uniform, None),
            row=self._scalar(row, set(), assembly.outputs),
        )

    def _scalar(self, code: Iterable[Step], kept: set[int] | None, outputs: Sequence[int] = ()) -> str:
        """The statements that run the code on m, and write the outputs to out.

        Args:
            kept: the addresses whose numbers are left in m; None for all.
        """
        lines: list[str] = []
        names = dict(self._constants)
        written: set[int] = set()

        def read(k: int) -> str:
            if k not in names:
                lines.append(f"const double m{k if k >= 0 else f'_{-k}'} = m[{k}];")
                names[k] = f"m{k if k >= 0 else f'_{-k}'}"
            return names[k]

        for step in code:
            if step.instruction is GUARD:
                x = step.operands
                lines.append(
                    f"if (({read(x['a'])} {COMPARISONS[x['comparison']]} {read(x['b'])}) != {x['holds']}) return 1;"
                )
                continue
            found = list(assigned(step, read, c_expression, fuses=not self._exact))
            for k, expression in found:  # a result may lie at the address of an operand, so all are computed first
                lines.append(f"const double v{len(lines)} = {expression};")
                names[k] = f"v{len(lines) - 1}"
                written.add(k)
        lines += [f"m[{k}] = {names[k]};" for k in sorted(written if kept is None else written & kept)]
        lines += _stores([names.get(k, f"m[{k}]") for k in outputs])
        return "\n".join(f"    {line}" for line in lines)


def _stores(numbers: list[str]) -> Iterator[str]:
    """Statements that write the numbers to out. If most are zeros, as in a sparse matrix, zeros are written first."""
    is_sparse = 2 * numbers.count(_ZERO) > len(numbers)
    if is_sparse:
        yield f"memset(out, 0, {len(numbers)} * sizeof(double));"
    start = 0
    for number, group in groupby(numbers):  # equal neighbours share a loop
        end = start + len(list(group))
        if is_sparse and number == _ZERO:
            start = end
            continue
        place = f"out[{start}]" if end == start + 1 else f"for (int k = {start}; k < {end}; k++) out[k]"
        yield f"{place} = {number};"
        start = end


_ZERO = c_number(0.0)

_ROW = """\
#include <string.h>

#include "floats.h"

#ifdef __FMA__
#define VG_FMA(a, b, c) __builtin_fma(a, b, c)
#else
#define VG_FMA(a, b, c) ((c) + (a) * (b))
#endif

{functions}
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
