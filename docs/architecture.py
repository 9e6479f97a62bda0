"""Writes architecture.md, the map of the source code, and architecture.svg, its picture: python docs/architecture.py"""

from __future__ import annotations

import itertools
from html import escape
from pathlib import Path

from autograd.pictures.canvas.picture import Picture

ROOT = Path(__file__).parent.parent

ROOMS = {  # the parts of the source, from the top down: what each is for, in short for the picture, and in full
    "nn": (
        "neurons, layers, losses, optimizers",
        "Neural networks. Begin with `layers.py` and `fit.py`. `optim/` moves parameters, `data/` prepares samples, "
        "`training/` serves `fit`, `files/` saves networks, `modules/` has more modules, and `structure/` finds what a "
        "module holds. It uses only public names of `autograd` and `autograd.testing`; but `pages/`, the network that "
        "trains in a page, also uses the page of `autograd/pages`.",
    ),
    "autograd/testing": (
        "gradient checks, random expressions",
        "Compares gradients with difference quotients, and draws random expressions for Hypothesis.",
    ),
    "autograd/pages": (
        "graphs that play, as HTML",
        "Writes a recorded graph as a page in which it plays: `view()`. Names and formulas are those of `draw()`, "
        "the listing computes the numbers as JavaScript, and `assets/` has the page itself, which places the nodes.",
    ),
    "autograd/compiler": (
        "trace, optimize, replay",
        "Calls a function once to trace it, optimizes the listing, and replays it for one point or for many rows. "
        "`_machine/` replays it in C; if that was not built, NumPy replays it.",
    ),
    "autograd/derivatives": (
        "gradients as graphs",
        "`gradients`, `grad`, `jvp`, `vjp`, `jacobian`, `hessian`: derivatives made of Values, of any order. "
        "`detect_anomaly()` finds the operation that made a nan.",
    ),
    "autograd/pictures": (
        "graphs as pictures",
        "Takes a snapshot of a graph, lets Graphviz place its nodes, and draws them: `graphs/`. Draws `networks/` and "
        "programs too. `explanations/` says why a gradient is what it is. All draw on `canvas/`, and write numbers and "
        "formulas with `notation/`.",
    ),
    "autograd/pytree.py": (
        "nested arguments",
        "Flattens nested lists, tuples, dicts and arrays of numbers, and builds them again.",
    ),
    "autograd/math.py": (
        "Python's math for Values",
        "Has every name of Python's `math`, for floats and Values alike: `from autograd import math`.",
    ),
    "autograd/engine": (
        "Value: record and backpropagate",
        "A `Value` records the operations on it, and backpropagates. `value.py` is the engine to read; `_native/` "
        "holds its compiled twin, which gives the same bits.",
    ),
    "autograd/operations": (
        "the table: functions and partial derivatives",
        "Defines each operation: its function, its partial derivatives, its C. No other part contains a derivative.",
    ),
}

FLOORS = (
    ("nn",),
    ("testing",),
    ("pages",),
    ("compiler",),
    ("derivatives", "pictures"),
    ("pytree.py", "math.py"),
    ("engine",),
    ("operations",),
)

OUTSIDE = ("your program", "Graphviz", "machine in C")

PATHS = (  # the colour, then the steps: tail, head and label of each arrow
    ("#3d85d6", [("your program", "engine:se", "x * w"), ("engine", "operations", "compute")]),
    ("#d9602b", [("your program", "engine:e", "y.backward()")]),
    (
        "#2f9e62",
        [
            ("your program", "compiler", "compile(f)(x)"),
            ("compiler", "pytree.py", "flatten"),
            ("compiler", "engine", "trace"),
            ("compiler", "machine in C", "replay"),
        ],
    ),
    (
        "#a067d0",
        [("your program", "pictures", "draw(y)"), ("pictures", "engine", "sort"), ("pictures", "Graphviz", "render")],
    ),
)

HEAD = """\
# Architecture

Written by `python docs/architecture.py`; do not edit it.

Each part of the source is a folder or a file. It imports only from the parts below it; import-linter checks that. So
you can read the source from the bottom up, one part at a time. The four coloured paths are explained below.

![The parts, and the paths of four calls through them](architecture.svg)

"""

