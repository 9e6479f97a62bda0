"""The words of a picture: names that stand in its boxes, and roles that do not look like names."""

import random
import re

import pytest

from autograd import Value, dot, draw, exp, maximum, scope, tree
from autograd.pictures.notation.numbers import short
from autograd.pictures.notation.text import Run
from nn import MLP
from tests.pictures.graphs import random_graph
from tests.pictures.reading import texts


def letters(*names):
    return [Value(2.0 + i, label=name) for i, name in enumerate(names)]


def test_the_place_of_an_operand_is_not_a_letter():
    a, b = letters("a", "b")
    for y in (b - a, b / a):
        for partials in (False, True):
            shown = texts(draw(y, partials=partials))
            assert shown.count("a") == shown.count("b") == 1
    assert {"1st", "2nd"} <= set(texts(draw(b - a)))
    assert "1st" not in texts(draw(b - a, partials=True))


def test_a_partial_speaks_of_names_that_stand_in_boxes():
    x = Value(3.0)
    shown = texts(draw(x * x, partials=True))
    assert shown.count("∂/∂x1 = x1 = 3") == 2
    assert "x1" in shown
    w, x, b, y = letters("w", "x", "b", "y")
    shown = texts(draw((w * x + b - y) ** 2, partials=True))
    assert {"t3 = (…) − y", "∂/∂t3 = 2t3 = 10"} <= set(shown)
    assert {"×", "+"} <= set(shown)  # no formula speaks of them
    assert not [text for text in texts(draw((w * x + b - y) ** 2)) if text.startswith("t")]


def test_a_partial_by_what_has_no_name_has_no_sign_of_a_derivative():
    x = Value(3.0, label="x")
    shown = texts(draw(2.0 * x / 40.0, partials=True))
    assert "1 / 40 = 0.025" in shown
    assert not [text for text in shown if "∂/∂ " in text]


def test_a_constant_stands_beside_the_sign_and_the_name_of_the_other_operand():
    x, long = letters("x", "a label of many characters")
    for y, title in (
        (x / 1, "x ÷ 1"),
        (1 - x, "1 − x"),
        (x**2, "x ^ 2"),
        (0.5 * x, "0.5 × x"),
        (long * 3, "× 3"),
        (x * long / 4, "÷ 4"),
        ((x * 2) ** 2, "^ 2"),
    ):
        assert title in texts(draw(y)), title
    assert "t1 = x × 2" in texts(draw((x * 2) ** 2, partials=True))
    assert texts(draw(x / 1, partials=True)).count("1") == 1  # and not 1 / 1 = 1


@pytest.mark.parametrize(
    ("computed", "title"),
    [
        (lambda a, b: a * b - 2, "y = (…) − 2"),
        (lambda a, b: 2 - a * b, "y = 2 − (…)"),
        (lambda a, b: a * b / 100, "y = (…) ÷ 100"),
        (lambda a, b: a.exp() - b.exp(), "y = (…) − (…)"),
        (lambda a, b: a - b, "y = a − b"),
        (lambda a, _: -a, "y = −a"),
        (lambda a, b: -(a * b), "y = −(…)"),
        (lambda a, _: a.tanh(), "y = tanh(a)"),
        (lambda a, b: maximum(a * b, b), "y = max(…, b)"),
        (lambda a, b: dot([a * b, a], [b, a]), "y = dot(…)"),
        (lambda a, b: sum([a, b, a, b, a * b]), "y = sum of 5"),
        (lambda a, _: exp(a), "y = exp(a)"),
    ],
)
def test_what_stands_after_a_name_is_an_equation_without_a_gap(computed, title):
    y = computed(*letters("a", "b"))
    y.label = "y"
    assert title in texts(draw(y))
    assert tree(y).lines[0].startswith(f"{title} ")


def test_a_title_is_no_negative_number():
    a, b = letters("a", "b")
    y = a * b - 2
    assert "(…) − 2" in texts(draw(y))
    assert tree(y).lines[0].startswith("(…) − 2 ")
    shown = texts(draw(sum([(a * i) - i for i in range(10)], Value(0.0)), merge=True))
    assert {"a × (0 … 9)", "(…) − (0 … 9)"} <= set(shown)


def test_names_that_are_labels_are_not_given_again():
    t = Value(3.0, label="t1")
    assert "∂/∂u1 = 2u1 = 18" in texts(draw((t * 3.0) ** 2, partials=True))
    assert "∂/∂node5 = 2node5 = 18" in texts(
        draw((sum(letters("t", "u1", "v2", "s"), Value(0.0)) - 5.0) ** 2, partials=True)
    )


