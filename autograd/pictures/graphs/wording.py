"""What a picture says: the titles of its nodes, and the partial derivatives on its edges, in the reader's names."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence

from autograd.operations.operation import Operation
from autograd.operations.table import power_slope
from autograd.pictures.graphs.contents import Node, Operand, Stream
from autograd.pictures.graphs.labels import shortened
from autograd.pictures.notation.mathematics import reduced, unicode_of
from autograd.pictures.notation.naming import indexed
from autograd.pictures.notation.numbers import short, span
from autograd.pictures.notation.text import SUPERSCRIPTS, printable

SYMBOLS = {"*": "×", "-": "−", "neg": "−", "/": "÷", "**": "^", "dot": "·", "sech_squared": "sech²"}
"""The signs of operations in a title; others have their own symbols."""


def signed(operation: Operation, operands: Sequence[object], names: Sequence[str]) -> str:
    """The sign of an operation, with a constant beside it, and the name of the other operand: x ÷ 2.

    Args:
        names: of the operands, "" for those without one.
    """
    symbol = _symbol(operation)
    left, right = operands if len(operands) == 2 else ("", "")
    if isinstance(right, float) and operation is power_slope:
        power = "" if right == 2.0 else _power(short(right - 1.0))
        return f"{short(right)} × {names[0] or 'a'}{power}"
    if not isinstance(left, float) and not isinstance(right, float):
        return symbol
    if operation.name == "subtract":  # − 2 is a number
        return equation(operation, operands, names)
    return " ".join([*_brief(operands, names)[:1], symbol, *_brief(operands, names)[1:]]).strip()


def equation(operation: Operation, operands: Sequence[object], names: Sequence[str]) -> str:
    """How a number is made, after its name and a sign of equality: x − 2; (…) stands for what has no short name.

    Args:
        names: of the operands, "" for those without one.
    """
    if operation is power_slope and isinstance(operands[1], float):
        return signed(operation, operands, [names[0] or _HOLE, names[1]])
    symbol, found = _symbol(operation), _brief(operands, names)
    if operation.name in _BETWEEN:
        return f" {symbol} ".join(name or _HOLE for name in found)
    if operation.name == "negative":
        return f"{symbol}{found[0] or _HOLE}"
    is_function = operation.symbol.isidentifier() and len(found) <= _FEW and any(found)
    return f"{symbol}({', '.join(name or '…' for name in found)})" if is_function else f"{symbol}{_HOLE}"


_HOLE = "(…)"
_FEW = 3  # operands between parentheses
_BETWEEN = {"add", "subtract", "multiply", "divide", "power", "times", "remainder", "floor_divide", "exceeds"}
"""Operations whose sign stands between their operands."""


def _symbol(operation: Operation) -> str:
    return SYMBOLS.get(operation.symbol, printable(operation.symbol))


def _brief(operands: Sequence[object], names: Sequence[str]) -> list[str]:
    """The names, but for long ones of numbers that are no constants."""
    return [name if isinstance(x, float) or len(name) <= _LONGEST else "" for x, name in zip(operands, names)]


_LONGEST = 12  # characters of a name beside a sign


def _power(exponent: str) -> str:
    return exponent.translate(SUPERSCRIPTS) if exponent.isdecimal() else f"^{exponent}"


class Names:
    """The names of the nodes of a picture, by their keys; "" for those without one.

    A name is the label without the path of the scope around it, in which the node is drawn; w1 becomes w₁.

    Args:
        unlabelled: gives what has no label a name, such as t₁, if a partial derivative needs one. It stands in the
            node. None if no partial derivatives are shown.
    """

    def __init__(self, nodes: list[Node], unlabelled: Callable[[str], str] | None = None) -> None:
        labelled = [node for node in nodes if node.label]
        self._names = {node.key: indexed(shortened(node.label, node.scope), node.index) for node in labelled}
        self._labels = {*self._names.values(), *(name for node in nodes for name in node.hidden)}
        if unlabelled is not None:
            needed = {key for node in nodes for key in self._needed(node)}
            found = [node.key for node in nodes if node.key in needed and not self._names.get(node.key)]
            self._names.update({key: unlabelled(key) for key in found})

    def _needed(self, node: Node) -> Iterator[str]:
        """The keys of what the formulas on the edges into a node speak of."""
        if node.operation is None:
            return
        edges = [*zip(node.operation.edges(len(node.operands)), node.slopes, range(len(node.operands)))]
        keys: dict[str, Operand] = {argument: x for ((argument, _), _, _), x in zip(edges, node.operands)}
        numbers = {argument: x for argument, x in keys.items() if isinstance(x, float)}
        keys["y"] = node.key
        for (argument, formula), slope, place in edges:
            if formula is None or slope is None or not self._is_worded(node, place):
                continue
            letters = {x.id for x in ast.walk(reduced(formula, numbers)) if isinstance(x, ast.Name)} & {*keys}
            if node.operation.name == "exp" and self._power_of_e(node):
                letters.discard("y")
            if letters and len(edges) > 1:
                letters.add(argument)
            yield from [x for letter in letters if isinstance(x := keys[letter], str)]

    def _is_worded(self, node: Node, place: int) -> bool:
        """Whether the edge of an operand has a formula."""
        if not node.is_several:
            return isinstance(node.operands[place], str)
        return any(place in stream.places and _has_formula(node, stream) for stream in node.streams)

    def _power_of_e(self, node: Node) -> str:
        """How exp(x) is written: eˣ; "" if it has a name, or x has none."""
        base = self.of(node.operands[0]) or "".join(node.hidden[:1])
        if self.of(node.key) or not base or "e" in self._labels:
            return ""
        return f"e{base.translate(SUPERSCRIPTS)}" if len(base) == 1 and ord(base) in SUPERSCRIPTS else f"exp({base})"

    def of(self, operand: Operand) -> str:
        """The name of an operand."""
        return self._names.get(operand, "") if isinstance(operand, str) else short(operand)

    def title(self, node: Node) -> str:
        """What stands in a node: its name, and how it was made. A constant stands beside the sign."""
        name = self.of(node.key)
        if node.operation is None:
            return name or ("input" if node.others else "result" if node.operands else "")
        made = self._made(node, is_named=bool(name))
        return f"{name} = {made}" if name else made

    def _made(self, node: Node, *, is_named: bool) -> str:
        assert node.operation is not None  # title() has asked
        if node.operation.name == "dot":
            middle = len(node.operands) // 2
            a, b = self._stem(node.operands[:middle]), self._stem(node.operands[middle:])
            return f"{a} · {b}" if a and b else f"dot{_HOLE}" if is_named else "dot"
        if node.terms:
            return f"sum of {node.terms}"
        names = [_spanned(node, x) if isinstance(x, float) else self.of(x) for x in node.operands]
        if node.operation is power_slope and not _has_one_constant(node):
            return _symbol(node.operation)
        return (equation if is_named else signed)(node.operation, node.operands, names)

    def _stem(self, operands: tuple[Operand, ...]) -> str:
        """What the names of a vector's elements have in common: w for w₁ and w₂; "" if they have nothing."""
        stems = {self.of(x).rstrip("₀₁₂₃₄₅₆₇₈₉") if isinstance(x, str) else "" for x in operands}
        return stems.pop() if len(stems) == 1 else ""

    def partials(self, node: Node) -> list[tuple[str, str]]:
        """For each operand its partial derivative as formula, and as number.

        The formula is "" if it is the number itself, or if it speaks of what has no name.
        """
        assert node.operation is not None  # a leaf has no operands
        arguments = node.operation.edges(len(node.operands))
        known: dict[str, str | float] = {}
        for (argument, _), x, hidden in zip(arguments, node.operands, node.hidden):
            known[argument] = x if isinstance(x, float) else self.of(x) or hidden
        known["y"] = self.of(node.key)
        if node.operation.name == "exp" and (power := self._power_of_e(node)):
            known["y"] = power
        return [
            _partial(known[argument], formula, slope, known, alone=len(arguments) == 1)
            for (argument, formula), slope in zip(arguments, node.slopes)
        ]

    def common_partial(self, node: Node, stream: Stream) -> str:
        """The formula of a partial derivative that nodes drawn as one have in common; "" if they have none."""
        if not _has_formula(node, stream):
            return ""
        partials = self.partials(node)
        first, *others = [partials[place][0] for place in sorted(stream.places)]
        name = self.of(stream.tail)
        start = f"∂/∂{name} = "
        if not all(text.startswith(start) for text in others):
            return ""
        if name[:1].isalpha() and {first, *others} == {start + name} and others:
            return f"{start}{len(others) + 1}{name}"
        return " + ".join([first, *(text.removeprefix(start) for text in others)]).replace("+ −", "− ")


