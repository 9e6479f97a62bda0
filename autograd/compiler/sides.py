"""Which operands decide whether the result of an operation is negative, zero or positive."""

from __future__ import annotations

from autograd.compiler.codes import marked

SAME_SIDE, SUM_OF_SIDES, BRANCHES, BASE = range(1, 5)
"""All operands do; they do in a sum whose terms are not negative; all but the first; only the first."""

_ON_THE_SAME_SIDE = {
    "absolute", "arcsin", "arcsinh", "arctan", "arctanh", "cbrt", "degrees", "divide", "erf", "expm1", "hypot", "log1p",
    "maximum", "minimum", "multiply", "negative", "radians", "relu", "sign", "sinh", "sqrt", "step", "stop_gradient",
    "tanh", "times",
}  # fmt: skip
"""Operations whose result is on a side of 0 that depends only on the sides of their operands."""


def kinds_of_sides() -> bytearray:
    """For each operation which operands decide on the side of 0 of its result; 0 if it takes more than their sides."""
    kinds = marked({"where"}, BRANCHES, marked({"power"}, BASE, marked({"add"}, SUM_OF_SIDES)))
    return marked(_ON_THE_SAME_SIDE, SAME_SIDE, kinds)
