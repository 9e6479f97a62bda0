"""Pictures: the Graphviz source, the rendered files, and the executable that renders."""

import re
import shutil
import subprocess
import sys
import textwrap
from xml.etree import ElementTree

import graphviz
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograd import Value, draw, scope
from autograd.pictures import picture as picture_module
from tests.effort import examples

SVG = "{http://www.w3.org/2000/svg}"


def texts(picture: graphviz.Digraph) -> list[str]:
    """The texts of the rendered picture, as a reader sees them."""
    tree = ElementTree.fromstring(picture.pipe(format="svg"))
    return [(element.text or "").replace("\N{NO-BREAK SPACE}", " ").strip() for element in tree.iter(f"{SVG}text")]


def neuron() -> Value:
    x, w, b = Value(2.0, label="x"), Value(-3.0, label="w"), Value(6.5, label="b")
    y = (x * w + b).tanh()
    y.label = "y"
    y.backward()
    return y


def test_values_show_label_data_and_grad_and_operations_their_symbol():
    shown = texts(draw(neuron()))
    for text in ("x", "data 2", "w", "data -3", "y", "data 0.462117", "grad 1", "*", "+", "tanh"):
        assert text in shown
    assert f"grad {-3 * (1 - 0.46211715726000979**2):.6g}" in shown


def test_constants_are_shown():
    assert {"2", "0.25"} <= set(texts(draw((Value(3.0) * 2) ** 0.25)))


def test_partials_show_the_formula_and_the_number():
    y = neuron()
    shown = texts(draw(y, partials=True))
    assert {"d/da = sech_squared(a)", f"= {y.partials[0]:.6g}", "d/da = b", "d/db = a"} <= set(shown)
    assert "d/da = sech_squared(a)" not in texts(draw(y))


def test_x_times_x_is_drawn_with_two_edges():
    x = Value(3.0)
    svg = draw(x * x).pipe(format="svg", encoding="utf-8")
    assert svg.count("<title>value0&#45;&gt;operation1</title>") == 2


@pytest.mark.parametrize("direction", ["LR", "TB", "RL", "BT"])
def test_direction_is_that_of_the_computation(direction):
    assert f"rankdir={direction}" in draw(Value(1.0) * 2, direction=direction).source


def test_an_unknown_direction_is_refused():
    with pytest.raises(ValueError, match="direction is one of LR, TB, RL, BT, got 'up'"):
        draw(Value(1.0), direction="up")


def test_scopes_are_frames_and_deep_ones_boxes():
    with scope("outer"), scope("in & out"):
        y = Value(1.0) * 2
        y = y * 2
    shown = texts(draw(y + 1))
    assert {"outer", "in & out"} <= set(shown)
    boxed = texts(draw(y + 1, depth=1))
    assert {"outer", "in & out", "3 nodes"} <= set(boxed)
    assert "3 nodes" in texts(draw(y + 1, depth=0))
    with scope("single"):
        z = y * 1
    assert "1 node" in texts(draw(z + 1, depth=0))


def test_a_large_graph_gets_the_quick_layout_and_renders():
    x = Value(1.0, label="x")
    ys = [(x * i + i).tanh() for i in range(40)]
    assert "splines" not in draw(ys[:20]).source
    large = draw(ys)
    assert "splines=line" in large.source
    assert texts(large).count("tanh") == 40


def test_an_edge_without_gradient_is_dashed():
    x = Value(1.0)
    assert "style=dashed" in draw(x.step()).source
    assert "style=dashed" not in draw(x.tanh()).source


AWKWARD = ['"', "'", "\\", "\\N", "\\\\n", "<b>x</b>", "{a|b}", "&amp;", "a & b"]
AWKWARD += ["|", "<", ">", "#", "%", "é日本", "a\nb"]


@pytest.mark.parametrize("text", AWKWARD)
def test_an_awkward_label_is_shown_as_it_is(text):
    shown = texts(draw(Value(1.0, label=text)))
    lines = text.split("\n")
    assert shown[: len(lines)] == lines
    with scope(text):
        y = Value(1.0) * 2
    assert all(line in texts(draw(y)) for line in lines)
    assert all(line in texts(draw(y + 1, depth=0)) for line in lines)


@examples(60)
@example("\x00")
@example("\ud800")
@example("{\\")
@example('\\"')
@given(st.text(max_size=20))
def test_any_label_and_scope_render(text):
    with scope(text):
        y = Value(1.0, label=text) * 2
    assert "data 2" in texts(draw(y))
    assert "2 nodes" in texts(draw(y + 1, depth=0))


