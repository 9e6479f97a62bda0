"""Pictures: the Graphviz source, the rendered files, and the executable that renders."""

import re
import shutil
import struct
import subprocess
import sys
import textwrap
from io import BytesIO
from xml.etree import ElementTree

import graphviz
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from matplotlib.image import imread

from autograd import Value, dot, draw, scope
from autograd.pictures.canvas import picture as picture_module
from autograd.pictures.canvas.themes import DARK, LIGHT
from autograd.pictures.notation.numbers import short
from nn import Neuron, Sequential
from tests.effort import examples
from tests.pictures.reading import SVG, texts, titles


def neuron() -> Value:
    x, w, b = Value(2.0, label="x"), Value(-3.0, label="w"), Value(6.5, label="b")
    y = (x * w + b).tanh()
    y.label = "y"
    return y


def trained() -> Value:
    y = neuron()
    y.backward()
    return y


def test_a_number_and_the_operation_that_made_it_are_one_node():
    shown = texts(draw(trained()))
    assert (
        shown.count("x") == shown.count("w") == shown.count("×") == shown.count("+") == shown.count("y = tanh(…)") == 1
    )
    assert {"2", "−3", "6.5", "−6", "0.5", "0.4621"} <= set(shown)
    assert len(titles(draw(trained()), "operation")) == 2


def test_gradients_are_shown_only_after_a_backward():
    assert "grad" not in texts(draw(neuron()))
    assert texts(draw(trained())).count("grad") == 3
    assert short(-3 * (1 - 0.46211715726000979**2)) in texts(draw(trained()))


def test_the_whole_numbers_are_in_the_titles():
    y = trained()
    assert titles(draw(y), "result") == [f"y, tanh: {y.data!r}, gradient 1.0"]
    assert titles(draw(y), "input")[0].startswith("x, input: 2.0, gradient -2.35")


def test_a_constant_stands_beside_the_sign_of_its_operation():
    shown = texts(draw(1 - ((Value(3.0) * 2) ** 0.25) / 4))
    assert {"× 2", "^ 0.25", "÷ 4", "1 − (…)"} <= set(shown)


def test_partials_are_those_of_the_handbook_with_the_readers_names():
    shown = texts(draw(trained(), partials=True))
    assert {"1 − y² = 0.7864", "∂/∂x = w = −3", "∂/∂w = x = 2"} <= set(unshifted(shown))
    assert shown.count("1") == 2  # for the sum
    assert "grad 1" in shown
    assert not [text for text in texts(draw(trained())) if "∂" in text]


def unshifted(shown):
    return [re.sub(r"y2", "y²", text) for text in shown]


def test_the_numbers_that_flow_back_add_up_to_the_gradient():
    x = Value(3.0, label="x")
    y = x * x + 2 * x
    y.backward()
    flowing = [text for text in texts(draw(y, flow=True)) if text.startswith("←")]
    assert sorted(flowing) == ["← 1", "← 1", "← 2", "← 3", "← 3"]
    assert x.grad == 2 + 3 + 3
    assert not [text for text in texts(draw(Value(1.0) * 2, flow=True)) if text.startswith("←")]


def test_elements_of_a_dot_product_have_their_names():
    w, x = [Value(2.0, label=f"w{i}") for i in (1, 2)], [Value(3.0, label=f"x{i}") for i in (1, 2)]
    shown = texts(draw(dot(w, x), partials=True))
    assert {"w · x", "∂/∂w1 = x1 = 3", "∂/∂x2 = w2 = 2"} <= set(shown)
    assert "dot" in texts(draw(dot(w, [1.0, 2.0])))


def test_x_times_x_is_drawn_with_two_edges():
    x = Value(3.0)
    assert draw(x * x).source.count("value0 -> value1") == 2
    assert len(titles(draw(x * x), "edge")) == 2


@pytest.mark.parametrize("direction", ["LR", "TB", "RL", "BT"])
def test_direction_is_that_of_the_computation(direction):
    assert f"rankdir={direction}" in draw(Value(1.0) * 2, direction=direction).source


@pytest.mark.parametrize("name", ["direction", "style", "theme"])
def test_an_unknown_choice_is_refused(name):
    with pytest.raises(ValueError, match=rf"{name} is one of .*, got 'up'; "):
        draw(Value(1.0), **{name: "up"})


def test_scopes_are_frames_and_deep_ones_boxes():
    with scope("outer"), scope("in & out"):
        y = Value(1.0) * 2
        y = y * 2
    shown = texts(draw(y + 1))
    assert {"outer", "in & out"} <= set(shown)
    for depth in (0, 1):
        assert titles(draw(y + 1, depth=depth), "box")[0].partition(":")[2].startswith(" 3 nodes, 1 number in, 1 out")
    assert {"outer", "in & out", "1 → 1"} <= set(texts(draw(y + 1, depth=1)))


def test_leaves_of_modules_are_parameters():
    model = Sequential(Neuron(1, rng=0))
    weight, bias = model.parameters()
    weight.data, bias.label = 1.0, "b"
    shown = titles(draw(model([2.0])), "parameter")
    assert shown == ["0.w.0, parameter: 1.0", f"b, parameter: {bias.data!r}"]
    with scope("neuron"):
        y = Value(1.0, label="w") * 2.0
    assert titles(draw(y), "parameter") == []


