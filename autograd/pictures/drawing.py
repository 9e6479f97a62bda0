"""draw(): the picture of a computation graph."""

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
    """The graph that computed the roots: their numbers, the operations, the constants.

    Scopes are drawn as frames. No gradient flows along a dashed edge. Where the order of the arguments matters, their
    edges are named a, b, c; for a dot product a0, a1, ..., b0, b1, .... The result renders to a file with
    `.render(...)` and to bytes with `.pipe(...)`. Without Graphviz installed, graphviz-pure writes SVG, PNG and JPEG.

    Args:
        roots: one Value, or several.
        direction: the direction of the computation: "LR", "TB", "RL" or "BT".
        partials: show each local partial derivative on its edge. d/da is the partial by the first argument of
            the operation; in a formula a, b, c are the arguments and y is the result.
        depth: how many levels of scopes to draw open, None for all. Each deeper scope becomes one box; roots are
            drawn outside of boxes.
        max_nodes: the largest number of nodes the picture may have.

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
    from autograd.pictures.dot import render  # lazy: it imports graphviz, and only pictures need that
    from autograd.pictures.snapshot import snapshot  # lazy: dataclasses are slow to import

    return render(snapshot(roots, depth=depth, max_nodes=max_nodes), direction, partials)


def notebook(root: Value) -> dict[str, str]:
    """How Jupyter shows a Value: as text, and also as a picture if its graph has at most 100 nodes."""
    shown = {"text/plain": repr(root)}
    import graphviz  # lazy: only pictures need it

    failures = (ValueError, graphviz.ExecutableNotFound, graphviz.CalledProcessError)
    with suppress(*failures):  # more than 100 nodes, or no Graphviz: text alone
        shown["image/svg+xml"] = draw(root, max_nodes=100).pipe(format="svg", encoding="utf-8")
    return shown
