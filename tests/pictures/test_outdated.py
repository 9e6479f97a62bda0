"""Pictures, trees and explanations say if numbers were changed after the graph was recorded."""

import math

import pytest

from autograd import Value, dot, draw, explain, logsumexp, no_grad, operation, tree, where
from autograd.engine import backend, topological_order
from autograd.pictures.graphs import outdated
from autograd.pictures.graphs.outdated import NOTE, is_outdated
from nn import MLP, optim
from tests.pictures.reading import texts, titles

doubled = operation("doubled", lambda a: 2.0 * a, "2.0")


def said_by(y: Value, x: Value) -> list[bool]:
    """Whether each of the pictures says it."""
    pictures = [" ".join(texts(draw(y))), " ".join(texts(draw(y, style="micrograd"))), str(tree(y)), str(explain(y, x))]
    pictures += [explain(y, x).markdown()]
    return [NOTE[1:] in " ".join(text.split()) for text in pictures]


def test_after_a_step_of_an_optimizer_every_picture_says_that_the_rest_is_old():
    model = MLP(2, [3, 1], rng=0)
    loss = (model([1.0, -2.0]) - 3.0) ** 2
    weight = model.parameters()[0]
    loss.backward()
    assert said_by(loss, weight) == [False] * 5
    optim.SGD(model.parameters(), learning_rate=0.1).step()
    assert said_by(loss, weight) == [True] * 5
    loss = (model([1.0, -2.0]) - 3.0) ** 2
    assert said_by(loss, weight) == [False] * 5


@pytest.fixture(params=["python", backend])
def engine(request, monkeypatch):
    if request.param == "python":
        monkeypatch.setattr(outdated, "compiled", None)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    "function",
    [
        lambda a, b: a * b,
        lambda a, b: a * 3.0 + b,
        lambda a, b: a**2 + b,  # the same number, but another partial derivative
        lambda a, b: abs(b) + abs(a),
        lambda a, b: where(b > 0, a, b),
        lambda a, b: dot([a, 2.0], [b, b]),
        lambda a, b: dot([a, b], [1.0, 2.0]),
        lambda a, b: logsumexp([a, b]),
        lambda a, b: a.tanh().sin() / b,
    ],
)
def test_a_new_number_of_an_input_is_found(function):
    a, b = Value(2.0), Value(3.0)
    order = topological_order(function(a, b))
    assert not is_outdated(order)
    a.data = -2.0
    assert is_outdated(order)
    a.data = 2.0
    assert not is_outdated(order)


@pytest.mark.usefixtures("engine")
def test_a_new_number_of_a_result_is_found():
    a = Value(2.0)
    y = a * 3.0
    order = topological_order(y.tanh())
    y.data = 1.0
    assert is_outdated(order)


@pytest.mark.usefixtures("engine")
def test_numbers_that_were_not_changed_are_not_old():
    a, b = Value(math.nan), Value(0.0)
    with no_grad():
        constant = b + 1.0
    for y in (a * b, b.log() * 0.0, b.sqrt(), doubled(a), a.step() + constant, where(b > 0, a, b), dot([a], [b])):
        assert not is_outdated(topological_order(y))


def test_operations_of_users_are_not_called_again():
    calls = []
    noted = operation("noted", lambda a: calls.append(a) or 2.0 * a, "2.0")
    y = noted(Value(1.0))
    before = len(calls)
    tree(y)
    assert len(calls) == before


def test_the_lines_of_a_tree_stay_as_few_and_as_narrow_as_asked():
    x = y = Value(1.0)
    for _ in range(100):
        y = y * 2.0
    x.data = 2.0
    shown = tree(y, max_lines=10).lines
    assert len(shown) <= 10
    assert max(map(len, shown)) <= 80
    assert "".join(shown).count("was changed") == 1


def marks(y):
    """For each leaf with a mark in the picture its label, and the mark."""
    found = [title.split(", ") for kind in ("input", "parameter") for title in titles(draw(y), kind)]
    return {label: mark for label, _, *rest in found for mark in rest if mark.startswith(("was", "changed"))}


@pytest.mark.usefixtures("engine")
def test_a_leaf_that_was_changed_says_what_its_number_was():
    w, x, b, c = (Value(number, label=name) for number, name in ((0.5, "w"), (2.0, "x"), (0.1, "b"), (4.0, "c")))
    y = ((w * x + b - c) * 2.0).tanh()
    assert marks(y) == {}
    w.data = 1.26
    assert marks(y) == {"w": "was 0.5"}
    shown = texts(draw(y))
    assert shown[shown.index("1.26") + 1] == "was 0.5"
    b.data, c.data = 3.0, -1.0
    assert marks(y) == {"w": "was 0.5", "b": "was 0.1", "c": "was 4"}
    w.data = 0.5
    assert marks(y) == {"b": "was 0.1", "c": "was 4"}


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda a, b: dot([a, 2.0], [b, b]), {"a": "was 2"}),
        (lambda a, b: a * 3.0 + b.exp(), {"a": "was 2"}),
        (lambda a, b: 1.0 - a + b.exp(), {"a": "was 2"}),
        (lambda a, b: a - b.exp(), {"a": "was 2"}),
        (lambda a, b: a * a * b.exp(), {"a": "was 2"}),
        (lambda a, b: a.exp() * b.exp(), {"a": "changed"}),
        (lambda a, b: a / b, {}),  # one of two
    ],
)
def test_a_number_that_cannot_be_known_is_not_told(function, expected):
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    y = function(a, b)
    a.data = -1.0
    assert marks(y) == expected


@pytest.mark.usefixtures("engine")
def test_if_a_result_was_changed_no_leaf_is_suspected():
    a = Value(2.0, label="a")
    y = a.exp()
    root = y * 3.0
    y.data = 1.0
    assert marks(root) == {}


def test_leaves_that_are_drawn_as_one_say_what_their_numbers_were():
    weights = [Value(i / 10) for i in range(1, 101)]
    x = Value(2.0, label="x")
    y = sum([w * x for w in weights])
    for w in weights:
        w.data += 100.0
    assert "was 0.1 … 10" in texts(draw(y))
    weights[0].data = 0.1
    assert "changed" in texts(draw(y))
