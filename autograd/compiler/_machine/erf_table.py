"""Writes erf_table.h, the error function and the normal distribution: python -m autograd.compiler._machine.erf_table

The C is kept in the repository, because programs with machine code of their own include it too.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from pathlib import Path

STEPS = 64
"""How many points there are between whole numbers."""

LAST_ERF, LAST_NORMAL = Decimal("5.9375"), Decimal("38.625")
"""Beyond these, erf is rounded to 1, and the density of the normal distribution to 0."""

SCALE = 2**128
"""What the upper tail of the normal distribution and the density are multiplied by, so that none is subnormal."""

DIGITS = 60
"""erfc(6) is 2e-17, so its difference from 1 keeps 43 of them."""

PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459")


def slope(x: Decimal) -> Decimal:
    """The derivative of erf: 2/sqrt(pi) exp(-x**2)."""
    return 2 / PI.sqrt() * (-x * x).exp()


def erf(x: Decimal) -> Decimal:
    """The error function by its series, whose terms are positive: Abramowitz and Stegun, 7.1.6."""
    term = total = x
    n = 1
    while term > total * Decimal(10) ** -DIGITS:
        term *= 2 * x * x / (2 * n + 1)
        total += term
        n += 1
    return slope(x) * total


def erfc(x: Decimal) -> Decimal:
    """1 - erf(x), in the tail by the continued fraction: Abramowitz and Stegun, 7.1.14."""
    if x < 6:
        return 1 - erf(x)
    fraction = x
    for n in range(150, 0, -1):
        fraction = x + Decimal(n) / 2 / fraction
    return slope(x) / (2 * fraction)


def upper_tail(x: Decimal) -> Decimal:
    """How much of the normal distribution lies above x."""
    return erfc(x / Decimal(2).sqrt()) / 2


def density(x: Decimal) -> Decimal:
    """The density of the normal distribution."""
    return (-x * x / 2).exp() / (2 * PI).sqrt()


def header() -> str:
    """The text of erf_table.h."""
    with localcontext() as context:
        context.prec = DIGITS
        near, far = ([Decimal(n) / STEPS for n in range(int(x * STEPS) + 1)] for x in (LAST_ERF, LAST_NORMAL))
        return _HEADER.format(
            erf=_numbers([erf(x) for x in near]),
            slope=_numbers([slope(x) for x in near]),
            tail=_numbers([SCALE * upper_tail(x) for x in far]),
            density=_numbers([SCALE * density(x) for x in far]),
        )


def _numbers(exact: list[Decimal]) -> str:
    """The nearest doubles, four in a line."""
    texts = [repr(float(x)) for x in exact]
    return ",\n".join("    " + ", ".join(texts[i : i + 4]) for i in range(0, len(texts), 4))


_HEADER = """\
/* Written by `python -m autograd.compiler._machine.erf_table`; do not edit it.

   The error function and the normal distribution at x = n/64, for vector.h. The lengths are powers of two: a mask keeps
   an index in range. */

#ifndef VALUEGRAD_ERF_TABLE_H
#define VALUEGRAD_ERF_TABLE_H

/* erf(x) */
static const double vm_erf_at[512] = {{
{erf}}};

/* 2/sqrt(pi) exp(-x**2) */
static const double vm_erf_slope_at[512] = {{
{slope}}};

/* 2**128 times the integral of the density from x on */
static const double vm_normal_tail_at[4096] = {{
{tail}}};

/* 2**128 times the density, exp(-x**2/2) / sqrt(2 pi) */
static const double vm_normal_density_at[4096] = {{
{density}}};

#endif
"""

if __name__ == "__main__":
    Path(__file__).with_suffix(".h").write_text(header(), encoding="utf-8")
