"""Runs the random tests with ten times as many examples as in CI, from a fresh seed.

    python -m tests.nightly [SEED [PYTEST ARGUMENTS]]

It prints the seed. The same seed gives the same examples.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys

# all tests that draw points, expressions or programs
PATHS = [f"tests/{name}" for name in ("compiler", "derivatives", "operations", "pictures", "properties", "testing")]


def main(seed: int, *arguments: str) -> int:
    print(f"seed {seed}; to repeat: python -m tests.nightly {seed}", flush=True)
    effort = {"VALUEGRAD_SEED": str(seed), "VALUEGRAD_EFFORT": os.environ.get("VALUEGRAD_EFFORT", "10")}
    command = [sys.executable, "-m", "pytest", f"--hypothesis-seed={seed}", "-m", "", *(arguments or PATHS)]
    code = subprocess.run(command, env={**os.environ, **effort}, check=False).returncode
    if code:
        print(f"to repeat: python -m tests.nightly {seed}")
    return code


if __name__ == "__main__":
    given, *rest = sys.argv[1:] or [str(random.SystemRandom().randrange(2**32))]
    sys.exit(main(int(given), *rest))
