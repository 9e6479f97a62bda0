"""Paths of the same shape are one line of an explanation, with their number and their sum."""

from html import unescape

from autograd import Value, explain
from autograd.pictures.notation.numbers import short
from nn import MLP


def test_paths_that_are_alike_are_one_line_with_their_sum():
    x = Value(3.0, label="x")
    y = sum([x * x * float(i) for i in range(1, 100)], Value(0.0)) + x.exp()
    found = explain(y, x)
    assert (found.count, len(found.paths)) == (199, 5)
    said = " ".join(str(found).split())
    assert "198 paths, each 3 … 297, such as x ─(3)→ × ─(99)→ × 99" in said
    assert [line.split()[:3] for line in str(found).splitlines() if "%" in line] == [
        ["99.9", "%", "2.97e4"],
        ["0.0676", "%", "20.09"],
    ]
    assert "They add up to 2.972e4, the gradient." in said
    assert "198 paths" in unescape(found.markdown())
    assert "paths, each" not in str(explain(x * x * 2.0, x))


def test_the_sums_of_paths_that_are_alike_add_up_to_the_gradient():
    model = MLP(2, [4, 1], activation="tanh", rng=0)
    total = sum([(model([i / 20, 1.0]) - 1.0) ** 2 for i in range(20)], Value(0.0))
    found = explain(total, model.layers[0].neurons[1].w[0])
    assert "20 paths, each" in " ".join(str(found).split())
    assert f"They add up to {short(found.gradient)}, the gradient." in " ".join(str(found).split())


def test_too_many_shapes_are_listed_path_by_path():
    x = Value(1.0, label="x")
    y = x
    for i in range(8):
        y = y.sin() + (y.cos() if i % 2 else y.tanh())
    assert "6 paths, each 2" in " ".join(str(explain(sum([x * 2.0 for _ in range(6)], x.exp()), x)).split())
    assert "paths, each" not in str(explain(sum([x * 2.0 for _ in range(6)], y), x))
