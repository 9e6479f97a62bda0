"""Numbers as a picture shows them: three or four digits."""

from __future__ import annotations

import math


def short(x: float, minus: str = "\N{MINUS SIGN}") -> str:
    """A number with four digits at most; the sign of 0 is left out.

    Args:
        minus: the sign of negative numbers.

    >>> [short(x) for x in (2.0, -0.0, -0.39322, 1234567.0, 1e-9, 1e300)]
    ['2', '0', '−0.3932', '1.235e6', '1e−9', '1e300']
    """
    if math.isnan(x):
        return "nan"
    if math.isinf(x):
        return "∞" if x > 0.0 else f"{minus}∞"
    size = abs(x)
    text = f"{size:.4g}" if size < 1e5 else f"{size:.3e}"
    if "e" in text:
        digits, exponent = text.split("e")
        digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
        text = f"{digits}e{int(exponent)}".replace("-", minus)
    return minus + text if x < 0.0 else text
