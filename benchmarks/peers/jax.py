"""JAX: float64 on the CPU, one thread, compiled; only functions of arrays, for which it is made."""

import jax
import jax.numpy as jnp
import numpy as np
from workloads import Call

REQUIREMENTS = ["jax"]
ENVIRONMENT = {
    "JAX_ENABLE_X64": "1",
    "JAX_PLATFORMS": "cpu",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}
IMPORT = "jax"


def hessian(function, numbers):
    at = jnp.array(numbers)
    matrix = jax.jit(jax.hessian(lambda x: function(x, jnp.sum)))
    return lambda: matrix(at).block_until_ready()


def gradient(function, numbers):
    at = np.array(numbers)
    of = jax.jit(jax.grad(lambda x: function(x, jnp.sum)))
    return lambda: of(at).block_until_ready()


def moons_rows(weights, points, labels, activation, penalty):
    w, x, y = (jax.device_put(np.array(a)) for a in (weights, points, labels))
    step = moons_step(activation, penalty)
    return Call(lambda: jax.block_until_ready(step(w, x, y)))


def moons_row(weights, point, label):
    w, x = np.array(weights), np.array(point)
    step = moons_step("relu", 0.0)
    return Call(lambda: jax.block_until_ready(step(w, x, label)))


def compile_time(weights, point, label):
    w, x = np.array(weights), np.array(point)
    return Call(lambda: jax.block_until_ready(moons_step("relu", 0.0)(w, x, label)))


def moons_step(activation, penalty):
    """The loss of rows and its gradient, a function that is not compiled yet."""
    activate = {"relu": lambda x: jnp.maximum(x, 0.0), "tanh": jnp.tanh}[activation]

    def loss(w, x, y):
        first, second, last = w[:48].reshape(16, 3), w[48:320].reshape(16, 17), w[320:]
        h1 = activate(x @ first[:, :2].T + first[:, 2])
        h2 = activate(h1 @ second[:, :16].T + second[:, 16])
        losses = jnp.maximum(1 - y * (h2 @ last[:16] + last[16]), 0.0)
        return losses.mean() + penalty * jnp.sum(w * w)

    return jax.jit(jax.value_and_grad(loss))
