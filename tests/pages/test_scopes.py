"""Large graphs on a page: boxes, what is drawn as one, and scopes that open and close."""

import pytest

import autograd as ag
from autograd import Value
from autograd.engine import topological_order
from nn import MLP
from tests.pages.browser import assert_near, wanted


def test_a_large_graph_has_boxes_that_play_as_one_step(show):
    model = MLP(2, [8, 8, 1], rng=0)
    with ag.scope("input"):
        x = Value(0.5, label="x")
    y = model([x, -1.0])
    opened = show(y, max_nodes=40)
    assert 0 < opened.page.locator(".vg-box").count() < 40
    assert "nodes are in boxes" in opened.page.inner_text("#hidden")
    while opened.step < opened.last:
        opened.press("step-forward")
        assert "undefined" not in opened.status
    order = topological_order(y)
    root = f"value{len(order) - 1}"
    assert_near({root: opened.numbers()[root]}, {root: wanted(y)[root]})
    gradients = opened.page.locator(".gradient").all_inner_texts()
    assert len([text for text in gradients if text]) == sum(node.op is None for node in order)


def said_at(opened, *steps):
    """The sentences of these steps. The page stays at the last step."""
    said = []
    for step in steps:
        opened.scrub(step)
        said.append(opened.status)
    return said


def test_scopes_open_and_close_and_all_numbers_stay(show, load, tmp_path):
    model = MLP(2, [3, 2, 1], rng=0)
    y = model([Value(0.5, label="x1"), Value(-1.0, label="x2")])
    opened = show(y)
    opened.scrub(opened.last)
    expected = wanted(y)
    assert_near(opened.numbers(), expected)
    assert opened.page.is_disabled("[data-action=expand]")
    counts = [opened.page.locator("[data-node]").count()]
    while opened.page.is_enabled("[data-action=collapse]"):
        opened.press("collapse")
        counts.append(opened.page.locator("[data-node]").count())
        assert opened.step == opened.last
        assert opened.page.locator(".vg-box").count() > 0
        assert all(pair == pytest.approx(expected[key]) for key, pair in opened.numbers().items())
        assert "layers.2.neurons.0.w.0 = " in " ".join(said_at(opened, 0, opened.last))
    assert len(counts) == 3  # neurons, then layers
    assert counts == sorted(counts, reverse=True)
    opened.drag("x1", 1.5)
    opened.scrub(2)
    opened.wait(lambda: "open=0&step=2" in opened.page.url)
    again = load(tmp_path / "page.html", "#" + opened.page.url.partition("#")[2])
    assert again.page.locator("[data-node]").count() == counts[-1]
    for _ in counts[1:]:
        again.press("expand")
    again.scrub(again.last)
    assert_near(again.numbers(), wanted(model([Value(1.5), Value(-1.0)])))


def test_what_is_drawn_as_one_shows_the_least_and_the_largest_number_also_after_dragging(show):
    w = Value(2.0, label="w")
    samples = [w * k + 1.0 for k in range(1, 61)]
    loss = ag.mean([x * x for x in samples])
    opened = show(loss, max_nodes=100)
    texts = lambda slot: set(opened.page.locator(f'[data-slot="{slot}"]').all_text_contents())  # noqa: E731
    opened.scrub(opened.last)
    assert {"3 … 121", "9 … 1.464e4"} <= texts("value")
    assert {"grad 0.1 … 4.033", "grad 0.01667"} <= texts("grad")
    opened.drag("w", -1.0)
    assert {"−59 … 0", "0 … 3481"} <= texts("value")
    assert "grad −1.967 … 0" in texts("grad")
    assert any(text.endswith("−59 … 0") for text in opened.page.locator("[data-partial]").all_text_contents())
    assert "nan" not in opened.page.inner_text("#frame")
    opened.scrub(0)
    assert texts("value") == {"?", "-1".replace("-", "−")}
