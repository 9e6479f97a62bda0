"""predict(), evaluate() and the metrics."""

import math
import random

import numpy as np
import pytest

from nn import MLP, Module, evaluate, metrics, predict

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
    with pytest.raises(ValueError, match=r"Neuron\(3\) takes 3 numbers, got 1; .*; for one sample write \[x\]"):
        predict(model, ROWS[0])
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


def test_a_metric_of_numbers_takes_targets_of_the_same_shape():
    with pytest.raises(ValueError, match=r"mae\(\) takes targets of the shape of the outputs, got \(2,\) for \(2, 1\)"):
        metrics.mae([[1.0], [2.0]], [1.0, 2.0])
