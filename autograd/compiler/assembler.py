"""The assembler: from a listing to the code of the machine.

It works in five stages: fuse steps (`fusion.py`), group steps that share an instruction (`grouping.py`), schedule the
sums over rows (`reductions.py`), allocate registers (`registers.py`), and, in this file, emit the instructions of
`instructions.py`.
"""

from __future__ import annotations

from array import array

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.analysis import find_inexact, find_uniform
from autograd.compiler.fusion import SUMS, count_leading, fuse_activations, split_uniform_products
from autograd.compiler.grouping import TANH, find_groups, find_scaled, pair_neighbours
from autograd.compiler.instructions import (
    CALL,
    DOT,
    DOTS,
    EXACT,
    GATE,
    GUARD,
    SCALE,
    SUM_PRODUCTS,
    SUM_SHARED,
    TANH_AND_SLOPE,
)
from autograd.compiler.ir import COMPARISONS
from autograd.compiler.products import regrouped
from autograd.compiler.reductions import schedule_reductions
from autograd.compiler.registers import allocate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autograd.compiler.ir import Listing, Operand
    from autograd.compiler.products import Pairs
    from autograd.compiler.reductions import Reduction, Schedule
    from autograd.compiler.registers import Memory


@final
class Assembly:
    """The code of a listing, as the machine takes it.

    Attributes:
        uniform: instructions that run once.
        row: instructions that run for each row.
        sums: instructions that add up varying products over rows, after all others.
        flat: instructions that add up uniform products over rows.
        packed: the addresses of the factors that DOTS copies, in order.
        outputs: the addresses of the results.
        constants: numbers that lie after the parameters.
        n_uniform, n_registers: how many uniform numbers there are, and how many registers.
    """

    def __init__(self, memory: Memory) -> None:
        self.uniform, self.row, self.sums, self.flat, self.packed = (array("i") for _ in range(5))
        self.outputs = array("i")
        self.constants = array("d", memory.constants)
        self.n_uniform = memory.n_uniform
        self.n_registers = memory.n_registers


def assemble(
    listing: Listing, numbers: dict[str, int], totals: list[Pairs] | None = None, exact: bool = False
) -> Assembly:
    """The code of a listing.

    Args:
        numbers: the number of each operation of the table, and ~number of the Python function of a user's operation.
        totals: for sums over rows, what split_reductions() gives: the pairs of factors whose products each total adds
            up. The factors are the outputs of the listing. None if the outputs are needed for each row.
        exact: whether sums must be added up in their order.

    A product of an input (in register 0) and a parameter (at -1) needs no new register, nor does its exponential:

    >>> from autograd.compiler.ir import Listing
    >>> steps = [("multiply", (0, 1)), ("exp", (2,))]
    >>> list(assemble(Listing(1, 1, steps, [3], []), {"multiply": 2, "exp": 14}).row)
    [2, 0, 0, -1, 14, 0, 0]
    """
    if listing.n_inputs:  # otherwise all steps run only once, and are not worth the time
        listing = _fuse(listing, exact)
    uniform = find_uniform(listing)
    groups = {} if exact else find_groups(listing, uniform)
    outputs = listing.outputs if totals is None else []
    totals = regrouped(totals or [], listing.outputs)
    schedule = schedule_reductions(listing, totals, uniform, groups, exact=exact)
    memory = allocate(listing, uniform, schedule, outputs)
    inexact = set() if exact else find_inexact(listing)
    emitter = _Emitter(listing, numbers, uniform, groups, schedule, memory, inexact)
    emitter.emit_steps()
    emitter.emit_guards()
    emitter.emit_results(outputs)
    return emitter.assembly


def _fuse(listing: Listing, exact: bool) -> Listing:
    if exact:
        return fuse_activations(listing)
    return pair_neighbours(fuse_activations(split_uniform_products(listing)))


