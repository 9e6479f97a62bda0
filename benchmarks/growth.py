"""How the cost of a compiled program grows with its rows, its threads and its operations.

    python benchmarks/growth.py
    python benchmarks/growth.py --rows 100000 --operations 100000

It needs valuegrad with its compiled engine, and NumPy. A time is the median of half a second of calls, at least three.
"""

import argparse
import ast
import builtins
import random
from statistics import median
from time import perf_counter

import numpy as np
import report
import workloads

import autograd
from autograd import Value, compile, exp, relu, tanh

THREADS = (1, 2)
SECONDS = 0.5


def milliseconds(call):
    """The median time of a call, after one that is not counted."""
    call()
    durations = []
    while len(durations) < 3 or sum(durations) < 1000 * SECONDS:
        start = perf_counter()
        call()
        durations.append(1000 * (perf_counter() - start))
    return median(durations)


def powers_of_ten(first, most):
    while first <= most:
        yield first
        first *= 10


def by_rows(most):
    """Loss and gradient of the network 2-16-16-1 on two moons, for more and more rows."""
    weights, points, labels = workloads.moons_data(most)
    layers = workloads.plain_layers([Value(x) for x in weights], 2, [16, 16, 1])
    program = compile(lambda x, y: relu(1 - y * workloads.mlp(layers, x, relu)))
    x, y = np.array(points), np.array(labels, dtype=float)
    for n in powers_of_ten(1, most):
        times = [milliseconds(lambda n=n, k=k: program.backward(x[:n], y[:n], threads=k)) for k in THREADS]
        row = {"rows": f"{n:,}"}
        row |= {f"{k} thread{'s'[: k > 1]}, ms": report.number(time) for k, time in zip(THREADS, times)}
        yield row | {"ns per row, 1 thread": report.number(1e6 * times[0] / n)}


def by_operations(most):
    """Value and gradient of a random expression of 10 leaves, for more and more operations."""
    for n in powers_of_ten(10, most):
        numbers, source = workloads.random_expression(n, 10, random.Random(0))
        names = {"exp": exp, "relu": relu, "tanh": tanh}
        function = in_pieces(source, names)
        leaves = np.array(numbers)
        program = compile(function)
        start = perf_counter()
        program.value_and_grad(leaves)  # traces the function
        traced = perf_counter()
        program.value_and_grad(leaves)  # compiles the trace
        first, second = 1000 * (traced - start), 1000 * (perf_counter() - traced)
        time = milliseconds(lambda program=program, leaves=leaves: program.value_and_grad(leaves))
        yield {
            "operations": f"{n:,}",
            "instructions": f"{len(program.value_and_grad):,}",
            "first call, ms": report.number(first),
            "second call, ms": report.number(second),
            "us per operation": report.number(1000 * (first + second) / n),
            "later call, ms": report.number(time),
            "ns per operation": report.number(1e6 * time / n),
        }


def in_pieces(source, names, size=1000):
    """The function of a random expression, run in pieces, because Python compiles long functions slowly."""
    _, _, *lines, last = source.splitlines()
    text = [line.strip() for line in lines]
    pieces = [ast.parse("\n".join(text[i : i + size])) for i in range(0, len(text), size)]
    pieces = [builtins.compile(piece, "expression", "exec") for piece in pieces]

    def function(leaves):
        values = names | {f"v{i}": x for i, x in enumerate(leaves)}
        for piece in pieces:
            exec(piece, values)
        return values[last.split()[1]]

    return function


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000, help="the most (default: 1,000,000)")
    parser.add_argument("--operations", type=int, default=1_000_000, help="the most (default: 1,000,000)")
    chosen = parser.parse_args()
    if autograd.backend != "native":
        raise SystemExit("growth.py measures the compiled engine, which was not built; install a C compiler")
    print("\n".join(f"- {name}: {fact}" for name, fact in report.machine().items()))
    for title, rows in (("Rows", by_rows(chosen.rows)), ("Operations", by_operations(chosen.operations))):
        print(f"\n## {title}\n\n{report.table(list(rows))}", flush=True)


if __name__ == "__main__":
    main()
