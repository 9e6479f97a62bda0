"""Pages of functions, programs and modules, with a guard for each branch that Python took."""

import math

import pytest

import autograd as ag
from autograd import Value, view
from nn import MLP
from tests.pages.browser import assert_near, wanted


def leaky(x, w):
    y = x * w
    return y.tanh() if y > 0.0 else 0.1 * y


def changed(x):
    x.data = 2.0
    return x


def test_arguments_give_their_names_to_the_inputs(show):
    opened = show(leaky, inputs=[2.0, 0.5])
    opened.scrub(opened.last)
    assert_near(opened.numbers(), wanted(leaky(Value(2.0), Value(0.5))))
    opened.drag("w", 0.75)
    assert_near(opened.numbers(), wanted(leaky(Value(2.0), Value(0.75))))


def test_a_branch_that_was_not_recorded_says_so_and_shows_no_number(show):
    opened = show(leaky, inputs=[2.0, 0.5])
    opened.scrub(opened.last)
    before = opened.numbers()
    opened.drag("w", -1.0)
    assert "Another branch t₁ = −2" in opened.status.replace("\n", " ")
    assert "t₁ > 0 no longer holds, so Python would take another branch" in opened.status
    values = [x.get_attribute("data-value") for x in opened.page.query_selector_all("[data-node]")]
    assert values == ["2", "-1", "", ""]
    assert set(opened.page.locator("[data-grad]").evaluate_all("all => all.map((x) => x.dataset.grad)")) == {""}
    opened.press("step-backward")
    assert "no longer holds" in opened.status
    opened.page.click('[data-node="value2"]')
    assert "Value: ?" in opened.page.inner_text("#about")
    opened.drag("w", 0.5)
    opened.scrub(opened.last)
    assert opened.numbers() == before


def test_a_condition_that_begins_to_hold_is_named_too(show):
    opened = show(lambda x, y: x + y if x == y else x - y, inputs=[2.0, 1.0])
    opened.drag("y", 2.0)
    assert "x == y holds now, so Python would take another branch" in opened.status
    opened.drag("y", 1.5)
    assert opened.numbers()["value2"][0] == 0.5


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_page_is_titled_by_its_function(show, lang):
    title = {"en": "Backpropagation of {}", "ko": "{}의 역전파"}[lang]
    heading = lambda f: show(f, inputs=[2.0, 0.5], lang=lang).page.inner_text("h1")  # noqa: E731
    assert heading(leaky) == heading(ag.compile(leaky)) == title.format("leaky")
    assert heading(lambda x, w: x * w) == title.format("y")


def test_a_network_takes_the_numbers_of_its_one_list_as_for_draw():
    model = MLP(2, [2, 1], rng=0)
    assert view(model, inputs=[1.0, -2.0]).html == view(model, inputs=[[1.0, -2.0]]).html
    with pytest.raises(TypeError, match="give as many inputs as the function takes arguments"):
        view(lambda x: x[0] * x[1], inputs=[1.0, -2.0])


def test_inputs_are_listed_in_the_order_of_arguments_and_of_layers(show):
    opened = show(lambda w, x: x * w, inputs=[2.0, 0.5])
    labels = lambda opened: opened.page.locator("[data-input]").evaluate_all("all => all.map((x) => x.dataset.input)")  # noqa: E731
    assert labels(opened) == ["w", "x"]
    found = labels(show(MLP(2, [2, 1], rng=0), inputs=[1.0, -2.0]))
    assert found[:2] == ["x0", "x1"]
    layers = [name[:8] for name in found[2:]]
    assert layers == sorted(layers)


def test_an_input_that_only_decides_has_no_slider(show):
    opened = show(lambda x, y: 2.0 * y if x > 0.0 else y, inputs=[2.0, 1.0])
    assert opened.page.locator("[data-input]").count() == 1
    opened.drag("y", 1.5)
    assert opened.numbers()["value1"][0] == 3.0


def test_a_program_and_a_module_are_shown_as_their_function(show):
    program = ag.compile(leaky)
    program(1.0, -1.0)
    opened = show(program, inputs=[2.0, 0.5])
    assert opened.numbers()["value3"][0] == math.tanh(1.0)
    model = MLP(2, [2, 1], rng=0)
    opened = show(model, inputs=[[0.5, -1.0]])
    opened.scrub(opened.last)
    root = list(opened.numbers().values())[-1]
    assert root == (model([0.5, -1.0]).data, 1.0)


def test_lists_values_and_closed_over_parameters(show):
    w, x = Value(0.5, label="w"), Value(4.0, label="mine")
    f = lambda point, other: w * point[0] + point[1] * other  # noqa: E731
    opened = show(f, inputs=[[2.0, 3.0], x])
    labels = opened.page.locator("[data-input]").evaluate_all("all => all.map((x) => x.dataset.input)")
    assert labels == ["point0", "point1", "mine", "w"]
    opened = show(f, inputs=[[2.0, 3.0], x], parameters=[w])
    labels = opened.page.locator("[data-input]").evaluate_all("all => all.map((x) => x.dataset.input)")
    assert labels == ["point0", "point1", "mine", "w"]  # parameters are below


@pytest.mark.parametrize(
    ("arguments", "settings", "message"),
    [
        ((leaky,), {}, r"a function is called to be shown; pass its arguments as inputs=\[2.0, -3.0\]"),
        ((leaky,), {"inputs": 2.0}, "inputs are the arguments in a list, got float; write inputs="),
        ((lambda x: [x, 1.0],), {"inputs": [1.0]}, "view.. shows a function that gives Values, got float; return what"),
        (
            (lambda: [],),
            {"inputs": []},
            "view.. shows a function that gives Values, got nothing; return what it computes",
        ),
        ((leaky,), {"inputs": [1.0]}, "give as many inputs as the function takes arguments"),
        (
            (lambda x: x * float(x),),
            {"inputs": [1.0]},
            "float.. of a Value gives a number that the page cannot compute anew; use",
        ),
        ((lambda x: x * math.exp(x),), {"inputs": [1.0]}, r"such as ag\.exp\(x\) for math\.exp\(x\)"),
        ((changed,), {"inputs": [1.0]}, "data of a Value is changed by the function that view.. shows; return"),
        ((Value(1.0),), {"inputs": [1.0]}, "a Value has no inputs; leave out inputs, or pass the function"),
        ((lambda x: x,), {"inputs": ["one"]}, "view.. takes numbers, Values, and lists"),
        ((Value,), {"inputs": [1.0]}, "view.. shows a Value or a list of Values, got type; pass the result"),
    ],
)
def test_what_cannot_be_called_or_shown_is_refused(arguments, settings, message):
    with pytest.raises(TypeError, match=message):
        view(*arguments, **settings)
