"""Samples as arrays: what inputs() and targets() take, and the sentence for what they refuse."""

import collections
import math
import tracemalloc
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from autograd import Value
from nn.data import class_labels, inputs, targets
from nn.data.arrays import samples
from tests.nn.foreign import BFloat16, Frame, NAType, PandasFrame, Series, Tensor

ROWS = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]


KINDS = {
    "lists": ROWS,
    "tuples": tuple(map(tuple, ROWS)),
    "ints": [[1, 2], [3, 4], [5, 6]],
    "a deque": collections.deque(ROWS),
    "arrays": [np.array(row) for row in ROWS],
    "float32": np.array(ROWS, np.float32),
    "float16": np.array(ROWS, np.float16),
    "longdouble": np.array(ROWS, np.longdouble),
    "int8": np.array(ROWS, np.int8),
    "uint64": np.array(ROWS, np.uint64),
    "another byte order": np.array(ROWS, ">f8"),
    "Fortran's order": np.asfortranarray(ROWS),
    "every second column": np.array([[1, 0, 2, 0], [3, 0, 4, 0], [5, 0, 6, 0]], float)[:, ::2],
    "read-only": np.frombuffer(np.array(ROWS).tobytes()).reshape(3, 2),
    "unaligned": np.frombuffer(b"x" + np.array(ROWS).tobytes(), np.uint8)[1:].view(np.float64).reshape(3, 2),
    "objects": np.array(ROWS, object),
    "Decimal and Fraction": [[Decimal(1), Fraction(2)], [Decimal("3.0"), 4], [np.float32(5), 6.0]],
    "masked without gaps": np.ma.array(ROWS),
    "a tensor": Tensor(np.array(ROWS, np.float32)),
    "tensors": [Tensor(np.array(row)) for row in ROWS],
    "bfloat16": BFloat16(np.array(ROWS)),
    "a frame": Frame(a=Series([1.0, 3.0, 5.0]), b=Series([2.0, 4.0, 6.0])),
    "a frame of ints": Frame(a=Series([1, 3, 5]), b=Series([2, 4, 6])),
    "a mixed frame": Frame(a=Series([1, 3, 5]), b=Series([2.0, 4.0, 6.0])),
    "a frame of objects": Frame(a=Series([1, 3, 5], object), b=Series([2.0, 4.0, 6.0], object)),
    "a frame of pandas": PandasFrame(("a", Series([1, 3, 5])), ("a", Series([2.0, 4.0, 6.0]))),
}


@pytest.mark.parametrize("kind", KINDS)
def test_inputs_of_every_kind_become_contiguous_rows_of_floats(kind):
    array = inputs(KINDS[kind], "fit")
    assert type(array) is np.ndarray
    assert array.dtype == np.float64
    assert array.dtype.isnative
    assert array.flags.c_contiguous
    assert array.flags.aligned
    assert array.tolist() == ROWS


@pytest.mark.parametrize(
    "x",
    [[1, 2], (1.0, 2.0), range(1, 3), np.array([1, 2]), np.array([[1], [2]]), Series([1, 2]), Frame(a=Series([1, 2]))],
)
def test_a_number_for_each_sample_is_a_row_of_one_and_a_target(x):
    assert inputs(x, "fit").tolist() == [[1.0], [2.0]]
    assert targets(x, 2, "fit").tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    "x", [[1, 2], range(1, 3), np.array([1, 2]), Series([1, 2]), [Tensor(np.array(i)) for i in (1, 2)]]
)
def test_samples_of_one_number_may_stay_numbers(x):
    assert samples(x, "predict").tolist() == [1.0, 2.0]
    assert samples([[1], [2]], "predict").tolist() == [[1.0], [2.0]]


def test_bools_are_0_and_1():
    assert inputs([[True, 2.5]], "fit").tolist() == [[1.0, 2.5]]
    assert inputs(np.array([True, None, False], object)[[0, 2]], "fit").tolist() == [[1.0], [0.0]]
    assert targets(np.array([True, False]), 2, "fit").tolist() == [1.0, 0.0]


