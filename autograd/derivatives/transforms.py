"""Derivatives of functions: grad, value_and_grad, jvp, vjp, jacobian, hessian, hvp, with JAX's names.

They rest on the graphs of `chain_rule.py`; where numbers are asked for, the last derivative is a sweep of the engine.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator, Sequence
from numbers import Integral

from autograd._typing import TYPE_CHECKING, final
from autograd.derivatives.chain_rule import LOST, as_value, gradients, is_traced, pull_back, push_forward
from autograd.engine import Value, derivatives, modes, topological_order
from autograd.operations import table
from autograd.operations.coercion import is_real
from autograd.pytree import arranged, array, fill, flatten, is_array, leaves, unflatten

if TYPE_CHECKING:
    from typing import Any

    from autograd.operations.operation import Number
    from autograd.pytree import Tree

    _Row = dict[int, Number]  # the entries that are not zero by structure, by their columns

# --------------------------------------------------------------------------- functions of functions


def grad(f: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """The function that gives the gradient of f, in the structure of its argument.

    Args:
        f: takes numbers, or nested lists, tuples, dicts and NumPy arrays of numbers, and gives a Value.
        argnums: by which argument; by several if it is a tuple, and the result is a tuple then.

    A dict of another kind, a defaultdict say, is passed on and given back as a plain dict.

    Of floats the gradient is made of floats. If Values are among the arguments, or if it is called while another
    function is being differentiated, it is made of Values: so grad(grad(f)) is the second derivative.

    Raises:
        TypeError: f gives no Value, or an argument holds something other than numbers.
        ValueError: argnums is out of range.
        RuntimeError: f changes `.data` of what it has used, and derivatives of Values are asked for.

    >>> grad(lambda x: x * x)(3.0)
    6.0
    >>> grad(grad(lambda x: x * x * x))(3.0)
    18.0
    >>> grad(lambda p: p["a"] * p["b"][1])({"a": 2.0, "b": [3.0, 5.0]})
    {'a': 5.0, 'b': [0.0, 2.0]}
    """
    _check_function("grad", f, argnums)
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
    _check_function("value_and_grad", f, argnums)

    @functools.wraps(f)
    def both(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        call = _call("grad", f, argnums, args, kwargs)
        output = _scalar("grad", call.output)
        if call.wants_values:
            return output, unflatten(call.tree, gradients(output, call.inputs))
        found = _derivatives(output, call)
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
    return _jvp("jvp", f, primals, tangents)


def _jvp(caller: str, f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    argnums = _every(caller, primals)
    _check_function(caller, f, argnums)
    _check_sequence(caller, "tangents", tangents)
    call = _call(caller, f, argnums, tuple(primals), {})
    directions = _matching(caller, "tangents", tuple(tangents), "primals", call.tree)
    outputs, tree = _structured(caller, call.output)
    wants_values = call.wants_values or any(isinstance(x, Value) for x in directions)
    slopes = push_forward(outputs, dict(zip(call.inputs, directions)))
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
    argnums = _every("vjp", primals)
    _check_function("vjp", f, argnums)
    call = _call("vjp", f, argnums, primals, {})
    outputs, tree = _structured("vjp", call.output)

    def transpose(cotangent: Any) -> tuple[Any, ...]:
        seeds = _matching("vjp", "a cotangent", cotangent, "the result", tree)
        wants_values = call.wants_values or any(isinstance(x, Value) for x in seeds)
        found = pull_back(outputs, seeds, set(call.inputs))
        numbers = [found.get(x, 0.0) for x in call.inputs]
        return _result(call.tree, numbers, wants_values)  # type: ignore[no-any-return]  # a tuple, as argnums is one

    return _result(tree, outputs, call.wants_values), transpose


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
    _check_function("jacobian", f, argnums)
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

    Only entries between numbers that depend on one another are computed, and of the two mixed derivatives of a pair
    that by the later number, then by the earlier one. Where the two are not the same, as those of a**b at a = 0, there
    is no second derivative.

    Raises:
        TypeError, ValueError: as grad() does; ValueError: sparse, and argnums names several arguments.

    >>> hessian(lambda x: x[0] * x[0] * x[1])([3.0, 2.0])
    [[4.0, 6.0], [6.0, 0.0]]
    >>> hessian(lambda x: x[0] * x[0] * x[1], sparse=True)([3.0, 2.0])
    ([0, 0, 1], [0, 1, 0], [4.0, 6.0, 6.0])
    """
    _check_function("hessian", f, argnums)
    _check_sparse("hessian", argnums, sparse)

    @functools.wraps(f)
    def matrix(*args: Any, **kwargs: Any) -> Any:
        call = _call("hessian", f, argnums, args, kwargs)
        found = pull_back([_scalar("hessian", call.output)], [1.0], set(call.inputs))
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
    argnums = _every("hvp", primals)
    _check_function("hvp", f, argnums)
    return _jvp("hvp", grad(f, 0 if len(primals) == 1 else argnums), primals, tangents)[1]


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
_under_way: dict[int, list[Value]] = {}
"""The inputs of all of them, in whatever thread."""


