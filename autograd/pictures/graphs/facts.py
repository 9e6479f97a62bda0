"""What a box tells of its nodes: how many numbers go in and come out, its parameters, its results and gradients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import numpy as np

from autograd.engine import Value
from autograd.pictures.composed.calls import Composed
from autograd.pictures.graphs.boxes import Boxes
from autograd.pictures.graphs.labels import Path
from autograd.pictures.graphs.places import counted
from autograd.pictures.graphs.selection import Part

Span = tuple[float, float]


@dataclass
class Box:
    """A scope drawn as one node, or several that are alike. All its nodes count, also those that are not drawn.

    Attributes:
        times: how many scopes it stands for.
        count: how many Values it hides.
        uses: how often it uses what is outside, by key; flows: what backward() sends there in all.
        n_parameters: how many parameters are in it.
        squares: the sum of the squares of their gradients.
        inside: how many numbers go in: Values from outside, other leaves in it, and plain numbers of dot products.
        out: how many of its Values are used outside.
        repeats: how often each of its parameters is used, if all are used as often: once for each sample.
        link: how several use each other, as neurons of a recurrent layer or steps of a loop do; "" if they do not.
        ends: the operation that made all of its results, if it has one operand, as activations have; "" otherwise.
        data, grads: the least and the largest of its results, and of their gradients; None if nodes show all of them.
            Results are also what one of several made for another one.
    """

    key: str
    scope: Path
    times: int = 1
    count: int = 0
    uses: Counter[str] = field(default_factory=Counter)
    flows: dict[str, float] = field(default_factory=dict)
    n_parameters: int = 0
    squares: float = 0.0
    inside: int = 0
    out: int = 0
    repeats: int = 1
    link: str = ""
    ends: str = ""
    data: Span | None = None
    grads: Span | None = None


def described(boxes: Boxes, part: Part, is_parameter: Callable[[Value], object]) -> list[Box]:
    """Each box with all but its uses."""
    found = [Box(f"box{i}", path, 1 + len(others)) for i, (path, *others) in enumerate(boxes.scopes)]
    for box in found:
        box.link = boxes.links.get(box.scope, "")
    if not found:
        return []
    units, (starts, places), most = boxes.units(), part.all_operands, len(part.order)
    heads = np.repeat(units, np.diff(starts))
    crosses = (places >= 0) & (units[places] != heads)
    tails, users = places[crosses], heads[crosses]
    used = np.zeros(most, dtype=bool)
    used[tails] = used[part.root_places] = True
    into = counted(users[users >= 0] * most + tails[users >= 0])[0] // most
    facts = [np.bincount(x, minlength=len(found)) for x in (units[units >= 0], into, units[used & (units >= 0)])]
    for box, count, inside, out in zip(found, *[fact.tolist() for fact in facts]):
        box.count, box.inside, box.out = count, inside, out
    _add_leaves(found, units, part, is_parameter)
    if boxes.links:
        owners = boxes.owners()
        passed = (places >= 0) & (units[places] >= 0) & (owners[places] != np.repeat(owners, np.diff(starts)))
        used[places[passed]] = True
    results = np.flatnonzero(used & (units >= 0))
    _add_results(found, units, results, part)
    _add_ends(found, units, results, part)
    return found


def _add_ends(boxes: list[Box], units: Any, results: Any, part: Part) -> None:
    """Tell boxes the operation that made all of their results."""
    names, codes = part.operations
    counts = np.diff(part.all_operands[0])
    made: dict[int, set[tuple[int, int]]] = {}
    for unit, code, count in zip(units[results].tolist(), codes[results].tolist(), counts[results].tolist()):
        made.setdefault(unit, set()).add((code, count))
    for unit, kinds in made.items():
        if len(kinds) == 1:
            [(code, count)] = kinds
            if count == 1 and not isinstance(boxes[unit].scope[-1], Composed):
                boxes[unit].ends = names[code] or ""


def _add_leaves(boxes: list[Box], units: Any, part: Part, is_parameter: Callable[[Value], object]) -> None:
    """Tell boxes of their leaves, and of plain numbers that go in."""
    starts, places = part.all_operands
    uses = np.bincount(places[places >= 0], minlength=len(part.order))
    repeats: dict[int, set[int]] = {}
    for i in np.flatnonzero((np.diff(starts) == 0) & (units >= 0)).tolist():
        box, node = boxes[units[i]], part.order[i]
        if is_parameter(node):
            box.n_parameters += 1
            box.squares += node._grad * node._grad
            repeats.setdefault(units[i], set()).add(int(uses[i]))
        else:
            box.inside += node.op is None
    for unit, counts in repeats.items():
        if len(counts) == 1:
            boxes[unit].repeats = max(*counts, 1)
    names, codes = part.operations
    dots = np.flatnonzero((codes == names.index("dot")) & (units >= 0)) if "dot" in names else np.array([], np.int64)
    before = np.concatenate([[0], np.cumsum(places < 0, dtype=np.int32)])
    most = np.zeros(len(boxes), np.int64)  # of the plain numbers of a dot product in each box
    np.maximum.at(most, units[dots], before[starts[dots + 1]] - before[starts[dots]])
    for box, count in zip(boxes, most.tolist()):
        box.inside += count * box.repeats


def _add_results(boxes: list[Box], units: Any, results: Any, part: Part) -> None:
    """Tell boxes the least and the largest of their results, and of the gradients of these."""
    if not len(results):
        return
    places = results[np.argsort(units[results], kind="stable")]
    begins = np.flatnonzero(np.diff(units[places], prepend=-1))
    nodes = [part.order[i] for i in places.tolist()]
    for name in ("_number", "_grad"):
        numbers = np.fromiter(map(attrgetter(name), nodes), np.float64, len(nodes))
        spans = zip(np.minimum.reduceat(numbers, begins).tolist(), np.maximum.reduceat(numbers, begins).tolist())
        for unit, span in zip(units[places[begins]].tolist(), spans):
            if name == "_number":
                boxes[unit].data = span
            else:
                boxes[unit].grads = span
