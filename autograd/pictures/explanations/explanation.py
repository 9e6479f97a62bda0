"""explain(): why a gradient is what it is, path by path."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterator
from typing import final

from autograd.engine import Value, topological_order
from autograd.pictures.arguments import with_sentences
from autograd.pictures.explanations.cause import because
from autograd.pictures.explanations.paths import GradientPath, Place, product_of, search
from autograd.pictures.graphs.classes import MANY
from autograd.pictures.graphs.outdated import NOTE
from autograd.pictures.graphs.terminal import made
from autograd.pictures.notation.formula import Formula, name_of
from autograd.pictures.notation.mathematics import latex_of_tree
from autograd.pictures.notation.naming import Naming
from autograd.pictures.notation.numbers import short, span
from autograd.pictures.notation.text import COLUMNS, cut_within, wrapped

Style = Callable[[str], str]
"""How a name is written: as it is, or so that Markdown shows it as it is."""

_LONGEST = 24  # columns of a name
_MOST_EDGES = 10  # of a path in text; the others are left out of its middle
_MOST_PLACES = 5


@with_sentences
def explain(y: Value, x: Value, *, k: int = 5) -> Explanation:
    """Why the gradient of y by x is what it is: the paths from x to y, and what each adds to it.

    Along a path the partial derivatives multiply, and the products of all paths add up to the gradient. All paths are
    counted, but only the largest are found, so a graph of 2**200 paths is explained at once. It needs no backward()
    before, and changes no `.grad`. If five or more paths go through the same operations, as those of all samples of a
    batch do, each line is about all of a kind: their sum, and the least and the largest product.

    Args:
        y: the result.
        x: what it was computed from: a leaf, or a result on the way.
        k: how many paths, or kinds of them, to list: those with the products, or sums, of the largest magnitude.

    Raises:
        TypeError: y or x is not a Value, or k is not an int.
        ValueError: k is less than 1.

    >>> from autograd import Value, explain
    >>> x, w = Value(2.0, label="x"), Value(-3.0, label="w")
    >>> print(explain(x * w + x**2, x))
    The gradient of y by x is 1. 2 paths lead from x to it. Along each, the partial
    derivatives multiply:
    <BLANKLINE>
       share  product  path
       400 %        4  x ─(4)→ ^ 2 ─(1)→ y
      −300 %       −3  x ─(−3)→ × ─(1)→ y
    <BLANKLINE>
    They add up to 1, the gradient.
    """
    for name, value in (("y", y), ("x", x)):
        if not isinstance(value, Value):
            raise TypeError(f"explain() takes a Value as {name}, got {type(value).__name__}; write explain(y, x)")
    if not hasattr(k, "__index__"):
        raise TypeError(f"k is the number of paths to list, an int, got {type(k).__name__}; leave it out for 5")
    if k < 1:
        raise ValueError(f"k is the number of paths to list, 1 or more, got {k}; leave it out for 5")
    return Explanation(y, x, operator.index(k))


@final
class Explanation:
    """Why a gradient is what it is: print it, or let Python or Jupyter show it.

    Attributes:
        y, x: the result, and what the gradient is by.
        gradient: the derivative of y by x, with the bits that backward() gives.
        count: how many paths a gradient flows along. It may have many digits.
        paths: the largest of them, each with `nodes` from x to y, `partials`, their `product`, and its `share` of the
            gradient.
        magnitude: the sum of the magnitudes of all products; where it is much larger than the gradient, paths cancel.
        lost: where gradient is lost on the way from y to x, each with `node`, `operand`, `partial` and `reason`.
        blown: where it becomes very large, infinite or nan: partial derivatives of a million or more, and overflow.

    >>> from autograd import Value, explain
    >>> x = Value(3.0, label="x")
    >>> found = explain(x * x, x)
    >>> found.gradient, found.count, [path.share for path in found.paths]
    (6.0, 2, [0.5, 0.5])
    >>> print(found.latex())
    \\frac{\\partial y}{\\partial x} = 3 + 3 = 6
    """

    def __init__(self, y: Value, x: Value, k: int) -> None:
        self.y, self.x = y, x
        order = topological_order(y)
        found = search(order, x, k)
        self._naming = Naming(order if found.depends else [x, *order], [y])
        self.gradient, self.count, self.magnitude = found.gradient, found.number, found.magnitude
        self.lost, self.blown = found.lost, found.blown
        self._count_lost, self._count_blown = found.number_lost, found.number_blown
        self._calls = found.calls
        self._depends, self._is_outdated = found.depends, found.is_outdated
        self.paths = [self._path(nodes, partials) for nodes, partials in found.best]
        has_many = any(group.number >= MANY for group, _, _ in found.groups)
        groups = found.groups[:k] if has_many else []
        self._groups = [(group, self._path(nodes, partials)) for group, nodes, partials in groups]

    def _path(self, nodes: tuple[Value, ...], partials: tuple[float, ...]) -> GradientPath:
        product = product_of(partials)
        has_shares = self.gradient != 0.0 and math.isfinite(self.gradient)
        return GradientPath(nodes, partials, product, product / self.gradient if has_shares else math.nan)

    # ----------------------------------------------------------------------- as text

    def __str__(self) -> str:
        lines = wrapped(self._begin(str).split(" "))
        if self.count and self.x is not self.y:
            lines += ["", *self._table(), "", *wrapped(self._end().split(" "))]
        for title, places in self._places(str):
            lines += ["", title]
            for place in places:
                lines += wrapped(["-", *place.split(" ")], "  ")
        if self._is_outdated:
            lines += ["", *wrapped(_OUTDATED.split(" "))]
        return "\n".join(lines)

    __repr__ = __str__

    def _table(self) -> Iterator[str]:
        found = [*self._rows(str)]
        what = "sum" if self._groups else "product"
        rows = [("share", what)] + [(_percent(share), short(x)) for share, x, _ in found]
        wide, broad = (max(map(len, column)) for column in zip(*rows))
        texts = [["path"]] + [wrapped(steps, room=COLUMNS - wide - broad - 6) for _, _, steps in found]
        for (share, product), (first, *others) in zip(rows, texts):
            yield f"  {share:>{wide}}  {product:>{broad}}  {first}"
            yield from (" " * (wide + broad + 8) + line for line in others)

    def _rows(self, style: Style) -> Iterator[tuple[float, float, list[str]]]:
        """The share, the product and the steps of each path. Many paths that are alike have one row together."""
        if not self._groups:
            yield from ((path.share, path.product, self._steps(path, style)) for path in self.paths)
        for group, path in self._groups:
            steps = self._steps(path, style)
            if group.number > 1:
                numbers = span([group.least, group.most])
                steps = [*f"{_count(group.number)} paths, each {numbers}, such as".split(" "), *steps]
            share = group.total / self.gradient if self.gradient and math.isfinite(self.gradient) else math.nan
            yield share, group.total, steps

    # ----------------------------------------------------------------------- as Markdown and LaTeX

    def markdown(self) -> str:
        """The same in Markdown, with a table. Names are shown as they are, whatever they contain."""
        blocks = [self._begin(_code)]
        if self.count and self.x is not self.y:
            rows = [
                f"| {_percent(share, _NO_BREAK)} | {short(x)} | {' '.join(steps)} |"
                for share, x, steps in self._rows(_code)
            ]
            what = "sum" if self._groups else "product"
            blocks += ["\n".join([f"| share | {what} | path |", "|---:|---:|:---|", *rows]), self._end()]
        for title, places in self._places(_code):
            blocks += [title, "\n".join(f"- {place}" for place in places)]
        return "\n\n".join([*blocks, *([_OUTDATED] if self._is_outdated else [])])

    def _repr_markdown_(self) -> str:
        return self.markdown()

    def latex(self) -> Formula:
        """The sum of the products as a formula in LaTeX."""
        above, below = (name_of(*self._naming.of(node)) for node in (self.y, self.x))
        terms = [_term(path.partials) for path in self.paths] or ["0"]
        if len(terms) > 1:
            terms = [f"({term})" if term.startswith("-") else term for term in terms]
        total = " + ".join([*terms, r"\cdots"] if self.count > len(self.paths) else terms)
        gradient = _latex_number(self.gradient)
        right = total if total == gradient else f"{total} = {gradient}"
        return Formula([(rf"\frac{{\partial {above}}}{{\partial {below}}}", right)])

    # ----------------------------------------------------------------------- its sentences

    def _begin(self, style: Style) -> str:
        y, x = style(self._node(self.y)), style(self._node(self.x))
        if self.x is self.y:
            return f"The gradient of {y} by itself is 1."
        if not self._depends:
            is_cut = self.y._operation is None and self.y._slopes
            why = "was computed within no_grad()" if is_cut else "was not computed from it"
            hint = "A number that went through .data, float() or detach() is constant."
            return f"{y} does not depend on {x}: it {why}. {hint}"
        begin = f"The gradient of {y} by {x} is {short(self.gradient)}."
        if not self.count:
            return f"{begin} No gradient flows from {y} to {x}: on each path, it is lost."
        many, each = ("One path leads", "it") if self.count == 1 else (f"{_count(self.count)} paths lead", "each")
        many = many[0].upper() + many[1:]
        return f"{begin} {many} from {x} to it. Along {each}, the partial derivatives multiply:"

    def _end(self) -> str:
        total = sum(path.product for path in self.paths)
        is_gradient = f"{short(self.gradient)}, the gradient."
        listed = sum(group.number for group, _ in self._groups)
        if self._groups:
            total = sum(group.total for group, _ in self._groups)
        if self._groups and listed < self.count:
            said = f"These {_count(listed)} add up to {short(total)}. All {_count(self.count)} add up to {is_gradient}"
        elif not self._groups and self.count > len(self.paths):
            largest = "The largest one has" if len(self.paths) == 1 else f"The {len(self.paths)} largest add up to"
            said = f"{largest} {short(total)}. All {_count(self.count)} add up to {is_gradient}"
        elif not _is_near(total, self.gradient, self.magnitude):
            said = (
                f"Together, these are {short(total)}. But backward() gets {short(self.gradient)}: "
                "on the way, a number was too large or too small for float64."
            )
        else:
            said = f"{'This is' if self.count == 1 else 'They add up to'} {is_gradient}"
        if abs(self.gradient) * _CANCELS < self.magnitude < math.inf:
            said += f" The paths cancel: their magnitudes add up to {short(self.magnitude)}."
        return said

    def _places(self, style: Style) -> Iterator[tuple[str, list[str]]]:
        """The titles and lines of what is lost and blown up."""
        for begin, count, places in (
            ("Gradient is lost", self._count_lost, self.lost),
            ("It is blown up", self._count_blown, self.blown),
        ):
            alike: dict[tuple[str, str, str], list[Place]] = {}
            for place in places:
                key = self._how(place.node), self._node(place.operand), place.reason
                alike.setdefault(key, []).append(place)
            lines = [self._place(group, style) for group in [*alike.values()][:_MOST_PLACES]]
            rest = len(places) - sum(map(len, [*alike.values()][:_MOST_PLACES]))
            if lines:
                yield f"{begin} {self._where(count)}:", lines + ([f"and in {rest:,} other places"] if rest else [])

    def _where(self, count: int) -> str:
        """On how many of the paths; "here" if they are all, or if none was counted."""
        if not count or count == self.count:
            return "here" if self.count <= 1 or not count else "on each path"
        return f"on {_count(count)} of {_count(self.count)} paths"

    def _how(self, node: Value) -> str:
        return f"{self._node(node)} = {self._made(node)}" if node.label else self._made(node)

    def _place(self, places: list[Place], style: Style) -> str:
        """A line about a place, or about several that read the same."""
        first = places[0]
        times = f" ({len(places):,} times)" if len(places) > 1 else ""
        node, operand = style(self._how(first.node)) + times, style(self._node(first.operand))
        if first.partial is None:
            return f"{node}: no gradient flows to {operand}"
        partials = [place.partial for place in places if place.partial is not None]
        what = "its partial derivative" if len(first.node.inputs) == 1 else f"the partial derivative by {operand}"
        if first.node in self._calls:
            return f"{node}: the partial derivative by {operand} is {span(partials)}{_SAID.get(first.reason, '')}"
        why = because(
            [place.node for place in places], first.operand, lambda x: style(label) if (label := self._label(x)) else ""
        )
        return f"{node}: {what} is {span(partials)}{why}{_SAID.get(first.reason, '')}"

    def _node(self, node: Value) -> str:
        """The name of a node; without a label, that of y and x, and how others were made."""
        return self._label(node) or cut_within(self._made(node) if node.op else short(node._number), _LONGEST)

    def _label(self, node: Value) -> str:
        """The name of a node; "" if it has none."""
        name = self._naming.of(node) if node is self.y or node is self.x else self._naming.labelled(node)
        return cut_within(str(name), _LONGEST)

    def _made(self, node: Value) -> str:
        if node in self._calls:
            return self._calls[node].name
        return cut_within(made(node, node.operands, self._naming), _LONGEST)

    def _steps(self, path: GradientPath, style: Style) -> list[str]:
        """The nodes of a path, and its partial derivatives; of a long one, the middle is left out."""
        steps: list[tuple[list[float], Value]] = []
        for partial, node in zip(path.partials, path.nodes[1:]):
            if steps and self._is_step_of_sum(partial, node) and self._is_step_of_sum(steps[-1][0][-1], steps[-1][1]):
                steps[-1][0].append(partial)  # of a long sum
            else:
                steps.append(([partial], node))
        begin, end = (
            (steps, []) if len(steps) <= _MOST_EDGES else (steps[: _MOST_EDGES // 2], steps[-_MOST_EDGES // 2 :])
        )
        shown = [self._step(*step, style) for step in begin]
        if end:
            rest = [partial for partials, _ in steps[len(begin) : len(steps) - len(end)] for partial in partials]
            shown.append(f"─({len(rest):,} more, together {short(product_of(tuple(rest)))})→ …")
            shown += [self._step(*step, style) for step in end]
        return [style(self._node(self.x)), *shown]

    def _is_step_of_sum(self, partial: float, node: Value) -> bool:
        is_sum = node.op == "add" and node not in self._calls
        return partial == 1.0 and is_sum and not node.label and node is not self.y

    def _step(self, partials: list[float], node: Value, style: Style) -> str:
        name, times = self._node(node), ""
        if len(partials) > 1:
            name, times = "+", f" ({len(partials):,} times)"
        return f"─({short(partials[0])})→ {style(name)}{times}"


# --------------------------------------------------------------------------- words and numbers

_NO_BREAK = "\N{NO-BREAK SPACE}"
_CANCELS = 10.0  # times the gradient, are the magnitudes of paths that cancel
_OUTDATED = f"{NOTE[0].upper()}{NOTE[1:]}."
_SAID = {
    "underflow": ", and the product is too small for float64",
    "overflow": ", and the gradient becomes too large for float64",
    "nan": ", and the gradient becomes nan",
}


def _count(number: int) -> str:
    """A number of paths, which may have a million digits."""
    if number < 10**15:
        return f"{number:,}"
    exponent = math.floor(math.log10(number))
    digits = 10.0 ** (math.log10(number) - exponent)
    return f"about {digits:.3g} · 10^{exponent}"


def _percent(share: float, space: str = " ") -> str:
    return "" if math.isnan(share) else f"{short(float(f'{100.0 * share:.3g}'))}{space}%"


def _is_near(total: float, gradient: float, magnitude: float) -> bool:
    """Whether the sum of the products is the gradient, but for rounding."""
    if math.isfinite(total) and math.isfinite(gradient):
        return abs(total - gradient) <= 1e-9 * magnitude
    return total == gradient or (math.isnan(total) and math.isnan(gradient))


def _code(name: str) -> str:
    """A name in Markdown as code, with its signs as numbers of HTML, which no renderer reads as markup."""
    return f"<code>{''.join(c if c.isalnum() or c == ' ' or not c.isascii() else f'&#{ord(c)};' for c in name)}</code>"


def _latex_number(x: float) -> str:
    return latex_of_tree(ast.Constant(x), {})


def _term(partials: tuple[float, ...]) -> str:
    """A product of partial derivatives; of a long one, the middle is left out."""
    numbers = [_latex_number(partial) for partial in partials] or ["1"]
    shown = numbers if len(numbers) <= 6 else [*numbers[:3], r"\cdots", *numbers[-2:]]
    return r" \cdot ".join(f"({x})" if i and x.startswith("-") else x for i, x in enumerate(shown))
