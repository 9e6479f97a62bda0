"""Module: the base class of everything that has parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from autograd import Value


class Module:
    """Base class of everything that has parameters.

    Its parameters are the leaf Values among its attributes, and those inside attributes that are Modules, lists,
    tuples, dicts or NumPy arrays. Attributes in `__slots__` come first. A Value that is found twice counts once.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope = Value(2.0)
    ...         self.offset = Value(1.0)
    ...     def __call__(self, x):
    ...         return self.slope * x + self.offset
    >>> [name for name, _ in Line().named_parameters()]
    ['slope', 'offset']
    """

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Each parameter with its path, such as 'layers.0.neurons.3.w.1', in the order of definition."""
        for path, x in _found("", self):
            if x.op is None:
                yield path, x

    def parameters(self) -> list[Value]:
        """The parameters, in the order of definition."""
        return [x for _, x in _found("", self, with_paths=False) if x.op is None]

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0."""
        for parameter in self.parameters():
            parameter.zero_grad()

    def __getstate__(self) -> dict[str, object]:
        attributes = _attributes(self)
        for path, x in _found("self", self):
            if x.op is not None:
                raise TypeError(
                    f"cannot copy or pickle {type(self).__name__}: {path} was made by {x.op}, and its graph would be "
                    f"copied with it; keep {path}.detach(), or None"
                )
        return attributes

    def __setstate__(self, state: dict[str, object]) -> None:
        for name, attribute in state.items():
            setattr(self, name, attribute)


def _found(path: str, root: object, *, with_paths: bool = True) -> Iterator[tuple[str, Value]]:
    """The Values in an object, each once, with their paths, in the order of definition.

    Without the paths, which are then "", it takes a third of the time.
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
        elif (parts := _parts(item)) is not None:
            seen.add(id(item))
            if with_paths:
                named = [(f"{path}.{name}" if path else name, part) for name, part in _named(parts)]
            else:
                named = [("", part) for _, part in parts]
            waiting += reversed(named)


def _parts(item: object) -> Iterable[tuple[object, object]] | None:
    """What a Module or a container holds, with its names, keys or positions; None for other things."""
    if isinstance(item, Module):
        return _attributes(item).items()
    if isinstance(item, dict):
        return item.items()
    if isinstance(item, (list, tuple)):
        return enumerate(item)
    if type(item).__name__ == "ndarray" and hasattr(item, "flat"):
        return enumerate(item.flat)
    return None


def _named(parts: Iterable[tuple[object, object]]) -> Iterator[tuple[str, object]]:
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


def _attributes(module: Module) -> dict[str, object]:
    """The attributes by name, in the order of definition, those in slots first."""
    attributes: dict[str, object] = {}
    for kind in reversed(type(module).__mro__):
        slots = vars(kind).get("__slots__", ())
        for slot in (slots,) if isinstance(slots, str) else slots:
            is_private = slot.startswith("__") and not slot.endswith("__")
            name = f"_{kind.__name__.lstrip('_')}{slot}" if is_private else slot
            if hasattr(module, name):
                attributes[name] = getattr(module, name)
    return attributes | vars(module)
