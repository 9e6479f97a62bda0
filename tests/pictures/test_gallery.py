"""The gallery: each picture is what the code beside it draws."""

import importlib.util
import re
from pathlib import Path

import pytest

from tests.pictures.reading import texts_of

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    spec = importlib.util.spec_from_file_location("gallery", DOCS / "gallery.py")
    gallery = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(gallery)
    return {
        path.name: texts_of(path.read_text(encoding="utf-8")) for path in gallery.main(tmp_path_factory.mktemp("out"))
    }


def test_each_picture_is_shown_once_and_drawn_by_the_block_above_it(drawn):
    page = (DOCS / "gallery.md").read_text(encoding="utf-8")
    shown = re.findall(r'outfile="([\w.]+)"\)\n```\n\n!\[[^\]]+\]\(gallery/([\w.]+)\)', page)
    assert (
        sorted(name for name, _ in shown) == sorted(drawn) == sorted(path.name for path in (DOCS / "gallery").iterdir())
    )
    assert all(name == beside for name, beside in shown)


def test_the_readme_shows_some_of_them_below_their_commands():
    page = (DOCS / "gallery.md").read_text(encoding="utf-8")
    commands = dict(re.findall(r"^draw\((.*), theme=\"auto\"\)\.render\(outfile=\"([\w.]+)\"\)$", page, re.MULTILINE))
    beside = {name: f"draw({arguments})" for arguments, name in commands.items()}
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"^`(draw\(.*\))`.*:\n\n!\[[^\]]+\]\(docs/gallery/([\w.]+)\)$", readme, re.MULTILINE)
    assert len(shown) >= 4
    assert [command for command, _ in shown] == [beside[name] for _, name in shown]
    assert all("prefers-color-scheme: dark" in (DOCS / "gallery" / name).read_text() for _, name in shown)


def test_the_pictures_are_those_that_the_code_draws(drawn):
    for name, texts in drawn.items():
        kept = texts_of((DOCS / "gallery" / name).read_text(encoding="utf-8"))
        assert len(kept) > 10
        assert kept == texts, name


def test_no_picture_is_so_wide_that_a_page_shrinks_its_text_to_less_than_two_thirds():
    for path in (DOCS / "gallery").iterdir():
        width = int(re.search(r'<svg [^>]*width="(\d+)pt"', path.read_text(encoding="utf-8"))[1])
        assert width * 4 / 3 * 2 / 3 < 830, path.name  # a point is 4/3 pixels; a page of GitHub has 830
