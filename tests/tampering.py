"""Stored programs that were tampered with: each is refused with a sentence, or runs without harm.

    python -m tests.tampering 1000000 [SEED [FIRST]]

changes so many states at random, loads each, and runs what loads. It stops at the first exception of a wrong kind. If
the process ends otherwise, the last line tells where to begin again; `FIRST` is the number of a state.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import math
import pickle
import random
import sys
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

import autograd
from autograd import TABLE, Program, Value, compile, dot, exp, operation, relu, tanh, where
from autograd.compiler import storage
from autograd.compiler.ir import COMPARISONS
from autograd.pytree import Branch, unflatten

# --------------------------------------------------------------------------- the programs


class Pair(NamedTuple):
    """A structure that has a class."""

    left: Any
    right: Any


twice = operation("twice_in_tampering", lambda a: 2.0 * a, ("2.0",))


def programs() -> list[Program]:
    """Programs that use every part of a state."""
    w = [Value(0.5 * i - 0.75, label=f"w{i}") for i in range(5)]

    def network(x: Any, y: Any) -> Any:
        hidden = [tanh(dot(w[k : k + 2], x) + w[k]) for k in range(2)]
        return relu(1.0 - y * (dot(w[:2], hidden) + w[4]))

    branching = compile(lambda x: w[0] * x if x > 0.5 else exp(x) * 2.0)
    branching(1.0), branching(-1.0)
    nested = compile(lambda d: {"a": [d["x"][0] * w[1], d["x"][1]], (1, "b"): d["y"] * 2.0})
    nested({"x": (1.0, 2.0), "y": np.ones(2)})
    trained = compile(network)
    trained([0.5, 1.0], 1.0)
    trained.backward(np.ones((3, 2)), np.ones(3))
    trained.grad([0.5, 1.0], 1.0)
    exact = compile(lambda x, y: where(x, twice(x) * y, x / y), exact=True)
    exact(1.0, 2.0), exact(0.0, 2.0)
    exact.grad.value_and_grad(1.0, 2.0)
    ordered = compile(lambda d: OrderedDict(sum=d["b"] + d["a"]))
    ordered(OrderedDict(b=1.0, a=2.0))
    named = compile(lambda p: Pair(p.left * 2.0, p.right[0] + math.inf))
    named(Pair(1.0, [2.0]))
    return [branching, nested, trained, exact, ordered, named]


# --------------------------------------------------------------------------- changing a state

WRONG = [
    0, 1, 2, 3, -1, 7, 100, 2**24, 2**31, 2**63, 10**30, True, False, None, 0.0, 1.5, -0.0, math.inf, math.nan, "", "a",
    "dot", "gate", "relu_dot", "exp", "multiply", "==", "<", "or __import__('os').abort() or", "nan", "1.5", "0x1p3",
    "tuple", "array", (), [], {}, (0,), [0], (None,), [None], {"array": [2]}, {"list": []}, b"a", list, dict, tuple,
    Pair, object, print, Value(1.0),
]  # fmt: skip
"""What takes the place of a part."""


def changed(state: Any, rng: random.Random, times: int) -> Any:
    """A copy of a structure with so many random changes."""
    for _ in range(times):
        state = _changed(state, rng, _parts(state))
    return state


def _parts(state: Any) -> list[tuple[Any, ...]]:
    """The path to every part: the keys from the outside to it."""
    paths: list[tuple[Any, ...]] = [()]
    for path in paths:
        part = _part(state, path)
        keys: Any = list(part) if type(part) is dict else range(len(part)) if type(part) in (list, tuple) else ()
        paths += [(*path, key) for key in keys]
    return paths


def _part(state: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        state = state[key]
    return state


def _changed(state: Any, rng: random.Random, paths: list[tuple[Any, ...]]) -> Any:
    path = rng.choice(paths)
    part = _part(state, path)
    if rng.random() < 0.6 and type(part) in (int, float, str, bool):
        return _replaced(state, path, _similar(part, rng))
    kind = rng.random()
    if kind < 0.35:
        new = rng.choice(WRONG)
    elif kind < 0.55:
        new = _part(state, rng.choice(paths))
    elif type(part) is int:
        new = part + rng.choice([-1, 1, 2, 5, -part, 2**16])
    elif type(part) in (list, tuple) and part:
        items, k = list(part), rng.randrange(len(part))
        if kind < 0.7:
            del items[k]
        elif kind < 0.85:
            items.insert(rng.randrange(len(items) + 1), items[k])
        else:
            rng.shuffle(items)
        new = type(part)(items)
    elif type(part) is str:
        new = "".join(c for c in part if rng.random() < 0.8) + rng.choice(["", "\0", "é", "1"])
    else:
        new = rng.choice(WRONG)
    return _replaced(state, path, new)


def _similar(part: Any, rng: random.Random) -> Any:
    """Another part of the same kind, which the state of a program may have."""
    if type(part) is str:
        if part in COMPARISONS:
            return rng.choice(COMPARISONS)
        if part in TABLE:
            return rng.choice([name for name, row in TABLE.items() if row.arguments == TABLE[part].arguments])
        return rng.choice(["1.5", "-0.0", "inf", "nan", "a"])
    return rng.randrange(20) if type(part) is int else not part if type(part) is bool else rng.choice(SPECIAL)


SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.0, math.inf, math.nan, 1e308, 5e-324]


def _replaced(state: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    key, *rest = path
    items = dict(state) if type(state) is dict else list(state)
    items[key] = _replaced(state[key], tuple(rest), new)
    return tuple(items) if type(state) is tuple else items


def changed_bytes(data: bytes, rng: random.Random) -> bytes:
    """The bytes with a few of them changed, left out, or copied to another place."""
    result = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 5])):
        i, j = sorted(rng.randrange(len(result) + 1) for _ in range(2))
        kind = rng.random()
        if kind < 0.6 and i < len(result):
            result[i] = rng.choice([rng.randrange(256), rng.choice(b'0123456789-[]{},:"')])
        elif kind < 0.7:
            del result[i:]
        elif kind < 0.85:
            del result[i : min(j, i + 8)]
        else:
            result[i:i] = result[j : j + rng.randrange(1, 40)]
    return bytes(result)


# --------------------------------------------------------------------------- loading it


class Source:
    """A program in each form in which it is stored; no document if it cannot be saved."""

    def __init__(self, program: Program) -> None:
        self.state: Any = program.__getstate__()
        try:
            document = json.loads(storage.text_of(self.state))
        except TypeError:  # it holds a class
            document = None
        self.document: Any = document and {name: document[name] for name in ("parameters", "program")}
        self.text = json.dumps(document).encode()
        self.parts = {"state": _parts(self.state), "document": _parts(self.document)}

    def changed(self, form: str, rng: random.Random) -> Any:
        """One of the forms with a few random changes."""
        state = _changed(getattr(self, form), rng, self.parts[form])
        return changed(state, rng, rng.choice([0, 0, 0, 0, 1, 3]))


def load(source: Source, rng: random.Random) -> Any:
    """A program, or a Value, from a state that was changed in one of four ways."""
    way = rng.choice(["state", "state", "document", "text", "value"])
    if way == "value":
        value = Value(1.0)
        value.__setstate__(changed((0.5, "w", ("layer 0", "neuron 1")), rng, 1))
        assert repr(value) + repr(value.scope)
        return pickle.loads(pickle.dumps(value))
    if way == "state" or source.document is None:
        program = Program.__new__(Program)
        program.__setstate__(source.changed("state", rng))
        return program
    if way == "text":
        data = changed_bytes(source.text, rng)
        return storage.program_of(_resealed(data) if rng.random() < 0.9 else data, Program)
    try:
        text = json.dumps(storage.sealed(source.changed("document", rng)))
    except (TypeError, KeyError, ValueError):  # no JSON
        text = "{}"
    return storage.program_of(text.encode(), Program)


def _resealed(data: bytes) -> bytes:
    """The same with a fingerprint that fits, if it still is a document."""
    try:
        document = json.loads(data)
        return json.dumps(storage.sealed({name: document[name] for name in ("parameters", "program")})).encode()
    except (ValueError, TypeError, KeyError, RecursionError):
        return data


# --------------------------------------------------------------------------- running it


def run(program: Program, rng: random.Random) -> None:
    """Use every part of a program that was loaded. It may lack a path, but it may do nothing worse."""
    for known in (program._specializations, program._reductions):
        for specialization in known:
            numbers = [rng.choice([0.0, 1.0, -1.0, 0.25]) for _ in range(_size(specialization))]
            arguments = unflatten(specialization.signature, numbers)
            rows = [_rows(specialization.signature.children[k], x) for k, x in enumerate(arguments)]
            with contextlib.suppress(RuntimeError):  # a path that was not traced
                program(*arguments)
            for method in (program.map, program.backward) if rows else ():
                with contextlib.suppress(RuntimeError, ValueError, TypeError):  # rows that are no rows
                    method(*rows)
    if program.listings:
        assert str(program)
        assert program.fingerprint
        has_code = bool(program._traced())  # not if its only paths are those of backward()
        with contextlib.suppress(ValueError):  # several structures, or an operation without code
            exec(program.to_python("f") if rng.random() < 0.05 and has_code else "", {})
    pickle.loads(pickle.dumps(program))
    for derivative in program._derivatives().values():
        run(derivative, rng)


def _size(specialization: Any) -> int:
    return sum(leaf.size for leaf in autograd.pytree.leaves(specialization.signature))


def _rows(tree: Any, argument: Any) -> Any:
    """Three rows of an argument."""
    if isinstance(tree, Branch) and tree.kind is not list:
        parts = argument.values() if isinstance(argument, dict) else argument
        rows = [_rows(child, part) for child, part in zip(tree.children, parts, strict=True)]
        return dict(zip(tree.keys, rows, strict=True)) if isinstance(argument, dict) else tuple(rows)
    return [argument] * 3 if isinstance(tree, Branch) else np.array([argument] * 3)


# --------------------------------------------------------------------------- many states


class HarmError(AssertionError):
    """A state that does what it must not."""


def campaign(count: int, seed: int, first: int = 0) -> Iterator[bool]:
    """Change, load and run count states; yield whether each was loaded. HarmError for an exception of a wrong kind."""
    stored = [Source(program) for program in programs()]
    for i in range(first, first + count):
        rng = random.Random(f"{seed}/{i}")
        source = rng.choice(stored)
        try:
            program = load(source, rng)
        except Exception as error:
            if not is_refusal(error):
                raise HarmError(f"state {seed}/{i} raises {type(error).__name__} while it is loaded") from error
            yield False
            continue
        if isinstance(program, Program) and vars(program):
            try:
                run(program, rng)
            except Exception as error:
                raise HarmError(f"state {seed}/{i} raises {type(error).__name__} when it runs") from error
        yield True


def is_refusal(error: Exception) -> bool:
    """Whether it is a sentence with a remedy."""
    return isinstance(error, (ValueError, TypeError)) and "; " in str(error) and len(str(error).split()) <= 30


def main(count: int, seed: int = 0, first: int = 0) -> None:
    faulthandler.enable()
    loaded = 0
    for i, was_loaded in enumerate(campaign(count, seed, first), first + 1):
        loaded += was_loaded
        if i % 1000 == 0 or i == first + count:
            print(f"{i} states: {loaded} loaded and ran, the others were refused", flush=True)


if __name__ == "__main__":
    with np.errstate(all="ignore"):
        main(*map(int, sys.argv[1:]))
