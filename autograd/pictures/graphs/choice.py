"""What of a graph is drawn, and what is collapsed: the arguments of draw(), checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Union

from autograd.engine import Value
from autograd.pictures.arguments import is_whole

Collapse = Union[str, Iterable[str], Callable[[str], bool]]


def is_of_module(leaf: Value) -> bool:
    """Whether a leaf is a parameter of a module, which has a scope: modules mark the names of their scopes."""
    return bool(leaf._scope and leaf.label) and getattr(leaf._scope[-1], "is_of_module", False)


@dataclass(frozen=True)
class Choice:
    """What of a graph is drawn, and what is collapsed.

    Attributes:
        depth: how many levels of scopes are drawn open, from 0; None for as many as are readable.
        collapse: which scopes become boxes: their names, patterns, or a function of a name.
        merge: whether nodes, and boxes, that are alike are drawn as one; None for "if there are many".
        max_nodes: the largest number of nodes and boxes; None for the usual one.
        parameters: leaves that are parameters; those of modules within another module are known.
    """

    depth: int | None = None
    collapse: Collapse = ()
    merge: bool | None = None
    max_nodes: int | None = None
    parameters: frozenset[Value] = frozenset()

    @classmethod
    def of(cls, depth: int | None, collapse: Any, merge: bool | None, max_nodes: int | None, parameters: Any) -> Choice:
        """The choice that draw() is asked for.

        Raises:
            TypeError, ValueError: one of the arguments is wrong.
        """
        names = collapse if isinstance(collapse, str) or callable(collapse) else None
        if names is None and isinstance(collapse, Iterable):
            names = tuple(collapse)
        if names is None or (isinstance(names, tuple) and not all(isinstance(name, str) for name in names)):
            raise TypeError('collapse takes names of scopes, or a function of a name; write collapse="layers.*"')
        moved: list[Any] = (
            list(parameters) if isinstance(parameters, Iterable) and not isinstance(parameters, Value) else [None]
        )
        if not all(isinstance(x, Value) for x in moved):
            raise TypeError("parameters takes a list of Values; pass model.parameters(), or [w, b]")
        if max_nodes is not None and (not is_whole(max_nodes, 1)):
            raise ValueError(
                f"max_nodes is a whole number from 1 on, got {max_nodes!r}; leave it out for the usual one"
            )
        return cls(depth, names, merge, max_nodes, frozenset(moved))

    def collapsed(self, names: set[str]) -> set[str]:
        """Those of the names of scopes that `collapse` takes. What is a name is no pattern.

        Raises:
            ValueError: the names and patterns take none of them.
        """
        if callable(self.collapse):
            return set(filter(self.collapse, names))
        wanted = {self.collapse} if isinstance(self.collapse, str) else set(self.collapse)
        patterns = wanted - names
        found = (wanted & names) | {name for name in names if any(fnmatchcase(name, text) for text in patterns)}
        if wanted and not found:
            given = self.collapse if isinstance(self.collapse, str) else sorted(wanted)[0]
            some = ", ".join(sorted(names)[:3]) + (", …" if len(names) > 3 else "")
            remedy = f"write one of its scopes: {some}" if names else "leave it out, or record `with scope(name):`"
            raise ValueError(f"collapse={given!r} fits no scope of the graph; {remedy}")
        return found

    def is_parameter(self, node: Value) -> bool:
        """Whether a Value is a parameter: it is said to be one, or is one of a module within another one."""
        return node._operation is None and (node in self.parameters or is_of_module(node))
