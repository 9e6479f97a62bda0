"""ddx-ad: expressions of scalars, compiled through LLVM, called by buffers that are bound once."""

from types import SimpleNamespace

import ddx
import numpy as np
from workloads import Call, call_price

from peers.arrays import some_rows

REQUIREMENTS = ["ddx-ad", "numpy"]
IMPORT = "ddx"


def normal_cdf(x):
    return 0.5 + 0.5 * ddx.erf(x * 0.5**0.5)


FUNCTIONS = SimpleNamespace(exp=ddx.exp, log=ddx.log, sqrt=ddx.sqrt, normal_cdf=normal_cdf)


def black_scholes(columns):
    names = "spot", "strike", "time", "rate", "volatility"
    equation = ddx.equation(lambda: call_price(*map(ddx.var, names), FUNCTIONS))
    equation.compile(points=len(columns[0]), veclib=ddx.VecLib.AUTO)
    call = equation.buffer(np.array(columns))
    return Call(call, numbers=lambda: (call(), some_rows([call.value, *call.jacobian]))[1])
