"""What a program has of its function: the name, and the names of the arguments."""

from __future__ import annotations

from collections.abc import Callable

from autograd._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    Names = list[tuple[str, Any]]  # the name of each argument that may be given in order, and its default

REQUIRED = object()
"""Instead of the default of an argument that has none."""


def take_name(program: Any, f: Callable[..., Any] | None) -> None:
    """Give a program the name and the signature of its function, as functools.wraps() does.

    It does not get the other attributes of the function, because they may have the names of its own.
    """
    for name in ("__name__", "__qualname__", "__doc__"):
        if hasattr(f, name) and f is not None:
            setattr(program, name, getattr(f, name))
    if f is not None:
        program.__wrapped__ = f


def names_of(f: Callable[..., Any] | None) -> Names:
    """The arguments of a function that may be given in order, also if they have no name; none if they are unknown."""
    import inspect  # lazy: it takes as long to import as all of autograd

    if f is None:
        return []
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):  # a builtin
        return []
    names: Names = []
    for x in parameters:
        default = REQUIRED if x.default is x.empty else x.default
        if x.kind is x.POSITIONAL_ONLY:
            names.append(("", default))
        elif x.kind is x.POSITIONAL_OR_KEYWORD:
            names.append((x.name, default))
    return names


def in_order(names: Names, args: tuple[Any, ...], given: dict[str, Any]) -> tuple[Any, ...]:
    """The arguments in order.

    Args:
        names: those that the function takes, see names_of().
        args: those that were given in order.
        given: those that were given by name. Defaults stand in for others before them.
    """
    rest = dict(given)
    ordered = list(args)
    known = [name for name, _ in names[len(args) :] if name]
    if not given.keys() <= set(known):
        raise TypeError(
            f"a program got {_listed(given)}, and takes these arguments by name here: {', '.join(known) or 'none'}; "
            "bind options first: compile(lambda x: f(x, option=...))"
        )
    for name, default in names[len(args) :]:
        if name in rest:
            ordered.append(rest.pop(name))
        elif not rest:
            break
        elif default is REQUIRED:
            raise TypeError(f"a program got no {name or 'argument'} before {_listed(rest)}; pass it too")
        else:
            ordered.append(default)
    return tuple(ordered)


def _listed(given: dict[str, Any]) -> str:
    return ", ".join(f"{name}=" for name in given)
