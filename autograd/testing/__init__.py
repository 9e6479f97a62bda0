"""Gradients compared with difference quotients, and Hypothesis strategies that look for the place where they differ.

    from autograd.testing import check_gradients, expressions, numerical_gradient, points_for, values

Read `checks.py` first, the checks and strategies; `finite_differences.py` holds the quotients and their errors.
"""

from autograd.testing.checks import GradientError, check_gradients, expressions, points_for, values
from autograd.testing.expressions import Expression
from autograd.testing.finite_differences import NumericalGradient, numerical_gradient

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
