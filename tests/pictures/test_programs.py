"""Pictures of compiled programs and of derivatives, and what Jupyter shows of them."""

import pytest

from autograd import Value, compile, dot, draw, gradients, where
from autograd.pictures.canvas import picture as picture_module
from tests.pictures.reading import texts, titles


def traced(f, *points):
    program = compile(f)
    for point in points:
        program(*point)
    return program


def test_an_instruction_is_a_node_with_its_name_in_the_listing():
    program = traced(lambda x, y: (x * y).tanh() - 2.0, (1.0, 2.0))
    shown = texts(draw(program))
    assert {"x0", "x1", "×", "v2", "tanh", "v3", "v3 − 2", "v4"} <= set(shown)
    assert titles(draw(program), "operation") == ["v2 = x0 * x1", "v3 = tanh(v2)"]
    assert titles(draw(program), "result") == ["v4 = v3 - 2.0, result 0"]
    assert all(title.split(", ")[0] in str(program) for title in titles(draw(program), "result"))


def test_it_has_the_instructions_that_are_run():
    program = traced(lambda x: (x * 2.0) * 0.0 + x * 1.0 + x * 1.0, (1.0,))
    count = len(titles(draw(program), "operation")) + len(titles(draw(program), "result"))
    assert count == len(program.listings[0][1]) < len(program.listings[0][0])


def test_parameters_have_their_labels_and_numbers():
    w = Value(3.0, label="w1")
    picture = draw(traced(lambda x: (w * x).tanh(), (2.0,)))
    assert {"w1", "3"} <= set(texts(picture))
    assert titles(picture, "parameter") == ["parameter p0, w1: 3.0"]
    w.label = ""
    assert titles(draw(traced(lambda x: w * x, (2.0,))), "parameter") == ["parameter p0: 3.0"]


def test_a_short_sum_of_products_is_written_out_and_a_long_one_counted():
    w = Value(3.0, label="w")
    assert "x1 + w × x0" in texts(draw(traced(lambda x, y: w * x + y, (1.0, 2.0))))
    weights = [Value(float(i), label=f"weight{i}") for i in range(9)]
    picture = draw(traced(lambda x: sum((v * x for v in weights), Value(0.5)), (1.0,)))
    assert any(text.startswith("sum of ") and text.endswith(" terms") for text in texts(picture))
    assert len(titles(picture, "edge")) == 9 + 1  # x only once


def test_many_parameters_are_left_out_and_the_picture_says_so():
    weights = [Value(float(i)) for i in range(30)]
    program = traced(lambda x: (sum(v * x for v in weights), weights[3]), (1.0,))
    picture = draw(program)
    assert titles(picture, "parameter") == ["parameter p3: 3.0"]  # it is a result
    assert "29 parameters are not drawn" in texts(picture)
    assert titles(draw(traced(lambda x: sum(v * x for v in weights[:20]), (1.0,))), "parameter")
    assert draw(program, max_nodes=5)


def test_dense_graphs_have_straight_edges():
    xs = [Value(1.0) for _ in range(8)]
    assert "splines=line" in draw([dot(xs, [x] * 8) for x in xs]).source
    assert "splines" not in draw(dot(xs, xs)).source


def test_several_results_are_numbered_and_those_that_no_instruction_makes_have_a_node():
    product = texts(draw(traced(lambda x, y: (x, x * y, 7.0, x * y), (1.0, 2.0))))
    assert {"result 0", "results 1, 3", "result 2", "7"} <= set(product)


def test_arguments_have_names_where_their_order_matters():
    assert {"a", "b"} <= set(texts(draw(traced(lambda x, y: x / y, (1.0, 2.0)))))
    assert not {"a", "b"} & set(texts(draw(traced(lambda x, y: x * y, (1.0, 2.0)))))
    assert {"where(x0, 5, x1)", "a", "c"} <= set(texts(draw(traced(lambda x, y: where(x, 5.0, y), (1.0, 2.0)))))


