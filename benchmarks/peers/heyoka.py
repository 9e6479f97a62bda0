"""heyoka: expressions of scalars, with derivatives by diff_tensors(), compiled through LLVM for arrays of rows."""

from types import SimpleNamespace

import heyoka
import numpy as np
from workloads import Call, call_price, swing

from peers.arrays import some_rows

REQUIREMENTS = ["heyoka", "numpy"]
IMPORT = "heyoka"


def normal_cdf(x):
    return 0.5 + 0.5 * heyoka.erf(x * 0.5**0.5)


FUNCTIONS = SimpleNamespace(exp=heyoka.exp, log=heyoka.log, sqrt=heyoka.sqrt, normal_cdf=normal_cdf)


def black_scholes(columns):
    row = heyoka.make_vars("spot", "strike", "time", "rate", "volatility")
    value = call_price(*row, FUNCTIONS)
    return called([value, *derivatives([value], row)], row, columns)


def pendulum(columns):
    row = heyoka.make_vars("angle", "speed", "stiffness", "damping")
    state = list(swing(*row, heyoka.sin))
    return called([*state, *derivatives(state, row)], row, columns)


def derivatives(results, row):
    """The first derivatives of each result by each variable, result by result."""
    tensors = heyoka.diff_tensors(results, diff_args=row, diff_order=1)
    return list(tensors.jacobian.flatten())


def called(results, row, columns):
    """A Call that computes the results of rows whose variables are in columns."""
    function = heyoka.cfunc(results, vars=row, fast_math=True)
    inputs, outputs = np.array(columns), np.empty((len(results), len(columns[0])))
    return Call(lambda: function(inputs, outputs=outputs), numbers=lambda: some_rows(function(inputs, outputs=outputs)))
