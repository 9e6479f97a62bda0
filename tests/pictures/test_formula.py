"""Formulas: what is written, that it has the value of the graph, and that it can be rendered."""

import copy
import math
import pickle
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import TABLE, Value, dot, gradients, latex, operation, where
from autograd.operations import table
from autograd.pictures.notation.formula import label_of, name_of
from autograd.pictures.notation.symbols import without
from tests.effort import examples
from tests.pictures.graphs import random_graph

slanted = operation(
    "slanted_line",
    lambda a, b: 2.0 * a if a > b else a,
    ("2.0 if 0.0 < a > b else 1.0", lambda y, a, b: b * 0.0),  # noqa: ARG005  # the arguments of a partial
)


def named(**numbers):
    return [Value(x, label=name) for name, x in numbers.items()]


X, Y, W = named(x=2.0, y=3.0, w1=-1.0)
MINUS = -X


@pytest.mark.parametrize(
    ("y", "formula"),
    [
        (X + Y + W, r"x + y + w_{1}"),
        (X + (Y + W), r"x + y + w_{1}"),
        (X - (Y + W), r"x - \left(y + w_{1}\right)"),
        (X - (Y - W), r"x - \left(y - w_{1}\right)"),
        (X + -Y - -W, r"x - y + w_{1}"),
        (X + -3.0, "x - 3"),
        (3 - X * 2, "3 - 2 x"),
        (-(X + Y), r"-\left(x + y\right)"),
        (-MINUS, "x"),
        ((X + Y) * (X - 1), r"\left(x + y\right) \cdot \left(x - 1\right)"),
        (X * (Y * W), r"x \cdot y \cdot w_{1}"),
        ((-X) * Y * (-3), r"3 x \cdot y"),
        ((X + 1) / (Y * 2), r"\frac{x + 1}{2 y}"),
        (-X / Y, r"-\frac{x}{y}"),
        ((X / Y) ** 2, r"\left(\frac{x}{y}\right)^{2}"),
        ((-X) ** 2, r"\left(-x\right)^{2}"),
        ((X**2) ** Y, r"\left(x^{2}\right)^{y}"),
        (2 ** (X + 1), "2^{x + 1}"),
        (X**-1, "x^{-1}"),
        ((X * Y).exp() * W, r"e^{x \cdot y} \cdot w_{1}"),
        ((X + 1).sqrt() ** 2, r"\sqrt{x + 1}^{2}"),
        (X.sin() * Y, r"\sin\left(x\right) \cdot y"),
        ((X.sin() + 1).log(), r"\ln\left(\sin\left(x\right) + 1\right)"),
        (where(X, Y, 0.0) + 1, r"\left(y \;\mathrm{if}\; x \neq 0 \;\mathrm{else}\; 0\right) + 1"),
        (X * 1e-9 + 1.5e300, r"10^{-9} \cdot x + 1.5 \times 10^{300}"),
        (X + math.inf, r"x + \infty"),
        (X * -math.inf, r"-\infty x"),
        (X + math.nan, r"x + \mathrm{nan}"),
        (X * Value(3.0), "3 x"),
        (dot([X, Y], [W, 2.0]), r"x \cdot w_{1} + 2 y"),
        (X.detach(), "x = 2"),
        (slanted(X, Y), r"\operatorname{slanted\_line}(x, y)"),
        (Value(2.0), "2"),
    ],
)
def test_it_is_written_as_people_write(y, formula, render):
    assert latex(y) == formula
    assert render(latex(y, wrt=X))


def test_what_is_used_more_than_once_has_a_name_and_comes_first():
    s = X + Y
    assert latex(s * s) == r"t_{1} = x + y,\quad \mathrm{out} = t_{1} \cdot t_{1}"
    s.label = "s"
    assert latex(s * s.exp()).equations == [("s", "x + y"), (r"\mathrm{out}", r"s \cdot e^{s}")]
    minus = -Y
    assert latex(X * minus + minus) == r"-x \cdot y - y"  # a name with a sign is no longer than a name


