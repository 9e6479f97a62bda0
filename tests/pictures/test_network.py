"""Diagrams of networks: what circles, lines and captions say, and that no name breaks them."""

import math
import pickle
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import graphviz
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, draw
from autograd.pictures.canvas import picture as picture_module
from autograd.pictures.canvas.themes import DARK, LIGHT
from autograd.pictures.networks.network import network
from autograd.pictures.notation.text import Run
from tests.effort import examples
from tests.pictures.reading import SVG, texts, titles

DOCS = Path(__file__).parents[2] / "docs"


class Column(NamedTuple):
    """What nn tells about a layer."""

    name: str
    size: int
    weights: Sequence = ()
    biases: Sequence = ()
    functions: Sequence = ()
    curve: Sequence = ()
    numbers: Sequence | None = None
    sources: Sequence = ()


class Model:
    """A network that is made of columns."""

    def __init__(self, *columns: Column) -> None:
        self.columns = columns

    def _diagram(self, inputs: object) -> list[Column]:  # noqa: ARG002  # they are in the columns
        return list(self.columns)


def layer(n_inputs: int, n_outputs: int, name: str = "layer", weight: float = 0.5, **more: object) -> Column:
    weights = [[Value(weight, label=f"w{i}.{j}") for j in range(n_inputs)] for i in range(n_outputs)]
    return Column(name, n_outputs, weights, [Value(0.1, label=f"b{i}") for i in range(n_outputs)], **more)


def model(*sizes: int) -> Model:
    layers = [layer(a, b, f"layer {i}") for i, (a, b) in enumerate(pairwise(sizes))]
    return Model(Column("", sizes[0]), *layers)


def elements(picture: graphviz.Digraph, name: str, kind: str) -> list[ElementTree.Element]:
    tree = ElementTree.fromstring(picture.pipe(format="svg", encoding="utf-8"))
    return [element for element in tree.iter(f"{SVG}{name}") if kind in element.get("class", "").split()]


def test_a_neuron_is_a_circle_and_a_weight_is_a_line():
    picture = draw(model(3, 4, 2))
    assert len(titles(picture, "input")) == 3
    assert len(titles(picture, "neuron")) == 4
    assert len(titles(picture, "output")) == 2
    assert len(elements(picture, "line", "vg-weight")) == 3 * 4 + 4 * 2


def test_columns_are_in_the_order_of_the_layers_and_inputs_from_above():
    circles = [elements(draw(model(2, 3, 1)), "circle", f"vg-{kind}-fill") for kind in ("input", "neuron", "output")]
    across = [{float(circle.get("cx", "")) for circle in column} for column in circles]
    assert all(len(column) == 1 for column in across)
    assert max(across[0]) < max(across[1]) < max(across[2])
    down = [float(circle.get("cy", "")) for circle in circles[1]]
    assert down == sorted(down)


def test_below_each_column_are_its_name_its_size_and_its_function():
    shown = texts(draw(Model(Column("", 2), layer(2, 3, "first", functions=["tanh", "Softmax"]), layer(3, 1, "last"))))
    assert {"inputs", "2 numbers", "first", "3 neurons", "tanh, Softmax", "last", "1 neuron", "linear"} <= set(shown)


def test_the_colour_of_a_line_is_the_sign_of_the_weight_and_its_width_the_size():
    weights = [[Value(2.0), Value(-1.0), Value(0.0), Value(math.nan)]]
    lines = {
        line.findtext(f"{SVG}title"): line
        for line in elements(draw(Model(Column("", 4), Column("layer", 1, weights))), "line", "vg-weight")
    }
    found = {title: (line.get("class"), float(line.get("stroke-width", ""))) for title, line in lines.items()}
    assert found == {
        "weight = 2.0": ("vg-weight vg-line-positive", 3.6),
        "weight = -1.0": ("vg-weight vg-line-negative", 2.1),
        "weight = 0.0": ("vg-weight vg-line-none", 0.6),
        "weight = nan": ("vg-weight vg-line-none", 0.6),
    }
    assert lines["weight = 2.0"].get("stroke") == LIGHT["positive"]
    assert lines["weight = -1.0"].get("stroke") == LIGHT["negative"]
    dashes = {title: line.get("stroke-dasharray") for title, line in lines.items()}
    assert dashes["weight = 2.0"] is dashes["weight = 0.0"] is None  # the sign can be seen without colour
    assert dashes["weight = -1.0"] != dashes["weight = nan"] is not None
    assert dashes["weight = -1.0"]


