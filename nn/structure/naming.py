"""The place of each module in the outermost one: its path is the name of its scope, and begins the labels in it."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograd import Value
from nn.structure.contents import Holder, joined, named_parts, parts_of

Method = Callable[..., Any]

SUSPENDABLE = 0x20 | 0x80 | 0x200
"""inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR: such a call goes on after it returned."""


class Path(str):
    """The path of a module, as the name of its scope; or the label that it gives to a parameter.

    A label of another class is the user's own, and stays. Pictures take labelled leaves in the scope of a module for
    its parameters.
    """

    __slots__ = ()

    is_of_module = True


class _Building(threading.local):
    depth = 0


BUILDING = _Building()
"""BUILDING.depth is how many __init__() of modules are running in this thread."""


OBSERVERS: list[Callable[[Holder, Any], None]] = []
"""Functions that are told of each module that is called, and what it gives."""


def give_names(root: Holder) -> None:
    """Give each module in root its place, and each parameter its path as a label, and the scopes of its module."""
    seen: set[int] = set()
    waiting: list[tuple[str, tuple[str, ...], object]] = [
        (root._place[-1] if root._place else "", root._place[:-1], root)
    ]
    while waiting:
        path, place, x = waiting.pop()
        if id(x) in seen:
            continue
        seen.add(id(x))
        if type(x) is Value:
            _label(x, path, place)
        elif type(x) is list and set(map(type, x)) == _VALUES:  # most Values are in such lists
            for i, item in enumerate(x):
                if id(item) not in seen:
                    seen.add(id(item))
                    _label(item, f"{path}.{i}", place)
        elif (parts := parts_of(x)) is not None:
            if isinstance(x, Holder):
                place = (*place, Path(path)) if path else place
                x._take_place(place)
            waiting += reversed([(joined(path, name), place, part) for name, part in named_parts(parts)])


_VALUES = {Value}


def _label(x: Value, path: str, place: tuple[str, ...]) -> None:
    if x.op is None:
        if not x.label or type(x.label) is Path:
            x.label = Path(path)
        x.scope = place


def named_after(init: Method) -> Method:
    """An __init__() after which the modules that it made have names; the outermost one names all."""

    @functools.wraps(init)
    def named(self: Holder, *args: Any, **kwargs: Any) -> None:
        BUILDING.depth += 1
        try:
            init(self, *args, **kwargs)
        except TypeError as error:
            if was_entered(error):
                raise
            raise TypeError(_misfit(self, init, args, kwargs, "write {kind}({wanted})")) from error
        finally:
            BUILDING.depth -= 1
        if not BUILDING.depth:
            give_names(self)

    return named


def in_scope(call: Method) -> Method:
    """A __call__() within the scope of its module."""
    fitting = with_remedy(call)

    @functools.wraps(call)
    def called(self: Holder, *args: Any, **kwargs: Any) -> Any:
        if type(self).__call__ is not called:
            return fitting(self, *args, **kwargs)
        if self._scope is None:
            output = fitting(self, *args, **kwargs)
        else:
            with self._scope:
                output = fitting(self, *args, **kwargs)
        for observe in OBSERVERS:
            observe(self, output)
        return output

    return called


def with_remedy(call: Method) -> Method:
    """A __call__() that says how to call a module, if the arguments do not fit."""

    @functools.wraps(call)
    def fitting(self: Holder, *args: Any, **kwargs: Any) -> Any:
        try:
            return call(self, *args, **kwargs)
        except TypeError as error:
            if was_entered(error):
                raise
            remedy = "call it as model({wanted}), with the numbers of a sample in one list"
            raise TypeError(_misfit(self, call, args, kwargs, remedy)) from error

    return fitting


def was_entered(error: TypeError) -> bool:
    """Whether an error comes from the body of the function that was called, and not from its arguments."""
    return error.__traceback__ is None or error.__traceback__.tb_next is not None


def _misfit(self: Holder, method: Method, args: Sequence[object], kwargs: Mapping[str, object], remedy: str) -> str:
    """The message about arguments that a method does not take."""
    import inspect  # lazy: it takes as long to import as all of autograd

    kind = type(self).__name__
    _, *parameters = inspect.signature(method).parameters.values()
    strange = [name for name in kwargs if name not in {x.name for x in parameters}]
    required = [x.name for x in parameters if x.default is x.empty and x.kind is not x.KEYWORD_ONLY]
    wanted = ", ".join(required or [x.name for x in parameters[:1]])
    known = ", ".join(x.name for x in parameters) if strange else wanted
    got = f"{strange[0]}=" if strange else f"{len(args) + len(kwargs)} argument{'s' * (len(args) + len(kwargs) != 1)}"
    return f"{kind} takes {known or 'no arguments'}, got {got}; " + remedy.format(kind=kind, wanted=wanted)


def is_suspendable(function: object) -> bool:
    """Whether the body of a function runs on after it returned."""
    code = getattr(function, "__code__", None)
    return code is not None and bool(code.co_flags & SUSPENDABLE)
