"""Explanations: the paths, their number and their sum, and where a gradient is lost or blown up."""

import math
import random
import re
from html import unescape
from pathlib import Path

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, explain, no_grad, where
from autograd.pictures.notation.text import columns
from tests.effort import examples
from tests.pictures.graphs import random_graph


def neuron() -> tuple[Value, Value]:
    x, w, b = Value(2.0, label="x"), Value(-3.0, label="w1"), Value(6.5, label="b")
    y = (x * w + b).tanh()
    y.label = "out"
    return y, w


def every_path(y: Value, x: Value) -> list[tuple[Value, ...]]:
    """The nodes and partials of all paths from x to y, by recursion."""
    if y is x:
        return [((x,), ())]
    return [
        ((*nodes, y), (*partials, slope))
        for operand, slope in zip(y.operands, y._slopes)
        if isinstance(operand, Value) and slope is not None
        for nodes, partials in every_path(operand, x)
    ]


@examples(300)
@given(st.integers(0, 10**9), st.integers(1, 14), st.integers(1, 12))
def test_all_paths_are_counted_and_the_largest_are_found(seed, size, k):
    nodes = random_graph(random.Random(seed), size)
    y, x = nodes[-1], nodes[seed % len(nodes)]
    paths = every_path(y, x)
    products = sorted((abs(math.prod(partials)) for _, partials in paths), reverse=True)
    found = explain(y, x, k=k)
    assert found.count == len(paths)
    assert [abs(path.product) for path in found.paths] == pytest.approx(products[:k], rel=1e-12)
    assert len({(path.nodes, path.partials) for path in found.paths} - set(paths)) == 0
    for path in found.paths:
        assert path.product == pytest.approx(math.prod(path.partials), rel=1e-12)
    assert found.magnitude == pytest.approx(math.fsum(products))
    total = math.fsum(math.prod(partials) for _, partials in paths)
    assert found.gradient == pytest.approx(total, abs=1e-12 * (1 + found.magnitude))


@examples(200)
@given(st.integers(0, 10**9), st.integers(1, 30))
def test_the_gradient_has_the_bits_of_backward_and_changes_none(seed, size):
    nodes = random_graph(random.Random(seed), size)
    y, leaves = nodes[-1], nodes[:3]
    before = [explain(y, node).gradient for node in nodes]
    assert all(node.grad == 0.0 for node in nodes)
    y.backward()
    assert [node.grad for node in nodes] == before
    assert [explain(y, leaf).gradient for leaf in leaves] == [leaf.grad for leaf in leaves]
    for path in (path for leaf in leaves for path in explain(y, leaf).paths):
        assert path.nodes[-1] is y
        for tail, head, partial in zip(path.nodes, path.nodes[1:], path.partials):
            assert (tail, partial) in zip(head.operands, head._slopes)


def test_shares_are_parts_of_the_gradient():
    x = Value(3.0)
    found = explain(x * x * 2 - x, x)
    assert [(path.product, path.share) for path in found.paths] == [(6.0, 6 / 11), (6.0, 6 / 11), (-1.0, -1 / 11)]
    assert math.isnan(explain(x - x, x).paths[0].share)


def test_k_may_be_an_integer_of_numpy():
    assert len(explain(X * X * X, X, k=numpy.int64(2)).paths) == 2


def test_there_may_be_more_paths_than_atoms():
    y = x = Value(1.0)
    for _ in range(200):
        y = y * 0.25 + y * 0.75
    found = explain(y, x, k=3)
    assert found.count == 2**200
    assert [path.product for path in found.paths] == pytest.approx([0.75**200, 0.25 * 0.75**199, 0.25 * 0.75**199])
    assert {path.partials.count(0.25) for path in found.paths[1:]} == {1}
    assert "About 1.61 · 10^60 paths lead" in str(found)


def test_a_number_of_paths_may_have_thousands_of_digits():
    y = x = Value(1.0)
    for _ in range(20_000):
        y = (y + y) * 0.5
    found = explain(y, x, k=1)
    assert found.count == 2**20_000
    assert "About 3.98 · 10^6020 paths lead" in str(found)


def test_a_chain_of_a_million_is_explained():
    y = x = Value(1.0, label="x")
    for _ in range(1_000_000):
        y = y * 1.0
    found = explain(y, x)
    assert (found.count, found.gradient, len(found.paths[0].nodes)) == (1, 1.0, 1_000_001)
    assert "─(999,990 more, together 1)→ …" in str(found)


# --------------------------------------------------------------------------- zero, infinite and nan


def reasons(places):
    return [f"{place.node.op}, {place.partial}: {place.reason}" for place in places]


