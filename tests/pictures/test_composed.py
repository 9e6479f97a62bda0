"""Calls of softmax, log_softmax, logsumexp and cross_entropy are one box each, and nothing else is in it."""

import pytest

from autograd import (
    Value,
    dot,
    draw,
    explain,
    gradients,
    latex,
    log_softmax,
    logsumexp,
    maximum,
    mean,
    no_grad,
    scope,
    softmax,
    tree,
)
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


def test_a_depth_that_opens_layers_keeps_calls_closed():
    loss = losses.cross_entropy([MLP(2, [4, 3], rng=0)([0.2, 1.0])], [1])
    assert "cross_entropy" in texts(draw(loss, depth=1))
    assert "cross_entropy" in texts(draw(loss, depth=2))
    assert {"cross_entropy: depth=3 draws the operations"} <= set(texts(draw(loss, depth=2)))
    assert "log_fraction" in texts(draw(loss, depth=3))


CALLS = [
    (lambda x: softmax(x)[1], "softmax"),
    (lambda x: log_softmax(x)[1], "log_softmax"),
    (logsumexp, "logsumexp"),
    (lambda x: losses.cross_entropy(x, 1), "cross_entropy"),
    (lambda x: softmax([0.5, *x, 2.0])[1], "softmax"),
    (lambda x: softmax([x[1], x[0], x[1]])[2], "softmax"),
]


@pytest.mark.parametrize(("make", "name"), CALLS)
def test_a_call_is_one_line_of_a_tree(make, name):
    x = numbers()
    y = make(x)
    lines = tree(y * 2.0).lines
    assert [line.split()[1] for line in lines[1:2]] == [name]
    assert {line.split()[1] for line in lines[2:]} <= {"x₀", "x₁", "x₂"}
    assert any("stop" in line for line in tree(y, depth=1).lines)


@pytest.mark.parametrize(("make", "name"), CALLS)
def test_a_call_is_one_step_of_an_explanation(make, name):
    x = numbers()
    y = make(x)
    for node in x[:2]:
        found = explain(y * 2.0, node)
        assert (found.count, found.lost, [len(path.nodes) for path in found.paths]) == (1, (), [3])
        assert name in str(found)
        assert found.gradient == gradients(y * 2.0, [node])[0].data
        assert found.paths[0].product == pytest.approx(found.gradient, rel=1e-13)


def test_what_is_lost_within_a_call_is_lost_in_it():
    x = [Value(0.0, label="a"), Value(800.0, label="b")]
    found = explain(softmax(x)[1] * 2.0, x[0])
    assert [place.reason for place in found.lost] == ["zero partial"]
    assert "softmax: the partial derivative by a is" in str(found)


def test_what_is_asked_for_within_a_call_is_explained():
    x = numbers()
    y = softmax(x)[1]
    power = next(node for node in y.operands if node.op == "exp_difference")
    assert explain(y, power).count == 1
    assert explain(power, x[1]).count == 1


@pytest.mark.parametrize(
    ("make", "formula"),
    [
        (CALLS[0][0], r"softmax(x_0, x_1, x_2)_1, d = y * (1 - y)"),
        (CALLS[1][0], r"log_softmax(x_0, x_1, x_2)_1, d = 1 - softmax(x_0, x_1, x_2)_1"),
        (CALLS[2][0], r"logsumexp(x_0, x_1, x_2), d = softmax(x_0, x_1, x_2)_1"),
        (CALLS[3][0], r"-log_softmax(x_0, x_1, x_2)_1, d = softmax(x_0, x_1, x_2)_1 - 1"),
        (lambda x: softmax(x)[0], r"softmax(x_0, x_1, x_2)_0, d = -y * softmax(x_0, x_1, x_2)_1"),
        (lambda x: softmax([1.0, x[1]])[0], r"softmax(1, x_1)_0, d = -y * softmax(1, x_1)_1"),
    ],
)
def test_a_call_has_its_name_in_a_formula(make, formula):
    x = numbers()
    found = str(latex(make(x), wrt=x[1])).replace(r"\frac{\partial y}{\partial x_{1}}", "d")
    for old, new in ((r"\operatorname", ""), (r"\left", ""), (r"\right", ""), (r"\_", "_"), (r"\cdot", "*")):
        found = found.replace(old, new)
    for old in ("{", "}", r"\quad "):
        found = found.replace(old, "")
    assert found.replace(",d", ", d") == f"y = {formula}"


def test_the_derivative_speaks_of_other_results_of_the_call():
    x = numbers()
    p = softmax(x)
    p[0].label, p[1].label = "a", "b"
    assert latex(p[0] * p[1], wrt=x[1]).equations[-1][1].count("softmax") == 0
    assert latex(log_softmax(x)[0] * log_softmax(x)[1], wrt=x[2]).count("max(") == 0
