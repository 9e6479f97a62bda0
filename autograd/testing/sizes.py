"""Scales of a result, from its graph: the terms of its derivatives, and what rounding may do to it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from autograd.engine import Value, topological_order


class Sizes(NamedTuple):
    """Scales of a result.

    Attributes:
        terms: for each number of the arguments, the sum of the sizes of all terms that the derivative by it is made of.
            Rounding moves the derivative by some ulps of it, even if the terms cancel.
        noise: what the rounding of each node on the way to the result may add up to.
    """

    terms: list[float]
    noise: float


def sizes(result: object, leaves: Sequence[Value]) -> Sizes:
    """The chain rule with the size of each partial derivative in place of the partial derivative.

    A result that is no Value has no graph: its sizes are 0.
    """
    found: dict[Value, float] = {}
    noise = 0.0
    if isinstance(result, Value):
        found[result] = 1.0
        for node in reversed(topological_order(result)):
            size = found.get(node, 0.0)
            rounding = size * (abs(node.data) * 2.0**-52 + 5e-324)
            noise += rounding if math.isfinite(rounding) else 0.0
            for x, partial in zip(node.inputs, node.partials) if size else ():
                term = size * abs(partial)
                if math.isfinite(term):
                    found[x] = found.get(x, 0.0) + term
    return Sizes([found.get(x, 0.0) for x in leaves], noise)
