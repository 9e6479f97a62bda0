"""Builds the compiled engine if a C compiler works; the rest of the build is in pyproject.toml.

The environment variable VALUEGRAD_BUILD says what to do: `auto` builds the engine if a C compiler works, `require`
fails if none does, `off` leaves it out. A small program tests the compiler first. If it compiles and the engine does
not, that is an error. The tag of a wheel without the engine says that it is for every platform.

VALUEGRAD_LEVELS says for which processors the code for many rows is compiled: `native` takes the level that is fastest
here, `all` takes all of them, for wheels that run elsewhere. Without code for its processor, a program runs row by row.

Sources are compiled in parallel. build/units keeps the results, so the next build compiles only what has changed.
"""

from __future__ import annotations

import gc
import hashlib
import os
import re
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

from setuptools import Distribution, Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.errors import BaseError, CCompilerError, CompileError

ROOT = Path(__file__).parent
GENERATED = Path("build", "generated")
UNITS = Path("build", "units")
VERSIONS = 4  # how many results of each unit are kept, for other flags or another Python
MACHINE = Path("autograd", "compiler", "_machine")
PASSES = Path("autograd", "compiler", "passes")
PROBE = """
#include <Python.h>
#include "processor.h"
PyMODINIT_FUNC PyInit_probe(void) { return NULL; }
const char *vg_level(void) {
#ifdef VG_HAS_LEVELS
    return vg_prefers_avx512() ? "avx512" : vg_has_avx2() ? "avx2" : "baseline";
#else
    return "baseline";
#endif
}
"""
IS_MSVC = sys.platform == "win32" and "GCC" not in sys.version

# with these flags the engine gives the same bits as Python; floats.h says why
EXACT = [] if IS_MSVC else ["-ffp-contract=off", "-fno-builtin"]
# rows of compiled programs need not give the same bits as Python; levels.h says why
FAST = [] if IS_MSVC else ["-ffp-contract=fast", "-fno-math-errno", "-fno-trapping-math"]
OPTIMIZED = [] if IS_MSVC else ["-O3"]
# Most sources run as fast with less than -O3, and compile in half of the time. With VG_COMPACT large functions of
# floats.h are not copied into their callers.
COMPACT = [] if IS_MSVC else ["-O2", "-DVG_COMPACT"]
SMALL = [] if IS_MSVC else ["-O1", "-DVG_COMPACT"]
FLAGS = {  # in the order of compiling: first what does not wait for Cython, then the longest
    "exact": EXACT + COMPACT,
    "fast": FAST + COMPACT,
    "baseline": FAST + OPTIMIZED,
    "engine": EXACT + COMPACT,
    "machine": EXACT + COMPACT,
    "compiled": [] if IS_MSVC else ["-Og"],  # as fast as with -O1, in half of the time
    "avx2": FAST + OPTIMIZED,
    "avx512": FAST + OPTIMIZED,
}
# those parts of -O2 that make these sources faster; gcc compiles them in two thirds of the time without the others
IN_PARTS = ("exact", "engine")
PARTS_OF_O2 = ["-O1"] + [
    f"-f{part}"
    for part in (
        "caller-saves",
        "expensive-optimizations",
        "optimize-sibling-calls",
        "reorder-blocks",
        "strict-aliasing",
    )
]
LEVELS = ("baseline", "avx2", "avx512")  # the same code for different processors
# Python's own flags add debugging information, which is ten times as large as the engine
NO_DEBUGGING = [] if IS_MSVC or "-g" in os.environ.get("CFLAGS", "").split() else ["-g0"]
# makes heap types: only their names in Python's own messages can be chosen
MACROS: list[tuple[str, str | None]] = [("CYTHON_USE_TYPE_SPECS", "1")]
# Inlining makes one function of the five of an operator, which halves the time of a product. Cython's own functions are
# not inlined, which keeps compiling fast.
INLINED = """
#undef CYTHON_INLINE
#if defined(__GNUC__) || defined(__clang__)
#define CYTHON_INLINE inline __attribute__((always_inline))
#else
#define CYTHON_INLINE inline
#endif
"""
NOT_INLINED = """
#undef CYTHON_INLINE
#define CYTHON_INLINE inline
"""


