"""The numbers of parameters as one array."""

import numpy as np
import pytest

import autograd as ag
from autograd import Value, compile, detect_anomaly, no_grad, scope

READERS = [(ag.parameters_to_vector, "data"), (ag.gradients_to_vector, "grad")]
WRITERS = [(ag.vector_to_parameters, "data"), (ag.vector_to_gradients, "grad")]


def some_values(count=5):
    values = [Value(float(k)) for k in range(count)]
    for k, x in enumerate(values):
        x.grad = -float(k)
    return values


@pytest.mark.parametrize(("read", "attribute"), READERS)
@pytest.mark.parametrize("count", [0, 1, 1000])
def test_reading_gives_the_numbers_in_order(read, attribute, count):
    values = some_values(count)
    wanted = [getattr(x, attribute) for x in values]
    out = np.empty(count)
    assert read(values).tolist() == wanted
    assert read(tuple(values), out) is out
    assert out.tolist() == wanted
    strided = np.zeros(2 * count)
    assert read(iter(values), strided[::2])[:].tolist() == wanted
    assert not strided[1::2].any()


@pytest.mark.parametrize(("write", "attribute"), WRITERS)
@pytest.mark.parametrize(
    "vector",
    [[0.5, 1.5, 2.5], np.array([0.5, 1.5, 2.5], dtype=np.float32), np.arange(12.0)[::4] / 4 + 0.5, (0.5, 1.5, 2.5)],
)
def test_writing_puts_each_number_in_its_place(write, attribute, vector):
    values = some_values(3)
    other = "grad" if attribute == "data" else "data"
    before = [getattr(x, other) for x in values]
    write(vector, values)
    assert [getattr(x, attribute) for x in values] == np.asarray(vector).tolist()
    assert [getattr(x, other) for x in values] == before


def test_special_values_go_both_ways():
    values = some_values(4)
    numbers = [-0.0, float("nan"), float("inf"), 5e-324]
    ag.vector_to_parameters(numbers, values)
    assert str(ag.parameters_to_vector(values).tolist()) == str(numbers)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda v: ag.parameters_to_vector(v[0]), TypeError, "got Value; write \\[x\\]"),
        (lambda v: ag.parameters_to_vector([v[0], 2.0]), TypeError, "got float in it; write Value\\(x\\)"),
        (lambda v: ag.gradients_to_vector(v, np.empty(5, dtype=np.float32)), TypeError, "float64, got float32"),
        (lambda v: ag.gradients_to_vector(v, [0.0] * 5), TypeError, "float64, got list"),
        (lambda v: ag.parameters_to_vector(v, np.empty(4)), ValueError, "shape \\(5,\\), got shape \\(4,\\)"),
        (lambda v: ag.vector_to_parameters([1.0], v), ValueError, "a number for each of 5 parameters, got 1"),
        (lambda v: ag.vector_to_parameters([1.0] * 5, [*v[:4], 2.0]), TypeError, "got float in it"),
        (lambda v: ag.vector_to_parameters([[1.0] * 5], v), ValueError, "one axis, got shape \\(1, 5\\)"),
        (lambda v: ag.vector_to_gradients(["a"] * 5, v), TypeError, "an array of real numbers"),
        (lambda v: ag.vector_to_gradients([1j] * 5, v), TypeError, "an array of real numbers, got complex128"),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(call, error, message):
    values = some_values()
    with pytest.raises(error, match=message):
        call(values)
    assert [x.data for x in values] == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert [x.grad for x in values] == [0.0, -1.0, -2.0, -3.0, -4.0]


def test_within_a_mode_the_same_numbers_are_read():
    values = some_values()
    for mode in (no_grad(), scope("s"), detect_anomaly()):
        with mode:
            assert ag.parameters_to_vector(values).tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_within_a_trace_no_number_is_read_nor_written():
    w = Value(2.0)

    def reads(x):
        return x * float(ag.parameters_to_vector([w])[0])

    def writes(x):
        ag.vector_to_parameters([3.0], [w])
        return w * x

    for f in (reads, writes):
        with pytest.raises(TypeError, match=r"\.data"):
            compile(f)(1.0)
    assert w.data == 2.0