@pytest.mark.parametrize("seed", range(8))
def test_every_name_in_a_formula_stands_in_a_box(seed):
    root = random_graph(random.Random(seed), 12)[-1]
    shown = texts(draw(root, partials=True, merge=False))
    named = {text.partition(" = ")[0] for text in shown if "∂" not in text}
    for text in shown:
        if "∂" in text:
            formula = text.removeprefix("∂/∂").rpartition(" = ")[0]
            assert {*re.findall(r"\b[tx]\d(?=\b|2\b)", formula)} <= named, text


def test_the_derivative_of_exp_is_a_power_of_e():
    x, x1, e = letters("x", "x1", "e")
    assert "ex = 7.389" in texts(draw(x.exp() * 2, partials=True))
    assert "exp(x1) = 20.09" in texts(draw(x1.exp() * 2, partials=True))
    y = x.exp()
    y.label = "y"
    assert "y = 7.389" in texts(draw(y, partials=True))
    assert "t1 = 7.389" in texts(draw(x.exp() * e, partials=True))
    assert "y = exp(…)" in texts(draw((x * 0.25).exp(), partials=True))


def test_what_is_not_drawn_keeps_its_label():
    x, y = letters("x", "y")
    z = 2 * x * y + x.exp()
    shown = texts(draw(z, between=(x, z), partials=True))
    assert "∂/∂t1 = y = 3" in shown
    shown = texts(draw(x * (y * 1.0), focus=x, radius=1, partials=True))
    assert "3" in shown  # the other factor is neither drawn nor named
    with scope("box"):
        k = x * 1.0
    k.label = "k"
    assert "∂/∂y = k = 2" in texts(draw(k * y, partials=True, depth=0))


def test_value_and_gradient_are_told_apart_without_colour():
    x, w = letters("x", "w")
    y = (x * w).tanh()
    y.backward()
    shown = texts(draw(y, merge=False))
    assert {"grad 1", f"grad {1 - y.data**2:.4g}".replace("e-0", "e−")} <= set(shown)


def test_lines_below_a_narrow_picture_are_not_cut():
    model = MLP(2, [16, 16, 1], rng=0)
    document = draw(model([1.0, -2.0]), direction="TB").pipe(encoding="utf-8")
    width = int(re.search(r'width="(\d+)pt"', document)[1])
    assert width < 400
    assert "focus=x draws" in " ".join(texts(draw(model([1.0, -2.0]), direction="TB")))
    for line in re.findall(r'<g class="vg-note">(.*?)</g>', document):
        for text in re.findall(r">([^<>]+)</tspan>", line):
            assert Run(text, size=10.5).width < width - 20.0


def test_where_no_gradient_flows_there_is_no_colour_of_a_sign():
    x, w = Value(-3.0, label="x"), Value(2.0, label="w")
    y = x.relu() * 3 + w
    y.backward()
    document = draw(y).pipe(encoding="utf-8")
    assert re.search(r'class="vg-muted"[^>]*>0</tspan>', document)
    assert not re.search(r'class="vg-positive"[^>]*>0</tspan>', document)
    assert document.count("stroke-dasharray") == 1


def test_equal_numbers_have_equal_digits_whatever_was_rounded():
    w = Value(1.0, label="w")
    y = sum([w * c for c in (-97.51, -0.005)], Value(0.0))
    y.backward()
    assert w.grad == pytest.approx(-97.515)
    found = {f"{x:.4g}" for x in (97.515, 97.51499999999999)}
    assert len(found) == 2
    assert short(97.515) == short(97.51499999999999) == short(97.51500000000001)


def test_no_sign_of_a_label_is_covered_by_the_ground_of_another():
    x = Value(2.0, label="x")
    document = draw(x.exp() * 2.0, partials=True).pipe(encoding="utf-8")
    assert "paint-order" not in document
    assert document.count('class="vg-back"') == document.count('class="vg-halo"') == 2


def test_a_png_names_fonts_without_serifs_for_wide_signs():
    document = draw(Value(2.0, label="무게 x"))._document(fits=True)
    spans = dict(re.findall(r"<tspan ([^>]*)>([^<]+)</tspan>", document))
    fonts = {text: "Noto Sans CJK KR" in look for look, text in spans.items()}
    assert fonts == {"무게": True, "x": False, "2": False}
