"""Builds the compiled engine where a C compiler works; the rest of the build is in pyproject.toml.

The environment variable VALUEGRAD_BUILD says what to do: `auto` builds the engine if a C compiler works, `require`
fails if none does, `off` leaves it out. The compiler is tried on two lines of its own first: where these compile, an
engine that does not is an error. A wheel without the engine is for every platform, and says so in its tag.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
import tempfile
from pathlib import Path

from setuptools import Distribution, Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.errors import BaseError, CCompilerError

ROOT = Path(__file__).parent
HEADERS = ("operations", "engine/_native", "compiler/_machine")  # the folders in which they are
NATIVE, MACHINE = ROOT / "autograd" / "engine" / "_native", ROOT / "autograd" / "compiler" / "_machine"
PROBE = "#include <Python.h>\nPyMODINIT_FUNC PyInit_probe(void) { return NULL; }\n"
IS_MSVC = sys.platform == "win32" and "GCC" not in sys.version

# floats.h says why: so the engine gives the bits that Python gives
FLAGS = [] if IS_MSVC else ["-O3", "-ffp-contract=off", "-fno-builtin"]
if not IS_MSVC and "-g" not in os.environ.get("CFLAGS", "").split():
    FLAGS.append("-g0")  # Python's own flags ask for debugging information, ten times the size of the engine
# fast.c says why: it and wide.c need not give the bits of Python
FAST_FLAGS = [] if IS_MSVC else ["-O3", "-ffp-contract=fast", "-fno-math-errno", "-fno-trapping-math", "-g0"]
# types of the heap, for the names of their classes in Python's own messages can be chosen
MACROS: list[tuple[str, str | None]] = [("CYTHON_USE_TYPE_SPECS", "1")]
if not IS_MSVC:
    # an operator becomes one function instead of five: half the time of a product
    MACROS.append(("CYTHON_INLINE", "inline __attribute__((always_inline))"))


class BuildEngine(build_ext):
    """Writes the kernels from the table of operations and the engine from its Cython, then compiles both."""

    def build_extension(self, extension: Extension) -> None:
        from Cython.Build import cythonize  # only here: a build without the engine needs no Cython

        sys.path.insert(0, str(ROOT))
        os.environ["VALUEGRAD_BACKEND"] = "python"
        from autograd.engine._native import kernels

        folder = Path(self.build_temp)
        folder.mkdir(parents=True, exist_ok=True)
        for source in [*NATIVE.glob("*.p[yx][xi]"), MACHINE / "evaluator.pxi"]:
            shutil.copy(source, folder)
        (folder / "kernels.h").write_text(kernels.header(), encoding="utf-8")
        (folder / "operations.pxi").write_text(kernels.declarations(), encoding="utf-8")
        extension.sources[0] = str(folder / "engine.pyx")
        (compiled,) = cythonize([extension], force=True)
        extension.sources = compiled.sources
        extension.include_dirs += [
            str(folder),
            *(str(ROOT / "autograd" / name) for name in HEADERS),
        ]
        extension.extra_objects += self.compiler.compile(
            ["autograd/compiler/_machine/fast.c", "autograd/compiler/_machine/wide.c"],
            output_dir=str(folder),
            include_dirs=extension.include_dirs,
            extra_postargs=FAST_FLAGS,
            depends=[],
        )
        super().build_extension(extension)


def obstacle() -> str | None:
    """Why the engine cannot be built here; None if it can."""
    if sys.implementation.name != "cpython":
        return f"it needs CPython, and this is {sys.implementation.name}"
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        return "it needs the global interpreter lock, which this build of Python does without"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "probe.c")
        source.write_text(PROBE, encoding="utf-8")
        probe = build_ext(Distribution({"ext_modules": [Extension("probe", [str(source)])]}))
        probe.build_lib = probe.build_temp = folder
        probe.ensure_finalized()
        try:
            probe.run()
        except (BaseError, CCompilerError, OSError) as error:
            return f"no C compiler works: {error}"
    return None


def extensions() -> list[Extension]:
    """The engine, or nothing, as VALUEGRAD_BUILD says."""
    wish = os.environ.get("VALUEGRAD_BUILD", "auto")
    if wish not in ("auto", "require", "off"):
        raise SystemExit(f"VALUEGRAD_BUILD is auto, require or off, got {wish!r}")
    reason = "VALUEGRAD_BUILD=off asks for that" if wish == "off" else obstacle()
    if reason is None:
        return [
            Extension(
                "autograd.engine._native.engine",
                ["autograd/engine/_native/engine.pyx", "autograd/compiler/_machine/exact.c"],
                extra_compile_args=FLAGS,
                define_macros=MACROS,
                libraries=[] if sys.platform == "win32" else ["m"],
            )
        ]
    if wish == "require":
        raise SystemExit(f"valuegrad: the compiled engine cannot be built: {reason}")
    if not {"egg_info", "dist_info", "sdist"}.intersection(sys.argv):  # which come first, and build nothing
        print(f"valuegrad: built without the compiled engine: {reason}", file=sys.stderr)
    return []


setup(ext_modules=extensions(), cmdclass={"build_ext": BuildEngine})