def test_an_infinite_weight_is_the_widest_and_leaves_others_their_widths():
    weights = [[math.inf, 1.0, -0.5]]
    lines = elements(draw(Model(Column("", 3), Column("layer", 1, weights))), "line", "vg-weight")
    assert sorted(float(line.get("stroke-width", "")) for line in lines) == [2.1, 3.6, 3.6]


def test_a_ring_is_a_bias():
    column = Column("layer", 2, [[1.0], [1.0]], [Value(0.5, label="b"), Value(-0.25)])
    picture = draw(Model(Column("", 1), column))
    assert titles(picture, "output") == ["layer, neuron 1 of 2; b = 0.5", "layer, neuron 2 of 2; bias = -0.25"]
    rings = [elements(picture, "circle", f"vg-line-{sign}")[0] for sign in ("positive", "negative")]
    assert [float(ring.get("stroke-width", "")) for ring in rings] == [2.7, 1.95]
    assert any("ring" in text for text in texts(picture))
    assert not any("ring" in text for text in texts(draw(Model(Column("", 1), Column("layer", 1, [[1.0]])))))


def test_few_weights_have_their_numbers_beside_them():
    column = Column("layer", 1, [[0.25, -1 / 3]])
    assert {"0.25", "−0.333"} <= set(texts(draw(Model(Column("", 2), column))))
    assert "0.5" not in texts(draw(model(4, 4)))


def test_the_numbers_beside_weights_do_not_lie_on_each_other():
    for sizes in ((2, 3), (3, 3), (9, 1), (4, 2), (1, 9)):
        places = [
            [float(box.get(name, "")) for name in ("x", "y", "width", "height")]
            for box in elements(draw(model(*sizes)), "rect", "vg-disc")
        ]
        for i, (x, y, width, height) in enumerate(places):
            for left, top, wide, _ in places[:i]:
                apart = abs(x + width / 2 - left - wide / 2) >= (width + wide) / 2 or abs(y - top) >= height - 2.0
                assert apart, sizes


SHAPES = [(a, b) for a in range(1, 10) for b in range(1, 10) if a * b <= 9]


@pytest.mark.parametrize("weight", [-0.835, -0.0116, 0.5, -1.23e-5])
def test_no_number_lies_on_another_one_or_on_the_line_of_another_weight(weight):
    written = 0
    for sizes in [*SHAPES, (2, 3, 1), (2, 4, 2), (3, 3, 3)]:
        layers = [layer(a, b, f"layer {i}", weight) for i, (a, b) in enumerate(pairwise(sizes))]
        shown = network([Column("", sizes[0]), *layers])
        boxes = [(line.label, line.text.width / 2.0 + 1.0, line) for line in shown.weights if line.label]
        written += len(boxes)
        for (x, y), half, line in boxes:
            for other in shown.weights:
                slope = (other.head.y - other.tail.y) / (other.head.x - other.tail.x)
                at = [other.tail.y + slope * (x + side * half - other.tail.x) for side in (-1.0, 1.0)]
                is_beside = min(x + half - other.tail.x, other.head.x - x + half) < 0.0  # a line of another layer
                assert other is line or is_beside or min(at) > y + 6.0 or max(at) < y - 6.0, (sizes, line.tip)
            for (u, v), wide, other in boxes:
                assert other is line or abs(x - u) >= half + wide or abs(y - v) >= 12.0, (sizes, line.tip)
    assert written > 100


def test_a_network_is_as_wide_as_a_slide():
    for sizes in ((2, 3, 1), (64, 32, 10), (2, 16, 16, 1)):
        shown = network(model(*sizes).columns)
        assert 1.1 < shown.width / shown.height < 1.9


