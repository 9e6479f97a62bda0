"""Shows a scene in a picture: as SVG when it is asked for, and in Graphviz's language."""

from __future__ import annotations

from functools import partial

from autograd.pictures.canvas.picture import Picture, placed
from autograd.pictures.canvas.themes import colours_of
from autograd.pictures.graphs import dot, micrograd
from autograd.pictures.graphs.contents import Snapshot
from autograd.pictures.graphs.layout import arrange
from autograd.pictures.graphs.scene import Scene
from autograd.pictures.graphs.siblings import evened
from autograd.pictures.graphs.svg import svg


def show(picture: Picture, scene: Scene, direction: str, theme: str) -> None:
    """Show a scene in an empty picture.

    Args:
        direction, theme: see draw().
    """
    dot.write(picture, scene, direction, colours_of(theme))
    picture.show(partial(_document, scene, direction, theme))


def show_as_micrograd(picture: Picture, shown: Snapshot, direction: str, theme: str) -> None:
    """Show a snapshot in an empty picture, in micrograd's look."""
    micrograd.write(picture, shown, direction, colours_of(theme))
    picture.show(partial(_document, micrograd.scene(shown), direction, theme))


def _document(scene: Scene, direction: str, theme: str, *, fits: bool) -> str:
    """A scene as SVG."""
    scene = evened(scene)
    return svg(scene, arrange(scene, direction, placed), theme, fits=fits)
