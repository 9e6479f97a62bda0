"""Trees: which lines they have, in which order, and how wide they are."""

import re
import subprocess
import sys
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, dot, scope, tree, where
from autograd.pictures.notation.text import columns, cut_to
from autograd.testing import expressions
from tests.effort import examples


def neuron() -> Value:
    x, w, b = Value(2.0, label="x1"), Value(-3.0, label="w1"), Value(6.5, label="b")
    return (x * w + b).tanh()


def text(picture: str) -> str:
    return textwrap.dedent(picture).strip("\n")


def test_each_node_has_a_line_with_its_number_below_what_it_makes():
    assert str(tree(neuron())) == text("""
        tanh         0.4621
        └─ +         0.5
           ├─ ×      −6
           │  ├─ x₁  2
           │  └─ w₁  −3
           └─ b      6.5
    """)


def test_gradients_are_shown_after_a_backward():
    y = neuron()
    y.label = "y"
    y.backward()
    assert tree(y).lines[0] == "y = tanh(…)  0.4621  grad 1"
    assert tree(y).lines[3] == "   │  ├─ x₁  2       grad −2.359"


def test_a_node_that_comes_again_is_named_and_not_repeated():
    x = Value(3.0, label="x")
    square = x * x
    assert str(tree(square * square)) == text("""
        ×              81
        ├─ t₁ = x × x  9
        │  ├─ x        3
        │  └─ x, see above
        └─ t₁, see above
    """)


def test_two_nodes_with_one_label_are_told_apart():
    a, b = Value(3.0, label="x"), Value(4.0, label="x")
    assert [line.split("─ ")[1] for line in tree(a * b + b * a).lines if "x" in line] == [
        "x₍₁₎  3",
        "x₍₂₎  4",
        "x₍₂₎, see above",
        "x₍₁₎, see above",
    ]


def test_a_leaf_without_a_label_is_an_input():
    constant = Value(4.0)
    constant.scope = ("layer",)
    assert tree(Value(3.0) * constant).lines == ["×         12", "├─ input  3", "└─ input  4"]


def test_constants_stand_beside_the_sign():
    x = Value(2.0, label="x")
    titles = [
        tree(y).lines[0].rsplit("  ", 1)[0].strip() for y in (x * 3, 1 - x, x**0.5, where(x, 4, x), x + 1 + 2 + x)
    ]
    assert titles == ["× 3", "1 − x", "^ 0.5", "where(·, 4, ·)", "+ 1 + 2"]


def test_a_long_sum_is_one_node():
    terms = [Value(float(i), label=f"t{i}") for i in range(5)]
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    assert [line.split()[1] for line in tree(total).lines[1:]] == ["t₀", "t₁", "t₂", "t₃", "t₄"]
    half = terms[0] + terms[1]
    half.label = "half"
    assert "half = t₀ + t₁" in str(tree(half + terms[2]))
    shared = terms[0] + terms[1]
    assert "u₁, see above" in str(tree((shared + terms[2]) * shared))


def test_a_dot_product_has_its_pairs_together():
    w, x = [Value(1.0, label=f"w{i}") for i in (1, 2)], [Value(2.0, label=f"x{i}") for i in (1, 2)]
    shown = tree(dot(w, x)).lines
    assert shown[0].startswith("w · x")
    assert [line.split()[1] for line in shown[1:]] == ["w₁", "x₁", "w₂", "x₂"]
    assert tree(dot(w, [1.0, x[0]])).lines[0].startswith("dot ")


def test_no_gradient_flows_along_a_dashed_line():
    assert tree(Value(3.0, label="x").step()).lines[1].startswith("└╌ x")


def test_what_is_deep_goes_on_at_the_margin():
    y = Value(1.0, label="x")
    for _ in range(10):
        y = y.tanh()
    shown = tree(y).lines
    assert shown[8].strip() == "└─ t₂, see below"
    assert [line.split()[0] for line in shown[9:]] == ["t₂", "└─", "└─"]


def layered() -> Value:
    with scope("outer"):
        y = Value(1.0, label="a") * 2
        with scope("inner"):
            for _ in range(5):
                y = y.tanh()
        y = y + 1
    return y * Value(3.0, label="x")


def test_scopes_deeper_than_depth_are_one_line_with_their_count():
    assert str(tree(layered(), depth=0)) == text("""
        ×     4.524
        ├─ ▸ outer: 8 nodes
        └─ x  3
    """)
    assert str(tree(layered(), depth=1)) == text("""
        ×              4.524
        ├─ + 1         1.508
        │  └─ ▸ inner: 5 nodes
        │     └─ × 2   2
        │        └─ a  1
        └─ x           3
    """)


