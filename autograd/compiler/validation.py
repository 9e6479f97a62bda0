"""Checks of the state of a program that was stored: whatever runs natively, or is generated, relies on them.

A pickle or a file may be damaged, or made by somebody else. So every kind, count and register is checked before
anything of the program is built.
"""

from __future__ import annotations

from autograd import engine
from autograd._typing import TYPE_CHECKING
from autograd.compiler.ir import COMPARISONS
from autograd.operations.operation import find
from autograd.pytree import DEEPEST

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from typing import Any

LARGEST = 2**24
"""How many numbers a stored program may take, and how many items an axis of an array may have."""

MOST_PARTS = 2**19
"""How many parts a structure may have; in a pickle few parts may stand in very many places."""


def damaged(what: str) -> ValueError:
    """The exception for a state that no program has."""
    return ValueError(f"this is no stored program: {what}; store the program again")


def check_members(state: object, names: Container[str], what: str) -> None:
    """Raise ValueError unless this is a dict with exactly these names."""
    if type(state) is not dict:
        raise damaged(f"{what} is {shown(state)}, not a dict")
    if set(state) != names:
        raise damaged(f"{what} lacks a member, or has too many")


def check_state(state: Mapping[str, Any]) -> None:
    """Raise ValueError unless this is the state of a program, apart from its format and its derivatives."""
    if type(state["exact"]) is not bool:
        raise damaged(f"'exact' is {shown(state['exact'])}, not a bool")
    parameters = state["parameters"]
    if type(parameters) is not list:
        raise damaged(f"the parameters are {shown(parameters)}, not a list")
    if not all(type(x) is engine.Value and x.op is None for x in parameters):
        raise damaged("a parameter is no leaf Value")
    if len(set(map(id, parameters))) < len(parameters):
        raise damaged("a parameter is in the list twice")
    for name, is_reduced in (("specializations", False), ("reductions", True)):
        if type(state[name]) is not list:
            raise damaged(f"the {name} are {shown(state[name])}, not a list")
        for packed in state[name]:
            _check_specialization(packed, len(parameters), is_reduced)


def _check_specialization(packed: object, n_parameters: int, is_reduced: bool) -> None:
    signature, reduced, paths = _items(packed, 3, "a specialization")
    if reduced is not is_reduced:
        raise damaged(f"{shown(reduced)} says whether results are summed, instead of {is_reduced}")
    n_inputs = count_numbers(signature)
    if signature[0] is not tuple:
        raise damaged("the arguments are no tuple")
    if type(paths) is not list:
        raise damaged(f"the paths are {shown(paths)}, not a list")
    for path in paths:
        listing, output, numbers = _items(path, 3, "a path")
        n_outputs = count_numbers(output)
        _check_numbers(numbers, n_parameters)
        if is_reduced:
            if output != (None,):
                raise damaged("the result of backward() is not one number")
            n_outputs = 1 + len(numbers)
        _check_listing(listing, (n_inputs, len(numbers), n_outputs))


def _check_numbers(numbers: object, n_parameters: int) -> None:
    """The positions of the parameters of a path among those of the program."""
    if type(numbers) is not list:
        raise damaged(f"the positions of parameters are {shown(numbers)}, not a list")
    for k in numbers:
        if type(k) is not int or not 0 <= k < n_parameters:
            raise damaged(f"{shown(k)} is no position among {n_parameters} parameters")
    if len(set(numbers)) < len(numbers):
        raise damaged("a path uses a parameter twice")


