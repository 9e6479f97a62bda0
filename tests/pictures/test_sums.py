"""Long sums are one node in pictures and trees, and what is shown of them is exact."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, draw, scope, tree
from autograd import sum as total
from autograd.pictures.graphs.choice import Choice
from autograd.pictures.graphs.selection import part_of
from autograd.pictures.graphs.snapshot import Snapshot, snapshot
from tests.effort import examples
from tests.pictures.reading import texts, titles


def inputs(count: int) -> list[Value]:
    return [Value(i / 10.0, label=f"x{i}") for i in range(1, count + 1)]


def shown(root: Value, **settings: object) -> Snapshot:
    return snapshot(part_of(root), Choice(**settings), flows=True)


def sums(made: Snapshot) -> list[int]:
    return [node.terms for node in made.nodes if node.terms]


def test_forty_squares_are_one_sum():
    xs = inputs(40)
    y = sum([x**2 for x in xs])
    y.backward()
    picture = draw(y, partials=True, flow=True)
    said = texts(picture)
    assert said.count("sum of 40") == 1
    assert "+" not in said
    assert said.count("1") >= 40  # the partial derivative of each term
    assert said.count("← 1") == 41  # also along 2x for x = 0.5
    assert "a long sum is one node; merge=False draws each" in said
    assert len(titles(picture, "operation")) == 40
    assert len(titles(draw(y, merge=False), "operation")) == 79
    assert [line for line in tree(y, max_lines=100).lines if "+" in line] == tree(y, max_lines=100).lines[:1]


@pytest.mark.parametrize(
    "add_up",
    [
        lambda xs: total(xs),
        lambda xs: sum(xs, Value(0.0, label="start")),
        lambda xs: xs[0] + (xs[1] + (xs[2] + (xs[3] + (xs[4] + xs[5])))),
        lambda xs: ((xs[0] + xs[1]) + (xs[2] + xs[3])) + (xs[4] + xs[5]),
    ],
)
def test_a_sum_may_have_any_brackets(add_up):
    xs = inputs(6)
    y = add_up(xs)
    made = shown(y.tanh())
    [node] = [node for node in made.nodes if node.terms]
    assert node.terms in (6, 7)
    labels = {x.key: x.label for x in made.nodes}
    assert [labels[key] for key in node.operands if labels.get(key, "start") != "start"] == [x.label for x in xs]
    assert node.data == y.data


def test_a_tree_has_a_sum_with_any_brackets_as_one_node():
    a, b, c, d = inputs(4)
    lines = tree((a + b) + (c + d)).lines
    assert [line.split()[0:2] for line in lines] == [["+", "1"], ["├─", "x₁"], ["├─", "x₂"], ["├─", "x₃"], ["└─", "x₄"]]


def test_four_numbers_are_no_long_sum():
    assert sums(shown(sum(inputs(4)))) == []
    assert sums(shown(sum(inputs(5)))) == [5]


def test_constants_are_terms_but_for_0():
    assert sums(shown(sum(inputs(5)) + 1.0)) == [6]
    assert sums(shown(sum(inputs(4)) + 2.0)) == [5]


def test_what_has_a_label_another_use_or_another_scope_is_no_step():
    xs = inputs(12)
    half = sum(xs[:6])
    half.label = "half"
    assert sums(shown(sum(xs[6:], half))) == [6, 7]
    part = sum(xs[:6])
    assert sums(shown(sum(xs[6:], part) * part)) == [6, 7]
    with scope("first"):
        part = sum(xs[:6])
    assert sums(shown(sum(xs[6:], part))) == [6, 7]
    x = xs[0]
    assert sums(shown((x + x) + (x + x) + (x + x))) == [6]
    both = x + x
    assert sums(shown(both + both + both + both + both)) == [5]


def test_a_step_whose_gradient_is_another_one_is_drawn():
    y = sum(inputs(8))
    y.backward()
    assert sums(shown(y)) == [8]
    step = y.operands[0].operands[0]
    step.grad = 5.0
    assert sums(shown(y)) == [5]


def test_long_sums_that_are_alike_are_drawn_once_with_their_number():
    w = Value(0.5, label="w")
    samples = [sum([w * Value(float(i + j)) for j in range(6)]).tanh() for i in range(20)]
    y = sum(samples)
    y.backward()
    made = shown(y)
    assert sorted((node.terms, 1 + len(node.others)) for node in made.nodes if node.terms) == [(6, 20), (20, 1)]
    assert {"20 ×", "sum of 6", "120 ×", "sum of 20"} <= set(texts(draw(y)))
    [several] = [node for node in made.nodes if node.terms == 6]
    assert sorted([several.data, *(number for number, _ in several.others)]) == sorted(
        x.operands[0].data for x in samples
    )


def test_the_focus_and_the_ends_of_paths_are_drawn():
    xs = inputs(8)
    y = sum(xs)
    step = y.operands[0].operands[0]
    focused = shown_part = snapshot(part_of(y, focus=step, radius=1), Choice())
    assert step.data in [node.data for node in focused.nodes]
    shown_part = snapshot(part_of(y, between=(step, y)), Choice())
    assert sorted(node.data for node in shown_part.nodes) == pytest.approx([step.data, step.data + 0.7, y.data])
    paths = snapshot(part_of(y, between=(xs[0], y)), Choice())
    assert sums(paths) == [8]
    assert "7 not drawn" in texts(draw(y, between=(xs[0], y)))


def test_a_sum_of_a_hundred_thousand_is_one_node():
    y = Value(0.0, label="start")
    x = Value(1.0, label="x")
    for _ in range(40_000):
        y = y + x
    assert sums(shown(y)) == [40_001]


@examples(60)
@given(st.integers(0, 10**9), st.integers(5, 40))
def test_the_terms_of_a_random_sum_add_up_and_its_flows_do(seed, size):
    rng = random.Random(seed)
    leaves = inputs(size)
    waiting = list(leaves)
    while len(waiting) > 1:
        a, b = waiting.pop(rng.randrange(len(waiting))), waiting.pop(rng.randrange(len(waiting)))
        waiting.append(a + b)
    (waiting[0] * 3.0).backward()
    made = shown(waiting[0] * 1.0)
    [node] = [node for node in made.nodes if node.terms]
    data = {x.key: x.data for x in made.nodes}
    assert node.terms == size
    assert sum(data[key] for key in node.operands) == pytest.approx(node.data)
    assert set(node.slopes) == {1.0}
    assert sorted(stream.flow for stream in node.streams) == [3.0] * size
