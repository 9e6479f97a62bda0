"""Module: the base class of everything that has parameters."""

from __future__ import annotations

from collections.abc import Iterator

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
        seen: set[int] = set()
        yield from _found("", self, seen)

    def parameters(self) -> list[Value]:
        """The parameters, in the order of definition."""
        return [parameter for _, parameter in self.named_parameters()]

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0."""
        for parameter in self.parameters():
            parameter.zero_grad()

    def __getstate__(self) -> dict[str, object]:
        return _attributes(self)

    def __setstate__(self, state: dict[str, object]) -> None:
        for name, attribute in state.items():
            setattr(self, name, attribute)


def _found(path: str, item: object, seen: set[int]) -> Iterator[tuple[str, Value]]:
    parts: dict[str, object]
    if isinstance(item, Value):
        if item.op is None and id(item) not in seen:
            seen.add(id(item))
            yield path, item
        return
    if isinstance(item, Module):
        parts = _attributes(item)
    elif isinstance(item, dict):
        parts = {str(key): part for key, part in item.items()}
    elif isinstance(item, (list, tuple)):
        parts = {str(i): part for i, part in enumerate(item)}
    elif type(item).__name__ == "ndarray" and hasattr(item, "flat"):
        parts = {str(i): part for i, part in enumerate(item.flat)}
    else:
        return
    if id(item) not in seen:
        seen.add(id(item))
        for name, part in parts.items():
            yield from _found(f"{path}.{name}" if path else name, part, seen)


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
