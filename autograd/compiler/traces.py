"""Traces: what a program knows of its function, as a list of instructions, as exported code and as a file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence

from autograd._typing import TYPE_CHECKING
from autograd.compiler.arguments import take_name
from autograd.compiler.ir import NOT_TRACED, text_of_traces
from autograd.compiler.parameters import Order, bind
from autograd.compiler.rare import Warner

if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Self

    from autograd.compiler.arguments import Names
    from autograd.compiler.ir import Listing
    from autograd.compiler.path import Path
    from autograd.compiler.specialize import Specialization
    from autograd.engine import Value
    from autograd.pictures.graphs.scene import Scene


class Traces:
    """A function and the paths through it that were traced so far. Program runs them."""

    def __init__(
        self, f: Callable[..., Any] | None, exact: bool = False, target: str = "", parameters: Iterable[Value] = ()
    ) -> None:
        self._f = f  # None after unpickling
        self._names: Names | None = None  # of the arguments of f, when they are needed
        take_name(self, f)
        self._exact = exact
        self._target = target
        self._specializations: list[Specialization] = []
        self._reductions: list[Specialization] = []  # those of backward()
        self._bound: dict[Value, Value] = {}  # the function's parameters: what bind() put in their place
        self._order = Order(parameters)
        self._warner = None if f is None else Warner()

    def _function(self) -> Callable[..., Any]:
        if self._f is None:
            raise RuntimeError(
                "an unpickled program has only the paths that were traced before, and not the function to trace a new "
                "one; compile the function again"
            )
        return self._f

    def _derivatives(self) -> dict[str, Traces]:
        """The programs that were derived from this one, by name."""
        return {name: vars(self)[name] for name in ("grad", "value_and_grad") if name in vars(self)}

    def _family(self) -> Iterator[Traces]:
        """The program and its derivatives, and their derivatives."""
        yield self
        for program in self._derivatives().values():
            yield from program._family()

    # ----------------------------------------------------------------------- parameters

    @property
    def parameters(self) -> list[Value]:
        """The leaf Values from outside that the function and its derivatives have used so far, without repetition.

        What is found later comes after what was found before. Those that compile() was given come first.
        """
        for program in self._family():
            self._order.find(program._paths())
            self._order.places_of([program._bound.get(x, x) for x in program._strays()])
        return self._order.parameters()

    def bind(self, parameters: Sequence[Value]) -> None:
        """Replace the parameters by other Values, in the order of `parameters`; the derivatives use them too.

        Raises:
            ValueError: the number of Values is wrong, or a Value has history.
            TypeError: an item is not a Value, or depends on what is being differentiated.
            RuntimeError: the program was not traced yet, so it has no parameters.
        """
        bind(self, parameters)

    def _paths(self) -> list[Path]:
        return [path for specialization in self._specializations + self._reductions for path in specialization.paths]

    def _strays(self) -> list[Value]:
        return [x for specialization in self._specializations + self._reductions for x in specialization.strays]

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
        return text_of_traces(self.listings) if self.listings else f"{self!r}: {NOT_TRACED}"

    def __repr__(self) -> str:
        name = getattr(self._f, "__name__", "a pickle" if self._f is None else type(self._f).__name__)
        return f"<program of {name}, {len(self.listings)} traced>"

    def _scene(self, max_nodes: int) -> Scene:
        """What draw() shows."""
        from autograd.compiler.diagram import scene  # lazy: only pictures need it

        self._known()
        return scene(self._paths(), repr(self), max_nodes)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        from autograd.pictures import notebook  # lazy: only pictures need it

        return notebook(self)

    @property
    def fingerprint(self) -> str:
        """A digest of the instructions: the same for the same computation, in every process."""
        return "-".join(listing.fingerprint()[:16] for _, listing in self._known())

    def to_python(self, name: str, *, parameters: str = "arguments") -> str:
        """A Python module with a function of this name, which needs only `math`.

        It takes a sequence of the input numbers and one of the parameters, and gives a list of the results.

        Args:
            name: of the function.
            parameters: "constants" for a function of the inputs alone: the code has the numbers that the parameters
                have now, in the order of `Program.parameters`.

        >>> from autograd import Value, compile
        >>> w = Value(3.0)
        >>> p = compile(lambda x: w * x)
        >>> p(2.0)
        6.0
        >>> exec(p.to_python("triple", parameters="constants"))
        >>> triple([5.0])
        [15.0]
        """
        from autograd.compiler import export  # lazy: it imports inspect, which takes as long as all of autograd

        return export.to_python(name, *export.exported(self, parameters))

    def to_c(self, name: str, *, parameters: str = "arguments") -> str:
        """A C99 function of this name, which needs only libm.

        `int name(const double *x, const double *p, double *out)` takes the input numbers and the parameters, fills in
        the results and returns 0. It returns 1 if on every traced path a guard fails.

        Args:
            name: of the function.
            parameters: "constants" for `int name(const double *x, double *out)`: the code has the numbers that the
                parameters have now, in the order of `Program.parameters`.
        """
        from autograd.compiler import export  # lazy: it imports inspect, which takes as long as all of autograd

        return export.to_c(name, *export.exported(self, parameters))

    def to_javascript(self, name: str, *, parameters: str = "arguments") -> str:
        """An ES module of JavaScript, which needs nothing else.

        Its function `name(x, p)` takes the input numbers and the parameters, and gives the results as a Float64Array.
        `name_rows(n, x, p, out)` does so for n rows, one after the other in x and out. If `backward()` or
        `loss_and_grad()` was called before, `name_gradient(n, x, p, gradient)` gives the mean over n rows, and fills
        in its gradient by the parameters. They throw a RangeError if on every traced path a guard fails.

        Args:
            name: of the functions.
            parameters: "constants" for a module whose p may be left out: it has the numbers that the parameters have
                now, in the order of `Program.parameters`.

        >>> from autograd import compile
        >>> p = compile(lambda x: x * x)
        >>> p(2.0)
        4.0
        >>> "export function square(x, p = [])" in p.to_javascript("square")
        True
        """
        from autograd.compiler import export  # lazy: it imports inspect, which takes as long as all of autograd
        from autograd.compiler.javascript import module

        listings, labels, numbers = export.exported(self, parameters)
        return module.to_javascript(name, listings, export.derivatives(self), labels, numbers)

    def _known(self) -> list[tuple[Listing, Listing]]:
        if not self.listings:
            raise RuntimeError(NOT_TRACED)
        return self.listings

    def _traced(self) -> list[Specialization]:
        """The specializations for which the function was traced without an exception."""
        return [specialization for specialization in self._specializations if specialization.paths]

    # ----------------------------------------------------------------------- copies and pickles

    def __copy__(self) -> Self:
        return self  # a copy of a function is the function, too

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __getstate__(self) -> dict[str, Any]:
        from autograd.compiler import pickling  # lazy: few programs are stored

        return pickling.packed(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        from autograd.compiler import pickling  # lazy: few programs are stored

        attributes = pickling.unpacked(state, self)
        self.__init__(None, attributes["_exact"])  # type: ignore[misc]  # as if it were new
        vars(self).update(attributes)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the program to a file, which `Program.load()` reads: its traces, and its parameters with their numbers.

        The file holds data and no code, as JSON. Unlike a pickle, it can be loaded whoever made it.

        Args:
            path: of the file. One that is there stays as it was until the new one is whole.

        Raises:
            TypeError: a key or a class in the arguments or results has no form in the file, as that of a namedtuple.
            RuntimeError: the program was not traced yet.
            OSError: the file cannot be written.

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
        storage.write(path, storage.text_of(self.__getstate__()))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """The program that `save()` wrote to a file. It has no function, so it cannot trace a new path.

        Everything in the file is checked before it is used, and none of it is run as code.

        Raises:
            ValueError: the file holds no program, is damaged, or uses an operation of yours that is not defined here.
            OSError: the file cannot be read.
        """
        from autograd.compiler import storage  # lazy: few programs are stored

        with open(storage.checked(path, "load"), "rb") as file:
            return storage.program_of(file.read(), cls)
