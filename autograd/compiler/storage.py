"""The file of a program: JSON, which holds data and no code.

    {"kind": "valuegrad program", "version": 1, "fingerprint": "...", "parameters": [...], "program": {...}}

A parameter is [data, grad, label, scope]. A program has the members of its pickled state (`pickling.py`), with the
positions of its parameters in the list above. In a listing, an integer is a register and a text is a constant: repr()
of the float, which gives its bits back. A structure is null for a number, {"array": shape}, {"list": parts},
{"tuple": parts}, or {"dict": [[key, part], ...]}, also for an "OrderedDict". The fingerprint finds damage; it is no
signature.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
from collections import OrderedDict

from autograd._typing import TYPE_CHECKING
from autograd.compiler.pickling import FORMAT
from autograd.compiler.validation import check_members, count_numbers, damaged
from autograd.engine import Value
from autograd.pytree import DEEPEST

if TYPE_CHECKING:
    from typing import Any, NoReturn, TypeVar

    from autograd.compiler.traces import Traces

    Kind = TypeVar("Kind", bound=Traces)

KIND = "valuegrad program"
VERSION = 1


def checked(path: str | os.PathLike[str], method: str) -> str | os.PathLike[str]:
    """The path; TypeError if it is something else."""
    if not isinstance(path, (str, os.PathLike)):
        kind = type(path).__name__
        raise TypeError(f"Program.{method}() takes the path of a file, got {kind}; write 'program.json'")
    return path


# --------------------------------------------------------------------------- writing


def write(path: str | os.PathLike[str], text: str) -> None:
    """Write a file whole or not at all: the one that it replaces stays as it was until the new one is whole."""
    target = os.path.realpath(path)  # a link stays a link
    if not os.path.exists(target):
        mode = None
    elif not os.path.isfile(target):  # a pipe cannot be replaced
        with open(target, "w", encoding="ascii") as file:
            file.write(text)
        return
    elif os.access(target, os.W_OK):
        mode = stat.S_IMODE(os.stat(target).st_mode)
    else:
        raise PermissionError(f"{target} is read-only; allow writing, or choose another path")
    new = f"{target}.{os.urandom(8).hex()}.tmp"
    try:
        with open(new, "x", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(new, mode)
        os.replace(new, target)
    finally:
        with contextlib.suppress(FileNotFoundError):  # after os.replace()
            os.remove(new)


def text_of(state: dict[str, Any]) -> str:
    """The text of the file for the state of a program."""
    parameters = state["parameters"]
    numbers = {x: k for k, x in enumerate(parameters)}
    values = [[repr(x.data), repr(x.grad), x.label, list(x.scope)] for x in parameters]
    return json.dumps(sealed({"parameters": values, "program": _written(state, numbers)}))


def sealed(body: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps([body["parameters"], body["program"]], sort_keys=True)
    return {"kind": KIND, "version": VERSION, "fingerprint": hashlib.sha256(text.encode()).hexdigest(), **body}


def _written(state: dict[str, Any], numbers: dict[Value, int]) -> dict[str, Any]:
    return {
        "exact": state["exact"],
        "parameters": [numbers[x] for x in state["parameters"]],
        "specializations": [_written_specialization(x) for x in state["specializations"]],
        "reductions": [_written_specialization(x) for x in state["reductions"]],
        "derivatives": {name: _written(x.__getstate__(), numbers) for name, x in state["derivatives"].items()},
    }


def _written_specialization(packed: tuple[Any, ...]) -> list[Any]:
    signature, _, paths = packed
    return [_written_tree(signature), [_written_path(*path) for path in paths]]


def _written_path(listing: tuple[Any, ...], output: tuple[Any, ...], numbers: list[int]) -> list[Any]:
    _, _, steps, outputs, guards, decisive = listing
    return [
        [[name, _written_operands(operands)] for name, operands in steps],
        _written_operands(outputs),
        [[operator, *_written_operands((a, b)), holds] for operator, a, b, holds in guards],
        decisive,
        _written_tree(output),
        numbers,
    ]


def _written_operands(operands: Any) -> list[Any]:
    return [repr(x) if type(x) is float else x for x in operands]


def _written_tree(tree: tuple[Any, ...]) -> Any:
    if len(tree) == 1:
        return None if tree[0] is None else {"array": list(tree[0])}
    kind, keys, children = tree
    if kind not in _KINDS.values():
        raise TypeError(
            f"save() writes lists, tuples, dicts and arrays, got the class {kind.__name__}; "
            "use a tuple instead, or pickle the program"
        )
    parts = [_written_tree(child) for child in children]
    return {kind.__name__: parts if keys is None else [[_written_key(key), x] for key, x in zip(keys, parts)]}


def _written_key(key: Any) -> Any:
    if type(key) is tuple:
        return {"tuple": [_written_part(part) for part in key]}
    return _written_part(key)


def _written_part(key: Any) -> Any:
    if type(key) is float:
        return {"float": repr(key)}
    if key is None or type(key) in (str, bool, int):
        return key
    raise TypeError(
        f"save() writes keys that are text or numbers, got {type(key).__name__}; use other keys, or pickle the program"
    )


_KINDS = {"list": list, "tuple": tuple, "dict": dict, "OrderedDict": OrderedDict}

# --------------------------------------------------------------------------- reading


def program_of(data: bytes, kind: type[Kind]) -> Kind:
    """The program in the bytes of a file; ValueError if they hold something else."""
    try:
        document = json.loads(data.decode("ascii"), parse_int=_integer, **_NO_FLOATS)
        if type(document) is not dict or document.get("kind") != KIND:
            raise damaged(f"the file lacks the kind {KIND!r}")
        if document.get("version") != VERSION:
            raise ValueError(
                f"this autograd reads files of programs of version {VERSION}, and this one has another; "
                "compile the function again, and save it"
            )
        check_members(document, _DOCUMENT, "the file")
        if document != sealed({name: document[name] for name in ("parameters", "program")}):
            raise damaged("its fingerprint does not fit, so the file was changed")
    except RecursionError:
        raise damaged("the file is nested too deeply") from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise damaged("the file is no JSON in ASCII, or incomplete") from error
    parameters = [_value(x) for x in _list(document["parameters"], "parameters")]
    return _program(document["program"], parameters, kind, 0)


def _refuse_number(_: str) -> NoReturn:
    raise damaged("the file has a number with a point, where floats are texts")


def _integer(text: str) -> int:
    if len(text) > 20:
        raise damaged("the file has a very large integer")
    return int(text)


_NO_FLOATS: dict[str, Any] = {"parse_float": _refuse_number, "parse_constant": _refuse_number}
_DOCUMENT = {"kind", "version", "fingerprint", "parameters", "program"}


def _value(written: object) -> Value:
    data, grad, label, scope = _list(written, "a parameter", 4)
    value = Value(_float(data))
    value.__setstate__((_float(grad), label, tuple(_list(scope, "a scope"))))
    return value


def _program(written: Any, parameters: list[Value], kind: type[Kind], depth: int) -> Kind:
    check_members(written, _PROGRAM, "a program")
    if type(written["derivatives"]) is not dict or depth > DEEPEST:
        raise damaged("its derivatives are no dict, or too many")
    state: dict[str, Any] = {"format": FORMAT, "exact": written["exact"]}
    state["parameters"] = [_item(parameters, k) for k in _list(written["parameters"], "parameters")]
    for name in ("specializations", "reductions"):
        parts = _list(written[name], name)
        state[name] = [_specialization(x, is_reduced=name == "reductions") for x in parts]
    state["derivatives"] = {
        name: _program(x, parameters, kind, depth + 1) for name, x in written["derivatives"].items()
    }
    program = kind.__new__(kind)
    program.__setstate__(state)
    return program


_PROGRAM = {"exact", "parameters", "specializations", "reductions", "derivatives"}


def _item(parameters: list[Value], k: object) -> Value:
    if type(k) is not int or not 0 <= k < len(parameters):
        raise damaged("a position among its parameters is wrong")
    return parameters[k]


def _specialization(written: object, *, is_reduced: bool) -> tuple[Any, ...]:
    signature, paths = _list(written, "a specialization", 2)
    tree = _tree(signature, 0)
    n_inputs = count_numbers(tree)
    return tree, is_reduced, [_path(path, n_inputs) for path in _list(paths, "paths")]


def _path(written: object, n_inputs: int) -> tuple[Any, ...]:
    steps, outputs, guards, decisive, output, numbers = _list(written, "a path", 6)
    listing = (
        n_inputs,
        len(_list(numbers, "positions")),
        [
            (name, tuple(_operands(operands)))
            for name, operands in (_list(x, "a step", 2) for x in _list(steps, "steps"))
        ],
        _operands(outputs),
        [_guard(*_list(x, "a guard", 4)) for x in _list(guards, "guards")],
        _list(decisive, "decisive registers"),
    )
    return listing, _tree(output, 0), numbers


def _guard(operator: object, a: object, b: object, holds: object) -> tuple[Any, ...]:
    return operator, *_operands([a, b]), holds


def _operands(written: object) -> list[Any]:
    return [_float(x) if type(x) is str else x for x in _list(written, "operands")]


def _float(text: object) -> float:
    try:
        number = float(text) if type(text) is str else None
    except ValueError:
        number = None
    if number is None or repr(number) != text:
        raise damaged("a number is not written as Python writes floats")
    return number


def _tree(written: object, depth: int) -> tuple[Any, ...]:
    if written is None:
        return (None,)
    if type(written) is not dict or len(written) != 1 or depth > DEEPEST:
        raise damaged("a structure is no object with one member, or too deep")
    ((kind, parts),) = written.items()
    parts = _list(parts, "a structure")
    if kind == "array":
        return (tuple(parts),)
    if kind not in _KINDS:
        raise damaged("a structure is neither an array nor a list, tuple or dict")
    keys = None
    if issubclass(_KINDS[kind], dict):
        pairs = [_list(pair, "a part of a dict", 2) for pair in parts]
        keys, parts = tuple([_key(key) for key, _ in pairs]), [part for _, part in pairs]
    return _KINDS[kind], keys, [_tree(part, depth + 1) for part in parts]


def _key(written: object) -> Any:
    if type(written) is dict and written.keys() == {"tuple"}:
        return tuple([_part_of_key(part) for part in _list(written["tuple"], "a key")])
    return _part_of_key(written)


def _part_of_key(written: Any) -> Any:
    if type(written) is dict and written.keys() == {"float"}:
        return _float(written["float"])
    if written is not None and type(written) not in (str, bool, int):
        raise damaged("a key is neither text nor a number")
    return written


def _list(written: object, what: str, count: int | None = None) -> list[Any]:
    if type(written) is not list or len(written) != (len(written) if count is None else count):
        raise damaged(f"{what} is no list{f' of {count}' if count else ''}")
    return written
