"""Value: one number that remembers how it was computed. This is the engine to read first.

1. An operation on Values computes its number and its partial derivatives, and keeps both in a new node: `record()`.
2. `topological_order()` puts every node after its operands.
3. `sweep()` goes back from the result. Each node multiplies its derivative by its partials, and adds the products to
   the derivatives of its operands. That is the chain rule.
"""

from __future__ import annotations

import operator
import os
import sys
import threading
from collections import deque
from itertools import chain

from autograd._typing import TYPE_CHECKING, final
from autograd.engine import release
from autograd.engine.attributes import Attributes, check_leaf, refuse_backward, refuse_more
from autograd.engine.methods import Methods
from autograd.engine.number import Number
from autograd.engine.state import current
from autograd.engine.watch import is_traced, reading
from autograd.operations import table
from autograd.operations.coercion import defers, elementwise, real
from autograd.operations.operation import Operation, VectorBinary

if TYPE_CHECKING:
    from typing import Any, NoReturn, SupportsFloat

    from autograd.engine.watch import Watch
    from autograd.operations.operation import Slopes


@final
class Value(Methods, Attributes, Number):
    """A real number (float64) that records the operations it takes part in.

    Args:
        data: the number; anything real: int, float, bool, Fraction, Decimal, a NumPy scalar.
        label: a name for pictures. As in micrograd, it may also be the fourth argument, after `()` and `""`.

    Raises:
        TypeError: data is not a real number.

    >>> a = Value(2.0, label="a")
    >>> y = (a * 3 + 1).tanh()
    >>> y.backward()
    >>> f"{a.grad:.6g}"
    '9.97833e-06'
    """

    # __dict__ holds what a program keeps on a Value, such as p.momentum = 0.0
    __slots__ = (
        "__dict__",
        "__weakref__",
        "_grad",
        "_label",
        "_number",
        "_operands",
        "_operation",
        "_scope",
        "_slopes",
    )
    __module__ = "autograd"  # where pickle finds it, whichever engine runs

    _number: float
    _grad: float
    _label: str
    _scope: tuple[str, ...]
    _operation: Operation | None  # None for a leaf
    _operands: tuple[Value | float, ...]
    _slopes: Slopes  # the partial derivative by each operand, None where no gradient flows; see _without_graph()

    def __init__(self, data: SupportsFloat, _children: tuple[()] = (), _op: str = "", label: str = "") -> None:
        if _children or _op:
            check_leaf(_children, _op)
        if getattr(self, "_operation", None) is not None:
            raise TypeError(f"Value.__init__() makes a leaf, but this node was made by {self.op}; call Value(data)")
        if isinstance(data, Value):
            raise TypeError("Value() takes a real number, got Value; use x itself, or x.detach() for a new leaf")
        _, self._scope, watch = current()
        self._number = real(data, "Value")
        self._grad = 0.0
        self._operation, self._operands, self._slopes = None, (), ()
        self.label = label
        if watch is not None and watch.records:
            watch.recorded(self)

    # ----------------------------------------------------------------------- operators, each an operation of the table

    # fmt: off
    def __add__(self, other: SupportsFloat) -> Value:          return record(table.add, self, other)
    def __radd__(self, other: SupportsFloat) -> Value:         return record(table.add, other, self)
    def __sub__(self, other: SupportsFloat) -> Value:          return record(table.subtract, self, other)
    def __rsub__(self, other: SupportsFloat) -> Value:         return record(table.subtract, other, self)
    def __mul__(self, other: SupportsFloat) -> Value:          return record(table.multiply, self, other)
    def __rmul__(self, other: SupportsFloat) -> Value:         return record(table.multiply, other, self)
    def __truediv__(self, other: SupportsFloat) -> Value:      return record(table.divide, self, other)
    def __rtruediv__(self, other: SupportsFloat) -> Value:     return record(table.divide, other, self)
    def __mod__(self, other: SupportsFloat) -> Value:          return record(table.remainder, self, other)
    def __rmod__(self, other: SupportsFloat) -> Value:         return record(table.remainder, other, self)
    def __floordiv__(self, other: SupportsFloat) -> Value:     return record(table.floor_divide, self, other)
    def __rfloordiv__(self, other: SupportsFloat) -> Value:    return record(table.floor_divide, other, self)
    def __pow__(self, other: SupportsFloat) -> Value:          return record(table.power, self, other)
    def __rpow__(self, other: SupportsFloat) -> Value:         return record(table.power, other, self)
    def __neg__(self) -> Value:                                return record(table.negative, self)
    def __pos__(self) -> Value:                                return self
    def __abs__(self) -> Value:                                return record(table.absolute, self)
    # fmt: on

    # ----------------------------------------------------------------------- the chain rule

    def backward(self, gradient: SupportsFloat = 1.0, *others: NoReturn) -> None:
        """Differentiate this node by every node that it depends on, and store each derivative in `.grad`.

        In a leaf the derivative is added to `.grad`; in any other node it replaces `.grad`. A second call gives
        the same derivatives, even if `.data` was changed in between.

        Args:
            gradient: multiplies all derivatives, such as the derivative of a later result by this node.

        Raises:
            TypeError: gradient is not a real number, or there are more arguments.
            RuntimeError: the number was computed within no_grad(), so that it depends on nothing.

        >>> x = Value(3.0)
        >>> (x * x * x).backward()
        >>> x.grad
        27.0
        """
        if others:
            refuse_more(others)
        seed = real(gradient, "backward")
        if self._operation is None and self._slopes:
            refuse_backward()
        _, _, watch = current()
        if watch is not None:
            watch.differentiating(self, seed)
        _store(sweep(self, seed))

    def zero_grad(self) -> None:
        """Set `.grad` of this node to 0."""
        reading(self, ".grad =")
        self._grad = 0.0

    def detach(self) -> Value:
        """A new leaf with the same number and label, through which no gradient flows."""
        if is_traced():
            return table.stop_gradient(self)
        return Value(self._number, label=self._label)

    # ----------------------------------------------------------------------- what an operation calls: exp(x), dot(x, y)

    def _record(self, operation: Operation, operands: tuple[Any, ...]) -> Value:
        """The node of an operation on numbers; at least one operand is a Value."""
        node = record(operation, *operands)
        return node if node is not NotImplemented else elementwise(operation, operands)

    def _record_vectors(self, operation: VectorBinary, a: tuple[Any, ...], b: tuple[Any, ...]) -> Value:
        """The node of an operation on two vectors, such as dot; at least one element is a Value."""
        return record_vectors(operation, a, b)

    def __init_subclass__(cls) -> None:
        raise TypeError(f"Value cannot be subclassed, as {cls.__name__} does; hold a Value in an attribute instead")

    if sys.version_info >= (3, 13):  # older interpreters limit the depth themselves

        def __del__(self) -> None:
            release.let_go(self)


