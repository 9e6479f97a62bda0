"""Machine code that is made when the package is built: for programs that are known by then, such as the rules of nn.

The machine looks for the code of each exact program here, see machine.h. So such programs run as with `target="c"`, and
need no C compiler later.
"""

from __future__ import annotations

from itertools import count

from autograd._typing import TYPE_CHECKING
from autograd.compiler.assembler import assemble
from autograd.compiler.disassembler import steps_of
from autograd.compiler.own_rows import HEAD, OwnRows
from autograd.compiler.path import Path
from autograd.compiler.trace import trace
from autograd.operations.operation import TABLE
from autograd.pytree import flatten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any


def header(functions: Iterable[tuple[Callable[..., Any], int]]) -> str:
    """C of the exact programs of functions, for blocks of rows.

    Args:
        functions: each with the number of its arguments, which are numbers. They use only operations that IEEE 754
            rounds correctly.
    """
    numbers, names = dict(zip(TABLE, count())), dict(enumerate(TABLE))
    programs = {}
    for function, n_arguments in functions:
        point = (0.5,) * n_arguments
        traced = trace(function, point, flatten(point, "", "")[1], exact=True)
        listing = Path(traced, exact=True, reduced=False).listing
        assembly = assemble(listing, numbers, exact=True)
        key = (tuple(assembly.row), tuple(assembly.outputs), n_arguments, assembly.n_registers)
        programs[key] = list(steps_of(assembly.row, names))
    texts, entries = [], []
    for i, ((row, outputs, n_inputs, n_registers), code) in enumerate(programs.items()):
        rows = OwnRows(code, {}, n_inputs, n_registers, outputs, exact=True, name=f"vg_prebuilt_{i}")
        texts.append(_PROGRAM.format(i=i, row=_listed(row), outputs=_listed(outputs), text=rows.text))
        codes = f"{{vg_row_{i}, vg_row_{i} + {len(row)}}}, {{vg_outputs_{i}, vg_outputs_{i} + {len(outputs)}}}"
        entries.append(f"    {{{codes}, {n_inputs}, {n_registers}, vg_prebuilt_{i}}},\n")
    return _HEADER.format(head=HEAD, programs="\n".join(texts), entries="".join(entries))


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers))


_HEADER = """\
/* Written by prebuilt.py. */

#define VG_OWN static
{head}
{programs}
static const vg_prebuilt vg_all_prebuilt[] = {{
{entries}}};
"""

_PROGRAM = """\
static const int vg_row_{i}[] = {{{row}}}, vg_outputs_{i}[] = {{{outputs}}};
{text}"""
