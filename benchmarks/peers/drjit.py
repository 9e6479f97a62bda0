"""Dr.Jit: arrays of rows on its LLVM backend, with its automatic differentiation, in one thread."""

from types import SimpleNamespace

import drjit as dr
import numpy as np
from drjit.llvm.ad import Float64, UInt32
from workloads import Call, call_price, runge_kutta

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


def pendulum(columns):
    """A loop in the compiled code, for each derivative once: 100 steps without a loop compile for minutes."""
    columns = [Float64(np.asarray(column)) for column in columns]

    def run():
        partials = []
        for i in range(4):
            rows = [Float64(column) for column in columns]
            dr.enable_grad(rows[i])
            state = swing_in_loop(*rows)
            dr.forward(rows[i])
            partials += map(dr.grad, state)
        results = [*map(dr.detach, state), *partials[::2], *partials[1::2]]
        dr.eval(results)
        dr.sync_thread()
        return results

    return Call(run, numbers=lambda: some_rows(run()))


@dr.syntax
def swing_in_loop(angle, speed, stiffness, damping):
    step = UInt32(0)
    while step < 100:
        angle, speed = runge_kutta(angle, speed, stiffness, damping, dr.sin)
        step += 1
    return angle, speed
