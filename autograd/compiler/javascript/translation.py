"""The C of operations as JavaScript.

`floats.h` and the formulas of operations use a small part of C: functions of numbers with loops and choices. So a few
replacements translate them. What JavaScript lacks is in `special.js`.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

MATHEMATICS = {
    name: f"Math.{name}"
    for name in (
        "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "atan2",
        "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "floor", "ceil", "trunc",
    )
} | {"fabs": "Math.abs", "isfinite": "Number.isFinite", "INFINITY": "Infinity", "NAN": "NaN"}  # fmt: skip
"""What JavaScript has under another name."""


def expression(c: str) -> str:
    """An expression in C as JavaScript. In C a condition that is nan holds."""
    text = re.sub(r"(^|[(:]) *(\w+) *\?", r"\1(\2 !== 0) ?", _without_casts(c))
    return re.sub(r"(?<!\.)\b[A-Za-z_]\w*\b", lambda match: MATHEMATICS.get(match[0], match[0]), text)


def checked(operation: str, c: str) -> str:
    """The C of a user's operation.

    Raises:
        ValueError: it uses what has no translation: a name that is not known here, a cast, a sign of integers, or a
            comparison or a division of integers that JavaScript would take for numbers.
    """
    names = set(re.findall(r"(?<![\w.])[A-Za-z_]\w*", c)) - {"a", "b", "c"} - MATHEMATICS.keys() - special().keys()
    strange = [name for name in sorted(names) if not re.match(r"(?:vg|VG)_", name)]
    strange += re.findall(r"\((?:int|double|float|long)\)|[%&|^~!;{}\[\]\\]|<<|>>", c)
    strange += re.findall(r"(?<![\w.])\d+ */ *\d+(?![\w.])", c)
    strange += [] if "?" in c else re.findall(r"[<>]=?|==", c)
    if strange:
        raise ValueError(
            f"to_javascript() cannot translate {strange[0]} in the C of {operation}; "
            "use sums, products, functions of math.h, and ? : with one comparison"
        )
    return c


def function(c: str) -> str:
    """A function of floats.h, or a macro, as JavaScript."""
    macro = re.fullmatch(r"#define (\w+) (.*?)(?: */\*.*)?", c.strip())
    if macro:
        return f"const {macro[1]} = {expression(macro[2])};"
    text = re.sub(r"^static inline \w+ (\w+)\((.*?)\) \{", _head, c)
    text = re.sub(r"\(int\)\(sizeof (\w+) / sizeof \1\[0\]\)", r"\1.length", text)
    text = re.sub(r"(?:static const )?double (\w+)\[\] = \{(.*?)\};", r"const \1 = [\2];", text, flags=re.S)
    text = re.sub(r"double (\w+)\[([^]]*)\] = \{(.*?)\};", r"const \1 = new Float64Array(\2); \1.set([\3]);", text)
    text = re.sub(r"double (\w+\[[^]]*\](?:, \w+\[[^]]*\])*);", _arrays, text)
    text = re.sub(r"\bint (\w+) = ([^;]*) / 2;", r"let \1 = Math.trunc((\2) / 2);", text)
    text = re.sub(r"\bconst double ", "const ", text)
    text = re.sub(r"\b(?:int|double) (?=\w)", "let ", text)
    return expression(text)


def _head(match: re.Match[str]) -> str:
    names = [argument.split()[-1].lstrip("*") for argument in match[2].split(",")]
    return f"function {match[1]}({', '.join(names)}) {{"


def _arrays(match: re.Match[str]) -> str:
    return "const " + re.sub(r"\[([^]]*)\]", r" = new Float64Array(\1)", match[1]) + ";"


def _without_casts(c: str) -> str:
    """The text with Math.trunc() for each (int), and nothing for each (double)."""
    text = c.replace("(double)", "")
    while "(int)" in text:
        before, after = text.split("(int)", 1)
        end = len(re.match(r"-?\w*", after)[0])  # type: ignore[index]  # it matches any text
        if after[end : end + 1] == "(":
            end = _end_of_parentheses(after, end)
        text = f"{before}(Math.trunc({after[:end]}) + 0){after[end:]}"  # an integer is never -0
    return text


def _end_of_parentheses(text: str, start: int) -> int:
    """Where the parentheses end that begin there."""
    depth = 0
    for i in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if depth == 0:
            return i + 1
    raise ValueError(f"parentheses are not closed in {text!r}")


@cache
def special() -> dict[str, str]:
    """The definitions of special.js, by name."""
    text = Path(__file__).with_name("special.js").read_text(encoding="utf-8")
    parts = re.split(r"(?m)^(?=(?://|function|const) ?.*)", text)
    found: dict[str, str] = {}
    comment = ""
    for part in parts:
        name = re.match(r"(?:function|const) (\w+)", part)
        if name:
            found[name[1]] = f"{comment}{part}".strip()
            comment = ""
        elif part.strip():
            comment = comment + part if part.endswith("\n") and not part.endswith("\n\n") else ""
    return found
