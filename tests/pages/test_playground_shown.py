"""What a playground shows in a browser: networks, maps, images, parameters; in notebooks, small, and for everybody."""

import json
import random
import re

import numpy as np
import pytest

import nn
from autograd import Value
from nn.optim import SGD
from tests.node import module_path
from tests.pages.browser import is_near
from tests.pages.networks import XOR, losses, small, xor


def test_the_network_has_the_numbers_and_gradients_of_the_sample_that_is_chosen(play):
    model = small()
    opened = xor(play)
    opened.page.evaluate(
        "() => { const s = document.querySelector('#sample'); s.value = '2'; s.dispatchEvent(new Event('input')); }"
    )
    x = [Value(1.0), Value(0.0)]
    hidden = model.layers[0](x)
    output = model.layers[1](hidden)
    nn.losses.binary_cross_entropy([output], [1]).backward()
    wanted = {f"0.{i}": v for i, v in enumerate(x)} | {f"1.{i}": v for i, v in enumerate(hidden)} | {"2.0": output}
    found = opened.numbers()
    assert found.keys() == wanted.keys()
    for key, value in wanted.items():
        assert is_near(found[key][0], value.data, 1e-9)
        assert is_near(found[key][1], value.grad, 1e-9)
    assert "sample 2: output" in opened.page.inner_text("#about")


def test_pointing_at_the_map_chooses_the_nearest_sample_and_at_a_box_shows_its_map(play):
    opened = xor(play)
    opened.page.hover("#learned", position={"x": 15, "y": 15})
    assert "sample 1:" in opened.page.inner_text("#about")
    assert opened.page.locator("#network canvas").count() == 3 + 1
    before = opened.page.evaluate("document.querySelector('#learned').toDataURL()")
    opened.page.focus('[data-node="1.0"]')
    assert opened.page.inner_text("#learnedName") == "What neuron 0 of layers.0 gives"
    assert opened.page.evaluate("document.querySelector('#learned').toDataURL()") != before


def test_the_exported_file_is_what_load_reads(play, tmp_path):
    opened = xor(play)
    losses(opened, 7)
    with opened.page.expect_download() as download:
        opened.press("export")
    path = tmp_path / "model.safetensors"
    download.value.save_as(path)
    model = nn.load(path)
    loss = nn.evaluate(model, *XOR, loss="binary_cross_entropy")["loss"]
    assert loss == pytest.approx(float(opened.page.get_attribute("[data-loss]", "data-loss")), rel=1e-9)


def test_columns_of_many_neurons_are_cut(play):
    model = nn.MLP(2, [20, 1], activation="tanh", rng=random.Random(0))
    opened = play(model, *XOR, loss="mse")
    assert opened.page.locator("[data-node]").count() == 2 + 16 + 1
    assert "and 4 more" in opened.page.text_content("#network")


def test_images_are_shown_with_their_weights_and_the_share_of_classes_that_are_right(play):
    rng = np.random.default_rng(0)
    x, y = rng.uniform(size=(20, 12)), rng.integers(0, 3, 20)
    model = nn.MLP(12, [4, 3], rng=random.Random(0))
    opened = play(model, x, y, loss="cross_entropy", image=(3, 4), batch_size=4, rng=0)
    page = opened.page
    size = "[...document.querySelectorAll('#network canvas')].map(({ width, height }) => [width, height])"
    assert page.evaluate(size) == [[4, 3]] * 6
    right = nn.evaluate(model, x, y, metrics="accuracy")["accuracy"]
    assert float(page.get_attribute("[data-accuracy]", "data-accuracy")) == pytest.approx(right)
    says = nn.predict(model, x)[0].argmax()
    assert f"sample 0: output {says} (with a probability of" in page.inner_text("#about")
    light = "document.querySelector('#network canvas').toDataURL()"
    before = page.evaluate(light)
    opened.drag("sample", 1)
    assert page.evaluate(light) != before


def test_the_graph_of_any_sample_is_in_the_player(play):
    model = small()
    opened = xor(play)
    page = opened.page
    player = "document.querySelector('#player').shadowRoot"
    last = f"{{ const s = {player}.querySelector('#scrub'); s.value = s.max; s.dispatchEvent(new Event('input')); }}"
    read = (
        f"[...{player}.querySelectorAll('[data-node]')].map((x) => [x.dataset.node, x.dataset.value, x.dataset.grad])"
    )
    page.click("#graph summary")
    opened.wait(lambda: page.evaluate(f"{player} !== null"))
    while page.is_enabled("#player [data-action=expand]"):
        page.click("#player [data-action=expand]")
    graph = json.loads(page.text_content("#data"))["player"]["graph"]
    for sample in (0, 2):
        opened.drag("sample", sample)
        page.evaluate(last)
        model.zero_grad()
        x, y = XOR[0][sample], XOR[1][sample]
        error = nn.losses.binary_cross_entropy([model(x)], [y])
        error.backward()
        found = {int(key.removeprefix("value")): (float(a), float(b)) for key, a, b in page.evaluate(read)}
        wanted = dict(model.named_parameters())
        leaves = {graph["nodes"][k]["label"]: found[k] for k in graph["leaves"]}
        assert page.inner_text("#graphOf") == str(sample)
        listed = [graph["nodes"][graph["leaves"][k]]["label"] for k in graph["listed"]]
        assert (listed[:2], listed[-1]) == (["x1", "x2"], "target")
        assert listed.index("layers.0.neurons.0.b") < listed.index("layers.1.neurons.0.b")
        assert leaves.keys() == {*wanted, "x1", "x2", "target"}
        assert (leaves["x1"][0], leaves["x2"][0], leaves["target"][0]) == (*x, y)
        for name, p in wanted.items():
            assert is_near(leaves[name][0], p.data, 1e-12)
            assert is_near(leaves[name][1], p.grad, 1e-9)
        assert any(is_near(value, error.data, 1e-9) for value, _ in found.values())
    before = page.evaluate(read)
    losses(opened, 1)
    assert page.evaluate(read) != before


