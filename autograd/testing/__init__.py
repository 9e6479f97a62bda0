"""check_gradients() compares derivatives with difference quotients; Hypothesis strategies search where they differ.

    from autograd.testing import check_gradients, expressions, numerical_gradient, points_for, values

Read `finite_differences.py` first: it takes samples (`samples.py`), and `extrapolation.py` makes a derivative and its
error of them. Then `checks.py` compares, and `culprit.py` finds the wrong operation. `expressions.py` and
`strategies.py` make random functions, `points.py` makes points.
"""

from autograd.testing.checks import GradientError, InconclusiveError, check_gradients
from autograd.testing.expressions import Expression
from autograd.testing.finite_differences import NumericalGradient, numerical_gradient
from autograd.testing.points import points_for
from autograd.testing.strategies import expressions, values

__all__ = [
    "Expression",
    "GradientError",
    "InconclusiveError",
    "NumericalGradient",
    "check_gradients",
    "expressions",
    "numerical_gradient",
    "points_for",
    "values",
]
