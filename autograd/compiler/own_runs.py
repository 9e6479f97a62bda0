"""Runs of instructions that become one loop each, in machine code of a program's own for many rows.

A number between two loops is stored and loaded. But a processor has room for some vectors only: while it waits for one
iteration, it can do others if they are short. So a run is cut where that is estimated to take less time.
"""

from __future__ import annotations

import math

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.instructions import DOT, DOTS, GATE, GUARD, SCALE, TANH_AND_SLOPE

if TYPE_CHECKING:
    from collections.abc import Iterator

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

SHARING = (("sin", "cos"), ("cos", "sin"), ("normal_pdf", "normal_cdf"))
"""Functions that have another form in vector.h, for where the second one of the same number is computed too."""

LONGEST = 60
"""How many instructions a run may have; a longer one takes long to compile."""

# What the estimate is made of. Work and the costs are multiples of the time of a sum; latencies are in cycles.
_DIVIDING = "log", "log1p", "tanh", "sech_squared", "sigmoid", "softplus", "log_fraction", "power"
_WORK, _LATENCY = {"sqrt": 12.0, "divide": 8.0}, {"sqrt": 20.0, "divide": 13.0, **dict.fromkeys(_DIVIDING, 80.0)}
_FUNCTION_WORK, _SHARED_WORK, _FUNCTION_LATENCY, _SUM_LATENCY = 40.0, 8.0, 60.0, 4.0
_LOAD, _STORE, _LOOP = 1.5, 3.0, 10.0
_WINDOW = 100.0
"""The latency of an iteration up to which others hide it. From 120 on, some programs take half as long again."""


def runs_of(code: list[Step], results: set[int]) -> Iterator[tuple[int, int, set[int]]]:
    """Where each run begins and ends, and the registers that are read after it or are results.

    An instruction that no loop over vectors can have is a run of its own. Where an earlier run comes again, as in the
    steps of a loop that was traced, it becomes a run again.
    """
    words = _words(code)
    runs = list(_repeating(code, words))
    needed = _live_after(code, {end for _, end in runs}, results)
    parts: dict[object, list[tuple[int, int, set[int]]]] = {}
    for start, end in runs:
        key = (*words[start:end], frozenset(needed[end]))
        if key not in parts:
            parts[key] = list(_parts(code[start:end], needed[end]))
        yield from ((start + i, start + j, live) for i, j, live in parts[key])


def has_more_distinct(code: list[Step], most: int) -> bool:
    """Whether all runs together have more than so many instructions, if those that come again count once."""
    words = _words(code)
    distinct: set[tuple[object, ...]] = set()
    count = 0
    for start, end in _repeating(code, words):
        run = tuple(words[start:end])
        count += 0 if run in distinct else len(run)
        distinct.add(run)
        if count > most:
            return True
    return False


def fits(step: Step) -> bool:
    """Whether a loop over rows can have this instruction and stay a loop over vectors."""
    if step.instruction is None:
        return step.name in IN_VECTORS or step.name in LIMITED or step.name in PLAIN
    return step.instruction in (DOT, DOTS, TANH_AND_SLOPE, SCALE, GATE, GUARD)


def _words(code: list[Step]) -> list[object]:
    return [(step.instruction, step.name, repr(step.operands)) for step in code]


def _repeating(code: list[Step], words: list[object]) -> Iterator[tuple[int, int]]:
    """Where each run begins and ends, before runs are cut."""
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
            while end < len(code) and end - start < LONGEST and fits(code[end]) and not (end > start and known(end)):
                end += 1
            end = max(end, start + 1)
            ends.setdefault(words[start], []).append((start, end))
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


# --------------------------------------------------------------------------- cuts


def _parts(code: list[Step], needed: set[int]) -> Iterator[tuple[int, int, set[int]]]:
    """The parts of a run that are estimated to take the least time together, as runs_of() gives them."""
    live = _live_after(code, {*range(1, len(code) + 1)}, needed)
    least = [0.0] + [math.inf] * len(code)  # of the first instructions, by their number
    begins = [0] * (len(code) + 1)  # where the last part of them begins
    for i in range(len(code)):
        loop = _Loop()
        for j in range(i + 1, len(code) + 1):
            loop.add(code[j - 1])
            total = least[i] + loop.cost(live[j])
            if total < least[j]:
                least[j], begins[j] = total, i
    ends = [len(code)]
    while begins[ends[-1]]:
        ends.append(begins[ends[-1]])
    for end in reversed(ends):
        yield begins[end], end, live[end]


@final
class _Loop:
    """What is known about a loop over these instructions."""

    def __init__(self) -> None:
        self._work = self._longest = 0.0
        self._ready: dict[int, float] = {}  # when a register is written
        self._loads: set[int] = set()
        self._groups: set[tuple[object, ...]] = set()  # functions, with their operands

    def add(self, step: Step) -> None:
        work, latency = self._effort(step)
        self._work += work
        self._loads.update(k for k in step.reads if k >= 0 and k not in self._ready)
        ready = max((self._ready.get(k, 0.0) for k in step.reads), default=0.0) + latency
        self._ready.update(dict.fromkeys(step.writes, ready))
        self._longest = max(self._longest, ready)

    def cost(self, needed: set[int]) -> float:
        """An estimate of the time for a vector of rows, if these registers are read later."""
        moved = _LOAD * len(self._loads) + _STORE * len(self._ready.keys() & needed)
        return self._work * max(1.0, self._longest / _WINDOW) + moved + _LOOP

    def _effort(self, step: Step) -> tuple[float, float]:
        """The work and the latency of an instruction."""
        if step.instruction in (DOT, DOTS):
            n_products = len(step.reads) // 2 + len(step.writes)
            return n_products, _SUM_LATENCY * n_products / len(step.writes)
        if step.instruction is TANH_AND_SLOPE:
            return _FUNCTION_WORK + _SHARED_WORK, _LATENCY["tanh"]
        if step.instruction is not None or step.name in PLAIN or step.name == "sqrt":
            return _WORK.get(step.name, 1.0), _LATENCY.get(step.name, _SUM_LATENCY)
        shares = any(step.name in pair for pair in SHARING)
        group = (*step.operands["operands"], shares or step.name)
        is_shared = group in self._groups
        self._groups.add(group)
        return _SHARED_WORK if is_shared else _FUNCTION_WORK, _LATENCY.get(step.name, _FUNCTION_LATENCY)