def test_a_scope_of_one_node_that_is_used_twice_has_one_line():
    with scope("single"):
        a = Value(1.0)
    assert [line.strip() for line in tree(a * a, depth=0).lines[1:]] == ["└─ ▸ single: 1 node"]


def test_scopes_that_feed_each_other_have_a_line_each():
    x = Value(1.0, label="x")
    with scope("a"):
        p = x * 2
    with scope("b"):
        q = p * 3
    with scope("a"):
        r = q * 4
    assert str(tree(r + 1, depth=0)) == text("""
        + 1      25
        └─ ▸ a: 2 nodes
           ├─ x  1
           └─ ▸ b: 1 node
              └─ ▸ a, see above
    """)


def test_as_many_scopes_are_open_as_fit():
    assert "▸" not in str(tree(layered()))
    shown = tree(layered(), max_lines=8)
    assert shown.lines[-1] == "… 5 nodes are in scopes marked ▸; depth=2 opens more"
    assert shown.left_out == 0
    assert "▸ outer: 8 nodes" in str(tree(layered(), max_lines=4))


def test_what_does_not_fit_is_left_out_and_counted():
    terms = [Value(float(i)) * 2 for i in range(100)]
    shown = tree(dot(terms, terms), max_lines=15)
    assert len(shown.lines) <= 15
    assert shown.lines[-1] == f"… {shown.left_out} nodes are left out; max_lines=30 shows more"
    assert shown.lines[-2].strip() == "└─ … 191 more"
    assert shown.left_out == 201 - sum("× 2" in line or "dot" in line for line in shown.lines)
    assert tree(neuron(), max_lines=2).lines == ["tanh …  0.4621", "… 5 nodes are left out; max_lines=4 shows more"]


def test_a_chain_of_a_million_is_shown_from_its_end():
    y = Value(1.0, label="x")
    for _ in range(1_000_000):
        y = y * 1.0
    shown = tree(y)
    assert len(shown.lines) == 40
    assert shown.left_out == 1_000_001 - 35


def test_python_and_jupyter_show_it_as_it_prints():
    assert repr(tree(neuron())) == str(tree(neuron())) == "\n".join(tree(neuron()).lines)


@pytest.mark.parametrize(
    ("y", "options", "message"),
    [
        ([Value(1.0)], {}, "tree() shows one Value, got list; pass the result of a computation"),
        (Value(1.0), {"depth": -1}, "depth is the number of scope levels shown open, 0 or more, got -1; use 0"),
        (Value(1.0), {"depth": 0.5}, "depth is the number of scope levels shown open, 0 or more, got 0.5; use 0"),
        (Value(1.0), {"max_lines": 1}, "max_lines is the number of lines, 2 or more, got 1; leave it out for 40"),
    ],
)
def test_what_is_no_tree_is_refused_with_a_remedy(y, options, message):
    with pytest.raises(TypeError if isinstance(y, list) else ValueError, match=re.escape(message)):
        tree(y, **options)


AWKWARD = ["\n", "\x00", "\u202e", "\u2028", "\x1b[31m", "\ud800", "무게" * 40, "🙂" * 60, "e\u0301" * 60, "x" * 10_000]


@examples(100)
@given(st.one_of(st.text(max_size=80), st.sampled_from(AWKWARD)), st.integers(2, 12))
def test_any_label_is_on_one_line_of_80_columns(label, lines):
    with scope(label + "s"):
        y = Value(-1.2345e-300, label=label) * 2
    y = (y + y).tanh()
    y.backward()
    for shown in (tree(y, max_lines=lines), tree(y, depth=0)):
        assert re.sub("[\u200c\u200d]", "", "".join(shown.lines)).isprintable()
        assert str(shown).splitlines() == shown.lines
        assert max(map(columns, shown.lines)) <= 80


@examples(100)
@given(expressions(), st.integers(2, 60))
def test_every_tree_keeps_to_its_lines(expression, lines):
    y = expression(*map(Value, expression.witness))
    shown = tree(y, max_lines=lines)
    assert len(shown.lines) <= lines
    assert (shown.left_out > 0) is ("left out" in shown.lines[-1])


def test_text_is_cut_by_columns():
    assert [columns(text) for text in ("x", "무게", "e\u0301", "🙂")] == [1, 4, 1, 2]
    assert [cut_to(text, 4) for text in ("abcd", "abcde", "무게", "무게a", "e\u0301fghi")] == [
        "abcd", "abc…", "무게", "무…", "e\u0301fg…",
    ]  # fmt: skip


def test_it_is_imported_at_its_first_use():
    program = "import sys, autograd; print('dataclasses' in sys.modules, autograd.tree(autograd.Value(1.0)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "input", "1"]
