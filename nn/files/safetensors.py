"""The file format safetensors: arrays by name, and no code. It is read with every size checked, and written whole.

    8 bytes   n, the length of the header, little-endian
    n bytes   JSON: {"__metadata__": {"format": "valuegrad", ...},
                     "weight": {"dtype": "F64", "shape": [3, 2], "data_offsets": [0, 48]}, ...}
    the rest  the numbers, without a gap

https://huggingface.co/docs/safetensors describes it. What that text forbids is refused, and also what no module needs:
names that are paths, more than 50,000 arrays, a header of more than 10 MB, a file of more than 1 GB.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, NoReturn

from nn.files.paths import replaced

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nn.structure.state import State

METADATA = "__metadata__"
LONGEST_HEADER = 10_000_000
MOST_ARRAYS = 50_000
LONGEST_NAME = 1_000
LARGEST = 2**30  # bytes of a file, and numbers of an array
MOST_AXES = 32  # as many as NumPy always takes

SIZES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2}
"""The types of numbers that are read, and how many bytes a number takes."""


class Entry(NamedTuple):
    """Where an array is among the numbers of a file."""

    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


class Header(NamedTuple):
    """What a file says about itself: the arrays by name, in the order of their numbers, and texts by name."""

    entries: dict[str, Entry]
    metadata: dict[str, str]

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shapes of the arrays by name."""
        return {name: entry.shape for name, entry in self.entries.items()}


def refused(what: str, remedy: str = "save the model again") -> ValueError:
    """The exception for a file that is no file of a model."""
    return ValueError(f"the file holds no model: {what}; {remedy}")


# --------------------------------------------------------------------------- writing


def write(path: str, arrays: State, metadata: Mapping[str, str]) -> None:
    """Write a file that appears whole or not at all: an error or an interrupt leaves a former file as it was.

    Raises:
        ValueError: a name has no form in the file.
        OSError: the file cannot be written.
    """
    header: dict[str, Any] = {METADATA: dict(metadata)} if metadata else {}
    end = 0
    for name, array in arrays.items():
        if problem := _problem(name):
            raise ValueError(f"cannot save an array named {_shown(name)}: {problem}; rename the attribute or the key")
        if array.ndim > MOST_AXES:
            raise ValueError(f"cannot save {_shown(name)} of {array.ndim} axes; reshape it to at most {MOST_AXES}")
        begin, end = end, end + array.size * 8
        header[name] = {"dtype": "F64", "shape": list(array.shape), "data_offsets": [begin, end]}
    text = json.dumps(header, separators=(",", ":")).encode("ascii")
    text += b" " * (-len(text) % 8)  # so that the numbers begin at a multiple of 8
    if len(arrays) > MOST_ARRAYS or len(text) > LONGEST_HEADER:
        raise ValueError(f"a file has at most {MOST_ARRAYS:,} arrays; keep Values in lists of equal lengths")
    if 8 + len(text) + end > LARGEST:
        raise ValueError(f"a file has at most {LARGEST:,} bytes; save the parts of the model one by one")
    with replaced(path) as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for array in arrays.values():
            file.write(array.astype("<f8").tobytes())


# --------------------------------------------------------------------------- reading


@contextlib.contextmanager
def opened(path: str) -> Iterator[tuple[BinaryIO, Header]]:
    """The file, at the first of its numbers, and its header. Every size is checked, and no array is made yet.

    Raises:
        ValueError: the file is no safetensors, or has numbers of a type that is not read.
        OSError: the file cannot be read.
    """
    with open(path, "rb") as file:
        yield file, _header(file, os.fstat(file.fileno()).st_size)


def read(file: BinaryIO, header: Header) -> State:
    """The numbers of every array, as new arrays of float64."""
    return {name: _array(file.read(entry.end - entry.begin), name, entry) for name, entry in header.entries.items()}


def _array(data: bytes, name: str, entry: Entry) -> NDArray[np.float64]:
    import numpy as np  # lazy: importing nn stays fast

    if len(data) < entry.end - entry.begin:
        raise refused(f"it ended within {_shown(name)} while it was read")
    if entry.dtype == "BF16":  # the upper half of a float32
        numbers = (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)
    else:
        numbers = np.frombuffer(data, {"F64": "<f8", "F32": "<f4", "F16": "<f2"}[entry.dtype])
    return numbers.astype(np.float64).reshape(entry.shape)


def _header(file: BinaryIO, size: int) -> Header:
    start = file.read(8)
    n = int.from_bytes(start, "little")
    if len(start) < 8:
        raise refused(f"it has {len(start)} bytes" if start else "it is empty")
    if not 2 <= n <= size - 8:
        raise _foreign(start, "the length of its header is wrong, or the file is incomplete")
    if n > LONGEST_HEADER:
        raise refused(f"its header is longer than {LONGEST_HEADER:,} bytes")
    if size > LARGEST:
        raise refused(f"it is larger than {LARGEST:,} bytes")
    text = file.read(n)
    if text[:1] != b"{":
        raise _foreign(start, "its header does not begin with a brace")
    if text.count(b'"dtype"') > MOST_ARRAYS:  # before it is parsed, which takes time
        raise refused(f"it has more than {MOST_ARRAYS:,} arrays")
    members = parsed(_decoded(text.rstrip(b" ")), "its header")
    metadata = _metadata(members.pop(METADATA, {}))
    entries = {name: _entry(name, member) for name, member in members.items()}
    return Header(_in_order(entries, size - 8 - n), metadata)


