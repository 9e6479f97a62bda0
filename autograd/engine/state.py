"""Which modes hold for the caller: those that its thread entered, and those of the generator that runs.

A mode holds for the thread that entered it. Entered in the body of a generator or coroutine, it holds while that body
runs, in whatever thread, and not while it is suspended: so it does not leak into the caller. The body of a
`contextlib.contextmanager` belongs to the block that it is used for.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from types import FrameType

from autograd._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograd.engine.modes import Mode
    from autograd.engine.watch import Watch

    # a mode that was entered and not yet left: its number among the changes, the mode, the body it was entered in if
    # that can be suspended, and the list it stands in
    Entry = tuple[object, Mode, FrameType | None, "Home"]

    # whether no_grad() holds, the names of the scopes, outermost first, and who watches
    State = tuple[bool, tuple[str, ...], Watch | None]

NOTHING: State = (False, (), None)
"""What holds outside of every mode."""


class Home(list["Entry"]):
    """The entries of one thread, or those of all bodies; and the state of a thread, None if it must be computed."""

    __slots__ = ("state",)

    def __init__(self) -> None:
        self.state: State | None = NOTHING


class _Here(threading.local):
    """The home of this thread; each thread has its own."""

    def __init__(self) -> None:
        self.home = Home()


HERE = _Here()
"""Where the entries of this thread are: in its home."""

ENTERED: list[Entry] = []
"""The entries of all threads and bodies, in order. While it is empty, no mode holds anywhere."""

IN_BODIES = Home()
"""The entries made in bodies of generators and coroutines."""

CHANGES: list[object] = [object()]
"""One object: another one after every entering and every leaving of a mode in any thread.

An engine may keep the answer of current() for a thread as long as CHANGES[0], read before the call, is the same object
and IN_BODIES is empty: a suspended body resumes, and its modes hold again, without any change.
"""


def current() -> State:
    """What holds for the caller."""
    if not ENTERED:
        return NOTHING
    home = HERE.home
    if IN_BODIES:
        return _state([entry for entry in tuple(ENTERED) if entry[3] is home or _is_running(entry[2])])
    return home.state or state_of(home)


def state_of(home: Home) -> State:
    """The state of a thread, which its home then knows."""
    entries = home[:]
    home.state = state = _state(entries)
    if entries != home:  # another thread left one of them meanwhile
        home.state = None
    return state


def _state(entries: list[Entry]) -> State:
    state = NOTHING
    for _, mode, _, _ in entries:
        state = mode.within(state)
    return state


# --------------------------------------------------------------------------- entering and leaving


def enter(mode: Mode) -> None:
    """From now on the mode holds. Only Mode.__enter__() may call it, for it looks at the frame of its caller."""
    body = _calling_body()
    home = HERE.home if body is None else IN_BODIES
    change = object()
    entry = (change, mode, body, home)
    count, state = len(home), mode.within(home.state or state_of(home))
    home.append(entry)
    ENTERED.append(entry)
    home.state = state if len(home) == count + 1 else None  # another thread may have left one of them meanwhile
    CHANGES[0] = change


def leave(mode: Mode) -> None:
    """The mode holds no more. Only Mode.__exit__() may call it."""
    body = _calling_body()
    home = HERE.home if body is None else IN_BODIES
    (entry,) = home[-1:] or (None,)
    if entry is None or entry[1] is not mode or entry[2] is not body:  # hardly ever
        entry = _entry_left_by(mode, body, home)
        home = entry[3]
    home.remove(entry)
    ENTERED.remove(entry)
    home.state = None if home else NOTHING
    CHANGES[0] = object()


def _entry_left_by(mode: Mode, body: FrameType | None, home: Home) -> Entry:
    """The last entry of this mode by this body or thread, else its last of all."""
    entries = [entry for entry in tuple(ENTERED) if entry[1] is mode]
    if not entries:
        raise RuntimeError(f"{type(mode).__name__} was left more often than entered; use it in a with statement")
    ours = [entry for entry in entries if entry[2] is body and entry[3] is home]
    return (ours or entries)[-1]


# --------------------------------------------------------------------------- bodies that can be suspended

# inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
_SUSPENDABLE = 0x20 | 0x80 | 0x200
_CONTEXTLIB = contextlib.__file__


def _calling_body() -> FrameType | None:
    """The generator or coroutine whose code enters or leaves a mode, past contextlib and its context managers."""
    try:
        frame: FrameType | None = sys._getframe(3)  # past enter() and Mode.__enter__()
    except ValueError:  # C calls, as at exit
        return None
    if not frame.f_code.co_flags & _SUSPENDABLE and not _is_of_contextlib(frame):  # type: ignore[union-attr]
        return None  # a plain function: whatever calls it, the mode belongs to the thread
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
