"""The table of a model: its layers, the shapes of their outputs, and how many parameters each has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple, final

from autograd import Value, no_grad
from nn.structure.contents import found_values
from nn.structure.naming import OBSERVERS

if TYPE_CHECKING:
    from nn.module import Module

Shape = tuple[int, ...]


class Row(NamedTuple):
    """One layer: its path, its class, the shape of its output or None if it is unknown, and its own parameters."""

    path: str
    kind: str
    shape: Shape | None
    parameters: int


@final
class Summary:
    """What `model.summary()` gives; it prints as a table, and shows itself in Jupyter.

    Attributes:
        rows: one Row for each layer.
        parameters: how many parameters the model has; one that is shared counts where it is found first.
    """

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows
        self.parameters = sum(row.parameters for row in rows)

    def _cells(self) -> list[tuple[str, str, str, str]]:
        shapes = ["?" if row.shape is None else str(row.shape) for row in self.rows]
        body = [(row.path, row.kind, shape, f"{row.parameters:,}") for row, shape in zip(self.rows, shapes)]
        return [("layer", "kind", "output shape", "parameters"), *body, ("total", "", "", f"{self.parameters:,}")]

    def __repr__(self) -> str:
        cells = self._cells()
        a, b, c, d = (max(map(len, column)) for column in zip(*cells))
        lines = [f"{w:<{a}}  {x:<{b}}  {y:<{c}}  {z:>{d}}" for w, x, y, z in cells]
        ruler = "-" * len(lines[0])
        return "\n".join([lines[0], ruler, *lines[1:-1], ruler, lines[-1]])

    def _repr_html_(self) -> str:
        head, *body, total = self._cells()
        rows = "".join(_html(row, "td") for row in body)
        parts = f"<thead>{_html(head, 'th')}</thead><tbody>{rows}</tbody><tfoot>{_html(total, 'th')}</tfoot>"
        return f"<table>{parts}</table>"


def _html(cells: tuple[str, ...], tag: str) -> str:
    """A row of a table: text to the left, and the number of parameters to the right."""
    sides = "left", "left", "left", "right"
    items = [f'<{tag} style="text-align: {side}">{escape(cell)}</{tag}>' for side, cell in zip(sides, cells)]
    return f"<tr>{''.join(items)}</tr>"


def summary_of(root: Module, sample: Any) -> Summary:
    """Module.summary()."""
    shapes = _shapes(root, root._example() if sample is None else sample)
    rows: list[Row] = []
    counted: set[Value] = set()
    shown: set[int] = set()
    waiting: list[tuple[str, Module]] = [("", root)]
    while waiting:
        path, module = waiting.pop()
        if id(module) in shown:
            continue
        shown.add(id(module))
        inner = list(module._shown_modules())
        own = {x for _, x in found_values(module, deep=not inner) if x.op is None} - counted
        counted |= own
        if own or not inner:
            shape = shapes[id(module)] if id(module) in shapes else module._output_shape()
            rows.append(Row(path or "(model)", type(module).__name__, shape, len(own)))
        waiting += reversed([(f"{path}.{name}" if path else name, part) for name, part in inner])
    return Summary(rows)


def _shapes(root: Module, sample: Any) -> dict[int, Shape]:
    """The shapes of the outputs in a call on a sample, by the id() of the module; none if there is no sample."""
    shapes: dict[int, Shape] = {}
    if sample is None:
        return shapes
    with no_grad(), _observing(shapes):
        root(sample)
    return shapes


@contextmanager
def _observing(shapes: dict[int, Shape]) -> Iterator[None]:
    def observe(module: Any, output: Any) -> None:
        shapes.setdefault(id(module), _shape_of(output))

    OBSERVERS.append(observe)
    try:
        yield
    finally:
        OBSERVERS.remove(observe)


def _shape_of(output: Any) -> Shape:
    """(n, ...) for a list of n outputs, () for one number."""
    if not isinstance(output, (list, tuple)):
        return tuple(getattr(output, "shape", ()))
    return (len(output), *(_shape_of(output[0]) if output else ()))