TAIL = """\
[`autograd/__init__.py`](../autograd/__init__.py) and [`nn/__init__.py`](../nn/__init__.py) are the tables of contents:
they list the public names. In each folder, `__init__.py` says what to read first. Three small files are beside these
parts: [`__main__.py`](../autograd/__main__.py) prints which engine runs,
[`_installation.py`](../autograd/_installation.py) refuses a mixed installation, and
[`_typing.py`](../autograd/_typing.py) avoids the slow import of `typing`.

## Four paths through the source

### `x * w`

1. `Value.__mul__` in [engine/value.py](../autograd/engine/value.py) names an operation: `multiply`.
2. Its entry in [operations/table.py](../autograd/operations/table.py) computes the number, and the partial derivative
   by each operand. The partial derivatives are formulas, which
   [operations/formulas.py](../autograd/operations/formulas.py) compiles.
3. Back in `value.py`, `record()` makes a node of the number, the operation, the operands and the partial derivatives.

The compiled twin takes the same steps in [engine/_native/recording.pxi](../autograd/engine/_native/recording.pxi),
with C functions made from the same table.

### `y.backward()`

1. `topological_order()` in [engine/value.py](../autograd/engine/value.py) sorts the graph: operands before results.
2. `sweep()` goes back from `y`. Each node multiplies its derivative by its partial derivatives, and adds the products
   to the derivatives of its operands. That is the chain rule, and all of backpropagation.
3. At the end, leaves add their derivatives to `.grad`; other nodes replace theirs.

The twin does this in [engine/_native/sweep.pxi](../autograd/engine/_native/sweep.pxi). `gradients(y, [x])` goes the
same way in [derivatives/chain_rule.py](../autograd/derivatives/chain_rule.py), but multiplies and adds Values. So its
result is a graph, and can be differentiated again. The twin of that is in
[engine/_native/graph.pxi](../autograd/engine/_native/graph.pxi).

### `compile(f)(x)`

1. `Program` in [compiler/program.py](../autograd/compiler/program.py) flattens the arguments with
   [pytree.py](../autograd/pytree.py). Their structure is the signature, and each signature has a specialization:
   [compiler/specialize.py](../autograd/compiler/specialize.py).
2. At the first call, [compiler/trace.py](../autograd/compiler/trace.py) calls `f` on Values and lists what it
   recorded. If `f` compares Values, each comparison becomes a guard. If a guard fails in a later call, another path
   is traced. The trace has computed the numbers too, so the first call gives these.
3. At the next use, [compiler/path.py](../autograd/compiler/path.py) optimizes the listing by the passes in
   [compiler/passes](../autograd/compiler/passes): constant folding, common subexpressions, sums of products. They are
   Python over flat arrays of integers, and the build compiles them too.
4. An evaluator replays it, here and at every later call.
   [compiler/machine_evaluator.py](../autograd/compiler/machine_evaluator.py) calls
   [compiler/assembler.py](../autograd/compiler/assembler.py), and runs the result on the machine in
   [compiler/_machine](../autograd/compiler/_machine). If that was not built,
   [compiler/numpy_evaluator.py](../autograd/compiler/numpy_evaluator.py) runs the listing as Python code.

### `draw(y)`

1. `draw()` in [pictures/drawing.py](../autograd/pictures/drawing.py) asks
   [graphs/snapshot.py](../autograd/pictures/graphs/snapshot.py) for the nodes and boxes of the picture. They come in
   the order of `topological_order()`.
2. [graphs/scene.py](../autograd/pictures/graphs/scene.py) gives them words and sizes, with the derivatives of
   [graphs/wording.py](../autograd/pictures/graphs/wording.py).
3. [graphs/layout.py](../autograd/pictures/graphs/layout.py) lets Graphviz place them, or graphviz-pure if Graphviz is
   not installed. [graphs/svg.py](../autograd/pictures/graphs/svg.py) draws them.
   [graphs/dot.py](../autograd/pictures/graphs/dot.py) writes the same graph for other programs.

`draw(model)` needs no Graphviz: [networks/network.py](../autograd/pictures/networks/network.py) places the circles of
the columns that [nn/structure/diagram.py](../nn/structure/diagram.py) gives.
"""


def name(room: str) -> str:
    """The name of a part in the picture."""
    return room.rpartition("/")[2]


def files(room: str) -> list[Path]:
    """The source files of a part, those of its subfolders last."""
    if room.endswith(".py"):
        return [ROOT / room]
    kinds = {".py", ".pyx", ".pxi", ".pxd", ".c", ".h"}
    found = [path for path in (ROOT / room).rglob("*") if path.suffix in kinds and path.name != "__init__.py"]
    return sorted(found, key=lambda path: (len(path.parts), path.parts))


def paragraph(room: str) -> str:
    """A part as a paragraph: what it is for, then its files."""
    links = [f"[`{label(room, path)}`](../{path.relative_to(ROOT).as_posix()})" for path in files(room)]
    return f"**[{room}](../{room})**: {ROOMS[room][1]}\\\n{', '.join(links)}\n\n"


def label(room: str, path: Path) -> str:
    """The name of a file within its part."""
    return path.name if path == ROOT / room else path.relative_to(ROOT / room).as_posix()


def page() -> str:
    """The whole page."""
    return HEAD + "".join(map(paragraph, ROOMS)) + TAIL


def picture() -> Picture:
    """The parts, lowest at the bottom, and the paths through them; readable on white and on black."""
    dot = Picture(
        format="svg",
        graph_attr={"bgcolor": "transparent", "nodesep": "0.5", "ranksep": "0.45", "fontname": "Helvetica"},
        node_attr={"shape": "box", "style": "rounded,filled", "color": "#8a97a5", "fontname": "Helvetica"},
        edge_attr={"fontname": "Helvetica", "fontsize": "12", "arrowsize": "0.7", "penwidth": "1.6"},
    )
    for room, (summary, _) in ROOMS.items():
        title = f'<b>{escape(name(room))}</b><br/><font point-size="11">{escape(summary)}</font>'
        dot.node(name(room), f"<{title}>", fillcolor="#e8f1fb", fontcolor="#1b2733")
    for outside in OUTSIDE:
        dot.node(outside, shape="ellipse", fillcolor="#f3f3f3", fontcolor="#1b2733", style="filled")
    for upper, lower in itertools.pairwise(FLOORS):  # grey: rests on
        for tail, head in itertools.product(upper, lower):
            dot.edge(tail, head, color="#8a97a5", style="dashed", arrowhead="none", weight="10")
    for colour, steps in PATHS:
        for tail, head, text in steps:
            dot.edge(tail, head, label=f" {text} ", color=colour, fontcolor=colour)
    return dot


if __name__ == "__main__":
    (ROOT / "docs" / "architecture.md").write_text(page(), encoding="utf-8")
    picture().render(outfile=ROOT / "docs" / "architecture.svg", cleanup=True)