def test_a_result_is_written_once_also_if_it_is_used_by_another_name():
    held = table.stop_gradient(X + Y)
    assert latex(held * held).equations == [("t_{2}", "x + y"), (r"\mathrm{out}", r"t_{2} \cdot t_{2}")]
    minus = -(X + Y)
    assert latex(minus * minus).equations[0] == ("t_{2}", r"-\left(x + y\right)")


def test_a_derivative_made_of_values_is_written_too():
    (slope,) = gradients(X.tanh() ** 2, [X])
    assert latex(slope) == r"2 \tanh\left(x\right) \cdot \operatorname{sech}^2\left(x\right)"


def test_a_formula_is_text_that_can_be_copied():
    formula = latex(X.tanh(), wrt=X)
    for other in (copy.copy(formula), copy.deepcopy(formula), pickle.loads(pickle.dumps(formula))):
        assert (other, other.equations) == (formula, formula.equations)


def test_the_result_has_its_label():
    y = X * 2
    y.label = "loss"
    assert latex(y) == r"\mathrm{loss} = 2 x"


@pytest.mark.parametrize(
    ("y", "formula"),
    [
        (X.tanh(), r"1 - y^{2}"),
        (X * X, r"2 x"),
        (X * W + X, r"1 + w_{1}"),
        (X / W, r"\frac{1}{w_{1}}"),
        (W / X, r"-\frac{w_{1}}{x^{2}}"),
        (X**3, r"3 x^{2}"),
        (X.sigmoid().log(), r"1 - t_{1}"),
        (5 - X - X, "-2"),
        (X / W / X, r"-\frac{t_{1}}{x^{2}} + \frac{1}{x \cdot w_{1}}"),
        ((-(X**2) / 2).exp(), r"-y \cdot x"),
        ((X + W + X) / 3, r"\frac{2}{3}"),
        (X / 3 / 3 * 3, r"\frac{1}{3}"),
        (X / 0.0, r"\frac{1}{0}"),
        (X * W / (W + 1) * 2, r"\frac{2 w_{1}}{t_{2}}"),
        ((X + 1) ** 1, "1"),
        (W * 2, "0"),
        (X.step() * W, "0"),
        (X.relu(), "[x > 0]"),
        (X, "1"),
        (slanted(X, W), r"2 \;\mathrm{if}\; 0 < x > w_{1} \;\mathrm{else}\; 1"),
        (slanted(W, X), r"\operatorname{slanted\_line\_by\_b}\left(y, w_{1}, x\right)"),
    ],
)
def test_the_derivative_is_that_of_a_handbook(y, formula):
    left, right = latex(y, wrt=X).equations[-1]
    assert left == (r"\frac{\partial x}{\partial x}" if y is X else r"\frac{\partial y}{\partial x}")
    assert right == formula


def test_a_value_without_a_label_gets_a_name_where_it_needs_one():
    a, b = Value(2.0), Value(3.0, label="x")
    assert latex(a * b, wrt=a).equations[-1] == (r"\frac{\partial y}{\partial z_{1}}", "x")
    inner = b * 2
    assert latex(inner.sin(), wrt=inner).equations == [
        ("t_{1}", "2 x"),
        ("y", r"\sin\left(t_{1}\right)"),
        (r"\frac{\partial y}{\partial t_{1}}", r"\cos\left(t_{1}\right)"),
    ]


@pytest.mark.parametrize("name", TABLE)
def test_every_operation_can_be_drawn(name, render):
    row = TABLE[name]
    point = [1.5 if low < 1.5 < high else (max(low, -1.0) + min(high, 1.0)) / 2 for low, high in row.domain]
    leaves = [Value(x, label=f"x{i}") for i, x in enumerate(point)]
    y = row(*[x + 0.125 for x in leaves]) ** 2 * leaves[0]
    for x in leaves:
        assert render(latex(y, wrt=x))
    assert render(latex(row(*leaves)))


