"""JAX: float64 on the CPU, one thread, compiled; only functions of arrays, for which it is made."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import microgpt
import numpy as np
from microgpt import HEAD_WIDTH, HEADS, WIDTH
from workloads import Call, call_price, runge_kutta

from peers.arrays import BETA1, BETA2, EPSILON, RATES, digits_batches, digits_loss, digits_vector, matrices, some_rows

REQUIREMENTS = ["jax"]
ENVIRONMENT = {
    "JAX_ENABLE_X64": "1",
    "JAX_PLATFORMS": "cpu",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}
IMPORT = "jax"

Value = float  # of microgpt; its model only holds the weights


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


def digits(weights, rows, labels, optimizer):
    """A compiled function for each step; jax_scan compiles the epoch."""
    state, (x, y) = digits_state(weights), digits_batches(rows, labels)
    batches = [jax.device_put(batch) for batch in zip(x, y)]
    step = jax.jit(digits_step(optimizer), donate_argnums=0)

    def run():
        nonlocal state
        for batch in batches:
            state = step(state, batch)
        jax.block_until_ready(state)

    return Call(run, numbers=lambda: (run(), digits_loss(np.asarray(state[0]), x, y))[1])


def normal_cdf(x):
    return 0.5 + 0.5 * jax.scipy.special.erf(x * 0.5**0.5)


def black_scholes(columns):
    arrays = [jax.device_put(np.asarray(column)) for column in columns]
    functions = SimpleNamespace(exp=jnp.exp, log=jnp.log, sqrt=jnp.sqrt, normal_cdf=normal_cdf)
    price = jax.jit(jax.vmap(jax.value_and_grad(lambda *row: call_price(*row, functions), argnums=range(5))))

    def run():
        value, partials = jax.block_until_ready(price(*arrays))
        return value, *partials

    return Call(run, numbers=lambda: some_rows(run()))


def pendulum(columns):
    arrays = [jax.device_put(np.asarray(column)) for column in columns]

    def end(*row):
        state = jax.lax.fori_loop(0, 100, lambda _, state: runge_kutta(*state, *row[2:], jnp.sin), row[:2])
        return state, state

    of = jax.jit(jax.vmap(jax.jacfwd(end, argnums=(0, 1, 2, 3), has_aux=True)))

    def run():
        partials, state = jax.block_until_ready(of(*arrays))
        return *state, *partials[0], *partials[1]

    return Call(run, numbers=lambda: some_rows(run()))


def microgpt_compiled(model, documents):
    """A compiled function for each length, of a loss with one matrix for all positions; its tokens are numbers."""
    weights = {name: jnp.array(matrix) for name, matrix in vars(model).items() if isinstance(matrix, list)}
    batches = [jax.device_put((np.array(tokens[:-1]), np.array(tokens[1:]))) for tokens in documents]
    of_first = jax.value_and_grad(gpt_loss)(weights, *batches[0])
    first = [of_first[0], *(of_first[1][name] for name in weights)]
    state = weights, *({name: jnp.zeros_like(w) for name, w in weights.items()} for _ in range(2)), jnp.zeros(())
    step = jax.jit(gpt_step, donate_argnums=0)

    def run():
        nonlocal state
        for batch in batches:
            state = step(state, *batch)
        jax.block_until_ready(state)

    return Call(run, numbers=lambda: first, steps=len(documents))


def gpt_loss(weights, tokens, targets):
    """The loss of microgpt.GPT for a document."""
    w, count = SimpleNamespace(**weights), len(tokens)
    x = w.token_embedding[tokens] + w.position_embedding[:count]
    normed = rms_norm(x)
    query, key, value = ((normed @ m.T).reshape(count, HEADS, HEAD_WIDTH) for m in (w.query, w.key, w.value))
    scores = jnp.einsum("ihd,jhd->hij", query, key) * HEAD_WIDTH**-0.5
    scores = jnp.where(np.tri(count, dtype=bool), scores, -jnp.inf)
    x = x + jnp.einsum("hij,jhd->ihd", jax.nn.softmax(scores), value).reshape(count, WIDTH) @ w.projection.T
    x = x + jnp.maximum(rms_norm(x) @ w.expand.T, 0.0) @ w.contract.T
    logs = jax.nn.log_softmax(rms_norm(x) @ w.head.T)
    return -jnp.mean(logs[jnp.arange(count), targets])


def rms_norm(x):
    return x * (jnp.mean(x * x, axis=1, keepdims=True) + 1e-5) ** -0.5


def gpt_step(state, tokens, targets):
    """A step of Adam for a document."""
    weights, means, squares, steps = state
    rate = microgpt.LEARNING_RATE * jnp.maximum(0.0, 1 - steps / microgpt.STEPS)
    gradient, steps, b1, b2 = jax.grad(gpt_loss)(weights, tokens, targets), steps + 1, microgpt.BETA1, microgpt.BETA2
    means = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, means, gradient)
    squares = jax.tree.map(lambda s, g: b2 * s + (1 - b2) * g * g, squares, gradient)

    def updated(w, m, s):
        return w - rate * (m / (1 - b1**steps)) / (jnp.sqrt(s / (1 - b2**steps)) + microgpt.EPSILON)

    return jax.tree.map(updated, weights, means, squares), means, squares, steps


def digits_state(weights):
    """The vector of weights, the two means of Adam, and the number of steps."""
    vector = jnp.array(digits_vector(weights))
    return vector, jnp.zeros_like(vector), jnp.zeros_like(vector), jnp.zeros(())


def digits_step(optimizer):
    """A function from a state and a batch to the next state."""

    def loss(vector, x, y):
        first, bias, second, last = matrices(vector)
        scores = jnp.maximum(x @ first + bias, 0.0) @ second + last
        return -jnp.mean(jnp.sum(jax.nn.log_softmax(scores) * y, axis=1))

    def step(state, batch):
        vector, mean, square, steps = state
        gradient = jax.grad(loss)(vector, *batch)
        if optimizer == "sgd":
            return vector - RATES["sgd"] * gradient, mean, square, steps
        steps = steps + 1
        mean = BETA1 * mean + (1 - BETA1) * gradient
        square = BETA2 * square + (1 - BETA2) * gradient * gradient
        rate = RATES["adam"] * jnp.sqrt(1 - BETA2**steps) / (1 - BETA1**steps)
        return vector - rate * mean / (jnp.sqrt(square) + EPSILON), mean, square, steps

    return step
