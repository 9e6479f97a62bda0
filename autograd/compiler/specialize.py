"""A program for arguments of one signature: the paths through the function that were traced for it so far."""

from __future__ import annotations

import itertools

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.batch import split_columns
from autograd.compiler.path import Path
from autograd.compiler.trace import trace
from autograd.pytree import leaves, unflatten

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from autograd.compiler.evaluator import Evaluator
    from autograd.engine import Value
    from autograd.pytree import Tree

    Source = Callable[[], Callable[..., Any]]  # gives the function; raises if the program was pickled
    Run = Callable[[Evaluator, list[Any], int], tuple[Any, Any]]  # runs a part of the rows


@final
class Specialization:
    """A program for arguments of one signature.

    Args:
        signature: the tree of the arguments.
        exact: give the bits of the function.
        bound: for each parameter of the function, the Value that bind() put in its place.
        reduced: the results, and their gradients by the parameters, are needed only as sums over rows.

    Attributes:
        paths: the paths that were traced so far.
    """

    def __init__(self, signature: Tree, exact: bool, bound: dict[Value, Value], *, reduced: bool = False) -> None:
        self.signature = signature
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
        traced = trace(source(), numbers, self.signature, with_gradients=self.reduced, exact=self.exact)
        path = Path(traced, self.exact, self.reduced)
        path.bind([self.bound.get(x, x) for x in path.parameters])
        self.paths.append(path)
        return path

    # ----------------------------------------------------------------------- many rows

    def map(self, source: Source, columns: list[Any], count: int, threads: int) -> Any:
        """The results for many rows, with an array in place of each number. For the columns see batch.rows_of()."""
        import numpy as np  # lazy: NumPy is optional

        if count == 0 and not self.paths:
            self.trace(source, [0.5] * sum(leaf.size for leaf in leaves(self.signature)))
        ran = self._each_path(source, columns, count, lambda evaluator, part, n: evaluator.rows(part, n, threads))
        taken = [part for part in ran if count == 0 or not part.failed.all()]
        output, results = taken[0].path.output, taken[0].results
        if any(part.path.output != output for part in taken):
            raise ValueError(
                "the branches of the function give differently nested results, which have no common array; "
                "give the same structure on each branch"
            )
        if len(taken) > 1:
            results = np.empty((count, results.shape[1]))
            for part in taken:
                good = part.failed == 0
                results[part.rows[good]] = part.results[good]
        return split_columns(output, results)

    def reduce(self, source: Source, columns: list[Any], count: int, threads: int, factor: float) -> float:
        """The sum of the results times a factor; after all rows, its gradient is added to each parameter's `.grad`."""
        ran = self._each_path(source, columns, count, lambda evaluator, part, n: evaluator.totals(part, n, threads))
        for part in ran:
            part.path.evaluator.add_gradients(part.results[1:], factor)
        return factor * float(sum(part.results[0] for part in ran))

    def _each_path(self, source: Source, columns: list[Any], count: int, run: Run) -> list[Part]:
        """Run all rows on the first path, and rows that fail a guard on the next one; trace new paths as needed."""
        import numpy as np  # lazy: NumPy is optional

        ran = []
        rows = np.arange(count)
        for i in itertools.count():
            is_known = i < len(self.paths)
            path = self.paths[i] if is_known else self.trace(source, _first_row(columns))
            results, failed = run(path.evaluator, columns, len(rows))
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


def _first_row(columns: list[Any]) -> list[float]:
    return [float(x) for column in columns for x in column[0].ravel()]


_NOT_REPLAYED = (
    "the function branches on more than its arguments and parameters; "
    "compare Values in the thread that calls it, and change no parameters while tracing"
)
