"""Value: one number in a graph that remembers how it was made; the reference engine.

An operation on Values looks up its row in the table (`table.py`), computes the number and, at once,
the number of each local partial derivative, and records both in a new node. `backward()` is then
the chain rule and nothing else.
"""

from __future__ import annotations

import operator
import os
import sys
import threading
from collections import deque
from itertools import chain

from autograd._typing import TYPE_CHECKING, final
from autograd.engine import modes
from autograd.operations import table
from autograd.operations.coercion import is_real, real
from autograd.operations.operation import Binary, Operation, Unary, VectorBinary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, SupportsFloat, SupportsIndex, TypeVar

    from autograd.compiler.ir import Operand
    from autograd.operations.operation import Number, Slopes

    Result = TypeVar("Result")


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

    # the operands a, b, c and the partials by them da, db, dc have slots of their own, for with a tuple
    # of each there would be three objects a node to the cycle collector, which then takes most of the time
    # fmt: off
    __slots__ = ("__weakref__", "_data", "_grad", "_label", "_scope",  # noqa: RUF023  # in the order of use
                 "_operation", "_a", "_b", "_c", "_da", "_db", "_dc",
                 "_mark", "_sum")
    # fmt: on
    __module__ = "autograd"  # where pickle finds it, whichever engine runs

    _data: float
    _grad: float
    _label: str
    _scope: tuple[str, ...]
    _operation: Operation | None  # None for a leaf
    _a: Any  # a Value, a float, or None if there is no such operand; of dot a tuple of Values and floats
    _b: Any
    _c: Any
    _da: Any  # a float, or None where no gradient flows; of dot a tuple of floats, also for the constants in a
    _db: Any
    _dc: Any
    _mark: object  # of the last sweep that visited it,
    _sum: float | None  # and the derivative there, None as long as no gradient has reached it

    def __init__(self, data: SupportsFloat, *, label: str = "") -> None:
        if getattr(self, "_operation", None) is not None:
            raise TypeError(f"Value.__init__() makes a leaf, but this node was made by {self.op}; call Value(data)")
        self._operation = self._a = self._b = self._c = self._da = self._db = self._dc = None
        self._mark = self._sum = None
        self._scope = modes.current()[1] if modes.ENTERED else ()
        self._data = _checked(data)
        self._grad = 0.0
        self.label = label
        if modes.ENTERED and (watch := modes.current()[2]) is not None:
            watch.created(self)

    # ----------------------------------------------------------------------- what a node knows

    @property
    def data(self) -> float:
        """The number. Changing it leaves the recorded partials, hence the gradients, as they are."""
        return self._read(".data")

    @data.setter
    def data(self, number: float) -> None:
        number = real(number, "Value.data")
        if modes.ENTERED:
            watch = modes.current()[2]
            if watch is not None:
                watch.changing(self)
            else:
                modes.read_unwatched(self)
        self._data = number

    @property
    def grad(self) -> float:
        """The derivative by this node of the last root that depends on it; leaves sum up over backward() calls."""
        self._read(".grad")
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
        """The arguments of the operation as they were given: Values, constants as floats. Of dot(a, b): (*a, *b)."""
        return tuple(x for x, _ in self._edges())

    @property
    def inputs(self) -> tuple[Value, ...]:
        """The operands a gradient flows to."""
        return tuple(x for x, p in self._edges() if p is not None)

    @property
    def partials(self) -> tuple[float, ...]:
        """The partial derivative of this node by each of its inputs, as recorded."""
        return tuple(p for _, p in self._edges() if p is not None)

    @property
    def scope(self) -> tuple[str, ...]:
        """The names of the scopes it was recorded in, outermost first."""
        return self._scope

    # ----------------------------------------------------------------------- operators

    # each names its row; _unary, _binary and _reflected, below the class, record the node

    def __add__(self, other: SupportsFloat) -> Value:
        return _binary(table.add, self, other)

    def __radd__(self, other: SupportsFloat) -> Value:
        return _reflected(table.add, other, self)

    def __sub__(self, other: SupportsFloat) -> Value:
        return _binary(table.subtract, self, other)

    def __rsub__(self, other: SupportsFloat) -> Value:
        return _reflected(table.subtract, other, self)

    def __mul__(self, other: SupportsFloat) -> Value:
        return _binary(table.multiply, self, other)

    def __rmul__(self, other: SupportsFloat) -> Value:
        return _reflected(table.multiply, other, self)

    def __truediv__(self, other: SupportsFloat) -> Value:
        return _binary(table.divide, self, other)

    def __rtruediv__(self, other: SupportsFloat) -> Value:
        return _reflected(table.divide, other, self)

    def __pow__(self, other: SupportsFloat) -> Value:
        return _binary(table.power, self, other)

    def __rpow__(self, other: SupportsFloat) -> Value:
        return _reflected(table.power, other, self)

    def __neg__(self) -> Value:
        return _unary(table.negative, self)

    def __pos__(self) -> Value:
        return self

    def __abs__(self) -> Value:
        return _unary(table.absolute, self)

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
        factor = real(gradient, "backward")
        if modes.ENTERED and (watch := modes.current()[2]) is not None:
            watch.differentiating(self, factor)
        _sweep(self, factor, _store)

    def zero_grad(self) -> None:
        """Set `.grad` of this node to 0."""
        self.grad = 0.0

    def detach(self) -> Value:
        """A new leaf with the same number and label, through which no gradient flows."""
        if modes.ENTERED and (watch := modes.current()[2]) is not None and watch.traces:
            return table.stop_gradient(self)
        return Value(self._data, label=self._label)

    # ----------------------------------------------------------------------- functions, by NumPy's names

    def exp(self) -> Value:
        """e to the power of self."""
        return _unary(table.exp, self)

    def expm1(self) -> Value:
        """exp(self) - 1, exact also near 0."""
        return _unary(table.expm1, self)

    def log(self) -> Value:
        """Natural logarithm."""
        return _unary(table.log, self)

    def log1p(self) -> Value:
        """log(1 + self), exact also near 0."""
        return _unary(table.log1p, self)

    def log2(self) -> Value:
        """Logarithm to base 2."""
        return _unary(table.log2, self)

    def log10(self) -> Value:
        """Logarithm to base 10."""
        return _unary(table.log10, self)

    def sqrt(self) -> Value:
        """Square root."""
        return _unary(table.sqrt, self)

    def cbrt(self) -> Value:
        """Real cube root."""
        return _unary(table.cbrt, self)

    def sin(self) -> Value:
        """Sine of an angle in radians."""
        return _unary(table.sin, self)

    def cos(self) -> Value:
        """Cosine of an angle in radians."""
        return _unary(table.cos, self)

    def tan(self) -> Value:
        """Tangent of an angle in radians."""
        return _unary(table.tan, self)

    def arcsin(self) -> Value:
        """Inverse sine, in radians."""
        return _unary(table.arcsin, self)

    def arccos(self) -> Value:
        """Inverse cosine, in radians."""
        return _unary(table.arccos, self)

    def arctan(self) -> Value:
        """Inverse tangent, in radians."""
        return _unary(table.arctan, self)

    def sinh(self) -> Value:
        """Hyperbolic sine."""
        return _unary(table.sinh, self)

    def cosh(self) -> Value:
        """Hyperbolic cosine."""
        return _unary(table.cosh, self)

    def tanh(self) -> Value:
        """Hyperbolic tangent."""
        return _unary(table.tanh, self)

    def arcsinh(self) -> Value:
        """Inverse hyperbolic sine."""
        return _unary(table.arcsinh, self)

    def arccosh(self) -> Value:
        """Inverse hyperbolic cosine."""
        return _unary(table.arccosh, self)

    def arctanh(self) -> Value:
        """Inverse hyperbolic tangent."""
        return _unary(table.arctanh, self)

    def erf(self) -> Value:
        """Error function."""
        return _unary(table.erf, self)

    def erfc(self) -> Value:
        """1 - erf(self), exact also in the upper tail."""
        return _unary(table.erfc, self)

    def lgamma(self) -> Value:
        """Logarithm of |gamma(self)|."""
        return _unary(table.lgamma, self)

    def digamma(self) -> Value:
        """Derivative of lgamma."""
        return _unary(table.digamma, self)

    def sigmoid(self) -> Value:
        """Logistic function, 1/(1 + exp(-self))."""
        return _unary(table.sigmoid, self)

    def softplus(self) -> Value:
        """log(1 + exp(self)), without overflow."""
        return _unary(table.softplus, self)

    def relu(self) -> Value:
        """max(self, 0); the derivative at 0 is 0."""
        return _unary(table.relu, self)

    def step(self) -> Value:
        """1 if positive, otherwise 0; no gradient flows."""
        return _unary(table.step, self)

    def sign(self) -> Value:
        """-1, 0 or 1; no gradient flows."""
        return _unary(table.sign, self)

    def floor(self) -> Value:
        """Largest whole number not above self; no gradient flows."""
        return _unary(table.floor, self)

    def ceil(self) -> Value:
        """Smallest whole number not below self; no gradient flows."""
        return _unary(table.ceil, self)

    def maximum(self, other: SupportsFloat) -> Value:
        """The larger of self and other; a tie gives each half the gradient."""
        return _binary(table.maximum, self, other)

    def minimum(self, other: SupportsFloat) -> Value:
        """The smaller of self and other; a tie gives each half the gradient."""
        return _binary(table.minimum, self, other)

    def hypot(self, other: SupportsFloat) -> Value:
        """Length of the vector (self, other)."""
        return _binary(table.hypot, self, other)

    def arctan2(self, other: SupportsFloat) -> Value:
        """Angle of the point (other, self), in radians."""
        return _binary(table.arctan2, self, other)

    def conjugate(self) -> Value:
        """The Value itself, for it is real; NumPy asks for it in numpy.var and numpy.vdot."""
        return self

    # ----------------------------------------------------------------------- as a number

    def __float__(self) -> float:
        return self._read("float()")

    def __int__(self) -> int:
        return int(self._read("int()"))

    def __bool__(self) -> bool:
        return self._read("bool()") != 0.0

    def __floor__(self) -> Value:
        return self.floor()

    def __ceil__(self) -> Value:
        return self.ceil()

    def __lt__(self, other: SupportsFloat) -> bool:
        number = _number(other)
        return NotImplemented if number is None else self._compared("<", other, bool(self._data < number))

    def __le__(self, other: SupportsFloat) -> bool:
        number = _number(other)
        return NotImplemented if number is None else self._compared("<=", other, bool(self._data <= number))

    def __gt__(self, other: SupportsFloat) -> bool:
        number = _number(other)
        return NotImplemented if number is None else self._compared(">", other, bool(self._data > number))

    def __ge__(self, other: SupportsFloat) -> bool:
        number = _number(other)
        return NotImplemented if number is None else self._compared(">=", other, bool(self._data >= number))

    def __eq__(self, other: object) -> bool:
        number = _number(other)
        return NotImplemented if number is None else self._compared("==", other, bool(self._data == number))

    def __ne__(self, other: object) -> bool:
        number = _number(other)
        return NotImplemented if number is None else self._compared("!=", other, bool(self._data != number))

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        label = f", label={self._label!r}" if self._label else ""
        return f"Value(data={self._data}, grad={self._grad}{label})"

    def __format__(self, spec: str) -> str:
        return format(self._data, spec) if spec else repr(self)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        from autograd.pictures import notebook  # lazy: it needs graphviz, and draws what is defined here

        return notebook(self)

    # ----------------------------------------------------------------------- life of a node

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        """How copy, deepcopy and pickle take a leaf; a node with history is refused."""
        if self._operation is not None:
            raise TypeError(
                f"cannot copy or pickle a Value made by {self.op}: its graph would be copied with it; "
                "take x.detach() for the number alone"
            )
        return Value, (self._read("a copy"),), (self._grad, self._label, self._scope)

    def __setstate__(self, state: tuple[float, str, tuple[str, ...]]) -> None:
        self._grad, self._label, self._scope = state

    if sys.version_info >= (3, 13):  # before, the interpreter limits how deep objects free one another

        def __del__(self) -> None:
            # iterative: a chain of 5,000 nodes that free one another overflows a stack of 256 KB
            try:
                operands = self._a, self._b, self._c
            except AttributeError:  # Value() was called with the wrong arguments
                return
            if self._operation is not None:
                _dropped.append(operands)
                self._a = self._b = self._c = operands = None
                _release()

    def __init_subclass__(cls) -> None:
        raise TypeError(f"Value cannot be subclassed, as {cls.__name__} does; hold a Value in an attribute instead")

    # ----------------------------------------------------------------------- micrograd's names

    @property
    def _prev(self) -> set[Value]:
        return {x for x in self.operands if isinstance(x, Value)}

    @property
    def _op(self) -> str:
        if self._operation is None:
            return ""
        constant = self._operation is table.power and not isinstance(self._b, Value)
        return self._operation.symbol + (f"{self._b:g}" if constant else "")

    @property
    def _slopes(self) -> Slopes:
        """For each operand the partial derivative, None where no gradient flows."""
        return tuple(p for _, p in self._edges())

    def _step(self, registers: Mapping[Number, Operand]) -> tuple[str | None, tuple[Operand, ...]]:
        """What it is in a listing: the name of its row, and its operands as registers and constants."""
        return self.op, tuple([x if type(x) is float else registers[x] for x in self.operands])

    # ----------------------------------------------------------------------- who watches

    def _read(self, how: str) -> float:
        """The number, which somebody takes out of the graph."""
        if modes.ENTERED:
            watch = modes.current()[2]
            if watch is not None:
                watch.reading(self, how)
            else:
                modes.read_unwatched(self)
        return self._data

    def _compared(self, operator: str, other: object, holds: bool) -> bool:
        """What a comparison gives."""
        if modes.ENTERED:
            watch = modes.current()[2]
            if watch is not None:
                watch.compared(self, operator, other, holds)
            else:
                modes.read_unwatched(self, other)
        return holds

    # ----------------------------------------------------------------------- how the table calls

    def _record(self, operation: Operation, operands: tuple[Any, ...]) -> Value:
        """The node of an operation of which at least one operand is a Value."""
        if type(operation) is Unary:
            return _unary(operation, operands[0])
        if type(operation) is Binary:
            a, b = operands
            return _binary(operation, a, b) if isinstance(a, Value) else _reflected(operation, a, b)
        return _ternary(operation, operands)

    def _record_vectors(self, operation: VectorBinary, a: tuple[Any, ...], b: tuple[Any, ...]) -> Value:
        """The node of a row of vectors, such as dot, of which at least one element is a Value."""
        return _vectors(operation, a, b)

    def _edges(self) -> list[tuple[Any, float | None]]:
        """Each operand, and the partial derivative by it, None where no gradient flows."""
        if type(self._a) is tuple:  # of dot
            pairs = zip(self._a + self._b, self._da + self._db)
            return [(x, p if type(x) is Value else None) for x, p in pairs]
        edges = [(self._a, self._da), (self._b, self._db), (self._c, self._dc)]
        return [edge for edge in edges if edge[0] is not None]


