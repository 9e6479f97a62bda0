"""Snapshots: which nodes, edges and boxes are drawn, and which graphs are too large."""

import pytest

from autograd import Value, scope, where
from autograd.pictures.snapshot import snapshot


def layered(width: int = 3) -> Value:
    """A chain through a scope 'outer', with a scope 'inner' in it."""
    x = Value(1.0, label="x")
    with scope("outer"):
        y = x * 2
        with scope("inner"):
            for _ in range(width):
                y = y.tanh()
        y = y + 1
    return y * x


def test_a_small_graph_has_a_node_for_every_number_and_operation():
    x = Value(3.0, label="x")
    shown = snapshot(x * x + 1)
    assert [v.label for v in shown.values] == ["x", "", ""]
    assert [v.data for v in shown.values] == [3.0, 9.0, 10.0]
    assert [v.is_leaf for v in shown.values] == [True, False, False]
    assert [o.symbol for o in shown.operations] == ["*", "+"]
    assert [c.data for c in shown.constants] == [1.0]
    assert len(shown) == 6


def test_x_times_x_has_two_edges_with_their_partials():
    x = Value(3.0)
    edges = [e for e in snapshot(x * x).edges if e.formula is not None]
    assert [(e.tail, e.head, e.partial, e.formula) for e in edges] == [
        ("value0", "operation1", 3.0, "b"),
        ("value0", "operation1", 3.0, "a"),
    ]


def test_an_edge_no_gradient_flows_along_says_so():
    x = Value(3.0)
    edges = snapshot(where(x, x * 2, 5)).edges
    assert [e.flows for e in edges if e.head == "operation2"] == [False, True, False]


def test_roots_may_be_several_and_share_nodes():
    x = Value(3.0)
    shown = snapshot([x * 2, x * 3])
    assert len(shown.values) == 3
    assert len(shown.operations) == 2


def test_a_snapshot_does_not_change_with_the_graph():
    x = Value(3.0)
    shown = snapshot(x)
    x.data = 5.0
    assert shown.values[0].data == 3.0


@pytest.mark.parametrize(
    ("depth", "boxes"), [(0, [(("outer",), 5)]), (1, [(("outer", "inner"), 3)]), (2, []), (None, [])]
)
def test_scopes_deeper_than_depth_are_boxes_with_their_count(depth, boxes):
    assert [(box.scope, box.count) for box in snapshot(layered(), depth=depth).boxes.values()] == boxes


def test_edges_of_a_box_are_drawn_once_with_their_count():
    x, y = Value(1.0), Value(2.0)
    with scope("box"):
        total = x * y + x * x
    shown = snapshot(total * 2, depth=0)
    assert [(e.tail, e.head, e.count) for e in shown.edges] == [
        ("value0", "box0", 3),
        ("value1", "box0", 1),
        ("operation5", "value5", 1),
        ("box0", "operation5", 1),
        ("constant5b", "operation5", 1),
    ]


def test_boxes_that_feed_each_other_are_joined_both_ways():
    x = Value(1.0)
    with scope("a"):
        p = x * 2
    with scope("b"):
        q = p * 3
    with scope("a"):
        r = q * 4
    edges = {(e.tail, e.head) for e in snapshot(r + 1, depth=0).edges}
    assert {("value0", "box0"), ("box0", "box1"), ("box1", "box0"), ("box0", "operation4")} <= edges


def test_a_root_stands_outside_its_box():
    with scope("box"):
        y = Value(1.0, label="x") * 2 + 1
    y.label = "y"
    shown = snapshot(y, depth=0)
    assert [v.label for v in shown.values] == ["y"]
    assert [(box.scope, box.count) for box in shown.boxes.values()] == [(("box",), 2)]


def test_too_many_nodes_are_refused_with_the_depth_that_fits():
    y = layered(600)
    count = len(snapshot(y, max_nodes=10_000))
    assert count == 1 + 3 + 2 * 600 + 3 + 2
    with pytest.raises(
        ValueError, match=rf"{count} nodes .* max_nodes=1000; depth=0 draws 4 and depth=1 draws 10, or raise"
    ):
        snapshot(y)
    assert len(snapshot(y, depth=1)) == 10
    with pytest.raises(ValueError, match="depth=0 draws 4"):
        snapshot(y, max_nodes=5)


def test_where_no_depth_fits_scopes_are_advised():
    y = Value(1.0)
    for _ in range(10):
        y = y.tanh()
    with pytest.raises(ValueError, match=r"the graph has 21 nodes .*; no depth fits: .*with scope\(name\)"):
        snapshot(y, max_nodes=20)
    with pytest.raises(ValueError, match="no depth fits"):
        snapshot(y, depth=0, max_nodes=20)
    assert len(snapshot(y, max_nodes=21)) == 21


@pytest.mark.parametrize(
    ("roots", "error", "message"),
    [
        (3.0, TypeError, "got float; pass the result of a computation"),
        ([Value(1.0), 3.0], TypeError, "got float among them"),
        ([], ValueError, "at least one Value, got none"),
    ],
)
def test_roots_are_values(roots, error, message):
    with pytest.raises(error, match=message):
        snapshot(roots)


def test_a_negative_depth_is_refused():
    with pytest.raises(ValueError, match="0 or more, got -1; use 0"):
        snapshot(Value(1.0), depth=-1)


@pytest.mark.no_cover
@pytest.mark.campaign
def test_a_graph_of_a_million_nodes_is_counted_and_boxed():
    x = Value(1.0)
    y = x
    with scope("long"):
        for _ in range(300_000):
            y = y + 1
    with pytest.raises(ValueError, match="the graph has 900001 nodes to draw"):
        snapshot(y)
    assert [box.count for box in snapshot(y, depth=0).boxes.values()] == [299_999]
