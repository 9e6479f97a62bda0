"""What a program keeps on Values of the compiled engine, such as `p.momentum = 0.0`: its nodes have no room."""

from __future__ import annotations

import weakref

from autograd._typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from typing import Any

    from autograd.engine.value import Value

_KEPT: dict[int, tuple[weakref.ref[Value], dict[str, object]]] = {}
"""The attributes of each Value that has some, by its id(). The reference removes them when the Value is freed."""


@final
class Kept:
    """The descriptor of one attribute that was set on some Values; the others do not have it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, node: Value | None, kind: type) -> Any:
        _, attributes = _KEPT.get(id(node), (None, {}))
        if self.name not in attributes:
            raise AttributeError(f"{kind.__name__!r} object has no attribute {self.name!r}", name=self.name, obj=node)
        return attributes[self.name]

    def __set__(self, node: Value, value: object) -> None:
        key = id(node)
        if key not in _KEPT:
            _KEPT[key] = (weakref.ref(node, lambda _: _KEPT.pop(key, None)), {})
        _KEPT[key][1][self.name] = value

    def __delete__(self, node: Value) -> None:
        self.__get__(node, type(node))  # raises AttributeError
        del _KEPT[id(node)][1][self.name]


def keep(node: Value, name: str, value: object) -> None:
    """Set an attribute that no Value had before."""
    descriptor = Kept(name)
    setattr(type(node), name, descriptor)
    descriptor.__set__(node, value)
