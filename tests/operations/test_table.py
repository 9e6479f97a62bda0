"""The table: every operation has all its properties; how operations are called, folded and defined."""

import itertools
import math
import pickle
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

import autograd as ag
from autograd import TABLE, Value
from autograd.compiler.codes import NAMES
from autograd.compiler.passes.fusion import SUMS
from autograd.engine import backend, topological_order
from autograd.operations.operation import Binary, Operation, Unary, VectorBinary
from autograd.testing import GradientError, check_gradients

REAL = (-math.inf, math.inf)


def floats():
    """Numbers whose products neither overflow nor are subnormal."""
    return st.floats(-1e100, 1e100, allow_subnormal=False).filter(lambda x: x == 0.0 or abs(x) > 1e-100)


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_a_row_has_every_fact(row):
    count = len(row.formulas)
    assert count == len(row.domain) == len(row.partials) == len(row.arguments.split(", "))
    assert getattr(ag, row.name) is row
    assert row.symbol
    assert set(re.findall(r"\b[abc]\b", row.c)) == set(row.arguments.split(", "))
    latex = row.latex.format(a="u", b="v", c="w")
    assert latex.count("{") == latex.count("}")
    assert "u" in latex
    assert re.fullmatch(r".*[^.]\.", row.text)
    assert row.__doc__ == row.text
    assert repr(row) == f"<operation {row.name}({row.arguments})>"
    assert all(low < high for low, high in row.domain)


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_partials_of_floats_are_floats_and_of_values_the_same_numbers(row):
    point = (0.75, 0.5, 1.0)[: len(row.formulas)]
    y = row.function(*point)
    slopes = row.slopes(y, *point)
    values = [Value(x) for x in point]
    for partial, slope in zip(row.partials, slopes, strict=True):
        if partial is None:
            assert slope is None
        else:
            of_floats, of_values = partial(y, *point), partial(Value(y), *values)
            assert float(of_floats) == pytest.approx(slope, rel=0, abs=0, nan_ok=True)
            assert float(of_values) == pytest.approx(slope, rel=0, abs=0, nan_ok=True)


def test_a_quotient_of_floats_in_a_formula_never_raises():
    assert ag.divide.slopes(math.inf, 1.0, 0.0) == (math.inf, -math.inf)
    assert ag.log.partials[0](-math.inf, 0.0) == math.inf


def test_rows_with_a_wider_bound_are_the_ones_that_say_why():
    wider = {name: row.ulps for name, row in TABLE.items() if row.ulps != (4.0, 4.0, 16.0)}
    own = {"polygamma", *(name for name in TABLE if name.endswith("_derivative"))}
    assert {name: wider.pop(name) for name in own} == dict.fromkeys(own, (8.0, 8.0, 16.0))
    assert wider == dict.fromkeys(("gamma", "direction", "power_slope"), (4.0, 8.0, 16.0))
    crossings = {name: row.crossings for name, row in TABLE.items() if row.crossings}
    tail = "where(step(b + 1.0), log_normal_cdf_derivative(1.0, b)*power(absolute(b) + 1.0, a + {}), 0.0)"
    plane = "1.0/hypot(a, b)/hypot(a, b)"
    assert crossings == {
        "power": {(0, 1): "power(a, b)/a"},
        "sech_squared": {(0, 0): "sech_squared(a)"},
        "gaussian": {(0, 0): "gaussian(a)"},
        "direction": {(0, 1): plane, (1, 1): plane},
        "arctan2": {(0, 1): plane},
        "power_slope": {
            (1,): "shifted_power(a, b, 1.0)",
            (0, 1): "(absolute(b) + 1.0)*shifted_power(a, b, 2.0)",
            (1, 1): "shifted_power(a, b, 1.0)*log(a)",
        },
        "falling_factorial": {
            (0,): "power(b, c + 1.0)*power(absolute(a) + b + 1.0, b - c - 1.0)",
            (0, 0): "power(b, c + 2.0)*power(absolute(a) + b + 1.0, b - c - 2.0)",
        },
        "shifted_power": {(0, 1): "shifted_power(a, b, c)/a"},
        "logaddexp": {(): "maximum(absolute(a), absolute(b))"},
        "share": dict.fromkeys([(0, 0), (0, 1), (1, 1)], "share(a, b)*share(b, a)"),
        "fraction": {(0, 1): "1.0/(a + b)/(a + b)"},
        "entr": {(0,): "1.0"},
        "sinc": {(0,): "3.2/(2.0 + 3.2*absolute(a))", (0, 0): "10.0/(3.0 + 3.2*absolute(a))"},
        "normal_pdf": {(0, 0): "normal_pdf(a)"},
        "power_derivative": {
            (1,): "power(absolute(b) + c + 1.0, c)*shifted_power(a, b, c)",
            (0, 1): "power(absolute(b) + c + 2.0, c + 1.0)*shifted_power(a, b, c + 1.0)",
            (1, 1): "power(absolute(b) + c + 1.0, c)*shifted_power(a, b, c)*(1.0 + absolute(log(a)))",
        },
        "sinc_derivative": {
            (): "power(3.2, a)/(a + 1.0 + 3.2*absolute(b))",
            (1,): "power(3.2, a + 1.0)/(a + 2.0 + 3.2*absolute(b))",
            (1, 1): "power(3.2, a + 2.0)/(a + 3.0 + 3.2*absolute(b))",
        },
        "log_normal_cdf_derivative": {
            (): tail.format("-1.0"),
            (1,): tail.format("0.0"),
            (1, 1): tail.format("1.0"),
        },
    }