X, W = Value(2.0, label="x"), Value(-3.0, label="w")
ZERO = Value(0.0, label="z")


@pytest.mark.parametrize(
    ("y", "x", "gradient", "lost", "blown"),
    [
        ((X * W).relu() * 2, X, 0.0, ["relu, 0.0: zero partial"], []),
        ((X * W).relu().relu(), X, 0.0, ["relu, 0.0: zero partial"], []),
        (X * 0 + X, X, 1.0, ["multiply, 0.0: zero partial"], []),
        (X.step(), X, 0.0, ["step, None: no gradient"], []),
        ((X * 1e7) * 0.0, X, 0.0, ["multiply, 0.0: zero partial"], []),
        (X.step() * 0.0, X, 0.0, ["multiply, 0.0: zero partial"], []),
        (where(X, W, X) + X, X, 1.0, ["where, None: no gradient", "where, None: no gradient"], []),
        ((X * 1e-200) * 1e-200, X, 0.0, ["multiply, 1e-200: underflow"], []),
        (X * 1e6 + W, X, 1e6, [], ["multiply, 1000000.0: huge partial"]),
        (X * -999_999.0, X, -999_999.0, [], []),
        (X * W, W, 2.0, [], []),
        (ZERO.sqrt(), ZERO, math.inf, [], ["sqrt, inf: infinite partial"]),
        (ZERO.sqrt() * 0.0, ZERO, math.nan, ["multiply, 0.0: zero partial"], ["sqrt, inf: infinite partial"]),
        (X * math.nan, X, math.nan, [], ["multiply, nan: nan partial"]),
        (X * 1e5 * 1e5 * 1e300, X, math.inf, [], ["multiply, 1e+300: huge partial", "multiply, 100000.0: overflow"]),
        (ZERO.relu().sqrt(), ZERO, math.nan, [], ["sqrt, inf: infinite partial", "relu, 0.0: nan"]),
    ],
)  # fmt: skip
def test_the_places_where_a_gradient_is_lost_or_blown_up_are_named(y, x, gradient, lost, blown):
    found = explain(y, x)
    assert found.gradient == pytest.approx(gradient, nan_ok=True)
    assert reasons(found.lost) == lost
    assert reasons(found.blown) == blown
    assert ("Gradient is lost " in str(found)) is bool(lost)
    assert ("It is blown up " in str(found)) is bool(blown)


def test_paths_that_are_not_finite_are_the_largest():
    x = Value(2.0)
    parts = [x * 3, x * math.inf, x * 0.0, x * -5, x * math.nan]
    y = parts[0] + parts[1] + parts[2] + parts[3] + parts[4]
    assert [path.product for path in explain(y, x).paths] == pytest.approx(
        [math.nan, math.inf, -5.0, 3.0, 0.0], nan_ok=True
    )


def test_a_product_does_not_overflow_on_the_way():
    y = ((X * 1e200) * 1e200) * 1e-300
    found = explain(y, X)
    assert found.paths[0].product == pytest.approx(1e100)
    assert found.gradient == 1e100
    found = explain(((X * 1e-300) * 1e200) * 1e200, X)
    assert found.paths[0].product == pytest.approx(1e100)
    assert found.gradient == math.inf
    assert "But backward() gets ∞" in str(found)
    assert explain((X * 5e-324) * 2.0**1000, X).paths[0].product == 5e-324 * 2.0**1000


# --------------------------------------------------------------------------- as text, Markdown and LaTeX


def test_it_is_a_table_with_sentences():
    y, w = neuron()
    assert str(explain(y, w)).splitlines() == [
        "The gradient of out by w₁ is 1.573. One path leads from w₁ to it. Along it, the",
        "partial derivatives multiply:",
        "",
        "  share  product  path",
        "  100 %    1.573  w₁ ─(2)→ × ─(1)→ + ─(0.7864)→ out",
        "",
        "This is 1.573, the gradient.",
    ]
    assert repr(explain(y, w)) == str(explain(y, w))


PAGE = Path(__file__).parents[2] / "docs" / "pictures.md"


@pytest.mark.skipif(not PAGE.exists(), reason="the documentation is not here")
def test_the_page_about_pictures_has_the_text_of_its_example():
    a, c = Value(2.0, label="a"), Value(-3.0, label="c")
    loss = (a * c + a**2).relu() + a
    assert f"```text\n{explain(loss, a)}\n```" in PAGE.read_text(encoding="utf-8")


