"""Demos: what they learn, print and draw."""

import csv
import importlib
import math
import re
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stdout
from fractions import Fraction
from functools import cache
from io import StringIO
from pathlib import Path
from statistics import fmean
from types import ModuleType
from typing import Any, NamedTuple

import mpmath
import pytest

import demos
from tests.pictures.reading import texts_of

pytestmark = pytest.mark.no_cover

FOLDER = Path(next(iter(demos.__path__)))
ROWS = re.findall(r"^\| `python demos/(\w+)\.py` \| .* \| (.*) \|$", (FOLDER / "README.md").read_text(), re.MULTILINE)
SLOW = (
    "activations",
    "digits",
    "initialisation",
    "learning_rate",
    "microgpt",
    "optimizers",
    "overfitting",
)  # left to CI


class Run(NamedTuple):
    """What a demo gave, and what it printed."""

    result: Any
    printed: str


def demo(name: str) -> ModuleType:
    pytest.importorskip("matplotlib", reason='pictures of demos need matplotlib: pip install -e ".[demos]"')
    return importlib.import_module(f"demos.{name}")


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Run]:
    """Runs a demo as a student would, once for all tests."""

    @cache
    def run(name: str) -> Run:
        with redirect_stdout(StringIO()) as printed:
            result = demo(name).main(out=tmp_path_factory.mktemp(name) / "made" / "when missing")
        return Run(result, printed.getvalue())

    return run


