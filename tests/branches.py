"""Random functions that decide at ties and at the ends of domains: programs must decide as the functions do.

    python -m tests.branches 100000 [SEED]

draws so many functions and runs each on rows of data: as Values, and as a program by a call, map(), grad, grad.map()
and backward(). It stops at the first function with a wrong number.

In most rows each decision is a tie, or one ulp away from it: an argument of the function is the number that another
one is compared with, as the function computes it. So a program is wrong by much if it rounds otherwise there.
"""

from __future__ import annotations

import contextlib
import math
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import autograd as ag
from autograd import Value, compile, grad
from autograd.engine import topological_order

ROWS = 12
INPUTS = 4
NAMESPACE = {name: getattr(ag, name) for name in ag.__all__} | {"abs": abs}

# what is compared: {0} and {1} are numbers like it, or arguments
TIED = {
    "x[{i}]*x[{j}]": 4, "x[{i}]*x[{j}] - x[{k}]*x[{i}]": 4, "w[0]*x[{i}] + w[1]*x[{j}]": 3, "w[0]*x[{i}]": 2,
    "x[{i}]*x[{j}] + x[{k}]*w[1] + x[{j}]*x[{k}]": 3, "sum([x[{i}], 0.1, x[{j}], x[{k}]*w[0], 0.3, x[{i}]])": 2,
    "dot([x[{i}], x[{j}], w[0]], [x[{k}], 0.7, x[{i}]])": 2, "x[{i}]**2 - x[{j}]*x[{k}]": 2, "tanh({0})": 2,
    "exp(-abs({0}))": 1, "sin({0})": 1, "sigmoid({0})": 1, "({0})*({1})": 1, "({0}) + ({1})": 2, "({0}) - ({1})": 1,
    "({0})/(2.0 + x[{i}]*x[{i}])": 1, "maximum({0}, {1})": 1, "softplus({0})": 1, "log1p(x[{i}]*x[{i}])": 1,
}  # fmt: skip

# what is decided: {d} is compared with the argument {t}, {0} and {1} are any numbers
DECIDED = {
    "where(exceeds({d}, {t}), {0}, {1} + 3.0)": 4, "where(step({d} - {t}), {0}, {1} - 2.0)": 4, "step({d} - {t})": 2,
    "where({d} - {t}, {0}, {1} + 2.0)": 3, "({0} if {d} > {t} else {1} + 1.5)": 2, "sign({t} - ({d}))*({0})": 2,
    "floor({d} - {t})": 2, "ceil({d} - {t})": 1, "({0})*exceeds({t}, {d})": 1,
    "leaky_relu({0} - 0.123)": 1, "elu({0} - 0.123)": 1,
    "where(floor({d} - {t}), where(step({t} - ({d})), {0}, 2.0), {1} + 3.0)": 1,
    "sqrt({d} - {t})": 4, "sqrt(({d} - {t})*exp(0.1*({0})))": 1, "sqrt(relu({d} - {t}))": 2, "sqrt(abs({d} - {t}))": 1,
    "sqrt(where(step({d} - {t}), {d} - {t}, 0.0))": 2, "sqrt(clip({d} - {t}, 0.0, 1.0))": 1, "log({d} - {t})": 2,
    "log(abs({d} - {t}))": 1, "({d} - {t})**0.5": 1, "({d} - {t})**-1.0": 1, "({d} - {t})**1.5": 1,
    "cbrt({d} - {t})": 1,
    "log1p({d} - {t} - 1.0)": 1, "arcsin({d} - {t} + 1.0)": 1, "arccos({t} - ({d}) - 1.0)": 1,
    "arccosh({d} - {t} + 1.0)": 1, "arctanh({d} - {t} + 1.0)": 1, "1.5/({d} - {t})": 1, "arctan2({d} - {t}, -1.0)": 1,
    "lgamma({d} - {t})": 1, "({d} - {t})/({t} - ({d}))": 1, "log((x[{i}] - {t})**2 + abs({d} - {t}))": 1,
}  # fmt: skip

