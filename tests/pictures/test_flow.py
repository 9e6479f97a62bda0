"""What flows back along the edges: it adds up to the gradients that are shown, or a line says that it does not."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, draw, scope
from autograd.pictures.graphs.choice import Choice
from autograd.pictures.graphs.selection import part_of
from autograd.pictures.graphs.snapshot import snapshot
from autograd.pictures.notation.numbers import short
from nn import MLP, losses
from tests.effort import examples
from tests.pictures.graphs import random_graph
from tests.pictures.reading import texts

UNEQUAL = "do not add up to grad: backward() ran more than once, or grad was set; call zero_grad(), then backward()"


def fit() -> tuple[Value, Value, Value]:
    """The loss of a line at 20 points, its slope and its intercept."""
    w, b = Value(0.5, label="w"), Value(-0.25, label="b")
    loss = sum([(w * Value(i / 10) + b).tanh() ** 2 for i in range(20)], Value(0.0, label="start"))
    return loss, w, b


def flowing(shown):
    return [text for text in shown if text.startswith("←")]


def test_edges_drawn_as_one_show_the_partial_they_share_or_the_least_and_the_largest():
    loss, _, _ = fit()
    shown = texts(draw(loss, partials=True))
    least = min(1.0 - math.tanh(0.05 * i - 0.25) ** 2 for i in range(20))
    assert {"∂/∂w = x1 = 0 … 1.9", "∂/∂x1 = w = 0.5", f"1 − t32 = {short(least)} … 1", "x1", "t3 = tanh(…)"} <= set(
        shown
    )
    assert shown.count("1") == 4  # of sums


def test_a_formula_with_a_number_of_its_own_for_each_is_not_shown():
    x = Value(2.0, label="x")
    shown = texts(draw(sum([x**i for i in range(2, 12)], Value(0.0)), partials=True, merge=True))
    assert "4 … 1.126e4" in shown  # from 2x to 11x¹⁰
    shown = texts(draw(sum([(x * i) ** 3 for i in range(10)], Value(0.0)), partials=True, merge=True))
    assert {"∂/∂t1 = 3t12 = 0 … 972", "t1 = x × (0 … 9)", "0 … 9"} <= set(shown)


def test_two_edges_from_the_same_node_have_the_sum_of_their_partials():
    xs = [Value(i / 10) for i in range(1, 101)]
    y = sum([x * x for x in xs], Value(0.0, label="start")) / 100
    y.backward()
    shown = texts(draw(y, partials=True, flow=True))
    assert "grad 0.002 … 0.2" in shown  # a hundredth of what stands on the edge
    assert {"∂/∂x1 = 2x1 = 0.2 … 20", "← Σ 10.1"} <= set(shown)
    y = sum([x / x + x / (x * x) for x in xs], Value(0.0))
    assert "∂/∂x1 = 1 / x1 − x1 / x12 = 0" in texts(draw(y, partials=True))


def test_a_number_that_comes_often_in_a_long_sum_counts_as_often():
    x = Value(2.0, label="x")
    y = sum([x] * 50)
    y.backward()
    assert {"50", "← Σ 50"} <= set(texts(draw(y, partials=True, flow=True)))
    y = sum([x] * 5) * 2.0 + sum([x] * 5) * 3.0 + sum([x] * 7) ** 2
    assert {"5", "7"} <= set(texts(draw(y, partials=True)))


def test_the_sum_flows_along_edges_that_are_drawn_as_one():
    loss, w, b = fit()
    loss.backward()
    made = snapshot(part_of(loss), Choice(), flows=True)
    sums: dict[str, float] = {}
    for node in made.nodes:
        for stream in node.streams:
            sums[stream.tail] = sums.get(stream.tail, 0.0) + stream.flow
    labels = {node.label: node.key for node in made.nodes}
    assert sums[labels["w"]] == pytest.approx(w.grad, rel=1e-12)
    assert sums[labels["b"]] == pytest.approx(b.grad, rel=1e-12)
    assert made.unequal == []
    shown = texts(draw(loss, flow=True))
    assert "Σ is the sum of what flows back along edges that are drawn as one" in shown
    assert [text for text in flowing(shown) if text.startswith("← Σ ")]


def test_the_sum_flows_into_a_box():
    x, y = Value(3.0, label="x"), Value(-2.0, label="y")
    with scope("box"):
        z = x * y + x * 2 + (x * x).step()
    root = z * 2
    root.backward()
    [box] = snapshot(part_of(root), Choice(depth=0), flows=True).boxes
    assert box.uses == {"value0": 4, "value1": 1}
    assert box.flows == {"value0": x.grad, "value1": y.grad} == {"value0": 0.0, "value1": 6.0}
    assert sorted(flowing(texts(draw(root, depth=0, flow=True)))) == ["← 2", "← 6", "← Σ 0"]


def test_a_line_says_whose_gradient_is_not_the_sum():
    x, w = Value(3.0, label="x"), Value(2.0, label="w")
    y = x * w + x
    y.backward()
    assert not [text for text in texts(draw(y, flow=True)) if UNEQUAL in text]
    y.backward()
    shown = texts(draw(y, flow=True))
    assert f"the numbers ← on the edges from x, w {UNEQUAL}" in shown
    assert not [text for text in texts(draw(y)) if UNEQUAL in text]
    w.zero_grad()
    x.grad = 3.0
    assert f"the numbers ← on the edges from w {UNEQUAL}" in texts(draw(y, flow=True))
    assert f"the numbers ← on the edges from w {UNEQUAL}" in texts(draw(y, flow=True, focus=w, radius=1))


def test_a_line_counts_those_without_a_label():
    x, z = Value(3.0, label="x"), [Value(2.0), Value(1.0)]
    y = x * z[0] * z[1]
    for _ in range(2):
        y.backward()
    assert f"the numbers ← on the edges from x, 2 other nodes {UNEQUAL}" in texts(draw(y, flow=True))
    x.grad, z[0].grad = x.grad / 2, z[0].grad / 2
    assert f"the numbers ← on the edges from 1 node {UNEQUAL}" in texts(draw(y, flow=True))


def test_a_line_counts_those_in_boxes():
    model = MLP(2, [3, 1], activation="tanh", rng=0)
    y = model([1.0, -2.0])
    for count in (0, len(model.parameters())):
        y.backward()
        said = [text for text in texts(draw(y, depth=1, flow=True)) if UNEQUAL in text]
        assert said == ([f"the numbers ← on the edges from {count} nodes {UNEQUAL}"] if count else [])


def test_a_result_that_is_used_again_and_what_is_not_finite_are_not_in_the_line():
    x = Value(0.0, label="x")
    y = x * 2
    for roots in ([y, y * 3], [x.log() * x]):
        roots[-1].backward()
        assert not [text for text in texts(draw(roots, flow=True)) if UNEQUAL in text]


def test_before_a_backward_a_line_says_that_nothing_flows():
    shown = texts(draw(Value(1.0) * 2, flow=True))
    assert "what flows back is shown after a backward()" in shown
    assert flowing(shown) == []


def test_a_batch_adds_up_at_every_depth():
    model = MLP(2, [3, 1], activation="tanh", rng=0)
    loss = losses.mse([model([i / 20, 1.0 - i / 20]) for i in range(20)], [0.5] * 20)
    loss.backward()
    for depth in (0, 1, None):
        made = snapshot(part_of(loss), Choice(depth=depth), flows=True)
        assert made.unequal == []
    loss.backward()
    assert len(snapshot(part_of(loss), Choice(depth=9, merge=False), flows=True).unequal) == len(model.parameters())


def sent(made) -> dict[str, float]:
    """What a picture shows to flow back to each node."""
    sums: dict[str, float] = {}
    for node in made.nodes:
        edges = [(x, node.grad * slope) for x, slope in zip(node.operands, node.slopes) if slope is not None]
        if node.others:
            edges = [(stream.tail, stream.flow) for stream in node.streams]
        for x, flow in edges:
            sums[x] = sums.get(x, 0.0) + flow
    for box in made.boxes:
        for x, flow in box.flows.items():
            sums[x] = sums.get(x, 0.0) + flow
    return sums


@examples(60)
@given(st.integers(0, 10**9), st.integers(1, 60), st.booleans())
def test_a_picture_with_boxes_and_what_is_drawn_as_one_adds_up(seed, size, merge):
    rng = random.Random(seed)
    nodes = random_graph(rng, size)
    several = [rng.choice(nodes) * w for w in [Value(0.5)] for _ in range(6)]
    for node in nodes[3:]:
        node.scope = (rng.choice(["a", "b.1", "b.2", "b.3", "b.4", "b.5"]),)
    root = sum([x.sin() for x in several], nodes[-1])
    root.backward()
    for settings in ({"depth": 0}, {"collapse": {"a", "b.2"}.__contains__}, {}):
        made = snapshot(part_of(root), Choice(merge=merge, **settings), flows=True)
        sums = sent(made)
        for node in made.nodes:
            if node.kind != "result":
                grads = [node.grad, *(grad for _, grad in node.others)]
                assert sums[node.key] == pytest.approx(sum(grads), rel=1e-9, abs=1e-9)
        assert made.unequal == []
