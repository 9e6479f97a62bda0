"""The mutants of a file: its text with one small change. A test should fail for each of them.

The rules are the same for Python, Cython and C: a token is replaced, a condition is negated, or a statement of one line
is left out. Comments and strings stay as they are, except the formulas of the table of operations.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import NamedTuple


class Mutant(NamedTuple):
    """A line of a file, and what takes its place."""

    file: str
    number: int  # of the line, from 1
    line: str
    mutant: str
    after: str  # the line before it that is not empty

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What identifies it after other lines have changed."""
        return self.file, self.after.strip(), self.line.strip(), self.mutant.strip()

    def __str__(self) -> str:
        return f"{self.file}:{self.number}\n    - {self.line.strip()}\n    + {self.mutant.strip()}"

    def applied(self, text: str) -> str:
        lines = text.split("\n")
        lines[self.number - 1] = self.mutant
        return "\n".join(lines)


class Token(NamedTuple):
    """A piece of a source text, from offset `start` to `end`."""

    kind: str
    text: str
    start: int
    end: int
    depth: int  # how many brackets are open


TOKENS = """
(?P<comment>  {comment})
|(?P<string>  [rbfuRBFU]{{0,2}}(?:\"{{3}}(?:[^\\\\]|\\\\.)*?\"{{3}}|"(?:[^"\\\\\\n]|\\\\.)*"|'(?:[^'\\\\\\n]|\\\\.)*'))
|(?P<number>  (?:0[xX][0-9a-fA-F.]+(?:[pP][+-]?\\d+)?|\\d+\\.?\\d*(?:[eE][+-]?\\d+)?|\\.\\d+)[uUlLfF]*)
|(?P<name>    is\\s+not\\b|not\\s+in\\b|[A-Za-z_]\\w*)
|(?P<sign>    \\*\\*=?|//=?|<<=?|>>=?|->|\\+\\+|--|&&|\\|\\||[-+*/%<>=!&|^]=|[^\\s\\w])
"""
C_COMMENT = r"/\*.*?\*/|//[^\n]*|^[ ]*\#(?:[^\n]*\\\n)*[^\n]*"
PATTERNS = {
    is_c: re.compile(TOKENS.format(comment=C_COMMENT if is_c else r"\#[^\n]*"), re.VERBOSE | re.DOTALL | re.MULTILINE)
    for is_c in (False, True)
}

BINARY = {
    "+": "-", "-": "+", "*": "/", "/": "*", "//": "*", "**": "*", "%": "*", ">>": "<<", "<<": ">>",
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==",
    "+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "|=": "&=", "&=": "|=", "++": "--", "--": "++",
    "&&": "||", "||": "&&",
}  # fmt: skip
WORDS = {
    "and": "or", "or": "and", "is": "is not", "is not": "is", "in": "not in", "not in": "in", "True": "False",
    "False": "True", "any": "all", "all": "any", "min": "max", "max": "min", "continue": "break", "break": "continue",
    "REAL": "POSITIVE", "POSITIVE": "REAL", "UNIT": "REAL",
}  # fmt: skip
OPPOSITES = {"==", "!=", "is", "is not", "in", "not in"}
KEYWORDS = {
    "return",
    "and",
    "or",
    "not",
    "in",
    "is",
    "if",
    "elif",
    "else",
    "lambda",
    "yield",
    "case",
    "while",
    "assert",
}
LEFT_ALONE = re.compile(
    r"\s*(import|from|cimport|extern|typedef|ctypedef|__all__|if TYPE_CHECKING)\b|\s*@"
    r"|\s*(cdef|cpdef|\)).*:$|.*\bexcept\b.*(NULL|-1.*):$"  # the head of a function
    r"|\s*(cdef )?(VG_ALIGNED )?(\w+ )+\*?\w+(\[.*\])+;?$"  # a longer array is as good
    r"|\s*prefetch\("  # it takes less time, and computes nothing
)
"""Lines without mutants."""


