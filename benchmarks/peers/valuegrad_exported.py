"""valuegrad: the C of compiled functions, by Program.to_c(), compiled by gcc for this processor, through ctypes."""

import ctypes
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from workloads import Call

import autograd
from autograd import compile
from peers.valuegrad_compiled import row_step

REQUIREMENTS = [".", "numpy"]
ENVIRONMENT = {"VALUEGRAD_BUILD": "require", "VALUEGRAD_BACKEND": "native"}

if not shutil.which("gcc"):
    raise ImportError("there is no gcc")


def hessian(function, numbers):
    return exported(compile(autograd.hessian(lambda x: function(x, autograd.sum))), np.array(numbers))


def gradient(function, numbers):
    return exported(compile(autograd.grad(lambda x: function(x, autograd.sum))), np.array(numbers))


def moons_row(weights, point, label):
    return Call(exported(row_step(), np.array(weights), np.array(point), label))


def exported(program, *arguments):
    """A call of the C of a program, which reads its arguments from an array and fills another."""
    buffer = program.buffer(*arguments)
    with tempfile.TemporaryDirectory() as scratch:
        source, shared = Path(scratch, "program.c"), Path(scratch, "program.so")
        source.write_text(program.to_c("program"), encoding="ascii")
        flags = "-O3", "-march=native", "-fPIC", "-shared"
        subprocess.run(["gcc", *flags, source, "-o", shared, "-lm"], check=True)
        function = ctypes.CDLL(str(shared)).program
    inputs, outputs = buffer.inputs, np.empty_like(buffer.outputs)
    pointers = [ctypes.c_void_p(array.ctypes.data) for array in (inputs, np.empty(0), outputs)]

    def run():
        function(*pointers)
        return outputs, inputs  # they live as long as the call

    return lambda: run()[0]
