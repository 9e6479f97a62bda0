"""The arguments of draw(): a wrong one gets a sentence with what to write."""

import pytest

from autograd import Value, draw


@pytest.mark.parametrize(
    "settings",
    [
        {"parameters": 5},
        {"parameters": Value(1.0)},
        {"parameters": [1.0]},
        {"collapse": 5},
        {"collapse": [5]},
        {"focus": 3.0},
        {"between": (Value(1.0),)},
        {"between": Value(1.0)},
        {"min_share": "a"},
        {"max_nodes": "a"},
        {"max_nodes": 0},
    ],
)
def test_a_wrong_argument_is_answered_with_what_to_write(settings):
    [name] = settings
    with pytest.raises((TypeError, ValueError), match=rf"^{name} .*; ."):
        draw(Value(1.0) * 2, **settings)


@pytest.mark.parametrize("name", ["partials", "flow"])
def test_what_a_style_does_not_show_is_refused(name):
    with pytest.raises(TypeError, match=f"^the picture in micrograd's style has no {name}; leave out style"):
        draw(Value(1.0) * 2, style="micrograd", **{name: True})


def test_a_picture_is_not_written_as_text_into_a_file_that_looks_like_one(tmp_path):
    for name in ("foo.svg", tmp_path / "foo.png", "foo.pdf"):
        with pytest.raises(
            ValueError, match=r"writes the text of the graph to its first argument; write render\(outfile="
        ):
            draw(Value(1.0)).render(name)
    assert draw(Value(1.0)).render(tmp_path / "foo.gv") == str(tmp_path / "foo.gv.svg")
