"""Builds of the sources: with a C compiler, without one, and with each VALUEGRAD_BUILD.

    VALUEGRAD_TEST_BUILD=1 python -m pytest tests/test_build.py

builds everything again, offline, from the source distribution, with only the tools that pyproject.toml requires.
"""

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from itertools import accumulate
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NO_COMPILER = {"CC": "/nonexistent/cc"}
EXTENSIONS = [
    "autograd/compiler/_machine/machine",
    "autograd/compiler/passes/compiled",
    "autograd/engine/_native/engine",
]
LEVELS = {"baseline", "avx2", "avx512"}
UNITS = {"compiled", "engine", "machine", "exact", "fast"}

if os.environ.get("VALUEGRAD_TEST_BUILD") != "1":
    pytest.skip("builds for a minute; VALUEGRAD_TEST_BUILD=1 asks for it", allow_module_level=True)
if sys.platform == "win32":
    pytest.skip("setuptools does not look at CC where it looks for MSVC", allow_module_level=True)


def run(*command, **variables):
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("VALUEGRAD", "PIP_"))}
    return subprocess.run(command, capture_output=True, text=True, env=inherited | variables, cwd="/")


def checked(*command, **variables):
    done = run(*command, **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def python(tmp_path_factory) -> str:
    """A Python that has what pyproject.toml requires of a build, and nothing else."""
    folder = tmp_path_factory.mktemp("build")
    checked(sys.executable, "-m", "venv", folder)
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in lines if line.startswith("requires = [")]
    requirements = line.split('"')[1::2]
    checked(folder / "bin" / "python", "-m", "pip", "install", *requirements)
    return str(folder / "bin" / "python")


@pytest.fixture(scope="module")
def sources(tmp_path_factory) -> Path:
    """The source distribution."""
    folder = tmp_path_factory.mktemp("sources")
    checked(sys.executable, "-m", "build", "--sdist", "--outdir", folder, ROOT)
    (path,) = folder.iterdir()
    return path


@pytest.fixture
def build(python, sources, tmp_path):
    """Make a wheel of the source distribution, offline. Return the wheel, or None if it failed, and the log."""

    def wheel_and_log(**variables) -> tuple[Path | None, str]:
        command = "-m", "pip", "wheel", "-v", "--no-build-isolation", "--no-index", "--no-deps", "-w", tmp_path, sources
        done = run(python, *command, **variables)
        wheels = list(tmp_path.glob("*.whl"))
        assert len(wheels) == (done.returncode == 0), done.stdout + done.stderr
        return (wheels[0] if wheels else None), done.stdout + done.stderr

    return wheel_and_log


def is_for_every_platform(wheel: Path | None, log: str) -> bool:
    """Whether the wheel is for every platform; it must be so exactly if it has no compiled engine."""
    assert wheel is not None, log
    libraries = [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith((".so", ".pyd"))]
    pure = wheel.name.endswith("-py3-none-any.whl")
    assert sorted(name.partition(".")[0] for name in libraries) == ([] if pure else EXTENSIONS)
    return pure


def what_runs(python: str, wheel: Path, folder: Path) -> str:
    """What `python -m autograd` says of the wheel."""
    checked(python, "-m", "pip", "install", "--no-index", "--no-deps", "--target", folder, wheel)
    return checked(python, "-m", "autograd", PYTHONPATH=str(folder)).stdout


def test_the_source_distribution_holds_what_the_repository_holds(sources):
    with tarfile.open(sources) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    done = run("git", "-C", ROOT, "ls-files")
    machine = (f"autograd/compiler/_machine/{name}.c" for name in ("exact", "fast", *LEVELS))
    sources_of_engine = {*(f"{name}.{'pxd' if 'passes' in name else 'pyx'}" for name in EXTENSIONS), *machine}
    tracked = set(done.stdout.splitlines()) or {"setup.py", "benchmarks/peers/moons.c", *sources_of_engine}
    assert {name for name in tracked - held if not name.startswith(".github/")} <= {".gitignore"}
    built = [name for name in held - tracked if name.endswith((".so", ".pyd", ".pyc", ".c")) or ".cache" in name]
    assert built == []


def test_with_a_compiler_the_wheel_is_for_this_platform_and_its_engine_runs(build, python, tmp_path):
    wheel, log = build(VALUEGRAD_BUILD="require")
    if wheel is None and "the compiled engine cannot be built: no C compiler works" in log:
        pytest.skip("no C compiler works")
    assert not is_for_every_platform(wheel, log)
    line = what_runs(python, wheel, tmp_path / "site")
    assert re.search("; vectors of [248] numbers; engine: native, it was built\n$", line)


