"""compile(f): a function of Values that is traced once and replayed, for one point or for many rows."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from functools import cached_property

from autograd import engine
from autograd._typing import TYPE_CHECKING, final
from autograd.assembler import assemble
from autograd.listing import Listing
from autograd.operation import TABLE
from autograd.passes import drop, fold, fuse, over_rows, share
from autograd.trace import Traced, trace, uncollected
from autograd.transforms import grad, value_and_grad
from autograd.tree import Branch, Leaf, fill, flatten, leaves, unflatten

if TYPE_CHECKING:
    from typing import Any

    from autograd.engine import Value
    from autograd.tree import Tree

FORMAT = 1
"""Of pickled programs; another one is refused."""


def compile(f: Callable[..., Any], *, exact: bool = False) -> Program:
    """A program that computes what f computes, but faster: f is called once on Values, and what it did is replayed.

    Args:
        f: takes numbers, or nested lists, tuples, dicts and NumPy arrays of numbers, and gives such a structure. Leaf
            Values that it closes over become parameters: their `.data` is read at every call.
        exact: give the bits that f gives. Otherwise sums of products may keep more digits than rounding each product
            would, elementary functions of many rows are good to 4 ulp, and sums over rows have another order.

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

    def __init__(self, f: Callable[..., Any] | None, exact: bool = False) -> None:
        self._f = f
        self._exact = exact
        self._structures: list[_Structure] = []
        self._reduced: list[_Structure] = []
        self._by_shape: dict[object, tuple[_Structure, _Structure]] = {}

    def __call__(self, *args: Any) -> Any:
        """What the function gives for these arguments, as floats; with Values among them it is the function itself.

        Raises:
            TypeError: an argument holds something other than numbers.
        """
        for structure in self._structures:
            found = structure.call(args)
            if found is not None:
                return found
        numbers, tree = flatten(args, "a program takes", _REMEDY)
        if any(type(x) is not float for x in numbers):
            return self._function()(*args)
        return self._structure(self._structures, tree).compute(self._function, [float(x) for x in numbers])

    def map(self, *arrays: Any, threads: int = 1) -> Any:
        """The results for many rows of arguments at once.

        Args:
            arrays: one for each argument, the rows along the first axis; tuples and dicts of arrays for an argument
                that is one of numbers. A row of a matrix is passed to the function as an array of Values.
            threads: over how many threads the rows are spread, on the compiled engine.

        The result is what the function gives, with an array, the rows along the first axis, in place of each number.

        Raises:
            TypeError: an array holds something other than numbers.
            ValueError: the arrays have different numbers of rows, or rows of different lengths.
        """
        import numpy as np  # lazy: who has rows has it

        columns, tree, count = _rows("map", arrays)
        structure = self._structure(self._structures, tree)
        if count == 0 and not structure.branches:
            structure.trace(self._function(), [0.5] * sum(leaf.size for leaf in leaves(tree)))
        output: Any = None
        base: Any = None
        for branch, todo, part in structure.ways(self._function, columns):
            results, strays = branch.rows(part, len(part[0]) if part else count, threads)
            if output is None:
                output, base = branch.output, results
            elif branch.output != output:
                raise ValueError(
                    "the function gives differently nested results on different branches, which have no common "
                    "array; give the same structure on each"
                )
            else:
                good = np.flatnonzero(strays == 0)
                base[todo[good]] = results[good]
            todo_next = np.flatnonzero(strays)
            structure.left = todo_next if todo is None else todo[todo_next]
        return _columns(output, base)

    @cached_property
    def grad(self) -> Program:
        """The program of the gradient by the first argument, see autograd.grad()."""
        return Program(grad(self._function()), self._exact)

    @cached_property
    def value_and_grad(self) -> Program:
        """The program of the result and its gradient by the first argument, see autograd.value_and_grad()."""
        return Program(value_and_grad(self._function()), self._exact)

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
        if threads == 1:
            for structure in self._reduced:
                loss = structure.backward(arrays, reduction == "mean")
                if loss is not None:
                    return loss
        import numpy as np  # lazy: who has rows has it

        columns, tree, count = _rows("backward", arrays) if arrays else ([], flatten((), "", "")[1], 1)
        if count == 0:
            if reduction == "sum":
                return 0.0
            raise ValueError("backward() has no rows to take the mean of; pass one at least, or reduction='sum'")
        structure = self._structure(self._reduced, tree)
        found: list[tuple[_Way, Any]] = []
        for branch, todo, part in structure.ways(self._function, columns):
            totals, strays = branch.totals(part, len(part[0]) if part else count, threads)
            found.append((branch, totals))
            todo_next = np.flatnonzero(strays)
            structure.left = todo_next if todo is None else todo[todo_next]
        factor = 1.0 / count if reduction == "mean" else 1.0
        for branch, totals in found:
            branch.add_gradients(totals[1:], factor)
        return factor * float(sum(totals[0] for _, totals in found))

    @property
    def parameters(self) -> list[Value]:
        """The leaf Values from outside that the function has used so far, each once."""
        ways = [way for structure in self._structures + self._reduced for way in structure.branches]
        return list(dict.fromkeys(x for way in ways for x in way.parameters))

    def bind(self, parameters: Sequence[Value]) -> None:
        """Use other Values as the parameters, in the order of `parameters`.

        Raises ValueError if they are not as many.
        """
        former = self.parameters
        parameters = list(parameters)
        if len(parameters) != len(former):
            raise ValueError(f"bind() takes {len(former)} parameters, got {len(parameters)}; see Program.parameters")
        for x in parameters:
            if not isinstance(x, engine.Value):
                raise TypeError(f"bind() takes Values, got {type(x).__name__}; write Value(x)")
        others = dict(zip(former, parameters))
        for structure in self._structures + self._reduced:
            for way in structure.branches:
                way.bind([others[x] for x in way.parameters])

    # ----------------------------------------------------------------------- as text

    @property
    def listings(self) -> list[tuple[Listing, Listing]]:
        """Of each way through the function the instructions as they were traced, and as they are run.

        Those of backward() if nothing else was traced, which give the factors of the products that are added up.
        """
        structures = [s for s in self._structures if s.branches] or self._reduced
        return [(way.traced, way.listing) for structure in structures for way in structure.branches]

    def __len__(self) -> int:
        return sum(len(listing) for _, listing in self._known())

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
        from autograd import codegen  # lazy: few programs are printed

        _check_name(name)
        return codegen.to_python(self._one_structure(), name, self._signature("Python"))

    def to_c(self, name: str) -> str:
        """A C99 function of this name, which needs nothing but libm.

        `int name(const double *x, const double *p, double *out)` takes the input numbers and the parameters, fills in
        the results and gives 0; or 1 where a comparison gives something else than on every way that was traced.
        """
        from autograd import codegen  # lazy: few programs are printed

        _check_name(name)
        return codegen.to_c(self._one_structure(), name, self._signature("C"))

    def _one_structure(self) -> list[Listing]:
        if not any(structure.branches for structure in self._structures):
            raise RuntimeError("the program was not traced yet: call it once, for it depends on the arguments")
        if len(self._structures) > 1:
            raise ValueError(
                f"the program was traced for {len(self._structures)} structures of arguments, and code is of one; "
                "compile the function again, and call it with that one"
            )
        return [way.unfused for way in self._structures[0].branches]

    def _signature(self, language: str) -> str:
        structure = self._structures[0]
        way = structure.branches[0]
        labels = [x.label or f"p{i}" for i, x in enumerate(way.parameters)]
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
            raise RuntimeError("the program was not traced yet: call it once, for it depends on the arguments")
        return self.listings

    # ----------------------------------------------------------------------- pickling

    def __getstate__(self) -> dict[str, Any]:
        parameters = self.parameters
        numbers = {x: i for i, x in enumerate(parameters)}
        derived = {name: vars(self)[name] for name in ("grad", "value_and_grad") if name in vars(self)}
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
            structures += [_Structure.of_state(s, state["parameters"], self._exact) for s in state[kind]]
        vars(self).update(state["derived"])

    # ----------------------------------------------------------------------- tracing

    def _function(self) -> Callable[..., Any]:
        if self._f is None:
            raise RuntimeError(
                "a program that was pickled holds what it had traced until then, and not the function: it cannot "
                "trace other arguments, another branch or another derivative; compile the function again"
            )
        return self._f

    def _structure(self, structures: list[_Structure], tree: Tree) -> _Structure:
        for structure in structures:
            if structure.tree == tree:
                return structure
        structures.append(_Structure(tree, self._exact, reduced=structures is self._reduced))
        return structures[-1]


