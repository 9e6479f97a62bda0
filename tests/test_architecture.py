"""The map of the source code shows every part and every file, in the order that import-linter checks."""

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")

pytestmark = pytest.mark.skipif(not (ROOT / "autograd").exists(), reason="the sources are not here")


@pytest.fixture(scope="module")
def architecture():
    return runpy.run_path(str(ROOT / "docs" / "architecture.py"))


def test_the_map_is_written_from_the_files(architecture):
    assert architecture["page"]() == PAGE, "run: python docs/architecture.py"


@pytest.mark.parametrize("package", ["autograd", "nn"])
def test_every_folder_and_every_module_is_on_the_map(package):
    modules = [path for path in (ROOT / package).rglob("*.py") if path.name != "__init__.py"]
    for path in modules:
        assert f"](../{path.relative_to(ROOT).as_posix()})" in PAGE
    for folder in {path.parent for path in modules}:
        assert f"](../{folder.relative_to(ROOT).as_posix()}" in PAGE


def test_every_room_and_every_path_is_in_the_picture(architecture):
    picture = (ROOT / "docs" / "architecture.svg").read_text(encoding="utf-8").replace("&#160;", " ")
    for room in architecture["ROOMS"]:
        assert f">{architecture['name'](room)}</text>" in picture
    for call in ("x * w", "y.backward()", "compile(f)(x)", "draw(y)"):
        assert f">{call}</text>" in picture.replace("> ", ">").replace(" <", "<")
        assert f"### `{call}`" in PAGE


def test_the_floors_are_those_that_import_linter_checks(architecture):
    tomllib = pytest.importorskip("tomllib", reason="Python reads pyproject.toml from version 3.11 on")
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = [set(layer.split(" | ")) for layer in linter["contracts"][0]["layers"]]
    floors = [{name.removesuffix(".py") for name in floor} for floor in architecture["FLOORS"]]
    assert floors == [{"nn"}, *layers[: layers.index({"_typing"})]]


def test_every_folder_is_in_the_distribution():
    tomllib = pytest.importorskip("tomllib", reason="Python reads pyproject.toml from version 3.11 on")
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"]
    found = [path.parent for package in ("autograd", "nn") for path in (ROOT / package).rglob("__init__.py")]
    assert sorted(packages) == sorted(path.relative_to(ROOT).as_posix().replace("/", ".") for path in found)