# any numbers: {0} and {1} are others
FREE = {
    "x[{i}]": 3, "w[0]": 1, "w[1]*x[{i}]": 2, "x[{i}]*x[{j}] + w[0]*x[{k}]": 2, "({0}) + ({1})": 3, "({0})*({1})": 2,
    "({0}) - ({1})": 1, "tanh({0})": 1, "sin(tanh({0}))": 1, "relu({0} - 0.123)": 1, "sigmoid({0})": 1,
    "softplus({0})": 1, "sum([{0}, {1}, x[{i}], 0.5, x[{j}]])": 1,
}  # fmt: skip

SIMPLE = {"x[{i}]": 3, "w[1]*x[{i}]": 1, "x[{i}]*x[{j}] - w[0]": 1}


@dataclass
class Source:
    """The text of a function of x and t; compared[j] is the text of what t[j] is compared with."""

    rng: random.Random
    compared: list[str] = field(default_factory=list)
    text: str = ""

    def draw(self) -> Source:
        self.text = " + ".join(f"({self.decided(2)})" for _ in range(self.rng.randrange(1, 4)))
        if self.rng.random() < 0.7:
            self.text = f"{self.text} + ({self.free(2)})"
        return self

    def pick(self, kinds: dict[str, int], depth: int) -> str:
        kinds = kinds if depth > 0 else {key: n for key, n in kinds.items() if "{0}" not in key} or SIMPLE
        return self.rng.choices(list(kinds), list(kinds.values()))[0]

    def filled(self, form: str, inner: Any, depth: int, **others: str) -> str:
        places = dict(zip("ijk", self.rng.sample(range(INPUTS), 3)))
        return form.format(*(inner(depth - 1) if f"{{{n}}}" in form else "" for n in range(2)), **places, **others)

    def tied(self, depth: int) -> str:
        return self.filled(self.pick(TIED, depth), self.tied, depth)

    def decided(self, depth: int) -> str:
        form = self.pick(DECIDED, 1)
        compared = self.tied(self.rng.randrange(3))
        self.compared.append(compared)
        name = f"t[{len(self.compared) - 1}]"
        return self.filled(form, self.free, depth, d=f"({compared})", t=name)

    def free(self, depth: int) -> str:
        if depth > 0 and self.rng.random() < 0.25:
            return self.decided(depth - 1)
        return self.filled(self.pick(FREE, depth), self.free, depth)


@dataclass
class Case:
    """A function, its parameters, and its rows: in rows[r][1][j] is what the function compares with rows[r][0]."""

    source: Source
    w: list[Value]
    f: Any
    rows: list[tuple[list[float], list[float]]]


def draw_case(rng: random.Random) -> Case:
    source = Source(rng).draw()
    w = [Value(rng.uniform(-2.0, 2.0)) for _ in range(2)]
    f = eval(f"lambda x, t: {source.text}", NAMESPACE | {"w": w})
    measure = [eval(f"lambda x, t, w: {text}", dict(NAMESPACE)) for text in source.compared]
    rows = []
    for _ in range(ROWS):
        x = [rng.uniform(-2.0, 2.0) for _ in range(INPUTS)]  # round numbers would make ties of their own
        t: list[float] = []
        for each in measure:
            t.append(draw_near(rng, float(each(x, t, [p.data for p in w]))))
        rows.append((x, t))
    return Case(source, w, f, rows)


def draw_near(rng: random.Random, number: float) -> float:
    kind = rng.random()
    if kind < 0.5:
        return number
    if kind < 0.8:
        return math.nextafter(number, rng.choice([math.inf, -math.inf]))
    return number + rng.choice([1e-9, -1e-9, 0.5, -0.25])


# --------------------------------------------------------------------------- right and wrong

DOMAINS = {
    "sqrt", "log", "log1p", "power", "cbrt", "arcsin", "arccos", "arccosh", "arctanh", "divide", "arctan2", "lgamma"
}  # fmt: skip
"""Operations whose arguments the program computes as the function does."""


@dataclass
class Right:
    """What the function gives for one row.

    Attributes:
        value, gradient: the result, and the derivative by x, t and w.
        error: how far rounding may move the result.
        scale: the largest term of the gradient.
    """

    value: float
    gradient: list[float]
    error: float
    scale: float