def test_targets_may_be_rows():
    assert targets([[1, 0, 0], [0, 1, 0]], 2, "fit").tolist() == [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]


@pytest.mark.parametrize("shape", [(30_000, 10), (300_000,), (300_000, 1)])
def test_an_array_of_floats_is_not_copied_and_checks_take_no_memory(shape):
    array = np.zeros(shape)
    inputs(array[:10], "fit")  # imports
    tracemalloc.start()
    assert np.shares_memory(inputs(array, "fit"), array)
    assert np.shares_memory(targets(array, len(array), "fit"), array)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < array.nbytes / 10


@pytest.mark.parametrize("row", [0, 1, 6_553, 6_554, 9_999])
@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_the_first_number_that_is_not_finite_is_named_with_its_place(row, number):
    x = np.zeros((10_000, 10))
    x[row, 3] = x[-1, -1] = number
    with pytest.raises(ValueError, match=rf"fit\(\) takes numbers in x, got {number} at row {row}, column 3; leave"):
        inputs(x, "fit")
    with pytest.raises(ValueError, match=rf"evaluate\(\) takes .* in x, got {number} at row {row}; leave"):
        inputs(x[:, 3], "evaluate")
    with pytest.raises(ValueError, match=rf"in targets, got {number} at row {row}; leave such samples out of x and y"):
        targets(x[:, 3], len(x), "fit", "targets")


def test_a_float_that_float64_cannot_hold_is_infinite():
    if np.finfo(np.longdouble).max > np.finfo(float).max:
        with pytest.raises(ValueError, match="got inf at row 0"):
            inputs([np.finfo(np.longdouble).max], "fit")
    with pytest.raises(ValueError, match="numbers in x that a float can hold, got others; scale them"):
        inputs([10**400, 1], "fit")


