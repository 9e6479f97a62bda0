"""Where things are: Graphviz places boxes of given sizes, and we draw them.

So a picture is the same with every Graphviz and every font, and text in any language has the room that it needs.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograd.pictures.graphs.beside import LABEL_LINE, beside
from autograd.pictures.graphs.dot import LARGE, spacing
from autograd.pictures.graphs.labels import Path, name_of
from autograd.pictures.graphs.rows import in_rows
from autograd.pictures.graphs.scene import Arrow, Scene
from autograd.pictures.graphs.siblings import disorder, exchanges, siblings
from autograd.pictures.graphs.straight import straightened
from autograd.pictures.notation.text import Run

Point = tuple[float, float]
Rectangle = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass
class Layout:
    """Places in points, from the top left.

    Attributes:
        centres: of the cards, in their order.
        curves: of the arrows: the points of Bezier curves, and the tip of the arrow.
        labels: the centres of the labels of arrows, None for those without one.
        frames: by scope.
    """

    width: float
    height: float
    centres: list[Point]
    curves: list[list[Point]]
    labels: list[Point | None]
    frames: dict[Path, Rectangle]


def arrange(scene: Scene, direction: str, run: Callable[[str], bytes]) -> Layout:
    """The layout of a scene.

    Args:
        run: gives Graphviz's JSON for a graph in its language.
    """
    best: tuple[int, Layout] | None = None
    for turns in _TURNS if len(scene.cards) <= _FEW else _TURNS[:1]:
        made = _read(scene, json.loads(run(_skeleton(scene, direction, *turns))))
        count = disorder(scene, made.centres, made.frames, is_across=is_across(direction))
        if best is None or count < best[0]:
            best = count, made
        if not best[0]:
            break
    assert best is not None  # there was one layout at least
    layout = best[1]
    for cards, arrows in exchanges(scene, layout.centres, is_across=is_across(direction)) if best[0] else ():
        for moved, places in ((cards, layout.centres), (arrows, layout.curves), (arrows, layout.labels)):
            before: list[Any] = [*places]
            for i, other in moved.items():
                places[i] = before[other]
    layout.curves = straightened(scene, layout, is_across=is_across(direction))
    layout.labels = beside(scene, layout, is_across=is_across(direction))
    return in_rows(scene, layout) if direction == "LR" else layout


def is_across(direction: str) -> bool:
    """Whether the computation goes from left to right, or back."""
    return direction in ("LR", "RL")


_FEW = 100
"""With more cards than this, one layout is all that there is time for."""

_TURNS = [(cards, frames) for cards in (True, None) for frames in ("last", "first", "second", "before last")]
"""What Graphviz may be told to put what is in frames, and frames, in order; each version has its own way."""


def _read(scene: Scene, found: Any) -> Layout:
    """The layout that Graphviz gave."""
    _, bottom, right, top = map(float, found["bb"].split(","))
    width, height = right, top - bottom
    objects = {item["name"]: item for item in found.get("objects", ())}

    def point(text: str) -> Point:
        x, y = text.split(",")
        return float(x), height - float(y)

    frames = {}
    for i, path in enumerate(scene.frames):
        left, low, far, high = map(float, objects[f"cluster{i}"]["bb"].split(","))
        frames[path] = (left, height - high, far, height - low)
    curves: list[list[Point]] = [[] for _ in scene.arrows]
    labels: list[Point | None] = [None] * len(scene.arrows)
    for edge in found.get("edges", ()):
        if "id" not in edge:  # it only keeps siblings in order
            continue
        i = int(edge["id"])
        *starts, points = edge["pos"].split(" ", 1) if edge["pos"].startswith("e,") else ["", edge["pos"]]
        tip = [point(starts[0].removeprefix("e,"))] if starts and starts[0] else []
        curves[i] = [point(text) for text in points.split(" ") if "e," not in text] + tip
        labels[i] = point(edge["lp"]) if "lp" in edge else None
    centres = [point(objects[card.key]["pos"]) for card in scene.cards]
    return Layout(width, height, centres, curves, labels, frames)


def label_width(line: tuple[Run, ...]) -> float:
    """How wide a line of a label is, in points."""
    return sum(run.width for run in line)


def _skeleton(scene: Scene, direction: str, turns_cards: bool | None, first_frame: str) -> str:
    """The graph with boxes of given sizes in place of texts.

    Args:
        turns_cards: whether siblings in frames are named from last to first; None for no edges that keep them in order.
        first_frame: with which of the frames within another one they begin.
    """
    settings = " ".join(f'{name}="{value}"' for name, value in spacing(scene, direction).items())
    lines = [
        f"digraph {{ graph [{settings} ordering=in]",
        'node [shape=box fixedsize=true label=""] edge [arrowsize=0.6]',
    ]
    children: dict[Path, list[str]] = {path: [] for path in [(), *scene.frames]}
    for card in scene.cards:
        children[card.scope].append(f"{card.key} [width={card.width / 72:.4f} height={card.height / 72:.4f}]")
    for group in siblings(scene) if len(scene.cards) <= LARGE and turns_cards is not None else ():
        scope = group[0].scope
        keys = [card.key for card in group]
        is_turned = scope and turns_cards == is_across(direction)
        children[scope].append(f"{{ rank=same {' -> '.join(keys[::-1] if is_turned else keys)} [style=invis] }}")
    subgraphs: dict[Path, list[str]] = {path: [] for path in children}
    for i, path in reversed([*enumerate(scene.frames)]):
        title = _room(Run(name_of(path), size=11.0).width + 10.0, 18.0)
        inside = "\n".join([*children[path], *_turned(subgraphs[path], first_frame)])
        subgraphs[path[:-1]].append(
            f'subgraph cluster{i} {{ graph [label={title} labeljust=l margin=9 ordering=""]\n{inside}\n}}'
        )
    lines += [*children[()], *_turned(subgraphs[()], first_frame)]
    scopes = {card.key: card.scope for card in scene.cards}
    entering = [scopes[arrow.tail][: len(scopes[arrow.head])] != scopes[arrow.head] for arrow in scene.arrows]
    leaves = {card.key for card in scene.cards if card.kind in ("input", "parameter")}
    fed = {arrow.head for arrow, enters in zip(scene.arrows, entering) if not enters and arrow.tail in leaves}
    for i, (arrow, enters) in enumerate(zip(scene.arrows, entering)):
        # a frame begins with leaves that its first operation needs: behind what enters it, and so not above or below
        longer = " minlen=2" if enters and arrow.head in fed else ""
        lines.append(f"{arrow.tail} -> {arrow.head} [id={i}{_label(arrow)}{longer}]")
    return "\n".join([*lines, "}"])


def _turned(frames: list[str], first: str) -> list[str]:
    """Frames, which are named from last to first, in another order."""
    if first == "last":
        return frames
    if first == "before last":
        return [*frames[1:], *frames[:1]]
    return frames[::-1] if first == "first" else [*frames[-2::-1], *frames[-1:]]


def _label(arrow: Arrow) -> str:
    if not arrow.labels:
        return ""
    return f" label={_room(max(map(label_width, arrow.labels)) + 6.0, LABEL_LINE * len(arrow.labels) + 2.0)}"


def _room(width: float, height: float) -> str:
    """An empty label of a given size."""
    size = f'width="{width:.0f}" height="{height:.0f}"'
    plain = 'border="0" cellborder="0" cellspacing="0" cellpadding="0" fixedsize="true"'
    return f"<<table {plain} {size}><tr><td></td></tr></table>>"
