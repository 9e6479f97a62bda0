"""Value: one number in a graph that remembers how it was made; the reference engine.

An operation on Values looks up its row in the table (`ops.py`), computes the number and, at once,
the number of each local partial derivative, and records both in a new node. `backward()` is then
the chain rule and nothing else.
"""

from __future__ import annotations

import os
import threading
from typing import Any, SupportsFloat, SupportsIndex, Union, final

from autograd import modes, ops
from autograd.operation import Binary, Operation, Slopes, Unary, is_real, real

Number = Union["Value", float]


@final
class Value:
    """A real number (float64) that records the operations it takes part in.

    Args:
        data: the number; anything real: int, float, bool, Fraction, Decimal, a NumPy scalar.
        label: a name for pictures.

    Raises:
        TypeError: data is not a real number.

    >>> a = Value(2.0, label="a")
    >>> y = (a * 3 + 1).tanh()
    >>> y.backward()
    >>> f"{a.grad:.6g}"
    '9.97833e-06'
    """

    __slots__ = ("__weakref__", "_data", "_grad", "_label", "_operands", "_operation", "_scope", "_slopes")

    _data: float
    _grad: float
    _label: str
    _operation: Operation | None
    _operands: tuple[Number, ...]
    _slopes: Slopes
    _scope: tuple[str, ...]

    def __init__(self, data: SupportsFloat, *, label: str = "") -> None:
        self._operation = None
        self._operands = ()
        self._slopes = ()
        self._scope = modes.current()[1] if modes.ENTERED else ()
        self._data = _checked(data)
        self._grad = 0.0
        self.label = label

    # ----------------------------------------------------------------------- what a node knows

    @property
    def data(self) -> float:
        """The number. Changing it leaves the recorded partials, hence the gradients, as they are."""
        return self._data

    @data.setter
    def data(self, number: float) -> None:
        self._data = _checked(number)

    @property
    def grad(self) -> float:
        """The derivative by this node of the last root that depends on it; leaves sum up over backward() calls."""
        return self._grad

    @grad.setter
    def grad(self, number: float) -> None:
        self._grad = real(number, "Value.grad")

    @property
    def label(self) -> str:
        """The name shown in pictures, '' for none."""
        return self._label

    @label.setter
    def label(self, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(f"Value.label takes a str, got {type(text).__name__}; write str(label)")
        self._label = text

    @property
    def op(self) -> str | None:
        """The name of the operation that made this node, a row of the table; None for a leaf."""
        return None if self._operation is None else self._operation.name

    @property
    def operands(self) -> tuple[Number, ...]:
        """The arguments of the operation as they were given: Values, and constants as floats."""
        return self._operands

    @property
    def inputs(self) -> tuple[Value, ...]:
        """The operands a gradient flows to."""
        return tuple(x for x, p in zip(self._operands, self._slopes) if p is not None and isinstance(x, Value))

    @property
    def partials(self) -> tuple[float, ...]:
        """The partial derivative of this node by each of its inputs, as recorded."""
        return tuple(p for p in self._slopes if p is not None)

    @property
    def scope(self) -> tuple[str, ...]:
        """The names of the scopes it was recorded in, outermost first."""
        return self._scope

    # ----------------------------------------------------------------------- operators

    # each names its row; _unary, _binary and _reflected, below the class, record the node

    def __add__(self, other: SupportsFloat) -> Value:
        return _binary(ops.add, self, other)

    def __radd__(self, other: SupportsFloat) -> Value:
        return _reflected(ops.add, other, self)

    def __sub__(self, other: SupportsFloat) -> Value:
        return _binary(ops.subtract, self, other)

    def __rsub__(self, other: SupportsFloat) -> Value:
        return _reflected(ops.subtract, other, self)

    def __mul__(self, other: SupportsFloat) -> Value:
        return _binary(ops.multiply, self, other)

    def __rmul__(self, other: SupportsFloat) -> Value:
        return _reflected(ops.multiply, other, self)

    def __truediv__(self, other: SupportsFloat) -> Value:
        return _binary(ops.divide, self, other)

    def __rtruediv__(self, other: SupportsFloat) -> Value:
        return _reflected(ops.divide, other, self)

    def __pow__(self, other: SupportsFloat) -> Value:
        return _binary(ops.power, self, other)

    def __rpow__(self, other: SupportsFloat) -> Value:
        return _reflected(ops.power, other, self)

    def __neg__(self) -> Value:
        return _unary(ops.negative, self)

    def __pos__(self) -> Value:
        return self

    def __abs__(self) -> Value:
        return _unary(ops.absolute, self)

    # ----------------------------------------------------------------------- the chain rule

    def backward(self, gradient: SupportsFloat = 1.0) -> None:
        """Differentiate this node by every node it was made of, and store each derivative in `.grad`.

        In leaves it is added to what is there, in the other nodes it replaces it. A second call
        is as right as the first, whatever has happened to `.data` since.

        Args:
            gradient: what the derivatives are multiplied by: that of some later result by this node.

        Raises:
            TypeError: gradient is not a real number.

        >>> x = Value(3.0)
        >>> (x * x * x).backward()
        >>> x.grad
        27.0
        """
        derivatives = _sweep(self, real(gradient, "backward"))
        with _accumulating:
            for node, derivative in derivatives.items():
                if node._operation is None:
                    node._grad += derivative
                else:
                    node._grad = derivative

    def zero_grad(self) -> None:
        """Set `.grad` of this node to 0."""
        self._grad = 0.0

    def detach(self) -> Value:
        """A new leaf with the same number and label, through which no gradient flows."""
        return Value(self._data, label=self._label)

    # ----------------------------------------------------------------------- functions, by NumPy's names

    def exp(self) -> Value:
        """e to the power of self."""
        return _unary(ops.exp, self)

    def expm1(self) -> Value:
        """exp(self) - 1, exact also near 0."""
        return _unary(ops.expm1, self)

    def log(self) -> Value:
        """Natural logarithm."""
        return _unary(ops.log, self)

    def log1p(self) -> Value:
        """log(1 + self), exact also near 0."""
        return _unary(ops.log1p, self)

    def log2(self) -> Value:
        """Logarithm to base 2."""
        return _unary(ops.log2, self)

    def log10(self) -> Value:
        """Logarithm to base 10."""
        return _unary(ops.log10, self)

    def sqrt(self) -> Value:
        """Square root."""
        return _unary(ops.sqrt, self)

    def cbrt(self) -> Value:
        """Real cube root."""
        return _unary(ops.cbrt, self)

    def sin(self) -> Value:
        """Sine of an angle in radians."""
        return _unary(ops.sin, self)

    def cos(self) -> Value:
        """Cosine of an angle in radians."""
        return _unary(ops.cos, self)

    def tan(self) -> Value:
        """Tangent of an angle in radians."""
        return _unary(ops.tan, self)

    def arcsin(self) -> Value:
        """Inverse sine, in radians."""
        return _unary(ops.arcsin, self)

    def arccos(self) -> Value:
        """Inverse cosine, in radians."""
        return _unary(ops.arccos, self)

    def arctan(self) -> Value:
        """Inverse tangent, in radians."""
        return _unary(ops.arctan, self)

    def sinh(self) -> Value:
        """Hyperbolic sine."""
        return _unary(ops.sinh, self)

    def cosh(self) -> Value:
        """Hyperbolic cosine."""
        return _unary(ops.cosh, self)

    def tanh(self) -> Value:
        """Hyperbolic tangent."""
        return _unary(ops.tanh, self)

    def arcsinh(self) -> Value:
        """Inverse hyperbolic sine."""
        return _unary(ops.arcsinh, self)

    def arccosh(self) -> Value:
        """Inverse hyperbolic cosine."""
        return _unary(ops.arccosh, self)

    def arctanh(self) -> Value:
        """Inverse hyperbolic tangent."""
        return _unary(ops.arctanh, self)

    def erf(self) -> Value:
        """Error function."""
        return _unary(ops.erf, self)

    def erfc(self) -> Value:
        """1 - erf(self), exact also in the upper tail."""
        return _unary(ops.erfc, self)

    def lgamma(self) -> Value:
        """Logarithm of |gamma(self)|."""
        return _unary(ops.lgamma, self)

    def digamma(self) -> Value:
        """Derivative of lgamma."""
        return _unary(ops.digamma, self)

    def sigmoid(self) -> Value:
        """Logistic function, 1/(1 + exp(-self))."""
        return _unary(ops.sigmoid, self)

    def softplus(self) -> Value:
        """log(1 + exp(self)), without overflow."""
        return _unary(ops.softplus, self)

    def relu(self) -> Value:
        """max(self, 0); the derivative at 0 is 0."""
        return _unary(ops.relu, self)

    def step(self) -> Value:
        """1 if positive, otherwise 0; no gradient flows."""
        return _unary(ops.step, self)

    def sign(self) -> Value:
        """-1, 0 or 1; no gradient flows."""
        return _unary(ops.sign, self)

    def floor(self) -> Value:
        """Largest whole number not above self; no gradient flows."""
        return _unary(ops.floor, self)

    def ceil(self) -> Value:
        """Smallest whole number not below self; no gradient flows."""
        return _unary(ops.ceil, self)

    def maximum(self, other: SupportsFloat) -> Value:
        """The larger of self and other; a tie gives each half the gradient."""
        return _binary(ops.maximum, self, other)

    def minimum(self, other: SupportsFloat) -> Value:
        """The smaller of self and other; a tie gives each half the gradient."""
        return _binary(ops.minimum, self, other)

    def hypot(self, other: SupportsFloat) -> Value:
        """Length of the vector (self, other)."""
        return _binary(ops.hypot, self, other)

    def arctan2(self, other: SupportsFloat) -> Value:
        """Angle of the point (other, self), in radians."""
        return _binary(ops.arctan2, self, other)

    def conjugate(self) -> Value:
        """The Value itself, for it is real; NumPy asks for it in numpy.var and numpy.vdot."""
        return self

    # ----------------------------------------------------------------------- as a number

    def __float__(self) -> float:
        return self._data

    def __int__(self) -> int:
        return int(self._data)

    def __bool__(self) -> bool:
        return self._data != 0.0

    def __floor__(self) -> Value:
        return self.floor()

    def __ceil__(self) -> Value:
        return self.ceil()

    def __lt__(self, other: SupportsFloat) -> bool:
        number = _number(other)
        return NotImplemented if number is None else bool(self._data < number)

    def __le__(self, other: SupportsFloat) -> bool:
        number = _number(other)
        return NotImplemented if number is None else bool(self._data <= number)

    def __gt__(self, other: SupportsFloat) -> bool:
        number = _number(other)
        return NotImplemented if number is None else bool(self._data > number)

    def __ge__(self, other: SupportsFloat) -> bool:
        number = _number(other)
        return NotImplemented if number is None else bool(self._data >= number)

    def __eq__(self, other: object) -> bool:
        number = _number(other)
        return NotImplemented if number is None else bool(self._data == number)

    def __ne__(self, other: object) -> bool:
        number = _number(other)
        return NotImplemented if number is None else bool(self._data != number)

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        label = f", label={self._label!r}" if self._label else ""
        return f"Value(data={self._data}, grad={self._grad}{label})"

    def __format__(self, spec: str) -> str:
        return format(self._data, spec) if spec else repr(self)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        from autograd.draw import notebook  # lazy: it needs graphviz, and draws what is defined here

        return notebook(self)

    # ----------------------------------------------------------------------- life of a node

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        """How copy, deepcopy and pickle take a leaf; a node with history is refused."""
        if self._operation is not None:
            raise TypeError(
                f"cannot copy or pickle a Value made by {self.op}: its graph would be copied with it; "
                "take x.detach() for the number alone"
            )
        return Value, (self._data,), (None, {"_grad": self._grad, "_label": self._label, "_scope": self._scope})

    def __del__(self) -> None:
        # iterative: a chain of 5,000 nodes that free one another overflows a stack of 256 KB
        try:
            operands = self._operands
        except AttributeError:  # Value() was called with the wrong arguments
            return
        if operands:
            _dropped.append(operands)
            self._operands = operands = ()
            _release()

    def __init_subclass__(cls) -> None:
        raise TypeError(f"Value cannot be subclassed, as {cls.__name__} does; hold a Value in an attribute instead")

    # ----------------------------------------------------------------------- micrograd's names

    @property
    def _prev(self) -> set[Value]:
        return {x for x in self._operands if isinstance(x, Value)}

    @property
    def _op(self) -> str:
        if self._operation is None:
            return ""
        exponent = self._operands[-1]
        constant = self._operation is ops.power and not isinstance(exponent, Value)
        return self._operation.symbol + (f"{exponent:g}" if constant else "")

    # ----------------------------------------------------------------------- how the table calls

    def _record(self, operation: Operation, operands: tuple[Any, ...]) -> Value:
        """The node of an operation of which at least one operand is a Value."""
        if isinstance(operation, Unary):
            return _unary(operation, *operands)
        if isinstance(operation, Binary):
            a, b = operands
            return _binary(operation, a, b) if isinstance(a, Value) else _reflected(operation, a, b)
        return _ternary(operation, operands)


# --------------------------------------------------------------------------- recording


def _unary(operation: Unary, a: Value) -> Value:
    x = a._data
    y = operation.function(x)
    return _node(y, operation, (a,), operation.slopes(y, x))


def _binary(operation: Binary, a: Value, b: SupportsFloat) -> Value:
    x = a._data
    if isinstance(b, Value):
        z = b._data
        y = operation.function(x, z)
        return _node(y, operation, (a, b), operation.slopes(y, x, z))
    z = real(b, operation.name)
    y = operation.function(x, z)
    return _node(y, operation, (a, z), operation.left_slope(y, x, z))


def _reflected(operation: Binary, a: SupportsFloat, b: Value) -> Value:
    x = real(a, operation.name)
    z = b._data
    y = operation.function(x, z)
    return _node(y, operation, (x, b), operation.right_slope(y, x, z))


def _ternary(operation: Operation, arguments: tuple[Number, ...]) -> Value:
    operands = tuple(x if isinstance(x, Value) else real(x, operation.name) for x in arguments)
    numbers = [x._data if isinstance(x, Value) else x for x in operands]
    y = operation.function(*numbers)
    slopes = operation.slopes(y, *numbers)
    if operation is ops.where:  # the branch not taken is no input at all
        slopes = tuple(p or None for p in slopes)
    return _node(y, operation, operands, tuple(p if isinstance(x, Value) else None for x, p in zip(operands, slopes)))


def _node(data: float, operation: Operation, operands: tuple[Number, ...], slopes: Slopes) -> Value:
    """A new node; slopes has one entry per operand, None where no gradient flows."""
    node = Value.__new__(Value)
    node._data = data
    node._grad = 0.0
    node._label = ""
    node._operation = operation
    node._operands = operands
    node._slopes = slopes
    node._scope = ()
    if modes.ENTERED:
        paused, node._scope = modes.current()
        if paused:
            return Value(data)
    return node


# --------------------------------------------------------------------------- the sweep


def topological_order(*roots: Value) -> list[Value]:
    """Every node the roots depend on through an operand, operands before results, in argument order."""
    order: list[Value] = []
    seen: set[Value] = set()
    stack: list[Value | None] = list(reversed(roots))
    while stack:
        node = stack.pop()
        if node is None:  # all operands of the node below are in order
            order.append(stack.pop())  # type: ignore[arg-type]  # a None always lies on a node
        elif node not in seen:
            seen.add(node)
            stack += (node, None)
            stack += [x for x in reversed(node._operands) if isinstance(x, Value) and x not in seen]
    return order


def _sweep(root: Value, gradient: float) -> dict[Value, float]:
    """gradient times the derivative of root by each node it is a function of."""
    derivatives = {root: gradient}
    for node in reversed(topological_order(root)):
        derivative = derivatives.get(node)
        if derivative is None:  # reached by operands no gradient flows to
            continue
        for operand, partial in zip(node._operands, node._slopes):
            if partial is not None and isinstance(operand, Value):
                derivatives[operand] = derivatives.get(operand, 0.0) + derivative * partial
    return derivatives


# for builds without the global interpreter lock; reentrant, for a signal handler may call backward() too
_accumulating = threading.RLock()

# --------------------------------------------------------------------------- releasing

_dropped: list[tuple[Number, ...]] = []
_releasing = False


def _release() -> None:
    """Drop what dropped nodes held, one after the other; the nodes this frees add theirs meanwhile."""
    global _releasing
    while _dropped and not _releasing:
        _releasing = True
        try:
            while True:
                _dropped.pop()
        except IndexError:  # all is released, by this thread or by another
            pass
        finally:
            _releasing = False


def _after_fork() -> None:
    """In the child no other thread runs: none holds the lock, none releases."""
    global _accumulating, _releasing
    _accumulating = threading.RLock()
    _releasing = False


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(after_in_child=_after_fork)


def _checked(data: object) -> float:
    if isinstance(data, Value):
        raise TypeError("Value() takes a real number, got Value; use x itself, or x.detach() for a new leaf")
    return real(data, "Value")


def _number(x: object) -> Any:
    """What x is compared as, None if it is not a number."""
    if isinstance(x, Value):
        return x._data
    return x if is_real(x) else None