def evaluated(formula, known):
    """The number that a formula of LaTeX stands for."""
    text = re.sub(r"\\left\|", "abs(", formula.replace(r"\operatorname{sgn}", "sgn"))
    text = re.sub(r"\\right\|", ")", text)
    text = text.replace(r"\left(", "(").replace(r"\right)", ")").replace(r"\cdot", "*").replace("^", "**")
    text = re.sub(r"(\w)_\{(\d+)\}", r"\1\2", text)
    text = re.sub(r"(\d) (?=[([\\a-z])", r"\1*", text)
    for _ in range(text.count("{")):
        text = re.sub(r"(\*\*|sqrt)\{([^{}]*)\}", r"\1(\2)", text)
        text = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", text)
    text = re.sub(r"\[([^]]*)\]", r"(\1)", text).replace("\\", "")
    return float(eval(text, {**KNOWN, **known}))


KNOWN = {**vars(math), "max": max, "abs": abs, "arctan": math.atan, "sgn": lambda x: (x > 0) - (x < 0)}


def test_formulas_of_the_tests_are_evaluated():
    assert evaluated(r"\frac{2 x^{2}}{\sqrt{x + \frac{1}{2}}} \cdot \left(-3\right)", {"x": 3.5}) == -36.75


@examples(150)
@given(st.integers(0, 10**9), st.integers(1, 15))
def test_it_has_the_value_of_the_graph_and_of_its_gradient(seed, size):
    nodes = random_graph(random.Random(seed), size)
    x, y = nodes[0], nodes[-1]
    known = {f"x{i}": node.data for i, node in enumerate(nodes[:3], 1)}
    equations = latex(y, wrt=x).equations
    for left, right in equations:
        known[re.sub("[_{}]", "", left)] = evaluated(right, known)
    assert known["y"] == pytest.approx(y.data, rel=1e-9, abs=1e-9)
    assert evaluated(equations[-1][1], known) == pytest.approx(gradients(y, [x])[0].data, rel=1e-9, abs=1e-9)


AWKWARD = ["$", "$$", "\\", "\\\\", "{", "}", "}{", "^", "_", "a_b", "~", "#", "%", "&", "'", '"', "`", "|", " "]
AWKWARD += ["\\input{x}", "\\end{aligned}", "</script>", "\x00", "\u202e", "🙂", "무게", "é", "e\u0301"]
AWKWARD += ["\n", "1", "1.5", "x" * 10_000]


@examples(150)
@given(st.one_of(st.sampled_from(AWKWARD), st.text(max_size=30), st.text("\\${}_^&#%~'\"`|<>x1 ", max_size=12)))
def test_a_label_cannot_be_read_as_latex(label):
    name = name_of(label_of(Value(1.0, label=label)))
    bare = re.sub(r"\\[ _{}$%]|\\(mathrm|text)(?={)|\{\\(backslash|sharp)\}", "", name)
    assert not set(bare) & set("\\$%&#~^")
    assert "</" not in name
    depth = 0
    for sign in bare:
        depth += {"{": 1, "}": -1}.get(sign, 0)
        assert depth >= 0
    assert depth == 0
    assert len(name) < 400


def test_signs_that_mathjax_does_not_know_are_text():
    assert name_of("price in €2") == r"\mathrm{price\ in\ \text{€}}_{2}"


def test_values_with_the_same_label_are_told_apart():
    a, b, c = Value(1.0, label="w1"), Value(2.0, label="w1"), Value(2.0, label="w_1")
    assert latex(a * b * c) == r"w_{1(1)} \cdot w_{1(2)} \cdot w_{1(3)}"


def apart(label, of):
    """The formula of a function of a Value with this label."""
    return latex(of(Value(0.5, label=label)))


