"""The page of a training that has ended: which epochs it has, and that no training is lost by it. No browser."""

import base64
import json
import math
import random
import re
import subprocess
import sys

import numpy as np
import pytest

import nn
from nn.optim import SGD
from nn.optim.optimizer import Optimizer
from nn.pages import run

XOR = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]


def model(seed=0):
    return nn.MLP(2, [3, 1], activation="tanh", rng=random.Random(seed))


def trained(path, net=None, x=XOR[0], y=XOR[1], **options):
    """The History, and what the page has."""
    net = net or model()
    history = nn.fit(net, x, y, view=path, **{"loss": "binary_cross_entropy", "progress": False, "rng": 0, **options})
    return history, data_of(path)


def data_of(path):
    [data] = re.findall('<script type="application/json" id="data">(.*?)</script>', path.read_text("utf-8"), re.S)
    return json.loads(data)


def weights_of(data):
    numbers = np.frombuffer(base64.b64decode(data["run"]["weights"]), "<f8")
    return dict(zip(data["run"]["epochs"], numbers.reshape(-1, len(data["names"]))))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.html"


def test_a_page_has_the_weights_after_each_epoch_and_the_losses(path):
    net, seen = model(), []
    first = [p.data for p in net.parameters()]
    look = [lambda _: seen.append([p.data for p in net.parameters()])]
    history, data = trained(path, net, epochs=5, callbacks=look, validation=XOR, metrics="accuracy")
    found = weights_of(data)
    assert list(found) == [0, 1, 2, 3, 4, 5]
    assert [x.tolist() for x in found.values()] == [first, *seen]
    assert data["run"]["curve"] == [
        [k + 1, loss, held_out] for k, (loss, held_out) in enumerate(zip(history.losses, history.validation_losses))
    ]
    assert data["run"]["metrics"] == {"accuracy": [None, *history.metrics["accuracy"]]}


def test_of_a_long_run_a_page_has_epochs_that_are_evenly_spaced_and_the_last_one(path, monkeypatch):
    monkeypatch.setattr(run, "MOST_EPOCHS", 10)
    monkeypatch.setattr(run, "MOST_LOSSES", 20)
    _, data = trained(path, epochs=101)
    epochs = data["run"]["epochs"]
    assert epochs == [0, 16, 32, 48, 64, 80, 96, 101]
    assert [epoch for epoch, _, _ in data["run"]["curve"]] == list(range(5, 102, 6))


def test_after_patience_a_page_begins_with_the_weights_of_the_best_epoch(path):
    net = model()
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(12, 2)), rng.integers(0, 2, 12)
    adam = nn.optim.Adam(net.parameters(), 0.1)
    history, data = trained(path, net, x, y, epochs=500, patience=5, optimizer=adam, validation=0.5)
    assert history.ended == "patience"
    assert data["run"]["first"] == data["run"]["best"] == history.best_epoch + 1
    assert weights_of(data)[history.best_epoch + 1].tolist() == [p.data for p in net.parameters()]


def test_a_training_that_goes_on_counts_the_epochs_from_the_first(path):
    net = model()
    history, _ = trained(path, net, epochs=3)
    _, data = trained(path, net, epochs=2, history=history)
    assert data["run"]["epochs"] == [3, 4, 5]
    assert len(data["run"]["curve"]) == 5


def test_a_page_is_written_after_ctrl_c(path):
    def interrupt(history):
        if len(history) == 2:
            raise KeyboardInterrupt

    history, data = trained(path, epochs=9, callbacks=[interrupt])
    assert history.ended == "interrupt"
    assert data["run"]["curve"][-1][0] == 2


def test_a_training_whose_last_step_was_too_long_is_not_lost(path):
    net = model()
    history, data = trained(path, net, optimizer=SGD(net.parameters(), 1e300), loss="mse", epochs=1)
    assert len(history) == 1
    assert not math.isfinite(nn.evaluate(net, *XOR, loss="mse")["loss"])
    assert data["run"]["epochs"] == [0, 1]


class Halving(Optimizer):
    """No rule for one number."""

    __slots__ = ()

    def step(self):
        for p in self.parameters:
            p.data /= 2.0


def test_a_page_without_training_shows_models_and_optimizers_that_it_cannot_train(path):
    layers = [nn.Linear(2, 4), nn.Tanh(), nn.Dropout(0.5, rng=0), nn.Linear(4, 1)]
    _, data = trained(path, nn.Sequential(*layers), epochs=2)
    assert data["groups"] == []
    net = model()
    _, data = trained(path, net, epochs=2, optimizer=Halving(net.parameters(), 0.1))
    assert data["groups"] == []


def test_of_many_samples_a_page_has_some_that_are_evenly_spaced(path, monkeypatch):
    monkeypatch.setattr(run, "MOST_SAMPLES", 3)
    x = [[i, -i] for i in range(10)]
    _, data = trained(path, None, x, list(range(10)), loss="mse", epochs=1)
    assert [row[0] for row in data["rows"]] == [0, 4, 9]


def test_a_view_has_a_title_and_a_language(tmp_path):
    view = {"path": tmp_path / "run.html", "title": "XOR", "lang": "ko"}
    nn.fit(model(), *XOR, loss="mse", epochs=1, progress=False, view=view)
    text = view["path"].read_text("utf-8")
    assert '<html lang="ko">' in text
    assert "<h1>XOR</h1>" in text


@pytest.mark.parametrize(
    ("view", "error", "sentence"),
    [
        ("run.txt", ValueError, "path ends in .html"),
        (True, TypeError, 'write "graph.html"'),
        ({"lang": "ko"}, TypeError, 'write "run.html"'),
        ({"path": "run.html", "colour": 1}, TypeError, "view of fit"),
        ({"path": "run.html", "lang": "tlh"}, ValueError, "lang is one of en, ko"),
    ],
)
def test_a_wrong_view_is_refused_before_the_training(view, error, sentence, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    net = model()
    before = [p.data for p in net.parameters()]
    with pytest.raises(error, match=sentence):
        nn.fit(net, *XOR, loss="mse", epochs=1, view=view)
    assert [p.data for p in net.parameters()] == before
    assert list(tmp_path.iterdir()) == []


def test_a_model_of_too_many_parameters_is_refused_before_the_training(path, monkeypatch):
    monkeypatch.setattr("nn.pages.writing.MOST_PARAMETERS", 5)
    with pytest.raises(ValueError, match="fit\\(\\) takes up to 5 parameters"):
        trained(path, epochs=1)


SAME = """
import random, sys, nn
model = nn.MLP(2, [4, 1], activation="tanh", rng=random.Random(0))
nn.fit(model, [[0, 1], [1, 0], [1, 1]], [1, 0, 1], loss="mse", batch_size=2, rng=3, epochs=9, view="run.html")
"""


def test_the_same_training_gives_the_same_bytes_in_every_process(tmp_path):
    found = set()
    for k in range(2):
        folder = tmp_path / str(k)
        folder.mkdir()
        subprocess.run([sys.executable, "-c", SAME], check=True, cwd=folder)
        found.add((folder / "run.html").read_bytes())
    assert len(found) == 1


ALONE = """
import sys, nn
nn.fit(nn.MLP(1, [2, 1], rng=0), [0.0, 1.0], [0.0, 1.0], loss="mse", epochs=1)
assert not [name for name in sys.modules if name.startswith(("nn.pages", "autograd.pages", "IPython"))]
"""


def test_fit_without_a_view_imports_no_page_and_no_ipython():
    subprocess.run([sys.executable, "-c", ALONE], check=True)
