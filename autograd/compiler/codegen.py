"""A listing as lines of Python or C, and as a Python function that runs it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from autograd._typing import TYPE_CHECKING
from autograd.compiler.ir import COMPARISONS
from autograd.compiler.notation import call_of, code_of, terms_of
from autograd.operations.operation import find

if TYPE_CHECKING:
    from typing import Any

    from autograd.compiler.ir import Guard, Listing, Operand

NATIVE = {"add", "subtract", "multiply", "negative"}
"""The operations for which Python's operators give the same results."""

_LONGEST = 100
"""How many terms a sum may have in one line: Python's compiler recurses once for each term."""


def function_of(
    listing: Listing, functions: Mapping[str, Any], compare: Callable[..., Any] | None = None
) -> Callable[..., Any]:
    """The listing as a Python function of two sequences, the inputs and the parameters.

    It gives the list of results, or None if a guard fails. With compare it gives two lists: the results, and for each
    guard a pair of compare(operator, a, b) and whether the comparison must hold.

    Args:
        functions: the operations by name, as functions of floats or of arrays.
    """
    namespace = {**functions, "compare": compare, "inf": math.inf, "nan": math.nan}
    exec("\n".join(python_lines(listing, "program", all_guards=compare is not None)), namespace)
    program: Callable[..., Any] = namespace["program"]
    return program


def python_lines(listing: Listing, name: str, *, all_guards: bool = False) -> Iterator[str]:
    """The definition of a Python function of this name; for all_guards see function_of()."""
    operand = partial(listing.name, inputs="x[{}]", parameters="p[{}]")
    yield f"def {name}(x, p):"
    for i, (operation, operands) in enumerate(listing.steps, listing.first):
        if operation == "dot":
            terms = terms_of(operands, operand)
            while len(terms) > _LONGEST:
                yield f"    v{i} = {' + '.join(terms[:_LONGEST])}"
                terms[:_LONGEST] = [f"v{i}"]
            yield f"    v{i} = {' + '.join(terms)}"
        else:
            names = list(map(operand, operands))
            yield f"    v{i} = {code_of(operation, names) if operation in NATIVE else call_of(operation, names)}"
    results = f"[{', '.join(map(operand, listing.outputs))}]"
    if all_guards:
        guards = [f"(compare({o!r}, {operand(a)}, {operand(b)}), {holds})" for o, a, b, holds in listing.guards]
        results += f", [{', '.join(guards)}]"
    else:
        for guard in listing.guards:
            condition = _condition(guard, operand)
            yield f"    if {f'not ({condition})' if guard[3] else condition}:"
            yield "        return None"
    yield f"    return {results}"


def c_lines(listing: Listing) -> Iterator[str]:
    """The statements of a C function of x and p that fills in out; it breaks out of a loop if a guard fails."""
    operand = partial(listing.name, inputs="x[{}]", parameters="p[{}]", constant=c_number)
    for i, (operation, operands) in enumerate(listing.steps, listing.first):
        yield f"const double v{i} = {c_expression(operation, list(map(operand, operands)))};"
    for guard in listing.guards:
        condition = _condition(guard, operand)
        yield f"if ({f'!({condition})' if guard[3] else condition}) break;"
    for k, x in enumerate(listing.outputs):
        yield f"out[{k}] = {operand(x)};"


def _condition(guard: Guard, operand: Callable[[Operand], str]) -> str:
    """The comparison of a guard as code; its operator is taken from the known ones, and never from a text."""
    operator, a, b, _ = guard
    return f"{operand(a)} {COMPARISONS[COMPARISONS.index(operator)]} {operand(b)}"


def c_expression(operation: str, operands: list[str]) -> str:
    return re.sub(r"\b[abc]\b", lambda match: operands["abc".index(match[0])], find(operation).c)


def c_number(x: float) -> str:
    if math.isfinite(x):
        return f"({x.hex()})" if math.copysign(1.0, x) < 0 else x.hex()
    return "NAN" if math.isnan(x) else "INFINITY" if x > 0 else "(-INFINITY)"
