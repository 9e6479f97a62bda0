"""Nodes that are alike: what a computation does again and again, as for each sample of a batch, is drawn once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence

from autograd.engine import Value
from autograd.pictures.graphs.choice import is_of_module

MANY = 5
"""So many nodes that are alike are drawn as one."""


def alike(
    nodes: Sequence[Value],
    chosen: Sequence[int],
    known: Sequence[int],
    used: Callable[[int], list[int]],
    kinds: Callable[[Value], Hashable],
) -> dict[int, int]:
    """The number of the class of each chosen node, by its position. A class has MANY members, or one.

    Nodes are alike if they have the same scope, label and kind, and were made by the same operation of operands that
    are alike; constants may differ. Leaves are alike but for parameters of modules.

    Args:
        nodes: all nodes, operands before results.
        chosen: the positions of the nodes to compare.
        known: for each position the class of what is not chosen, below 0.
        used: gives the positions of the operands of the node at a position, -1 for constants.
        kinds: the kind of a node.
    """
    alone: set[int] = set()
    while True:
        found = _classes(nodes, chosen, known, used, kinds, alone)
        sizes = Counter(found.values())
        few = {i for i, number in found.items() if sizes[number] < MANY}
        if few == alone:
            return found
        alone = few  # what was made of these is not alike either


def _classes(
    nodes: Sequence[Value],
    chosen: Sequence[int],
    known: Sequence[int],
    used: Callable[[int], list[int]],
    kinds: Callable[[Value], Hashable],
    alone: set[int],
) -> dict[int, int]:
    """The classes, if these nodes are alike with no other."""
    classes: dict[Hashable, int] = {}
    found = list(known)
    for i in chosen:
        node, label = nodes[i], nodes[i].label
        kind = (kinds(node), node._scope, label, node.op, i if i in alone else None)
        if node.op is None:
            key: Hashable = (kind, node if is_of_module(node) else None)
        else:
            key = (kind, tuple([found[x] if x >= 0 else None for x in used(i)]))
        found[i] = classes.setdefault(key, len(classes))
    return {i: found[i] for i in chosen}
