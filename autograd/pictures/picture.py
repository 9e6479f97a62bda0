"""A picture that Graphviz's dot renders or, if Graphviz is not installed, the wheel graphviz-pure."""

from __future__ import annotations

import shutil
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, final

import graphviz
from graphviz.backend import dot_command


@final
class Picture(graphviz.Digraph):  # type: ignore[misc]  # graphviz ships no types
    """A Digraph that finds its executable. Its error for an unknown format says what to do."""

    def pipe(self, *args: Any, **kwargs: Any) -> Any:
        """The picture as bytes, or as text with an encoding; see graphviz.Digraph.pipe."""
        with _executable_and_errors():
            return super().pipe(*args, **kwargs)

    def render(self, *args: Any, **kwargs: Any) -> Any:
        """Write the picture to a file and give its path; see graphviz.Digraph.render."""
        with _executable_and_errors():
            return super().render(*args, **kwargs)


@contextmanager
def _executable_and_errors() -> Iterator[None]:
    """Use our executable within this block only; its error for an unknown format becomes one with a remedy."""
    before = dot_command.DOT_BINARY
    dot_command.DOT_BINARY = Path(_executable())
    try:
        yield
    except graphviz.CalledProcessError as error:
        said = error.stderr if isinstance(error.stderr, str) else bytes(error.stderr or b"").decode(errors="replace")
        if "not recognized" not in said:
            raise
        more = ", or install Graphviz, whose dot writes pdf and more" if _PURE in str(error.cmd) else ""
        raise ValueError(f"this format cannot be written here; use svg or png{more}. {said.strip()}") from error
    finally:
        dot_command.DOT_BINARY = before


_PURE = "graphviz-pure"


def _executable() -> str:
    """The system's dot, otherwise graphviz-pure, which is found even if the environment is not activated."""
    scripts = sysconfig.get_path("scripts")
    return shutil.which("dot") or shutil.which(_PURE, path=scripts) or shutil.which(_PURE) or "dot"
