"""draw(): the picture of a computation graph."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from autograd._typing import TYPE_CHECKING
from autograd.pictures.themes import THEMES

if TYPE_CHECKING:
    import graphviz

    from autograd.engine.value import Value

DIRECTIONS = ("LR", "TB", "RL", "BT")


def draw(
    roots: Value | Iterable[Value],
    *,
    direction: str = "LR",
    partials: bool = False,
    flow: bool = False,
    depth: int | None = None,
    max_nodes: int = 1000,
    parameters: Iterable[Value] = (),
    style: str = "valuegrad",
    theme: str = "light",
) -> graphviz.Digraph:
    """The graph that computed the roots: their numbers and gradients, and the operations that made them.

    Each node is a number: an input, a parameter, a result, or what an operation made on the way; constants stand beside
    the sign of their operation. Gradients are shown after a backward(). Scopes are drawn as frames. No gradient flows
    along a dashed edge. Where the order of the arguments matters, their edges are named a, b, c.

    The result renders to a file with `.render(outfile="x.svg")`, also PNG and PDF, and to bytes with `.pipe(...)`. Its
    `source` is the graph in Graphviz's language. Graphviz need not be installed.

    Args:
        roots: one Value, or several.
        direction: the direction of the computation: "LR", "TB", "RL" or "BT".
        partials: show each local partial derivative on its edge, as a handbook has it, with the labels of the Values.
            Without labels a, b, c are the arguments of the operation, and y is its result.
        flow: show on each edge what backward() sends along it: the gradient of its end times the partial derivative.
            What leaves a node adds up to its gradient.
        depth: how many levels of scopes to draw open; None for as many as fit. Each deeper scope becomes one box; roots
            are drawn outside of boxes.
        max_nodes: the largest number of nodes the picture may have.
        parameters: Values to show as parameters, such as `model.parameters()`, and not as inputs. Those of modules
            within another one are known.
        style: "valuegrad"; or "micrograd" for its two nodes for each operation.
        theme: the colours: "light", "dark", or "auto", which is dark where the viewer of an SVG prefers that.

    Raises:
        TypeError: a root is not a Value.
        ValueError: an unknown direction, style or theme, negative depth, no root or more than max_nodes nodes.

    >>> from autograd import Value, draw
    >>> x = Value(3.0, label="x")
    >>> picture = draw(x * x)
    >>> picture.source.count("value0 -> value1")
    2
    """
    for name, value, known, remedy in (
        ("direction", direction, DIRECTIONS, "LR draws from left to right"),
        ("style", style, STYLES, "leave it out for the first one"),
        ("theme", theme, THEMES, "leave it out for the first one"),
    ):
        if value not in known:
            raise ValueError(f"{name} is one of {', '.join(known)}, got {value!r}; {remedy}")
    from autograd.pictures import micrograd  # lazy: these import graphviz and dataclasses, which only pictures need
    from autograd.pictures.picture import Picture
    from autograd.pictures.scene import scene
    from autograd.pictures.snapshot import snapshot

    picture = Picture(format="svg")
    shown = snapshot(roots, depth=depth, max_nodes=max_nodes, parameters=parameters)
    if style == "micrograd":
        micrograd.write(picture, shown, direction)
    else:
        picture.show(scene(shown, partials=partials, flow=flow), direction, theme)
    return picture


STYLES = ("valuegrad", "micrograd")


def notebook(root: Value) -> dict[str, str]:
    """How Jupyter shows a Value: as text, and also as a picture if its graph has at most 100 nodes."""
    shown = {"text/plain": repr(root)}
    import graphviz  # lazy: only pictures need it

    failures = (ValueError, graphviz.ExecutableNotFound, graphviz.CalledProcessError)
    with suppress(*failures):  # more than 100 nodes, or no Graphviz: text alone
        shown["image/svg+xml"] = draw(root, max_nodes=100).pipe(format="svg", encoding="utf-8")
    return shown
