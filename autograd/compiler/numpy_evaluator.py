"""Runs a path as Python code, without a compiled engine: on floats for one row, on NumPy arrays for many."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.codegen import function_of
from autograd.compiler.codes import NAMES
from autograd.compiler.evaluator import Evaluator
from autograd.compiler.ir import Listing
from autograd.compiler.passes import find_inexact
from autograd.compiler.results import columns_of
from autograd.operations.custom import UserFunctionError, float_functions

if TYPE_CHECKING:
    from typing import Any

    from autograd.compiler.totals import Pairs
    from autograd.engine import Value


@final
class NumpyEvaluator(Evaluator):
    """Generated Python code."""

    has_shortcuts = False

    def __init__(self, listing: Listing, parameters: list[Value], exact: bool, pairs: list[Pairs] | None) -> None:
        self._listing = listing
        self._parameters = parameters
        self._exact = exact
        self._pairs = pairs
        self.call_with = self.backward = _no_shortcut
        self.map = _no_map

    @cached_property
    def _has_same_bits(self) -> bool:
        """Whether functions of arrays round like those of floats; signs of zeros included."""
        return all(NAMES[code] in _SAME_BITS for code in self._listing.codes)

    @cached_property
    def _on_floats(self) -> Callable[..., Any]:
        return function_of(self._listing, float_functions())

    @cached_property
    def _on_arrays(self) -> Callable[..., Any]:
        from autograd.compiler.array_functions import COMPARE, exact_functions, functions  # lazy: NumPy is optional

        listing, inexact = self._listing, find_inexact(self._listing)
        steps = [
            (f"exact_{name}" if inexact[i] and name not in _SAME_BITS else name, operands)
            for i, (name, operands) in enumerate(listing.steps, listing.first)
        ]
        listing = Listing(listing.n_inputs, listing.n_parameters, steps, listing.outputs, listing.guards)
        return function_of(listing, functions() | exact_functions(), lambda operator, a, b: COMPARE[operator](a, b))

    def call(self, numbers: list[float]) -> list[float] | None:
        return self._row(numbers, self._numbers())

    def _row(self, numbers: list[float], parameters: list[float]) -> list[float] | None:
        try:
            return self._on_floats(numbers, parameters)  # type: ignore[no-any-return]
        except UserFunctionError:  # the caller traces again: that takes another path, or raises the exception
            return None

    def runner(self, inputs: Any, outputs: Any) -> Callable[[], bool]:
        def run() -> bool:
            results = self.call(inputs.tolist())
            if results is not None:
                outputs[:] = results
            return results is not None

        return run

    def map_runner(self, *_: object) -> None:
        """This evaluator has no shortcut for plain arrays."""

    def rows(self, columns: list[Any], results: list[Any], count: int, threads: int) -> Any:  # noqa: ARG002  # NumPy has its own
        import numpy as np  # lazy: NumPy is optional

        failed = np.zeros(count, dtype=np.uint8)
        outputs = self._outputs(columns, failed)
        good = True if not failed.any() else failed == 0
        for column, x in zip(columns_of(results), outputs):
            np.copyto(column, x, where=good)
        return failed

    def totals(self, columns: list[Any], count: int, threads: int, parameters: Any = None) -> tuple[Any, Any]:  # noqa: ARG002
        import numpy as np  # lazy: NumPy is optional

        failed = np.zeros(count, dtype=np.uint8)
        factors = iter(self._outputs(columns, failed, parameters))
        good = failed == 0
        totals = []
        with np.errstate(all="ignore"):
            for pairs in self._pairs or ():
                products = [np.broadcast_to(next(factors) * next(factors), count)[good] for _ in pairs]
                totals.append(sum(float(np.sum(product)) for product in products))
        return np.array(totals), failed

    def add_gradients(self, gradients: Any, factor: float) -> None:
        for x, gradient in zip(self._parameters, gradients.tolist()):
            x.grad += factor * gradient

    def _numbers(self) -> list[float]:
        return [x.data for x in self._parameters]

    def _outputs(self, columns: list[Any], failed: Any, parameters: Any = None) -> list[Any]:
        """Each output of the listing for all rows, an array or a number; failed marks the rows where a guard fails."""
        import numpy as np  # lazy: NumPy is optional

        inputs = [x for column in columns for x in _matrix(column).T]
        numbers = self._numbers() if parameters is None else parameters.tolist()
        if self._exact and not self._has_same_bits:
            return self._row_by_row(inputs, numbers, failed)
        try:
            with np.errstate(all="ignore"):
                outputs, guards = self._on_arrays(inputs, numbers)
        except UserFunctionError:
            return self._row_by_row(inputs, numbers, failed)
        for given, holds in guards:
            failed |= np.not_equal(given, holds)
        return outputs  # type: ignore[no-any-return]

    def _row_by_row(self, inputs: list[Any], parameters: list[float], failed: Any) -> list[Any]:
        """The outputs, computed as for one row."""
        import numpy as np  # lazy: NumPy is optional

        points: list[Any] = list(zip(*(x.tolist() for x in inputs))) if inputs else [()]
        rows = [self._row(point, parameters) for point in points]
        failed |= np.array([row is None for row in rows], dtype=np.uint8)
        blank = [math.nan] * len(self._listing.outputs)
        return list(np.array([blank if row is None else row for row in rows]).reshape(len(rows), len(blank)).T)


def _matrix(column: Any) -> Any:
    """The numbers of an array of rows as a matrix of float64, a row in each."""
    return column.reshape(len(column), math.prod(column.shape[1:])).astype(float, copy=False)


def _no_map(*_: object) -> bool:
    """This evaluator has no shortcut for plain arrays."""
    return False


def _no_shortcut(*_: object) -> None:
    """This evaluator has no shortcut for plain arguments."""


_SAME_BITS = {"absolute", "add", "divide", "dot", "multiply", "negative", "sqrt", "stop_gradient", "subtract"}
