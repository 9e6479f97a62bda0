import shutil
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

from autograd.engine import backend, reason
from autograd.operations import formulas, operation

# reproducible wherever it runs, and never judged by the clock
settings.register_profile("valuegrad", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("valuegrad")


def pytest_report_header() -> str:
    return f"valuegrad engine: {backend} ({reason})"


@pytest.fixture
def table() -> Iterator[dict[str, operation.Operation]]:
    """The table of operations; what a test adds to it is removed again."""
    former = dict(operation.TABLE)
    yield operation.TABLE
    for name in set(operation.TABLE) - set(former):
        for names in (operation.TABLE, formulas.OPERATIONS, formulas.FLOAT_FUNCTIONS):
            del names[name]


@pytest.fixture(scope="session")
def compiler() -> str:
    found = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if found is None:
        pytest.skip("no C compiler on the path: none of cc, gcc and clang")
    if sys.platform == "win32":
        pytest.skip("CPython and gcc use different libraries of mathematics on Windows")
    return found
