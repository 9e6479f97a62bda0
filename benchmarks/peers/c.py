"""moons.c and black_scholes.c, written by hand and called through ctypes: they show what the processor can do."""

import ctypes
import functools
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from workloads import Call

from peers.arrays import some_rows

REQUIREMENTS = ["numpy"]

if not shutil.which("gcc"):
    raise ImportError("there is no gcc")


@functools.cache
def compiled(name, *flags):
    """The function of this name, in the file of this name."""
    with tempfile.TemporaryDirectory() as scratch:
        library, part = Path(scratch, f"{name}.so"), Path(scratch, f"{name}.o")
        source = Path(__file__).with_name(f"{name}.c")
        subprocess.run(["gcc", "-O3", "-march=native", *flags, "-fPIC", "-c", source, "-o", part], check=True)
        # a step of its own: linked with -ffast-math, a library turns all subnormal numbers of the process into zeros
        subprocess.run(["gcc", "-shared", part, "-o", library, "-lm"], check=True)
        return ctypes.CDLL(str(library))[name]


def pointer(array):
    return array.ctypes.data_as(ctypes.c_void_p)


def moons_rows(weights, points, labels, activation, penalty):
    function = compiled("moons", "-ffast-math")
    function.restype = ctypes.c_double
    arrays = [np.array(x) for x in (weights, points, labels)]
    gradient = np.empty(len(weights))
    w, x, y, out = map(pointer, (*arrays, gradient))
    arguments = w, x, y, ctypes.c_long(len(labels)), ctypes.c_double(penalty), int(activation == "tanh"), out

    def run():
        return function(*arguments), gradient, arrays  # they live as long as the call

    return Call(run, numbers=lambda: run()[:2])


def black_scholes(columns):
    function = compiled("black_scholes")
    arrays, out = [np.array(column) for column in columns], np.empty((6, len(columns[0])))
    arguments = ctypes.c_long(len(columns[0])), *map(pointer, arrays), pointer(out)

    def run():
        function(*arguments)
        return out, arrays  # they live as long as the call

    return Call(run, numbers=lambda: some_rows(run()[0]))
