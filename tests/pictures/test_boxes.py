"""Boxes: which are drawn as one, and what they tell if only a part of the graph is drawn."""

import pickle
import re

import pytest

from autograd import Value, draw, scope
from autograd.pictures.graphs import boxes as boxes_module
from autograd.pictures.graphs.choice import Choice
from autograd.pictures.graphs.selection import part_of
from autograd.pictures.graphs.snapshot import snapshot
from nn import MLP, Sequential
from tests.pictures.reading import texts


def shown(root, depth=0, merge=None, **part):
    return snapshot(part_of(root, **part), Choice(depth=depth, merge=merge))


def chained(between, count=6):
    """Scopes with the same operations in a chain: a scope uses the result of the scope before it, changed or not."""
    y = Value(1.0, label="x")
    for i in range(count):
        with scope(f"layer.{i}"):
            y = (y * 2 + 1).tanh()
        y = between(y)
    return y


@pytest.mark.parametrize("between", [lambda y: y, lambda y: y * 3, lambda y: (y + 1).exp() * y])
def test_boxes_of_a_chain_stand_one_behind_the_other(between):
    made = shown(chained(between))
    assert [box.scope for box in made.boxes] == [(f"layer.{i}",) for i in range(6)]
    assert {box.times for box in made.boxes} == {1}


def test_the_layers_of_a_deep_network_are_a_chain():
    y = MLP(2, [3] * 7, activation="tanh", rng=0)([Value(1.0), Value(-2.0)])
    made = shown(y)
    assert len(made.boxes) == 7
    assert [list(box.uses) for box in made.boxes[1:]] == [[box.key] for box in made.boxes[:-1]]


def siblings(contents):
    x = Value(1.0, label="x")
    results = []
    for i in range(10):
        with scope(f"head.{i}"):
            results.append(contents(i, x))
    return sum(results, Value(0.0))