_REMEDY = "bind what is no number beforehand: compile(lambda x: f(x, option))"


@final
class _Structure:
    """What is known for arguments of one structure: the ways through the function that were taken so far."""

    def __init__(self, tree: Tree, exact: bool, *, reduced: bool = False) -> None:
        self.tree = tree
        self.exact = exact
        self.reduced = reduced
        self.branches: list[_Way] = []
        self.arguments = _tree_state(tree)
        children = tree.children if isinstance(tree, Branch) else ()
        shapes = [child.shape or () for child in children if isinstance(child, Leaf)]
        self.shapes = shapes if len(shapes) == len(children) else None  # of the arguments, if each is an array
        self.left: Any = None  # the rows that have not found their way

    def call(self, args: tuple[Any, ...]) -> Any:
        """The results, without a detour, if there are just numbers of this structure; or None."""
        if engine.backend == "native":
            for branch in self.branches:
                found = branch.machine.call_with(args, self.arguments, branch.result)
                if found is not None:
                    return found
        return None

    def backward(self, arrays: tuple[Any, ...], is_mean: bool) -> float | None:
        """What Program.backward() does, without a detour, if all rows are plain and go the first way; or None."""
        if engine.backend == "native" and self.branches and self.shapes is not None:
            return self.branches[0].machine.backward(arrays, self.shapes, is_mean)  # type: ignore[no-any-return]
        return None

    def compute(self, function: Callable[[], Callable[..., Any]], numbers: list[float]) -> Any:
        """The results for these numbers, on the way that they take, a new one perhaps."""
        for branch in self.branches:
            results = branch.call(numbers)
            if results is not None:
                return unflatten(branch.output, results)
        branch = self.trace(function(), numbers)
        results = branch.call(numbers)
        if results is None:  # rounding decided a comparison: with the bits that f computed with, it comes out as there
            results = branch.exact_twin.call(numbers)
        assert results is not None
        return unflatten(branch.output, results)

    def trace(self, f: Callable[..., Any], numbers: list[Any]) -> _Way:
        """A new way: the one that these numbers take."""
        way = _Way(trace(f, numbers, self.tree, with_gradients=self.reduced), self.exact, self.reduced)
        self.branches.append(way)
        return way

    def ways(self, function: Callable[[], Callable[..., Any]], columns: list[Any]) -> Any:
        """Each way in turn, with the rows that are left for it; new ones until none is left."""
        self.left = None
        i = 0
        while self.left is None or len(self.left):
            todo = self.left
            part = columns if todo is None else [x[todo] for x in columns]
            is_new = i == len(self.branches)
            if is_new:
                self.trace(function(), [float(x) for column in part for x in column[0].ravel()])
            yield self.branches[i], todo, part
            left = self.left
            if is_new and len(left) and left[0] == (0 if todo is None else todo[0]):  # as in compute()
                yield self.branches[i].exact_twin, left[:1], [x[left[:1]] for x in columns]
                self.left = left[1:]
            i += 1

    def state(self, numbers: dict[Value, int]) -> tuple[Any, ...]:
        """For pickling; the numbers are those of the parameters."""
        ways = [(w.traced, w.output, [numbers[x] for x in w.parameters]) for w in self.branches]
        return _tree_state(self.tree), self.reduced, [(*_listing_state(t), _tree_state(o), p) for t, o, p in ways]

    @staticmethod
    def of_state(state: tuple[Any, ...], parameters: list[Value], exact: bool) -> _Structure:
        """What state() gave."""
        tree, reduced, ways = state
        structure = _Structure(_tree_of(tree), exact, reduced=reduced)
        for *listing, output, numbers in ways:
            traced = Traced(Listing(*listing), _tree_of(output), [parameters[i] for i in numbers])
            structure.branches.append(_Way(traced, exact, reduced))
        return structure


