"""How much the tests try, and from which seed.

VALUEGRAD_EFFORT multiplies the number of examples, points and programs: 0.3 by default, so that the suite takes less
than two minutes; in CI 0.25 for campaigns, and 0.1 where coverage is measured; 10 at night. VALUEGRAD_SEED chooses
other examples. `python -m tests.nightly` sets both.
"""

from __future__ import annotations

import os
import random

from hypothesis import settings

EFFORT = float(os.environ.get("VALUEGRAD_EFFORT") or 0.3)
SEED = int(os.environ["VALUEGRAD_SEED"]) if os.environ.get("VALUEGRAD_SEED") else None


def scaled(count: int) -> int:
    """Return how many examples to try, if this many are tried with an effort of 1."""
    return max(1, round(count * EFFORT))


def spread(count: int) -> range:
    """Return some of the first numbers, evenly spread: all with an effort of 1."""
    return range(0, count, max(1, round(1 / EFFORT)))


def examples(count: int) -> settings:
    """Decorate a Hypothesis property that tries this many examples with an effort of 1."""
    return settings(max_examples=scaled(count))


def seeded(name: str) -> random.Random:
    """Return a random generator for this name and VALUEGRAD_SEED."""
    return random.Random(name if SEED is None else f"{SEED}/{name}")