@pytest.mark.parametrize(
    ("contents", "times"),
    [
        (lambda i, x: x * i + 1, [10]),
        (lambda i, x: (x * i).exp() if i % 2 else (x * i).sin(), [5, 5]),
        (lambda i, x: (x * i).exp() if i else x * i, [1, 9]),
        (lambda i, x: (x * i).exp() if i < 3 else (x * i).sin() if i < 6 else x * i, [1] * 10),
        (lambda i, x: x * Value(2.0) if i % 2 else x * 2.0, [5, 5]),  # with a parameter and without
        (lambda i, x: sum([x * i] * (1 + i // 2), x), [1] * 10),
    ],
)
def test_boxes_with_the_same_contents_are_one_if_there_are_five(contents, times):
    made = shown(siblings(contents))
    assert [box.times for box in made.boxes] == times
    assert {box.times for box in shown(siblings(contents), merge=False).boxes} == {1}
    assert sum(box.count for box in made.boxes) == sum(
        box.count for box in shown(siblings(contents), merge=False).boxes
    )


def sampled(*, follows):
    """Samples that go through one model; each perhaps uses the result of the one before."""
    x = Value(1.0, label="x")
    results = [x]
    for i in range(6):
        with scope(f"sample.{i}"):
            y = results[-1 if follows else 0] * 2
        with scope("model"):
            y = (y * 3).tanh()
        with scope(f"sample.{i}"):
            results.append(y - 1)
    return sum(results, Value(0.0))


def test_scopes_that_feed_each_other_only_by_a_box_they_share_are_one():
    made = shown(sampled(follows=False))
    assert {box.scope[-1]: box.times for box in made.boxes} == {"model": 1, "sample.0": 6}
    assert [sorted(box.uses) for box in made.boxes] == [["box1"], ["box0", "value1"]]
    assert {box.times for box in shown(sampled(follows=True)).boxes} == {1}


def test_neurons_of_a_recurrent_layer_are_one_with_an_edge_to_itself():
    x, w = Value(0.5, label="x"), Value(0.1)
    state = [Value(0.0) for _ in range(6)]
    for _ in range(3):
        before, state = state, []
        for i in range(6):
            with scope(f"neuron.{i}"):
                state.append((sum([w * h for h in before], x)).tanh())
    y = sum(state, Value(0.0))
    assert [(box.times, box.link) for box in shown(y).boxes] == [(6, "each uses the others")]
    for style in ("valuegrad", "micrograd"):
        assert "\tbox0 -> box0" in draw(y, depth=0, style=style).source
    assert "each uses the others" in texts(draw(y, depth=0))
    assert not any(box.link for box in [*shown(siblings(lambda i, x: x * i)).boxes, *shown(y, merge=False).boxes])


def test_a_great_many_open_nodes_leave_boxes_as_they_are(monkeypatch):
    y = siblings(lambda i, x: x * i)
    assert [box.times for box in shown(y).boxes] == [10]
    monkeypatch.setattr(boxes_module, "_COUNTLESS", 5)
    assert [box.times for box in shown(y).boxes] == [1] * 10


def network():
    model = MLP(2, [3, 1], activation="tanh", rng=0)
    y = model([Value(1.0, label="a"), Value(-2.0, label="b")])
    y.backward()
    return model, y


FACTS = [("layers.0", 2, 3, 9), ("layers.1", 3, 1, 4)]


@pytest.mark.parametrize("choose", ["focus", "between", "min_share"])
def test_a_box_tells_of_all_its_nodes_if_only_a_part_is_drawn(choose):
    model, y = network()
    whole = shown(y)
    weight = model.layers[0].neurons[1].w[0]
    part = {"focus": {"focus": weight}, "between": {"between": (weight, y)}, "min_share": {"min_share": 1.0}}[choose]
    made = shown(y, **part)
    known = {box.scope[-1]: box for box in whole.boxes}
    facts = {box.scope[-1]: (box.inside, box.out, box.n_parameters) for box in whole.boxes}
    assert [(name, *facts[name]) for name in facts] == FACTS
    assert made.boxes
    for box in made.boxes:
        of_whole = known[box.scope[-1]]
        assert (box.inside, box.out, box.n_parameters) == facts[box.scope[-1]]
        assert (box.count, box.squares) == (of_whole.count, of_whole.squares)
    assert made.hidden < whole.hidden or choose == "min_share"


def test_uses_that_are_left_out_are_left_out_of_boxes_too():
    x, y = Value(1.0, label="x"), Value(1.0, label="y")
    with scope("box"):
        z = x * 100.0 + x * 1.0 + y * 1.0
    root = z * 1.0
    assert shown(root).boxes[0].uses == {"value0": 2, "value4": 1}
    assert list(shown(root, min_share=0.1).boxes[0].uses.values()) == [1, 1]


def test_a_part_in_which_no_gradient_arrives_shows_that_there_was_a_backward():
    x = Value(-1.0, label="x")
    dead = x.relu() * 2
    y = dead + Value(3.0, label="b")
    assert "grad" not in texts(draw(y, focus=x, radius=1))
    y.backward()
    assert x.grad == 0.0
    for part in ({"focus": x, "radius": 0}, {"focus": x, "radius": 1}, {"between": (x, x)}):
        assert "grad" in texts(draw(y, **part))


def test_a_result_with_a_label_comes_out_of_its_box():
    model, y = network()
    y.label = "score"
    loss = (y - 1.0) ** 2
    loss.backward()
    made = shown(loss)
    [score] = [node for node in made.nodes if node.label == "score"]
    assert (score.data, score.grad, score.kind, score.operands) == (y.data, y.grad, "operation", ("box1",))
    assert [node.operands for node in made.nodes if node.operation] == [(score.key, 1.0), (made.nodes[-2].key, 2.0)]
    assert "score" in texts(draw(loss, depth=0))
    model.layers[1].neurons[0].b.label = "bias"  # a leaf stays in the box
    assert "bias" not in texts(draw(loss, depth=0))


def test_results_of_a_box_with_the_same_label_are_one():
    model = MLP(2, [3, 1], rng=0)
    results = [model([Value(i / 10), Value(1.0)]) for i in range(20)]
    for y in results:
        y.label = "score"
    made = shown(sum(results, Value(0.0)))
    [score] = [node for node in made.nodes if node.label == "score"]
    assert sorted([score.data, *(data for data, _ in score.others)]) == sorted(y.data for y in results)
    for i, y in enumerate(results):
        y.label = f"score {i + 1}"
    assert len([node for node in shown(sum(results, Value(0.0))).nodes if node.label]) == 20
    model([Value(1.0), Value(2.0)]).label = "not used"
    results.append(model([Value(1.0), Value(2.0)]))
    results[-1].label = "one too many"
    assert not [node for node in shown(sum(results, Value(0.0))).nodes if node.label]


def test_inputs_with_the_same_label_are_one():
    model = MLP(2, [3, 1], rng=0)
    rows = [[Value(i / 100, label="x1"), Value(1.0, label="x2")] for i in range(100)]
    made = snapshot(part_of(sum([model(row) for row in rows], Value(0.0))), Choice())
    assert {node.label: len(node.others) for node in made.nodes if node.kind == "input" and node.label} == {
        "x1": 99,
        "x2": 99,
    }
    rows = [[Value(i / 100, label=f"x{i}") for i in range(60)]]
    assert len(snapshot(part_of(rows[0]), Choice()).nodes) == 60


def test_a_box_tells_what_goes_in_for_each_sample():
    model = MLP(2, [16, 1], rng=0)
    floats, values = [0.5, -1.0], [Value(0.5), Value(-1.0)]
    for row in (floats, values):
        one, many = model(row), sum([model(row) for _ in range(100)], Value(0.0))
        shown_texts = texts(draw(one, depth=0))
        assert {"2 → 16, relu", "16 → 1", "48 parameters", "17 parameters"} <= set(shown_texts)
        if row is floats:
            assert {"2 → 16, relu, 100 times", "16 → 1, 100 times"} <= set(texts(draw(many, depth=0)))
    rows = [[Value(0.5), Value(-1.0)] for _ in range(100)]
    assert "2 → 16, relu, 100 times" in texts(draw(sum([model(row) for row in rows], Value(0.0)), depth=0))


def test_a_box_names_the_activation_that_all_its_results_come_from():
    for activation in ("tanh", "sigmoid"):
        one = MLP(2, [16, 1], activation=activation, rng=0)([0.5, 1.0])
        assert any(f"→ 16, {activation}" in text for text in texts(draw(one, depth=0)))
    with scope("both"):
        x = Value(0.5)
        y = x.tanh() * 2.0, x.exp() * 3.0
    assert "1 → 2" in texts(draw(y, depth=0))


def test_steps_that_are_one_box_have_results_and_gradients():
    y = steps(20)
    y.backward()
    [box] = shown(y).boxes
    made = [0.95**i for i in range(1, 21)]
    assert box.data == pytest.approx((min(made), max(made)))
    assert box.grads == pytest.approx((0.95**19, 1.0))
    assert {"0.3585 … 0.95", "0.3774 … 1"} <= {text.removeprefix("grad ") for text in texts(draw(y, depth=0))}


def steps(count: int, between: float = 0.0, uses: int = 0) -> Value:
    """A loop whose steps are scopes; between them, or of what one of them made, something may be computed."""
    x, k = Value(1.0, label="x"), Value(0.5, label="k")
    for i in range(count):
        with scope(f"step {i}"):
            slope = x * k
            x = x - 0.1 * slope
        if between:
            x = x * between
        if i == uses - 1:
            k = slope.exp()
    return x


def test_a_long_loop_is_one_box_whose_edge_says_that_each_step_uses_the_one_before():
    y = steps(20)
    y.backward()
    made = shown(y)
    assert [(box.times, box.link, box.count) for box in made.boxes] == [(20, "each uses the one before", 60)]
    assert [node.label for node in made.nodes] == ["x", "k", ""]
    assert {"20 × step", "2 → 1", "each uses the one before"} <= set(texts(draw(y, depth=0)))
    assert "\tbox0 -> box0" in draw(y, depth=0, style="micrograd").source
    for other in (steps(9), steps(20, between=0.5), steps(20, uses=5)):
        assert {box.times for box in shown(other).boxes} == {1}
    assert {box.times for box in shown(y, merge=False).boxes} == {1}
    deep, _ = shown(MLP(4, [4] * 16, rng=0)([1.0, 2.0, 3.0, 4.0])).boxes
    assert (deep.times, deep.link) == (15, "each uses the one before")


def test_a_box_that_is_used_in_a_loop_says_how_often():
    w, h = Value(0.5, label="cell.w"), Value(1.0, label="h")
    w.scope = ("cell",)
    for _ in range(3):
        with scope("cell"):
            h = (w * h).tanh()
    assert "used 3 times, tanh" in texts(draw(h + 1.0, depth=0, parameters=[w]))


def test_only_parameters_of_modules_are_counted_and_no_labelled_numbers_of_a_scope():
    with scope("price"):
        rate = Value(0.03, label="rate")
        y = rate * Value(2.0, label="years")
    shown = texts(draw(y + 1.0, depth=0))
    assert "2 → 1" in shown
    assert not [text for text in shown if "parameter" in text]
    assert "1 parameter" in texts(draw(y + 1.0, depth=0, parameters=[rate]))
    y.backward()
    assert "1 parameter · |grad| 2" in texts(draw(y + 1.0, depth=0, parameters=[rate]))
    model = MLP(2, [3, 1], rng=0)
    model.layers[0].neurons[0].w[0].label = "slope"
    assert "9 parameters" in texts(draw(model([1.0, 2.0]), depth=0))
    assert "13 parameters" in texts(draw(pickle.loads(pickle.dumps(Sequential(model)))([1.0, 2.0]), depth=0))


def test_leaves_without_a_label_go_into_their_box():
    with scope("box"):
        y = Value(1.0) * Value(2.0)
    shown_texts = texts(draw(y + 1, depth=0))
    assert "2 → 1" in shown_texts
    assert not [text for text in shown_texts if "parameter" in text]


def test_a_box_shows_the_least_and_the_largest_of_its_results_and_gradients():
    x = Value(0.5, label="x")
    with scope("box"):
        ys = [x * 2.0, x * 4.0]
    loss = ys[0] + ys[1] * 3.0
    loss.backward()
    assert {"1 … 2", "grad 1 … 3"} <= set(texts(draw(loss, depth=0)))
    ys[0].label = "first"
    assert {"1 … 2", "first"} <= set(texts(draw(loss, depth=0)))
    ys[1].label = "second"
    assert "1 … 2" not in texts(draw(loss, depth=0))


def test_what_the_lines_below_advise_can_be_drawn():
    rows = [[i / 100, 1.0 - i / 100] for i in range(100)]
    for widths, samples in (([16, 16, 1], 1), ([16, 16, 1], 100), ([7, 7, 1], 1), ([60], 1), ([3, 1], 8)):
        model = MLP(2, widths, rng=0)
        loss = sum([model(row) if widths[-1] == 1 else sum(model(row)) for row in rows[:samples]], Value(0.0))
        loss.backward()
        notes = " ".join(texts(draw(loss)))
        advised = [("depth", int(n)) for n in re.findall(r"depth=(\d+) draws", notes)]
        advised += [("merge", False)] * ("merge=False draws each" in notes)
        for name, value in advised:
            assert draw(loss, **{name: value}).source.count("[label=<<table") <= 400
    assert "|grad| is the norm of the gradient by all parameters in a box" in texts(draw(loss, depth=0))
