"""Makes the pictures of docs/gallery.md: runs each block of code there, in the folder of the pictures.

python docs/gallery.py
"""

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

PAGE = Path(__file__).with_suffix(".md")
FOLDER = PAGE.with_suffix("")


def blocks() -> list[str]:
    """The blocks of code on the page."""
    return re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@contextlib.contextmanager
def within(folder: Path) -> Iterator[None]:
    """Run what follows in a folder."""
    before = Path.cwd()
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def main(folder: Path = FOLDER) -> list[Path]:
    """Write the pictures into a folder, and give their paths."""
    with within(folder):
        for block in blocks():
            exec(block, {})
    return sorted(folder.glob("*.svg"))


if __name__ == "__main__":
    for path in main(*map(Path, sys.argv[1:])):
        print(path)
