"""Writes the table of operations as C: the value and the partial derivatives of every operation.

A partial is a formula made of operations. If it is called with Values of the readable engine, it records a small graph.
Each node of the graph is printed as the C of its operation. So the compiled engine has no derivatives of its own: it
computes them by the same operations, in the same order, as the readable engine.
The build runs this file; the C is not in the repository.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from autograd.engine.methods import Methods
from autograd.engine.value import Value, topological_order
from autograd.operations import table
from autograd.operations.formulas import OPERATIONS, compile_formula
from autograd.operations.operation import TABLE, Operation, fingerprint

LETTERS = "abc"

# a partial must not branch on a number, so its graph must be the same at these two points
POINTS = ((0.625, 0.75, 0.375, 0.25), (-1.5, -4.75, -3.5, -2.25))


def header(operations: Iterable[Operation] = TABLE.values()) -> str:
    """The C header of the operations: their numbers, two functions for each, and a table of the functions.

    Raises:
        ValueError: a partial cannot be written as C; the message names the operation and the formula.
    """
    operations = list(operations)
    return _HEADER.format(
        fingerprint=fingerprint([*operations, table.dot]),
        names=", ".join(map(_constant, operations)),
        functions="".join(_value(operation) + _slopes(operation) for operation in operations),
        table=",\n".join(map(_entry, operations)),
        each=" \\\n    ".join(f"X{len(o.formulas)}({_constant(o)}, {o.name})" for o in operations),
        values="\n".join(f"    case {_constant(o)}: return {o.name}_value(a, b, c);" for o in operations),
        slopes="\n".join(
            f"    case {_constant(o)}: {o.name}_slopes(y, a, b, c, wanted, out); return;" for o in operations
        ),
    )


def declarations(operations: Iterable[Operation] = TABLE.values()) -> str:
    """The same for Cython: the numbers of the operations, and a class with their methods."""
    operations = list(operations)
    numbers = "".join(f"    int {_constant(operation)}\n" for operation in operations)
    methods = "\n".join(_method(operation) for operation in operations if operation.method)
    return f'cdef extern from "kernels.h":\n{numbers}\n\ncdef class Methods:\n    """{Methods.__doc__}"""\n\n{methods}'


def _method(operation: Operation) -> str:
    kind, arguments = ("unary_method", "self") if len(operation.formulas) == 1 else ("binary_method", "self, other")
    body = f"return {kind}({_constant(operation)}, {arguments})"
    return f'    def {operation.name}({arguments}):\n        r"""{operation.text}"""\n        {body}\n'


def lower(operation: Operation, i: int) -> tuple[list[str], str]:
    """The i-th partial as C: lines of declarations, and the expression of the result.

    Raises:
        ValueError: it is not made of operations alone; the message names the operation and the formula.
    """
    (lines, result), other = (_print(*_trace(operation, i, point)) for point in POINTS)
    if (lines, result) != other:
        raise ValueError(_refusal(operation, i, "it gives another formula at another point"))
    return lines, result


def _trace(operation: Operation, i: int, point: tuple[float, ...]) -> tuple[Value | float, dict[Value, str]]:
    """The i-th partial as a graph, and the names of its leaves."""
    leaves = {Value(x): name for x, name in zip(point, "y" + LETTERS[: len(operation.formulas)])}
    try:
        return _plain(operation, i)(*leaves), leaves
    except Exception as error:  # a formula may raise anything; the message names it
        raise ValueError(_refusal(operation, i, f"{type(error).__name__}: {error}")) from error


def _plain(operation: Operation, i: int) -> Callable[..., Any]:
    """The i-th partial, in which `/` is `divide`: its own derivatives are not needed here."""
    return compile_formula(operation.arguments, str(operation.formulas[i]), {**OPERATIONS, "_quotient": table.divide})


def _print(root: Value | float, leaves: dict[Value, str]) -> tuple[list[str], str]:
    """A graph as C: lines of declarations, each expression once, and the expression of the root."""
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
    """The C of an operation, with these operands instead of a, b and c."""
    return re.sub(r"\b[abc]\b", lambda match: operands[LETTERS.index(match[0])], c)


def _number(x: float) -> str:
    """A finite float in C, with all its digits; in parentheses if it is negative."""
    return f"({float(x).hex()})" if x < 0 else float(x).hex()


def _refusal(operation: Operation, i: int, reason: str) -> str:
    return (
        f"the partial of {operation.name} by its argument {LETTERS[i]}, {operation.formulas[i]!r}, "
        f"cannot be written as C: {reason}; make it of operations of the table alone"
    )


# --------------------------------------------------------------------------- the parts of the header


def _constant(operation: Operation) -> str:
    return f"VG_{operation.name.upper()}"


def _places(operation: Operation) -> list[int]:
    """The numbers of the arguments that a gradient flows to."""
    return [i for i, formula in enumerate(operation.formulas) if formula is not None]


def _entry(operation: Operation) -> str:
    flows = sum(1 << i for i in _places(operation))
    name = operation.name
    return f'    {{"{name}", {len(operation.formulas)}, {flows}, {name}_value, {name}_slopes}}'


def _value(operation: Operation) -> str:
    return f"\nstatic double {operation.name}_value(double a, double b, double c) {{\n    return {operation.c};\n}}\n"


def _slopes(operation: Operation) -> str:
    text = f"\nstatic void {operation.name}_slopes({_SLOPES_ARGUMENTS}) {{\n"
    for i in _places(operation):
        lines, result = lower(operation, i)
        text += f"    if (wanted & {1 << i}) {{\n"
        text += "".join(f"        {line}\n" for line in [*lines, f"out[{i}] = {result};"])
        text += "    }\n"
    return text + "}\n"


_SLOPES_ARGUMENTS = "double y, double a, double b, double c, unsigned wanted, double *out"

_HEADER = f"""\
/* Written by kernels.py from the table of operations. */

#include "floats.h"

#define VG_FINGERPRINT {{fingerprint}}u

enum {{{{ {{names}}, VG_OPERATIONS }}}};

typedef struct {{{{
    const char *name;
    unsigned char arity;
    unsigned char flows; /* a bit for each argument with a gradient */
    double (*value)(double a, double b, double c);
    void (*slopes)({_SLOPES_ARGUMENTS}); /* wanted: a bit for each slope */
}}}} vg_operation;
{{functions}}
static const vg_operation vg_operations[] = {{{{
{{table}}
}}}};

/* A macro for each operation, chosen by the number of its arguments. */

#define VG_EACH_OPERATION(X1, X2, X3) \\
    {{each}}

/* The functions by number. If the compiler knows the number, the arithmetic replaces the call, which halves the cost
   of a product. */

#if defined(__GNUC__) || defined(__clang__)
#define VG_IS_KNOWN(operation) __builtin_constant_p(operation)
#else
#define VG_IS_KNOWN(operation) 0
#endif

VG_INLINE double vg_value(int operation, double a, double b, double c) {{{{
    if (VG_IS_KNOWN(operation)) switch (operation) {{{{
{{values}}
    }}}}
    return vg_operations[operation].value(a, b, c);
}}}}

VG_INLINE void vg_slopes(int operation, {_SLOPES_ARGUMENTS}) {{{{
    if (VG_IS_KNOWN(operation)) switch (operation) {{{{
{{slopes}}
    }}}}
    vg_operations[operation].slopes(y, a, b, c, wanted, out);
}}}}
"""