@final
class _Way:
    """One way through a function: its instructions, ready to run."""

    def __init__(self, traced: Traced, exact: bool, reduced: bool) -> None:
        self._origin = traced
        self.traced = traced.listing
        self.output = traced.output
        self.parameters = traced.parameters
        self.exact = exact
        self.pairs = None
        with uncollected():
            self.unfused = drop(share(fold(traced.listing)))
            if reduced:
                self.unfused, self.pairs = over_rows(self.unfused)
            self.listing = fuse(self.unfused)
            if self.pairs is not None:
                moved = iter(self.listing.outputs)
                self.pairs = [[(next(moved), next(moved)) for _ in pairs] for pairs in self.pairs]
        self.result = _tree_state(traced.output)
        self._machine: Any = None

    @property
    def machine(self) -> Any:
        """What runs it on the compiled engine."""
        if self._machine is None:
            native: Any = engine.compiled
            with uncollected():
                assembly = assemble(self.listing, native.row_numbers(), self.pairs, self.exact)
            self._machine = native.Machine(assembly, self.listing.n_inputs, self.parameters, self.exact)
        return self._machine

    @cached_property
    def exact_twin(self) -> _Way:
        """The same with the bits of the function itself."""
        return _Way(self._origin, True, self.pairs is not None)

    @cached_property
    def function(self) -> Callable[..., Any]:
        """What computes one row where there is no compiled engine."""
        from autograd.codegen import function_of  # lazy: the compiled engine needs no code

        return function_of(self.listing, {name: row.function for name, row in TABLE.items()})

    @cached_property
    def array_function(self) -> Callable[..., Any]:
        """What computes many rows where there is no compiled engine: results, and what each comparison gave."""
        from autograd import arrays  # lazy: the compiled engine needs none of it
        from autograd.codegen import function_of

        return function_of(self.listing, arrays.functions(), lambda operator, a, b: arrays.COMPARE[operator](a, b))

    def bind(self, parameters: list[Value]) -> None:
        """Use other Values as parameters."""
        self.parameters = parameters
        self._machine = None

    def call(self, numbers: list[float]) -> list[float] | None:
        """The results for one row, or None if it goes another way."""
        if engine.backend == "native":
            return self.machine.call(numbers)  # type: ignore[no-any-return]
        return self.function(numbers, [x.data for x in self.parameters])  # type: ignore[no-any-return]

    def rows(self, columns: list[Any], count: int, threads: int) -> tuple[Any, Any]:
        """The results for many rows, as a matrix; and which go another way: a byte for each."""
        import numpy as np  # lazy: who has rows has it

        results = np.empty((count, len(self.listing.outputs)))
        strays = np.zeros(count, dtype=np.uint8)
        if engine.backend == "native":
            columns = _few(columns)
            if _spread(lambda i, j: self.machine.rows(columns, [results], strays, i, j), count, threads) is None:
                strays[:] = 1
            return results, strays
        for k, x in enumerate(self._on_arrays(columns, strays)):
            results[:, k] = x
        return results, strays

    def totals(self, columns: list[Any], count: int, threads: int) -> tuple[Any, Any]:
        """The sums of the results over rows; and which go another way: a byte for each."""
        import numpy as np  # lazy: who has rows has it

        assert self.pairs is not None
        strays = np.zeros(count, dtype=np.uint8)
        if engine.backend == "native":
            columns = _few(columns)
            sums: list[Any] = []

            def run(i: int, j: int) -> Any:
                totals = np.zeros(len(self.pairs))  # type: ignore[arg-type]
                sums.append(totals)
                return self.machine.rows(columns, None, strays, i, j, totals)

            if _spread(run, count, threads) is None:
                strays[:] = 1
            return sum(sums) if len(sums) > 1 else sums[0], strays
        factors = iter(self._on_arrays(columns, strays))
        good = strays == 0
        found = []
        for pairs in self.pairs:
            products = [np.broadcast_to(next(factors) * next(factors), count)[good] for _ in pairs]
            found.append(sum(float(np.sum(product)) for product in products))
        return np.array(found), strays

    def _on_arrays(self, columns: list[Any], strays: Any) -> list[Any]:
        import numpy as np  # lazy: who has rows has it

        inputs = [x for column in columns for x in column.reshape(len(column), math.prod(column.shape[1:])).T]
        parameters = [x.data for x in self.parameters]
        if self.exact:
            points = list(zip(*(x.tolist() for x in inputs))) if inputs else [()]
            rows = [self.function(point, parameters) for point in points]
            strays |= np.array([row is None for row in rows], dtype=np.uint8)
            blank = [math.nan] * len(self.listing.outputs)
            return list(np.array([blank if row is None else row for row in rows]).reshape(len(rows), -1).T)
        with np.errstate(all="ignore"):
            results, guards = self.array_function(inputs, parameters)
        for given, holds in guards:
            strays |= np.not_equal(given, holds)
        return results  # type: ignore[no-any-return]

    def add_gradients(self, gradients: Any, factor: float) -> None:
        """Add so many times these to the gradients of the parameters."""
        if engine.backend == "native":
            self.machine.add_gradients(gradients.tolist(), factor)
            return
        for x, gradient in zip(self.parameters, gradients.tolist()):
            x.grad += factor * gradient


