"""Graphs are freed in a loop: a chain of nodes that free one another is deeper than the stack of C."""

from __future__ import annotations

from autograd._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograd.engine.value import Value

_dropped: list[tuple[Value | float, ...]] = []
_releasing = False


def let_go(node: Value) -> None:
    """Drop the operands of a node that is being freed. Nodes that this frees call it again, and their operands wait."""
    global _releasing
    if not getattr(node, "_operands", ()):  # a leaf, or Value() was called with the wrong arguments
        return
    _dropped.append(node._operands)
    node._operands = ()
    while _dropped and not _releasing:
        _releasing = True
        try:
            while True:
                _dropped.pop()
        except IndexError:  # everything is freed, by this thread or by another
            pass
        finally:
            _releasing = False


def after_fork() -> None:
    """In the child no other thread runs, so none is releasing."""
    global _releasing
    _releasing = False
