"""JAX: a whole epoch as one compiled function, jax.lax.scan over the batches."""

import jax
import numpy as np
from workloads import Call

from peers.arrays import digits_batches, digits_loss
from peers.jax import digits_state, digits_step

REQUIREMENTS = ["jax"]
ENVIRONMENT = {
    "JAX_ENABLE_X64": "1",
    "JAX_PLATFORMS": "cpu",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}


def digits(weights, rows, labels, optimizer):
    state, (x, y) = digits_state(weights), digits_batches(rows, labels)
    batches = jax.device_put((x, y))
    step = digits_step(optimizer)
    epoch = jax.jit(lambda state, batches: jax.lax.scan(lambda *pair: (step(*pair), None), state, batches)[0])

    def run():
        nonlocal state
        state = jax.block_until_ready(epoch(state, batches))

    return Call(run, numbers=lambda: (run(), digits_loss(np.asarray(state[0]), x, y))[1])
