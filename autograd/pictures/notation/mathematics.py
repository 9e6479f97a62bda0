"""Formulas as people write them: the text of a Python expression in Unicode, and in LaTeX.

An expression is that of a handbook's derivative, such as "1 - y**2". The names in it stand for texts: y may be "loss".
"""

from __future__ import annotations

import ast
import math
import operator
import re
import string
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cache
from typing import ClassVar, final

from autograd.operations.formulas import OPERATIONS
from autograd.pictures.notation.numbers import short
from autograd.pictures.notation.symbols import without

_CHOICE, _SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(6)
"""How strongly the parts of a text hold together."""

Text = tuple[str, int]
"""A text, and how strongly its parts hold together."""

COMPARISONS = {ast.Gt: ">", ast.Lt: "<", ast.GtE: ">=", ast.LtE: "<=", ast.Eq: "==", ast.NotEq: "!="}


def unicode_of(expression: str, names: Mapping[str, str | float]) -> str:
    """A formula as text: "1 - y**2" is 1 − y².

    Args:
        expression: in Python's language, of numbers, names, operators, comparisons and calls of operations.
        names: the text, or the number, to write for a name; others stand for themselves. What is made of numbers
            alone becomes a number.

    >>> unicode_of("1 - y**2", {"y": "out"})
    '1 − out²'
    >>> unicode_of("b*a**(b - 1)", {"a": "x", "b": 3.0})
    '3x²'
    """
    return _Unicode(names).write(reduced(expression, names))[0]


def latex_of(expression: str, names: Mapping[str, str | float]) -> str:
    r"""The same in LaTeX, for names that are LaTeX.

    >>> latex_of("1/(2*y)", {})
    '\\frac{1}{2 y}'
    """
    return latex_of_tree(reduced(expression, names), names)


def latex_of_tree(expression: ast.expr, names: Mapping[str, str | float]) -> str:
    """The same for an expression that is parsed."""
    return _Latex(names).write(expression)[0]


def reduced(expression: str, names: Mapping[str, str | float]) -> ast.expr:
    """The expression, parsed, with numbers for names, and what they make."""
    numbers = {name: x for name, x in names.items() if not isinstance(x, str)}
    tree: ast.expr = _Numbers(numbers).visit(ast.parse(expression, mode="eval").body)
    return tree


