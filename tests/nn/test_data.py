"""Data for training: what is shuffled, split, put into batches and encoded, and what is refused."""

import array
import math
import random
import tracemalloc
from collections import deque
from fractions import Fraction

import numpy as np
import pytest

from nn import data
from nn.data import batches, encode_labels, one_hot, shuffle, split


class Series(list):
    """A stand-in for a column of pandas: [] takes labels, iloc takes places."""

    __getitem__ = None

    @property
    def iloc(self):
        return np.array(self)


class Column:
    """A stand-in for a column of polars or a tensor: [] takes slices and arrays of indices."""

    def __init__(self, items):
        self.items = np.array(items)

    def __len__(self):
        return len(self.items)

    def __getitem__(self, pick):
        return Column(self.items[pick])

    def __iter__(self):
        return iter(self.items)


class Sparse(Column):
    """A stand-in for a sparse matrix, whose len() raises an error."""

    shape = (10, 1)
    __len__ = None


class Arrow(Column):
    """A stand-in for an array of PyArrow: [] takes slices only."""

    def __getitem__(self, pick):
        assert isinstance(pick, slice)
        return Arrow(self.items[pick])

    def take(self, indices):
        return Arrow(self.items[indices])

    def to_pylist(self):
        return self.items.tolist()


TEN = list(range(10))
KINDS = {
    "list": TEN,
    "tuple": tuple(TEN),
    "range": range(10),
    "array.array": array.array("d", TEN),
    "deque": deque(TEN),
    "ndarray": np.array(TEN),
    "pandas": Series(TEN),
    "polars": Column(TEN),
    "sparse": Sparse(TEN),
    "arrow": Arrow(TEN),
}


@pytest.mark.parametrize("kind", KINDS)
def test_samples_of_every_kind_are_shuffled_split_and_put_into_batches(kind):
    x = KINDS[kind]
    shuffled = shuffle(x, rng=0)
    assert sorted(shuffled) == TEN
    assert list(shuffled) == shuffle(TEN, rng=0) != TEN
    train, test = split(x, rng=0)
    assert sorted([*train, *test]) == TEN
    assert [list(train), list(test)] == split(TEN, rng=0)
    assert [list(part) for part in split(x, shuffle=False)] == [TEN[:8], TEN[8:]]
    for rng in (None, 0):
        found = [list(batch) for (batch,) in batches(x, size=4, rng=rng)]
        assert [len(batch) for batch in found] == [4, 4, 2]
        assert [item for batch in found for item in batch] == (TEN if rng is None else list(shuffled))


def test_kinds_are_kept():
    for kind in ("ndarray", "polars", "arrow"):
        assert {type(part) for part in split(KINDS[kind])} == {type(KINDS[kind])}
    assert [type(part) for part in split((1, 2), range(2))] == [list] * 4


def test_samples_stay_together():
    x = np.arange(300.0).reshape(100, 3)
    names = [f"sample {i}" for i in range(100)]
    for a, b in [
        shuffle(x, names, rng=1),
        split(x, names, rng=1)[::2],
        split(x, names, rng=1)[1::2],
        *batches(x, names, size=7, rng=1),
    ]:
        assert b == [f"sample {int(row[0] / 3)}" for row in a]


@pytest.mark.parametrize("function", [shuffle, split, lambda x, rng: [batch for (batch,) in batches(x, rng=rng)]])
def test_the_seed_alone_decides_the_order(function):
    x = list(range(100))
    assert function(x, rng=3) == function(x, rng=3) == function(x, rng=random.Random(3)) != function(x, rng=4)
    a, b = (np.random.default_rng(5) for _ in range(2))
    assert function(x, rng=a) == function(x, rng=b) != function(x, rng=b)
    random.seed(7)
    first = function(x, rng=random)
    random.seed(7)
    assert function(x, rng=random) == first


def test_without_rng_the_module_random_decides():
    for function in (shuffle, split):
        random.seed(7)
        first = function(TEN)
        random.seed(7)
        assert function(TEN, rng=random) == first


def test_what_is_shuffled_stays_as_it_was():
    x = np.arange(10)
    shuffle(x, rng=0)[:] = 0
    split(x, rng=0)[0][:] = 0
    assert x.tolist() == TEN


@pytest.mark.parametrize("n", [2, 3, 5, 10, 99, 100])
@pytest.mark.parametrize("fraction", [0.1, 0.2, 1 / 3, 0.5, Fraction(1, 4)])
def test_the_second_part_has_its_fraction_rounded_up(n, fraction):
    train, test = split(range(n), fraction=fraction)
    assert len(test) == math.ceil(fraction * n)
    assert len(train) == n - len(test)


@pytest.mark.parametrize("n", [25, 29, 35, 38])
def test_a_number_of_samples_is_a_fraction_of_all(n):
    assert any(math.ceil(k / n * n) > k for k in range(1, n))
    for k in range(1, n):
        assert len(split(range(n), fraction=k / n)[1]) == k


