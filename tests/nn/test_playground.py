"""The text of a playground: what is in it, the same bytes for the same network, and wrong arguments. No browser."""

import json
import random
import re
import subprocess
import sys

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Value
from autograd.pages.document import PLAYER, languages, words_of
from nn.pages.writing import ASSETS, PARTS
from nn.rng import permutation, source

XOR = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]


def model():
    return nn.MLP(2, [4, 1], activation="tanh", rng=random.Random(0))


def page(net=None, x=XOR[0], y=XOR[1], path=None, **options):
    return nn.playground(net or model(), x, y, path, **{"loss": "binary_cross_entropy", **options})


def data_of(html):
    [data] = re.findall('<script type="application/json" id="data">(.*?)</script>', html, re.S)
    return data


def fixed_part(html):
    """How many bytes of a page are the same in each: all but what it computes, and its data."""
    data, shared = data_of(html), json.loads(data_of(html))
    code = html[html.index("const compute=") : html.rindex("return compute;\n})();")]
    player = shared["player"]
    words = json.dumps(
        [shared["words"], player["markup"], player["style"], player["graph"]["words"]], ensure_ascii=False
    )
    return len(html.encode()) - len(data.encode()) - len(code.encode()) + len(words.encode())


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_playground_of_xor_has_at_most_150_kilobytes_and_its_data_and_refers_to_nothing_outside(lang):
    html = page(lang=lang).html
    assert fixed_part(html) <= 150_000
    assert len(html.encode()) <= 200_000
    assert set(re.findall(r"https?://[^\"' ]*", html)) == {"http://www.w3.org/2000/svg"}
    assert re.findall(r"<link|@import|url\(| src=[\"']| style=[\"']|\{\{|^import\b|\bimport\(", html, re.M) == []
    assert "default-src 'none'; script-src 'sha256-" in html


SAME = """
import hashlib, random, nn
model = nn.MLP(2, [4, 1], activation="tanh", rng=random.Random(0))
page = nn.playground(model, [[0, 1], [1, 0], [1, 1]], [1, 0, 1], loss="mse", batch_size=2, rng=3, validation=0.4)
print(hashlib.sha256(page.html.encode()).hexdigest())
"""


def test_the_same_network_gives_the_same_bytes_in_every_process():
    runs = [subprocess.run([sys.executable, "-c", SAME], capture_output=True, check=True).stdout for _ in range(2)]
    assert runs[0] == runs[1]


def test_a_playground_leaves_the_model_and_the_optimizer_alone():
    net = model()
    net.train()
    adam = nn.optim.Adam(net.parameters(), 0.1)
    before = [p.data for p in net.parameters()]
    page(net, optimizer=adam)
    assert [p.data for p in net.parameters()] == before
    assert [p.grad for p in net.parameters()] == [0.0] * len(before)
    assert (adam.steps, adam.state, adam.learning_rate) == (0, {}, 0.1)
    assert all(module.training for module in net.modules())


def test_the_page_is_written_and_says_where(tmp_path):
    found = page(path=tmp_path / "xor.html", title="mine", lang="ko")
    assert found.path.read_bytes() == found.html.encode()
    assert repr(found) == f"<page 'mine' in {found.path}>"
    assert '<html lang="ko">' in found.html


def test_a_page_has_the_sizes_the_loss_and_the_optimizer_in_its_heading():
    html = page().html
    assert "<h1>MLP 2 → 4 → 1</h1>\n<p>4 samples · binary cross entropy · Adam</p>" in html


def test_orders_of_batches_are_those_of_fit_and_bounded():
    orders = json.loads(data_of(page(batch_size=3, rng=7).html))["orders"]
    drawn = source(7)
    assert orders == [permutation(4, drawn).tolist() for _ in range(100)]
    x = np.zeros((5000, 2))
    assert len(json.loads(data_of(page(x=x, y=np.ones(5000), batch_size=10).html))["orders"]) == 4
    assert json.loads(data_of(page(batch_size=9).html))["orders"] == []


def test_all_languages_have_the_same_words_and_none_is_unused():
    names = {key: set(re.findall(r"\{\w+\}", text)) for key, text in words_of("en", ASSETS).items()}
    assert languages(ASSETS) == ["en", "ko"]
    found = {key: set(re.findall(r"\{\w+\}", text)) for key, text in words_of("ko", ASSETS).items()}
    assert found == names
    scripts = "".join(path.read_text(encoding="utf-8") for path in (PARTS.body, *PARTS.scripts))
    assert [key for key in names if not re.search(rf"words\.{key}\b", scripts)] == ["facts"]


