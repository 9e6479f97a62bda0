"""Writes the table of operations as C: the value and the partial derivatives of every row.

A partial is a formula made of rows. Traced with Values of the reference engine it is a small graph
whose nodes are rows again, and each node prints as the C of its row. So the compiled engine knows no
derivative of its own, and computes each by the same operations, in the same order, as the reference.
Run when the package is built; the C is never kept in the repository.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from autograd.engine.methods import Methods
from autograd.engine.value import Value, topological_order
from autograd.operations import table
from autograd.operations.operation import TABLE, Operation, fingerprint

LETTERS = "abc"

# a partial never branches on a number, so two points give one graph; if not, it cannot be lowered
POINTS = ((0.625, 0.75, 0.375, 0.25), (-1.5, -4.75, -3.5, -2.25))


def header(rows: Iterable[Operation] = TABLE.values()) -> str:
    """The C header of the rows: an enumeration of them, two functions for each, and a table of the functions.

    Raises:
        ValueError: a partial cannot be written as C; the message names row and formula.
    """
    rows = list(rows)
    return _HEADER.format(
        fingerprint=fingerprint([*rows, table.dot]),
        names=", ".join(map(_constant, rows)),
        functions="".join(_value(row) + _slopes(row) for row in rows),
        table=",\n".join(map(_entry, rows)),
        each=" \\\n    ".join(f"X{len(r.formulas)}({_constant(r)}, {r.name})" for r in rows),
        values="\n".join(f"    case {_constant(r)}: return {r.name}_value(a, b, c);" for r in rows),
        slopes="\n".join(f"    case {_constant(r)}: {r.name}_slopes(y, a, b, c, wanted, out); return;" for r in rows),
    )


def declarations(rows: Iterable[Operation] = TABLE.values()) -> str:
    """What the header means to Cython: the numbers of the rows, and a class with their methods."""
    rows = list(rows)
    numbers = "".join(f"    int {_constant(row)}\n" for row in rows)
    methods = "\n".join(_method(row) for row in rows if row.method)
    return f'cdef extern from "kernels.h":\n{numbers}\n\ncdef class Methods:\n    """{Methods.__doc__}"""\n\n{methods}'


def _method(row: Operation) -> str:
    kind, arguments = ("unary", "self") if len(row.formulas) == 1 else ("binary", "self, other")
    body = f"return {kind}({_constant(row)}, {arguments})"
    return f'    def {row.name}({arguments}):\n        r"""{row.text}"""\n        {body}\n'


def lower(row: Operation, i: int) -> tuple[list[str], str]:
    """The i-th partial as C: the lines that lead to it, and what it is.

    Raises:
        ValueError: it is not made of rows alone; the message names row and formula.
    """
    (lines, result), other = (_print(*_trace(row, i, point)) for point in POINTS)
    if (lines, result) != other:
        raise ValueError(_refusal(row, i, "it gives another formula at another point"))
    return lines, result


def _trace(row: Operation, i: int, point: tuple[float, ...]) -> tuple[Value | float, dict[Value, str]]:
    """What the i-th partial gives of Values, and the names of these."""
    leaves = {Value(x): name for x, name in zip(point, "y" + LETTERS[: len(row.formulas)])}
    try:
        return row.partials[i](*leaves), leaves  # type: ignore[misc]  # one that a gradient flows through
    except Exception as error:  # whatever a formula raises, the sentence names it
        raise ValueError(_refusal(row, i, f"{type(error).__name__}: {error}")) from error


def _print(root: Value | float, leaves: dict[Value, str]) -> tuple[list[str], str]:
    """The C of a graph: the lines that lead to its root, each expression once, and the root itself."""
    if not isinstance(root, Value):
        return [], _number(root)
    names = dict(leaves)
    lines: dict[str, str] = {}
    for node in topological_order(root):
        if node not in names:
            operands = [names[x] if isinstance(x, Value) else _number(x) for x in node.operands]
            expression = _substitute(TABLE[str(node.op)].c, operands)
            names[node] = lines.setdefault(expression, f"t{len(lines)}")
    return [f"double {name} = {expression};" for expression, name in lines.items()], names[root]


def _substitute(c: str, operands: list[str]) -> str:
    """The C of a row with its operands in place of a, b and c."""
    return re.sub(r"\b[abc]\b", lambda match: operands[LETTERS.index(match[0])], c)


def _number(x: float) -> str:
    """A finite float in C, with all its digits; in parentheses if it is negative."""
    return f"({float(x).hex()})" if x < 0 else float(x).hex()


def _refusal(row: Operation, i: int, reason: str) -> str:
    return (
        f"the partial of {row.name} by its argument {LETTERS[i]}, {row.formulas[i]!r}, cannot be written as C: "
        f"{reason}; make it of rows of the table alone"
    )


# --------------------------------------------------------------------------- the parts of the header


def _constant(row: Operation) -> str:
    return f"VG_{row.name.upper()}"


def _places(row: Operation) -> list[int]:
    """The arguments a gradient flows to."""
    return [i for i, formula in enumerate(row.formulas) if formula is not None]


def _entry(row: Operation) -> str:
    flows = sum(1 << i for i in _places(row))
    return f'    {{"{row.name}", {len(row.formulas)}, {flows}, {row.name}_value, {row.name}_slopes}}'


def _value(row: Operation) -> str:
    return f"\nstatic double {row.name}_value(double a, double b, double c) {{\n    return {row.c};\n}}\n"


def _slopes(row: Operation) -> str:
    text = f"\nstatic void {row.name}_slopes({_SLOPES_ARGUMENTS}) {{\n"
    for i in _places(row):
        lines, result = lower(row, i)
        text += f"    if (wanted & {1 << i}) {{\n"
        text += "".join(f"        {line}\n" for line in [*lines, f"out[{i}] = {result};"])
        text += "    }\n"
    return text + "}\n"


_SLOPES_ARGUMENTS = "double y, double a, double b, double c, unsigned wanted, double *out"

_HEADER = f"""\
/* Written by kernels.py from the table of operations. */