__test__ = {"Value": Value}  # where doctest looks for its examples, for Value.__module__ is not this file

# --------------------------------------------------------------------------- recording

# a mode is a modes.State: whether no_grad() holds, the names of the scopes, and who watches, such as compile()


def _unary(operation: Unary, a: Value) -> Value:
    mode = modes.current() if modes.ENTERED else modes.NOTHING
    x = a._data
    y = operation.function(x)
    if mode[0]:
        return Value(y)
    (da,) = operation.slopes(y, x)
    return _node(y, operation, mode, a, None, None, da, None, None)


def _binary(operation: Binary, a: Value, b: SupportsFloat) -> Value:
    mode = modes.current() if modes.ENTERED else modes.NOTHING
    x = a._data
    if isinstance(b, Value):
        z = b._data
        y = operation.function(x, z)
        da, db = operation.slopes(y, x, z)
    else:
        b = z = real(b, operation.name)
        y = operation.function(x, z)
        da, db = operation.left_slope(y, x, z)
    return Value(y) if mode[0] else _node(y, operation, mode, a, b, None, da, db, None)


def _reflected(operation: Binary, a: SupportsFloat, b: Value) -> Value:
    mode = modes.current() if modes.ENTERED else modes.NOTHING
    x = real(a, operation.name)
    z = b._data
    y = operation.function(x, z)
    da, db = operation.right_slope(y, x, z)
    return Value(y) if mode[0] else _node(y, operation, mode, x, b, None, da, db, None)


