"""Derivatives of functions: grad, value_and_grad, jvp, vjp, jacobian, hessian, hvp, with JAX's names; and gradients.

A gradient is written as a graph of Values, node by node from the rows of the table, so it can be differentiated
again, drawn and compiled. Where numbers are asked for, the last derivative is a sweep of the engine.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Container, Iterator, Sequence
from numbers import Integral

from autograd import modes, ops
from autograd._typing import TYPE_CHECKING, final
from autograd.engine import Value, derivatives, topological_order
from autograd.operation import TABLE, is_real
from autograd.tree import array, fill, flatten, is_array, leaves, unflatten

if TYPE_CHECKING:
    from typing import Any

    from autograd.operation import Number
    from autograd.tree import Tree

    _Row = dict[int, Number]  # the entries that are not zero by structure, by their columns

# --------------------------------------------------------------------------- on graphs


def gradients(output: Value, inputs: Sequence[Value]) -> list[Value]:
    """The derivative of output by each input, as Values that are functions of the inputs.

    It can be differentiated again, drawn and compiled. An input that does not reach the output has the gradient 0.0.
    No `.grad` changes.

    Raises:
        TypeError: the output is not a Value, or the inputs are not Values.

    >>> x, y = Value(3.0), Value(2.0)
    >>> by_x, by_y = gradients(x * x * y, [x, y])
    >>> by_x.data, by_y.data
    (12.0, 9.0)
    >>> [g.data for g in gradients(by_x, [x, y])]
    [4.0, 6.0]
    """
    if not isinstance(output, Value):
        raise TypeError(f"gradients() differentiates a Value, got {type(output).__name__}; {_LOST}")
    if isinstance(inputs, Value):
        raise TypeError("gradients() takes a list of inputs, got a Value; write gradients(y, [x])")
    for x in inputs:
        if not isinstance(x, Value):
            raise TypeError(f"gradients() takes Values as inputs, got {type(x).__name__} among them; pass Value(x)")
    found = _pull_back([output], [1.0], set(inputs))
    return [_as_value(found.get(x, 0.0)) for x in inputs]


def _pull_back(roots: Sequence[Number], seeds: Sequence[Number], inputs: Container[Value]) -> dict[Value, Number]:
    """Reverse mode: the derivative of the sum of seed * root by each input, and by what lies between.

    A float if it is a constant; nothing if no gradient flows.
    """
    _tell_watch(roots, seeds)
    with modes.enable_grad():
        sums: dict[Value, Number] = {}
        for root, seed in zip(roots, seeds):
            if isinstance(root, Value):
                sums[root] = seed if root not in sums else ops.add(sums[root], seed)
        order = topological_order(*sums)
        depending = _depending(order, inputs)
        for node in reversed(order):
            if node not in depending or node not in sums:
                continue
            total = sums[node]
            for operand, partial in _partials(node, depending):
                product = _scaled(total, partial)
                sums[operand] = product if operand not in sums else ops.add(sums[operand], product)
        return sums


def _push_forward(roots: Sequence[Number], tangents: dict[Value, Number]) -> list[Number]:
    """Forward mode: the derivative of each root in the direction of the tangents; a float if it is a constant."""
    sums = dict(tangents)
    order = topological_order(*[root for root in roots if isinstance(root, Value)])
    depending = _depending(order, tangents)
    with modes.enable_grad():
        for node in order:
            if node in depending and node not in sums:
                products = [_scaled(sums[operand], partial) for operand, partial in _partials(node, depending)]
                sums[node] = functools.reduce(ops.add, products)
    return [sums.get(root, 0.0) if isinstance(root, Value) else 0.0 for root in roots]


def _tell_watch(roots: Sequence[Number], seeds: Sequence[Number]) -> None:
    _, _, watch = modes.current()
    if watch is not None:
        for root, seed in zip(roots, seeds):
            if isinstance(root, Value):
                watch.differentiating(root, seed)


def _depending(order: list[Value], inputs: Container[Value]) -> set[Value]:
    """The nodes from which a gradient flows to an input, and the inputs."""
    depending: set[Value] = set()
    for node in order:
        if node in inputs or not depending.isdisjoint(node.inputs):
            depending.add(node)
    return depending


def _partials(node: Value, depending: set[Value]) -> Iterator[tuple[Value, Number]]:
    """The operands that depend on an input, each with the partial derivative by it, made of rows of the table."""
    operands = node.operands
    if operands:  # it is no input
        partials = TABLE[node.op].partials  # type: ignore[index]
        for operand, slope, partial in zip(operands, node._slopes, partials):
            if slope is not None and operand in depending:
                yield operand, partial(node, *operands)  # type: ignore[misc]


def _scaled(derivative: Number, partial: Number) -> Number:
    """Their product, without a node for a factor 1 or -1."""
    if type(partial) is float:
        if partial == 1.0:
            return derivative
        if partial == -1.0:
            return ops.negative(derivative)
    if type(derivative) is float and derivative == 1.0:
        return partial
    return ops.multiply(derivative, partial)


def _as_value(number: Number) -> Value:
    return number if isinstance(number, Value) else Value(number)


# --------------------------------------------------------------------------- functions of functions


def grad(f: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """The function that gives the gradient of f, in the structure of its argument.

    Args:
        f: takes numbers, or nested lists, tuples, dicts and NumPy arrays of numbers, and gives a Value.
        argnums: by which argument; by several if it is a tuple, and the result is a tuple then.

    Of floats the gradient is made of floats. If Values are among the arguments, or if it is called while another
    function is being differentiated, it is made of Values: so grad(grad(f)) is the second derivative.

    Raises:
        TypeError: f gives no Value, or an argument holds something other than numbers.
        ValueError: argnums is out of range.

    >>> grad(lambda x: x * x)(3.0)
    6.0
    >>> grad(grad(lambda x: x * x * x))(3.0)
    18.0
    >>> grad(lambda p: p["a"] * p["b"][1])({"a": 2.0, "b": [3.0, 5.0]})
    {'a': 5.0, 'b': [0.0, 2.0]}
    """
    both = value_and_grad(f, argnums)

    @functools.wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return gradient


def value_and_grad(f: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., tuple[Any, Any]]:
    """The function that gives the result of f and its gradient, see grad().

    >>> value_and_grad(lambda x: x * x)(3.0)
    (9.0, 6.0)
    """

    @functools.wraps(f)
    def both(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        call = _call("grad", f, argnums, args, kwargs)
        output = _scalar("grad", call.output)
        if call.wants_values:
            return output, unflatten(call.tree, gradients(output, call.inputs))
        _tell_watch([output], [1.0])
        found = derivatives(output)
        return output.data, unflatten(call.tree, [found.get(x, 0.0) for x in call.inputs])

    return both


def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Forward mode: the result of f, and its derivative in the direction of the tangents.

    Args:
        f: takes numbers, or nested lists, tuples, dicts and NumPy arrays of numbers, and gives such a structure.
        primals: the arguments, a list or tuple.
        tangents: one for each argument, of the same structure.

    Raises:
        TypeError, ValueError: as grad() does, or the tangents are of another structure.

    >>> jvp(lambda x, y: x * y, (3.0, 2.0), (1.0, 0.0))
    (6.0, 2.0)
    """
    _check_sequence("jvp", "primals", primals)
    _check_sequence("jvp", "tangents", tangents)
    call = _call("jvp", f, tuple(range(len(primals))), tuple(primals), {})
    directions = _matching("jvp", "tangents", tuple(tangents), "primals", call.tree)
    outputs, tree = _structured("jvp", call.output)
    wants_values = call.wants_values or any(isinstance(x, Value) for x in directions)
    slopes = _push_forward(outputs, dict(zip(call.inputs, directions)))
    return _result(tree, outputs, wants_values), _result(tree, slopes, wants_values)


