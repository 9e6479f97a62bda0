"""The files and bytes of a picture: what cannot be written is refused, and every SVG has a ground."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from autograd import Value, draw
from autograd.pictures.canvas.themes import DARK, LIGHT
from nn import MLP
from tests.pictures.reading import SVG


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"outfile": ""}, "outfile is a path, got an empty one; write outfile="),
        ({"filename": ""}, "filename is a path, got an empty one; write outfile="),
        ({"outfile": 5}, "outfile is a path, got int; write outfile="),
        ({"filename": 5}, "filename is a path, got int; write outfile="),
        ({"directory": 5}, "directory is a path, got int; write outfile="),
        ({"outfile": "."}, "outfile is a file, got the folder '.'; add the name of a file"),
        ({"outfile": "x.svg", "format": "png"}, r"outfile ends in \.svg, but format is 'png'; leave out format"),
        ({"outfile": "x.svgz", "format": "svg"}, r"outfile ends in \.svgz, but format is 'svg'; leave out format"),
        ({"outfile": "x.text"}, r"no format is named \.text; let outfile end in \.svg"),
        ({"outfile": "x.svg", "engine": 5}, 'engine is a name, got int; write engine="dot"'),
        ({"format": 5}, 'format is a name, got int; write format="svg"'),
    ],
)
def test_a_file_that_cannot_be_written_is_refused_with_what_to_write(settings, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises((TypeError, ValueError), match=f"^{message}"):
        draw(Value(1.0) * 2).render(**settings)
    assert list(tmp_path.iterdir()) == []


def test_formats_of_the_same_kind_and_ends_that_name_none_go_together(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for settings in ({"outfile": "x.PNG", "format": "png"}, {"outfile": "x.old", "format": "PNG"}, {"outfile": "x"}):
        path = draw(Value(1.0) * 2).render(**settings)
        assert Path(path).read_bytes()[:4] in (b"\x89PNG", b"<svg")
    draw(Value(1.0) * 2).render("x.gv", outfile="y.svg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x", "x.PNG", "x.gv", "x.old", "y.svg"]


@pytest.mark.parametrize("name", ["format", "renderer", "engine", "encoding"])
def test_bytes_in_a_format_that_is_no_name_are_refused(name):
    with pytest.raises(TypeError, match=f'^{name} is a name, got int; write {name}="'):
        draw(Value(1.0)).pipe(**{name: 5})
    with pytest.raises(TypeError, match=r"^format is a name, got int; "):
        draw(Value(1.0)).pipe(5)


def test_a_png_is_no_text():
    with pytest.raises(ValueError, match=r"^PNG and PDF are bytes and no text; leave out encoding"):
        draw(Value(1.0)).pipe("png", encoding="utf-8")
    assert draw(Value(1.0)).pipe("SVG") == draw(Value(1.0)).pipe("svg")


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
@pytest.mark.parametrize("style", ["valuegrad", "micrograd", None])
def test_every_svg_has_the_ground_of_its_theme(theme, style):
    picture = draw(MLP(1, [1], rng=0), theme=theme) if style is None else draw(Value(1.0) * 2, theme=theme, style=style)
    document = picture.pipe(encoding="utf-8")
    first = ElementTree.fromstring(document).find(f"{SVG}rect")
    colours = DARK if theme == "dark" else LIGHT
    assert (first.get("class"), first.get("fill")) == ("vg-ground", colours["paper"])
    assert (f".vg-ground {{ fill: {DARK['paper']} }}" in document) is (theme == "auto")
    assert f'bgcolor="{colours["paper"]}"' in picture.source
