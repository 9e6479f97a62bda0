"""Ridders' difference quotient: a derivative with an estimate of its error."""

import math
from collections.abc import Callable


def ridders(f: Callable[[float], float], x: float, h: float) -> tuple[float, float]:
    """The derivative of f at x and an estimate of its error, from central differences of steps h, h/1.4, ...

    They are extrapolated to a step of 0, until rounding errors dominate. f must be smooth on [x - h, x + h].
    C. J. F. Ridders, "Accurate computation of F'(x) and F'(x)F''(x)", Advances in Engineering Software 4 (1982).
    """
    shrink = 1.4
    table: list[list[float]] = []
    best, error = math.nan, math.inf
    for i in range(20):
        row = [(f(x + h) - f(x - h)) / ((x + h) - (x - h))]
        factor = shrink * shrink
        for j in range(i):
            row.append((row[j] * factor - table[i - 1][j]) / (factor - 1.0))
            factor *= shrink * shrink
            change = max(abs(row[-1] - row[-2]), abs(row[-1] - table[i - 1][j]))
            if change <= error:
                best, error = row[-1], change
        # where the third derivative is zero, two early quotients agree by chance, so the first rows stop nothing
        if i >= 6 and abs(row[i] - table[i - 1][i - 1]) >= 2.0 * error:
            break
        table.append(row)
        h /= shrink
    return best, error