def _ternary(operation: Operation, arguments: tuple[Number, ...]) -> Value:
    mode = modes.current() if modes.ENTERED else modes.NOTHING
    a, b, c = operands = [x if isinstance(x, Value) else real(x, operation.name) for x in arguments]
    numbers = [x._data if isinstance(x, Value) else x for x in operands]
    y = operation.function(*numbers)
    slopes = operation.slopes(y, *numbers)
    watch = mode[2]
    if operation is table.where and (watch is None or watch.chooses):  # the branch not taken is no input at all
        slopes = tuple(p or None for p in slopes)
    da, db, dc = (p if isinstance(x, Value) else None for x, p in zip(operands, slopes))
    return Value(y) if mode[0] else _node(y, operation, mode, a, b, c, da, db, dc)


def _vectors(operation: VectorBinary, a: tuple[Any, ...], b: tuple[Any, ...]) -> Value:
    a, b = [tuple([x if type(x) is Value else real(x, operation.name) for x in vector]) for vector in (a, b)]
    mode = modes.current() if modes.ENTERED else modes.NOTHING
    x, z = [tuple([v._data if type(v) is Value else v for v in vector]) for vector in (a, b)]
    y = operation.function(x, z)
    da, db = operation.slopes(y, x, z)
    return Value(y) if mode[0] else _node(y, operation, mode, a, b, None, da, db, None)


