"""The graph of a function: called once on Values with the names of its arguments, with a guard for each comparison."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from autograd.compiler.arguments import names_of
from autograd.compiler.program import Program
from autograd.compiler.trace import Recording, called
from autograd.engine import Value
from autograd.pytree import Leaf, flatten, unflatten

if TYPE_CHECKING:
    from autograd.compiler.trace import Comparison


_OURS = Path(__file__).parents[1]
_NETWORKS = _OURS.with_name("nn")


class Recorded(NamedTuple):
    """What a function computed.

    Attributes:
        roots: its results.
        comparisons: those that decided which branches it took.
        lines: for each node the line of the function that made it, such as "model.py:12: y = x * w".
        arguments: the numbers of its arguments, in order.
        name: that of the function; "" if it has none.
    """

    roots: list[Value]
    comparisons: list[Comparison]
    lines: dict[Value, str]
    arguments: tuple[Value, ...] = ()
    name: str = ""


def recorded(f: Callable[..., Any], inputs: Iterable[Any]) -> Recorded:
    """What a function computes.

    Args:
        f: a function, a Program or a Module.
        inputs: its arguments; a number becomes a leaf with the name of the argument. Of a network that takes one list,
            they may be the numbers in it.

    Raises:
        TypeError: the inputs are no arguments, or the function gives anything but Values, or reads the number of one.
    """
    if isinstance(f, Program):
        f = f._plain_function()
    if isinstance(inputs, (str, Value)) or not isinstance(inputs, Iterable):
        raise TypeError(f"inputs are the arguments in a list, got {type(inputs).__name__}; write inputs=[2.0, -3.0]")
    arguments, leaves = _arguments(f, list(inputs))
    recording = Recording(chooses=False)
    lines: dict[Value, str] = {}
    keep = recording.recorded

    def note(node: Value) -> None:
        lines[node] = _line()
        keep(node)

    recording.recorded = note  # type: ignore[method-assign]  # the recording has no place for lines
    recording.reading = _refuse  # type: ignore[method-assign]  # it speaks of a compiled function
    with recording:
        result = called(f, arguments, "give as many inputs as the function takes arguments")
    comparisons = recording.guards
    recording.forget()
    roots = list(result) if isinstance(result, (list, tuple)) else [result]
    if not roots or not all(isinstance(root, Value) for root in roots):
        kinds = ", ".join(sorted({type(root).__name__ for root in roots if not isinstance(root, Value)})) or "nothing"
        raise TypeError(
            f"view() shows a function that gives Values, got {kinds}; return what it computes of its inputs"
        )
    name = getattr(f, "__name__", "")
    return Recorded([*dict.fromkeys(roots)], comparisons, lines, leaves, "" if name == "<lambda>" else name)


def _arguments(f: Callable[..., Any], given: list[Any]) -> tuple[list[Any], tuple[Value, ...]]:
    """The arguments with Values in place of numbers, and these Values."""
    names = [name for name, _ in names_of(f)]
    if hasattr(f, "_diagram") and len(given) > 1 == len(names) and not any(hasattr(x, "__len__") for x in given):
        given = [given]  # as draw() takes the inputs of a network
    arguments: list[Any] = []
    known: list[Value] = []
    for k, argument in enumerate(given):
        numbers, tree = flatten(argument, "view() takes", "give each argument in the list of inputs")
        name = names[k] if k < len(names) and names[k] else f"x{k}"
        labels = [name] if tree == Leaf() else [f"{name}{i}" for i in range(len(numbers))]
        leaves = [x if isinstance(x, Value) else Value(x, label=label) for x, label in zip(numbers, labels)]
        arguments.append(unflatten(tree, leaves))
        known += leaves
    return arguments, tuple(known)


def _refuse(node: Value, how: str) -> NoReturn:  # noqa: ARG001  # any node
    """Raise TypeError because the function reads or changes a number of a Value."""
    if how.endswith("="):
        raise TypeError(f"{how[:-2]} of a Value is changed by the function that view() shows; return the new number")
    raise TypeError(
        f"{how} of a Value gives a number that the page cannot compute anew; "
        "use where() and functions of autograd, such as ag.exp(x) for math.exp(x)"
    )


def _line() -> str:
    """The line of the function that makes a node: one outside of this package, and of `nn` if there is one."""
    frame, found = sys._getframe(2), ""
    while frame is not None and frame.f_code is not called.__code__:
        owner = _owner(frame.f_code.co_filename)
        if owner is None:
            return _text(frame.f_code, frame.f_lineno)
        if owner == _NETWORKS:
            found = found or _text(frame.f_code, frame.f_lineno)
        frame = frame.f_back  # type: ignore[assignment]  # the outermost one has none
    return found


@cache
def _owner(file: str) -> Path | None:
    """The folder of this project that has a file."""
    return next((folder for folder in (_OURS, _NETWORKS) if folder in Path(file).parents), None)


def _text(code: CodeType, line: int) -> str:
    """A line of a file: its name, its number, and what is written there."""
    return f"{Path(code.co_filename).name}:{line}: {linecache.getline(code.co_filename, line).strip()}".rstrip(" :")
