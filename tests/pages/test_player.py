"""The controls of a page, by mouse and by keyboard; what it says; its other views; and how it can be read."""

import math
import re

import pytest

import autograd as ag
from autograd import Value
from autograd.engine import topological_order
from tests.pages.browser import assert_near, wanted

# --------------------------------------------------------------------------- what it says


def test_each_step_says_in_numbers_what_happens(show, y):
    opened = show(y)
    said = []
    for step in range(opened.last + 1):
        opened.scrub(step)
        said.append(opened.page.inner_text("#mathematics"))
    assert said == [
        "x = 2, w = −3, bias = 6.5",
        "t₁ = 2 × (−3) = −6",
        "t₂ = −6 + 6.5 = 0.5",
        "t₃ = tanh(0.5) = 0.4621",
        "loss = 0.4621 × 2 = 0.9242",
        "∂loss/∂loss = 1",
        "∂loss/∂t₃ += ∂loss/∂loss · ∂loss/∂t₃ = 1 · 2 = 2",
        "∂loss/∂x += ∂loss/∂loss · ∂loss/∂x = 1 · 0.4621 = 0.4621",
        "∂loss/∂t₂ += ∂loss/∂t₃ · ∂t₃/∂t₂ = 2 · 0.7864 = 1.573",
        "∂loss/∂t₁ += ∂loss/∂t₂ · ∂t₂/∂t₁ = 1.573 · 1 = 1.573",
        "∂loss/∂bias += ∂loss/∂t₂ · ∂t₂/∂bias = 1.573 · 1 = 1.573",
        "∂loss/∂x += ∂loss/∂t₁ · ∂t₁/∂x = 1.573 · (−3) = −4.719",
        "∂loss/∂w += ∂loss/∂t₁ · ∂t₁/∂w = 1.573 · 2 = 3.146",
        "∂loss/∂x = −4.257, ∂loss/∂w = 3.146, ∂loss/∂bias = 1.573",
    ]


def test_each_step_says_in_words_which_partial_it_uses_and_why_it_adds(show, y):
    opened = show(y)
    opened.scrub(3)
    assert "t₃ is computed from t₂." in opened.status
    opened.scrub(8)
    assert "multiplied by the partial derivative on the edge: 1 − t₃² = 0.7864" in opened.status
    assert "That is the whole gradient of t₂." in opened.status
    opened.scrub(7)
    assert "This is the first part of the gradient of x." in opened.status
    opened.scrub(11)
    assert "x is used more than once. Paths add: 0.4621 + (−4.719) = −4.257." in opened.status


def test_what_is_not_reached_is_faint_and_has_no_number_and_the_edge_in_use_is_strong(show, y):
    opened = show(y)
    assert opened.page.locator("[data-node].is-faint").count() == 4
    assert opened.page.text_content('[data-node="value5"] [data-slot="value"]') == "?"
    opened.scrub(8)
    assert opened.page.locator("[data-node].is-faint").count() == 0
    assert opened.page.locator(".vg-edge.is-active").count() == 1
    assert opened.page.text_content('[data-node="value5"] [data-slot="value"]') == "0.4621"


def test_korean_has_all_words_and_no_mark_that_is_left(show, y):
    opened = show(y, lang="ko")
    assert opened.page.get_attribute("html", "lang") == "ko"
    assert "loss의 역전파" in opened.page.inner_text("h1")
    for step in range(opened.last + 1):
        opened.scrub(step)
        assert re.search("[가-힣]", opened.status)
        assert "{" not in opened.status
    assert "undefined" not in opened.page.inner_text("main")
    assert "기울기 1" in opened.page.locator('[data-slot="grad"]').all_text_contents()
    assert "grad" not in opened.page.text_content("#frame")


# --------------------------------------------------------------------------- controls


def test_buttons_step_play_pause_and_reset(show, y):
    opened = show(y)
    opened.press("step-forward", 3)
    assert opened.step == 3
    opened.press("step-backward")
    assert opened.step == 2
    opened.press("reset")
    assert opened.step == 0
    opened.press("step-backward")
    assert opened.step == 0
    speed = lambda steps: opened.page.evaluate(f"document.querySelector('#speed').value = {steps}")  # noqa: E731
    speed(3)
    opened.press("play")
    opened.wait(lambda: opened.step >= 3)
    opened.press("pause")
    assert opened.page.get_attribute("[data-action=play]", "aria-pressed") == "false"
    step = opened.step
    opened.page.wait_for_timeout(150)
    assert opened.step == step < opened.last
    speed(20)
    opened.press("play")
    opened.wait(lambda: opened.step == opened.last)
    assert opened.page.get_attribute("[data-action=play]", "aria-pressed") == "false"
    opened.press("step-forward")
    assert opened.step == opened.last
    speed(1)
    opened.press("play")  # again from the start
    opened.wait(lambda: opened.step < opened.last)


