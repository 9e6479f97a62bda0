"""Formulas: the text of a partial derivative, compiled to a function of floats or of Values."""

from __future__ import annotations

import math
from collections.abc import Callable

from autograd._typing import TYPE_CHECKING
from autograd.operations.coercion import is_value
from autograd.operations.floats import divide

if TYPE_CHECKING:
    from typing import Any

    from autograd.operations.operation import Number

CONSTANTS = {
    "DEGREE": math.pi / 180.0,
    "LN2": math.log(2.0),
    "LN10": math.log(10.0),
    "TWO_BY_ROOT_PI": 2.0 / math.sqrt(math.pi),
}
OPERATIONS: dict[str, Any] = dict(CONSTANTS)
"""What a name in a formula stands for: an operation, which takes floats and Values."""
FLOAT_FUNCTIONS: dict[str, Any] = dict(CONSTANTS)
"""The same for floats only: the float function of an operation, which is faster to call."""


def quotient(a: Number, b: Number) -> Number:
    """`a / b` in a formula. Its derivative goes by way of log|b|: its factors 1/b may be finite where 1/b**2 is not."""
    if is_value(b):
        result: Number = OPERATIONS["divide_by_exp"](OPERATIONS["log_magnitude"](b), a, b)
        return result
    return OPERATIONS["divide"](a, b)  # type: ignore[no-any-return]


OPERATIONS["_quotient"] = quotient
FLOAT_FUNCTIONS["_quotient"] = divide


def compile_formula(arguments: str, formula: str, names: dict[str, Any], result: str = "y, ") -> Callable[..., Any]:
    """The formula as a function of the result and the arguments; `names` has the meaning of its other names."""
    import ast  # lazy: it takes longer to import than autograd without it

    class SpellOut(ast.NodeTransformer):
        """x / z becomes _quotient(x, z), because Python's own quotient raises for z = 0.0."""

        def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
            self.generic_visit(node)
            if not isinstance(node.op, ast.Div):
                return node
            return ast.Call(ast.Name("_quotient", ast.Load()), [node.left, node.right], [])

        def visit_Call(self, node: ast.Call) -> ast.AST:
            """Of floats, compute only the taken branch of a where(): NumPy would warn of nan in the other one."""
            self.generic_visit(node)
            if names is FLOAT_FUNCTIONS and isinstance(node.func, ast.Name) and node.func.id == "where":
                return ast.IfExp(*node.args)
            return node

    tree = ast.parse(f"lambda {result}{arguments}: {formula}", mode="eval")
    code = compile(ast.fix_missing_locations(SpellOut().visit(tree)), f"<{formula}>", "eval")
    function: Callable[..., Any] = eval(code, names)
    return function