def test_a_large_graph_gets_the_quick_layout_and_renders():
    x = Value(1.0, label="x")
    ys = [(x * i + i).tanh() for i in range(70)]
    assert "splines" not in draw(ys[:20]).source
    large = draw(ys, merge=False, max_nodes=1000)
    assert "splines=line" in large.source
    assert texts(large).count("tanh") == 70


def test_what_does_not_fit_is_collapsed_and_the_picture_says_so():
    with scope("outer"):
        y = Value(1.0, label="x")
        with scope("inner"):
            for _ in range(2000):
                y = y.tanh()
    z = y * 2
    assert "2000 nodes are in boxes; focus=x draws what is near a Value x" in texts(draw(z))
    assert "nodes are in boxes" not in " ".join(texts(draw(z, depth=1)))


def test_what_is_alike_is_drawn_once_and_the_picture_says_so():
    x = Value(1.0, label="x")
    y = sum([(x * Value(i / 10)).tanh() for i in range(100)], x)
    shown = texts(draw(y))
    assert {"×", "tanh", "input", "sum of 101", "0 … 9.9"} <= set(shown)
    assert shown.count("100 ×") == 3
    assert (
        "nodes that are alike are drawn as one, and × follows their number; focus=x draws what is near a Value x"
        in shown
    )


def test_constants_of_what_is_alike_are_told():
    x = Value(1.0, label="x")
    shown = texts(draw(sum([(x * i).tanh() for i in range(2, 12)], Value(0.0)), merge=True))
    assert {"10 ×", "x × (2 … 11)", "tanh", "sum of 10"} <= set(shown) | {"sum of 10"}


def test_a_part_says_how_much_is_not_drawn():
    y = neuron()
    assert "4 more nodes are not drawn; radius=2 draws more" in texts(draw(y, focus=y, radius=1))
    a = Value(1.0, label="a")
    assert "min_share leaves out 1 use, each less than 10 % of the gradient of what is used" in texts(
        draw(a * 100.0 + a * 1.0, min_share=0.1)
    )


def test_an_edge_without_gradient_is_dashed():
    x = Value(1.0)
    for picture, dashed in ((draw(x.step()), True), (draw(x.tanh()), False)):
        assert ("style=dashed" in picture.source) is dashed
        assert ("stroke-dasharray" in picture.pipe(encoding="utf-8")) is dashed


AWKWARD = ['"', "'", "\\", "\\N", "\\\\n", "<b>x</b>", "{a|b}", "&amp;", "a & b"]
AWKWARD += ["|", "<", ">", "#", "%", "é日本", "a\nb", "</script>", "]]>", "--", "한국어", "\u202eabc"]


@pytest.mark.parametrize("text", AWKWARD)
@pytest.mark.parametrize("style", ["valuegrad", "micrograd"])
def test_an_awkward_label_is_shown_as_it_is(text, style):
    wanted = text.replace("\n", " ").replace("\u202e", "\ufffd")
    with scope(text):
        y = Value(1.0) * 2
    pictures = [draw(Value(1.0, label=text)), draw(y), draw(y + 1, depth=0)]
    assert all(wanted in texts(picture) for picture in pictures)
    for picture in [*pictures, draw(y + 1, depth=0, style=style)]:
        graphviz.Source(picture.source)  # Graphviz can read it
        with picture_module._executable_and_errors():
            assert graphviz.Source(picture.source).pipe(format="svg")


@pytest.mark.no_cover
@examples(30)
@example("\x00")
@example("\ud800")
@example("{\\")
@example('\\"')
@given(st.text(max_size=20))
def test_any_label_and_scope_render(text):
    with scope(text):
        y = Value(1.0, label=text) * 2
    assert [shown for shown in texts(draw(y)) if shown.endswith("× 2")]
    assert titles(draw(y + 1, depth=0), "box")[0].partition(": 2 nodes")[1]
    for picture in (draw(y), draw(y + 1, depth=0)):
        with picture_module._executable_and_errors():
            assert graphviz.Source(picture.source).pipe(format="svg")


def test_long_names_are_cut_and_whole_in_the_title():
    picture = draw(Value(1.0, label="x" * 10_000))
    assert max(map(len, texts(picture))) < 30
    assert titles(picture, "input") == [f"{'x' * 10_000}, input: 1.0"]


