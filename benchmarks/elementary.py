"""Nanoseconds for each number of elementary functions over rows: ours beside SLEEF, libmvec and Dr.Jit.

    sudo apt-get install gcc libsleef-dev llvm
    python -m pip install drjit
    python benchmarks/elementary.py

A table is for AVX2, and another one for AVX-512 where the processor has it. SLEEF's functions are those to 3.5 ulp
where it has them, otherwise to 1; libmvec's are to 4 ulp. Dr.Jit compiles for the widest vectors of the processor. Its
times, without the start of a kernel, are in the last table, if it is installed.
"""

import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter

import autograd

PACKAGE = Path(autograd.__file__).parent
FLAGS = ["-O3", "-mfma", "-ffp-contract=fast", "-fno-math-errno", "-fno-trapping-math"]
LEVELS = {
    "AVX2": ["-mavx2"],
    "AVX-512": ["-mavx512f", "-mavx512dq", "-mavx512vl", "-mavx512bw", "-mprefer-vector-width=512"],
}
RANGES = {
    "exp": (-10, 10),
    "log": (0.01, 100),
    "tanh": (-3, 3),
    "sin": (-6, 6),
    "cos": (-6, 6),
    "erf": (-3, 3),
    "sqrt": (0.1, 10),
}
"""The functions that Dr.Jit has, and the numbers they take, which are those of elementary.c."""


def measure(flags: list[str]) -> list[tuple[str, list[float]]]:
    """For each function its name and the times of ours, SLEEF and libmvec; 0 for none."""
    with tempfile.TemporaryDirectory() as folder:
        program = str(Path(folder, "elementary"))
        include = ["-I", str(PACKAGE / "operations"), "-I", str(PACKAGE / "compiler" / "_machine")]
        source = str(Path(__file__).with_suffix(".c"))
        subprocess.run(["gcc", *FLAGS, *flags, *include, source, "-o", program, "-lsleef", "-lmvec", "-lm"], check=True)
        lines = subprocess.run([program], capture_output=True, text=True, check=True).stdout.splitlines()
    return [(line.split()[0], list(map(float, line.split()[1:]))) for line in lines]


def measure_drjit(count: int = 16_384, rounds: int = 1_000) -> dict[str, float]:
    """The times of Dr.Jit by function, without what a kernel takes for 16 numbers; none if it is not installed."""
    if not find_spec("drjit"):
        return {}
    import drjit as dr
    import numpy as np
    from drjit.llvm import Float64

    dr.set_thread_count(0)  # the thread that calls

    def shortest(function, numbers) -> float:
        x, times = Float64(numbers), []
        dr.eval(x)
        for _ in range(rounds):
            start = perf_counter()
            dr.eval(function(x))
            dr.sync_thread()
            times.append(perf_counter() - start)
        return min(times)

    found = {}
    for name, (low, high) in RANGES.items():
        numbers, function = np.random.default_rng(0).uniform(low, high, count), getattr(dr, name)
        found[name] = 1e9 * (shortest(function, numbers) - shortest(function, numbers[:16])) / count
    return found


def main() -> None:
    """Print the tables."""
    has_avx512 = "avx512dq" in Path("/proc/cpuinfo").read_text(encoding="utf-8")
    levels = list(LEVELS) if has_avx512 else ["AVX2"]
    for level in levels:
        drjit = measure_drjit() if level == levels[-1] else {}
        print(f"\n{level}:\n\n| function | ours, ns | SLEEF | libmvec | Dr.Jit | the best of theirs to ours |")
        print("|---|---|---|---|---|---|")
        for name, (ours, *theirs) in measure(LEVELS[level]):
            theirs.append(drjit.get(name, 0.0))
            shown = [f"{time:.2f}" if time else "-" for time in theirs]
            print(f"| {name} | {ours:.2f} | {' | '.join(shown)} | {min(filter(None, theirs)) / ours:.2f} |")


if __name__ == "__main__":
    main()
