"""Boxes: scopes that are drawn as one node. Which of them are drawn as one, and what a box tells of its nodes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Union, final

import numpy as np

from autograd.pictures.graphs.classes import MANY
from autograd.pictures.graphs.places import Integers
from autograd.pictures.graphs.selection import Part

Path = tuple[str, ...]
Places = Union[Sequence[int], Integers]


@dataclass
class Box:
    """A scope drawn as one node, or several that are alike. All its nodes count, also those that are not drawn.

    Attributes:
        times: how many scopes it stands for.
        count: how many Values it hides.
        uses: how often it uses what is outside, by key; flows: what backward() sends there in all.
        n_parameters: how many leaves are in it.
        squares: the sum of the squares of their gradients.
        inside, out: how many Values from outside it uses, and how many of its Values are used outside.
        is_mutual: whether each of several uses what each other one made, as neurons of a recurrent layer do.
    """

    key: str
    scope: Path
    times: int = 1
    count: int = 0
    uses: Counter[str] = field(default_factory=Counter)
    flows: dict[str, float] = field(default_factory=dict)
    n_parameters: int = 0
    squares: float = 0.0
    inside: int = 0
    out: int = 0
    is_mutual: bool = False


@final
class Boxes:
    """The boxes of a picture: each is the number of a list of scopes.

    Args:
        box_of: the scope whose box hides what was recorded in a scope; None if that is drawn.
        merges: whether scopes that are alike share a box, if there are MANY. Their names differ only by a number at the
            end, they have the same operations, and none uses what another one made, or each what each other one made.

    Attributes:
        scopes: those of each box.
        numbers: for each scope the number of the box that hides what was recorded there, -1 if none does.
    """

    def __init__(self, part: Part, box_of: Callable[[Path], Path | None], *, merges: bool) -> None:
        self._part = part
        paths = {scope: box_of(scope) for scope in part.scopes[0]}
        found = {paths[scope] for scope in part.drawn_scopes[0]}
        self.scopes = [[path] for path in sorted(path for path in found if path is not None)]
        self._mutual: set[Path] = set()
        self.numbers = self._numbered(paths)
        families: dict[Path, list[int]] = {}
        for i, [path] in enumerate(self.scopes):
            families.setdefault((*path[:-1], re.sub(r"\d+$", "*", path[-1])), []).append(i)
        large = [family for family in families.values() if len(family) >= MANY]
        if merges and large:
            groups = [*_Alike(part, self.units(), len(self.scopes)).groups(large)]
            self._mutual = {self.scopes[group[0]][0] for group, is_mutual in groups if is_mutual}
            first = {i: group[0] for group, _ in groups for i in group}
            merged: dict[int, list[Path]] = {}
            for i, [path] in enumerate(self.scopes):
                merged.setdefault(first.get(i, i), []).append(path)
            self.scopes = [*merged.values()]
            self.numbers = self._numbered(paths)

    def __len__(self) -> int:
        return len(self.scopes)

    def _numbered(self, paths: dict[Path, Path | None]) -> dict[Path, int]:
        numbers = {path: i for i, paths in enumerate(self.scopes) for path in paths}
        return {scope: -1 if path is None else numbers.get(path, -1) for scope, path in paths.items()}

    def units(self) -> Any:
        """The number of the box of each node of the graph, -1 for those in none."""
        return self.units_of(*self._part.scopes)

    def units_of(self, scopes: list[Path], numbers: Integers) -> Any:
        """The same for nodes whose scopes have these numbers in the list."""
        return np.array([self.numbers[scope] for scope in scopes], dtype=np.int64)[numbers]

    def described(self) -> list[Box]:
        """Each box with all but its uses."""
        found = [Box(f"box{i}", path, 1 + len(others)) for i, (path, *others) in enumerate(self.scopes)]
        for box in found:
            box.is_mutual = box.scope in self._mutual
        if not found:
            return []
        units, (starts, places), most = self.units(), self._part.all_operands, len(self._part.order)
        for i in np.flatnonzero((np.diff(starts) == 0) & (units >= 0)).tolist():
            box, node = found[units[i]], self._part.order[i]
            box.n_parameters += node.op is None
            box.squares += node._grad * node._grad
        heads = np.repeat(units, np.diff(starts))
        crosses = (places >= 0) & (units[places] != heads)
        tails, users = places[crosses], heads[crosses]
        used = np.zeros(most, dtype=bool)
        used[tails] = used[self._part.root_places] = True
        into = counted(users[users >= 0] * most + tails[users >= 0])[0] // most
        facts = [np.bincount(x, minlength=len(found)) for x in (units[units >= 0], into, units[used & (units >= 0)])]
        for box, count, inside, out in zip(found, *[fact.tolist() for fact in facts]):
            box.count, box.inside, box.out = count, inside, out
        return found


def counted(numbers: Any) -> tuple[Any, Any]:
    """The different numbers of an array, and how often each comes; np.unique() hashes them in five times the time."""
    numbers = np.sort(numbers)
    first = np.flatnonzero(np.diff(numbers, prepend=-1))
    return numbers[first], np.diff(first, append=len(numbers))


@final
class _Alike:
    """Finds boxes that can be drawn as one.

    Args:
        units: the number of the box of each node, -1 for none.
        count: how many boxes there are.
    """

    def __init__(self, part: Part, units: Any, count: int) -> None:
        self._part, self._units, self._count = part, units, count
        self._starts, self._places = part.all_operands

    def groups(self, families: list[list[int]]) -> Iterator[tuple[list[int], bool]]:
        """Members of a family with the same operations and leaves, if they are MANY; and whether each feeds each other.

        If only some feed others, they are no group: a chain stays a chain.
        """
        if np.count_nonzero(self._units < 0) > _COUNTLESS:
            return
        for family in families:
            by_contents: dict[tuple[tuple[int, int], ...], list[int]] = {}
            for i in family:
                by_contents.setdefault(tuple(self._contents[i]), []).append(i)
            for group in by_contents.values():
                members = set(group)
                if len(group) < MANY:
                    continue
                is_mutual = all(members - {unit} <= self._users(unit) for unit in members)
                if is_mutual or not (self._may_feed(members) and self._feed(members)):
                    yield group, is_mutual

    @cached_property
    def _contents(self) -> list[list[tuple[int, int]]]:
        """For each box how many nodes each operation made."""
        codes, inside = self._part.operation_codes, self._units >= 0
        most = int(codes.max(initial=0)) + 1
        found: list[list[tuple[int, int]]] = [[] for _ in range(self._count)]
        for both, count in zip(*[x.tolist() for x in counted(self._units[inside] * most + codes[inside])]):
            found[both // most].append((both % most, count))
        return found

    @cached_property
    def _heads(self) -> tuple[list[int], list[int]]:
        """Where the users of each box, and of each node in none, begin in a list; and the list."""
        units = np.where(self._units >= 0, self._units, self._count + np.arange(len(self._units)))
        most = self._count + len(units)
        heads = np.repeat(units, np.diff(self._starts))
        crosses = (self._places >= 0) & (units[self._places] != heads)
        pairs = counted(units[self._places[crosses]] * most + heads[crosses])[0]
        return np.searchsorted(pairs // most, np.arange(most + 1)).tolist(), (pairs % most).tolist()

    def _users(self, unit: int) -> set[int]:
        starts, heads = self._heads
        return set(heads[starts[unit] : starts[unit + 1]])

    def _may_feed(self, members: set[int]) -> bool:
        """Whether a way leads from a box of these to one of them, if a box is a single node."""
        stack, seen = [*members], set(members)
        while stack:
            users = self._users(stack.pop())
            if not users.isdisjoint(members):
                return True
            stack += users - seen
            seen |= users
        return False

    def _feed(self, members: set[int]) -> bool:
        """Whether a Value in a box of these was made of one in another of them."""
        starts, places, units = self._starts.tolist(), self._places.tolist(), self._units.tolist()
        sources = [_NO_BOX] * len(units)  # the member that each node was made of
        for i, unit in enumerate(units):
            found = _NO_BOX
            for place in places[starts[i] : starts[i + 1]]:
                source = sources[place] if place >= 0 else _NO_BOX
                if source not in (found, _NO_BOX):
                    found = source if found == _NO_BOX else _SEVERAL
            if unit in members:
                if found not in (unit, _NO_BOX):
                    return True
                found = unit
            sources[i] = found
        return False


_COUNTLESS = 100_000  # if more nodes than this are in no box, the picture is too large anyway
_NO_BOX, _SEVERAL = -1, -2
