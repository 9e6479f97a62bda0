"""Machine code of a program's own for many rows: runs of instructions as loops, for a C compiler of the system.

A loop takes a run of instructions for a chunk of rows, so a number between two of them needs no place in memory. The
chunk is so small that all registers stay in the cache. Where a guard fails, or a number is out of the range of a
function, the loops stop, and the machine computes these rows.
"""

from __future__ import annotations

import re
from collections import Counter

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.codegen import c_expression
from autograd.compiler.disassembler import assigned
from autograd.compiler.instructions import GUARD, LANES
from autograd.compiler.ir import COMPARISONS
from autograd.compiler.own_runs import IN_VECTORS, LIMITED, SHARING, fits, runs_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from autograd.compiler.disassembler import Step

_LEAST, _MOST = 16, 32
"""How many rows a chunk has. Measured: more of them wait for memory when they write their results."""

_CACHE = 16_384
"""How many numbers the registers of a chunk have, unless it has the least number of rows."""


@final
class OwnRows:
    """The C of the instructions for many rows.

    Args:
        code: the instructions.
        constants: the C of the constants, by their addresses.
        n_inputs, n_registers: how many there are.
        outputs: the addresses of the results.
        exact: round each product in a sum.
        name: that of the function.

    Attributes:
        text: the C. The lines of HEAD go before it.
        functions: C of the functions that it calls for one number, to be compiled with the flags of the engine.
    """

    def __init__(
        self,
        code: list[Step],
        constants: dict[int, str],
        n_inputs: int,
        n_registers: int,
        outputs: Sequence[int],
        *,
        exact: bool = False,
        name: str = "vg_own_rows",
    ) -> None:
        self._constants = constants
        self._exact = exact
        self._width = max(_LEAST, min(_MOST, _CACHE // max(n_registers, 1) // LANES * LANES))
        self._inputs = set(range(n_inputs))  # the registers that still hold an input
        self._called: dict[str, int] = {}  # functions, and how many arguments they take
        copied = [k for k in outputs if k in self._inputs and all(k not in x.writes for x in code)]
        loops: dict[str, int] = {}  # the same instructions at many places are one function
        calls = []
        for start, end, needed in runs_of(code, set(outputs)):
            loop = self._loop(code[start:end], needed) if fits(code[start]) else self._call(code[start])
            calls.append(loops.setdefault(loop, len(loops)))
            self._inputs.difference_update(k for x in code[start:end] for k in x.writes)
        declared = [f"double {name}({', '.join(['double'] * arity)});" for name, arity in sorted(self._called.items())]
        self.functions = "\n".join(self._functions())
        self.text = _ROWS.format(
            name=name,
            width=self._width,
            functions="\n".join([*declared, *(_LOOP.format(name=name, i=i, body=loop) for loop, i in loops.items())]),
            copies="".join(f"        {_COPY.format(to=f'x + {k * self._width}', at=k)}\n" for k in sorted(set(copied))),
            calls="".join(f"        if ({name}_{i}(count, start, m, in, x)) return start;\n" for i in calls),
            places=", ".join(map(str, outputs)) or "0",
            n_outputs=len(outputs),
        )

    def _functions(self) -> Iterator[str]:
        for name, arity in sorted(self._called.items()):
            arguments = ", ".join(f"double {x}" for x in "abc"[:arity])
            text = c_expression(name.removeprefix("vg_exact_"), list("abc"[:arity]))
            yield f"double {name}({arguments});\ndouble {name}({arguments}) {{ return {text}; }}"

    def _place(self, k: int) -> str:
        """The number of a row at an address. The sum start + r might overflow, so with it there would be no vectors."""
        return f"(in[{k}] + start)[r]" if k in self._inputs else self._kept(k) if k >= 0 else f"m[{k}]"

    def _kept(self, k: int) -> str:
        """The number of a row in a register."""
        return f"(x + {k * self._width})[r]"

    def _call(self, step: Step) -> str:
        """A loop that calls a function for each number, with the bits of the engine."""
        operands = step.operands["operands"]
        name = f"vg_exact_{step.name}"
        self._called[name] = len(operands)
        call = f"{name}({', '.join(self._constants.get(k) or self._place(k) for k in operands)})"
        line = f"        {self._kept(step.operands['out'])} = {call};\n"
        return _BODY.format(before="", independent="", lines=line)

    def _loop(self, code: list[Step], needed: set[int]) -> str:
        before: list[str] = []
        lines: list[str] = []
        names = dict(self._constants)
        conditions: list[str] = []

        def read(k: int) -> str:
            if k not in names:
                names[k] = f"m{k if k >= 0 else f'_{-k}'}"
                (lines if k >= 0 else before).append(f"const double {names[k]} = {self._place(k)};")
            return names[k]

        def function(name: str, operands: list[str]) -> str:
            listed = ", ".join(operands)
            if name in LIMITED:
                conditions.append(f"vm_{LIMITED[name]}({listed})")
                return f"vm_{'pow' if name == 'power' else name}({listed})"
            if name == "multiply":
                return f"VG_PRODUCT({listed})"
            if name == "times":
                return f"VG_ROUNDED({c_expression(name, operands)})"
            return f"vm_{name}({listed})" if name in IN_VECTORS else c_expression(name, operands)

        written: dict[int, str] = {}
        for step in code:
            if step.instruction is GUARD:
                x = step.operands
                comparison = f"{read(x['a'])} {COMPARISONS[x['comparison']]} {read(x['b'])}"
                conditions.append(f"(uint64_t)(({comparison}) != {x['holds']}) << 63")
                continue
            found = list(assigned(step, read, function, fuses=not self._exact))
            for k, expression in found:
                names[k] = written[k] = f"v{len(lines)}"
                lines.append(f"const double {names[k]} = {expression};")
        kept = sorted(written.keys() & needed)
        lines += [f"{self._kept(k)} = {written[k]};" for k in kept]
        lines += [f"far |= {condition};" for condition in conditions]
        lines = _sharing(_with_plain_products(lines))
        return _BODY.format(
            before="".join(f"    {line}\n" for line in before),
            independent="    VM_INDEPENDENT\n",
            lines="".join(f"        {line}\n" for line in lines),
        )


def _with_plain_products(lines: list[str]) -> list[str]:
    """The same statements, where products that are only multiplied, divided or stored need no VG_PRODUCT."""
    text = "\n".join(lines)
    uses = Counter(re.findall(r"\bv\d+\b", text))
    harmless = Counter(x for pattern in _HARMLESS for pair in re.findall(pattern, text) for x in pair)
    return [
        match.expand(r"const double \1 = \2 * \3;") if match and uses[match[1]] == 1 + harmless[match[1]] else line
        for line, match in zip(lines, map(_PRODUCT.fullmatch, lines))
    ]


_OPERAND = r"(\([^()]*\)|[\w.+-]+)"
_PRODUCT = re.compile(rf"const double (\w+) = \(?VG_PRODUCT\({_OPERAND}, {_OPERAND}\)\)?;")
_HARMLESS = (rf"VG_(?:PRODUCT|FMA)\({_OPERAND}, {_OPERAND}", rf"= {_OPERAND} / {_OPERAND};", r"(\[r\]) = (\w+);")


def _sharing(lines: list[str]) -> list[str]:
    """The same statements, where two functions of the same number share what they have in common."""
    text = "\n".join(lines)
    arguments = {name: {*re.findall(rf"vm_{name}\((\w+)\)", text)} for pair in SHARING for name in pair}
    for name, other in SHARING:
        both = "|".join(arguments[name] & arguments[other])
        if both:
            lines = [re.sub(rf"vm_{name}\(({both})\)", rf"vm_shared_{name}(\1)", line) for line in lines]
    return lines


_COPY = "memcpy({to}, in[{at}] + start, (size_t)count * sizeof(double));"

HEAD = """\
#include "vector.h"

#define VG_FMA(a, b, c) ((c) + (a) * (b))
/* A rounded product. The compiler does not know that "nothing" is 0, so it cannot put the product into a sum. */
#define VG_ROUNDED(product) vm_from_bits(vm_bits(product) ^ nothing)
#define VG_PRODUCT(a, b) VG_ROUNDED((a) * (b))
#if defined(__GNUC__)
#define VG_APART __attribute__((noinline))
#else
#define VG_APART
#endif
#ifndef VG_OWN
#define VG_OWN
#endif
static volatile uint64_t vg_nothing;
"""
"""C that goes before the functions for many rows."""

_ROWS = """\
/* Each function computes some numbers for a chunk of rows; the result is not 0 if it cannot do so for all rows. */
{functions}
VG_OWN int {name}(int n, const double *m, const double *const *in, double *const *out, double *x);
VG_OWN VM_TARGET int {name}(int n, const double *m, const double *const *in, double *const *out, double *x) {{
    static const int places[] = {{{places}}};
    for (int start = 0; start < n; start += {width}) {{
        int count = n - start < {width} ? n - start : {width};
{copies}{calls}        for (int k = 0; k < {n_outputs}; k++) {{
            double *to = out[k] + start;
            const double *from = x + places[k] * {width};
            if (places[k] < 0) for (int r = 0; r < count; r++) to[r] = m[places[k]];
            else if (count == {width}) memcpy(to, from, {width} * sizeof(double));
            else memcpy(to, from, (size_t)count * sizeof(double));
        }}
    }}
    return n;
}}
"""

_LOOP = """\
VG_APART VM_TARGET static int {name}_{i}(int n, int start, const double *restrict m, const double *const *restrict in,
    double *restrict x) {{
    const uint64_t nothing = vg_nothing;
    uint64_t far = 0; /* its sign bit counts */
    (void)m, (void)in, (void)nothing;
{body}    return (int)(far >> 63);
}}
"""

_BODY = """\
{before}    n &= -8;
{independent}    for (int r = 0; r < n; r++) {{
{lines}    }}
"""
