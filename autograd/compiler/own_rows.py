"""Machine code of a program's own for many rows: runs of instructions as loops, for a C compiler of the system.

A loop takes a run of instructions for a chunk of rows, so a number between two of them needs no place in memory. The
chunk is so small that all registers stay in the cache. Where a guard fails, or a number is out of the range of a
function, the loops stop, and the machine computes these rows.
"""

from __future__ import annotations

import re

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.codegen import c_expression
from autograd.compiler.disassembler import assigned
from autograd.compiler.instructions import DOT, DOTS, GATE, GUARD, LANES, SCALE, TANH_AND_SLOPE
from autograd.compiler.ir import COMPARISONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from autograd.compiler.disassembler import Step

IN_VECTORS = {
    "exp", "expm1", "log", "log1p", "sqrt", "tanh", "sech_squared", "sigmoid", "softplus", "gaussian", "normal_pdf",
    "erf", "erfc", "normal_cdf", "exp_difference",
}  # fmt: skip
"""The functions of vector.h that take any number."""

LIMITED = {"sin": "is_far", "cos": "is_far", "power": "is_rare", "log_fraction": "is_vast"}
"""Those that do not, with the function of vector.h whose sign bit says that they cannot be used."""

PLAIN = {
    "negative", "absolute", "relu", "step", "sign", "floor", "ceil", "trunc", "rint", "stop_gradient", "semicircle",
    "add", "subtract", "multiply", "divide", "maximum", "minimum", "exceeds", "times", "fraction", "add_fraction",
    "maximum_magnitude", "minimum_magnitude", "where",
}  # fmt: skip
"""Operations whose C a compiler turns into vectors."""

LONGEST = 60
"""How many instructions a run may have; a longer one takes long to compile."""

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
        runs = list(_runs(code))
        needed = _live_after(code, {end for _, end in runs}, set(outputs))
        loops: dict[str, int] = {}  # the same instructions at many places are one function
        calls = []
        for start, end in runs:
            is_call = end == start + 1 and not _fits(code[start])
            loop = self._call(code[start]) if is_call else self._loop(code[start:end], needed[end])
            calls.append(loops.setdefault(loop, len(loops)))
            self._inputs.difference_update(k for x in code[start:end] for k in x.writes)
        declared = [f"double {name}({', '.join(['double'] * arity)});" for name, arity in sorted(self._called.items())]
        self.functions = "\n".join(self._functions())
        self.text = _ROWS.format(
            name=name,
            width=self._width,
            functions="\n".join([*declared, *(_LOOP.format(name=name, i=i, body=loop) for loop, i in loops.items())]),
            copies="".join(f"        {_COPY.format(to=f'x + {k * self._width}', at=k)}\n" for k in sorted(set(copied))),
            calls="".join(f"        if ({name}_{i}(count, start, m, in, x) < 0) return start;\n" for i in calls),
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
                conditions.append(f"(int)(vm_{LIMITED[name]}({listed}) >> 32)")
                return f"vm_{'pow' if name == 'power' else name}({listed})"
            if name == "multiply":
                return f"VG_PRODUCT({listed})"
            return f"vm_{name}({listed})" if name in IN_VECTORS else c_expression(name, operands)

        written: dict[int, str] = {}
        for step in code:
            if step.instruction is GUARD:
                x = step.operands
                comparison = f"{read(x['a'])} {COMPARISONS[x['comparison']]} {read(x['b'])}"
                conditions.append(f"(({comparison}) == {x['holds']} ? 0 : -1)")
                continue
            found = list(assigned(step, read, function, fuses=not self._exact))
            for k, expression in found:
                names[k] = written[k] = f"v{len(lines)}"
                lines.append(f"const double {names[k]} = {expression};")
        kept = sorted(written.keys() & needed)
        lines += [f"{self._kept(k)} = {written[k]};" for k in kept]
        if not conditions and kept:
            conditions.append(f"(int)(vm_bits({written[kept[-1]]}) >> 32) & none")
        lines += [f"far |= {condition};" for condition in conditions]
        lines = _sharing(lines)
        return _BODY.format(
            before="".join(f"    {line}\n" for line in before),
            independent="    VM_INDEPENDENT\n",
            lines="".join(f"        {line}\n" for line in lines),
        )


def _sharing(lines: list[str]) -> list[str]:
    """The same statements, where sine and cosine of the same number share what they have in common."""
    text = "\n".join(lines)
    both = "|".join({*re.findall(r"vm_sin\((\w+)\)", text)} & {*re.findall(r"vm_cos\((\w+)\)", text)})
    return [re.sub(rf"vm_(sin|cos)\(({both})\)", r"vm_shared_\1(\2)", line) for line in lines] if both else lines


def _runs(code: list[Step]) -> Iterator[tuple[int, int]]:
    """Where each run begins and ends; an instruction that no loop over vectors can have is a run of its own.

    Where an earlier run comes again, as in the steps of a loop that was traced, it becomes a run again.
    """
    words = _words(code)
    ends: dict[object, list[tuple[int, int]]] = {}  # of the runs that begin with an instruction

    def known(start: int) -> int:
        """Where the run ends that begins here again; 0 for none."""
        for begin, end in ends.get(words[start], ()) if start < len(code) else ():
            if words[start : start + end - begin] == words[begin:end]:
                return start + end - begin
        return 0

    start = 0
    while start < len(code):
        end = known(start)
        if not end:
            end = start
            while end < len(code) and end - start < LONGEST and _fits(code[end]) and not (end > start and known(end)):
                end += 1
            end = max(end, start + 1)
            ends.setdefault(words[start], []).append((start, end))
        yield start, end
        start = end


def _words(code: list[Step]) -> list[object]:
    return [(step.instruction, step.name, repr(step.operands)) for step in code]


def has_more_distinct(code: list[Step], most: int) -> bool:
    """Whether all runs together have more than so many instructions, if those that come again count once."""
    words = _words(code)
    distinct: set[tuple[object, ...]] = set()
    count = 0
    for start, end in _runs(code):
        run = tuple(words[start:end])
        count += 0 if run in distinct else len(run)
        distinct.add(run)
        if count > most:
            return True
    return False


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
    return step.instruction in (DOT, DOTS, TANH_AND_SLOPE, SCALE, GATE, GUARD)


_COPY = "memcpy({to}, in[{at}] + start, (size_t)count * sizeof(double));"

HEAD = """\
#include "vector.h"

#define VG_FMA(a, b, c) ((c) + (a) * (b))
/* A rounded product. The compiler does not know that "nothing" is 0, so it cannot put the product into a sum. */
#define VG_PRODUCT(a, b) vm_from_bits(vm_bits((a) * (b)) ^ nothing)
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
/* Each function computes some numbers for a chunk of rows; the result is below 0 if it cannot do so for all rows. A
   number of 32 bits in a loop makes gcc compute two vectors of doubles at a time, which keeps the processor busy. */
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
    const int none = (int)nothing;
    int far = 0;
    (void)m, (void)in, (void)none;
{body}    return far;
}}
"""

_BODY = """\
{before}    n &= -8;
{independent}    for (int r = 0; r < n; r++) {{
{lines}    }}
"""
