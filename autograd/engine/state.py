"""Which modes hold for the caller: those that its thread entered, and those of the generator that runs.

A mode holds for the thread that entered it. If the body of a generator or coroutine entered it, it holds while that
body runs, in any thread, and not while the body is suspended. So it does not leak into the caller. A mode that is
entered in a `contextlib.contextmanager` holds for the block of the with statement.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from types import FrameType

from autograd._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TypeVar

    from autograd.engine.modes import Mode
    from autograd.engine.watch import Watch

    # a mode that was entered and not yet left: the change that entered it, the mode, the body that entered it (None
    # unless it can be suspended), and the list that holds the entry
    Entry = tuple[object, Mode, FrameType | None, "Home"]
    Path = tuple[str, ...]
    Item = TypeVar("Item")

    # whether no_grad() holds; the names of the scopes, outermost first; the mode that watches
    State = tuple[bool, tuple[str, ...], Watch | None]

NOTHING: State = (False, (), None)
"""The state outside of all modes."""


class Home(list["Entry"]):
    """The entries of one thread, or of all bodies. `state` is the state of the thread; None if it must be computed."""

    __slots__ = ("state",)

    def __init__(self) -> None:
        self.state: State | None = NOTHING


class _Here(threading.local):
    """The home of this thread; each thread has its own."""

    def __init__(self) -> None:
        self.home = Home()


HERE = _Here()
"""HERE.home has the entries of this thread."""

ENTERED: list[Entry] = []
"""The entries of all threads and bodies, in order. While it is empty, no mode holds anywhere."""

IN_BODIES = Home()
"""The entries made in bodies of generators and coroutines."""

CHANGES: list[object] = [object()]
"""One object, which is replaced whenever a thread enters or leaves a mode.

An engine may keep the answer of current() for a thread while CHANGES[0], read before the call, is the same object, and
IN_BODIES is empty. If a suspended body resumes, its modes hold again, and the object is not replaced.
"""


def current() -> State:
    """The state of the caller."""
    if not ENTERED:
        return NOTHING
    home = HERE.home
    if IN_BODIES:
        return _state([entry for entry in tuple(ENTERED) if entry[3] is home or _is_running(entry[2])])
    return home.state or state_of(home)


def state_of(home: Home) -> State:
    """Compute the state of a thread, and keep it in its home, unless the compiled engine changes it there unseen."""
    entries = home[:]
    state = _state(entries)
    is_fixed = entries == home and not any(hasattr(change, "moves_unseen") for change, _, _, _ in entries)
    home.state = state if is_fixed else None  # another thread may have left one of them meanwhile
    return state


def _state(entries: list[Entry]) -> State:
    state = NOTHING
    for change, mode, _, _ in entries:
        within = getattr(change, "within", mode.within)
        state = within(state)
    return state


class Each:
    """What `with scopes(paths) as each:` gives: `each(items)` puts each item of a loop in the scopes of its path.

    It is the change that entered the mode, so it is in the entry, and tells what the mode adds at present.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._path: Path = ()

    def within(self, state: State) -> State:
        """The state inside the scopes of the present item, given the state outside of them."""
        paused, names, watch = state
        return paused, names + self._path, watch

    def __call__(self, items: Iterable[Item]) -> Iterator[Item]:
        """The items. While one is handled, the scopes of its path hold; those of the last one hold after a break."""
        for i, item in enumerate(items):
            self._move(self._paths[i] if i < len(self._paths) else ())
            yield item
        self._move(())

    def _move(self, path: Path) -> None:
        self._path = path
        for entry in tuple(ENTERED):
            if entry[0] is self:
                entry[3].state = None
        CHANGES[0] = object()


# --------------------------------------------------------------------------- entering and leaving


def enter(mode: Mode, change: object) -> None:
    """Enter a mode. Only its __enter__() may call this, because it looks at the frame of the caller."""
    body = _calling_body()
    home = HERE.home if body is None else IN_BODIES
    entry = (change, mode, body, home)
    count, state = len(home), mode.within(home.state or state_of(home))
    home.append(entry)
    ENTERED.append(entry)
    home.state = state if len(home) == count + 1 else None  # another thread may have left one of them meanwhile
    CHANGES[0] = change


def leave(mode: Mode) -> None:
    """Leave a mode. Only Mode.__exit__() may call this."""
    body = _calling_body()
    home = HERE.home if body is None else IN_BODIES
    (entry,) = home[-1:] or (None,)
    if entry is None or entry[1] is not mode or entry[2] is not body:  # rare
        entry = _entry_left_by(mode, body, home)
        home = entry[3]
    home.remove(entry)
    ENTERED.remove(entry)
    home.state = None if home else NOTHING
    CHANGES[0] = object()


def abandon(count: int) -> list[Mode]:
    """Leave all modes that this thread entered since it had so many entries, and return them.

    An interrupt may come before the first line of __exit__(), or after the last of __enter__().
    """
    home = HERE.home
    left = home[count:]
    del home[count:]
    for entry in tuple(ENTERED):
        if entry[3] is home and entry not in home:
            left.append(entry)
            ENTERED.remove(entry)
    home.state = None
    CHANGES[0] = object()
    return [mode for _, mode, _, _ in left]


def _entry_left_by(mode: Mode, body: FrameType | None, home: Home) -> Entry:
    """The last entry of this mode by this body or thread; if there is none, its last entry by any."""
    entries = [entry for entry in tuple(ENTERED) if entry[1] is mode]
    if not entries:
        raise RuntimeError(f"{mode!r} was left more often than entered; use it in a with statement")
    ours = [entry for entry in entries if entry[2] is body and entry[3] is home]
    return (ours or entries)[-1]


# --------------------------------------------------------------------------- bodies that can be suspended

# inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
_SUSPENDABLE = 0x20 | 0x80 | 0x200
_CONTEXTLIB = contextlib.__file__


def _calling_body() -> FrameType | None:
    """The generator or coroutine whose code enters or leaves a mode; frames of contextlib are skipped."""
    try:
        frame: FrameType | None = sys._getframe(3)  # past enter() and Mode.__enter__()
    except ValueError:  # called from C, for example at exit
        return None
    if not frame.f_code.co_flags & _SUSPENDABLE and not _is_of_contextlib(frame):  # type: ignore[union-attr]
        return None  # a plain function: the mode belongs to the thread
    while frame is not None and (_is_of_contextlib(frame) or _is_of_contextlib(frame.f_back)):
        frame = frame.f_back
    return frame if frame is not None and frame.f_code.co_flags & _SUSPENDABLE else None


def _is_of_contextlib(frame: FrameType | None) -> bool:
    return frame is not None and frame.f_code.co_filename == _CONTEXTLIB


def _is_running(body: FrameType | None) -> bool:
    """Whether the body is on the stack of this thread. A suspended body is on no stack, and has no caller."""
    if body is None or body.f_back is None:
        return False
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame is not body:
        frame = frame.f_back
    return frame is body
