"""Formulas as people write them: the text of a Python expression in Unicode, and in LaTeX.

An expression is that of a handbook's derivative, such as "1 - y**2". The names in it stand for texts: y may be "loss".
"""

from __future__ import annotations

import ast
import operator
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, final

from autograd.operations.formulas import OPERATIONS
from autograd.pictures.numbers import short

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
    return _Unicode(names).write(_reduced(expression, names))[0]


def latex_of(expression: str, names: Mapping[str, str | float]) -> str:
    r"""The same in LaTeX, for names that are LaTeX.

    >>> latex_of("1/(2*y)", {})
    '\\frac{1}{2 y}'
    """
    return _Latex(names).write(_reduced(expression, names))[0]


def _reduced(expression: str, names: Mapping[str, str | float]) -> ast.expr:
    """The expression with numbers for names, and what they make."""
    numbers = {name: x for name, x in names.items() if not isinstance(x, str)}
    reduced: ast.expr = _Numbers(numbers).visit(ast.parse(expression, mode="eval").body)
    return reduced


@final
class _Numbers(ast.NodeTransformer):
    """Puts numbers in, and computes sums, differences and products of numbers; x**1 and x*1 become x."""

    def __init__(self, numbers: Mapping[str, float]) -> None:
        self._numbers = numbers

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A number for its name."""
        return ast.Constant(self._numbers[node.id]) if node.id in self._numbers else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """The number that two numbers make."""
        self.generic_visit(node)
        left, right = _number(node.left), _number(node.right)
        if left is not None and right is not None and not isinstance(node.op, (ast.Div, ast.Pow)):
            return ast.Constant(_MAKE[type(node.op)](left, right))
        if isinstance(node.op, (ast.Mult, ast.Pow)) and right == 1.0:
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

    def write(self, node: ast.expr) -> Text:
        """The text of an expression."""
        number = _number(node)
        if number is not None:
            text = short(number, self.minus)
            return text, _SIGN if text.startswith(self.minus) else _ATOM
        if isinstance(node, ast.Name):
            return self._name(node.id)
        if isinstance(node, ast.UnaryOp):
            return self.minus + self._within(node.operand, _SIGN), _SIGN
        if isinstance(node, ast.Compare):
            sign = self.signs[COMPARISONS[type(node.ops[0])]]
            return f"[{self.write(node.left)[0]} {sign} {self.write(node.comparators[0])[0]}]", _ATOM
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)  # a formula calls operations by their names
            return self.call(node.func.id, node.args)
        assert isinstance(node, ast.BinOp)  # there are no others in a formula
        return self._operator(node)

    def _name(self, name: str) -> Text:
        text = self._names.get(name) or self.constants.get(name, name)
        is_one_word = all(c.isalnum() or c in "_.'\\{}[]₀₁₂₃₄₅₆₇₈₉" for c in text)
        return text, _ATOM if is_one_word else _CHOICE

    def _operator(self, node: ast.BinOp) -> Text:
        if isinstance(node.op, ast.Add):
            return f"{self._within(node.left, _SUM)} + {self._within(node.right, _SUM)}", _SUM
        if isinstance(node.op, ast.Sub):
            return f"{self._within(node.left, _SUM)} {self.minus} {self._within(node.right, _PRODUCT)}", _SUM
        if isinstance(node.op, ast.Mult):
            left, right = self._within(node.left, _PRODUCT), self._within(node.right, _PRODUCT)
            return self.product(left, right, is_number=_number(node.left) is not None), _PRODUCT
        if isinstance(node.op, ast.Div):
            return self.quotient(node.left, node.right)
        return self.power(node.left, node.right)

    def _within(self, node: ast.expr, least: int) -> str:
        """The text of a part, in parentheses if it does not hold together so strongly."""
        text, strength = self.write(node)
        return text if strength >= least else self.parenthesised(text)

    def parenthesised(self, text: str) -> str:
        """A text in parentheses."""
        return f"({text})"

    @abstractmethod
    def call(self, name: str, arguments: Sequence[ast.expr]) -> Text:
        """A call of an operation."""

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
        return f"{self.functions.get(name, name)}({texts})", _ATOM

    def product(self, left: str, right: str, *, is_number: bool) -> str:
        return left + right if is_number and not right[0].isdigit() and len(right) < _SHORT else f"{left} · {right}"

    def quotient(self, left: ast.expr, right: ast.expr) -> Text:
        return f"{self._within(left, _PRODUCT)} / {self._within(right, _SIGN)}", _PRODUCT

    def power(self, base: ast.expr, exponent: ast.expr) -> Text:
        text = self._within(base, _ATOM)
        number = _number(exponent)
        if number is not None and short(number).isdigit():
            return text + short(number).translate(_SUPERSCRIPTS), _POWER
        return f"{text}^{self._within(exponent, _ATOM)}", _POWER


@final
class _Latex(_Writer):
    minus = "-"
    signs: ClassVar = {">": ">", "<": "<", ">=": r"\ge", "<=": r"\le", "==": "=", "!=": r"\ne"}
    constants: ClassVar = {
        "pi": r"\pi", "LN2": r"\ln 2", "LN10": r"\ln 10", "TWO_BY_ROOT_PI": r"\tfrac{2}{\sqrt{\pi}}",
        "DEGREE": r"\tfrac{\pi}{180}",
    }  # fmt: skip

    def call(self, name: str, arguments: Sequence[ast.expr]) -> Text:
        latex = OPERATIONS[name].latex
        texts = {}
        for letter, argument in zip("abc", arguments):
            before = latex[: latex.index(f"{{{letter}}}")]
            is_enclosed = before.endswith(("{", "(", "|"))
            texts[letter] = self._within(argument, _CHOICE if is_enclosed else _ATOM)
        return latex.format(**texts), _POWER

    def parenthesised(self, text: str) -> str:
        return rf"\left({text}\right)"

    def product(self, left: str, right: str, *, is_number: bool) -> str:
        return f"{left} {right}" if is_number and not right[0].isdigit() else rf"{left} \cdot {right}"

    def quotient(self, left: ast.expr, right: ast.expr) -> Text:
        sign, above = (self.minus, left.operand) if isinstance(left, ast.UnaryOp) else ("", left)
        fraction = rf"\frac{{{self.write(above)[0]}}}{{{self.write(right)[0]}}}"
        return sign + fraction, _SIGN if sign else _POWER

    def power(self, base: ast.expr, exponent: ast.expr) -> Text:
        return f"{self._within(base, _ATOM)}^{{{self.write(exponent)[0]}}}", _POWER


_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_SHORT = 10  # a longer factor after a number reads better behind a point


def _number(node: ast.expr) -> float | None:
    """The number that a node is; None if it is something else."""
    if isinstance(node, ast.UnaryOp):
        inner = _number(node.operand)
        return None if inner is None else -inner
    return float(node.value) if isinstance(node, ast.Constant) else None  # type: ignore[arg-type]


_MAKE = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul}
