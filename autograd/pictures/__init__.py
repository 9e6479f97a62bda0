"""Pictures of computation graphs.

Read `drawing.py` first, the public function. `snapshot.py` says what a picture shows, `scene.py` in which words and
sizes. Graphviz places it (`layout.py`), and `svg.py` draws it. `dot.py` writes it for other programs.
`terminal.py` writes a graph as text, and `formula.py` as mathematics. `explanation.py` says why a
gradient is what it is.
"""

from autograd.pictures.drawing import draw, notebook

__all__ = ["draw", "notebook"]
