"""The files of the passes that are compiled, and a number by which a build knows them again."""

from __future__ import annotations

import zlib
from pathlib import Path

FOLDER = Path(__file__).parent
PARTS = ("analysis", "dead_code", "simplification", "products", "fusion", "grouping", "registers", "emission")
"""The passes, in the order in which they are joined."""


def fingerprint() -> int:
    """A number that differs, most likely, if a pass or a type has changed; 0 if the sources are not there."""
    paths = [FOLDER / "compiled.pxd", *(FOLDER / f"{part}.py" for part in PARTS)]
    if not all(path.exists() for path in paths):
        return 0
    return zlib.crc32(b"".join(path.read_bytes() for path in paths)) + 1