def _partial(
    name: str | float, formula: str | None, slope: float | None, known: dict[str, str | float], *, alone: bool
) -> tuple[str, str]:
    if formula is None or slope is None:
        return "", ""
    number = short(slope)
    numbers = {letter: x for letter, x in known.items() if isinstance(x, float)}
    letters = {x.id for x in ast.walk(reduced(formula, numbers)) if isinstance(x, ast.Name)}
    if any(known.get(letter) == "" for letter in letters) or (name == "" and letters and not alone):
        return "", number
    text = unicode_of(formula, known)
    if text == number:
        return "", number
    return (text if alone or isinstance(name, float) or not name else f"∂/∂{name} = {text}"), number


def _has_formula(node: Node, stream: Stream) -> bool:
    """Whether edges that are drawn as one may have the same formula."""
    return stream.is_uniform and not (node.terms and len(stream.places) > 1) and _has_one_constant(node)


def _has_one_constant(node: Node) -> bool:
    """Whether what is drawn as one has the same constant, or none."""
    return len({x for x in (*node.constants, *node.operands) if isinstance(x, float)}) <= 1


def _spanned(node: Node, constant: float) -> str:
    """A constant of a node; of what is drawn as one the least and the largest."""
    text = span([constant, *node.constants])
    return f"({text})" if "…" in text else text
