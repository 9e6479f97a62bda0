"""The arguments of public functions: an unknown name, too many and too few get a sentence with its remedy."""

from __future__ import annotations

import functools
from numbers import Integral

from autograd._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from typing import Any, TypeVar

    Function = TypeVar("Function", bound=Callable[..., Any])


def with_sentences(function: Function) -> Function:
    """The function; it says what to write if it is called with other arguments than it has."""
    name, code = function.__name__, function.__code__
    places = code.co_varnames[: code.co_argcount]
    required = places[: code.co_argcount - len(function.__defaults__ or ())]
    others = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]

    @functools.wraps(function)
    def checked(*args: Any, **named: Any) -> Any:
        check_names(name, named, places + others)
        if len(args) > len(places):
            example = ", ".join([*required, f"{others[0]}=..."])
            raise TypeError(
                f"{name}() takes {' and '.join(places)} by place, got {len(args)} arguments; "
                f"give the others by name: {name}({example})"
            )
        if any(x not in named for x in required[len(args) :]):
            count = len(args) + len(named)
            got = "1 argument" if count == 1 else f"{count} arguments"
            raise TypeError(f"{name}() takes {' and '.join(required)}, got {got}; write {name}({', '.join(required)})")
        return function(*args, **named)

    return checked  # type: ignore[return-value]  # it has the signature of the function


def is_whole(x: object, least: int) -> bool:
    """Whether an argument is an int, Python's or NumPy's, and not less than this. True and False are none."""
    return isinstance(x, Integral) and not isinstance(x, bool) and int(x) >= least


def check_flags(**flags: object) -> None:
    """Raise TypeError if one of these arguments is neither True nor False."""
    for name, value in flags.items():
        if not isinstance(value, bool):
            import numpy as np  # lazy: only NumPy's bools need it

            if not isinstance(value, np.bool_):
                raise TypeError(f"{name} is True or False, got {_short(value)}; write {name}=True, or leave it out")


def _short(value: object) -> str:
    """What was given, or its type if that is long."""
    return repr(value) if isinstance(value, (int, float, str)) and len(repr(value)) < 20 else type(value).__name__


def check_names(function: str, named: Iterable[str], known: Collection[str]) -> None:
    """Raise TypeError if a function has no argument of one of these names."""
    for name in named:
        if name not in known:
            from difflib import get_close_matches  # lazy: only errors need it

            [*near] = get_close_matches(name, known, 1)
            some = f"{', '.join([*known][:4])}{' and others' * (len(known) > 4)}"
            advice = f"write {near[0]}=" if near else f"it has {some}"
            raise TypeError(f"{function}() has no argument {name}; {advice}")
