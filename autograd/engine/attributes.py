"""What a Value tells about itself, and how it is copied, pickled and shown in Jupyter."""

from __future__ import annotations

from autograd._typing import TYPE_CHECKING
from autograd.engine.modes import checked_names
from autograd.engine.watch import reading
from autograd.operations import table
from autograd.operations.coercion import is_value, real

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, NoReturn, SupportsIndex

    from autograd.engine.value import Value
    from autograd.operations.operation import Operation, Slopes


class Attributes:
    """The public attributes of a node, with their checks."""

    if not TYPE_CHECKING:  # Value has the slots; a type checker would not look for them there
        __slots__ = ()

    _number: float
    _grad: float
    _label: str
    _scope: tuple[str, ...]
    _operation: Operation | None
    _operands: tuple[Value | float, ...]
    _slopes: Slopes

    @property
    def data(self) -> float:
        """The number. A change of it does not change partials that are recorded, nor the gradients they give."""
        reading(self, ".data")
        return self._number

    @data.setter
    def data(self, number: float) -> None:
        number = real(number, "Value.data")
        reading(self, ".data =")
        self._number = number

    @property
    def grad(self) -> float:
        """The derivative by this node that backward() stored last; a leaf sums up those of all calls."""
        reading(self, ".grad")
        return self._grad

    @grad.setter
    def grad(self, number: float | None) -> None:
        number = 0.0 if number is None else real(number, "Value.grad")  # None as in PyTorch
        reading(self, ".grad =")
        self._grad = number

    @property
    def label(self) -> str:
        """The name that pictures show; '' for none."""
        return self._label

    @label.setter
    def label(self, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(f"Value.label takes a str, got {type(text).__name__}; write str(label)")
        self._label = text

    @property
    def op(self) -> str | None:
        """The name of the operation that made this node; None for a leaf."""
        return None if self._operation is None else self._operation.name

    @property
    def operands(self) -> tuple[Value | float, ...]:
        """The arguments of the operation: Values, and constants as floats. For dot(a, b) they are (*a, *b)."""
        return self._operands

    @property
    def inputs(self) -> tuple[Value, ...]:
        """The operands that a gradient flows to."""
        return tuple([x for x, slope in zip(self._operands, self._slopes) if slope is not None])  # type: ignore[misc]

    @property
    def partials(self) -> tuple[float, ...]:
        """The partial derivative of this node by each of its inputs, as recorded."""
        reading(self, ".partials")
        return tuple([slope for slope in self._slopes if slope is not None])

    @property
    def scope(self) -> tuple[str, ...]:
        """The names of the scopes in which it was recorded, outermost first."""
        return self._scope

    @scope.setter
    def scope(self, path: Sequence[str]) -> None:
        self._scope = checked_names(path)

    # ----------------------------------------------------------------------- micrograd's names

    @property
    def _prev(self: Value) -> set[Value]:  # type: ignore[misc]  # a part of Value
        """The operands. A constant is a new leaf at each look, so that a drawing shows it, except for an exponent."""
        operands = self._operands[:1] if self._has_constant_exponent() else self._operands
        return {x if is_value(x) else type(self)(x) for x in operands}

    @property
    def _op(self) -> str:
        if self._operation is None:
            return ""
        return self._operation.symbol + (f"{self._operands[1]:g}" if self._has_constant_exponent() else "")

    def _has_constant_exponent(self) -> bool:
        return self._operation is table.power and not is_value(self._operands[1])

    @property
    def _backward(self) -> NoReturn:
        raise AttributeError(_NO_BACKWARD)

    @_backward.setter
    def _backward(self, function: object) -> NoReturn:  # noqa: ARG002  # any function
        raise AttributeError(_NO_BACKWARD)

    # ----------------------------------------------------------------------- copied, shown, listed

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        """Copy and pickle a leaf; refuse the result of an operation."""
        if self._operation is not None:
            raise TypeError(
                f"cannot copy or pickle a Value made by {self.op}: its graph would be copied with it; "
                "take x.detach() for the number alone"
            )
        reading(self, "a copy")
        return type(self), (self._number,), (self._grad, self._label, self._scope)

    def __setstate__(self, state: tuple[float, str, tuple[str, ...]]) -> None:
        self._grad, self._label, self._scope = checked_state(state)

    def _repr_mimebundle_(self: Value, **_: object) -> dict[str, str]:  # type: ignore[misc]  # a part of Value
        from autograd.pictures import notebook  # lazy: it needs graphviz, and imports this package

        return notebook(self)


_NO_BACKWARD = (
    "a Value has no _backward(); call backward() on the result, "
    "and define operations of your own with autograd.operation()"
)


def check_leaf(children: object, op: object) -> None:
    """Raise TypeError if Value(data, children, op) does not ask for a leaf."""
    if isinstance(children, str):
        raise TypeError(f"Value() takes a label by name, got {children!r}; write Value(data, label={children!r})")
    if children or op:
        raise TypeError(
            "Value(data, _children, _op) cannot make a node by hand; compute with operators and functions, "
            "or define an operation with autograd.operation()"
        )


def refuse_more(others: tuple[object, ...]) -> NoReturn:
    """Raise TypeError because backward() got more than one argument."""
    raise TypeError(
        f"backward() takes one number that multiplies all derivatives, got {1 + len(others)} arguments; "
        "write y.backward(gradient)"
    )


def refuse_backward() -> NoReturn:
    """Raise RuntimeError because backward() would change no gradient."""
    raise RuntimeError(
        "backward() of a number that was computed within no_grad() finds no graph, and changes no gradient; "
        "compute it outside of no_grad()"
    )


def checked_state(state: object) -> tuple[float, str, tuple[str, ...]]:
    """The gradient, label and scope from a pickle, which may be damaged; TypeError if they are of other types."""
    if isinstance(state, tuple) and len(state) == 3:
        gradient, label, scope = state
        if isinstance(label, str) and type(scope) is tuple and all(isinstance(name, str) for name in scope):
            return real(gradient, "Value.grad"), label, scope
    raise TypeError(
        "the state of a Value is its gradient, label and scope, got something else; copy or pickle a Value to get one"
    )