def vjp(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Reverse mode: the result of f, and the function from a cotangent of it to one of each argument.

    The cotangent has the structure of the result; the function gives a tuple with the structure of each argument.

    Raises:
        TypeError, ValueError: as grad() does, or the cotangent is of another structure.

    >>> y, pull_back = vjp(lambda x: [x * x, 3 * x], 2.0)
    >>> y, pull_back([1.0, 10.0])
    ([4.0, 6.0], (34.0,))
    """
    call = _call("vjp", f, tuple(range(len(primals))), primals, {})
    outputs, tree = _structured("vjp", call.output)

    def pull_back(cotangent: Any) -> tuple[Any, ...]:
        seeds = _matching("vjp", "a cotangent", cotangent, "the result", tree)
        wants_values = call.wants_values or any(isinstance(x, Value) for x in seeds)
        found = _pull_back(outputs, seeds, set(call.inputs))
        numbers = [found.get(x, 0.0) for x in call.inputs]
        return _result(call.tree, numbers, wants_values)  # type: ignore[no-any-return]  # a tuple, as argnums is one

    return _result(tree, outputs, call.wants_values), pull_back


def jacobian(f: Callable[..., Any], argnums: int | tuple[int, ...] = 0, *, sparse: bool = False) -> Callable[..., Any]:
    """The function that gives the derivative of each number f gives by each number of its argument.

    The result has the structure of what f gives, and in place of each number the structure of the argument; for
    arrays it is an array of the shape of the first followed by that of the second.

    Args:
        f, argnums: as of grad(), but f gives numbers in any structure.
        sparse: give (rows, columns, values) instead, lists of the entries that are not zero by structure, of the
            flattened result by the flattened argument: scipy.sparse.coo_array((values, (rows, columns))).

    Only entries between numbers that depend on one another are computed.

    Raises:
        TypeError, ValueError: as grad() does; ValueError: sparse, and argnums names several arguments.

    >>> jacobian(lambda x: [x[0] * x[1], x[1]])([3.0, 2.0])
    [[2.0, 3.0], [0.0, 1.0]]
    >>> jacobian(lambda x: [x[0] * x[1], x[1]], sparse=True)([3.0, 2.0])
    ([0, 0, 1], [0, 1, 1], [2.0, 3.0, 1.0])
    """
    _check_sparse("jacobian", argnums, sparse)

    @functools.wraps(f)
    def matrix(*args: Any, **kwargs: Any) -> Any:
        call = _call("jacobian", f, argnums, args, kwargs)
        outputs, tree = _structured("jacobian", call.output)
        rows = list(_rows(outputs, call))
        return _triplets(rows) if sparse else _blocks(rows, tree, call)

    return matrix


def hessian(f: Callable[..., Any], argnums: int | tuple[int, ...] = 0, *, sparse: bool = False) -> Callable[..., Any]:
    """The function that gives the second derivatives of f by each pair of numbers of its argument.

    The result has the structure of the argument, and in place of each number that structure again; it is symmetric
    to the last bit.

    Args:
        f, argnums: as of grad().
        sparse: give (rows, columns, values) instead, see jacobian().

    Only entries between numbers that depend on one another are computed.

    Raises:
        TypeError, ValueError: as grad() does; ValueError: sparse, and argnums names several arguments.

    >>> hessian(lambda x: x[0] * x[0] * x[1])([3.0, 2.0])
    [[4.0, 6.0], [6.0, 0.0]]
    >>> hessian(lambda x: x[0] * x[0] * x[1], sparse=True)([3.0, 2.0])
    ([0, 0, 1], [0, 1, 0], [4.0, 6.0, 6.0])
    """
    _check_sparse("hessian", argnums, sparse)

    @functools.wraps(f)
    def matrix(*args: Any, **kwargs: Any) -> Any:
        call = _call("hessian", f, argnums, args, kwargs)
        found = _pull_back([_scalar("hessian", call.output)], [1.0], set(call.inputs))
        rows = _symmetric(_rows([found.get(x, 0.0) for x in call.inputs], call))
        return _triplets(rows) if sparse else _blocks(rows, call.tree, call)

    return matrix


def hvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """The Hessian of f times a vector, without the Hessian: the derivative of its gradient along the tangents.

    Args:
        f, primals, tangents: as of jvp(), but f gives one Value.

    It has the structure of the argument, if there are several that of the tuple of them.

    Raises:
        TypeError, ValueError: as jvp() does.

    >>> hvp(lambda x: x[0] * x[0] * x[1], ([3.0, 2.0],), ([1.0, 0.0],))
    [4.0, 6.0]
    """
    _check_sequence("hvp", "primals", primals)
    argnums = 0 if len(primals) == 1 else tuple(range(len(primals)))
    return jvp(grad(f, argnums), primals, tangents)[1]


# --------------------------------------------------------------------------- calling f


@final
class _Call:
    """A call of a function that is differentiated."""

    def __init__(self, inputs: list[Value], output: Any, tree: Tree, wants_values: bool) -> None:
        self.inputs = inputs  # the numbers of the arguments it is differentiated by
        self.output = output
        self.tree = tree  # of the argument; of a tuple of arguments if argnums is a tuple
        self.wants_values = wants_values


class _Nesting(threading.local):
    """How many functions are being differentiated in this thread, one within the other."""

    depth = 0


_nesting = _Nesting()


def _call(
    caller: str, f: Callable[..., Any], argnums: int | tuple[int, ...], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> _Call:
    """Call f on Values of its own, so that no other use of the arguments is taken for this one."""
    chosen = _chosen(caller, argnums, len(args))
    by = tuple([args[i] for i in chosen]) if isinstance(argnums, tuple) else args[chosen[0]]
    numbers, tree = flatten(by, caller)
    wants_values = _nesting.depth > 0 or _holds_value(args) or _holds_value(kwargs)
    with modes.enable_grad():
        inputs = [ops.multiply(x, 1.0) if isinstance(x, Value) else Value(x) for x in numbers]
        passed = unflatten(tree, inputs)
        arguments = list(args)
        for i, argument in zip(chosen, passed if isinstance(argnums, tuple) else [passed]):
            arguments[i] = argument
        _nesting.depth += 1
        try:
            output = f(*arguments, **kwargs)
        finally:
            _nesting.depth -= 1
    return _Call(inputs, output, tree, wants_values)


def _chosen(caller: str, argnums: int | tuple[int, ...], count: int) -> list[int]:
    """The positions of the arguments, from 0."""
    chosen: list[int] = []
    for i in argnums if isinstance(argnums, tuple) else (argnums,):
        if not isinstance(i, Integral) or isinstance(i, bool):
            raise TypeError(
                f"argnums is the number of an argument, or a tuple of such, got {argnums!r}; write argnums=0"
            )
        if not -count <= i < count:
            raise ValueError(
                f"{caller}() by argument {i} of a call with {count} positional arguments; "
                f"count from 0, and pass what is differentiated by position"
            )
        chosen.append(int(i) % count)
    if len(set(chosen)) < len(chosen):
        raise ValueError(f"argnums names an argument twice: {argnums}; name each one once")
    return chosen


def _holds_value(x: object) -> bool:
    """Whether a Value is among the numbers of an argument that may be anything."""
    if isinstance(x, (list, tuple)):
        return any(map(_holds_value, x))
    if isinstance(x, dict):
        return any(map(_holds_value, x.values()))
    return isinstance(x, Value) or (is_array(x) and x.dtype == object and _holds_value(x.ravel().tolist()))  # type: ignore[attr-defined]


_LOST = (
    "a number that went through .data, float() or a function of math has lost its gradient, so use Values "
    "and functions of autograd throughout"
)


def _scalar(caller: str, output: object) -> Value:
    if isinstance(output, Value):
        return output
    kind = type(output).__name__
    if is_real(output):
        raise TypeError(f"{caller}() differentiates a function that gives a Value, got the {kind} {output!r}; {_LOST}")
    if output is None:
        raise TypeError(f"{caller}() differentiates a function that gives a Value, got None; does it lack a return?")
    raise TypeError(
        f"{caller}() differentiates a function that gives one Value, got {kind}; "
        "use jacobian() for a function that gives several, or add them up: autograd.sum"
    )


def _structured(caller: str, output: object) -> tuple[list[Number], Tree]:
    """The numbers of a result, at least one of which is a Value."""
    if output is None:
        raise TypeError(f"{caller}() differentiates a function that gives Values, got None; does it lack a return?")
    numbers, tree = flatten(output, "the result of f, of which " + caller)
    if numbers and not any(isinstance(x, Value) for x in numbers):
        raise TypeError(f"{caller}() differentiates a function that gives Values, got floats alone; {_LOST}")
    return numbers, tree


def _matching(caller: str, name: str, given: object, other: str, tree: Tree) -> list[Number]:
    """The numbers of what must be nested as something else is."""
    numbers, given_tree = flatten(given, caller)
    if given_tree != tree:
        raise ValueError(f"{caller}() takes {name} nested as {other}, got {given!r}; give one number for each of them")
    return numbers


def _check_sequence(caller: str, name: str, given: object) -> None:
    if not isinstance(given, (list, tuple)):
        kind = type(given).__name__
        raise TypeError(f"{caller}() takes {name} as a tuple, one for each argument, got {kind}; write (x,) for one")


def _check_sparse(caller: str, argnums: int | tuple[int, ...], sparse: bool) -> None:
    if sparse and isinstance(argnums, tuple):
        raise ValueError(f"{caller}(sparse=True) is by one argument, got argnums={argnums}; pass a tuple as that one")


def _result(tree: Tree, numbers: Sequence[Number], wants_values: bool) -> Any:
    return unflatten(tree, [_as_value(x) if wants_values else float(x) for x in numbers])


# --------------------------------------------------------------------------- matrices


def _rows(roots: Sequence[Number], call: _Call) -> Iterator[_Row]:
    """The derivatives of each root by the inputs."""
    column = {x: i for i, x in enumerate(call.inputs)}
    for root in roots:
        found: dict[Value, Any] = {}
        if isinstance(root, Value):
            found = _pull_back([root], [1.0], column) if call.wants_values else derivatives(root)
        row = {column[x]: derivative for x, derivative in found.items() if x in column}
        yield dict(sorted(row.items()))


def _symmetric(rows: Iterator[_Row]) -> list[_Row]:
    """A symmetric matrix, made of its lower half so that both have the same bits."""
    result: list[_Row] = []
    for i, row in enumerate(rows):
        result.append({})
        for j, x in row.items():
            if j <= i:
                result[i][j] = result[j][i] = x
    return result


def _triplets(rows: list[_Row]) -> tuple[list[int], list[int], list[Number]]:
    entries = [(i, j, x) for i, row in enumerate(rows) for j, x in row.items()]
    return [i for i, _, _ in entries], [j for _, j, _ in entries], [x for _, _, x in entries]


def _blocks(rows: list[_Row], tree: Tree, call: _Call) -> Any:
    """The matrix in the structure of the result, and within it of the argument."""
    width = len(call.inputs)
    parts = []
    top = 0
    for leaf in leaves(tree):
        dense = [_dense(row, width, call.wants_values) for row in rows[top : top + leaf.size]]
        top += leaf.size
        parts.append(unflatten(call.tree, dense[0]) if leaf.shape is None else _stacked(dense, leaf.shape, call.tree))
    return fill(tree, parts)


def _dense(row: _Row, width: int, wants_values: bool) -> list[Number]:
    if wants_values:
        return [_as_value(row.get(j, 0.0)) for j in range(width)]
    dense: list[Number] = [0.0] * width
    for j, x in row.items():
        dense[j] = x
    return dense


def _stacked(dense: list[list[Number]], shape: tuple[int, ...], tree: Tree) -> Any:
    """The derivatives of an array of this shape: for each leaf of the argument one array."""
    parts = []
    left = 0
    for leaf in leaves(tree):
        numbers = [x for row in dense for x in row[left : left + leaf.size]]
        parts.append(array(numbers, shape + (leaf.shape or ())))
        left += leaf.size
    return fill(tree, parts)
