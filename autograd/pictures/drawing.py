"""draw(): the picture of a computation graph, of a network or of a compiled program."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from autograd._typing import TYPE_CHECKING
from autograd.pictures.arguments import check_flags, with_sentences
from autograd.pictures.canvas.themes import THEMES

if TYPE_CHECKING:
    from typing import Any, Protocol

    import graphviz

    from autograd.engine.value import Value
    from autograd.pictures.canvas.picture import Picture
    from autograd.pictures.graphs.scene import Scene
    from autograd.pictures.networks.network import Column

    class Network(Protocol):
        """What has columns of neurons: a Module of nn."""

        def _diagram(self, inputs: Any) -> Sequence[Column] | None: ...

    class Listed(Protocol):
        """What is drawn as a scene of its own: a Program."""

        def _scene(self, max_nodes: int) -> Scene: ...


_NONE = ()  # the default, which an argument is compared with
DIRECTIONS = ("LR", "TB", "RL", "BT")


@with_sentences
def draw(
    roots: Value | Iterable[Value] | Network | Listed,
    *,
    inputs: Any = None,
    direction: str = "LR",
    partials: bool = False,
    flow: bool = False,
    depth: int | None = None,
    collapse: str | Iterable[str] | Callable[[str], bool] = _NONE,
    merge: bool | None = None,
    focus: Value | None = None,
    radius: int = 2,
    between: tuple[Value, Value] | None = None,
    min_share: float = 0.0,
    max_nodes: int | None = None,
    parameters: Iterable[Value] = _NONE,
    style: str = "valuegrad",
    theme: str = "light",
) -> graphviz.Digraph:
    """The graph that computed the roots: their numbers and gradients, and the operations that made them.

    A network of layers is drawn as in textbooks: neurons are circles, and weights are lines, blue if they are positive
    and orange if they are negative. A compiled program is drawn as the instructions that it runs, after its first call.

    Each node is a number: an input, a parameter, a result, or what an operation made on the way; constants stand beside
    the sign of their operation. Gradients are shown after a backward(). Scopes are frames, or collapsed into boxes. No
    gradient flows along a dashed edge. Where the order of the operands matters, their edges say 1st, 2nd, 3rd.

    The result renders to a file with `.render(outfile="x.svg")`, also PNG and PDF, and to bytes with `.pipe(...)`. Its
    `source` is the graph in Graphviz's language. Graphviz need not be installed.

    Args:
        roots: one Value, or several; a Module of nn that is a chain of layers and activations; or a Program.
        inputs: for a network: the numbers to call it with, so that each circle shows what it gives.
        direction: the direction of the computation: "LR", "TB", "RL" or "BT".
        partials: show each local partial derivative on its edge, as a handbook has it, with the labels of the Values.
            What has no label gets a short name, such as t₁, if a formula needs it.
        flow: show on each edge what backward() sends along it: the gradient of its end times the partial derivative.
            What leaves a node adds up to its gradient; of edges that are drawn as one, the sum is shown.
        depth: how many levels of scopes to draw open; None for as many as can be read. Deeper scopes become boxes.
        collapse: scopes that become boxes, too: a name, a pattern such as "layers.*", several, or a function of a name.
        merge: draw nodes and boxes that are alike as one, with their number: five or more. None does so if there are
            more than 60 nodes. Boxes are alike if their names differ only by a number, they have the same operations,
            and none uses what another one made; or each what each other one made, or each of ten the one before. Unless
            it is False, a sum of five or more numbers is one node.
        focus, radius: draw only what is at most so many edges away from this Value.
        between: (x, y) to draw only the paths from x to y.
        min_share: leave out uses of a Value that add less than this share to its gradient, in magnitude.
        max_nodes: the largest number of nodes the picture may have; without it 1000, or 150 if the depth is left out.
        parameters: Values to show as parameters, such as `model.parameters()`, and not as inputs. Those of modules
            within another one are known.
        style: "valuegrad"; or "micrograd" for its two nodes for each operation.
        theme: the colours: "light", "dark", or "auto", which is dark where the viewer of an SVG prefers that.

    Raises:
        TypeError: a root is not a Value; a module is no chain of layers; partials, flow or merge is no bool; radius is
            given without focus; or an argument does not belong to what is drawn: networks have only inputs, max_nodes
            and theme, programs direction, max_nodes and theme; micrograd's style has neither partials nor flow.
        ValueError: an unknown direction, style or theme; a number out of its range; no root; more than max_nodes nodes;
            a Value of focus or between is not in the graph; or collapse fits none of its scopes.
        RuntimeError: the program was not called yet.

    >>> from autograd import Value, draw
    >>> x = Value(3.0, label="x")
    >>> picture = draw(x * x)
    >>> picture.source.count("value0 -> value1")
    2
    """
    _check_names(direction, style, theme)
    check_flags(partials=partials, flow=flow, merge=merge is None or merge)
    if isinstance(roots, type):
        raise TypeError(f"draw() takes no class, got {roots.__name__}; make one of it: {roots.__name__}(...)")
    # lazy: these import graphviz and dataclasses, which only pictures need
    from autograd.pictures.canvas.picture import Picture

    picture = Picture(format="svg")
    if hasattr(roots, "_diagram") or hasattr(roots, "_scene"):
        others = {"partials": partials, "flow": flow, "depth": depth is not None, "collapse": collapse is not _NONE}
        others |= {"merge": merge is not None, "focus": focus is not None, "radius": radius != 2}
        others |= {"between": between is not None, "min_share": min_share != 0.0}
        others |= {"parameters": parameters is not _NONE, "style": style != STYLES[0]}
        _draw_other(picture, roots, inputs, direction, 1000 if max_nodes is None else max_nodes, theme, others)
        return picture
    if inputs is not None:
        raise TypeError("the picture of a graph has no inputs; draw(model, inputs=x) takes it")
    for name, is_given in (("partials", partials), ("flow", flow)):
        if style == "micrograd" and is_given:
            raise TypeError(f"the picture in micrograd's style has no {name}; leave out style")
    from autograd.pictures.graphs.choice import Choice
    from autograd.pictures.graphs.scene import scene
    from autograd.pictures.graphs.selection import part_of
    from autograd.pictures.graphs.show import show, show_as_micrograd
    from autograd.pictures.graphs.snapshot import snapshot
    from autograd.pictures.graphs.stubs import stub_hidden, stub_uses

    choice = Choice.of(depth, collapse, merge, max_nodes, parameters)
    part = part_of(roots, focus, radius, between, min_share)
    shown = snapshot(part, choice, flows=flow)
    if style == "micrograd":
        show_as_micrograd(picture, shown, direction, theme)
    else:
        made = stub_hidden(stub_uses(scene(shown, partials=partials, flow=flow)), shown.nodes)
        show(picture, made, direction, theme)
    return picture


STYLES = ("valuegrad", "micrograd")


def _check_names(direction: str, style: str, theme: str) -> None:
    for name, value, known, remedy in (
        ("direction", direction, DIRECTIONS, "LR draws from left to right"),
        ("style", style, STYLES, "leave it out for the first one"),
        ("theme", theme, THEMES, "leave it out for the first one"),
    ):
        if value not in known:
            raise ValueError(f"{name} is one of {', '.join(known)}, got {value!r}; {remedy}")


def _draw_other(
    picture: Picture, root: Any, inputs: Any, direction: str, max_nodes: int, theme: str, others: dict[str, bool]
) -> None:
    """Draw a network or a program.

    Args:
        others: the arguments that belong to graphs, each with whether it was given.
    """
    is_network = hasattr(root, "_diagram")
    if is_network:
        others["direction"] = direction != DIRECTIONS[0]
    else:
        others["inputs"] = inputs is not None
    for name, is_given in others.items():
        if is_given:
            remedy = "draw(model(x)) takes it" if is_network else "leave it out"
            what = "a network" if is_network else "a program"
            raise TypeError(f"the picture of {what} has no {name}; {remedy}")
    from functools import partial  # lazy, as above

    from autograd.pictures.canvas.themes import colours_of
    from autograd.pictures.graphs.show import show
    from autograd.pictures.networks import svg as network_svg
    from autograd.pictures.networks.network import network

    if not is_network:
        show(picture, root._scene(max_nodes), direction, theme)
        return
    columns = root._diagram(inputs)
    if columns is None:
        raise TypeError(
            f"only chains of layers and activations that fit have a diagram, got {type(root).__name__}; "
            "draw its result: draw(model(x))"
        )
    shown = network(columns, max_nodes)
    network_svg.write(picture, shown, colours_of(theme))
    picture.show(partial(network_svg.svg, shown, theme))


def notebook(root: Value | Listed) -> dict[str, str]:
    """How Jupyter shows a Value or a Program: as text, and as a picture if it has at most 100 nodes, or the reason."""
    shown = {"text/plain": repr(root)}
    import graphviz  # lazy: only pictures need it

    failures = (ValueError, RuntimeError, graphviz.ExecutableNotFound, graphviz.CalledProcessError)
    try:
        shown["image/svg+xml"] = draw(root, max_nodes=100).pipe(format="svg", encoding="utf-8")
    except failures as error:  # more than 100 nodes, no trace, or no Graphviz
        shown["text/plain"] += f"\ndraw() shows no picture here: {error}"
    return shown