#include "floats.h"

#ifndef CYTHON_INLINE
#define CYTHON_INLINE inline
#endif

#define VG_FINGERPRINT {{fingerprint}}u

enum {{{{ {{names}}, VG_ROWS }}}};

typedef struct {{{{
    const char *name;
    unsigned char arity;
    unsigned char flows; /* a bit for each argument a gradient flows to */
    double (*value)(double a, double b, double c);
    void (*slopes)({_SLOPES_ARGUMENTS}); /* wanted: a bit for each */
}}}} vg_row;
{{functions}}
static const vg_row vg_rows[] = {{{{
{{table}}
}}}};

/* Something for each row, by how many arguments it has. */

#define VG_EACH_ROW(X1, X2, X3) \\
    {{each}}

/* The same by number. Where the compiler knows it, as it does for an operator, the arithmetic takes the place
   of the call, which is half of what a product costs. */

#if defined(__GNUC__) || defined(__clang__)
#define VG_IS_KNOWN(operation) __builtin_constant_p(operation)
#else
#define VG_IS_KNOWN(operation) 0
#endif

static CYTHON_INLINE double vg_value(int operation, double a, double b, double c) {{{{
    if (VG_IS_KNOWN(operation)) switch (operation) {{{{
{{values}}
    }}}}
    return vg_rows[operation].value(a, b, c);
}}}}

static CYTHON_INLINE void vg_slopes(int operation, {_SLOPES_ARGUMENTS}) {{{{
    if (VG_IS_KNOWN(operation)) switch (operation) {{{{
{{slopes}}
    }}}}
    vg_rows[operation].slopes(y, a, b, c, wanted, out);
}}}}
"""
