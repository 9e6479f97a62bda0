"""detect_anomaly(): which operation made a nan or an infinity, and where."""

from __future__ import annotations

import math
import os
import sys
import weakref

from autograd._typing import TYPE_CHECKING, final
from autograd.derivatives.chain_rule import backward_edges, depending_on
from autograd.engine import Value, topological_order
from autograd.engine.modes import Plain
from autograd.engine.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Container, Sequence
    from types import FrameType
    from typing import Any, SupportsFloat

    from autograd.engine.state import State
    from autograd.operations.operation import Operation


@final
class DetectAnomaly(Plain, Watch):
    """Within `with detect_anomaly():`, the first operation that makes a nan or an infinity from finite numbers raises.

    Forward, it checks the number of each recorded node; `no_grad()` records none. Backward, it checks each product and
    each sum of the chain rule, before any `.grad` changes. It also checks nodes that were recorded before the block,
    but does not know their source lines. Use it for debugging only: it makes everything many times slower.

    Raises FloatingPointError. The message names the operation, its operands, the source line that recorded it, and a
    remedy if a usual one exists. A program runs as its function, for each row; one without its function, from a pickle
    or after bind(), is searched for the operation that spoiled a result, and knows no line.

    >>> from autograd import Value, detect_anomaly, sqrt
    >>> x = Value(0.0)
    >>> with detect_anomaly():
    ...     sqrt(x).backward()  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    FloatingPointError: the derivative of sqrt(0.0) = 0.0 is inf; recorded at ...
    """

    name = "detect_anomaly"

    inspects = True

    def within(self, state: State) -> State:
        watch = state[2]
        if watch is not None and watch.traces:
            raise RuntimeError(
                "detect_anomaly() checks numbers, which a compiled function has only when it is replayed; "
                "call the program within detect_anomaly()"
            )
        return super().within(state)

    def recorded(self, node: Value) -> None:
        """Check a new node, and remember where the program made it."""
        if node.op is None:
            return
        key = id(node)
        _lines[key] = calling_line(), weakref.ref(node, lambda _: _lines.pop(key, None))
        if not math.isfinite(node._number) and _is_made_of_finite(node):
            operation: Any = node._operation  # it is no leaf
            raise FloatingPointError(text_of_anomaly(operation, _numbers(node), node._number, _where(node)))

    def multiplying(self, node: Value, i: int, slope: float, derivative: SupportsFloat) -> None:
        """Check a product of the chain rule before it is computed."""
        factor = derivative._number if isinstance(derivative, Value) else float(derivative)
        product = factor * slope
        if math.isfinite(product) or not math.isfinite(factor) or not _is_made_of_finite(node):
            return
        names = [name for name, _ in node._operation.edges(len(node.operands))]  # type: ignore[union-attr]  # it has operands
        by = f"by {names[i]} " if len(names) > 1 else ""
        times = "" if factor == 1.0 else f", times the gradient {factor!r} is {product!r}"
        raise FloatingPointError(
            f"the derivative of {_call_of(node)} {by}is {slope!r}{times}; {_where(node)}{_remedy(node.op)}"
        )

    def differentiating(self, root: Value, gradient: SupportsFloat, inputs: Container[Value] | None = None) -> None:
        """Do the engine's reverse sweep in advance, and check each number on the way to the inputs."""
        order = topological_order(root)
        derivatives = {root: float(gradient)}
        depending = depending_on(set(order) if inputs is None else inputs, order)
        for node, derivative, edges in backward_edges(order, derivatives, depending):
            for operand, i, slope, _ in edges:
                self.multiplying(node, i, slope, derivative)
                product = derivative * slope
                former = derivatives.get(operand, 0.0)
                derivatives[operand] = former + product
                if math.isfinite(former) and math.isfinite(product) and not math.isfinite(former + product):
                    raise FloatingPointError(
                        f"the gradients {former!r} and {product!r} of {operand!r} add up to {former + product!r}, the "
                        f"second through {_call_of(node)}; {_where(node)}; scale the result down before backward()"
                    )


detect_anomaly = DetectAnomaly()


# --------------------------------------------------------------------------- what the message says