class BuildEngine(build_ext):
    """Translates and compiles every source as a unit of its own."""

    def build_extensions(self) -> None:
        write_generated()
        UNITS.mkdir(parents=True, exist_ok=True)
        units = [(extension, Path(source)) for extension in self.extensions for source in extension.sources]
        units.sort(key=lambda unit: list(FLAGS).index(unit[1].stem))
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        with ThreadPoolExecutor(self.parallel or cores) as pool:
            self.translated = pool.submit(translate, [x for _, x in units if x.suffix in (".pyx", ".pxd")])
            objects = list(pool.map(self.compiled, *zip(*units)))
        for extension in self.extensions:
            extension.extra_objects = [str(x) for (owner, _), x in zip(units, objects) if owner is extension]
            extension.sources = []
        self.force = True  # link always: the library that is there may have been linked from other objects
        super().build_extensions()

    def compiled(self, extension: Extension, source: Path) -> Path:
        """The object file of a source."""
        flags = FLAGS[source.stem] + NO_DEBUGGING
        if source.stem in IN_PARTS and self.is_gcc:
            flags += PARTS_OF_O2  # the last -O counts
        macros = list(extension.define_macros)
        if source.stem == "fast":  # it chooses a level at run time, and must know what was built
            macros += [(f"VG_BUILT_{x.upper()}", "1") for x in LEVELS if str(MACHINE / f"{x}.c") in extension.sources]
        name = source.stem + (self.compiler.obj_extension or ".o")
        if source.suffix in (".pyx", ".pxd"):
            source = self.translated.result()[source]
        headers = included(source, [Path(folder) for folder in extension.include_dirs])

        def compile_it(folder: str) -> list[str]:
            return self.compiler.compile([str(source)], folder, macros, extension.include_dirs, extra_postargs=flags)

        return kept([name], [source, *headers], [*flags, *macros, *self.tools], compile_it)[0]

    @property
    def is_gcc(self) -> bool:
        return not IS_MSVC and "Free Software Foundation" in str(self.tools[1])  # what --version prints

    @cached_property
    def tools(self) -> list[object]:
        """The compiler, and everything else that an object depends on besides its sources."""
        compiler = getattr(self.compiler, "compiler_so", None)  # its command; MSVC has none
        version = os.urandom(8)  # unique: the objects of an unknown compiler are never used again
        if compiler:
            version = subprocess.run([*compiler, "--version"], capture_output=True).stdout
        variables = [os.environ.get(name) for name in ("CPATH", "C_INCLUDE_PATH", "MACOSX_DEPLOYMENT_TARGET")]
        return [compiler, version, variables, self.plat_name, sys.version, sysconfig.get_path("include")]


def translate(sources: list[Path]) -> dict[Path, Path]:
    """The C file that Cython makes of each source and of the files that it includes; of the passes for their types."""
    from Cython import __version__  # only here: a build without the engine needs no Cython

    folders = dict.fromkeys([GENERATED, *(source.parent for source in sources)])
    parts = [x for folder in folders for x in sorted(folder.glob("*.p[xy][dxi]")) if x not in sources]
    names = [source.stem + ".c" for source in sources]
    texts = [GENERATED / f"{source.stem}.py" if source.suffix == ".pxd" else source for source in sources]

    def translate_them(folder: str) -> list[str]:
        from Cython.Compiler.Main import compile  # in this process: Cython's start takes half of its time

        results = [os.path.join(folder, name) for name in names]
        gc.disable()  # a tenth of Cython's time, and this process ends soon
        for source, result in zip(texts, results):
            if compile(str(source), language_level=3, include_path=[str(GENERATED)], output_file=result).num_errors:
                raise CompileError(f"Cython cannot translate {source}")
            c = Path(result).read_text(encoding="utf-8")
            Path(result).write_text(inlining_ours_only(c), encoding="utf-8")
        return results

    settings = [__version__, INLINED, NOT_INLINED]
    return dict(zip(sources, kept(names, [*texts, *parts], settings, translate_them)))


def inlining_ours_only(c: str) -> str:
    """The C of Cython with another CYTHON_INLINE where our functions are."""
    sections = re.split(r"(?m)^(?=.*Code section: (?:module_code|utility_code_pragmas) )", c)
    before, ours, after = sections if len(sections) == 3 else ("", c, "")  # another Cython may have other sections
    return before + INLINED + ours + NOT_INLINED + after


def included(source: Path, folders: list[Path]) -> list[Path]:
    """The headers of these folders that a source includes, and those that they include."""
    found: dict[Path, None] = {}
    files = [source]
    for file in files:
        names = re.findall(r'(?m)^ *# *include "(.+)"', file.read_text(encoding="utf-8"))
        paths = [path for path in (folder / name for name in names for folder in folders) if path.exists()]
        files += [path for path in dict.fromkeys(paths) if path not in found]
        found.update(dict.fromkeys(paths))
    return list(found)


def kept(names: list[str], sources: list[Path], settings: list[object], make: Callable[[str], list[str]]) -> list[Path]:
    """The files made of these sources with these settings; they are made now unless an earlier build has made them.

    Args:
        make: takes a folder, makes the files there, and returns their paths.
    """
    key = hashlib.sha256(repr([settings, [x.read_bytes() for x in sources]]).encode()).hexdigest()[:16]
    split = [os.path.splitext(name) for name in names]
    paths = [UNITS / f"{stem}-{key}{suffix}" for stem, suffix in split]
    if all(path.exists() for path in paths):
        for path in paths:
            path.touch()
        return paths
    print(f"valuegrad: making {', '.join(names)}", file=sys.stderr)  # shown by pip -v
    with tempfile.TemporaryDirectory(dir=UNITS) as folder:
        for made, path in zip(make(folder), paths):
            os.replace(made, path)
    for stem, suffix in split:
        for old in sorted(UNITS.glob(f"{stem}-*{suffix}"), key=os.path.getmtime)[:-VERSIONS]:
            old.unlink(missing_ok=True)
    return paths


