"""What holds while a block of code runs: `no_grad()`, `enable_grad()`, `scope(name)`; and `detect_anomaly()`.

A mode holds for the thread that entered it. Entered in the body of a generator or coroutine, it
holds while that body runs, in whatever thread, and not while it is suspended, so it does not leak
into the caller. The body of a `contextlib.contextmanager` belongs to the block it is used for.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from types import FrameType, TracebackType

from autograd._typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from collections.abc import Container
    from typing import Any, SupportsFloat, TypeVar

    from autograd.engine.value import Value
    from autograd.operations.operation import Number

    Function = TypeVar("Function", bound=Callable[..., Any])

    # of a mode entered and not yet left: what tells it from all others, the mode, the suspendable body
    # it was entered in, if any, and where it is listed
    _Entry = tuple[object, "Mode", FrameType | None, "_Home"]

    # whether no_grad holds, the names of the scopes, outermost first, and who watches, if anyone
    State = tuple[bool, tuple[str, ...], "Watch | None"]

NOTHING: State = (False, (), None)
"""What holds outside of every mode."""


class _Home(list["_Entry"]):
    """The entries of one thread, or those of all bodies; and what those of a thread come to, None if not known."""

    __slots__ = ("state",)

    def __init__(self) -> None:
        self.state: State | None = NOTHING


class _Here(threading.local):
    """The home of this thread; each thread has its own."""

    def __init__(self) -> None:
        self.home = _Home()


HERE = _Here()
"""Where the entries of this thread are: in its home."""

ENTERED: list[_Entry] = []
"""The entries of all threads and bodies, in order; while it is empty, nothing else needs a look."""

# An engine that records a node in less time than current() takes may keep what current() said, one
# answer a thread: it holds as long as CHANGES[0], read before the call, is the same object and
# IN_BODIES is empty, for a suspended body resumes, and its modes hold again, without any change.

CHANGES: list[object] = [object()]
"""One object, another one after every entering and every leaving of a mode in any thread."""

IN_BODIES = _Home()
"""The entries made in bodies of generators and coroutines."""

TRACES: list[Watch] = []
"""Who traces a function, in whatever thread: what others do with its Values is not to be missed."""


class Mode(ABC):
    """A context manager that is also a decorator; it may be entered many times.

    Leaving it more often than entering raises RuntimeError.
    """

    @abstractmethod
    def within(self, state: State) -> State:
        """What holds while this mode does, given what would hold without it."""

    def __enter__(self) -> None:
        body = _calling_body()
        home = HERE.home if body is None else IN_BODIES
        change = object()
        entry = (change, self, body, home)
        count, state = len(home), self.within(home.state or state_of(home))
        home.append(entry)
        ENTERED.append(entry)
        home.state = state if len(home) == count + 1 else None  # another thread may have left one of them meanwhile
        CHANGES[0] = change

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        body = _calling_body()
        home = HERE.home if body is None else IN_BODIES
        (entry,) = home[-1:] or (None,)
        if entry is None or entry[1] is not self or entry[2] is not body:  # hardly ever
            entry = self._left_by(body, home)
            home = entry[3]
        home.remove(entry)
        ENTERED.remove(entry)
        home.state = None if home else NOTHING
        CHANGES[0] = object()

    def _left_by(self, body: FrameType | None, home: _Home) -> _Entry:
        """The last entry of this mode by this body or thread, else its last of all."""
        entries = [entry for entry in tuple(ENTERED) if entry[1] is self]
        if not entries:
            raise RuntimeError(f"{type(self).__name__} was left more often than entered; use it in a with statement")
        ours = [entry for entry in entries if entry[2] is body and entry[3] is home]
        return (ours or entries)[-1]

    def __call__(self, function: Function) -> Function:
        import inspect  # lazy: it takes as long to import as all of autograd

        wrapper: Callable[..., Any]
        if inspect.isgeneratorfunction(function):

            @functools.wraps(function)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                with self:
                    return (yield from function(*args, **kwargs))

        elif inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def wrapper(*args: Any, **kwargs: Any) -> Any:
                with self:
                    return await function(*args, **kwargs)

        elif inspect.isasyncgenfunction(function):

            @functools.wraps(function)
            async def wrapper(*args: Any, **kwargs: Any) -> Any:
                with self:
                    async for item in function(*args, **kwargs):
                        yield item

        else:

            @functools.wraps(function)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                with self:
                    return function(*args, **kwargs)

        return wrapper  # type: ignore[return-value]  # it takes and gives what function does


class Watch(Mode):
    """A mode that is told what happens to Values while it holds; an exception it raises undoes that."""

    traces = False
    """Whether what is recorded stands for other numbers too, so that nothing may depend on those there are."""

    chooses = True
    """Whether of a where() only the branch that it takes now is one of its inputs."""

    def within(self, state: State) -> State:
        paused, names, _ = state
        return paused, names, self

    def created(self, leaf: Value) -> None:
        """The program has made this leaf."""

    def recorded(self, node: Value) -> None:
        """An operation has made this node."""

    def reading(self, node: Value, how: str) -> None:
        """The program is about to take the number out of this node."""

    def changing(self, node: Value) -> None:
        """The program is about to put another number into this node."""

    def compared(self, a: Value, operator: str, b: object, holds: bool) -> None:
        """The program has compared a node with a number or another node."""

    def reading_elsewhere(self, node: Value) -> None:
        """A thread that nobody watches reads this node, compares or changes it. Only those in TRACES are told."""

    def ordered(self, order: list[Value]) -> None:
        """The chain rule is about to go through these nodes, to make a graph of derivatives."""

    def chosen(self, derivative: Number) -> None:
        """The chain rule has made this node, the derivative on one branch of a where() or that on the other."""

    def multiplying(self, node: Value, i: int, slope: float, derivative: SupportsFloat) -> None:
        """The chain rule is about to multiply a derivative by the partial of a node by its i-th operand, its slope."""

    def differentiating(self, root: Value, gradient: SupportsFloat, inputs: Container[Value] | None = None) -> None:
        """A sweep is about to begin, of which the derivatives by these inputs are wanted, or by all nodes."""


@final
class no_grad(Mode):
    """While it holds, operations give plain leaves: no graph is recorded and no gradient flows.

    >>> from autograd import Value, no_grad
    >>> x = Value(3.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.op is None
    True
    """

    def within(self, state: State) -> State:
        _, names, watch = state
        if watch is not None and watch.traces:
            raise RuntimeError(
                "no_grad() has no meaning within a compiled function, which is differentiated as a whole; "
                "use stop_gradient(x), or x.detach(), for what no gradient shall flow through"
            )
        return True, names, watch


@final
class enable_grad(Mode):
    """While it holds, operations are recorded, also within `no_grad()`.

    >>> from autograd import Value, enable_grad, no_grad
    >>> x = Value(3.0)
    >>> with no_grad(), enable_grad():
    ...     y = x * x
    >>> y.op
    'multiply'
    """

    def within(self, state: State) -> State:
        _, names, watch = state
        return False, names, watch


@final
class scope(Mode):
    """While it holds, the nodes recorded belong to the named part of the computation.

    Scopes nest; a picture can draw one as a single box.

    Raises:
        TypeError: the name is not a str.

    >>> from autograd import Value, scope
    >>> with scope("model"), scope("layer 1"):
    ...     y = Value(3.0) * 2
    >>> y.scope
    ('model', 'layer 1')
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise TypeError(f"scope() takes a name, got {type(name).__name__}; write scope('layer 1')")
        self.name = name

    def within(self, state: State) -> State:
        paused, names, watch = state
        return paused, (*names, self.name), watch


def current() -> State:
    """What holds for the caller."""
    if not ENTERED:
        return NOTHING
    home = HERE.home
    if IN_BODIES:
        return _state([entry for entry in tuple(ENTERED) if entry[3] is home or _is_running(entry[2])])
    return home.state or state_of(home)


def state_of(home: _Home) -> State:
    """What the entries of a thread come to, which it then knows."""
    entries = home[:]
    home.state = state = _state(entries)
    if entries != home:  # another thread left one of them meanwhile
        home.state = None
    return state


def _state(entries: list[_Entry]) -> State:
    state = NOTHING
    for _, mode, _, _ in entries:
        state = mode.within(state)
    return state


def is_traced() -> bool:
    """Whether a function is being compiled, so that what is recorded stands for other numbers too."""
    watch = current()[2]
    return watch is not None and watch.traces


def reading(node: Any, how: str) -> None:
    """Tell who watches that somebody takes the number out of a node."""
    if ENTERED:
        watch = current()[2]
        if watch is not None:
            watch.reading(node, how)
        else:
            read_unwatched(node)


def changing(node: Any) -> None:
    """Tell who watches that somebody changes the number of a node."""
    if ENTERED:
        watch = current()[2]
        if watch is not None:
            watch.changing(node)
        else:
            read_unwatched(node)


def compared(node: Any, operator: str, other: object, holds: bool) -> None:
    """Tell who watches that somebody has compared a node."""
    if ENTERED:
        watch = current()[2]
        if watch is not None:
            watch.compared(node, operator, other, holds)
        else:
            read_unwatched(node, other)


def read_unwatched(*numbers: object) -> None:
    """These are read, compared or changed where nobody watches."""
    for watch in tuple(TRACES):
        for x in numbers:
            if hasattr(x, "_record"):  # a Value
                watch.reading_elsewhere(x)  # type: ignore[arg-type]


# inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
_SUSPENDABLE = 0x20 | 0x80 | 0x200
_CONTEXTLIB = contextlib.__file__


def _calling_body() -> FrameType | None:
    """The generator or coroutine whose code enters or leaves a mode, past contextlib and its context managers."""
    try:
        frame: FrameType | None = sys._getframe(2)
    except ValueError:  # C calls, as at exit
        return None
    code = frame.f_code  # type: ignore[union-attr]  # somebody does
    if not code.co_flags & _SUSPENDABLE and code.co_filename != _CONTEXTLIB:
        return None  # the walk below would come to the same, and costs more than the rest of entering a mode
    while frame is not None and (_is_of_contextlib(frame) or _is_of_contextlib(frame.f_back)):
        frame = frame.f_back
    return frame if frame is not None and frame.f_code.co_flags & _SUSPENDABLE else None


def _is_of_contextlib(frame: FrameType | None) -> bool:
    return frame is not None and frame.f_code.co_filename == _CONTEXTLIB


def _is_running(body: FrameType | None) -> bool:
    """Whether the body is on this thread's stack; a suspended one is on none, and has no caller."""
    if body is None or body.f_back is None:
        return False
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame is not body:
        frame = frame.f_back
    return frame is body
