"""Models in files of the format safetensors, which hold numbers and an architecture, and no code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, overload

from nn import safetensors
from nn.architecture import architecture_of, planned
from nn.module import Module
from nn.paths import checked
from nn.state import compare, numbers_of

if TYPE_CHECKING:
    from nn.paths import Path
    from nn.safetensors import Header
    from nn.state import State

Model = TypeVar("Model", bound=Module)

_FORMAT = {"format": "valuegrad", "version": "1"}


def save(model: Module | Mapping[str, Any], path: Path) -> None:
    """Write a model to a file, which `load()` reads: its numbers as safetensors, its architecture as JSON.

    The file holds no code. The file that it replaces stays as it was until the new one is whole.

    Args:
        model: a module, or arrays by name, such as `model.state_dict()`. Of modules that have a class of yours, or hold
            one, only the numbers are saved: `load(path, into=model)` reads them.
        path: of the file, by custom with the ending .safetensors.

    Raises:
        TypeError: the model is something else, or the path.
        ValueError: an activation is a function of yours, or the model is not as its class builds it.
        OSError: the file cannot be written.

    >>> import os, tempfile
    >>> from nn import MLP, load, save
    >>> model = MLP(2, [3, 1], activation="tanh")
    >>> path = os.path.join(tempfile.mkdtemp(), "model.safetensors")
    >>> save(model, path)
    >>> load(path)
    MLP(
      (layers.0): Layer(2, 3, activation='tanh')
      (layers.1): Layer(3, 1, activation='linear')
    )
    >>> load(path)([1.0, 2.0]).data == model([1.0, 2.0]).data
    True
    """
    path = checked(path, "save")
    architecture = ""
    if isinstance(model, Module):
        architecture = architecture_of(model)
        arrays = model.state_dict()
    elif isinstance(model, Mapping):
        arrays = {_text(name): numbers_of(str(name), array, "save") for name, array in model.items()}
    else:
        raise TypeError(f"save() takes a Module or arrays by name, got {type(model).__name__}; save(model, path)")
    safetensors.write(path, arrays, {**_FORMAT, **({"architecture": architecture} if architecture else {})})


def _text(name: object) -> str:
    if not isinstance(name, str):
        raise TypeError(f"save() takes arrays by name, got a name of type {type(name).__name__}; write it as text")
    return name


@overload
def load(path: Path, into: None = None) -> Any: ...  # any of the modules of nn


@overload
def load(path: Path, into: Model) -> Model: ...


def load(path: Path, into: Module | None = None) -> Any:
    """The model that `save()` wrote to a file.

    Everything in the file is checked before it is used, and none of it is run as code.

    Args:
        path: of the file.
        into: a module that takes the numbers, for a file without an architecture: of a class of yours, or of another
            library. Numbers of float64, float32, float16 and bfloat16 are read.

    Raises:
        ValueError: the file holds no model, has no architecture, or does not fit `into`, which then is as it was.
        OSError: the file cannot be read.

    >>> import os, tempfile
    >>> from autograd import Value
    >>> from nn import Module, load, save
    >>> class Line(Module):
    ...     def __init__(self, slope):
    ...         self.slope = Value(slope)
    >>> path = os.path.join(tempfile.mkdtemp(), "line.safetensors")
    >>> save(Line(2.0), path)
    >>> load(path, into=Line(0.0)).slope.data
    2.0
    """
    if into is not None and not isinstance(into, Module):
        raise TypeError(f"load() takes a Module for into, got {type(into).__name__}; load(path, into=model)")
    with safetensors.opened(checked(path, "load")) as (file, header):
        # the arrays must fit before they are read: a file names sizes for which there is no memory
        if into is None:
            model = _built(header)
        else:
            model = into
            compare(type(into).__name__, into._blocks(), header.shapes, True, "use load_state(path)")
        state = safetensors.read(file, header)
    model.load_state_dict(state)
    return model


def load_state(path: Path) -> State:
    """The arrays of a file by name, as new arrays of float64: what `state_dict()` of the saved model gave.

    Raises:
        ValueError: the file is no safetensors, or has numbers of a type that is not read.
        OSError: the file cannot be read.

    >>> import os, tempfile
    >>> from nn import load_state, save
    >>> path = os.path.join(tempfile.mkdtemp(), "numbers.safetensors")
    >>> save({"weight": [[1.0, 2.0]]}, path)
    >>> load_state(path)
    {'weight': array([[1., 2.]])}
    """
    with safetensors.opened(checked(path, "load_state")) as (file, header):
        return safetensors.read(file, header)


def _built(header: Header) -> Module:
    """A new module with the architecture of a file, if its arrays fit that."""
    metadata = header.metadata
    if "architecture" not in metadata or metadata.get("format") != _FORMAT["format"]:
        raise ValueError("the file has numbers, but no architecture; build the model, then load(path, into=model)")
    if metadata.get("version") != _FORMAT["version"]:
        raise ValueError("another version of valuegrad saved the file; update, or load(path, into=model)")
    build, shapes = planned(metadata["architecture"])
    if shapes != header.shapes:
        raise safetensors.refused("its arrays do not fit its architecture")
    return build()
