"""An expression as data: its steps can be computed, printed as code, and checked for where they are smooth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograd.compiler.notation import INFIX, code_of
from autograd.operations.operation import TABLE

if TYPE_CHECKING:
    from typing import Union

    from autograd.operations.operation import Number

    Operand = Union[int, float]  # the index of an input or of an earlier step; or a constant

MARGIN = 0.02
"""The distance from kinks, poles and ends of domains at which difference quotients can be trusted."""

LARGEST = 1e3
"""The largest result of a step with which difference quotients can be trusted."""


@dataclass(frozen=True, repr=False)
class Expression:
    """A function of some numbers, made of operations of the table; its repr is code that defines it.

    Args:
        n_inputs: how many numbers it takes.
        steps: each has the name of an operation and its operands. An int is an index into the inputs, followed by the
            earlier steps; a float is a constant. The last step is the result.
        witness: a point where it is smooth.

    >>> f = Expression(2, (("sin", (0,)), ("multiply", (2, 1)), ("add", (3, 2))), (0.5, 2.0))
    >>> f
    from autograd import sin
    <BLANKLINE>
    <BLANKLINE>
    def f(x0, x1):
        v2 = sin(x0)
        v3 = v2 * x1
        return v3 + v2
    >>> round(f(0.5, 2.0), 6)
    1.438277
    """

    n_inputs: int
    steps: tuple[tuple[str, tuple[Operand, ...]], ...]
    witness: tuple[float, ...]

    def __call__(self, *inputs: Number) -> Any:
        """The result, a Value if one of the inputs is."""
        if len(inputs) != self.n_inputs:
            raise TypeError(f"this expression takes {self.n_inputs} numbers, got {len(inputs)}; see its witness")
        return self._numbers(inputs)[-1]

    def is_smooth_at(self, point: Sequence[float]) -> bool:
        """Whether each step is within its domain, away from kinks, and not too large."""
        numbers = [float(x) for x in point]
        for name, operands in self.steps:
            arguments = [_pick(numbers, x) for x in operands]
            if not is_smooth(name, arguments):
                return False
            numbers.append(TABLE[name].function(*arguments))
        return True

    def __repr__(self) -> str:
        names = sorted({name for name, _ in self.steps} - INFIX.keys() - {"negative"})
        head = f"from autograd import {', '.join(names)}\n\n\n" if names else ""
        inputs = ", ".join(f"x{i}" for i in range(self.n_inputs))
        return f"{head}def f({inputs}):\n" + "\n".join(self._lines())

    def _numbers(self, inputs: Sequence[Number]) -> list[Any]:
        numbers: list[Any] = list(inputs)
        for name, operands in self.steps:
            operation: Any = TABLE[name]
            numbers.append(operation(*(_pick(numbers, x) for x in operands)))
        return numbers

    def _lines(self) -> Iterator[str]:
        if not self.steps:
            yield f"    return x{self.n_inputs - 1}"
        last = self.n_inputs + len(self.steps) - 1
        for i, (name, operands) in enumerate(self.steps, self.n_inputs):
            code = code_of(name, [self._name(x) for x in operands])
            yield f"    return {code}" if i == last else f"    v{i} = {code}"

    def _name(self, operand: Operand) -> str:
        if isinstance(operand, float):
            return repr(operand)
        return f"x{operand}" if operand < self.n_inputs else f"v{operand}"


def is_smooth(name: str, arguments: Sequence[float]) -> bool:
    """Whether the arguments are within the operation's domain, away from kinks, and its result is not too large."""
    operation = TABLE[name]
    within = all(low + MARGIN < x < high - MARGIN for x, (low, high) in zip(arguments, operation.domain))
    return within and abs(operation.kink(*arguments)) > MARGIN and abs(operation.function(*arguments)) < LARGEST


def _pick(numbers: Sequence[Any], operand: Operand) -> Any:
    return operand if isinstance(operand, float) else numbers[operand]
