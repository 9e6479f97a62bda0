"""Checks every cell of the README's comparison, and prints the table.

Figures are read from RESULTS.md. Behaviours are tried on each library that is installed where this runs:

    python -m pip install micrograd torch jax casadi
    python benchmarks/comparison.py

The exit code is 1 if a cell of the README differs from what was found.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
RESULTS = ROOT / "benchmarks" / "RESULTS.md"
ABSENT = "-"
Cells = dict[str, str]


# --------------------------------------------------------------------------- figures of RESULTS.md


def figures(heading: str, column: str, peers: Cells) -> Cells:
    """The numbers in a column of RESULTS.md, from the first table under this heading that has all these peers."""
    for section in RESULTS.read_text(encoding="utf-8").split("\n### ")[1:]:
        title, _, body = section.partition("\n")
        names, _, *rows = [
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in body.split("\n##")[0].splitlines()
            if line.startswith("|")
        ] or ([], [])
        found = {row[0]: dict(zip(names, row)) for row in rows}
        if title == heading and column in names and set(peers.values()) <= set(found):
            return {name: _short(found[peer][column]) for name, peer in peers.items()}
    raise LookupError(f"RESULTS.md has no table {heading} with {column} of {', '.join(peers.values())}")


def _short(figure: str) -> str:
    """A figure rounded to two digits, but with all digits before the point."""
    number = float(figure.replace(",", ""))
    if number >= 10:
        return f"{number:,.0f}"
    return f"{number:.2g}"


MADE = {"valuegrad": "valuegrad_native", "micrograd": "micrograd", "PyTorch": "torch"}
COMPILED = {"valuegrad": "valuegrad_compiled", "JAX": "jax", "CasADi": "casadi"}


def recorded_step() -> Cells:
    """A training step of the network on two moons, recorded operation by operation."""
    return figures("two_moons", "times valuegrad_native", MADE)


def rows_100() -> Cells:
    """Loss and gradient of that network, for all 100 rows at once."""
    return figures("moons_rows_100", "times valuegrad_compiled", COMPILED | {"PyTorch": "torch"})


def compiled_hessian() -> Cells:
    """The Hessian of the Rosenbrock function of 100 variables, compiled before it is measured."""
    return figures("hessian", "times valuegrad_compiled", COMPILED)


def first_result() -> Cells:
    """The time from a function to the first result of its compiled form."""
    return figures("compile_time", "step, ms", COMPILED)


def memory() -> Cells:
    """Memory of a recorded operation."""
    return figures("memory", "bytes per operation", MADE)


def chain() -> Cells:
    """Record and differentiate a million operations, each on the result of the one before."""
    times = figures("chain", "step, ms", {"valuegrad": "valuegrad_native", "PyTorch": "torch"})
    seconds = {name: f"{float(time.replace(',', '')) / 1000:.2g}" for name, time in times.items()}
    assert "not measured, micrograd: RecursionError" in RESULTS.read_text(encoding="utf-8")
    return seconds | {"micrograd": "RecursionError"}


# --------------------------------------------------------------------------- behaviours of what is installed


def valuegrad() -> list[str]:
    """What valuegrad does, in the order of BEHAVIOURS. The functions below do the same for the other libraries."""
    from autograd import Value, compile, grad, sqrt, tanh, where

    program = compile(lambda x: x * x if x > 0 else -x)
    assert program.map([2.0, -2.0, 3.0]).tolist() == [4.0, 2.0, 9.0]
    return [
        _precision((Value(1) * 0.1).data),
        f"{grad(tanh)(20.0):.2g}",
        f"{grad(lambda x: where(x > 0, sqrt(x), 0.0))(0.0):g}",
        "new trace",
    ]


def micrograd() -> list[str]:
    """micrograd has no function but relu, and does not compile."""
    from micrograd import engine

    assert not any(hasattr(place, name) for place in (engine, engine.Value) for name in ("tanh", "where", "compile"))
    return [_precision((engine.Value(1) * 0.1).data), ABSENT, ABSENT, ABSENT]


def torch() -> list[str]:
    """PyTorch, with tensors of no dimensions."""
    import torch

    def derivative(f: Callable[[Any], Any], at: float) -> str:
        x = torch.tensor(at, dtype=torch.float64, requires_grad=True)
        f(x).backward()
        return f"{x.grad.item():g}"

    x = torch.tensor(2.0)
    assert torch.compile(lambda x: x * x if x > 0 else -x, backend="eager")(x) == 4
    try:
        torch.compile(lambda x: x * x if x > 0 else -x, backend="eager", fullgraph=True)(x)
        branch = "works"
    except torch._dynamo.exc.Unsupported:  # so in the call above Python took the branch, between two graphs
        branch = "left to Python"
    return [
        str(torch.tensor(1.0).dtype).removeprefix("torch."),
        derivative(torch.tanh, 20.0),
        derivative(lambda x: torch.where(x > 0, torch.sqrt(x), 0.0), 0.0),
        branch,
    ]


def jax() -> list[str]:
    """JAX, with arrays of no dimensions; derivatives in float64."""
    import jax
    import jax.numpy as jnp

    try:
        jax.jit(lambda x: x * x if x > 0 else -x)(2.0)
        branch = "works"
    except jax.errors.TracerBoolConversionError:
        branch = "error"
    with jax.enable_x64(True):
        tail = f"{float(jax.grad(jnp.tanh)(20.0)):g}"
        untaken = f"{float(jax.grad(lambda x: jnp.where(x > 0, jnp.sqrt(x), 0.0))(0.0)):g}"
    return [str(jnp.asarray(1.0).dtype), tail, untaken, branch]


def casadi() -> list[str]:
    """CasADi, with symbols of the class SX."""
    import casadi

    x = casadi.SX.sym("x")

    def number(y: Any, at: float) -> float:
        return float(casadi.Function("f", [x], [y])(at))

    try:
        bool(x > 0)
        branch = "works"
    except RuntimeError:
        branch = "error"
    return [
        _precision(number(x * 0.1, 1.0)),
        f"{number(casadi.gradient(casadi.tanh(x), x), 20.0):g}",
        f"{number(casadi.gradient(casadi.if_else(x > 0, casadi.sqrt(x), 0), x), 0.0):g}",
        branch,
    ]


def _precision(tenth: float) -> str:
    """The precision of a computation whose result is this number instead of 0.1."""
    return "float64" if tenth == 0.1 else "less than float64"


FIGURES: dict[str, Callable[[], Cells]] = {
    "Training step, recorded": recorded_step,
    "Loss and gradient, 100 rows": rows_100,
    "Compiled Hessian": compiled_hessian,
    "First compiled result": first_result,
    "A million operations": chain,
    "Bytes per operation": memory,
}
BEHAVIOURS = [
    "Default precision",
    "tanh'(20)",
    "Derivative at 0 of `where(x > 0, sqrt(x), 0)`",
    "`if` in a compiled function",
]
LIBRARIES = {
    "valuegrad": ("autograd", valuegrad),
    "micrograd": ("micrograd", micrograd),
    "PyTorch": ("torch", torch),
    "JAX": ("jax", jax),
    "CasADi": ("casadi", casadi),
}
"""The columns: the module of each library, and the function that tries it."""


def table_of_readme() -> dict[str, Cells]:
    """What the README claims: the rows of its table, by the texts of their links."""
    text = README.read_text(encoding="utf-8")
    head, _, *rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text[text.index("| | valuegrad |") :].split("\n\n")[0].splitlines()
    ]
    return {row[0][1:].partition("](")[0]: dict(zip(head[1:], row[1:])) for row in rows}


def found(name: str) -> Cells:
    """What this library does when it is tried here."""
    _, behaviours = LIBRARIES[name]
    return dict(zip(BEHAVIOURS, behaviours()))


def main() -> int:
    """Print the table, with the README's text where a cell differs. Return how many cells differ."""
    claims = table_of_readme()
    cells = {row: dict.fromkeys(LIBRARIES, ABSENT) | find() for row, find in FIGURES.items()}
    cells |= {row: dict.fromkeys(LIBRARIES, "not installed") for row in BEHAVIOURS}
    for name, (module, _) in LIBRARIES.items():
        if importlib.util.find_spec(module) is not None:
            for row, cell in found(name).items():
                cells[row][name] = cell
    wrong = 0
    for row, by_name in cells.items():
        line = [row]
        for name, cell in by_name.items():
            differs = cell not in ("not installed", claims[row][name])
            wrong += differs
            line.append(f"{cell} (README: {claims[row][name]})" if differs else cell)
        print(" | ".join(line))
    return wrong


if __name__ == "__main__":
    sys.exit(min(main(), 1))
