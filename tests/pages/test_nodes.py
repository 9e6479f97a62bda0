"""What a page tells of one node: its formula, its line, its numbers, and the paths by which its gradient came."""

import random

import pytest

import autograd as ag
from autograd import Value, explain
from autograd.engine import topological_order
from autograd.pictures.notation.numbers import short
from tests.pages.browser import assert_near, wanted


def about(opened, key):
    opened.page.click(f'[data-node="{key}"] > rect:last-of-type')
    return opened.page.inner_text("#about")


def test_whole_paths_lead_to_a_node_with_their_products(show, y):
    opened = show(y)
    opened.scrub(opened.last)
    text = about(opened, "value0")
    assert "2 paths lead from the result to it" in text
    assert "loss ← t₃ ← t₂ ← t₁ ← x: 2 · 0.7864 · 1 · (−3) = −4.719" in text
    assert "loss ← x: 0.4621" in text
    assert "Used by: t₁, loss" in text
    assert "One path leads from the result to it" in about(opened, "value1")


def test_the_edges_of_these_paths_are_strong(show, y):
    opened = show(y)
    strong = lambda: opened.page.locator(".is-path").count()  # noqa: E731
    assert strong() == 0
    about(opened, "value1")  # w
    assert strong() == 4
    about(opened, "value6")  # the result
    assert strong() == 0


def test_what_is_not_computed_yet_is_not_told(show, y):
    opened = show(y)
    text = about(opened, "value6")
    assert "Computed by: t₃ × x\n" in text
    assert "Value: ?" in text
    assert "0.46" not in about(opened, "value0")
    opened.scrub(4)
    text = about(opened, "value6")
    assert "Computed by: t₃ × x = 0.4621 × 2" in text
    assert "Value: 0.924" in text
    assert "Gradient: ?" in text


def test_the_largest_paths_are_those_of_explain(show):
    rng = random.Random(3)
    nodes = [Value(rng.uniform(0.5, 2.0), label=name) for name in "ab"]
    for _ in range(12):
        nodes.append(rng.choice(nodes[-3:]) * rng.choice(nodes[-3:]) + rng.choice(nodes) * rng.uniform(-1.0, 1.0))
    y = nodes[-1]
    opened = show(y)
    opened.scrub(opened.last)
    for x in nodes[:2]:
        found = explain(y, x)
        text = about(opened, f"value{topological_order(y).index(x)}")
        assert f"{short(found.count)} paths lead" in text
        for path in found.paths:
            assert text.count(f"{short(path.product)}\n") + text.endswith(short(path.product)) >= 1


def test_a_node_of_a_function_has_its_line(show):
    def area(x, w):
        product = x * w
        return product.tanh()

    opened = show(area, inputs=[2.0, 0.5])
    line = area.__code__.co_firstlineno
    assert f"Line: test_nodes.py:{line + 1}: product = x * w" in about(opened, "value2")
    assert f"Line: test_nodes.py:{line + 2}: return product.tanh()" in about(opened, "value3")
    assert "Line" not in about(opened, "value0")


def test_a_node_of_a_module_has_the_line_of_the_function_that_calls_it(show):
    from nn import MLP

    model = MLP(2, [1], rng=0)

    def error(x):
        return (model([x, 1.0]) - 2.0) ** 2

    opened = show(error, inputs=[0.5])
    result = list(opened.numbers())[-1]
    assert "return (model([x, 1.0]) - 2.0) ** 2" in about(opened, result)
    opened = show(model, inputs=[[0.5, -1.0]])
    assert "Line: layers.py:" in about(opened, list(opened.numbers())[-1])


def test_of_several_results_one_is_differentiated(show, load, tmp_path):
    x, w = Value(2.0, label="x"), Value(-3.0, label="w")
    product = x * w
    first, second = product + 1.0, product * x
    first.label, second.label = "first", "second"
    opened = show([first, second])
    assert opened.page.inner_text("h1") == "Backpropagation of first"
    opened.scrub(opened.last)
    numbers = opened.numbers()
    assert numbers["value0"] == (2.0, -3.0)
    assert numbers["value4"] == (-12.0, 0.0)
    opened.page.select_option("#root", label="second")
    opened.scrub(opened.last)
    assert {key: pair[1] for key, pair in opened.numbers().items()} == {
        "value0": -12.0, "value1": 4.0, "value2": 2.0, "value3": 0.0, "value4": 1.0,
    }  # fmt: skip
    assert "∂second/∂x = −12" in opened.status
    opened.wait(lambda: "of=4" in opened.page.url)
    again = load(tmp_path / "page.html", "#" + opened.page.url.partition("#")[2])
    assert again.numbers() == opened.numbers()


def test_results_of_a_function_are_several_roots(show):
    opened = show(lambda a, b: (a * b, a - b), inputs=[2.0, 3.0])
    opened.scrub(opened.last)
    assert opened.numbers()["value2"] == (6.0, 1.0)
    assert opened.page.locator("#root option").all_inner_texts() == ["y₁", "y₂"]


def test_one_result_has_no_choice(show, y):
    opened = show(y)
    assert not opened.page.is_visible("#root")
    opened.scrub(opened.last)
    assert_near(opened.numbers(), wanted(y))


@pytest.mark.parametrize("seed", range(3))
def test_the_table_has_the_gradients_of_all_shown_nodes(show, seed):
    rng = random.Random(seed)
    a, b = Value(rng.random(), label="a"), Value(rng.random(), label="b")
    y = ag.sin(a * b) + a
    opened = show(y)
    opened.page.click("#table summary")
    opened.scrub(opened.last)
    expected = wanted(y)
    rows = opened.page.locator("#rows tr").all_inner_texts()
    assert [row.split("\t")[3] for row in rows] == [short(expected[f"value{i}"][1]) for i in range(len(rows))]
