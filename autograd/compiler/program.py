"""Program: a function of Values that is traced once and replayed, for one point or for many rows."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Sequence

from autograd import engine
from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.arguments import in_order, names_of, take_name
from autograd.compiler.batch import check_threads, rows_of
from autograd.compiler.ir import NOT_TRACED, text_of_traces
from autograd.compiler.specialize import Specialization
from autograd.compiler.watched import REMEDY, call_watched, inspect_rows
from autograd.derivatives.transforms import grad, value_and_grad
from autograd.engine.watch import is_traced, watching
from autograd.operations.coercion import listed
from autograd.pytree import flatten

if TYPE_CHECKING:
    from typing import Any

    from autograd.compiler.arguments import Names
    from autograd.compiler.ir import Listing
    from autograd.compiler.path import Path
    from autograd.engine import Value
    from autograd.pytree import Tree


@final
class Program:
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

    def __init__(self, f: Callable[..., Any] | None, exact: bool = False) -> None:
        self._f = f  # None after unpickling
        self._names: Names | None = None  # of the arguments of f, when they are needed
        take_name(self, f)
        self._exact = exact
        self._specializations: list[Specialization] = []
        self._reductions: list[Specialization] = []  # those of backward()
        self._bound: dict[Value, Value] = {}  # the function's parameters: what bind() put in their place

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
        return specialization.compute(self._function, [float(x) for x in numbers])

    def _in_order(self, args: tuple[Any, ...], names: dict[str, Any]) -> tuple[Any, ...]:
        if self._names is None:
            self._names = names_of(self._f)
        return in_order(self._names, args, names)

    def map(self, *arrays: Any, threads: int = 1, **names: Any) -> Any:
        """The results for many rows of arguments at once.

        Args:
            arrays: one for each argument, the rows along the first axis; for an argument that is a tuple or dict of
                numbers, a tuple or dict of arrays. The function gets a row of a matrix as an array of Values. A number
                is the same for all rows. Arguments may be given by name.
            threads: how many threads of the compiled engine share the rows. It starts fewer for few rows.

        The result is nested like that of the function, with an array of rows in place of each number.

        Raises:
            TypeError: an array holds something other than numbers.
            ValueError: the arrays have different numbers of rows, or rows of different lengths.
        """
        check_threads(threads)
        _check_not_traced("map")
        columns, signature, count = rows_of("map", self._in_order(arrays, names) if names else arrays)
        specialization = self._specialization(self._specializations, signature)
        watch = watching()
        if watch is not None and watch.records:
            inspect_rows(self, watch, specialization, columns, count)
        return specialization.map(self._function, columns, count, threads)

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
        if reduction not in ("mean", "sum"):
            raise ValueError(f"reduction is 'mean' or 'sum', got {reduction!r}; leave it out for the mean")
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
        columns, signature, count = rows_of("backward", arrays) if arrays else ([], flatten((), "", "")[1], 1)
        if count == 0:
            if reduction == "sum":
                return 0.0
            raise ValueError("backward() has no rows to take the mean of; pass at least one, or reduction='sum'")
        specialization = self._specialization(self._reductions, signature)
        factor = 1.0 / count if reduction == "mean" else 1.0
        if watch is not None and is_watched:
            inspect_rows(self, watch, specialization, columns, count, factor)
        return specialization.reduce(self._function, columns, count, threads, factor)

    def _function(self) -> Callable[..., Any]:
        if self._f is None:
            raise RuntimeError(
                "an unpickled program has only the paths that were traced before, and not the function to trace a new "
                "one; compile the function again"
            )
        return self._f

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
        known.append(Specialization(signature, self._exact, self._bound, reduced=known is self._reductions))
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
        program = Program(transform(self._function()), self._exact)
        program._bound.update(self._bound)
        return program

    def _derivatives(self) -> dict[str, Program]:
        """The programs that were derived from this one, by name."""
        return {name: vars(self)[name] for name in ("grad", "value_and_grad") if name in vars(self)}

    def _family(self) -> Iterator[Program]:
        """The program and its derivatives, and their derivatives."""
        yield self
        for program in self._derivatives().values():
            yield from program._family()

    # ----------------------------------------------------------------------- parameters

    @property
    def parameters(self) -> list[Value]:
        """The leaf Values from outside that the function and its derivatives have used so far, without repetition."""
        paths = [path for program in self._family() for path in program._paths()]
        return list(dict.fromkeys(x for path in paths for x in path.parameters))

    def bind(self, parameters: Sequence[Value]) -> None:
        """Replace the parameters by other Values, in the order of `parameters`; the derivatives use them too.

        Raises:
            ValueError: the number of Values is wrong, or a Value has history.
            TypeError: an item is not a Value, or depends on what is being differentiated.
            RuntimeError: the program was not traced yet, so it has no parameters.
        """
        if isinstance(parameters, engine.Value):
            raise TypeError("bind() takes a list of Values, got Value; write [x]")
        former = self.parameters
        parameters = list(listed(parameters, "bind", "parameters as a list"))
        if len(parameters) != len(former):
            if not any(program._specializations or program._reductions for program in self._family()):
                raise RuntimeError(NOT_TRACED)
            raise ValueError(f"bind() takes {len(former)} parameters, got {len(parameters)}; see Program.parameters")
        for x in parameters:
            if not isinstance(x, engine.Value):
                raise TypeError(f"bind() takes Values, got {type(x).__name__}; write Value(x)")
            if x.op is not None:
                raise ValueError(f"bind() takes leaf Values, got one made by {x.op}; pass x.detach()")
        watch = watching()
        if watch is not None and any(map(watch.depends, parameters)):
            raise TypeError("bind() to what is being differentiated would lose the gradient; call the function itself")
        others = dict(zip(former, parameters))
        for program in self._family():
            program._rebind(others)

    def _rebind(self, others: dict[Value, Value]) -> None:
        """Replace the present parameters by others."""
        bound, paths = self._bound, self._paths()
        for original in {*bound, *(x for path in paths for x in path.originals)}:
            now = bound.get(original, original)
            bound[original] = others.get(now, now)
        for path in paths:
            path.bind([bound[x] for x in path.originals])

    def _paths(self) -> list[Path]:
        return [path for specialization in self._specializations + self._reductions for path in specialization.paths]

    # ----------------------------------------------------------------------- as text

    @property
    def listings(self) -> list[tuple[Listing, Listing]]:
        """For each path through the function the instructions, as they were traced and as they are run.

        If only backward() was called, these are its instructions: they give factors, and it adds up their products.
        """
        specializations = self._traced() or self._reductions
        return [(path.traced, path.listing) for specialization in specializations for path in specialization.paths]

    def __len__(self) -> int:
        return sum(len(listing) for _, listing in self._known())

    def __bool__(self) -> bool:
        return True  # even without instructions

    def __str__(self) -> str:
        return text_of_traces(self._known())

    def __repr__(self) -> str:
        name = getattr(self._f, "__name__", "a pickle" if self._f is None else type(self._f).__name__)
        return f"<program of {name}, {len(self.listings)} traced>"

    @property
    def fingerprint(self) -> str:
        """A digest of the instructions: the same for the same computation, in every process."""
        return "-".join(listing.fingerprint()[:16] for _, listing in self._known())

    def to_python(self, name: str) -> str:
        """A Python module with a function of this name, which needs only `math`.

        It takes a sequence of the input numbers and one of the parameters, and gives a list of the results.
        """
        from autograd.compiler import export  # lazy: it imports inspect, which takes as long as all of autograd

        return export.to_python(name, *export.exported(self))

    def to_c(self, name: str) -> str:
        """A C99 function of this name, which needs only libm.

        `int name(const double *x, const double *p, double *out)` takes the input numbers and the parameters, fills in
        the results and returns 0. It returns 1 if on every traced path a guard fails.
        """
        from autograd.compiler import export  # lazy: it imports inspect, which takes as long as all of autograd

        return export.to_c(name, *export.exported(self))

    def _known(self) -> list[tuple[Listing, Listing]]:
        if not self.listings:
            raise RuntimeError(NOT_TRACED)
        return self.listings

    def _traced(self) -> list[Specialization]:
        """The specializations for which the function was traced without an exception."""
        return [specialization for specialization in self._specializations if specialization.paths]

    # ----------------------------------------------------------------------- copies and pickles

    def __copy__(self) -> Program:
        return self  # a copy of a function is the function, too

    def __deepcopy__(self, memo: dict[int, Any]) -> Program:
        return self

    def __getstate__(self) -> dict[str, Any]:
        from autograd.compiler import pickling  # lazy: few programs are stored

        return pickling.packed(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        from autograd.compiler import pickling  # lazy: few programs are stored

        attributes = pickling.unpacked(state, self)
        self.__init__(None, attributes["_exact"])  # as if it were new
        vars(self).update(attributes)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the program to a file, which `Program.load()` reads: its traces, and its parameters with their numbers.

        The file holds data and no code, as JSON. Unlike a pickle, it can be loaded whoever made it.

        Args:
            path: of the file, which is replaced if it is there.

        Raises:
            TypeError: a key or a class in the arguments or results has no form in the file, as that of a namedtuple.
            RuntimeError: the program was not traced yet.

        >>> import os, tempfile
        >>> from autograd import Program, compile
        >>> square = compile(lambda x: x * x)
        >>> square(2.0)
        4.0
        >>> path = os.path.join(tempfile.mkdtemp(), "square.json")
        >>> square.save(path)
        >>> Program.load(path)(3.0)
        9.0
        """
        from autograd.compiler import storage  # lazy: few programs are stored

        path = storage.checked(path, "save")
        self._known()
        text = storage.text_of(self.__getstate__())
        with open(path, "w", encoding="ascii") as file:
            file.write(text)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Program:
        """The program that `save()` wrote to a file. It has no function, so it cannot trace a new path.

        Everything in the file is checked before it is used, and none of it is run as code.

        Raises:
            ValueError: the file holds no program, is damaged, or uses an operation of yours that is not defined here.
            OSError: the file cannot be read.
        """
        from autograd.compiler import storage  # lazy: few programs are stored

        with open(storage.checked(path, "load"), "rb") as file:
            return storage.program_of(file.read(), cls)


__test__ = {"Program": Program}  # for doctest, because Program.__module__ is not this file


def _check_not_traced(method: str) -> None:
    if is_traced():
        raise TypeError(
            f"{method}() of a program within a compiled function would use the numbers of one call in every call; "
            "call the program itself, for each row"
        )