def test_moving_an_input_keeps_the_step_and_reset_gives_its_number_back(show, y):
    opened = show(y)
    opened.scrub(3)
    opened.drag("x", 1.5)
    assert opened.step == 3
    assert "t₃ = tanh(2) = 0.964" in opened.status
    assert opened.page.input_value('[data-field="x"]') == "1.5"
    opened.press("reset")
    assert opened.numbers()["value0"][0] == 2.0
    assert opened.page.input_value('[data-input="x"]') == "2"


def test_a_click_on_a_node_tells_how_its_gradient_came_about(show, y):
    opened = show(y)
    opened.scrub(opened.last)
    opened.page.click('[data-node="value0"]')
    about = opened.page.inner_text("#about")
    assert "∂loss/∂loss · ∂loss/∂x = 1 · 0.4621 = 0.4621" in about
    assert "∂loss/∂t₁ · ∂t₁/∂x = 1.573 · (−3) = −4.719" in about
    assert repr(wanted(y)["value0"][1])[:12] in about
    opened.page.click('[data-node="value5"]')
    assert "Computed by: tanh(t₂)" in opened.page.inner_text("#about")


def test_zoom_changes_the_size_and_fit_shows_all(show, y):
    opened = show(y, {"viewport": {"width": 390, "height": 800}})
    width = lambda: opened.page.evaluate("document.querySelector('#frame svg').getBoundingClientRect().width")  # noqa: E731
    before = width()
    opened.press("zoom-in")
    assert width() > before
    opened.press("fit")
    assert width() < 390
    assert opened.page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_mouse_drags_the_picture_and_its_wheel_zooms(show, y):
    opened = show(y, {"viewport": {"width": 500, "height": 800}})
    width_of = "document.querySelector('#frame svg').clientWidth"
    place = lambda: opened.page.evaluate(f"[document.querySelector('#frame').scrollLeft, {width_of}]")  # noqa: E731
    box = opened.page.locator("#frame").bounding_box()
    mouse, middle = opened.page.mouse, box["x"] + box["width"] / 2
    mouse.move(middle, box["y"] + 5)
    mouse.down()
    mouse.move(middle - 80, box["y"] + 5)
    mouse.up()
    mouse.move(middle, box["y"] + 5)
    assert place()[0] == 80
    width = place()[1]
    opened.page.keyboard.down("Control")
    mouse.wheel(0, -300)
    opened.wait(lambda: place()[1] > 1.4 * width)
    assert opened.page.evaluate("devicePixelRatio") == 1


def test_a_search_shows_the_nodes_that_have_the_text_and_enter_goes_through_them(show, y):
    opened = show(y)
    opened.page.fill("#search", "tan")
    found = lambda: opened.page.evaluate("[...document.querySelectorAll('.is-found')].map((x) => x.dataset.node)")  # noqa: E731
    assert found() == ["value5"]
    assert opened.page.inner_text("#matches") == "1 found"
    opened.page.fill("#search", "multiply")
    assert found() == ["value2", "value6"]
    for node in ("value2", "value6", "value2"):
        opened.page.keyboard.press("Enter")
        assert "is-selected" in opened.page.get_attribute(f'[data-node="{node}"]', "class")
    opened.page.fill("#search", "bias")
    assert opened.page.locator("#inputs li:visible").count() == 1
    opened.page.fill("#search", "")
    assert found() == []
    assert opened.page.locator("#inputs li:visible").count() == 3


def test_the_link_has_the_step_and_the_inputs(show, load, y, tmp_path):
    opened = show(y)
    opened.scrub(8)
    opened.drag("w", -1.25)
    opened.wait(lambda: opened.page.url.endswith("#step=8&1=-1.25"))
    again = load(tmp_path / "page.html", "#step=8&1=-1.25")
    assert again.step == 8
    assert again.numbers() == opened.numbers()


