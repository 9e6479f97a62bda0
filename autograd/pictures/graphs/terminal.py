"""tree(): a computation graph as text, for terminals."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence, Set
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple, Union, final

import numpy as np

from autograd.engine import Value, topological_order
from autograd.pictures.arguments import is_whole, with_sentences
from autograd.pictures.composed.steps import Steps
from autograd.pictures.graphs.labels import Path
from autograd.pictures.graphs.outdated import NOTE, is_outdated
from autograd.pictures.graphs.places import numbered, operand_places
from autograd.pictures.graphs.wording import SYMBOLS, equation
from autograd.pictures.notation.naming import Naming
from autograd.pictures.notation.numbers import short
from autograd.pictures.notation.text import columns, cut_to, printable, wrapped

Item = Union[Value, Path]
"""What has a line: a Value, or the path of a scope that is collapsed."""

_INDENTED = 8  # levels; what is deeper goes on at the margin
_WIDEST = 48  # columns for the tree; the rest of 80 is for the numbers
_MOST_OPERANDS = 10  # of one node, where not everything fits


@final
class Tree:
    """A graph as text: print it, or let Python or Jupyter show it.

    Attributes:
        lines: the lines, at most 80 columns wide.
        left_out: how many nodes have no line.

    >>> from autograd import Value, tree
    >>> tree(Value(2.0, label="x") * 3).lines
    ['× 3   6', '└─ x  2']
    """

    def __init__(self, lines: list[str], left_out: int) -> None:
        self.lines = lines
        self.left_out = left_out

    def __str__(self) -> str:
        return "\n".join(self.lines)

    __repr__ = __str__


@with_sentences
def tree(y: Value, *, depth: int | None = None, max_lines: int = 40) -> Tree:
    """The graph that computed y as a tree of lines, each with a number and, after a backward(), its gradient.

    Below each node are its operands; constants stand beside the sign of the operation. A node that comes again is
    named, and not repeated. A sum of many terms is one node, and so is a call of softmax, log_softmax, logsumexp or
    cross_entropy. No gradient flows along a dashed line. A collapsed scope is one line, below which is what it uses.

    Args:
        y: the result.
        depth: how many levels of scopes are shown open, from 0; None for as many as fit. One more than there are also
            opens the calls of softmax and the like.
        max_lines: the largest number of lines, 2 or more. If the tree has more, it shows the levels next to y, and the
            last line says how much is left out.

    Raises:
        TypeError: y is not a Value.
        ValueError: depth is negative, or max_lines is less than 2.

    >>> from autograd import Value, tree
    >>> x, w = Value(2.0, label="x"), Value(-3.0, label="w")
    >>> y = (x * w + 6.5).tanh()
    >>> y.backward()
    >>> print(tree(y))
    tanh        0.4621  grad 1
    └─ + 6.5    0.5     grad 0.7864
       └─ ×     −6      grad 0.7864
          ├─ x  2       grad −2.359
          └─ w  −3      grad 1.573
    """
    if not isinstance(y, Value):
        raise TypeError(f"tree() shows one Value, got {type(y).__name__}; pass the result of a computation")
    if depth is not None and (not is_whole(depth, 0)):
        raise ValueError(f"depth is the number of scope levels shown open, 0 or more, got {depth!r}; use 0 for none")
    if not is_whole(max_lines, 2):
        raise ValueError(f"max_lines is the number of lines, 2 or more, got {max_lines!r}; leave it out for 40")
    order = topological_order(y)
    deepest = max(map(len, numbered(order, attrgetter("_scope"))[0]))
    facts = _Facts(order, Steps(order) if depth is None or depth <= deepest else Steps(order, order))
    warning = wrapped(f"… {NOTE}".split(" "), "  ") if is_outdated(order) else []
    for level in [deepest, *reversed(range(deepest))] if depth is None else [depth]:
        graph = _Graph(facts, level)
        notes = [*warning]
        if depth is None and level < deepest:
            hidden = sum(graph.counts.values())
            notes.append(f"… {hidden} nodes are in scopes marked ▸; depth={level + 1} opens more")
        rows = _rows(graph, max_lines - len(notes)) if graph.size <= max_lines else None
        if rows is not None:
            return Tree(_written(graph, rows) + notes, 0)
    rows = _levels(graph, max(max_lines - 1 - len(warning), 1))
    left_out = graph.size - sum(not row.note for row in rows)
    note = f"… {left_out} nodes are left out; max_lines={2 * max_lines} shows more"
    return Tree([*_written(graph, rows), *warning, note], left_out)


# --------------------------------------------------------------------------- what has a line


@final
class _Facts:
    """What is known about the nodes, whatever is collapsed; as arrays, because there may be a million.

    Attributes:
        scopes, scope_numbers: the scopes, and for each node the number of its own.
        starts, places: what operand_places() gives.
        longer, terms: the positions of sums, and of the sums that these make longer by a term.
        has_gradients: whether there was a backward().
        naming: the names of the nodes; steps: what made them.
    """

    def __init__(self, everything: list[Value], steps: Steps) -> None:
        self.order = order = steps.order
        self.steps = steps
        self.scopes, self.scope_numbers = numbered(order, attrgetter("_scope"))
        self.starts: Any
        self.places: Any
        self.starts, self.places = steps.places() if steps.calls else operand_places(order)
        names, operations = numbered(order, attrgetter("op"))
        is_sum = operations == (names.index("add") if "add" in names else -1)
        is_sum[[i for i, node in enumerate(order) if node in steps.calls] if steps.calls else []] = False
        uses = np.bincount(self.places[self.places >= 0], minlength=len(order))
        sums = np.repeat(np.flatnonzero(is_sum), 2)
        terms = self.places[self.starts[sums] + np.arange(len(sums)) % 2]
        is_longer = (terms >= 0) & is_sum[terms] & (uses[terms] == 1)
        is_longer[is_longer] = [not order[i].label for i in terms[is_longer].tolist()]
        self.longer, self.terms = sums[is_longer], terms[is_longer]
        self.has_gradients = any(map(attrgetter("_grad"), order))
        self.naming = Naming(everything, order[-1:])


@final
class _Graph:
    """The items of a tree, and the operands of each.

    Attributes:
        root: the first of them.
        size: how many there are. A sum that is only a term of a longer sum is none.
        counts: how many Values are in each collapsed scope.
        calls: the call that each result of one comes from.
    """

    def __init__(self, facts: _Facts, depth: int) -> None:
        self.root = facts.order[-1]
        self.naming, self.has_gradients, self.calls = facts.naming, facts.has_gradients, facts.steps.calls
        self._facts, self._depth = facts, depth
        numbers: dict[Path, int] = {}
        boxes = [
            numbers.setdefault(scope[: depth + 1], len(numbers)) if len(scope) > depth else -1 for scope in facts.scopes
        ]
        self._boxes = np.array(boxes)[facts.scope_numbers]  # the number of the scope that hides each node, or -1
        self._boxes[-1] = -1
        hidden = np.bincount(self._boxes[self._boxes >= 0], minlength=len(numbers)).tolist()
        self.counts: dict[Item, int] = {path: count for path, count in zip(numbers, hidden) if count}
        self._paths = [*numbers]
        is_shown = (self._boxes[facts.longer] < 0) & (self._boxes[facts.terms] < 0)
        self._terms = {facts.order[i] for i in facts.terms[is_shown].tolist()}
        self.size = len(self.counts) + int(np.count_nonzero(self._boxes < 0)) - len(self._terms)

    @cached_property
    def _used_by_box(self) -> dict[Item, list[Item]]:
        """What each collapsed scope uses, in the order in which it does."""
        boxes, places = self._boxes, self._facts.places
        users = np.repeat(boxes, np.diff(self._facts.starts))
        outside = (users >= 0) & (places >= 0) & (boxes[places] != users)
        users, places = users[outside], places[outside]
        used = np.where(boxes[places] >= 0, boxes[places], len(self._paths) + places)
        _, first = np.unique(users * (len(self._paths) + len(boxes)) + used, return_index=True)
        first.sort()
        found: dict[Item, list[Item]] = {}
        for user, place in zip(users[first].tolist(), places[first].tolist()):
            found.setdefault(self._paths[user], []).append(self.item(self._facts.order[place]))
        return found

    def item(self, node: Value) -> Item:
        """The node itself, or the scope in which it is hidden."""
        if len(node.scope) <= self._depth or node is self.root:
            return node
        return node.scope[: self._depth + 1]

    def operands(self, item: Item) -> list[tuple[Item | float, bool]]:
        """What an item is made of, and whether a gradient flows there. Each scope comes once."""
        if isinstance(item, tuple):
            return [(x, True) for x in self._used_by_box.get(item, ())]
        pairs = []
        waiting = self._facts.steps.edges(item)[::-1]
        while waiting:  # iterative: a sum may be deeper than the stack of Python
            x, slope = waiting.pop()
            if isinstance(x, Value) and x in self._terms and item.op == "add" and item not in self.calls:
                waiting += [*zip(x.operands, x._slopes)][::-1]
            else:
                pairs.append((x, slope))
        if item.op == "dot":
            middle = len(pairs) // 2
            pairs = [pair for both in zip(pairs[:middle], pairs[middle:]) for pair in both]
        found: dict[object, tuple[Item | float, bool]] = {}
        for i, (x, slope) in enumerate(pairs):
            operand = self.item(x) if isinstance(x, Value) else x
            found.setdefault(operand if isinstance(operand, tuple) else i, (operand, slope is not None))
        return list(found.values())

    def below(self, item: Item) -> list[tuple[Item, bool]]:
        """Those of the operands that have lines: all but constants."""
        return [(x, flows) for x, flows in self.operands(item) if not isinstance(x, float)]


# --------------------------------------------------------------------------- the lines, in order


class _Row(NamedTuple):
    """A line of a tree.

    Attributes:
        branches: what stands before the name.
        note: "again" for an item that has a line elsewhere, "more" for operands without a line; otherwise "".
        rest: how many operands these are.
        is_open: whether its operands have lines.
    """

    branches: str
    item: Item
    note: str = ""
    rest: int = 0
    is_open: bool = True


class _Step(NamedTuple):
    """A row to be written, and where its operands begin."""

    row: _Row
    below: str
    level: int
    indent: int


def _levels(graph: _Graph, most: int) -> list[_Row]:
    """As many levels next to the root as fit into so many lines."""
    fitting, low, high = [_Row("", graph.root, is_open=False)], 1, most
    while low <= high:
        level = (low + high) // 2
        rows = _rows(graph, most, level, _MOST_OPERANDS)
        if rows is None:
            high = level - 1
        else:
            fitting, low = rows, level + 1
    return fitting


def _rows(graph: _Graph, most: int, levels: float = math.inf, operands: float = math.inf) -> list[_Row] | None:
    """The rows of a tree, depth first; None if there are more than this.

    Args:
        levels: how many levels below the root.
        operands: how many operands of a node.
    """
    rows: list[_Row] = []
    placed: set[Item] = set()
    later = deque([_Step(_Row("", graph.root), "", 0, 0)])
    while later:
        stack = [later.popleft()]  # iterative: a tree may be deeper than the stack of Python
        while stack:
            row, _, level, indent = step = stack.pop()
            below = [] if row.note else graph.below(row.item)
            if row.item in placed and indent and not row.note:
                rows.append(row._replace(note="again"))
            elif indent >= _INDENTED and below:
                rows.append(row._replace(note="again"))
                later.append(_Step(_Row("", row.item), "", level, 0))
            else:
                rows.append(row._replace(is_open=level < levels or not below))
                if level < levels:
                    stack += reversed(_steps(step, below, operands))
            placed.add(row.item)
            if len(rows) + len(stack) + len(later) > most:
                return None
    return rows


def _steps(step: _Step, below: list[tuple[Item, bool]], most: float) -> list[_Step]:
    """The operands of a node, one below the other; a last line tells how many more there are."""
    shown = below if len(below) <= most else below[: int(most) - 1]
    steps = []
    for i, (x, flows) in enumerate(shown):
        is_last = i == len(below) - 1
        branch = ("└" if is_last else "├") + ("─ " if flows else "╌ ")
        row = _Row(step.below + branch, x)
        steps.append(_Step(row, step.below + ("   " if is_last else "│  "), step.level + 1, step.indent + 1))
    if len(shown) < len(below):
        row = _Row(step.below + "└─ ", step.row.item, "more", len(below) - len(shown))
        steps.append(_Step(row, "", step.level + 1, step.indent + 1))
    return steps


# --------------------------------------------------------------------------- their text


def _written(graph: _Graph, rows: list[_Row]) -> list[str]:
    """The rows as text, in columns."""
    places = {row.item: i for i, row in enumerate(rows) if not row.note}
    again = {row.item for row in rows if row.note == "again"}
    texts = []
    for i, row in enumerate(rows):
        if row.note == "more":
            text = f"… {row.rest} more"
        elif row.note == "again":
            text = f"{_name(graph, row.item, again)}, see {'above' if places[row.item] < i else 'below'}"
        else:
            text = _title(graph, row.item, again) + ("" if row.is_open else " …")
        texts.append(cut_to(row.branches + text, _WIDEST))
    numbers = ["" if row.note or isinstance(row.item, tuple) else short(row.item._number) for row in rows]
    wide = max(columns(text) for text, number in zip(texts, numbers) if number)  # the root has a number
    broad = max(map(len, numbers))
    lines = []
    for row, text, number in zip(rows, texts, numbers):
        line = f"{text}{' ' * (wide - columns(text))}  {number:{broad}}"
        if number and graph.has_gradients:
            line += f"  grad {short(row.item._grad)}"  # type: ignore[union-attr]  # a Value, because it has a number
        lines.append(line.rstrip())
    return lines


def _name(graph: _Graph, item: Item, again: Set[Item]) -> str:
    """The name of an item: that of a scope, or the label of a Value; that of any Value which comes again."""
    if isinstance(item, tuple):
        return f"▸ {printable(item[-1])}"
    return str(graph.naming.of(item) if item in again else graph.naming.labelled(item))


def _title(graph: _Graph, item: Item, again: Set[Item]) -> str:
    """What a line says beside the numbers: the name, and how it was made."""
    name = _name(graph, item, again)
    if isinstance(item, tuple):
        count = graph.counts[item]
        return f"{name}: {count} nodes" if count > 1 else f"{name}: 1 node"
    if item.op is None:
        return name or "input"
    if item in graph.calls:
        return f"{name} = {graph.calls[item].name}" if name else graph.calls[item].name
    operands = [x for x, _ in graph.operands(item)] if item.op == "add" else item.operands  # a long sum has all terms
    if not name and not (item.op == "subtract" and any(isinstance(x, float) for x in operands)):
        return made(item, operands, graph.naming)
    how = _equation(graph, item, operands, again)
    return f"{name} = {how}" if name else how


def _equation(graph: _Graph, node: Value, operands: Sequence[Item | float], again: Set[Item]) -> str:
    """How a node was made, in the names that the tree has."""
    operation = node._operation
    assert operation is not None  # _title() has asked
    if operation.name == "dot":
        how = made(node, operands, graph.naming)
        return f"{how}(…)" if how == "dot" else how
    if len(operands) > 2 and operation.name == "add":
        return f"sum of {sum(x != 0.0 for x in operands)}"
    names = [short(x) if isinstance(x, float) else _name(graph, x, again) for x in operands]
    return equation(operation, operands, ["" if isinstance(x, tuple) else name for x, name in zip(operands, names)])


def made(node: Value, operands: Sequence[Item | float], naming: Naming) -> str:
    """How a node was made: the sign of the operation, and the constants among the operands."""
    operation = node._operation
    assert operation is not None  # _title() has asked
    symbol = SYMBOLS.get(operation.symbol, printable(operation.symbol))
    if operation.name == "dot":
        a, b = (_stem(vector, naming) for vector in operation.arranged(node.operands))
        return f"{a} · {b}" if a and b else "dot"
    constants = [short(x) for x in operands if isinstance(x, float)]
    if not constants:
        return symbol
    if len(operands) == 2 and isinstance(operands[0], float):
        return f"{constants[0]} {symbol}"
    if len(operands) == 2 or operation.name == "add":
        return " ".join(f"{symbol} {x}" for x in constants)
    return f"{symbol}({', '.join(short(x) if isinstance(x, float) else '·' for x in operands)})"


def _stem(vector: Sequence[Value | float], naming: Naming) -> str:
    """What the names of a vector's elements have in common: w for w₁ and w₂; "" if they have nothing."""
    stems = {str(naming.labelled(x)).rstrip("₀₁₂₃₄₅₆₇₈₉") if isinstance(x, Value) else "" for x in vector}
    return stems.pop() if len(stems) == 1 else ""