def _node(
    data: float,
    operation: Operation,
    mode: modes.State,
    a: Any,
    b: Any,
    c: Any,
    da: Any,
    db: Any,
    dc: Any,
) -> Value:
    """A new node; a, b and c are its operands, the others the partial derivatives, as they lie in its slots."""
    node = _blank(Value)
    node._data = data
    node._grad = 0.0
    node._label = ""
    _, node._scope, watch = mode
    node._operation = operation
    node._a = a
    node._b = b
    node._c = c
    node._da = da
    node._db = db
    node._dc = dc
    node._mark = None
    node._sum = None
    if watch is not None:
        watch.recorded(node)
    return node


_blank = object.__new__  # a node without __init__(), which makes leaves


# --------------------------------------------------------------------------- the sweep


def topological_order(*roots: Value) -> list[Value]:
    """Every node the roots depend on through an operand, operands before results, in argument order."""
    for root in roots:
        if type(root) is not Value:
            raise TypeError(f"topological_order() starts from Values, got {type(root).__name__}; pass the result alone")
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
            stack += [x for x in reversed(node.operands) if isinstance(x, Value) and x not in seen]
    return order


def derivatives(root: Value) -> dict[Value, float]:
    """The derivative of root by each leaf that a gradient flows to; every `.grad` stays as it is."""
    return _sweep(root, 1.0, _leaves)


