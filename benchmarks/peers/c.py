"""moons.c, written by hand for one network and called through ctypes: it shows what the processor can do."""

import ctypes
import functools
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from workloads import Call

REQUIREMENTS = ["numpy"]

if not shutil.which("gcc"):
    raise ImportError("there is no gcc")


@functools.cache
def compiled():
    """The function of moons.c."""
    with tempfile.TemporaryDirectory() as scratch:
        library, part = Path(scratch, "moons.so"), Path(scratch, "moons.o")
        source = Path(__file__).with_name("moons.c")
        subprocess.run(["gcc", "-O3", "-march=native", "-ffast-math", "-fPIC", "-c", source, "-o", part], check=True)
        # a step of its own: linked with -ffast-math, a library turns all subnormal numbers of the process into zeros
        subprocess.run(["gcc", "-shared", part, "-o", library, "-lm"], check=True)
        function = ctypes.CDLL(str(library)).moons
    function.restype = ctypes.c_double
    return function


def moons_rows(weights, points, labels, activation, penalty):
    function = compiled()
    arrays = [np.array(x) for x in (weights, points, labels)]
    gradient = np.empty(len(weights))
    w, x, y, out = (array.ctypes.data_as(ctypes.c_void_p) for array in (*arrays, gradient))
    arguments = w, x, y, ctypes.c_long(len(labels)), ctypes.c_double(penalty), int(activation == "tanh"), out

    def run():
        return function(*arguments), gradient, arrays  # they live as long as the call

    return Call(run, numbers=lambda: run()[:2])