def record(operation: Operation, *operands: Any) -> Value:
    """The node of an operation: its number, and the partial derivative by each operand that is a Value.

    NotImplemented if an operand is an array, or has such operators of its own; then Python asks the operand.
    """
    try:
        operands = tuple([x if type(x) is Value else real(x, operation.name) for x in operands])
    except TypeError:
        if any(map(defers, operands)):
            return NotImplemented  # type: ignore[no-any-return]
        raise
    numbers = [x._number if type(x) is Value else x for x in operands]
    y = operation.function(*numbers)
    paused, scope, watch = current()
    if paused:
        return _without_graph(y)
    slopes = operation.slopes(y, *numbers)
    if operation is table.where and (watch is None or watch.chooses):  # the branch not taken gets no gradient at all
        slopes = tuple([slope or None for slope in slopes])
    return _node(y, operation, operands, slopes, scope, watch)


def topological_order(*roots: Value) -> list[Value]:
    """The roots and every node that they depend on, operands before results, in the order of arguments."""
    for root in roots:
        if type(root) is not Value:
            raise TypeError(f"topological_order() starts from Values, got {type(root).__name__}; pass the result alone")
    order: list[Value] = []
    seen: set[Value] = set()
    stack: list[Value | None] = list(reversed(roots))
    while stack:  # iterative: a chain of a million nodes is deeper than the stack of Python
        node = stack.pop()
        if node is None:  # all operands of the node below it on the stack are in order
            order.append(stack.pop())  # type: ignore[arg-type]  # a None always lies on a node
        elif node not in seen:
            seen.add(node)
            stack += (node, None)
            stack += [x for x in reversed(node._operands) if type(x) is Value and x not in seen]
    return order


