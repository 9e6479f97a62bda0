"""What stands side by side is in order: operands from first to last, neurons, inputs and results by their numbers."""

import shutil

import pytest

from autograd import Value, draw, exp
from autograd import sum as total
from autograd.pictures.canvas.picture import placed
from autograd.pictures.graphs.choice import Choice
from autograd.pictures.graphs.layout import arrange
from autograd.pictures.graphs.scene import scene
from autograd.pictures.graphs.selection import part_of
from autograd.pictures.graphs.siblings import evened
from autograd.pictures.graphs.snapshot import snapshot
from nn import MLP


@pytest.fixture(params=["dot if there is one", "graphviz-pure"], autouse=True)
def engine(request, monkeypatch):
    if request.param == "graphviz-pure":
        which = shutil.which
        monkeypatch.setattr(shutil, "which", lambda name, path=None: None if name == "dot" else which(name, path=path))


def places(root, direction="LR", **choice):
    """The place of each card by its title across the computation, from the top or the left, and those of frames."""
    shown = evened(scene(snapshot(part_of(root), Choice(**choice)), partials=False, flow=False))
    found = arrange(shown, direction, placed)
    side = 1 if direction in ("LR", "RL") else 0
    cards: dict[str, list[float]] = {}
    for card, centre in zip(shown.cards, found.centres):
        runs = [run for line in card.lines[:1] for run in (line.left, line.middle, line.right) if run]
        cards.setdefault(runs[0].text, []).append(centre[side])
    return cards, {path[-1]: place[side] for path, place in found.frames.items()}


def inputs(count, name="x"):
    return [Value(1.0 + i, label=f"{name}{i}") for i in range(1, count + 1)]


def is_sorted(numbers):
    return numbers == sorted(numbers)


@pytest.mark.parametrize("direction", ["LR", "TB", "RL", "BT"])
def test_samples_are_in_order(direction):
    w, b = Value(0.5, label="w"), Value(0.1, label="b")
    loss = total([(w * x + b - y) ** 2 for x, y in zip(inputs(3), inputs(3, "y"))])
    cards, _ = places(loss, direction)
    for name in ("x", "y"):
        assert is_sorted([cards[f"{name}{sign}"][0] for sign in "₁₂₃"])
    assert is_sorted(cards["×"])


def test_operands_are_in_order():
    x, w = inputs(2), inputs(2, "w")
    cards, _ = places((x[0] * w[0] + x[1] * w[1]).tanh())
    assert is_sorted([cards[name][0] for name in ("x₁", "w₁", "x₂", "w₂")])


def test_neurons_are_in_order_beside_labels_of_edges():
    y = MLP(2, [3, 1], activation="tanh", rng=0)(inputs(2))
    shown = evened(scene(snapshot(part_of(y), Choice()), partials=True, flow=False))
    frames = arrange(shown, "LR", placed).frames
    assert is_sorted([frames["layers.0", f"layers.0.neurons.{i}"][1] for i in range(3)])


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_neurons_weights_inputs_and_results_are_in_order(direction):
    model = MLP(3, [4, 2], activation="tanh", rng=0)
    cards, _ = places(model(inputs(3)), direction, depth=1)
    assert is_sorted(cards["neurons.0"][:1] + cards["neurons.1"][:1] + cards["neurons.2"] + cards["neurons.3"])
    assert is_sorted([cards[f"x{sign}"][0] for sign in "₁₂₃"])
    assert is_sorted(cards["result"])
    cards, frames = places(MLP(2, [3, 1], activation="tanh", rng=0)(inputs(2)), direction)
    assert is_sorted([frames[f"layers.0.neurons.{i}"] for i in range(3)])
    for one, two in zip(cards["w₀"], cards["w₁"]):
        assert one < two


def test_results_are_in_order():
    powers = [exp(x) for x in inputs(4)]
    shares = [power / total(powers) for power in powers]
    for i, share in enumerate(shares):
        share.label = f"p{i}"
    cards, _ = places(shares)
    assert is_sorted([cards[f"p{sign} = (…) ÷ (…)"][0] for sign in "₀₁₂₃"])
    assert is_sorted(cards["exp"])


def test_edges_that_only_keep_order_are_not_drawn():
    x = inputs(2)
    assert draw(x[0] * x[1]).pipe(encoding="utf-8").count('class="vg-edge"') == 2


def test_neurons_that_all_use_all_others_are_in_order():
    x = MLP(2, [16, 16, 1], rng=0)(inputs(2))
    cards, _ = places(x, depth=1, merge=False)
    for layer in range(2):
        assert is_sorted([cards[f"neurons.{i}"][layer] for i in range(16)])


def test_a_layer_begins_behind_the_inputs_and_ends_before_the_next_one():
    x1, x2 = inputs(2)
    shown = evened(scene(snapshot(part_of(MLP(2, [4, 1], rng=0)([x1, x2])), Choice()), partials=True, flow=False))
    found = arrange(shown, "LR", placed)
    first, second = found.frames[("layers.0",)], found.frames[("layers.1",)]
    assert first[2] <= second[0]
    assert all(
        x <= first[0] for card, (x, _) in zip(shown.cards, found.centres) if not card.scope and card.kind == "input"
    )
