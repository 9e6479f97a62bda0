"""Functions of functions: grad, value_and_grad, jvp, vjp and hvp, with JAX's names. Matrices are in `matrices.py`.

They build on the graphs of `chain_rule.py`. If only floats are needed, the last derivative is a sweep of the engine.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from types import FunctionType

from autograd._typing import TYPE_CHECKING
from autograd.derivatives.calls import (
    argnums_of_all,
    call_function,
    check_function,
    check_sequence,
    derivatives_by_inputs,
    many_values,
    matching_numbers,
    needs_no_graph,
    one_value,
    result,
)
from autograd.derivatives.chain_rule import as_value, pull_back
from autograd.derivatives.forward import push_forward
from autograd.engine import Value, derivatives
from autograd.pytree import unflatten

if TYPE_CHECKING:
    from typing import Any

    from autograd.derivatives.calls import Argnums


def grad(f: Callable[..., Any], argnums: Argnums = 0, *, has_aux: bool = False) -> Callable[..., Any]:
    """The function that gives the gradient of f, in the structure of its argument.

    Args:
        f: takes numbers, or nested lists, tuples, dicts and NumPy arrays of numbers, and gives a number.
        argnums: the position of the argument to differentiate by. For a tuple or list of them the result is a tuple.
        has_aux: f gives (result, aux), and the function gives (gradient, aux); aux may be anything.

    Where f gives a float, it is constant, and its derivative is 0. To take a number out of a Value that depends on the
    argument, such as by float(), is an error; see docs/derivatives.md.

    Floats in, floats out. With Values among the arguments, or inside another function that is being differentiated,
    the gradient consists of Values, so grad(grad(f)) is the second derivative.

    Raises:
        TypeError: f gives no number or takes one out of a Value, or an argument holds something other than numbers.
        ValueError: argnums is out of range.
        RuntimeError: f changes `.data` of a Value after its use, and the gradient consists of Values.

    >>> grad(lambda x: x * x)(3.0)
    6.0
    >>> grad(grad(lambda x: x * x * x))(3.0)
    18.0
    >>> grad(lambda p: p["a"] * p["b"][1])({"a": 2.0, "b": [3.0, 5.0]})
    {'a': 5.0, 'b': [0.0, 2.0]}
    >>> grad(lambda x: (x * x, "a note"), has_aux=True)(3.0)
    (6.0, 'a note')
    """
    both = _value_and_grad("grad", f, argnums, has_aux)

    @functools.wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, found = both(*args, **kwargs)
        return (found, value[1]) if has_aux else found

    return gradient


def value_and_grad(
    f: Callable[..., Any], argnums: Argnums = 0, *, has_aux: bool = False
) -> Callable[..., tuple[Any, Any]]:
    """The function that gives the result of f and its gradient, see grad(); with has_aux, ((result, aux), gradient).

    >>> value_and_grad(lambda x: x * x)(3.0)
    (9.0, 6.0)
    """
    return _value_and_grad("value_and_grad", f, argnums, has_aux)


def _value_and_grad(
    caller: str, f: Callable[..., Any], argnums: Argnums, has_aux: bool
) -> Callable[..., tuple[Any, Any]]:
    check_function(caller, f, argnums)

    @functools.wraps(f)
    def both(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        call = call_function(caller, f, argnums, args, kwargs, has_aux)
        output = one_value(caller, call.output)
        if call.wants_values and needs_no_graph():
            slopes = derivatives(output) if isinstance(output, Value) else {}
            numbers: list[Any] = [Value(slopes.get(x, 0.0)) for x in call.inputs]
        elif call.wants_values:
            by_inputs = pull_back([output], [1.0], set(call.inputs))
            numbers = [as_value(by_inputs.get(x, 0.0)) for x in call.inputs]
        else:
            found = derivatives_by_inputs(output, call)
            numbers = [found.get(x, 0.0) for x in call.inputs]
        value = as_value(output) if call.wants_values else float(output)
        return (value, call.aux) if has_aux else value, unflatten(call.tree, numbers)

    return both


_CODES = frozenset(getattr(transform(abs), "__code__", None) for transform in (grad, value_and_grad))


def is_derivative(f: object) -> bool:
    """Whether grad() or value_and_grad() gave this function."""
    return type(f) is FunctionType and f.__code__ in _CODES


def jvp(
    f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], *, has_aux: bool = False
) -> tuple[Any, ...]:
    """Forward mode: the result of f, and its derivative in the direction of the tangents.

    Args:
        f: takes numbers, or nested lists, tuples, dicts and NumPy arrays of numbers, and gives such a structure.
        primals: the arguments, a list or tuple.
        tangents: one for each argument, of the same structure.
        has_aux: f gives (result, aux), and jvp() gives (result, derivative, aux); aux may be anything.

    Raises:
        TypeError, ValueError: as grad() does, or the tangents are of another structure.

    >>> jvp(lambda x, y: x * y, (3.0, 2.0), (1.0, 0.0))
    (6.0, 2.0)
    """
    return _jvp("jvp", f, primals, tangents, has_aux)


def _jvp(
    caller: str, f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False
) -> tuple[Any, ...]:
    argnums = argnums_of_all(caller, primals)
    check_function(caller, f, argnums)
    check_sequence(caller, "tangents", tangents)
    call = call_function(caller, f, argnums, tuple(primals), {}, has_aux)
    directions = matching_numbers(caller, "tangents", tuple(tangents), "primals", call.tree)
    outputs, tree = many_values(caller, call.output)
    wants_values = call.wants_values or any(isinstance(x, Value) for x in directions)
    slopes = push_forward(outputs, dict(zip(call.inputs, directions)))
    found = result(tree, outputs, wants_values), result(tree, slopes, wants_values)
    return (*found, call.aux) if has_aux else found


def vjp(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """Reverse mode: the result of f, and a function that pulls a cotangent of the result back to the arguments.

    The cotangent has the structure of the result. The function gives a tuple: for each argument the derivative of the
    sum of cotangent * result, in the structure of the argument. With has_aux, f gives (result, aux), and aux is the
    last of three results.

    Raises:
        TypeError, ValueError: as grad() does, or the cotangent is of another structure.

    >>> y, pull_back = vjp(lambda x: [x * x, 3 * x], 2.0)
    >>> y, pull_back([1.0, 10.0])
    ([4.0, 6.0], (34.0,))
    """
    argnums = argnums_of_all("vjp", primals)
    check_function("vjp", f, argnums)
    call = call_function("vjp", f, argnums, primals, {}, has_aux)
    outputs, tree = many_values("vjp", call.output)

    def transpose(cotangent: Any) -> tuple[Any, ...]:
        seeds = matching_numbers("vjp", "a cotangent", cotangent, "the result", tree)
        wants_values = call.wants_values or any(isinstance(x, Value) for x in seeds)
        found = pull_back(outputs, seeds, set(call.inputs))
        numbers = [found.get(x, 0.0) for x in call.inputs]
        return result(call.tree, numbers, wants_values)  # type: ignore[no-any-return]  # a tuple, as argnums is one

    output = result(tree, outputs, call.wants_values)
    return (output, transpose, call.aux) if has_aux else (output, transpose)


def hvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """The Hessian of f times a vector, without the Hessian: the derivative of the gradient along the tangents.

    Args:
        f, primals, tangents: as for jvp(), but f gives one number.

    The product has the structure of the argument, or of the tuple of arguments if there are several.

    Raises:
        TypeError, ValueError: as jvp() does.

    >>> hvp(lambda x: x[0] * x[0] * x[1], ([3.0, 2.0],), ([1.0, 0.0],))
    [4.0, 6.0]
    """
    argnums = argnums_of_all("hvp", primals)
    check_function("hvp", f, argnums)
    return _jvp("hvp", grad(f, 0 if len(primals) == 1 else argnums), primals, tangents)[1]