def _sweep(root: Value, gradient: float, finish: Callable[[list[Value]], Result]) -> Result:
    """Differentiate root by each node, one sweep at a time, and give what finish makes of the order.

    A sweep leaves a mark of its own in each node it visits, and sums up the node's derivative next to it:
    half the price of a dict. A signal handler may call backward() in the middle of another; that
    sweep puts back what it found in the nodes.
    """
    mark = object()
    found: list[tuple[Value, object, float | None]] = []
    with _sweeping:
        try:
            _marks.append(mark)
            order = _order(root, mark, found if len(_marks) > 1 else None)
            root._sum = gradient
            _apply_chain_rule(order)
            return finish(order)
        finally:
            if mark in _marks:
                _marks.remove(mark)
            for node, other, total in found:
                node._mark, node._sum = other, total


def _order(root: Value, mark: object, found: list[tuple[Value, object, float | None]] | None) -> list[Value]:
    """The same order as topological_order() gives, found by marks instead of a set, which a sweep has no time for."""
    order = []
    path = [root]
    while path:  # the node at its end is done when its operands are
        node = path[-1]
        if node._mark is mark:  # it was an operand of others too
            path.pop()
            continue
        a = node._a
        if type(a) is Value and a._mark is not mark:
            path.append(a)
            continue
        b = node._b
        if type(b) is Value and b._mark is not mark:
            path.append(b)
            continue
        c = node._c
        if type(c) is Value and c._mark is not mark:
            path.append(c)
            continue
        if type(a) is tuple:  # of dot
            waiting = [x for x in a + b if type(x) is Value and x._mark is not mark]
            if waiting:
                path += reversed(waiting)
                continue
        if found is not None:
            found.append((node, node._mark, node._sum))
        node._mark = mark
        node._sum = None
        order.append(node)
        path.pop()
    return order


