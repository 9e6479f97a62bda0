"""The ways through a function that were traced, each ready to run on the engine there is."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property

from autograd import engine
from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.assembler import assemble
from autograd.compiler.batch import few
from autograd.compiler.ir import Listing
from autograd.compiler.passes import (
    are_guards_reproducible,
    eliminate_common_subexpressions,
    eliminate_dead_code,
    fold_constants,
    fuse_products,
    split_reductions,
)
from autograd.compiler.trace import Traced, trace, uncollected
from autograd.operations.operation import TABLE
from autograd.pytree import Branch, Leaf, unflatten

if TYPE_CHECKING:
    from typing import Any

    from autograd.compiler.fusion import Pairs
    from autograd.engine import Value
    from autograd.pytree import Tree

    _Run = Callable[["Way", list[Any], Any], Any]


@final
class Structure:
    """What is known for arguments of one structure: the ways through the function that were taken so far."""

    def __init__(self, tree: Tree, exact: bool, bound: dict[Value, Value], *, reduced: bool = False) -> None:
        self.tree = tree
        self.exact = exact
        self.bound = bound  # other parameters in the place of those that the function uses
        self.reduced = reduced
        self.branches: list[Way] = []

    def call(self, args: tuple[Any, ...]) -> Any:
        """The results, without a detour, if there are just numbers of this structure; or None."""
        if engine.backend == "native":
            for branch in self.branches:
                machine = branch._machine or branch.machine
                found = machine.call_with(args, self.tree, branch.output)
                if found is not None:
                    return found
        return None

    def backward(self, arrays: tuple[Any, ...], is_mean: bool) -> float | None:
        """What Program.backward() does, without a detour, if all rows are plain and go the first way; or None."""
        if engine.backend == "native" and self.branches:
            return self.branches[0].machine.backward(arrays, self.tree, is_mean)  # type: ignore[no-any-return]
        return None

    def compute(self, function: Callable[[], Callable[..., Any]], numbers: list[float]) -> Any:
        """The results for these numbers, on the way that they take, a new one perhaps."""
        for branch in self.branches:
            results = branch.call(numbers)
            if results is not None:
                return unflatten(branch.output, results)
        branch = self.trace(function(), numbers)
        results = branch.call(numbers)
        if results is None:
            raise RuntimeError(_GOES_ELSEWHERE)
        return unflatten(branch.output, results)

    def trace(self, f: Callable[..., Any], numbers: list[Any]) -> Way:
        """A new way: the one that these numbers take."""
        way = Way(trace(f, numbers, self.tree, with_gradients=self.reduced, exact=self.exact), self.exact, self.reduced)
        way.bind([self.bound.get(x, x) for x in way.parameters])
        self.branches.append(way)
        return way

    def each_way(self, function: Callable[[], Callable[..., Any]], columns: list[Any], todo: Any, run: _Run) -> None:
        """Run each way in turn, with the rows that are left for it; new ones until none is left.

        Args:
            columns: arrays of all rows.
            todo: the numbers of the rows.
            run: takes a way, the arrays of the rows that are left, and their numbers; says which go another way.
        """
        i = 0
        while i == 0 or len(todo):
            part = columns if i == 0 else [x[todo] for x in columns]
            known = self.branches[i : i + 1]
            if known:
                way = known[0]
            else:
                way = self.trace(function(), [float(x) for column in part for x in column[0].ravel()])
            strays = run(way, part, todo)
            if not known and len(todo) and strays[0]:
                raise RuntimeError(_GOES_ELSEWHERE)
            todo = todo[strays != 0]
            i += 1

    def state(self, numbers: dict[Value, int]) -> tuple[Any, ...]:
        """For pickling; the numbers are those of the parameters."""
        ways = [(w.traced, w.output, [numbers[x] for x in w.parameters]) for w in self.branches]
        return tree_state(self.tree), self.reduced, [(*listing_state(t), tree_state(o), p) for t, o, p in ways]

    @staticmethod
    def of_state(state: tuple[Any, ...], parameters: list[Value], exact: bool) -> Structure:
        """What state() gave."""
        tree, reduced, ways = state
        structure = Structure(tree_of(tree), exact, {}, reduced=reduced)
        for *listing, output, numbers in ways:
            traced = Traced(Listing(*listing), tree_of(output), [parameters[i] for i in numbers])
            structure.branches.append(Way(traced, exact, reduced))
        return structure


@final
class Way:
    """One way through a function: its instructions, ready to run."""

    def __init__(self, traced: Traced, exact: bool, reduced: bool) -> None:
        self.traced = traced.listing
        self.output = traced.output
        self.originals = traced.parameters  # those of the function
        self.parameters = self.originals
        with uncollected():
            self.pairs: list[Pairs] | None = None
            shared = eliminate_common_subexpressions(fold_constants(traced.listing))
            if reduced:
                self.unfused, self.pairs = split_reductions(shared, exact)
            else:
                self.unfused = eliminate_dead_code(shared)
            self.listing = fuse_products(self.unfused)
            self.exact = exact or not are_guards_reproducible(
                self.listing
            )  # rounding must not decide which way a row goes
            if self.pairs is not None:
                moved = iter(self.listing.outputs)
                self.pairs = [[(next(moved), next(moved)) for _ in pairs] for pairs in self.pairs]
        self._machine: Any = None

    @property
    def machine(self) -> Any:
        """What runs it on the compiled engine."""
        if self._machine is None:
            native: Any = engine.compiled
            numbers = native.row_numbers()
            for name, _ in self.unfused.steps:
                if name not in numbers:
                    raise TypeError(
                        f"the compiled engine replays the rows of autograd.TABLE as it was built, and {name} was added "
                        "since; set VALUEGRAD_BACKEND=python"
                    )
            with uncollected():
                assembly = assemble(self.listing, numbers, self.pairs, self.exact)
            self._machine = native.Machine(assembly, self.listing.n_inputs, self.parameters, self.exact)
        return self._machine

    @cached_property
    def function(self) -> Callable[..., Any]:
        """What computes one row where there is no compiled engine."""
        from autograd.compiler.codegen import function_of  # lazy: the compiled engine needs no code

        return function_of(self.listing, {name: row.function for name, row in TABLE.items()})

    @cached_property
    def array_function(self) -> Callable[..., Any]:
        """What computes many rows where there is no compiled engine: results, and what each comparison gave."""
        from autograd.compiler import numpy_evaluator  # lazy: the compiled engine needs none of it
        from autograd.compiler.codegen import function_of

        return function_of(
            self.listing, numpy_evaluator.functions(), lambda operator, a, b: numpy_evaluator.COMPARE[operator](a, b)
        )

    def bind(self, parameters: list[Value]) -> None:
        """Use other Values as parameters."""
        self.parameters = parameters
        self._machine = None

    def call(self, numbers: list[float]) -> list[float] | None:
        """The results for one row, or None if it goes another way."""
        if engine.backend == "native":
            return self.machine.call(numbers)  # type: ignore[no-any-return]
        return self.function(numbers, [x.data for x in self.parameters])  # type: ignore[no-any-return]

    def rows(self, columns: list[Any], count: int, threads: int) -> tuple[Any, Any]:
        """The results for many rows, as a matrix; and which go another way: a byte for each."""
        import numpy as np  # lazy: who has rows has it

        results = np.empty((count, len(self.listing.outputs)))
        strays = np.zeros(count, dtype=np.uint8)
        if engine.backend == "native":
            columns = few(columns)
            if self._spread(lambda i, j: self.machine.rows(columns, [results], strays, i, j), count, threads) is None:
                strays[:] = 1
            return results, strays
        for k, x in enumerate(self._on_arrays(columns, strays)):
            results[:, k] = x
        return results, strays

    def totals(self, columns: list[Any], count: int, threads: int) -> tuple[Any, Any]:
        """The sums of the results over rows; and which go another way: a byte for each."""
        import numpy as np  # lazy: who has rows has it

        assert self.pairs is not None
        strays = np.zeros(count, dtype=np.uint8)
        if engine.backend == "native":
            columns = few(columns)
            sums: dict[int, Any] = {}

            def run(i: int, j: int) -> Any:
                sums[i] = totals = np.zeros(len(self.pairs))  # type: ignore[arg-type]
                return self.machine.rows(columns, None, strays, i, j, totals)

            if self._spread(run, count, threads) is None:
                strays[:] = 1
            first, *rest = [sums[i] for i in sorted(sums)]
            return sum(rest, first), strays
        factors = iter(self._on_arrays(columns, strays))
        good = strays == 0
        found = []
        with np.errstate(all="ignore"):
            for pairs in self.pairs:
                products = [np.broadcast_to(next(factors) * next(factors), count)[good] for _ in pairs]
                found.append(sum(float(np.sum(product)) for product in products))
        return np.array(found), strays

    def _spread(self, run: Callable[[int, int], Any], count: int, threads: int) -> Any:
        """Run the rows in as many pieces as threads, if that is worth it; None if one of them gives that."""
        threads = min(threads, count // _BLOCK, count * len(self.listing.steps) // _WORTH_A_THREAD)
        if threads <= 1:
            return run(0, count)
        from concurrent.futures import ThreadPoolExecutor  # lazy: few programs pay for what it takes to import

        bounds = [count * i // threads // _BLOCK * _BLOCK for i in range(threads)] + [count]
        with ThreadPoolExecutor(threads) as pool:
            results = list(pool.map(run, bounds, bounds[1:]))
        return None if None in results else results

    def _on_arrays(self, columns: list[Any], strays: Any) -> list[Any]:
        import numpy as np  # lazy: who has rows has it

        inputs = [x for column in columns for x in column.reshape(len(column), math.prod(column.shape[1:])).T]
        parameters = [x.data for x in self.parameters]
        if self.exact:
            points = list(zip(*(x.tolist() for x in inputs))) if inputs else [()]
            rows = [self.function(point, parameters) for point in points]
            strays |= np.array([row is None for row in rows], dtype=np.uint8)
            blank = [math.nan] * len(self.listing.outputs)
            return list(np.array([blank if row is None else row for row in rows]).reshape(len(rows), -1).T)
        with np.errstate(all="ignore"):
            results, guards = self.array_function(inputs, parameters)
        for given, holds in guards:
            strays |= np.not_equal(given, holds)
        return results  # type: ignore[no-any-return]

    def add_gradients(self, gradients: Any, factor: float) -> None:
        """Add so many times these to the gradients of the parameters."""
        if engine.backend == "native":
            self.machine.add_gradients(gradients.tolist(), factor)
            return
        for x, gradient in zip(self.parameters, gradients.tolist()):
            x.grad += factor * gradient


_GOES_ELSEWHERE = (
    "the function went a way that depends on more than its arguments and parameters, which cannot be replayed; "
    "do not change parameters while it is compiled, and compare Values in the thread that calls it"
)
_BLOCK = 128  # rows, as in machine.h
_WORTH_A_THREAD = 4_000_000  # instructions of rows, some milliseconds: what it takes to start threads


def listing_state(listing: Listing) -> tuple[Any, ...]:
    return listing.n_inputs, listing.n_parameters, listing.steps, listing.outputs, listing.guards


def tree_state(tree: Tree) -> tuple[Any, ...]:
    """A tree as plain tuples, so that a pickle names no class of this package."""
    if isinstance(tree, Leaf):
        return tuple(tree)
    return tree.kind, tree.keys, tuple([tree_state(child) for child in tree.children])


def tree_of(state: tuple[Any, ...]) -> Tree:
    """What tree_state() was given."""
    if len(state) == 1:
        return Leaf(*state)
    kind, keys, children = state
    return Branch(kind, keys, tuple([tree_of(child) for child in children]))
