"""An explanation says which operands make a partial derivative 0 or large."""

import pytest

from autograd import Value, dot, explain, operation

lost_gradient = operation("lost_gradient", lambda a: a, "0 * a")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda w, x, z: dot([w, x], [x, z]), "dot: the partial derivative by w is 0, because x = 0"),
        (lambda w, x, _: w * x, "×: the partial derivative by w is 0, because x = 0"),
        (lambda w, x, _: w * (x + 0.0) + w, "×: the partial derivative by w is 0, because its operand 2 is 0"),
        (lambda w, *_: (w * 1.0 - 2.0) ** 2, "^ 2: its partial derivative is 0, because its operand is 0"),
        (lambda w, x, _: x**2 * w, "×: the partial derivative by w is 0, because its operand 1 is 0"),
        (lambda w, *_: w / 1e-7, "÷ 1e−7: its partial derivative is 1e7"),
        (lambda w, x, _: x + (-w).relu(), "ReLU: its partial derivative is 0, because its operand is −2"),
        (lambda w, *_: (w - 2.0).sqrt(), "sqrt: its partial derivative is ∞, because its operand is 0"),
        (lambda w, *_: lost_gradient(w), "lost_gradient: its partial derivative is 0, because w = 2"),
        (lambda w, *_: (w * 500.0).exp(), "exp: its partial derivative is ∞, because its operand is 1000"),
        (
            lambda w, _, z: (w * 1.0).maximum(z * 3.0),
            "max: the partial derivative by × 1 is 0, because its operand 1 is 2",
        ),
    ],
)
def test_a_place_names_the_numbers_in_the_formula_of_its_partial_derivative(make, said):
    w, x, z = (Value(number, label=name) for number, name in ((2.0, "w"), (0.0, "x"), (1.0, "z")))
    y = make(w, x, z)
    shown = " ".join(str(explain(y, w)).split())
    assert f"- {said}" in shown
    assert f"- {said}".count("because") == shown.count("because")


def test_numbers_of_places_that_read_the_same_are_told_from_the_least_to_the_largest():
    w = Value(2.0, label="w")
    y = sum([w * Value(0.0, label=f"x{i}") for i in range(3)], w)
    assert "- × (3 times): the partial derivative by w is 0, because its operand 2 is 0" in str(explain(y, w))
