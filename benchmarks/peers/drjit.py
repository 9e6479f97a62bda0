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
    """A loop in the compiled code: 100 steps without a loop compile for minutes."""
    columns = [Float64(np.asarray(column)) for column in columns]

    def run():
        results = swing_in_loop(*columns)
        dr.eval(results)
        dr.sync_thread()
        return results

    return Call(run, numbers=lambda: some_rows(run()))


@dr.syntax
def swing_in_loop(angle, speed, stiffness, damping):
    """Angle and speed, and their derivatives by each argument."""
    by_angle, by_speed = [[Float64(i == k) for k in range(4)] for i in range(2)]
    step = UInt32(0)
    while step < 100:
        angle, speed, by_angle, by_speed = with_partials(angle, speed, stiffness, damping, by_angle, by_speed)
        step += 1
    return [angle, speed, *by_angle, *by_speed]


def with_partials(angle, speed, stiffness, damping, by_angle, by_speed):
    """A step, and the derivatives after it, which are pushed forward one by one."""
    pushed = []
    for k in range(4):
        inputs = [Float64(x) for x in (angle, speed, stiffness, damping)]
        dr.enable_grad(inputs)
        state = runge_kutta(*inputs, dr.sin)
        for x, tangent in zip(inputs, (by_angle[k], by_speed[k], Float64(k == 2), Float64(k == 3))):
            dr.set_grad(x, tangent)
        pushed.append(dr.forward_to(*state))
    by_angle, by_speed = map(list, zip(*pushed))
    return *map(dr.detach, state), by_angle, by_speed