def test_what_is_not_shown_is_counted_and_what_cancels_is_said():
    found = explain(X * X * X, X, k=1)
    assert str(found).endswith("The largest one has 4. All 3 add up to 12, the gradient.")
    assert str(explain(X * X * X, X, k=2)).endswith("The 2 largest add up to 8. All 3 add up to 12, the gradient.")
    big = X * 1e3
    said = str(explain(big - big + X, X)).splitlines()[-2:]
    assert said == ["They add up to 1, the gradient. The paths cancel: their magnitudes add up to", "2001."]


def test_the_steps_of_a_sum_are_counted():
    w = Value(2.0, label="w")
    y = sum([w * 3.0, *(Value(float(i)) for i in range(200))]) * 2.0
    assert "w ─(3)→ × 3 ─(1)→ + (201 times) ─(2)→ y" in str(explain(y, w))
    half = w + Value(1.0)
    half.label = "half"
    assert "w ─(1)→ half ─(1)→ + (3 times) ─(2)→ y" in str(explain((half + w + w + w) * 2.0, w))
    assert "w ─(1)→ + ─(1)→ y" in str(explain(w + Value(1.0) + Value(2.0), w))


def test_many_places_are_counted():
    y = sum((operation(X) * 0.0 for operation in (abs, Value.sin, Value.cos, Value.tan, Value.exp) * 3), X)
    z = sum((operation(X) * 0.0 for operation in (Value.sinh, Value.cosh)), X)
    assert str(explain(y * z, X)).splitlines()[-1] == "- and in 6 other places"


def test_of_a_batch_it_says_for_how_many_paths_gradient_is_lost_or_blown_up():
    w = Value(1.0, label="w")
    y = sum([(w * x - 1.0).relu() for x in (-3.0, 0.5, 2.0, 3.0)], Value(0.0)) + sum([w * 1e8, w * 1e7])
    said = str(explain(y, w)).partition("gradient.\n\n")[2]
    assert said.splitlines() == [
        "Gradient is lost on 2 of 6 paths:",
        "- ReLU (2 times): its partial derivative is 0, because its operand is −4 … −0.5",
        "",
        "It is blown up on 2 of 6 paths:",
        "- × 1e7: its partial derivative is 1e7",
        "- × 1e8: its partial derivative is 1e8",
    ]
    assert "Gradient is lost on 1 of 3 paths:" in explain((w * 0.0 + w) + w, w).markdown()
    dead = (w * -1.0).relu() + (w * -2.0).relu()
    assert "Gradient is lost on each path:\n- ReLU: its" in str(explain(dead, w))
    assert "Gradient is lost here:\n- ReLU: its" in str(explain((w * -1.0).relu(), w))


@examples(100)
@given(st.integers(0, 10**9), st.integers(1, 12))
def test_paths_with_a_partial_derivative_of_zero_are_counted(seed, size):
    nodes = random_graph(random.Random(seed), size)
    y, x = nodes[-1], nodes[seed % 3]
    count = sum(0.0 in partials for _, partials in every_path(y, x))
    total = len(every_path(y, x))
    if 0 < count < total:
        assert f"Gradient is lost on {count} of {total} paths:" in str(explain(y, x))
    else:
        assert "Gradient is lost on " not in str(explain(y, x)).replace("Gradient is lost on each path", "")


def test_without_a_path_a_sentence_says_why():
    assert str(explain(W * 2, X)).startswith("y does not depend on x: it was not computed from it.")
    with no_grad():
        y = X * 2
    assert str(explain(y, X)).startswith("y does not depend on x: it was computed within no_grad().")
    assert "No gradient flows from y to x: on each path, it is\nlost." in str(explain(X.step(), X))
    assert str(explain(X, X)) == "The gradient of x by itself is 1."
    for found in (explain(W * 2, X), explain(X.step(), X)):
        assert (found.gradient, found.count, found.paths) == (0.0, 0, [])


def test_jupyter_shows_a_table():
    y, w = neuron()
    shown = explain(y, w)._repr_markdown_()
    assert shown == explain(y, w).markdown()
    assert shown.split("\n\n")[1].splitlines() == [
        "| share | product | path |",
        "|---:|---:|:---|",
        "| 100\xa0% | 1.573 | <code>w₁</code> ─(2)→ <code>×</code> ─(1)→ <code>&#43;</code> ─(0.7864)→ "
        "<code>out</code> |",
    ]
    lost = explain((X * W).relu(), X).markdown().splitlines()
    assert lost[-1] == "- <code>ReLU</code>: its partial derivative is 0, because its operand is −6"