@final
class _Emitter:
    """Writes the instructions of a listing whose numbers have addresses."""

    def __init__(
        self,
        listing: Listing,
        numbers: dict[str, int],
        uniform: list[bool],
        groups: dict[int, int],
        schedule: Schedule,
        memory: Memory,
        inexact: set[int],
    ) -> None:
        self.assembly = Assembly(memory)
        self._listing = listing
        self._numbers = numbers
        self._uniform = uniform
        self._groups = groups
        self._schedule = schedule
        self._memory = memory
        self._inexact = inexact  # decisive steps that EXACT must compute

    def emit_steps(self) -> None:
        end = self._listing.first
        special = {*self._groups, *self._inexact}
        numbers, uniform, schedule, addresses = self._numbers, self._uniform, self._schedule, self._memory.addresses
        following = [name for name, _ in self._listing.steps[1:]] + [""]
        for i, (name, operands) in enumerate(self._listing.steps, end):
            if i < end:
                continue  # it shares the instruction of an earlier step
            code = self.assembly.uniform if uniform[i] else self.assembly.row
            is_run = name == "multiply" and following[i - self._listing.first] == "multiply"
            if is_run or numbers.get(name, -1) < 0 or i in special:
                end += self._emit_special(i, name, operands, code)
            else:
                code.fromlist([numbers[name], *addresses((i, *operands))])
                end += 1
            if end - 1 in schedule:
                for reduction in schedule[end - 1]:
                    self.assembly.row.fromlist(self._reduction(reduction))

    def emit_guards(self) -> None:
        for operator, *operands, holds in self._listing.guards:
            a, b = self._memory.addresses(operands)
            code = self.assembly.uniform if a < 0 and b < 0 else self.assembly.row
            code.fromlist(GUARD.encode(comparison=COMPARISONS.index(operator), a=a, b=b, holds=holds))

    def emit_results(self, outputs: list[Operand]) -> None:
        self.assembly.outputs.extend(self._memory.addresses(outputs))
        for reduction in self._schedule[len(self._uniform)]:
            code = self.assembly.flat if reduction.is_uniform(self._uniform) else self.assembly.sums
            code.fromlist(self._reduction(reduction))

    def _emit_special(self, i: int, name: str, operands: tuple[Operand, ...], code: array[int]) -> int:
        """Emit one instruction for a step, and for later steps that share it; return how many steps it covers."""
        if i in self._groups:
            code.fromlist(self._tanh_and_slope(i) if name in TANH else self._dots(i, self._groups[i]))
            return self._groups[i]
        if name == "multiply":
            run = find_scaled(self._listing, i, self._uniform, self._schedule)
            if run:
                code.fromlist(self._scale(i, *run))
                return len(run[1])
        out, *addresses = self._memory.addresses((i, *operands))
        if name in SUMS:
            code.fromlist(self._dot(name, out, addresses, is_varying=not self._uniform[i]))
        elif name == "gate":
            a, b, c = addresses
            code.fromlist(GATE.encode(out=out, a=a, b=b, c=c))
        elif self._numbers[name] < 0:
            code.fromlist(CALL.encode(out=out, function=~self._numbers[name], n=len(addresses), operands=addresses))
        elif i in self._inexact:
            operation = self._numbers[name]
            code.fromlist(EXACT.encode(n=len(addresses), operation=operation, out=out, operands=addresses))
        else:
            code.fromlist([self._numbers[name], out, *addresses])
        return 1

    def _dot(self, name: str, out: int, addresses: list[int], *, is_varying: bool) -> list[int]:
        leading = count_leading(name)
        pairs = addresses[leading:]
        n_uniform = sum([1 for x in pairs[1::2] if x < 0]) if is_varying else 0
        return DOT.encode(
            out=out,
            start=addresses[leading - 1],
            n_uniform=n_uniform,
            n_varying=len(pairs) // 2 - n_uniform,
            after=SUMS.index(name),
            gate=addresses[0] if leading > 1 else 0,
            pairs=pairs,
        )

    def _dots(self, i: int, count: int) -> list[int]:
        k = i - self._listing.first
        name = self._listing.steps[k][0]
        leading = count_leading(name)
        sums = [self._memory.addresses(operands) for _, operands in self._listing.steps[k : k + count]]
        factors = [x for column in zip(*(x[leading + 1 :: 2] for x in sums)) for x in column]
        packed = len(self.assembly.packed)
        self.assembly.packed.extend(factors)
        inputs = sums[0][leading::2]
        return DOTS.encode(
            count=count,
            n=len(inputs),
            after=SUMS.index(name),
            packed=packed,
            outs=self._memory.addresses(range(i, i + count)),
            starts=[x[leading - 1] for x in sums],
            gates=[x[0] if leading > 1 else 0 for x in sums],
            inputs=inputs,
            factors=factors,
        )

    def _tanh_and_slope(self, i: int) -> list[int]:
        k = i - self._listing.first
        (name, operands), (other, _) = self._listing.steps[k : k + 2]
        outs = {name: self._memory.address(i), other: self._memory.address(i + 1)}
        a = self._memory.address(operands[0])
        return TANH_AND_SLOPE.encode(out=outs["tanh"], slope=outs["sech_squared"], a=a)

    def _scale(self, i: int, common: Operand, others: list[Operand]) -> list[int]:
        addresses = self._memory.addresses
        pairs = _interleave(addresses(range(i, i + len(others))), addresses(others))
        return SCALE.encode(a=self._memory.address(common), n=len(others), pairs=pairs)

    def _reduction(self, reduction: Reduction) -> list[int]:
        a, b = self._memory.addresses(reduction.a), self._memory.addresses(reduction.b)
        if len(a) == 1:
            return SUM_SHARED.encode(a=a[0], n=len(b), pairs=_interleave(reduction.totals, b))
        return SUM_PRODUCTS.encode(n_a=len(a), n_b=len(b), a=a, b=b, totals=reduction.totals)


def _interleave(xs: Iterable[int], ys: Iterable[int]) -> list[int]:
    return [x for pair in zip(xs, ys) for x in pair]
