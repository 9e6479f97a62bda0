"""One name for each Value of a graph: the same in pictures, trees, explanations and formulas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple, final

from autograd.engine import Value
from autograd.pictures.notation.text import SUBSCRIPTS, printable, subscripted


class Name(NamedTuple):
    """The name of a Value.

    Attributes:
        text: its label on one line; or a letter and a number, if it has none.
        number: which of the Values with this label it is, from 1; 0 if it is the only one.
    """

    text: str
    number: int = 0

    def __str__(self) -> str:
        return indexed(subscripted(self.text), self.number)


def indexed(name: str, index: int) -> str:
    """A name that tells apart Values with the same label, by the index of one of them.

    >>> indexed("w", 2), indexed("w", 0)
    ('w₍₂₎', 'w')
    """
    return f"{name}₍{str(index).translate(SUBSCRIPTS)}₎" if index else name


@final
class Naming:
    """The names of the Values of a graph.

    What has a label is named by it. Values with the same label have an index, in the order of the computation. Without
    a label, the result is y, an input x₁, x₂, ..., and any other number t₁, t₂, ..., by letters that no label has.

    Args:
        order: all nodes, operands before results.
        roots: the results.

    >>> x, w = Value(2.0), Value(3.0, label="w")
    >>> y = (x * w).tanh()
    >>> naming = Naming([x, w, y.operands[0], y], [y])
    >>> [str(naming.of(node)) for node in (x, w, y.operands[0], y)]
    ['x₁', 'w', 't₁', 'y']
    """

    def __init__(self, order: Sequence[Value], roots: Iterable[Value]) -> None:
        self._order, self._roots = order, [*dict.fromkeys(roots)]

    def of(self, node: Value) -> Name:
        """The name of a Value in the order."""
        return self.labelled(node) if label_of(node) else Name(self._letters[id(node)])

    def labelled(self, node: Value) -> Name:
        """The same for a Value with a label; its text is "" if it has none."""
        return Name(label_of(node), self._indices.get(id(node), 0))

    @cached_property
    def _labels(self) -> Counter[str]:
        """How many nodes have each label, as it is shown."""
        found: Counter[str] = Counter()
        for label, count in Counter(filter(None, map(attrgetter("label"), self._order))).items():
            found[_shown(label)] += count
        return found

    @cached_property
    def _indices(self) -> dict[int, int]:
        """The index of each node with the label of another one, by id()."""
        several = {label for label, count in self._labels.items() if count > 1}
        counts: Counter[str] = Counter()
        found: dict[int, int] = {}
        for node in filter(attrgetter("label"), self._order) if several else ():
            label = _shown(node.label)
            if label in several:
                counts[label] += 1
                found[id(node)] = counts[label]
        return found

    @cached_property
    def _letters(self) -> dict[int, str]:
        """The name of each node without a label, by id()."""
        unnamed = [node for node in self._order if not label_of(node)]
        roots = [root for root in self._roots if not label_of(root)]
        found = dict(zip(map(id, roots), self._results(len(roots))))
        leaf, other = self._free("x", "z", "i", "input"), self._free("t", "u", "v", "s", "node")
        counts: Counter[str] = Counter()
        for node in unnamed:
            if id(node) not in found:
                letter = leaf if node.op is None else other
                counts[letter] += 1
                found[id(node)] = f"{letter}{counts[letter]}"
        return found

    def _results(self, count: int) -> Iterator[str]:
        """Names for so many results."""
        if count == 1:
            yield next((name for name in ("y", "out", "result") if name not in self._labels), "root")
            return
        letter = self._free("y", "out", "result", "root")
        yield from (f"{letter}{i}" for i in range(1, count + 1))

    def _free(self, *options: str) -> str:
        """The first that no label is, alone or with a number."""
        return next((x for x in options if not any(_is_numbered(label, x) for label in self._labels)), options[-1])


def label_of(node: Value) -> str:
    """The label on one line; "" if nothing of it can be seen."""
    return printable(node.label).strip() if node.label else ""


def _shown(label: str) -> str:
    return subscripted(printable(label).strip())


def _is_numbered(label: str, letter: str) -> bool:
    return label.startswith(letter) and not label[len(letter) :].strip("₀₁₂₃₄₅₆₇₈₉0123456789")
