"""ddx-ad: expressions of scalars, compiled through LLVM, called by buffers that are bound once."""

from functools import partial
from types import SimpleNamespace

import ddx
import numpy as np
from workloads import Call, call_price, swing

from peers import ddx_interpreted
from peers.arrays import some_rows

REQUIREMENTS = ["ddx-ad", "numpy"]
IMPORT = "ddx"


def normal_cdf(x):
    return 0.5 + 0.5 * ddx.erf(x * 0.5**0.5)


FUNCTIONS = SimpleNamespace(exp=ddx.exp, log=ddx.log, sqrt=ddx.sqrt, normal_cdf=normal_cdf)


def options(points=1):
    return ddx.Options(backend=ddx.Backend.COMPILE, points=points, veclib=ddx.VecLib.AUTO)


gradient = partial(ddx_interpreted.gradient, options=options())
hessian = partial(ddx_interpreted.hessian, options=options())
moons_row = partial(ddx_interpreted.moons_row, options=options())


def black_scholes(columns):
    names = "spot", "strike", "time", "rate", "volatility"
    equation = ddx.equation(lambda: call_price(*map(ddx.var, names), FUNCTIONS))
    equation.options = options(len(columns[0]))
    call = equation.buffer(np.array(columns))
    return Call(call, numbers=lambda: (call(), some_rows([call.value, *call.jacobian]))[1])


def pendulum(columns):
    names = "angle", "speed", "stiffness", "damping"
    equation = ddx.equation(lambda: swing(*map(ddx.var, names), ddx.sin))
    equation.options = options(len(columns[0]))
    call = equation.buffer(np.array(columns))
    return Call(call, numbers=lambda: (call(), some_rows([*call.value, *call.jacobian[0], *call.jacobian[1]]))[1])
