"""predict(), evaluate() and the metrics."""

import math
import random

import numpy as np
import pytest

from autograd import compile, parameters_to_vector
from nn import (
    MLP,
    Layer,
    LayerNorm,
    Linear,
    Module,
    Sequential,
    Sigmoid,
    Softmax,
    evaluate,
    fit,
    losses,
    metrics,
    predict,
)

ROWS = np.random.default_rng(0).normal(size=(7, 3))


@pytest.mark.parametrize("sizes", [[4, 1], [4, 2]])
def test_predictions_are_the_results_of_the_model_for_each_row(sizes):
    model = MLP(3, sizes, rng=random.Random(0))
    wanted = np.array([model(row) for row in ROWS], dtype=float)
    np.testing.assert_allclose(predict(model, ROWS), wanted, rtol=1e-12)
    np.testing.assert_allclose(predict(model, ROWS.tolist()), wanted, rtol=1e-12)


def test_one_sample_is_a_list_of_one():
    model = MLP(3, [1], rng=random.Random(0))
    assert predict(model, [ROWS[0]]).shape == (1,)
    with pytest.raises(ValueError, match=r"Neuron\(3\) takes 3 numbers, got one; .*; for one sample write \[x\]"):
        predict(model, ROWS[0])
    error = compile(lambda x, y: losses.mse([model(x)], [y]))
    vector = parameters_to_vector(model.parameters())
    for call in (error.backward, error.map, lambda *sample: error.loss_and_grad(vector, *sample)):
        with pytest.raises(ValueError, match=r"pass a row of 3 for each sample; for one sample write \[x\] and \[y\]"):
            call(ROWS[0], 1.0)
    for module in (Linear(3, 1), LayerNorm(3), Layer(3, 2)):
        with pytest.raises(ValueError, match=r"\(3\) takes 3 numbers, got one; pass a row of 3 for each sample"):
            compile(module).map(ROWS[0])
    with pytest.raises(ValueError, match=r"pass 3, or build the network with n_inputs=1"):
        model(1.0)
    with pytest.raises(ValueError, match=r"got 2; .* n_inputs=2$"):
        predict(model, ROWS[:, :2])


class Moded(Module):
    """It gives 1 in training, and 0 otherwise."""

    def __call__(self, x):
        return x * 0.0 + float(self.training)


def test_it_asks_in_the_mode_of_evaluation_and_leaves_each_mode_as_it_was():
    model = Moded()
    model.inner = Moded().eval()
    assert predict(model, [1.0, 2.0]).tolist() == [0.0, 0.0]
    assert evaluate(model, [1.0], [0.0], loss="mse") == {"loss": 0.0}
    assert (model.training, model.inner.training) == (True, False)


def test_evaluate_gives_the_mean_loss_and_the_metrics():
    double = lambda x: 2.0 * x  # noqa: E731
    found = evaluate(double, [1.0, 2.0, 3.0], [2.0, 5.0, 6.0], loss="mse", metrics={"off": metrics.mae, "r": "r2"})
    assert found == {"loss": 1 / 3, "off": 1 / 3, "r": 1 - 1 / (26 / 3)}
    assert evaluate(double, [1.0], [2.0], metrics="mae") == {"mae": 0.0}
    with pytest.raises(ValueError, match=r"evaluate\(\) needs a loss or a metric"):
        evaluate(double, [1.0], [2.0])


@pytest.mark.parametrize(
    ("outputs", "targets", "share"),
    [
        ([[0.0, 1.0], [2.0, 1.0], [0.0, 3.0]], [1, 0, 0], 2 / 3),
        ([[0.0, 1.0], [2.0, 1.0]], [[0, 1], [0, 1]], 0.5),
        ([0.3, -0.2, 2.0, -1.0], [1, 0, 0, 1], 0.5),
        ([0.3, -0.2, 2.0, -1.0], [1, -1, 1, -1], 1.0),
    ],
)
def test_accuracy_is_the_share_of_right_classes(outputs, targets, share):
    assert metrics.accuracy(outputs, targets) == share


def test_r2_of_equal_targets_is_nan():
    assert math.isnan(metrics.r2([1.0, 2.0], [3.0, 3.0]))


