"""A scene: what a picture shows as cards, edges and frames, with their texts and sizes, but not yet with places."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace

from autograd.pictures.composed.calls import Composed
from autograd.pictures.graphs.contents import Node, Snapshot, Stream
from autograd.pictures.graphs.facts import Box
from autograd.pictures.graphs.labels import Path, name_of, natural
from autograd.pictures.graphs.outdated import NOTE
from autograd.pictures.graphs.wording import Names
from autograd.pictures.notation.numbers import short, span
from autograd.pictures.notation.text import Run, cut, printable

PADDING = 8.0  # points, left and right of the text in a card
_BETWEEN = 14.0  # at least so many points between two texts on a line
_LINE, _SMALL_LINE = 19.0, 17.0  # points, the heights of lines


@dataclass(frozen=True)
class Line:
    """A line of a card: texts at its left and right, or one in the middle.

    Attributes:
        word: what stands before the text at the right.
    """

    left: Run | None = None
    right: Run | None = None
    middle: Run | None = None
    height: float = _LINE
    word: Run | None = None

    @property
    def width(self) -> float:
        """How wide it must be, in points."""
        runs = [run for run in (self.left, self.right, self.middle) if run is not None]
        word = 0.0 if self.word is None else self.word.width
        return word + sum(run.width for run in runs) + _BETWEEN * (len(runs) - 1)


@dataclass(frozen=True)
class Card:
    """A node or a box.

    Attributes:
        kind: that of a Node, or "box", or "number"; the theme has its colours, and it has its own shape.
        tip: the whole of what is shown, for a pointer that rests on it and for screen readers.
        cells: texts side by side, with lines between them, in place of the lines of text.
        least: its width in points, if its lines need less.
        is_marked: whether it has a thick border, because it was asked for.
    """

    key: str
    scope: Path
    kind: str
    lines: tuple[Line, ...]
    tip: str
    cells: tuple[Run, ...] = ()
    least: float = 30.0
    is_marked: bool = False

    @property
    def width(self) -> float:
        """Its width in points."""
        if self.cells:
            return sum(run.width + 2.0 * PADDING for run in self.cells)
        return max(self.least, 2.0 * PADDING + max(line.width for line in self.lines))

    @property
    def height(self) -> float:
        """Its height in points."""
        return 8.0 + (_LINE if self.cells else sum(line.height for line in self.lines))


@dataclass(frozen=True)
class Arrow:
    """An edge, from a number to what uses it.

    Attributes:
        labels: the lines of its label, each with its texts side by side.
        flows: whether a gradient flows along it, or it is dashed.
    """

    tail: str
    head: str
    labels: tuple[tuple[Run, ...], ...] = ()
    flows: bool = True
    tip: str = ""


@dataclass
class Scene:
    """Everything on a picture.

    Attributes:
        frames: the scopes that are drawn open, each after that around it.
        notes: lines below the picture.
    """

    cards: list[Card] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    frames: list[Path] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    title: str = ""


def scene(shown: Snapshot, *, partials: bool, flow: bool) -> Scene:
    """The scene of a snapshot.

    Args:
        partials: write the partial derivatives on the edges.
        flow: write on each edge what arrives there in a backward(): the gradient of its head times the partial.
    """
    made, names = Scene(), Names(shown.nodes, shown.names if partials else None)
    for node in shown.nodes:
        card = _card(node, names, shows_gradient=shown.has_gradients)
        made.cards.append(replace(card, is_marked=True) if node.key == shown.focus else card)
        made.arrows += _arrows(node, names, partials=partials, flow=flow and shown.has_gradients)
    for box in shown.boxes:
        made.cards.append(box_card(box, shows_gradient=shown.has_gradients))
        for tail, count in box.uses.items():
            labels = (_flow(box.flows[tail], count),) if flow and shown.has_gradients else ()
            made.arrows.append(Arrow(tail, box.key, labels, tip=_uses(count)))
        if box.link:
            made.arrows.append(Arrow(box.key, box.key, ((Run(box.link, "muted", size=10.0),),)))
    finish(made, shown, names)
    made.notes = notes(shown)
    if flow:
        made.notes += _about_flows(shown, made, names)
    return made


def finish(made: Scene, shown: Snapshot, names: Names) -> None:
    """Add the frames of the cards, and the title."""
    paths = {path[:level] for path in (card.scope for card in made.cards) for level in range(1, len(path) + 1)}
    made.frames = sorted(paths, key=lambda path: (len(path), natural(path)))
    results = [names.of(node.key) or short(node.data) for node in shown.nodes if node.kind == "result"]
    made.title = f"The computation of {cut(', '.join(results), 60)}" if results else "A number"


def notes(shown: Snapshot) -> list[str]:
    """What the picture does not show, and how to see it."""
    lines = [NOTE] if shown.is_outdated else []
    if shown.is_cut and shown.depth is not None:
        advice = f"depth={shown.depth + 1} draws {shown.deeper}" if shown.deeper <= _LEGIBLE else _PART
        lines.append(f"{shown.hidden} nodes are in boxes; {advice}")
    calls = [box.scope for box in shown.boxes if isinstance(box.scope[-1], Composed)]
    if calls and not shown.is_cut:
        names = dict.fromkeys(re.sub(r"\.\d+$", "", path[-1]) for path in calls)
        lines.append(f"{' and '.join(names)}: depth={shown.levels + 1} draws the operations")
    each = sum((1 + len(node.others)) * max(node.terms - 1, 1) for node in shown.nodes)
    each += sum(box.times for box in shown.boxes)
    is_alike = any(node.others for node in shown.nodes) or any(box.times > 1 for box in shown.boxes)
    if each > len(shown):
        advice = "merge=False draws each" if each <= _LEGIBLE else _PART
        once = (
            "nodes that are alike are drawn as one, and × follows their number"
            if is_alike
            else "a long sum is one node"
        )
        lines.append(f"{once}; {advice}")
    if shown.has_gradients and any(box.n_parameters for box in shown.boxes):
        lines.append("|grad| is the norm of the gradient by all parameters in a box")
    if shown.left_out:
        left_out = "1 more node is not drawn" if shown.left_out == 1 else f"{shown.left_out} more nodes are not drawn"
        lines.append(left_out + (f"; {shown.more}" if shown.more else ""))
    if shown.minor:
        share = f"{short(100.0 * shown.min_share)} %"
        lines.append(
            f"min_share leaves out {_uses(shown.minor)}, each less than {share} of the gradient of what is used"
        )
    return lines


_LEGIBLE = 400
"""More nodes than this are no picture to look at."""

_PART = "focus=x draws what is near a Value x"


def _about_flows(shown: Snapshot, made: Scene, names: Names) -> list[str]:
    """What is to be known about the numbers that flow back."""
    if not shown.has_gradients:
        return ["what flows back is shown after a backward()"]
    lines = []
    if any("Σ" in run.text for arrow in made.arrows for line in arrow.labels for run in line):
        lines.append("Σ is the sum of what flows back along edges that are drawn as one")
    if shown.unequal:
        known = [name for key in shown.unequal if (name := names.of(key))][:3]
        others = len(shown.unequal) - len(known)
        known += ["1 other node" if others == 1 else f"{others} other nodes"] if others and known else []
        of = ", ".join(known) or ("1 node" if others == 1 else f"{others} nodes")
        lines.append(
            f"the numbers ← on the edges from {of} do not add up to grad: "
            "backward() ran more than once, or grad was set; call zero_grad(), then backward()"
        )
    return lines


def _flow(flow: float, count: int) -> tuple[Run, ...]:
    """The label of an edge, or of several that are drawn as one."""
    return Run("← " if count == 1 else "← Σ ", "muted", size=10.5), _gradient(flow, 10.5)


def _gradient(grad: float, size: float = 11.0) -> Run:
    return Run(short(grad), _role(grad), size=size)


def _role(grad: float) -> str:
    return "negative" if grad < 0.0 else "positive" if grad > 0.0 else "muted"


def _card(node: Node, names: Names, *, shows_gradient: bool) -> Card:
    title = names.title(node)
    pairs = [(node.data, node.grad), *node.others]
    data = Run(span([number for number, _ in pairs]))
    grad = _gradients([grad for _, grad in pairs]) if shows_gradient else None
    if node.others:
        lines = [Line(Run(f"{len(node.others) + 1} ×", "muted"), Run(title, bold=True))]
    elif node.operation is None:
        lines = [Line(Run(title, bold=True), data) if title else Line(middle=data)]
    else:
        lines = [Line(middle=Run(title, bold=True))]
    if node.operation is None and not node.others:
        lines += [Line(Run("grad", "muted", size=10.0), grad, height=_SMALL_LINE)] if grad else []
    else:
        lines.append(Line(data, grad, word=Run("grad ", "muted", size=10.0)) if grad else Line(middle=data))
    if node.was:
        lines.insert(
            1 if node.operation is None and not node.others else 2,
            Line(right=Run(node.was, size=10.0), height=_SMALL_LINE),
        )
    tip = [printable(node.label)] if node.label else []
    tip.append(f"{node.kind}: {node.data!r}" if node.operation is None else f"{node.operation.name}: {node.data!r}")
    tip += [node.was] if node.was else []
    if shows_gradient:
        tip.append(f"gradient {node.grad!r}")
    if node.terms:
        tip.append(f"the sum of {node.terms} numbers")
    if node.others:
        tip.append(f"and {len(node.others)} more that are alike")
    return Card(node.key, node.scope, node.kind, tuple(lines), ", ".join(tip))


def _gradients(grads: list[float]) -> Run:
    if len(set(grads)) == 1:
        return _gradient(grads[0])
    signs = set(map(_role, grads))
    return Run(span(grads), "muted" if len(signs) > 1 else signs.pop(), size=11.0)


def box_card(box: Box, *, shows_gradient: bool) -> Card:
    """A box: its name; how many numbers go in and come out, and its parameters; the size of their gradient."""
    name = name_of(box.scope)
    title = f"{box.times} × {name.rstrip('0123456789').rstrip(' ._-') or name}" if box.times > 1 else name
    lines = [Line(middle=Run(cut(title, 32), bold=True)), Line(middle=Run(_in_and_out(box), "muted", size=11.0))]
    parameters = "1 parameter" if box.n_parameters == 1 else f"{box.n_parameters} parameters"
    if box.n_parameters:
        size = f" · |grad| {short(math.sqrt(box.squares))}" if shows_gradient else ""
        lines.append(Line(middle=Run(parameters + size, "muted", size=10.5), height=_SMALL_LINE))
    if box.data is not None:
        data = Run(span([*box.data]))
        grad = _gradients([*box.grads]) if box.grads is not None and shows_gradient else None
        lines.append(Line(data, grad, word=Run("grad ", "muted", size=10.0)) if grad else Line(middle=data))
    count = "1 node" if box.count == 1 else f"{box.count} nodes"
    tip = f"{title}: {count}, {box.inside} number{'s' * (box.inside != 1)} in, {box.out} out, {parameters}"
    return Card(box.key, box.scope[:-1], "box", tuple(lines), tip)


def _in_and_out(box: Box) -> str:
    """How many numbers go into a box and come out of it, for each sample if its parameters are used again for each.

    The operation that all of its results come from, such as an activation, stands behind.
    """
    ends = f", {box.ends}" if box.ends else ""
    if box.repeats == 1:
        return f"{box.inside} → {box.out}{ends}"
    if box.inside % box.repeats or box.out % box.repeats:
        return f"used {box.repeats} times{ends}"
    return f"{box.inside // box.repeats} → {box.out // box.repeats}{ends}, {box.repeats} times"


def _arrows(node: Node, names: Names, *, partials: bool, flow: bool) -> list[Arrow]:
    """The edges into a node. Constants have none: they stand in the node."""
    if node.operation is None:
        return [Arrow(x, node.key) for x in node.operands if isinstance(x, str)]
    if node.is_several:
        return [_merged_arrow(node, stream, names, partials=partials, flow=flow) for stream in node.streams]
    arrows = []
    is_ordered = not node.operation.symmetric and node.operation.name != "dot"
    is_ordered &= sum(not isinstance(x, float) for x in node.operands) > 1
    worded = names.partials(node) if partials else [("", "")] * len(node.operands)
    for place, x, slope, (formula, number) in zip(_PLACES * len(node.operands), node.operands, node.slopes, worded):
        if isinstance(x, float) or not x:
            continue
        labels: list[tuple[Run, ...]] = []
        if number:
            start = (Run(f"{formula} = ", size=10.5),) if formula else ()
            labels.append((*start, Run(number, bold=True, size=10.5)))
        elif is_ordered:
            labels.append((Run(place, "muted", size=10.0),))
        if flow and slope is not None:
            labels.append(_flow(node.grad * slope, 1))
        tip = "" if slope is None else f"partial derivative {slope!r}"
        arrows.append(Arrow(x, node.key, tuple(labels), bool(slope), tip))
    return arrows


_PLACES = ("1st", "2nd", "3rd")
"""The operands of an operation, where their order matters."""


def _merged_arrow(node: Node, stream: Stream, names: Names, *, partials: bool, flow: bool) -> Arrow:
    """The edges from one node, or from several that are alike, into those that are drawn as one.

    The partial derivative is the one that they have in common, or the least and the largest. Of two edges between the
    same nodes, it is the sum.
    """
    labels: list[tuple[Run, ...]] = []
    if partials and stream.slopes:
        formula = names.common_partial(node, stream)
        start = (Run(f"{formula} = ", size=10.5),) if formula else ()
        labels.append((*start, Run(span(stream.slopes), bold=True, size=10.5)))
    if flow and stream.slopes:
        labels.append(_flow(stream.flow, stream.count))
    return Arrow(stream.tail, node.key, tuple(labels), any(stream.slopes), _uses(stream.count))


def _uses(count: int) -> str:
    return "1 use" if count == 1 else f"{count} uses"
