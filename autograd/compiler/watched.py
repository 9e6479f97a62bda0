"""A program within detect_anomaly(), or within a function that is being differentiated: its function runs instead."""

from __future__ import annotations

import math
from collections.abc import Callable

from autograd._typing import TYPE_CHECKING
from autograd.compiler.ir import COMPARISONS
from autograd.derivatives.anomaly import text_of_anomaly
from autograd.derivatives.chain_rule import as_value
from autograd.engine import Value, topological_order
from autograd.operations.operation import find
from autograd.pytree import flatten, unflatten

if TYPE_CHECKING:
    from typing import Any

    from autograd.compiler.ir import Listing, Operand
    from autograd.compiler.path import Path
    from autograd.compiler.program import Program
    from autograd.compiler.specialize import Specialization
    from autograd.engine.watch import Watch


def call_watched(program: Program, watch: Watch, args: tuple[Any, ...]) -> Any:
    """The results of a program: Values if they depend on what is being traced or differentiated, else floats."""
    if watch.traces:  # it becomes a part of the program that is being traced
        return program._plain_function()(*args)
    numbers, signature = flatten(args, "a program takes", REMEDY)
    if any(type(x) is not float for x in numbers):
        return program._plain_function()(*args)
    floats = [float(x) for x in numbers]
    f = _function_of(program)
    specialization = program._specialization(program._specializations, signature)
    if f is None:
        if watch.records:
            _inspect_path(program, specialization, floats)
        return specialization.compute(program._function, floats)
    results = f(*unflatten(signature, [Value(x) for x in floats]))
    outputs, tree = flatten(results, "compile() takes a function that gives", "return only numbers")
    if any(isinstance(x, Value) and watch.depends(x) for x in outputs):
        return unflatten(tree, [as_value(x) for x in outputs])
    if watch.records:  # without anomalies, so the program can go on as if nobody watched
        return specialization.compute(program._function, floats)
    return unflatten(tree, [x._number if isinstance(x, Value) else x for x in outputs])


def inspect_rows(
    program: Program,
    watch: Watch,
    specialization: Specialization,
    columns: list[Any],
    count: int,
    factor: float | None = None,
) -> None:
    """Let the watch look into each row.

    Args:
        columns, count: the rows, see batch.rows_of().
        factor: multiplies the gradients by the parameters, which the watch looks at too; None if there are none.
    """
    f = _function_of(program)
    for i in range(count):
        numbers = [float(x) for column in columns for x in column[i].ravel()]
        if f is None:
            _inspect_path(program, specialization, numbers)
            continue
        inputs = [Value(x) for x in numbers]
        result = f(*unflatten(specialization.signature, inputs))
        if factor is not None and isinstance(result, Value):
            leaves = {x for x in topological_order(result) if x.op is None}
            watch.differentiating(result, factor, leaves.difference(inputs))


def _function_of(program: Program) -> Callable[..., Any] | None:
    """The function of a program, if it can run in its place."""
    return None if program._bound else program._f


REMEDY = "bind other arguments first: compile(lambda x: f(x, option))"

# --------------------------------------------------------------------------- without the function


def _inspect_path(program: Program, specialization: Specialization, numbers: list[float]) -> None:
    """Raise FloatingPointError if the instructions make a nan or an infinite result from finite numbers.

    It serves programs that have no function to run: those from a pickle or a file, and those after bind().
    """
    if not any(_is_taken(path, numbers) for path in specialization.paths):
        _is_taken(specialization.trace(program._function, numbers), numbers)


def _is_taken(path: Path, numbers: list[float]) -> bool:
    """Whether these numbers take this path; if they do, inspect it."""
    listing = path.traced
    registers = [*numbers, *(x._number for x in path.parameters)]

    def number(x: Operand) -> float:
        return x if isinstance(x, float) else registers[x]

    for name, operands in listing.steps:
        registers.append(find(name).function(*map(number, operands)))
    if any(_HOLDS[operator](number(a), number(b)) != holds for operator, a, b, holds in listing.guards):
        return False
    _inspect(listing, registers)
    return True


_HOLDS: dict[str, Callable[[float, float], bool]] = dict(
    zip(COMPARISONS, (float.__lt__, float.__le__, float.__eq__, float.__ne__, float.__gt__, float.__ge__))
)


def _inspect(listing: Listing, registers: list[float]) -> None:
    """Go back from each result that is not finite to the step that made it from finite numbers."""
    stack = [x for x in listing.outputs if not isinstance(x, float)]
    seen: set[int] = set()
    while stack:
        k = stack.pop()
        if math.isfinite(registers[k]) or k < listing.first or k in seen:
            continue
        seen.add(k)
        name, operands = listing.steps[k - listing.first]
        stack += [x for x in operands if not isinstance(x, float)]
        point = [x if isinstance(x, float) else registers[x] for x in operands]
        if all(map(math.isfinite, point)):
            where = "in a program that runs without its function"
            raise FloatingPointError(text_of_anomaly(find(name), point, registers[k], where))
