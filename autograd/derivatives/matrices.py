"""Matrices of derivatives: jacobian and hessian, dense or sparse, row by row.

An entry is computed only if the result depends on the input; all others are structural zeros.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence

from autograd._typing import TYPE_CHECKING
from autograd.derivatives.calls import (
    Call,
    call_function,
    check_function,
    derivatives_by_inputs,
    many_values,
    one_value,
)
from autograd.derivatives.chain_rule import as_value, pull_back
from autograd.engine import Value
from autograd.pytree import array, fill, leaves, unflatten

if TYPE_CHECKING:
    from typing import Any

    from autograd.derivatives.calls import Argnums
    from autograd.operations.operation import Number
    from autograd.pytree import Tree

    Row = dict[int, Number]  # by column: the entries that are not structural zeros


def jacobian(
    f: Callable[..., Any], argnums: Argnums = 0, *, has_aux: bool = False, sparse: bool = False
) -> Callable[..., Any]:
    """The function that gives the derivative of each number in the result of f by each number in its argument.

    It gives the structure of the result, with the structure of the argument in place of each number. If both are
    arrays, it gives an array: its shape is the shape of the result, followed by the shape of the argument. If only the
    result is an array, it gives, as JAX does, the structure of the argument with an array in place of each number.

    Args:
        f, argnums, has_aux: as for grad(), but f gives numbers in any structure.
        sparse: give (rows, columns, values) instead: three lists of the entries that are not structurally zero, for
            scipy.sparse.coo_array((values, (rows, columns))). Result and argument are flattened.

    Structural zeros are skipped: an entry is computed only if the result depends on the input.

    Raises:
        TypeError, ValueError: as grad() does; ValueError also if sparse, and argnums is a tuple.

    >>> jacobian(lambda x: [x[0] * x[1], x[1]])([3.0, 2.0])
    [[2.0, 3.0], [0.0, 1.0]]
    >>> jacobian(lambda x: [x[0] * x[1], x[1]], sparse=True)([3.0, 2.0])
    ([0, 0, 1], [0, 1, 1], [2.0, 3.0, 1.0])
    """
    check_function("jacobian", f, argnums)
    _check_sparse("jacobian", argnums, sparse)

    @functools.wraps(f)
    def matrix(*args: Any, **kwargs: Any) -> Any:
        call = call_function("jacobian", f, argnums, args, kwargs, has_aux)
        outputs, tree = many_values("jacobian", call.output)
        rows = list(_rows(outputs, call))
        found = _triplets(rows) if sparse else _blocks(rows, tree, call)
        return (found, call.aux) if has_aux else found

    return matrix


def hessian(
    f: Callable[..., Any], argnums: Argnums = 0, *, has_aux: bool = False, sparse: bool = False
) -> Callable[..., Any]:
    """The function that gives the second derivatives of f by each pair of numbers of its argument.

    It gives the structure of the argument, with the same structure in place of each number. The matrix is symmetric
    to the last bit.

    Args:
        f, argnums, has_aux: as for grad().
        sparse: give (rows, columns, values) instead, see jacobian().

    Structural zeros are skipped, and each pair of mixed derivatives is computed once: by the later number, then by the
    earlier one. If the two orders differ, as for a**b at a = 0, there is no second derivative.

    Raises:
        TypeError, ValueError: as grad() does; ValueError also if sparse, and argnums is a tuple.

    >>> hessian(lambda x: x[0] * x[0] * x[1])([3.0, 2.0])
    [[4.0, 6.0], [6.0, 0.0]]
    >>> hessian(lambda x: x[0] * x[0] * x[1], sparse=True)([3.0, 2.0])
    ([0, 0, 1], [0, 1, 0], [4.0, 6.0, 6.0])
    """
    check_function("hessian", f, argnums)
    _check_sparse("hessian", argnums, sparse)

    @functools.wraps(f)
    def symmetric(*args: Any, **kwargs: Any) -> Any:
        call = call_function("hessian", f, argnums, args, kwargs, has_aux)
        found = pull_back([one_value("hessian", call.output)], [1.0], set(call.inputs))
        rows = _symmetric(_rows([found.get(x, 0.0) for x in call.inputs], call))
        matrix = _triplets(rows) if sparse else _blocks(rows, call.tree, call)
        return (matrix, call.aux) if has_aux else matrix

    return symmetric


def _check_sparse(caller: str, argnums: Argnums, sparse: bool) -> None:
    if sparse and isinstance(argnums, (tuple, list)):
        raise ValueError(
            f"{caller}(sparse=True) differentiates by one argument, got argnums={argnums}; "
            "put these arguments into one tuple"
        )


# --------------------------------------------------------------------------- rows


def _rows(roots: Sequence[Number], call: Call) -> Iterator[Row]:
    """The derivatives of each root by the inputs: the rows of a matrix."""
    column = {x: i for i, x in enumerate(call.inputs)}
    for root in roots:
        found: dict[Value, Any] = {}
        if isinstance(root, Value):
            found = pull_back([root], [1.0], column) if call.wants_values else derivatives_by_inputs(root, call)
        row = {column[x]: derivative for x, derivative in found.items() if x in column}
        yield dict(sorted(row.items()))


def _symmetric(rows: Iterator[Row]) -> list[Row]:
    """The whole matrix from its lower half, so that both halves have the same bits."""
    whole: list[Row] = []
    for i, row in enumerate(rows):
        whole.append({})
        for j, x in row.items():
            if j <= i:
                whole[i][j] = whole[j][i] = x
    return whole


# --------------------------------------------------------------------------- results


def _triplets(rows: list[Row]) -> tuple[list[int], list[int], list[Number]]:
    entries = [(i, j, x) for i, row in enumerate(rows) for j, x in row.items()]
    return [i for i, _, _ in entries], [j for _, j, _ in entries], [x for _, _, x in entries]


def _blocks(rows: list[Row], tree: Tree, call: Call) -> Any:
    """The matrix in the structure of the result, with that of the argument in place of each number."""
    width = len(call.inputs)
    parts = []
    top = 0
    for leaf in leaves(tree):
        dense = [_dense(row, width, call.wants_values) for row in rows[top : top + leaf.size]]
        top += leaf.size
        parts.append(unflatten(call.tree, dense[0]) if leaf.shape is None else _stacked(dense, leaf.shape, call.tree))
    return fill(tree, parts)


def _dense(row: Row, width: int, wants_values: bool) -> list[Number]:
    if wants_values:
        return [as_value(row.get(j, 0.0)) for j in range(width)]
    dense: list[Number] = [0.0] * width
    for j, x in row.items():
        dense[j] = x
    return dense


def _stacked(dense: list[list[Number]], shape: tuple[int, ...], tree: Tree) -> Any:
    """The derivatives of an array of this shape: one array for each leaf of the argument."""
    parts = []
    left = 0
    for leaf in leaves(tree):
        numbers = [x for row in dense for x in row[left : left + leaf.size]]
        parts.append(array(numbers, shape + (leaf.shape or ())))
        left += leaf.size
    return fill(tree, parts)
