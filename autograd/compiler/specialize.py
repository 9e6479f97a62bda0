"""A program for arguments of one signature: the paths through the function that were traced for it so far."""

from __future__ import annotations

import itertools

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.path import Path
from autograd.compiler.results import arrays_of, directly, nested, new_arrays, stacked
from autograd.compiler.trace import trace, uncollected
from autograd.pytree import leaves, unflatten

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from autograd.compiler.parameters import Point
    from autograd.engine import Value
    from autograd.pytree import Tree

    Source = Callable[[], Callable[..., Any]]  # gives the function; raises if the program was pickled
    Trace = Callable[[list[float]], Path]  # a new path, the one that these numbers take
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

    Attributes:
        paths: the paths that were traced so far.
    """

    def __init__(
        self, signature: Tree, exact: bool, bound: dict[Value, Value], *, reduced: bool = False, target: str = ""
    ) -> None:
        self.signature = signature
        self.target = target
        self.exact = exact
        self.bound = bound
        self.reduced = reduced
        self.paths: list[Path] = []

    def call(self, args: tuple[Any, ...]) -> Any:
        """The results for plain arguments of this signature on a known path; otherwise None."""
        for path in self.paths:
            found = path.call_with(args, self.signature, path.output)
            if found is not None:
                return found
        return None

    def backward(self, arrays: tuple[Any, ...], is_mean: bool) -> float | None:
        """Program.backward() for plain arrays whose rows all take the first path; for others None, and no effect."""
        return self.paths[0].evaluator.backward(arrays, self.signature, is_mean) if self.paths else None

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

    def compute(self, source: Source, numbers: list[float]) -> Any:
        """The results for these numbers, on the path that they take; a new path is traced."""
        for path in self.paths:
            results = path.evaluator.call(numbers)
            if results is not None:
                return unflatten(path.output, results)
        path = self.trace(source, numbers)
        results = path.evaluator.call(numbers)
        if results is None:
            raise RuntimeError(_NOT_REPLAYED)
        return unflatten(path.output, results)

    def trace(self, source: Source, numbers: list[float]) -> Path:
        """A new path: the one that these numbers take."""
        with uncollected():  # one pause: at each end the collector visits all that is new
            traced = trace(source(), numbers, self.signature, with_gradients=self.reduced, exact=self.exact)
            path = Path(traced, self.exact, self.reduced, self.target)
        path.bind([self.bound.get(x, x) for x in path.parameters])
        self.paths.append(path)
        return path

    # ----------------------------------------------------------------------- many rows

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

        ran = self._each_path(lambda numbers: self.trace(source, numbers), columns, count, run)
        first, *others = [part for part in ran if count == 0 or not part.failed.all()]
        if any(part.path.output != first.path.output for part in others):
            raise ValueError(
                "the branches of the function give differently nested results, which have no common array; "
                "give the same structure on each branch"
            )
        for part in others:
            good = part.failed == 0
            for array, results in zip(first.results, part.results):
                array[part.rows[good]] = results[good]
        tree = stacked(first.path.output)
        if out is None:
            return nested(tree, first.results)
        for array, results in zip(arrays_of(out, tree, count), first.results):
            if array is not results:
                array[...] = results
        return out

    def reduce(
        self, source: Source, columns: list[Any], count: int, threads: int, factor: float, point: Point | None = None
    ) -> float:
        """The sum of the results times a factor. After all rows, its gradient is added to `.grad` of each parameter.

        Args:
            point: has other numbers for the parameters; then the gradient is added there, and not to the Values.
        """

        def trace(numbers: list[float]) -> Path:
            if point is None:
                return self.trace(source, numbers)
            with point.in_values(self.bound):
                return self.trace(source, numbers)

        def run(path: Path, part: list[Any], n: int) -> tuple[Any, Any]:
            return path.evaluator.totals(part, n, threads, None if point is None else point.numbers(path))

        ran = self._each_path(trace, columns, count, run)
        for part in ran:
            if point is None:
                part.path.evaluator.add_gradients(part.results[1:], factor)
            else:
                point.add(part.path, factor * part.results[1:])
        return factor * float(sum(part.results[0] for part in ran))

    def _each_path(self, trace: Trace, columns: list[Any], count: int, run: Run) -> list[Part]:
        """Run all rows on the first path, and rows that fail a guard on the next one; trace new paths as needed."""
        import numpy as np  # lazy: NumPy is optional

        ran = []
        rows = np.arange(count)
        for i in itertools.count():
            is_known = i < len(self.paths)
            path = self.paths[i] if is_known else trace(first_row(columns))
            results, failed = run(path, columns, len(rows))
            ran.append(Part(path, rows, results, failed))
            rest = np.flatnonzero(failed)
            if len(rest) == 0:
                break
            if not is_known and failed[0]:
                raise RuntimeError(_NOT_REPLAYED)
            rows = rows[rest]
            columns = [x[rest] for x in columns]
        return ran


@final
class Part:
    """The rows that ran on one path, their results, and for each row a byte that is not 0 if a guard failed."""

    def __init__(self, path: Path, rows: Any, results: Any, failed: Any) -> None:
        self.path = path
        self.rows = rows
        self.results = results
        self.failed = failed


def first_row(columns: list[Any]) -> list[float]:
    """The numbers of the first row."""
    return [float(x) for column in columns for x in column[0].ravel()]


_NOT_REPLAYED = (
    "the function branches on more than its arguments and parameters; "
    "compare Values in the thread that calls it, and change no parameters while tracing"
)
