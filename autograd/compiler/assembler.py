"""The assembler: from a listing to the code of the machine.

It works in five stages: fuse steps (`passes/fusion.py`), group steps that share an instruction (`passes/grouping.py`),
schedule the sums over rows (`reductions.py`), allocate registers (`passes/registers.py`), and emit the instructions of
`instructions.py` (`passes/emission.py`, and this file).
"""

from __future__ import annotations

from array import array

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.codes import ADD_DOT, GATE, GATE_DOT, NAMES, SECH_SQUARED, TANH
from autograd.compiler.instructions import CALL, DOTS, GUARD, SCALE, SUM_PRODUCTS, SUM_SHARED, TANH_AND_SLOPE
from autograd.compiler.instructions import GATE as GATE_INSTRUCTION
from autograd.compiler.ir import COMPARISONS
from autograd.compiler.passes import (
    SUMS,
    allocate,
    by_levels,
    emit,
    find_groups,
    find_inexact,
    find_runs,
    find_varying,
    fuse_activations,
    pair_neighbours,
    split_uniform_products,
)
from autograd.compiler.reductions import schedule_reductions
from autograd.compiler.totals import regrouped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autograd.compiler.ir import Listing
    from autograd.compiler.passes import Memory
    from autograd.compiler.reductions import Reduction
    from autograd.compiler.totals import Pairs


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
        self.uniform, self.row, self.sums, self.flat, self.packed, self.outputs = (array("i") for _ in range(6))
        self.constants = memory.constants
        self.n_uniform = memory.n_uniform
        self.n_registers = memory.n_registers


def assemble(
    listing: Listing,
    numbers: dict[str, int],
    totals: list[Pairs] | None = None,
    exact: bool = False,
    for_one_row: bool = False,
) -> Assembly:
    """The code of a listing.

    Args:
        numbers: the number of each operation of the table, and ~number of the Python function of a user's operation.
        totals: for sums over rows, what split_reductions() gives: the pairs of factors whose products each total adds
            up. The factors are the outputs of the listing. None if the outputs are needed for each row.
        exact: whether sums must be added up in their order.
        for_one_row: whether it runs for one row only. Then the same operations stand side by side, which a processor
            runs faster. In a block of rows more numbers would wait for their use, and leave the caches.

    A product of an input (in register 0) and a parameter (at -1) needs no new register, nor does its exponential:

    >>> from autograd.compiler.ir import Listing
    >>> steps = [("multiply", (0, 1)), ("exp", (2,))]
    >>> list(assemble(Listing(1, 1, steps, [3], []), {"multiply": 2, "exp": 14}).row)
    [2, 0, 0, -1, 14, 0, 0]
    """
    if listing.n_inputs:  # otherwise all steps run only once, and are not worth the time
        listing = _fuse(listing, exact)
    plan = _Plan(listing, totals, exact=exact)
    if for_one_row and listing.n_inputs and len(listing) <= _MOST:
        levels = by_levels(listing) if exact else _with_neighbours(by_levels(listing))
        other = _Plan(levels, totals, exact=exact)
        return _assembled(
            other if other.memory.n_registers <= max(_FEW, plan.memory.n_registers) else plan, numbers, exact
        )
    if not exact and plan.memory.n_registers > _MANY and len(listing) <= _MOST:
        other = _Plan(_with_neighbours(by_levels(listing)), totals, exact=exact, lowest=True)
        if 2 * other.memory.n_registers < plan.memory.n_registers:
            plan = other
    return _assembled(plan, numbers, exact)


def _assembled(plan: _Plan, numbers: dict[str, int], exact: bool) -> Assembly:
    emitter = _Emitter(plan, numbers)
    emitter.emit_steps(bytearray(plan.listing.n_registers) if exact else find_inexact(plan.listing))
    emitter.emit_guards()
    emitter.emit_results()
    return emitter.assembly


_FEW = 1_000  # registers of a single row, which fit into the nearest cache beside the instructions
_MANY = 64  # registers: a block of rows has more numbers in them than the nearest cache
_MOST = 50_000  # instructions: for more, another plan takes long


def _fuse(listing: Listing, exact: bool) -> Listing:
    if exact:
        return fuse_activations(listing)
    return _with_neighbours(fuse_activations(split_uniform_products(listing)))


def _with_neighbours(listing: Listing) -> Listing:
    return pair_neighbours(listing, find_varying(listing))


@final
class _Plan:
    """Where the numbers of a listing lie, and when sums over rows run.

    Attributes:
        varies: whether each register is varying.
        groups: the steps that share an instruction.
        outputs: the operands that are results for each row.
        schedule: the sums over rows.
        memory: the addresses.
    """

    def __init__(self, listing: Listing, totals: list[Pairs] | None, *, exact: bool, lowest: bool = False) -> None:
        self.listing = listing
        self.varies = find_varying(listing)
        self.groups = {} if exact else find_groups(listing, self.varies)
        self.outputs = listing.targets if totals is None else array("i")
        totals = regrouped(totals or [], listing.targets)
        self.schedule = schedule_reductions(listing, totals, self.varies, self.groups, exact=exact)
        self.memory = allocate(listing, self.varies, self.schedule, self.outputs, lowest)


