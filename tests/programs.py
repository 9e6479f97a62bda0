"""Random programs on Values, and the result of one on an engine: every bit and every exception.

    python -m tests.programs 1000000 [SEED]

runs so many programs on both engines, and stops at the first on which they disagree.
"""

from __future__ import annotations

import contextlib
import copy
import math
import operator
import random
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from importlib import import_module
from typing import Any

import numpy as np

from autograd import TABLE, engine
from autograd.engine import modes, value
from autograd.operations import table

SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, 3.0, math.inf, -math.inf, math.nan, 5e-324, 1e-300, -1e300, 709.7, 30.0]
NUMBERS = [2, -3, 0, True, 10**400, Fraction(1, 3), Decimal("0.25"), np.float64(1.5), np.float32(0.5), np.int64(3)]
WRONG = [None, "1", b"1", 1j, [1.0], (1.0,), {}, np.zeros(2), np.array(1.0)]

OPERATORS = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.pow,
    operator.mod,
    operator.floordiv,
]
COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne]
UNARY_OPERATORS = [operator.neg, operator.pos, operator.abs, math.floor, math.ceil, math.trunc, round]
READINGS = [float, bool, repr, str, int, lambda x: f"{x:.3e}"]
FOLDS = ["sum", "mean", "norm", "logsumexp", "softmax"]
COPIES = [copy.copy, copy.deepcopy]
METHODS = [name for name in TABLE if hasattr(value.Value, name)]

KINDS = {
    "leaf": 4, "operator": 12, "row": 12, "method": 4, "unary": 3, "fold": 3, "dot": 3, "reduce": 1, "map": 1,
    "compare": 2, "read": 2, "data": 2, "grad": 1, "label": 1, "backward": 6, "zero_grad": 1, "detach": 1, "copy": 2,
    "drop": 2, "power": 1, "pause": 2, "name": 2,
}  # fmt: skip


@dataclass(frozen=True)
class Engine:
    """What a program needs of an engine."""

    name: str
    Value: type


def engines() -> tuple[Engine, Engine]:
    """The readable and the compiled engine; the compiled one must be running."""
    native = import_module("autograd.engine._native.engine")
    assert engine.backend == "native"
    return Engine("python", value.Value), Engine("native", native.Value)


# --------------------------------------------------------------------------- drawing a program


@dataclass(frozen=True)
class Step:
    """One statement of a program; the arguments are registers (Register) or plain things."""

    kind: str
    what: Any
    arguments: tuple[Any, ...]
    inner: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Register:
    """The n-th last Value that was made."""

    back: int


class Row(tuple[Any, ...]):
    """Several arguments as one."""


def draw_program(rng: random.Random, length: int) -> tuple[Step, ...]:
    """Two leaves, so many steps, and a sweep from the sum of the newest results: derivatives then have many terms."""
    leaves = (Step("leaf", None, (rng.uniform(-3.0, 3.0),)) for _ in range(2))
    total = Step("fold", "sum", (Row(map(Register, range(8))),))
    sweep = Step("backward", None, (Register(0), rng.uniform(-3.0, 3.0)))
    return (*leaves, *draw_steps(rng, length, 0), total, sweep)


def draw_steps(rng: random.Random, length: int, depth: int) -> tuple[Step, ...]:
    kinds = rng.choices(list(KINDS), list(KINDS.values()), k=length)
    return tuple(draw_step(rng, kind, depth) for kind in kinds)


def draw_step(rng: random.Random, kind: str, depth: int) -> Step:
    if kind == "leaf":
        return Step(kind, None, (draw_number(rng),))
    if kind == "row":
        row = rng.choice(list(TABLE.values()))
        return Step(kind, row, tuple(draw_operand(rng) for _ in row.formulas))
    if kind == "method":
        name = rng.choice(METHODS)
        return Step(kind, name, (Register(rng.randrange(8)), *(draw_operand(rng) for _ in TABLE[name].formulas[1:])))
    if kind in ("operator", "compare"):
        return Step(kind, rng.choice(OPERATORS if kind == "operator" else COMPARISONS), draw_pair(rng))
    if kind == "power":
        return Step(kind, None, (Register(rng.randrange(8)), draw_operand(rng), rng.choice([None, 3])))
    if kind in ("fold", "dot", "reduce", "map"):
        what = rng.choice(FOLDS if kind == "fold" else ["add", "multiply", "maximum", "power"])
        rows = [Row(draw_operand(rng) for _ in range(rng.randrange(5))) for _ in range(2)]
        if rng.random() < 0.8:
            rows[1] = Row(draw_operand(rng) for _ in rows[0])
        return Step(kind, what, tuple(rows[: 1 if kind in ("fold", "reduce") else 2]))
    if kind in ("pause", "name"):
        inner = draw_steps(rng, rng.randrange(1, 4), depth + 1) if depth < 2 else ()
        return Step(kind, rng.choice(["layer 0", "layer 1", ""]), (), inner)
    choices = {"unary": UNARY_OPERATORS, "read": READINGS, "copy": COPIES, "label": ["x", "", "w0", 3]}
    what = rng.choice(choices[kind]) if kind in choices else None
    return Step(kind, what, (Register(rng.randrange(8)), draw_number(rng)))


def draw_pair(rng: random.Random) -> tuple[Any, Any]:
    pair = [Register(rng.randrange(8)), draw_operand(rng)]
    rng.shuffle(pair)
    return pair[0], pair[1]


