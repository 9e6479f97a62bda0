"""Refuses to run in a folder that also holds files of HIPS autograd, whose import name is ours."""

from os.path import dirname, exists, join  # pathlib takes longer to import than autograd

_MIXED = (
    "the package 'autograd' holds files of two distributions, valuegrad and HIPS autograd; "
    "uninstall both, python -m pip uninstall -y autograd valuegrad, then install valuegrad again"
)

if exists(join(dirname(__file__), "tracer.py")):  # a module that only HIPS autograd has
    raise ImportError(_MIXED)
