"""torch.compile: the derivatives by torch.func, compiled with its defaults through C++."""

import torch
from workloads import Call, call_price

from peers.arrays import some_rows
from peers.torch import FUNCTIONS

REQUIREMENTS = ["torch==2.13.0", "numpy"]
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def black_scholes(columns):
    rows = [torch.tensor(column, dtype=torch.float64) for column in columns]

    def total(*rows):
        value = call_price(*rows, FUNCTIONS)
        return value.sum(), value

    @torch.compile
    def price(*rows):
        partials, value = torch.func.grad(total, argnums=(0, 1, 2, 3, 4), has_aux=True)(*rows)
        return value, *partials

    return Call(lambda: price(*rows), numbers=lambda: some_rows(price(*rows)))
