"""Pictures of computation graphs.

Read `drawing.py` first, the public function. `snapshot.py` says what a picture shows, `dot.py` how it looks, and
`picture.py` runs Graphviz.
"""

from autograd.pictures.drawing import draw, notebook

__all__ = ["draw", "notebook"]
