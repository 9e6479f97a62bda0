"""The C compiler of the system: makes machine code of a program's own, and keeps it in files."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from autograd.compiler import _machine
from autograd.operations import floats

if TYPE_CHECKING:
    from typing import Any

HEADERS = (Path(floats.__file__).parent, Path(_machine.__file__).parent)

# floats.h says why: with these the code gives the bits of the engine
LIBRARY = (
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "cos", "cosh", "erf", "erfc", "exp", "exp2",
    "expm1", "fmod", "frexp", "hypot", "ldexp", "lgamma", "log", "log10", "log1p", "log2", "pow", "remainder", "sin",
    "sinh", "tan", "tanh", "tgamma",
)  # fmt: skip
EXACT = ["-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", *(f"-fno-builtin-{name}" for name in LIBRARY)]
FAST = ["-ffp-contract=fast", "-fno-math-errno", "-fno-trapping-math"]
# For gcc from version 8 on. Ordered so that fewer numbers leave the registers, loops over rows take 0.8 to 0.95 of the
# time. To put numbers of one row together in vectors of eight takes longer than it saves.
ROWS_BY_GCC = ["-fschedule-insns", "-fsched-pressure", "--param=sched-pressure-algorithm=2"]
ROW_BY_GCC = ["-mprefer-vector-width=256"] if platform.machine() == "x86_64" else []
COMMON = ["-std=c99", "-fPIC", "-g0", "-w"]
LEVELS = ((300_000, "-O2"), (3_000_000, "-O1"))  # up to how many characters: optimizing more takes minutes


def library(row: str, rows: str) -> Any:
    """The functions of two sources, loaded. They are compiled unless an earlier process has done so.

    Raises:
        RuntimeError: there is no C compiler, or it fails.
    """
    found = _compiler()
    path = _cache() / f"{_key(found, row, rows)}.so"
    if not path.exists():
        _compile(found, row, rows, path)
    return ctypes.CDLL(str(path))


def address(library: Any, name: str) -> int:
    """Where a function of a library is in memory."""
    return ctypes.cast(library[name], ctypes.c_void_p).value or 0


@functools.cache
def _compiler() -> str:
    """The path of the C compiler: that of the environment variable CC, or cc, gcc or clang."""
    if os.name == "nt":
        raise RuntimeError("compile(target='c') needs Linux or macOS; leave target out")
    wish = os.environ.get("CC", "")
    names = [wish] if wish else ["cc", "gcc", "clang"]
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    raise RuntimeError(f"compile(target='c') finds no C compiler {' or '.join(names)}; leave target out, or set CC")


@functools.cache
def _processor(compiler: str) -> tuple[list[str], bytes]:
    """The flags that compile for the processor at hand, and what the compiler says of itself and of these flags."""
    for flags in (["-march=native"], ["-mcpu=native"], []):
        shown = subprocess.run([compiler, *flags, "-E", "-v", "-"], input=b"", capture_output=True, check=False)
        if shown.returncode == 0:
            break
    return flags, shown.stderr


@functools.cache
def _headers() -> bytes:
    return b"".join(path.read_bytes() for folder in HEADERS for path in sorted(folder.glob("*.h")))


def _key(compiler: str, row: str, rows: str) -> str:
    parts = [
        compiler.encode(),
        _processor(compiler)[1],
        _headers(),
        repr((COMMON, EXACT, FAST, ROWS_BY_GCC, ROW_BY_GCC)).encode(),
    ]
    return hashlib.sha256(b"\0".join([*parts, row.encode(), rows.encode()])).hexdigest()[:32]


def _cache() -> Path:
    """The folder of the compiled files: that of VALUEGRAD_CACHE, or `valuegrad` where the system keeps such things.

    Raises:
        RuntimeError: others may write to it, so they could have put code there.
    """
    wish = os.environ.get("VALUEGRAD_CACHE")
    if wish:
        folder = Path(wish)
    elif sys.platform == "darwin":
        folder = Path.home() / "Library" / "Caches" / "valuegrad"
    else:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "valuegrad"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.stat()
    if status.st_mode & 0o022 or status.st_uid != os.getuid():
        raise RuntimeError(f"others may write to {folder}, where compiled programs are kept; set VALUEGRAD_CACHE")
    return folder


def _compile(compiler: str, row: str, rows: str, path: Path) -> None:
    include = [part for folder in HEADERS for part in ("-I", str(folder))]
    native, version = _processor(compiler)
    command = [compiler, *COMMON, *native, *include]
    is_gcc = int((re.findall(rb"gcc version (\d+)", version) or [0])[0]) >= 8
    exact, fast = ([*EXACT, *ROW_BY_GCC], [*FAST, *ROWS_BY_GCC]) if is_gcc else (EXACT, FAST)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        objects = []
        for name, text, flags in (("row", row, exact), ("rows", rows, fast)):
            if not text:
                continue
            source, target = Path(folder, f"{name}.c"), Path(folder, f"{name}.o")
            source.write_text(text, encoding="ascii")
            level = "-O3" if name == "rows" else next((x for size, x in LEVELS if len(text) <= size), "-O0")
            _run([*command, level, *flags, "-c", str(source), "-o", str(target)])
            objects.append(str(target))
        made = Path(folder, "program.so")
        _run([compiler, "-shared", *objects, "-o", str(made), "-lm"])
        os.replace(made, path)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        errors = [line for line in lines if "error" in line] or lines or ["no message"]
        raise RuntimeError(f"compile(target='c') failed to compile: {errors[0]}; leave target out")
