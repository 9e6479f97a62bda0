"""Threads that interfere as much as the interpreter lets them."""

import sys
import threading
from collections.abc import Callable


def at_once(count: int, work: Callable[[], None]) -> None:
    """Run work in so many threads, which the interpreter switches between as often as it can."""
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
