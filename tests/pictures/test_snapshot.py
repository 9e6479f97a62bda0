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


def test_a_small_graph_has_a_node_for_every_number():
    x = Value(3.0, label="x")
    shown = snapshot(x * x + 1)
    assert [node.label for node in shown.nodes] == ["x", "", ""]
    assert [node.data for node in shown.nodes] == [3.0, 9.0, 10.0]
    assert [node.kind for node in shown.nodes] == ["input", "operation", "result"]
    assert [node.operation and node.operation.name for node in shown.nodes] == [None, "multiply", "add"]
    assert [node.operands for node in shown.nodes] == [(), ("value0", "value0"), ("value1", 1.0)]
    assert [node.slopes for node in shown.nodes] == [(), (3.0, 3.0), (1.0, None)]
    assert len(shown) == 3


def test_no_gradient_flows_to_a_condition():
    x = Value(3.0)
    assert snapshot(where(x, x * 2, 5)).nodes[-1].slopes == (None, 1.0, None)


def test_roots_may_be_several_and_share_nodes():
    x = Value(3.0)
    assert [node.kind for node in snapshot([x * 2, x * 3]).nodes] == ["input", "result", "result"]


def test_a_snapshot_does_not_change_with_the_graph():
    x = Value(3.0)
    shown = snapshot(x)
    x.data = 5.0
    assert shown.nodes[0].data == 3.0


def test_a_nan_is_a_gradient_too():
    x = Value(1.0)
    assert not snapshot(x).has_gradients
    x.grad = float("nan")
    assert snapshot(x).has_gradients


@pytest.mark.parametrize(
    ("depth", "boxes"), [(0, [(("outer",), 5)]), (1, [(("outer", "inner"), 3)]), (2, []), (None, [])]
)
def test_scopes_deeper_than_depth_are_boxes_with_their_count(depth, boxes):
    assert [(box.scope, box.count) for box in snapshot(layered(), depth=depth).boxes.values()] == boxes


def test_a_box_counts_its_uses_of_what_is_outside():
    x, y = Value(1.0), Value(2.0)
    with scope("box"):
        total = x * y + x * x
    shown = snapshot(total * 2, depth=0)
    assert [box.uses for box in shown.boxes.values()] == [{"value0": 3, "value1": 1}]
    assert shown.nodes[-1].operands == ("box0", 2.0)


def test_boxes_that_feed_each_other_are_joined_both_ways():
    x = Value(1.0)
    with scope("a"):
        p = x * 2
    with scope("b"):
        q = p * 3
    with scope("a"):
        r = q * 4
    shown = snapshot(r + 1, depth=0)
    assert [box.uses for box in shown.boxes.values()] == [{"value0": 1, "box1": 1}, {"box0": 1}]
    assert shown.nodes[-1].operands == ("box0", 1.0)


def test_a_root_stands_outside_its_box():
    with scope("box"):
        y = Value(1.0, label="x") * 2 + 1
    y.label = "y"
    shown = snapshot(y, depth=0)
    assert [node.label for node in shown.nodes] == ["y"]
    assert [(box.scope, box.count) for box in shown.boxes.values()] == [(("box",), 2)]


def test_too_many_nodes_are_refused_with_the_depth_that_fits():
    y = layered(2000)
    count = 1 + 1 + 2000 + 1 + 1
    with pytest.raises(
        ValueError, match=rf"{count} nodes .* max_nodes=1000; depth=0 draws 3 and depth=1 draws 5, or raise"
    ):
        snapshot(y, depth=2)
    with pytest.raises(ValueError, match=r"5 nodes .*; depth=0 draws 3, or raise"):
        snapshot(y, depth=1, max_nodes=4)


def test_without_a_depth_the_deepest_one_that_fits_is_chosen():
    y = layered(2000)
    for most, depth, drawn in ((10_000, None, 2004), (1000, 1, 5), (4, 0, 3)):
        shown = snapshot(y, max_nodes=most)
        assert (shown.depth, shown.is_cut, len(shown)) == (depth, depth is not None, drawn)
    with pytest.raises(ValueError, match="no depth fits"):
        snapshot(y, max_nodes=2)


def test_where_no_depth_fits_scopes_are_advised():
    y = Value(1.0)
    for _ in range(10):
        y = y.tanh()
    with pytest.raises(ValueError, match=r"the graph has 11 nodes .*; no depth fits: .*with scope\(name\)"):
        snapshot(y, max_nodes=10)
