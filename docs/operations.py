"""Writes operations.md, the table of operations, from the rows: python docs/operations.py"""

from pathlib import Path

from autograd import TABLE, Operation

HEAD = """# The table of operations

Written by `python docs/operations.py` from the rows of `autograd/operations/table.py`; do not edit it.

A partial derivative is a formula in the result `y` and the arguments `a`, `b`, `c`; no gradient flows where there is a
hyphen. The row is smooth where each argument is in its open interval and the expression under *kinks* is not 0. There
a value is within the first number of ulp of the exact one, a first derivative within the second, a second derivative
within the third, as long as neither they, nor the value, nor a number on the way is subnormal or infinite.
A derivative that crosses zero inside the domain is the difference of terms there: its ulp are those of the
larger of itself and the expression given. All of it asks for a C library that is right to 1 or 2 ulp, as glibc is.

| name | value | partial derivatives | smooth for | kinks | ulp | |
|---|---|---|---|---|---|---|
"""


def line(row: Operation) -> str:
    """The row as a line of a Markdown table."""
    names = row.arguments.split(", ")
    value = row.latex.format(**dict(zip(names, names))).replace("|", "\\vert ")
    partials = "<br>".join(f"`{formula}`" if formula else "-" for formula in row.formulas)
    intervals = "<br>".join(f"{name} in ({low:g}, {high:g})" for name, (low, high) in zip(names, row.domain))
    kinks = f"`{row.kinks}`" if row.kinks != "1" else ""
    ulps = ", ".join(f"{bound:g}" for bound in row.ulps)
    ulps += "".join(
        f"<br>by {', '.join(names[i] for i in places)}: `{terms}`" for places, terms in row.crossings.items()
    )
    return f"| `{row.name}` | ${value}$ | {partials} | {intervals} | {kinks} | {ulps} | {row.text} |\n"


TAIL = """
`dot(a, b)` is a row of two lists, not of numbers, and so not in the table: the products, added from left to right. Its
partial derivatives are the lists `b` and `a`, which is exact; of n products the value is right to n ulp of the sum of
their magnitudes.
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