def test_operations_are_rows():
    assert all(isinstance(row, Operation) for row in TABLE.values())
    assert len({row.name for row in TABLE.values()}) == len(TABLE)


# --------------------------------------------------------------------------- operations of vectors


def test_dot_is_a_row_of_two_vectors_beside_the_table():
    assert "dot" not in TABLE
    assert repr(ag.dot) == "<operation dot(a, b)>"
    assert pickle.loads(pickle.dumps(ag.dot)) is ag.dot
    assert ag.dot.slopes(11.0, (1.0, 2.0), (3.0, 4.0)) == ((3.0, 4.0), (1.0, 2.0))
    assert ag.dot.edges(4) == [("a0", "b0"), ("a1", "b1"), ("b0", "a0"), ("b1", "a1")]
    assert ag.dot.call([1.0, 2.0]) == "dot([1.0], [2.0])"
    assert ag.dot.call([1.0] * 100) == f"dot([{'1.0, ' * 6}...], [{'1.0, ' * 6}...])"


@given(st.lists(st.tuples(floats(), floats()), max_size=12))
def test_each_product_and_each_sum_of_a_dot_product_is_rounded(pairs):
    want = 0.0
    for i, (a, b) in enumerate(pairs):
        product = float(Fraction(a) * Fraction(b))
        want = float(Fraction(want) + Fraction(product)) if i else product
    xs, ys = [a for a, _ in pairs], [b for _, b in pairs]
    assert ag.dot(xs, ys) == want
    assert float(ag.dot(list(map(Value, xs)), ys)) == want


def test_the_dot_product_of_zeros_has_the_sign_of_their_sum():
    x = Value(-0.0)
    for xs, ys in (([x], [1.0]), ([x, x], [1.0, 2.0]), ([x, x], [1.0, -2.0])):
        assert str(ag.dot(xs, ys).data) == str(ag.add.reduce(ag.multiply.map(xs, ys)).data)
    assert [str(ag.dot([], [])), str(ag.dot([-0.0], [1.0])), str(ag.dot([-0.0, 0.0], [1, 1]))] == ["0.0", "-0.0", "0.0"]


@pytest.mark.skipif(backend == "native", reason="the compiled engine has no other operation of vectors")
def test_another_row_of_vectors_is_recorded_by_its_formulas():
    wrong = VectorBinary("wrong", "?", ag.dot.function, "", ("b", "b"), (REAL, REAL), "", "Wrong.")
    assert wrong([Value(2.0)], [Value(3.0)]).partials == (3.0, 3.0)
    with pytest.raises(GradientError, match=r"that of wrong\(\[3\.0, 2\.0\], \[2\.0, 3\.0\]\) by b0: it recorded 2\.0"):
        check_gradients(lambda x, y: wrong([x, y], [y, x]), 3.0, 2.0)


@pytest.mark.skipif(backend != "native", reason="the readable engine has them")
def test_another_row_of_vectors_is_refused():
    other = VectorBinary("other", "?", ag.dot.function, "", ("b", "a"), (REAL, REAL), "", "Other.")
    with pytest.raises(TypeError, match="no operation of vectors but dot, got other; set VALUEGRAD_BACKEND=python"):
        other([Value(2.0)], [Value(3.0)])


