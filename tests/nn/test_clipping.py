"""Clipping: PyTorch's norms and gradients, in Values and in arrays."""

import json
import math

import numpy as np
import pytest

from autograd import Value, gradients_to_vector, vector_to_gradients
from nn.optim import clip_grad_norm, clip_grad_value
from tests.nn.trajectories import FILE, START

RECORDED = json.loads(FILE.read_text(encoding="utf-8"))["clipping"]
GRADIENTS = [2.0 * x for x in START]


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize(("limit", "norm", "by_norm", "by_value"), RECORDED)
def test_gradients_are_clipped_as_by_pytorch(limit, norm, by_norm, by_value, flat):
    def clipped(function):
        values = list(map(Value, START))
        vector_to_gradients(GRADIENTS, values)
        what = gradients_to_vector(values) if flat else values
        result = function(what, limit)
        return result, what.tolist() if flat else [x.grad for x in values]

    got, gradients = clipped(clip_grad_norm)
    assert got == pytest.approx(norm, rel=1e-15)
    assert gradients == pytest.approx(by_norm, rel=1e-15)
    assert clipped(clip_grad_value) == (None, by_value)


def test_large_and_small_gradients_keep_their_direction():
    for size in (1e300, 1e-300, 0.0):
        gradients = np.array([3.0 * size, -4.0 * size])
        assert clip_grad_norm(gradients, 1.0) == pytest.approx(5.0 * size, rel=1e-15)
        if size == 1e300:
            assert gradients.tolist() == pytest.approx([0.6, -0.8], rel=1e-15)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_a_norm_of_no_number_is_an_error_and_changes_nothing(wrong):
    p, q = Value(1.0), Value(1.0)
    p.grad, q.grad = 3.0, wrong
    with pytest.raises(ValueError, match="a gradient that is nan or infinite"):
        clip_grad_norm([p, q], 1.0)
    assert p.grad == 3.0


def test_a_nan_stays_where_it_is_seen():
    gradients = np.array([math.nan, 5.0, -math.inf])
    clip_grad_value(gradients, 1.0)
    assert np.isnan(gradients[0])
    assert gradients[1:].tolist() == [1.0, -1.0]


@pytest.mark.parametrize("clip", [clip_grad_norm, clip_grad_value])
def test_what_cannot_be_clipped_is_refused(clip):
    with pytest.raises(TypeError, match="takes an array of float64, got float32"):
        clip(np.ones(2, dtype=np.float32), 1.0)
    with pytest.raises(TypeError, match="takes a list of Values or an array, got float"):
        clip(1.0, 1.0)
    with pytest.raises(ValueError, match=r"is positive and finite, got 0\.0"):
        clip([Value(1.0)], 0.0)
