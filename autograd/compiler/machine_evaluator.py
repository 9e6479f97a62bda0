"""Runs a path on the compiled machine, in several threads if that is faster. See `assembler.py` and `_machine/`."""

from __future__ import annotations

import math
from functools import cached_property

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler import _machine
from autograd.compiler.assembler import assemble
from autograd.compiler.codes import NAMES
from autograd.compiler.evaluator import Evaluator
from autograd.compiler.instructions import ROWS_PER_BLOCK
from autograd.compiler.passes import find_varying, is_correctly_rounded
from autograd.compiler.reductions import can_rows_fail
from autograd.compiler.results import columns_of
from autograd.operations.operation import CUSTOM

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from autograd.compiler.assembler import Assembly
    from autograd.compiler.ir import Listing
    from autograd.compiler.totals import Pairs
    from autograd.engine import Value
    from autograd.pytree import Tree

_WORTH_A_THREAD = 4_000_000  # this many instructions take milliseconds, as long as starting threads
_ARRAYS = 32  # at most this many arrays of inputs; the machine takes 64 at a time, results included


def has_instructions(listing: Listing) -> bool:
    """Whether the machine has every operation of a listing; it lacks those that are newer than its build."""
    names = {"dot", *CUSTOM, *_machine.load().operation_numbers()}
    return all(NAMES[code] in names for code in set(listing.codes))


