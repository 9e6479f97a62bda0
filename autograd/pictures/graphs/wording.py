"""What a picture says: the titles of its nodes, and the partial derivatives on its edges, in the reader's names."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.operations.operation import Operation
from autograd.operations.table import power_slope
from autograd.pictures.graphs.snapshot import Node, Operand, Stream
from autograd.pictures.notation.mathematics import unicode_of
from autograd.pictures.notation.numbers import short
from autograd.pictures.notation.text import SUPERSCRIPTS, cut, printable, subscripted

SYMBOLS = {"*": "×", "-": "−", "neg": "−", "/": "÷", "**": "^", "dot": "·", "sech_squared": "sech²"}
"""The signs of operations in a title; others have their own symbols."""

_LETTERS = {"a": "first", "b": "second", "c": "third", "y": "result"}
"""The arguments and the result of an operation that have no label, as words: if a label is one of the letters."""

_LONGEST = 24  # characters of a name


def signed(operation: Operation, operands: Sequence[object], name: str) -> str:
    """The sign of an operation, with a constant beside it.

    Args:
        name: of the first operand, "" if it has none.
    """
    symbol = SYMBOLS.get(operation.symbol, printable(operation.symbol))
    left, right = operands if len(operands) == 2 else ("", "")
    if isinstance(right, float) and operation is power_slope:
        power = "" if right == 2.0 else _power(short(right - 1.0))
        return f"{short(right)} × {name or 'a'}{power}"
    if isinstance(right, float):
        return f"{symbol} {short(right)}"
    return f"{short(left)} {symbol}" if isinstance(left, float) else symbol


def _power(exponent: str) -> str:
    return exponent.translate(SUPERSCRIPTS) if exponent.isdecimal() else f"^{exponent}"


class Names:
    """The names of the nodes of a picture, by their keys; "" for those without a label.

    A name is the label without the path of the scope around it, in which the node is drawn; w1 becomes w₁.
    """

    def __init__(self, nodes: list[Node]) -> None:
        self._names = {node.key: _name(node) for node in nodes if node.label}
        labels = set(self._names.values())
        self._letters = {letter: letter for letter in _LETTERS}
        if not labels.isdisjoint(_LETTERS):
            self._letters = _LETTERS

    def of(self, operand: Operand) -> str:
        """The name of an operand."""
        return self._names.get(operand, "") if isinstance(operand, str) else short(operand)

    def title(self, node: Node) -> str:
        """What stands in a node: its name, and how it was made. A constant stands beside the sign."""
        name = self.of(node.key)
        times = f"{len(node.others) + 1} × " if node.others else ""
        if node.operation is None:
            return times + (name or ("input" if times else "result" if node.operands else ""))
        made = times + node.operation.name + _span(node) if times else self._made(node)
        return f"{name} = {made}" if name else made

    def _made(self, node: Node) -> str:
        assert node.operation is not None  # title() has asked
        if node.operation.name == "dot":
            middle = len(node.operands) // 2
            a, b = self._stem(node.operands[:middle]), self._stem(node.operands[middle:])
            return f"{a} · {b}" if a and b else "dot"
        return signed(node.operation, node.operands, self.of(node.operands[0]))

    def _stem(self, operands: tuple[Operand, ...]) -> str:
        """What the names of a vector's elements have in common: w for w₁ and w₂; "" if they have nothing."""
        stems = {self.of(x).rstrip("₀₁₂₃₄₅₆₇₈₉") if isinstance(x, str) else "" for x in operands}
        return stems.pop() if len(stems) == 1 else ""

    def partials(self, node: Node) -> list[tuple[str, str]]:
        """For each operand its partial derivative as formula, "" if that is the number itself, and as number."""
        assert node.operation is not None  # a leaf has no operands
        arguments = node.operation.edges(len(node.operands))
        known: dict[str, str | float] = {}
        for (argument, _), x in zip(arguments, node.operands):
            name = x if isinstance(x, float) else self.of(x)
            known[argument] = name if name != "" else self._letters.get(argument, subscripted(argument))
        known["y"] = self.of(node.key) or self._letters["y"]
        return [
            _partial(known[argument], formula, slope, known, alone=len(arguments) == 1)
            for (argument, formula), slope in zip(arguments, node.slopes)
        ]

    def common_partial(self, node: Node, stream: Stream) -> str:
        """The formula of a partial derivative that nodes drawn as one have in common; "" if they have none."""
        numbers = {x for x in (*node.constants, *node.operands) if isinstance(x, float)}
        if len(stream.places) > 1 or len(numbers) > 1:
            return ""
        [place] = stream.places
        return self.partials(node)[place][0]


def _partial(
    name: str | float, formula: str | None, slope: float | None, known: dict[str, str | float], *, alone: bool
) -> tuple[str, str]:
    if formula is None or slope is None:
        return "", ""
    number = short(slope)
    text = unicode_of(formula, known)
    if text == number:
        return "", number
    return (text if alone or isinstance(name, float) else f"∂/∂{name} = {text}"), number


def _name(node: Node) -> str:
    label = printable(node.label)
    for scope in reversed(node.scope):
        label = label.removeprefix(f"{scope}.")
    return cut(subscripted(label), _LONGEST)


def _span(node: Node) -> str:
    """The constants of nodes that are drawn as one: the least and the largest."""
    constants = [*node.constants, *(x for x in node.operands if isinstance(x, float))]
    if not constants or len(node.operands) > 3:
        return ""
    least, most = short(min(constants)), short(max(constants))
    return f" {least}" if least == most else f" {least} … {most}"
