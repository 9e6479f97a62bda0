"""Buffer and MapBuffer: the arguments and results of a program in arrays that stay."""

from __future__ import annotations

from autograd import engine
from autograd._typing import TYPE_CHECKING, final
from autograd.compiler import _machine
from autograd.compiler.results import views
from autograd.engine.state import ENTERED
from autograd.engine.watch import watching
from autograd.pytree import flatten

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

    from autograd.compiler.evaluator import Evaluator
    from autograd.compiler.path import Path
    from autograd.compiler.program import Program


@final
class Buffer:
    """Runs a program on numbers in an array, without making a new object: fill `inputs`, call, read `outputs`.

    `Program.buffer()` makes it. A call computes `outputs` from `inputs`, and gives `outputs`. The parameters of the
    program are read in every call. Do not use one buffer in two threads at once. The next call overwrites `outputs`, so
    keep a copy of what you need: `buffer().copy()`.

    Attributes:
        inputs: the numbers of the arguments, from left to right, of shape (n,).
        outputs: the numbers of the results, of shape (m,).
        args: the arguments as views of `inputs`, nested as in the call; a number is an array of shape ().
        results: the results as views of `outputs`.

    >>> from autograd import compile
    >>> p = compile(lambda x: x[0] * x[1])
    >>> gradient = p.grad.buffer([2.0, 3.0])
    >>> gradient()
    array([3., 2.])
    >>> gradient.inputs[0] = 5.0
    >>> gradient()
    array([3., 5.])

    A call raises TypeError within a function that is being compiled or differentiated, and ValueError if the inputs
    take a branch of the function that gives differently nested results.
    """

    # the attribute may be a compiled function, which a method written in Python would call in three times its time
    __slots__ = (
        "__call__",
        "_inputs",
        "_output",
        "_outputs",
        "_program",
        "_runs",
        "_specialization",
        "args",
        "results",
    )

    def __init__(self, program: Program, args: tuple[Any, ...]) -> None:
        import numpy as np  # lazy: NumPy is optional

        numbers, signature = flatten(args, "buffer() takes", "pass plain numbers of the kind to come")
        if any(type(x) is not float for x in numbers):
            raise TypeError("buffer() takes floats, got a Value; pass x.data")
        self._program = program
        self._specialization = program._specialization(program._specializations, signature)
        self._runs: list[tuple[Path, Evaluator, Callable[[], bool]]] = []
        self._inputs: NDArray[np.float64] = np.array(numbers, dtype=np.float64)
        found, self._output = flatten(self._specialization.compute(program._function, self._inputs.tolist()), "", "")
        self._outputs: NDArray[np.float64] = np.array(found, dtype=np.float64)
        self.args: tuple[Any, ...] = views(signature, self._inputs)
        self.results: Any = views(self._output, self._outputs)
        self.__call__: Callable[[], NDArray[np.float64]] = self._compute
        if engine.compiled is not None:
            self.__call__ = _machine.load().Caller(ENTERED, self._runs, self._outputs, self._compute)

    @property
    def inputs(self) -> NDArray[np.float64]:
        """The numbers of the arguments."""
        return self._inputs

    @property
    def outputs(self) -> NDArray[np.float64]:
        """The numbers of the results."""
        return self._outputs

    def __setattr__(self, name: str, value: object) -> None:
        if name in ("inputs", "outputs"):
            raise AttributeError(f"a buffer keeps its arrays; fill this one: buffer.{name}[:] = numbers")
        super().__setattr__(name, value)

    def _compute(self) -> NDArray[np.float64]:
        if ENTERED:
            self._check_not_watched()
        for path, evaluator, run in self._runs:
            if path._evaluator is evaluator and run():
                return self._outputs
        self._find_path()
        return self._outputs

    def _find_path(self) -> None:
        """Compute the outputs on any path, and prepare the paths that are known now."""
        specialization = self._specialization
        found, output = flatten(specialization.compute(self._program._function, self._inputs.tolist()), "", "")
        if output != self._output:
            raise ValueError(
                "the branches of the function give differently nested results, and a buffer has room for one kind; "
                "call the program itself"
            )
        self._outputs[:] = found
        paths = [path for path in specialization.tried(1) if path.output == output]
        if [(path, path.evaluator) for path in paths] != [run[:2] for run in self._runs]:
            self._runs[:] = [
                (path, path.evaluator, path.evaluator.runner(self._inputs, self._outputs)) for path in paths
            ]

    def _check_not_watched(self) -> None:
        watch = watching()
        if watch is not None and watch.inspects:
            raise TypeError("a buffer holds plain numbers, which lose the gradient here; call the program itself")


@final
class MapBuffer:
    """Does `program.map(*arrays, out=out)` each time it is called, and gives `out`. `Program.map_buffer()` makes it.

    The arrays must keep their memory and their types. The parameters of the program are read in every call. Do not use
    one buffer in two threads at once.

    Attributes:
        arrays: the arguments of map().
        out: the arrays of the results.

    A call raises what map() raises.

    >>> import numpy as np
    >>> from autograd import compile
    >>> position, speed = np.array([0.0, 1.0]), np.array([1.0, 2.0])
    >>> step = compile(lambda x, v: (x + 0.5 * v, 0.9 * v)).map_buffer(position, speed, out=(position, speed))
    >>> step(), step()
    ((array([0.95, 2.9 ]), array([0.81, 1.62])), (array([0.95, 2.9 ]), array([0.81, 1.62])))
    """

    __slots__ = ("__call__", "_program", "_runs", "arrays", "out")

    def __init__(self, program: Program, arrays: tuple[Any, ...], out: Any) -> None:
        self.arrays, self.out = arrays, out
        self._program = program
        self._runs: list[tuple[Path, Evaluator, Callable[[], bool]]] = []
        self.__call__: Callable[[], Any] = self._compute
        if engine.compiled is not None:
            self.__call__ = _machine.load().Caller(ENTERED, self._runs, self.out, self._compute)

    def _compute(self) -> Any:
        if watching() is None:
            for path, evaluator, run in self._runs:
                if path._evaluator is evaluator and run():
                    return self.out
        self._program.map(*self.arrays, out=self.out)
        self._runs[:] = self._program._map_runs(self.arrays, self.out)
        return self.out
