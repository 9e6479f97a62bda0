"""The steps of a rule, compiled and bound to the arrays of a group."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, final

from autograd import Value, compile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nn.optim.settings import Group

    Vector = NDArray[np.float64]


@final
class Move:
    """A rule, compiled for the settings that are not 0.

    Args:
        rule: see Rule.move().
        settings: those that it gets first; others may follow, if the same ones are 0.
        n_arrays: how many arrays it takes.

    Attributes:
        rule: the rule with these settings, of numbers.
        program: the compiled rule.
        n_results: how many of the arrays it moves.
        settings: those that the program has now.
        values: their numbers, which the program reads.
        step: the number of the step, which the program reads.
    """

    __slots__ = ("n_results", "program", "rule", "settings", "step", "values")

    def __init__(self, rule: Callable[..., tuple[Value, ...]], settings: Mapping[str, Any], n_arrays: int) -> None:
        self.settings = settings
        self.step = Value(1.0)
        self.values = list(map(Value, _flat(settings)))
        given = iter([x if isinstance(x, bool) or x == 0.0 else v for x, v in zip(_flat(settings), self.values)])
        named = {k: tuple([next(given) for _ in x]) if type(x) is tuple else next(given) for k, x in settings.items()}
        all_settings = SimpleNamespace(step=self.step, **named)
        results = rule(*[Value(1.0) for _ in range(n_arrays)], all_settings)
        if not isinstance(results, (tuple, list)):
            raise TypeError("move() of a rule gives a tuple, the parameter and then its state; write return (p,)")
        self.n_results = len(results)
        self.rule = lambda *arrays: rule(*arrays, all_settings)
        self.program = compile(self.rule, exact=True)

    def set(self, settings: Mapping[str, Any]) -> None:
        """Give the program other settings. The same ones are 0."""
        for value, x in zip(self.values, _flat(settings)):
            value.data = x
        self.settings = settings


@final
class Part:
    """The arrays of a group, which its rule moves.

    Args:
        group: the group.
        rule: see Rule.move().
        moves: the compiled rules, by which of their settings are 0. All groups share them.
        arrays: what the rule takes: the parameters, the gradients, and the state.
    """

    __slots__ = ("_arrays", "_group", "_move", "_moves", "_rule", "_run")

    def __init__(
        self,
        group: Group,
        rule: Callable[..., tuple[Value, ...]],
        moves: dict[object, Move],
        arrays: tuple[Vector, ...],
    ) -> None:
        self._group = group
        self._rule, self._moves, self._arrays = rule, moves, arrays
        self._move: Move | None = None

    def move(self, step: int) -> None:
        """Move the first array by the second one, and what the rule keeps in the others."""
        move = self._move
        if move is None or move.settings is not self._group.settings:
            move = self._prepare(self._group.settings)
        move.step.data = step
        self._run()

    def _prepare(self, settings: Mapping[str, Any]) -> Move:
        """The compiled rule for these settings, which it has now."""
        key = _shape(tuple(settings.values()))
        move = self._moves.get(key)
        if move is None:
            move = self._moves[key] = Move(self._rule, settings, len(self._arrays))
        if move is not self._move:
            out = (self._arrays[0], *self._arrays[2:])[: move.n_results]
            self._move, self._run = move, move.program.map_buffer(*self._arrays, out=out)
        move.set(settings)
        return move


def _shape(setting: object) -> object:
    """What a compiled rule depends on: which settings are flags, and which numbers are 0."""
    if isinstance(setting, tuple):
        return tuple(map(_shape, setting))
    return str(setting) if isinstance(setting, bool) else bool(setting)


def _flat(settings: Mapping[str, Any]) -> list[float]:
    """The numbers of settings; a tuple has several."""
    return [x for setting in settings.values() for x in (setting if type(setting) is tuple else (setting,))]


@final
class Compiled:
    """The compiled rules of an optimizer, and the arrays that it moved last. A copy or a pickle begins anew.

    Attributes:
        moves: the rules, by which of their settings are 0.
        vector, gradients, state: the arrays of the last step.
        parts: the groups with the arrays that the rule takes.
        own: the arrays of step(): the parameters and the gradients.
    """

    __slots__ = ("gradients", "moves", "own", "parts", "state", "vector")

    def __init__(self) -> None:
        self.moves: dict[object, Move] = {}
        self.vector: Vector | None = None
        self.gradients: Vector | None = None
        self.state: list[Vector] = []
        self.parts: list[Part] = []
        self.own: tuple[Vector, Vector] | None = None

    def __reduce__(self) -> tuple[type[Compiled], tuple[()]]:
        return Compiled, ()