def draw_operand(rng: random.Random) -> Any:
    return Register(rng.randrange(8)) if rng.random() < 0.7 else draw_number(rng)


def draw_number(rng: random.Random) -> Any:
    """Usually a float; sometimes a special one, another kind of number, or an object that is no number."""
    kind = rng.random()
    if kind < 0.6:
        return rng.uniform(-3.0, 3.0)
    if kind < 0.85:
        return rng.choice(SPECIAL)
    return rng.choice(NUMBERS if kind < 0.97 else WRONG)


# --------------------------------------------------------------------------- running it


@dataclass
class Run:
    """The result of a program on one engine."""

    engine: Engine
    registers: list[Any] = field(default_factory=list)
    seen: list[Any] = field(default_factory=list)

    def program(self, steps: tuple[Step, ...]) -> list[Any]:
        """What each step gave, then every number of every Value that is left."""
        with np.errstate(all="ignore"):  # NumPy warns about flags that the C library left in the processor
            self.steps(steps)
        self.seen.append([self.facts(x) for x in self.registers])
        return self.seen

    def steps(self, steps: tuple[Step, ...]) -> None:
        for step in steps:
            mode = {"pause": modes.no_grad, "name": lambda: modes.scope(step.what)}.get(step.kind)  # noqa: B023
            if mode:
                with mode():
                    self.steps(step.inner)
                continue
            try:
                result = self.step(step)
            except Exception as error:  # of any kind: the other engine must raise the same
                self.seen.append((type(error).__name__, str(error)))
            else:
                results = result if isinstance(result, list) else [result]
                self.seen.append([self.facts(x) for x in results])

    def step(self, step: Step) -> Any:
        kind, what = step.kind, step.what
        x, *rest = [self.argument(a) for a in step.arguments]
        if kind == "leaf":
            return self.keep(self.engine.Value(x, label="x"))
        if kind in ("operator", "compare", "row"):
            return self.keep(what(x, *rest))
        if kind in ("unary", "copy"):
            return self.keep(what(x))
        if kind == "power":
            return self.keep(pow(x, *rest))
        if kind == "method":
            return self.keep(getattr(x, what)(*rest))
        if kind == "fold":
            return self.keep(getattr(table, what)(x))
        if kind == "dot":
            return self.keep(table.dot(x, *rest))
        if kind in ("reduce", "map"):
            return self.keep(getattr(TABLE[what], kind)(x, *rest))
        if kind == "read":
            return what(x)
        if kind == "detach":
            return self.keep(x.detach())
        if kind == "data":
            x.data = rest[0]
        elif kind == "grad":
            x.grad = rest[0]
        elif kind == "label":
            x.label = what
        elif kind == "backward":
            x.backward(*rest)
        elif kind == "zero_grad":
            x.zero_grad()
        else:
            assert kind == "drop"
            self.registers = [y for y in self.registers if y is not x] or [x]
        return None

    def argument(self, a: Any) -> Any:
        if isinstance(a, Register):
            return self.registers[-1 - a.back % len(self.registers)]
        return tuple(map(self.argument, a)) if isinstance(a, Row) else a

    def keep(self, result: Any) -> Any:
        values = [x for x in (result if isinstance(result, list) else [result]) if type(x) is self.engine.Value]
        self.registers += values
        return result

    def facts(self, x: Any) -> Any:
        """Everything that can be read of a Value, and the bits of a float."""
        if type(x) is float:
            return struct.pack("<d", x) if x == x else "nan"
        if type(x) is not self.engine.Value:
            return type(x), str(x)
        operands = tuple(self.place(a) for a in x.operands)
        inputs = tuple(self.place(a) for a in x.inputs)
        numbers = tuple(map(self.facts, (x.data, x.grad, *x.partials)))
        slopes = tuple(p is None for p in x._slopes)
        micrograd = x._op, len(x._prev)
        return x.op, numbers, operands, inputs, slopes, x.scope, x.label, micrograd, self.place(x)

    def place(self, x: Any) -> Any:
        """The position of a Value among the kept ones, which is the same on both engines."""
        if type(x) is float:
            return self.facts(x)
        return next((i for i, y in enumerate(self.registers) if y is x), "dropped")


def disagreement(program: tuple[Step, ...]) -> tuple[Any, Any] | None:
    """The first difference between the two engines; None if they agree."""
    left, right = (Run(engine).program(program) for engine in engines())
    return next(((a, b) for a, b in zip(left, right, strict=True) if a != b), None)


# --------------------------------------------------------------------------- many programs


class DisagreementError(AssertionError):
    """The engines differ on a program."""


def campaign(count: int, seed: int) -> Iterator[int]:
    """Run count programs, and yield the number of steps of each; DisagreementError if the engines differ."""
    for i in range(count):
        rng = random.Random(f"{seed}/{i}")
        program = draw_program(rng, rng.randrange(4, 25))
        difference = disagreement(program)
        if difference is not None:
            raise DisagreementError(f"seed {seed}/{i}: {difference[0]} and {difference[1]}\n{program}")
        yield len(program)


def main(count: int, seed: int = 0) -> None:
    steps = 0
    for i, length in enumerate(campaign(count, seed), 1):
        steps += length
        if i % 10_000 == 0 or i == count:
            print(f"{i} programs, {steps} steps: the engines agree in every bit and every exception", flush=True)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main(*map(int, sys.argv[1:]))
