"""Snapshots: which nodes, edges and boxes are drawn, and which graphs are too large."""

import math

import pytest

from autograd import Value, dot, no_grad, scope, where
from autograd.engine import topological_order
from autograd.pictures.graphs import places
from autograd.pictures.graphs import snapshot as snapshot_module
from autograd.pictures.graphs.choice import Choice
from autograd.pictures.graphs.places import flows_of, operand_places
from autograd.pictures.graphs.selection import part_of
from nn import MLP, losses


def snapshot(roots, **choice):
    part = {name: choice.pop(name) for name in ("focus", "radius", "between", "min_share") if name in choice}
    return snapshot_module.snapshot(part_of(roots, **part), Choice(**choice))


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
    assert [(box.scope, box.count) for box in snapshot(layered(), depth=depth).boxes] == boxes


def test_a_box_counts_its_uses_of_what_is_outside():
    x, y = Value(1.0), Value(2.0)
    with scope("box"):
        total = x * y + x * x
    shown = snapshot(total * 2, depth=0)
    assert [box.uses for box in shown.boxes] == [{"value0": 3, "value1": 1}]
    assert shown.nodes[-1].operands == ("box0", 2.0)
    assert [(box.inside, box.out, box.n_parameters) for box in shown.boxes] == [(2, 1, 0)]


def test_boxes_that_feed_each_other_are_joined_both_ways():
    x = Value(1.0)
    with scope("a"):
        p = x * 2
    with scope("b"):
        q = p * 3
    with scope("a"):
        r = q * 4
    shown = snapshot(r + 1, depth=0)
    assert [box.uses for box in shown.boxes] == [{"value0": 1, "box1": 1}, {"box0": 1}]
    assert shown.nodes[-1].operands == ("box0", 1.0)


def test_a_root_comes_out_of_its_box_with_its_numbers_alone():
    with scope("box"):
        y = Value(1.0, label="x") * 2 + 1
    y.label = "y"
    shown = snapshot(y, depth=0)
    assert [(node.label, node.data, node.operation, node.operands) for node in shown.nodes] == [
        ("y", 3.0, None, ("box0",))
    ]
    assert [(box.scope, box.count, box.out) for box in shown.boxes] == [(("box",), 3, 1)]


def test_scopes_collapse_by_name_by_pattern_and_by_a_function():
    y = layered()
    for collapse in ("inner", ["inner", "other"], "in*", lambda name: name == "inner"):
        assert [box.scope for box in snapshot(y, collapse=collapse).boxes] == [("outer", "inner")]
    assert [box.scope for box in snapshot(y, collapse="out*", depth=1).boxes] == [("outer",)]


def test_a_name_of_a_scope_is_no_pattern():
    y = Value(1.0)
    for name in ("layers[0]", "layers0", "layers1"):
        with scope(name):
            y = y * 2
    for collapse, wanted in (("layers[0]", ["layers[0]"]), ("layers[01]", ["layers0", "layers1"])):
        for given in (collapse, [collapse]):
            assert [box.scope[-1] for box in snapshot(y, collapse=given).boxes] == wanted


def test_boxes_tell_what_goes_in_and_out_and_their_parameters():
    model = MLP(2, [3, 1], rng=0)
    y = model([Value(1.0), Value(-2.0)])
    y.backward()
    facts = [(box.scope[-1], box.inside, box.out, box.n_parameters) for box in snapshot(y, depth=0).boxes]
    assert facts == [("layers.0", 2, 3, 9), ("layers.1", 3, 1, 4)]
    squares = sum(p.grad**2 for p in model.layers[0].parameters())
    assert snapshot(y, depth=0).boxes[0].squares == pytest.approx(squares, rel=1e-12)


def test_boxes_that_differ_by_a_number_are_one_if_there_are_five():
    x = [Value(1.0), Value(-2.0)]
    for width, boxes in ((4, [1, 1, 1, 1, 1]), (5, [5, 1])):
        y = MLP(2, [width, 1], rng=0)(x)
        assert [box.times for box in snapshot(y, depth=1).boxes] == boxes
        assert {box.times for box in snapshot(y, depth=1, merge=False).boxes} == {1}
    assert [box.count for box in snapshot(y, depth=1).boxes] == [5 * 6, 1 + 5 + 1 + 1]


def test_what_is_done_for_each_sample_is_drawn_once():
    model = MLP(2, [2, 1], rng=0)
    rows = [[0.1 * i, 1.0 - 0.1 * i] for i in range(100)]
    loss = losses.mse([model(row) for row in rows], [0.0] * 100)
    shown = snapshot(loss)
    assert {1 + len(node.others) for node in shown.nodes if node.operation} == {1, 100}
    assert len(shown) < 40
    assert len(snapshot(loss, merge=False, max_nodes=10_000)) == len(topological_order(loss))
    numbers = [number for node in shown.nodes for number in (node.data, *(data for data, _ in node.others))]
    order = topological_order(loss)
    steps = [node for node in order if node.op == "add" and not node.scope][:-1]
    assert len(steps) == 98
    assert sorted(numbers) == sorted(node.data for node in order if node not in set(steps))


def test_nodes_with_other_labels_operations_or_operands_are_not_alike():
    x, y = Value(1.0, label="x"), Value(2.0, label="y")
    many = [x.tanh() for _ in range(30)] + [y.tanh() for _ in range(30)] + [x.exp() for _ in range(4)]
    many[0].label = "first"
    sizes = sorted(1 + len(node.others) for node in snapshot(many).nodes)
    assert sizes == [1, 1, 1, 1, 1, 1, 1, 29, 30]


