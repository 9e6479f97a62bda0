"""What a playground says of a step: the chain rule, the mean over samples, and whose error fell."""

import copy
import re

import pytest

import nn
from autograd import Value
from nn.optim import SGD
from tests.pages.networks import XOR, losses, small, xor


def number(text):
    return float(text.strip("()").replace("−", "-"))


def share_of(model, k, name):
    """The gradient of the error of one sample by a parameter."""
    model.zero_grad()
    nn.losses.binary_cross_entropy([model(XOR[0][k])], [XOR[1][k]]).backward()
    return dict(model.named_parameters())[name].grad


def factors_in(text):
    product, share = re.search(r"the share of sample \d is (.*?\]) = (\S+)\.", text).groups()
    return [number(x) for x in re.findall(r"(\S+) \[", product)], number(share)


@pytest.mark.parametrize("sample", [0, 1, 3])
def test_the_third_step_tells_the_gradient_by_the_chain_rule_and_as_the_mean_of_the_samples(play, sample):
    opened, model = xor(play), small()
    opened.drag("sample", sample)
    opened.press("slow", 3)
    shares = re.search(r"mean over 4 samples: \((.*)\) / 4 = (\S+)\.", opened.status)
    each = [number(x) for x in shares[1].split(" + ")]
    assert sum(each) / 4 == pytest.approx(number(shares[2]), abs=1e-3)
    factors, share = factors_in(opened.status)
    assert len(factors) == 2  # the output has no activation
    assert factors[0] * factors[1] == pytest.approx(share, rel=2e-3)
    assert share == pytest.approx(each[sample], rel=1e-3)
    row = re.search(r"neuron (\d) of layers.0", opened.status)[1]
    assert share == pytest.approx(share_of(model, sample, f"layers.1.neurons.0.w.{row}"), rel=1e-3)
    assert f"The panel “The graph of the error of sample {sample}” below plays the chain rule" in opened.status
    assert is_shown(opened, factors[0])  # the boxes have the numbers before the step


def is_shown(opened, slope):
    return opened.numbers()["2.0"][1] == pytest.approx(slope, rel=1e-3)


def test_the_chain_rule_goes_through_the_activation(play):
    model = small()
    for weight in model.layers[1].parameters():
        weight.data *= 40.0  # so that the largest gradient is that of a weight from an input
    opened = play(model, *XOR, loss="binary_cross_entropy", optimizer=SGD(model.parameters(), 0.01))
    opened.drag("sample", 3)
    opened.press("slow", 3)
    factors, share = factors_in(opened.status)
    assert "[slope of tanh]" in opened.status
    product = 1.0
    for factor in factors:
        product *= factor
    assert product == pytest.approx(share, rel=2e-3)


def test_a_function_without_a_diagram_has_its_share_alone(play):
    w = Value(0.5, label="w")
    opened = play(lambda x: w * x, [1.0, 2.0], [2.0, 2.0], loss="mse", optimizer=SGD([w], 0.1))
    opened.press("slow", 3)
    assert (
        "The share of sample 0 is −3. The gradient is the mean over 2 samples: ((−3) + (−4)) / 2 = −3.5."
        in opened.status
    )


def test_the_fourth_step_tells_the_error_of_the_sample_apart_from_the_mean(play):
    opened = xor(play)
    net = small()
    after = copy.deepcopy(net)
    nn.fit(after, *XOR, loss="binary_cross_entropy", optimizer=SGD(after.parameters(), 0.5), epochs=1)
    opened.press("train-step")
    for k in (1, 0, 2, 3):  # told anew for each sample
        opened.drag("sample", k)
        old, new = (nn.evaluate(m, [XOR[0][k]], [XOR[1][k]], loss="binary_cross_entropy")["loss"] for m in (net, after))
        how = "rose" if new > old else "fell"
        found = re.search(rf"The error of sample {k} alone {how} from (\S+) to (\S+)\.", opened.status)
        assert [number(x) for x in found.groups()] == pytest.approx([old, new], rel=1e-3)