@pytest.mark.parametrize(
    ("label", "of", "wanted"),
    [
        ("e", table.exp, r"\exp\left(e\right)"),
        ("e", table.expm1, r"\exp\left(e\right) - 1"),
        ("e", lambda x: table.logaddexp(x, 1.0) * 2, r"2 \ln(\exp\left(e\right) + \exp\left(1\right))"),
        ("e", lambda x: table.exp(x + 1) ** 2, r"\left(\exp\left(e + 1\right)\right)^{2}"),
        ("e", lambda x: table.exp(Value(1.0, label="x")) * x, r"\exp\left(x\right) \cdot e"),
        ("e1", table.exp, "e^{e_{1}}"),
        ("σ", table.sigmoid, r"\operatorname{sigmoid}\left(\mathrm{σ}\right)"),
        ("Γ", table.lgamma, r"\operatorname{lgamma}\left(\mathrm{Γ}\right)"),
        ("Γ", table.sigmoid, r"\sigma(\mathrm{Γ})"),
        ("π", table.radians, r"\operatorname{radians}\left(\mathrm{π}\right)"),
        ("2", lambda x: x + 2, r"\mathrm{“2”} + 2"),
        ("nan", lambda x: x + math.nan, r"\mathrm{“nan”} + \mathrm{nan}"),
    ],
)
def test_a_label_is_told_apart_from_a_symbol_or_a_number_that_looks_the_same(label, of, wanted, render):
    assert apart(label, of) == wanted
    assert render(wanted)


def test_every_power_of_e_has_a_form_without_e():
    for name, row in TABLE.items():
        written = without({"e"}, row.latex)
        assert "e^" not in written, name
        assert written.count("{") == written.count("}"), name
        assert without({"x"}, row.latex) == row.latex


def test_jupyter_shows_the_mathematics():
    assert latex(X * 2)._repr_latex_() == r"$\displaystyle 2 x$"
    shown = latex(X.tanh(), wrt=X)._repr_latex_()
    assert shown.startswith(r"$\displaystyle \begin{aligned} y &= \tanh\left(x\right) \\ \frac")


def test_jupyter_breaks_a_long_sum_into_lines(katex, mathjax):
    terms = [(Value(1.0, label=f"w{i}") + X - 3.0) * Value(1.0, label="a) + ") for i in range(30)]
    y = sum(terms[1:], terms[0])
    shown = latex(y)._repr_latex_()[1:-1]
    lines = re.split(r" \\\\ ", shown)
    assert len(lines) > 5
    assert all(line.startswith(r"& \quad {} + \left(w_{") for line in lines[1:])
    assert re.sub(r" \\\\ & \\quad {}", "", shown) == rf"\displaystyle \begin{{aligned}} & {latex(y)} \end{{aligned}}"
    assert katex(shown)
    assert mathjax(shown)
    assert latex(y * X)._repr_latex_() == rf"$\displaystyle {latex(y * X)}$"  # a sum in parentheses stays in one line


def test_a_long_formula_is_refused_with_a_remedy():
    y = X
    for i in range(200):
        y = (y.sin() if i % 2 else y * W) if i < 100 else W + y if i < 150 else W / y
    assert latex(y, wrt=X)
    with pytest.raises(
        ValueError, match=r"y has 201 operations, and a formula of more than 200 .*; write latex\(\) of an"
    ):
        latex(y * 2)
    with pytest.raises(ValueError, match="y has 1999 operations"):
        latex(dot([X] * 1000, [W] * 1000))


def test_a_value_that_is_not_in_the_graph_needs_a_label():
    assert latex(W * 2, wrt=X).equations[-1] == (r"\frac{\partial y}{\partial x}", "0")
    with pytest.raises(
        ValueError, match=r"^wrt is a Value without a label, and not in the graph of y; pass one that y"
    ):
        latex(W * 2, wrt=Value(1.0))


@pytest.mark.parametrize(("y", "wrt", "name"), [([X], None, "y, got list"), (X, "x", "wrt, got str")])
def test_what_is_no_value_is_refused_with_a_remedy(y, wrt, name):
    with pytest.raises(TypeError, match=rf"latex\(\) takes a Value as {name}; pass the Value itself"):
        latex(y, wrt=wrt)
