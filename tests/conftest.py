import gc
import os
import shutil
import sys
import threading
from collections.abc import Generator, Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings

from autograd.engine import backend, reason
from autograd.operations import formulas, operation
from tests.effort import SEED, scaled

# the same examples everywhere, or those of a fresh seed (see effort.py); no deadline; no phase that explains, because
# find() runs it too, for ten times as long as the search
settings.register_profile(
    "valuegrad",
    derandomize=SEED is None,
    deadline=None,
    database=None,
    max_examples=scaled(50),
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("valuegrad")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Start no processes for tests that are named one by one: that takes longer than most tests."""
    return 0 if all("::" in argument for argument in config.args) else None


def pytest_collection_finish() -> None:
    """Let the garbage collector look only at objects of the tests, not at everything that was imported for them."""
    gc.collect()
    gc.freeze()


def pytest_report_header() -> str:
    return f"valuegrad engine: {backend} ({reason})"


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Count no lines of a test marked no_cover: pytest-cov stops one of the two counters of a process of xdist."""
    here, in_threads = sys.gettrace(), threading.gettrace()
    counted = item.get_closest_marker("no_cover") is None or not item.config.pluginmanager.hasplugin("_cov")
    if not counted:
        sys.settrace(None)
        threading.settrace(None)
    try:
        return (yield)
    finally:
        if not counted:
            sys.settrace(here)
            threading.settrace(in_threads)


@pytest.fixture
def table() -> Iterator[dict[str, operation.Operation]]:
    """The table of operations; operations that a test adds are removed after it."""
    former = dict(operation.TABLE)
    yield operation.TABLE
    for name in set(operation.TABLE) - set(former):
        for names in (operation.TABLE, formulas.OPERATIONS, formulas.FLOAT_FUNCTIONS):
            del names[name]


@pytest.fixture
def quick_collector() -> None:
    """Let the garbage collector look only at objects of this test."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _cache_of_machine_code(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the machine code of tests out of the user's folder."""
    os.environ["VALUEGRAD_CACHE"] = str(tmp_path_factory.getbasetemp() / "machine_code")


@pytest.fixture(scope="session")
def compiler() -> str:
    found = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if found is None:
        pytest.skip("no C compiler on the path: none of cc, gcc and clang")
    if sys.platform == "win32":
        pytest.skip("CPython and gcc use different libraries of mathematics on Windows")
    return found
