"""Calls of composed functions in formulas: softmax(...) with an index, and its derivative as a handbook has it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from typing import final

from autograd.engine import Value
from autograd.pictures.composed.steps import Call
from autograd.pictures.notation.algebra import product


@final
class Functions:
    """The results of calls as expressions.

    Args:
        calls: the call that each of the results comes from.
        reference: gives what stands for an operand: a name, or the number of a constant.
    """

    def __init__(self, calls: Mapping[Value, Call], reference: Callable[[Value | float], ast.expr]) -> None:
        self._calls, self._reference = calls, reference
        self._results = {(call, call.place(node)): node for node, call in calls.items()}

    def called(self, result: Value) -> ast.expr:
        """What a result is."""
        call = self._calls[result]
        if call.name == "cross_entropy":
            return _minus(self._indexed("log_softmax", call, call.place(result)))
        return self._indexed(call.name, call, call.place(result))

    def _indexed(self, name: str, call: Call, place: int | None) -> ast.expr:
        """A function of the arguments of a call; with the index of the result, if it has several."""
        made = ast.Call(ast.Name(name), [self._reference(x) for x in call.arguments], [])
        return made if place is None else ast.Subscript(made, ast.Constant(place))

    def partials(self, result: Value) -> Iterator[tuple[Value, ast.expr]]:
        """Each argument, and the partial derivative by it."""
        call = self._calls[result]
        place, y = call.place(result), self._reference(result)
        for j, x in enumerate(call.arguments):
            if not isinstance(x, Value):
                continue
            p, other = self._indexed("softmax", call, j), self._results.get((call, j))
            if other is not None and call.name == "softmax":
                p = self._reference(other)  # which may have a name
            one = ast.Constant(1.0)
            if call.name == "softmax":
                yield x, product(y, ast.BinOp(one, ast.Sub(), y)) if j == place else product(_minus(y), p)
            elif call.name == "log_softmax":
                yield x, ast.BinOp(one, ast.Sub(), p) if j == place else _minus(p)
            else:
                yield x, ast.BinOp(p, ast.Sub(), one) if j == place else p


def _minus(a: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.USub(), a)