def find_mutants(file: str, text: str) -> list[Mutant]:
    """All mutants of a file, in the order of its lines; none twice. See is_valid()."""
    is_c = PurePath(file).suffix in (".h", ".c")
    formulas = _formulas(text) if file.endswith("/table.py") else []
    tokens = list(_tokens(text, is_c))
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    lines = text.split("\n")
    found: dict[Mutant, None] = {}
    changes = [*_token_changes(tokens, text, is_c), *_line_changes(tokens, starts, lines, is_c)]
    for first, last in formulas:
        changes += _formula_changes(text, first, last)
    for start, end, new in changes:
        number = text.count("\n", 0, start)
        begin, line = starts[number], lines[number]
        if end <= begin + len(line) and not LEFT_ALONE.match(line):
            changed = line[: start - begin] + new + line[end - begin :]
            after = next((x for x in reversed(lines[:number]) if x.strip()), "")
            mutant = Mutant(file, number + 1, line, changed, after)
            if changed != line:
                found[mutant] = None
    return sorted(found, key=lambda mutant: mutant.number)


Change = tuple[int, int, str]  # from an offset to another one, and the new text


def is_valid(mutant: Mutant, text: str) -> bool:
    """Whether the mutant of this text is Python; that of Cython or C is checked by its compiler."""
    try:
        return not mutant.file.endswith(".py") or bool(ast.parse(mutant.applied(text)))
    except SyntaxError:
        return False


def _tokens(text: str, is_c: bool) -> Iterator[Token]:
    depth = 0
    for match in PATTERNS[is_c].finditer(text):
        kind, token = str(match.lastgroup), match.group()
        if kind != "comment":
            depth -= token in (")", "]")
            yield Token(kind, token, match.start(), match.end(), depth)
            depth += token in ("(", "[")


# --------------------------------------------------------------------------- tokens


def _token_changes(tokens: list[Token], text: str, is_c: bool) -> Iterator[Change]:
    for i, (kind, token, start, end, _) in enumerate(tokens):
        before = tokens[i - 1] if i else None
        if kind == "number":
            yield start, end, _other_number(token)
        elif kind == "name":
            word = " ".join(token.split())
            if word == "not":
                yield start, end + 1, ""
            elif word in WORDS and not (word == "in" and _is_of_loop(tokens, i)):
                yield start, end, WORDS[word]
        elif kind == "sign":
            is_binary = before is not None and _is_operand(before)
            if (token == "-" and not is_binary) or (token == "!" and is_c):
                yield start, end, ""
            elif token in BINARY and (is_binary or token in ("++", "--")) and not _is_type(token, text, start, end):
                yield start, end, BINARY[token]


def _other_number(token: str) -> str:
    """Another number: the next whole one, twice as much, or 1 % more for one that was measured or fitted."""
    digits = token.rstrip("uUlLfF")
    if token.lower().startswith("0x"):
        return token
    if digits.isdigit():
        return f"{int(digits) + 1}{token[len(digits) :]}"
    factor = 2.0 if len(digits) < 9 else 1.01
    return repr(float(digits) * factor or 1.0)


def _is_operand(token: Token) -> bool:
    return (
        token.kind in ("number", "string")
        or token.text in (")", "]", "}")
        or (token.kind == "name" and token.text not in KEYWORDS)
    )


def _is_type(token: str, text: str, start: int, end: int) -> bool:
    """Whether it belongs to a type: the star of a pointer, or the brackets of a cast in Cython."""
    is_apart = text[start - 1] == " ", text[end : end + 1] in (" ", "\n")
    return (token in ("*", "**") and is_apart == (True, False)) or (token in ("<", ">") and is_apart != (True, True))


