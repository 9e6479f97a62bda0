"""Every public name, called with a wrong argument, says in one sentence what it got and what to write instead."""

import datetime
import decimal
import inspect
import re
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import autograd
import autograd.testing
import nn
from autograd import Program, Value, compile
from autograd.operations.operation import Operation

WRONG = {
    "nothing": lambda: None,
    "a text": lambda: "text",
    "bytes": lambda: b"x",
    "a list": lambda: [1.0, 2.0],
    "a nested list": lambda: [[1.0]],
    "an empty list": lambda: [],
    "a dict": lambda: {"a": 1.0},
    "a set": lambda: {1.0},
    "an object": SimpleNamespace,
    "a function": lambda: lambda x: x,
    "a class": lambda: int,
    "a module": lambda: sys,
    "a complex number": lambda: 1j,
    "a signaling nan": lambda: decimal.Decimal("sNaN"),
    "a huge int": lambda: 10**400,
    "a negative number": lambda: -1.0,
    "nan": lambda: float("nan"),
    "an array": lambda: np.array([1.0, 2.0]),
    "a 0-d array": lambda: np.array(1.0),
    "a date": lambda: datetime.date(2020, 1, 1),
    "a generator of text": lambda: (x for x in "ab"),
    "a Value": lambda: Value(2.0),
}
ABSTRACT = {Operation, nn.optim.Optimizer, nn.optim.Rule, nn.optim.Schedule, nn.Module}  # their makers are subclasses


def public_callables():
    packages = {"autograd": autograd, "testing": autograd.testing}
    packages |= {"nn": nn, "data": nn.data, "losses": nn.losses, "metrics": nn.metrics, "optim": nn.optim}
    for prefix, package in packages.items():
        for name, item in vars(package).items():
            is_public = name in getattr(package, "__all__", []) or getattr(item, "__module__", "") == package.__name__
            if is_public and name[0] != "_" and callable(item) and item not in ABSTRACT:
                yield f"{prefix}.{name}", name, lambda item=item: item
    w = Value(2.0, label="w")
    program = compile(lambda x: w * x)
    program(1.0)
    model = nn.MLP(2, [1])
    for make, kind in ((lambda: Value(0.5), Value), (lambda: program, Program), (lambda: model, nn.MLP)):
        for name in dir(kind):
            if name[0] != "_" and inspect.isroutine(getattr(kind, name)):
                yield f"{kind.__name__}.{name}", name, lambda make=make, name=name: getattr(make(), name)


def count(function):
    """How many arguments it needs; 1 if it needs none, but takes one."""
    if function is Value or (inspect.isclass(function) and issubclass(function, Exception)):  # they have no signature
        return 1
    if isinstance(function, Operation):
        return len(function.formulas)
    parameters = [p for p in inspect.signature(function).parameters.values() if p.kind < p.KEYWORD_ONLY]
    needed = [p for p in parameters if p.default is p.empty and p.kind is not p.VAR_POSITIONAL]
    return len(needed) or min(len(parameters), 1)


CALLABLES = {key: (name, get) for key, name, get in public_callables()}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of NumPy, where a function is nan
@pytest.mark.parametrize("key", CALLABLES)
def test_a_wrong_argument_is_answered_by_a_sentence_with_a_remedy(key, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # for save("text")
    name, get = CALLABLES[key]
    for wrong in WRONG:
        for position in range(count(get())):
            arguments = [0.5] * count(get())
            arguments[position] = WRONG[wrong]()
            try:
                get()(*arguments)
            except FileNotFoundError:  # Python's own sentence
                pass
            except Exception as error:
                read(str(error), name)


def read(message, name):
    assert len(message.split()) <= 25, message
    assert re.search(r"; .", message), message  # a remedy
    named = re.match(r"(\w+)\(\)", message)
    # not a function that it calls, but for the product in the function of the program
    assert named is None or named[1] in (name, "multiply"), message
