"""A picture: Graphviz's Digraph, drawn as SVG by us, and as PNG and PDF by way of that.

Graphviz's dot places the nodes or, if Graphviz is not installed, the wheel graphviz-pure.
"""

from __future__ import annotations

import os
import re
import shutil
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, final

import graphviz
from graphviz.backend import dot_command

OURS = ("svg", "png", "pdf")
"""The formats that are drawn by us; Graphviz writes others, and these too after a change of its text."""

_SCALE = 2.0  # a PNG has so many pixels for a point,
_PIXELS = 16_000_000  # but not more than this in all: a hundred million take half a minute


def plain(text: str) -> Any:
    """The text as a plain label or tooltip, with special signs escaped."""
    shown = "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
    return graphviz.nohtml(shown.replace("\\", "\\\\").replace("&", "&amp;").replace("\n", "\\n"))


@final
class Picture(graphviz.Digraph):  # type: ignore[misc]  # graphviz ships no types
    """A Digraph that finds its executable. Its error for an unknown format says what to do."""

    _document: Callable[[], str] | None = None
    _drawn = ""

    def show(self, document: Callable[[], str]) -> None:
        """Take SVG, PNG and PDF from us, as long as `source` stays what it is now: the same in Graphviz's language.

        Args:
            document: gives the picture as SVG.
        """
        self._document, self._drawn = document, self.source

    def pipe(self, *args: Any, **kwargs: Any) -> Any:
        """The picture as bytes, or as text with an encoding; see graphviz.Digraph.pipe."""
        given = dict(zip(("format", "renderer", "formatter"), args), **kwargs)
        encoding = given.pop("encoding", None)
        data = self._pipe_ours(given)
        if data is None:
            with _executable_and_errors():
                return super().pipe(*args, **kwargs)
        return data.decode(encoding) if encoding else data

    def render(self, filename: Any = None, directory: Any = None, view: bool = False, **kwargs: Any) -> Any:
        """Write the picture to a file and give its path; see graphviz.Digraph.render.

        With `outfile`, that file is all that it writes.
        """
        outfile = kwargs.get("outfile")
        suffix = Path(outfile).suffix[1:].lower() if outfile is not None else ""
        data = self._pipe_ours({"format": kwargs.get("format") or suffix or None, "engine": kwargs.get("engine")})
        if data is None or any(kwargs.get(name) for name in ("renderer", "formatter", "raise_if_result_exists")):
            with _executable_and_errors():
                return super().render(filename=filename, directory=directory, view=view, **kwargs)
        if outfile is None:
            source = self.save(filename=filename, directory=directory)
            outfile = f"{source}.{kwargs.get('format') or self.format}"
            if kwargs.get("cleanup"):
                os.remove(source)
        path = Path(outfile)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        if view:
            self._view(str(path), format=path.suffix[1:], quiet=bool(kwargs.get("quiet_view")))
        return str(path)

    def _pipe_ours(self, given: dict[str, Any]) -> bytes | None:
        """The picture drawn by us; None if Graphviz must draw it."""
        asked = given.get("format") or self.format
        others = [name for name, value in given.items() if value and name not in ("format", "quiet")]
        is_changed = self._document is None or self.engine != "dot" or self.source != self._drawn
        if (
            asked not in OURS
            or others not in ([], ["engine"])
            or given.get("engine") not in (None, "dot")
            or is_changed
        ):
            return None
        assert self._document is not None  # otherwise is_changed
        text = self._document()
        if asked == "png":
            return _png(text)
        return _pdf(text) if asked == "pdf" else text.encode()


def placed(source: str) -> bytes:
    """The places that Graphviz gives to the nodes of a graph, in JSON."""
    with _executable_and_errors():
        found: bytes = graphviz.Source(source).pipe(format="json")
        return found


def _png(text: str) -> bytes | None:
    """SVG as PNG; None if that library is not installed."""
    try:
        import resvg_py  # lazy: only PNG needs it
    except ImportError:
        return None
    width, height = map(int, re.findall(r'(?:width|height)="(\d+)pt"', text[:200]))
    scale = min(_SCALE, (_PIXELS / (width * height)) ** 0.5)
    white = "#ffffff"  # below the ground that a dark picture has
    return bytes(resvg_py.svg_to_bytes(svg_string=text, zoom=scale, dpi=72.0, background=white))


def _pdf(text: str) -> bytes | None:
    """SVG as PDF; None if that library is not installed."""
    try:
        import vl_convert  # lazy: only PDF needs it
    except ImportError:
        return None
    return bytes(vl_convert.svg_to_pdf(text))


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
        more = ", or for pdf: pip install 'valuegrad[pdf]'" if _PURE in str(error.cmd) else ""
        raise ValueError(f"this format cannot be written here; use svg or png{more}. {said.strip()}") from error
    finally:
        dot_command.DOT_BINARY = before


_PURE = "graphviz-pure"


def _executable() -> str:
    """The system's dot, otherwise graphviz-pure, which is found even if the environment is not activated."""
    scripts = sysconfig.get_path("scripts")
    return shutil.which("dot") or shutil.which(_PURE, path=scripts) or shutil.which(_PURE) or "dot"