@final
class _Emitter:
    """Writes the instructions of a listing whose numbers have addresses."""

    def __init__(self, plan: _Plan, numbers: dict[str, int]) -> None:
        self.assembly = Assembly(plan.memory)
        self._packed: dict[tuple[int, ...], int] = {}
        self._plan = plan
        self._listing = plan.listing
        self._numbers = array("i", [numbers.get(name, -1) for name in NAMES])
        self._numbers[GATE] = GATE_INSTRUCTION.number  # its layout is that of an operation
        self._varies = plan.varies
        self._schedule = plan.schedule
        self._memory = plan.memory

    def emit_steps(self, inexact: bytearray) -> None:
        """Write the instructions of all steps.

        Args:
            inexact: registers of decisive steps, which EXACT must compute.
        """
        instead = {i: (self._call(i), 1) for i in self._calls()}
        for i, (common, others) in find_runs(self._listing, self._varies, self._schedule).items():
            instead[i] = self._scale(i, common, others), len(others)
        for i, count in self._plan.groups.items():
            instead[i] = self._group(i, count), count
        behind = {i: [x for one in found for x in self._reduction(one)] for i, found in self._schedule.items()}
        uniform, row = emit(self._listing, self._numbers, self._varies, inexact, self._memory, instead, behind)
        self.assembly.uniform, self.assembly.row = uniform, row

    def _calls(self) -> list[int]:
        """The steps that call a Python function."""
        codes = {code for code in set(self._listing.codes) if code not in SUMS and self._numbers[code] < 0}
        return [i for i, code in enumerate(self._listing.codes) if code in codes] if codes else []

    def emit_guards(self) -> None:
        """Write the guards."""
        for operator, *operands, holds in self._listing.conditions:
            a, b = self._memory.addresses(operands)
            code = self.assembly.uniform if a < 0 and b < 0 else self.assembly.row
            code.fromlist(GUARD.encode(comparison=COMPARISONS.index(operator), a=a, b=b, holds=holds))

    def emit_results(self) -> None:
        """Write the addresses of the results, and the sums over rows that run after all steps."""
        self.assembly.outputs.extend(self._memory.addresses(self._plan.outputs))
        for reduction in self._schedule[len(self._listing)]:
            code = self.assembly.flat if reduction.is_uniform(self._varies) else self.assembly.sums
            code.fromlist(self._reduction(reduction))

    def _addresses(self, i: int) -> list[int]:
        """The addresses of the result and the operands of the i-th step."""
        register = self._listing.first + i
        return self._memory.addresses([register, *self._listing.step(register)[1]])

    def _call(self, i: int) -> list[int]:
        """The instruction of a step that calls a Python function."""
        out, *addresses = self._addresses(i)
        return CALL.encode(
            out=out, function=~self._numbers[self._listing.codes[i]], n=len(addresses), operands=addresses
        )

    def _group(self, i: int, count: int) -> list[int]:
        """The instruction of steps that share one."""
        steps = [self._addresses(k) for k in range(i, i + count)]
        code = self._listing.codes[i]
        if code in (TANH, SECH_SQUARED):
            out, slope = [out for out, _ in (steps if code == TANH else steps[::-1])]
            return TANH_AND_SLOPE.encode(out=out, slope=slope, a=steps[0][1])
        leading = (
            2 if code in (GATE_DOT, ADD_DOT) else 1
        )  # operands before the pairs: the start, and before it the gate
        inputs = steps[0][1 + leading :: 2]
        columns = [step[2 + leading :: 2] for step in steps]
        factors = [x for row in zip(*columns) for x in row]
        apart, packed = _distance(columns), 0
        if not apart:
            packed = self._packed.setdefault(tuple(factors), len(self.assembly.packed))
            if packed == len(self.assembly.packed):
                self.assembly.packed.extend(factors)
        return DOTS.encode(
            count=count,
            n=len(inputs),
            after=SUMS.index(code),
            step=apart,
            packed=packed,
            outs=[step[0] for step in steps],
            starts=[step[leading] for step in steps],
            gates=[step[1] if leading > 1 else 0 for step in steps],
            inputs=inputs,
            factors=factors,
        )

    def _scale(self, i: int, common: int, others: list[int]) -> list[int]:
        addresses, register = self._memory.addresses, self._listing.first + i
        pairs = _interleave(addresses(range(register, register + len(others))), addresses(others))
        return SCALE.encode(a=self._memory.address(common), n=len(others), pairs=pairs)

    def _reduction(self, reduction: Reduction) -> list[int]:
        a, b = self._memory.addresses(reduction.a), self._memory.addresses(reduction.b)
        if len(a) == 1:
            return SUM_SHARED.encode(a=a[0], n=len(b), pairs=_interleave(reduction.totals, b))
        n = reduction.put_neighbours_first(self._listing.n_inputs)
        b = self._memory.addresses(reduction.b)
        return SUM_PRODUCTS.encode(n_a=len(a), n_b=len(b), n_neighbours=n, a=a, b=b, totals=reduction.totals)


def _distance(columns: list[list[int]]) -> int:
    """How far the addresses in each column lie apart, one from the next; 0 if not all by the same distance."""
    distance = columns[0][1] - columns[0][0] if len(columns[0]) > 1 else 1
    regular = [list(range(x[0], x[0] + len(x) * distance, distance)) if distance else [] for x in columns]
    return distance if columns == regular else 0


def _interleave(xs: Iterable[int], ys: Iterable[int]) -> list[int]:
    return [x for pair in zip(xs, ys) for x in pair]