def _is_of_loop(tokens: list[Token], i: int) -> bool:
    """Whether this `in` belongs to a `for`."""
    for token in reversed(tokens[:i]):
        if token.depth <= tokens[i].depth and token.text in ("for", "in", "if", "not in"):
            return token.text == "for"
    return False


# --------------------------------------------------------------------------- lines


def _line_changes(tokens: list[Token], starts: list[int], lines: list[str], is_c: bool) -> Iterator[Change]:
    rows: dict[int, list[Token]] = {}
    number = 0
    for token in tokens:
        while number + 1 < len(starts) and starts[number + 1] <= token.start:
            number += 1
        rows.setdefault(number, []).append(token)
    for number, row in rows.items():
        code = lines[number][: row[-1].end - starts[number]]
        if row[0].depth == 0:
            yield from _statement_changes(row, code.strip(), starts[number], is_c)


def _statement_changes(row: list[Token], code: str, start: int, is_c: bool) -> Iterator[Change]:
    """Negate the condition of a line that begins a statement, or leave the statement out."""
    first, last = row[0], row[-1]
    begin, after = first.end, row[1].start if len(row) > 1 else first.end
    if first.text in ("if", "elif", "while"):
        if sum(x.text in OPPOSITES for x in row) == 1 and not re.search(r" (and|or) |&&|\|\|", code):
            return  # the comparison alone is negated as a token
        if is_c and first.text == "if":
            closing = next((x for x in row[2:] if x.text == ")" and x.depth == 0), None)
            if closing is not None:
                yield after, closing.end, f"(!{_between(code, first.start, after, closing.end)})"
        elif last.text == ":" and last.depth == 0:
            yield begin, last.start, f" not ({_between(code, first.start, after, last.start)})"
        return
    if last.depth == 0 and first.kind == "name" and first.start > start:  # within a function
        if is_c and last.text == ";" and not C_KEPT.match(code):
            yield first.start, last.start, ""
        elif not is_c and last.text not in UNFINISHED and not KEPT.match(code):
            yield first.start, last.end, "pass"


UNFINISHED = {":", ",", "(", "[", "{", "=", "+"}
KEPT = re.compile(
    r"(cdef|cpdef|def|class|pass|else|try|global|nonlocal|del|\w+: )\b|\w+$|(?!return|raise|yield)\w+ \**\w+$"
)
C_KEPT = re.compile(r"(return|for|else|case|struct|const)\b|\w+ +\**\w+( =|;|\[|,)")
"""Statements that are not left out, such as declarations."""


def _between(code: str, origin: int, start: int, end: int) -> str:
    return code[start - origin : end - origin]


# --------------------------------------------------------------------------- formulas of the table


def _formulas(text: str) -> list[tuple[int, int]]:
    """The offsets of the strings that are formulas, without their quotes."""
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_formula(node.value):
            first = starts[node.lineno - 1] + node.col_offset + 1  # a formula is short, and its line has only ASCII
            if text[first : first + len(node.value)] == node.value:
                found.append((first, first + len(node.value)))
    return found


def _is_formula(string: str) -> bool:
    try:
        names = {node.id for node in ast.walk(ast.parse(string, mode="eval")) if isinstance(node, ast.Name)}
    except (SyntaxError, ValueError):
        return False
    return "{" not in string and (string[:1].isdigit() or string[:1] == "-" or bool(names & {"a", "b", "c", "y"}))


def _formula_changes(text: str, first: int, last: int) -> Iterator[Change]:
    """Changes within a formula, and the whole formula negated."""
    formula = text[first:last]
    tokens = list(_tokens(formula, False))
    for start, end, new in _token_changes(tokens, formula, False):
        yield first + start, first + end, new
    arguments = sorted({x.text for x in tokens} & {"a", "b", "c"})
    for token in tokens:
        if token.text in arguments and len(arguments) > 1:
            other = arguments[(arguments.index(token.text) + 1) % len(arguments)]
            yield first + token.start, first + token.end, other
    yield first, last, f"-({formula})"
