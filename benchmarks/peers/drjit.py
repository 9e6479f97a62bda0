"""Dr.Jit: arrays of rows on its LLVM backend, with its automatic differentiation, in one thread."""

from types import SimpleNamespace

import drjit as dr
import numpy as np
from drjit.llvm.ad import Float64
from workloads import Call, call_price

from peers.arrays import some_rows

REQUIREMENTS = ["drjit", "numpy"]
IMPORT = "drjit"

dr.set_thread_count(0)  # the thread that calls


def normal_cdf(x):
    return 0.5 + 0.5 * dr.erf(x * 0.5**0.5)


FUNCTIONS = SimpleNamespace(exp=dr.exp, log=dr.log, sqrt=dr.sqrt, normal_cdf=normal_cdf)


def black_scholes(columns):
    columns = [Float64(np.asarray(column)) for column in columns]

    def run():
        rows = [Float64(column) for column in columns]
        dr.enable_grad(rows)
        value = call_price(*rows, FUNCTIONS)
        dr.backward(value)
        results = [dr.detach(value), *map(dr.grad, rows)]
        dr.eval(results)
        dr.sync_thread()
        return results

    return Call(run, numbers=lambda: some_rows(run()))
