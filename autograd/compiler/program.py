"""compile(f): a function of Values that is traced once and replayed, for one point or for many rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from autograd import engine
from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.batch import results_of, rows_of
from autograd.compiler.specialize import Structure
from autograd.derivatives.chain_rule import is_traced
from autograd.derivatives.transforms import grad, value_and_grad
from autograd.pytree import flatten, leaves

if TYPE_CHECKING:
    from typing import Any

    from autograd.compiler.ir import Listing
    from autograd.compiler.specialize import Way
    from autograd.engine import Value
    from autograd.pytree import Tree

FORMAT = 2
"""Of pickled programs; another one is refused."""


def compile(f: Callable[..., Any], *, exact: bool = False) -> Program:
    """A program that computes what f computes, but faster: f is called once on Values, and what it did is replayed.

    Args:
        f: takes numbers, or nested lists, tuples, dicts and NumPy arrays of numbers, and gives such a structure. Leaf
            Values that it closes over become parameters: their `.data` is read at every call.
        exact: give the bits that f gives for each row. Otherwise sums of products may keep more digits than rounding
            each product would, and elementary functions of many rows are good to 4 ulp. Sums over rows have an order
            of their own.

    f is called again for arguments of another structure. A comparison of Values is checked at every replay; where it
    gives something else than it did, f is called again for the other branch. Whatever else f does, to lists and
    files say, happens at those calls alone. What it takes from outside that is no Value is a constant.

    Raises:
        TypeError: f is not a function. When it is called: f takes the number out of a Value, by `.data`, float(),
            int() or bool(), or gives something other than numbers.

    >>> from autograd import Value, compile
    >>> w = Value(3.0)
    >>> p = compile(lambda x: w * x * x)
    >>> p(2.0), p.grad(2.0)
    (12.0, 12.0)
    >>> w.data = 5.0
    >>> p.map([1.0, 2.0]).tolist()
    [5.0, 20.0]
    """
    if not callable(f):
        raise TypeError(f"compile() takes a function, got {type(f).__name__}; wrap it: compile(lambda x: ...)")
    return Program(f, exact)


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
        self._f = f
        self._exact = exact
        self._structures: list[Structure] = []
        self._reduced: list[Structure] = []
        self._bound: dict[Value, Value] = {}  # the parameters that bind() gave, by those that the function uses

    def __get__(self, instance: object, owner: type | None = None) -> Program:
        """A program in a class is no method."""
        if instance is not None:
            raise AttributeError(  # no TypeError, which hasattr() would pass on
                "a program in a class is no method, for it would depend on the instance; compile the method of each: "
                "self.loss = compile(self.loss) in __init__(), or write staticmethod(compile(f))"
            )
        return self

    def __call__(self, *args: Any, **names: Any) -> Any:
        """What the function gives for these arguments, as floats; with Values among them it is the function itself.

        Raises:
            TypeError: an argument holds something other than numbers, or is given by its name.
        """
        if names:
            raise TypeError(
                f"a program takes its arguments in order, and not by name, got {', '.join(names)}=; "
                "bind an option beforehand: compile(lambda x: f(x, option=...))"
            )
        if is_traced():  # within another one, of which it becomes a part
            return self._plain_function()(*args)
        for structure in self._structures:
            found = structure.call(args)
            if found is not None:
                return found
        numbers, tree = flatten(args, "a program takes", _REMEDY)
        if any(type(x) is not float for x in numbers):
            return self._plain_function()(*args)
        return self._structure(self._structures, tree).compute(self._function, [float(x) for x in numbers])

    def map(self, *arrays: Any, threads: int = 1) -> Any:
        """The results for many rows of arguments at once.

        Args:
            arrays: one for each argument, the rows along the first axis; tuples and dicts of arrays for an argument
                that is one of numbers. A row of a matrix is passed to the function as an array of Values.
            threads: over how many threads the rows are spread, on the compiled engine; fewer if they are too few rows.

        The result is what the function gives, with an array, the rows along the first axis, in place of each number.

        Raises:
            TypeError: an array holds something other than numbers.
            ValueError: the arrays have different numbers of rows, or rows of different lengths.
        """
        import numpy as np  # lazy: who has rows has it

        _check_threads(threads)
        _check_not_traced("map")
        columns, tree, count = rows_of("map", arrays)
        structure = self._structure(self._structures, tree)
        if count == 0 and not structure.branches:
            structure.trace(self._function(), [0.5] * sum(leaf.size for leaf in leaves(tree)))
        found: list[tuple[Way, Any, Any]] = []  # for each way its results, and which rows they are

        def run(way: Way, part: list[Any], todo: Any) -> Any:
            results, strays = way.rows(part, len(todo), threads)
            good = strays == 0
            if count == 0 or good.any():
                found.append((way, results[good], todo[good]))
            return strays

        structure.each_way(self._function, columns, np.arange(count), run)
        first, results, _ = found[0]
        if any(way.output != first.output for way, _, _ in found):
            raise ValueError(
                "the function gives differently nested results on different branches, which have no common array; "
                "give the same structure on each"
            )
        base = np.empty((count, results.shape[1])) if len(found) > 1 else results
        for _, results, todo in found if len(found) > 1 else ():
            base[todo] = results
        return results_of(first.output, base)

    @cached_property
    def grad(self) -> Program:
        """The program of the gradient by the first argument, see autograd.grad()."""
        return self._derived(grad)

    @cached_property
    def value_and_grad(self) -> Program:
        """The program of the result and its gradient by the first argument, see autograd.value_and_grad()."""
        return self._derived(value_and_grad)

    def _derived(self, transform: Callable[..., Callable[..., Any]]) -> Program:
        program = Program(transform(self._function()), self._exact)
        program._bound.update(self._bound)
        return program

    def _family(self) -> Iterator[Program]:
        """The program, and all that were derived from it."""
        yield self
        for name in _DERIVED:
            if name in vars(self):
                yield from vars(self)[name]._family()

    def backward(self, *arrays: Any, reduction: str = "mean", threads: int = 1) -> float:
        """Evaluate all rows, and add the gradient of their mean or sum to `.grad` of each parameter.

        Args:
            arrays: as of map(); none if the function takes no arguments.
            reduction: "mean" or "sum", of what the function gives for each row.
            threads: as of map().

        Gives the mean or the sum. No `.grad` changes if an exception is raised.

        Raises:
            TypeError: the function does not give one Value, or an array holds something other than numbers.
            ValueError: as map() does, or there is no row to take the mean of.
        """
        if reduction not in ("mean", "sum"):
            raise ValueError(f"backward() takes as reduction 'mean' or 'sum', got {reduction!r}")
        _check_not_traced("backward")
        if threads == 1:
            for structure in self._reduced:
                loss = structure.backward(arrays, reduction == "mean")
                if loss is not None:
                    return loss
        import numpy as np  # lazy: who has rows has it

        _check_threads(threads)
        columns, tree, count = rows_of("backward", arrays) if arrays else ([], flatten((), "", "")[1], 1)
        if count == 0:
            if reduction == "sum":
                return 0.0
            raise ValueError("backward() has no rows to take the mean of; pass one at least, or reduction='sum'")
        structure = self._structure(self._reduced, tree)
        found: list[tuple[Way, Any]] = []

        def run(way: Way, part: list[Any], todo: Any) -> Any:
            totals, strays = way.totals(part, len(todo), threads)
            found.append((way, totals))
            return strays

        structure.each_way(self._function, columns, np.arange(count), run)
        factor = 1.0 / count if reduction == "mean" else 1.0
        for way, totals in found:
            way.add_gradients(totals[1:], factor)
        return factor * float(sum(totals[0] for _, totals in found))

    @property
    def parameters(self) -> list[Value]:
        """The leaf Values from outside that the function and its derivatives have used so far, each once."""
        structures = [s for program in self._family() for s in program._structures + program._reduced]
        return list(dict.fromkeys(x for structure in structures for way in structure.branches for x in way.parameters))

    def bind(self, parameters: Sequence[Value]) -> None:
        """Use other Values as the parameters, in the order of `parameters`, also in the derivatives.

        Raises:
            ValueError: they are not as many, or a Value has history.
            TypeError: there is something else than Values among them.
            RuntimeError: the program was not traced yet, so that it has no parameters.
        """
        if isinstance(parameters, engine.Value):
            raise TypeError("bind() takes a list of Values, got Value; write [x]")
        former = self.parameters
        parameters = list(parameters)
        if len(parameters) != len(former):
            if not any(program._structures or program._reduced for program in self._family()):
                raise RuntimeError(_NOT_TRACED)
            raise ValueError(f"bind() takes {len(former)} parameters, got {len(parameters)}; see Program.parameters")
        for x in parameters:
            if not isinstance(x, engine.Value):
                raise TypeError(f"bind() takes Values, got {type(x).__name__}; write Value(x)")
            if x.op is not None:
                raise ValueError(f"bind() takes leaf Values, got one made by {x.op}; pass x.detach()")
        others = dict(zip(former, parameters))
        for program in self._family():
            ways = [way for structure in program._structures + program._reduced for way in structure.branches]
            bound = program._bound
            for x in {*bound, *(x for way in ways for x in way.originals)}:
                bound[x] = others.get(bound.get(x, x), bound.get(x, x))
            for way in ways:
                way.bind([bound[x] for x in way.originals])

    # ----------------------------------------------------------------------- as text

    @property
    def listings(self) -> list[tuple[Listing, Listing]]:
        """Of each way through the function the instructions as they were traced, and as they are run.

        Those of backward() if nothing else was traced, which give the factors of the products that are added up.
        """
        structures = self._traced() or self._reduced
        return [(way.traced, way.listing) for structure in structures for way in structure.branches]

    def __len__(self) -> int:
        return sum(len(listing) for _, listing in self._known())

    def __bool__(self) -> bool:
        return True  # however few instructions there are

    def __copy__(self) -> Program:
        return self  # as functions do

    def __deepcopy__(self, memo: dict[int, Any]) -> Program:
        return self

    def __str__(self) -> str:
        texts = []
        for traced, listing in self._known():
            texts += [f"# {len(traced)} instructions as traced", str(traced), ""]
            texts += [f"# {len(listing)} instructions as run", str(listing), ""]
        return "\n".join(texts).rstrip()

    def __repr__(self) -> str:
        name = getattr(self._f, "__name__", "a pickle" if self._f is None else type(self._f).__name__)
        return f"<program of {name}, {len(self.listings)} traced>"

    @property
    def fingerprint(self) -> str:
        """A digest of the instructions: the same for the same computation, in whatever process."""
        return "-".join(listing.fingerprint()[:16] for _, listing in self._known())

    def to_python(self, name: str) -> str:
        """A Python module with a function of this name, which needs nothing but `math`.

        It takes a sequence of the input numbers and one of the parameters, and gives a list of the results.
        """
        from autograd.compiler import codegen  # lazy: few programs are printed

        _check_name(name)
        return codegen.to_python(self._one_structure(), name, self._signature("Python"))

    def to_c(self, name: str) -> str:
        """A C99 function of this name, which needs nothing but libm.

        `int name(const double *x, const double *p, double *out)` takes the input numbers and the parameters, fills in
        the results and gives 0; or 1 where a comparison gives something else than on every way that was traced.
        """
        from autograd.compiler import codegen  # lazy: few programs are printed

        _check_name(name)
        return codegen.to_c(self._one_structure(), name, self._signature("C"))

    def _one_structure(self) -> list[Listing]:
        traced = self._traced()
        if not traced:
            raise RuntimeError(_NOT_TRACED)
        if len(traced) > 1:
            raise ValueError(
                f"the program was traced for {len(traced)} structures of arguments, and code is of one; "
                "compile the function again, and call it with that one"
            )
        parameters = self.parameters
        places = {x: i for i, x in enumerate(parameters)}
        return [
            way.unfused.with_parameters(len(parameters), [places[x] for x in way.parameters])
            for way in traced[0].branches
        ]

    def _signature(self, language: str) -> str:
        way = self._traced()[0].branches[0]
        labels = [x.label or f"p{i}" for i, x in enumerate(self.parameters)]
        shown = ", ".join(labels[:8]) + (", ..." if len(labels) > 8 else "")
        return (
            (
                f"{language} of a program: x holds {way.listing.n_inputs} inputs; p {len(labels)} parameters"
                f"{f' ({shown})' if labels else ''}; {len(way.listing.outputs)} results."
            )
            .replace("*/", "* /")
            .replace('"""', "'''")
            .replace("\\", "/")
        )

    def _known(self) -> list[tuple[Listing, Listing]]:
        if not self.listings:
            raise RuntimeError(_NOT_TRACED)
        return self.listings

    def _traced(self) -> list[Structure]:
        """The structures of arguments for which the function was called with success."""
        return [structure for structure in self._structures if structure.branches]

    # ----------------------------------------------------------------------- pickling

    def __getstate__(self) -> dict[str, Any]:
        parameters = self.parameters
        numbers = {x: i for i, x in enumerate(parameters)}
        derived = {name: vars(self)[name] for name in _DERIVED if name in vars(self)}
        return {
            "format": FORMAT,
            "exact": self._exact,
            "parameters": parameters,
            "structures": [s.state(numbers) for s in self._structures],
            "reduced": [s.state(numbers) for s in self._reduced],
            "derived": derived,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        if state.get("format") != FORMAT:
            raise ValueError(
                f"this pickle of a program has the format {state.get('format')!r}, and this version of autograd reads "
                f"{FORMAT}; compile the function again"
            )
        self.__init__(None, state["exact"])  # as if it were new
        for kind, structures in (("structures", self._structures), ("reduced", self._reduced)):
            structures += [Structure.of_state(s, state["parameters"], self._exact) for s in state[kind]]
        vars(self).update(state["derived"])

    # ----------------------------------------------------------------------- tracing

    def _function(self) -> Callable[..., Any]:
        if self._f is None:
            raise RuntimeError(
                "a program that was pickled holds what it had traced until then, and not the function: it cannot "
                "trace other arguments, another branch or another derivative; compile the function again"
            )
        return self._f

    def _plain_function(self) -> Callable[..., Any]:
        """The function, for a call that records what it does."""
        if self._bound:
            raise TypeError(
                "a program with bound parameters takes floats, and not Values, for what its function would record of "
                "them leads to the former parameters; compile a function of the new ones"
            )
        return self._function()

    def _structure(self, structures: list[Structure], tree: Tree) -> Structure:
        for structure in structures:
            if structure.tree == tree:
                return structure
        structures.append(Structure(tree, self._exact, self._bound, reduced=structures is self._reduced))
        return structures[-1]


__test__ = {"Program": Program}  # where doctest looks for its examples, for Program.__module__ is not this file

_DERIVED = ("grad", "value_and_grad")
_NOT_TRACED = "the program was not traced yet: call it once, for it depends on the arguments"
_REMEDY = "bind what is no number beforehand: compile(lambda x: f(x, option))"


def _check_threads(threads: int) -> None:
    if not isinstance(threads, int):
        raise TypeError(f"threads is a whole number, got {type(threads).__name__}; write threads=2")
    if threads < 1:
        raise ValueError(f"rows are spread over at least 1 thread, got threads={threads}; leave it out for one")


def _check_not_traced(method: str) -> None:
    if is_traced():
        raise TypeError(
            f"{method}() of a program within a function that is compiled would compute with the numbers of one call; "
            "call the program itself, for each row"
        )


def _check_name(name: str) -> None:
    if not isinstance(name, str) or not name.isidentifier() or not name.isascii():
        raise ValueError(f"the name of a function is an identifier, got {name!r}; write 'loss' or 'f_1'")