def test_the_legend_says_how_many_are_drawn_and_counts_the_parameters():
    notes = network(model(64, 32).columns).notes
    assert "Of a long column, 9 are drawn, with the weights between them." in notes
    assert "2,080 parameters: 2,048 weights and 32 biases." in notes
    called = network([Column("", 1, numbers=[1.0], sources=[1.0]), layer(1, 1, numbers=[0.5])]).notes
    assert "The colour of a circle shows the number in it, by sign and size." in called


def test_of_more_than_ten_neurons_the_first_and_the_last_are_drawn():
    picture = draw(model(10, 64))
    assert len(titles(picture, "input")) == 10
    assert [title.split(" of ")[0] for title in titles(picture, "output")] == [
        f"layer 0, neuron {i}" for i in (1, 2, 3, 4, 5, 61, 62, 63, 64)
    ]
    assert titles(picture, "more") == ["55 more"]
    assert len(elements(picture, "line", "vg-weight")) == 90
    assert "64 neurons" in texts(picture)


def test_widths_are_relative_to_weights_that_are_not_drawn_too():
    column = layer(1, 64, weight=1.0)
    column.weights[30][0].data = 10.0
    lines = elements(draw(Model(Column("", 1), column)), "line", "vg-weight")
    assert {line.get("stroke-width") for line in lines} == {"0.90"}


def called(gradients: bool = False) -> Model:
    x, column = Value(0.5, label="age"), layer(2, 1, numbers=[-0.123456])
    if gradients:
        column.biases[0].grad, column.weights[0][0].grad, x.grad = 0.75, 0.375, -2.5
    return Model(Column("", 2, numbers=[0.5, 2.0], sources=[x, 2.0]), column)


def test_a_call_writes_into_each_circle_what_it_gives():
    picture = draw(called())
    assert {"age", "x2", "y", "0.5", "2", "−0.123"} <= set(texts(picture))
    assert titles(picture, "input") == ["input age: 0.5", "input x₂: 2.0"]
    assert titles(picture, "output") == ["layer, neuron 1 of 1: -0.123456; b0 = 0.1"]
    assert len(elements(picture, "circle", "vg-tint-positive")) == 2
    assert len(elements(picture, "circle", "vg-tint-negative")) == 1


def test_after_a_backward_the_gradients_of_biases_and_inputs_stand_below():
    picture = draw(called(gradients=True))
    assert {"∂b 0.75", "∂x −2.5"} <= set(texts(picture))
    assert any("∂b is the gradient of the bias, and ∂x that of the input" in text for text in texts(picture))
    assert "∂b 0.75" in picture.source
    assert titles(picture, "input") == ["input age: 0.5, gradient -2.5", "input x₂: 2.0"]
    assert titles(picture, "output") == ["layer, neuron 1 of 1: -0.123456; b0 = 0.1, gradient 0.75"]
    lines = elements(picture, "line", "vg-weight")
    assert {line.findtext(f"{SVG}title") for line in lines} == {
        "w0.0 = 0.5, gradient 0.375",
        "w0.1 = 0.5, gradient 0.0",
    }
    assert not any("gradient" in text for text in texts(draw(called())))


def test_without_a_call_gradients_are_in_the_tips_alone():
    column = layer(2, 1, curve=[0.0, 1.0], functions=["relu"])
    column.biases[0].grad = 0.75
    picture = draw(Model(Column("", 2), column))
    assert "0.75" not in texts(picture)
    assert len(elements(picture, "polyline", "vg-curve")) == 1
    assert titles(picture, "output") == ["layer, neuron 1 of 1; b0 = 0.1, gradient 0.75"]


def test_a_neuron_without_numbers_shows_the_curve_of_its_activation():
    columns = [Column("", 1), layer(1, 2, functions=["relu"], curve=[0.0, 0.0, 1.0]), layer(2, 1, functions=["other"])]
    curves = elements(draw(Model(*columns)), "polyline", "vg-curve")
    assert len(curves) == 2
    heights = [point.split(",")[1] for point in curves[0].get("points", "").split()]
    assert heights[0] == heights[1]
    assert float(heights[2]) < float(heights[1])  # upwards


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_a_theme_has_its_colours(theme):
    document = draw(called(gradients=True), theme=theme).pipe(encoding="utf-8")
    assert (LIGHT["positive"] in document) is (theme != "dark")
    assert (DARK["positive"] in document) is (theme != "light")
    assert ("prefers-color-scheme" in document) is (theme == "auto")


