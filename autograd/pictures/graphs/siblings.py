"""The order of what stands side by side: operands from first to last, and siblings by their numbers.

Graphviz puts nodes where few edges cross. Where that leaves a choice, edges that are not drawn tell it the order of
siblings, and of several layouts the one is kept that has most of them in order.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace
from itertools import pairwise

from autograd.pictures.graphs.labels import Path
from autograd.pictures.graphs.scene import Card, Scene

Point = tuple[float, float]
Rectangle = tuple[float, float, float, float]


def siblings(scene: Scene) -> Iterator[list[Card]]:
    """Cards in the same frame that use the same, or are used by the same: two or more, in their order."""
    heads: dict[str, set[str]] = {card.key: set() for card in scene.cards}
    tails: dict[str, set[str]] = {card.key: set() for card in scene.cards}
    for arrow in scene.arrows:
        heads[arrow.tail].add(arrow.head)
        tails[arrow.head].add(arrow.tail)
    groups: dict[Hashable, list[Card]] = {}
    for card in scene.cards:
        uses, users = frozenset(tails[card.key]), frozenset(heads[card.key])
        if uses or users:
            groups.setdefault((card.scope, uses, None if uses else users), []).append(card)
    for group in groups.values():
        keys = {card.key for card in group}
        if len(group) > 1 and all(keys.isdisjoint(heads[key]) for key in keys):
            yield group


def evened(scene: Scene) -> Scene:
    """The scene with siblings of the same kind as wide as the widest of them."""
    widths: dict[str, float] = {}
    for group in siblings(scene):
        for kind in {card.kind for card in group}:
            alike = [card for card in group if card.kind == kind]
            widths.update(dict.fromkeys([card.key for card in alike], max(card.width for card in alike)))
    return replace(scene, cards=[replace(card, least=widths.get(card.key, card.least)) for card in scene.cards])


def disorder(scene: Scene, centres: list[Point], frames: dict[Path, Rectangle], *, is_across: bool) -> int:
    """How many neighbours are not in order; a leaf may stand on either side of what was computed.

    Args:
        is_across: whether the computation goes from left to right, so that the first of siblings is above.
    """
    along, side = (0, 1) if is_across else (1, 0)
    at = {card.key: centre for card, centre in zip(scene.cards, centres)}
    scopes = {card.key: card.scope for card in scene.cards}
    tails: dict[str, list[str]] = {}
    for arrow in scene.arrows:
        tails.setdefault(arrow.head, []).append(arrow.tail)
    found = 0
    for operands in tails.values():
        pairs = [
            (a, b)
            for a, b in pairwise(dict.fromkeys(operands))
            if scopes[a] == scopes[b] and (a in tails) == (b in tails)
        ]
        found += sum(abs(at[a][along] - at[b][along]) < _NEAR and at[a][side] > at[b][side] for a, b in pairs)
    for group in siblings(scene):
        found += sum(at[a.key][side] > at[b.key][side] for a, b in pairwise(group))
    children: dict[Path, list[Path]] = {}
    for path in scene.frames:
        children.setdefault(path[:-1], []).append(path)
    for paths in children.values():
        for a, b in pairwise(paths):
            p, q = frames[a], frames[b]
            overlap = min(p[along + 2], q[along + 2]) - max(p[along], q[along])
            found += overlap > 0.5 * min(p[along + 2] - p[along], q[along + 2] - q[along]) and p[side] > q[side]
    return found


_NEAR = 40.0  # points: cards whose centres are closer along the computation stand side by side


def exchanges(
    scene: Scene, centres: list[Point], *, is_across: bool
) -> Iterator[tuple[dict[int, int], dict[int, int]]]:
    """How siblings may change places, and their edges with them, to be in order: where all have the same neighbours.

    Each is two dictionaries, from the position of a card, or of an arrow, to the one whose place it takes.
    """
    side = 1 if is_across else 0
    number = {card.key: i for i, card in enumerate(scene.cards)}
    into: dict[str, list[tuple[str, int]]] = {card.key: [] for card in scene.cards}
    out: dict[str, list[tuple[str, int]]] = {card.key: [] for card in scene.cards}
    for i, arrow in enumerate(scene.arrows):
        into[arrow.head].append((arrow.tail, i))
        out[arrow.tail].append((arrow.head, i))
    for group in siblings(scene):
        keys = [card.key for card in group]
        neighbours = {tuple(sorted([*[x for x, _ in into[key]], *[x for x, _ in out[key]]])) for key in keys}
        sizes = {(round(card.width), round(card.height)) for card in group}
        placed = sorted(keys, key=lambda key: centres[number[key]][side])
        if len(neighbours) > 1 or len(sizes) > 1 or placed == keys:
            continue
        cards, arrows = {}, {}
        for key, other in zip(keys, placed):
            cards[number[key]] = number[other]
            for edges in (into, out):
                arrows.update({i: j for (_, i), (_, j) in zip(sorted(edges[key]), sorted(edges[other]))})
        yield cards, arrows
