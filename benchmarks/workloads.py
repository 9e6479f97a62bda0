"""The workloads: each makes a task, which is deterministic and the same for every peer."""

import gzip
import math
import random
from array import array
from collections import deque
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from microgpt import GPT, Adam, Tokenizer, unshifted_softmax

CHAIN_LENGTH = 1_000_000
DIGITS = Path(__file__).parents[1] / "demos" / "digits.txt.gz"
BATCH = 32
RECORDED = ("two_moons", "expression", "chain", "microgpt", "microgpt_dot", "memory")  # each step records a graph


class UnsupportedError(Exception):
    """A peer lacks what a workload needs."""


class Task(NamedTuple):
    """Steps of training: record a function of the parameters, differentiate it, update the parameters.

    operations is how many operations each function has, if that is known without counting nodes.
    """

    parameters: Any
    functions: list
    update: Any
    operations: int | None = None


class Call(NamedTuple):
    """A computation that is measured as a whole.

    run does it. numbers returns its result, nested or not; by default run does. steps is how many steps a run has.
    compile is the time to compile it once, in ms, if that is of interest.
    """

    run: Any
    numbers: Any = None
    steps: int = 1
    compile: float | None = None


def two_moons(peer, samples=100):
    """An MLP 2-16-16-1 on two moons, hinge loss and L2 penalty: about 65,000 nodes for 100 samples."""
    weights, points, labels = moons_data(samples)
    if hasattr(peer, "two_moons"):
        parameters, loss = peer.two_moons(weights, points, labels)
    else:
        parameters = peer.parameters(weights)

        def loss(parameters):
            return moons_loss(parameters, points, labels, peer.relu)

    return Task(parameters, [loss], lambda: peer.zero_grad(parameters))


def moons_data(samples):
    """Weights of the network, points and labels."""
    rng = random.Random(0)
    labels = [1 if i % 2 else -1 for i in range(samples)]
    points = []
    for label in labels:
        angle = rng.uniform(0, math.pi)
        x, y = math.cos(angle), math.sin(angle)
        x, y = (x, y) if label == -1 else (1 - x, 0.5 - y)
        points.append((x + rng.gauss(0, 0.1), y + rng.gauss(0, 0.1)))
    return [rng.uniform(-1, 1) for _ in range(337)], points, labels


def moons_loss(parameters, points, labels, relu):
    layers = plain_layers(parameters, 2, [16, 16, 1])
    scores = [mlp(layers, point, relu) for point in points]
    losses = [relu(1 + -label * score) for score, label in zip(scores, labels)]
    return sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in parameters)


def moons_rows_1(peer):
    """The hinge loss of one row of two moons, and its gradient by an array of the 337 weights."""
    weights, point, label = moons_row()
    if hasattr(peer, "moons_row"):
        return peer.moons_row(weights, point, label)
    return hook(peer, "moons_rows")(weights, [point], [label], "relu", 0.0)


def moons_rows_100(peer):
    """The function of two_moons and its gradient, by what the peer offers for many rows."""
    return moons_rows(peer, 100, penalty=1e-4)


def moons_rows_32768(peer):
    """The mean hinge loss of many rows, and its gradient."""
    return moons_rows(peer, 32768)


def moons_tanh_1024(peer):
    """The same for fewer rows, and with tanh instead of relu in the network."""
    return moons_rows(peer, 1024, "tanh")


def moons_row():
    """Weights, a point, and the label of the other moon. With the right label, loss and gradient would be 0."""
    weights, [point], [label] = moons_data(1)
    return weights, point, -float(label)


def moons_rows(peer, samples, activation="relu", penalty=0.0):
    weights, points, labels = moons_data(samples)
    return hook(peer, "moons_rows")(weights, points, [float(label) for label in labels], activation, penalty)


