"""The parameters of a program: the leaf Values from outside that its function uses."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager

from autograd import engine
from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.ir import NOT_TRACED
from autograd.compiler.vectors import parameters_to_vector, vector_to_parameters
from autograd.engine.watch import watching
from autograd.operations.coercion import listed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from typing import Any

    from autograd.compiler.path import Path
    from autograd.compiler.traces import Traces
    from autograd.engine import Value


@final
class Order:
    """The parameters in the order in which they were found, and where those of each path are in it."""

    def __init__(self, parameters: Iterable[Value] = ()) -> None:
        self._index: dict[Value, int] = {}
        self._places: dict[Path, Any] = {}
        self._append(parameters)

    def _append(self, parameters: Iterable[Value]) -> None:
        for x in parameters:
            self._index.setdefault(x, len(self._index))

    def __len__(self) -> int:
        return len(self._index)

    def parameters(self) -> list[Value]:
        """The parameters that were found so far."""
        return list(self._index)

    def find(self, paths: Iterable[Path]) -> None:
        """Append the parameters of these paths, if they are new."""
        for path in paths:
            if path not in self._places:
                self._places[path] = self._places_of(path)

    def places_of(self, parameters: Collection[Value]) -> list[int]:
        """Where these parameters are; they are appended if they are new."""
        self._append(parameters)
        return [self._index[x] for x in parameters]

    def places(self, path: Path) -> Any:
        """Where the parameters of a path are: an array of indices, or a slice if they are the first ones."""
        self.find([path])
        return self._places[path]

    def is_that_of(self, path: Path) -> bool:
        """Whether a path has all the parameters, in this order; False also if nobody asked for its places so far."""
        places = self._places.get(path)
        return type(places) is slice and places.stop == len(self._index)

    def _places_of(self, path: Path) -> Any:
        places = self.places_of(path.parameters)
        if places == list(range(len(places))):
            return slice(0, len(places))
        import numpy as np  # lazy: NumPy is optional

        return np.array(places)


@final
class Point:
    """A vector with a number for each parameter, and the gradient at these numbers. The Values keep their own numbers.

    Args:
        order: says which parameter each number is for.
        vector, gradient: arrays of float64, the first one contiguous.
    """

    def __init__(self, order: Order, vector: Any, gradient: Any) -> None:
        self._order = order
        self._vector = vector
        self.gradient = gradient

    def numbers(self, path: Path) -> Any:
        """Those of the parameters of a path.

        Raises:
            ValueError: the path has a parameter that is not in the vector.
        """
        places = self._order.places(path)
        check_size(len(self._vector), len(self._order))
        return self._vector[places]

    def room(self, path: Path) -> Any:
        """A contiguous array for the gradients by the parameters of a path."""
        return self.gradient[self._order.places(path)]

    def set(self, path: Path, gradients: Any) -> None:
        """Set the gradients by the parameters of a path, and those by others to 0."""
        places = self._order.places(path)
        if not isinstance(places, slice):
            self.gradient[...] = 0.0
            self.gradient[places] = gradients
        elif places.stop < len(self.gradient):
            self.gradient[places.stop :] = 0.0

    def add(self, path: Path, gradients: Any) -> None:
        """Add the gradients by the parameters of a path."""
        self.gradient[self._order.places(path)] += gradients

    def add_each(self, gradients: dict[Value, float], factor: float) -> None:
        """Add the gradients by some parameters, times a factor.

        Raises:
            ValueError: one of them is not in the vector.
        """
        places = self._order.places_of(gradients)
        check_size(len(self._vector), len(self._order))
        for place, gradient in zip(places, gradients.values()):
            self.gradient[place] += factor * gradient

    @contextmanager
    def in_values(self, bound: dict[Value, Value]) -> Iterator[None]:
        """Within it, the Values that the function uses have these numbers, for a trace or for rows on rare paths."""
        originals = {x: original for original, x in bound.items()}
        values = [originals.get(x, x) for x in self._order.parameters()]
        with _replacing:
            former = parameters_to_vector(values)
            vector_to_parameters(self._vector, values)
            try:
                yield
            finally:
                vector_to_parameters(former, values)


_replacing = threading.RLock()  # two threads may have other numbers for the same Values


def _after_fork() -> None:
    """In the child no other thread runs, so none holds the lock."""
    global _replacing
    _replacing = threading.RLock()


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(after_in_child=_after_fork)


def check_size(size: int, n_parameters: int) -> None:
    """Raise ValueError if a vector has not a number for each parameter."""
    if size != n_parameters:
        raise ValueError(
            f"loss_and_grad() takes the numbers of {n_parameters} parameters, got {size}; "
            "start with parameters_to_vector(program.parameters)"
        )


def checked_parameters(caller: str, parameters: Iterable[Value]) -> list[Value]:
    """The parameters as a list; an exception if they are not leaf Values."""
    if isinstance(parameters, engine.Value):
        raise TypeError(f"{caller}() takes a list of Values as parameters, got Value; write [x]")
    parameters = list(listed(parameters, caller, "parameters as a list"))
    for x in parameters:
        if not isinstance(x, engine.Value):
            raise TypeError(f"{caller}() takes Values as parameters, got {type(x).__name__}; write Value(x)")
        if x.op is not None:
            raise ValueError(f"{caller}() takes leaf Values as parameters, got one made by {x.op}; pass x.detach()")
    return parameters


def bind(program: Traces, parameters: Sequence[Value]) -> None:
    """Program.bind()."""
    former = program.parameters
    parameters = checked_parameters("bind", parameters)
    family = list(program._family())
    if len(parameters) != len(former):
        if not any(program._specializations or program._reductions for program in family):
            raise RuntimeError(NOT_TRACED)
        raise ValueError(f"bind() takes {len(former)} parameters, got {len(parameters)}; see Program.parameters")
    watch = watching()
    if watch is not None and any(map(watch.depends, parameters)):
        raise TypeError("bind() to what is being differentiated would lose the gradient; call the function itself")
    others = dict(zip(former, parameters))
    for relative in family:
        _rebind(relative, others)


def _rebind(program: Traces, others: dict[Value, Value]) -> None:
    """Replace the present parameters by others."""
    bound, paths = program._bound, program._paths()
    declared = () if bound else program._order.parameters()  # those that no path uses yet
    for original in {*bound, *declared, *program._strays(), *(x for path in paths for x in path.originals)}:
        now = bound.get(original, original)
        bound[original] = others.get(now, now)
    for path in paths:
        path.bind([bound[x] for x in path.originals])
    program._order = Order(others.get(x, x) for x in program._order.parameters())
