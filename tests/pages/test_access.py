"""Pages for everybody: in notebooks, with any label, for those who do not see or want no motion."""

import pytest

import autograd as ag
from autograd import Value, view
from nn import MLP
from tests.node import module_path


def test_a_frame_of_a_notebook_shows_the_page(load, y, tmp_path):
    path = tmp_path / "notebook.html"
    path.write_text(f"<!doctype html><title>notebook</title>{view(y)._repr_html_()}", encoding="utf-8")
    opened = load(path)
    frame = opened.page.frame_locator("iframe")
    frame.locator('[data-action="step-forward"]').click()
    assert "t₁ = 2 × (−3) = −6" in frame.locator(".say").inner_text()


def test_a_label_stays_text(show):
    label = "</script><img src=x onerror=alert(1)><!--'\"&amp;\u2028\\u003c"
    y = Value(2.0, label=label) * 3.0
    y.label = label
    opened = show(y, title=label)
    assert opened.page.locator("img").count() == 0
    assert opened.page.get_attribute("[data-input]", "data-input") == label
    assert opened.page.text_content("h1") == label.replace("\u2028", "\N{REPLACEMENT CHARACTER}")
    assert "onerror" in opened.source()


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_long_name_breaks_only_at_its_dots(show, lang):
    label = "layers.1.neurons.0.b"
    y = Value(2.0, label=label) * 3.5
    opened = show(y, {"viewport": {"width": 320, "height": 700}}, lang=lang)
    opened.page.click('[data-node="value0"]')
    for selector in ("#inputs label", "#aboutName"):
        parts = opened.page.locator(selector).evaluate("x => [...x.childNodes].map((y) => y.textContent)")
        assert [part for part in parts if part] == ["layers.", "1.", "neurons.", "0.", "b"]
    assert opened.page.evaluate("document.documentElement.scrollWidth") == 320
    opened.scrub(1)
    opened.page.click('[data-node="value1"]')
    assert opened.page.locator("#about code wbr").count() > 0
    assert "3.5" in opened.page.locator("#about").evaluate(
        "x => [...x.querySelectorAll('code')].map((y) => y.innerHTML).join()"
    )


HOSTILE = "</script><svg onload=alert(1)>{{words.play}}${alert(1)}\ue000\U00020000"


def test_names_of_scopes_lines_and_titles_stay_text_in_every_view(show):
    def f(x, y):
        with ag.scope(HOSTILE), ag.scope("<b>" + HOSTILE):
            z = x * y  # </script><img src=x onerror=alert(1)> {{data}}
        return z.tanh(), z + x

    x, y = Value(2.0, label=HOSTILE), Value(0.5, label="<i>" + HOSTILE)
    opened = show(f, inputs=[x, y], depth=0)
    opened.page.click(".vg-box")
    opened.press("expand", 2)
    for key in ("value0", "value2", "value3"):
        opened.page.locator(f'[data-node="{key}"]').focus()
        opened.page.keyboard.press("Enter")
    opened.page.locator('[data-node="value2"]').focus()
    opened.page.keyboard.press("Enter")
    assert "onerror=alert(1)> {{data}}" in opened.page.inner_text("#about")
    opened.page.fill("#search", "<svg")
    opened.page.click("#table summary")
    opened.source()
    opened.scrub(opened.last)
    assert opened.page.locator("img, b b, i, [onload]").count() == 0
    assert opened.page.evaluate("document.querySelectorAll('script').length") == 2
    assert "{{words.play}}" in opened.page.inner_text("#about")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(show, y, scheme):
    axe = module_path("axe-core")
    if axe is None:
        pytest.skip("needs axe-core: npm install --prefix ~/axe axe-core, and export NODE_PATH=~/axe/node_modules")
    opened = show(y, {"color_scheme": scheme, "bypass_csp": True})
    opened.page.add_script_tag(path=axe)
    for details in ("#table", "#source"):
        opened.page.click(f"{details} summary")
    for step in (0, 7, opened.last):
        opened.scrub(step)
        found = opened.page.evaluate("axe.run()")["violations"]
        serious = [(x["id"], x["nodes"][0]["html"]) for x in found if x["impact"] in ("serious", "critical")]
        assert serious == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_scopes_and_results(show, scheme):
    axe = module_path("axe-core")
    if axe is None:
        pytest.skip("needs axe-core: npm install --prefix ~/axe axe-core, and export NODE_PATH=~/axe/node_modules")
    model = MLP(2, [2, 1], rng=0)
    first = model([Value(0.5, label="x1"), Value(-1.0, label="x2")])
    opened = show([first, first * 2.0], {"color_scheme": scheme, "bypass_csp": True}, depth=1)
    opened.page.add_script_tag(path=axe)
    opened.page.click('[data-action="open-scope"]')
    opened.page.click(".vg-box")
    for step in (0, opened.last):
        opened.scrub(step)
        found = opened.page.evaluate("axe.run()")["violations"]
        assert [(x["id"], x["nodes"][0]["html"]) for x in found if x["impact"] in ("serious", "critical")] == []


def test_reduced_motion_has_no_transitions(show, y):
    opened = show(y, {"reduced_motion": "reduce"})
    style = "getComputedStyle(document.querySelector('[data-node] rect')).transitionDuration"
    assert opened.page.evaluate(style) == "0s"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_labels_of_edges_can_be_read_on_the_ground_of_the_page(show, y, scheme):
    opened = show(y, {"color_scheme": scheme})
    opened.scrub(opened.last)
    ground = opened.page.evaluate("getComputedStyle(document.querySelector('#frame').parentElement).backgroundColor")
    inks = opened.page.locator("[data-partial] tspan").evaluate_all("all => all.map((x) => getComputedStyle(x).fill)")
    assert inks
    assert ground not in inks
