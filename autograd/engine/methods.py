"""The operations of the table as methods of a Value, by NumPy's names: `x.tanh()` is `tanh(x)`.

NumPy calls them for an array of Values: `numpy.tanh(array)`. `methods.pyi` lists them for type checkers.
"""

from __future__ import annotations

from autograd._typing import TYPE_CHECKING
from autograd.operations.operation import TABLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from autograd.operations.operation import Operation


class Methods:
    """One method for each operation whose entry in the table asks for one."""

    __slots__ = ()


def method(operation: Operation) -> Callable[..., Any]:
    """x.name() or x.name(other), with the operation's text as docstring."""

    def unary(self: Any) -> Any:
        return self._record(operation, (self,))

    def binary(self: Any, other: Any) -> Any:
        return self._record(operation, (self, other))

    function = unary if len(operation.formulas) == 1 else binary
    function.__name__ = operation.name
    function.__qualname__ = f"Value.{operation.name}"
    function.__doc__ = operation.text
    return function


for operation in TABLE.values():
    if operation.method:
        setattr(Methods, operation.name, method(operation))