def _call(
    caller: str, f: Callable[..., Any], argnums: int | tuple[int, ...], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> _Call:
    """Call f on Values of its own, so that no other use of the arguments is taken for this one."""
    chosen = _chosen(caller, argnums, len(args))
    by = tuple([args[i] for i in chosen]) if isinstance(argnums, tuple) else args[chosen[0]]
    numbers, tree = flatten(by, f"{caller}() is by", "bind what is no number beforehand: lambda x: f(x, option)")
    wants_values = _nesting.depth > 0 or is_traced() or any(True for _ in _values_in((args, kwargs)))
    with modes.enable_grad():
        inputs = [table.multiply(x, 1.0) if isinstance(x, Value) else Value(x) for x in numbers]
        passed = unflatten(tree, inputs)
        arguments = list(args)
        for i, argument in zip(chosen, passed if isinstance(argnums, tuple) else [passed]):
            arguments[i] = argument
        _under_way[id(inputs)] = inputs
        _nesting.depth += 1
        try:
            output = f(*arguments, **kwargs)
        finally:
            _nesting.depth -= 1
            del _under_way[id(inputs)]
    return _Call(inputs, output, tree, wants_values or _is_nested(output))


def _is_nested(output: object) -> bool:
    """Whether a result depends on what another thread differentiates by, which may have started this one."""
    others = {x for inputs in tuple(_under_way.values()) for x in inputs}
    if not others:
        return False
    return not others.isdisjoint(topological_order(*_values_in(output)))


def _chosen(caller: str, argnums: int | tuple[int, ...], count: int) -> list[int]:
    """The positions of the arguments, from 0."""
    chosen: list[int] = []
    for i in argnums if isinstance(argnums, tuple) else (argnums,):
        if not -count <= i < count:
            raise ValueError(
                f"{caller}() by argument {i} of a call with {count} positional arguments; "
                f"count from 0, and pass what is differentiated by position"
            )
        chosen.append(int(i) % count)
    if len(set(chosen)) < len(chosen):
        raise ValueError(f"argnums names an argument twice: {argnums}; name each one once")
    return chosen


def _values_in(x: object) -> Iterator[Value]:
    """The Values in an argument or a result, which may be anything."""
    if isinstance(x, Value):
        yield x
    elif isinstance(x, (list, tuple)):
        for item in x:
            yield from _values_in(item)
    elif isinstance(x, dict):
        yield from _values_in(tuple(x.values()))
    elif is_array(x) and x.dtype == object:  # type: ignore[attr-defined]
        yield from _values_in(x.ravel().tolist())  # type: ignore[attr-defined]


def _scalar(caller: str, output: object) -> Value:
    if isinstance(output, Value):
        return output
    kind = type(output).__name__
    if is_real(output):
        raise TypeError(f"{caller}() differentiates a function that gives a Value, got the {kind} {output!r}; {LOST}")
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
    numbers, tree = flatten(output, f"{caller}() differentiates a function that gives", "give the numbers alone")
    if numbers and not any(isinstance(x, Value) for x in numbers):
        raise TypeError(f"{caller}() differentiates a function that gives Values, got floats alone; {LOST}")
    return numbers, tree


def _matching(caller: str, name: str, given: object, other: str, tree: Tree) -> list[Number]:
    """The numbers of what must be nested as something else is."""
    numbers, given_tree = flatten(arranged(given, tree), f"{caller}() takes as {name}", "pass a number for each number")
    if given_tree != tree:
        raise ValueError(f"{caller}() takes {name} nested as {other}, got {given!r}; give a number for each number")
    return numbers


def _check_function(caller: str, f: object, argnums: object) -> None:
    if not callable(f):
        kind = type(f).__name__
        remedy = "for a graph there is gradients(y, [x])" if isinstance(f, Value) else "pass the function itself"
        raise TypeError(f"{caller}() differentiates a function, got {kind}; {remedy}")
    numbers = argnums if isinstance(argnums, tuple) else (argnums,)
    if not numbers or any(not isinstance(i, Integral) or isinstance(i, bool) for i in numbers):
        raise TypeError(
            f"{caller}() takes as argnums the number of an argument or a tuple of such, got {argnums!r}; "
            "write argnums=0 for the first argument, argnums=(0, 1) for the first two; "
            "the arguments are those of the function it gives"
        )


def _every(caller: str, primals: Sequence[Any]) -> tuple[int, ...]:
    """The numbers of all arguments."""
    _check_sequence(caller, "primals", primals)
    if not primals:
        raise ValueError(f"{caller}() takes at least one argument to differentiate by, got none; pass them as primals")
    return tuple(range(len(primals)))


def _check_sequence(caller: str, name: str, given: object) -> None:
    if not isinstance(given, (list, tuple)):
        kind = type(given).__name__
        raise TypeError(f"{caller}() takes {name} as a tuple, one for each argument, got {kind}; write (x,) for one")


def _check_sparse(caller: str, argnums: int | tuple[int, ...], sparse: bool) -> None:
    if sparse and isinstance(argnums, tuple):
        raise ValueError(f"{caller}(sparse=True) is by one argument, got argnums={argnums}; pass a tuple as that one")


def _result(tree: Tree, numbers: Sequence[Number], wants_values: bool) -> Any:
    return unflatten(tree, [as_value(x) if wants_values else float(x) for x in numbers])


# --------------------------------------------------------------------------- matrices


def _rows(roots: Sequence[Number], call: _Call) -> Iterator[_Row]:
    """The derivatives of each root by the inputs."""
    column = {x: i for i, x in enumerate(call.inputs)}
    for root in roots:
        found: dict[Value, Any] = {}
        if isinstance(root, Value):
            found = pull_back([root], [1.0], column) if call.wants_values else _derivatives(root, call)
        row = {column[x]: derivative for x, derivative in found.items() if x in column}
        yield dict(sorted(row.items()))


def _derivatives(root: Value, call: _Call) -> dict[Value, float]:
    """The derivative of a root by each input, and by other leaves, as numbers."""
    if modes.ENTERED and (watch := modes.current()[2]) is not None:
        watch.differentiating(root, 1.0, set(call.inputs))
    return derivatives(root)


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
        return [as_value(row.get(j, 0.0)) for j in range(width)]
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
