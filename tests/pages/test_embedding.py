"""A player within a page of another kind, whose numbers the page gives."""

from autograd import Value
from autograd.engine import topological_order
from autograd.pages.document import PLAYER, Parts, document, embedded, words_of
from autograd.pages.functions import Recorded
from autograd.pages.player import player_of
from autograd.pictures.graphs.choice import Choice
from tests.pages.browser import assert_near, wanted

START = """
const data = JSON.parse(document.getElementById("data").textContent);
const player = Player.within(document.getElementById("here"), data.player, compute);
document.getElementById("other").addEventListener("click", () => player.set([1.5, 4, -2]));
"""


def test_a_page_shows_a_player_in_a_part_of_it_and_gives_it_numbers(load, y, tmp_path):
    words = words_of("en")
    graph, compute = player_of(Recorded([y], [], {}), Choice.of(None, (), None, 2000, ()), words)
    (tmp_path / "body.html").write_text('<p id="words">mine</p><div id="here"></div><button id="other">other</button>')
    (tmp_path / "begin.js").write_text(START)
    parts = Parts(tmp_path / "body.html", (), (*PLAYER.scripts[:-1], tmp_path / "begin.js"))
    html = document({}, "en", "mine", "", compute, {"player": {**embedded(words), "graph": graph}}, parts)
    path = tmp_path / "mine.html"
    path.write_text(html, encoding="utf-8")
    opened = load(path)
    shadow = "document.getElementById('here').shadowRoot"
    read = f"""[...{shadow}.querySelectorAll('[data-node]')]
        .map((x) => [x.dataset.node, [Number(x.dataset.value), Number(x.dataset.grad)]])"""
    opened.press("step-forward")
    opened.page.evaluate(
        f"{{ const scrub = {shadow}.querySelector('#scrub');"
        " scrub.value = 99; scrub.dispatchEvent(new Event('input')); }"
    )
    assert_near({key: tuple(pair) for key, pair in opened.page.evaluate(read)}, wanted(y))
    opened.page.click("#other")
    order = topological_order(y)
    x, w, bias = (Value(number) for number in (1.5, 4.0, -2.0))
    assert [node.label for node in order if node.op is None] == ["x", "w", "bias"]
    assert_near({key: tuple(pair) for key, pair in opened.page.evaluate(read)}, wanted((x * w + bias).tanh() * x))
    assert opened.page.text_content("p#words") == "mine"
    opened.page.locator('[data-node="value0"]').focus()
    opened.page.keyboard.press("ArrowLeft")
    assert opened.page.evaluate(f"{shadow}.querySelector('[data-step]').dataset.step") == "12"