@pytest.mark.parametrize("metric", [metrics.accuracy, metrics.mae, metrics.mse, metrics.r2])
def test_a_metric_refuses_what_does_not_match(metric):
    name = metric.__name__
    for outputs, targets in (([1.0], [1.0, 2.0]), (1.0, 1.0), ([[1.0]], [[[1.0]]])):
        with pytest.raises(ValueError, match=rf"{name}\(\) takes an output and a target for each sample, got shapes"):
            metric(outputs, targets)
    with pytest.raises(ValueError, match=rf"{name}\(\) takes at least one sample, got none"):
        metric([], [])
    with pytest.raises(TypeError, match=rf"{name}\(\) takes arrays of numbers"):
        metric(["a"], [1.0])


@pytest.mark.parametrize("metric", [metrics.accuracy, metrics.mae, metrics.mse, metrics.r2])
def test_a_column_is_one_number_for_each_sample(metric):
    outputs, targets = np.array([1.0, -2.0, 4.0]), np.array([1.0, 0.0, 0.0])
    wanted = metric(outputs, targets)
    assert metric(outputs[:, None], targets) == metric(outputs, targets[:, None]) == wanted
    assert metric(outputs[:, None], targets[:, None]) == wanted


@pytest.mark.parametrize(
    ("outputs", "targets", "message"),
    [
        (np.zeros((3, 2)), [0, 1, 1], r"got shape \(3,\) for \(3, 2\); for labels use accuracy"),
        (np.zeros((3, 2)), [0, 1, 2], "build the network with as many outputs as targets"),
        (np.zeros((3, 2)), [0.5, 1, 1], "build the network with as many outputs as targets"),
        (np.zeros((3, 2)), np.zeros((3, 3)), r"got shape \(3, 3\) for \(3, 2\); build the network"),
        (np.zeros(3), np.zeros((3, 2)), "got rows of 2 targets; build the network with 2 outputs"),
    ],
)
def test_a_metric_of_numbers_takes_a_target_for_each_output(outputs, targets, message):
    for metric in (metrics.mae, metrics.mse, metrics.r2):
        with pytest.raises(ValueError, match=message):
            metric(outputs, targets)


def test_the_accuracy_of_numbers_near_the_labels_begins_between_them():
    outputs = [0.003, 0.9998, 1.0001, -0.003, 0.4]
    model, labels = (lambda x: x), [0, 1, 1, 0, 0]
    assert evaluate(model, outputs, labels, loss="mse", metrics="accuracy")["accuracy"] == 1.0
    assert evaluate(model, outputs, labels, loss="hinge", metrics="accuracy")["accuracy"] == 0.6
    signs = [2 * label - 1 for label in labels]
    assert evaluate(model, outputs, signs, loss="mae", metrics="accuracy")["accuracy"] == 0.6
    history = fit(MLP(1, [1], rng=0), outputs, labels, loss="mse", epochs=1, metrics="accuracy", rng=0)
    assert 0.0 <= history.metrics["accuracy"][0] <= 1.0
    assert metrics.accuracy([0.3, 0.7], [0, 1], threshold=0.5) == 1.0


@pytest.mark.parametrize(
    ("outputs", "labels", "which"),
    [
        ([0.5, 1.0], [0.0, 3.0], "labels 0 and 1, or -1 and 1, for one output, got 3"),
        ([0.5, 1.0], [0.5, 1.0], "labels 0 and 1, or -1 and 1, for one output, got 0.5"),
        ([[0.5, 1.0]], [2.0], "labels from 0 to 1 for 2 outputs, got 2"),
    ],
)
def test_the_accuracy_of_what_is_no_label_is_refused(outputs, labels, which):
    with pytest.raises(ValueError, match=f"{which}; encode them, or use r2 for numbers"):
        metrics.accuracy(outputs, labels)


@pytest.mark.parametrize(("loss", "end"), [("binary_cross_entropy", Sigmoid), ("cross_entropy", Softmax)])
def test_probabilities_are_refused_where_a_loss_takes_scores(loss, end):
    x, y, sentence = (
        [[0.0, 1.0]],
        [1],
        f"{loss} takes scores of any sign, and the network ends in {end.__name__}; leave",
    )
    for model in (Sequential(Linear(2, 2, rng=0), end()), Sequential(end())):
        with pytest.raises(ValueError, match=sentence):
            evaluate(model, x, y, loss=loss)
        with pytest.raises(ValueError, match=sentence):
            fit(model, x, y, loss=loss)
    assert evaluate(Sequential(Linear(2, 2, rng=0)), x, y, loss="cross_entropy")["loss"] > 0.0