def test_every_script_is_in_the_page_in_the_order_of_its_imports():
    names = [path.name for path in PARTS.scripts]
    assert {path.name for path in ASSETS.glob("*.js")} == set(names) - {path.name for path in PLAYER.scripts}
    for i, path in enumerate(PARTS.scripts):
        assert set(re.findall(r'from "\./(.*?)"', path.read_text(encoding="utf-8"))) <= set(names[:i])
    text = "".join(path.read_text(encoding="utf-8") for path in PARTS.scripts)
    defined = re.findall(r"(?m)^export (?:async )?(?:function|class|const) (\w+)", text)
    assert len(defined) == len(set(defined))


# --------------------------------------------------------------------------- wrong arguments


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"loss": None}, TypeError, r"playground\(\) needs a loss, got none"),
        ({"loss": "cube"}, ValueError, r"playground\(\) has the losses .*, got 'cube'"),
        ({"optimizer": "fast"}, ValueError, r"playground\(\) has the optimizers .*, got 'fast'"),
        ({"batch_size": 0}, ValueError, r"batch_size of playground\(\) is a whole number from 1 on, got 0"),
        ({"validation": 2}, ValueError, r"validation is \(x, y\), or the share"),
        ({"lang": "xx"}, ValueError, "lang is one of en, ko, got 'xx'; leave it out for the first one"),
        ({"path": "xor.svg"}, ValueError, r"path ends in .html, got 'xor.svg'; write 'xor.html'"),
        ({"x": [[0, 0]]}, ValueError, r"playground\(\) takes a target for each sample, got 4 in y for 1 samples"),
        ({"y": [0, 1, 1, 2], "loss": "hinge"}, ValueError, "the loss of these weights is nan; give targets that"),
        ({"epochs": 3}, TypeError, r"playground\(\) has no argument epochs; write none: the page trains until"),
        ({"lr": 3}, TypeError, r"playground\(\) has no argument lr; write optimizer=Adam"),
    ],
)
def test_wrong_arguments_are_refused_with_a_remedy(options, error, message):
    with pytest.raises(error, match=message):
        page(**options)


def test_models_that_a_page_cannot_train_are_refused_with_a_remedy(monkeypatch):
    with pytest.raises(TypeError, match=r"playground\(\) takes a Module or a function of a sample, got the class MLP"):
        page(nn.MLP)
    dropout = nn.Sequential(nn.Linear(2, 3), nn.Dropout(0.5), nn.Linear(3, 1))
    with pytest.raises(ValueError, match=r"playground\(\) draws no random numbers, got a Dropout; leave it out"):
        page(dropout)
    other = nn.optim.Adam(model().parameters())
    with pytest.raises(ValueError, match=r"playground\(\) got an optimizer of another model"):
        page(optimizer=other)
    with pytest.raises(TypeError, match=r"playground\(\) finds no parameters in function"):
        page(lambda x: x[0])
    with pytest.raises(TypeError, match=r"playground\(\) within a compiled function would run only while"):
        ag.compile(lambda x: (page(), x)[1])(1.0)
    monkeypatch.setattr("nn.pages.writing.MOST_PARAMETERS", 3)
    with pytest.raises(ValueError, match=r"playground\(\) takes up to 3 parameters, got 17; take fewer neurons"):
        page()


def test_a_model_with_parameters_that_the_optimizer_lacks_is_refused_with_a_remedy():
    w, b = Value(1.0, label="w"), Value(0.0, label="b")
    with pytest.raises(ValueError, match="the model has parameters that the optimizer lacks: b; give it all of them"):
        page(lambda x: w * x[0] + b, loss="mse", optimizer=nn.optim.SGD([w], 0.1))


def test_a_model_that_does_not_use_its_input_or_its_weights_gets_a_page():
    sgd = nn.optim.SGD([Value(1.0)], 0.1)
    for constant in (lambda _: 2.0, lambda x: x[0]):
        assert data_of(page(constant, loss="mse", optimizer=sgd).html)


class Halving(nn.optim.Optimizer):
    """Halves each parameter."""

    def step(self) -> None:
        for p in self.parameters:
            p.data /= 2


def test_an_optimizer_without_a_rule_is_refused_with_a_remedy():
    net = model()
    with pytest.raises(TypeError, match=r"playground\(\) exports the rule of an optimizer, got .*make it a subclass"):
        page(net, optimizer=Halving(net.parameters(), 0.1))


def test_an_operation_without_c_is_refused_with_a_remedy():
    half = ag.operation("play_half", lambda a: a / 2.0, "0.5 + 0.0*a")
    w = Value(1.0)
    with pytest.raises(ValueError, match="play_half"):
        page(lambda x: half(x[0] * w), loss="mse", optimizer=nn.optim.SGD([w], 0.1))


@pytest.mark.parametrize("image", [(1, 3), 2, (2,), "xy"])
def test_an_image_has_as_many_pixels_as_a_sample(image):
    with pytest.raises(ValueError, match=r"image is the rows and columns of 2 pixels, got .*; write such as \(8, 8\)"):
        page(image=image)
    assert '"image":[2,1]' in page(image=(2, 1)).html