def test_each_path_is_a_frame_with_its_guard():
    program = traced(lambda x: x * 2.0 if x > 0.0 else -x, (1.0,), (-1.0,))
    shown = texts(draw(program))
    assert {"path 1", "path 2", "path 1: holds as long as x0 > 0", "path 2: holds as long as not x0 > 0"} <= set(shown)
    single = texts(draw(traced(lambda x: x * 2.0 if x > 0.0 else -x, (1.0,))))
    assert "path 1" not in single
    assert "holds as long as x0 > 0" in single


def test_a_program_that_only_ran_backward_and_one_of_derivatives_are_drawn():
    w = Value(2.0, label="w")
    program = compile(lambda x: (w * x).tanh())
    program.backward([1.0, 2.0])
    assert "tanh" in texts(draw(program))
    square = compile(lambda x: x**3.0)
    square.grad(2.0)
    assert titles(draw(square.grad), "result")


def test_a_program_that_was_not_called_is_refused_with_a_remedy():
    with pytest.raises(RuntimeError, match="not traced yet; call it once"):
        draw(compile(lambda x: x * 2.0))


def test_a_program_with_too_many_instructions_is_refused_with_a_remedy():
    program = traced(lambda x: x.tanh().exp().sin(), (1.0,))
    with pytest.raises(ValueError, match=r"has 4 nodes to draw, more than max_nodes=3; print\(program\) lists them"):
        draw(program, max_nodes=3)


def test_what_belongs_to_graphs_is_refused_for_a_program():
    program = traced(lambda x: x * 2.0, (1.0,))
    with pytest.raises(TypeError, match="the picture of a program has no partials; leave it out"):
        draw(program, partials=True)
    assert "rankdir=TB" in draw(program, direction="TB").source


@pytest.mark.parametrize("label", ['"', "\\", "</script>", "\x00", "\u202eabc", "{a|b}", "무게"])
def test_a_hostile_label_of_a_parameter_is_shown(label):
    w = Value(3.0, label=label)
    picture = draw(traced(lambda x: (w * x).tanh(), (2.0,)))
    wanted = label.replace("\x00", "\ufffd").replace("\u202e", "\ufffd")
    assert wanted in texts(picture)
    picture.node("more")  # so that Graphviz draws it
    assert picture.pipe("svg")


def test_a_derivative_is_drawn_in_the_readers_names():
    x = Value(2.0, label="x")
    y = (x**3).tanh() + x**2
    (slope,) = gradients(y, [x])
    slope.label = "dy/dx"
    shown = texts(draw(slope))
    assert {"sech2", "3 × x2", "2 × x", "dy/dx = (…) + (…)"} <= set(shown)
    assert titles(draw(gradients(y, [x])), "result") == [f"add: {slope.data!r}"]
    (half,) = gradients(x**1.5, [x])
    assert any("1.5 × x^0.5" in text for text in texts(draw(half)))
    (unnamed,) = gradients((x * 2) ** 3, [x])
    assert "3 × a2" in texts(draw(unnamed))


def test_jupyter_shows_a_program_and_says_why_it_shows_none(monkeypatch):
    program = compile(lambda x: x.tanh())
    assert list(program._repr_mimebundle_()) == ["text/plain"]
    assert "call it once" in program._repr_mimebundle_()["text/plain"]
    program(1.0)
    shown = program._repr_mimebundle_()
    assert shown["text/plain"] == repr(program)
    assert "<svg" in shown["image/svg+xml"]
    monkeypatch.setattr(picture_module, "_executable", lambda: "no-such-program")
    assert "draw() shows no picture here: " in program._repr_mimebundle_()["text/plain"]


def test_jupyter_says_how_to_see_a_large_value():
    y = Value(1.0)
    for _ in range(200):
        y = y.tanh()
    text = y._repr_mimebundle_()["text/plain"]
    assert text.startswith(repr(y))
    assert "201 nodes" in text
    assert "raise max_nodes" in text
