"""Call the function to differentiate on new Values, and check its arguments and its results."""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Iterator, Sequence
from numbers import Integral

from autograd._typing import TYPE_CHECKING, final
from autograd.derivatives.chain_rule import as_value
from autograd.engine import Value, derivatives, topological_order
from autograd.engine.state import HERE, current
from autograd.engine.watch import UNDER_WAY, Watch, end_watches, is_traced
from autograd.operations import table
from autograd.operations.coercion import is_real, real
from autograd.pytree import array, flatten, is_array, unflatten, with_keys_in_order

if TYPE_CHECKING:
    from typing import Any, SupportsFloat, Union

    from autograd.engine.state import State
    from autograd.operations.operation import Number
    from autograd.pytree import Tree

    Argnums = Union[int, tuple[int, ...], list[int]]  # the positions of the arguments to differentiate by


@final
class Call:
    """One call of a function to differentiate.

    Attributes:
        inputs: the Values to differentiate by, one for each number of the chosen arguments.
        output: the result of the function.
        aux: what the function gives beside it, with has_aux.
        tree: the structure of the argument, or of a tuple of arguments if argnums is a tuple or list.
        wants_values: whether the derivative is made of Values, so that it can be differentiated again.
    """

    def __init__(self, inputs: list[Value], output: Any, aux: Any, tree: Tree, wants_values: bool) -> None:
        self.inputs = inputs
        self.output = output
        self.aux = aux if wants_values else _as_floats(aux)
        self.tree = tree
        self.wants_values = wants_values


class _Nesting(threading.local):
    """How many functions this thread is differentiating, each inside of the one before."""

    depth = 0


_nesting = _Nesting()


@final
class Differentiation(Watch):
    """Holds while a function to differentiate is called: it refuses to take numbers out of what depends on the inputs.

    Such a number would be a constant of the derivative, which then would be wrong without a word. Comparisons, bool()
    and int() are free, because their derivative is 0 where it exists.
    """

    records = False
    inspects = True
    _independent: set[Value] | None = None  # nodes that were found not to depend on the inputs

    def __init__(self, caller: str) -> None:
        self.caller = caller
        self.inputs: list[Value] = []

    def within(self, state: State) -> State:
        _, names, watch = state
        if watch is None:
            return False, names, self
        return False, names, watch if watch.traces else super().within(state)[2]  # a tracer refuses more

    def reading(self, node: Value, how: str) -> None:
        """Refuse, unless the node does not depend on the inputs, or within no_grad()."""
        if how != "int()" and not how.endswith("=") and not current()[0] and self.depends(node):
            raise TypeError(
                f"{how} of a Value that {self.caller}() differentiates through loses its gradient; use functions of "
                "autograd and autograd.math, arrays with dtype=object, or stop_gradient(x) for a constant"
            )

    def read_elsewhere(self, node: Value, how: str) -> None:
        """The same for a thread that works for the function; the test is fast for what other threads compute."""
        if not set(self.inputs).isdisjoint(topological_order(node)):
            self.reading(node, how)

    def differentiating(self, root: Value, gradient: SupportsFloat, inputs: Container[Value] | None = None) -> None:  # noqa: ARG002
        """Refuse: a sweep of the engine computes numbers."""
        if not current()[0] and self.depends(root):
            raise TypeError(
                f"backward() within {self.caller}() computes numbers, which lose their gradient; "
                "use gradients(y, [x]), or stop_gradient(y) for a constant"
            )

    def depends(self, node: Value) -> bool:
        """Whether a gradient flows from a node to an input."""
        known = self._independent
        if known is None or len(known) > _REMEMBERED:  # they are freed only here and when the function returns
            known = self._independent = set()
        inputs = set(self.inputs)
        found: set[Value] = set()
        stack = [node]
        while stack:
            x = stack.pop()
            if x in inputs:
                return True
            if x not in found and x not in known:
                found.add(x)
                stack += x.inputs
        known |= found
        return False


