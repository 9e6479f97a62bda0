"""The passes of the compiler: sweeps over the flat arrays of a listing.

The build joins these files and compiles them, with the types in `compiled.pxd`. Read them as Python.
"""

from __future__ import annotations

from autograd import engine
from autograd._typing import TYPE_CHECKING
from autograd.compiler._machine import REMEDY
from autograd.compiler.passes.sources import fingerprint

__all__ = [
    "SUMS", "Memory", "allocate", "by_levels", "count_uses", "eliminate_dead_code", "emit", "find_ancestors",
    "find_cancelling", "find_cancelling_sums", "find_decisive", "find_groups", "find_inexact", "find_runs",
    "find_signs", "find_varying", "fuse_activations", "fuse_products", "is_correctly_rounded", "pair_neighbours",
    "signs_of_constants", "simplify", "split_uniform_products",
]  # fmt: skip

if TYPE_CHECKING or engine.compiled is None:
    from autograd.compiler.passes.analysis import (
        count_uses,
        find_ancestors,
        find_cancelling,
        find_cancelling_sums,
        find_decisive,
        find_inexact,
        find_signs,
        find_varying,
        is_correctly_rounded,
        signs_of_constants,
    )
    from autograd.compiler.passes.dead_code import eliminate_dead_code
    from autograd.compiler.passes.emission import emit
    from autograd.compiler.passes.fusion import SUMS, fuse_activations, split_uniform_products
    from autograd.compiler.passes.grouping import by_levels, find_groups, find_runs, pair_neighbours
    from autograd.compiler.passes.products import fuse_products
    from autograd.compiler.passes.registers import Memory, allocate
    from autograd.compiler.passes.simplification import simplify
else:
    try:
        from autograd.compiler.passes.compiled import FINGERPRINT
    except ModuleNotFoundError as error:
        raise ImportError(f"the passes of the compiler were not built; {REMEDY}") from error
    if fingerprint() not in (0, FINGERPRINT):
        raise ImportError(f"the passes of the compiler were built from other sources; {REMEDY}")
    from autograd.compiler.passes.compiled import (
        SUMS,
        Memory,
        allocate,
        by_levels,
        count_uses,
        eliminate_dead_code,
        emit,
        find_ancestors,
        find_cancelling,
        find_cancelling_sums,
        find_decisive,
        find_groups,
        find_inexact,
        find_runs,
        find_signs,
        find_varying,
        fuse_activations,
        fuse_products,
        is_correctly_rounded,
        pair_neighbours,
        signs_of_constants,
        simplify,
        split_uniform_products,
    )
