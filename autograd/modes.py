"""What holds while a block of code runs: `no_grad()` and `scope(name)`.

A mode holds for the thread that entered it. Entered in the body of a generator or coroutine, it
holds while that body runs and not while it is suspended, so it never leaks into the caller.
"""

from __future__ import annotations

import functools
import inspect
import sys
import threading
from collections.abc import Callable
from types import CodeType, FrameType, TracebackType
from typing import Any, TypeVar, Union, cast, final

Function = TypeVar("Function", bound=Callable[..., Any])
Owner = Union[FrameType, int]

ENTERED: list[tuple[Mode, Owner]] = []
"""The modes entered and not yet left, of all threads, each with its thread or suspendable frame."""


class Mode:
    """A context manager that is also a decorator; it may be entered many times."""

    def __enter__(self) -> None:
        ENTERED.append((self, _owner(sys._getframe(1))))
        _known.clear()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        owner = _owner(sys._getframe(1))
        for i in range(len(ENTERED) - 1, -1, -1):
            mode, entered_by = ENTERED[i]
            if mode is self and entered_by == owner:
                del ENTERED[i]
                _known.clear()
                return

    def __call__(self, function: Function) -> Function:
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

        else:

            @functools.wraps(function)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                with self:
                    return function(*args, **kwargs)

        return cast(Function, wrapper)


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


def current() -> tuple[bool, tuple[str, ...]]:
    """Whether no_grad holds for the caller, and the names of the scopes it is in, outermost first."""
    thread = threading.get_ident()
    state = _known.get(thread)
    if state is None:
        entered = tuple(ENTERED)
        held = [
            mode for mode, owner in entered if owner == thread or (isinstance(owner, FrameType) and _is_running(owner))
        ]
        state = (
            any(isinstance(mode, no_grad) for mode in held),
            tuple(mode.name for mode in held if isinstance(mode, scope)),
        )
        if not any(isinstance(owner, FrameType) for _, owner in entered):
            _known[thread] = state
    return state


# by thread, until a mode is entered or left; where a frame may be suspended, nothing is known
_known: dict[int, tuple[bool, tuple[str, ...]]] = {}

_SUSPENDABLE = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


def _owner(frame: FrameType) -> Owner:
    code: CodeType = frame.f_code
    return frame if code.co_flags & _SUSPENDABLE else threading.get_ident()


def _is_running(frame: FrameType) -> bool:
    """Whether the frame is on this thread's stack: a suspended generator is on none."""
    caller: FrameType | None = sys._getframe(1)
    while caller is not None:
        if caller is frame:
            return True
        caller = caller.f_back
    return False
