"""CasADi: scalar expressions (SX), run by its virtual machine; only what is compiled before it is called."""

import casadi
import numpy as np

REQUIREMENTS = ["casadi", "numpy"]
IMPORT = "casadi"


def hessian(function, numbers):
    at = np.array(numbers)
    x = casadi.SX.sym("x", len(numbers))
    matrix, _ = casadi.hessian(function(x, casadi.sum1), x)
    program = casadi.Function("hessian", [x], [matrix])
    return lambda: program(at).full()
