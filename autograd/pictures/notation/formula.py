"""latex(): the expression of a Value as mathematics, and its derivative."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from itertools import count, takewhile
from typing import final

from autograd.engine import Value, topological_order
from autograd.operations.operation import Operation
from autograd.pictures.arguments import with_sentences
from autograd.pictures.composed.steps import Steps
from autograd.pictures.notation.algebra import Tidy, is_small, product, sum_of, total
from autograd.pictures.notation.functions import Functions
from autograd.pictures.notation.mathematics import latex_of_tree, number_of, reduced
from autograd.pictures.notation.naming import Name, Naming, label_of
from autograd.pictures.notation.symbols import is_number
from autograd.pictures.notation.text import cut

MOST_OPERATIONS = 200
"""A formula of more operations cannot be read."""


@final
class Formula(str):
    r"""Formulas in LaTeX, as text: for KaTeX, MathJax, or between two $ for Matplotlib. Jupyter shows the mathematics.

    Attributes:
        equations: the two sides of each formula; the left one is "" if it has no name.

    >>> from autograd import Value, latex
    >>> formula = latex(Value(2.0, label="x") / 3)
    >>> print(formula)
    \frac{x}{3}
    >>> formula.equations
    [('', '\\frac{x}{3}')]
    """

    equations: list[tuple[str, str]]

    def __new__(cls, equations: Iterable[tuple[str, str]]) -> Formula:
        pairs = list(equations)
        formula = super().__new__(cls, r",\quad ".join(f"{left} = {right}" if left else right for left, right in pairs))
        formula.equations = pairs
        return formula

    def __getnewargs__(self) -> tuple[list[tuple[str, str]]]:  # type: ignore[override]  # str has others
        return (self.equations,)  # so that it can be copied and pickled

    def _repr_latex_(self) -> str:
        lines: list[str] = []
        for left, right in self.equations:
            first, *others = _broken(right)
            lines.append(f"{left} &= {first}" if left else f"& {first}")
            lines += [rf"& \quad {{}} {line}" for line in others]
        if len(lines) == 1:
            return rf"$\displaystyle {self}$"
        block = r" \\ ".join(lines)
        return rf"$\displaystyle \begin{{aligned}} {block} \end{{aligned}}$"


def _broken(right: str) -> list[str]:
    """The lines of a long sum; it breaks before signs that are in no parentheses."""
    terms, begin, depth, braces = [], 0, 0, 0
    for token in _TOKENS.finditer(right):
        if token[0] in "{}":
            braces += 1 if token[0] == "{" else -1
        elif braces == 0 and token[0] in (r"\left", r"\right", *"()[]"):
            depth += 1 if token[0] in (r"\left", *"([") else -1
        elif braces == depth == 0 and token[0] in (" + ", " - "):
            terms.append(right[begin : token.start()])
            begin = token.start() + 1
    lines = [""]
    for term in [*terms, right[begin:]]:
        if lines[-1] and len(_UNSEEN.sub("", f"{lines[-1]} {term}")) > _WIDEST:
            lines.append(term)
        else:
            lines[-1] = f"{lines[-1]} {term}".lstrip()
    return lines


@with_sentences
def latex(y: Value, *, wrt: Value | None = None) -> Formula:
    r"""The expression that computed y, in LaTeX.

    Labels are the names of Values: w1 becomes w_{1}, and a long one upright text. A leaf without a label is its number.
    A result that is used more than once has a name, by its label or a letter such as t_{1}, and is listed first.
    The names are those of draw(), tree() and explain(). A result of softmax is softmax(...) with its index, from 0 on;
    that of a loss by cross_entropy is -log_softmax(...) with the index of the label.

    Args:
        y: the result.
        wrt: also write the derivative of y with respect to this Value, as a handbook has it. It is 0 if y does not
            depend on wrt.

    Raises:
        TypeError: y or wrt is not a Value.
        ValueError: y has more than 200 operations; or wrt has no label, and is not in the graph of y.

    >>> from autograd import Value, latex
    >>> x, w1 = Value(2.0, label="x"), Value(-3.0, label="w1")
    >>> print(latex((w1 * x + 0.5).tanh()))
    \tanh\left(w_{1} \cdot x + 0.5\right)
    >>> y = (w1 * x) ** 2
    >>> print(latex(y, wrt=x))
    t_{1} = w_{1} \cdot x,\quad y = t_{1}^{2},\quad \frac{\partial y}{\partial x} = 2 t_{1} \cdot w_{1}
    """
    for name, value in (("y", y), ("wrt", wrt)):
        if not isinstance(value, Value) and (name == "y" or value is not None):
            raise TypeError(f"latex() takes a Value as {name}, got {type(value).__name__}; pass the Value itself")
    order = topological_order(y)
    steps = Steps(order, [] if wrt is None else [wrt])
    operations = sum(len(node.operands) - 1 if node.op == "dot" else node.op is not None for node in steps.order)
    if operations > MOST_OPERATIONS:
        raise ValueError(
            f"y has {operations} operations, and a formula of more than {MOST_OPERATIONS} cannot be read; "
            "write latex() of an earlier result, or use tree(y)"
        )
    if wrt is not None and not wrt.label and not any(x is wrt for x in order):
        raise ValueError("wrt is a Value without a label, and not in the graph of y; pass one that y was computed from")
    return Formula(_equations(_Graph(order, steps, wrt), y, wrt))


# --------------------------------------------------------------------------- expressions with names for nodes


@final
class _Graph:
    """The graph as expressions, in which a name stands for each Value.

    Attributes:
        expressions: what made each result, by its name, in the order of the computation; then derivatives.
        values: the Value that a name stands for.
    """

    def __init__(self, order: list[Value], steps: Steps, wrt: Value | None) -> None:
        self._order, self._calls = steps.order, steps.calls
        self._keys = {node: f"#{i}" for i, node in enumerate(order)}  # no operation has such a name
        self.values = {key: node for node, key in self._keys.items()}
        self._named = {node for node in order if node.op is not None or label_of(node) or node is wrt}
        self._functions = Functions(steps.calls, self.reference)
        self.expressions: dict[str, ast.expr] = {}
        for node in steps.order:
            if node in steps.calls:
                self.expressions[self._keys[node]] = self._functions.called(node)
            elif node._operation is not None:
                operands = [self.reference(x) for x in node.operands]
                self.expressions[self._keys[node]] = _expression(node._operation, operands)

    def key(self, x: Value) -> str:
        """The name that stands for a Value, also for one that y does not depend on."""
        return self._keys.get(x, "#")

    def reference(self, x: Value | float) -> ast.expr:
        """What stands for an operand: a name, or the number of a constant."""
        if isinstance(x, Value) and x in self._named:
            return ast.Name(self._keys[x])
        return ast.Constant(x._number if isinstance(x, Value) else x)

    def is_large(self, key: str) -> bool:
        """Whether a name stands for more than a leaf, perhaps with a sign."""
        made = self.expressions.get(key)
        if made is None:
            return False
        return not is_small(made) or any(isinstance(x, ast.Name) and x.id in self.expressions for x in ast.walk(made))

    def derivative(self, x: Value) -> ast.expr:
        """The derivative of the last node by another one; those of nodes between them get names, too."""
        terms: dict[Value, list[ast.expr]] = {self._order[-1]: [ast.Constant(1.0)]}
        depending = {x}
        for node in self._order:
            if not depending.isdisjoint(self._calls[node].operands if node in self._calls else node.inputs):
                depending.add(node)
        for node in reversed(self._order):
            if node is x or node not in depending or node not in terms:
                continue
            derivative = total(terms[node])
            if not is_small(derivative):
                key = f"∂{self._keys[node]}"
                self.expressions[key] = derivative
                derivative = ast.Name(key)
            for operand, partial in self._partials(node):
                if operand in depending:
                    terms.setdefault(operand, []).append(product(derivative, partial))
        return total(terms.get(x, []))

    def _partials(self, node: Value) -> Iterator[tuple[Value, ast.expr]]:
        """Each operand that a gradient flows to, and the handbook's partial derivative by it."""
        if node in self._calls:
            yield from self._functions.partials(node)
            return
        if node._operation is None:
            return
        edges = node._operation.edges(len(node.operands))
        parts = {name: self.reference(x) for (name, _), x in zip(edges, node.operands)}
        numbers = {name: x for name, part in parts.items() if (x := number_of(part)) is not None}
        parts["y"] = self.reference(node)
        for operand, slope, (_, formula) in zip(node.operands, node._slopes, edges):
            if isinstance(operand, Value) and slope is not None and formula is not None:
                yield operand, _Put(parts).visit(reduced(formula, numbers))