@final
class MachineEvaluator(Evaluator):
    """The compiled machine."""

    has_shortcuts = True

    def __init__(self, listing: Listing, parameters: list[Value], exact: bool, pairs: list[Pairs] | None) -> None:
        machine = _machine.load()
        exact = exact or machine.numbers_at_a_time() == 1  # rows one by one: only the exact code does that
        custom = {name: CUSTOM[name] for name in (NAMES[code] for code in set(listing.codes)) if name in CUSTOM}
        functions = {name: ~machine.function_number(operation.function) for name, operation in custom.items()}
        self._numbers = machine.operation_numbers() | functions
        self._listing, self._pairs, self._parameters, self._exact = listing, pairs, parameters, exact
        self._n_results = len(listing.outputs) if pairs is None else len(pairs)
        self._calls_python = bool(custom)
        self._is_rounded = exact and pairs is None and is_correctly_rounded(listing)
        self._is_total = not can_rows_fail(listing, find_varying(listing))

    def _made(self, assembly: Assembly) -> Any:
        machine, n_inputs = _machine.load().Machine, self._listing.n_inputs
        return machine(assembly, n_inputs, self._parameters, self._exact, self._is_rounded, self._is_total)

    @cached_property
    def _machine(self) -> Any:
        """The machine for many rows."""
        return self._made(assemble(self._listing, self._numbers, self._pairs, self._exact))

    @cached_property
    def _row_machine(self) -> Any:
        """The machine for one row, whose instructions have another order."""
        return self._made(assemble(self._listing, self._numbers, self._pairs, self._exact, for_one_row=True))

    # each shortcut is made at its first use, and only then the machine that it needs

    @cached_property
    def call_with(self) -> Callable[[tuple[Any, ...], Any, Any], Any]:  # type: ignore[override]  # nobody sets it
        return self._call_with if self._calls_python else self._row_machine.call_with

    @cached_property
    def backward(self) -> Callable[..., float | None]:  # type: ignore[override]
        return self._backward if self._calls_python else self._machine.backward

    @cached_property
    def map(self) -> Callable[[tuple[Any, ...], Any, Any, Any], bool]:  # type: ignore[override]
        return self._machine.map  # type: ignore[no-any-return]

    def compile_c(self) -> None:
        from autograd.compiler import c_compiler, own_code  # lazy: they import ctypes and subprocess

        assembly = assemble(self._listing, self._numbers, self._pairs, self._exact)
        self._machine = self._row_machine = self._made(assembly)
        names = {number: name for name, number in self._numbers.items()}
        own = own_code.OwnCode(assembly, self._listing, names, exact=self._exact)
        if not own.row:
            return
        library = c_compiler.library(own.row, own.rows)
        functions = "vg_own_uniform", "vg_own_row", *(["vg_own_rows"] if own.rows else [])
        uniform, row, rows = [*(c_compiler.address(library, name) for name in functions), 0][:3]
        self._machine.use(library, uniform, row, rows)

    def call(self, numbers: list[float]) -> list[float] | None:
        return self._own(self._row_machine).call(numbers)  # type: ignore[no-any-return]

    def _call_with(self, *arguments: Any) -> Any:
        return self._own(self._row_machine).call_with(*arguments)

    def _backward(self, *arguments: Any) -> Any:
        return self._own(self._machine).backward(*arguments)

    def _own(self, machine: Any) -> Any:
        """The machine. If it calls Python, a copy for one call: another call may begin meanwhile."""
        return machine.copy() if self._calls_python else machine

    def runner(self, inputs: Any, outputs: Any) -> Callable[[], bool]:
        return _machine.load().Runner(self._own(self._row_machine), inputs, outputs)  # type: ignore[no-any-return]

    def map_runner(self, arrays: tuple[Any, ...], signature: Tree, out: Any, output: Tree) -> Callable[[], bool] | None:
        runner = _machine.load().MapRunner(self._machine, arrays, signature, out, output)
        return runner if runner.bound else None

    def rows(self, columns: list[Any], results: list[Any], count: int, threads: int) -> Any:
        import numpy as np  # lazy: NumPy is optional

        failed = np.zeros(count, dtype=np.uint8)
        columns = _few(columns)
        written = results if len(results) <= _ARRAYS else [np.empty((count, self._n_results))]

        def run(begin: int, end: int) -> Any:
            return self._own(self._machine).rows(columns, written, failed, begin, end)

        if None in self._spread(run, count, threads):
            failed[:] = 1
        elif written is not results:
            for column, x in zip(columns_of(results), written[0].T):
                np.copyto(column, x, where=failed == 0)
        return failed

    def totals(self, columns: list[Any], count: int, threads: int, parameters: Any = None) -> tuple[Any, Any]:
        import numpy as np  # lazy: NumPy is optional

        failed = np.zeros(count, dtype=np.uint8)
        columns = _few(columns)
        sums: dict[int, Any] = {}

        def run(begin: int, end: int) -> Any:
            sums[begin] = totals = np.zeros(self._n_results)
            return self._own(self._machine).rows(columns, None, failed, begin, end, totals, parameters)

        if None in self._spread(run, count, threads):
            failed[:] = 1
        first, *rest = [sums[begin] for begin in sorted(sums)]
        return sum(rest, first), failed

    def add_gradients(self, gradients: Any, factor: float) -> None:
        self._machine.add_gradients(gradients.tolist(), factor)

    def _spread(self, run: Callable[[int, int], Any], count: int, threads: int) -> list[Any]:
        """The results of run(begin, end) for all rows, with one piece for each thread if that is faster."""
        threads = min(threads, count // ROWS_PER_BLOCK, count * len(self._listing) // _WORTH_A_THREAD)
        if threads <= 1:
            return [run(0, count)]
        from concurrent.futures import ThreadPoolExecutor  # lazy: it takes as long to import as all of autograd

        bounds = [count * i // threads // ROWS_PER_BLOCK * ROWS_PER_BLOCK for i in range(threads)] + [count]
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(run, bounds, bounds[1:]))


def _few(columns: list[Any]) -> list[Any]:
    """The same inputs in few arrays, because the machine limits how many it takes."""
    if len(columns) <= _ARRAYS:
        return columns
    import numpy as np  # lazy: NumPy is optional

    return [np.column_stack([x.reshape(len(x), math.prod(x.shape[1:])) for x in columns])]