# --------------------------------------------------------------------------- operations that a test defines


def test_a_row_of_ones_own_is_recorded_and_differentiated(table):
    blend = Binary("blend", "~", lambda a, b: a * b + a, "a*b + a", ("b + 1.0", "a"), (REAL, REAL), "", "Blend.")
    x, y = Value(3.0), Value(5.0)
    z = blend(x, y)
    assert table["blend"] is blend
    assert (z.data, z.op, z.operands, z.partials) == (18.0, "blend", (x, y), (6.0, 3.0))
    z.backward()
    assert (x.grad, y.grad) == (6.0, 3.0)
    assert blend.reduce([x, 2.0, 1.0]).data == 18.0
    assert [v.data for v in blend.map([x, y], [1.0, 2.0])] == [6.0, 15.0]
    assert blend(2.0, y).partials == (2.0,)


@pytest.mark.usefixtures("table")
def test_a_row_may_give_any_number():
    half = Unary("half", "/2", lambda a: mp.mpf(a) / 2, "a/2", ("0.5",), (REAL,), "", "Half.")
    whole = Unary("whole", "=", np.float64, "a", ("1.0",), (REAL,), "", "All of it.")
    a = Value(0.5)
    x = whole(a)
    y = ag.dot([x, x], [a, 2.0])
    assert [type(operand) for operand in y.operands] == [Value, Value, Value, float]
    assert len(topological_order(y)) == 3
    assert float(half(3.0)) == 1.5


@pytest.mark.parametrize("formulas", [(), ("1.0",), ("1.0", "1.0", "1.0")])
def test_a_row_has_a_formula_for_each_argument(table, formulas):
    with pytest.raises(ValueError, match="one for each argument"):
        Binary("lacking", "?", lambda a, b: a + b, "a + b", formulas, (REAL, REAL), "", "Lacking.")
    assert "lacking" not in table


@pytest.mark.parametrize("name", ["gate", *(NAMES[code] for code in SUMS)])
def test_a_row_does_not_take_the_name_of_an_instruction(table, name):
    with pytest.raises(ValueError, match=f"{name} is the name of an instruction of programs"):
        Binary(name, "?", lambda a, b: a + b, "a + b", ("1.0", "1.0"), (REAL, REAL), "", "Another.")
    assert name not in table


@pytest.mark.usefixtures("table")
def test_a_row_has_three_arguments_at_most():
    class Quaternary(Operation):
        arguments = "a, b, c, d"

    with pytest.raises(ValueError, match="four has 4 arguments, and an operation has three at most"):
        Quaternary("four", "4", lambda *x: x[0], "a", ("1.0",) * 4, (REAL,) * 4, "", "The first.")


def test_rows_map_as_far_as_both_sequences_go():
    assert [y.data for y in ag.multiply.map([Value(2.0), Value(3.0)], itertools.repeat(4.0))] == [8.0, 12.0]


def test_methods_take_their_arguments_by_name_too():
    x = Value(1.0)
    assert x.maximum(other=2.0).data == 2.0
    assert x.arctan2(other=1.0).data == math.pi / 4
    x.backward(gradient=3.0)
    assert x.grad == 3.0


# --------------------------------------------------------------------------- folds, pairs and dot products


def test_dot_of_different_lengths_is_an_error():
    with pytest.raises(ValueError, match="same length, got 2 and 3"):
        ag.dot([1, 2], [1, 2, 3])


def test_reduce_is_a_left_fold_of_the_row():
    assert ag.subtract.reduce([7.0, 2.0, 1.5]) == 3.5
    a, b, c = values = [Value(7.0), Value(2.0), Value(1.5)]
    y = ag.subtract.reduce(values)
    assert y.operands[1] is c
    assert y.operands[0].operands == (a, b)
    assert ag.power.reduce([a]) is a
    assert type(ag.add.reduce([3])) is float
    assert ag.add.reduce(iter([1.0, a])).operands == (1.0, a)


def test_reduce_refuses_nothing_and_what_is_no_number():
    with pytest.raises(ValueError, match=r"add\.reduce\(\) takes at least one value, got none"):
        ag.add.reduce([])
    for wrong in (["a"], [1.0, "a"], [Value(1.0), "a"]):
        with pytest.raises(TypeError, match=r"add\(\) takes a real number or a Value, got str"):
            ag.add.reduce(wrong)