def test_keys_within_the_player_are_its_own(play):
    opened = xor(play)
    page = opened.page
    page.click("#graph summary")
    opened.wait(lambda: page.evaluate("document.querySelector('#player').shadowRoot !== null"))
    for selector in ("#search", "input[data-input]", '[data-node="value0"]'):
        page.locator(f"#player {selector}").first.focus()
        for key in (" ", "ArrowRight", "ArrowRight"):
            page.keyboard.press(key)
        assert page.inner_text("output[data-step]:not(#player *)") == "0"
    assert page.get_attribute("[data-action=train]", "aria-pressed") == "false"


def test_the_graph_begins_with_a_box_for_each_layer_and_a_very_large_one_is_not_shown(play, monkeypatch):
    model = nn.MLP(2, [16, 16, 1], activation="tanh", rng=random.Random(0))
    opened = play(model, *XOR, loss="binary_cross_entropy")
    opened.page.click("#graph summary")
    boxes = "document.querySelector('#player').shadowRoot?.querySelectorAll('[data-node^=box]').length"
    opened.wait(lambda: opened.page.evaluate(boxes) == 4)  # three layers and the loss
    for selector in (".vg-result", ".vg-box >> nth=0"):
        assert opened.page.locator(f"#player {selector}").is_visible()
    assert "error, result" in opened.page.get_attribute("#player .vg-result", "aria-label")
    monkeypatch.setattr("nn.pages.sample.MOST_NODES", 100)
    assert not play(model, *XOR, loss="binary_cross_entropy").page.is_visible("#graph")


def test_the_parameters_of_a_function_are_listed(play):
    slope, shift = Value(0.5, label="slope"), Value(0.0, label="shift")
    x, y = [0.0, 1.0, 2.0], [1.0, 3.0, 5.0]
    opened = play(lambda x: slope * x + shift, x, y, loss="mse", optimizer=SGD([slope, shift], 0.1))
    nn.losses.mse([slope * a + shift for a in x], y).backward()
    for parameter in (slope, shift):
        row = opened.page.locator(f'[data-parameter="{parameter.label}"]')
        assert float(row.get_attribute("data-value")) == parameter.data
        assert float(row.get_attribute("data-grad")) == pytest.approx(parameter.grad)
    losses(opened, 200)
    assert float(opened.page.get_attribute("[data-parameter=slope]", "data-value")) == pytest.approx(2.0, abs=1e-3)
    assert opened.page.locator("#numbers tbody tr").count() == 2


# --------------------------------------------------------------------------- for everybody


def test_korean_has_all_words_and_no_mark_that_is_left(play):
    opened = xor(play, lang="ko")
    opened.press("slow")
    for _ in range(5):
        assert re.search("[가-힣]", opened.status)
        assert "{" not in opened.page.inner_text("body")
        assert "undefined" not in opened.page.inner_text("body")
        opened.page.keyboard.press("ArrowRight")


def test_names_stay_text(play):
    label = "</script><img src=x onerror=alert(1)><!--"
    w = Value(0.5, label=label)
    opened = play(lambda x: w * x, [1.0], [2.0], loss="mse", optimizer=SGD([w], 0.1), title=label)
    opened.press("slow")
    opened.page.keyboard.press("ArrowRight")
    opened.page.keyboard.press("ArrowRight")
    assert label in opened.status
    assert opened.page.text_content("h1") == label
    assert opened.page.locator("img").count() == 0


def test_axe_finds_nothing_serious(play):
    axe = module_path("axe-core")
    if axe is None:
        pytest.skip("needs axe-core: npm install --prefix ~/axe axe-core, and export NODE_PATH=~/axe/node_modules")
    opened = xor(play, {"bypass_csp": True}, validation=XOR)
    opened.page.add_script_tag(path=axe)
    opened.press("slow")
    for scheme in ("light", "dark"):
        opened.page.emulate_media(color_scheme=scheme)
        found = opened.page.evaluate("axe.run()")["violations"]
        assert [(x["id"], x["nodes"][0]["html"]) for x in found if x["impact"] in ("serious", "critical")] == []


def test_a_small_screen_needs_no_scrolling_to_the_side(play):
    opened = xor(play, {"viewport": {"width": 390, "height": 844}})
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 390
    cards = ("networkCard", "learnedCard", "lossCard", "histograms")
    tops = [opened.page.locator(f"#{card}").bounding_box()["y"] for card in cards]
    assert tops == sorted(tops)


def test_a_notebook_shows_the_page_in_a_frame(load, tmp_path):
    path = tmp_path / "notebook.html"
    page = nn.playground(small(), *XOR, loss="mse")
    path.write_text(f"<!doctype html><title>notebook</title>{page._repr_html_()}", encoding="utf-8")
    frame = load(path).page.frame_locator("iframe")
    frame.locator('[data-action="train-step"]').click()
    assert frame.locator("[data-step]").inner_text() == "1"