@pytest.mark.parametrize("kind", ["svg", "png", "pdf"])
def test_render_writes_that_file_and_no_other(kind, tmp_path):
    if kind == "pdf":
        pytest.importorskip("vl_convert", reason="writes PDF, and is not installed")
    path = draw(trained()).render(outfile=tmp_path / f"neuron.{kind}")
    begin = {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF"}[kind]
    assert (tmp_path / f"neuron.{kind}").read_bytes().startswith(begin)
    assert str(path) == str(tmp_path / f"neuron.{kind}")
    assert [file.name for file in tmp_path.iterdir()] == [f"neuron.{kind}"]


def test_render_of_a_name_writes_the_source_too_as_graphviz_does(tmp_path):
    path = draw(trained()).render(tmp_path / "neuron", format="png")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["neuron", "neuron.png"]
    assert path == str(tmp_path / "neuron.png")
    draw(trained()).render("other", directory=tmp_path, cleanup=True)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["neuron", "neuron.png", "other.svg"]


def test_a_picture_that_was_changed_is_drawn_by_graphviz():
    picture = draw(neuron())
    picture.node("more", "more")
    assert "more" in texts(picture)


def test_a_png_has_two_pixels_for_a_point_but_not_too_many():
    def size(picture):
        return struct.unpack(">II", picture.pipe("png")[16:24])

    width = int(re.search(r'width="(\d+)pt"', draw(neuron()).pipe(encoding="utf-8"))[1])
    assert size(draw(neuron()))[0] == 2 * width
    y = Value(1.0)
    for _ in range(300):
        y = y.tanh()
    across, down = size(draw([y] + [Value(i * 1.0) for i in range(300)], merge=False))
    assert 15e6 < across * down < 17e6


def test_the_same_graph_gives_the_same_bytes():
    for kind in ("svg", "png"):
        assert draw(trained(), partials=True).pipe(kind) == draw(trained(), partials=True).pipe(kind)


def test_nothing_is_printed_while_text_in_any_language_is_drawn(capfd):
    for kind in ("svg", "png"):
        draw(Value(1.0, label="무게 é ∑ 🙂") * 2).pipe(kind)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_a_theme_has_its_colours(theme):
    document = draw(trained(), theme=theme).pipe(encoding="utf-8")
    assert (LIGHT["ink"] in document) is (theme != "dark")
    assert (DARK["ink"] in document) is (theme != "light")
    assert ("prefers-color-scheme" in document) is (theme == "auto")
    pixels = imread(BytesIO(draw(trained(), theme=theme).pipe("png")))
    assert (pixels[..., -1].min() if pixels.shape[-1] == 4 else 1.0) == 1.0  # nothing shows through
    assert bool(pixels[0, 0, :3].min() > 0.9) is (theme != "dark")


def test_a_screen_reader_is_told_what_the_picture_shows():
    tree = ElementTree.fromstring(draw(trained()).pipe(encoding="utf-8"))
    assert tree.get("role") == "img"
    assert tree.findtext(f"{SVG}title") == "The computation of y"
    assert tree.findtext(f"{SVG}desc") == "A graph with 3 inputs, 2 operations, 1 result and 5 edges."


def test_micrograds_style_has_a_node_for_a_number_and_one_for_its_operation():
    shown = texts(draw(trained(), style="micrograd"))
    assert {"data 2.0000", "grad 1.0000", "*", "+", "tanh"} <= set(map(str.strip, shown))
    constant = texts(draw(Value(1.0) * 2, style="micrograd"))
    assert [text.strip() for text in constant].count("data 2.0000") == 2


def test_a_format_nobody_here_writes_is_refused_with_a_remedy(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "which", pure_only(shutil.which))
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    picture = draw(Value(1.0))
    remedy = r"use svg or png, or for pdf: pip install 'valuegrad\[pdf\]'"
    with pytest.raises(ValueError, match=remedy):
        picture.pipe(format="pdf")
    with pytest.raises(ValueError, match=remedy):
        picture.render(tmp_path / "picture", format="pdf")
    with pytest.raises(ValueError, match=remedy):
        picture.pipe(format="pdf", encoding="utf-8")


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


def test_the_text_of_a_picture_says_how_to_see_it():
    assert "outfile" in repr(draw(neuron()))
    assert "<svg" in draw(neuron())._repr_mimebundle_()["image/svg+xml"]


def test_a_value_shows_itself_in_a_notebook():
    small = neuron()._repr_mimebundle_()
    assert small["text/plain"] == repr(neuron())
    assert "<svg" in small["image/svg+xml"]


def test_a_notebook_shows_a_picture_of_at_most_100_nodes():
    def chain(x, length):
        return chain(x.tanh(), length - 1) if length else x

    assert list(chain(Value(1.0), 99)._repr_mimebundle_()) == ["text/plain", "image/svg+xml"]
    assert list(chain(Value(1.0), 100)._repr_mimebundle_()) == ["text/plain"]


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
    assert {"1st", "2nd"} <= set(texts(draw(x - Value(1.0))))
    for y in (x + Value(1.0), 1 - x, x.tanh()):
        assert not {"1st", "2nd"} & set(texts(draw(y)))


def test_a_failure_of_graphviz_leaves_a_notebook_the_text(monkeypatch):
    monkeypatch.setattr(picture_module, "_executable", lambda: "no-such-program")
    assert list(neuron()._repr_mimebundle_()) == ["text/plain"]


def test_other_users_of_graphviz_keep_their_executable():
    before = graphviz.backend.dot_command.DOT_BINARY
    draw(Value(1.0)).pipe(format="svg")
    assert graphviz.backend.dot_command.DOT_BINARY is before
