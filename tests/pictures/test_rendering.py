"""Matplotlib, KaTeX and MathJax render random formulas, any label, and the formulas of the documentation."""

import re
import unicodedata
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, explain, latex
from autograd.pictures.notation.formula import label_of, name_of
from autograd.testing import expressions
from tests.effort import examples
from tests.pictures.test_formula import AWKWARD

MARKED = [
    "\u0301",
    "e\u0301",
    "x\u0323",
    "-\u0301",
    " \u0301",
    "}\u0301",
    "1\u0301",
    "\u0301\u0301",
    "π\u0302",
    "w\u03011",
]
MARKED += [
    "e\u0301\u0323",
    "\u1100\u1161",
    "क्षि",
    "\u0345x",
    "x\u20d7",
    "\N{LATIN SMALL LETTER DOTLESS I}\u0302",
    "a\u20dd",
]
MARKED += ["price in €", "\u0254\u0251", "🪐", "x\u20d7€", "\ue000"]
MARKED += ["🙂\u0301", "👩\u200d🔬", "\ufe0f", "®", "\N{MATHEMATICAL ITALIC SMALL DOTLESS I}"]
LABELS = st.one_of(st.sampled_from(AWKWARD + MARKED), st.text(max_size=30), st.text("ex1- }\\\u0301\u0302\u0323\u0345"))


@examples(60)
@given(expressions(smooth=False))
def test_random_expressions_and_their_derivatives_are_rendered(render, f):
    inputs = [Value(x, label=f"x{i}") for i, x in enumerate(f.witness, 1)]
    y = f(*inputs)
    for x in inputs:
        assert render(latex(y, wrt=x))
        assert render(explain(y, x).latex())


@examples(100)
@given(LABELS)
def test_any_label_is_rendered(render, label):
    x, y = Value(1.0, label=label), Value(2.0, label=label)
    product = x**y * x
    product.label = label
    assert render(latex(product, wrt=x))
    assert render(explain(product, x).latex())


@examples(60)
@given(LABELS)
def test_jupyter_renders_any_label_too(katex, mathjax, label):
    x = Value(1.0, label=label)
    shown = latex(x.tanh() * x, wrt=x)._repr_latex_()
    assert shown[0] == shown[-1] == "$"
    assert katex(shown[1:-1])
    assert mathjax(shown[1:-1])


@pytest.mark.parametrize("label", ["w", "loss", "é", "무게", "e\u0301", "🙂"])
def test_the_signs_of_a_label_are_in_what_katex_shows(katex, label):
    shown = unescape(re.sub("<math.*?</math>|<[^>]*>", "", katex(name_of(label_of(Value(1.0, label=label))))))
    shown = shown.translate({ord("\u200b"): None, ord("\N{MODIFIER LETTER ACUTE ACCENT}"): "\u0301"})
    assert unicodedata.normalize("NFC", shown) == unicodedata.normalize("NFC", label)


DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.skipif(not DOCS.exists(), reason="the documentation is not here")
@pytest.mark.parametrize("page", ["operations.md", "pictures.md"])
def test_the_formulas_of_the_documentation_are_rendered(katex, mathjax, page):
    text = re.sub("(?s)```.*?```|`[^`]*`", "", (DOCS / page).read_text(encoding="utf-8"))
    formulas = re.findall(r"(?s)\$\$(.+?)\$\$|\$(.+?)\$", text)
    assert len(formulas) > 2
    for formula in formulas:
        assert katex("".join(formula))
        assert mathjax("".join(formula))
