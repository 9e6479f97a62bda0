"""A Value records the operations on it, and backpropagates. Read `value.py` first, the engine in plain Python.

This file chooses the engine: the compiled twin in `_native/` if it was built, otherwise the readable one.
The environment variable VALUEGRAD_BACKEND, "native" or "python", asks for one of them.
"""

from __future__ import annotations

import os
from importlib import import_module
from types import ModuleType

from autograd._typing import TYPE_CHECKING
from autograd.operations import table
from autograd.operations.operation import TABLE, fingerprint

if TYPE_CHECKING:  # both engines have these names; those of the readable one have types
    from autograd.engine.value import Value as Value
    from autograd.engine.value import derivatives as derivatives
    from autograd.engine.value import topological_order as topological_order

_REMEDY = "with a C compiler at hand, install it again: VALUEGRAD_BUILD=require python -m pip install ."


def _twin() -> ModuleType:
    """The compiled engine; ImportError if it was not built, or was built for other operations."""
    try:
        engine = import_module("autograd.engine._native.engine")
    except ModuleNotFoundError as error:
        raise ImportError("the compiled engine was not built") from error
    if engine.fingerprint() != fingerprint([*TABLE.values(), table.dot]):
        raise ImportError("the compiled engine was built from another table of operations")
    engine.bind(TABLE, table.dot)
    return engine


def _choose(wish: str) -> tuple[ModuleType | None, str]:
    """The compiled engine, or None for the readable one; and why."""
    if wish not in ("", "native", "python"):
        raise ImportError(f"VALUEGRAD_BACKEND is native or python, got {wish!r}; unset it to get the faster one")
    if wish == "python":
        return None, "VALUEGRAD_BACKEND=python asks for it"
    try:
        return _twin(), "VALUEGRAD_BACKEND=native asks for it" if wish else "it was built"
    except ImportError as error:
        if wish:
            raise ImportError(f"VALUEGRAD_BACKEND=native, but {error}; {_REMEDY}") from error
        return None, f"{error}; {_REMEDY}"


compiled: ModuleType | None
compiled, reason = _choose(os.environ.get("VALUEGRAD_BACKEND", ""))

backend = "native" if compiled else "python"
"""The engine that runs: "native", the compiled one, or "python", the readable one."""

if not TYPE_CHECKING:
    _engine = compiled or import_module("autograd.engine.value")
    Value, derivatives, topological_order = _engine.Value, _engine.derivatives, _engine.topological_order
