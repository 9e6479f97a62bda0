"""Columns with mean 0 and deviation 1: how exact they are, and what is refused."""

import math
import pickle
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest

from nn.data import Standardizer, standardize


def exact_moments(column):
    """The mean and the deviation in exact arithmetic but for the root."""
    numbers = [Fraction(float(x)) for x in column]
    mean = sum(numbers) / len(numbers)
    variance = sum((x - mean) ** 2 for x in numbers) / len(numbers)
    scale = max(map(abs, numbers))
    return float(mean), float(scale) * math.sqrt(variance / scale**2)


@pytest.mark.parametrize("scale", [1.0, 1e-300, 1e300, 2.0**-1000])
@pytest.mark.parametrize("offset", [0.0, 1.0, -1e8])
def test_mean_and_deviation_are_exact_to_the_last_digits(scale, offset):
    x = (np.random.default_rng(0).normal(size=(300, 2)) * [1.0, 3.0] + offset) * scale
    scaler = Standardizer(x)
    for j in range(2):
        mean, deviation = exact_moments(x[:, j])
        assert scaler.mean[j] == pytest.approx(mean, rel=1e-14, abs=abs(x).max() * 1e-15)
        assert scaler.deviation[j] == pytest.approx(deviation, rel=1e-13, abs=0)


def test_moments_of_many_blocks_are_those_of_all_numbers():
    x = np.random.default_rng(0).normal(5.0, 2.0, size=(50_000, 3))
    scaler = Standardizer(x)
    assert scaler.mean == pytest.approx(x.mean(axis=0), rel=1e-12)
    assert scaler.deviation == pytest.approx(x.std(axis=0), rel=1e-12)
    z = scaler(x)
    assert z.mean(axis=0) == pytest.approx([0, 0, 0], abs=1e-12)
    assert z.std(axis=0) == pytest.approx([1, 1, 1], rel=1e-12)
    assert np.allclose(scaler.inverse(z), x, rtol=1e-12, atol=0)


def test_other_data_is_standardized_by_the_moments_of_the_training_data():
    train, test = standardize([[0.0], [4.0]], [[2.0], [6.0], [2.0]])
    assert train.tolist() == [[-1.0], [1.0]]
    assert test.tolist() == [[0.0], [2.0], [0.0]]
    assert standardize([0.0, 4.0]).tolist() == [-1.0, 1.0]


@pytest.mark.parametrize("number", [0.0, 5.0, -0.1, 1e300, 5e-324])
def test_a_constant_column_is_only_shifted(number):
    x = np.full((7, 2), number)
    x[:, 1] = range(7)
    scaler = Standardizer(x)
    assert scaler.deviation.tolist() == [1.0, 2.0]
    assert scaler(x)[:, 0].tolist() == [0.0] * 7
    assert scaler.inverse(scaler(x)) == pytest.approx(x)


def test_a_column_that_differs_by_rounding_is_constant():
    scaler = Standardizer([0.1 + 0.2, 0.3])
    assert scaler.deviation.tolist() == [1.0]
    assert Standardizer([1.0, 1.0 + 1e-14]).deviation[0] == pytest.approx(5e-15, rel=0.02)


def test_a_standardizer_keeps_shapes_and_leaves_its_arguments_alone():
    x = np.array([1.0, 2.0, 6.0])
    scaler = Standardizer(x)
    for function in (scaler, scaler.inverse):
        assert function(x).shape == (3,)
        assert function(x[:, None]).shape == (3, 1)
    assert x.tolist() == [1.0, 2.0, 6.0]
    assert pickle.loads(pickle.dumps(scaler))(x).tolist() == scaler(x).tolist()
    assert repr(Standardizer([[1.0], [3.0]])) == "Standardizer(mean=[2.0], deviation=[1.0])"


def test_to_standardize_takes_the_memory_of_its_result():
    x = np.random.default_rng(0).normal(size=(50_000, 10))
    Standardizer(x[:10])  # imports
    tracemalloc.start()
    scaler = Standardizer(x)
    assert tracemalloc.get_traced_memory()[1] < x.nbytes / 2
    scaler(x)
    assert tracemalloc.get_traced_memory()[1] < x.nbytes * 1.5
    tracemalloc.stop()


def test_what_cannot_be_standardized_is_refused():
    scaler = Standardizer([[1.0, 2.0], [3.0, 4.0]])
    for function, name in ((scaler, "Standardizer"), (scaler.inverse, "inverse")):
        with pytest.raises(ValueError, match=rf"{name}\(\) takes 2 columns, got 1; for one sample write \[x\]"):
            function([1.0, 2.0])
        with pytest.raises(ValueError, match=rf"{name}\(\) takes 2 columns, got 3; pass those it was made of"):
            function([[1.0, 2.0, 3.0]])
    with pytest.raises(ValueError, match=r"standardize\(\) takes numbers in x, got nan at row 1"):
        standardize([1.0, math.nan])
    with pytest.raises(TypeError, match=r"standardize\(\) takes numbers in x, got the text 'a' at row 0"):
        standardize([1.0], ["a"])
