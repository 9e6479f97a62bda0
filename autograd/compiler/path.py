"""One path through a function: its trace, the passes over the trace, and the evaluator of the result."""

from __future__ import annotations

from functools import cached_property

from autograd import engine
from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.ir import ONE
from autograd.compiler.machine_evaluator import MachineEvaluator, has_instructions
from autograd.compiler.numpy_evaluator import NumpyEvaluator
from autograd.compiler.passes import fuse_products, simplify
from autograd.compiler.results import stacked
from autograd.compiler.totals import regrouped, split_reductions
from autograd.engine.collector import uncollected

if TYPE_CHECKING:
    from typing import Any

    from autograd.compiler.evaluator import Evaluator
    from autograd.compiler.ir import Listing
    from autograd.compiler.totals import Pairs
    from autograd.compiler.trace import Traced
    from autograd.engine import Value
    from autograd.pytree import Tree


def evaluator_of(listing: Listing) -> type[Evaluator]:
    """The class that runs a listing: the compiled machine, if it is built and has all operations."""
    return MachineEvaluator if engine.compiled is not None and has_instructions(listing) else NumpyEvaluator


@final
class Path:
    """What a function computes as long as the guards of one trace hold.

    Args:
        traced: the trace.
        exact: give the bits of the function.
        reduced: the results are needed only as sums over rows.
        target: "c" for machine code by a C compiler, "" for the evaluator that needs none.

    Attributes:
        output: the tree of the results.
        stacked: the tree of the results of many rows.
        results: the numbers that the trace gave.
        parameters: the Values whose `.data` every call reads.
        originals: the parameters that the function itself uses: bind() does not change them.
        recomputes: whether the function uses nodes that were recorded outside of it.
        exact: whether the evaluator must keep every bit.
    """

    def __init__(self, traced: Traced, exact: bool, reduced: bool, target: str = "") -> None:
        self.exact = exact
        self.target = target
        self._traced = traced
        self.output = traced.output
        self.results = traced.results
        self.stacked = stacked(traced.output)
        self.originals = traced.parameters
        self.recomputes = traced.recomputes
        self._reduced = reduced
        self.bind(self.originals)

    @property
    def traced(self) -> Listing:
        """The instructions as recorded."""
        return self._traced.listing

    @property
    def listing(self) -> Listing:
        """The instructions as they run."""
        return self._optimized[0]

    @property
    def pairs(self) -> list[Pairs] | None:
        """If reduced, for each result the pairs of outputs whose products add up to it."""
        return self._optimized[1]

    @cached_property
    def _optimized(self) -> tuple[Listing, list[Pairs] | None]:
        """The passes over the trace. They run when the path is used again, because the trace has its own results."""
        with uncollected():
            short = simplify(self.traced)
            if not self._reduced:
                return fuse_products(short, exact=self.exact), None
            short, pairs = split_reductions(short, self.exact)
            listing = fuse_products(short, [a for group in pairs for a, b in group if b == ONE], self.exact)
            return listing, regrouped(pairs, listing.targets)

    def bind(self, parameters: list[Value]) -> None:
        """Use these Values as parameters."""
        self.parameters = parameters
        self._evaluator: Evaluator | None = None
        vars(self).pop("call_with", None)

    @property
    def evaluator(self) -> Evaluator:
        """The evaluator of the listing, made at its first use."""
        if self._evaluator is None:
            with uncollected():  # one pause: at its end the collector visits all that is new
                kind = evaluator_of(self.listing)
                evaluator = kind(self.listing, self.parameters, self.exact, self.pairs)
            if self.target == "c" and self.pairs is None:  # the machine adds up rows as fast as C does
                evaluator.compile_c()
            self._evaluator = evaluator
        return self._evaluator

    def call_with(self, args: tuple[Any, ...], signature: Tree, output: Tree) -> Any:
        """The shortcut of the evaluator, which hides this method from the first call on: that makes calls faster."""
        self.call_with = self.evaluator.call_with  # type: ignore[assignment,method-assign]
        return self.call_with(args, signature, output)