_REMEMBERED = 100_000  # nodes; a function that reads a number in each of many steps must not walk back each time


def call_function(
    caller: str,
    f: Callable[..., Any],
    argnums: Argnums,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    has_aux: bool = False,
) -> Call:
    """Call f on new Values, so that uses of the same arguments elsewhere are not counted."""
    chosen = _chosen(caller, argnums, len(args))
    is_one = not isinstance(argnums, (tuple, list))
    by = args[chosen[0]] if is_one else tuple([args[i] for i in chosen])
    numbers, tree = flatten(by, f"{caller}() differentiates by", "bind other arguments first: lambda x: f(x, option)")
    wants_values = _nesting.depth > 0 or is_traced() or any(True for _ in _values_in((args, kwargs)))
    wants_leaves = needs_no_graph()
    differentiation, count, depth, is_done = Differentiation(caller), len(HERE.home), _nesting.depth, False
    try:
        with differentiation:
            inputs = differentiation.inputs = _inputs(numbers, wants_leaves)
            passed = unflatten(tree, inputs)
            arguments = list(args)
            for i, argument in zip(chosen, [passed] if is_one else passed):
                arguments[i] = argument
            UNDER_WAY.append(differentiation)
            _nesting.depth = depth + 1
            output = f(*arguments, **kwargs)
            _nesting.depth = depth
            UNDER_WAY.remove(differentiation)
        is_done = True
    finally:
        if not is_done:  # an interrupt may come at any point
            _nesting.depth = depth
            if differentiation in UNDER_WAY:
                UNDER_WAY.remove(differentiation)
            end_watches(count)
    output, aux = _parted(caller, output) if has_aux else (output, None)
    return Call(inputs, output, aux, tree, wants_values or _is_nested(output))


def _inputs(numbers: list[Any], wants_leaves: bool) -> list[Value]:
    """New Values of these numbers; without leaves, their gradients also flow to the Values among the numbers.

    This is a function, because Python 3.13 skips `finally` if a trace function raises within a comprehension.
    """
    if wants_leaves:
        return [Value(x._number if isinstance(x, Value) else x) for x in numbers]
    return [table.multiply(x, 1.0) if isinstance(x, Value) else Value(x) for x in numbers]


def needs_no_graph() -> bool:
    """Whether a derivative that is about to be computed, or was computed, will not be differentiated again."""
    watch = current()[2]
    return watch is not None and watch.wants_numbers and _nesting.depth == 0


def _parted(caller: str, output: object) -> tuple[Any, Any]:
    """The result of a function that gives aux too, and aux."""
    if not isinstance(output, tuple) or len(output) != 2:
        raise TypeError(
            f"{caller}(has_aux=True) takes a function that gives two things, got {type(output).__name__}; "
            "write return result, aux"
        )
    return output


def _as_floats(x: Any) -> Any:
    """The same with floats in place of the Values; x may hold anything."""
    if isinstance(x, Value):
        return x._number
    if not any(True for _ in _values_in(x)):
        return x
    if isinstance(x, dict):
        copy = x.copy()
        copy.update((key, _as_floats(item)) for key, item in x.items())
        return copy
    if is_array(x):
        items = [_as_floats(item) for item in x.ravel().tolist()]
        return array(items, x.shape) if all(type(item) is float for item in items) else x
    items = [_as_floats(item) for item in x]
    return type(x)(*items) if hasattr(x, "_fields") else type(x)(items)


def _is_nested(output: object) -> bool:
    """Whether a result depends on the inputs of a function that another thread is differentiating."""
    others = {x for watch in tuple(UNDER_WAY) if isinstance(watch, Differentiation) for x in watch.inputs}
    if not others:
        return False
    return not others.isdisjoint(topological_order(*_values_in(output)))


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


def derivatives_by_inputs(output: Number, call: Call) -> dict[Value, float]:
    """The derivative of an output by each input, and by other leaves, as numbers, by a sweep of the engine."""
    if not isinstance(output, Value):  # a constant
        return {}
    if (watch := current()[2]) is not None:
        watch.differentiating(output, 1.0, set(call.inputs))
    return derivatives(output)


