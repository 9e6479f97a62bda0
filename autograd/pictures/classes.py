"""Nodes that are alike: what a computation does again and again, as for each sample of a batch, is drawn once."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

from autograd.engine import Value

if TYPE_CHECKING:
    from autograd.pictures.places import Integers


def alike(
    nodes: Sequence[Value],
    chosen: Sequence[int],
    known: Sequence[int],
    operands: tuple[Integers, Integers],
    apart: set[Value],
) -> dict[int, int]:
    """The number of the class of each chosen node, by its position.

    Nodes are alike if they have the same scope and label, and were made by the same operation of operands that are
    alike. Leaves without a label are alike in the same scope. The steps of a sum of alike nodes are alike, too.

    Args:
        nodes: all nodes, operands before results.
        chosen: the positions of those that are compared.
        known: for each position the class of what is not chosen, below 0.
        operands: what operand_places() gives.
        apart: nodes that are alike only with each other.
    """
    starts, places = operands
    classes: dict[Hashable, int] = {}
    found = list(known)
    for i in chosen:
        node, label = nodes[i], nodes[i].label
        inputs = places[starts[i] : starts[i + 1]].tolist()
        if node.op is None:
            key: Hashable = (node._scope, node if label or node._scope else None)
        else:
            parts = tuple([found[x] if x >= 0 else None for x in inputs])
            key = (node in apart, node._scope, label, node.op, parts)
            if node.op == "add" and not label:
                for before, other in zip(inputs, reversed(inputs)):
                    if before >= 0 <= other and nodes[before].op == "add":
                        terms = places[starts[before] : starts[before + 1]].tolist()
                        if found[other] in [found[x] for x in terms if x >= 0] and not nodes[before].label:
                            key = found[before]
        found[i] = key if isinstance(key, int) else classes.setdefault(key, len(classes))
    return {i: found[i] for i in chosen}
