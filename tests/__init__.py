"""The tests of valuegrad.

A program's first call gives what the trace has computed. Here it runs the instructions instead, so that a test which
calls a program once tests these. `compiler/test_first_call.py` tests the rule itself.
"""

from autograd.compiler.path import Path
from autograd.compiler.specialize import Specialization

HAS_RESULTS = Specialization.has_results
"""The method that the tests replace."""


def _has_no_results(self: Specialization, path: Path) -> bool:  # noqa: ARG001  # the signature of the method
    return False


Specialization.has_results = _has_no_results  # type: ignore[method-assign]
