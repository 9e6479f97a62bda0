"""CasADi: its functions as C, compiled by gcc for this processor."""

import shutil
import subprocess
import tempfile
from functools import partial
from pathlib import Path

import casadi as library

from peers import casadi

REQUIREMENTS = ["casadi", "numpy"]
ENVIRONMENT = {"OMP_NUM_THREADS": "1"}

if not shutil.which("gcc"):
    raise ImportError("there is no gcc")


def built(program):
    """The same function, from a library made of its C code."""
    with tempfile.TemporaryDirectory() as scratch:
        generator = library.CodeGenerator("program.c")
        generator.add(program)
        generator.generate(f"{scratch}/")
        shared = Path(scratch, "program.so")
        flags = "-O3", "-march=native", "-fPIC", "-shared"
        subprocess.run(["gcc", *flags, Path(scratch, "program.c"), "-o", shared, "-lm"], check=True)
        return library.external(program.name(), str(shared))


gradient = partial(casadi.gradient, built=built)
hessian = partial(casadi.hessian, built=built)
moons_row = partial(casadi.moons_row, built=built)
