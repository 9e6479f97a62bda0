"""The names of Values and of scopes, as pictures write them."""

from __future__ import annotations

import re

from autograd.pictures.notation.text import cut, printable, subscripted

Path = tuple[str, ...]

_LONGEST = 24  # characters of a name


def shortened(label: str, scope: Path) -> str:
    """A label as a name, without the path of the scope that it is in; w1 becomes w₁."""
    label = printable(label)
    for path in reversed(scope):
        label = label.removeprefix(f"{path}.")
    return cut(subscripted(label), _LONGEST)


def name_of(path: Path) -> str:
    """The name of a scope, without that of the scope around it: layers.0.neurons.2 within layers.0 is neurons.2."""
    name = path[-1].removeprefix(f"{path[-2]}.") if len(path) > 1 else path[-1]
    return printable(name)


def natural(path: Path) -> list[list[tuple[int, str]]]:
    """What to sort scopes by: layers.2 comes before layers.10."""
    return [[(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)] for name in path]
