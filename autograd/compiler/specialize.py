"""A program for arguments of one signature: the paths through the function that were traced for it so far."""

from __future__ import annotations

import itertools
import math
from contextlib import nullcontext
from functools import cached_property

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler import rare
from autograd.compiler.path import Path
from autograd.compiler.results import arrays_of, columns_of, directly, new_arrays, stacked
from autograd.compiler.trace import trace
from autograd.engine.collector import uncollected
from autograd.pytree import fill, leaves, unflatten

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from typing import Any

    from autograd.compiler.evaluator import Evaluator
    from autograd.compiler.parameters import Order, Point
    from autograd.compiler.rare import Warner
    from autograd.engine import Value
    from autograd.pytree import Tree

    Source = Callable[[], Callable[..., Any]]  # gives the function; raises if the program was pickled
    Run = Callable[[Path, list[Any], int], tuple[Any, Any]]  # the results of a part of the rows, and which failed


@final
class Specialization:
    """A program for arguments of one signature.

    Args:
        signature: the tree of the arguments.
        exact: give the bits of the function.
        bound: for each parameter of the function, the Value that bind() put in its place.
        reduced: the results, and their gradients by the parameters, are needed only as sums over rows.
        target: see Path.
        warner: warns that rows on rare paths run the function. If it is None, there is no function to run.

    Attributes:
        paths: the paths that were traced so far.
        strays: the parameters that were found while the function ran instead of a trace.
    """

    def __init__(
        self,
        signature: Tree,
        exact: bool,
        bound: dict[Value, Value],
        *,
        reduced: bool = False,
        target: str = "",
        warner: Warner | None = None,
    ) -> None:
        self.signature = signature
        self.target = target
        self.exact = exact
        self.bound = bound
        self.reduced = reduced
        self.paths: list[Path] = []
        self.strays: dict[Value, None] = {}
        self._shortcuts: list[Path] = []  # the first paths
        self._warner = warner
        self._recomputes = False
        self._n_run = 0  # for how many rows the function ran

    def call(self, args: tuple[Any, ...]) -> Any:
        """The results for plain arguments of this signature on one of the first paths; otherwise None."""
        for path in self._shortcuts:
            found = path.call_with(args, self.signature, path.output)
            if found is not None:
                return found
        return None

    def backward(self, arrays: tuple[Any, ...], is_mean: bool) -> float | None:
        """Program.backward() for plain arrays whose rows all take the first path; for others None, and no effect."""
        return self.paths[0].evaluator.backward(arrays, self.signature, is_mean) if self.paths else None

    def loss_and_grad_into(
        self, arrays: tuple[Any, ...], is_mean: bool, order: Order, parameters: Any, gradient: Any
    ) -> float | None:
        """loss_and_grad() from one plain array into another, if the first path has all parameters; otherwise None."""
        if not self.paths or not order.is_that_of(self.paths[0]):
            return None
        return self.paths[0].evaluator.backward(arrays, self.signature, is_mean, parameters, gradient)

    def loss_and_grad(self, arrays: tuple[Any, ...], is_mean: bool, point: Point) -> float | None:
        """Program.loss_and_grad() for plain arrays whose rows all take the first path; for others None."""
        if not self.paths:
            return None
        path = self.paths[0]
        numbers = point.numbers(path)
        gradients = point.room(path)
        loss = path.evaluator.backward(arrays, self.signature, is_mean, numbers, gradients)
        if loss is not None:
            point.set(path, gradients)
        return loss

    def compute(self, source: Source, numbers: list[float], is_plain: bool = False) -> Any:
        """The results for these numbers, on the path that they take; a new path is traced, unless it is rare.

        Args:
            numbers: the arguments.
            is_plain: call() gave None, though the arguments are plain: they take none of the first paths.
        """
        for i, path in enumerate(self.tried(1)):
            if is_plain and i < _SHORTCUTS and path.evaluator.has_shortcuts:
                continue
            results = path.evaluator.call(numbers)
            if results is not None:
                return unflatten(path.output, results)
        if self._is_rare(1):
            (outputs,), (output,) = rare.run(self._counted(source, numbers, 1), [numbers], self._make)
            return unflatten(output, outputs)
        path = self.trace(source, numbers)
        results = path.results if self.has_results(path) else path.evaluator.call(numbers)
        if results is None:
            raise RuntimeError(_NOT_REPLAYED)
        return unflatten(path.output, results)

    def has_results(self, path: Path) -> bool:
        """Whether the trace has computed what the instructions would: not with numbers from before the call.

        With a target, the first call reports what is wrong with the compiler.
        """
        return not (path.recomputes or self.bound or self.target)

    def trace(self, source: Source, numbers: list[float]) -> Path:
        """A new path: the one that these numbers take."""
        with uncollected():  # one pause: at each end the collector visits all that is new
            traced = trace(source(), numbers, self.signature, with_gradients=self.reduced, exact=self.exact)
            path = Path(traced, self.exact, self.reduced, self.target)
        path.bind([self.bound.get(x, x) for x in path.parameters])
        self.add(path)
        return path

    def add(self, path: Path) -> None:
        """Add a path that was traced."""
        self.paths.append(path)
        self._shortcuts = self.paths[:_SHORTCUTS]
        self._recomputes |= path.recomputes

    # ----------------------------------------------------------------------- rare paths

    def tried(self, count: int) -> list[Path]:
        """The known paths that are worth a try for so many rows."""
        return self.paths[: self._most(count)] if self._can_run() else self.paths

    def _most(self, count: int) -> int:
        return rare.TRIED if len(self.paths) < rare.TRIED else rare.most_paths(count, len(self.paths[0].traced))

    def _can_run(self) -> bool:
        """Whether the function can run in place of a trace: with the same parameters, and nodes that are up to date."""
        return self._warner is not None and not self.bound and not self._recomputes

    def _is_rare(self, count: int) -> bool:
        """Whether the function is to run for so many rows that failed on the known paths."""
        return self._can_run() and not rare.is_worth_a_trace(len(self.paths), self._most(count), self._n_run, count)

    def _counted(self, source: Source, numbers: list[float], count: int) -> Callable[..., Any]:
        """The function, which is to run for so many rows; numbers has the first of them."""
        f = source()
        self._n_run += count
        warner = self._warner
        if self._n_run >= rare.ROWS_BEFORE_WARNING and warner is not None and not warner.is_done:
            warner.warn(f, numbers, self._make, [path.traced.guards for path in self.paths])
        return f

    @cached_property
    def _make(self) -> rare.Make:
        return rare.maker(self.signature)

    # ----------------------------------------------------------------------- many rows

    def map_into(self, arrays: tuple[Any, ...], out: Any) -> bool:
        """Program.map() of plain arrays into others, if there is one path, which all rows take; else no effect."""
        if len(self.paths) != 1:
            return False
        path = self.paths[0]
        return path.evaluator.map(arrays, self.signature, out, path.stacked)

    def map_runner(self, arrays: tuple[Any, ...], out: Any) -> tuple[Path, Evaluator, Callable[[], bool]] | None:
        """What does map_into() of these arrays each time, with its path and evaluator; None if it has no effect."""
        if len(self.paths) != 1:
            return None
        path = self.paths[0]
        run = path.evaluator.map_runner(arrays, self.signature, out, path.stacked)
        return run and (path, path.evaluator, run)

    def map(self, source: Source, columns: list[Any], count: int, threads: int, out: Any) -> Any:
        """The results for many rows, with arrays in place of numbers. For the columns see batch.rows_of().

        Args:
            out: where the results are written, nested like them; None for new arrays.
        """
        if count == 0 and not self.paths:
            self.trace(source, [0.5] * sum(leaf.size for leaf in leaves(self.signature)))

        def run(path: Path, part: list[Any], n: int) -> tuple[list[Any], Any]:
            tree = stacked(path.output)
            if out is None or n < count:
                results = new_arrays(tree, n)
            else:
                results = [directly(array, columns) for array in arrays_of(out, tree, n)]
            return results, path.evaluator.rows(part, results, n, threads)

        ran, rest = self._each_path(source, columns, count, run)
        parts = [part for part in ran if count == 0 or not part.failed.all()]
        if rest is not None:
            parts.append(self._run(source, rest))
        first, *others = parts
        if any(part.output != first.output for part in others):
            raise ValueError(_NESTED_DIFFERENTLY)
        for part in others:
            good = part.failed == 0
            for array, results in zip(first.results, part.results):
                array[part.rows[good]] = results[good]
        tree = stacked(first.output)
        if out is None:
            return fill(tree, first.results)
        for array, results in zip(arrays_of(out, tree, count), first.results):
            if array is not results:
                array[...] = results
        return out

    def _run(self, source: Source, rest: Rest) -> Part:
        """The results of the function itself."""
        import numpy as np  # lazy: NumPy is optional

        points = rest.points()
        rows, trees = rare.run(self._counted(source, points[0], len(points)), points, self._make)
        output = trees[0]
        if any(tree != output for tree in trees):
            raise ValueError(_NESTED_DIFFERENTLY)
        results = new_arrays(stacked(output), len(points))
        for column, numbers in zip(columns_of(results), zip(*rows)):
            column[...] = numbers
        return Part(output, rest.rows, results, np.zeros(len(points), dtype=np.uint8))

    def reduce(
        self, source: Source, columns: list[Any], count: int, threads: int, factor: float, point: Point | None = None
    ) -> float:
        """The sum of the results times a factor. After all rows, its gradient is added to `.grad` of each parameter.

        Args:
            point: has other numbers for the parameters; then the gradient is added there, and not to the Values.
        """
        paths: list[Path] = []

        def run(path: Path, part: list[Any], n: int) -> tuple[Any, Any]:
            paths.append(path)
            return path.evaluator.totals(part, n, threads, None if point is None else point.numbers(path))

        ran, rest = self._each_path(source, columns, count, run, point)
        total = 0.0
        gradients: dict[Value, float] = {}
        if rest is not None:
            points = rest.points()
            with _numbers_of(point, self.bound):
                f = self._counted(source, points[0], len(points))
                known = {x for path in self.paths for x in path.parameters} | self.strays.keys()
                steps = len(self.paths[0].traced)
                total, gradients = rare.run_and_differentiate(f, points, self._make, known, steps)
            self.strays.update((x, None) for x in gradients if x not in known)
        if point is not None:
            point.add_each(gradients, factor)
        for path, part in zip(paths, ran):
            if point is None:
                path.evaluator.add_gradients(part.results[1:], factor)
            else:
                point.add(path, factor * part.results[1:])
        for x, gradient in () if point is not None else gradients.items():
            x.grad += factor * gradient
        return factor * (total + float(sum(part.results[0] for part in ran)))

    def _each_path(
        self, source: Source, columns: list[Any], count: int, run: Run, point: Point | None = None
    ) -> tuple[list[Part], Rest | None]:
        """Run all rows on the first path, and rows that fail a guard on the next one; trace new paths as needed.

        Gives the parts that ran, and the rest: rows on rare paths.
        """
        import numpy as np  # lazy: NumPy is optional

        ran: list[Part] = []
        rows: Any = slice(None)  # all of them, later the numbers of some
        n = count
        for k in itertools.count():
            is_known = k < len(self.paths) and (k < rare.FREE or k < len(self.tried(n)))
            if is_known:
                path = self.paths[k]
            elif self._is_rare(n):
                return ran, Rest(np.arange(count)[rows], columns)
            else:
                with _numbers_of(point, self.bound):
                    path = self.trace(source, first_row(columns))
            results, failed = run(path, columns, n)
            ran.append(Part(path.output, rows, results, failed))
            again = np.flatnonzero(failed)
            if len(again) == 0:
                break
            if not is_known and failed[0]:
                raise RuntimeError(_NOT_REPLAYED)
            rows, n = np.arange(count)[rows][again], len(again)
            columns = [x[again] for x in columns]
        return ran, None


