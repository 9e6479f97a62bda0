"""The operations as functions of NumPy arrays, for programs without a compiled engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.operations.custom import float_functions

_NUMPY = (
    "absolute add arccos arccosh arcsin arcsinh arctan arctan2 arctanh ceil cos cosh divide exp expm1 floor log "
    "log10 log1p log2 maximum minimum multiply negative sin sinh sqrt subtract tan tanh"
)
"""The functions that NumPy has by the same name, with the same special values."""

COMPARE: dict[str, Callable[..., Any]] = {
    "<": np.less,
    "<=": np.less_equal,
    "==": np.equal,
    "!=": np.not_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


def functions() -> dict[str, Callable[..., Any]]:
    """A function of arrays for each operation, by name. What NumPy lacks calls the float function for each number."""
    special: dict[str, Callable[..., Any]] = {
        "relu": lambda a: np.where(np.less_equal(a, 0.0), 0.0, a),
        "sigmoid": _sigmoid,
        "sech_squared": _sech_squared,
        "softplus": lambda a: np.maximum(a, 0.0) + np.log1p(np.exp(-np.abs(a))),
        "step": lambda a: np.where(np.greater(a, 0.0), 1.0, np.where(np.less_equal(a, 0.0), 0.0, np.nan)),
        "stop_gradient": lambda a: a,
        "times": lambda a, b: np.where(np.equal(a, 0.0), 0.0, np.multiply(a, b)),
        "where": np.where,
    }
    known = special | {name: getattr(np, name) for name in _NUMPY.split()}
    others = {name: np.vectorize(f, otypes=[float]) for name, f in float_functions().items() if name not in known}
    return known | others


def exact_functions() -> dict[str, Callable[..., Any]]:
    """The float functions for each number of an array, by name with the prefix exact_."""
    return {f"exact_{name}": np.vectorize(f, otypes=[float]) for name, f in float_functions().items()}


def _sigmoid(a: Any) -> Any:
    e = np.exp(-np.abs(a))
    return np.where(np.less(a, 0.0), e, 1.0) / (1.0 + e)


def _sech_squared(a: Any) -> Any:
    e = np.exp(-2.0 * np.abs(a))
    return 4.0 * e / ((1.0 + e) * (1.0 + e))
