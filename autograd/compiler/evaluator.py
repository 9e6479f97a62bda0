"""The evaluator of a path: one interface for the compiled machine and for the evaluator in Python and NumPy."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from autograd._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from autograd.compiler.ir import Listing
    from autograd.compiler.totals import Pairs
    from autograd.engine import Value
    from autograd.pytree import Tree


class Evaluator(ABC):
    """Runs a listing. If a guard fails for a row, the row has no result: it belongs to another path.

    Args:
        listing: the instructions.
        parameters: the Values whose `.data` is read in every call.
        exact: give the bits of the function.
        pairs: for results that are summed over rows, the factors that the listing gives; see split_reductions().

    Attributes:
        has_shortcuts: whether the next three do anything.
        call_with: takes arguments, their tree and the tree of the results; gives the results of one row, nested.
        backward: takes arrays of rows, their tree and whether to take the mean; adds the gradients, gives the loss.
            With the numbers of the parameters in an array, it writes the gradients to another one.
            These two are shortcuts for plain arguments. For others, or if a guard fails, they give None.
        map: takes arrays of rows, their tree, arrays for the results and their tree; writes the results. It is a
            shortcut for plain arrays and paths without guards. For others it gives False.
    """

    has_shortcuts: bool
    call_with: Callable[[tuple[Any, ...], Any, Any], Any]
    backward: Callable[..., float | None]
    map: Callable[[tuple[Any, ...], Any, Any, Any], bool]

    @abstractmethod
    def __init__(self, listing: Listing, parameters: list[Value], exact: bool, pairs: list[Pairs] | None) -> None: ...

    def compile_c(self) -> None:
        """Let a C compiler make machine code of the listing, and run that from now on.

        Raises:
            RuntimeError: this evaluator cannot do that, or there is no C compiler.
        """
        raise RuntimeError(
            "compile(target='c') needs the compiled engine, built with all operations of this program; leave target out"
        )

    @abstractmethod
    def call(self, numbers: list[float]) -> list[float] | None:
        """The results for one row of inputs; None if a guard fails."""

    @abstractmethod
    def runner(self, inputs: Any, outputs: Any) -> Callable[[], bool]:
        """A function that computes one row from an array into another one; it gives False if a guard fails.

        Args:
            inputs, outputs: contiguous arrays of float64 with one axis.
        """

    @abstractmethod
    def map_runner(self, arrays: tuple[Any, ...], signature: Tree, out: Any, output: Tree) -> Callable[[], bool] | None:
        """A function that does `map(arrays, signature, out, output)` each time; None if that refuses the arrays."""

    @abstractmethod
    def rows(self, columns: list[Any], results: list[Any], count: int, threads: int) -> Any:
        """Write the results for many rows; give for each row a byte that is not 0 if a guard fails.

        Args:
            columns: arrays of float64 or float32 with the rows along the first axis.
            results: arrays of float64 like these. Rows whose guards fail are not written.
            count: how many rows there are.
            threads: how many threads may share the rows.
        """

    @abstractmethod
    def totals(self, columns: list[Any], count: int, threads: int, parameters: Any = None) -> tuple[Any, Any]:
        """The sums of the results over the rows whose guards hold, and the bytes that rows() gives.

        Args:
            parameters: their numbers in an array; None for those in the Values.
        """

    @abstractmethod
    def add_gradients(self, gradients: Any, factor: float) -> None:
        """Add to `.grad` of each parameter its gradient times the factor."""
