"""Long sums: where each of many additions is only a term of the next one, all are drawn as one node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd.engine import Value
from autograd.pictures.graphs.places import Integers

LONG = 5
"""A sum of so many terms is one node."""


class Sum(NamedTuple):
    """A long sum.

    Attributes:
        steps: the positions of the additions but the last one.
        terms: for each term the addition that has it as an operand, and its place among the two operands.
    """

    steps: list[int]
    terms: list[tuple[int, int]]


def long_sums(
    nodes: Sequence[Value],
    chosen: Sequence[int],
    operands: tuple[Integers, Integers],
    may_be_step: NDArray[np.bool_],
    focus: Value | None,
) -> dict[int, Sum]:
    """The long sums among the chosen nodes, by the position of the last addition.

    A step of a sum has no label, one use, the same scope as what uses it, and the same gradient; and an operand that is
    among the nodes.

    Args:
        nodes: all nodes, operands before results.
        operands: what operand_places() gives.
        may_be_step: for each node whether it has one use and is no root.
        focus: a node that is no step.
    """
    starts, places = operands
    additions = {i for i in chosen if nodes[i].op == "add"}
    users: dict[int, int] = {}
    for i in additions:
        for place in places[starts[i] : starts[i + 1]].tolist():
            if place not in additions or not may_be_step[place] or nodes[place] is focus:
                continue
            if _is_step(nodes[place], nodes[i]) and max(places[starts[place] : starts[place + 1]]) >= 0:
                users[place] = i
    found: dict[int, Sum] = {}
    for i in sorted(set(users.values()) - users.keys()):
        made = Sum([], [])
        waiting = [(i, 1), (i, 0)]
        while waiting:  # iterative: a sum may be deeper than the stack of Python
            step, k = waiting.pop()
            place = int(places[starts[step] + k])
            if users.get(place) == step:
                made.steps.append(place)
                waiting += [(place, 1), (place, 0)]
            else:
                made.terms.append((step, k))
        if sum(nodes[step].operands[k] != 0.0 or places[starts[step] + k] >= 0 for step, k in made.terms) >= LONG:
            found[i] = made
    return found


def _is_step(node: Value, user: Value) -> bool:
    is_same = node._grad == user._grad or (node._grad != node._grad and user._grad != user._grad)
    return is_same and not node.label and node._scope == user._scope
