"""What a training shows: its bar, and its History as text, table and plot, also in notebooks."""

import json
import math
import random
import re
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from tqdm.std import tqdm

from nn import MLP, History, fit, optim
from nn.training import curves

X = np.linspace(-1.0, 1.0, 41)
Y = X**2


def network():
    return MLP(1, [6, 1], activation="tanh", rng=random.Random(0))


def test_a_bar_is_shown_in_a_terminal_alone(capsys, monkeypatch):
    fit(network(), X, Y, loss="mse", epochs=2)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    fit(network(), X, Y, loss="mse", epochs=2, progress=False)
    assert capsys.readouterr().err == ""
    fit(network(), X, Y, loss="mse", epochs=2)
    shown = capsys.readouterr().err
    assert "2/2" in shown
    assert "loss=" in shown


def test_a_history_shows_itself():
    history = fit(network(), X, Y, loss="mse", epochs=3, validation=0.2, metrics="mae", rng=0)
    assert repr(history).startswith("<History of 3 epochs: loss 0.")
    assert set(history.rows()[0]) == {"epoch", "loss", "validation_loss", "mae", "learning_rate", "seconds"}
    assert json.loads(json.dumps(history.rows()))[2]["epoch"] == 3
    assert history._repr_html_().count("<tr>") in (3, 4)  # the head, the first, the best and the last epoch
    axes = history.plot()
    assert [line.get_ydata().tolist() for line in axes.get_lines()[:2]] == [history.losses, history.validation_losses]
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert legend == ["training", "validation", f"best: epoch {history.best_epoch + 1}"]
    assert all(tick == round(tick) for tick in axes.get_xticks())


def test_the_plot_of_one_epoch_has_points_and_a_logarithmic_scale_needs_a_decade():
    pytest.importorskip("matplotlib", reason="plots need matplotlib")
    history = History()
    history.add(1.0, validation_loss=0.5)
    axes = history.plot()
    assert [line.get_marker() for line in axes.get_lines()] == ["o", "o", "o"]
    assert (axes.get_xticks().tolist(), axes.get_yscale()) == ([1], "linear")
    history.add(0.04)
    assert [line.get_marker() for line in history.plot().get_lines()[:2]] == ["None", "None"]
    assert history.plot().get_yscale() == "log"
    history.add(0.0)
    assert history.plot().get_yscale() == "linear"


def test_an_empty_history_says_so():
    assert repr(History()) == "<History of no epochs>"
    assert (History().best_epoch, History().rows(), History().last()) == (-1, [], {})
    with pytest.raises(ValueError, match=r"plot\(\) draws the losses of a training, got none; call fit\(\) first"):
        History().plot()


def test_a_history_goes_on_with_other_validation_and_metrics():
    history = History()
    history.add(4.0)
    history.add(3.0, validation_loss=5.0, metrics={"mae": 0.5})
    history.add(2.0, validation_loss=6.0, metrics={"r2": 0.25})
    assert (history.best_epoch, history.has_stopped_falling(1), history.has_stopped_falling(2)) == (1, True, False)
    history.add(1.0)
    nan = pytest.approx(math.nan, nan_ok=True)
    assert history.validation_losses == [nan, 5.0, 6.0, nan]
    assert history.metrics == {"mae": [nan, 0.5, nan, nan], "r2": [nan, nan, 0.25, nan]}
    assert history.best_epoch == 3  # the last epochs are judged by the loss
    assert [len(row) for row in history.rows()] == [7] * 4
    assert history._repr_html_().count("<td>") == 2 * 7
    pytest.importorskip("matplotlib", reason="plots need matplotlib")
    assert [len(line.get_xdata()) for line in history.plot().lines] == [4, 4]


# --------------------------------------------------------------------------- in notebooks


class ZMQInteractiveShell:
    """The class of the shell of Jupyter's kernel has this name."""

    events = SimpleNamespace(register=lambda *_: None)  # for pyplot


