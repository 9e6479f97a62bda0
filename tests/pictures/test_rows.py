"""Long computations are drawn in rows, what is used all along has stubs, and so has what is not drawn."""

import re
from itertools import pairwise

import pytest

from autograd import Value, draw, scope
from autograd.pictures.canvas.picture import placed
from autograd.pictures.graphs.choice import Choice
from autograd.pictures.graphs.layout import arrange
from autograd.pictures.graphs.scene import Card, Line, scene
from autograd.pictures.graphs.selection import part_of
from autograd.pictures.graphs.snapshot import snapshot
from autograd.pictures.graphs.stubs import stub_uses
from autograd.pictures.graphs.svg import _touching
from autograd.pictures.notation.text import Run
from tests.pictures.reading import texts, titles


def chain(steps, *, scoped=False):
    a, b, x = Value(0.9, label="a"), Value(0.1, label="b"), Value(0.5, label="x")
    for i in range(steps):
        with scope(f"step{i}") if scoped else scope("all"):
            x = (a * x + b).tanh()
    if not scoped:
        x = _without_scopes(steps)
    x.label = "y"
    x.backward()
    return x


def _without_scopes(steps):
    a, b, x = Value(0.9, label="a"), Value(0.1, label="b"), Value(0.5, label="x")
    for _ in range(steps):
        x = (a * x + b).tanh()
    return x


def size(picture):
    return [int(x) for x in re.findall(r'(?:width|height)="(\d+)pt"', picture.pipe(encoding="utf-8")[:200])]


@pytest.mark.parametrize("settings", [{}, {"partials": True, "flow": True}, {"depth": 0}, {"merge": False}])
@pytest.mark.parametrize("scoped", [False, True])
def test_a_long_chain_fits_on_a_page(settings, scoped):
    width, height = size(draw(chain(20, scoped=scoped), **settings))
    assert width < 2600
    assert 0.8 < width / height < 4.5


def test_rows_lie_below_each_other_and_nothing_overlaps():
    shown = stub_uses(scene(snapshot(part_of(chain(20)), Choice()), partials=False, flow=False))
    found = arrange(shown, "LR", placed)
    boxes = [
        (x - card.width / 2, y - card.height / 2, x + card.width / 2, y + card.height / 2)
        for card, (x, y) in zip(shown.cards, found.centres)
    ]
    for i, p in enumerate(boxes):
        assert 0.0 <= p[0] <= p[2] <= found.width
        assert -1.0 <= p[1] <= p[3] <= found.height + 1.0
        for q in boxes[:i]:
            assert p[2] <= q[0] or q[2] <= p[0] or p[3] <= q[1] or q[3] <= p[1]
    ends = {card.key: box for card, box in zip(shown.cards, boxes)}
    for arrow, curve in zip(shown.arrows, found.curves):
        left, top, right, bottom = ends[arrow.head]
        x, y = curve[-1]
        assert left - 3.0 < x < right + 3.0
        assert top - 3.0 < y < bottom + 3.0
        assert min(abs(x - left), abs(y - top), abs(y - bottom)) < 3.0  # the tip touches a side


def test_short_and_other_computations_are_in_one_row():
    for direction in ("TB", "RL"):
        _, height = size(draw(chain(20), direction=direction))
        assert height > 3000 if direction == "TB" else height < 300
    x = Value(1.0, label="x")
    several = [x * i for i in range(2, 30)]
    assert draw(several, merge=False).pipe(encoding="utf-8").count('class="vg-edge"') == 28


def test_what_is_used_at_every_step_has_stubs():
    picture = draw(chain(20))
    shown = texts(picture)
    assert shown.count("a") == shown.count("b") == 20
    assert shown.count("x") == 1
    assert "a and b: drawn once with the numbers, and as a name wherever else it is used" in shown
    assert "value0use1 -> " in picture.source
    assert texts(draw(chain(4))).count("a") == 1
    x = Value(1.0, label="x")
    assert texts(draw([(x * i).tanh() for i in range(20)], merge=False)).count("x") == 1  # at the same step


