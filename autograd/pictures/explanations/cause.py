"""Why a partial derivative is what it is: the operands that its formula has."""

from __future__ import annotations

import ast
from collections.abc import Callable

from autograd.engine import Value
from autograd.pictures.notation.mathematics import reduced
from autograd.pictures.notation.numbers import span


def because(nodes: list[Value], operand: Value, name_of: Callable[[Value], str]) -> str:
    """The numbers that the partial derivative of nodes by one of their operands depends on: ", because x = 0".

    Args:
        nodes: several if they read the same.
        operand: of the first node.
        name_of: the name of a Value, "" if it has none.
    """
    first = nodes[0]
    causes = []
    for i in _places(first, operand):
        group = [x for node in nodes if isinstance(x := node.operands[i], Value)]
        if not group:  # a constant, which stands beside the sign
            continue
        names = {name_of(x) for x in group}
        numbers = span([x._number for x in group])
        one = "operand" if len(first.inputs) == 1 else f"operand {i + 1}"
        name = names.pop() if len(names) == 1 else ""
        causes.append(f"{name} = {numbers}" if name else f"its {one} is {numbers}")
    return f", because {' and '.join(causes)}" if 0 < len(causes) <= _MOST else ""


_MOST = 2  # causes; more are no explanation


def _places(node: Value, operand: Value) -> list[int]:
    """The places of the operands that are in the formula of the partial derivative by one of them."""
    operation = node._operation
    assert operation is not None  # a leaf has no operands
    edges = operation.edges(len(node.operands))
    formula = next(formula for (_, formula), x in zip(edges, node.operands) if x is operand)
    if formula is None:
        return []
    constants = {name: x for (name, _), x in zip(edges, node.operands) if isinstance(x, float)}
    letters = {x.id for x in ast.walk(reduced(formula, constants)) if isinstance(x, ast.Name)}
    is_of_result = "y" in letters and all(name != "y" for name, _ in edges)
    return [i for i, (name, _) in enumerate(edges) if name in letters or (is_of_result and name not in constants)]