def test_the_parts_come_in_pairs():
    letters, tens = list("abcdefghij"), [10 * i for i in TEN]
    x_train, x_test, y_train, y_test, names_train, names_test = split(TEN, tens, letters, rng=0)
    assert (y_train, y_test) == ([tens[i] for i in x_train], [tens[i] for i in x_test])
    assert (names_train, names_test) == ([letters[i] for i in x_train], [letters[i] for i in x_test])


@pytest.mark.parametrize("make", [list, np.array, lambda y: [f"class {i}" for i in y], lambda y: [[i] for i in y]])
@pytest.mark.parametrize("fraction", [0.1, 0.2, 0.25, 0.5, 0.37])
def test_stratified_parts_have_the_shares_of_all_samples(make, fraction):
    y = random.Random(0).choices([0, 1, 2, 5], [60, 30, 9, 5], k=500)
    train, test = split(y, fraction=fraction, rng=0, stratify=make(y))
    assert len(test) == math.ceil(500 * fraction)
    assert len(train) + len(test) == 500
    for label in set(y):
        assert abs(test.count(label) - y.count(label) * len(test) / 500) < 1
        assert train.count(label) + test.count(label) == y.count(label)


def test_stratified_samples_are_shuffled_and_none_occurs_twice():
    y = [0] * 50 + [1] * 50
    train, test = split(range(100), rng=0, stratify=y)
    assert sorted(train + test) == list(range(100))
    assert sorted(train) != train
    assert sorted(test) != test
    assert split(range(100), rng=0, stratify=y) == [train, test] != split(range(100), rng=1, stratify=y)


def test_batches_in_order_are_views():
    x, y = np.arange(20.0).reshape(10, 2), np.arange(10.0)
    for xs, ys in batches(x, y, size=3):
        assert np.shares_memory(xs, x)
        assert np.shares_memory(ys, y)
    assert [len(ys) for _, ys in batches(x, y, size=3)] == [3, 3, 3, 1]
    assert [len(ys) for _, ys in batches(x, y, size=3, drop_last=True)] == [3, 3, 3]
    assert [len(ys) for _, ys in batches(x, y, size=5, drop_last=True)] == [5, 5]
    assert [len(ys) for _, ys in batches(x, y, size=np.int64(99))] == [10]
    assert [len(ys) for _, ys in batches(x, y)] == [10]
    assert [ys.tolist() for _, ys in batches(x, y, size=1)] == [[number] for number in y]


def test_shuffled_batches_copy_one_batch_at_a_time():
    x = np.zeros((100_000, 10))
    next(batches(x, rng=0))  # imports
    tracemalloc.start()
    for (batch,) in batches(x, size=1000, rng=0):
        assert batch.shape == (1000, 10)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < x.nbytes / 4


def test_a_random_that_is_made_once_shuffles_each_epoch_otherwise():
    rng = random.Random(0)
    assert [b for (b,) in batches(TEN, rng=rng)] != [b for (b,) in batches(TEN, rng=rng)]
    assert [b for (b,) in batches(TEN, rng=0)] == [b for (b,) in batches(TEN, rng=0)]


@pytest.mark.parametrize("function", [shuffle, split, batches])
def test_what_has_no_samples_in_order_is_refused(function):
    name = function.__name__
    for wrong in ("ab", b"ab", {0: 1, 1: 2}, {1, 2}, iter([1, 2]), 3.0, None, np.array(1.0), list):
        with pytest.raises(
            TypeError, match=rf"{name}\(\) takes lists or arrays of samples, got {type(wrong).__name__}; "
        ):
            function([1, 2], wrong)
    with pytest.raises(TypeError, match=rf"got none; write {name}\(x, y\)"):
        function()
    with pytest.raises(ValueError, match=rf"{name}\(\) takes arrays of the same length, got 2 and 3 samples"):
        function([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match=rf"{name}\(\) takes at least one sample, got none"):
        function([], [])
    with pytest.raises(TypeError, match="rng draws random numbers, got str; pass a seed"):
        function([1, 2], rng="0")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"fraction": 1}, "between 0 and 1, got 1; for 30 samples write fraction=30 / len"),
        ({"fraction": 0.0}, "between 0 and 1, got 0.0"),
        ({"fraction": math.nan}, "between 0 and 1, got nan"),
        ({"fraction": "0.2"}, "between 0 and 1, got str; write fraction=0.2"),
        ({"fraction": True}, "between 0 and 1, got bool"),
        ({"fraction": 0.9}, "leaves samples for both parts, got 4 with fraction=0.9; take a smaller one"),
        ({"stratify": [0, 0, 1, 1], "shuffle": False}, "got shuffle=False with stratify; leave one out"),
        ({"stratify": [0, 0, 1]}, "a class for each of 4 samples, got 3; write stratify=y"),
        ({"stratify": [0, 0, 0, 1]}, "two samples or more of each class, got one of 1; leave it out"),
        ({"stratify": True}, "takes the class of each sample, got stratify=True; write stratify=y"),
        ({"rng": -1}, "a seed that is 0 or more, got -1; write rng=1"),
    ],
)
def test_what_split_cannot_do_is_refused(options, sentence):
    with pytest.raises((TypeError, ValueError), match=sentence):
        split([1, 2, 3, 4], **options)


