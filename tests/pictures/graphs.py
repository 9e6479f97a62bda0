"""Small random graphs, whose nodes are used several times."""

import random
from collections.abc import Callable

from autograd import Value

METHODS = ("tanh", "sin", "cos", "exp", "arctan", "relu")


def root(a: Value) -> Value:
    return (a * a + 1).sqrt()


def curve(name: str) -> Callable[[Value], Value]:
    return lambda a: getattr(a.tanh(), name)()


def random_graph(rng: random.Random, size: int, inputs: int = 3) -> list[Value]:
    """Inputs with labels, then results; the last one is computed from others that were computed late."""
    nodes = [Value(rng.choice([0.5, 1.25, 2.0, -1.5]), label=f"x{i}") for i in range(1, inputs + 1)]
    for _ in range(size):
        a, b = rng.choice(nodes[-4:]), rng.choice(nodes)
        kind = rng.randrange(7)
        if kind == 0:
            nodes.append(rng.choice([abs, root, curve(rng.choice(METHODS))])(a))
        elif kind == 1:
            nodes.append(rng.choice([2.0, -3.0, 0.5]) * a)
        elif kind == 2:
            nodes.append(a / (b * b + 1))
        else:
            nodes.append([a + b, a * b, a - b, -a][kind - 3])
    return nodes
