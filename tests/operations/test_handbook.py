"""The handbook's derivatives equal the exact formulas where both have digits, and are written as people write them."""

import itertools
import math

import pytest

from autograd.operations.formulas import FLOAT_FUNCTIONS
from autograd.operations.operation import TABLE
from autograd.pictures.notation.mathematics import latex_of, unicode_of

NUMBERS = [-2.6, -1.3, -0.4, 0.2, 0.7, 1.0, 1.6, 2.0, 3.0, 4.5]
NAMES = {**FLOAT_FUNCTIONS, "pi": math.pi}


@pytest.mark.parametrize("name", TABLE)
def test_it_equals_the_exact_formula(name):
    operation = TABLE[name]
    assert [f is None for f in operation.handbook] == [f is None for f in operation.formulas]
    inside = [[x for x in NUMBERS if low < x < high] for low, high in operation.domain]
    compared = 0
    for point in itertools.product(*inside):
        y = operation.function(*point)
        if abs(operation.kink(*point)) < 1e-9 or not math.isfinite(y):
            continue
        known = {**NAMES, "y": y, **dict(zip("abc", point))}
        for formula, slope in zip(operation.handbook, operation.slopes(y, *point)):
            if formula is not None and math.isfinite(slope):
                assert float(eval(formula, known)) == pytest.approx(slope, rel=1e-9, abs=1e-9), (formula, point)
                compared += 1
    assert compared or set(operation.handbook) == {None}


@pytest.mark.parametrize(
    ("expression", "names", "text", "latex"),
    [
        ("1 - y**2", {"y": "out"}, "1 − out²", "1 - out^{2}"),
        ("b*a**(b - 1)", {"a": "x", "b": 3.0}, "3x²", "3 x^{2}"),
        ("b*a**(b - 1)", {"a": "x", "b": 2.0}, "2x", "2 x"),
        ("b*a**(b - 1)", {"a": "x", "b": 0.5}, "0.5x^(−0.5)", "0.5 x^{-0.5}"),
        ("-a/b**2", {"a": "x + y"}, "−(x + y) / b²", r"-\frac{x + y}{b^{2}}"),
        ("a - (b - c)", {}, "a − (b − c)", r"a - \left(b - c\right)"),
        ("-(a + b)", {}, "−(a + b)", r"-\left(a + b\right)"),
        ("2/sqrt(pi)*exp(-a**2)", {}, "2 / √π · exp(−a²)", r"\frac{2}{\sqrt{\pi}} \cdot e^{-a^{2}}"),
        ("cos(a + 1)", {}, "cos(a + 1)", r"\cos\left(a + 1\right)"),
        ("absolute(a) >= b", {}, "[|a| ≥ b]", r"[\left|a\right| \geq b]"),
        ("0 < a < b", {}, "[0 < a < b]", "[0 < a < b]"),
        ("+a - -b", {}, "a − (−b)", r"a - \left(-b\right)"),
        ("a*b", {"b": -3.0}, "a · (−3)", r"a \cdot \left(-3\right)"),
        ("1e-9*a", {}, "1e−9 · a", r"10^{-9} \cdot a"),
        ("b if a > 0 else 0", {}, "b if a > 0 else 0", r"b \;\mathrm{if}\; a > 0 \;\mathrm{else}\; 0"),
        ("sqrt(pi)*sigmoid(a)", {"a": "π"}, "√3.142 · σ(π)", r"\sqrt{3.142} \cdot \sigma(π)"),
        (
            "sqrt(pi)*sigmoid(a)",
            {"a": "σ"},
            "√π · sigmoid(σ)",
            r"\sqrt{\pi} \cdot \operatorname{sigmoid}\left(σ\right)",
        ),
        ("2*(b if a else 0)", {}, "2 · (b if a else 0)", r"2 \left(b \;\mathrm{if}\; a \;\mathrm{else}\; 0\right)"),
    ],
)
def test_it_is_written_as_people_write(expression, names, text, latex):
    assert unicode_of(expression, names) == text
    assert latex_of(expression, names) == latex


@pytest.mark.parametrize("name", TABLE)
def test_every_formula_can_be_written(name):
    for formula in filter(None, TABLE[name].handbook):
        assert unicode_of(formula, {})
        assert latex_of(formula, {})
