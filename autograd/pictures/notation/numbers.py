"""Numbers as a picture shows them: three or four digits."""

from __future__ import annotations

import math


def short(x: float, minus: str = "\N{MINUS SIGN}", digits: int = 4) -> str:
    """A number with four digits at most, or as many as asked for; the sign of 0 is left out.

    Args:
        minus: the sign of negative numbers.
        digits: how many digits of a number that has more.

    >>> [short(x) for x in (2.0, -0.0, -0.39322, 1234567.0, 1e-9, 1e300)]
    ['2', '0', '−0.3932', '1.235e6', '1e−9', '1e300']
    """
    if math.isnan(x):
        return "nan"
    if math.isinf(x):
        return "∞" if x > 0.0 else f"{minus}∞"
    size = float(f"{abs(x):.12g}")  # so that 0.12345 and what rounding made of it give the same digits
    text = f"{size:.{digits}g}"
    if "e" in text:
        begin, exponent = text.split("e")
        begin = begin.rstrip("0").rstrip(".") if "." in begin else begin
        text = f"{begin}e{int(exponent)}".replace("-", minus)
    return minus + text if x < 0.0 else text


def span(numbers: list[float]) -> str:
    """One number, or the least and the largest of several, as short ones.

    >>> span([2.0, 0.5, 1.0]), span([1.0, 1.0])
    ('0.5 … 2', '1')
    """
    finite = [x for x in numbers if x == x] or numbers
    least, most = short(min(finite)), short(max(finite))
    return least if least == most else f"{least} … {most}"
