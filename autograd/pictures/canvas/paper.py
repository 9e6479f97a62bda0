"""What all pictures are drawn on: a document of SVG with a title, text in pieces, and the colours of a theme."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from html import escape
from math import ceil

from autograd.pictures.canvas.themes import DARK, colours_of
from autograd.pictures.notation.text import FONTS, WIDE_FONTS, Run, by_width, is_wide, printable

_MARGIN = 12.0  # points around the picture
_SHIFTS = {"sub": 0.22, "sup": -0.36}  # of the size, downwards
_SMALLER = 0.74

# class names begin with vg-, because the rules of an SVG within a page hold for the whole page


class Paper:
    """Draws in the colours of a theme.

    Args:
        fits: whether text is stretched or narrowed to the width that its place was made for. A PNG needs that on a
            machine whose only font is a wide one; a viewer of SVG has the usual fonts, or ones like them.

    Attributes:
        colours: those where no viewer prefers others.
    """

    def __init__(self, theme: str, *, fits: bool = False) -> None:
        self._theme, self._fits = theme, fits
        self.colours = colours_of(theme)

    def document(
        self, size: tuple[float, float], title: str, description: str, body: Iterable[str], dark: Iterable[str]
    ) -> str:
        """The whole of a picture.

        Args:
            size: its width and height in points, without the margin.
            title, description: for screen readers.
            body: the elements.
            dark: rules that replace their colours by those of the dark theme.
        """
        width, height = (ceil(length + 2 * _MARGIN) for length in size)
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}pt" height="{height}pt" '
            f'viewBox="0 0 {width} {height}" role="img" font-family="{escape(FONTS)}">',
            f"<title>{safe(title)}</title>",
            f"<desc>{safe(description)}</desc>",
        ]
        if self._theme == "auto":
            lines.append(f"<style>@media (prefers-color-scheme: dark) {{ {' '.join([*dark, *_RULES])} }}</style>")
        ground = self.colours["paper"]  # otherwise the text cannot be read on a page of another colour
        lines.append(f'<rect class="vg-ground" width="{width}" height="{height}" fill="{ground}"/>')
        return "\n".join([*lines, f'<g transform="translate({_MARGIN:g} {_MARGIN:g})">', *body, "</g>", "</svg>", ""])

    def text(self, runs: list[Run], x: float, y: float, anchor: str = "start", *, halo: bool = False) -> str:
        """Pieces of text on a line, whose base is at y.

        Args:
            anchor: what is at x, the "start", "middle" or "end".
            halo: whether the colour of the ground is around it.
        """
        side = "" if anchor == "start" else f' text-anchor="{anchor}"'
        room = sum(run.width for run in runs)
        left = x - {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * room
        ground = self._halo(left, y, room, max((run.size for run in runs), default=0.0)) if halo else ""
        name = ' class="vg-halo"' if halo else ""
        if self._fits:
            return f"{ground}<text{name}>{''.join(self._fitted(runs, left, y))}</text>"
        spans = "".join(self._span(run) for run in runs)
        return f'{ground}<text x="{x:.1f}" y="{y:.1f}"{side}{name}>{spans}</text>'

    def _halo(self, left: float, base: float, width: float, size: float) -> str:
        """A piece of the ground behind a line of text: a stroke around each sign would cover the signs beside it."""
        place = (
            f'x="{left - 1.5:.1f}" y="{base - 0.85 * size:.1f}" width="{width + 3.0:.1f}" height="{1.15 * size:.1f}"'
        )
        return f'<rect class="vg-back" {place} rx="2" fill="{self.colours["paper"]}" fill-opacity="0.8"/>'

    def _fitted(self, runs: list[Run], x: float, y: float) -> Iterator[str]:
        """Pieces of text, each at its place and as wide as that; wide signs by themselves: there fonts differ most."""
        for run in runs:
            for text, shift in [(part, shift) for piece, shift in run.pieces() for part in by_width(piece)]:
                size, down = run.size * (_SMALLER if shift else 1.0), run.size * _SHIFTS.get(shift, 0.0)
                bare = text.strip(" ")
                begin = text[: len(text) - len(text.lstrip(" "))]
                before, room, whole = [_width(run, part, shift) for part in (begin, bare, text)]
                if room:
                    place = f'x="{x + before:.2f}" y="{y + down:.2f}" textLength="{room:.2f}"'
                    fit = 'lengthAdjust="spacingAndGlyphs" xml:space="preserve"'
                    fonts = f' font-family="{escape(WIDE_FONTS)}"' if is_wide(bare) else ""
                    yield f'<tspan {self._look(run)}{fonts} font-size="{size:g}" {place} {fit}>{safe(bare)}</tspan>'
                x += whole

    def _look(self, run: Run) -> str:
        weight = ' font-weight="bold"' if run.bold else ""
        return f'class="vg-{run.role}" fill="{self.colours[run.role]}"{weight}'

    def _span(self, run: Run) -> str:
        look, spans, raised = self._look(run), [], 0.0
        for text, shift in run.pieces():
            size = run.size * (_SMALLER if shift else 1.0)
            lowered = run.size * _SHIFTS.get(shift, 0.0)
            move = f' dy="{lowered - raised:.2f}"' if lowered != raised else ""
            spans.append(f'<tspan {look} font-size="{size:g}"{move} xml:space="preserve">{safe(text)}</tspan>')
            raised = lowered
        if raised:
            spans.append(f'<tspan dy="{-raised:.2f}">\u200b</tspan>')
        return "".join(spans)


def _width(run: Run, text: str, shift: str) -> float:
    """How wide a piece of a run is."""
    return replace(run, text="\N{SUBSCRIPT ONE}" * len(text) if shift else text).width


_RULES = [f".vg-{role} {{ fill: {DARK[role]} }}" for role in ("ink", "muted", "positive", "negative")]
_RULES += [f".vg-back {{ fill: {DARK['paper']} }}", f".vg-ground {{ fill: {DARK['paper']} }}"]


def safe(text: str) -> str:
    """The text for SVG; a sign that XML forbids is replaced."""
    return escape(printable(text))