def test_a_step_that_looked_at_one_sample_is_not_called_too_long(play):
    opened = xor(play, batch_size=1, rng=0)
    said = []
    for _ in range(12):
        losses(opened, 1)
        said.append(opened.status)
    rose = [text for text in said if "samples rose" in text]
    assert rose
    for text in rose:
        assert "The step looked at 1 of them only, and their error fell" in text
        assert "too long" not in text


def test_another_sample_in_slow_mode_gets_the_step_told_anew(play):
    opened = xor(play)
    opened.press("slow")
    opened.drag("sample", 2)
    assert "1 · Result" in opened.status
    assert "for sample 2" in opened.status
    opened.press("slow")
    opened.drag("sample", 1)
    assert "The target of sample 1 is 1" in opened.status


def test_a_very_short_step_is_not_the_end_of_the_training(play):
    opened = xor(play, make=lambda p: SGD(p, 1e-9))
    losses(opened, 1)
    assert "the step was very short" in opened.status
    assert "can end" not in opened.status


def test_while_it_trains_the_page_says_that_the_error_explodes_or_no_longer_falls(play):
    w = Value(1.0, label="w")
    opened = play(lambda x: w * x, [1.0], [0.0], loss="mse", optimizer=SGD([w], 1.001))
    opened.press("train")
    opened.wait(lambda: "more than ten times" in opened.status)
    opened.press("pause")
    opened = play(lambda x: w * x, [1.0], [0.0], loss="mse", optimizer=SGD([w], 0.1))
    opened.press("train")
    opened.wait(lambda: "The training can end here" in opened.status)


def test_the_cards_of_the_four_steps_lead_to_them(play):
    opened = xor(play)
    card = '[data-phase="{}"] button'
    for k, step in ((1, 0), (3, 1), (0, 1), (2, 2), (2, 2)):
        opened.page.click(card.format(k))
        assert opened.page.get_attribute(f'[data-phase="{k}"]', "aria-current") == "step"
        assert opened.step == step


@pytest.mark.parametrize("viewport", [{"width": 390, "height": 844}, {"width": 1200, "height": 500}])
def test_slowly_brings_the_panel_that_is_told_of_into_sight(play, viewport):
    opened = xor(play, {"viewport": viewport, "reduced_motion": "reduce"})
    page = opened.page
    opened.press("slow")
    for _ in range(5):
        card, said = (page.locator(name).bounding_box() for name in (".card.is-told", ".say"))
        top, bottom = max(card["y"], said["y"] + said["height"]), min(card["y"] + card["height"], viewport["height"])
        assert bottom - top >= 0.5 * min(card["height"], viewport["height"] - said["height"])
        assert said["y"] >= 0
        page.keyboard.press("ArrowRight")


def test_few_samples_stand_in_a_table_and_a_neuron_tells_its_bias(play):
    opened, model = xor(play), small()
    rows = [row.split("\t") for row in opened.page.locator("#samples tbody tr").all_inner_texts()]
    assert [row[1] for row in rows] == ["0, 0", "0, 1", "1, 0", "1, 1"]
    for k, row in enumerate(rows):
        error = nn.evaluate(model, [XOR[0][k]], [XOR[1][k]], loss="binary_cross_entropy")["loss"]
        found = [number(x) for x in row[2:]]
        assert found == pytest.approx([XOR[1][k], model(XOR[0][k]).data, error], rel=1e-3)
    bias = model.layers[0].neurons[1].b.data
    told = opened.page.text_content('[data-node="1.1"] title')
    assert number(re.search(r"bias (\S+)", told)[1]) == pytest.approx(bias, rel=1e-3, abs=1e-12)
    assert opened.page.text_content('[data-node="0.1"]').count("x2") == 2  # drawn, and in what it tells
    assert "outputs" in opened.page.inner_text("#bins")


def test_many_samples_have_no_table(play):
    opened = play(small(), [[k, 1] for k in range(9)], [0] * 9, loss="mse")
    assert not opened.page.is_visible("#samples")


def test_parameters_of_a_function_are_not_called_weights(play):
    w = Value(0.5, label="w")
    opened = play(lambda x: w * x, [1.0, 2.0], [2.0, 2.0], loss="mse", optimizer=SGD([w], 0.1))
    opened.press("slow")
    assert "These are the first parameters." in opened.status
