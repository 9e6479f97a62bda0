"""Modes, which hold while a block runs: no_grad, enable_grad, scope, scopes. `state.py` says for whom."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from types import TracebackType

from autograd._typing import TYPE_CHECKING, final
from autograd.engine.state import Each, enter, leave
from autograd.operations.coercion import listed

if TYPE_CHECKING:
    from typing import Any, TypeVar, overload

    from autograd.engine.state import State

    Function = TypeVar("Function", bound=Callable[..., Any])
    Kind = TypeVar("Kind", bound="Plain")


class Mode(ABC):
    """A context manager that is also a decorator; it may be entered many times.

    Leaving it more often than entering raises RuntimeError.
    """

    @abstractmethod
    def within(self, state: State) -> State:
        """The state inside this mode, given the state outside of it."""

    def __enter__(self) -> None:
        enter(self, object())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        leave(self)

    def __call__(self, function: Function) -> Function:
        import inspect  # lazy: it takes as long to import as all of autograd

        wrapper: Callable[..., Any]
        if inspect.isgeneratorfunction(function):

            @functools.wraps(function)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                with self:
                    return (yield from function(*args, **kwargs))

        elif inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def wrapper(*args: Any, **kwargs: Any) -> Any:
                with self:
                    return await function(*args, **kwargs)

        elif inspect.isasyncgenfunction(function):

            @functools.wraps(function)
            async def wrapper(*args: Any, **kwargs: Any) -> Any:
                with self:
                    async for item in function(*args, **kwargs):
                        yield item

        else:

            @functools.wraps(function)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                with self:
                    return function(*args, **kwargs)

        return wrapper  # type: ignore[return-value]  # it has the signature of function


class Plain(Mode):
    """A mode without arguments: `with mode:` and `@mode` mean the same as `with mode():` and `@mode()`.

    Attributes:
        name: its public name.
    """

    name: str

    if TYPE_CHECKING:

        @overload
        def __call__(self: Kind, function: None = None) -> Kind: ...
        @overload
        def __call__(self, function: Function) -> Function: ...

    def __call__(self, function: Any = None) -> Any:
        return type(self)() if function is None else super().__call__(function)

    def __repr__(self) -> str:
        return f"{self.name}()"


@final
class NoGrad(Plain):
    """While it holds, operations return plain leaves: no graph is recorded, and no gradient flows.

    >>> from autograd import Value, no_grad
    >>> x = Value(3.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.op is None
    True
    """

    name = "no_grad"

    def within(self, state: State) -> State:
        _, names, watch = state
        if watch is not None and watch.traces:
            raise RuntimeError(
                "no_grad() has no meaning within a compiled function, which is differentiated as a whole; "
                "use stop_gradient(x) or x.detach() to stop a gradient"
            )
        return True, names, watch


@final
class EnableGrad(Plain):
    """While it holds, operations are recorded, also within `no_grad()`.

    >>> from autograd import Value, enable_grad, no_grad
    >>> x = Value(3.0)
    >>> with no_grad(), enable_grad():
    ...     y = x * x
    >>> y.op
    'multiply'
    """

    name = "enable_grad"

    def within(self, state: State) -> State:
        _, names, watch = state
        return False, names, watch


no_grad, enable_grad = NoGrad(), EnableGrad()


@final
class scope(Mode):
    """While it holds, new nodes belong to a named part of the graph.

    Scopes nest; a picture can draw one as a single box.

    Raises:
        TypeError: the name is not a str.

    >>> from autograd import Value, scope
    >>> with scope("model"), scope("layer 1"):
    ...     y = Value(3.0) * 2
    >>> y.scope
    ('model', 'layer 1')
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise TypeError(f"scope() takes a name, got {type(name).__name__}; write scope('layer 1')")
        self.name = name

    def __repr__(self) -> str:
        return f"scope({self.name!r})"

    def within(self, state: State) -> State:
        paused, names, watch = state
        return paused, (*names, self.name), watch


@final
class scopes(Mode):
    """The scopes of the items of a loop, in place of a `with scope(name):` in each turn, which takes longer.

    While `for item in each(items)` handles the i-th item, the scopes of the i-th path hold. If there are more items
    than paths, no scope holds for the others.

    Args:
        paths: for each item, the names of its scopes, outermost first.

    Raises:
        TypeError: a path is not a tuple or list of str.

    >>> from autograd import Value, scopes
    >>> with scopes([("layer", "left"), ("layer", "right")]) as each:
    ...     left, right = [x * 2 for x in each([Value(1.0), Value(2.0)])]
    >>> right.scope
    ('layer', 'right')
    """

    def __init__(self, paths: Sequence[Sequence[str]]) -> None:
        self.paths = [checked_names(path) for path in listed(paths, "scopes", "paths as a list")]
        self._absolute: object = None  # where the compiled engine keeps the paths with the names around them

    def __repr__(self) -> str:
        return f"scopes({self.paths!r})"

    def within(self, state: State) -> State:
        return state

    def __enter__(self) -> Each:  # type: ignore[override]
        each = Each(self.paths)
        enter(self, each)
        return each


def checked_names(path: object) -> tuple[str, ...]:
    """The names of scopes as a tuple, outermost first; TypeError if they are something else."""
    if isinstance(path, (tuple, list)) and all(isinstance(name, str) for name in path):
        return tuple(path)
    raise TypeError(f"a path of scopes is a tuple of names, got {type(path).__name__}; write ('layer 1', 'neuron 2')")