def unrolled(peer):
    """The function of two_moons as one program of scalars: about 65,000 operations before anything is simplified."""
    make_call = hook(peer, "unrolled")
    weights, points, labels = moons_data(100)
    begin = perf_counter()
    call = make_call(weights, lambda parameters, relu: moons_loss(parameters, points, labels, relu))
    call.run()
    return call._replace(compile=1000 * (perf_counter() - begin))


def compile_time(peer):
    """The time from a function to its first result: the loss of one row of two moons, and its gradient."""
    make_call = hook(peer, "compile_time")
    return make_call(*moons_row())


def digits_sgd(peer):
    """An epoch of digits by gradient descent."""
    return digits(peer, "sgd")


def digits_adam(peer):
    """An epoch of digits by Adam."""
    return digits(peer, "adam")


def digits(peer, optimizer):
    """An MLP 64-32-10 learns 80 % of 1,797 handwritten digits, softmax and cross-entropy, in batches of 32."""
    weights, rows, labels = digits_data()
    return hook(peer, "digits")(weights, rows, labels, optimizer)


def digits_data():
    """Weights of the network, images as rows of 64 numbers from 0 to 1, and labels, as many as fill whole batches."""
    lines = gzip.decompress(DIGITS.read_bytes()).decode("ascii").split()
    lines = lines[: len(lines) * 4 // 5 // BATCH * BATCH]
    rng = random.Random(0)
    weights = [rng.uniform(-0.2, 0.2) for _ in range(32 * 65 + 10 * 33)]
    return weights, [[int(pixel, 17) / 16 for pixel in line[:64]] for line in lines], [int(line[64]) for line in lines]


def black_scholes(peer, rows=1_000_000):
    """The price of European calls and its derivatives by spot, strike, time, rate and volatility."""
    rng = random.Random(0)
    ranges = (90, 110), (90, 110), (0.5, 2), (0.01, 0.05), (0.2, 0.5)
    return hook(peer, "black_scholes")([array("d", [rng.uniform(*ends) for _ in range(rows)]) for ends in ranges])


def call_price(spot, strike, time, rate, volatility, f):
    """The price by Black and Scholes; f has the functions exp, log, sqrt and normal_cdf."""
    deviation = volatility * f.sqrt(time)
    d = (f.log(spot / strike) + (rate + 0.5 * volatility * volatility) * time) / deviation
    return spot * f.normal_cdf(d) - strike * f.exp(-rate * time) * f.normal_cdf(d - deviation)


def pendulum(peer, rows=10_000):
    """Where pendulums are after a second, and its derivatives by angle, speed, stiffness and damping."""
    rng = random.Random(0)
    ranges = (-2, 2), (-1, 1), (5, 15), (0, 0.5)
    return hook(peer, "pendulum")([array("d", [rng.uniform(*ends) for _ in range(rows)]) for ends in ranges])


def swing(angle, speed, stiffness, damping, sin, steps=100):
    """The angle and the speed after so many hundredths of a second."""
    for _ in range(steps):
        angle, speed = runge_kutta(angle, speed, stiffness, damping, sin)
    return angle, speed


def runge_kutta(angle, speed, stiffness, damping, sin, h=0.01):
    """A step of the classical method of order 4."""

    def slope(angle, speed):
        return speed, -stiffness * sin(angle) - damping * speed

    a1, s1 = slope(angle, speed)
    a2, s2 = slope(angle + h / 2 * a1, speed + h / 2 * s1)
    a3, s3 = slope(angle + h / 2 * a2, speed + h / 2 * s2)
    a4, s4 = slope(angle + h * a3, speed + h * s3)
    return angle + h / 6 * (a1 + 2 * (a2 + a3) + a4), speed + h / 6 * (s1 + 2 * (s2 + s3) + s4)


def first_result(peer, operations=100_000, leaves=100):
    """The time from a random expression to its first value and gradient."""
    make_call = hook(peer, "first_result")
    numbers, source = random_expression(operations, leaves, random.Random(0))
    return make_call(function_of(source, peer), numbers)


def hook(peer, name):
    """The function of a peer for this workload."""
    if not hasattr(peer, name):
        raise UnsupportedError("it is not for this")
    return getattr(peer, name)


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
    """A random expression of + - * / exp relu tanh, as straight-line code."""
    numbers, source = random_expression(operations, leaves, random.Random(0))
    parameters = peer.parameters(numbers)
    return Task(parameters, [function_of(source, peer)], lambda: peer.zero_grad(parameters), operations)


def function_of(source, peer):
    """The random expression as a function of scalars of a peer."""
    namespace = {"exp": peer.exp, "relu": peer.relu, "tanh": peer.tanh}
    exec(compile(source, "expression", "exec"), namespace)
    return namespace["expression"]


def random_expression(operations, leaves, rng):
    """Numbers for the leaves, and the source of a function of a list of them.

    Each line is one operation on the oldest unused result and on any earlier one. The operation is chosen so that all
    numbers stay small and away from the kink of relu.
    """
    numbers = [rng.uniform(-2, 2) for _ in range(leaves)]
    unused = deque(range(leaves))
    lines = ["def expression(leaves):", f"    {', '.join(f'v{i}' for i in range(leaves))} = leaves"]
    values = list(numbers)
    for k in range(operations):
        i = unused.popleft()
        joining = len(unused) > operations - k - 1  # the last operations use the unused results, two at a time
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
    """The dense Hessian of the Rosenbrock function of `size` variables, compiled before if the peer compiles."""
    rng = random.Random(0)
    return Call(hook(peer, "hessian")(rosenbrock, [rng.uniform(-1, 1) for _ in range(size)]))


def rosenbrock_gradient(peer, size=100):
    """The gradient of the Rosenbrock function of `size` variables, compiled before."""
    rng = random.Random(0)
    return Call(hook(peer, "gradient")(rosenbrock, [rng.uniform(-1, 1) for _ in range(size)]))


def rosenbrock(x, total):
    """The chained Rosenbrock function of an array; total adds up an array."""
    return total(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def chain(peer, length=CHAIN_LENGTH):
    """A chain of `length` operations, each on the result of the one before."""
    parameters = peer.parameters([1.0, 0.999999])

    def function(parameters):
        x, c = parameters
        for _ in range(length // 2):
            x = x * c + 1e-6
        return x

    return Task(parameters, [function], lambda: peer.zero_grad(parameters), length)


def microgpt(peer, names, documents=5):
    """Training the GPT of microgpt.py, one step for each document; its linear maps are made of operators and sum()."""
    return gpt_task(peer, names, documents)


def microgpt_dot(peer, names, documents=5):
    """microgpt with the dot product of the peer in the linear maps."""
    if not hasattr(peer, "dot"):
        raise UnsupportedError("it has no dot product")
    return gpt_task(peer, names, documents, dot=peer.dot)


def microgpt_compiled(peer, names, documents=5):
    """microgpt by compiled programs, one for each length of a document; if the peer has none, microgpt itself."""
    if not hasattr(peer, "microgpt_compiled"):
        return microgpt(peer, names, documents)
    tokenizer = Tokenizer(names)
    model = GPT(tokenizer.size, peer.Value, softmax=unshifted_softmax)
    return peer.microgpt_compiled(model, chosen_documents(tokenizer, names, documents))


def gpt_task(peer, names, documents, **options):
    if not hasattr(getattr(peer, "Value", None), "log"):
        raise UnsupportedError("its scalars have no methods exp, log and relu")
    tokenizer = Tokenizer(names)
    model = GPT(tokenizer.size, peer.Value, **options)
    parameters = model.parameters()
    chosen = chosen_documents(tokenizer, names, documents)
    functions = [lambda _, tokens=tokens: model.loss(tokens) for tokens in chosen]
    return Task(parameters, functions, Adam(parameters).step)


def chosen_documents(tokenizer, names, documents):
    return [tokenizer.encode(name) for name in random.Random(0).sample(names, documents)]