_MAGIC = {b"PK\3\4": "a zip archive, as torch.save and numpy.savez write it", b"\x89HDF": "an HDF5 file"}


def _foreign(start: bytes, what: str) -> ValueError:
    """The exception for a file that begins like no safetensors; it names the format if that is known."""
    format_ = "a pickle, which can run code" if start[0] == 0x80 and start[1] <= 5 else _MAGIC.get(start[:4])
    return refused(f"it is {format_}", "convert it with the library that wrote it") if format_ else refused(what)


def _decoded(text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        raise refused("its header is no text in UTF-8") from None


def parsed(text: str, what: str, *, floats: bool = False) -> dict[str, Any]:
    """A JSON object; refused are names that occur twice, nan, integers of more than 19 digits, and deep nesting.

    Args:
        what: whose text it is, for errors.
        floats: whether it may hold numbers with a point, which are finite.
    """

    def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) < len(pairs):
            raise refused(f"{what} has a name twice")
        return members

    def integer(digits: str) -> int:
        if len(digits) > 19 or digits[0] == "-":
            raise refused(f"{what} has an integer that is negative or very large")
        return int(digits)

    def number(digits: str) -> float:
        if not floats or len(digits) > 40 or not math.isfinite(x := float(digits)):  # long ones take minutes to read
            raise refused(f"{what} has a number with a point, or a very large one")
        return x

    def constant(name: str) -> NoReturn:
        raise refused(f"{what} has {name} as a number")

    hooks: dict[str, Any] = {"parse_int": integer, "parse_float": number, "parse_constant": constant}
    if not text.endswith("}"):
        raise refused(f"{what} does not end with a brace")
    try:
        members = json.loads(text, object_pairs_hook=object_of, **hooks)
    except RecursionError:
        raise refused(f"{what} is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise refused(f"{what} is no JSON at character {error.pos}") from None
    if type(members) is not dict:
        raise refused(f"{what} is no JSON object")
    return members


def _metadata(metadata: object) -> dict[str, str]:
    if type(metadata) is not dict or not all(type(x) is str for x in metadata.values()):
        raise refused("its metadata are not texts by name")
    return metadata


def _entry(name: str, member: Any) -> Entry:
    shown = _shown(name)
    if problem := _problem(name):
        raise refused(f"it has an array named {shown}: {problem}")
    if type(member) is not dict or member.keys() != {"dtype", "shape", "data_offsets"}:
        raise refused(f"{shown} has no dtype, shape and data_offsets, or has more")
    dtype, shape, offsets = member["dtype"], member["shape"], member["data_offsets"]
    if type(dtype) is not str or dtype not in SIZES:
        got = _shown(dtype) if type(dtype) is str else type(dtype).__name__
        raise ValueError(f"the numbers of {shown} are {got}; only {', '.join(SIZES)} are read, so convert them")
    if not _are_sizes(shape) or len(shape) > MOST_AXES:
        raise refused(f"the shape of {shown} is no list of at most {MOST_AXES} sizes")
    if math.prod(size or 1 for size in shape) > LARGEST:
        raise refused(f"the shape of {shown} is too large")
    if not _are_sizes(offsets) or len(offsets) != 2:
        raise refused(f"the offsets of {shown} are not two positions")
    begin, end = offsets
    if end - begin != math.prod(shape) * SIZES[dtype]:
        raise refused(f"the shape of {shown} does not fit its bytes")
    return Entry(dtype, tuple(shape), begin, end)


def _are_sizes(numbers: object) -> bool:
    return type(numbers) is list and all(type(x) is int for x in numbers)  # type() because True is an int


def _in_order(entries: dict[str, Entry], size: int) -> dict[str, Entry]:
    """The entries in the order of their numbers; refused unless these fill so many bytes without a gap."""
    ordered = dict(sorted(entries.items(), key=lambda item: (item[1].begin, item[1].end)))
    position = 0
    for name, entry in ordered.items():
        if entry.begin != position:
            raise refused(f"the numbers of {_shown(name)} do not begin where others end")
        position = entry.end
    if position != size:
        raise refused(f"its arrays take {position:,} bytes, and it has {size:,}")
    return ordered


def _problem(name: str) -> str:
    """Why an array cannot have this name; empty if it can."""
    if not name or len(name) > LONGEST_NAME:
        return f"a name has 1 to {LONGEST_NAME:,} characters"
    if not name.isprintable():  # no control characters, and no halves of surrogate pairs
        return "a character of it does not print"
    if ".." in name.replace("\\", "/").split("/"):
        return "it is a path"
    if any(part[:2] == part[-2:] == "__" for part in name.split(".")):
        return "Python reserves such names"
    return ""


def _shown(name: str) -> str:
    """A name for an error, cut to 40 characters."""
    return repr(name) if len(name) <= 40 else f"{name[:37]!r}..."
