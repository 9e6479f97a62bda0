"""Stubs: small cards with a name alone, for what is used all over a long computation, and for what is not drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from autograd.pictures.graphs.contents import Node
from autograd.pictures.graphs.scene import Arrow, Card, Line, Scene
from autograd.pictures.notation.text import Run

_OFTEN = 6
"""A leaf with so many uses, at so many steps of the computation, has a stub at each of them."""

_FEW = 3  # so many stubs of what is not drawn may stand before a node


def stub_uses(scene: Scene) -> Scene:
    """The scene with a stub at each use of a leaf that is used all along a long computation, but for its first one."""
    steps = _steps(scene)
    uses: dict[str, list[int]] = {}
    for i, arrow in enumerate(scene.arrows):
        uses.setdefault(arrow.tail, []).append(i)
    cards, arrows, names = list(scene.cards), list(scene.arrows), []
    for card in scene.cards:
        places = sorted(uses.get(card.key, ()), key=lambda i: steps[scene.arrows[i].head])
        at = {steps[scene.arrows[i].head] for i in places}
        name = card.lines[0].left if card.lines else None
        if steps[card.key] or len(at) < _OFTEN or card.kind not in ("input", "parameter") or name is None:
            continue
        names.append(name.text)
        scopes = {other.key: other.scope for other in scene.cards}
        for number, i in enumerate(places[1:], 1):
            key, head = f"{card.key}use{number}", arrows[i].head
            stub = Card(
                key, scopes[head][:-1], card.kind, (Line(middle=replace(name, size=11.0)),), card.tip, least=20.0
            )
            cards.append(stub)
            arrows[i] = replace(arrows[i], tail=key)
    if not names:
        return scene
    note = f"{' and '.join(names)}: drawn once with the numbers, and as a name wherever else it is used"
    return replace(scene, cards=cards, arrows=arrows, notes=[*scene.notes, note])


def stub_hidden(scene: Scene, nodes: list[Node]) -> Scene:
    """The scene with a stub for each operand that is not drawn; for many of a node with one that counts them."""
    cards, arrows = list(scene.cards), list(scene.arrows)
    for node in nodes:
        hidden = [name or "…" for x, name in zip(node.operands, node.hidden) if x == ""]
        if len(hidden) > _FEW:
            hidden = [f"{len(hidden)} not drawn"]
        for i, name in enumerate(hidden):
            key = f"{node.key}hidden{i}"
            line = Line(middle=Run(name, "muted", size=11.0))
            cards.append(Card(key, node.scope, "stub", (line,), "not drawn", least=20.0))
            arrows.append(Arrow(key, node.key))
    return replace(scene, cards=cards, arrows=arrows)


def _steps(scene: Scene) -> Counter[str]:
    """At which step of the computation each card is, from 0 for what uses nothing."""
    heads: dict[str, list[str]] = {}
    waiting: Counter[str] = Counter()
    for arrow in scene.arrows:
        if arrow.tail != arrow.head:
            heads.setdefault(arrow.tail, []).append(arrow.head)
            waiting[arrow.head] += 1
    steps: Counter[str] = Counter()
    for key in _ordered([card.key for card in scene.cards], heads, waiting):
        for head in heads.get(key, ()):
            steps[head] = max(steps[head], steps[key] + 1)
    return steps


def _ordered(keys: list[str], heads: dict[str, list[str]], waiting: Counter[str]) -> Iterator[str]:
    """The keys, each after those that it uses; those on a circle are left out."""
    ready = [key for key in keys if not waiting[key]]
    while ready:
        key = ready.pop()
        yield key
        for head in heads.get(key, ()):
            waiting[head] -= 1
            if not waiting[head]:
                ready.append(head)
