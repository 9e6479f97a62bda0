"""The arguments of draw(): a wrong one gets a sentence with what to write."""

import inspect
import re

import numpy as np
import pytest

from autograd import Value, draw, explain, latex, scope, tree, view


@pytest.mark.parametrize(
    "settings",
    [
        {"parameters": 5},
        {"parameters": Value(1.0)},
        {"parameters": [1.0]},
        {"collapse": 5},
        {"collapse": [5]},
        {"focus": 3.0},
        {"between": (Value(1.0),)},
        {"between": Value(1.0)},
        {"min_share": "a"},
        {"max_nodes": "a"},
        {"max_nodes": 0},
        {"max_nodes": True},
        {"depth": True},
        {"depth": 1.0},
        {"radius": 3},
        {"radius": True},
        {"partials": "yes"},
        {"partials": 2},
        {"flow": None},
        {"merge": "no"},
        {"min_share": True},
        {"collapse": "nothere"},
        {"collapse": ["no*"]},
    ],
)
def test_a_wrong_argument_is_answered_with_what_to_write(settings):
    [name] = settings
    with pytest.raises((TypeError, ValueError), match=rf"^{name}[ =].*; ."):
        draw(Value(1.0) * 2, **settings)


def test_a_name_of_a_scope_that_the_graph_has_not_is_answered_with_those_it_has():
    with scope("a"), scope("b"):
        y = Value(1.0) * 2
    with pytest.raises(ValueError, match=r"^collapse='c' fits no scope of the graph; write one of its scopes: a, b$"):
        draw(y, collapse=["c"])
    assert draw(y, collapse=["a", "c"])
    assert draw(y, collapse=lambda name: name == "c")


def test_numbers_and_bools_of_numpy_are_as_good_as_those_of_python():
    yes, no, two = np.bool_(True), np.bool_(False), np.int64(2)
    settings = {"partials": yes, "flow": no, "depth": two, "merge": no, "radius": two, "max_nodes": 5 * two}
    assert draw(Y, focus=X, **settings).source == draw(Y, focus=X, partials=True, depth=2).source
    assert str(tree(Y, depth=two, max_lines=2 * two)) == str(tree(Y))


@pytest.mark.parametrize("name", ["partials", "flow"])
def test_what_a_style_does_not_show_is_refused(name):
    with pytest.raises(TypeError, match=f"^the picture in micrograd's style has no {name}; leave out style"):
        draw(Value(1.0) * 2, style="micrograd", **{name: True})


def test_a_picture_is_not_written_as_text_into_a_file_that_looks_like_one(tmp_path):
    for name in ("foo.svg", tmp_path / "foo.png", "foo.pdf"):
        with pytest.raises(
            ValueError, match=r"writes the text of the graph to its first argument; write render\(outfile="
        ):
            draw(Value(1.0)).render(name)
    assert draw(Value(1.0)).render(tmp_path / "foo.gv") == str(tmp_path / "foo.gv.svg")


X = Value(2.0, label="x")
Y = X * 3.0


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: draw(Y, partial=True), "draw() has no argument partial; write partials="),
        (lambda: draw(Y, input=[1.0]), "draw() has no argument input; write inputs="),
        (lambda: draw(Y, True), "draw() takes roots by place, got 2 arguments; give the others by name: "),
        (lambda: draw(), "draw() takes roots, got 0 arguments; write draw(roots)"),
        (lambda: latex(Y, X), "latex() takes y by place, got 2 arguments; give the others by name: latex(y, wrt=...)"),
        (lambda: tree(Y, max_line=3), "tree() has no argument max_line; write max_lines="),
        (lambda: explain(Y), "explain() takes y and x, got 1 argument; write explain(y, x)"),
        (lambda: explain(Y, X, 3), "explain() takes y and x by place, got 3 arguments; give the others by name: "),
        (
            lambda: explain(Y, X, colour=3),
            "explain() has no argument colour; it has y, x, k",
        ),
        (lambda: view(Y, theme="dark"), "view() has no argument theme; it has root, path, inputs, title and others"),
        (lambda: draw(Y).render(outfille="x.svg"), "render() has no argument outfille; write outfile="),
        (lambda: draw(Y).pipe(fromat="svg"), "pipe() has no argument fromat; write format="),
    ],
)
def test_other_arguments_are_answered_with_what_to_write(call, sentence):
    with pytest.raises(TypeError, match=f"^{re.escape(sentence)}"):
        call()


def test_arguments_may_still_be_given_in_each_way():
    assert explain(x=X, y=Y).gradient == explain(Y, x=X, k=1).gradient == 3.0
    assert inspect.signature(draw).parameters["partials"].default is False
