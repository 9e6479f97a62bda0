"""draw(): the picture of a computation graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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
    collapse: str | Iterable[str] | Callable[[str], bool] = (),
    merge: bool | None = None,
    focus: Value | None = None,
    radius: int = 2,
    between: tuple[Value, Value] | None = None,
    min_share: float = 0.0,
    max_nodes: int | None = None,
    parameters: Iterable[Value] = (),
    style: str = "valuegrad",
    theme: str = "light",
) -> graphviz.Digraph:
    """The graph that computed the roots: their numbers and gradients, and the operations that made them.

    Each node is a number: an input, a parameter, a result, or what an operation made on the way; constants stand beside
    the sign of their operation. Gradients are shown after a backward(). Scopes are frames, or collapsed into boxes. No
    gradient flows along a dashed edge. Where the order of the arguments matters, their edges are named a, b, c.

    The result renders to a file with `.render(outfile="x.svg")`, also PNG and PDF, and to bytes with `.pipe(...)`. Its
    `source` is the graph in Graphviz's language. Graphviz need not be installed.

    Args:
        roots: one Value, or several.
        direction: the direction of the computation: "LR", "TB", "RL" or "BT".
        partials: show each local partial derivative on its edge, as a handbook has it, with the labels of the Values.
            Without labels a, b, c are the arguments of the operation, and y is its result.
        flow: show on each edge what backward() sends along it: the gradient of its end times the partial derivative.
            What leaves a node adds up to its gradient.
        depth: how many levels of scopes to draw open; None for as many as can be read. Deeper scopes become boxes.
        collapse: scopes that become boxes, too: a name, a pattern such as "layers.*", several, or a function of a name.
        merge: draw nodes and boxes that are alike as one, with their number: five or more. None does so if there are
            more than 60 nodes; boxes that differ only by a number in their names are alike.
        focus, radius: draw only what is at most so many edges away from this Value.
        between: (x, y) to draw only the paths from x to y.
        min_share: leave out uses of a Value that add less than this share to its gradient, in magnitude.
        max_nodes: the largest number of nodes the picture may have; without it 1000, or 150 if the depth is left out.
        parameters: Values to show as parameters, such as `model.parameters()`, and not as inputs. Those of modules
            within another one are known.
        style: "valuegrad"; or "micrograd" for its two nodes for each operation.
        theme: the colours: "light", "dark", or "auto", which is dark where the viewer of an SVG prefers that.

    Raises:
        TypeError: a root is not a Value.
        ValueError: an unknown direction, style or theme; a number out of its range; no root; more than max_nodes nodes;
            or a Value of focus or between is not in the graph.

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
    from autograd.pictures.selection import part_of
    from autograd.pictures.snapshot import Choice, snapshot

    picture = Picture(format="svg")
    names = tuple(collapse) if not isinstance(collapse, str) and not callable(collapse) else collapse
    choice = Choice(depth, names, merge, max_nodes, frozenset(parameters))
    part = part_of(roots, focus, radius, between, min_share)
    shown = snapshot(part, choice)
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
