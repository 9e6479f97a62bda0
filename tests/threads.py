"""Threads and signal handlers that interrupt as often as the interpreter allows."""

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator

import pytest


def at_once(count: int, work: Callable[[], None]) -> None:
    """Run work in several threads; the interpreter switches between them as often as it can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)


NEEDS_TIMER = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this platform has no interval timer")


@contextlib.contextmanager
def interrupting_with(handler: Callable[[], object], every: float = 0.001) -> Iterator[None]:
    """Call handler at this interval, in the middle of whatever runs; only once if it raises an exception."""
    before = signal.signal(signal.SIGALRM, lambda *_: handler())
    signal.setitimer(signal.ITIMER_REAL, 0.001, every)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
