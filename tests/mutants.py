"""Mutation testing: change the sources in one small place at a time. A test must fail for each change.

    python -m tests.mutants [--sample N] [--seed S] [--fast] [FILE | FILE:LINE | native | python ...]

changes one place of a file at a time, in a copy of the repository, and runs the few tests that are named for the file
below until one fails. It prints the mutants that survive, and for each file the share that was killed, with its 95 %
confidence interval. Mutants of C and Cython are built; those with the same machine code are left out. So are those in
equivalent_mutants.json, which no test can notice. The tests run in forks of this process, so it needs POSIX.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.mutations import Mutant, find_mutants, is_valid

ROOT = Path(__file__).parent.parent
EQUIVALENT = Path(__file__).with_name("equivalent_mutants.json")
"""Mutants that compute the same: file, line, what takes its place after which other line, and the reason."""


class Tests(NamedTuple):
    """Tests that run in one process, on one engine."""

    engine: str
    paths: list[str]


def on_python(*paths: str) -> Tests:
    return Tests("python", [f"tests/{path}" for path in paths])


def on_native(*paths: str) -> Tests:
    return Tests("native", [f"tests/{path}" for path in paths])


ENGINE = [
    on_native(
        *(f"engine/test_{name}.py" for name in ("value", "dot", "modes", "arrays", "state", "signals", "engine")),
        "test_micrograd.py::test_a_node_is_not_made_by_hand",
        "operations/test_table.py",
    ),
    on_native("engine", "properties/test_engines.py", "operations/test_custom.py", "compiler/test_program.py"),
]
MACHINE = [
    on_native("compiler/test_machine.py", "compiler/test_program.py", "compiler/test_results.py"),
    on_native(
        *(
            f"compiler/test_{name}.py"
            for name in (
                "backward",
                "buffer",
                "evaluators",
                "calls",
                "custom",
                "decisions",
                "guards",
                "map_into",
                "parameters",
                "pickling",
            )
        ),
    ),
    on_native(*(f"compiler/test_{name}.py" for name in ("interrupts", "threads", "vectors", "numbers"))),
]
PASSES = {
    "analysis": ("facts", "passes", "decisions"),
    "dead_code": ("passes",),
    "simplification": ("passes", "signs"),
    "products": ("passes",),
    "fusion": ("fusion", "grouping", "assembler"),
    "grouping": ("grouping", "assembler"),
    "registers": ("registers", "assembler"),
    "emission": ("assembler",),
    "pointers": ("passes", "registers"),
}
BRANCHES = [
    f"compiler/test_numbers.py::{name}"
    for name in (
        "test_a_tangent_does_not_flow_through_the_branch_of_where_that_is_not_taken",
        "test_an_exact_derivative_has_the_bits_of_the_branches_of_where_that_are_taken",
    )
]

TESTS = {
    "autograd/operations/table.py": [
        on_python(
            *(f"operations/test_{name}.py" for name in ("table", "domains", "edges", "custom")),
            "test_readme.py::test_the_types_of_methods_are_written_from_the_rows",
        ),
        on_python("operations/test_floats_h.py", "operations/test_accuracy.py"),
        on_python("operations/test_orders.py", "derivatives/test_transforms.py"),
    ],
    "autograd/derivatives/chain_rule.py": [
        on_python(
            *(f"derivatives/test_{name}.py" for name in ("branches", "nesting", "structures")),
            "operations/test_custom.py",
            *BRANCHES,
        ),
        on_native("derivatives/test_compiled_sweeps.py"),
        on_python("derivatives", "compiler/test_numbers.py", "compiler/test_decisions.py", "compiler/test_custom.py"),
    ],
    "autograd/engine/take.py": [on_python("engine/test_take.py")],
    **{
        f"autograd/compiler/passes/{name}.py": [
            on_python(*(f"compiler/test_{test}.py" for test in tests)),
            on_native(*(f"compiler/test_{test}.py" for test in ("machine", "results", "backward", "numbers"))),
            on_python("compiler"),
        ]
        for name, tests in PASSES.items()
    },
    "autograd/compiler/trace.py": [
        on_python(*(f"compiler/test_{name}.py" for name in ("trace", "guards", "program", "threads")), *BRANCHES),
        on_python("compiler", "derivatives/test_nesting.py"),
    ],
    **{
        f"autograd/engine/_native/{name}": ENGINE
        for name in ("engine.pyx", "recording.pxi", "sweep.pxi", "lifetime.pxi")
    },
    "autograd/engine/_native/graph.pxi": [on_native("derivatives/test_compiled_sweeps.py", "compiler/test_trace.py")],
    "autograd/derivatives/forward.py": [on_python("derivatives", *BRANCHES)],
    "nn/losses.py": [on_python("nn/test_losses.py", "nn/test_losses_in_programs.py", "operations/test_tails.py")],
    **{f"autograd/compiler/_machine/{name}": MACHINE for name in ("machine.pyx", "arrays.pxi", "rows.h", "scalar.h")},
    "autograd/compiler/_machine/vector.h": [on_native("compiler/test_vector_h.py"), *MACHINE],
}
"""For each file the tests that must kill its mutants, the fastest first; the later ones run if these pass."""

SECONDS = 20.0  # that tests may take beyond five times what they take without a mutant
MEMORY = 8 * 2**30  # bytes that tests may use
OPTIMIZATION = "-O1"  # builds in half of the time


def is_native(file: str) -> bool:
    return not file.endswith(".py")


# --------------------------------------------------------------------------- a copy of the repository


class BaselineError(Exception):
    """Without a mutant the build or the tests fail."""


def write(path: Path, text: str) -> None:
    """Write a source, and remove its bytecode, whose source may have the same size and second."""
    path.write_text(text, encoding="utf-8")
    for cached in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
        cached.unlink()


class Copy:
    """A copy of the repository, in which files are changed."""

    def __init__(self, folder: Path) -> None:
        ignored = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".hypothesis", ".*_cache", "out")
        self.folder = Path(shutil.copytree(ROOT, folder / "valuegrad", ignore=ignored))
        passes = self.folder / "autograd/compiler/passes/__init__.py"
        text = passes.read_text(encoding="utf-8")
        write(passes, text.replace("or engine.compiled is None:", "or True:"))  # not the library
        self.limits: dict[str, float] = {}
        self.built: dict[str, bytes] = {}

    def prepare(self) -> None:
        """Build the engine."""
        setup = self.folder / "setup.py"
        setup.write_text(re.sub('"-O[23]"', f'"{OPTIMIZATION}"', setup.read_text()))
        if not self.build():
            raise BaselineError("the engine cannot be built")
        self.built = self.libraries()

    def measure(self, tests: Tests) -> None:
        """Set the limit of these tests, which must pass without a mutant."""
        if str(tests) not in self.limits:
            if self.built:
                self.build()
            begin = time.monotonic()
            if self.fails(tests, 3600.0):
                raise BaselineError(f"these tests fail without a mutant: {' '.join(tests.paths)}\n{self.output()}")
            self.limits[str(tests)] = SECONDS + 5.0 * (time.monotonic() - begin)

    def build(self) -> bool:
        """Build what has changed; False if the compiler refuses it."""
        environment = {**os.environ, "VALUEGRAD_BUILD": "require"}
        command = [sys.executable, "setup.py", "-q", "build_ext", "--inplace"]
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, start_new_session=True)
        return done.returncode == 0

    def libraries(self) -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in (self.folder / "autograd").rglob("*.so")}

    def outcome(self, mutant: Mutant, stages: int | None = None) -> str:
        """What becomes of a mutant: killed, survived, equivalent, or invalid because it cannot be compiled."""
        outcome = "survived"
        for tests in TESTS[mutant.file][:stages]:
            self.measure(tests)
            outcome = self.outcome_of(mutant, tests)
            if outcome != "survived":
                break
        return outcome

    def outcome_of(self, mutant: Mutant, tests: Tests) -> str:
        path = self.folder / mutant.file
        text = path.read_text(encoding="utf-8")
        try:
            write(path, mutant.applied(text))
            if is_native(mutant.file):
                if not self.build():
                    return "invalid"
                if self.libraries() == self.built:
                    return "equivalent"
            return "killed" if self.fails(tests, self.limits[str(tests)]) else "survived"
        finally:
            write(path, text)

    def output(self) -> str:
        return (self.folder / "output.txt").read_text(errors="replace")[-3000:]

    def fails(self, tests: Tests, seconds: float) -> bool:
        """Run the tests until one fails, in a fork, which has imported pytest already."""
        child = os.fork()
        if child == 0:
            try:
                os._exit(self.run(tests))
            finally:  # an exception must not go on: only the parent may remove the copy
                traceback.print_exc()
                os._exit(1)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            pid, status = os.waitpid(child, os.WNOHANG)
            if pid:
                return status != 0
            time.sleep(0.02)
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return True

    def run(self, tests: Tests) -> int:
        """Run tests in a process of their own; return the exit code of pytest."""
        os.setsid()
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        output = os.open(self.folder / "output.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.environ["VALUEGRAD_BACKEND"] = tests.engine
        os.environ["PYTHONPATH"] = str(self.folder)
        os.chdir(self.folder)
        sys.path[:] = [str(self.folder), *(x for x in sys.path if Path(x).resolve() != ROOT and x)]
        for name in [name for name in sys.modules if name.partition(".")[0] in ("tests", "autograd", "nn")]:
            del sys.modules[name]
        options = ["-x", "-q", "--numprocesses=0", "--tb=short", "--basetemp=basetemp", "-p", "no:cacheprovider"]
        imported = "ignore:Module already imported:pytest.PytestAssertRewriteWarning"
        code = pytest.main([*options, "-W", imported, *tests.paths], plugins=[Quick()])
        sys.stdout.flush()
        return code


class Quick:
    """Lets Hypothesis stop at the first example that fails, because nobody reads it."""

    def pytest_sessionstart(self) -> None:
        from hypothesis import Phase, settings

        phases = (Phase.explicit, Phase.generate)
        settings.register_profile("quick", parent=settings.get_profile("valuegrad"), phases=phases)
        settings.load_profile("quick")


# --------------------------------------------------------------------------- the score


def interval(killed: int, count: int) -> tuple[float, float]:
    """Wilson's 95 % confidence interval of a share.

    >>> [round(x, 3) for x in interval(95, 100)]
    [0.888, 0.978]
    """
    z = 1.959964
    share, square = killed / count, z * z / count
    middle = (share + square / 2) / (1 + square)
    half = z * math.sqrt(share * (1 - share) / count + square / (4 * count)) / (1 + square)
    return middle - half, middle + half


def score(counts: Counter[str]) -> str:
    count = counts["killed"] + counts["survived"]
    if not count:
        return "no mutants"
    low, high = interval(counts["killed"], count)
    left_out = f"; left out: {counts['equivalent']} equivalent" if counts["equivalent"] else ""
    share = f"{counts['killed'] / count:.1%} ({low:.0%} to {high:.0%})"
    return f"{counts['killed']} of {count} killed, {share}{left_out}"


def listed() -> dict[tuple[str, str, str, str], str]:
    """The equivalent mutants and their reasons."""
    entries = json.loads(EQUIVALENT.read_text(encoding="utf-8"))
    return {(x["file"], x["after"], x["line"], x["mutant"]): x["reason"] for x in entries}


def chosen(folder: Path, file: str, line: int | None, rng: random.Random) -> Iterator[Mutant]:
    """The mutants of a file, or of one of its lines, in random order."""
    text = (folder / file).read_text(encoding="utf-8")
    every = find_mutants(file, text)
    for entry in set(listed()) - {mutant.key for mutant in every}:
        if entry[0] == file:
            print(f"no mutant any more, leave it out of {EQUIVALENT.name}: {' | '.join(entry)}")
    found = [mutant for mutant in every if line in (None, mutant.number)]
    return (mutant for mutant in rng.sample(found, len(found)) if is_valid(mutant, text))


def campaign(copy: Copy, places: list[tuple[str, int | None]], sample: int, seed: int, stages: int | None) -> bool:
    """Try the mutants of each place; return whether none survives."""
    equivalent, total = listed(), Counter[str]()
    for file, line in places:
        counts, begin = Counter[str](), time.monotonic()
        for mutant in chosen(copy.folder, file, line, random.Random(f"{seed}/{file}")):
            if counts.total() - counts["invalid"] - counts["equivalent"] == sample:
                break
            outcome = "equivalent" if mutant.key in equivalent else copy.outcome(mutant, stages)
            counts[outcome] += 1
            if outcome == "survived":
                print(f"survived: {mutant}", flush=True)
        print(f"{file}: {score(counts)}, in {time.monotonic() - begin:.0f} s", flush=True)
        total += counts
    if len(places) > 1:
        print(f"all files: {score(total)}")
    return total["survived"] == 0


def places_of(names: list[str]) -> Iterator[tuple[str, int | None]]:
    """The files and lines that are meant by the arguments."""
    for name in names or ["python", "native"]:
        file, _, line = name.partition(":")
        if file in ("python", "native"):
            yield from ((x, None) for x in TESTS if is_native(x) == (file == "native"))
        elif file in TESTS:
            yield file, int(line) if line else None
        else:
            raise SystemExit(f"no tests are named for {file}; choose of {', '.join(TESTS)}")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("places", nargs="*", metavar="FILE or FILE:LINE")
    parser.add_argument("--sample", type=int, default=-1, metavar="N", help="try N mutants of each file")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="choose other mutants")
    parser.add_argument("--fast", action="store_true", help="run only the fastest tests of each file")
    options = parser.parse_args(arguments)
    places = list(places_of(options.places))
    for name in ("hypothesis", "mpmath", "numpy"):
        __import__(name)  # once, and not in each fork
    gc.freeze()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = Copy(Path(folder))
        if any(tests.engine == "native" for file, _ in places for tests in TESTS[file]):
            copy.prepare()
        return 0 if campaign(copy, places, options.sample, options.seed, 1 if options.fast else None) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
