"""The steps of a rule, compiled and bound to the arrays of a group."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, final

from autograd import Value, compile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nn.optim.settings import Group

    Vector = NDArray[np.float64]


@final
class Move:
    """A rule, compiled for the numbers that are not 0.

    Args:
        rule: see Rule.move().
        numbers: those that it gets; others may follow, if the same ones are 0.
        n_arrays: how many arrays it takes.
    """

    __slots__ = ("n_results", "numbers", "program", "values")

    def __init__(self, rule: Callable[..., tuple[Value, ...]], numbers: tuple[float, ...], n_arrays: int) -> None:
        self.numbers = numbers
        self.values = list(map(Value, numbers))
        given = [x if isinstance(x, bool) or x == 0.0 else value for x, value in zip(numbers, self.values)]
        self.n_results = len(rule(*[Value(1.0) for _ in range(n_arrays)], *given))
        self.program = compile(lambda *arrays: rule(*arrays, *given), exact=True)


@final
class Part:
    """The arrays of a group, which its rule moves.

    Args:
        group: the group.
        rule: see Rule.move().
        moves: the compiled rules, by which of their numbers are 0. All groups share them.
        arrays: what the rule takes: the parameters, the gradients, and the state.
    """

    __slots__ = ("_arrays", "_move", "_moves", "_rule", "_run", "group")

    def __init__(
        self,
        group: Group,
        rule: Callable[..., tuple[Value, ...]],
        moves: dict[tuple[bool, ...], Move],
        arrays: tuple[Vector, ...],
    ) -> None:
        self.group = group
        self._rule, self._moves, self._arrays = rule, moves, arrays
        self._move: Move | None = None

    def move(self, numbers: tuple[float, ...]) -> None:
        """Move the first array by the second one, and what the rule keeps in the others."""
        move = self._move
        if move is None or numbers != move.numbers:
            self._prepare(numbers)
        self._run()

    def _prepare(self, numbers: tuple[float, ...]) -> None:
        """Choose the compiled rule for these numbers, and give it the numbers."""
        key = tuple(map(bool, numbers))
        move = self._moves.get(key)
        if move is None:
            move = self._moves[key] = Move(self._rule, numbers, len(self._arrays))
        if move is not self._move:
            out = (self._arrays[0], *self._arrays[2:])[: move.n_results]
            self._move, self._run = move, move.program.map_buffer(*self._arrays, out=out)
        for value, old, new in zip(move.values, move.numbers, numbers):
            if new != old:
                value.data = new
        move.numbers = numbers


@final
class Compiled:
    """The compiled rules of an optimizer, and the arrays that it moved last. A copy or a pickle begins anew.

    Attributes:
        moves: the rules, by which of their numbers are 0.
        arrays: those of the last step: the parameters, the gradients, and the state.
        parts: the groups with the arrays that the rule takes.
        own: the arrays of step(): the parameters and the gradients.
    """

    __slots__ = ("arrays", "moves", "own", "parts")

    def __init__(self) -> None:
        self.moves: dict[tuple[bool, ...], Move] = {}
        self.arrays: tuple[Vector, ...] = ()
        self.parts: list[Part] = []
        self.own: tuple[Vector, Vector] | None = None

    def __reduce__(self) -> tuple[type[Compiled], tuple[()]]:
        return Compiled, ()
