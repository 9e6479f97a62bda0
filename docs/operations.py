"""Writes operations.md, the table of operations, from autograd.TABLE: python docs/operations.py"""

from pathlib import Path

from autograd import TABLE, Operation

HEAD = """# The table of operations

Written by `python docs/operations.py` from `autograd/operations/table.py`; do not edit it.

A partial derivative is a formula in the result `y` and the arguments `a`, `b`, `c`; no gradient flows where there is a
hyphen. The operation is smooth where each argument is in its open interval and the expression under *kinks* is not 0.
There a value is within the first number of ulp of the exact one, a first derivative within the second, a second
derivative within the third, if neither they, nor the value, nor a number on the way is subnormal or infinite.
A derivative that crosses zero inside the domain is a difference of terms there: its error is measured in ulp of the
larger of itself and the expression given. These bounds need a C library that is right to 1 or 2 ulp, as glibc is.

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
        f"<br>by {', '.join(names[i] for i in places)}: `{terms}`" for places, terms in operation.crossings.items()
    )
    return f"| `{operation.name}` | ${value}$ | {partials} | {intervals} | {kinks} | {ulps} | {operation.text} |\n"


TAIL = """
`dot(a, b)` takes two lists, not numbers, so it is not in the table. It adds up the products from left to right. Its
partial derivatives are the lists `b` and `a`, which is exact. The value of n products is right to n ulp of the sum of
their magnitudes. You can define [operations of your own](custom_operations.md).
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
