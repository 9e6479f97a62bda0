"""compile(f): a function of Values is traced once, made shorter by passes, and replayed for one point or many rows.

Read `program.py` and `specialize.py` first, then `path.py`: a path is traced (`trace.py`), becomes a listing (`ir.py`),
is made shorter (`passes.py`, `products.py`) and runs (`machine_evaluator.py`, or `numpy_evaluator.py`).
"""

from autograd.compiler.compile import compile
from autograd.compiler.vectors import (
    gradients_to_vector,
    parameters_to_vector,
    vector_to_gradients,
    vector_to_parameters,
)

__all__ = ["compile", "gradients_to_vector", "parameters_to_vector", "vector_to_gradients", "vector_to_parameters"]
