"""What an object holds: the Values and the modules among its attributes, each with its path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from autograd import Value, scope

Kind = TypeVar("Kind", bound="Holder")


class Holder:
    """Base class of what is searched for Values, attribute by attribute. Its own slots are not searched.

    Attributes:
        _place: the names of the scopes that it and the modules around it open, outermost first; its path is the last.
        _scope: the scope that it opens; None for the outermost module.
    """

    __slots__ = ("__dict__", "__weakref__", "_place", "_scope")

    _place: tuple[str, ...]
    _scope: Any

    def __new__(cls: type[Kind], *args: object, **kwargs: object) -> Kind:
        if (args or kwargs) and cls.__init__ is object.__init__:
            kind, count = cls.__name__, len(args) + len(kwargs)
            raise TypeError(f"{kind} takes no arguments, got {count}; write {kind}()")
        self = super().__new__(cls)
        self._place, self._scope = (), None
        return self

    def _take_place(self, place: tuple[str, ...]) -> None:
        """Be in this place from now on."""
        self._place = place
        self._scope = scope(place[-1]) if place else None


def found(
    root: object, path: str = "", *, deep: bool = True, with_paths: bool = True
) -> Iterator[tuple[str, Value | Holder]]:
    """The Values and Holders in an object, itself included, each once, with their paths, in the order of definition.

    Args:
        deep: False to leave out what is inside the Holders that it finds.
        with_paths: without the paths, which are then "", it takes a third of the time.
    """
    seen: set[int] = set()
    waiting = [(path, root)]
    while waiting:  # iterative: lists may be nested deeper than the stack, or hold themselves
        path, item = waiting.pop()
        if id(item) in seen:
            continue
        if isinstance(item, Value):
            seen.add(id(item))
            yield path, item
        elif (parts := parts_of(item)) is not None:
            seen.add(id(item))
            if isinstance(item, Holder):
                yield path, item
                if not deep and item is not root:
                    continue
            if with_paths:
                named = [(joined(path, name), part) for name, part in named_parts(parts)]
            else:
                named = [("", part) for _, part in parts]
            waiting += reversed(named)


def found_values(
    root: object, path: str = "", *, deep: bool = True, with_paths: bool = True
) -> Iterator[tuple[str, Value]]:
    """The Values among what found() gives."""
    for where, x in found(root, path, deep=deep, with_paths=with_paths):
        if isinstance(x, Value):
            yield where, x


def found_holders(root: Holder, *, deep: bool = True) -> Iterator[tuple[str, Holder]]:
    """The Holders among what found() gives, first the object itself, whose path is ""."""
    for where, x in found(root, deep=deep):
        if isinstance(x, Holder):
            yield where, x


def joined(path: str, name: str) -> str:
    """The path of a part."""
    return f"{path}.{name}" if path else name


def parts_of(item: object) -> Iterable[tuple[object, object]] | None:
    """What a Holder or a container holds, with its names, keys or positions; None for other things."""
    if isinstance(item, Holder):
        return attributes(item).items()
    if isinstance(item, dict):
        return item.items()
    if isinstance(item, (list, tuple)):
        return enumerate(item)
    if is_array(item):
        return enumerate(item.flat)  # type: ignore[attr-defined]
    return None


def is_array(item: object) -> bool:
    """Whether it is a NumPy array; the test does not import NumPy."""
    return type(item).__name__ == "ndarray" and hasattr(item, "flat")


def named_parts(parts: Iterable[tuple[object, object]]) -> Iterator[tuple[str, object]]:
    """The parts with keys as names, all different: a key whose text is taken, or has a point, is written by repr()."""
    taken: set[str] = set()
    for key, part in parts:
        name = str(key)
        if name in taken or "." in name:
            name = repr(key)
        while name in taken:
            name += "'"
        taken.add(name)
        yield name, part


def attributes(holder: Holder) -> dict[str, object]:
    """The attributes by name, in the order of definition, those in slots first."""
    found: dict[str, object] = {}
    for kind in reversed(type(holder).__mro__[: type(holder).__mro__.index(Holder)]):
        slots = vars(kind).get("__slots__", ())
        for slot in (slots,) if isinstance(slots, str) else slots:
            is_private = slot.startswith("__") and not slot.endswith("__")
            name = f"_{kind.__name__.lstrip('_')}{slot}" if is_private else slot
            if hasattr(holder, name):
                found[name] = getattr(holder, name)
    return found | vars(holder)
