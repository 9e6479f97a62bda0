"""Files of models that were tampered with: each is refused with a sentence, or loads without harm.

    python -m tests.hostile_files 1000000 [SEED [FIRST]]

changes so many files at random, and loads each in four ways. It stops at the first exception of a wrong kind, and at
the first model that a refused file has changed. If the process ends otherwise, the last line tells where to begin
again; `FIRST` is the number of a file.
"""

from __future__ import annotations

import faulthandler
import json
import os
import pickle
import random
import re
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from typing import Any

import nn
from autograd import Value, parameters_to_vector
from nn import ELU, MLP, Embedding, Layer, LayerNorm, LeakyReLU, Linear, Module, Neuron, RMSNorm, Sequential, Tanh
from nn.optim import Adam, Optimizer
from tests.tampering import HarmError, changed, changed_bytes

# --------------------------------------------------------------------------- files of 43 kinds


def file_of(header: Any, data: bytes = b"", n: int | None = None) -> bytes:
    """A file with this header, as text, bytes or an object."""
    text = header if isinstance(header, (str, bytes)) else json.dumps(header)
    text = text.encode() if isinstance(text, str) else text
    return (len(text) if n is None else n).to_bytes(8, "little") + text + data


def entry(shape: Any = (2,), offsets: Any = (0, 16), dtype: Any = "F64", **more: Any) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets, **more}


DATA = bytes(range(16))
GOOD = file_of({"a": entry()}, DATA)
TEXT = json.dumps({"a": entry()})


def replaced(old: str, new: str) -> bytes:
    assert old in TEXT
    return file_of(TEXT.replace(old, new), DATA)


def zipped() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("model/data.pkl", pickle.dumps({"a": 1.0}))
    return file.getvalue()


def without(key: str) -> dict[str, Any]:
    return {name: x for name, x in entry().items() if name != key}


@cache
def refused_files() -> dict[str, bytes]:
    """Files that no loader may take, by the number of their kind and a name."""
    kinds = {**_wrong_headers(), **_wrong_entries(), **_others()}
    names = ["", "../../etc/passwd", "a\\..\\b", "__class__", "a.__init__.b", "a\0", "a\n", "\ud800", "\u202e"]
    for name in [*names, "n" * 1_000_000]:
        kinds[f"40 the name {name[:20]!r}"] = file_of({name: entry()}, DATA)
    return kinds


def _wrong_headers() -> dict[str, bytes]:
    return {
        "1 empty": b"",
        "2 seven bytes": GOOD[:7],
        "3 n = 0": file_of("", DATA),
        "3 n = 1": file_of("{", DATA),
        "4 n = 2^63": file_of(TEXT, DATA, 2**63),
        "5 n = 2^64 - 1": file_of(TEXT, DATA, 2**64 - 1),
        "6 n over the limit": file_of(TEXT, DATA, 100_000_001),
        "6 n over the limit, with as many bytes": file_of(TEXT + " " * 10_000_000, DATA),
        "7 n longer than the file": file_of(TEXT, DATA, len(TEXT) + 17),
        "8 n cuts the JSON": file_of(TEXT, DATA, len(TEXT) - 1),
        "9 bad UTF-8": file_of(TEXT.encode().replace(b"a", b"\xff", 1), DATA),
        "9 an overlong form": file_of(TEXT.encode().replace(b'"a"', b'"\xc0\x80"', 1), DATA),
        "10 a byte-order mark": file_of(b"\xef\xbb\xbf" + TEXT.encode(), DATA),
        "11 a leading space": file_of(" " + TEXT, DATA),
        "12 a list as header": file_of(f"[{TEXT}]", DATA),
        "12 null as header": file_of("null", DATA),
        "12 a text as header": file_of('"{}"', DATA),
        "13 NUL padding": file_of(TEXT + "\0\0\0", DATA),
        "13 a padding of newlines": file_of(TEXT + "\n\n", DATA),
        "14 garbage after the JSON": file_of(TEXT + "garbage", DATA),
        "14 another object after the JSON": file_of(TEXT + TEXT, DATA),
        "15 duplicate names": replaced('{"a"', f'{{"a": {json.dumps(entry())}, "a"'),
        "15 duplicate names, escaped": replaced('{"a"', f'{{"\\u0061": {json.dumps(entry())}, "a"'),
        "15 two metadata": replaced('{"a"', '{"__metadata__": {}, "__metadata__": {}, "a"'),
        "16 a duplicate inner key": replaced('"dtype"', '"dtype": "F64", "dtype"'),
        "16 a duplicate key of the metadata": replaced('{"a"', '{"__metadata__": {"k": "", "k": ""}, "a"'),
    }