@final
class _Put(ast.NodeTransformer):
    """Puts expressions in for names."""

    def __init__(self, parts: dict[str, ast.expr]) -> None:
        self._parts = parts

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """The expression for its name."""
        return self._parts.get(node.id, node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """The name of the function stays."""
        node.args = [self.visit(argument) for argument in node.args]
        return node


_OPERATORS: dict[str, type[ast.operator]] = {
    "add": ast.Add, "subtract": ast.Sub, "multiply": ast.Mult, "times": ast.Mult, "divide": ast.Div, "power": ast.Pow,
}  # fmt: skip


def _expression(operation: Operation, operands: list[ast.expr]) -> ast.expr:
    """What an operation made."""
    if operation.name == "dot":
        middle = len(operands) // 2
        return sum_of([ast.BinOp(a, ast.Mult(), b) for a, b in zip(operands[:middle], operands[middle:])])
    if operation.name == "negative":
        return ast.UnaryOp(ast.USub(), operands[0])
    if operation.name == "stop_gradient":
        return operands[0]
    if operation.name == "power_slope":
        exponent = number_of(operands[1])
        known = {} if exponent is None else {"b": exponent}
        slope: ast.expr = _Put(dict(zip("ab", operands))).visit(reduced("b*a**(b - 1)", known))
        return slope
    if operation.name in _OPERATORS:
        return ast.BinOp(operands[0], _OPERATORS[operation.name](), operands[1])
    return ast.Call(ast.Name(operation.name), operands, [])


# --------------------------------------------------------------------------- equations


def _equations(graph: _Graph, y: Value, wrt: Value | None) -> Iterator[tuple[str, str]]:
    """What has a name, and what it stands for; then y; then its derivative."""
    root = graph.key(y)
    derivative = None if wrt is None else graph.derivative(wrt)
    uses = _uses(graph, [ast.Name(root)] + ([] if derivative is None else [derivative]))
    kept = {key for key, number in uses.items() if number > 1 and graph.is_large(key)}
    kept |= {root} | {key for key in uses if graph.values.get(key) is wrt}
    names = _names(graph, kept, y, wrt)
    is_alone = not label_of(y) and wrt is None and kept == {root}
    once: dict[str, ast.expr] = {}
    for key in [*graph.expressions, *([] if y.op else [root])]:
        if key not in uses:
            continue
        made = graph.expressions.get(key, ast.Constant(y._number))
        tidy = Tidy(once, merges=key not in graph.values).visit(made)
        if key in kept:
            yield "" if is_alone else names[key], latex_of_tree(tidy, names)
        else:
            once[key] = tidy
    if wrt is not None and derivative is not None:
        by = names[graph.key(wrt)]
        tidy = Tidy(once, merges=True).visit(derivative)
        yield rf"\frac{{\partial {names[root]}}}{{\partial {by}}}", latex_of_tree(tidy, names)


def _uses(graph: _Graph, roots: list[ast.expr]) -> Counter[str]:
    """How often the name of each result is used."""
    uses: Counter[str] = Counter()
    stack = list(roots)
    while stack:
        for node in ast.walk(stack.pop()):
            if isinstance(node, ast.Name) and (node.id in graph.expressions or node in roots):
                uses[node.id] += 1
                if uses[node.id] == 1 and node.id in graph.expressions:
                    stack.append(graph.expressions[node.id])
    return uses


def _names(graph: _Graph, kept: set[str], y: Value, wrt: Value | None) -> dict[str, str]:
    """The names in LaTeX: first those of labels, then others that are still free."""
    names: dict[str, str] = {}
    nodes = dict(graph.values)
    if wrt is not None:
        nodes.setdefault(graph.key(wrt), wrt)
    shown = {key: node for key, node in nodes.items() if node.op is None or key in kept}
    naming = Naming([*nodes.values()], [y])
    for key, node in shown.items():
        if label_of(node):
            names[key] = _free(naming.of(node), names.values())
    for key in [*shown, *(key for key in graph.expressions if key in kept)]:
        if key in names:
            continue
        if key not in nodes:
            names[key] = _numbered("g", names.values())
        elif key in kept or nodes[key] is y or nodes[key] is wrt:
            names[key] = _free(naming.of(nodes[key]), names.values())
    return names


def _free(name: Name, taken: Collection[str]) -> str:
    """The name in LaTeX; one with another index if it is taken, because two long labels may be cut to the same."""
    return next(found for i in count(name.number) if (found := name_of(name.text, i)) not in taken)


def _numbered(letter: str, taken: Collection[str]) -> str:
    return next(name for i in count(1) if (name := f"{letter}_{{{i}}}") not in taken)


def name_of(label: str, index: int = 0) -> str:
    r"""A label as a name in LaTeX, one that reads as a number in quotes; an index from 1 on tells apart the same.

    >>> [name_of("w1"), name_of("my loss", 2)]
    ['w_{1}', '\\mathrm{my\\ loss}_{(2)}']
    """
    label = cut(label, _LONGEST)
    if is_number(label):
        label = f"“{label}”"
    stem = label.rstrip("0123456789")
    digits = label[len(stem) :]
    shorter = stem.rstrip("._") if digits else stem
    if not shorter:
        shorter, digits = label, ""
    name = shorter if len(shorter) == 1 and shorter.isascii() and shorter.isalpha() else _upright(shorter)
    lower = digits + (f"({index})" if index else "")
    return f"{name}_{{{lower}}}" if lower else name


def _upright(text: str) -> str:
    known = _VARIANT.sub("", unicodedata.normalize("NFC", text))
    known = _MARKED.sub(_with_known_marks, known)
    known = "".join(c if c < _UNKNOWN else "\N{REPLACEMENT CHARACTER}" for c in known)
    return rf"\mathrm{{{_RARE.sub(_AS_TEXT, known.translate(_ESCAPED))}}}"


def _with_known_marks(marked: re.Match[str]) -> str:
    base, marks = marked[1], marked[2]
    known = "".join(takewhile(_MARKS.__contains__, marks)) if base else ""
    return base + known + ("" if known == marks else "\N{REPLACEMENT CHARACTER}")


_TOKENS = re.compile(r"\\left|\\right|\\.|[{}()\[\]]| [+-] ")
_UNSEEN = re.compile(r"\\(left|right|mathrm|text|frac|operatorname)|[{}_^ ]")
_WIDEST = 80  # characters of a line in a notebook
_LONGEST = 24  # characters of a name
_VARIANT = re.compile("[\ufe00-\ufe0f]")  # chooses how the sign before it looks
_MARKED = re.compile("([^\\W_]?)([\u0300-\u036f]+)")  # a letter or digit, or another sign, and the marks on it
_MARKS = "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0327"  # those that KaTeX knows
_AS_TEXT = r"\\text{\g<0>}"
_RARE = re.compile(  # signs that MathJax knows only as text, such as € and the phonetic alphabet
    "[\u0250-\u02af\u1a21-\u1aaf\u20a0-\u20ff\u2400-\u245f\u2de1-\u2dff\u2fe0-\u2fef\ua4a0-\ua4cf"
    "\U0001d260-\U0001d35f\U0001d380-\U0001d3ff\U0001d800-\U0001deff\U0001fa00-\U0001ffff]+"
)
_UNKNOWN = "\U00020000"  # the first character that Matplotlib cannot read in a formula
_ESCAPED = str.maketrans(
    {**{sign: f"{{{sign}}}" for sign in "<>-+*/=|:,;"}, **{sign: f"\\{sign}" for sign in " _{}$%"}}
    | {"\\": r"{\backslash}", "#": r"{\sharp}", "&": "\N{FULLWIDTH AMPERSAND}", "~": "\N{TILDE OPERATOR}"}
    | {"^": "\N{MODIFIER LETTER CIRCUMFLEX ACCENT}", "'": "\N{RIGHT SINGLE QUOTATION MARK}"}
    | {'"': "\N{RIGHT DOUBLE QUOTATION MARK}", "`": "\N{LEFT SINGLE QUOTATION MARK}"}
    | {
        "®": "\N{CIRCLED LATIN CAPITAL LETTER R}",
        "\N{MATHEMATICAL ITALIC SMALL DOTLESS I}": "\N{LATIN SMALL LETTER DOTLESS I}",
    }
)
"""Signs with a meaning in LaTeX. KaTeX and Matplotlib do not know all of TeX's: some become signs that look alike."""
