"""Which engine runs, what says so, and what happens if the requested one is missing."""

import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import autograd
from autograd import TABLE, engine
from autograd.engine import release, value
from autograd.operations import table
from autograd.operations.operation import fingerprint

REMEDY = "with a C compiler at hand, install it again: VALUEGRAD_BUILD=require python -m pip install ."
IS_BUILT = any((Path(str(autograd.__file__)).parent / "engine" / "_native").glob("engine.*[od]"))
NEEDS_NATIVE = pytest.mark.skipif(not IS_BUILT, reason="the compiled engine was not built")


def run(folder, *command, backend=None):
    environment = {name: value for name, value in os.environ.items() if name != "VALUEGRAD_BACKEND"}
    if backend is not None:
        environment["VALUEGRAD_BACKEND"] = backend
    return subprocess.run([sys.executable, *command], capture_output=True, text=True, cwd=folder, env=environment)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with a copy of our package, which is imported from there."""
    source = Path(str(autograd.__file__)).parent
    shutil.copytree(source, tmp_path / "autograd", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.fixture
def pure_site(site: Path) -> Path:
    """The same without the compiled engine."""
    for library in (site / "autograd" / "engine" / "_native").glob("engine.*[od]"):
        library.unlink()
    return site


def test_the_name_of_the_engine_is_public():
    assert autograd.backend == engine.backend in ("native", "python")
    asked = os.environ.get("VALUEGRAD_BACKEND")
    assert asked in (None, "", autograd.backend)


def test_the_module_says_which_engine_runs_and_why(site):
    done = run(site, "-m", "autograd", backend="python")
    assert done.returncode == 0
    assert done.stdout.startswith("valuegrad ")
    assert done.stdout.endswith("; engine: python, VALUEGRAD_BACKEND=python asks for it\n")


@NEEDS_NATIVE
@pytest.mark.parametrize(
    ("backend", "why"), [(None, "it was built"), ("native", "VALUEGRAD_BACKEND=native asks for it")]
)
def test_the_compiled_engine_is_the_first_choice(site, backend, why):
    done = run(site, "-m", "autograd", backend=backend)
    assert done.stdout.endswith(f"; engine: native, {why}\n")


def test_without_the_compiled_engine_the_readable_one_runs(pure_site):
    done = run(pure_site, "-m", "autograd")
    assert done.stdout.endswith(f"; engine: python, the compiled engine was not built; {REMEDY}\n")


def test_asking_for_a_compiled_engine_that_was_not_built_fails_loudly(pure_site):
    done = run(pure_site, "-c", "import autograd", backend="native")
    assert done.returncode == 1
    assert f"ImportError: VALUEGRAD_BACKEND=native, but the compiled engine was not built; {REMEDY}" in done.stderr


def test_an_engine_nobody_knows_is_refused(site):
    done = run(site, "-c", "import autograd", backend="rust")
    assert done.returncode == 1
    assert "ImportError: VALUEGRAD_BACKEND is native or python, got 'rust'; unset it" in done.stderr


@NEEDS_NATIVE
def test_an_engine_built_from_another_table_does_not_run(site):
    table = site / "autograd" / "operations" / "table.py"
    text = table.read_text(encoding="utf-8")
    assert text.count('"sinh(a)",     ("cosh(a)",)') == 1
    table.write_text(text.replace('"sinh(a)",     ("cosh(a)",)', '"sinh(a)",     ("1.0*cosh(a)",)'), encoding="utf-8")
    why = f"the compiled engine was built from another table of operations; {REMEDY}"
    assert run(site, "-m", "autograd").stdout.endswith(f"; engine: python, {why}\n")
    done = run(site, "-c", "import autograd", backend="native")
    assert done.returncode == 1
    assert f"ImportError: VALUEGRAD_BACKEND=native, but {why}" in done.stderr


PICKLE = """
import pickle, sys
from autograd import Value, scope
with scope("model"):
    x = Value(0.1, label="w")
x.grad = 2.5
sys.stdout.write(pickle.dumps(x).hex())
"""
UNPICKLE = """
import pickle, sys
import autograd
x = pickle.loads(bytes.fromhex(sys.argv[1]))
print(autograd.backend, type(x) is autograd.Value, x.data, x.grad, x.label, x.scope)
"""


@NEEDS_NATIVE
@pytest.mark.parametrize(("writer", "reader"), [("native", "python"), ("python", "native")])
def test_a_leaf_pickled_under_one_engine_is_read_under_the_other(site, writer, reader):
    pickled = run(site, "-c", PICKLE, backend=writer).stdout
    done = run(site, "-c", UNPICKLE, pickled, backend=reader)
    assert done.stdout == f"{reader} True 0.1 2.5 w ('model',)\n"


class Compiled:
    """What a compiled engine says of itself, and that it was bound to a table."""

    def __init__(self, number):
        self.number = number
        self.tables = []

    def fingerprint(self):
        return self.number

    def bind(self, table, dot):
        self.tables.append((table, dot))


def test_the_choice_follows_the_wish_and_what_is_there(monkeypatch):
    right, stale = Compiled(fingerprint([*TABLE.values(), table.dot])), Compiled(0)
    monkeypatch.setattr(engine, "import_module", lambda _: right)
    assert engine._choose("python") == (None, "VALUEGRAD_BACKEND=python asks for it")
    assert engine._choose("") == (right, "it was built")
    assert engine._choose("native") == (right, "VALUEGRAD_BACKEND=native asks for it")
    assert right.tables == [(TABLE, table.dot)] * 2
    monkeypatch.setattr(engine, "import_module", lambda _: stale)
    assert engine._choose("") == (None, f"the compiled engine was built from another table of operations; {REMEDY}")
    assert stale.tables == []
    for wish, sentence in (("native", "from another table of operations; with a C compiler"), ("rust", "got 'rust'")):
        with pytest.raises(ImportError, match=sentence):
            engine._choose(wish)


def test_the_module_prints_one_line(capsys, monkeypatch):
    monkeypatch.delitem(sys.modules, "autograd.__main__", raising=False)  # or runpy warns
    runpy.run_module("autograd", run_name="__main__")
    assert capsys.readouterr().out.endswith(f"; engine: {engine.backend}, {engine.reason}\n")


def test_the_readable_engine_sweeps_and_releases_after_a_fork():
    x = value.Value(3.0)
    y = x * x
    release._releasing = True  # as if another thread had released nodes when the process forked
    value._after_fork()
    y.backward()
    release.let_go(y)
    assert release._dropped == []
    assert y.operands == ()
    assert x.grad == 6.0


def test_the_engine_may_be_chosen_again_and_again():
    program = "import importlib, autograd.engine as e\nfor _ in range(8): importlib.reload(e)\nprint(e.Value(2.0) * 3)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert "6.0" in done.stdout


def test_an_order_starts_from_values():
    with pytest.raises(TypeError, match="starts from Values, got NoneType"):
        engine.topological_order(None)


def test_a_result_is_not_made_a_leaf_again():
    y = autograd.Value(2.0) * 3.0
    with pytest.raises(TypeError, match="this node was made by multiply"):
        y.__init__(1.0)
    assert y.data == 6.0