def test_map_is_the_row_of_each_pair():
    assert ag.subtract.map([7.0, 2.0], [1.0, 0.5]) == [6.0, 1.5]
    a, b = Value(2.0), Value(3.0)
    assert [y.operands for y in ag.multiply.map([a, 5.0], [b, b])] == [(a, b), (5.0, b)]
    assert ag.multiply.map([], []) == []
    assert {type(y) for y in (*ag.subtract.map([7.0, 2], [1.0, 0.5]), ag.subtract.reduce([7.0, 2.0, 1.5]))} == {float}


@pytest.mark.parametrize(
    ("xs", "ys"),
    [
        ([1.0, Value(2.0)], [Value(3.0), 4.0]),
        ([Value(1.0), 2.0, Value(3.0)], [2, Value(3.0), 4]),
        ((Value(1.0), 2.0, 3.0), (2.0, 3.0, Value(4.0))),
        ({Value(1.0): 0}.keys(), {2.0: 0}.values()),
    ],
    ids=str,
)
def test_dot_takes_any_mix_of_numbers_and_values(xs, ys):
    y = ag.dot(xs, ys)
    want = ag.add.reduce(ag.multiply.map(xs, ys))
    assert (y.data, y.op) == (want.data, "dot")
    assert [x if isinstance(x, Value) else float(x) for x in (*xs, *ys)] == list(y.operands)
    assert all(type(x) in (float, Value) for x in y.operands)


@pytest.mark.parametrize("x", [Value(2.0), 2.0])
@pytest.mark.parametrize(("wrong", "kind"), [("a", "str"), (Value, "type"), ([1.0], "list"), (1j, "complex")])
def test_dot_refuses_what_is_no_number_by_name(x, wrong, kind):
    for vectors in (([x, 1.0], [1.0, wrong]), ([wrong, x], [x, x])):
        with pytest.raises(TypeError, match=rf"dot\(\) takes a real number or a Value, got {kind}"):
            ag.dot(*vectors)


@pytest.mark.parametrize("row", [row for row in TABLE.values() if len(row.formulas) == 2], ids=lambda row: row.name)
def test_a_row_is_symmetric_if_and_only_if_the_order_of_its_arguments_is_of_no_account(row):
    pairs = [(0.5, 2.0), (2.0, 3.0), (-1.5, 0.25), (1.0, 4.0)]
    same = all(str(row(a, b)) == str(row(b, a)) for a, b in pairs)
    assert row.symmetric == (same and row.name != "times")


@pytest.mark.parametrize(
    "arguments",
    [
        (1.0, 2.0),
        ([Value(1.0)], 2.0),
        ({1.0}, [2.0]),
        (list, [1.0]),
        (np.array(1.0), [Value(1.0)]),
        ([2.0], {1.0: 2.0}),
    ],
)
def test_dot_refuses_what_is_no_list(arguments):
    with pytest.raises(TypeError, match=r"dot\(\) takes two lists of numbers, got "):
        ag.dot(*arguments)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ag.exp(), "exp() takes one number, got 0; write exp(a)"),
        (lambda: ag.exp(1.0, 2.0), "exp() takes one number, got 2; write exp(a), or [exp(x) for x in xs]"),
        (lambda: ag.maximum(Value(1.0)), "maximum() takes two numbers, got 1; write maximum(a, b)"),
        (lambda: ag.maximum(1.0, 2.0, 3.0), "maximum() takes two numbers, got 3; write maximum(a, b)"),
        (lambda: ag.maximum(Value(1.0), b=2.0), "maximum() takes two numbers, got 1 and b=; write maximum(a, b)"),
        (lambda: ag.where(1.0, 2.0), "where() takes three numbers, got 2; write where(a, b, c)"),
        (lambda: ag.dot([1.0]), "dot() takes two lists of numbers, got 1; write dot(a, b)"),
        (lambda: ag.dot([Value(1.0)], [2.0], c=1.0), "dot() takes two lists of numbers, got 2 and c=; write dot(a, b)"),
        (lambda: ag.exp(Value(1.0), b=1.0), "exp() takes one number, got 1 and b=; write exp(a)"),
    ],
)
def test_a_wrong_number_of_arguments_is_answered_with_the_public_name(call, message):
    with pytest.raises(TypeError, match=re.escape(message)):
        call()
