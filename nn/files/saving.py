"""Models in files of the format safetensors, which hold numbers and an architecture, and no code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, Union, overload

from nn.files import safetensors
from nn.files.architecture import architecture_of, planned
from nn.files.paths import checked
from nn.module import Module
from nn.optim.optimizer import Optimizer
from nn.structure.state import compare, numbers_of

if TYPE_CHECKING:
    from nn.files.paths import Path
    from nn.files.safetensors import Header
    from nn.structure.state import State

Kind = TypeVar("Kind", bound=Union[Module, Optimizer])

_FORMAT = {"format": "valuegrad", "version": "1"}


def save(model: Module | Optimizer | Mapping[str, Any], path: Path) -> None:
    """Write a model or an optimizer to a file for `load()`: numbers as safetensors, the architecture as JSON.

    The file holds no code. The file that it replaces stays as it was until the new one is whole.

    Args:
        model: a module, or arrays by name, such as `model.state_dict()`. Of modules that have a class of yours, or hold
            one, only the numbers are saved: `load(path, into=model)` reads them. Of an optimizer, what its next steps
            depend on beside the parameters is saved, for `load(path, into=optimizer)`.
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
    metadata = dict(_FORMAT)
    if isinstance(model, Module):
        if architecture := architecture_of(model):
            metadata["architecture"] = architecture
        arrays = model.state_dict()
    elif isinstance(model, Optimizer):
        state = model.state_dict()
        arrays = state.pop("state")
        metadata["optimizer"] = json.dumps({"kind": type(model).__name__, **state})
    elif isinstance(model, Mapping):
        if model.keys() == {"steps", "groups", "state"}:
            raise TypeError(
                "save() takes the optimizer instead of its state_dict(), which is no array; save(optimizer, path)"
            )
        arrays = {_text(name): numbers_of(str(name), array, "save") for name, array in model.items()}
    else:
        raise TypeError(
            f"save() takes a Module, an Optimizer or arrays by name, got {type(model).__name__}; save(model, path)"
        )
    safetensors.write(path, arrays, metadata)


def _text(name: object) -> str:
    if not isinstance(name, str):
        raise TypeError(f"save() takes arrays by name, got a name of type {type(name).__name__}; write it as text")
    return name


@overload
def load(path: Path, into: None = None) -> Any: ...  # any of the modules of nn


@overload
def load(path: Path, into: Kind) -> Kind: ...


def load(path: Path, into: Module | Optimizer | None = None) -> Any:
    """The model or the optimizer that `save()` wrote to a file.

    Everything in the file is checked before it is used, and none of it is run as code.

    Args:
        path: of the file.
        into: a module that takes the numbers, for a file without an architecture: of a class of yours, or of another
            library. Numbers of float64, float32, float16 and bfloat16 are read. Or an optimizer, which then goes on as
            the saved one, with the same bits.

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
    if into is not None and not isinstance(into, (Module, Optimizer)):
        kind = type(into).__name__
        raise TypeError(f"load() takes a Module or an Optimizer for into, got {kind}; load(path, into=model)")
    with safetensors.opened(checked(path, "load")) as (file, header):
        # the arrays must fit before they are read: a file names sizes for which there is no memory
        if isinstance(into, Optimizer):
            state = _optimizer_state(into, header)
            try:
                into.load_state_dict({**state, "state": safetensors.read(file, header)})
            except TypeError as error:  # a setting that is no bool
                raise safetensors.refused("a setting of its optimizer has a wrong type") from error
            return into
        if into is None:
            model = _built(header)
        else:
            model = into
            if "optimizer" in header.metadata:
                raise ValueError(
                    "the file is of an optimizer, which load(path, into=optimizer) reads; "
                    "a model has a file of its own: save(model, path)"
                )
            compare(type(into).__name__, into._blocks(), header.shapes, True, "use load_state(path)")
        arrays = safetensors.read(file, header)
    model.load_state_dict(arrays)
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
    if "optimizer" in metadata:
        raise ValueError(
            "the file is of an optimizer; build the model and the optimizer, then load(path, into=optimizer)"
        )
    if "architecture" not in metadata or metadata.get("format") != _FORMAT["format"]:
        raise ValueError(
            "the file has arrays by name, but no architecture; build the model, then load(path, into=model); "
            "load_state(path) gives the arrays"
        )
    if metadata.get("version") != _FORMAT["version"]:
        raise ValueError("another version of valuegrad saved the file; update, or load(path, into=model)")
    build, shapes = planned(metadata["architecture"])
    if shapes != header.shapes:
        raise safetensors.refused("its arrays do not fit its architecture")
    return build()


def _optimizer_state(optimizer: Optimizer, header: Header) -> dict[str, Any]:
    """What the state_dict() of an optimizer had beside its arrays, if it is of the same class, and the arrays fit."""
    if "optimizer" not in header.metadata:
        what, call = (
            ("a model", "load(path)") if "architecture" in header.metadata else ("arrays", "load(path, into=model)")
        )
        raise ValueError(
            f"the file is of {what}, which {call} reads; an optimizer has a file of its own: save(optimizer, path)"
        )
    state = safetensors.parsed(header.metadata["optimizer"], "its optimizer", floats=True)
    kind, groups = state.pop("kind", None), state.get("groups")
    is_whole = state.keys() == {"steps", "groups"} and type(state["steps"]) is int
    if not is_whole or type(groups) is not list or not all(type(group) is dict for group in groups):
        raise safetensors.refused("its optimizer has no kind, steps and groups, or has more")
    if kind != type(optimizer).__name__:
        raise ValueError(f"the file is of another optimizer than {type(optimizer).__name__}; build one of its class")
    names = optimizer.STATE if state["steps"] else ()
    fits = header.shapes == {name: (len(optimizer.parameters),) for name in names}
    if not fits or [group.get("size") for group in groups] != [len(group.parameters) for group in optimizer.groups]:
        raise ValueError("the file is of an optimizer of another model; build the model and the optimizer as then")
    return state
