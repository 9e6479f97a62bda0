"""Scalar automatic differentiation: exact, readable and visible.

A `Value` is one number that remembers how it was computed. `backward()` differentiates a result by every
Value that it depends on. `draw()` shows the graph.
"""

from autograd import _installation as _installation  # first: it raises an error if files of HIPS autograd are here
from autograd._typing import TYPE_CHECKING
from autograd.compiler import (
    compile,
    gradients_to_vector,
    parameters_to_vector,
    vector_to_gradients,
    vector_to_parameters,
)
from autograd.derivatives.anomaly import detect_anomaly
from autograd.derivatives.chain_rule import gradients
from autograd.derivatives.matrices import hessian, jacobian
from autograd.derivatives.transforms import grad, hvp, jvp, value_and_grad, vjp
from autograd.engine import Value, backend
from autograd.engine.modes import enable_grad, no_grad, scope, scopes
from autograd.engine.take import take
from autograd.engine.watch import is_traced
from autograd.operations import table as _table
from autograd.operations.custom import operation
from autograd.operations.functions import (
    clip,
    elu,
    gelu,
    leaky_relu,
    log_softmax,
    logsumexp,
    mean,
    norm,
    silu,
    softmax,
    sum,
)
from autograd.operations.operation import TABLE, Operation
from autograd.operations.table import *  # noqa: F403  # every operation: adding one needs no line here
from autograd.pictures import draw

if TYPE_CHECKING:
    from autograd.compiler.program import Program
    from autograd.pages.player import view
    from autograd.pictures.explanations.explanation import explain
    from autograd.pictures.graphs.terminal import tree
    from autograd.pictures.notation.formula import latex
del TYPE_CHECKING

__version__ = "0.1.0"

__all__ = [
    "TABLE",
    "Operation",
    "Program",
    "Value",
    "backend",
    "clip",
    "compile",
    "detect_anomaly",
    "draw",
    "elu",
    "enable_grad",
    "explain",
    "gelu",
    "grad",
    "gradients",
    "gradients_to_vector",
    "hessian",
    "hvp",
    "is_traced",
    "jacobian",
    "jvp",
    "latex",
    "leaky_relu",
    "log_softmax",
    "logsumexp",
    "mean",
    "no_grad",
    "norm",
    "operation",
    "parameters_to_vector",
    "scope",
    "scopes",
    "silu",
    "softmax",
    "sum",
    "take",
    "tree",
    "value_and_grad",
    "vector_to_gradients",
    "vector_to_parameters",
    "view",
    "vjp",
]
__all__ += _table.__all__  # type: ignore[attr-defined]  # the table hides it from type checkers


_LATER = {
    "Program": "autograd.compiler.program",
    "explain": "autograd.pictures.explanations.explanation",
    "latex": "autograd.pictures.notation.formula",
    "tree": "autograd.pictures.graphs.terminal",
    "view": "autograd.pages.player",
}  # where names are that load much; they are imported at their first use


def __getattr__(name: str) -> object:
    if name in _LATER:
        from importlib import import_module

        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
