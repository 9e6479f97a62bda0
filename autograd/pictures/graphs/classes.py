"""Nodes that are alike: what a computation does again and again, as for each sample of a batch, is drawn once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING

from autograd.engine import Value
from autograd.pictures.graphs.choice import is_of_module

if TYPE_CHECKING:
    from autograd.pictures.graphs.places import Integers


MANY = 5
"""So many nodes that are alike are drawn as one."""


def alike(
    nodes: Sequence[Value],
    chosen: Sequence[int],
    known: Sequence[int],
    operands: tuple[Integers, Integers],
    kinds: Callable[[Value], Hashable],
) -> dict[int, int]:
    """The number of the class of each chosen node, by its position. A class has MANY members, or one.

    Nodes are alike if they have the same scope, label and kind, and were made by the same operation of operands that
    are alike; constants may differ. Leaves are alike but for parameters of modules. The steps of a sum of alike
    nodes are alike, too, whatever the kind and the label of the last one.

    Args:
        nodes: all nodes, operands before results.
        chosen: the positions of the nodes to compare.
        known: for each position the class of what is not chosen, below 0.
        operands: what operand_places() gives.
        kinds: the kind of a node.
    """
    alone: set[int] = set()
    while True:
        found = _classes(nodes, chosen, known, operands, kinds, alone)
        sizes = Counter(found.values())
        few = {i for i, number in found.items() if sizes[number] < MANY}
        if few == alone:
            return found
        alone = few  # what was made of these is not alike either


def _classes(
    nodes: Sequence[Value],
    chosen: Sequence[int],
    known: Sequence[int],
    operands: tuple[Integers, Integers],
    kinds: Callable[[Value], Hashable],
    alone: set[int],
) -> dict[int, int]:
    """The classes, if these nodes are alike with no other."""
    starts, places = operands
    classes: dict[Hashable, int] = {}
    found = list(known)
    for i in chosen:
        node, label = nodes[i], nodes[i].label
        inputs = places[starts[i] : starts[i + 1]].tolist()
        kind = (kinds(node), node._scope, label, node.op, i if i in alone else None)
        if node.op is None:
            key: Hashable = (kind, node if is_of_module(node) else None)
        else:
            key = (kind, tuple([found[x] if x >= 0 else None for x in inputs]))
            for before, other in zip(inputs, reversed(inputs)) if node.op == "add" and i not in alone else ():
                if before >= 0 <= other and before not in alone and nodes[before].op == "add":
                    terms = places[starts[before] : starts[before + 1]].tolist()
                    if (
                        kinds(nodes[before]) == "operation"
                        and not nodes[before].label
                        and found[other] in [found[x] for x in terms if x >= 0]
                    ):
                        key = found[before]
        found[i] = key if isinstance(key, int) else classes.setdefault(key, len(classes))
    return {i: found[i] for i in chosen}