MIXED = Series([1, 2])
WRONG = {
    "nothing": (None, "got NoneType; pass a list or an array"),
    "a class": (list, "got type; pass a list or an array"),
    "a text": ("1 2", "got str; pass a list"),
    "bytes": (b"12", "got bytes; pass a list"),
    "a dict": ({"a": [1.0]}, r"got dict; stack its columns: numpy.column_stack\(list\(d.values\(\)\)\)"),
    "columns of a dict": ({"a": [1.0]}.values(), r"got dict_values; make a list of it: list\(x\)"),
    "a set": ({1.0, 2.0}, r"got set; list the samples in the order that you want: sorted\(s\)"),
    "keys": ({1.0: 0}.keys(), "got dict_keys; list the samples in the order"),
    "a generator": (([x] for x in "12"), r"got generator; it can be read only once; make a list of it: list\(x\)"),
    "an iterator": (iter([1.0]), "got list_iterator; it can be read only once"),
    "a number": (3.0, r"with a row for each sample, got float; write \[x\] for one sample"),
    "an array without axes": (np.array(3), r"got ndarray; write \[x\] for one sample"),
    "an object": (SimpleNamespace(), "got SimpleNamespace; pass a list or an array"),
    "a function": (len, "got builtin_function_or_method; pass a list or an array"),
    "a Value": (Value(1.0), "got Value; pass the number: x.data"),
    "Values": ([[Value(1.0), 2.0]], "got a Value at row 0, column 0; pass the number: x.data of each"),
    "texts": (
        [[1.0, "Rome"], [2.0, "Oslo"]],
        "got the text 'Rome' at row 0, column 1; encode such columns: nn.data.one_hot",
    ),
    "texts of numbers": (
        [["1.5"], ["2"]],
        r"got the text '1.5' at row 0, column 0; convert it: numpy.asarray\(x",
    ),
    "texts among objects": (np.array([1.0, "2"], object), "got the text '2' at row 1; convert it"),
    "bytes in an array": (np.array([b"a"]), "got the text b'a' at row 0; encode such columns: nn.data.one_hot"),
    "None": ([[1.0], [None]], "got None at row 1, column 0; leave such rows out, or fill in"),
    "pandas.NA": (Series([1, NAType()], object), "got <NA> at row 1; leave"),
    "records": ([{"a": 1}, {"a": 2}], r"got dict at row 0; pass rows of numbers: list\(row.values\(\)\)"),
    "sets": ([{1.0}, {2.0}], "got set at row 0; pass rows of real numbers"),
    "long texts": (["one two three four five", "six"], "got the text 'one two three' at row 0; encode"),
    "long bytes": ([b"one two three four five"], "got the text b'one two three' at row 0; encode"),
    "a long word": (["x" * 99], f"got the text '{'x' * 20}' at row 0; encode"),
    "long names": (Frame(**{"one two three four": Series([math.nan])}), "row 0, column 'one two three'; leave"),
    "complex numbers": ([1j], "got complex128; pass parts of them: x.real, x.imag"),
    "complex objects": (np.array([1, 1j], object), "got complex at row 1; pass rows of real numbers"),
    "dates": (np.array(["2020-01-01"], "M8[D]"), r"got datetime64\[D\]; subtract a date, and divide"),
    "durations": (np.array([1], "m8[s]"), r"got timedelta64\[s\]; divide by numpy.timedelta64"),
    "a structured array": (
        np.zeros(2, "f8,f8"),
        r"got \[\('f0'.*; convert it: numpy.array\(x.tolist",
    ),
    "a masked array": (np.ma.array([1.0, 2.0], mask=[0, 1]), r"got MaskedArray; fill the gaps of the masked array"),
    "a masked number": (np.ma.masked, "got MaskedConstant; fill the gaps"),
    "a lazy frame": (SimpleNamespace(collect=1), r"got SimpleNamespace; compute it first: x.collect\(\)"),
    "a sparse matrix": (SimpleNamespace(toarray=1), r"got SimpleNamespace; make it dense: x.toarray\(\)"),
    "a sparse tensor": (SimpleNamespace(is_sparse=True), r"got SimpleNamespace; make it dense: x.to_dense\(\)"),
    "an exchanged frame": (SimpleNamespace(__dataframe__=1), r"got SimpleNamespace; convert it: x.to_pandas\(\)"),
    "a frame with text": (
        Frame(a=MIXED, city=Series(["Rome", "Oslo"])),
        "got the text 'Rome' at row 0, column 'city'; encode such columns: nn.data.one_hot",
    ),
    "a frame with dates": (
        Frame(a=MIXED, day=Series(["2020-01-01"] * 2, "M8[D]")),
        r"got datetime64\[D\] in column 'day'; subtract a date",
    ),
    "a frame with None": (Frame(a=MIXED, b=Series([1, None], object)), "got None at row 1, column 'b'; leave"),
    "a frame with lists": (
        Frame(a=MIXED, b=Series([[1], [1, 2]], object)),
        "got list at row 0, column 'b'; make a column of each of its numbers",
    ),
    "a frame with arrays": (
        Frame(a=MIXED, b=Series([[1.0, 2.0], [3.0, 4.0]])),
        r"got shape \(2, 2\) in column 'b'; make a column of each of its numbers",
    ),
    "a frame with nan": (Frame(a=Series([1.0]), b=Series([math.nan])), "got nan at row 0, column 'b'; leave"),
    "a mixed frame with nan": (Frame(a=MIXED, b=Series([1.0, math.nan])), "got nan at row 1, column 'b'; leave"),
    "a frame with a huge number": (
        Frame(a=MIXED, b=Series([1, 10**400], object)),
        "that a float can hold, got others in column 'b'; scale them",
    ),
    "a frame without rows": (Frame(a=Series([])), r"got shape \(0, 1\), which has none; pass at least one sample"),
    "a frame without columns": (Frame(), r"got shape \(0, 0\), which has none; pass"),
    "no samples": ([], r"got shape \(0,\), which has none; pass at least one sample"),
    "samples without numbers": ([[], []], r"got shape \(2, 0\), which has none; pass"),
    "images": (np.zeros((5, 8, 8)), r"got shape \(5, 8, 8\); flatten each sample: x.reshape\(len\(x\), -1\)"),
    "ragged rows": ([[1, 2], [3, 4], [5]], "got 2 items in row 0 and 1 item in row 2; give all rows the same length"),
    "a number among rows": ([[1, 2], 3], "got 2 items in row 0 and int in row 1; give all rows the same length"),
    "lists as objects": (np.array([[1], [1, 2]], object), "got list at row 0; give all rows the same length"),
    "ragged within a row": (
        [[[1], [2, 3]], [[1], [2, 3]]],
        "got lists of different lengths within a row; flatten",
    ),
    "a tensor that is nowhere": (
        SimpleNamespace(__array__=1, detach=1, cpu=1),
        "got SimpleNamespace, which NumPy cannot read; convert it to an array of floats",
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_no_array_of_finite_numbers_is_refused_with_a_remedy(kind):
    wrong, sentence = WRONG[kind]
    with pytest.raises((TypeError, ValueError), match=sentence) as info:
        inputs(wrong, "fit")
    message = str(info.value)
    assert message.startswith("fit() takes numbers in x")
    assert len(message.split()) <= 25


@pytest.mark.parametrize("gap", [None, NAType(), math.nan])
def test_gaps_of_every_kind_are_errors_of_one_kind(gap):
    for x in ([gap, 1.0], np.array([[gap], [1.0]], object), Frame(a=Series([gap, 1.0], object))):
        with pytest.raises(ValueError, match=r"got (None|<NA>|nan) at row 0"):
            inputs(x, "fit")


@pytest.mark.parametrize(
    ("y", "sentence"),
    [
        ([1.0, 2.0], "got 2 in y for 3 samples; pass as many of both"),
        (np.zeros((4, 2)), "got 4 in y for 3 samples; pass as many of both"),
        ([1.0], r"got 1 in y for 3 samples; for one sample write \[x\] and \[y\]"),
        ([[1.0, 2.0, 3.0]], r"got 1 in y for 3 samples; pass the row itself: y\[0\]"),
    ],
)
def test_targets_of_another_length_are_refused(y, sentence):
    with pytest.raises(ValueError, match=rf"fit\(\) takes a target for each sample, {sentence}"):
        targets(y, 3, "fit")


@pytest.mark.parametrize("y", [["cat", "dog"], np.array(["cat", "dog"]), Series(["cat", "dog"], object)])
def test_classes_in_text_are_to_be_numbered(y):
    for function in (lambda: targets(y, 2, "fit"), lambda: class_labels(y, "fit")):
        with pytest.raises(TypeError, match=r"got the text 'cat' at row 0; number the classes: .*encode_labels\(y\)"):
            function()


@pytest.mark.parametrize("y", [[2, 0, 1], [2.0, 0.0, 1.0], [[2], [0], [1]], np.array([2, 0, 1], np.uint8)])
def test_labels_are_whole_numbers_of_any_type(y):
    found = class_labels(y, "fit", 3)
    assert found.dtype == np.int64
    assert found.tolist() == [2, 0, 1]
    assert class_labels([True, False], "fit").tolist() == [1, 0]


@pytest.mark.parametrize("label", [-1, 0.5, 2.0**53, 1e300])
def test_numbers_that_are_no_labels_are_refused(label):
    with pytest.raises(ValueError, match=r"takes labels 0, 1, 2, ..., got .* at row 1; number the classes"):
        class_labels([0, label], "fit")


def test_labels_beyond_the_classes_and_rows_of_labels_are_refused():
    with pytest.raises(ValueError, match="labels from 0 to 2 for 3 classes, got 4 at row 1; pass n_classes=5"):
        class_labels([0, 4, 3], "fit", 3)
    with pytest.raises(ValueError, match=r"one label for each sample, got rows of 2 numbers; .* y.argmax\(axis=1\)"):
        class_labels([[0, 1], [1, 0]], "fit")