def test_each_colour_of_a_diagram_has_a_rule_for_the_dark_theme():
    document = draw(called(gradients=True), theme="auto").pipe(encoding="utf-8")
    style = re.findall(r"<style>(.*)</style>", document)[0]
    used = set(re.findall(r'class="([^"]*)"[^>]* (?:fill|stroke)="#', document))
    assert used
    assert all(any(f".{name} " in style for name in names.split()) for names in used)


def test_a_screen_reader_is_told_what_the_network_is():
    tree = ElementTree.fromstring(draw(model(3, 4, 1)).pipe(encoding="utf-8"))
    assert tree.get("role") == "img"
    assert tree.findtext(f"{SVG}title") == "A network: 3 inputs, 4 neurons (linear), 1 neuron (linear)"
    assert tree.findtext(f"{SVG}desc", "").endswith("1 neuron (linear); 16 weights and 5 biases.")


HOSTILE = ['"', "'", "\\", "\\N", "<b>", "{a|b}", "&amp;", "</script>", "]]>", "\x00", "\ud800", "\u202eabc", "무게"]


def hostile(text: str) -> Model:
    sources, numbers = [Value(1.0, label=text), Value(2.0)], [1.0, 2.0]
    column = Column(text, 1, [[Value(1.0, label=text)] * 2], [Value(1.0, label=text)], [text])
    return Model(Column("", 2, numbers=numbers, sources=sources), column._replace(numbers=[3.0]))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_breaks_neither_the_svg_nor_the_graph_for_graphviz(text):
    picture = draw(hostile(text))
    wanted = re.sub("[\x00\ud800\u202e]", "\ufffd", text)
    assert texts(picture).count(wanted) == 3
    with picture_module._executable_and_errors():
        assert graphviz.Source(picture.source).pipe(format="svg")


@examples(60)
@given(st.text(max_size=20))
def test_any_name_renders(text):
    picture = draw(hostile(text))
    assert len(titles(picture, "input")) == 2
    with picture_module._executable_and_errors():
        assert graphviz.Source(picture.source).pipe(format="svg")


def test_long_names_are_cut():
    assert max(map(len, texts(draw(hostile("x" * 10_000))))) < 80


def test_graphviz_keeps_the_order_of_the_circles():
    with picture_module._executable_and_errors():
        plain = graphviz.Source(draw(model(2, 9)).source).pipe(format="plain", encoding="utf-8")
    places = {line.split()[1]: line.split()[2:4] for line in plain.splitlines() if line.startswith("node circle")}
    column = [places[f"circle1_{i}"] for i in range(9)]
    assert len({x for x, _ in column}) == 1
    assert column == sorted(column, key=lambda place: -float(place[1]))


def test_a_diagram_needs_no_graphviz(monkeypatch):
    monkeypatch.setattr(picture_module, "_executable", lambda: "no-such-program")
    assert draw(model(2, 1)).pipe("svg").startswith(b"<svg")
    assert draw(model(2, 1)).pipe("png").startswith(b"\x89PNG")


def test_a_diagram_that_was_changed_is_drawn_by_graphviz():
    picture = draw(model(2, 1))
    picture.node("more", "more")
    assert "more" in texts(picture)


def test_pictures_can_be_pickled():
    for picture in (draw(Value(1.0) * 2), draw(model(2, 1))):
        assert pickle.loads(pickle.dumps(picture)).pipe("svg") == picture.pipe("svg")


def test_a_network_with_too_many_circles_is_refused():
    with pytest.raises(ValueError, match="the network has 13 circles to draw, more than max_nodes=12; raise it"):
        draw(model(3, 64), max_nodes=12)
    assert draw(model(3, 64), max_nodes=13)


