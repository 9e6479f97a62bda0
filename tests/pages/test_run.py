"""The page of a training that has ended, in a browser: every epoch has the numbers of nn, and it can go on."""

import copy
import random
import re

import numpy as np
import pytest

import nn
from autograd import Value
from nn.optim import SGD, Adam
from nn.optim.optimizer import Optimizer
from tests.node import module_path
from tests.pages.networks import XOR, losses, small


@pytest.fixture
def rerun(load, tmp_path):
    """A function that trains a model, and opens the page of that."""

    def rerun(model, x, y, settings=None, **options):
        path = tmp_path / "run.html"
        lang = options.pop("lang", "en")
        history = nn.fit(model, x, y, view={"path": path, "lang": lang}, **{"loss": "binary_cross_entropy", **options})
        return load(path, **(settings or {})), history

    return rerun


def loss_of(opened, name="loss"):
    return float(opened.page.get_attribute(f"[data-{name}]", f"data-{name}"))


def test_every_epoch_has_the_losses_of_its_weights(rerun):
    model, kept = small(), []
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20, 2)), rng.integers(0, 2, 20)
    held_out = rng.normal(size=(6, 2)), rng.integers(0, 2, 6)
    first = copy.deepcopy(model)
    keep = [lambda _: kept.append(copy.deepcopy(model))]
    opened, history = rerun(model, x, y, epochs=6, batch_size=4, validation=held_out, callbacks=keep, rng=0)
    assert opened.page.get_attribute("[data-epoch]", "data-epoch") == "6"
    for epoch, net in enumerate([first, *kept]):
        opened.scrub(epoch)
        assert opened.page.get_attribute("[data-epoch]", "data-epoch") == str(epoch)
        assert loss_of(opened) == pytest.approx(nn.evaluate(net, x, y, loss="binary_cross_entropy")["loss"], rel=1e-9)
        if epoch:
            assert loss_of(opened, "validation-loss") == pytest.approx(history.validation_losses[epoch - 1], rel=1e-9)
    opened.scrub(3)
    assert "Epoch 3 of 6" in opened.status
    assert f"the mean error of the samples is {loss_of(opened):.4g}" in opened.status


def test_from_the_last_epoch_the_training_goes_on_as_fit_does(rerun):
    model = small()
    adam = Adam(model.parameters(), 0.05)
    opened, _ = rerun(model, *XOR, optimizer=adam, epochs=7)
    opened.page.click("#goOn summary")
    found = losses(opened, 10)
    history = nn.fit(model, *XOR, loss="binary_cross_entropy", optimizer=adam, epochs=11)
    assert found == pytest.approx(history.losses, rel=1e-9)


def test_from_an_earlier_epoch_the_training_begins_there_and_start_again_goes_back(rerun):
    model = small()
    opened, history = rerun(model, *XOR, optimizer=SGD(model.parameters(), 0.5), epochs=9)
    opened.scrub(4)
    opened.page.click("#goOn summary")
    assert losses(opened, 4) == pytest.approx(history.losses[4:9], rel=1e-9)
    opened.press("reset")
    assert loss_of(opened) == pytest.approx(history.losses[4], rel=1e-9)
    opened.press("slow")
    assert "1 · Result" in opened.status
    assert "These are the weights after epoch 4" in opened.status


def test_what_goes_on_tells_its_steps_and_pauses_by_space(rerun):
    opened, _ = rerun(small(), *XOR, epochs=9, batch_size=32)
    page = opened.page
    assert page.inner_text("[data-epoch]") == "9 / 9"
    assert "fit()" in page.inner_text("#lossHint")
    page.click("#goOn summary")
    assert page.locator("[data-input=batch_size] option").all_inner_texts() == ["1", "2", "all 4"]
    losses(opened, 3)
    assert page.inner_text("[data-epoch]") == "9 / 9 · step 3"
    assert "fit()" not in page.inner_text("#lossHint")
    opened.press("train")
    opened.wait(lambda: opened.step > 4)
    page.keyboard.press(" ")  # the button has the focus
    assert "Paused at step" in opened.status
    opened.press("train")
    page.click("h1")
    page.keyboard.press(" ")
    assert "Paused at step" in opened.status
    opened.press("reset")
    assert "Epoch 9 of 9" in opened.status
    opened.press("play")
    page.keyboard.press(" ")
    assert page.get_attribute("[data-action=play]", "aria-pressed") == "false"


