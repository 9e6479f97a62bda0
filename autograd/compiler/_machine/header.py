"""Writes autograd/compiler/instructions.py as C: constants, the number of each instruction, and a reader for each.

Run when the package is built; the C is never kept in the repository.
"""

from __future__ import annotations

import re
from binascii import crc32

from autograd.compiler.instructions import AFTER, INSTRUCTIONS, LANES, ROWS_PER_BLOCK, Instruction
from autograd.compiler.ir import COMPARISONS


def header() -> str:
    """The C header of the instructions."""
    return _HEADER.format(fingerprint=fingerprint(), declarations=_declarations())


def fingerprint() -> int:
    """A number that tells these instructions from those of another version."""
    return crc32(_declarations().encode())


def _declarations() -> str:
    numbers = ", ".join(f"VG_{x.name} = {x.number}" for x in INSTRUCTIONS)
    after = ", ".join(f"VG_{name.upper()}_AFTER" for name in AFTER)
    comparisons = " ".join(f"X({i}, {operator})" for i, operator in enumerate(COMPARISONS))
    return _DECLARATIONS.format(
        rows=ROWS_PER_BLOCK,
        lanes=LANES,
        numbers=numbers,
        after=after,
        comparisons=comparisons,
        readers="".join(map(_reader, INSTRUCTIONS)),
    )


def _reader(instruction: Instruction) -> str:
    """The C type of an instruction, and the function that reads one from the code."""
    name = f"vg_{instruction.name.lower()}"
    single = [field for field, length in instruction.fields if not length]
    several = [(field, length) for field, length in instruction.fields if length]
    lines = [f"x.{field} = p[{i}];" for i, field in enumerate(single, 1)]
    place = f"p + {1 + len(single)}"
    for field, length in several:
        lines.append(f"x.{field} = {place};")
        place = f"x.{field} + " + re.sub(r"\b([a-z_]\w*)", r"x.\1", length if "*" not in length else f"({length})")
    lines.append(f"x.end = {place};")
    pointers = "".join(f"    const int *{field}; /* {length} */\n" for field, length in several)
    body = "".join(f"    {line}\n" for line in lines)
    return f"""
/* {instruction.meaning} */
typedef struct {{
    int {", ".join(single)};
{pointers}    const int *end;
}} {name};

VG_INLINE {name} {name}_at(const int *p) {{
    {name} x;
{body}    return x;
}}
"""


_HEADER = """\
/* Written by header.py from autograd/compiler/instructions.py. */

#ifndef VALUEGRAD_INSTRUCTIONS_H
#define VALUEGRAD_INSTRUCTIONS_H

#include "floats.h"

#define VG_INSTRUCTIONS {fingerprint}u

{declarations}
#endif
"""

_DECLARATIONS = """\
enum {{ VG_WIDTH = {rows} /* rows in a block */, VG_LANES = {lanes} }};

/* What happens to a sum of products. */
enum {{ {after} }};

/* X(number, operator) for each comparison. */
#define VG_EACH_COMPARISON(X) {comparisons}

enum {{ {numbers} }};
{readers}"""