def _few(columns: list[Any]) -> list[Any]:
    """The same inputs in few arrays, for the engine holds all of them at a time."""
    if len(columns) <= 32:
        return columns
    import numpy as np  # lazy: who has rows has it

    return [np.column_stack([x.reshape(len(x), math.prod(x.shape[1:])) for x in columns])]


def _spread(run: Callable[[int, int], Any], count: int, threads: int) -> Any:
    """Run the rows in as many pieces as threads; None if one of them gives that."""
    if threads <= 1 or count < 2 * _BLOCK:
        return run(0, count)
    bounds = [count * i // threads // _BLOCK * _BLOCK for i in range(threads)] + [count]
    results: list[Any] = [None] * threads
    workers = []
    for i in range(threads):

        def work(i: int = i) -> None:
            results[i] = run(bounds[i], bounds[i + 1])

        workers.append(threading.Thread(target=work))
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return None if None in results else results


_BLOCK = 64


def _rows(caller: str, arrays: tuple[Any, ...]) -> tuple[list[Any], Tree, int]:
    """The arrays of float64 in order, the structure of a row, and how many rows there are."""
    if not arrays:
        raise ValueError(f"{caller}() takes an array for each argument, got none; call the program itself for one row")
    columns: list[Any] = []
    tree = Branch(tuple, None, tuple([_columns_of(caller, x, columns) for x in arrays]))
    counts = {len(x) for x in columns}
    if len(counts) > 1:
        raise ValueError(
            f"{caller}() takes as many rows of each argument, got {', '.join(str(len(x)) for x in columns)}; "
            "repeat what is the same for all rows, or close over it"
        )
    return columns, tree, counts.pop()


def _columns_of(caller: str, x: Any, columns: list[Any]) -> Tree:
    import numpy as np  # lazy: who has rows has it

    if isinstance(x, dict):
        return Branch(dict, tuple(x), tuple([_columns_of(caller, child, columns) for child in x.values()]))
    if isinstance(x, tuple):
        return Branch(type(x), None, tuple([_columns_of(caller, child, columns) for child in x]))
    try:
        array = np.asarray(x)
    except ValueError as error:
        raise ValueError(f"{caller}() takes rows of the same length: {error}") from error
    if array.dtype != np.float64:
        if array.dtype == object:
            raise TypeError(f"{caller}() takes arrays of numbers, got an array of objects; convert it: x.astype(float)")
        if array.dtype.kind not in "fiub":
            raise TypeError(f"{caller}() takes arrays of real numbers, got {array.dtype}; convert them to float first")
        array = array.astype(np.float64)
    if array.ndim == 0:
        raise TypeError(f"{caller}() takes arrays with rows along the first axis, got the number {x!r}; write [x]")
    columns.append(array)
    return _NUMBER if array.ndim == 1 else Leaf(array.shape[1:])


_NUMBER = Leaf()


def _columns(tree: Any, base: Any) -> Any:
    """A matrix of results as the structure of arrays that it is."""
    parts = []
    start = 0
    for leaf in leaves(tree):
        part = base[:, start : start + leaf.size]
        parts.append(part.reshape(len(base), *(leaf.shape or ())))
        start += leaf.size
    return fill(tree, parts)


def _check_name(name: str) -> None:
    if not name.isidentifier() or not name.isascii():
        raise ValueError(f"the name of a function is an identifier, got {name!r}; write 'loss' or 'f_1'")


def _listing_state(listing: Listing) -> tuple[Any, ...]:
    return listing.n_inputs, listing.n_parameters, listing.steps, listing.outputs, listing.guards


def _tree_state(tree: Tree) -> Any:
    """A tree as tuples, which the compiled evaluator and any version can read."""
    if isinstance(tree, Leaf):
        return None if tree.shape is None else (tree.shape, None, None)
    return tree.kind, tree.keys or (), [_tree_state(child) for child in tree.children]


def _tree_of(state: Any) -> Tree:
    if state is None:
        return _NUMBER
    kind, keys, children = state
    if children is None:
        return Leaf(kind)
    return Branch(kind, keys or None, tuple([_tree_of(child) for child in children]))
