"""Pictures of computation graphs.

Read `drawing.py` first, the public function. Then `graphs/`: from a graph to its picture. `networks/` has diagrams of
networks, and `explanations/` says why a gradient is what it is. All draw on `canvas/` and write with `notation/`.
"""

from autograd.pictures.drawing import draw, notebook

__all__ = ["draw", "notebook"]
