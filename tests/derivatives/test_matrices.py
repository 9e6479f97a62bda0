"""Jacobians and Hessians: only entries that can be nonzero, symmetric, in SciPy's format."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import grad, hessian, jacobian
from tests.derivatives.test_transforms import rosenbrock
from tests.effort import examples
from tests.properties.test_graphs import programs


def test_only_the_entries_that_are_not_zero_by_structure_are_computed():
    n = 1000
    rng = random.Random(0)
    x = [rng.uniform(-1, 1) for _ in range(n)]
    rows, columns, values = hessian(rosenbrock, sparse=True)(x)
    assert len(values) == 2998
    assert {(i, j) for i, j in zip(rows, columns, strict=True)} == {
        (i, j) for i in range(n) for j in (i - 1, i, i + 1) if 0 <= j < n
    }
    assert list(zip(rows, columns, strict=True)) == sorted(zip(rows, columns, strict=True))
    rows, columns, values = jacobian(lambda v: [v[1] * 2, v[0] * v[2], 1.0], sparse=True)([1.0, 2.0, 3.0])
    assert (rows, columns, values) == ([0, 1, 1], [1, 0, 2], [2.0, 3.0, 1.0])
    assert hessian(lambda v: ag.relu(v[0]) * v[1], sparse=True)([1.0, 2.0]) == ([0, 1], [1, 0], [1.0, 1.0])


def test_sparse_triplets_are_those_of_scipy():
    sparse = pytest.importorskip("scipy.sparse")
    x = [0.5, -1.0, 2.0, 0.25]
    rows, columns, values = hessian(rosenbrock, sparse=True)(x)
    assert sparse.coo_array((values, (rows, columns)), shape=(4, 4)).toarray().tolist() == hessian(rosenbrock)(x)


@examples(100)
@given(program=programs(), data=st.data())
def test_a_hessian_is_symmetric_to_the_last_bit_and_the_derivative_of_the_gradient(program, data):
    x = [data.draw(st.floats(-2, 2)) for _ in range(program.n_inputs)]

    def f(v):
        return 1.0 * program.run(v, 1)

    matrix = hessian(f)(x)
    scale = max(abs(h) for row in matrix for h in row)
    rows = jacobian(grad(f))(x) if scale else matrix
    for i, j in itertools.product(range(len(x)), repeat=2):
        assert matrix[i][j] == matrix[j][i]
        assert matrix[i][j] == pytest.approx(rows[i][j], rel=1e-10, abs=1e-11 * scale)
