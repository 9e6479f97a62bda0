"""Sums and products of expressions as people write them: numbers and signs in front, one fraction, nothing twice."""

from __future__ import annotations

import ast
import functools
import math
from typing import final

from autograd.pictures.notation.mathematics import number_of


def sum_of(terms: list[ast.expr]) -> ast.expr:
    """The sum, from left to right."""
    if not terms:
        return ast.Constant(0.0)
    return functools.reduce(lambda a, b: ast.BinOp(a, ast.Add(), b), terms)


# --------------------------------------------------------------------------- products, with numbers and signs in front


def product(a: ast.expr, b: ast.expr) -> ast.expr:
    """The product as one number times one fraction; what is above the line and below it is left out."""
    (x, above, below), (z, above_b, below_b) = _factors(a), _factors(b)
    above, below = _cancelled(above + above_b, below + below_b)
    number = x * z
    for factor in below[:]:
        divisor = number_of(factor)
        if divisor and number % divisor == 0.0:
            number /= divisor
            below.remove(factor)
    return _joined(number, above, below)


def _cancelled(above: list[ast.expr], below: list[ast.expr]) -> tuple[list[ast.expr], list[ast.expr]]:
    """The factors above a line and below it, without those that are in both."""
    if not above or not below:
        return above, below
    texts, rest = [ast.dump(factor) for factor in above], []
    for factor in below:
        text = ast.dump(factor)
        if text in texts:
            del above[texts.index(text)]
            texts.remove(text)
        else:
            rest.append(factor)
    return above, rest


def _joined(number: float, above: list[ast.expr], below: list[ast.expr]) -> ast.expr:
    """A number times a fraction, whose sign stands before it; factors may be missing."""
    if number == 0.0 or not above + below:
        return ast.Constant(number)
    size = abs(number)
    made = functools.reduce(_times, above if size == 1.0 and above else [ast.Constant(size), *above])
    if below:
        made = ast.BinOp(made, ast.Div(), functools.reduce(_times, below))
    return _negated(made) if math.copysign(1.0, number) < 0.0 else made


def _times(a: ast.expr, b: ast.expr) -> ast.expr:
    return ast.BinOp(a, ast.Mult(), b)


def _factors(a: ast.expr) -> tuple[float, list[ast.expr], list[ast.expr]]:
    """The number in front of a product, its factors above the line of a fraction, and those below."""
    number = number_of(a)
    if number is not None:
        return number, [], []
    if isinstance(a, ast.UnaryOp):
        number, above, below = _factors(a.operand)
        return -number, above, below
    if isinstance(a, ast.BinOp) and isinstance(a.op, ast.Div):
        number, above, below = _factors(a.left)
        return number, above, [*below, a.right]
    if isinstance(a, ast.BinOp) and isinstance(a.op, ast.Mult):
        (x, above, below), (z, above_b, below_b) = _factors(a.left), _factors(a.right)
        return x * z, above + above_b, below + below_b
    return 1.0, [a], []


def total(terms: list[ast.expr]) -> ast.expr:
    """The sum; terms that differ only by a number in front become one."""
    merged: dict[str, tuple[float, list[ast.expr], list[ast.expr]]] = {}
    for term in terms:
        number, above, below = _factors(term)
        key = repr([sorted(map(ast.dump, factors)) for factors in (above, below)])
        merged[key] = (merged[key][0] + number if key in merged else number, above, below)
    return sum_of([_joined(*factors) for factors in merged.values() if factors[0] != 0.0])


def _negated(a: ast.expr) -> ast.expr:
    if isinstance(a, ast.UnaryOp):
        return a.operand
    if isinstance(a, ast.Constant):
        return ast.Constant(-float(a.value))  # type: ignore[arg-type]  # a formula has only numbers
    if isinstance(a, ast.BinOp) and isinstance(a.op, ast.Mult):
        return ast.BinOp(_negated(a.left), a.op, a.right)
    return ast.UnaryOp(ast.USub(), a)


def _is_negative(a: ast.expr) -> bool:
    while isinstance(a, ast.BinOp) and isinstance(a.op, ast.Mult):
        a = a.left
    return isinstance(a, ast.UnaryOp) or (isinstance(a, ast.Constant) and a.value < 0.0)  # type: ignore[operator]


def is_small(a: ast.expr) -> bool:
    """Whether it is a name or a number, perhaps with a sign."""
    return isinstance(a.operand if isinstance(a, ast.UnaryOp) else a, (ast.Name, ast.Constant))


@final
class Tidy(ast.NodeTransformer):
    """Puts in what is used once, and writes signs as people do: a - b for a + (-b), and 2*a for a*2.

    Args:
        once: what the names stand for that are used once.
        merges: make each product one fraction, in which equal factors cancel.
    """

    def __init__(self, once: dict[str, ast.expr], *, merges: bool) -> None:
        self._once = once
        self._merges = merges

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """What the name stands for, if it is used once."""
        return self._once.get(node.id, node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        """Two signs are none."""
        self.generic_visit(node)
        return _negated(node.operand) if _is_negative(node.operand) else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """The signs of an operator."""
        self.generic_visit(node)
        left, right = node.left, node.right
        if isinstance(node.op, (ast.Add, ast.Sub)) and _is_negative(right):
            opposite = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
            return ast.BinOp(left, opposite, _negated(right))
        if isinstance(node.op, ast.Div) and isinstance(left, ast.UnaryOp) and not self._merges:
            return ast.UnaryOp(ast.USub(), ast.BinOp(left.operand, node.op, right))
        if self._merges and isinstance(node.op, ast.Div):
            return product(left, ast.BinOp(ast.Constant(1.0), ast.Div(), right))
        if not isinstance(node.op, ast.Mult):
            return node
        if self._merges:
            return product(left, right)
        signs = [_is_negative(left), _is_negative(right)]
        left, right = (_negated(x) if sign else x for x, sign in zip((left, right), signs))
        if isinstance(right, ast.Constant) and not isinstance(left, ast.Constant):
            left, right = right, left
        return ast.BinOp(_negated(left) if signs[0] != signs[1] else left, ast.Mult(), right)