def write_generated() -> None:
    """Write the files made of operations, of the instructions and passes of compiled programs, and of rules of nn."""
    sys.path.insert(0, str(ROOT))
    os.environ["VALUEGRAD_BACKEND"] = "python"
    from autograd.compiler import prebuilt
    from autograd.compiler._machine import header
    from autograd.compiler.passes import sources
    from autograd.engine._native import kernels
    from nn.optim.usual import usual_rules

    GENERATED.mkdir(parents=True, exist_ok=True)
    (GENERATED / "instructions.h").write_text(header.header(), encoding="utf-8")
    (GENERATED / "kernels.h").write_text(kernels.header(), encoding="utf-8")
    (GENERATED / "operations.pxi").write_text(kernels.declarations(), encoding="utf-8")
    (GENERATED / "prebuilt.h").write_text(prebuilt.header(usual_rules()), encoding="utf-8")
    joined = joined_passes(sources.PARTS, sources.fingerprint())
    (GENERATED / "compiled.py").write_text(joined, encoding="utf-8")
    (GENERATED / "compiled.pxd").write_bytes((PASSES / "compiled.pxd").read_bytes())


def joined_passes(parts: Sequence[str], fingerprint: int) -> str:
    """The passes as one file, which Cython compiles with the types of compiled.pxd."""
    text = "\n".join((PASSES / f"{part}.py").read_text(encoding="utf-8") for part in parts)
    text = re.sub(r"(?m)^from autograd\.compiler\.passes\.\w+ import (\([^)]*\)|.*)$", "", text)
    text = re.sub(r"(?m)^(from __future__ import annotations|@final)$", "", text)
    head = "# cython: annotation_typing=False, auto_pickle=False\nfrom __future__ import annotations\n"
    return f"{head}FINGERPRINT = {fingerprint}\n{text}"


def examine() -> tuple[str | None, tuple[str, ...]]:
    """Why the engine cannot be built here, None if it can; and the levels to build."""
    if sys.implementation.name != "cpython":
        return f"it needs CPython, and this is {sys.implementation.name}", ()
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        return "it needs the global interpreter lock, which this build of Python does without", ()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "probe.c")
        source.write_text(PROBE, encoding="utf-8")
        probe = Extension("probe", [str(source)], include_dirs=[str(MACHINE)], extra_compile_args=NO_DEBUGGING)
        command = build_ext(Distribution({"ext_modules": [probe]}))
        command.build_lib = command.build_temp = folder
        command.ensure_finalized()
        try:
            command.run()
        except (BaseError, CCompilerError, OSError) as error:
            return f"no C compiler works: {error}", ()
        return None, levels(command.get_ext_fullpath("probe"))


def levels(probe: str) -> tuple[str, ...]:
    """The levels to build; the library probe knows which one is the fastest here."""
    wish = os.environ.get("VALUEGRAD_LEVELS", "native")
    if wish not in ("native", "all"):
        raise SystemExit(f"VALUEGRAD_LEVELS is native or all, got {wish!r}")
    if wish == "all" or sys.platform != "linux":  # other platforms have only the baseline
        return LEVELS
    try:
        from ctypes import CDLL, c_char_p  # only here: a Python may have been built without it

        level = CDLL(probe).vg_level
    except (ImportError, OSError):  # the library is for another machine
        return LEVELS
    level.restype = c_char_p
    return (level().decode(),)


def extension(folder: str, *sources: str) -> Extension:
    """The extension of a folder, named after its first source."""
    return Extension(
        f"{folder}/{sources[0].partition('.')[0]}".replace("/", "."),
        [f"{folder}/{source}" for source in sources],
        include_dirs=[str(GENERATED), "autograd/operations", folder],
        define_macros=MACROS,
        libraries=[] if sys.platform == "win32" else ["m"],
    )


def extensions() -> list[Extension]:
    """The extension modules to build; none if VALUEGRAD_BUILD or the lack of a compiler excludes them."""
    wish = os.environ.get("VALUEGRAD_BUILD", "auto")
    if wish not in ("auto", "require", "off"):
        raise SystemExit(f"VALUEGRAD_BUILD is auto, require or off, got {wish!r}")
    reason, levels = ("VALUEGRAD_BUILD=off asks for that", ()) if wish == "off" else examine()
    if reason is None:
        return [
            extension("autograd/engine/_native", "engine.pyx"),
            extension(PASSES.as_posix(), "compiled.pxd"),
            extension(MACHINE.as_posix(), "machine.pyx", "exact.c", "fast.c", *(f"{level}.c" for level in levels)),
        ]
    if wish == "require":
        raise SystemExit(f"valuegrad: the compiled engine cannot be built: {reason}")
    if not {"egg_info", "dist_info", "sdist"}.intersection(sys.argv):  # these commands run first, and build nothing
        print(f"valuegrad: built without the compiled engine: {reason}", file=sys.stderr)
    return []


setup(ext_modules=extensions(), cmdclass={"build_ext": BuildEngine})
