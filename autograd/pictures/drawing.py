"""Pictures of computation graphs."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from autograd._typing import TYPE_CHECKING

if TYPE_CHECKING:
    import graphviz

    from autograd.engine.value import Value

DIRECTIONS = ("LR", "TB", "RL", "BT")


def draw(
    roots: Value | Iterable[Value],
    *,
    direction: str = "LR",
    partials: bool = False,
    depth: int | None = None,
    max_nodes: int = 1000,
) -> graphviz.Digraph:
    """The graph the roots were made by: their numbers, the operations, the constants.

    Scopes are drawn as frames. A dashed edge is one that no gradient flows along. Where the order of
    the arguments matters, their edges are named a, b, c; of a dot product a0, a1, ..., b0, b1, .... The result
    renders to a file with `.render(...)` and to bytes with `.pipe(...)`; both work without
    Graphviz installed, by the executable of graphviz-pure, which writes SVG, PNG and JPEG.

    Args:
        roots: one Value, or some.
        direction: in which direction the computation runs: "LR", "TB", "RL" or "BT".
        partials: show each local partial derivative on its edge: d/da is that by the first argument of
            the operation, and in its formula a, b, c are the arguments and y is the result.
        depth: how many levels of scopes to draw open; deeper ones become one box each, out of which
            a root still stands. None for all.
        max_nodes: how many nodes the picture may have.

    Raises:
        TypeError: a root is not a Value.
        ValueError: unknown direction, negative depth, no root or more than max_nodes nodes.

    >>> from autograd import Value, draw
    >>> x = Value(3.0, label="x")
    >>> picture = draw(x * x)
    >>> picture.source.count("-> operation1")
    2
    """
    if direction not in DIRECTIONS:
        raise ValueError(f"direction is one of {', '.join(DIRECTIONS)}, got {direction!r}; LR draws from left to right")
    from autograd.pictures.dot import render  # lazy: it imports graphviz
    from autograd.pictures.snapshot import snapshot  # lazy: dataclasses take as long to import as all of autograd

    return render(snapshot(roots, depth=depth, max_nodes=max_nodes), direction, partials)


def notebook(root: Value) -> dict[str, str]:
    """What Jupyter shows of a Value: the text, and for a graph of at most 100 nodes its picture."""
    shown = {"text/plain": repr(root)}
    import graphviz  # lazy: it is needed for pictures only

    failures = (ValueError, graphviz.ExecutableNotFound, graphviz.CalledProcessError)
    with suppress(*failures):  # more than 100 nodes, or no Graphviz: the text must do
        shown["image/svg+xml"] = draw(root, max_nodes=100).pipe(format="svg", encoding="utf-8")
    return shown
