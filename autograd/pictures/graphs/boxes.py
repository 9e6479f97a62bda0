"""Boxes: scopes that are drawn as one node; and which of them are drawn as one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, Union, final

import numpy as np

from autograd.pictures.graphs.classes import MANY
from autograd.pictures.graphs.labels import Path, natural
from autograd.pictures.graphs.places import Integers, counted
from autograd.pictures.graphs.selection import Part

Places = Union[Sequence[int], Integers]


@final
class Boxes:
    """The boxes of a picture: each is the number of a list of scopes.

    Args:
        box_of: the scope whose box hides what was recorded in a scope; None if that is drawn.
        merges: whether scopes that are alike share a box, if there are MANY. Their names differ only by a number at the
            end, they have the same operations, and none uses what another one made, or each what each other one made.
            In a long chain, each uses what the one before made.

    Attributes:
        scopes: those of each box.
        numbers: for each scope the number of the box that hides what was recorded there, -1 if none does.
        links: what is to be said of scopes that use the results of each other, by the first scope of their box.
    """

    def __init__(self, part: Part, box_of: Callable[[Path], Path | None], *, merges: bool) -> None:
        self._part = part
        paths = {scope: box_of(scope) for scope in part.scopes[0]}
        found = {paths[scope] for scope in part.drawn_scopes[0]}
        self.scopes = [[path] for path in sorted([path for path in found if path is not None], key=natural)]
        self.links: dict[Path, str] = {}
        self.numbers = self._numbered(paths)
        families: dict[Path, list[int]] = {}
        for i, [path] in enumerate(self.scopes):
            families.setdefault((*path[:-1], re.sub(r"\d+$", "*", path[-1])), []).append(i)
        large = [family for family in families.values() if len(family) >= MANY]
        if merges and large:
            groups = [*_Alike(part, self.units(), len(self.scopes)).groups(large)]
            self.links = {self.scopes[group[0]][0]: link for group, link in groups if link}
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

    def owners(self) -> Any:
        """For each node of the graph the number of the scope that its box stands for, also if it stands for several."""
        scopes, numbers = self._part.scopes
        found: dict[Path, int] = {}
        owners = [
            scope if (unit := self.numbers[scope]) < 0 else scope[: len(self.scopes[unit][0])] for scope in scopes
        ]
        return np.array([found.setdefault(path, len(found)) for path in owners], dtype=np.int64)[numbers]

    def units_of(self, scopes: list[Path], numbers: Integers) -> Any:
        """The same for nodes whose scopes have these numbers in the list."""
        return np.array([self.numbers[scope] for scope in scopes], dtype=np.int64)[numbers]


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

    def groups(self, families: list[list[int]]) -> Iterator[tuple[list[int], str]]:
        """Members of a family with the same operations and leaves, if they are MANY; and how they use each other.

        If only some feed others, they are no group: a chain stays a chain, but for a long one.
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
                if all(members - {unit} <= self._users(unit) for unit in members):
                    yield group, MUTUAL
                elif self._is_chain(group):
                    yield group, CHAINED
                elif not (self._may_feed(members) and self._feed(members)):
                    yield group, ""

    def _is_chain(self, group: list[int]) -> bool:
        """Whether each uses what the one before made, and none what was made of theirs elsewhere."""
        if len(group) < _LONG or not all(b in self._users(a) for a, b in pairwise(group)):
            return False
        members = set(group)
        outside = {user for unit in group for user in self._users(unit)} - members
        return not self._may_feed_any(outside, members)

    @cached_property
    def _contents(self) -> list[list[tuple[int, int]]]:
        """For each box how many nodes each operation made."""
        codes, inside = self._part.operations[1], self._units >= 0
        most = int(codes.max(initial=0)) + 1
        found: list[list[tuple[int, int]]] = [[] for _ in range(self._count)]
        for both, count in zip(*[x.tolist() for x in counted(self._units[inside] * most + codes[inside])]):
            found[both // most].append((both % most, count))
        return found

    @cached_property
    def _heads(self) -> tuple[Integers, Integers]:
        """Where the users of each box, and of each node in none, begin in an array; and the array."""
        units = np.where(self._units >= 0, self._units, self._count + np.arange(len(self._units)))
        most = self._count + len(units)
        heads = np.repeat(units, np.diff(self._starts))
        crosses = (self._places >= 0) & (units[self._places] != heads)
        pairs = counted(units[self._places[crosses]] * most + heads[crosses])[0]
        counts = np.bincount(pairs // most, minlength=most)
        return np.concatenate([[0], np.cumsum(counts)]), pairs % most

    def _users(self, unit: int) -> set[int]:
        starts, heads = self._heads
        return set(heads[starts[unit] : starts[unit + 1]].tolist())

    def _may_feed(self, members: set[int]) -> bool:
        """Whether a way leads from a box of these to one of them, if a box is a single node."""
        return self._may_feed_any(members, members)

    def _may_feed_any(self, sources: set[int], members: set[int]) -> bool:
        """The same from any boxes or nodes to one of these."""
        stack, seen = [*sources], set(sources)
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


MUTUAL, CHAINED = "each uses the others", "each uses the one before"
"""How the scopes of a box may use each other."""

_LONG = 10  # so many boxes that stand one behind the other are drawn as one
_COUNTLESS = 100_000  # if more nodes than this are in no box, the picture is too large anyway
_NO_BOX, _SEVERAL = -1, -2
