"""A playground in a browser: it trains as nn.fit does, says what it does, and every control works."""

import copy
import math
import random
import re

import numpy as np
import pytest

import nn
from autograd import Value
from nn.optim import SGD, Adagrad, Adam, AdamW, RMSProp
from tests.pages.networks import XOR, losses, small, xor

_CENTRE = """(() => {
  const map = document.querySelector("#learned");
  return [...map.getContext("2d").getImageData(map.width / 2, map.height / 2, 1, 1).data];
})()"""


# --------------------------------------------------------------------------- it trains as fit() does


@pytest.mark.parametrize(
    "make",
    [
        lambda p: SGD(p, 0.5),
        lambda p: SGD(p, 0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
        lambda p: Adagrad(p, 0.1),
        lambda p: RMSProp(p, 0.01, weight_decay=0.01),
        lambda p: Adam(p, 0.05),
        lambda p: AdamW(p, 0.05),
        lambda p: SGD([{"parameters": p[:4], "learning_rate": 0.2}, {"parameters": p[4:-1]}], 0.1),
    ],
    ids=["sgd", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "groups"],
)
def test_the_losses_are_those_of_fit(play, make):
    model = small()
    opened = play(model, *XOR, loss="binary_cross_entropy", optimizer=make(model.parameters()))
    twin = copy.deepcopy(model)
    history = nn.fit(twin, *XOR, loss="binary_cross_entropy", optimizer=make(twin.parameters()), epochs=31)
    assert losses(opened, 30) == pytest.approx(history.losses[:31], rel=1e-9, abs=1e-9)
    assert opened.step == 30


def test_batches_have_the_order_of_fit_with_the_same_seed(play):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(10, 2)), rng.normal(size=(10, 2))
    model = nn.MLP(2, [3, 2], activation="softplus", rng=random.Random(0))
    options = {"loss": "mse", "batch_size": 4, "validation": 0.2}
    opened = play(model, x, y, optimizer=SGD(model.parameters(), 0.1), rng=5, **options)
    twin = copy.deepcopy(model)
    history = nn.fit(twin, x, y, optimizer=SGD(twin.parameters(), 0.1), rng=5, epochs=3, **options)
    losses(opened, 3 * 2)
    found = float(opened.page.get_attribute("[data-validation-loss]", "data-validation-loss"))
    assert found == pytest.approx(history.validation_losses[-1], rel=1e-9)


def test_an_optimizer_goes_on_from_the_state_that_it_has(play):
    model = small()
    adam = Adam(model.parameters(), 0.05)
    options = {"loss": "binary_cross_entropy", "optimizer": adam}
    nn.fit(model, *XOR, epochs=5, **options)
    opened = play(model, *XOR, **options)
    assert losses(opened, 10) == pytest.approx(nn.fit(model, *XOR, epochs=11, **options).losses, rel=1e-9)


def test_a_function_of_one_number_trains_without_a_diagram_and_has_no_file(play):
    slope, shift = Value(0.5, label="slope"), Value(0.0, label="shift")
    x = [0.0, 1.0, 2.0]
    options = {"loss": "mse", "optimizer": SGD([slope, shift], 0.1)}
    opened = play(lambda x: slope * x + shift, x, [1.0, 3.0, 5.0], **options)
    assert losses(opened, 5) == pytest.approx(
        nn.fit(lambda x: slope * x + shift, x, [1.0, 3.0, 5.0], epochs=6, **options).losses, rel=1e-9
    )
    assert not opened.page.is_visible("[data-action=export]")
    assert not opened.page.is_visible("#histograms")


@pytest.mark.parametrize(
    ("n_inputs", "targets"),
    [(1, [0, 1, 2, 1]), (2, np.eye(3)[[0, 1, 2, 1]]), (3, [0, 1, 2, 1])],
    ids=["line", "map", "neither"],
)
def test_classes_of_every_number_of_inputs_train(play, n_inputs, targets):
    x = np.random.default_rng(0).normal(size=(4, n_inputs))
    model = nn.MLP(n_inputs, [3, 3], activation="tanh", rng=random.Random(0))
    opened = play(model, x, targets, loss="cross_entropy")
    found = losses(opened, 3)
    assert found[3] < found[0]
    assert opened.page.is_visible("#learned") is (n_inputs < 3)


# --------------------------------------------------------------------------- controls


def test_train_runs_until_pause_and_reset_goes_back_to_the_first_weights(play):
    opened = xor(play)
    first = opened.page.get_attribute("[data-loss]", "data-loss")
    opened.press("train")
    opened.wait(lambda: opened.step > 3)
    assert "trains" in opened.status
    opened.press("pause")
    stopped = opened.step
    opened.page.wait_for_timeout(100)
    assert opened.step == stopped
    assert f"Paused at step {stopped}" in opened.status
    opened.press("reset")
    assert opened.step == 0
    assert opened.page.get_attribute("[data-loss]", "data-loss") == first


