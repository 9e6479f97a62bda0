"""Pictures of computation graphs: what is drawn, and how Graphviz draws it.

Read `drawing.py` first, the public function; `snapshot.py` says what a picture shows, `dot.py` how it looks.
"""

from autograd.pictures.drawing import draw, notebook

__all__ = ["draw", "notebook"]
