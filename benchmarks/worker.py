"""The process of one peer, `worker.py PEER WORKLOAD NAMES_FILE`, started by run.py in the peer's environment.

It answers in lines of JSON. The first line is the result of one step, which run.py compares with those of
the other peers. Then it reads numbers of seconds, one a line. For each it runs steps for so long, and answers
how many milliseconds they took.
"""

import gc
import importlib
import json
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter

import workloads

SHORT = 1e-4  # s
PHASES = ("forward", "free", "backward", "update")


def main(peer_name, workload, names_file):
    peer = importlib.import_module(f"peers.{peer_name}")
    names = Path(names_file).read_text(encoding="utf-8").split()
    if workload in workloads.RECORDED and not hasattr(peer, "forward"):
        raise workloads.UnsupportedError("only what it compiles is compared")
    if workload == "memory":
        answer({"bytes per operation": bytes_per_operation(peer)})
        return
    make_task = getattr(workloads, workload)
    task = make_task(peer, names) if workload.startswith("microgpt") else make_task(peer)
    is_call = isinstance(task, workloads.Call)
    first = first_call(task) if is_call else first_step(peer, task)
    answer(first | {"version": peer_version(peer)})
    for line in sys.stdin:
        answer(timed_calls(task, float(line)) if is_call else timed_steps(peer, task, float(line)))


def answer(message):
    print(json.dumps(message), flush=True)


def peer_version(peer):
    """The version of the package of a peer; '' for a peer that is only a file here."""
    if not peer.REQUIREMENTS:
        return ""
    requirement = peer.REQUIREMENTS[0].split("==")[0]
    return version("valuegrad" if requirement == "." else requirement)


def first_step(peer, task):
    """The loss and the gradients of the first function, and the size of its graph."""
    recording = peer.forward(task.functions[0], task.parameters)
    nodes = peer.nodes(recording) if hasattr(peer, "nodes") and len(task.functions) == 1 else None
    peer.backward(recording)
    numbers = [peer.result(recording), *peer.gradients(recording, task.parameters)]
    task.update()
    return {"numbers": numbers, "nodes": nodes, "operations": task.operations}


def first_call(task):
    """The numbers of a call, and the time to compile it if that is known."""
    known = {} if task.compile is None else {"compile": task.compile}
    return {"numbers": flat((task.numbers or task.run)())} | known


def flat(x):
    """The numbers of nested lists, tuples and arrays."""
    if hasattr(x, "tolist"):
        x = x.tolist()
    return [number for item in x for number in flat(item)] if isinstance(x, (list, tuple)) else [float(x)]


def timed_steps(peer, task, seconds):
    """The median milliseconds of each phase of a step, over passes through the functions of the task.

    As in a training loop, the graph of a step is freed when the next step has recorded its own. That is the phase
    `free`. The first step frees nothing, so the time to free the last graph is added there.
    """
    share = 1000 / len(task.functions)
    recording = latest = None
    passes = []
    start = perf_counter()
    while not passes or perf_counter() - start < seconds:
        durations = dict.fromkeys(PHASES, 0.0)
        for function in task.functions:
            times = [perf_counter()]
            latest = peer.forward(function, task.parameters)
            times.append(perf_counter())
            recording = latest
            times.append(perf_counter())
            peer.backward(recording)
            times.append(perf_counter())
            task.update()
            times.append(perf_counter())
            for phase, begin, end in zip(PHASES, times, times[1:]):
                durations[phase] += share * (end - begin)
        passes.append(durations)
    del latest
    start = perf_counter()
    del recording
    passes[0]["free"] += share * (perf_counter() - start)
    for durations in passes:
        durations["step"] = sum(durations.values())
    return {name: median(durations[name] for durations in passes) for name in passes[0]}


def timed_calls(task, seconds):
    """The median milliseconds of a step of a call. Short calls are timed many at a time."""
    start = perf_counter()
    task.run()
    first = perf_counter() - start
    count = max(1, int(SHORT / first))
    durations = [] if count > 1 else [first]
    while not durations or perf_counter() - start < seconds:
        begin = perf_counter()
        for _ in range(count):
            task.run()
        durations.append((perf_counter() - begin) / count)
    return {"step": 1000 * median(durations) / task.steps}


def bytes_per_operation(peer):
    """The growth of the resident memory of the process for each operation of a chain that is recorded."""
    small, large = (workloads.chain(peer, length) for length in (1000, workloads.CHAIN_LENGTH))
    recording = peer.forward(small.functions[0], small.parameters)
    del recording
    gc.collect()
    before = resident_bytes()
    recording = peer.forward(large.functions[0], large.parameters)
    growth = resident_bytes() - before
    del recording
    return growth / large.operations


def resident_bytes():
    """The resident memory of the process now; without /proc, the most that it ever had."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except FileNotFoundError:
        import resource  # lazy: Windows has neither

        unit = 1 if platform.system() == "Darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main(*sys.argv[1:])