@pytest.mark.parametrize(
    ("found", "formula"),
    [
        (explain(*neuron()), r"\frac{\partial \mathrm{out}}{\partial w_{1}} = 2 \cdot 1 \cdot 0.7864 = 1.573"),
        (explain(X * X, X), r"\frac{\partial y}{\partial x} = 2 + 2 = 4"),
        (explain(X * W + X, X), r"\frac{\partial y}{\partial x} = (-3 \cdot 1) + 1 = -2"),
        (explain(X * W * W, W, k=1), r"\frac{\partial y}{\partial w} = -6 + \cdots = -12"),
        (explain((-X) * W, X), r"\frac{\partial y}{\partial x} = -1 \cdot (-3) = 3"),
        (explain(X * 1e300 * 1e9, X), r"\frac{\partial y}{\partial x} = 10^{300} \cdot 10^{9} = \infty"),
        (explain(W, X), r"\frac{\partial w}{\partial x} = 0"),
        (explain(X, X), r"\frac{\partial x}{\partial x} = 1"),
        (explain(Value(1.0, label="x") + X, X), r"\frac{\partial y}{\partial x_{(2)}} = 1"),
        (explain(Value(1.0, label="x"), X), r"\frac{\partial x_{(2)}}{\partial x_{(1)}} = 0"),
        (explain(X.tanh().tanh().tanh().tanh().tanh().tanh().tanh(), X), None),
    ],
)
def test_its_formula_can_be_rendered(found, formula, render):
    assert formula is None or found.latex() == formula
    assert formula is not None or r" \cdot \cdots \cdot " in found.latex()
    assert render(found.latex())


AWKWARD = ["$x$", "\\(x\\)", "|", "`", "``", "</code>", "<script>", "</script>", "&lt;", "*a*", "_b_", "[a](b)", "\\"]
AWKWARD += [
    "#",
    "\n",
    "\x00",
    "\u202e",
    "🙂",
    "무게" * 30,
    "x" * 10_000,
    " ",
    "~~a~~",
    "&#36;",
    "{a}",
    "- a",
    "1. a",
    "e\u0301" * 40,
]


@examples(150)
@given(st.one_of(st.sampled_from(AWKWARD), st.text(max_size=30), st.text("|`$*_<>&#;\\[]()~!x1 ", max_size=20)))
def test_a_label_is_shown_as_it_is(label):
    x = Value(0.0, label=label)
    y = (x * 1e300 * 1e300).relu() * x + x.step()
    y.label = label
    found = explain(y, x)
    assert max(map(columns, str(found).splitlines())) <= 80
    assert re.sub("[\u200c\u200d\n]", "", str(found)).isprintable()
    shown = found.markdown()
    names = re.findall("<code>(.*?)</code>", shown)
    signs = re.sub(r"&#\d+;", "", "".join(names))
    assert not [sign for sign in signs if sign.isascii() and not sign.isalnum() and sign != " "]
    bare = re.sub("<code>.*?</code>", "N", shown)
    plain = explain((ZERO * 1e300 * 1e300).relu() * ZERO + ZERO.step(), ZERO).markdown()
    assert bare == re.sub("<code>.*?</code>", "N", plain).replace("The gradient of y", "The gradient of N")
    assert unescape(names[0]).rstrip("…") in str(found).replace("\n", " ") or len(label) > 20


def test_a_long_name_has_its_beginning_and_its_end():
    x = Value(2.0, label="layers.10.neurons.12.w.3")
    assert str(explain(x * x, x)).count("layers.10.neurons.12.w₃") == 4
    x.label = "blocks.10.layers.12.neurons.w.3"
    assert str(explain(x * x, x)).count("blocks.10.la….neurons.w₃") == 4


def test_markdown_renders_the_labels():
    markdown = pytest.importorskip("markdown_it", reason="renders Markdown, and is not installed")
    x = Value(2.0, label="a|b</code>$*`")
    html = markdown.MarkdownIt("commonmark").enable("table").render(explain(x * x, x).markdown())
    assert html.count("<td") == 6
    assert html.count("<code>a|b&lt;/code&gt;$*`</code>") == 4


@pytest.mark.parametrize(
    ("y", "x", "k", "error", "message"),
    [
        ([X], X, 5, TypeError, "explain() takes a Value as y, got list; write explain(y, x)"),
        (X, "x", 5, TypeError, "explain() takes a Value as x, got str; write explain(y, x)"),
        (X, X, 0, ValueError, "k is the number of paths to list, 1 or more, got 0; leave it out for 5"),
        (X, X, 1.5, TypeError, "k is the number of paths to list, an int, got float; leave it out for 5"),
    ],
)
def test_what_cannot_be_explained_is_refused_with_a_remedy(y, x, k, error, message):
    with pytest.raises(error, match=re.escape(message)):
        explain(y, x, k=k)
