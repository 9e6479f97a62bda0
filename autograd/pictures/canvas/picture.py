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

from autograd.pictures.arguments import check_names

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

    _document: Callable[..., str] | None = None
    _drawn = ""

    def __repr__(self) -> str:
        return '<Picture: .render(outfile="picture.svg") writes it; Jupyter shows it in a trusted notebook>'

    def show(self, document: Callable[..., str]) -> None:
        """Take SVG, PNG and PDF from us, as long as `source` stays what it is now: the same in Graphviz's language.

        Args:
            document: gives the picture as SVG; its argument `fits` says whether text must have the width of its place.
        """
        self._document, self._drawn = document, self.source

    def pipe(self, *args: Any, **kwargs: Any) -> Any:
        """The picture as bytes, or as text with an encoding; see graphviz.Digraph.pipe."""
        given = dict(zip(("format", "renderer", "formatter"), args), **kwargs)
        check_names("pipe", kwargs, ("format", "encoding", "engine", "renderer", "formatter", "neato_no_op", "quiet"))
        _check_names(given, "format", "renderer", "formatter", "engine", "encoding")
        encoding = given.pop("encoding", None)
        data = self._pipe_ours(given)
        if data is None:
            with _executable_and_errors():
                return super().pipe(encoding=encoding, **given)
        if encoding and not data.startswith(b"<svg"):
            raise ValueError("PNG and PDF are bytes and no text; leave out encoding")
        return data.decode(encoding) if encoding else data

    def render(self, filename: Any = None, directory: Any = None, view: bool = False, **kwargs: Any) -> Any:
        """Write the picture to a file and give its path; see graphviz.Digraph.render.

        With `outfile`, that file is all that it writes. Formats other than SVG, PNG and PDF are written by Graphviz,
        in its own look.

        Raises:
            TypeError, ValueError: what names the file is no path, or a folder; or it has no end that names the format,
                or that of another one.
            FileNotFoundError: the folder of outfile does not exist.
        """
        check_names("render", kwargs, _OF_RENDER)
        for name, path in (("outfile", kwargs.get("outfile")), ("filename", filename), ("directory", directory)):
            _check_path(name, path)
        _check_names(kwargs, "format", "renderer", "formatter", "engine")
        if filename is not None and Path(filename).suffix in (".svg", ".png", ".pdf"):
            raise ValueError(
                f"render() writes the text of the graph to its first argument; write render(outfile={str(filename)!r})"
            )
        outfile = kwargs.get("outfile")
        suffix = _format_of(outfile, kwargs.get("format")) if outfile is not None else ""
        data = self._pipe_ours({"format": kwargs.get("format") or suffix or None, "engine": kwargs.get("engine")})
        if data is None or any(kwargs.get(name) for name in ("renderer", "formatter", "raise_if_result_exists")):
            with _executable_and_errors():
                return super().render(filename=filename, directory=directory, view=view, **kwargs)
        if outfile is None:
            source = self.save(filename=filename, directory=directory)
            outfile = f"{source}.{kwargs.get('format') or self.format}"
            if kwargs.get("cleanup"):
                os.remove(source)
        elif filename is not None:
            self.save(filename=filename, directory=directory)
        path = Path(outfile)
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
        text = self._document(fits=asked != "svg")
        if asked == "png":
            return _png(text)
        return _pdf(text) if asked == "pdf" else text.encode()


_OF_RENDER = (
    "outfile", "format", "engine", "cleanup", "renderer", "formatter", "neato_no_op", "quiet", "quiet_view",
    "overwrite_source", "raise_if_result_exists",
)  # fmt: skip


def _check_names(given: dict[str, Any], *names: str) -> None:
    """Raise TypeError if one of these arguments is given and no text; formats in capitals become small."""
    for name in names:
        value = given.get(name)
        if value is not None and not isinstance(value, str):
            example = {"format": "svg", "engine": "dot", "encoding": "utf-8"}.get(name, "cairo")
            raise TypeError(f'{name} is a name, got {type(value).__name__}; write {name}="{example}"')
    if given.get("format"):
        given["format"] = given["format"].lower()


def _check_path(name: str, path: Any) -> None:
    if path is None:
        return
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f'{name} is a path, got {type(path).__name__}; write outfile="picture.svg"')
    if name == "directory":
        return
    if not os.fspath(path):
        raise ValueError(f'{name} is a path, got an empty one; write outfile="picture.svg"')
    folder = Path(os.fsdecode(path)).parent
    if name == "outfile" and not folder.is_dir():
        raise FileNotFoundError(
            f"outfile is in the folder {str(folder)!r}, which does not exist; make that folder first"
        )
    if os.path.isdir(path):
        raise ValueError(f"{name} is a file, got the folder {os.fspath(path)!r}; add the name of a file to it")


_KINDS = {name: name for name in ("svg", "svgz", "png", "pdf", "jpg", "gif", "webp", "bmp", "ps", "eps", "tif")}
_KINDS |= {"jpeg": "jpg", "jpe": "jpg", "tiff": "tif"}
"""What the ends of files stand for; ends that are not here go with every format."""


def _format_of(outfile: Any, asked: str | None) -> str:
    """The format that the end of a file names, "" if none.

    Raises:
        ValueError: another one was asked for, there is no such format, or neither names one.
    """
    end = Path(outfile).suffix[1:].lower()
    if asked and _KINDS.get(end, asked) != _KINDS.get(asked, end):
        raise ValueError(
            f"outfile ends in .{end}, but format is {asked!r}; leave out format, or let it end in .{asked}"
        )
    if not end and not asked:
        path = os.fspath(outfile)
        raise ValueError(f"outfile has no end that names the format, got {path!r}; write outfile={f'{path}.svg'!r}")
    if not asked and end not in graphviz.FORMATS:
        raise ValueError(f"no format is named .{end}; let outfile end in .svg, .png or .pdf, or pass format, too")
    return end


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
    white = "#ffffff"  # below the last pixels, which the ground may cover in part
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