def _check_listing(listing: object, counts: tuple[int, int, int]) -> None:
    """Check the instructions, given how many inputs, parameters and outputs they must have."""
    n_inputs, n_parameters, steps, outputs, guards, decisive = _items(listing, 6, "a listing")
    for part in (steps, outputs, guards, decisive):
        if type(part) is not list:
            raise damaged(f"a part of a listing is {shown(part)}, not a list")
    given = n_inputs, n_parameters, len(outputs)
    if given != counts or type(n_inputs) is not int or type(n_parameters) is not int:
        raise damaged(f"a listing has {shown(given)} inputs, parameters and outputs instead of {counts}")
    end = _check_steps(steps, n_inputs + n_parameters)
    _check_operands(outputs, end)
    _check_operands(decisive, end)
    if float in map(type, decisive):
        raise damaged("a decisive register is a constant")
    for guard in guards:
        operator, a, b, holds = _items(guard, 4, "a guard")
        if type(operator) is not str or operator not in COMPARISONS:
            raise damaged(f"{shown(operator)} is no comparison")
        if type(holds) is not bool:
            raise damaged(f"a guard gives {shown(holds)}, not a bool")
        _check_operands((a, b), end)


def _check_steps(steps: list[object], first: int) -> int:
    """Check the steps whose registers begin here, and return the number of registers."""
    arities: dict[str, int] = {}
    for register, step in enumerate(steps, first):
        name, operands = _items(step, 2, "a step")
        if type(name) is not str or not name.isidentifier():
            raise damaged(f"{shown(name)} is no operation")
        if name not in arities:
            arities[name] = find(name).arguments.count(",") + 1  # a ValueError says that it is not defined here
        _check_operands(_items(operands, arities[name], f"the operands of {name}"), register)
    return first + len(steps)


def _check_operands(operands: Any, end: int) -> None:
    for x in operands:
        if type(x) is not float and (type(x) is not int or not 0 <= x < end):
            raise damaged(f"{shown(x)} is neither a constant nor one of {end} registers")


def count_numbers(tree: object) -> int:
    """How many numbers a packed tree has."""
    count = n_parts = 0
    waiting = [(tree, 0)]
    while waiting:  # iterative: a pickle may be nested deeper than the stack
        part, depth = waiting.pop()
        n_parts += 1
        if type(part) is tuple and len(part) == 1:
            count += 1 if part[0] is None else _count_items(part[0])
        else:
            kind, keys, children = _items(part, 3, "a structure")
            if type(children) is not list:
                raise damaged(f"a structure holds {shown(children)}, not a list")
            _check_kind(kind, keys, len(children))
            waiting += [(child, depth + 1) for child in children]
        if depth > DEEPEST or count > LARGEST or n_parts > MOST_PARTS:
            raise damaged(f"a structure has {count} numbers, {depth} deep")
    return count


def _count_items(shape: object) -> int:
    if type(shape) is not tuple or len(shape) > 32:
        raise damaged(f"{shown(shape)} is no shape of an array")
    count = 1
    for size in shape:
        if type(size) is not int or not 0 <= size <= LARGEST:
            raise damaged(f"{shown(size)} is no size of an array")
        count *= size
    if count > LARGEST:
        raise damaged(f"an array has {count} numbers")
    return count


def _check_kind(kind: object, keys: object, count: int) -> None:
    """Check the class and the keys of a structure with so many parts."""
    if not isinstance(kind, type) or not issubclass(kind, (list, tuple, dict)):
        raise damaged(f"{shown(kind)} is no list, tuple or dict")
    if issubclass(kind, dict):
        if type(keys) is not tuple or len(keys) != count:
            raise damaged(f"the keys of a dict of {count} are {shown(keys)}")
        try:
            is_unique = len(set(keys)) == count
        except TypeError:
            is_unique = False
        if not is_unique:
            raise damaged("a key of a dict is there twice, or is no key")
    elif keys is not None or len(getattr(kind, "_fields", range(count))) != count:
        raise damaged(f"a {kind.__name__} of {count} has the keys {shown(keys)}")


def _items(state: object, count: int, what: str) -> tuple[Any, ...]:
    if type(state) is not tuple or len(state) != count:
        raise damaged(f"{what} is {shown(state)}, not a tuple of {count}")
    return state


def shown(x: object) -> str:
    """A short text for x, whose own text may be of any length."""
    if x is None or type(x) in (bool, float) or (type(x) is int and abs(x) < 2**64):
        return repr(x)
    return repr(x[:20]) if type(x) is str else type(x).__name__
