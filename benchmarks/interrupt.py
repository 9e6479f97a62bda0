"""How long Ctrl-C waits: from the signal to KeyboardInterrupt, while a long graph is built or differentiated.

python benchmarks/interrupt.py [NODES]
"""

import signal
import sys
from time import perf_counter

import autograd
from autograd import Value


def chain(length):
    x = Value(1.0)
    for _ in range(length):
        x = x * 1.0
    return x


def waits(work, seconds, times=40):
    """The milliseconds from a signal to the exception, for signals spread over the seconds that the work takes."""
    for k in range(times):
        delay = seconds * (k + 0.5) / times
        try:
            start = perf_counter()
            signal.setitimer(signal.ITIMER_REAL, delay)
            work()
            signal.setitimer(signal.ITIMER_REAL, 0)
        except KeyboardInterrupt:
            yield 1000 * (perf_counter() - start - delay)


def main(nodes=3_000_000):
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    y = chain(nodes)
    ones = [Value(1.0)] * nodes
    print(f"{nodes:,} nodes, engine: {autograd.backend}")
    for name, work in (
        ("build, operators", lambda: chain(nodes)),
        ("build, sum", lambda: autograd.sum(ones)),
        ("backward", y.backward),
    ):
        start = perf_counter()
        work()
        seconds = perf_counter() - start
        found = sorted(waits(work, seconds))
        print(f"{name}: takes {1000 * seconds:.0f} ms; {len(found)} interrupts waited {found[-1]:.1f} ms at most")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
