"""The files and bytes of a picture: what cannot be written is refused, and every SVG has a ground."""

import unicodedata
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import matplotlib.colors
import pytest
from matplotlib.image import imread

from autograd import Value, draw, scope
from autograd.pictures.canvas.themes import DARK, LIGHT
from autograd.pictures.notation.text import Run, by_width, printable
from nn import MLP
from tests.pictures.reading import SVG, texts, texts_of


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
        ({"outfile": "x"}, r"outfile has no end that names the format, got 'x'; write outfile='x\.svg'"),
        ({"outfile": Path("x")}, r"outfile has no end that names the format, got 'x'; write outfile='x\.svg'"),
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
    for settings in (
        {"outfile": "x.PNG", "format": "png"},
        {"outfile": "x.old", "format": "PNG"},
        {"outfile": "x", "format": "svg"},
    ):
        path = draw(Value(1.0) * 2).render(**settings)
        assert Path(path).read_bytes()[:4] in (b"\x89PNG", b"<svg")
    draw(Value(1.0) * 2).render("x.gv", outfile="y.svg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x", "x.PNG", "x.gv", "x.old", "y.svg"]


@pytest.mark.parametrize("name", ["x.svg", "x.jpg"])
def test_a_picture_in_a_folder_that_does_not_exist_is_refused_and_makes_none(name, tmp_path):
    for outfile in (tmp_path / "no" / "such" / name, str(tmp_path / "no" / "such" / name)):
        with pytest.raises(FileNotFoundError, match=r"^outfile is in the folder '.*such', which does not exist; make "):
            draw(Value(1.0) * 2).render(outfile=outfile)
    assert list(tmp_path.iterdir()) == []


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


def test_the_text_of_a_png_stays_within_its_box():
    with scope("a name that is rather long"):
        y = Value(2.0, label="x") * Value(3.0, label="w")
    picture = draw(y + 1, depth=0)
    pixels = imread(BytesIO(picture.pipe("png")))[..., :3]
    [group] = [g for g in ElementTree.fromstring(picture.pipe()).iter(f"{SVG}g") if g.get("class") == "vg-box"]
    x, top, wide, high = [
        float(group.findall(f"{SVG}rect")[1].get(name)) + 12.0 for name in ("x", "y", "width", "height")
    ]
    for left in (x + 2.0, x + wide - 12.0 - 6.0):
        area = pixels[int(2 * top) + 12 : int(2 * (top + high - 12.0)) - 12, int(2 * left) : int(2 * left) + 8]
        assert area.size > 500
        assert abs(area - matplotlib.colors.to_rgb(LIGHT["box"])).max() < 0.01


@pytest.mark.parametrize("what", [Value(1.5, label="x1") ** 2 * Value(2.0, label="b"), MLP(2, [2, 1], rng=0)])
def test_a_png_has_the_texts_of_the_svg_each_as_wide_as_its_place(what):
    picture = draw(what, **({} if isinstance(what, MLP) else {"partials": True}))
    fitted = picture._document(fits=True)
    assert [text.replace(" ", "") for text in texts_of(fitted)] == [text.replace(" ", "") for text in texts(picture)]
    spans = [*ElementTree.fromstring(fitted).iter(f"{SVG}tspan")]
    assert all(float(span.get("textLength")) > 0.0 for span in spans)
    assert "textLength" not in picture.pipe(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("무게 é", ["무게", " é"]),
        ("e\u0301 → 3", ["e\u0301 ", "→", " 3"]),
        ("a👩x", ["a", "👩", "x"]),
        (unicodedata.normalize("NFD", "한a"), [unicodedata.normalize("NFD", "한"), "a"]),
    ],
)
def test_wide_signs_have_a_width_of_their_own_in_a_png(text, pieces):
    document = draw(Value(1.0, label=text))._document(fits=True)
    spans = [span.text for span in ElementTree.fromstring(document).iter(f"{SVG}tspan")]
    assert spans[: len(pieces)] == [piece.strip() for piece in pieces]


def test_a_syllable_written_in_parts_is_as_wide_as_in_one():
    assert Run(unicodedata.normalize("NFD", "한국")).width == Run("한국").width


JOINED = ["👩\u200d🔬", "\N{HEAVY BLACK HEART}\ufe0f\u200d🔥", "👋🏽"]


@pytest.mark.parametrize("emoji", JOINED)
def test_joined_emoji_are_one_sign(emoji, tmp_path):
    assert Run(emoji).width == Run("🙂").width
    assert by_width(f"a {emoji} b") == ["a ", emoji, " b"]
    path = draw(Value(1.0, label=emoji) * 2.0).render(outfile=str(tmp_path / "joined.svg"))
    assert emoji in Path(path).read_text(encoding="utf-8")


def test_joiners_stay_only_between_what_they_can_join():
    assert printable("क\u200dष क\u200cष") == "क\u200dष क\u200cष"
    assert printable("a\u200db\u200d é\u200d") == "a\ufffdb\ufffd é\ufffd"
    assert printable("🙂\u200d\u200d🙂") == "🙂\ufffd\ufffd🙂"
