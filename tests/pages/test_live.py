"""The live gallery: the command beside its code makes each page, twice with the same bytes; it works in a browser."""

import ctypes
import math
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "live.md").read_text(encoding="utf-8") if (ROOT / "docs" / "live.md").exists() else ""
NAMES = re.findall(r"`python docs/live\.py (\w+)`", TEXT)

pytestmark = [
    pytest.mark.skipif(not TEXT, reason="the sources are not here"),
    pytest.mark.no_cover,
]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    pytest.importorskip("matplotlib", reason='a demo has the digits: pip install -e ".[demos]"')
    folders = [tmp_path_factory.mktemp("live") for _ in range(2)]
    running = [
        subprocess.Popen([sys.executable, "docs/live.py", "--folder", folder], cwd=ROOT, stdout=subprocess.DEVNULL)
        for folder in folders
    ]
    assert [process.wait() for process in running] == [0, 0]
    return folders


def test_the_gallery_has_six_pages_each_with_a_picture():
    assert NAMES == ["neuron", "softplus", "xor", "moons", "digits", "pendulum"]
    assert re.findall(r"!\[[^\]]+\]\(live/(\w+)\.png\)", TEXT) == NAMES
    pictures = sorted((ROOT / "docs" / "live").glob("*.png"))
    assert [path.stem for path in pictures] == sorted(NAMES)
    assert all(path.stat().st_size < 80_000 for path in pictures)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_the_same_twice_and_opens_without_noise_or_requests(name, made, load):
    first, second = [(folder / f"{name}.html").read_bytes() for folder in made]
    assert first == second
    opened = load(made[0] / f"{name}.html")
    assert opened.page.inner_text("h1") != ""
    numbers = [number for pair in opened.numbers().values() for number in pair]
    assert numbers or name in ("neuron", "softplus")
    action = {"neuron": "step-forward", "softplus": "step-forward", "moons": "step-backward"}.get(name, "train-step")
    before = opened.status
    opened.press(action)
    assert opened.status != before


def test_the_c_of_softplus_stands_on_the_page_and_gives_the_numbers_of_the_browser(made, load, tmp_path):
    source = (made[0] / "softplus.c").read_text(encoding="utf-8")
    assert f"```c\n{source.rstrip()}\n```" in TEXT
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("needs a C compiler")
    library = tmp_path / "softplus.so"
    flags = ["-O2", "-ffp-contract=off", "-shared", "-fPIC"]
    subprocess.run([compiler, *flags, "-o", library, made[0] / "softplus.c", "-lm"], check=True)
    difference = ctypes.CDLL(str(library)).difference
    opened = load(made[0] / "softplus.html")
    opened.press("step-forward", 5)
    for x in (-40.0, -1.0, 0.5, 30.0, 800.0):
        opened.write([x])
        out = (ctypes.c_double * 1)()
        assert difference((ctypes.c_double * 1)(x), None, out) == 0
        [root] = [value for key, (value, _) in opened.numbers().items() if key == "value5"]
        assert root == out[0] or math.isclose(root, out[0], abs_tol=1e-15)
