"""The graph of a function: called once on Values with the names of its arguments, with a guard for each comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from autograd.compiler.arguments import names_of
from autograd.compiler.program import Program
from autograd.compiler.trace import Recording
from autograd.engine import Value
from autograd.pytree import Leaf, flatten, unflatten

if TYPE_CHECKING:
    from autograd.compiler.trace import Comparison


def recorded(f: Callable[..., Any], inputs: Iterable[Any]) -> tuple[Value, list[Comparison]]:
    """The result of a function, and the comparisons that decided which branches it took.

    Args:
        f: a function, a Program or a Module.
        inputs: its arguments; a number becomes a leaf with the name of the argument.

    Raises:
        TypeError: the inputs are no arguments, or the function gives anything but one Value, or reads its number.
    """
    if isinstance(f, Program):
        f = f._plain_function()
    if isinstance(inputs, (str, Value)) or not isinstance(inputs, Iterable):
        raise TypeError(f"inputs are the arguments in a list, got {type(inputs).__name__}; write inputs=[2.0, -3.0]")
    given = list(inputs)
    names = [name for name, _ in names_of(f)]
    arguments = []
    for k, argument in enumerate(given):
        numbers, tree = flatten(argument, "view() takes", "give each argument in the list of inputs")
        name = names[k] if k < len(names) and names[k] else f"x{k}"
        labels = [name] if tree == Leaf() else [f"{name}{i}" for i in range(len(numbers))]
        leaves = [x if isinstance(x, Value) else Value(x, label=label) for x, label in zip(numbers, labels)]
        arguments.append(unflatten(tree, leaves))
    recording = Recording(chooses=False)
    with recording:
        result = f(*arguments)
    comparisons = recording.guards
    recording.forget()
    if not isinstance(result, Value):
        raise TypeError(
            f"view() shows a function that gives one Value, got {type(result).__name__}; "
            "add up its results, or show one of them"
        )
    return result, comparisons
