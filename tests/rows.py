"""Operations that are not in the table."""

from __future__ import annotations

from autograd import Operation


def with_formulas(row: Operation, formulas: tuple[str | None, ...]) -> Operation:
    """The operation with other partials."""
    other = object.__new__(type(row))
    compiled = {name for name in vars(row) if hasattr(type(row), name)}
    other.__dict__.update({name: fact for name, fact in vars(row).items() if name not in compiled})
    other.formulas = formulas
    return other
