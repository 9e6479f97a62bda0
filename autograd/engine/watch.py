"""A mode that is told what happens to Values: compile() traces by it, detect_anomaly() looks for nan by it."""

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
    """While it holds, its methods are called; an exception that they raise undoes what they were told of."""

    traces = False
    """Whether the nodes stand for the numbers of every call, as for a Tracer."""

    chooses = True
    """Whether where() has only the branch that it takes now as an input."""

    def within(self, state: State) -> State:
        paused, names, _ = state
        return paused, names, self

    def recorded(self, node: Value) -> None:
        """A node was made: a leaf by the program, another one by an operation."""

    def reading(self, node: Value, how: str) -> None:
        """The program is about to take the number out of a node, or to put another one into it (how is ".data =")."""

    def compared(self, a: Value, operator: str, b: object, holds: bool) -> None:
        """The program has compared a node with a number or another node."""

    def differentiating(self, root: Value, gradient: SupportsFloat, inputs: Container[Value] | None = None) -> None:
        """A sweep is about to begin. It wants the derivatives by these inputs, or by all nodes."""

    def multiplying(self, node: Value, i: int, slope: float, derivative: SupportsFloat) -> None:
        """The chain rule is about to multiply a derivative by the partial of a node by its i-th operand, its slope."""


class Tracer(Watch):
    """A watch for which the nodes stand for the numbers of every call, so that nothing may depend on those of now."""

    traces = True

    def read_elsewhere(self, node: Value) -> None:
        """A thread without a watch reads this node, compares or changes it."""

    def ordered(self, order: list[Value]) -> None:
        """The chain rule is about to go through these nodes, to make a graph of derivatives."""

    def chosen(self, derivative: Number) -> None:
        """The chain rule has made this node: the derivative on one branch of a where() or that on the other."""

    def __enter__(self) -> None:
        super().__enter__()
        TRACERS.append(self)

    def __exit__(self, *error: Any) -> None:
        TRACERS.remove(self)
        super().__exit__(*error)


TRACERS: list[Tracer] = []
"""Who traces a function, in whatever thread: they must not miss what other threads do with its Values."""


def is_traced() -> bool:
    """Whether a function is being compiled, so that nodes stand for the numbers of every call."""
    watch = current()[2] if ENTERED else None
    return watch is not None and watch.traces


def reading(node: Any, how: str) -> None:
    """Tell who watches that the program takes the number out of a node, or changes it."""
    if ENTERED:
        watch = current()[2]
        if watch is not None:
            watch.reading(node, how)
        else:
            read_unwatched(node)


def compared(node: Any, operator: str, other: object, holds: bool) -> None:
    """Tell who watches that the program has compared a node."""
    if ENTERED:
        watch = current()[2]
        if watch is not None:
            watch.compared(node, operator, other, holds)
        else:
            read_unwatched(node, other)


def read_unwatched(*numbers: object) -> None:
    """Tell every tracer that a thread without a watch reads these Values, compares or changes them."""
    for tracer in tuple(TRACERS):
        for x in numbers:
            if hasattr(x, "_record"):  # a Value
                tracer.read_elsewhere(x)  # type: ignore[arg-type]