@final
class _Numbers(ast.NodeTransformer):
    """Puts numbers in, and computes sums, differences and products; x**1, x*1 and x/1 become x, and x**0 is 1."""

    def __init__(self, numbers: Mapping[str, float]) -> None:
        self._numbers = numbers

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A number for its name."""
        return ast.Constant(self._numbers[node.id]) if node.id in self._numbers else node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        """What stands behind a plus, which does nothing."""
        self.generic_visit(node)
        return node.operand if isinstance(node.op, ast.UAdd) else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """The number that two numbers make."""
        self.generic_visit(node)
        left, right = number_of(node.left), number_of(node.right)
        if left is not None and right is not None and not isinstance(node.op, (ast.Div, ast.Pow)):
            return ast.Constant(_MAKE[type(node.op)](left, right))
        if isinstance(node.op, ast.Pow) and right == 0.0:
            return ast.Constant(1.0)
        if isinstance(node.op, (ast.Mult, ast.Div, ast.Pow)) and right == 1.0:
            return node.left
        return node.right if isinstance(node.op, ast.Mult) and left == 1.0 else node


class _Writer(ABC):
    """Writes an expression; a subclass has the signs of a language.

    Args:
        names: what to write for a name.
    """

    minus: ClassVar[str]
    signs: ClassVar[dict[str, str]]  # comparisons
    constants: ClassVar[dict[str, str]]

    def __init__(self, names: Mapping[str, str | float]) -> None:
        self._names = {name: text for name, text in names.items() if isinstance(text, str)}
        self._labels = {text.removeprefix(r"\mathrm{").removesuffix("}") for text in self._names.values()}

    def write(self, node: ast.expr) -> Text:
        """The text of an expression."""
        number = number_of(node)
        if number is not None:
            return self.number(short(number, self.minus))
        if isinstance(node, ast.Name):
            return self.name(node.id)
        if isinstance(node, ast.UnaryOp):
            return self.minus + self._after(node.operand, _SIGN), _SIGN
        if isinstance(node, ast.Compare):
            signs = [self.signs[COMPARISONS[type(sign)]] for sign in node.ops]
            compared = [f" {sign} {self.write(part)[0]}" for sign, part in zip(signs, node.comparators)]
            return f"[{self.write(node.left)[0]}{''.join(compared)}]", _ATOM
        if isinstance(node, ast.IfExp):
            condition = self.write(node.test)[0]
            parts = [self._within(node.body, _SUM), self._within(node.orelse, _SUM)]
            return self.choice(condition[1:-1] if isinstance(node.test, ast.Compare) else condition, *parts), _CHOICE
        if isinstance(node, ast.Subscript):
            return f"{self.write(node.value)[0]}_{{{int(number_of(node.slice) or 0)}}}", _POWER
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)  # a formula calls operations by their names
            return self.call(node.func.id, node.args)
        assert isinstance(node, ast.BinOp)  # there are no others in a formula
        return self._operator(node)

    def number(self, text: str) -> Text:
        """A number, which is written in short."""
        return text, _SIGN if text.startswith(self.minus) else _ATOM

    def name(self, name: str) -> Text:
        """What stands for a name."""
        text = self._names.get(name) or self.constant(name)
        is_one_word = all(c.isalnum() or c in "_.'\\{}[]₀₁₂₃₄₅₆₇₈₉" for c in text)
        return text, _ATOM if is_one_word else _CHOICE

    def constant(self, name: str) -> str:
        """A constant, as a number if π is a label; another name as it is."""
        return short(_VALUES[name]) if "π" in self._labels and name in _VALUES else self.constants.get(name, name)

    def _operator(self, node: ast.BinOp) -> Text:
        if isinstance(node.op, ast.Add):
            return f"{self._within(node.left, _SUM)} + {self._after(node.right, _SUM)}", _SUM
        if isinstance(node.op, ast.Sub):
            return f"{self._within(node.left, _SUM)} {self.minus} {self._after(node.right, _PRODUCT)}", _SUM
        if isinstance(node.op, ast.Mult):
            left, right = self._within(node.left, _PRODUCT), self._after(node.right, _PRODUCT)
            return self.product(left, right, is_number=number_of(node.left) is not None), _PRODUCT
        if isinstance(node.op, ast.Div):
            return self.quotient(node.left, node.right)
        return self.power(node.left, node.right)

    def _within(self, node: ast.expr, least: int) -> str:
        """The text of a part, in parentheses if it does not hold together so strongly."""
        text, strength = self.write(node)
        return text if strength >= least else self.parenthesised(text)

    def _after(self, node: ast.expr, least: int) -> str:
        """The same for a part behind a sign: one with a sign of its own is in parentheses."""
        text = self._within(node, least)
        return self.parenthesised(text) if text.startswith(self.minus) else text

    def parenthesised(self, text: str) -> str:
        """A text in parentheses."""
        return f"({text})"

    @abstractmethod
    def call(self, name: str, arguments: Sequence[ast.expr]) -> Text:
        """A call of an operation."""

    @abstractmethod
    def choice(self, condition: str, first: str, second: str) -> str:
        """What is the first one if a condition holds, otherwise the second one."""

    @abstractmethod
    def product(self, left: str, right: str, *, is_number: bool) -> str:
        """A product; is_number tells whether the left factor is one."""

    @abstractmethod
    def quotient(self, left: ast.expr, right: ast.expr) -> Text:
        """A quotient."""

    @abstractmethod
    def power(self, base: ast.expr, exponent: ast.expr) -> Text:
        """A power."""


@final
class _Unicode(_Writer):
    minus = "−"
    signs: ClassVar = {">": ">", "<": "<", ">=": "≥", "<=": "≤", "==": "=", "!=": "≠"}
    constants: ClassVar = {"pi": "π", "LN2": "ln 2", "LN10": "ln 10", "TWO_BY_ROOT_PI": "2/√π", "DEGREE": "π/180"}
    functions: ClassVar = {
        "log": "ln", "sign": "sgn", "sigmoid": "σ", "digamma": "ψ", "gamma": "Γ", "normal_pdf": "φ", "normal_cdf": "Φ",
    }  # fmt: skip
    brackets: ClassVar = {"absolute": "|{}|", "floor": "⌊{}⌋", "ceil": "⌈{}⌉", "rint": "⌊{}⌉", "step": "[{} > 0]"}

    def call(self, name: str, arguments: Sequence[ast.expr]) -> Text:
        if name in self.brackets:
            return self.brackets[name].format(self.write(arguments[0])[0]), _ATOM
        if name == "exceeds":
            return f"[{self.write(arguments[0])[0]} > {self.write(arguments[1])[0]}]", _ATOM
        if name == "sqrt":
            return "√" + self._within(arguments[0], _ATOM), _ATOM
        texts = ", ".join(self.write(argument)[0] for argument in arguments)
        symbol = self.functions.get(name, name)
        return f"{name if symbol in self._labels else symbol}({texts})", _ATOM

    def choice(self, condition: str, first: str, second: str) -> str:
        return f"{first} if {condition} else {second}"

    def product(self, left: str, right: str, *, is_number: bool) -> str:
        is_short = is_number and "e" not in left and not right[0].isdigit() and len(right) < _SHORT
        return left + right if is_short else f"{left} · {right}"

    def quotient(self, left: ast.expr, right: ast.expr) -> Text:
        return f"{self._within(left, _PRODUCT)} / {self._within(right, _SIGN)}", _PRODUCT

    def power(self, base: ast.expr, exponent: ast.expr) -> Text:
        text = self._within(base, _ATOM)
        number = number_of(exponent)
        if number is not None and short(number).isdigit():
            return text + short(number).translate(_SUPERSCRIPTS), _POWER
        return f"{text}^{self._within(exponent, _ATOM)}", _POWER


@final
class _Latex(_Writer):
    minus = "-"
    signs: ClassVar = {">": ">", "<": "<", ">=": r"\geq", "<=": r"\leq", "==": "=", "!=": r"\neq"}
    constants: ClassVar = {
        "pi": r"\pi", "LN2": r"\ln 2", "LN10": r"\ln 10", "TWO_BY_ROOT_PI": r"\frac{2}{\sqrt{\pi}}",
        "DEGREE": r"\frac{\pi}{180}",
    }  # fmt: skip

    def number(self, text: str) -> Text:
        sign, size = (self.minus, text[1:]) if text.startswith(self.minus) else ("", text)
        if "e" in size:
            digits, exponent = size.split("e")
            power = f"10^{{{exponent}}}"
            return sign + (power if digits == "1" else rf"{digits} \times {power}"), _SIGN if sign else _PRODUCT
        size = {"∞": r"\infty", "nan": r"\mathrm{nan}"}.get(size, size)
        return sign + size, _SIGN if sign else _ATOM

    def name(self, name: str) -> Text:
        if name not in self._names and name in self.constants:
            return self.constant(name), _PRODUCT
        return self._names.get(name, name), _ATOM

    def call(self, name: str, arguments: Sequence[ast.expr]) -> Text:
        # a partial that is a user's function has none, nor has softmax
        latex = without(self._labels, getattr(OPERATIONS.get(name), "latex", ""))
        if latex == "{a}":
            return self.write(arguments[0])
        if not latex:
            texts = ", ".join(self.write(argument)[0] for argument in arguments)
            return rf"\operatorname{{{name}}}".replace("_", r"\_") + rf"\left({texts}\right)", _POWER
        pieces, strength = _template(latex)
        by_letter = dict(zip("abc", arguments))
        filled = [text if least is None else self._within(by_letter[text], least) for text, least in pieces]
        return "".join(filled), strength

    def parenthesised(self, text: str) -> str:
        return rf"\left({text}\right)"

    def choice(self, condition: str, first: str, second: str) -> str:
        return rf"{first} \;\mathrm{{if}}\; {condition} \;\mathrm{{else}}\; {second}"

    def product(self, left: str, right: str, *, is_number: bool) -> str:
        is_short = is_number and not right[0].isdigit() and "^" not in left
        return f"{left} {right}" if is_short else rf"{left} \cdot {right}"

    def quotient(self, left: ast.expr, right: ast.expr) -> Text:
        sign, above = (self.minus, left.operand) if isinstance(left, ast.UnaryOp) else ("", left)
        fraction = rf"\frac{{{self.write(above)[0]}}}{{{self.write(right)[0]}}}"
        return sign + fraction, _SIGN if sign else _POWER

    def power(self, base: ast.expr, exponent: ast.expr) -> Text:
        return f"{self._within(base, _ATOM)}^{{{self.write(exponent)[0]}}}", _POWER


@cache
def _template(latex: str) -> tuple[list[tuple[str, int | None]], int]:
    """The LaTeX of an operation: texts, and letters with the least strength of their arguments; and how strong it is.

    A function stands before parentheses: the sine of x times y could be read in two ways without them.
    """
    if re.fullmatch(r"\\(?!frac)\S+ \{a\}", latex):
        return [(latex[:-4].format(), None), (r"\left(", None), ("a", _CHOICE), (r"\right)", None)], _POWER
    texts, letters = [""], []
    for before, letter, _, _ in string.Formatter().parse(latex):  # it splits at doubled braces too
        texts[-1] += before
        if letter is not None:
            letters.append(letter)
            texts.append("")
    pieces: list[tuple[str, int | None]] = [(texts[0], None)]
    for letter, before, after in zip(letters, texts, texts[1:]):
        pieces += [(letter, _least(before, after)), (after, None)]
    return pieces, _strength("a".join(texts))


def _least(before: str, after: str) -> int:
    """How strong an argument must be that stands between these texts."""
    if re.search(r"([{(\[|,>]|floor|ceil) ?$", before) and re.match(r" ?([})\],>]|\\right|\\rfloor|\\rceil)", after):
        return _CHOICE
    is_term = re.search(r"(^|[{(]|[+-] )$", before) and re.match(r"$|[})]| [+-]", after)
    return _PRODUCT if is_term else _ATOM


def _strength(latex: str) -> int:
    """How strongly the parts of a formula hold together."""
    while latex != (outside := re.sub(r"\{[^{}]*\}|\([^()]*\)|\[[^][]*\]", "", latex)):
        latex = outside
    latex = re.sub(r"\\left.*?\\right.|\\l(floor|ceil).*?\\r(floor|ceil)", "", latex)
    if latex.startswith("-") or r"\;" in latex:
        return _CHOICE
    if re.search(" [+-] ", latex):
        return _SUM
    if " " in latex:
        return _PRODUCT
    return _ATOM if latex in ("", r"\sqrt") else _POWER


_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_SHORT = 10  # a longer factor after a number reads better behind a point


def number_of(node: ast.expr) -> float | None:
    """The number that a part of an expression is; None if it is something else."""
    if isinstance(node, ast.UnaryOp):
        inner = number_of(node.operand)
        return None if inner is None else -inner
    return float(node.value) if isinstance(node, ast.Constant) else None  # type: ignore[arg-type]


_VALUES: dict[str, float] = {"pi": math.pi, **{name: OPERATIONS[name] for name in ("TWO_BY_ROOT_PI", "DEGREE")}}
_MAKE = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul}
