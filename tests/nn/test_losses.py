"""Losses: values, gradients, and what they refuse."""

import math

import numpy as np
import pytest

from autograd import Value, add, compile, gradients, hessian
from nn import losses
from nn.losses import binary_cross_entropy, cross_entropy, hinge, huber, mae, mse, softmax_cross_entropy

OF_NUMBERS = [mse, mae, huber, hinge, binary_cross_entropy]
OF_ROWS = [cross_entropy, softmax_cross_entropy]


def values(xs):
    return [Value(x) for x in xs]


def test_mse_is_the_mean_of_squared_errors():
    predictions = values([1.0, 2.0, 5.0])
    loss = mse(predictions, [1.0, 4.0, 4.0])
    loss.backward()
    assert loss.data == pytest.approx(5 / 3, rel=1e-15)
    assert [p.grad for p in predictions] == pytest.approx([0.0, -4 / 3, 2 / 3], rel=1e-15)


def test_hinge_is_zero_beyond_the_margin():
    scores = values([2.0, 0.5, -0.5, 3.0])
    loss = hinge(scores, [1, 1, -1, -1])
    loss.backward()
    assert loss.data == (0.0 + 0.5 + 0.5 + 4.0) / 4
    assert [s.grad for s in scores] == [0.0, -0.25, 0.25, 0.25]


def test_softmax_cross_entropy_is_that_of_the_probabilities():
    rows = [values([1.0, 2.0, 0.5]), values([-1.0, 0.0, 3.0])]
    loss = softmax_cross_entropy(rows, [1, 0])
    loss.backward()

    def probability(row, label):
        return math.exp(row[label].data) / sum(math.exp(x.data) for x in row)

    assert loss.data == pytest.approx(-(math.log(probability(rows[0], 1)) + math.log(probability(rows[1], 0))) / 2)
    for row, label in zip(rows, (1, 0), strict=True):
        want = [(probability(row, i) - (i == label)) / 2 for i in range(3)]
        assert [x.grad for x in row] == pytest.approx(want, rel=1e-13)


def test_softmax_cross_entropy_does_not_overflow():
    row = values([1000.0, -1000.0])
    loss = softmax_cross_entropy([row], [1])
    loss.backward()
    assert loss.data == 2000.0
    assert [x.grad for x in row] == [1.0, -1.0]


@pytest.mark.parametrize("loss", [*OF_NUMBERS, *OF_ROWS])
def test_lengths_that_differ_and_empty_batches_are_refused(loss):
    with pytest.raises(ValueError, match=rf"{loss.__name__}\(\) takes as many .* got 1 and 2"):
        loss([1.0], [1, 1])
    with pytest.raises(ValueError, match="at least one sample, got none"):
        loss([], [])


def test_labels_out_of_range_are_refused():
    with pytest.raises(ValueError, match=r"labels -1 and 1, got 0 at 1; map 0 and 1 by 2\*label - 1"):
        hinge([1.0, 2.0], [1, 0])
    for label in (-1, 2):
        with pytest.raises(ValueError, match=f"labels from 0 to 1 for 2 logits, got {label} at 0"):
            softmax_cross_entropy([[1.0, 2.0]], [label])


@pytest.mark.parametrize("label", [0.5, "a", [0]])
def test_a_label_that_is_no_index_is_refused(label):
    with pytest.raises(ValueError, match="labels from 0 to 1 for 2 logits, got"):
        softmax_cross_entropy([[1.0, 2.0]], [label])


def test_a_number_where_a_list_is_wanted_is_refused():
    with pytest.raises(TypeError, match=r"mse\(\) takes predictions as a list, got Value; write \[x\] for one"):
        mse(Value(1.0), 1.0)


def test_softmax_cross_entropy_takes_rows():
    logits = [Value(1.0), Value(2.0)]
    with pytest.raises(TypeError, match=r"a row of logits for each sample, got Value at 0; write \[logits\] for one"):
        softmax_cross_entropy(logits, [1, 0])
    with pytest.raises(ValueError, match="one for each class, got none at 1"):
        softmax_cross_entropy([logits, []], [0, 0])


@pytest.mark.parametrize("loss", [*OF_NUMBERS, *OF_ROWS])
@pytest.mark.parametrize(
    "batch", [{0: 1.0}, {1.0}, b"a", "1", np.ma.array([1.0]), bytearray(b"a")], ids=lambda x: type(x).__name__
)
def test_what_is_no_list_is_refused_on_either_side(loss, batch):
    plain = [[1.0, 2.0]] if loss in OF_ROWS else [1.0]
    for arguments in ((batch, [1]), (plain, batch)):
        with pytest.raises(TypeError, match=rf"{loss.__name__}\(\) takes .* as a list, got {type(batch).__name__}; "):
            loss(*arguments)


@pytest.mark.parametrize("row", [{0: 5.0, 1: 2.0}, {1.0, 2.0}, b"ab"])
def test_a_row_of_logits_is_a_list(row):
    with pytest.raises(TypeError, match="takes a row of logits for each sample, got "):
        losses.softmax_cross_entropy([row], [0])


@pytest.mark.parametrize("label", [np.array([1, -1]), [1], "1"])
def test_a_label_of_hinge_is_one_number(label):
    with pytest.raises(ValueError, match=r"hinge\(\) takes labels -1 and 1, got "):
        losses.hinge([1.0], [label])


@pytest.mark.parametrize("loss", OF_NUMBERS)
@pytest.mark.parametrize("score", [[1.0], "1", None, 1j])
def test_a_score_is_one_number(loss, score):
    with pytest.raises(TypeError, match=r"\(\) takes a real number or a Value, got "):
        loss([score], [1.0])