@final
class Part:
    """The rows that ran on one path, their results, and for each row a byte that is not 0 if a guard failed."""

    def __init__(self, output: Tree, rows: Any, results: Any, failed: Any) -> None:
        self.output = output
        self.rows = rows
        self.results = results
        self.failed = failed


@final
class Rest:
    """Rows that ran on no path so far: their numbers, and their columns."""

    def __init__(self, rows: Any, columns: list[Any]) -> None:
        self.rows = rows
        self.columns = columns

    def points(self) -> list[list[float]]:
        """The numbers of each row."""
        import numpy as np  # lazy: NumPy is optional

        n = len(self.rows)
        parts = [x.reshape(n, math.prod(x.shape[1:])).astype(np.float64, copy=False) for x in self.columns]
        return np.hstack(parts).tolist() if parts else [[]] * n


def first_row(columns: list[Any]) -> list[float]:
    """The numbers of the first row."""
    return [float(x) for column in columns for x in column[0].ravel()]


def _numbers_of(point: Point | None, bound: dict[Value, Value]) -> AbstractContextManager[None]:
    """Within it, the Values have the numbers of a point."""
    return nullcontext() if point is None else point.in_values(bound)


_SHORTCUTS = 8  # more would be tried twice where all of them fail

_NOT_REPLAYED = (
    "the function branches on more than its arguments and parameters; "
    "compare Values in the thread that calls it, and change no parameters while tracing"
)

_NESTED_DIFFERENTLY = (
    "the branches of the function give differently nested results, which have no common array; "
    "give the same structure on each branch"
)