def text_of_anomaly(operation: Operation, numbers: Sequence[float], result: float, where: str) -> str:
    """The message about an operation that made a nan or an infinity from these finite numbers."""
    return f"{operation.call(numbers)} = {result!r}, from finite numbers; {where}{_remedy(operation.name)}"


_lines: dict[int, tuple[str, weakref.ref[Value]]] = {}
"""The source line of each node, by the node's id: a node with nan does not equal itself, so it cannot be a key."""


def _is_made_of_finite(node: Value) -> bool:
    return all(math.isfinite(x) for x in _numbers(node))


def _numbers(node: Value) -> list[float]:
    """The numbers of the operands, without a word to another watch."""
    return [x._number if isinstance(x, Value) else x for x in node.operands]


def _call_of(node: Value) -> str:
    operation = node._operation
    return f"{operation.call(_numbers(node))} = {node._number!r}" if operation else repr(node)


def _where(node: Value) -> str:
    line, _ = _lines.get(id(node), (None, None))
    return f"recorded at {line}" if line else "recorded before detect_anomaly() was entered"


_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_PACKAGES = tuple(os.path.join(_ROOT, name, "") for name in ("autograd", "nn"))


def is_of_user(frame: FrameType) -> bool:
    """Whether a frame runs code that is neither in these packages nor a compiled formula."""
    return "__name__" in frame.f_globals and not frame.f_code.co_filename.startswith(_PACKAGES)


def calling_line() -> str:
    """The line of the user's program that runs now: outside of these packages and of compiled formulas."""
    import linecache  # lazy: slow to import, and needed for errors only

    frame = sys._getframe(1)
    while frame.f_back is not None and not is_of_user(frame):
        frame = frame.f_back
    code = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
    return f"{frame.f_code.co_filename}:{frame.f_lineno}" + (f" `{code}`" if code else "")


_UNTAKEN = "; in an untaken branch of where(), write where(x > 0, f(where(x > 0, x, 1.0)), 0.0)"
_WITHIN_1 = "keep its argument within -1 and 1: clip(x, -1 + 1e-12, 1 - 1e-12)"
_WITHIN_700 = "keep its argument within the range: clip(x, -700.0, 700.0)"
_REMEDIES = {
    "sqrt": "keep its argument above 0: sqrt(x + 1e-12); norm() and hypot() have the gradient 0 at 0" + _UNTAKEN,
    "cbrt": "keep its argument away from 0" + _UNTAKEN,
    "log": "keep its argument above 0: log(x + 1e-300)" + _UNTAKEN,
    "log2": "keep its argument above 0: log2(x + 1e-300)" + _UNTAKEN,
    "log10": "keep its argument above 0: log10(x + 1e-300)" + _UNTAKEN,
    "log1p": "keep its argument above -1" + _UNTAKEN,
    "divide": "keep the divisor away from 0" + _UNTAKEN,
    "power": "keep the base above 0, or the exponent a whole number above 0" + _UNTAKEN,
    "exp": "subtract the largest number first, as logsumexp() and softmax() do, or use softplus() or sigmoid()",
    "expm1": _WITHIN_700,
    "sinh": _WITHIN_700,
    "cosh": _WITHIN_700,
    "arcsin": _WITHIN_1,
    "arccos": _WITHIN_1,
    "arctanh": _WITHIN_1,
    "arccosh": "keep its argument above 1: maximum(x, 1 + 1e-12)",
    "arctan2": "the origin has no angle; keep away from it",
    "power_slope": "a power whose derivative is differentiated: keep the base above 0" + _UNTAKEN,
    "power_derivative": "a power whose derivative is differentiated: keep the base above 0" + _UNTAKEN,
    "shifted_power": "a power whose derivative is differentiated: keep the base above 0" + _UNTAKEN,
    "lgamma": "keep its argument above 0",
    "digamma": "keep its argument above 0",
    "add": "scale the numbers down",
    "subtract": "scale the numbers down",
    "dot": "scale the numbers down",
    "multiply": "scale the numbers down, or add up logarithms instead of multiplying",
}


def _remedy(op: str | None) -> str:
    return f"; {_REMEDIES[op]}" if op in _REMEDIES else ""
