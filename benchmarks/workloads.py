"""What is measured: each workload gives a task, the same for every peer, deterministic."""

import math
import random
from collections import deque
from typing import Any, NamedTuple

from microgpt import GPT, Adam, Tokenizer

CHAIN_LENGTH = 1_000_000


class UnsupportedError(Exception):
    """A peer lacks what a workload needs."""


class Task(NamedTuple):
    """Steps of training: record a function of the parameters, differentiate it, update the parameters.

    operations is how many each function has, where that is known without counting nodes.
    """

    parameters: Any
    functions: list
    update: Any
    operations: int | None = None


class Call(NamedTuple):
    """A computation that is measured as a whole; run gives its numbers as an array."""

    run: Any


def two_moons(peer, samples=100):
    """An MLP 2-16-16-1 on two moons, hinge loss and L2 penalty: about 65,000 nodes for 100 samples."""
    rng = random.Random(0)
    labels = [1 if i % 2 else -1 for i in range(samples)]
    points = []
    for label in labels:
        angle = rng.uniform(0, math.pi)
        x, y = math.cos(angle), math.sin(angle)
        x, y = (x, y) if label == -1 else (1 - x, 0.5 - y)
        points.append((x + rng.gauss(0, 0.1), y + rng.gauss(0, 0.1)))
    weights = [rng.uniform(-1, 1) for _ in range(337)]
    if hasattr(peer, "two_moons"):
        parameters, loss = peer.two_moons(weights, points, labels)
    else:
        parameters = peer.parameters(weights)

        def loss(parameters):
            layers = plain_layers(parameters, 2, [16, 16, 1])
            scores = [mlp(layers, point, peer.relu) for point in points]
            losses = [peer.relu(1 + -label * score) for score, label in zip(scores, labels)]
            return sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in parameters)

    return Task(parameters, [loss], lambda: peer.zero_grad(parameters))


def plain_layers(parameters, n_inputs, sizes):
    """The parameters as a list of (weights, bias) for each layer."""
    parameters = iter(parameters)
    layers = []
    for width, size in zip([n_inputs, *sizes], sizes):
        layers.append([([next(parameters) for _ in range(width)], next(parameters)) for _ in range(size)])
    return layers


def mlp(layers, x, relu):
    for layer in layers[:-1]:
        x = [relu(neuron(weights, bias, x)) for weights, bias in layer]
    [(weights, bias)] = layers[-1]
    return neuron(weights, bias, x)


def neuron(weights, bias, x):
    return sum((w * xi for w, xi in zip(weights, x)), bias)


def expression(peer, operations=10_000, leaves=100):
    """A random expression, as straight-line code, of + - * / exp relu tanh."""
    numbers, source = random_expression(operations, leaves, random.Random(0))
    namespace = {"exp": peer.exp, "relu": peer.relu, "tanh": peer.tanh}
    exec(compile(source, "expression", "exec"), namespace)
    parameters = peer.parameters(numbers)
    return Task(parameters, [namespace["expression"]], lambda: peer.zero_grad(parameters), operations)


def random_expression(operations, leaves, rng):
    """Numbers for the leaves, and the source of a function of a list of them.

    Each line is one operation on the oldest result not yet used and on any earlier one, chosen by
    their numbers such that all stay small and away from the kink of relu.
    """
    numbers = [rng.uniform(-2, 2) for _ in range(leaves)]
    unused = deque(range(leaves))
    lines = ["def expression(leaves):", f"    {', '.join(f'v{i}' for i in range(leaves))} = leaves"]
    values = list(numbers)
    for k in range(operations):
        i = unused.popleft()
        joining = len(unused) > operations - k - 1  # the last operations use up what is unused, two at a time
        j = unused.popleft() if joining else rng.randrange(len(values))
        a, b, c = values[i], values[j], round(rng.uniform(0.5, 1.5), 3)
        choices = [(f"v{i} + v{j}", a + b), (f"v{i} - v{j}", a - b), (f"v{i} * v{j}", a * b)]
        if abs(b) > 0.5:
            choices.append((f"v{i} / v{j}", a / b))
        if not joining:
            choices += [(f"v{i} + {c}", a + c), (f"{c} * v{i}", c * a), (f"tanh(v{i})", math.tanh(a))]
        if not joining and a < 1:
            choices.append((f"exp(v{i})", math.exp(a)))
        if not joining and a > 0.01:
            choices.append((f"relu(v{i})", a))
        code, value = rng.choice([choice for choice in choices if abs(choice[1]) < 4] or choices)
        unused.append(len(values))
        lines.append(f"    v{len(values)} = {code}")
        values.append(value)
    return numbers, "\n".join([*lines, f"    return v{len(values) - 1}", ""])


def hessian(peer, size=100):
    """The Hessian of the Rosenbrock function of so many variables, dense; compiled before if the peer does."""
    if not hasattr(peer, "hessian"):
        raise UnsupportedError("it has no Hessian")
    rng = random.Random(0)
    return Call(peer.hessian(rosenbrock, [rng.uniform(-1, 1) for _ in range(size)]))


def rosenbrock(x, total):
    """The chained Rosenbrock function of an array; total adds up an array."""
    return total(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def chain(peer, length=CHAIN_LENGTH):
    """A chain of so many operations, each on the result of the one before."""
    parameters = peer.parameters([1.0, 0.999999])

    def function(parameters):
        x, c = parameters
        for _ in range(length // 2):
            x = x * c + 1e-6
        return x

    return Task(parameters, [function], lambda: peer.zero_grad(parameters), length)


def microgpt(peer, names, documents=5):
    """So many steps of training the GPT of microgpt.py, its linear maps made of operators and sum()."""
    return gpt_task(peer, names, documents)


def microgpt_dot(peer, names, documents=5):
    """microgpt with the dot product of the peer in the linear maps."""
    if not hasattr(peer, "dot"):
        raise UnsupportedError("it has no dot product")
    return gpt_task(peer, names, documents, dot=peer.dot)


def gpt_task(peer, names, documents, **options):
    if not hasattr(getattr(peer, "Value", None), "log"):
        raise UnsupportedError("its scalars have no methods exp, log and relu")
    tokenizer = Tokenizer(names)
    model = GPT(tokenizer.size, peer.Value, **options)
    parameters = model.parameters()
    chosen = [tokenizer.encode(name) for name in random.Random(0).sample(names, documents)]
    functions = [lambda _, tokens=tokens: model.loss(tokens) for tokens in chosen]
    return Task(parameters, functions, Adam(parameters).step)