def test_the_learning_rate_and_the_weight_decay_change_while_it_runs(play):
    opened = xor(play)
    opened.page.fill("[data-field=learning_rate]", "0.25")
    opened.page.fill("[data-field=weight_decay]", "0.125")
    opened.page.keyboard.press("Tab")
    model = small()
    sgd = SGD(model.parameters(), 0.25, weight_decay=0.125)
    history = nn.fit(model, *XOR, loss="binary_cross_entropy", optimizer=sgd, epochs=6)
    assert losses(opened, 5) == pytest.approx(history.losses, rel=1e-9)
    opened.drag("learning_rate", -2.0)
    opened.drag("weight_decay", -6.0)
    assert opened.page.input_value("[data-field=learning_rate]") == "0.01"
    assert opened.page.input_value("[data-field=weight_decay]") == "0"
    opened.page.fill("[data-field=learning_rate]", "fast")
    opened.page.keyboard.press("Tab")
    assert "positive number, not “fast”. It stays 0.01. Write one such as 0.1" in opened.status
    assert opened.page.input_value("[data-field=learning_rate]") == "0.01"
    opened.page.fill("[data-field=weight_decay]", "")
    opened.page.keyboard.press("Tab")
    assert "not “”. It stays 0." in opened.status
    assert opened.page.input_value("[data-field=weight_decay]") == "0"


def test_every_setting_may_change_while_the_network_trains(play):
    opened = xor(play)
    opened.press("train")
    opened.wait(lambda: opened.step > 2)
    for change in (
        lambda: opened.drag("learning_rate", -1.0),
        lambda: opened.drag("weight_decay", -3.0),
        lambda: opened.page.select_option("[data-input=batch_size]", "1"),
        lambda: opened.page.select_option("[data-input=batch_size]", "2"),
        lambda: opened.drag("sample", 3),
    ):
        change()
        step = opened.step
        opened.wait(lambda step=step: opened.step > step)
        assert "trains" in opened.status
    opened.press("pause")
    assert opened.page.input_value("[data-field=learning_rate]") == "0.1"
    assert opened.page.input_value("[data-field=weight_decay]") == "0.001"
    assert "sample 3:" in opened.page.inner_text("#about")


def test_one_sample_a_batch_or_all_may_be_chosen_for_each_step(play):
    opened = xor(play)
    options = opened.page.locator("[data-input=batch_size] option").all_inner_texts()
    assert options == ["1", "2", "all 4"]
    opened.page.select_option("[data-input=batch_size]", "1")
    found = losses(opened, 1)[1]
    possible = []
    for x, y in zip(*XOR):
        model = small()
        nn.fit(model, [x], [y], loss="binary_cross_entropy", optimizer=SGD(model.parameters(), 0.5), epochs=1)
        possible.append(nn.evaluate(model, *XOR, loss="binary_cross_entropy")["loss"])
    assert min(abs(found - loss) for loss in possible) < 1e-12
    opened.press("slow")
    opened.page.keyboard.press("ArrowRight")
    opened.page.keyboard.press("ArrowRight")
    assert "It is the gradient of sample" in opened.status
    opened.press("reset")
    opened.page.select_option("[data-input=batch_size]", "4")
    model = small()
    history = nn.fit(model, *XOR, loss="binary_cross_entropy", optimizer=SGD(model.parameters(), 0.5), epochs=4)
    assert losses(opened, 3) == pytest.approx(history.losses, rel=1e-9)


def test_slowly_goes_through_the_four_steps_and_says_each_with_numbers(play):
    opened = xor(play)
    before = float(opened.page.get_attribute("[data-loss]", "data-loss"))
    opened.press("slow")
    said = []
    for k in range(4):
        assert opened.page.get_attribute(f'[data-phase="{k}"]', "aria-current") == "step"
        assert opened.page.locator("[aria-current]").count() == 1
        said.append((opened.page.inner_text("#mathematics"), opened.page.inner_text("#words")))
        assert opened.step == (k >= 2)
        opened.page.keyboard.press("ArrowRight")
    after = float(opened.page.get_attribute("[data-loss]", "data-loss"))
    assert re.fullmatch(r"f\(0, 0\) = (\S+), sigmoid\(\1\) = 1 / \(1 \+ e\^−\(?\1\)?\) = \S+", said[0][0])
    assert "These are the first weights" in said[0][1]
    logit, p = re.search(r"computes (\S+) \(by the sigmoid, a probability of (\S+) for 1\)", said[0][1]).groups()
    assert 1 / (1 + math.exp(-float(logit.replace("−", "-")))) == pytest.approx(float(p), abs=1e-3)
    assert f"mean = {before:.4g}" in said[1][0]
    p, error = re.match(r"error = −log\(1 − (\S+)\) = (\S+),", said[1][0]).groups()
    assert -math.log(1 - float(p)) == pytest.approx(float(error), abs=1e-3)
    rule = r"weight − learning rate · gradient = (\S+) − 0\.5 · \(?(\S+?)\)? = (\S+)"
    numbers = re.fullmatch(rule, said[2][0])
    start, slope, end = (float(text.replace("−", "-")) for text in numbers.groups())
    assert end == pytest.approx(start - 0.5 * slope, abs=2e-3)
    assert ("the error grows" if slope > 0 else "the error shrinks") in said[2][1]
    assert re.search(r"that of the weight from neuron \d of layers\.0 to the output: ", said[2][1])
    assert f"The mean error of all 4 samples fell from {before:.4g} to {after:.4g}" in said[3][1]


