"""Every public name is documented, typed, and in the table of contents."""

import importlib.metadata
import inspect
import os
import pkgutil
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import autograd
import nn
from autograd.operations.operation import Operation


def public_names():
    for package in (autograd, nn, nn.data, nn.init, nn.losses, nn.metrics, nn.optim):
        names = getattr(package, "__all__", None) or [
            name for name, item in vars(package).items() if getattr(item, "__module__", None) == package.__name__
        ]
        for name in names:
            item = getattr(package, name)
            if name[0] != "_" and not inspect.ismodule(item):
                yield pytest.param(item, id=f"{package.__name__}.{name}")


@pytest.mark.parametrize("item", list(public_names()))
def test_a_public_name_is_documented(item):
    assert (not inspect.isclass(item) and not callable(item)) or len(item.__doc__.split()) >= 2
    if inspect.isclass(item):
        for name, member in vars(item).items():
            if name[0] != "_" and (inspect.isfunction(member) or isinstance(member, property)):
                assert inspect.getdoc(member), name


@pytest.mark.parametrize("item", list(public_names()))
def test_a_public_function_or_class_has_an_example_or_is_a_row(item):
    if inspect.isfunction(item) or inspect.isclass(item):
        abstract = item in (Operation, nn.optim.Optimizer, nn.optim.Rule, nn.optim.Schedule)
        assert abstract or ">>>" in item.__doc__ or inspect.isdatadescriptor(item)


@pytest.mark.parametrize("package", [autograd, nn])
def test_the_table_of_contents_is_complete(package):
    assert len(set(package.__all__)) == len(package.__all__)
    public = {name for name in vars(package) if name[0] != "_"}
    modules = {module.name for module in pkgutil.iter_modules(package.__path__)}
    assert public - modules <= set(package.__all__)


@pytest.mark.parametrize("package", [autograd, nn])
def test_every_module_is_importable_on_its_own(package):
    names = [f"{package.__name__}.{module.name}" for module in pkgutil.iter_modules(package.__path__)]
    names = sorted({*names} - {"nn.estimator", "nn.sklearn"})  # they import scikit-learn, and have a test of their own
    environment = os.environ | {"VALUEGRAD_BACKEND": "python"}  # compiled modules cannot be imported twice
    subprocess.run([sys.executable, "-c", IMPORT_EACH, *names], check=True, env=environment)
    assert all(importlib.import_module(name).__doc__ for name in names)


IMPORT_EACH = """
import importlib, sys
for name in sys.argv[1:]:
    for known in [*sys.modules]:
        if known.split(".")[0] in ("autograd", "nn"):
            del sys.modules[known]
    importlib.import_module(name)
"""


def test_the_version_is_the_one_that_is_installed():
    assert autograd.__version__ == importlib.metadata.version("valuegrad")


def test_the_program_the_type_checker_reads_runs():
    names = runpy.run_path(str(Path(__file__).with_name("typed_program.py")))
    assert all(isinstance(names[name], autograd.Value) for name in "xyztmwhcki")