@pytest.mark.parametrize("fragment", ["#step=abc&0=zzz", "#step=1.5&0=", "#step=-1&0=1e&scopes=x&of=y"])
def test_wrong_parts_of_a_link_are_left_out(show, load, y, tmp_path, fragment):
    show(y)
    opened = load(tmp_path / "page.html", fragment)
    assert opened.step == 0
    assert opened.numbers()["value0"][0] == 2.0
    assert load(tmp_path / "page.html", "#step=1&1=-inf").numbers()["value1"][0] == -math.inf


# --------------------------------------------------------------------------- keyboard


def test_all_can_be_done_by_keyboard(show, y):
    opened = show(y)
    keys = opened.page.keyboard
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    keys.press("ArrowLeft")
    assert opened.step == 1
    keys.press("Space")
    assert opened.page.get_attribute("[data-action=play]", "aria-pressed") == "true"
    keys.press("Space")
    assert opened.page.get_attribute("[data-action=play]", "aria-pressed") == "false"
    focused = lambda: opened.page.evaluate("document.activeElement.dataset.node ?? ''")  # noqa: E731
    seen = []
    for _ in range(40):
        keys.press("Tab")
        seen.append(focused())
    assert {f"value{i}" for i in range(7)} <= set(seen)
    while focused() != "value5":
        keys.press("Tab")
    for key, node in (
        ("ArrowUp", "value4"),
        ("ArrowUp", "value2"),
        ("Shift+ArrowDown", "value3"),
        ("ArrowDown", "value4"),
    ):
        keys.press(key)
        assert focused() == node, key
    keys.press("Enter")
    assert opened.page.inner_text("#aboutName") == "t₂"
    assert opened.page.get_attribute('[data-node="value4"]', "class").endswith("is-selected")


def test_keys_in_a_field_are_text(show, y):
    opened = show(y)
    opened.page.focus('[data-field="x"]')
    opened.page.keyboard.press("ArrowRight")
    opened.page.keyboard.press("Space")
    assert opened.step == 0
    assert opened.page.get_attribute("[data-action=play]", "aria-pressed") == "false"
    opened.page.focus('[data-action="reset"]')
    opened.page.keyboard.press("ArrowRight")
    opened.page.keyboard.press("Space")  # a button is pressed by it
    assert opened.step == 0


# --------------------------------------------------------------------------- other views


def test_the_table_has_each_node_with_its_numbers(show, y):
    opened = show(y)
    opened.scrub(opened.last)
    opened.page.click("#table summary")
    opened.wait(lambda: opened.page.locator("#rows tr").count() == 7)
    rows = opened.page.locator("#rows tr").all_inner_texts()
    assert rows[0].split("\t") == ["x", "input", "2", "−4.257"]
    assert rows[5].split("\t") == ["t₃", "tanh(t₂)", "0.4621", "2"]


def test_the_source_makes_the_same_graph(show):
    x, odd = Value(2.0, label="x"), Value(-0.5, label='class "\\')
    x2 = Value(float("inf"), label="x")
    y = ag.maximum(x, odd) ** 2.0 + (-x) * 3.0 / odd - abs(odd) % 0.3
    y = ag.dot([y, 2.0], [odd, y]) + (-2.0) ** x + ag.relu(odd) // 1.0 + ag.exp(-1.0 * x2)
    y.label = "out"
    opened = show(y)
    opened.drag("x", 3.0)
    names = {}
    exec(opened.source(), names)
    opened.scrub(opened.last)
    assert_near(opened.numbers(), wanted(names["out"]))
    labels = [node.label for node in topological_order(names["out"])]
    assert labels == [node.label for node in topological_order(y)]


def test_the_source_can_be_copied(show, y):
    opened = show(y, {"permissions": ["clipboard-read", "clipboard-write"]})
    opened.source()
    opened.press("copy")
    opened.wait(lambda: opened.page.inner_text("#copied") == "Copied.")
    copied = opened.page.evaluate("navigator.clipboard.readText()")
    assert copied == opened.page.inner_text("#code")
    assert 'w = Value(-3.0, label="w")' in copied


def test_space_pauses_after_play_was_clicked(show, y):
    opened = show(y)
    opened.press("play")
    opened.page.keyboard.press(" ")  # the button has the focus
    assert opened.page.get_attribute("[data-action=play]", "aria-pressed") == "false"