def test_what_is_not_drawn_has_a_stub():
    x, y = Value(2.0, label="x"), Value(3.0, label="y")
    z = x * y + x.exp() * Value(1.0)
    picture = draw(z, between=(x, z))
    assert titles(picture, "stub") == ["not drawn"] * 2
    assert {"y", "…"} <= set(texts(picture))
    many = sum([Value(float(i)) * x for i in range(3)], y) + 1.0
    assert "1 more node is not drawn; radius=1 draws more" not in texts(draw(many, focus=x, radius=0))
    assert titles(draw(z), "stub") == []


def test_the_focus_is_marked_and_a_line_says_how_to_see_more():
    x = Value(2.0, label="x")
    y = ((x * 3).tanh() * 2).exp()
    document = draw(y, focus=x, radius=1).pipe(encoding="utf-8")
    assert document.count('stroke-width="3.0"') == 1
    assert "3 more nodes are not drawn; radius=2 draws more" in texts(draw(y, focus=x, radius=1))
    assert 'stroke-width="3.0"' not in draw(y).pipe(encoding="utf-8")


def test_an_arrow_touches_a_round_corner():
    card = Card("a", (), "operation", (Line(middle=Run("a")),), "")
    wide, high = card.width / 2, card.height / 2
    curve = _touching([(-90.0, -60.0), (-wide - 5.0, -high - 3.0), (-wide + 0.5, -high + 0.5)], card, (0.0, 0.0))
    x, y = wide - 11.0 + curve[-1][0], high - 11.0 + curve[-1][1]
    assert x * x + y * y == pytest.approx(121.0, rel=0.1)
    straight = [(-90.0, 0.0), (-wide - 6.0, 0.0), (-wide, 0.0)]
    assert _touching(straight, card, (0.0, 0.0)) == straight
    assert _touching([(0.0, 0.0), (0.0, 0.0)], card, (9.0, 9.0)) == [(0.0, 0.0), (0.0, 0.0)]


def test_a_use_that_is_left_out_has_a_stub_with_its_label():
    a, b = Value(1.0, label="a"), Value(2.0, label="b")
    shown = texts(draw(a * 100.0 + a * b, min_share=0.1))
    assert shown.count("a") == 2
    assert "…" not in shown


def test_a_focus_that_adds_too_little_is_not_marked():
    dead, b = Value(1.0) * -1.0, Value(1.0, label="b")
    y = dead.relu() + b
    assert 'stroke-width="3.0"' in draw(y, focus=dead).pipe(encoding="utf-8")
    assert 'stroke-width="3.0"' not in draw(y, focus=dead, min_share=0.5).pipe(encoding="utf-8")


def test_a_label_stands_beside_the_tail_of_an_edge_into_the_next_row():
    shown = scene(snapshot(part_of(chain(20)), Choice()), partials=True, flow=False)
    found = arrange(stub_uses(shown), "LR", placed)
    places = dict(zip([card.key for card in stub_uses(shown).cards], found.centres))
    for arrow, at in zip(stub_uses(shown).arrows, found.labels):
        assert at is not None
        assert abs(at[1] - places[arrow.tail][1]) < 60.0


@pytest.mark.parametrize("settings", [{}, {"partials": True, "flow": True}])
def test_the_steps_of_a_row_stand_on_one_line(settings):
    a, x = Value(0.7, label="a"), Value(1.0, label="start")
    for i in range(20):
        with scope(f"step {i}"):
            x = (x * a + 0.1).tanh()
    x.backward()
    shown = stub_uses(
        scene(snapshot(part_of(x), Choice(depth=1), flows=True), **{"partials": False, "flow": False} | settings)
    )
    found = arrange(shown, "LR", placed)
    steps = [(y, x) for card, (x, y) in zip(shown.cards, found.centres) if card.scope]
    rows = sorted({round(y) for y, _ in steps})
    assert 2 < len(rows) < 12
    assert all(b - a > 30 for a, b in pairwise(rows))
