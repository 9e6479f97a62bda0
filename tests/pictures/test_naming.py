"""Names: a Value has the same one in pictures, trees, explanations, formulas and pages."""

import json
import re

import pytest

from autograd import Value, draw, explain, latex, scope, tree, view
from autograd.engine import topological_order
from autograd.pictures.notation.naming import Naming
from tests.pictures.reading import texts


def names(root: Value) -> list[str]:
    order = topological_order(root)
    return [str(Naming(order, [root]).of(node)) for node in order]


def test_a_value_without_a_label_has_one_name_everywhere():
    x, w = Value(2.0), Value(-3.0, label="w")
    product = x * w
    square = product**2
    y = square * square + x
    assert names(y) == ["x₁", "w", "t₁", "t₂", "t₃", "y"]
    assert {"∂/∂x1 = w = −3", "∂/∂t1 = 2t1 = −12", "∂/∂t2 = t2 = 36", "t2 = t1 ^ 2"} <= set(
        texts(draw(y, partials=True))
    )
    assert "t₂ = (…) ^ 2" in str(tree(y))
    assert "t₂, see above" in str(tree(y))
    assert "The gradient of y by t₂ is 72. 2 paths lead from t₂ to it" in str(explain(y, square)).replace("\n", " ")
    assert "The gradient of y by x₁ is" in str(explain(y, x))
    assert [left for left, _ in latex(y, wrt=x).equations] == [
        "t_{1}",
        "t_{2}",
        "y",
        r"\frac{\partial y}{\partial x_{1}}",
    ]
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', view(y).html, re.S)[1])
    assert [node["name"] for node in data["nodes"]] == names(y)


def test_two_values_with_one_label_are_told_apart_everywhere():
    first, second = Value(2.0, label="w"), Value(-3.0, label="w")
    y = first * second * Value(5.0, label="v")
    assert {"w(1)", "w(2)", "∂/∂w(1) = w(2) = −3"} <= set(texts(draw(y, partials=True)))
    assert [line.split()[2] for line in tree(y).lines if "w" in line] == ["w₍₁₎", "w₍₂₎"]
    assert "by w₍₂₎ is 10" in str(explain(y, second))
    assert latex(y, wrt=second).equations[-1] == (r"\frac{\partial y}{\partial w_{(2)}}", r"v \cdot w_{(1)}")
    assert explain(y, second).latex().startswith(r"\frac{\partial y}{\partial w_{(2)}}")


def test_labels_that_are_shown_alike_are_told_apart():
    a, b, c = (Value(1.0, label=label) for label in ("w1", "w_1", "w.1"))
    assert names(a + b + c)[:2] == ["w₁₍₁₎", "w₁₍₂₎"]
    assert latex(a + b) == r"w_{1(1)} + w_{1(2)}"


def test_what_is_not_drawn_has_the_same_name():
    first, second = Value(2.0, label="w"), Value(-3.0, label="w")
    y = (first * second).tanh()
    assert "∂/∂w(1) = w(2) = −3" in texts(draw(y, focus=first, radius=1, partials=True))
    with scope("box"):
        held = second * 1.0
    held.label = "w"
    assert "w(3)" in texts(draw(first * held * second, depth=0))


def test_values_with_one_label_that_are_drawn_as_one_have_no_index():
    w = Value(0.5, label="w")
    steps = [w * Value(float(i), label="x") for i in range(30)]
    for step in steps:
        step.label = "h"
    shown = texts(draw(sum([step.tanh() for step in steps], Value(0.0))))
    assert {"x", "h = w × x"} <= set(shown)
    assert not [text for text in shown if "₍" in text or "(1" in text]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["x", "t"], ["z₁", "u₁", "y"]),
        (["x1", "z"], ["i₁", "t₁", "y"]),
        (["y", "a"], ["x₁", "t₁", "out"]),
        (["y", "out"], ["x₁", "t₁", "result"]),
    ],
)
def test_letters_that_are_labels_are_not_given_again(labels, expected):
    a, b = (Value(2.0, label=label) for label in labels)
    assert names(Value(1.0) * 2.0 + a + b)[:2] == [expected[0], expected[1]]
    assert names(Value(1.0) * 2.0 + a + b)[-1] == expected[2]


def test_several_results_without_a_label_have_numbers():
    x = Value(2.0, label="x")
    roots = [x * 2, x * 3]
    naming = Naming(topological_order(*roots), roots)
    assert [str(naming.of(root)) for root in roots] == ["y₁", "y₂"]
