"""The machine, in C, which runs compiled programs. Read machine.h first, then rows.h.

machine.pyx makes it a Python class. It is built together with the compiled engine.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from autograd import engine
from autograd._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


@cache
def load() -> Any:
    """The module machine.pyx.

    Raises:
        ImportError: it was not built, or was built for other operations or instructions.
    """
    try:
        machine = import_module("autograd.compiler._machine.machine")
    except ModuleNotFoundError as error:
        raise ImportError(f"the machine of compiled programs was not built; {REMEDY}") from error
    if machine.fingerprint() != engine.compiled.fingerprint():  # type: ignore[union-attr]  # asked only with the compiled engine
        raise ImportError(f"the machine of compiled programs was built from another table of operations; {REMEDY}")
    from autograd.compiler._machine import header  # lazy: it imports re, which takes a fifth of the time of all

    if machine.instructions() != header.fingerprint():
        raise ImportError(f"the machine of compiled programs was built for other instructions; {REMEDY}")
    return machine


REMEDY = "install valuegrad again: VALUEGRAD_BUILD=require python -m pip install ."