def _wrong_entries() -> dict[str, bytes]:
    return {
        "17 an unknown inner key": file_of({"a": entry(strides=[1])}, DATA),
        "17 no dtype": file_of({"a": without("dtype")}, DATA),
        "17 no shape": file_of({"a": without("shape")}, DATA),
        "17 no offsets": file_of({"a": without("data_offsets")}, DATA),
        "17 an array that is a list": file_of({"a": [2, 3]}, DATA),
        "18 an unknown dtype": file_of({"a": entry(dtype="F65")}, DATA),
        "18 a dtype in lower case": file_of({"a": entry(dtype="f64")}, DATA),
        "18 integers": file_of({"a": entry(dtype="I64")}, DATA),
        "18 a dtype that is a list": file_of({"a": entry(dtype=["F64"])}, DATA),
        "18 a dtype of 1 MB": file_of({"a": entry(dtype="F" * 1_000_000)}, DATA),
        "19 a negative offset": file_of({"a": entry(offsets=[-16, 0])}, DATA),
        "20 a float as offset": file_of({"a": entry(offsets=[0, 16.0])}, DATA),
        "20 an exponent as offset": replaced("16]", "16e0]"),
        "21 begin > end": file_of({"a": entry(offsets=[16, 0])}, DATA),
        "22 past the end of the file": file_of({"a": entry([4], [0, 32])}, DATA),
        "23 2^64": file_of({"a": entry([2], [2**64, 2**64 + 16])}, DATA),
        "24 three offsets": file_of({"a": entry(offsets=[0, 16, 16])}, DATA),
        "24 one offset": file_of({"a": entry(offsets=[16])}, DATA),
        "24 an object as offsets": file_of({"a": entry(offsets={"0": 0, "1": 16})}, DATA),
        "25 an overlap": file_of({"a": entry(), "b": entry(offsets=[8, 24])}, DATA + DATA[:8]),
        "25 the same bytes twice": file_of({"a": entry(), "b": entry()}, DATA),
        "26 a hole": file_of({"a": entry(), "b": entry(offsets=[24, 40])}, DATA * 2 + DATA[:8]),
        "27 trailing bytes": GOOD + b"\0",
        "27 a zip that is both": GOOD + zipped(),
        "27 arrays missing": file_of({}, DATA),
        "28 a first offset other than 0": file_of({"a": entry(offsets=[8, 24])}, DATA + DATA[:8]),
        "29 a shape that does not fit": file_of({"a": entry([3])}, DATA),
        "29 a scalar that does not fit": file_of({"a": entry([])}, DATA),
        "30 a negative dimension": file_of({"a": entry([-1, -2])}, DATA),
        "31 a product that overflows to 4": file_of({"a": entry([2**33 + 2, 2**63 + 2], [0, 32])}, DATA * 2),
        "31 a product that overflows to 2": file_of({"a": entry([2**62 + 1, 4, 2**61])}, DATA),
        "32 [0, 2^62]": file_of({"a": entry([0, 2**62], [0, 0])}),
        "32 many dimensions and a 0": file_of({"a": entry([0] + [2**40] * 31, [0, 0])}),
        "33 rank 10,000": file_of({"a": entry([1] * 9_999 + [2])}, DATA),
        "34 a bool as dimension": file_of({"a": entry([True, 2])}, DATA),
        "34 a bool as offset": file_of({"a": entry([], [False, 8])}, DATA[:8]),
        "34 a text as dimension": file_of({"a": entry(["2"])}, DATA),
        "35 an integer of 5,000 digits": replaced("[2]", f"[{'9' * 5000}]"),
    }


def _others() -> dict[str, bytes]:
    return {
        "36 JSON 100,000 deep": file_of('{"a":' * 100_000 + "1" + "}" * 100_000),
        "36 lists 100,000 deep": replaced("[2]", "[" * 100_000 + "2" + "]" * 100_000),
        "37 metadata that are no texts": file_of({"__metadata__": {"a": 1}, "a": entry()}, DATA),
        "37 metadata null": file_of({"__metadata__": None, "a": entry()}, DATA),
        "37 metadata that are an array": file_of({"__metadata__": entry()}, DATA),
        "38 NaN": replaced("[2]", "[NaN]"),
        "38 Infinity": replaced("16]", "Infinity]"),
        "38 -Infinity": replaced("[0,", "[-Infinity,"),
        "41 100,000 entries": file_of({f"a{i}": entry([0], [0, 0]) for i in range(100_000)}),
        "42 -0": replaced("[0,", "[-0,"),
        "42 -0.0": replaced("[0,", "[-0.0,"),
        "43 a pickle": pickle.dumps({"a": [1.0] * 9}),
        "43 a zip archive": zipped(),
        "43 an HDF5 file": b"\x89HDF\r\n\x1a\n" + bytes(100),
        "43 a text": b'{"a": 1}\n' * 9,
        "two arrays, cut": file_of({"a": entry(), "b": entry(offsets=[16, 32])}, DATA),
    }


# --------------------------------------------------------------------------- loading them


def is_refusal(error: Exception) -> bool:
    """Whether it is a sentence with a remedy, of at most 25 words unless it lists arrays that do not fit a model.

    A quoted name counts as one word, whatever a file has there.
    """
    message = str(error)
    is_short = len(re.sub("'.*'", "name", message).split()) <= 25 or message.startswith("the state does not fit")
    return type(error) is ValueError and "; " in message and is_short