@pytest.mark.parametrize(
    ("name", "value"),
    [("partials", True), ("flow", True), ("depth", 1), ("direction", "TB"), ("style", "micrograd"), ("parameters", [])],
)
def test_what_belongs_to_graphs_is_refused_for_a_network(name, value):
    with pytest.raises(TypeError, match=rf"a network has no {name}; draw\(model\(x\)\) takes it"):
        draw(model(2, 1), **{name: value})


def luminance(colour: str, ground: str = "#000000", share: float = 1.0) -> float:
    """How bright a colour is that covers a share of the ground, by the rules for contrast of WCAG."""
    pairs = [(int(colour[i : i + 2], 16), int(ground[i : i + 2], 16)) for i in (1, 3, 5)]
    parts = [(share * x + (1.0 - share) * y) / 255.0 for x, y in pairs]
    red, green, blue = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(("theme", "colours"), [("light", LIGHT), ("dark", DARK)])
@pytest.mark.parametrize("kind", ["input", "output"])
def test_what_stands_in_a_coloured_circle_can_be_read(theme, colours, kind):
    shown = called(gradients=True)
    tree = ElementTree.fromstring(draw(shown, inputs=[], theme=theme).pipe(encoding="utf-8"))
    for group in [group for group in tree.iter(f"{SVG}g") if group.get("class") == f"vg-{kind}"]:
        [tint] = [circle for circle in group.iter(f"{SVG}circle") if "vg-tint" in circle.get("class", "")]
        ground = luminance(tint.get("fill", ""), colours["paper"], float(tint.get("fill-opacity", "")))
        for text in [*group.iter(f"{SVG}tspan")][:2]:
            low, high = sorted([ground, luminance(text.get("fill", ""))])
            assert (high + 0.05) / (low + 0.05) >= 4.5


@pytest.mark.parametrize("number", [-0.000123456, -0.0548123, -123456.0, 1.23456e-300, 0.5, -math.inf])
def test_no_number_touches_the_ring_of_its_circle(number):
    for grad in (number, 0.0):
        bias = Value(1.0)
        bias.grad = grad
        picture = draw(
            Model(Column("", 1, numbers=[1.0], sources=[2.0]), Column("", 1, [[1.0]], [bias], numbers=[number]))
        )
        [ring] = elements(picture, "circle", "vg-line-positive")
        inner = float(ring.get("r", "")) - float(ring.get("stroke-width", "")) / 2.0
        tree = ElementTree.fromstring(picture.pipe(encoding="utf-8"))
        [group] = [group for group in tree.iter(f"{SVG}g") if group.get("class") == "vg-output"]
        for text in [*group.iter(f"{SVG}text")][: 2 if grad else 1]:
            [span] = text
            size, base = float(span.get("font-size", "")), float(text.get("y", "")) - float(ring.get("cy", ""))
            half = Run(span.text or "", bold=span.get("font-weight") == "bold", size=size).width / 2.0
            assert max(math.hypot(half, base), math.hypot(half, base - 0.7 * size)) < inner - 1.0


def test_inputs_of_a_graph_are_refused():
    with pytest.raises(TypeError, match=r"a graph has no inputs; draw\(model, inputs=x\) takes it"):
        draw(Value(1.0), inputs=[1.0])


def test_a_class_is_refused():
    with pytest.raises(TypeError, match=r"takes no class, got Model; make one of it: Model\(...\)"):
        draw(Model)


def test_the_picture_in_the_docs_is_what_stands_beside_it():
    page = (DOCS / "pictures.md").read_text(encoding="utf-8")
    section = page.partition("## Networks")[2].partition("\n## ")[0]
    names: dict = {"Value": Value, "draw": draw}
    exec("\n".join(re.findall(r"^>>> (.*)$", section, re.MULTILINE)), names)
    kept = ElementTree.fromstring((DOCS / "network.svg").read_text(encoding="utf-8"))
    shown = sorted("".join(text.itertext()) for text in kept.iter(f"{SVG}text"))
    made = ElementTree.fromstring(names["picture"].pipe(encoding="utf-8"))
    assert shown == sorted("".join(text.itertext()) for text in made.iter(f"{SVG}text"))
    assert "age" in shown
