"""A snapshot of a computation graph: which nodes and boxes its picture has. It does not change when the graph does."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Union

import numpy as np

from autograd.engine import Value
from autograd.pictures.arguments import is_whole
from autograd.pictures.composed.calls import Composed, levels
from autograd.pictures.graphs.boxes import Boxes
from autograd.pictures.graphs.choice import Choice
from autograd.pictures.graphs.classes import MANY, alike
from autograd.pictures.graphs.contents import Node, Operand, Snapshot, Stream
from autograd.pictures.graphs.facts import Box, described
from autograd.pictures.graphs.labels import Path, shortened
from autograd.pictures.graphs.outdated import changed, is_outdated
from autograd.pictures.graphs.places import counted, summed
from autograd.pictures.graphs.selection import Part
from autograd.pictures.graphs.sums import Sum, long_sums
from autograd.pictures.notation.naming import Naming, indexed
from autograd.pictures.notation.numbers import span

READABLE, LARGEST = 150, 1000
"""How many nodes a picture has at most: if we choose what is open, and if the user does."""

_CROWDED = 60  # more nodes than this are searched for those that are alike
_COUNTLESS = 100_000  # nor are more than this
_LABELS = 20  # if the results of a box have more labels than this, they stay in it


def snapshot(part: Part, choice: Choice, *, flows: bool = False) -> Snapshot:
    """What a picture of a part of a graph shows. Each collapsed scope becomes a box, from which a root in it comes out.

    Args:
        flows: also find out what backward() sent into boxes, and which gradients are not the sum of what leaves them.

    Raises:
        ValueError: depth is negative, or there are more than choice.max_nodes nodes. Then the message has their number
            and the depths that fit.
    """
    depth = choice.depth
    if depth is not None and (not is_whole(depth, 0)):
        raise ValueError(f"depth is the number of scope levels drawn open, 0 or more, got {depth!r}; use 0 for none")
    known: dict[int | None, _Parts] = {depth: _Parts(part, choice, depth)}
    if depth is None and len(known[None]) > (choice.max_nodes or READABLE):
        deepest = max(map(len, part.drawn_scopes[0]), default=0)
        for level in range(deepest - 1, -1, -1):
            known[level] = _Parts(part, choice, level)
            if len(known[level]) <= (choice.max_nodes or READABLE):
                break
        depth = min(known, key=lambda level: len(known[level]))
    if len(known[depth]) > (choice.max_nodes or LARGEST):
        raise ValueError(_too_many(len(known[depth]), part, choice))
    made = known[depth].snapshot(flows=flows)
    made.depth, made.is_cut, made.left_out = depth, depth != choice.depth, len(part.order) - len(part.drawn)
    made.levels = levels(part.scopes[0])
    made.is_outdated = is_outdated(part.order)
    if made.is_outdated and len(part.order) <= _COUNTLESS:
        _mark_changed(made, part)
    made.minor, made.min_share, made.more = len(part.minor), part.min_share, part.more
    made.deeper = len(known.get((depth or 0) + 1, known[choice.depth])) if made.is_cut else 0
    return made


def _mark_changed(made: Snapshot, part: Part) -> None:
    """Tell each leaf whose number was changed."""
    numbers, found = changed(part.order), dict[str, list[Union[float, None]]]()
    for x, unit in zip(part.drawn, made.units):
        if x in numbers:
            found.setdefault(made.keys[unit], []).append(numbers[x])
    for i, node in enumerate(made.nodes):
        if node.operation is None and not node.operands and node.key in found:
            known = [old for old in found[node.key] if old is not None]
            is_whole = len(known) == 1 + len(node.others)
            made.nodes[i] = replace(node, was=f"was {span(known)}" if is_whole else "changed")


def _too_many(count: int, part: Part, choice: Choice) -> str:
    most = choice.max_nodes or LARGEST
    counts = {depth: len(_Parts(part, choice, depth)) for depth in range(choice.depth or 0)}
    fitting = [depth for depth, smaller in counts.items() if smaller <= most]
    remedy = " and ".join(f"depth={depth} draws {counts[depth]}" for depth in dict.fromkeys(fitting[:1] + fitting[-1:]))
    if not remedy:
        remedy = "no depth fits: record parts of it in `with scope(name):` blocks, or draw a part by focus= or between="
    return f"the graph has {count} nodes to draw, more than max_nodes={most}; {remedy}, or raise max_nodes"


class _Parts:
    """The nodes of a graph, sorted into what is drawn as one.

    Attributes:
        boxes: the collapsed scopes.
        units: for each node the number of what shows it: boxes come first, and then what comes out of them.
    """

    def __init__(self, part: Part, choice: Choice, depth: int | None) -> None:
        self._nodes, self._minor, self._choice, self._depth = part.drawn, part.minor, choice, depth
        self._naming = Naming(part.order, part.roots)
        self._part, self._roots = part, {part.drawn[i] for i in part.drawn_root_places}
        self._operands = part.operands
        self._opens_calls = choice.depth is not None and choice.depth > levels(part.scopes[0])
        self._collapsed = choice.collapsed({name for path in part.scopes[0] for name in path})
        self.boxes = Boxes(part, self._box_of, merges=choice.merge is not False)
        self._homes = self.boxes.units_of(*part.drawn_scopes)
        self._open: list[int] = np.flatnonzero(self._homes < 0).tolist()
        self._shown = self._coming_out()
        self._units = self._homes.copy()
        for number, group in enumerate(self._shown, len(self.boxes)):
            self._units[group] = number
        count = len(self.boxes) + len(self._shown)
        self._sums = self._long_sums()
        self._steps = {step for made in self._sums.values() for step in made.steps}
        self._units[self._open] = count + self._alike()
        self.units: list[int] = self._units.tolist()
        self._count = count + int(np.count_nonzero(np.bincount(self._units[self._open])) if self._open else 0)

    def __len__(self) -> int:
        return self._count

    def _box_of(self, path: Path) -> Path | None:
        """The scope whose box hides what was recorded in a scope; None if that is drawn."""
        for level in range(1, len(path) + 1):
            is_deep = self._depth is not None and level > self._depth
            is_call = isinstance(path[level - 1], Composed) and not self._opens_calls
            if is_deep or is_call or path[level - 1] in self._collapsed:
                return path[:level]
        return None

    def _coming_out(self) -> list[list[int]]:
        """The places of results in boxes that are drawn outside: roots, and those with a label that are used there.

        Those of a box with the same label are together, if there are MANY. With too many labels, only roots are drawn.
        """
        starts, places = self._operands
        heads = np.repeat(self._homes, np.diff(starts))
        inside = (places >= 0) & (self._homes[places] >= 0) & (self._homes[places] != heads)
        labelled: dict[int, dict[str, list[int]]] = {}
        used = counted(places[inside])[0].tolist()
        for i in used if len(used) <= _COUNTLESS else ():
            node = self._nodes[i]
            if node.label and node._operation is not None and node not in self._roots:
                labelled.setdefault(int(self._homes[i]), {}).setdefault(str(node.label), []).append(i)
        found = [[i] for i in self._part.drawn_root_places if self._homes[i] >= 0]
        for by_label in labelled.values():
            for group in by_label.values() if len(by_label) <= _LABELS else ():
                found += [group] if len(group) >= MANY else [[i] for i in group]
        return found

    def _alike(self) -> Any:
        """For each node that is not in a box the number of what shows it."""
        if len(self._open) > _COUNTLESS:
            return np.arange(len(self._open))
        chosen = [i for i in self._open if i not in self._steps] if self._steps else self._open
        count = len(chosen)
        if self._choice.merge is False or (self._choice.merge is None and count <= _CROWDED):
            found = dict(zip(chosen, range(count)))
        else:
            known = np.where(self._units >= 0, -1 - self._units, 0).tolist()
            found = alike(self._nodes, chosen, known, self._used, self._kind)
        for end, made in self._sums.items():
            found.update(dict.fromkeys(made.steps, found[end]))
        return np.array([found[i] for i in self._open], dtype=np.int64)

    def _long_sums(self) -> dict[int, Sum]:
        if self._choice.merge is False or len(self._open) > _COUNTLESS:
            return {}
        is_step = self._part.uses == 1
        is_step[self._part.drawn_root_places] = False
        return long_sums(self._nodes, self._open, self._operands, is_step, self._part.focus)

    def _used(self, i: int) -> list[int]:
        """The places of the operands of a node, or of the terms of a long sum."""
        starts, places = self._operands
        if i in self._sums:
            return [int(places[starts[step] + k]) for step, k in self._sums[i].terms]
        return places[starts[i] : starts[i + 1]].tolist()  # type: ignore[no-any-return]  # ints

    def _kind(self, node: Value) -> str:
        if node._operation is None:
            return "parameter" if self._choice.is_parameter(node) else "input"
        return "result" if node in self._roots else "operation"

    def snapshot(self, *, flows: bool) -> Snapshot:
        """The nodes and boxes."""
        made = Snapshot(has_gradients=any(node._grad != 0.0 for node in reversed(self._part.order)))
        made.boxes = described(self.boxes, self._part, self._choice.is_parameter)
        made.hidden = len(self._nodes) - len(self._open)
        members: dict[int, list[int]] = {}
        for i in self._open:
            members.setdefault(self.units[i], []).append(i)
        members.update({self.units[group[0]]: group for group in self._shown})
        keys = {unit: f"value{places[0]}" for unit, places in members.items()}
        keys.update({unit: box.key for unit, box in enumerate(made.boxes)})
        made.units, made.keys = self.units, keys
        values = {keys[unit]: self._nodes[self._ends(places)[0]] for unit, places in members.items()}
        made.names = lambda key: str(self._naming.of(values[key]))
        if made.boxes:
            self._add_uses(made.boxes, keys, flows=flows)
        for unit, places in sorted(members.items(), key=lambda item: self._ends(item[1])[0]):
            home = int(self._homes[places[0]])
            if home < 0:
                made.nodes.append(self._node(keys[unit], places, keys))
            else:
                made.nodes.append(self._result([self._nodes[i] for i in places], keys[unit], made.boxes[home]))
        for home, count in Counter(int(self._homes[i]) for group in self._shown for i in group).items():
            if count == made.boxes[home].out and not made.boxes[home].link:
                made.boxes[home].data = None
        if self._part.focus is not None:
            made.focus = next((keys[unit] for x, unit in zip(self._nodes, self.units) if x is self._part.focus), "")
        if flows:
            homes = [(i, self._homes[i] < 0) for i in self._unequal()]
            made.unequal = [*dict.fromkeys(keys[self.units[i]] for i, is_drawn in homes if is_drawn)]
            made.unequal += ["" for _, is_drawn in homes if not is_drawn]
        return made

    def _add_uses(self, boxes: list[Box], keys: dict[int, str], *, flows: bool) -> None:
        """Tell each box what it uses, and what backward() sends there."""
        starts, places = self._operands
        units = self._units
        heads = np.repeat(self._homes, np.diff(starts))
        into = (places >= 0) & (heads >= 0) & (self._homes[places] != heads)
        for place in self._minor_places():
            into[place] = False
        most = int(units.max(initial=0)) + 1
        pairs = heads[into] * most + units[places[into]]
        found, counts = counted(pairs)
        sums = (
            summed(np.searchsorted(found, pairs), self._part.flows[into], len(found)) if flows else np.zeros(len(found))
        )
        for pair, count, flow in zip(found.tolist(), counts.tolist(), sums.tolist()):
            user, tail = divmod(pair, most)
            boxes[user].uses[keys[tail]] = count
            if flows:
                boxes[user].flows[keys[tail]] = flow

    def _unequal(self) -> list[int]:
        """The places of leaves, and of nodes in no box, whose gradient is not the sum of what leaves them."""
        part, nodes = self._part, self._nodes
        _, places = part.all_operands
        leaves = np.flatnonzero(np.diff(self._operands[0]) == 0).tolist() if self._nodes else []
        checked = [i for i in sorted({*self._open, *leaves}) if nodes[i] not in self._roots]
        in_order = checked
        if not part.is_whole:
            order = {id(node): i for i, node in enumerate(part.order)}
            in_order = [order[id(nodes[i])] for i in checked]
        number = np.full(len(part.order), -1)
        number[in_order] = np.arange(len(checked))
        numbers = np.where(places >= 0, number[places], -1)
        flows = part.all_flows[numbers >= 0]
        users = numbers[numbers >= 0]
        sums, sizes = summed(users, flows, len(checked)), summed(users, np.abs(flows), len(checked))
        grads = np.array([nodes[i]._grad for i in checked])
        with np.errstate(all="ignore"):
            differences = np.abs(grads - sums)
            unequal = (1e-9 * sizes < differences) & (differences < math.inf)
        return [checked[i] for i in np.flatnonzero(unequal).tolist()]

    def _minor_places(self) -> list[int]:
        """The uses that are left out: their positions among all operands."""
        if not self._minor:
            return []
        places = {node: i for i, node in enumerate(self._nodes)}
        return [int(self._operands[0][places[node]]) + k for node, k in self._minor if node in places]

    def _node(self, key: str, places: list[int], keys: dict[int, str]) -> Node:
        """The node for all at these places."""
        i, *others = self._ends(places)
        node = self._nodes[i]
        terms = self._sums[i].terms if i in self._sums else [(i, k) for k in range(len(node.operands))]
        starts, found = self._operands
        operands: list[Operand] = []
        hidden: list[str] = []
        for step, k in terms:
            user, place = self._nodes[step], int(found[starts[step] + k])
            x = user.operands[k]
            is_drawn = place >= 0 and (user, k) not in self._minor
            operands.append(x if isinstance(x, float) else keys[self.units[place]] if is_drawn else "")
            is_shown = is_drawn and self.units[place] >= len(self.boxes)
            hidden.append("" if isinstance(x, float) or is_shown or not x.label else self._hidden_name(x))
        slopes = node._slopes if i not in self._sums else tuple([self._nodes[step]._slopes[k] for step, k in terms])
        paths, numbers_of = self._part.drawn_scopes
        label, scope = str(node.label), paths[numbers_of[i]]
        numbers = node._number, node._grad
        shown = Node(key, self._kind(node), scope, label, *numbers, node._operation, tuple(operands), slopes)
        if i in self._sums:
            count = sum(x != 0.0 for x in operands)  # keys are not 0
            shown = replace(shown, terms=count, ends=(i, *others))
        if not others:
            shown = replace(shown, hidden=tuple(hidden), index=self._naming.labelled(node).number)
        else:
            pairs = tuple([(self._nodes[other]._number, self._nodes[other]._grad) for other in others])
            constants = tuple([x for other in others for x in self._nodes[other].operands if isinstance(x, float)])
            names = ("",) * len(hidden)  # each has another one
            shown = replace(shown, hidden=names, others=pairs, constants=constants)
        return replace(shown, streams=tuple(self._streams(places, keys))) if shown.is_several else shown

    def _hidden_name(self, node: Value) -> str:
        return indexed(shortened(str(node.label), node._scope), self._naming.labelled(node).number)

    def _result(self, results: list[Value], key: str, box: Box) -> Node:
        """Results of a box: their numbers alone."""
        first, *others = results
        kind, label = self._kind(first), str(first.label)
        numbers = tuple([(x._number, x._grad) for x in others])
        index = 0 if others else self._naming.labelled(first).number
        scope, operands = box.scope[:-1], (box.key,)
        return Node(key, kind, scope, label, first._number, first._grad, None, operands, others=numbers, index=index)

    def _ends(self, places: list[int]) -> list[int]:
        """Those of the places that are shown: all but the steps of long sums."""
        return [place for place in places if place not in self._steps] if self._steps else places

    def _streams(self, users: list[int], keys: dict[int, str]) -> Iterable[Stream]:
        """The edges into the nodes at these places, by their tails."""
        starts, places = self._operands
        found: dict[str, Stream] = {}
        slopes: dict[str, dict[tuple[int, int], float | None]] = {}
        ends = {step: i for i in self._ends(users) if i in self._sums for step in self._sums[i].steps}
        for i in users:
            node = self._nodes[i]
            for k, (place, slope) in enumerate(zip(places[starts[i] : starts[i + 1]].tolist(), node._slopes)):
                if place < 0 or (node, k) in self._minor or place in self._steps:
                    continue
                key = keys[self.units[place]]
                stream = found.setdefault(key, Stream(key))
                stream.places.add(k)
                stream.count += 1
                pairs, pair = slopes.setdefault(key, {}), (ends.get(i, i), place)
                pairs.setdefault(pair, None)
                if slope is not None:
                    pairs[pair] = (pairs[pair] or 0.0) + slope
                    stream.flow += node._grad * slope
        for key, pairs in slopes.items():
            found[key].pairs = len(pairs)
            found[key].slopes = [slope for slope in pairs.values() if slope is not None]
        return found.values()
