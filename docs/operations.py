"""Writes operations.md, the table of operations, and methods.pyi: python docs/operations.py"""

from pathlib import Path

from autograd import TABLE, Operation

HEAD = """# The table of operations

Written by `python docs/operations.py` from `autograd/operations/table.py`; do not edit it.

A partial derivative is a formula in the result `y` and the arguments `a`, `b`, `c`. A hyphen means that no gradient
flows.

An operation is smooth where each argument is in its open interval and the expression under *kinks* is not 0. There, the
three numbers under *ulp* bound the errors of the value, of first derivatives and of second derivatives. The bounds hold
if no result and no number on the way is subnormal or infinite, and if the C library is right to 1 or 2 ulp, as
glibc is.

A derivative that crosses zero inside the domain is a difference of terms. Its error is measured in ulp of the larger of
the derivative itself and the expression that follows *by*. So is the error of a value that crosses zero; there *by no
argument* stands before the expression.

| name | value | partial derivatives | smooth for | kinks | ulp | |
|---|---|---|---|---|---|---|
"""


def line(operation: Operation) -> str:
    """The operation as a line of a Markdown table."""
    names = operation.arguments.split(", ")
    value = operation.latex.format(**dict(zip(names, names))).replace("|", "\\vert ")
    partials = "<br>".join(f"`{formula}`" if formula else "-" for formula in operation.formulas)
    intervals = "<br>".join(f"{name} in ({low:g}, {high:g})" for name, (low, high) in zip(names, operation.domain))
    kinks = f"`{operation.kinks}`" if operation.kinks != "1" else ""
    ulps = ", ".join(f"{bound:g}" for bound in operation.ulps)
    ulps += "".join(
        f"<br>by {', '.join(names[i] for i in places) or 'no argument'}: `{terms}`"
        for places, terms in operation.crossings.items()
    )
    return f"| `{operation.name}` | ${value}$ | {partials} | {intervals} | {kinks} | {ulps} | {operation.text} |\n"


TAIL = """
`dot(a, b)` is not in the table, because its arguments are lists. It adds the products from left to right. Its partial
derivatives are the lists `b` and `a`, which are exact. The value of n products is within n ulp of the sum of their
magnitudes. You can define [operations of your own](custom_operations.md).
"""


def table() -> str:
    """The whole page."""
    return HEAD + "".join(map(line, TABLE.values())) + TAIL


METHODS = """from typing import SupportsFloat

from autograd.engine.value import Value

class Methods:
    \"\"\"Written by `python docs/operations.py` from the operations of the table; do not edit it.\"\"\"

    __slots__ = ()
"""


def methods() -> str:
    """The types of the methods that a Value has of the operations."""
    arguments = {1: "self", 2: "self, other: SupportsFloat"}
    return METHODS + "".join(
        f"    def {operation.name}({arguments[len(operation.formulas)]}) -> Value: ...\n"
        for operation in TABLE.values()
        if operation.method
    )


if __name__ == "__main__":
    folder = Path(__file__).parent
    (folder / "operations.md").write_text(table(), encoding="utf-8")
    (folder.parent / "autograd" / "engine" / "methods.pyi").write_text(methods(), encoding="utf-8")
