"""The diagram of a network, as textbooks draw it: a circle for each neuron, and a line for each weight."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, Union

from autograd.engine import Value
from autograd.pictures.notation.numbers import short
from autograd.pictures.notation.text import SUBSCRIPTS, Run, cut, printable, subscripted

Number = Union[Value, float]
Point = tuple[float, float]

_MOST = 10  # circles in a column; of more, the first five and the last four are drawn
_FIRST, _LAST = 5, 4
_FEW = 9  # weights into a layer whose numbers may be written
_SLIDE = 1.6  # the width of a slide to its height
_BELOW = 90.0  # points below the circles, about, for captions and the legend
_TALL = 13.0  # points, the height of a number on a line
SAMPLE = 26.0  # points, the lengths of the lines in the legend


class Column(Protocol):
    """What a module tells about its inputs or one of its layers, see `Module._diagram()` of nn.

    Attributes:
        name: of the layer; "" for the inputs.
        weights: for each circle the weight of each circle in the column before; none for the inputs.
        biases: one for each circle, or none.
        functions: the texts of what the sums go through.
        curve: the graph of the activation at points of equal distance, or nothing.
        numbers: what each circle gives, None if the network was not called.
        sources: what the inputs are, if it was called.
    """

    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def weights(self) -> Sequence[Sequence[Number]]: ...
    @property
    def biases(self) -> Sequence[Number]: ...
    @property
    def functions(self) -> Sequence[str]: ...
    @property
    def curve(self) -> Sequence[float]: ...
    @property
    def numbers(self) -> Sequence[float] | None: ...
    @property
    def sources(self) -> Sequence[Number]: ...


@dataclass(frozen=True)
class Circle:
    """An input or a neuron.

    Attributes:
        kind: "input", "neuron" or "output".
        name: what stands beside an input or an output.
        number: what it gives; share is that in proportion to the largest of its column.
        gradient: of its bias, or of the input; None if there was no call or no backward().
        bias: in proportion to the largest weight into its column.
        count: how many others it stands for; 0 for a circle of its own.
    """

    key: str
    kind: str
    x: float
    y: float
    tip: str
    name: str = ""
    number: float | None = None
    share: float = 0.0
    gradient: float | None = None
    bias: float = 0.0
    curve: Sequence[float] = ()
    count: int = 0

    @property
    def gradient_name(self) -> str:
        """What stands before the gradient."""
        return "∂x" if self.kind == "input" else "∂b"


@dataclass(frozen=True)
class Weight:
    """A line.

    Attributes:
        share: the weight in proportion to the largest one of the layer, nan if the weight is.
        label: the weight, and where that is written; None if there is no room.
    """

    tail: Circle
    head: Circle
    share: float
    tip: str
    text: Run
    label: Point | None = None


@dataclass
class Network:
    """Everything on a picture, with its place in points from the top left.

    Attributes:
        radius: of the circles.
        captions: below each column: the middle, and lines.
        notes: lines of the legend after the first, which explains the colours.
        left: where the circles and captions begin.
        bottom: the base of the first line of the captions.
    """

    radius: float
    circles: list[list[Circle]] = field(default_factory=list)
    weights: list[Weight] = field(default_factory=list)
    captions: list[tuple[float, list[Run]]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left: float = 0.0
    bottom: float = 0.0
    width: float = 0.0
    height: float = 0.0
    title: str = ""
    description: str = ""


def network(columns: Sequence[Column], max_nodes: int = 1000) -> Network:
    """The diagram of a network.

    Args:
        columns: the inputs, and each layer.
        max_nodes: the largest number of circles.

    Raises:
        ValueError: there are more circles.
    """
    return _Plan(columns, max_nodes).made


class _Plan:
    """Where things go."""

    def __init__(self, columns: Sequence[Column], max_nodes: int) -> None:
        self._columns = columns
        self._places = [_places(column.size) for column in columns]
        count = sum(map(len, self._places))
        if count > max_nodes:
            raise ValueError(f"the network has {count} circles to draw, more than max_nodes={max_nodes}; raise it")
        numbers = [x for column in columns for row in (*column.weights, column.biases, column.sources) for x in row]
        self._has_gradients = any(_gradient(x) for x in numbers)
        self._scales = [_largest(_number(w) for row in column.weights for w in row) for column in columns]
        self._is_called = columns[0].numbers is not None
        self.made = Network(17.0 if not self._is_called else 27.0 if self._has_gradients else 21.0)
        tallest = max(map(len, self._places))
        self._pitch = 2.0 * self.made.radius + (30.0 if tallest <= 4 else 16.0 if tallest <= 6 else 9.0)
        self._middle = tallest * self._pitch / 2.0
        self._put_columns()
        for i in range(1, len(columns)):
            self._put_weights(i)
        self._explain()

    def _put_columns(self) -> None:
        made, columns = self.made, self._columns
        names = [_input_names(columns[0]), *[[""] * column.size for column in columns[1:-1]]]
        names.append([f"y{_index(i)}" if columns[-1].size > 1 else "y" for i in range(columns[-1].size)])
        widths = [max(Run(name).width for name in side) + 8.0 if any(side) else 0.0 for side in (names[0], names[-1])]
        captions = [_caption(column) for column in columns]
        wide = [max(run.width for run in caption) for caption in captions]
        # as wide as a slide, if that leaves the lines neither steep nor long
        wide_enough = _SLIDE * (2.0 * self._middle + _BELOW) / (len(columns) - 1)
        apart = max(125.0, 2.0 * made.radius + 60.0, min(320.0, wide_enough))
        x = max(widths[0] + made.radius, wide[0] / 2.0)
        for i, column in enumerate(columns):
            if i:
                x += max(apart, (wide[i - 1] + wide[i]) / 2.0 + 14.0)
            made.circles.append(self._column(i, column, names[i], x))
            made.captions.append((x, captions[i]))
        made.bottom = 2.0 * self._middle + 16.0
        made.width = x + max(widths[1] + made.radius, wide[-1] / 2.0)

    def _column(self, i: int, column: Column, names: Sequence[str], x: float) -> list[Circle]:
        places = self._places[i]
        kind = "input" if i == 0 else "output" if i == len(self._columns) - 1 else "neuron"
        largest = _largest(column.numbers or ())
        shows_gradient = self._has_gradients and self._is_called  # training leaves gradients that nobody asked for
        curve = column.curve if column.curve or column.functions or not i else (-1.0, 1.0)
        circles = []
        for place, j in enumerate(places):
            y = self._middle + self._pitch * (place - (len(places) - 1) / 2.0)
            key = f"circle{i}_{place}"
            if j is None:
                hidden = column.size - _FIRST - _LAST
                circles.append(Circle(key, kind, x, y, f"{hidden} more", count=hidden))
                continue
            number = None if column.numbers is None else column.numbers[j]
            source = column.biases[j] if column.biases else column.sources[j] if column.sources else 0.0
            circles.append(
                Circle(
                    key,
                    kind,
                    x,
                    y,
                    self._tip(column, j, names[j]),
                    names[j],
                    number,
                    0.0 if number is None else number / largest,
                    source.grad if shows_gradient and isinstance(source, Value) else None,
                    _number(column.biases[j]) / self._scales[i] if column.biases else 0.0,
                    curve,
                )
            )
        return circles

    def _tip(self, column: Column, j: int, name: str) -> str:
        """All about a circle."""
        number = "" if column.numbers is None else f": {column.numbers[j]!r}"
        if not column.weights:
            source = column.sources[j] if column.sources else 0.0
            gradient = f", gradient {source.grad!r}" if self._has_gradients and isinstance(source, Value) else ""
            return f"input {name}{number}{gradient}"
        tip = f"{printable(column.name)}, neuron {j + 1} of {column.size}{number}"
        return f"{tip}; {self._parameter_tip(column.biases[j], 'bias')}" if column.biases else tip

    def _parameter_tip(self, x: Number, kind: str) -> str:
        if not isinstance(x, Value):
            return f"{kind} {x!r}"
        gradient = f", gradient {x.grad!r}" if self._has_gradients else ""
        return f"{printable(str(x.label)) or kind} = {x.data!r}{gradient}"

    def _put_weights(self, i: int) -> None:
        """The lines into a column; the numbers beside them, where there is room."""
        column, tails, heads = self._columns[i], self.made.circles[i - 1], self.made.circles[i]
        scale = self._scales[i]
        lines = []
        for head, row in zip(heads, self._places[i]):
            for tail, k in zip(tails, self._places[i - 1]):
                if row is None or k is None:
                    continue
                weight = column.weights[row][k]
                number = _number(weight)
                text = Run(short(number, digits=3), size=10.0)
                lines.append(Weight(tail, head, number / scale, self._parameter_tip(weight, "weight"), text))
        lines = _labelled(lines, self.made.radius)
        self.made.weights += sorted(lines, key=lambda line: abs(line.share) if line.share == line.share else -1.0)

    def _explain(self) -> None:
        made, columns = self.made, self._columns
        if any(column.biases for column in columns):
            made.notes.append("The ring of a neuron shows its bias in the same way.")
        if self._is_called:
            made.notes.append("The colour of a circle shows the number in it, by sign and size.")
        if self._is_called and self._has_gradients:
            made.notes.append("Below this number, ∂b is the gradient of the bias, and ∂x that of the input.")
        n_weights = sum(len(row) for column in columns for row in column.weights)
        n_biases = sum(len(column.biases) for column in columns)
        weights, biases = _counted(n_weights, "weight"), _counted(n_biases, "bias", "biases")
        if any(len(places) < column.size for places, column in zip(self._places, columns)):
            made.notes.append(f"Of a long column, {_FIRST + _LAST} are drawn, with the weights between them.")
        if n_biases:
            made.notes.append(f"{_counted(n_weights + n_biases, 'parameter')}: {weights} and {biases}.")
        if any(math.isnan(x) for x in columns[0].numbers or ()):
            made.notes.append(
                "An input is nan, and so is what depends on it: fill in the number, or leave out the sample."
            )
        lines = max(len(caption) for _, caption in made.captions)
        made.height = made.bottom + 15.0 * lines + 8.0 + 15.0 * (1 + len(made.notes))
        width = max(made.width, *(Run(note, size=10.5).width for note in made.notes), legend_width())
        made.left, made.width = (width - made.width) / 2.0, width
        layers = [f"{_counted(column.size, 'neuron')} ({_called(column)})" for column in columns[1:]]
        made.title = ", ".join([f"A network: {_counted(columns[0].size, 'input')}", *layers])
        made.description = f"{made.title}; {weights} and {biases}."


def legend() -> list[Run]:
    """The texts after the two lines that show the colours, and the text about the widths."""
    return [
        Run(text, "muted", size=10.5) for text in ("positive weight", "negative weight", "wider line: larger weight")
    ]


def legend_width() -> float:
    """How wide the first line of the legend is."""
    return sum(run.width + 16.0 for run in legend()) + 2.0 * (SAMPLE + 6.0)


def _labelled(lines: list[Weight], radius: float) -> list[Weight]:
    """The lines into a layer with a place for each number; or without numbers, if there is no room for all of them."""
    if len(lines) > _FEW:
        return lines
    labels: list[tuple[Point, float]] = []
    for line in lines:
        others = [other for other in lines if other is not line]
        x, y = line.head.x - line.tail.x, line.head.y - line.tail.y
        ways = [i / 40 for i in range(41) if abs(i / 20 - 1.0) * x < x - 2.0 * radius - line.text.width - 4.0]
        ways.sort(key=lambda way: abs(way - 0.5))  # of places with as much room, the one nearest to the middle
        points = [(line.tail.x + way * x, line.tail.y + way * y) for way in ways]
        rooms = [_room(point, line.text.width, others, labels) for point in points]
        if max(rooms, default=0.0) < 1.0:
            return lines
        labels.append((points[rooms.index(max(rooms))], line.text.width))
    return [replace(line, label=point) for line, (point, _) in zip(lines, labels)]


def _room(at: Point, width: float, lines: list[Weight], labels: list[tuple[Point, float]]) -> float:
    """How far the box of a label is from other lines and labels, in points; at most 6, and below 0 if they meet."""
    room = 6.0
    for line in lines:
        slope = (line.head.y - line.tail.y) / (line.head.x - line.tail.x)
        below = line.tail.y + slope * (at[0] - line.tail.x) - at[1]
        rise = abs(slope) * (width / 2.0 + 2.0)
        room = min(room, abs(below) - rise - _TALL / 2.0)
    for (x, y), wide in labels:
        if abs(x - at[0]) < (width + wide) / 2.0 + 4.0:
            room = min(room, abs(y - at[1]) - _TALL)
    return room


def _places(size: int) -> list[int | None]:
    """Which neurons have circles; None for the dots that stand for the others."""
    return [*range(size)] if size <= _MOST else [*range(_FIRST), None, *range(size - _LAST, size)]


def _number(x: Number) -> float:
    return x.data if isinstance(x, Value) else float(x)


def _gradient(x: Number) -> float:
    return x.grad if isinstance(x, Value) else 0.0


def _largest(numbers: Iterable[float]) -> float:
    """The largest size, to which others are proportions; 1 if there is none."""
    return max([abs(x) for x in numbers if math.isfinite(x)], default=0.0) or 1.0


def _index(i: int) -> str:
    return str(i + 1).translate(SUBSCRIPTS)


def _input_names(column: Column) -> list[str]:
    names = [f"x{_index(i)}" if column.size > 1 else "x" for i in range(column.size)]
    for i, x in enumerate(column.sources):
        if isinstance(x, Value) and x.label:
            names[i] = cut(subscripted(printable(str(x.label))), 20)
    return names


def _caption(column: Column) -> list[Run]:
    """What stands below a column."""
    if not column.weights:
        lines = ["inputs", _counted(column.size, "number")]
    else:
        lines = [cut(printable(column.name), 24), _counted(column.size, "neuron")]
    called = _called(column)
    lines += [cut(called, 30)] if called else []
    return [Run(line, "muted" if i else "ink", bold=not i, size=10.5 if i else 11.5) for i, line in enumerate(lines)]


def _called(column: Column) -> str:
    return ", ".join(map(printable, column.functions or (["linear"] if column.weights else [])))


def _counted(count: int, one: str, many: str = "") -> str:
    return f"1 {one}" if count == 1 else f"{count:,} {many or f'{one}s'}"
