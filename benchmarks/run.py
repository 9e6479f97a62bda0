"""Measure valuegrad against its peers, and print how many times as long they take.

    python benchmarks/run.py
    python benchmarks/run.py --peers valuegrad_native xad --workloads two_moons --repeat 9

Each peer has its own virtual environment, and its own process for each workload. The peers run in turns,
so a machine that slows down slows down all of them. The exit code is 1 if a peer disagrees with the others
about a loss or a gradient.
"""

import argparse
import contextlib
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from statistics import median
from time import perf_counter

import environments
import report
from environments import FOLDER, MissingError
from microgpt import standard_library_names

STEPPED = (
    "two_moons",
    "expression",
    "chain",
    "microgpt",
    "microgpt_dot",
    "hessian",
    "rosenbrock_gradient",
    "moons_rows_1",
    "moons_rows_100",
    "moons_rows_32768",
    "moons_tanh_1024",
    "unrolled",
    "microgpt_compiled",
    "compile_time",
    "digits_sgd",
    "digits_adam",
    "black_scholes",
    "pendulum",
    "first_result",
)
WORKLOADS = (*STEPPED, "import", "memory")
SECONDS = 0.5  # how long a peer runs in a round; at least one step
SLOW = 20_000.0  # ms; a peer whose step takes longer is measured in one round only
PATIENCE = 900.0  # s, for one answer of a process
IMPORTS = 5  # in a round
TOLERANCE = 1e-9


class ProcessError(Exception):
    """A process of a peer ended; the message says why."""


class Worker:
    """The process of a peer that runs a workload."""

    def __init__(self, peer, python, workload, names_file):
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  # closed by stop()
        self.process = subprocess.Popen(
            [python, "-E", FOLDER / "worker.py", peer.name, workload, names_file],
            env=peer.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
        )

    def ask(self, seconds):
        with contextlib.suppress(BrokenPipeError):  # answer() raises the reason
            self.process.stdin.write(f"{seconds}\n")
            self.process.stdin.flush()
        return self.answer()

    def answer(self):
        impatient = threading.Timer(PATIENCE, self.process.kill)
        impatient.daemon = True
        impatient.start()
        line = self.process.stdout.readline()
        impatient.cancel()
        if line:
            return json.loads(line)
        code = self.process.wait()
        if code == -getattr(signal, "SIGKILL", 0):
            raise ProcessError(f"killed: no answer within {PATIENCE:g} s, or out of memory")
        if code < 0:
            raise ProcessError(f"the process died of {signal.Signals(-code).name}")
        self.errors.seek(0)
        lines = self.errors.read().strip().splitlines() or [f"the process ended with exit code {code}"]
        raise ProcessError(lines[-1].removeprefix("workloads.UnsupportedError: "))

    def stop(self):
        self.process.kill()
        self.process.communicate()
        self.errors.close()


def step_times(workload, installed, names_file, repeat):
    """The first step of each peer, and the times of its steps in rounds of all peers."""
    measured, workers = {}, {}
    try:
        for peer, python in installed:
            workers[peer.name] = Worker(peer, python, workload, names_file)
            attempt(measured, peer.name, workers[peer.name].answer)
        for _ in range(repeat):
            for name, worker in workers.items():
                if "failure" in measured[name]:
                    continue
                rounds = measured[name].setdefault("rounds", [])
                if not rounds or rounds[-1]["step"] < SLOW:
                    attempt(measured, name, lambda worker=worker, rounds=rounds: rounds.append(worker.ask(SECONDS)))
    finally:
        for worker in workers.values():
            worker.stop()
    return measured


def attempt(measured, name, action):
    """Add the result of the action to the measurements of a peer, or the reason why it failed."""
    print(".", end="", file=sys.stderr, flush=True)
    try:
        measured.setdefault(name, {}).update(action() or {})
    except ProcessError as failure:
        measured[name] = {"failure": str(failure)}