def test_without_a_compiler_the_wheel_is_for_every_platform_and_one_line_says_why(build, python, tmp_path):
    wheel, log = build(**NO_COMPILER)
    assert is_for_every_platform(wheel, log)
    (line,) = [line for line in log.splitlines() if "without the compiled engine" in line]
    assert line.strip().startswith("valuegrad: built without the compiled engine: no C compiler works: ")
    assert "/nonexistent/cc" in line
    assert "; engine: python, the compiled engine was not built; " in what_runs(python, wheel, tmp_path / "site")


def test_an_engine_that_is_required_but_cannot_be_built_fails_with_a_sentence(build):
    wheel, log = build(VALUEGRAD_BUILD="require", **NO_COMPILER)
    assert wheel is None
    assert "valuegrad: the compiled engine cannot be built: no C compiler works: " in log


def test_a_build_without_the_engine_may_be_asked_for(build):
    wheel, log = build(VALUEGRAD_BUILD="off")
    assert is_for_every_platform(wheel, log)
    assert log.count("valuegrad: built without the compiled engine: VALUEGRAD_BUILD=off asks for that") == 1


def test_another_wish_is_refused(build):
    wheel, log = build(VALUEGRAD_BUILD="nonsense")
    assert wheel is None
    assert "VALUEGRAD_BUILD is auto, require or off, got 'nonsense'" in log
    wheel, log = build(VALUEGRAD_LEVELS="nonsense")
    assert wheel is None
    assert "VALUEGRAD_LEVELS is native or all, got 'nonsense'" in log


@pytest.fixture(scope="module")
def unpacked(sources, tmp_path_factory) -> Path:
    """A folder with the sources, for one build after the other."""
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sources) as archive:
        archive.extractall(folder)
    (path,) = folder.iterdir()
    return path


# compiles nothing but setup.py's probe: which units are compiled does not depend on what is in them
SHAM = """#!/bin/sh
echo "begin $*" >> "$LOG"
case "$*" in
    *probe*) cc "$@" ;;
    *" -c "*) sleep 0.3; while [ "$1" != -o ]; do shift; done; cc -x c -c /dev/null -o "$2" ;;
    *) cc "$@" ;;
esac
status=$?
echo end >> "$LOG"
exit $status
"""


@pytest.fixture
def compiled(python, unpacked, tmp_path):
    """Build in the folder of the sources. Return which units were compiled, and how many at a time."""
    compiler = tmp_path / "cc"
    compiler.write_text(SHAM, encoding="utf-8")
    compiler.chmod(0o755)

    def build(*command, **variables) -> tuple[set[str], int]:
        log = tmp_path / "log"
        log.write_text("", encoding="utf-8")
        variables = {"CC": str(compiler), "LOG": str(log), "VALUEGRAD_BUILD": "require"} | variables
        checked(python, "-m", "pip", *command, unpacked, "--no-build-isolation", "--no-index", "--no-deps", **variables)
        events = [line.split() for line in log.read_text(encoding="utf-8").splitlines()]
        under_way = list(accumulate(1 if event == "begin" else -1 for event, *_ in events))
        sources = [event[event.index("-c") + 1] for event in events if "-c" in event]
        return {Path(source).stem.partition("-")[0] for source in sources} - {"probe"}, max(under_way)

    return build


def test_a_second_build_compiles_nothing_and_a_change_builds_what_it_concerns(compiled, unpacked, tmp_path):
    def change(path: str) -> None:
        with (unpacked / "autograd" / path).open("a", encoding="utf-8") as source:
            source.write("/* changed */\n")

    units, at_a_time = compiled("install", "--target", tmp_path / "first")
    assert units - LEVELS == UNITS
    assert len(units & LEVELS) == 1 or sys.platform != "linux"  # the one for this processor
    assert at_a_time > 1 or os.cpu_count() == 1
    assert compiled("wheel", "-w", tmp_path / "second")[0] == set()
    assert compiled("install", "-e")[0] == set()  # the README's second command, run after its first
    change("engine/_native/slabs.h")
    assert compiled("wheel", "-w", tmp_path / "header")[0] == {"engine"}
    change("compiler/_machine/vector.h")
    assert compiled("wheel", "-w", tmp_path / "rows")[0] == units & LEVELS
    change("compiler/_machine/exact.c")
    assert compiled("wheel", "-w", tmp_path / "source")[0] == {"exact"}
    others = LEVELS - units
    all_levels, _ = compiled("wheel", "-w", tmp_path / "levels", VALUEGRAD_LEVELS="all")
    assert all_levels == (others | {"fast"} if others else set())
    assert compiled("wheel", "-w", tmp_path / "flags", CFLAGS="-DVG_PLAIN_MALLOC")[0] == units
    assert compiled("wheel", "-w", tmp_path / "again")[0] == set()