def test_one_sample_cannot_be_split():
    with pytest.raises(ValueError, match="at least two samples, one for each part, got 1; check"):
        split([1])


def test_batches_of_no_size_are_refused_at_the_call():
    for size in (0, -1):
        with pytest.raises(ValueError, match=f"a batch has at least one sample, got size={size}; write size=1"):
            batches([1], size=size)
    for size in (1.0, "1", True, None):
        with pytest.raises(TypeError, match=f"size is a whole number of samples, got {type(size).__name__}; write"):
            batches([1], size=size)
    with pytest.raises(ValueError, match="drop_last leaves no batch of 32 from 3 samples; take a smaller size"):
        batches([1, 2, 3], drop_last=True)


# --------------------------------------------------------------------------- labels


def test_one_hot_has_a_row_for_each_label():
    assert one_hot([2, 0]).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert one_hot([[1.0], [0.0]], 2).tolist() == [[0, 1], [1, 0]]
    assert one_hot(np.array([True, False])).tolist() == [[0, 1], [1, 0]]
    assert one_hot([0], np.int64(4)).tolist() == [[1, 0, 0, 0]]
    assert one_hot([0, 0], 1).tolist() == [[1], [1]]
    assert one_hot([0]).dtype == np.float64


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (([0, -1],), "takes labels 0, 1, 2, ..., got -1.0 at row 1; number the classes"),
        (([0, 1.5],), "got 1.5 at row 1"),
        ((["a"],), r"got the text 'a' at row 0; number the classes: .* nn.data.encode_labels\(labels\)"),
        (([[0, 1]],), r"got rows of 2 numbers; of rows that are one-hot, pass labels.argmax\(axis=1\)"),
        (([0, 3], 2), "labels from 0 to 1 for 2 classes, got 3 at row 1; pass n_classes=4"),
        (([0], 0), "there is at least one class, got n_classes=0; leave it out to count them"),
        (([0], 2.0), "n_classes is a whole number, got float; write n_classes=3"),
        (([0], True), "n_classes is a whole number, got bool"),
        (([0, 10**9],), r"at most 1,000,000,000 numbers, got labels up to 1,000,000,000; number the classes"),
    ],
)
def test_what_is_no_label_is_refused(arguments, sentence):
    with pytest.raises((TypeError, ValueError), match=sentence):
        one_hot(*arguments)


@pytest.mark.parametrize(
    "classes",
    [
        ["dog", "cat", "dog", "eel"],
        np.array(["dog", "cat", "dog", "eel"]),
        np.array(["dog", "cat", "dog", "eel"], object),
        [[7], [-3], [7], [8]],
        [1.5, -1.0, 1.5, 2.0],
        np.array(["2020-01-02", "2020-01-01", "2020-01-02", "2021-01-01"], "M8[D]"),
    ],
)
def test_encoded_labels_number_the_sorted_classes(classes):
    labels, names = encode_labels(classes)
    assert labels.dtype == np.int64
    assert labels.tolist() == [1, 0, 1, 2]
    assert names[labels].tolist() == np.array(classes).reshape(-1).tolist()


@pytest.mark.parametrize(
    ("classes", "sentence"),
    [
        (["a", None], "text or numbers in classes, got None at row 1; leave such samples out, or name their class"),
        ([1.0, math.nan], "got nan at row 1"),
        (np.array(["a", math.nan], object), "got nan at row 1"),
        (np.array(["2020", "NaT"], "M8[D]"), "got NaT at row 1"),
        (np.array(["a", 1, 1.0, b"b"], object), "got bytes and float and int; convert"),
        (np.array(["a", 1], object), "must be of one kind, got int and str; convert them"),
        ([["a", "b"]], r"one class for each sample, got shape \(1, 2\); pass one column"),
        ([], "at least one class, got none"),
        ("ab", "got str; pass a list or an array"),
        (3, r"got int; write \[classes\] for one sample"),
        ([["a"], ["b", "c"]], "got 1 item in row 0 and 2 items in row 1"),
    ],
)
def test_what_cannot_be_encoded_is_refused(classes, sentence):
    with pytest.raises((TypeError, ValueError), match=sentence):
        encode_labels(classes)


def test_conversions_are_at_hand_for_the_functions_that_train():
    assert data.inputs([1.0], "fit").shape == (1, 1)
    assert data.targets([1.0], 1, "fit").shape == (1,)
    assert data.class_labels([1.0], "fit").tolist() == [1]