@pytest.mark.parametrize(
    ("loss", "targets", "formula", "error"),
    [
        ("mse", [-1, 1, 1, 0], r"\((\S+) − \(−1\)\)²", lambda x: (x + 1) ** 2),
        ("mae", [2, 1, 1, 0], r"\|(\S+) − 2\|", lambda x: abs(x - 2)),
        ("binary_cross_entropy", [1, 1, 1, 0], r"−log\((\S+)\)", lambda p: -math.log(p)),
        ("cross_entropy", [2, 1, 0, 0], r"−log\((\S+)\)", lambda p: -math.log(p)),
    ],
)
def test_the_second_step_shows_how_an_error_is_computed(play, loss, targets, formula, error):
    model = nn.MLP(2, [3, 3 if loss == "cross_entropy" else 1], activation="tanh", rng=random.Random(0))
    opened = play(model, XOR[0], targets, loss=loss)
    opened.press("slow", 2)
    x, given = re.match(rf"error = {formula} = (\S+),", opened.page.inner_text("#mathematics")).groups()
    assert error(float(x.replace("−", "-"))) == pytest.approx(float(given), abs=2e-3)


def test_slowly_shows_where_each_step_happens_and_its_button_goes_on(play):
    opened = xor(play)
    page = opened.page
    opened.press("slow")
    assert page.inner_text("[data-action=slow]") == "Next"
    for card in ("networkCard", "learnedCard", "networkCard", "lossCard"):
        assert [x.get_attribute("id") for x in page.locator(".card.is-told").all()] == [card]
        if card == "networkCard" and opened.step:
            line = page.locator(".weight.is-marked")
            assert float(line.get_attribute("stroke-width")) >= 3
            assert page.text_content(".tag")[:5] == page.inner_text("#mathematics").split(" = ")[-1][:5]
        opened.press("slow")
    opened.press("pause")
    assert page.inner_text("[data-action=slow]") == "Slowly"
    assert page.locator(".is-told").count() == 0


@pytest.mark.parametrize(
    ("targets", "texts"), [([0, 1, 1, 0], "0 1"), ([-0.5, 2, 1, 0], "−0.5 2"), (np.eye(3)[[0, 1, 2, 1]], "0 1 2")]
)
def test_a_legend_says_what_the_colours_of_targets_mean(play, targets, texts):
    model = nn.MLP(2, [3, 1 if isinstance(targets, list) else 3], activation="tanh", rng=random.Random(0))
    opened = play(model, XOR[0], targets, loss="mse")
    assert opened.page.locator("#scale span").all_inner_texts() == texts.split()


def test_slowly_says_of_other_optimizers_by_how_much_a_weight_moves(play):
    opened = xor(play, make=lambda p: Adam(p, 0.05), batch_size=2, rng=0)
    opened.press("slow")
    opened.page.keyboard.press("ArrowRight")
    opened.page.keyboard.press("ArrowRight")
    assert re.fullmatch(r"weight \+ step = \S+ [+−] 0\.05 = \S+", opened.page.inner_text("#mathematics"))
    assert re.search(
        r"a batch of 2 samples \(\d, \d\): .* Adam moves the weight by this gradient and by earlier", opened.status
    )


def test_too_long_a_step_is_told(play):
    opened = xor(play, make=lambda p: SGD(p, 1e200), loss="mse")
    losses(opened, 3)
    assert "no longer a finite number. Lower the learning rate" in opened.status
    assert opened.page.evaluate(_CENTRE) == [255, 255, 255, 255]  # nothing is known there


def test_a_branch_that_was_not_traced_is_told(play):
    w = Value(0.5, label="w")
    opened = play(lambda x: w * x if w > 0 else -w, [1.0], [-9.0], loss="mse", optimizer=SGD([w], 1.0))
    losses(opened, 3)
    assert "a branch that was not traced" in opened.status
    assert opened.step == 0
    assert float(opened.page.get_attribute("[data-loss]", "data-loss")) == 9.5**2


def test_keys_train_pause_and_step(play):
    opened = xor(play)
    opened.page.keyboard.press("ArrowRight")
    assert opened.step == 1
    opened.page.keyboard.press(" ")
    opened.wait(lambda: opened.step > 1)
    opened.page.keyboard.press(" ")
    assert "Paused" in opened.status
    opened.press("train")  # which has the focus now
    opened.page.keyboard.press(" ")
    assert "Paused" in opened.status
    assert opened.page.get_attribute("[data-action=train]", "aria-pressed") == "false"
