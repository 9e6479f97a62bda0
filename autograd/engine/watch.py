"""Watch: a mode that is told what happens to Values. compile() uses it to trace, detect_anomaly() to find a nan."""

from __future__ import annotations

from autograd._typing import TYPE_CHECKING
from autograd.engine.modes import Mode
from autograd.engine.state import ENTERED, current

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

    def within(self, state: State) -> State:
        paused, names, _ = state
        return paused, names, self

    def recorded(self, node: Value) -> None:
        """A node was made: a leaf, or the result of an operation."""

    def reading(self, node: Value, how: str) -> None:
        """The program is about to read the number of a node, or to replace it; then how is ".data ="."""

    def compared(self, a: Value, operator: str, b: object, holds: bool) -> None:
        """The program has compared a node with a number or another node."""

    def differentiating(self, root: Value, gradient: SupportsFloat, inputs: Container[Value] | None = None) -> None:
        """A sweep is about to begin. It computes the derivatives by these inputs, or by all nodes."""

    def multiplying(self, node: Value, i: int, slope: float, derivative: SupportsFloat) -> None:
        """The chain rule is about to multiply a derivative by slope, the partial of a node by its i-th operand."""


class Tracer(Watch):
    """A watch whose nodes stand for the numbers of all later calls. So nothing may depend on the present numbers."""

    traces = True

    derives = False
    """Whether the chain rule makes the nodes that are recorded now."""

    def read_elsewhere(self, node: Value) -> None:
        """A thread without a watch reads, compares or changes this node."""

    def ordered(self, order: list[Value]) -> None:
        """The chain rule is about to visit these nodes, to make a graph of derivatives."""

    def chosen(self, derivative: Number) -> None:
        """The chain rule has made this node: a where() of the derivatives on two branches."""

    def __enter__(self) -> None:
        super().__enter__()
        TRACERS.append(self)

    def __exit__(self, *error: Any) -> None:
        TRACERS.remove(self)
        super().__exit__(*error)


TRACERS: list[Tracer] = []
"""The active tracers of all threads. They must not miss what other threads do with their Values."""


def is_traced() -> bool:
    """Whether a function is being compiled, so that nodes stand for the numbers of all later calls."""
    watch = current()[2] if ENTERED else None
    return watch is not None and watch.traces


def reading(node: Any, how: str) -> None:
    """Tell the watch of this caller that the program reads or changes the number of a node."""
    if ENTERED:
        watch = current()[2]
        if watch is not None:
            watch.reading(node, how)
        else:
            read_unwatched(node)


def compared(node: Any, operator: str, other: object, holds: bool) -> None:
    """Tell the watch of this caller that the program has compared a node."""
    if ENTERED:
        watch = current()[2]
        if watch is not None:
            watch.compared(node, operator, other, holds)
        else:
            read_unwatched(node, other)


def read_unwatched(*numbers: object) -> None:
    """Tell every tracer that a thread without a watch reads, compares or changes these Values."""
    for tracer in tuple(TRACERS):
        for x in numbers:
            if hasattr(x, "_record"):  # a Value
                tracer.read_elsewhere(x)  # type: ignore[arg-type]