def run_eagerly(case: Case, x: list[float], t: list[float]) -> Right:
    inputs, ties = [Value(a) for a in x], [Value(a) for a in t]
    output = case.f(inputs, ties) + 0.0
    leaves = [*inputs, *ties, *case.w]
    for p in leaves:
        p.zero_grad()
    output.backward()
    order = topological_order(output)
    exact: set[Value] = set()
    for node in reversed(order):
        if node.op in DOMAINS or node in exact:
            exact.update(a for a in node.operands[-1 if node.op == "divide" else 0 :] if isinstance(a, Value) and a.op)
    errors = [abs(n.grad * n.data) for n in order if n not in exact]
    terms = [abs(n.grad * p) for n in order for p in n.partials if p is not None]
    gradient = [p.grad for p in leaves]
    error = math.fsum(x for x in errors if math.isfinite(x))
    scale = max([1e-300, *(x for x in terms if math.isfinite(x))])
    return Right(output.data, gradient, 1e-12 * error + 1e-300, scale)


def is_near(found: float, wanted: float, error: float) -> bool:
    if not math.isfinite(wanted) or not math.isfinite(found):
        return found == wanted or (found != found and wanted != wanted)
    return abs(found - wanted) <= error


def wrong_number(case: Case) -> str | None:
    """The first wrong number of a program, as a sentence; None if all are right."""
    right = [run_eagerly(case, x, t) for x, t in case.rows]
    program = compile(lambda x, t: case.f(x, t) + 0.0)
    slopes = compile(grad(lambda x, t: case.f(x, t) + 0.0, argnums=(0, 1)))
    columns = [np.array(column).reshape(ROWS, -1) for column in zip(*case.rows)]
    mapped = program.map(*columns)
    mapped_slopes = np.hstack(slopes.map(*columns))
    for r, (x, t) in enumerate(case.rows):
        for how, found in (("a call", program(x, t)), ("map()", mapped[r])):
            if not is_near(found, right[r].value, right[r].error):
                return f"{how} gives {found!r}, right is {right[r].value!r} for {case.rows[r]}"
        for how, gradient in (("grad", np.hstack(slopes(x, t))), ("grad.map()", mapped_slopes[r])):
            for found, wanted in zip(gradient.tolist(), right[r].gradient):
                if not is_near(found, wanted, 1e-6 * abs(wanted) + 1e-9 * right[r].scale):
                    return f"{how} gives {gradient.tolist()}, right is {right[r].gradient} for {case.rows[r]}"
    return wrong_sum(case, program, right, columns)


def wrong_sum(case: Case, program: Any, right: list[Right], columns: list[Any]) -> str | None:
    """The same for the sum that backward() gives, and for its gradient."""
    for p in case.w:
        p.zero_grad()
    total = program.backward(*columns, reduction="sum")
    if not is_near(total, float(np.sum([row.value for row in right])), float(np.sum([row.error for row in right]))):
        return f"backward() gives {total!r}, right is the sum of {[row.value for row in right]} for {case.rows}"
    for i, p in enumerate(case.w, -2):
        parts = [row.gradient[i] for row in right]
        error = float(np.sum([1e-6 * abs(part) + 1e-9 * row.scale for part, row in zip(parts, right)]))
        if not is_near(p.grad, float(np.sum(parts)), error):
            return f"backward() gives the gradient {p.grad!r}, right is the sum of {parts} for {case.rows}"
    return None


# --------------------------------------------------------------------------- many functions


class WrongNumberError(AssertionError):
    """A program gives a wrong number."""


def campaign(count: int, seed: int) -> Iterator[int]:
    """Try count functions, and yield the number of decisions of each; WrongNumberError if a program is wrong."""
    with np.errstate(all="ignore"):
        for i in range(count):
            case = draw_case(random.Random(f"{seed}/{i}"))
            wrong = wrong_number(case)
            if wrong is not None:
                w = [p.data for p in case.w]
                raise WrongNumberError(f"seed {seed}/{i}: {wrong}, w = {w}\nlambda x, t: {case.source.text}")
            yield len(case.source.compared)


def main(count: int, seed: int = 0) -> None:
    decisions = 0
    for i, found in enumerate(campaign(count, seed), 1):
        decisions += found
        if i % 1000 == 0 or i == count:
            print(f"{i} functions, {decisions} decisions in {ROWS} rows each: none wrong", flush=True)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main(*map(int, sys.argv[1:]))
