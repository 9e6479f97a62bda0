"""Letters that mathematics has taken, such as e and π: where a label is one of them, formulas do without it."""

from __future__ import annotations

import re
from collections.abc import Collection

_LETTERS = {r"\pi": "π", r"\sigma": "σ", r"\Gamma": "Γ", r"\psi": "ψ", r"\Phi": "Φ"}


def without(labels: Collection[str], latex: str) -> str:
    r"""The LaTeX of an operation without the letters that are labels; "" if it has no other form.

    Args:
        latex: a template, in which {a} is an argument, and braces are doubled.

    >>> without(["e", "x"], "e^{{{a}}} - 1")
    '\\exp\\left({a}\\right) - 1'
    >>> without(["σ"], r"\sigma({a})")
    ''
    """
    if any(sign in latex and letter in labels for sign, letter in _LETTERS.items()):
        return ""
    return _with_exp(latex) if "e" in labels else latex


def _with_exp(latex: str) -> str:
    before, is_power, after = latex.partition("e^{{")
    depth = 1
    for brace in re.finditer(r"\{\{|\{[abc]\}|\}\}", after) if is_power else ():
        depth += {"{{": 1, "}}": -1}.get(brace[0], 0)
        if depth == 0:
            rest = _with_exp(after[brace.end() :])
            return rf"{before}\exp\left({after[: brace.start()]}\right){rest}"
    return latex


def is_number(label: str) -> bool:
    """Whether a label reads as a number.

    >>> [is_number(label) for label in ("2.5", "nan", "∞", "x2")]
    [True, True, True, False]
    """
    try:
        float(label)
    except ValueError:
        return label == "∞"
    return True