def sweep(root: Value, seed: float) -> dict[Value, float]:
    """The chain rule: seed times the derivative of root by each node that a gradient flows to."""
    derivatives = {root: seed}
    for node in reversed(topological_order(root)):
        derivative = derivatives.get(node)
        if derivative is None:  # no gradient reaches it
            continue
        for operand, slope in zip(node._operands, node._slopes):
            if slope is not None:
                # -0.0 + x is x for every x, even for -0.0
                derivatives[operand] = derivatives.get(operand, -0.0) + derivative * slope  # type: ignore[index,arg-type]
    return derivatives


# --------------------------------------------------------------------------- nodes


def record_vectors(operation: VectorBinary, a: tuple[Any, ...], b: tuple[Any, ...]) -> Value:
    """The node of an operation on two vectors: its operands are the elements of a, then those of b."""
    a, b = [tuple([x if type(x) is Value else real(x, operation.name) for x in vector]) for vector in (a, b)]
    x, z = [tuple([v._number if type(v) is Value else v for v in vector]) for vector in (a, b)]
    y = operation.function(x, z)
    paused, scope, watch = current()
    if paused:
        return _without_graph(y)
    by_a, by_b = operation.slopes(y, x, z)
    return _node(y, operation, a + b, by_a + by_b, scope, watch)  # type: ignore[operator,arg-type]  # two vectors


def _without_graph(number: float) -> Value:
    """The result of an operation within no_grad(): a leaf, which backward() tells from others."""
    leaf = Value(number)
    leaf._slopes = (None,)
    return leaf


def _node(
    number: float,
    operation: Operation,
    operands: tuple[Any, ...],
    slopes: Slopes,
    scope: tuple[str, ...],
    watch: Watch | None,
) -> Value:
    """A new node; a constant gets no gradient."""
    node = object.__new__(Value)  # without __init__(), which makes leaves
    node._number = number
    node._grad = 0.0
    node._label = ""
    node._scope = scope
    node._operation = operation
    node._operands = operands
    node._slopes = tuple([slope if type(x) is Value else None for x, slope in zip(operands, slopes)])
    if watch is not None and watch.records:
        watch.recorded(node)
    return node


# --------------------------------------------------------------------------- gradients


def derivatives(root: Value) -> dict[Value, float]:
    """The derivative of root by each leaf that a gradient flows to; no `.grad` changes."""
    return {node: derivative for node, derivative in sweep(root, 1.0).items() if node._operation is None}


def _store(derivatives: dict[Value, float]) -> None:
    """Store the derivatives in `.grad`: all of them, or none after an interrupt.

    The loop over the nodes calls only functions written in C, so no signal handler runs in it.
    """
    leaves = [node for node in derivatives if node._operation is None]
    results = [node for node in derivatives if node._operation is not None]
    sums = map(operator.add, map(_get_gradient, leaves), map(derivatives.__getitem__, leaves))
    others = map(derivatives.__getitem__, results)
    with _storing:
        deque(chain(map(_set_gradient, leaves, sums), map(_set_gradient, results, others)), maxlen=0)


_get_gradient = operator.attrgetter("_grad")
_set_gradient = vars(Value)["_grad"].__set__
_storing = threading.RLock()  # reentrant, because a signal handler may call backward() too


def _after_fork() -> None:
    """In the child no other thread runs, so none holds the lock."""
    global _storing
    _storing = threading.RLock()
    release.after_fork()


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(after_in_child=_after_fork)

__test__ = {"Value": Value}  # doctest finds the examples here, because Value.__module__ is not this file