class Shell(ZMQInteractiveShell):
    """Colab has a class of its own."""


@pytest.fixture(params=[ZMQInteractiveShell, Shell])
def outputs(request, monkeypatch):
    """A notebook; gives what its cell shows, which later updates replace."""
    shown = []

    def display(x, display_id, raw=False):
        assert display_id
        assert raw is isinstance(x, dict)
        place = len(shown)
        shown.append(x)
        return SimpleNamespace(update=lambda data, raw: raw and shown.__setitem__(place, data))

    ipython, module = ModuleType("IPython"), ModuleType("IPython.display")
    ipython.get_ipython, ipython.version_info, module.display = request.param, (8, 24), display
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    return shown


class Widget:
    """A bar as tqdm.notebook has it."""

    def __init__(self, total, unit, display, dynamic_ncols):
        assert (unit, display, dynamic_ncols) == ("epoch", False, True)
        self.n, self.total, self.container, self.after, self.is_closed = 0, total, "<widget>", {}, False

    def set_postfix(self, after, refresh):
        assert not refresh
        self.after = after

    def update(self):
        self.n += 1

    def close(self):
        self.is_closed = True

    def __str__(self):
        return f"{self.n}/{self.total} {sorted(self.after)}" if self.is_closed else "at work"


def test_in_a_notebook_the_bar_is_a_widget_and_text_in_the_end(outputs, monkeypatch):
    module = ModuleType("tqdm.notebook")
    module.tqdm_notebook = Widget
    monkeypatch.setitem(sys.modules, "tqdm.notebook", module)
    monkeypatch.setitem(sys.modules, "tqdm.auto", SimpleNamespace(tqdm=type("tqdm", (Widget,), {})))
    seen = []
    look = [lambda _: seen.append(list(outputs)), lambda history: len(history) == 2]
    fit(network(), X, Y, loss="mse", epochs=3, callbacks=look)
    assert seen == [["<widget>"], ["<widget>"]]
    assert outputs == [{"text/plain": "2/3 ['loss']"}]
    outputs.clear()
    fit(network(), X, Y, loss="mse", epochs=3, progress=False)
    assert outputs == []


def test_in_a_notebook_without_widgets_the_bar_is_text(outputs, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "tqdm.auto", SimpleNamespace(tqdm=tqdm))
    fit(network(), X, Y, loss="mse", epochs=3)
    assert "3/3" in capsys.readouterr().err
    assert outputs == []


def drawn(history):
    """The points of each line of a picture."""
    return [len(line.split("L")) for line in re.findall(r'd="M([^V"]+)" fill', curves.picture(history))]


