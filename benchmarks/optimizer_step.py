"""The optimizer's share of a compiled training step: an MLP 64-32-10 with 2,410 parameters, batches of 32.

    python benchmarks/optimizer_step.py

It needs valuegrad with its compiled engine, and a C compiler: the last column is the rule alone, as machine code that
need not keep every bit. A time is the least of many, taken in turns, because other programs only add to it.
"""

from time import perf_counter
from types import SimpleNamespace

import numpy as np
import report

import autograd
from autograd import Value, compile
from nn import MLP
from nn.losses import cross_entropy
from nn.optim import SGD, Adagrad, Adam, AdamW, RMSProp, Rule

OPTIMIZERS = {
    "SGD": lambda parameters: SGD(parameters, learning_rate=0.01),
    "SGD with momentum": lambda parameters: SGD(parameters, learning_rate=0.01, momentum=0.9),
    "Adagrad": Adagrad,
    "RMSProp": RMSProp,
    "Adam": Adam,
    "AdamW": AdamW,
}
ROUNDS = 300
CALLS = 20  # in a round


def microseconds(calls, rounds=ROUNDS):
    """The least time of each call."""
    least = dict.fromkeys(calls, np.inf)
    for _ in range(rounds):
        for name, call in calls.items():
            start = perf_counter()
            for _ in range(CALLS):
                call()
            least[name] = min(least[name], 1e6 * (perf_counter() - start) / CALLS)
    return least


def as_machine_code(optimizer, n):
    """The rule alone, compiled by a C compiler, from arrays into others."""
    settings = SimpleNamespace(step=Value(1.0), **{name: known(x) for name, x in optimizer.groups[0].settings.items()})
    rule = compile(lambda *numbers: optimizer.move(*numbers, settings), target="c")
    arrays = [np.random.default_rng(0).random(n) + 0.1 for _ in range(2 + len(optimizer.STATE))]
    return rule.map_buffer(*arrays, out=tuple([np.empty(n) for _ in rule(*[0.5] * len(arrays))]))


def known(setting):
    """A setting as the rule gets it."""
    if isinstance(setting, tuple):
        return tuple(map(known, setting))
    return setting if isinstance(setting, bool) or setting == 0.0 else Value(setting)


def by_optimizer(rounds=ROUNDS):
    """A row for each optimizer: the step, its parts, and the least that its arithmetic takes."""
    rng = np.random.default_rng(0)
    x, y = rng.random((32, 64)), rng.integers(0, 10, 32).astype(float)
    for name, kind in OPTIMIZERS.items():
        model = MLP(64, [32, 10], rng=0)
        error = compile(lambda row, label, model=model: cross_entropy(model(row), label), parameters=model.parameters())
        optimizer: Rule = kind(model.parameters())
        vector = autograd.parameters_to_vector(model.parameters())
        gradient = np.empty_like(vector)
        calls = {
            "gradient": lambda e=error, v=vector, g=gradient: e.loss_and_grad(v, x, y, out=g),
            "optimizer": lambda o=optimizer, v=vector, g=gradient: o.update(v, g),
            "rule": as_machine_code(optimizer, len(vector)),
        }
        for call in calls.values():
            call()
        time = microseconds(calls, rounds)
        yield {
            "optimizer": name,
            "gradient, us": report.number(time["gradient"]),
            "optimizer, us": report.number(time["optimizer"]),
            "share, %": report.number(100 * time["optimizer"] / (time["gradient"] + time["optimizer"])),
            "rule as machine code, us": report.number(time["rule"]),
        }


def main():
    if autograd.backend != "native":
        raise SystemExit("optimizer_step.py measures the compiled engine, which was not built; install a C compiler")
    print("\n".join(f"- {name}: {fact}" for name, fact in report.machine().items()), end="\n\n")
    print(report.table(list(by_optimizer())))


if __name__ == "__main__":
    main()
