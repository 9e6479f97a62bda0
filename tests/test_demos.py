"""Demos: what they learn, print and draw, with small budgets."""

import csv
import importlib
import math
import re
from collections import Counter
from fractions import Fraction
from pathlib import Path
from statistics import fmean
from types import ModuleType
from typing import Any

import pytest

import demos

pytestmark = pytest.mark.no_cover

FOLDER = Path(next(iter(demos.__path__)))


def demo(name: str) -> ModuleType:
    pytest.importorskip("matplotlib", reason='pictures of demos need matplotlib: pip install -e ".[demos]"')
    return importlib.import_module(f"demos.{name}")


def is_picture(path: Path) -> bool:
    content = path.read_bytes()
    start, end = {
        ".png": (b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"),
        ".svg": (b"<?xml", b"</svg>"),
    }[path.suffix]
    return len(content) > 1000 and content.startswith(start) and content.rstrip().endswith(end)


@pytest.fixture(scope="module")
def two_moons(tmp_path_factory: pytest.TempPathFactory) -> Any:
    out = tmp_path_factory.mktemp("moons") / "made" / "when missing"
    return demo("two_moons").main(steps=15, samples=30, grid=8, out=out)


@pytest.fixture(scope="module")
def iris(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return demo("iris").main(steps=40, out=tmp_path_factory.mktemp("iris"))


@pytest.fixture(scope="module")
def gates(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return demo("gates").main(out=tmp_path_factory.mktemp("gates"))


@pytest.fixture(scope="module")
def neuron(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from demos import draw_neuron

    return draw_neuron.main(out=tmp_path_factory.mktemp("neuron"))


# --------------------------------------------------------------------------- two moons


def test_two_moons_loss_falls(two_moons: Any) -> None:
    assert len(two_moons.losses) == 15
    assert two_moons.losses[-1] < two_moons.losses[0] / 2


def test_two_moons_are_better_than_guessed_after_a_few_steps(two_moons: Any) -> None:
    assert two_moons.accuracy >= 0.8


def test_two_moons_draws_the_plane_the_losses_and_a_sample(two_moons: Any) -> None:
    assert [path.name for path in two_moons.paths] == ["decision_boundary.png", "loss.png", "one_sample.svg"]
    assert all(map(is_picture, two_moons.paths))


def test_two_moons_sample_shows_layers_as_boxes(two_moons: Any) -> None:
    picture = two_moons.paths[2].read_text(encoding="utf-8")
    assert all(f">{text}<" in picture for text in ("x", "y", "layers.0", "layers.1", "layers.2", "loss"))


def test_two_moons_leaves_nothing_but_its_pictures(two_moons: Any) -> None:
    assert sorted(two_moons.paths[0].parent.iterdir()) == sorted(two_moons.paths)


def test_two_moons_with_the_same_seed_gives_the_same_bits(tmp_path: Path) -> None:
    first, second, other = (
        demo("two_moons").main(steps=2, samples=6, grid=3, seed=seed, out=tmp_path).losses for seed in (3, 3, 4)
    )
    assert first == second != other


# --------------------------------------------------------------------------- iris


def test_iris_file_has_fifty_flowers_of_each_species_with_their_published_means() -> None:
    with open(FOLDER / "iris.csv", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["sepal_length", "sepal_width", "petal_length", "petal_width", "species"]
    assert Counter(row[4] for row in rows) == {"setosa": 50, "versicolor": 50, "virginica": 50}
    means = {
        "setosa": [5.006, 3.428, 1.462, 0.246],
        "versicolor": [5.936, 2.770, 4.260, 1.326],
        "virginica": [6.588, 2.974, 5.552, 2.026],
    }
    for species, wanted in means.items():
        columns = zip(*([float(x) for x in row[:4]] for row in rows if row[4] == species))
        assert [round(fmean(column), 3) for column in columns] == wanted


def test_iris_file_has_the_two_flowers_that_the_uci_copy_changed() -> None:
    lines = (FOLDER / "iris.csv").read_text().splitlines()
    assert lines[35] == "4.9,3.1,1.5,0.2,setosa"
    assert lines[38] == "4.9,3.6,1.4,0.1,setosa"


def test_iris_network_names_at_least_93_percent_of_held_out_flowers(iris: Any) -> None:
    assert iris.accuracy >= 0.93


def test_iris_holds_out_a_third_of_each_species(iris: Any) -> None:
    assert sorted(map(sum, iris.confusion)) == [16, 17, 17]
    assert sum(iris.confusion[i][i] for i in range(3)) == round(50 * iris.accuracy)


def test_iris_loss_falls(iris: Any) -> None:
    assert iris.losses[-1] < iris.losses[0] / 5


def test_iris_draws_the_flowers(iris: Any) -> None:
    assert iris.path.name == "iris.png"
    assert is_picture(iris.path)


# --------------------------------------------------------------------------- gates


@pytest.mark.parametrize("name", ["AND", "OR", "NAND", "XOR by a network"])
def test_gate_is_learnt(gates: Any, name: str) -> None:
    assert gates.right[name] == 4


def test_xor_is_learnt_by_a_neuron_at_three_corners_at_best(gates: Any) -> None:
    assert gates.right["XOR"] == 3


@pytest.mark.campaign
def test_xor_network_learns_from_every_seed(tmp_path: Path) -> None:
    for seed in range(2, 5):
        assert demo("gates").main(seed=seed, out=tmp_path).right["XOR by a network"] == 4


def test_xor_inequalities_add_up_to_zero_whatever_the_weights(gates: Any) -> None:
    assert gates.sums["XOR"] == (0, 0, 0)
    for w1, w2, b in [(1, 0, 0), (0, 1, 0), (0, 0, 1), (Fraction(1, 3), Fraction(-7, 5), Fraction(9, 2))]:
        score = {(x1, x2): w1 * x1 + w2 * x2 + b for x1 in (0, 1) for x2 in (0, 1)}
        assert score[0, 1] + score[1, 0] - score[0, 0] - score[1, 1] == 0


@pytest.mark.parametrize("name", ["AND", "OR", "NAND"])
def test_inequalities_of_a_gate_that_is_learnt_do_not_cancel(gates: Any, name: str) -> None:
    assert any(gates.sums[name])


def test_gates_are_drawn(gates: Any) -> None:
    assert gates.path.name == "gates.png"
    assert is_picture(gates.path)


# --------------------------------------------------------------------------- one neuron


def test_neuron_derivatives_are_those_of_the_handbook(neuron: Any) -> None:
    slope = 1 - math.tanh(0.5) ** 2
    assert neuron.y == pytest.approx(math.tanh(0.5), rel=1e-15)
    assert neuron.gradients == pytest.approx(
        {"x1": -0.5 * slope, "x2": 1.5 * slope, "w1": 2 * slope, "w2": -slope, "bias": slope}, rel=1e-14
    )


def test_neuron_is_drawn_with_its_labels_and_partials(neuron: Any) -> None:
    assert [path.name for path in neuron.paths] == ["neuron.svg", "neuron.png"]
    assert all(map(is_picture, neuron.paths))
    picture = neuron.paths[0].read_text(encoding="utf-8")
    assert all(f">{text}<" in picture for text in ("x1", "x2", "w1", "w2", "bias", "y", "tanh", "= 0.786448"))


def test_the_picture_in_the_readme_is_what_the_demo_draws(neuron: Any) -> None:
    def texts(path: Path) -> list[str]:
        return re.findall(r">([^<>]+)</text>", path.read_text(encoding="utf-8"))

    shown = texts(Path(__file__).parents[1] / "docs" / "neuron.svg")
    assert len(shown) > 20
    assert sorted(shown) == sorted(texts(neuron.paths[0]))
