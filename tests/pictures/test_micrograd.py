"""The look of micrograd: a record for each number, and beside it the operation that made it."""

import re

import pytest

from autograd import Value, draw, scope
from tests.pictures.reading import texts, titles


def neuron() -> Value:
    x, w = Value(2.0, label="무게 é"), Value(-3.0, label="w")
    with scope("뉴런"):
        y = (x * w + 1.0).tanh()
    y.label = "y"
    return y


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_nothing_is_printed_while_text_in_any_language_is_drawn(kind, capfd):
    draw(neuron(), style="micrograd").pipe(kind)
    draw(neuron() + 1, style="micrograd", depth=0).pipe(kind)
    assert capfd.readouterr() == ("", "")


def test_a_record_has_its_label_its_data_and_its_gradient():
    y = neuron()
    y.backward()
    picture = draw(y, style="micrograd")
    assert titles(picture, "number")[-1] == f"y, data {y.data:.4f}, grad 1.0000"
    assert titles(picture, "operation") == ["multiply", "add", "tanh"]
    assert {"무게 é", "뉴런", "data 2.0000", "data 1.0000", "*", "+", "tanh"} <= set(texts(picture))


def test_there_is_no_negative_zero():
    x = Value(0.0, label="x")
    (-x).backward()
    assert "-0.0000" not in draw(-x, style="micrograd").source
    assert "data -0.0000" not in texts(draw(x - 1e-9, style="micrograd"))


def test_a_record_is_as_wide_as_its_text():
    document = draw(Value(1.0, label="한" * 20), style="micrograd").pipe(encoding="utf-8")
    assert int(re.search(r'width="(\d+)pt"', document)[1]) > 20 * 11.0


def test_what_is_alike_and_what_is_collapsed_is_told_as_in_other_pictures():
    x = Value(1.0, label="x")
    shown = texts(draw(sum([(x * i).tanh() for i in range(30)], x), style="micrograd", merge=True))
    assert [text for text in shown if text.startswith("nodes that are alike are drawn as one")]
    assert "30 × " in " ".join(shown)