def test_in_a_notebook_the_losses_are_drawn_while_the_training_runs(outputs, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", SimpleNamespace(tqdm=tqdm))
    clock, seen = iter(range(1000)), []
    monkeypatch.setattr(curves.time, "monotonic", lambda: next(clock))
    look = [lambda _: seen.append(outputs[-1])]
    fit(network(), X, Y, loss="mse", epochs=5, validation=(X, Y), callbacks=look)
    assert all("<svg" in picture["text/html"] for picture in seen)
    assert len({picture["text/html"] for picture in seen}) == 5
    assert "epoch 5: loss" in outputs[-1]["text/html"]
    assert outputs[-1]["text/plain"].startswith("<History of 5 epochs")


def test_a_short_training_has_no_picture_and_one_without_progress_neither(outputs, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", SimpleNamespace(tqdm=tqdm))
    fit(network(), X, Y, loss="mse", epochs=3)
    assert outputs == []
    clock = iter(range(1000))
    monkeypatch.setattr(curves.time, "monotonic", lambda: next(clock))
    fit(network(), X, Y, loss="mse", epochs=3, progress=False)
    assert outputs == []


def test_a_picture_has_finite_numbers_and_at_most_300_points():
    history = History()
    history.add(math.nan)
    assert drawn(history) == []
    history.add(2.0, validation_loss=math.inf, metrics={"<lambda>": 1.0})
    assert "<lambda" not in curves.picture(history)
    assert drawn(history) == [2]
    for k in range(1000):
        history.add(1.0 / (k + 1), validation_loss=-0.5)
    assert drawn(history) == [251, 250]


@pytest.mark.usefixtures("outputs")
def test_a_notebook_shows_the_plot_because_pyplot_knows_its_figure():
    pyplot = pytest.importorskip("matplotlib.pyplot", reason="plots need matplotlib")
    history = History()
    history.add(1.0)
    before = pyplot.get_fignums()
    axes = history.plot()
    assert len(pyplot.get_fignums()) == len(before) + 1
    assert history.plot(axes) is axes
    pyplot.close(axes.figure)
    assert pyplot.get_fignums() == before


def test_a_program_that_has_pyplot_can_show_the_plot(monkeypatch):
    pyplot = pytest.importorskip("matplotlib.pyplot", reason="plots need matplotlib")
    history = History()
    history.add(1.0)
    before = pyplot.get_fignums()
    axes = history.plot()
    assert axes.figure.number in pyplot.get_fignums()
    pyplot.close(axes.figure)
    monkeypatch.delitem(sys.modules, "matplotlib.pyplot")
    history.plot()
    assert pyplot.get_fignums() == before  # elsewhere they would pile up


def test_a_plot_is_written_to_a_file(tmp_path):
    pyplot = pytest.importorskip("matplotlib.pyplot", reason="plots need matplotlib")
    history = History()
    history.add(1.0)
    before = pyplot.get_fignums()
    for path in (tmp_path / "losses.png", str(tmp_path / "losses.svg")):
        history.plot(path)
    assert (tmp_path / "losses.png").read_bytes()[:4] == b"\x89PNG"
    assert "<svg" in (tmp_path / "losses.svg").read_text("utf-8")
    assert pyplot.get_fignums() == before


def test_the_table_marks_the_best_epoch():
    history = History()
    for loss in (3.0, 1.0, 2.0):
        history.add(loss, validation_loss=loss, learning_rate=0.1, seconds=0.5)
    assert history._repr_html_() == (
        "<table><thead><tr><th>epoch</th><th>loss</th><th>validation_loss</th><th>learning_rate</th><th>seconds</th>"
        "</tr></thead><tbody><tr><td>1</td><td>3</td><td>3</td><td>0.1</td><td>0.5</td></tr>"
        "<tr><td>2, best</td><td>1</td><td>1</td><td>0.1</td><td>0.5</td></tr>"
        "<tr><td>3</td><td>2</td><td>2</td><td>0.1</td><td>0.5</td></tr></tbody></table>"
    )


def test_optimizers_and_schedules_show_their_settings():
    model = network()
    first, second = model.layers
    assert repr(optim.SGD(model.parameters(), 0.1)) == (
        "SGD(19 parameters, learning_rate=0.1, momentum=0.0, nesterov=False, weight_decay=0.0)"
    )
    adam = optim.Adam([{"parameters": first.parameters(), "learning_rate": 0.1}, {"parameters": second.parameters()}])
    assert repr(adam).splitlines() == [
        "Adam(",
        "  <12 parameters, learning_rate=0.1, betas=(0.9, 0.999), epsilon=1e-08, weight_decay=0.0>",
        "  <7 parameters, learning_rate=0.001, betas=(0.9, 0.999), epsilon=1e-08, weight_decay=0.0>",
        ")",
    ]
    schedule, plateau = optim.LinearDecay(adam, steps=4), optim.Plateau(adam)
    schedule.step()
    assert repr(schedule) == "<LinearDecay, learning_rate 0.075, 0.00075>"
    assert repr(plateau) == "<Plateau, learning_rate 0.075, 0.00075>"
