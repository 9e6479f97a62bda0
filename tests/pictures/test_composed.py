"""Calls of softmax, log_softmax, logsumexp and cross_entropy are one box each, and nothing else is in it."""

import pytest

from autograd import Value, dot, draw, log_softmax, logsumexp, maximum, mean, no_grad, scope, softmax
from autograd.pictures.graphs.choice import Choice
from autograd.pictures.graphs.selection import part_of
from autograd.pictures.graphs.snapshot import snapshot
from nn import MLP, losses
from tests.pictures.reading import texts


def numbers(count=3):
    return [Value(float(i), label=f"x{i}") for i in range(count)]


def shown(root, **part):
    made = snapshot(part_of(root, **part), Choice())
    return [box.scope[-1] for box in made.boxes], [node.operation.name for node in made.nodes if node.operation]


@pytest.mark.parametrize(
    ("make", "boxes", "operations"),
    [
        (softmax, ["softmax"], []),
        (lambda x: softmax(x)[0], ["softmax"], []),
        (lambda x: log_softmax(x), ["log_softmax"], []),
        (lambda x: -log_softmax(x)[1], ["log_softmax"], ["negative"]),
        (lambda x: -log_softmax(x[:2])[1], ["log_softmax"], ["negative"]),
        (logsumexp, ["logsumexp"], []),
        (lambda x: logsumexp(x) * 2.0, ["logsumexp"], ["multiply"]),
        (lambda x: losses.cross_entropy([x], [1]), ["cross_entropy"], ["divide"]),
        (lambda x: losses.cross_entropy([x[:2]], [0]), ["cross_entropy"], ["divide"]),
        (lambda x: losses.cross_entropy([x, x], [0, 1]), ["cross_entropy.1", "cross_entropy.2"], ["add", "divide"]),
        (lambda x: softmax(softmax(x)), ["softmax.1", "softmax.2"], []),
        (lambda x: logsumexp(softmax(x)), ["logsumexp", "softmax"], []),
        (lambda x: mean(softmax(x)), ["softmax"], ["add", "add", "divide"]),
        (lambda x: softmax([maximum(*x[:2]), *x]), ["softmax"], ["maximum"]),
        (lambda x: dot(softmax(x), [1.0, 2.0, 3.0]), ["softmax"], ["dot"]),
        (lambda x: softmax([x[0], 0.5, 1.0]), ["softmax"], []),
        (lambda x: x[0].exp() / (x[0].exp() + x[1].exp()), [], ["exp", "exp", "exp", "add", "divide"]),
    ],
)
def test_a_call_is_a_box(make, boxes, operations):
    found, others = shown(make(numbers()))
    assert (found, sorted(others)) == (boxes, sorted(operations))


def test_a_depth_opens_a_call_and_a_line_says_so():
    y = softmax(numbers())[0]
    assert "softmax: depth=1 draws the operations" in texts(draw(y))
    assert "exp_difference" not in texts(draw(y))
    assert {"softmax", "fraction"} <= set(texts(draw(y, depth=1)))
    with scope("head"):
        z = softmax(numbers())[0]
    assert "softmax: depth=2 draws the operations" in texts(draw(z))
    assert {"head", "softmax", "3 → 1"} <= set(texts(draw(z)))
    with no_grad():
        assert draw(softmax(numbers())).source.count("box0") == 0


def test_the_calls_of_a_batch_are_one_box():
    model = MLP(2, [3, 3], rng=0)
    loss = losses.cross_entropy([model([i / 30, 1.0]) for i in range(30)], [i % 3 for i in range(30)])
    assert "30 × cross_entropy" in texts(draw(loss))


def test_a_part_keeps_the_box_of_a_call():
    x = numbers()
    y = logsumexp(x) * 2.0
    assert shown(y, between=(x[0], y))[0] == ["logsumexp"]
    assert shown(y, focus=x[0], radius=1)[0] == ["logsumexp"]
