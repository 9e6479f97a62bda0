"""Composed functions in a graph: softmax, log_softmax, logsumexp and cross_entropy, which a picture draws as one box.

They record many operations that only guard against overflow. A scope for each call would take time in every step of a
training; so pictures find the calls by the number that all of these functions subtract before they take exponentials.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from heapq import heappop, heappush
from math import inf
from typing import Any

import numpy as np

from autograd.engine import Value

_INNER = {"exp_difference", "add", "add_fraction", "subtract", "step", "where", "stop_gradient", "log1p"}
_ENDS = {"fraction": "softmax", "log_fraction": "log_softmax"}


class Composed(str):
    """The name of the scope that a call of a composed function would have."""

    __slots__ = ()


def levels(scopes: Iterable[tuple[str, ...]]) -> int:
    """How many levels of scopes there are. Calls are opened below all of these, if a depth asks for more."""
    return max((len(path) - isinstance(path[-1], Composed) for path in scopes if path), default=0)


def calls(order: Sequence[Value], operands: tuple[Any, Any]) -> Iterator[tuple[str, list[int]]]:
    """Each call of a composed function: its name, and the positions of its nodes.

    Args:
        order: all nodes, operands before results.
        operands: where the operands of each node begin in an array; and the array of their positions, -1 for constants.
    """
    starts, places = operands
    shifts = [i for i, node in enumerate(order) if node.op == "stop_gradient" and _is_limited(node)]
    if not shifts:
        return
    by_tail = np.argsort(places, kind="stable")
    begins = np.searchsorted(places[by_tail], np.arange(len(order) + 1)).tolist()
    heads = (np.searchsorted(starts, by_tail, side="right") - 1).tolist()
    graph = _Graph(order, starts.tolist(), places.tolist(), begins, heads)
    for shift in shifts:
        name, members = graph.call(shift)
        if name:
            yield name, sorted(members)


def _is_limited(node: Value) -> bool:
    below = node.operands[0]
    return isinstance(below, Value) and below.op == "minimum" and sys.float_info.max in below.operands


class _Graph:
    """A graph as lists: where the operands of each node are, and where its users are."""

    def __init__(
        self, order: Sequence[Value], starts: list[int], places: list[int], begins: list[int], heads: list[int]
    ) -> None:
        self._order, self._starts, self._places, self._begins, self._heads = order, starts, places, begins, heads

    def _operands(self, i: int) -> list[int]:
        return [place for place in self._places[self._starts[i] : self._starts[i + 1]] if place >= 0]

    def _users(self, i: int) -> list[int]:
        return self._heads[self._begins[i] : self._begins[i + 1]]

    def call(self, shift: int) -> tuple[str, set[int]]:
        """The name of the function that subtracts this number, "" if it is none of them; and its nodes."""
        members = {shift, *self._operands(shift)}
        waiting = [place for i in self._operands(shift) for place in self._operands(i)]
        while waiting:  # the largest of the numbers
            i = waiting.pop()
            if self._order[i].op == "maximum" and set(self._users(i)) <= members:
                members.add(i)
                waiting += self._operands(i)[:1]
        inner, name = {shift}, ""
        queue = [*self._users(shift)]
        seen = set(queue)
        queue.sort()
        while queue:
            i = heappop(queue)
            node, operands = self._order[i], self._operands(i)
            if node.op in _ENDS and shift in operands + [shift] * (node.op == "fraction"):
                name = _ENDS[node.op]
                members |= {i, *self._shifted_by_inf(i, members)}
                continue
            if node.op == "add" and operands[:1] == [shift]:
                name = "logsumexp"
                members.add(i)
                continue
            is_inner = node.op == "exp_difference" and shift in operands
            is_inner |= node.op in _INNER and all(x in inner or self._is_guard(x) for x in operands)
            if is_inner:
                inner.add(i)
                members.add(i)
                for user in self._users(i):
                    if user not in seen:
                        seen.add(user)
                        heappush(queue, user)
        return self._ended(name, members)

    def _is_guard(self, i: int) -> bool:
        """Whether a node is exp(x - inf), with which cross_entropy() leaves out the class of the label."""
        return self._order[i].op == "exp_difference" and inf in self._order[i].operands

    def _shifted_by_inf(self, end: int, members: set[int]) -> set[int]:
        """The guards below what is divided by, or added."""
        found, waiting = set(), [x for x in self._operands(end) if x in members]
        while waiting:
            for x in self._operands(waiting.pop()):
                if self._is_guard(x):
                    found.add(x)
                elif x in members and self._order[x].op == "add":
                    waiting.append(x)
        return found

    def _ended(self, name: str, members: set[int]) -> tuple[str, set[int]]:
        """The same, with the sign at the end of a cross_entropy()."""
        if name != "log_softmax" or not any(map(self._is_guard, members)):
            return name, members
        [end] = [i for i in members if self._order[i].op == "log_fraction"] or [0]
        signs = [user for user in self._users(end) if self._order[user].op == "negative"]
        return "cross_entropy", {*members, *signs}