def result(tree: Tree, numbers: Sequence[Number], wants_values: bool) -> Any:
    """The numbers in this structure, as Values or as floats."""
    return unflatten(tree, [as_value(x) if wants_values else float(x) for x in numbers])


# --------------------------------------------------------------------------- what goes in


def check_function(caller: str, f: object, argnums: object) -> None:
    """Raise TypeError if f is not a function, or argnums is neither an int nor a tuple or list of ints."""
    if not callable(f):
        kind = type(f).__name__
        remedy = "for a graph, call gradients(y, [x])" if isinstance(f, Value) else "pass the function itself"
        raise TypeError(f"{caller}() differentiates a function, got {kind}; {remedy}")
    numbers = argnums if isinstance(argnums, (tuple, list)) else (argnums,)
    if not numbers or any(not isinstance(i, Integral) or isinstance(i, bool) for i in numbers):
        raise TypeError(
            f"argnums of {caller}() is an int or a tuple of ints, got {argnums!r}; "
            "write argnums=0 for the first argument, argnums=(0, 1) for two"
        )


def _chosen(caller: str, argnums: Argnums, count: int) -> list[int]:
    """The positions of the arguments, from 0."""
    chosen: list[int] = []
    for i in argnums if isinstance(argnums, (tuple, list)) else [argnums]:
        if not -count <= i < count:
            raise ValueError(
                f"{caller}() differentiates by argument {i} of a call with {count} positional arguments; "
                f"count from 0, and pass that argument by position"
            )
        chosen.append(int(i) % count)
    if len(set(chosen)) < len(chosen):
        raise ValueError(f"argnums names an argument twice: {argnums}; name each one once")
    return chosen


def argnums_of_all(caller: str, primals: Sequence[Any]) -> tuple[int, ...]:
    """The positions of all arguments."""
    check_sequence(caller, "primals", primals)
    if not primals:
        raise ValueError(f"{caller}() takes at least one argument to differentiate by, got none; pass them as primals")
    return tuple(range(len(primals)))


def check_sequence(caller: str, name: str, given: object) -> None:
    """Raise TypeError unless a list or a tuple was given."""
    if not isinstance(given, (list, tuple)):
        kind = type(given).__name__
        raise TypeError(f"{caller}() takes {name} as a tuple, one for each argument, got {kind}; write (x,) for one")


def matching_numbers(caller: str, name: str, given: object, other: str, tree: Tree) -> list[Number]:
    """The numbers of tangents or cotangents; they must be nested like the tree."""
    numbers, given_tree = flatten(
        with_keys_in_order(given, tree), f"{caller}() takes as {name}", f"pass one number for each number of {other}"
    )
    if given_tree != tree:
        raise ValueError(f"{caller}() takes {name} nested like {other}, got {given!r}; pass a number for each of them")
    return numbers


# --------------------------------------------------------------------------- what comes out


def one_value(caller: str, output: object) -> Number:
    """The result of a function that must give one number; a float is a constant."""
    if isinstance(output, Value):
        return output
    kind = type(output).__name__
    if kind in ("bool", "bool_"):
        raise TypeError(
            f"{caller}() differentiates functions that give a number, got the bool {output!r}; "
            "write where(condition, 1.0, 0.0) for a step"
        )
    if is_real(output):
        return real(output, caller)
    if output is None:
        raise TypeError(f"{caller}() differentiates functions that give a Value, got None; return the result")
    raise TypeError(
        f"{caller}() differentiates a function that gives one Value, got {kind}; "
        "use jacobian() for functions that give several, or add them up: autograd.sum"
    )


def many_values(caller: str, output: object) -> tuple[list[Number], Tree]:
    """The numbers of a result, and its structure; a float is a constant."""
    if output is None:
        raise TypeError(f"{caller}() differentiates functions that give Values, got None; return the result")
    return flatten(output, f"{caller}() differentiates a function that gives", "return only numbers")
