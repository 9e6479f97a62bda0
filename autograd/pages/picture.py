"""The picture of a player: that of draw(), with room for other numbers, and with marks by which a script finds them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from autograd.engine import Value
from autograd.operations import table
from autograd.pictures.canvas.paper import safe
from autograd.pictures.canvas.picture import placed
from autograd.pictures.graphs.choice import Choice
from autograd.pictures.graphs.contents import Node
from autograd.pictures.graphs.layout import arrange
from autograd.pictures.graphs.scene import Arrow, Card, Scene, scene
from autograd.pictures.graphs.selection import Part
from autograd.pictures.graphs.snapshot import snapshot
from autograd.pictures.graphs.svg import svg
from autograd.pictures.graphs.wording import Names
from autograd.pictures.notation.text import Run, cut, printable

_ROOM = "−0.00000"
"""The widest of most numbers: cards are as wide as if they had it."""

_LONGEST = 40  # characters of a name in a sentence

_SPAN = f"{_ROOM} … {_ROOM}"
"""As much room for the least and the largest of several numbers."""


@dataclass(frozen=True)
class Drawn:
    """A picture and what is on it.

    Attributes:
        svg: the picture.
        cards: of each card its key, its name, its kind, and the position of its node; None if it has several.
        shown: for each node of the graph the card that shows it.
        arrows: of each arrow the cards at its ends, the node and the operand, and the formula of the partial.
        hidden: how many nodes are in boxes.
    """

    svg: str
    cards: list[dict[str, Any]]
    shown: list[int]
    arrows: list[dict[str, Any]]
    hidden: int


_FEW = 400
"""How many nodes and boxes a picture has at most with more or fewer scopes open than the first one has."""


def pictures(part: Part, choice: Choice, direction: str, *, partials: bool, title: str) -> tuple[list[Drawn], int]:
    """The picture of a graph with more and more of its scopes open, and which of these is the first one to show."""
    first = drawn(part, choice, direction, partials=partials, title=title)
    found: list[Drawn] = []
    levels = max(map(len, part.drawn_scopes[0]), default=-1) + 1 if choice.depth is None else 0
    for level in range(levels):
        smaller = replace(choice, depth=level, max_nodes=min(choice.max_nodes or _FEW, _FEW))
        try:
            other = drawn(part, smaller, direction, partials=partials, title=title)
        except ValueError:  # it has more nodes
            break
        if all(other.cards != one.cards for one in (first, *found)):
            found.append(other)
    shown = sorted([*found, first], key=lambda one: len(one.cards))
    return shown, shown.index(first)


def drawn(part: Part, choice: Choice, direction: str, *, partials: bool, title: str) -> Drawn:
    """The picture of a graph; see draw() for the arguments."""
    if len(part.order) <= (choice.max_nodes or 0):
        choice = replace(choice, merge=False)
    elif choice.depth is None:
        choice = replace(choice, max_nodes=None)  # as much as can be read
    shown = snapshot(part, choice)
    shown.has_gradients = True
    shown.nodes = [_with_branches(_named(node, shown.names)) for node in shown.nodes]
    made = scene(shown, partials=partials, flow=False)
    made.notes, made.title = [], title
    nodes = {node.key: node for node in shown.nodes}
    made.cards = [_roomy(card, nodes.get(card.key)) for card in made.cards]
    made.arrows = [_roomy_arrow(arrow, nodes.get(arrow.head)) for arrow in made.arrows]
    numbers = {card.key: i for i, card in enumerate(made.cards)}
    cards = _cards(made, nodes, Names(shown.nodes))
    text = svg(made, arrange(made, direction, placed), "auto")
    places = [numbers[shown.keys[unit]] for unit in shown.units]
    return Drawn(_marked(text, made, title), cards, places, [*_arrows(made, nodes, numbers)], shown.hidden)


def _cards(made: Scene, nodes: dict[str, Node], names: Names) -> list[dict[str, Any]]:
    """What the page knows of each card. Of names that several have, it knows the whole labels."""
    found = []
    counts = Counter(names.of(card.key) for card in made.cards)
    for card in made.cards:
        node, name = nodes.get(card.key), names.of(card.key)
        facts: dict[str, Any] = {"key": card.key, "kind": card.kind, "name": name, "node": None}
        if node is None:
            facts["name"] = card.tip.split(":")[0]
        elif node.is_several:
            first = card.lines[0]
            facts["name"] = " ".join(run.text for run in (first.middle, first.left, first.right) if run)
            facts["shows"] = node.ends or "all"
        else:
            facts["node"] = int(card.key.removeprefix("value"))
            facts["name"] = name if counts[name] == 1 else cut(printable(node.label), _LONGEST)
        found.append(facts)
    return found


# --------------------------------------------------------------------------- every node has a name


def _named(node: Node, names: Callable[[str], str]) -> Node:
    """The node; with a name as its label if it has none."""
    return node if node.label or node.is_several else replace(node, label=names(node.key))


def _with_branches(node: Node) -> Node:
    """The node; both branches of a where() get an edge with its partial, because other inputs may take the other."""
    if node.operation is not table.where or node.is_several:
        return node
    slopes = [
        slope if i == 0 or isinstance(x, float) else slope or 0.0
        for i, (x, slope) in enumerate(zip(node.operands, node.slopes))
    ]
    return replace(node, slopes=tuple(slopes))


# --------------------------------------------------------------------------- room for other numbers


def _roomy(card: Card, node: Node | None) -> Card:
    """The card with room for each number, if its numbers can change; a box without its gradient, which would not."""
    if node is None:
        return replace(card, lines=card.lines[:2])
    *others, last = card.lines
    room = _SPAN if node.others else _ROOM
    if node.operation is not None or node.others:
        return replace(card, lines=(*others, replace(last, left=_room(last.left, room), right=_room(last.right, room))))
    first = replace(others[0], right=_room(others[0].right))
    return replace(card, lines=(first, replace(last, right=_room(last.right))))


def _room(run: Run | None, text: str = _ROOM) -> Run:
    assert run is not None  # the last line of a card has both numbers
    return replace(run, text=text)


def _roomy_arrow(arrow: Arrow, node: Node | None) -> Arrow:
    """The edge with room for its partial, drawn as one along which a gradient flows: the page knows if none does."""
    if node is None or node.operation is None or not any(runs[-1].bold for runs in arrow.labels):
        return arrow
    room = _SPAN if node.is_several else _ROOM
    return replace(arrow, labels=tuple([(*runs[:-1], _room(runs[-1], room)) for runs in arrow.labels]), flows=True)


# --------------------------------------------------------------------------- marks


def _marked(text: str, made: Scene, title: str) -> str:
    """The SVG with marks: data-node for cards, data-slot for their numbers, data-edge for arrows, data-partial."""
    head, body = text.split("</desc>\n", 1)
    head = re.sub(r'role="img".*', f'role="group" aria-label="{safe(title)}">\n', head, flags=re.S)
    cards, arrows = iter(made.cards), iter(range(len(made.arrows)))
    labels = iter([i for i, arrow in enumerate(made.arrows) for _ in arrow.labels])
    kinds = "|".join(sorted({card.kind for card in made.cards}))
    body = re.sub(
        rf'<g class="vg-(?:{kinds})">.*?</g>', lambda match: _marked_card(match[0], next(cards)), body, flags=re.S
    )
    body = re.sub(r'<g class="vg-edge"', lambda match: f'{match[0]} data-edge="{next(arrows)}"', body)
    body = re.sub(r'(<text [^>]*class="vg-halo")', lambda match: f'{match[0]} data-partial="{next(labels)}"', body)
    if any(next(left, None) is not None for left in (cards, arrows, labels)):
        raise AssertionError("the picture has fewer elements than its scene")
    return f"{head}{body}"


def _marked_card(text: str, card: Card) -> str:
    mark = f' data-node="{safe(card.key)}" data-value="" data-grad="" tabindex="0" role="img"'
    mark += f' aria-label="{safe(card.tip)}"'
    text = text.replace(">", f"{mark}>", 1)
    slots = iter(_slots(card))
    return re.sub(r"<text ", lambda match: match[0] + next(slots), text)


def _slots(card: Card) -> Iterator[str]:
    """A mark for each text of a card."""
    runs = [run for line in card.lines for run in (line.middle, line.left, line.right) if run is not None]
    names = iter(["value", "grad"] if sum(run.text in (_ROOM, _SPAN) for run in runs) == 2 else [])
    for run in runs:
        name = next(names, "") if run.text in (_ROOM, _SPAN) else ""
        yield f'data-slot="{name}" ' if name else ""


def _arrows(made: Scene, nodes: dict[str, Node], numbers: dict[str, int]) -> Iterator[dict[str, Any]]:
    """What the page knows of each arrow."""
    places = {
        key: iter([k for k, x in enumerate(node.operands) if isinstance(x, str) and x]) for key, node in nodes.items()
    }
    for arrow in made.arrows:
        found: dict[str, Any] = {"tail": numbers[arrow.tail], "head": numbers[arrow.head]}
        node = nodes.get(arrow.head)
        if node is not None and node.operation is not None and not node.is_several:
            found["node"], found["place"] = int(node.key.removeprefix("value")), next(places[arrow.head])
        if any(runs[-1].text in (_ROOM, _SPAN) for runs in arrow.labels):
            found["formula"] = "".join(run.text for run in arrow.labels[0][:-1]).removesuffix(" = ")
        yield found


def part_of_value(root: Value, order: list[Value]) -> Part:
    """All of a graph."""
    return Part([root], order, order)
