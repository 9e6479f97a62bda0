"""check_gradients() compares derivatives with difference quotients; Hypothesis strategies search where they differ.

    from autograd.testing import check_gradients, expressions, numerical_gradient, points_for, values

Read `finite_differences.py` first: the quotients and their errors. Then `checks.py` compares, and `culprit.py` finds
the wrong operation. `expressions.py` and `strategies.py` make random functions.
"""

from autograd.testing.checks import GradientError, check_gradients
from autograd.testing.expressions import Expression
from autograd.testing.finite_differences import NumericalGradient, numerical_gradient
from autograd.testing.strategies import expressions, points_for, values

__all__ = [
    "Expression",
    "GradientError",
    "NumericalGradient",
    "check_gradients",
    "expressions",
    "numerical_gradient",
    "points_for",
    "values",
]
