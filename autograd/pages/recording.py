"""What a recorded graph computes: a module of JavaScript that gives all its numbers for other inputs."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, final

from autograd.compiler.export import text_of
from autograd.compiler.ir import Listing
from autograd.compiler.javascript.module import to_javascript
from autograd.compiler.trace import list_steps
from autograd.derivatives.chain_rule import edges_of
from autograd.engine import Value, topological_order
from autograd.engine.modes import enable_grad
from autograd.operations import table
from autograd.operations.operation import CUSTOM
from autograd.pictures.notation.text import cut, printable

if TYPE_CHECKING:
    from autograd.compiler.trace import Comparison

_LONGEST = 40  # characters of a label that people see beside an input


@final
class Recording:
    """The values and the partial derivatives of a graph, as a function of its leaves.

    A page multiplies and adds them in the order of backward(), so gradients need no instructions.

    Args:
        roots: the results.
        order: the nodes, operands before results.
        comparisons: what decided which branches Python took.

    Attributes:
        leaves: their positions in the order.
    """

    def __init__(self, roots: list[Value], order: list[Value], comparisons: Sequence[Comparison] = ()) -> None:
        self.order, self._roots, self._comparisons = order, roots, comparisons
        self.leaves = [i for i, node in enumerate(order) if node.op is None]
        self._places: dict[object, int] = {node: i for i, node in enumerate(order)}
        self._partials = _partials(order)
        self._listing = self._listed()

    def module(self) -> str:
        """The module: compute(x) gives the numbers for those of the leaves."""
        for operation in sorted({name for name, _ in self._listing.steps} & CUSTOM.keys()):
            text_of("view", operation)
        return to_javascript("compute", [self._listing], (), (), None)

    def facts(self) -> list[dict[str, Any]]:
        """For each node what the page knows of it: operands, and where its numbers are in what compute() gives."""
        return [self._facts(node) for node in self.order]

    def roots(self) -> list[int]:
        """The positions of the results."""
        return [self._places[root] for root in self._roots]

    def guards(self) -> list[dict[str, Any]]:
        """For each comparison what the page knows of it: its numbers, their names, and its result."""
        return [
            {
                "sign": operator,
                "numbers": [self._outputs[self._operand(x)] for x in (a, b)],
                "nodes": [self._places.get(x) for x in (a, b)],
                "holds": holds,
            }
            for operator, a, b, holds in self._comparisons
        ]

    def _facts(self, node: Value) -> dict[str, Any]:
        found: dict[str, Any] = {"label": node.label, "value": self._outputs[self._operand(node)]}
        if (text := cut(printable(node.label), _LONGEST)) != node.label:
            found["text"] = text
        if node._operation is not None:
            partials = self._partials[node]
            found["op"], found["sign"] = node.op, node._operation.symbol
            found["inputs"] = [self._places[x] if isinstance(x, Value) else javascript(x) for x in node.operands]
            found["partials"] = [
                self._outputs[self._operand(partials[k])] if k in partials else None for k in range(len(node.operands))
            ]
        return found

    def _listed(self) -> Listing:
        numbers = [x for partials in self._partials.values() for x in partials.values()]
        numbers += [x for _, a, b, _ in self._comparisons for x in (a, b)]
        nodes = [x for x in numbers if isinstance(x, Value)]
        order = topological_order(*self._roots, *nodes)
        listing = Listing(len(self.leaves), 0, (), (), ())
        self._registers: dict[Any, int] = {self.order[i]: k for k, i in enumerate(self.leaves)}
        for x in order:
            if x.op is None and x not in self._registers:
                self._registers[x] = listing.constants.operand(x._number)
        listing = listing.with_steps(*list_steps(order, self._registers, [*self.order, *nodes], listing))
        self._constants = listing.constants
        targets = dict.fromkeys(map(self._operand, [*self.order, *numbers]))
        self._outputs = {operand: k for k, operand in enumerate(targets)}
        listing.targets = array("i", targets)
        return listing

    def _operand(self, x: Value | float) -> int:
        return self._registers[x] if isinstance(x, Value) else self._constants.operand(float(x))


def _partials(order: list[Value]) -> dict[Value, dict[int, Any]]:
    """For each node its partial derivatives as numbers or Values, by the position of the operand."""
    known = set(order)
    found: dict[Value, dict[int, Any]] = {}
    with enable_grad():
        for node in order:
            if node._operation is table.where:  # also the branch that was not taken: other inputs may take it
                by = table.where.partials_of(node, node.operands)
                found[node] = {i: by(i) for i in (1, 2) if isinstance(node.operands[i], Value)}
            else:
                found[node] = {i: partial_by(i) for _, i, _, partial_by in edges_of(node, known)}
    return found


def javascript(x: float) -> str:
    """A number as text from which JavaScript makes the same one."""
    return repr(x) if math.isfinite(x) else "NaN" if math.isnan(x) else "Infinity" if x > 0.0 else "-Infinity"
