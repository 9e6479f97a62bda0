"""The colours of pictures. Blue and orange tell signs apart for everybody, and in grey the sign itself does."""

from __future__ import annotations

Colours = dict[str, str]

LIGHT: Colours = {
    "ink": "#1f2933", "muted": "#5f6b76", "positive": "#1f5fae", "negative": "#b4521f", "edge": "#7a8794",
    "paper": "#ffffff", "frame": "#9aa7b5",
    "input": "#e6f0fb", "input line": "#5b8fc7", "parameter": "#fdf1dc", "parameter line": "#d39b3a",
    "operation": "#f4f6f8", "operation line": "#9aa7b5", "result": "#e9f6ec", "result line": "#4f9d64",
    "box": "#eceaf4", "box line": "#8077ab", "number": "#ffffff", "number line": "#1f2933",
    "stub": "#ffffff", "stub line": "#c3ccd6",
}  # fmt: skip
DARK: Colours = {
    "ink": "#e6edf3", "muted": "#a3afbb", "positive": "#79b8ff", "negative": "#ffa36c", "edge": "#8b98a5",
    "paper": "#0d1117", "frame": "#5d6975",
    "input": "#14283d", "input line": "#4f86c0", "parameter": "#33270f", "parameter line": "#c08a2e",
    "operation": "#1f262d", "operation line": "#6b7785", "result": "#12301d", "result line": "#4c9a62",
    "box": "#272340", "box line": "#8f86c2", "number": "#0d1117", "number line": "#a3afbb",
    "stub": "#0d1117", "stub line": "#444e58",
}  # fmt: skip
THEMES = ("light", "dark", "auto")
"""Those of draw(): "auto" is light, and dark where the viewer of an SVG prefers that."""


def colours_of(theme: str) -> Colours:
    """The colours that a picture has where no viewer prefers others."""
    return DARK if theme == "dark" else LIGHT
