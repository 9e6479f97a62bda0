"""How a step is written: the same in listings, in generated code and in expressions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograd._typing import TYPE_CHECKING
from autograd.operations.table import add, divide, multiply, power, subtract

if TYPE_CHECKING:
    from autograd.compiler.ir import Operand

INFIX = {operation.name: operation.symbol for operation in (add, subtract, multiply, divide, power)}
"""The operations that are written between their operands."""


def text_of(name: str, operands: Sequence[str]) -> str:
    """A step as it stands in a listing: `x0 * x1`, `-x0` or `exp(x0)`."""
    if name in INFIX:
        return f"{operands[0]} {INFIX[name]} {operands[1]}"
    return f"-{operands[0]}" if name == "negative" else call_of(name, operands)


def code_of(name: str, operands: Sequence[str]) -> str:
    """A step as Python code. Negative operands get parentheses, because -2.0 ** x means -(2.0 ** x)."""
    if name in INFIX or name == "negative":
        operands = [f"({x})" if x.startswith("-") else x for x in operands]
    return text_of(name, operands)


def call_of(name: str, operands: Sequence[str]) -> str:
    """A step as a call of a function."""
    return f"{name}({', '.join(operands)})"


def terms_of(operands: Sequence[Operand], name: Callable[[Operand], str]) -> list[str]:
    """The terms of a sum of products: for dot(a, b, c, d, 1.0) they are a, b * c and d.

    A start of -0.0 and factors of 1.0 are left out, which changes no bit of the sum.
    """
    start, *factors = map(name, operands)
    products = [b if c == "1.0" else f"{b} * {c}" for b, c in zip(factors[::2], factors[1::2])]
    return products if start == "-0.0" else [start, *products]
