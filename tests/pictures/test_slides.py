"""Pictures of networks are small enough for a slide: they fit on a page of 16:9, and their text can be read there."""

import re

import pytest

from autograd import Value, draw
from nn import MLP, losses
from tests.pictures.reading import texts, titles

KINDS = ("input", "parameter", "operation", "result", "box", "stub")
WIDTH, HEIGHT = 1280.0, 720.0  # pixels of a slide
SMALLEST = 10.0  # pixels of text that can be read


def smallest_text(document: str) -> float:
    """The size of the smallest text if the picture is as large as the slide allows."""
    width, height = (float(re.search(rf'{name}="(\d+)pt"', document)[1]) for name in ("width", "height"))
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)"', document)]
    return min(sizes) * min(WIDTH / width, HEIGHT / height)


@pytest.mark.parametrize("settings", [{}, {"depth": 0}, {"depth": 1}])
def test_a_network_of_337_parameters_fits_on_a_slide(settings):
    model = MLP(2, [16, 16, 1], rng=0)
    y = model([Value(1.0, label="x1"), Value(-2.0, label="x2")])
    y.backward()
    picture = draw(y, **settings)
    assert sum(len(titles(picture, kind)) for kind in KINDS) <= 60
    assert smallest_text(picture.pipe(encoding="utf-8")) >= SMALLEST


@pytest.mark.parametrize("settings", [{}, {"depth": 0}, {"depth": 1}, {"partials": True, "flow": True}])
def test_a_loss_over_100_samples_says_so_and_fits_on_a_slide(settings):
    model = MLP(2, [16, 16, 1], rng=0)
    rows = [[i / 100, 1 - i / 100] for i in range(100)]
    loss = losses.mse([model(row) for row in rows], [0.5] * 100)
    loss.backward()
    picture = draw(loss, **settings)
    said = texts(picture)
    assert said.count("100 ×") == 2
    assert "sum of 100" in said
    assert any(text.endswith(", 100 times") for text in said)
    assert sum(len(titles(picture, kind)) for kind in KINDS) <= 60
    assert smallest_text(picture.pipe(encoding="utf-8")) >= SMALLEST


def test_the_picture_that_is_too_large_for_a_slide_is_known_as_such():
    model = MLP(2, [16, 16, 1], rng=0)
    assert smallest_text(draw(model([1.0, -2.0]), depth=1, merge=False).pipe(encoding="utf-8")) < SMALLEST
