"""What a page knows of a graph to draw it: names, titles, formulas, scopes, and what is alike."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any, final

import numpy as np

from autograd.engine import Value
from autograd.pictures.composed.calls import Composed, levels
from autograd.pictures.graphs.choice import Choice
from autograd.pictures.graphs.classes import MANY, alike
from autograd.pictures.graphs.contents import Node
from autograd.pictures.graphs.labels import Path, name_of, natural
from autograd.pictures.graphs.selection import Part
from autograd.pictures.graphs.snapshot import READABLE
from autograd.pictures.graphs.sums import Sum, long_sums
from autograd.pictures.graphs.wording import Names
from autograd.pictures.notation.mathematics import unicode_of
from autograd.pictures.notation.naming import Naming
from autograd.pictures.notation.text import cut

_LONGEST = 40  # characters of a name in a sentence
_LONG = 10  # a longer name stands behind a point in a product

_RESULT = 0x18FF
_MARKS = "[\U00020000-\U000218ff\ue000-\uf8ff]"
"""Characters that stand for the names of operands in a formula, and the last of each range for that of the result."""


@final
class Cards:
    """The nodes and scopes of a graph, and which of the scopes are open at first.

    Args:
        part: all of a graph.
        choice: which scopes are closed, and which leaves are parameters.

    Raises:
        ValueError: there are more nodes and boxes than choice.max_nodes, even if all scopes are closed.
    """

    def __init__(self, part: Part, choice: Choice) -> None:
        self._part, self._choice, self._order = part, choice, part.order
        self._paths, self._numbers = part.scopes
        self._most = choice.max_nodes or len(self._order)
        prefixes = {path[:level] for path in self._paths for level in range(1, len(path) + 1)}
        self._scopes = sorted(prefixes, key=lambda path: (len(path), natural(path)))
        self._collapsed = choice.collapsed({name for path in self._paths for name in path})
        self._is_large = len(self._order) > self._most
        self._depth = self._first_depth()
        self._templates: dict[str, int] = {}
        self._known: dict[Any, str] = {}

    def nodes(self) -> list[dict[str, Any]]:
        """For each node its name, title, kind and scope, and the formula of each partial derivative."""
        naming = Naming(self._order, self._part.roots)
        whole = [naming.of(node) for node in self._order]
        named = [replace(node, label=name.text, index=name.number) for node, name in zip(self._plain, whole)]
        names = Names(named)
        counts = Counter(names.of(node.key) for node in named)
        places = {path: i for i, path in enumerate(self._scopes)}
        shown = [
            names.of(node.key) if counts[names.of(node.key)] == 1 else cut(str(name), _LONGEST)
            for node, name in zip(named, whole)
        ]
        brief = [names.of(node.key) for node in named]
        found = []
        for i, (node, scope) in enumerate(zip(named, self._numbers.tolist())):
            facts: dict[str, Any] = {"name": shown[i], "title": names.title(node), "kind": node.kind}
            if brief[i] != shown[i]:
                facts["brief"] = brief[i]
            if path := self._paths[scope]:
                facts["scope"] = places[path]
            if node.operation is not None:
                facts["formulas"] = [*self._formulas(node, brief[i], brief)]
                facts["isOrdered"] = not node.operation.symmetric and node.operation.name != "dot"
            found.append(facts)
        return found

    def templates(self) -> list[str]:
        """The formulas, with a private character for each name."""
        return [*self._templates]

    def scopes(self) -> list[dict[str, Any]]:
        """Each scope after that around it: its name, the number of that, and whether it is open at first."""
        places = {path: i for i, path in enumerate(self._scopes)}
        return [
            {"name": name_of(path), "parent": places.get(path[:-1]), "isOpen": self._is_open(path, self._depth)}
            for path in self._scopes
        ]

    def groups(self) -> list[dict[str, Any]]:
        """Nodes that are drawn as one, because a large graph has many that are alike, or adds up many."""
        found = []
        for members, ends in self._groups:
            first, *others = [self._plain[i] for i in ends]
            terms = len(self._sums[ends[0]].terms) if ends[0] in self._sums else 0
            constants = tuple([x for node in others for x in node.operands if isinstance(x, float)])
            node = replace(first, others=tuple([(x.data, 0.0) for x in others]), constants=constants, terms=terms)
            title = Names([node]).title(node)
            kind = "operation" if node.kind == "result" else node.kind
            found.append({"members": members, "shows": ends, "title": title, "kind": kind})
        return found

    # ----------------------------------------------------------------------- scopes

    def _is_open(self, path: Path, depth: int | None) -> bool:
        if isinstance(path[-1], Composed) and (self._choice.depth or 0) <= levels(self._scopes):
            return False
        return path[-1] not in self._collapsed and (depth is None or len(path) <= depth)

    def _first_depth(self) -> int | None:
        """How many levels of scopes are open at first; None for all."""
        depth = self._choice.depth
        if depth is not None and (not isinstance(depth, int) or depth < 0):
            raise ValueError(
                f"depth is the number of scope levels drawn open, 0 or more, got {depth!r}; use 0 for none"
            )
        deepest = max(map(len, self._paths), default=0)
        depths = [depth] if depth is not None or not self._is_large else [None, *range(deepest - 1, -1, -1)]
        counts = {depth: self._count(depth) for depth in depths}
        fitting = [depth for depth, count in counts.items() if count <= min(self._most, READABLE)]
        chosen = fitting[0] if fitting else min(counts, key=counts.__getitem__)
        if counts[chosen] > self._most:
            raise ValueError(
                f"the graph has {counts[chosen]} nodes to show, more than max_nodes={self._most}; "
                "record parts of it in `with scope(name):` blocks, or raise max_nodes"
            )
        return chosen

    def _count(self, depth: int | None) -> int:
        """How many nodes and boxes are shown with so many levels of scopes open."""
        boxes = [self._box_of(path, depth) for path in self._paths]
        is_open = np.array([box is None for box in boxes])[self._numbers]
        units = self._units[is_open]
        return len({box for box in boxes if box is not None}) + len(np.unique(units))

    def _box_of(self, path: Path, depth: int | None) -> Path | None:
        return next((path[:k] for k in range(1, len(path) + 1) if not self._is_open(path[:k], depth)), None)

    # ----------------------------------------------------------------------- nodes

    @cached_property
    def _plain(self) -> list[Node]:
        """The nodes as those of a picture, with their own labels."""
        keys = [f"value{i}" for i in range(len(self._order))]
        starts, places = self._part.operands
        found = []
        for i, node in enumerate(self._order):
            used = places[starts[i] : starts[i + 1]].tolist()
            operands = tuple([x if isinstance(x, float) else keys[k] for x, k in zip(node.operands, used)])
            path = self._paths[self._numbers[i]]
            found.append(
                Node(keys[i], self._kind(node), path, str(node.label), node._number, 0.0, node._operation, operands)
            )
        return found

    def _kind(self, node: Value) -> str:
        if node._operation is None:
            return "parameter" if self._choice.is_parameter(node) else "input"
        return "result" if node in self._roots else "operation"

    @cached_property
    def _roots(self) -> set[Value]:
        return set(self._part.roots)

    @cached_property
    def _sums(self) -> dict[int, Sum]:
        """The long sums of a large graph, by the last addition."""
        if not self._is_large:
            return {}
        may_be_step = self._part.uses == 1
        may_be_step[self._part.root_places] = False
        return long_sums(self._order, range(len(self._order)), self._part.operands, may_be_step, None)

    @cached_property
    def _groups(self) -> list[tuple[list[int], list[int]]]:
        """For each node that stands for several all of these, and those whose numbers it shows."""
        if not self._is_large:
            return []
        steps = {step for made in self._sums.values() for step in made.steps}
        chosen = [i for i in range(len(self._order)) if i not in steps]
        classes = alike(self._order, chosen, [0] * len(self._order), self._used, self._kind)
        ends: dict[int, list[int]] = {}
        for i, number in classes.items():
            ends.setdefault(number, []).append(i)
        found = []
        for group in ends.values():
            members = sorted([*group, *[step for i in group if i in self._sums for step in self._sums[i].steps]])
            if len(members) >= MANY or len(members) > len(group):
                found.append((members, group))
        return found

    def _used(self, i: int) -> list[int]:
        """The positions of the operands of a node, or of the terms of a long sum; -1 for constants."""
        starts, places = self._part.operands
        if i in self._sums:
            return [int(places[starts[step] + k]) for step, k in self._sums[i].terms]
        return places[starts[i] : starts[i + 1]].tolist()  # type: ignore[no-any-return]  # ints

    @cached_property
    def _units(self) -> Any:
        """For each node the first node of its card, which shows all nodes that are drawn as one."""
        units = np.arange(len(self._order))
        for members, _ in self._groups:
            units[members] = members[0]
        return units

    # ----------------------------------------------------------------------- formulas

    def _formulas(self, node: Node, name: str, names: list[str]) -> Iterator[int | None]:
        """For each operand the number of the formula of its partial derivative; None for those that are a number."""
        assert node.operation is not None  # a leaf has no operands
        edges = node.operation.edges(len(node.operands))
        places = {argument: k for k, (argument, _) in enumerate(edges)}
        for k, (argument, formula) in enumerate(edges):
            if formula is None or isinstance(node.operands[k], float) or k >= _RESULT:
                yield None
                continue
            known: dict[str, str | float] = {}
            for letter in {argument, *re.findall(r"[a-z]\w*", formula)} & {"y", *places}:
                x = node.operands[places[letter]] if letter != "y" else node.key
                text = name if letter == "y" else names[int(x.removeprefix("value"))] if isinstance(x, str) else ""
                known[letter] = x if isinstance(x, float) else _mark(_RESULT if letter == "y" else places[letter], text)
            key = (formula, argument, len(edges) == 1, tuple(sorted(known.items(), key=str)))
            if key not in self._known:
                self._known[key] = _formula(formula, argument, known, alone=len(edges) == 1)
            text = self._known[key]
            yield self._templates.setdefault(text, len(self._templates)) if text else None


def _mark(place: int, name: str) -> str:
    """What stands for a name in a formula: a letter for a word, another sign for what needs parentheses."""
    is_word = all(c.isalnum() or c in "_.'[]₀₁₂₃₄₅₆₇₈₉" for c in name)
    is_long = len(name) >= _LONG or name[:1].isdigit()
    return chr(place + (0x20000 if is_word else 0xE000)) * (_LONG if is_long else 1)


def _formula(formula: str, argument: str, known: dict[str, str | float], *, alone: bool) -> str:
    """The formula as text; "" if it is a number."""
    text = unicode_of(formula, known)
    if not re.search(_MARKS, text):
        return ""
    return text if alone else f"∂/∂{str(known[argument])[0]} = {text}"
