"""Program: a function of Values that is traced once and replayed, for one point or for many rows."""

from __future__ import annotations

import functools
from collections.abc import Callable

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.arguments import in_order, names_of
from autograd.compiler.batch import check_threads, rows_of
from autograd.compiler.buffer import Buffer, MapBuffer
from autograd.compiler.parameters import Point, check_size
from autograd.compiler.specialize import Specialization, first_row
from autograd.compiler.traces import Traces
from autograd.compiler.vectors import array_of, vector_of
from autograd.compiler.watched import REMEDY, call_watched, inspect_rows
from autograd.derivatives.transforms import grad, value_and_grad
from autograd.engine.watch import is_traced, watching
from autograd.pytree import flatten

if TYPE_CHECKING:
    from typing import Any

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from autograd.compiler.evaluator import Evaluator
    from autograd.compiler.path import Path
    from autograd.pytree import Tree


@final
class Program(Traces):
    """A compiled function, see compile(); `len()` counts its instructions, `str()` lists them.

    >>> from autograd import compile
    >>> p = compile(lambda x, y: x * y + 1.0 * y)
    >>> p(2.0, 3.0)
    9.0
    >>> print(p)
    # 3 instructions as traced
    v2 = x0 * x1
    v3 = 1.0 * x1
    v4 = v2 + v3
    return v4
    <BLANKLINE>
    # 1 instructions as run
    v2 = x1 + x0 * x1
    return v2
    """

    __module__ = "autograd"  # where pickle finds it

    def __get__(self, instance: object, owner: type | None = None) -> Program:
        """Refuse to be a method: a program in a class would depend on the instance."""
        if instance is not None:
            raise AttributeError(  # not a TypeError: hasattr() catches this one only
                "a program in a class is not a method; compile the method of each instance: "
                "self.loss = compile(self.loss) in __init__(), or write staticmethod(compile(f))"
            )
        return self

    # ----------------------------------------------------------------------- running it

    def __call__(self, *args: Any, **names: Any) -> Any:
        """The results of the function as floats. With Values among the arguments, the function itself is called.

        It is called too within another function that is being differentiated, because that may depend on it.

        Raises:
            TypeError: an argument holds something other than numbers, or has a name that the function does not take.
        """
        if names:
            args = self._in_order(args, names)
        watch = watching()
        if watch is not None and watch.inspects:
            return call_watched(self, watch, args)
        for specialization in self._specializations:
            found = specialization.call(args)
            if found is not None:
                return found
        numbers, signature = flatten(args, "a program takes", REMEDY)
        if any(type(x) is not float for x in numbers):
            return self._plain_function()(*args)
        specialization = self._specialization(self._specializations, signature)
        is_plain = all(type(x) is float or (type(x) is list and _FLOAT.issuperset(map(type, x))) for x in args)
        return specialization.compute(self._function, [float(x) for x in numbers], is_plain)

    def _in_order(self, args: tuple[Any, ...], names: dict[str, Any]) -> tuple[Any, ...]:
        if self._names is None:
            self._names = names_of(self._f)
        return in_order(self._names, args, names)

    def buffer(self, *args: Any) -> Buffer:
        """Arrays for the arguments and the results, and a function that computes these from those; see Buffer.

        Args:
            args: arguments of the kind to come; the arrays have their numbers at first.

        Raises:
            TypeError: an argument holds something other than numbers.

        >>> from autograd import compile
        >>> p = compile(lambda x, y: x * y)
        >>> product = p.buffer(2.0, 3.0)
        >>> product.inputs[:] = 4.0, 5.0
        >>> product()
        array([20.])
        """
        _check_not_traced("buffer")
        return Buffer(self, args)

    def map(self, *arrays: Any, threads: int = 1, out: Any = None, **names: Any) -> Any:
        """The results for many rows of arguments at once.

        Args:
            arrays: one for each argument, the rows along the first axis; for an argument that is a tuple or dict of
                numbers, a tuple or dict of arrays. The function gets a row of a matrix as an array of Values. A number
                is the same for all rows. Arguments may be given by name.
            threads: how many threads of the compiled engine share the rows. It starts fewer for few rows.
            out: arrays of float64 for the results, nested like them. They may be those of the arguments. Without it,
                new ones are made.

        The result is nested like that of the function, with an array of n rows in place of each number. A list of k
        numbers gives one array of shape (n, k), as `numpy.asarray()` does.

        Raises:
            TypeError: an array holds something other than numbers, or `out` has no arrays of float64.
            ValueError: the arrays have different numbers of rows, or rows of different lengths; or those in `out` have
                other shapes than the results.
        """
        if out is not None and threads == 1 and not names and watching() is None:
            for specialization in self._specializations:
                if specialization.map_into(arrays, out):
                    return out
        check_threads(threads)
        _check_not_traced("map")
        columns, signature, count = rows_of("map", self._in_order(arrays, names) if names else arrays)
        specialization = self._specialization(self._specializations, signature)
        watch = watching()
        if watch is not None and watch.records:
            inspect_rows(self, watch, specialization, columns, count)
        return specialization.map(self._function, columns, count, threads, out)

    def map_buffer(self, *arrays: Any, out: Any = None) -> MapBuffer:
        """A function that does `map(*arrays, out=out)` each time, for arrays that stay; see MapBuffer.

        Args:
            arrays: as for map().
            out: as for map(); the first call checks it. Without it, arrays are made now.

        Raises:
            TypeError: an array holds something other than numbers.
            ValueError: the arrays have different numbers of rows, or rows of different lengths.

        >>> import numpy as np
        >>> from autograd import compile
        >>> x = np.array([1.0, 2.0])
        >>> square = compile(lambda x: x * x).map_buffer(x)
        >>> x[0] = 3.0
        >>> square()
        array([9., 4.])
        """
        _check_not_traced("map_buffer")
        rows_of("map_buffer", arrays)  # raises an exception if they do not fit
        return MapBuffer(self, arrays, self.map(*arrays) if out is None else out)

    def _map_runs(self, arrays: tuple[Any, ...], out: Any) -> list[tuple[Path, Evaluator, Callable[[], bool]]]:
        """What runs map() on these arrays, if it takes plain ones and all rows take one path."""
        found = [specialization.map_runner(arrays, out) for specialization in self._specializations]
        return [run for run in found if run is not None]

    def backward(self, *arrays: Any, reduction: str = "mean", threads: int = 1, **names: Any) -> float:
        """Evaluate all rows, and add the gradient of their mean or sum to `.grad` of each parameter.

        Args:
            arrays: as for map(); none if the function takes no arguments.
            reduction: "mean" or "sum" of the results of all rows.
            threads: as for map().

        Gives the mean or the sum. No `.grad` changes if an exception is raised.

        Raises:
            TypeError: the function does not give one Value, or an array holds something other than numbers.
            ValueError: as map() does, or there is no row to take the mean of.
        """
        _check_reduction(reduction)
        _check_not_traced("backward")
        if names:
            arrays = self._in_order(arrays, names)
        watch = watching()
        is_watched = watch is not None and watch.records
        if threads == 1 and not is_watched:
            for specialization in self._reductions:
                loss = specialization.backward(arrays, reduction == "mean")
                if loss is not None:
                    return loss
        check_threads(threads)
        columns, signature, count = _rows_to_reduce("backward", arrays, reduction)
        if count == 0:
            return 0.0
        specialization = self._specialization(self._reductions, signature)
        factor = 1.0 / count if reduction == "mean" else 1.0
        if watch is not None and is_watched:
            inspect_rows(self, watch, specialization, columns, count, factor)
        return specialization.reduce(self._function, columns, count, threads, factor)

    def loss_and_grad(
        self,
        parameters: ArrayLike,
        /,
        *arrays: Any,
        reduction: str = "mean",
        threads: int = 1,
        out: NDArray[np.float64] | None = None,
        **names: Any,
    ) -> tuple[float, NDArray[np.float64]]:
        """The mean or sum over all rows, and its gradient by the parameters, for numbers of them that are in an array.

        It is backward() as a function: no Value is read or changed. So a loop of training can keep the parameters in
        an array, and `scipy.optimize.minimize(p.loss_and_grad, start, args=(x, y), jac=True)` finds the least loss.

        Args:
            parameters: the number of each parameter, in the order of `Program.parameters`, of shape (n,).
            arrays, reduction, threads: as for backward().
            out: an array of float64 of shape (n,) for the gradient; without it, a new one is made.

        Gives the mean or the sum, and the gradient as an array of shape (n,).

        Raises:
            TypeError, ValueError: as backward() does; or there are not as many numbers as parameters.

        >>> import numpy as np
        >>> from autograd import Value, compile
        >>> w = Value(1.0)
        >>> p = compile(lambda x, y: (w * x - y) ** 2)
        >>> x, y = np.array([1.0, 2.0]), np.array([2.0, 4.0])
        >>> p.loss_and_grad([3.0], x, y)
        (2.5, array([5.]))
        """
        _check_reduction(reduction)
        is_mean = reduction == "mean"
        if out is not None and threads == 1 and not names and watching() is None:
            for specialization in self._reductions:
                loss = specialization.loss_and_grad_into(arrays, is_mean, self._order, parameters, out)
                if loss is not None:
                    return loss, out
        _check_not_traced("loss_and_grad")
        if names:
            arrays = self._in_order(arrays, names)
        watch = watching()
        vector = vector_of("loss_and_grad", parameters)
        gradient = array_of("loss_and_grad", out, len(vector))
        if threads == 1 and (watch is None or not watch.records):
            if len(vector) != len(self._order) and any(known.paths for known in self._reductions):
                check_size(len(vector), len(self.parameters))
            for specialization in self._reductions:
                loss = specialization.loss_and_grad(arrays, is_mean, Point(self._order, vector, gradient))
                if loss is not None:
                    return loss, gradient
        check_threads(threads)
        columns, signature, count = _rows_to_reduce("loss_and_grad", arrays, reduction)
        vector = vector.copy() if out is not None else vector  # it may lie in the array for the gradient
        gradient[...] = 0.0
        if count == 0:
            return 0.0, gradient
        specialization = self._specialization(self._reductions, signature)
        factor = 1.0 / count if is_mean else 1.0
        if not specialization.paths:
            specialization.trace(self._function, first_row(columns))
        check_size(len(vector), len(self.parameters))
        point = Point(self._order, vector, gradient)
        if watch is not None and watch.records:
            with point.in_values(self._bound):
                inspect_rows(self, watch, specialization, columns, count, factor)
        return specialization.reduce(self._function, columns, count, threads, factor, point), gradient

    def _plain_function(self) -> Callable[..., Any]:
        """The function, for a call on Values."""
        if self._bound:
            raise TypeError(
                "after bind() a program takes floats, not Values, because its function still uses the former "
                "parameters; compile a function of the new ones"
            )
        return self._function()

    def _specialization(self, known: list[Specialization], signature: Tree) -> Specialization:
        for specialization in known:
            if specialization.signature == signature:
                return specialization
        reduced = known is self._reductions
        known.append(
            Specialization(
                signature, self._exact, self._bound, reduced=reduced, target=self._target, warner=self._warner
            )
        )
        return known[-1]

    # ----------------------------------------------------------------------- derivatives

    @functools.cached_property
    def grad(self) -> Program:
        """The program of the gradient by the first argument, see autograd.grad()."""
        return self._derived(grad)

    @functools.cached_property
    def value_and_grad(self) -> Program:
        """The program of the result and its gradient by the first argument, see autograd.value_and_grad()."""
        return self._derived(value_and_grad)

    def _derived(self, transform: Callable[..., Callable[..., Any]]) -> Program:
        program = Program(transform(self._function()), self._exact, self._target)
        program._bound.update(self._bound)
        return program


__test__ = {"Program": Program}  # for doctest, because Program.__module__ is not this file


_FLOAT = frozenset([float])


def _check_reduction(reduction: str) -> None:
    if reduction not in ("mean", "sum"):
        raise ValueError(f"reduction is 'mean' or 'sum', got {reduction!r}; leave it out for the mean")


def _rows_to_reduce(caller: str, arrays: tuple[Any, ...], reduction: str) -> tuple[list[Any], Tree, int]:
    """What rows_of() gives; without arguments there is one row."""
    columns, signature, count = rows_of(caller, arrays) if arrays else ([], flatten((), "", "")[1], 1)
    if count == 0 and reduction == "mean":
        raise ValueError(f"{caller}() has no rows to take the mean of; pass at least one, or reduction='sum'")
    return columns, signature, count


def _check_not_traced(method: str) -> None:
    if is_traced():
        raise TypeError(
            f"{method}() of a program within a compiled function would use the numbers of one call in every call; "
            "call the program itself, for each row"
        )