def is_picture(path: Path) -> bool:
    content = path.read_bytes()
    start, end = {
        ".png": (b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"),
        ".svg": (b"<svg", b"</svg>"),
    }[path.suffix]
    return len(content) > 1000 and content.startswith(start) and content.rstrip().endswith(end)


# --------------------------------------------------------------------------- all demos


def numbers_apart(sentence: str) -> tuple[str, list[float]]:
    """A sentence with x for each number, and the numbers."""
    number = r"[-+]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?"
    return re.sub(number, "x", sentence), [float(x.replace(",", "")) for x in re.findall(number, sentence)]


def test_each_demo_has_at_most_80_lines_and_says_how_to_run_it() -> None:
    for path in FOLDER.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 80, path.name
        assert f"\n    python demos/{path.name}\n" in text.split('"""')[1], path.name


@pytest.mark.parametrize(
    ("name", "sentence"),
    [pytest.param(*row, id=row[0], marks=[pytest.mark.campaign] if row[0] in SLOW else []) for row in ROWS],
)
def test_demo_prints_what_the_table_quotes_and_draws_its_pictures(
    run: Callable[[str], Run], name: str, sentence: str
) -> None:
    result, printed = run(name)
    words, numbers = numbers_apart(sentence)
    found = [numbers for line, numbers in map(numbers_apart, printed.splitlines()) if line == words]
    assert found, f"{sentence!r} is not in\n{printed}"
    tolerance = 0.1 if name == "microgpt" else 0.02  # Pythons differ in the names of their modules
    assert any(quoted == pytest.approx(numbers, rel=tolerance) for quoted in found), found
    paths = result.paths if hasattr(result, "paths") else [result.path]
    assert all(map(is_picture, paths))
    assert sorted(paths[0].parent.iterdir()) == sorted(paths)


# --------------------------------------------------------------------------- two moons


def test_two_moons_are_told_apart(run: Callable[[str], Run]) -> None:
    result = run("two_moons").result
    assert len(result.losses) == 100
    assert result.losses[-1] < result.losses[0] / 50
    assert result.accuracy >= 0.99


def test_two_moons_sample_shows_layers_as_boxes(run: Callable[[str], Run]) -> None:
    paths = run("two_moons").result.paths
    assert [path.name for path in paths] == ["decision_boundary.png", "loss.png", "one_sample.svg"]
    shown = texts_of(paths[2].read_text(encoding="utf-8"))
    assert {"x", "y", "layers.0", "layers.1", "layers.2"} <= set(shown)
    assert any(text.startswith("loss = ") for text in shown)


@pytest.mark.campaign
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


def test_iris_network_names_at_least_93_percent_of_held_out_flowers(run: Callable[[str], Run]) -> None:
    assert run("iris").result.accuracy >= 0.93


def test_iris_holds_out_a_third_of_each_species(run: Callable[[str], Run]) -> None:
    iris = run("iris").result
    assert sorted(map(sum, iris.confusion)) == [16, 17, 17]
    assert sum(iris.confusion[i][i] for i in range(3)) == round(50 * iris.accuracy)


def test_iris_loss_falls(run: Callable[[str], Run]) -> None:
    losses = run("iris").result.losses
    assert losses[-1] < losses[0] / 5


# --------------------------------------------------------------------------- linear and logistic regression


def test_line_of_gradient_descent_is_the_closed_form(run: Callable[[str], Run]) -> None:
    result = run("linear_regression").result
    assert result.difference < 1e-9
    assert result.line == pytest.approx(result.closed_form, abs=1e-9)


def test_line_through_the_galaxies_is_the_published_one(run: Callable[[str], Run]) -> None:
    assert run("linear_regression").result.closed_form == pytest.approx((454.158, -40.784), abs=5e-4)  # lm() of R


def test_weights_of_the_logistic_regression_are_those_of_scikit_learn(run: Callable[[str], Run]) -> None:
    result = run("logistic_regression").result
    assert result.weights == pytest.approx(demo("logistic_regression").SKLEARN, abs=1e-8)
    assert result.difference < 1e-8
    assert result.accuracy == 0.94


def test_weights_that_are_stored_are_those_of_scikit_learn() -> None:
    linear_model = pytest.importorskip("sklearn.linear_model")
    x, y = demo("logistic_regression").flowers()
    model = linear_model.LogisticRegression(C=math.inf, solver="newton-cholesky", tol=1e-12).fit(x, y)
    assert [*model.coef_[0], *model.intercept_] == pytest.approx(demo("logistic_regression").SKLEARN, abs=1e-9)


# --------------------------------------------------------------------------- perceptron and XOR


def test_neuron_learns_every_gate_but_xor(run: Callable[[str], Run]) -> None:
    right = run("perceptron").result.right
    assert [right[gate] for gate in ("AND", "OR", "NAND")] == [4, 4, 4]
    assert right["XOR"] < 4


def test_xor_inequalities_add_up_to_zero_whatever_the_weights(run: Callable[[str], Run]) -> None:
    assert run("perceptron").result.sums["XOR"] == (0, 0, 0)
    for w1, w2, b in [(1, 0, 0), (0, 1, 0), (0, 0, 1), (Fraction(1, 3), Fraction(-7, 5), Fraction(9, 2))]:
        score = {(x1, x2): w1 * x1 + w2 * x2 + b for x1 in (0, 1) for x2 in (0, 1)}
        assert score[0, 1] + score[1, 0] - score[0, 0] - score[1, 1] == 0


def test_inequalities_of_a_gate_that_is_learnt_do_not_cancel(run: Callable[[str], Run]) -> None:
    sums = run("perceptron").result.sums
    assert all(any(sums[gate]) for gate in ("AND", "OR", "NAND"))


def test_network_learns_xor_until_the_error_no_longer_falls(run: Callable[[str], Run]) -> None:
    result = run("xor").result
    assert result.answers == pytest.approx([0, 1, 1, 0], abs=1e-6)
    assert result.errors[0] > 0.1 > 1e-12 > result.errors[-1]


def test_first_step_of_xor_is_printed_with_its_numbers(run: Callable[[str], Run]) -> None:
    number = r"([-+]\d+\.\d+|\d+\.\d+)"
    printed = run("xor").printed
    assert [line[:2] for line in printed.splitlines()][:3] == ["1.", "2.", "3."]
    [(before, gradient, rate, after)] = re.findall(
        f"weight is {number}, and the derivative of the error by it {number}.\\s+it moves by {number} times that, "
        f"to {number}",
        printed.replace(":\n", ".\n"),
    )
    assert float(after) == pytest.approx(float(before) + float(rate) * float(gradient), abs=2e-4)


@pytest.mark.campaign
def test_xor_is_learnt_from_most_seeds(tmp_path: Path) -> None:
    errors = [demo("xor").main(seed=seed, out=tmp_path).errors[-1] for seed in range(10)]
    assert sum(error < 1e-3 for error in errors) >= 8


# --------------------------------------------------------------------------- descent


@pytest.mark.campaign
def test_gradient_descent_diverges_above_the_limit_of_the_hessian_and_nowhere_below(run: Callable[[str], Run]) -> None:
    errors = run("learning_rate").result.errors
    last = {name: found[-1] for name, found in errors.items()}
    assert last["right"] < last["nearly too large"] < last["too small"] < errors["too small"][0] < last["too large"]
    limit, descend = run("learning_rate").result.limit, demo("learning_rate").descend
    assert descend(0.99 * limit, 300)[-1, 2] == pytest.approx(last["right"], rel=0.02)
    assert descend(1.01 * limit, 300)[-1, 2] > 100


@pytest.mark.campaign
def test_each_optimizer_goes_down_the_valley_and_adam_farthest(run: Callable[[str], Run]) -> None:
    heights = run("optimizers").result.heights
    assert max(heights.values()) < 0.1
    assert min(heights, key=heights.__getitem__) == "Adam"
    assert heights["Adam"] < 1e-6
    assert heights["momentum"] < heights["SGD"] / 100


@pytest.mark.campaign
def test_gradients_vanish_in_layers_of_sigmoids_alone(run: Callable[[str], Run]) -> None:
    sizes = run("activations").result.sizes
    assert sizes["sigmoid"][0] < 1e-5 * sizes["sigmoid"][-1]
    assert all(later > 2 * earlier for earlier, later in zip(sizes["sigmoid"], sizes["sigmoid"][1:]))
    assert all(0.1 < sizes[name][0] / sizes[name][-1] < 10 for name in ("tanh", "relu", "gelu"))


@pytest.mark.campaign
def test_deep_network_learns_with_weights_of_he_alone(run: Callable[[str], Run]) -> None:
    result = run("initialisation").result
    assert result.losses["He"][-1] < 0.2
    assert all(losses[-1] > 0.6 for name, losses in result.losses.items() if name != "He")


@pytest.mark.campaign
def test_signals_fade_with_small_weights_and_explode_with_large_ones(tmp_path: Path) -> None:
    result = demo("initialisation").main(epochs=1, samples=50, out=tmp_path)
    last = {name: sizes[-1] for name, sizes in result.sizes.items()}
    assert last["zeros"] == 0.0 < last["a third of He"] < 1e-2
    assert 1e-2 < last["He"] < 10 < 100 < last["three times He"]


@pytest.mark.campaign
def test_each_remedy_of_overfitting_helps(run: Callable[[str], Run]) -> None:
    errors, histories, _ = run("overfitting").result
    assert all(errors[name] < errors["no remedy"] for name in ("early stopping", "weight decay", "dropout"))
    plain = histories["no remedy"]
    assert plain.losses[-1] < 0.05 < 0.09 < min(errors.values())
    assert plain.validation_losses[-1] > 1.3 * min(plain.validation_losses)
    assert histories["early stopping"].ended == "patience"


@pytest.mark.campaign
def test_networks_against_overfitting_are_drawn(tmp_path: Path) -> None:
    result = demo("overfitting").main(epochs=3, out=tmp_path)
    assert list(result.errors) == list(demo("overfitting").REMEDIES)
    assert is_picture(result.path)


# --------------------------------------------------------------------------- digits


def test_digits_are_those_of_scikit_learn() -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    x, y = demo("digits").images()
    found = datasets.load_digits()
    assert (16 * x == found.data).all()
    assert (y == found.target).all()


@pytest.mark.campaign
def test_network_reads_at_least_965_of_1000_digits(run: Callable[[str], Run]) -> None:
    result = run("digits").result
    assert result.accuracy >= 0.965
    assert result.accuracy == pytest.approx(result.history.metrics["accuracy"][-1])
    assert result.history.losses[-1] < 0.02


@pytest.mark.campaign
def test_network_reads_most_digits_after_an_epoch(tmp_path: Path) -> None:
    result = demo("digits").main(epochs=1, out=tmp_path)
    assert result.accuracy > 0.8
    assert is_picture(result.path)


# --------------------------------------------------------------------------- microgpt


@pytest.mark.campaign
def test_names_are_invented_that_look_like_modules(run: Callable[[str], Run]) -> None:
    result = run("microgpt").result
    assert result.losses[0] == pytest.approx(math.log(28), rel=0.2)  # chance
    assert fmean(result.losses[-100:]) < 2.75
    assert len(result.names) == 10
    assert all(re.fullmatch("[a-z_]{0,15}", name) for name in result.names)
    assert len({*result.names} - {*demo("microgpt").NAMES}) >= 5


# --------------------------------------------------------------------------- for engineers


def test_curve_has_the_numbers_that_nist_certifies(run: Callable[[str], Run]) -> None:
    result = run("curve_fit").result
    assert result.numbers == pytest.approx((1.5543827178, 4.0888321754, 451.54121844), rel=1e-9)
    assert result.deviations == pytest.approx((0.015408051163, 0.046803020753, 0.046800518816), rel=1e-7)


def test_numbers_of_the_pendulum_are_found(run: Callable[[str], Run]) -> None:
    result = run("pendulum").result
    assert result.numbers == pytest.approx((0.8, 0.2), abs=0.01)
    assert result.errors[-1] == pytest.approx(0.03**2, rel=0.5)


def test_pendulum_swings_with_the_period_of_the_elliptic_integral() -> None:
    pendulum = demo("pendulum")
    period = 2.0
    length = pendulum.GRAVITY * (period / (4 * float(mpmath.ellipk(math.sin(pendulum.ANGLE / 2) ** 2)))) ** 2
    angles = pendulum.swing(length, 0.0, round(period / pendulum.STEP))
    assert angles[-1] == pytest.approx(pendulum.ANGLE, abs=1e-3)
    assert angles[len(angles) // 2] == pytest.approx(-pendulum.ANGLE, abs=1e-3)


# --------------------------------------------------------------------------- one neuron


def test_neuron_derivatives_are_those_of_the_handbook(run: Callable[[str], Run]) -> None:
    neuron, slope = run("draw_neuron").result, 1 - math.tanh(0.5) ** 2
    assert neuron.y == pytest.approx(math.tanh(0.5), rel=1e-15)
    assert neuron.gradients == pytest.approx(
        {"x1": -0.5 * slope, "x2": 1.5 * slope, "w1": 2 * slope, "w2": -slope, "bias": slope}, rel=1e-14
    )


def test_neuron_is_drawn_with_its_labels_and_partials(run: Callable[[str], Run]) -> None:
    neuron = run("draw_neuron").result
    assert [path.name for path in neuron.paths] == ["neuron.svg", "neuron.png"]
    shown = texts_of(neuron.paths[0].read_text(encoding="utf-8"))
    assert {"x1", "x2", "w1", "w2", "bias", "w · x", "y = tanh(…)", "1 − y2 = 0.7864"} <= set(shown)


def test_the_picture_in_the_readme_is_what_the_demo_draws(run: Callable[[str], Run]) -> None:
    paths = Path(__file__).parents[1] / "docs" / "neuron.svg", run("draw_neuron").result.paths[0]
    kept, drawn = [texts_of(path.read_text(encoding="utf-8")) for path in paths]
    assert len(kept) > 20
    assert kept == drawn  # each Graphviz has other places