def test_render_writes_a_file(tmp_path):
    path = draw(neuron()).render(outfile=tmp_path / "neuron.png", cleanup=True)
    assert (tmp_path / "neuron.png").read_bytes().startswith(b"\x89PNG")
    assert str(path) == str(tmp_path / "neuron.png")


def test_a_format_nobody_here_writes_is_refused_with_a_remedy(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "which", pure_only(shutil.which))
    picture = draw(Value(1.0))
    remedy = "use svg or png, or install Graphviz, whose dot writes pdf"
    with pytest.raises(ValueError, match=remedy):
        picture.pipe(format="pdf")
    with pytest.raises(ValueError, match=remedy):
        picture.render(tmp_path / "picture", format="pdf")


def test_other_failures_of_graphviz_are_not_reworded():
    picture = draw(Value(1.0))
    picture.body.append("-> -> {")
    with pytest.raises(graphviz.CalledProcessError):
        picture.pipe(format="svg")


def pure_only(which):
    """shutil.which on a machine without dot."""
    return lambda name, path=None: None if name == "dot" else which(name, path=path)


def test_a_system_dot_is_preferred_and_graphviz_pure_found_beside_the_interpreter(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name, path=None: f"/usr/bin/{name}" if path is None else None)
    assert picture_module._executable() == "/usr/bin/dot"
    scripts = {"dot": None, "graphviz-pure": "/venv/bin/graphviz-pure"}
    monkeypatch.setattr(shutil, "which", lambda name, path=None: scripts[name] if path else None)
    assert picture_module._executable() == "/venv/bin/graphviz-pure"
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    assert picture_module._executable() == "dot"


def test_pictures_render_without_anything_on_the_path(tmp_path):
    program = "from autograd import Value, draw; print(draw(Value(1.0) * 2).pipe(format='svg', encoding='utf-8'))"
    done = subprocess.run(
        [sys.executable, "-c", program], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=True
    )
    assert "<svg" in done.stdout


def test_a_value_shows_itself_in_a_notebook():
    small = neuron()._repr_mimebundle_()
    assert small["text/plain"] == repr(neuron())
    assert "<svg" in small["image/svg+xml"]


def test_a_notebook_shows_a_picture_of_at_most_100_nodes():
    def chain(x, length):
        return chain(x.tanh(), length - 1) if length else x  # each adds a value and an operation

    assert list(chain(Value(1.0) * 2.0, 48)._repr_mimebundle_()) == ["text/plain", "image/svg+xml"]
    assert list(chain(Value(1.0), 50)._repr_mimebundle_()) == ["text/plain"]


def test_importing_autograd_imports_neither_numpy_nor_graphviz_nor_the_compiler():
    program = textwrap.dedent("""
        import sys, autograd
        y = (autograd.Value(1.0) * 2).exp() + autograd.logsumexp([1.0, autograd.Value(2.0)])
        y.backward()
        print(sorted({"numpy", "graphviz", "autograd.compiler.program"} & set(sys.modules)))
    """)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_picture_is_a_digraph():
    picture = draw(Value(1.0) * 2)
    assert isinstance(picture, graphviz.Digraph)
    assert re.match(r"digraph", picture.source)


def test_the_order_of_arguments_is_shown_where_it_matters():
    x = Value(0.73)
    assert {"a", "b"} <= set(texts(draw(1 - x)))
    assert not {"a", "b"} & set(texts(draw(1 + x)))
    assert not {"a", "b"} & set(texts(draw(x.tanh())))


def test_a_failure_of_graphviz_leaves_a_notebook_the_text(monkeypatch):
    monkeypatch.setattr(picture_module, "_executable", lambda: "no-such-program")
    assert list(neuron()._repr_mimebundle_()) == ["text/plain"]


def test_the_remedy_is_given_with_an_encoding_too(monkeypatch):
    monkeypatch.setattr(shutil, "which", pure_only(shutil.which))
    with pytest.raises(ValueError, match="use svg or png"):
        draw(Value(1.0)).pipe(format="pdf", encoding="utf-8")


def test_other_users_of_graphviz_keep_their_executable():
    before = graphviz.backend.dot_command.DOT_BINARY
    draw(Value(1.0)).pipe(format="svg")
    assert graphviz.backend.dot_command.DOT_BINARY is before
