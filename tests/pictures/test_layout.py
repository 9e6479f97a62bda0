"""Layouts: no edge runs through the title of a frame, and an edge that is nearly straight is straight."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from autograd import Value, draw, exp, log, scope, sqrt
from autograd.pictures.canvas.picture import placed
from autograd.pictures.graphs.beside import beside
from autograd.pictures.graphs.choice import Choice
from autograd.pictures.graphs.layout import Layout, arrange
from autograd.pictures.graphs.scene import Arrow, Card, Line, Scene, scene
from autograd.pictures.graphs.selection import part_of
from autograd.pictures.graphs.siblings import evened
from autograd.pictures.graphs.snapshot import snapshot
from autograd.pictures.graphs.straight import smooth, straightened
from autograd.pictures.graphs.titles import SIZE, title_places
from autograd.pictures.notation.text import Run
from nn import MLP


def option() -> Value:
    spot, strike, years = Value(100.0, label="spot"), Value(95.0, label="strike"), Value(0.5, label="years")
    volatility = Value(0.2, label="vol")
    with scope("d"):
        width = volatility * sqrt(years)
        d = log(spot / strike) / width + width / 2 + 0.03 * years / width
    return spot * d.sigmoid() - strike * exp(-0.03 * years) * (d - width).sigmoid()


def network() -> Value:
    return MLP(2, [3, 2, 1], activation="tanh", rng=0)([Value(1.0, label="x1"), Value(-2.0, label="x2")])


@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize("made", [option, network])
def test_no_edge_runs_through_the_title_of_a_frame(made, direction):
    drawn = evened(scene(snapshot(part_of(made()), Choice()), partials=True, flow=False))
    layout = arrange(drawn, direction, placed)
    for path, (left, base) in title_places(drawn, layout).items():
        width = Run(path[-1], size=SIZE).width
        for curve in layout.curves:
            crossing = [(x, y) for x, y in along(curve) if left < x < left + width and base - SIZE < y < base]
            assert crossing == [], path


def along(curve: list[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Many points on Bezier curves, and the tip of the arrow."""
    yield curve[-1]
    for i in range(0, len(curve) - 4, 3):
        for t in (k / 500 for k in range(501)):
            weights = (1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3
            four = curve[i : i + 4]
            yield tuple(sum(w * point[axis] for w, point in zip(weights, four)) for axis in (0, 1))


def framed(*curves: list[tuple[float, float]], right: float = 200.0) -> tuple[Scene, Layout]:
    cards = [Card(key, ("frame",), "input", (Line(middle=Run(key)),), key) for key in ("a", "b")]
    arrows = [Arrow("a", "b") for _ in curves]
    layout = Layout(right, 100.0, [(20.0, 60.0), (150.0, 60.0)], [*curves], [None] * len(curves), {})
    layout.frames = {("frame",): (0.0, 0.0, right, 100.0)}
    return Scene(cards, arrows, [("frame",)]), layout


def line(x: float, y: float, u: float, v: float) -> list[tuple[float, float]]:
    return [(x + (u - x) * t, y + (v - y) * t) for t in (0.0, 0.33, 0.66, 0.98, 1.0)]


def test_a_title_stands_beside_an_edge_and_at_the_left_if_there_is_no_room():
    [(x, y)] = title_places(*framed()).values()
    assert (x, y) == (9.0, 16.0)
    [(x, _)] = title_places(*framed(line(20.0, 0.0, 20.0, 60.0))).values()
    assert 20.0 < x < 40.0
    [(x, _)] = title_places(*framed(line(0.0, 10.0, 200.0, 10.0))).values()
    assert x == 9.0


@pytest.mark.parametrize("made", [option, network])
def test_an_edge_that_is_nearly_straight_is_straight(made):
    drawn = evened(scene(snapshot(part_of(made()), Choice()), partials=False, flow=False))
    layout = arrange(drawn, "LR", placed)
    sides = [[y for _, y in curve] for curve in layout.curves]
    small = [max(ys) - min(ys) for ys in sides if max(ys) - min(ys) < 8.0]
    assert len(small) > 4
    assert max(small) < 1e-9


@pytest.mark.parametrize("is_across", [True, False])
def test_an_edge_is_as_straight_as_the_sides_of_both_cards_allow(is_across):
    def turned(points):
        return points if is_across else [(y, x) for x, y in points]

    made, layout = framed(turned([(30.0, 62.0), (60.0, 62.0), (90.0, 58.0), (120.0, 59.0), (126.0, 59.0)]))
    layout.centres = turned(layout.centres)
    [curve] = straightened(made, layout, is_across=is_across)
    assert [y for _, y in turned(curve)] == [60.5] * 5
    assert [x for x, _ in turned(curve)] == [30.0, 60.0, 90.0, 120.0, 126.0]
    layout.centres = turned([(20.0, 60.0), (150.0, 90.0)])
    layout.curves = [turned([(30.0, 72.0), (60.0, 79.0), (90.0, 72.0), (120.0, 78.0), (126.0, 79.0)])]
    [curve] = straightened(made, layout, is_across=is_across)
    assert turned(curve) == [(30.0, 72.0), (60.0, 74.0), (90.0, 76.0), (120.0, 78.0), (126.0, 79.0)]
    bent = turned([(30.0, 60.0), (60.0, 90.0), (90.0, 90.0), (120.0, 60.0), (126.0, 60.0)])
    layout.curves = [bent]
    assert straightened(made, layout, is_across=is_across) == [bent]


def test_where_two_curves_meet_they_have_one_direction():
    ends = (0.0, 0.0), (10.0, 0.0), (20.0, 0.0)
    turn = [*ends, (30.0, 0.0), (40.0, 6.0), (50.0, 10.0), (60.0, 10.0), (66.0, 10.0)]
    *_, before, at, after, _, _, _ = smooth(turn)
    assert at == (30.0, 0.0)
    a, b = (at[0] - before[0], at[1] - before[1]), (after[0] - at[0], after[1] - at[1])
    assert a[0] * b[1] == pytest.approx(a[1] * b[0])
    assert a[1] > 0.0
    corner = [*ends, (30.0, 0.0), (30.0, 10.0), (30.0, 20.0), (30.0, 30.0), (30.0, 36.0)]
    still = [(0.0, 0.0), (0.0, 0.0), (5.0, 5.0), (5.0, 5.0), (5.0, 5.0), (9.0, 1.0), (10.0, 0.0), (16.0, 0.0)]
    for curve in (corner, still, turn[:5]):
        assert smooth(curve) == curve


def test_an_edge_to_the_same_box_stays_a_loop():
    with scope("step 0"):
        y = Value(1.0, label="x") * 2
    for i in range(1, 12):
        with scope(f"step {i}"):
            y = y * 2
    assert "each uses the one before" in draw(y + 1, depth=0).pipe(encoding="utf-8")


def test_a_curve_that_is_smooth_stays_where_it_is():
    curve = [(14.0, 86.0), (0.0, 107.0), (0.0, 117.0), (0.0, 143.0), (0.0, 143.0), (0.0, 143.0), (0.0, 590.0)]
    curve += [(0.0, 625.6), (103.0, 650.4), (168.0, 662.5), (175.4, 663.9)]  # its end leaves a long line slowly
    assert smooth(curve)[5:8] == curve[5:8]


@pytest.mark.parametrize(("is_across", "moved"), [(True, (100.0, 43.0)), (False, (100.0, 39.0))])
def test_a_label_on_an_edge_moves_beside_it(is_across, moved):
    cards = [Card(key, (), "operation", (Line(middle=Run("x")),), "") for key in "ab"]
    arrow = Arrow("a", "b", labels=((Run("0.5", size=10.5),),))
    layout = Layout(200.0, 100.0, [(0.0, 50.0), (200.0, 50.0)], [line(20.0, 50.0, 180.0, 50.0)], [(100.0, 47.0)], {})
    [at] = beside(Scene(cards, [arrow]), layout, is_across=is_across)
    assert at == moved
    [at] = beside(Scene(cards, [arrow]), replace(layout, labels=[moved]), is_across=is_across)
    assert at == moved
