"""Refuses to run on HIPS autograd, which has the same import name as our engine."""

import autograd

if not hasattr(autograd, "Value"):
    raise ImportError(
        "the package 'autograd' is not that of valuegrad: HIPS autograd replaced it; "
        "uninstall both, python -m pip uninstall -y autograd valuegrad, then install valuegrad again"
    )
