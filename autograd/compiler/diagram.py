"""A program as a picture: the instructions that it runs, in the words of graphs."""

from __future__ import annotations

from collections.abc import Sequence

from autograd._typing import TYPE_CHECKING
from autograd.compiler.notation import terms_of, text_of
from autograd.operations.operation import find
from autograd.pictures.graphs.scene import Arrow, Card, Line, Scene
from autograd.pictures.graphs.wording import SYMBOLS, signed
from autograd.pictures.notation.numbers import short
from autograd.pictures.notation.text import Run, cut, printable, subscripted

if TYPE_CHECKING:
    from autograd.compiler.ir import Listing, Operand
    from autograd.compiler.path import Path

_LONGEST = 30  # characters of a sum of products
_MOST = 24  # parameters that are drawn; of more, the edges would hide the computation


def scene(paths: Sequence[Path], title: str, max_nodes: int) -> Scene:
    """The scene of the paths of a program; a frame for each, if there are several.

    Raises:
        ValueError: they have more than max_nodes instructions, inputs and parameters.
    """
    made = Scene(title=title)
    diagrams = [
        _Diagram(made, path, f"path{i}_", (f"path {i + 1}",) if len(paths) > 1 else ()) for i, path in enumerate(paths)
    ]
    count = sum(diagram.count for diagram in diagrams)
    if count > max_nodes:
        raise ValueError(
            f"the program has {count} nodes to draw, more than max_nodes={max_nodes}; "
            "print(program) lists them, or raise max_nodes"
        )
    for diagram in diagrams:
        diagram.add()
    hidden = max(diagram.hidden for diagram in diagrams)
    if hidden:
        made.notes.append(f"{hidden} parameters are not drawn")
    made.frames = [(f"path {i + 1}",) for i in range(len(paths))] if len(paths) > 1 else []
    return made


class _Diagram:
    """Adds a path to a scene.

    Args:
        prefix: begins the keys of its cards.
        frame: where it is drawn.

    Attributes:
        count: how many nodes it draws.
        hidden: how many parameters are left out, because there are too many.
    """

    def __init__(self, made: Scene, path: Path, prefix: str, frame: tuple[str, ...]) -> None:
        self._made, self._path, self._prefix, self._frame = made, path, prefix, frame
        self._listing = path.listing
        self._results = [*map(int, self._listing.targets)]  # constants are negative
        used = {x for x in [*self._listing.operands, *self._listing.results] if 0 <= x < self._listing.first}
        parameters = {x for x in used if x >= self._listing.n_inputs}
        hidden = parameters - {*self._results} if len(parameters) > _MOST else set()
        self._leaves, self.hidden = used - hidden, len(hidden)
        self.count = len(self._leaves) + len(self._listing)

    def add(self) -> None:
        """The cards and arrows of the path, and notes with its guards."""
        listing = self._listing
        for x in sorted(self._leaves):
            self._add_leaf(x)
        for x, (name, operands) in enumerate(listing.steps, listing.first):
            self._add_step(x, name, operands)
        for i, x in enumerate(self._results):
            if x < listing.first:  # no step made it
                self._add_result(i, x)
        where = f"{self._frame[0]}: " if self._frame else ""
        for operator, a, b, holds in listing.guards:
            condition = f"{self._name(a)} {operator} {self._name(b)}"
            self._made.notes.append(f"{where}holds as long as {condition if holds else f'not {condition}'}")

    def _add(self, x: object, kind: str, lines: list[Line], tip: str) -> str:
        key = f"{self._prefix}{x}"
        self._made.cards.append(Card(key, self._frame, kind, tuple(lines), tip))
        return key

    def _add_leaf(self, x: int) -> None:
        title, name = Run(self._name(x), bold=True), self._listing.name(x)
        if x < self._listing.n_inputs:
            self._add(x, "input", [Line(middle=title)], f"input {name}")
            return
        parameter = self._path.parameters[x - self._listing.n_inputs]
        label = f", {printable(str(parameter.label))}" if parameter.label else ""
        tip = f"parameter {name}{label}: {parameter.data!r}"
        self._add(x, "parameter", [Line(title, Run(short(parameter.data)))], tip)

    def _add_step(self, x: int, name: str, operands: tuple[Operand, ...]) -> None:
        listing = self._listing
        tip = f"v{x} = {_text(listing, name, operands)}"
        title = self._title(name, operands)
        lines = [Line(middle=Run(title, bold=True)), Line(middle=Run(self._name(x), "muted", size=10.5), height=16.0)]
        kind = "operation"
        if x in self._results:
            kind = "result"
            tip += f", {self._returned(x)}"
            if len(self._results) > 1:
                lines.append(Line(middle=Run(self._returned(x), "muted", size=10.5), height=16.0))
        head = self._add(x, kind, lines, tip)
        drawn = [isinstance(x, int) and (x >= listing.first or x in self._leaves) for x in operands]
        tails = [(x, i) for i, x in enumerate(operands) if drawn[i]]
        if name == "dot":
            tails = [*dict(reversed(tails)).items()][::-1]  # each number once
        is_ordered = name != "dot" and not find(name).symmetric and len(tails) > 1
        for tail, i in tails:
            labels = ((Run("abc"[i], "muted", size=10.0),),) if is_ordered else ()
            self._made.arrows.append(Arrow(f"{self._prefix}{tail}", head, labels))

    def _add_result(self, i: int, x: int) -> None:
        listing = self._listing
        number = listing.number(x)
        text = short(number) if isinstance(number, float) else self._name(number)
        lines = [Line(middle=Run(text, bold=True)), Line(middle=Run(f"result {i}", "muted", size=10.5), height=16.0)]
        head = self._add(f"result{i}", "result", lines, f"result {i}: {listing.name(number)}")
        if x >= 0:
            self._made.arrows.append(Arrow(f"{self._prefix}{x}", head))

    def _returned(self, x: int) -> str:
        places = [str(i) for i, result in enumerate(self._results) if result == x]
        return f"{'result' if len(places) == 1 else 'results'} {cut(', '.join(places), 20)}"

    def _title(self, name: str, operands: tuple[Operand, ...]) -> str:
        """How a step is made: a sign with a constant beside it, or a short sum of products as it is written."""
        if name == "dot":
            terms = terms_of(operands, self._term)
            text = " + ".join(terms).replace("*", SYMBOLS["*"])
            return text if len(text) <= _LONGEST else f"sum of {len(terms)} terms"
        if len(operands) > 2 and any(isinstance(x, float) for x in operands):
            return cut(text_of(name, [*map(self._name, operands)]), _LONGEST)
        return signed(find(name), operands, [*map(self._name, operands)])

    def _term(self, x: Operand) -> str:
        """An operand of a sum, with the 1.0 and -0.0 that terms_of() leaves out."""
        return repr(x) if isinstance(x, float) and x in (0.0, 1.0) else self._name(x)

    def _name(self, x: Operand) -> str:
        """The name of an operand: the label of a parameter, or what the listing has."""
        if isinstance(x, float):
            return short(x)
        place = x - self._listing.n_inputs
        label = str(self._path.parameters[place].label) if 0 <= place < self._listing.n_parameters else ""
        return subscripted(cut(printable(label), 24) or self._listing.name(x))


def _text(listing: Listing, name: str, operands: tuple[Operand, ...]) -> str:
    names = listing.name
    return " + ".join(terms_of(operands, names)) if name == "dot" else text_of(name, [*map(names, operands)])