def import_times(installed, repeat):
    """How many ms the import adds to an interpreter that starts, ends and does nothing else."""
    measured = {peer.name: {"rounds": []} for peer, _ in installed if peer.module}
    for _ in range(repeat):
        for peer, python in installed:
            if peer.module:
                times = {"pass": [], f"import {peer.module}": []}
                for _ in range(IMPORTS):
                    for code, durations in times.items():
                        command = [python, "-I", "-c", code]  # -I: do not import from the current folder
                        start = perf_counter()
                        subprocess.run(command, env=peer.environment(), check=True, capture_output=True)
                        durations.append(1000 * (perf_counter() - start))
                bare, full = map(median, times.values())
                measured[peer.name]["rounds"].append({"bare": bare, "import": full - bare})
    return measured


def memory(installed, names_file):
    """Bytes per operation, each peer in a fresh process; one round, because they hardly vary."""
    measured = {}
    for peer, python in installed:
        worker = Worker(peer, python, "memory", names_file)
        attempt(measured, peer.name, lambda worker=worker: {"rounds": [worker.answer()]})
        worker.stop()
    return measured


def disagreements(workload, measured):
    """A sentence for each peer whose numbers differ from the medians of all peers."""
    numbers = {name: result.pop("numbers") for name, result in measured.items() if "numbers" in result}
    agreed = [median(column) for column in zip(*numbers.values())]
    for name, mine in numbers.items():
        wrong = [
            i
            for i, (x, wanted) in enumerate(zip(mine, agreed))
            if not math.isclose(x, wanted, rel_tol=TOLERANCE, abs_tol=1e-15)
        ]
        if wrong or len(mine) != max(map(len, numbers.values())):
            first = f", first {mine[wrong[0]]!r} for {agreed[wrong[0]]!r}" if wrong else ""
            yield f"{name} disagrees in {workload}: {len(wrong)} of {len(mine)} numbers{first}"


def options(known):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", nargs="+", choices=known, default=list(known), metavar="PEER", help=", ".join(known))
    parser.add_argument(
        "--workloads", nargs="+", choices=WORKLOADS, default=WORKLOADS, metavar="WORKLOAD", help=", ".join(WORKLOADS)
    )
    parser.add_argument("--repeat", type=int, default=5, metavar="N", help="rounds of all peers (default: 5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was measured")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables")
    parser.add_argument("--cache", type=Path, default=FOLDER / ".cache", help="where the virtual environments are kept")
    return parser.parse_args()


def main():
    known = environments.peers()
    chosen = options(known)
    chosen.cache.mkdir(parents=True, exist_ok=True)
    installed, missing = [], {}
    for name in chosen.peers:
        try:
            installed.append((known[name], environments.python_of(known[name], chosen.cache)))
        except MissingError as reason:
            missing[name] = str(reason)
    if hasattr(os, "sched_setaffinity"):  # the processes of the peers inherit it
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    names_file = chosen.cache / "names.txt"
    names_file.write_text("\n".join(standard_library_names()), encoding="utf-8")

    results, complaints, versions = {}, [], {}
    for workload in chosen.workloads:
        print(f"\n{workload} ", end="", file=sys.stderr, flush=True)
        if workload == "import":
            measured = import_times(installed, chosen.repeat)
        elif workload == "memory":
            measured = memory(installed, names_file)
        else:
            measured = step_times(workload, installed, names_file, chosen.repeat)
            complaints += disagreements(workload, measured)
            versions |= {name: result["version"] for name, result in measured.items() if result.get("version")}
        results[workload] = {n: report.summary(m) if m.get("rounds") else m for n, m in measured.items()}
    print(file=sys.stderr)

    facts = {"command": " ".join(["python", "benchmarks/run.py", *sys.argv[1:]])} | report.machine()
    facts["versions"] = ", ".join(f"{name} {version}" for name, version in versions.items())
    header = "\n".join(f"- {name}: {fact}" for name, fact in facts.items())
    problems = [f"**MISSING: {name}: {reason}**" for name, reason in missing.items()]
    problems += [f"**WRONG: {complaint}**" for complaint in complaints]
    text = "\n\n".join([header, *problems, *report.tables(results, chosen.peers), *problems])
    print(text)
    if chosen.markdown:
        chosen.markdown.write_text(f"# Results\n\n{text}\n", encoding="utf-8")
    if chosen.json:
        chosen.json.write_text(json.dumps(facts | {"missing": missing, "results": results}, indent=1), encoding="utf-8")
    sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