@pytest.mark.parametrize("loss", [*OF_NUMBERS, *OF_ROWS])
@pytest.mark.parametrize("reduction", ["avg", None, 1, ["mean"]])
def test_an_unknown_reduction_is_refused(loss, reduction):
    with pytest.raises(ValueError, match=rf"{loss.__name__}\(\) reduces by 'mean', 'sum' or 'none', got "):
        loss([1.0], [1.0], reduction=reduction)


@pytest.mark.parametrize("loss", OF_NUMBERS)
def test_rows_of_numbers_count_as_all_their_numbers(loss):
    outputs, targets = [[0.5, -2.0, 1.0], [0.25]], [[1, 1, 1], [1]]
    flat = loss([0.5, -2.0, 1.0, 0.25], [1, 1, 1, 1], reduction="none")
    assert loss(outputs, targets, reduction="none") == [flat[:3], flat[3:]]
    assert loss(outputs, targets, reduction="sum") == sum(flat)
    assert loss(np.ones((2, 3)), np.ones((2, 3))) == loss([1.0], [1.0])


@pytest.mark.parametrize("loss", OF_NUMBERS)
def test_rows_of_other_lengths_are_refused(loss):
    with pytest.raises(ValueError, match=r"takes as many \w+ in row 1 as \w+, got 2 and 1"):
        loss([[1.0], [1.0, 2.0]], [[1.0], [1.0]])
    with pytest.raises(TypeError, match=r"got ndarray and float64 at 0; pass \w+ and \w+ of the same shape"):
        loss(np.ones((3, 1)), np.ones(3))


@pytest.mark.parametrize("loss", [mse, mae, huber])
def test_a_row_of_targets_for_one_number_is_refused(loss):
    with pytest.raises(TypeError, match="got float64 and ndarray at 0; pass predictions and targets of the same shape"):
        loss(np.ones(3), np.ones((3, 1)))


@pytest.mark.parametrize("delta", [0.5, 1.0, 1e200])
@pytest.mark.parametrize("error", [math.inf, 1e308, 3e200])
def test_the_slope_of_huber_is_delta_for_an_error_of_any_size(delta, error):
    program = compile(lambda x, y: huber([x], [y], delta=delta))
    program(0.0, 0.0)
    for sign in (1.0, -1.0):
        x, y = Value(sign * error), Value(0.0)
        loss = huber([x], [y], delta=delta)
        loss.backward()
        assert (x.grad, y.grad) == (sign * delta, -sign * delta)
        assert program.grad(sign * error, 0.0) == sign * delta
        assert loss.data == program(sign * error, 0.0) == delta * (error - delta / 2)


def test_huber_is_smooth_where_the_lines_begin():
    x = [Value(number) for number in (-2.0, -0.5, 0.0, 0.25, 0.5, 2.0)]
    losses = huber(x, [0.0] * 6, delta=0.5, reduction="none")
    assert [loss.data for loss in losses] == [0.875, 0.125, 0.0, 0.03125, 0.125, 0.875]
    assert [slope.data for slope in gradients(add.reduce(losses), x)] == [-0.5, -0.5, 0.0, 0.25, 0.5, 0.5]
    assert hessian(lambda v: huber([v], [0.0], delta=0.5))(0.25) == 1.0
    assert hessian(lambda v: huber([v], [0.0], delta=0.5))(2.0) == 0.0


@pytest.mark.parametrize("delta", [0.0, -1.0, math.nan, math.inf, "1", None, [1.0]])
def test_the_delta_of_huber_is_a_positive_number(delta):
    with pytest.raises(ValueError, match=r"huber\(\) takes a positive number as delta, got .*; write delta=1.0"):
        huber([1.0], [2.0], delta=delta)


@pytest.mark.parametrize("label", [-1, 2, 1.5, math.nan, "1", None, [1]])
def test_a_label_of_binary_cross_entropy_is_a_probability(label):
    with pytest.raises(ValueError, match=r"takes labels from 0 to 1, got .* at 1; map -1 and 1 by \(label \+ 1\)/2"):
        binary_cross_entropy([1.0, 2.0], [1, label])


@pytest.mark.parametrize("p", [-0.5, 2, math.nan, "1", None, [1]])
def test_a_row_of_labels_holds_probabilities(p):
    with pytest.raises(ValueError, match=r"takes probabilities from 0 to 1 in a row of labels, got .* at 0; divide"):
        cross_entropy([[1.0, 2.0]], [[0.5, p]])


@pytest.mark.parametrize("kind", [bool, np.bool_, int, float, np.float32, np.int64])
def test_labels_are_numbers_of_any_type(kind):
    assert hinge([2.0, -0.5], [kind(1)] * 2) == 0.75
    wanted = (math.log1p(math.exp(-0.5)) + math.log1p(math.exp(-2.0))) / 2
    for loss in (binary_cross_entropy, lambda x, y: cross_entropy([[0.0, z] for z in x], y)):
        assert loss([0.5, -2.0], [kind(1), kind(0)]) == pytest.approx(wanted, rel=1e-15)


def test_labels_in_arrays_are_labels_of_samples():
    logits = np.array([[0.5, -1.25, 2.0], [1.0, 0.0, 0.5]])
    for labels in (np.array([2, 0]), np.array([2.0, 0.0]), np.eye(3)[[2, 0]], np.eye(3, dtype=int)[[2, 0]]):
        assert cross_entropy(logits, labels) == pytest.approx(cross_entropy(logits.tolist(), [2, 0]), rel=1e-15)


def test_whole_numbers_beside_one_row_are_no_probabilities():
    assert cross_entropy([0.0, 1.0], [0.0, 1.0]) == cross_entropy([[0.0, 1.0]], [1])
    with pytest.raises(TypeError, match=r"write \[logits\] for one sample"):
        cross_entropy([0.0, 1.0], [0, 1])
