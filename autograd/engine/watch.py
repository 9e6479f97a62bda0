"""Watch: a mode that is told what happens to Values.

compile() uses it to trace, detect_anomaly() to find a nan, and grad() to notice that a gradient gets lost.
"""

from __future__ import annotations

from autograd._typing import TYPE_CHECKING, final
from autograd.engine.modes import Mode
from autograd.engine.state import ENTERED, abandon, current

if TYPE_CHECKING:
    from collections.abc import Container
    from typing import Any, SupportsFloat

    from autograd.engine.state import State
    from autograd.engine.value import Value
    from autograd.operations.operation import Number


class Watch(Mode):
    """While it holds, its methods are called. If one raises an exception, what it was told of fails."""

    traces = False
    """Whether nodes stand for the numbers of all later calls, as in a Tracer."""

    chooses = True
    """Whether where() records only the taken branch as an input."""

    records = True
    """Whether it is told of new nodes and of comparisons. If not, recording takes as long as without a watch."""

    inspects = False
    """Whether a program runs as its function, because the watch must see its operations."""

    wants_numbers = False
    """Whether only the numbers of the outermost derivative are used, so that it needs no graph."""

    def within(self, state: State) -> State:
        paused, names, outer = state
        return paused, names, self if outer is None else _Both(self, outer)

    def recorded(self, node: Value) -> None:
        """A node was made: a leaf, or the result of an operation."""

    def reading(self, node: Value, how: str) -> None:
        """The program is about to read a number of a node; or to replace it, if how ends with "="."""

    def compared(self, a: Value, operator: str, b: object, holds: bool) -> None:
        """The program has compared a node with a number or another node."""

    def read_elsewhere(self, node: Value, how: str) -> None:
        """A thread without a watch reads or changes a number of a node; a watch in UNDER_WAY is told."""

    def compared_elsewhere(self, a: Value, b: object) -> None:
        """A thread without a watch has compared a node with a number or another node."""

    def differentiating(self, root: Value, gradient: SupportsFloat, inputs: Container[Value] | None = None) -> None:
        """A sweep is about to begin. It computes the derivatives by these inputs, or by all nodes."""

    def multiplying(self, node: Value, i: int, slope: float, derivative: SupportsFloat) -> None:
        """The chain rule is about to multiply a derivative by slope, the partial of a node by its i-th operand."""

    def depends(self, node: Value) -> bool:  # noqa: ARG002  # any node
        """Whether a node depends on the inputs of a function that is being differentiated."""
        return False


@final
class _Both(Watch):
    """A watch within another one: both are told."""

    def __init__(self, inner: Watch, outer: Watch) -> None:
        self.watches = inner, outer
        self.records = inner.records or outer.records
        self.inspects = inner.inspects or outer.inspects

    def recorded(self, node: Value) -> None:
        for watch in self.watches:
            watch.recorded(node)

    def reading(self, node: Value, how: str) -> None:
        for watch in self.watches:
            watch.reading(node, how)

    def compared(self, a: Value, operator: str, b: object, holds: bool) -> None:
        for watch in self.watches:
            watch.compared(a, operator, b, holds)

    def differentiating(self, root: Value, gradient: SupportsFloat, inputs: Container[Value] | None = None) -> None:
        for watch in self.watches:
            watch.differentiating(root, gradient, inputs)

    def multiplying(self, node: Value, i: int, slope: float, derivative: SupportsFloat) -> None:
        for watch in self.watches:
            watch.multiplying(node, i, slope, derivative)

    def depends(self, node: Value) -> bool:
        return any(watch.depends(node) for watch in self.watches)


class Tracer(Watch):
    """A watch whose nodes stand for the numbers of all later calls. So nothing may depend on the present numbers."""

    traces = True
    inspects = True

    derives = False
    """Whether the chain rule makes the nodes that are recorded now."""

    def ordered(self, order: list[Value]) -> None:
        """The chain rule is about to visit these nodes, to make a graph of derivatives."""

    def chosen(self, derivative: Number) -> None:
        """The chain rule has made this node: a where() of the derivatives on two branches."""

    def __enter__(self) -> None:
        super().__enter__()
        UNDER_WAY.append(self)

    def __exit__(self, *error: Any) -> None:
        UNDER_WAY.remove(self)
        super().__exit__(*error)


UNDER_WAY: list[Watch] = []
"""The watches of all threads that must not miss what other threads do with their Values."""


def watching() -> Watch | None:
    """The watch of this caller."""
    return current()[2] if ENTERED else None


def is_traced() -> bool:
    """Whether a function is being compiled, so that nodes stand for the numbers of all later calls.

    >>> from autograd import compile, is_traced
    >>> is_traced(), compile(lambda x: 2 * x if is_traced() else x)(1.0)
    (False, 2.0)
    """
    watch = watching()
    return watch is not None and watch.traces


def reading(node: Any, how: str) -> None:
    """Tell the watch of this caller that the program reads or changes the number of a node."""
    if ENTERED:
        watch = current()[2]
        if watch is not None:
            watch.reading(node, how)
        else:
            read_unwatched(node, how)


def compared(node: Any, operator: str, other: object, holds: bool) -> None:
    """Tell the watch of this caller that the program has compared a node."""
    if ENTERED:
        watch = current()[2]
        if watch is not None:
            watch.compared(node, operator, other, holds)
        else:
            compared_unwatched(node, other)


def read_unwatched(node: Any, how: str) -> None:
    """Tell the watches of other threads that a thread without one reads or changes a number of a node."""
    for watch in tuple(UNDER_WAY):
        watch.read_elsewhere(node, how)


def compared_unwatched(a: Any, b: object) -> None:
    """Tell the watches of other threads that a thread without one has compared a node."""
    for watch in tuple(UNDER_WAY):
        watch.compared_elsewhere(a, b)


def end_watches(count: int) -> None:
    """Leave the modes that this thread entered since it had so many entries: an interrupt may have prevented that."""
    modes = abandon(count)
    UNDER_WAY[:] = [watch for watch in UNDER_WAY if watch not in modes]
