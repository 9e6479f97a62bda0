"""How much the tests try, and from which seed.

VALUEGRAD_EFFORT multiplies the examples, points and programs that they try: 0.3 by default, so that the suite takes a
minute; 1 in CI; 10 at night. VALUEGRAD_SEED asks for others than the usual ones. `python -m tests.nightly` sets both.
"""

from __future__ import annotations

import os
import random

from hypothesis import settings

EFFORT = float(os.environ.get("VALUEGRAD_EFFORT") or 0.3)
SEED = int(os.environ["VALUEGRAD_SEED"]) if os.environ.get("VALUEGRAD_SEED") else None


def scaled(count: int) -> int:
    """Return how many are tried of what CI tries so many of."""
    return max(1, round(count * EFFORT))


def examples(count: int) -> settings:
    """Decorate a property of Hypothesis: in CI, try so many examples."""
    return settings(max_examples=scaled(count))


def seeded(name: str) -> random.Random:
    """Return the random numbers of this name, others for each VALUEGRAD_SEED."""
    return random.Random(name if SEED is None else f"{SEED}/{name}")
