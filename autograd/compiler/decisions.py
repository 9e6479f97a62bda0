"""Which numbers of a trace must have the bits of the function, because a rounding error there would not stay small.

These are numbers that decide a branch, or where a discontinuous operation jumps. Others are sums that may cancel at the
end of a domain, such as the argument of sqrt: there a rounding error makes nan of 0. But rounding may decide at the
kinks of continuous functions: relu, absolute, maximum, minimum, hypot, leaky_relu, elu, clip, logsumexp; and in their
derivatives.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Mapping, Sequence

from autograd._typing import TYPE_CHECKING, final
from autograd.compiler.ir import ONE
from autograd.compiler.passes import (
    find_ancestors,
    find_cancelling,
    find_cancelling_sums,
    find_signs,
    signs_of_constants,
)
from autograd.derivatives.chain_rule import made_by
from autograd.engine import Value, compiled
from autograd.operations.operation import CUSTOM, find

if TYPE_CHECKING:
    from autograd.compiler.ir import Listing
    from autograd.operations.operation import Number

BITS = "bits"
"""The demand that an operand has the bits of the function."""

SIDE = "side"
"""The demand that an operand is negative, zero or positive as in the function."""

ABOVE = "above"
"""The demand for the bits of the function, unless the operand is known not to be negative."""

Demands = tuple["str | None", ...]

_DEMANDS: dict[str, Demands] = {
    "absolute": (None,),
    "arctan2": (SIDE, SIDE),
    "cbrt": (SIDE,),
    "digamma": (BITS,),  # it has poles below 0, too
    "direction": (SIDE, SIDE),
    "divide": (None, SIDE),
    "gamma": (BITS,),
    "hypot": (None, None),
    "lgamma": (BITS,),
    "maximum": (None, None),
    "minimum": (None, None),
    "power": (SIDE, BITS),
    "relu": (None,),
    "round_digits": (BITS, BITS),
    "tan": (None,),  # no float is a pole
    "where": (BITS, None, None),
}
"""What these operations demand of their operands; for others the table says it."""


def find_deciding(nodes: Sequence[Value], outputs: Iterable[Number]) -> list[Value]:
    """The nodes that demand something of their operands, though maybe no result depends on the nodes themselves.

    Args:
        nodes: all that the function recorded, without what the chain rule made: this decides nothing else.
        outputs: the results.
    """
    names = operations_of(nodes)
    deciding = made_by(nodes, {name for name in names if demands_of(name)})
    if "where" in names or not _BY_MAGNITUDE.isdisjoint(names):
        kinks = find_kinks(nodes, {x for x in outputs if isinstance(x, Value)})
        deciding = [node for node in deciding if node not in kinks]
    return deciding


def operations_of(nodes: Iterable[Value]) -> set[str | None]:
    """The names of the operations that made these nodes; None for leaves."""
    if compiled is not None:
        return compiled.operations_of(nodes)  # type: ignore[no-any-return]  # names
    return {node.op for node in nodes}


def find_decisions(listing: Listing, nodes: Sequence[Value], registers: Mapping[Number, int]) -> set[int]:
    """The registers that must have the bits of the function; so must all that they depend on.

    Args:
        listing: what was traced, before any pass.
        nodes: what find_deciding() gives.
        registers: the operands of their operands. Of those that no result depends on, none is needed.
    """
    if not nodes:
        return set()

    def operand(x: Number) -> int:
        return registers.get(x, ONE) if isinstance(x, Value) else listing.constants.operand(x)

    deciding = [(str(node.op), [*map(operand, node.operands)]) for node in nodes]
    search = _Search(listing, [x for _, operands in deciding for x in operands])
    demands: dict[str, Demands] = {}
    for name, operands in deciding:
        if name not in demands:
            demands[name] = demands_of(name)
        search.add(name, operands, demands[name])
    return search.found()


def demands_of(name: str | None) -> Demands:
    """What an operation demands of each operand; () if nothing. The name of a leaf is None."""
    if name is None or name == "dot":
        return ()
    operation = find(name)
    count = len(operation.formulas)
    if name in CUSTOM:
        demands: Demands = (BITS,) * count
    elif name in _DEMANDS:
        demands = _DEMANDS[name]
    elif operation.kinks != "1":
        demands = (BITS,) * count
    else:
        demands = tuple(map(_demand_of, operation.domain))
    return demands if any(demands) else ()


def _demand_of(domain: tuple[float, float]) -> str | None:
    """What the ends of a domain demand of its argument."""
    low, high = domain
    if high < math.inf or low > 0.0:
        return BITS
    return SIDE if low == 0.0 else ABOVE if low > -math.inf else None


@final
class _Search:
    """What the deciding steps demand so far.

    Args:
        roots: the operands of all deciding steps.
    """

    def __init__(self, listing: Listing, roots: Iterable[int]) -> None:
        self._found: set[int] = set()
        self._sided: list[int] = []  # registers that must be on the right side of 0
        self._listing = listing
        needed = find_ancestors(listing, roots)
        self._signs, self._signs_of_constants = find_signs(listing, needed), signs_of_constants(listing)
        self._cancels = find_cancelling(listing, needed, self._signs)

    def add(self, name: str, operands: Sequence[int], demands: Demands) -> None:
        """Add what a deciding step demands."""
        if name == "power":
            base, exponent = operands[0], self._listing.number(operands[1])
            if (type(exponent) is float and exponent >= 0.0 and exponent.is_integer()) or self._sign(base) == 2:
                return  # a polynomial, or far from the end of the domain
        for x, demand in zip(operands, demands):
            if demand == BITS or (demand == ABOVE and not self._sign(x)):
                if x >= self._listing.first:
                    self._found.add(x)
            elif demand == SIDE and x >= 0 and self._cancels[x]:
                self._sided.append(x)
                if name == "divide":
                    self._sided.append(operands[0])  # 0/0 is nan

    def found(self) -> set[int]:
        """The registers that must have the bits of the function."""
        return self._found.union(find_cancelling_sums(self._listing, self._cancels, self._sided))

    def _sign(self, x: int) -> int:
        return self._signs[x] if x >= 0 else self._signs_of_constants[~x]


# --------------------------------------------------------------------------- kinks


def find_kinks(nodes: Sequence[Value], outputs: Container[Value]) -> set[Value]:
    """The nodes of leaky_relu, elu, clip and logsumexp: their where() chooses between branches that agree there.

    Those of norm are found, too: they choose between numbers of one magnitude, and only the magnitude is used.

    Args:
        nodes: all nodes that the function recorded.
        outputs: the results.
    """
    users: dict[Number, set[Value]] = {}
    for node in nodes:
        for x in node.operands:
            users.setdefault(x, set()).add(node)
    found: set[Value] = set()
    for node in nodes:
        match = _MATCHES.get(str(node.op))
        inner = match(*node.operands) if match else ()
        if inner and all(x not in outputs and users[x] <= {node, *inner} for x in inner):
            found.update(inner, (node,))
    for node in reversed(nodes):
        is_inner = node.op in _BY_MAGNITUDE and node not in outputs
        if is_inner and all(user.op == "hypot" or user in found for user in users.get(node, ())):
            found.add(node)
    return found


_BY_MAGNITUDE = {"maximum_magnitude", "minimum_magnitude"}


def _leaky_relu(x: Number, slope: Number) -> list[Value]:
    """The inner nodes of x * where(step(x), step(x), slope)."""
    condition, positive, _ = _operands(slope, "where") or (0.0, 1.0, 0.0)
    is_one = condition is positive and _same(_operands(condition, "step"), (x,))
    return _values(slope, condition) if is_one else []


def _elu_or_clip(condition: Number, positive: Number, negative: Number) -> list[Value]:
    """The inner nodes of where(step(x), x * step(x), alpha * expm1(x)), or of what clip() makes."""
    for x in _operands(condition, "step"):
        _, factor = _operands(negative, "multiply") or (0.0, 0.0)
        product = _operands(positive, "multiply")
        is_elu = _same(product, (x, condition)) and _same(_operands(factor, "expm1"), (x,))
        return _values(condition, positive) if is_elu else []
    (below,) = _operands(condition, "floor") or (0.0,)
    above, limited, low = _operands(positive, "where") or (0.0, 0.0, 0.0)
    (exceeds,) = _operands(above, "floor") or (0.0,)
    x, both = _operands(limited, "multiply") or (0.0, 0.0)
    is_clip = (
        _same(_operands(both, "multiply"), (above, condition))
        and _same(_operands(exceeds, "exceeds"), (x, low))
        and _same(_operands(below, "exceeds"), (negative, x))
    )
    return _values(condition, positive, below, above, limited, exceeds, both) if is_clip else []


def _logsumexp(x: Number) -> list[Value]:
    """The inner nodes of log1p(beyond + where(step(0.5 - beyond), rest - beyond, 0.0)), rest made by add_fraction.

    Near 0.5, `rest` differs from `beyond` only by rounding; there none of its terms is near 1, where its parts jump.
    """
    beyond, correction = _operands(x, "add") or (0.0, 0.0)
    (choice,) = _operands(correction, "stop_gradient") or (0.0,)
    condition, lost, otherwise = _operands(choice, "where") or (0.0, 0.0, 0.0)
    (margin,) = _operands(condition, "step") or (0.0,)
    rest, same = _operands(lost, "subtract") or (0.0, 0.0)
    if not _same((*_operands(margin, "subtract"), otherwise, same), (0.5, beyond, 0.0, beyond)):
        return []
    inner = _values(x, correction, choice, condition, margin, lost)
    while isinstance(rest, Value) and rest.op == "add_fraction":
        inner.append(rest)
        rest = rest.operands[0]
    return inner


_MATCHES: dict[str, Callable[..., list[Value]]] = {"log1p": _logsumexp, "multiply": _leaky_relu, "where": _elu_or_clip}
"""The inner nodes of a function whose last node has this operation; none for another function."""


def _operands(x: Number, op: str) -> tuple[Number, ...]:
    """The operands of a node, if it was made by this operation; otherwise ()."""
    return x.operands if isinstance(x, Value) and x.op == op else ()


def _same(a: Sequence[Number], b: Sequence[Number]) -> bool:
    """Whether operands are the same nodes, or the same numbers."""
    return len(a) == len(b) and all(x is y or (type(x) is type(y) is float and x == y) for x, y in zip(a, b))


def _values(*operands: Number) -> list[Value]:
    return [x for x in operands if isinstance(x, Value)]
