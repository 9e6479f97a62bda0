"""Paths of files, and files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from typing import BinaryIO, Union

Path = Union[str, "os.PathLike[str]"]


def checked(path: Path, function: str, example: str = "model.safetensors") -> str:
    """The path as text; TypeError if it is something else, ValueError if it is no file, such as a folder or a pipe."""
    path = os.fspath(path) if isinstance(path, os.PathLike) else path
    if not isinstance(path, str):
        kind = type(path).__name__
        raise TypeError(f"{function}() takes the path of a file, got {kind}; write {example!r}")
    if not path or "\0" in path:
        raise ValueError(f"{function}() takes the path of a file, got {path!r}; write {example!r}")
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISREG(os.stat(path).st_mode):  # before it is opened, because a pipe waits for its other end
            raise ValueError(f"{function}() takes the path of a file, got a folder or a device; add the file's name")
    return path


@contextlib.contextmanager
def replaced(path: str) -> Iterator[BinaryIO]:
    """A new file that takes the place of another one at the end, unless there is an exception."""
    target = os.path.realpath(path)  # a link stays a link
    folder, exists = os.path.dirname(target), os.path.exists(target)
    if not os.path.isdir(folder):
        raise FileNotFoundError(f"there is no folder {folder!r}; make it with os.makedirs(), or choose another path")
    if exists and not os.access(target, os.W_OK):
        raise PermissionError(f"{path} is read-only; allow writing, or choose another path")
    new = os.path.join(folder, f".{os.urandom(8).hex()}.tmp")
    try:
        with open(new, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if exists:
            os.chmod(new, stat.S_IMODE(os.stat(target).st_mode))
        os.replace(new, target)
    finally:
        with contextlib.suppress(FileNotFoundError):  # after os.replace()
            os.remove(new)