class Own(Module):
    """A module of a user, with arrays of several shapes."""

    def __init__(self) -> None:
        self.body = MLP(2, [2, 1], rng=random.Random(1))
        self.table = {"left": Neuron(2, rng=random.Random(2)), "right": [Layer(1, 2, rng=random.Random(3))]}


def stepped(model: Module) -> Optimizer:
    """An optimizer that keeps something of each parameter."""
    optimizer = Adam([{"parameters": model.parameters()[:2]}, {"parameters": model.parameters()[2:]}])
    optimizer.step()
    return optimizer


def sources() -> list[bytes]:
    """Good files: with an architecture, without one, of an optimizer, of another library."""
    found = []
    models = [
        MLP(2, [2, 1], rng=random.Random(1)),
        Layer(2, 2, activation="tanh"),
        Neuron(1),
        Own(),
        Own().state_dict(),
        stepped(Own()),
    ]
    models.append(Sequential(Linear(2, 2), Tanh(), Sequential(LayerNorm(2), LeakyReLU(), Linear(2, 1, bias=False))))
    models.append(Sequential(Embedding(3, 2), RMSNorm(2), ELU(0.5)))
    with tempfile.TemporaryDirectory() as folder:
        for model in models:
            path = Path(folder, "model")
            nn.save(model, path)
            found.append(path.read_bytes())
    half = {
        "a": entry(dtype="F16", offsets=[0, 4]),
        "b": entry([1, 2], [4, 12], "F32"),
        "c": entry([], [12, 14], "BF16"),
    }
    return [*found, file_of(half, DATA[:14])]


def changed_file(data: bytes, rng: random.Random) -> bytes:
    """The file with random changes of its bytes, or of what its header or its architecture says."""
    way = rng.random()
    if way < 0.35:
        return changed_bytes(data, rng)
    n = int.from_bytes(data[:8], "little")
    text, numbers = data[8 : 8 + n], data[8 + n :]
    if way < 0.55:
        text = changed_bytes(text, rng)
    else:
        header = json.loads(text)
        metadata = header.get("__metadata__", {})
        known = {"architecture", "optimizer"} & metadata.keys()
        if way < 0.8 and known:
            (name,) = known
            metadata[name] = _json(changed(json.loads(metadata[name]), rng, rng.choice([1, 1, 2, 4])), rng)
        else:
            header = changed(header, rng, rng.choice([1, 1, 2, 4]))
        text = _json(header, rng).encode("utf-8", "replace")
    return file_of(text, changed_bytes(numbers, rng) if rng.random() < 0.1 else numbers)


def _json(structure: Any, rng: random.Random) -> str:
    try:
        return json.dumps(structure)
    except (TypeError, ValueError):  # it holds no data
        return rng.choice(["{}", '{"a": {}}', "[]"])


@cache  # of a few models, whose parameters stay the same
def parameters(model: Module) -> list[Value]:
    return model.parameters()


def numbers(model: Module) -> bytes:
    return parameters_to_vector(parameters(model)).tobytes()


def load(path: Path, into: Module, optimizer: Optimizer) -> int:
    """Load a file in four ways; give how many were possible. HarmError if it does what it must not."""
    drawn = random.getstate()
    loaded = 0
    former, former_state = numbers(into), repr(optimizer.state_dict())
    for way in (nn.load, nn.load_state, partial(nn.load, into=into), partial(nn.load, into=optimizer)):
        try:
            result = way(path)
        except Exception as error:
            if not is_refusal(error):
                raise HarmError(f"{type(error).__name__}: {error}") from error
            continue
        loaded += 1
        if isinstance(result, Module) and len(result.parameters()) * 2 > path.stat().st_size:
            raise HarmError(f"{result} has more numbers than the file")
        if result is into:
            former = numbers(into)
        if result is optimizer:
            former_state = repr(optimizer.state_dict())
    if numbers(into) != former or repr(optimizer.state_dict()) != former_state:
        raise HarmError("a file that was refused has changed the model or the optimizer")
    if random.getstate() != drawn:
        raise HarmError("it has drawn random numbers that belong to others")
    return loaded


# --------------------------------------------------------------------------- many files


def campaign(count: int, seed: int, first: int = 0) -> Iterator[int]:
    """Change and load count files; yield in how many ways each loads. HarmError for an exception of a wrong kind."""
    good, into = sources(), Own()
    optimizer = stepped(into)
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
        path = Path(folder, "model")
        for i in range(first, first + count):
            rng = random.Random(f"{seed}/{i}")
            path.write_bytes(changed_file(rng.choice(good), rng))
            try:
                yield load(path, into, optimizer)
            except HarmError as error:
                raise HarmError(f"file {seed}/{i}: {error}") from error


def main(count: int, seed: int = 0, first: int = 0) -> None:
    faulthandler.enable()
    warnings.simplefilter("error")
    loaded = 0
    for i, ways in enumerate(campaign(count, seed, first), first + 1):
        loaded += ways > 0
        if i % 10_000 == 0 or i == first + count:
            print(f"{i} files: {loaded} loaded in some way, the others were refused", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
