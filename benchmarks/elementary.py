"""Nanoseconds for each number of elementary functions over rows: ours beside SLEEF and libmvec, all with AVX2.

    sudo apt-get install gcc libsleef-dev
    python benchmarks/elementary.py

SLEEF's functions are those to 3.5 ulp where it has them, otherwise to 1; libmvec's are to 4 ulp.
"""

import subprocess
import tempfile
from pathlib import Path

import autograd

PACKAGE = Path(autograd.__file__).parent
FLAGS = ["-O3", "-mavx2", "-mfma", "-ffp-contract=fast", "-fno-math-errno", "-fno-trapping-math"]


def measure() -> list[tuple[str, list[float]]]:
    """For each function its name and the times of ours, SLEEF and libmvec; 0 for none."""
    with tempfile.TemporaryDirectory() as folder:
        program = str(Path(folder, "elementary"))
        include = ["-I", str(PACKAGE / "operations"), "-I", str(PACKAGE / "compiler" / "_machine")]
        source = str(Path(__file__).with_suffix(".c"))
        subprocess.run(["gcc", *FLAGS, *include, source, "-o", program, "-lsleef", "-lmvec", "-lm"], check=True)
        lines = subprocess.run([program], capture_output=True, text=True, check=True).stdout.splitlines()
    return [(line.split()[0], list(map(float, line.split()[1:]))) for line in lines]


def main() -> None:
    """Print the table."""
    print("| function | ours, ns | SLEEF | libmvec | the best of theirs to ours |\n|---|---|---|---|---|")
    for name, (ours, *theirs) in measure():
        shown = [f"{time:.2f}" if time else "-" for time in theirs]
        print(f"| {name} | {ours:.2f} | {' | '.join(shown)} | {min(filter(None, theirs)) / ours:.2f} |")


if __name__ == "__main__":
    main()