def test_a_merged_node_has_the_edges_of_all_its_members():
    w, b = [Value(0.5), Value(-0.3), Value(0.2)], Value(0.1)
    loss = sum([(w[0] * i + w[1] * (i * i) + w[2] * 2.0 + b - 1.0) ** 2 for i in range(30)], Value(0.0))
    shown = snapshot(loss, parameters=frozenset([*w, b]))
    used = {x for node in shown.nodes for x in [*node.operands, *[stream.tail for stream in node.streams]]}
    assert all(node.key in used for node in shown.nodes if node.kind != "result")
    assert [node.data for node in shown.nodes if node.kind == "parameter"] == [0.5, -0.3, 0.2, 0.1]
    many = [u * Value(1.0, label="v") for u in [Value(2.0, label="u")] for _ in range(3)]
    shown = snapshot(sum([x.exp() for x in many + many], Value(0.0)), merge=True)
    assert all(any(node.key in other.operands for other in shown.nodes) for node in shown.nodes[:-1])


def test_a_result_and_a_parameter_are_alike_with_their_kind_only():
    p = Value(1.0, label="p")
    loss = sum([(p * i).tanh() for i in range(30)], Value(0.0))
    assert [node.data for node in snapshot(loss).nodes if node.kind == "result"] == [loss.data]
    inputs, parameters = [Value(float(i)) for i in range(6)], [Value(float(i)) for i in range(6)]
    y = sum([a * b for a, b in zip(inputs, parameters)], Value(0.0))
    kinds = [node.kind for node in snapshot(y, merge=True, parameters=frozenset(parameters)).nodes]
    assert kinds.count("parameter") == 1


def test_only_the_neighbourhood_of_a_node_is_drawn():
    x = Value(1.0)
    chain = [x]
    for _ in range(20):
        chain.append(chain[-1].tanh())
    for radius, drawn in ((0, 1), (1, 3), (3, 7)):
        shown = snapshot(chain[-1], focus=chain[10], radius=radius)
        assert (len(shown), shown.left_out) == (drawn, 21 - drawn)
    assert snapshot(chain[-1], focus=chain[10], radius=1).nodes[0].operands == ("",)


def test_only_the_paths_between_two_nodes_are_drawn():
    x, w, b = Value(1.0, label="x"), Value(2.0, label="w"), Value(3.0, label="b")
    y = (w * x + b) * (x + b.exp())
    shown = snapshot(y * y, between=(w, y))
    assert [node.label or node.operation.name for node in shown.nodes] == ["w", "multiply", "add", "multiply"]
    assert shown.left_out == 5
    with pytest.raises(ValueError, match="between has no path from its first Value to its second one"):
        snapshot(y * y, between=(y, w))


def test_uses_that_add_little_to_a_gradient_are_left_out():
    x, z = Value(1.0, label="x"), Value(2.0, label="z")
    small = x * 1e-3
    y = 100.0 * x + small * z + (x * 0.0).relu()
    assert len(snapshot(y)) == 9
    shown = snapshot(y, min_share=0.01)
    assert (len(shown), shown.left_out) == (8, 1)  # no gradient flows to x * 0.0
    operands = {node.data: node.operands for node in shown.nodes}
    assert "value0" in operands[100.0]
    assert "" in operands[small.data]
    assert [node.operands for node in shown.nodes if node.operation and node.operation.name == "relu"] == [("",)]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"radius": -1}, "radius is a number of edges, 0 or more, got -1"),
        ({"min_share": 1.5}, r"min_share is a share from 0 to 1, got 1\.5"),
        ({"focus": Value(1.0)}, "focus has a Value that the roots do not depend on"),
        ({"between": (Value(1.0), Value(1.0))}, "between has a Value that the roots do not depend on"),
    ],
)
def test_a_part_that_is_not_there_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        snapshot(Value(1.0) * 2, **settings)


def test_both_engines_find_the_same_places_of_operands(monkeypatch):
    w, x = [Value(1.0), Value(2.0)], [3.0, Value(4.0)]
    y = where(dot(w, x) > 0, w[0] * 2.0, w[1])
    order = topological_order(y + dot([], []) * 1.0)
    found = [array.tolist() for array in operand_places(order[1:])]
    monkeypatch.setattr(places, "compiled", None)
    assert [array.tolist() for array in operand_places(order[1:])] == found
    assert -1 in found[1]


def test_both_engines_find_the_same_flows(monkeypatch):
    w, x = [Value(1.0), Value(2.0)], [3.0, Value(4.0)]
    with no_grad():
        constant = w[0] * 3.0
    y = where(dot(w, x) > 0, w[0] * 2.0, w[1]) + constant * w[1] * math.inf
    order = topological_order(y)
    starts, _ = operand_places(order)
    for grad in (1.0, 0.0, -2.0):
        for node in order:
            node.grad = grad
        with monkeypatch.context() as context:
            context.setattr(places, "compiled", None)
            expected = flows_of(order)
        assert flows_of(order) == pytest.approx(expected, nan_ok=True)
        slopes = [0.0 if slope is None else grad * slope for node in order if node.op for slope in node._slopes]
        assert expected == pytest.approx(slopes, nan_ok=True)
        assert len(expected) == starts[-1]


def test_too_many_nodes_are_refused_with_the_depth_that_fits():
    y = layered(2000)
    count = 1 + 1 + 2000 + 1 + 1
    with pytest.raises(ValueError, match=rf"{count} nodes .* max_nodes=1000; depth=0 draws 3 and depth=1 draws 5, or"):
        snapshot(y, depth=2)
    with pytest.raises(ValueError, match=r"5 nodes .*; depth=0 draws 3, or raise"):
        snapshot(y, depth=1, max_nodes=4)


def test_without_a_depth_the_deepest_one_that_fits_is_chosen():
    y = layered(2000)
    for most, depth, drawn in ((10_000, None, 2004), (1000, 1, 5), (4, 0, 3), (None, 1, 5)):
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
