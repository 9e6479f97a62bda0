"""JAX: float64 on the CPU, compiled; only what it is made for, functions of arrays."""

import jax
import jax.numpy as jnp

REQUIREMENTS = ["jax"]
ENVIRONMENT = {"JAX_ENABLE_X64": "1", "JAX_PLATFORMS": "cpu"}
IMPORT = "jax"


def hessian(function, numbers):
    at = jnp.array(numbers)
    matrix = jax.jit(jax.hessian(lambda x: function(x, jnp.sum)))
    return lambda: matrix(at).block_until_ready()
