"""Makes the pages of docs/live.md: runs the blocks of code there, in the folder of the pages.

python docs/live.py                  # all, into docs/live
python docs/live.py xor moons        # some
python docs/live.py --folder out     # elsewhere
python docs/live.py --stills         # and pictures of them: needs Chromium and `pip install playwright`
"""

import argparse
import contextlib
import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

PAGE = Path(__file__).with_suffix(".md")
FOLDER = PAGE.with_suffix("")
ROOT = PAGE.parent.parent

BEFORE_STILLS = {  # what is pressed, and how often, before a picture is taken
    "neuron": [("step-forward", 4)],
    "softplus": [("step-forward", 13)],
    "xor": [("train-step", 400), ("slow", 3)],
    "digits": [("train-step", 60)],
    "pendulum": [("train-step", 25)],
}

PRESS = """([name, times]) => {
  for (let k = 0; k < times; k++) document.querySelector(`[data-action=${name}]`).click();
}"""


def blocks() -> dict[str, str]:
    """The blocks of code on the page, by the names of their pages."""
    found = re.findall(r"`python docs/live\.py (\w+)`.*?```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return dict(found)


@contextlib.contextmanager
def within(folder: Path) -> Iterator[None]:
    """Run what follows in a folder, from which the demos can be imported."""
    before = Path.cwd()
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    sys.path.insert(0, str(ROOT))
    try:
        yield
    finally:
        sys.path.remove(str(ROOT))
        os.chdir(before)


def main(names: Sequence[str] = (), folder: Path = FOLDER) -> list[Path]:
    """Write the pages of these names into a folder, or all; and give their paths."""
    known = blocks()
    with within(folder):
        for name in names or known:
            exec(known[name], {"__name__": name})
    return [folder / f"{name}.html" for name in names or known]


def stills(pages: Sequence[Path]) -> None:
    """Pictures of pages, beside them, in 64 colours."""
    from PIL import Image  # comes with matplotlib
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for path in pages:
            page = browser.new_page(viewport={"width": 1080, "height": 720})
            page.goto(path.as_uri())
            for action, count in BEFORE_STILLS.get(path.stem, ()):
                page.evaluate(PRESS, [action, count])
            page.wait_for_timeout(500)
            picture = Image.open(BytesIO(page.screenshot())).convert("RGB").quantize(64)
            picture.save(path.with_suffix(".png"), optimize=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", metavar="name", help=f"of a page: {', '.join(blocks())}")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--stills", action="store_true")
    given = parser.parse_args()
    made = main(given.names, given.folder.absolute())
    if given.stills:
        stills(made)
    print("\n".join(map(str, made)))