def _apply_chain_rule(order: list[Value]) -> None:
    """From the root back, add each node's derivative times its partials to the derivatives of its operands."""
    for node in reversed(order):
        derivative = node._sum
        if derivative is None:  # no gradient flows to it
            continue
        da = node._da
        db = node._db
        if type(da) is tuple:  # of dot
            for x, slope in zip(node._a + node._b, da + db):
                if type(x) is Value:
                    total = x._sum
                    x._sum = derivative * slope if total is None else total + derivative * slope
            continue
        if da is not None:
            a = node._a
            total = a._sum
            a._sum = derivative * da if total is None else total + derivative * da
        if db is not None:
            b = node._b
            total = b._sum
            b._sum = derivative * db if total is None else total + derivative * db
        dc = node._dc
        if dc is not None:
            c = node._c
            total = c._sum
            c._sum = derivative * dc if total is None else total + derivative * dc


def _leaves(order: list[Value]) -> dict[Value, float]:
    return {node: node._sum for node in order if node._operation is None and node._sum is not None}


def _store(order: list[Value]) -> None:
    """Make the derivatives gradients: all of them, or none after an interrupt.

    The loop over the nodes is one expression of functions written in C, in which no signal handler runs.
    """
    reached = [node for node in order if node._sum is not None]
    leaves = [node for node in reached if node._operation is None]
    results = [node for node in reached if node._operation is not None]
    sums = map(operator.add, map(_get_gradient, leaves), map(_get_sum, leaves))
    deque(chain(map(_set_gradient, leaves, sums), map(_set_gradient, results, map(_get_sum, results))), maxlen=0)


_get_gradient, _get_sum = operator.attrgetter("_grad"), operator.attrgetter("_sum")
_set_gradient = vars(Value)["_grad"].__set__

_sweeping = threading.RLock()  # reentrant, for a signal handler may call backward() too
_marks: list[object] = []  # of the sweeps under way, the innermost last

# --------------------------------------------------------------------------- releasing

_dropped: list[tuple[Any, ...]] = []
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
    global _sweeping, _releasing
    _sweeping = threading.RLock()
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
