"""Refuses to run on HIPS autograd, whose import name is the same as that of our engine."""

import autograd

if not hasattr(autograd, "Value"):
    raise ImportError(
        "the package 'autograd' is not that of valuegrad: HIPS autograd replaced it; "
        "uninstall both, python -m pip uninstall -y autograd valuegrad, then install valuegrad again"
    )