def test_play_goes_through_the_epochs_and_keys_too(rerun):
    opened, _ = rerun(small(), *XOR, epochs=5)
    page = opened.page
    opened.press("play")
    opened.press("pause")
    paused = page.get_attribute("[data-epoch]", "data-epoch")
    assert paused != "5"  # it had begun again
    page.wait_for_timeout(700)
    assert page.get_attribute("[data-epoch]", "data-epoch") == paused
    opened.scrub(3)
    for key, epoch in (("ArrowRight", "4"), ("ArrowLeft", "3"), ("ArrowLeft", "2")):
        page.keyboard.press(key)
        assert page.get_attribute("[data-epoch]", "data-epoch") == epoch
    page.click("h1")  # so that no button has the focus
    page.keyboard.press(" ")
    opened.wait(lambda: page.get_attribute("[data-action=play]", "aria-pressed") == "false")
    assert page.get_attribute("[data-epoch]", "data-epoch") == "5"
    opened.press("step-backward")
    opened.press("step-forward")
    assert page.get_attribute("[data-epoch]", "data-epoch") == "5"
    page.click("#losses", position={"x": 60, "y": 50})
    assert int(page.get_attribute("[data-epoch]", "data-epoch")) < 3


def test_without_training_a_page_shows_the_epochs_alone(rerun):
    layers = [nn.Linear(2, 4), nn.Tanh(), nn.Dropout(0.5, rng=0), nn.Linear(4, 1)]
    opened, _ = rerun(nn.Sequential(*layers), *XOR, epochs=3)
    for selector in ("#goOn", "[data-action=train]", "#phases"):
        assert not opened.page.is_visible(selector)
    opened.scrub(0)
    assert "before the first epoch" in opened.status


def test_many_inputs_and_classes_have_curves_diagram_and_histograms(rerun):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(30, 20)), rng.integers(0, 10, 30)
    model = nn.MLP(20, [18, 10], rng=random.Random(0))
    opened, _ = rerun(model, x, y, loss="cross_entropy", epochs=4, metrics="accuracy")
    assert not opened.page.is_visible("#learned")
    assert opened.page.is_visible("#losses")
    assert opened.page.is_visible("#histograms")
    assert opened.page.locator("[data-node]").count() == 16 + 16 + 10
    assert re.search(r"The accuracy is 0\.\d+|The accuracy is 1", opened.status)


def test_a_training_that_was_interrupted_in_its_first_epoch_has_its_first_weights(rerun):
    class Interrupted(Optimizer):
        def step(self):
            raise KeyboardInterrupt

    model = small()
    opened, history = rerun(model, *XOR, optimizer=Interrupted(model.parameters(), 0.1), epochs=9)
    assert len(history) == 0
    opened.scrub(0)
    assert "before the first epoch" in opened.status


def test_a_function_has_its_parameters_after_each_epoch(rerun):
    slope, shift = Value(0.5, label="slope"), Value(0.0, label="shift")
    seen = []
    options = {"loss": "mse", "optimizer": SGD([slope, shift], 0.1), "epochs": 3}
    x, y = [0.0, 1.0, 2.0], [1.0, 3.0, 5.0]
    keep = [lambda _: seen.append(slope.data)]
    opened, _ = rerun(lambda x: slope * x + shift, x, y, callbacks=keep, **options)
    for epoch in (1, 2, 3):
        opened.scrub(epoch)
        row = opened.page.locator("[data-parameter=slope]")
        assert float(row.get_attribute("data-value")) == seen[epoch - 1]


def test_axe_finds_nothing_serious(rerun):
    axe = module_path("axe-core")
    if axe is None:
        pytest.skip("needs axe-core: npm install --prefix ~/axe axe-core, and export NODE_PATH=~/axe/node_modules")
    opened, _ = rerun(small(), *XOR, epochs=3, validation=XOR, settings={"bypass_csp": True})
    for selector in ("#goOn summary", "#graph summary"):
        opened.page.click(selector)
    opened.page.add_script_tag(path=axe)
    for scheme in ("light", "dark"):
        opened.page.emulate_media(color_scheme=scheme)
        found = opened.page.evaluate("axe.run()")["violations"]
        assert [(x["id"], x["nodes"][0]["html"]) for x in found if x["impact"] in ("serious", "critical")] == []


def test_korean_has_all_words(rerun):
    opened, _ = rerun(
        small(), *XOR, epochs=2, lang="ko", validation=XOR, settings={"viewport": {"width": 390, "height": 800}}
    )
    for epoch in range(3):
        opened.scrub(epoch)
        assert re.search("[가-힣]", opened.status)
        assert "{" not in opened.page.inner_text("body")
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 390
