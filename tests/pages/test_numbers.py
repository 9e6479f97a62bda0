"""The numbers on a page are the engine's: forward, backward, and after an input was moved."""

import math
import random

import pytest

import autograd as ag
from autograd import TABLE, Value
from tests.compiler.test_javascript import CANCELLING
from tests.pages.browser import assert_near, is_near, wanted
from tests.pictures.graphs import random_graph


def neuron(x, w, bias):
    return (x * w + bias).tanh() * x


def leaves(numbers):
    return [Value(number, label=label) for number, label in zip(numbers, ("x", "w", "bias"))]


def test_each_step_forward_and_backward_adds_to_what_is_known(show):
    y = neuron(*leaves((2.0, -3.0, 6.5)))
    opened = show(y)
    expected = wanted(y)
    found = opened.numbers()
    assert {key: value for key, (value, _) in found.items()} == {key: value for key, (value, _) in expected.items()}
    assert {grad for _, grad in found.values()} == {0.0}
    seen = []
    while opened.step < opened.last:
        opened.press("step-forward")
        seen.append(opened.numbers()["value0"][1])
    assert_near(opened.numbers(), expected)
    assert len(set(seen)) == 3  # nothing, the short path, and both paths
    assert seen[-1] == expected["value0"][1]


@pytest.mark.parametrize("seed", range(6))
def test_random_graphs_have_the_numbers_of_the_engine_also_after_dragging(show, seed):
    nodes = random_graph(random.Random(seed), 14)
    opened = show(nodes[-1])
    opened.scrub(opened.last)
    assert_near(opened.numbers(), wanted(nodes[-1]))
    moved = random_graph(random.Random(seed), 14)
    for node, number in zip(moved[:3], (0.3, -1.75, 1.1)):
        node.data = number
    others = replayed(moved[-1])
    for label, number in zip(("x1", "x2", "x3"), (0.3, -1.75, 1.1)):
        if opened.page.query_selector(f'[data-input="{label}"]'):
            opened.drag(label, number)
    assert_near(opened.numbers(), wanted(others))


def replayed(root):
    """The same graph, computed again from the numbers that its leaves have now."""
    made = {}
    for node in ag.engine.topological_order(root):
        if node.op is None:
            made[node] = node
        else:
            facts = node._operation
            made[node] = facts(*facts.arranged([made[x] if isinstance(x, Value) else x for x in node.operands]))
    return made[root]


def every_operation(numbers):
    """A sum of all operations, each of leaves of its own."""
    total = Value(0.0, label="zero")
    for name, facts in TABLE.items():
        operands = [Value(x, label=f"{name}.{k}") for k, x in enumerate(numbers[: len(facts.formulas)])]
        total = total + facts(*operands)
    return total


SPECIAL = (
    (0.7, 0.4, 0.2), (-0.7, 1.4, 3.0), (2.0, 3.0, 1.0), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (-2.0, -3.0, 0.0),
    (math.inf, 1.5, 2.0), (-math.inf, -math.inf, 0.0), (math.nan, 0.5, math.nan), (0.0, math.nan, math.inf),
    (1e300, -1e-300, 5e-324), (-0.0, 40.0, 2.0), (30.0, -0.0, math.inf), (700.0, -700.0, 1.0),
)  # fmt: skip


def test_every_operation_has_the_values_and_derivatives_of_the_table_also_special_ones(show):
    total = every_operation(SPECIAL[0])
    opened = show(total, partials=False, direction="TB")
    opened.scrub(opened.last)
    for numbers in SPECIAL:
        other = every_operation(numbers)
        opened.write([x.data for x in ordered(total, other)])
        expected, found = wanted(other), opened.numbers()
        assert len(found) == len(expected) > 2 * len(TABLE)
        for (key, pair), node in zip(expected.items(), ag.engine.topological_order(other)):
            uses = {node.op} if node.op else {node.label.split(".")[0]}
            relative = 1e-6 if uses & CANCELLING or "gamma" in str(uses) else 1e-9
            if node.label == "zero" or node.op == "add":
                continue  # sums of all the others
            assert all(is_near(*two, relative) for two in zip(found[key], pair)), (uses, numbers, found[key], pair)


def ordered(first, second):
    """The leaves of a graph, in the order of another one that was made in the same way."""
    order = [x for x in ag.engine.topological_order(second) if x.op is None]
    assert [x.label for x in order] == [x.label for x in ag.engine.topological_order(first) if x.op is None]
    return order


@pytest.mark.parametrize("text", ["inf", "-inf", "nan", "1e-3", "−2,5", " +.5 ", "-0"])
def test_a_field_takes_every_number(show, text):
    x = Value(1.0, label="x")
    opened = show(x * 2.0)
    opened.page.fill('[data-field="x"]', text)
    opened.page.keyboard.press("Enter")
    number = float(text.replace("−", "-").replace(",", "."))
    assert is_near(opened.numbers()["value0"][0], number)
    assert is_near(opened.numbers()["value1"][0], 2.0 * number)


def test_what_is_no_number_is_refused_with_a_sentence(show):
    opened = show(Value(1.0, label="x") * 2.0)
    opened.page.fill('[data-field="x"]', "two")
    opened.page.keyboard.press("Enter")
    assert "This is not a number: two. Write one such as" in opened.status
    assert opened.page.get_attribute('[data-field="x"]', "aria-invalid") == "true"
    assert opened.numbers()["value0"][0] == 1.0


def test_a_branch_gets_no_gradient_until_its_condition_takes_it(show):
    x, u, v = Value(1.0, label="x"), Value(-4.0, label="u"), Value(3.0, label="v")
    y = ag.where(x, v, u.sqrt())  # the partial derivative of sqrt is nan
    opened = show(y)
    opened.scrub(opened.last)
    assert_near(opened.numbers(), wanted(y))
    assert opened.page.locator(".is-cut").count() == 1
    assert "did not take this branch" in " ".join(stepped(opened))
    opened.drag("x", 0.0)
    opened.drag("u", 4.0)
    assert_near(opened.numbers(), wanted(ag.where(Value(0.0), v, Value(4.0).sqrt())))


def stepped(opened):
    """What is said in each step."""
    said = []
    for step in range(opened.last + 1):
        opened.scrub(step)
        said.append(opened.status)
    return said


def test_dots_constants_and_numbers_that_changed_after_the_recording(show):
    x, w = Value(2.0, label="x"), Value(-3.0, label="w")
    y = ag.dot([x, w, 2.0], [w, x, x]) + 1.5**x - ag.stop_gradient(w)
    x.data = 0.5  # the page computes anew
    opened = show(y)
    opened.scrub(opened.last)
    assert_near(opened.numbers(), wanted(replayed(y)))


def test_an_operation_of_ones_own_runs_by_its_c(show):
    cube = ag.operation("page_cube", lambda a: a**3, "3.0*a*a", c="a * a * a")
    y = cube(Value(2.0, label="x"))
    opened = show(y)
    opened.drag("x", -3.0)
    opened.scrub(opened.last)
    assert opened.numbers() == {"value0": (-3.0, 27.0), "value1": (-27.0, 1.0)}


def test_a_leaf_alone_is_its_own_result(show):
    opened = show(Value(3.0))
    opened.scrub(opened.last)
    assert opened.numbers() == {"value0": (3.0, 1.0)}
