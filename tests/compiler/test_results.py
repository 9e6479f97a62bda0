"""The arrays that map() gives."""

import sys

import numpy as np
import pytest

from autograd import compile

X = np.linspace(-2.0, 2.0, 301)


@pytest.mark.parametrize(
    ("f", "shapes"),
    [
        (lambda x: x, (301,)),
        (lambda x: [x, -x], (301, 2)),
        (lambda x: [[x, -x, x]] * 2, (301, 2, 3)),
        (lambda x: [np.array([x, -x])] * 3, (301, 3, 2)),
        (lambda x: np.array([[x], [x]]), (301, 2, 1)),
        (lambda x: (x, [x, x]), ((301,), (301, 2))),
        (lambda x: [x, [x, x]], [(301,), (301, 2)]),
        (lambda x: {"a": x, "b": [x]}, {"a": (301,), "b": (301, 1)}),
        (lambda x: [{"a": x}, {"a": x}], [{"a": (301,)}] * 2),
        (lambda _: [], []),
    ],
)
def test_a_list_of_alike_items_is_one_array(f, shapes):
    def shapes_of(y):
        if isinstance(y, dict):
            return {key: shapes_of(item) for key, item in y.items()}
        return type(y)(map(shapes_of, y)) if isinstance(y, (list, tuple)) else y.shape

    assert shapes_of(compile(f).map(X)) == shapes


@pytest.mark.parametrize("exact", [False, True])
def test_each_number_is_in_its_place(exact):
    program = compile(lambda x, y: ([x * y, x - y, 3.0], {"a": x}), exact=exact)
    matrix, rest = program.map(X, 2.0)
    assert matrix.tolist() == np.column_stack([X * 2.0, X - 2.0, np.full_like(X, 3.0)]).tolist()
    assert rest["a"].tolist() == X.tolist()


def test_many_results_have_their_places_too():
    found = compile(lambda x: tuple(x * float(k) for k in range(100))).map(X)
    assert len(found) == 100
    assert all(y.tolist() == (X * float(k)).tolist() for k, y in enumerate(found))


@pytest.mark.parametrize("dtype", [np.float32, ">f8", ">f4", np.int64, bool])
@pytest.mark.parametrize("exact", [False, True])
def test_numbers_of_any_kind_are_those_of_float64(dtype, exact):
    rows = np.arange(602).reshape(301, 2).astype(dtype)
    program = compile(lambda x, y: x[0].exp() * y - x[1], exact=exact)
    wanted = program.map(rows.astype(np.float64), X).tolist()
    for same in (rows, np.asfortranarray(rows), np.repeat(rows, 2, axis=0)[::2], np.flip(np.flip(rows, 1).copy(), 1)):
        assert program.map(same, X).tolist() == wanted


@pytest.mark.parametrize("threads", [1, 2])
def test_out_is_filled_and_given_back(threads):
    program = compile(lambda x, y: (x * y, [x, y]))
    out = (np.empty(301), np.empty((301, 2)))
    assert program.map(X, 2.0, out=out, threads=threads) is out
    wanted = program.map(X, 2.0)
    assert all(a.tolist() == b.tolist() for a, b in zip(out, wanted))


def test_out_may_be_strided():
    out = np.zeros((602, 4))
    compile(lambda x: [x, -x]).map(X, out=out[::2, ::2])
    assert out[::2, ::2].tolist() == np.column_stack([X, -X]).tolist()
    assert not out[1::2].any()
    assert not out[:, 1::2].any()


def test_rows_of_all_branches_are_in_out():
    program = compile(lambda x: [x * x, x] if x > 0.0 else [-x, 0.0 * x])
    out = np.empty((301, 2))
    for _ in range(2):
        program.map(X, out=out)
        assert (
            out.tolist()
            == np.where(X[:, None] > 0.0, np.column_stack([X * X, X]), np.column_stack([-X, 0 * X])).tolist()
        )


def test_out_may_be_the_memory_of_an_argument():
    program = compile(lambda x: x * x if x > 0.0 else -x)
    wanted = program.map(X).tolist()
    x = X.copy()
    assert program.map(x, out=x).tolist() == wanted
    x = np.concatenate([X, [0.0]])
    assert program.map(x[:-1], out=x[1:]).tolist() == wanted
    x = np.concatenate([[0.0], X])
    assert program.map(x[1:], out=x[:-1]).tolist() == wanted


@pytest.mark.parametrize(
    ("out", "error", "message"),
    [
        (np.empty(5), ValueError, "a tuple of 2"),
        ((np.empty(301), np.empty(301)), ValueError, r"shape \(301, 2\) here, got out= of \(301,\)"),
        ((np.empty(300), np.empty((301, 2))), ValueError, r"shape \(301,\) here, got out= of \(300,\)"),
        ((np.empty(301, dtype=np.float32), np.empty((301, 2))), TypeError, "float64, got float32"),
        (([0.0] * 301, np.empty((301, 2))), TypeError, "float64, got list"),
        ((np.broadcast_to(0.0, 301), np.empty((301, 2))), TypeError, "float64, got a read-only array"),
    ],
)
def test_an_out_of_another_shape_or_kind_is_refused(out, error, message):
    with pytest.raises(error, match=message):
        compile(lambda x: (x, [x, x])).map(X, out=out)


def test_large_arrays_begin_where_huge_pages_do():
    x = np.arange(300_000.0)
    for program, shape in ((compile(lambda x: [x, 2.0 * x]), (300_000, 2)), (compile(lambda x: 2.0 * x), (300_000,))):
        result = program.map(x)
        assert result.shape == shape
        assert result.flags.c_contiguous
        assert result.flags.writeable
        assert np.array_equal(result.T, 2.0 * x if result.ndim == 1 else [x, 2.0 * x])
        if result.nbytes >= 2**22 and sys.platform == "linux":
            assert result.__array_interface__["data"][0] % 2**21 == 0
            assert result.base.nbytes <= result.nbytes + 2**21
        else:
            assert result.flags.owndata
