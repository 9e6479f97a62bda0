"""Value: operands, functions, gradients, and what is refused."""

import contextlib
import gc
import math
import operator
import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import autograd
from autograd import TABLE, Value, no_grad

# --------------------------------------------------------------------------- operands

OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]


@pytest.mark.parametrize(
    "number", [3, 3.0, True, Fraction(3, 4), Decimal("0.5"), np.float32(0.5), np.int64(2), np.True_]
)
@pytest.mark.parametrize("f", OPERATORS)
def test_every_real_number_is_an_operand_on_either_side(f, number):
    x = Value(2.0)
    assert f(x, number).data == f(2.0, float(number))
    assert f(number, x).data == f(float(number), 2.0)


@pytest.mark.parametrize("f", OPERATORS)
def test_a_constant_stays_a_float_that_gets_no_gradient(f):
    x = Value(2.0)
    for y, constant in ((f(x, 3), 1), (f(3, x), 0)):
        assert y.operands[constant] == 3.0
        assert type(y.operands[constant]) is float
        assert y.inputs == (x,)
        assert len(y.partials) == 1


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        (1j, "z.real"),
        ("1", "float(text)"),
        (b"1", "float(text)"),
        (None, "return"),
        ([1.0], "for x in xs"),
        ((1.0,), "for x in xs"),
        ({}, "for x in d.values()"),
        (np.zeros(2), "for x in xs"),
        (np.array(1.0), "x.item()"),
        (object(), "for x in xs"),
    ],
    ids=lambda wrong: type(wrong).__name__,
)
def test_anything_else_is_refused_by_name_with_a_remedy(wrong, remedy):
    with pytest.raises(TypeError, match=rf"Value\(\) takes a real number, got {type(wrong).__name__}; "):
        Value(wrong)
    functions = (
        lambda: Value(1.0) * wrong,
        lambda: Value(1.0).hypot(wrong),
        lambda: autograd.exp(wrong),
        lambda: autograd.hypot(1.0, wrong),
        lambda: autograd.where(Value(1.0), wrong, 0.0),
    )
    for attempt in (() if isinstance(wrong, np.ndarray) else functions) + (lambda: Value(1.0).backward(wrong),):
        with pytest.raises(TypeError, match=rf"got {type(wrong).__name__}; .*{re.escape(remedy)}"):
            attempt()


def test_backward_with_more_arguments_says_what_it_takes():
    x = Value(2.0)
    with pytest.raises(TypeError, match=r"^backward\(\) takes one number .*, got 2 arguments; write y\.backward\(gra"):
        (x * x).backward(3, 4)
    assert x.grad == 0.0


def test_a_list_to_be_made_a_value_is_told_how():
    message = r"Value\(\) takes a real number, got list; build one Value per element: \[Value\(x\) for x in xs\]"
    with pytest.raises(TypeError, match=message):
        Value([1.0, 2.0])


def test_a_value_of_a_value_is_refused():
    with pytest.raises(TypeError, match=r"got Value; use x itself, or x\.detach\(\)"):
        Value(Value(1.0))


@pytest.mark.parametrize("huge", [10**400, Fraction(10**400)])
def test_an_int_beyond_the_range_is_an_infinity(huge):
    assert Value(huge).data == math.inf
    assert (Value(1.0) * -huge).data == -math.inf


def test_label_and_grad_are_checked_too():
    x = Value(1.0)
    with pytest.raises(TypeError, match="str"):
        x.label = 3
    with pytest.raises(TypeError, match="got str"):
        x.grad = "0"
    x.grad = 2
    assert x.grad == 2.0


@pytest.mark.parametrize("name", ["data", "grad", "label"])
def test_what_a_value_has_stays(name):
    x = Value(2.0, label="x")
    with pytest.raises(AttributeError):
        delattr(x, name)
    assert (x.data, x.grad, x.label) == (2.0, 0.0, "x")


def test_subclassing_is_refused():
    with pytest.raises(TypeError, match="hold a Value in an attribute"):
        type("Mine", (Value,), {})


# --------------------------------------------------------------------------- functions and methods


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_a_row_called_on_floats_and_on_values_gives_the_same_number(row):
    point = (0.75, 0.25, 2.0)[: len(row.formulas)]
    y = row(*map(Value, point))
    assert isinstance(y, Value)
    assert type(row(*point)) is float
    assert y.data == row(*point) or math.isnan(y.data)
    assert y.op == row.name


METHODS = [name for name in TABLE if hasattr(Value, name)]


@pytest.mark.parametrize("name", METHODS)
def test_a_method_is_the_function_of_its_name(name):
    row = TABLE[name]
    x, *rest = (0.75, 0.25)[: len(row.formulas)]
    y = getattr(Value(x), name)(*rest)
    assert y.op == name
    assert y.data == pytest.approx(row(x, *rest), rel=0, abs=0, nan_ok=True)


def test_the_rows_a_user_calls_by_method_have_one():
    no_method = {"add", "subtract", "multiply", "divide", "power", "negative", "absolute"}
    no_method |= {"remainder", "floor_divide", "ieee_remainder", "round_digits"}
    helpers = {"semicircle", "sech_squared", "gaussian", "polygamma", "exceeds", "stop_gradient", "where"}
    helpers |= {"direction", "power_slope", "times", "shifted_power", "falling_factorial", "xlogy", "xlog1py"}
    helpers |= {"maximum_magnitude", "minimum_magnitude"}
    helpers |= {name for name in TABLE if name.endswith("_derivative")}
    helpers |= {"share", "exp_difference", "fraction", "log_fraction", "add_fraction"}
    helpers |= {"divide_by_exp", "log_magnitude"}
    assert set(TABLE) - set(METHODS) == no_method | helpers


def test_operators_are_one_node_each():
    x = Value(3.0)
    for y, op in (
        (1 - x, "subtract"),
        (x - 1, "subtract"),
        (2 / x, "divide"),
        (x / 2, "divide"),
        (2**x, "power"),
        (x**2, "power"),
        (-x, "negative"),
        (abs(x), "absolute"),
        (1 + x, "add"),
        (2 * x, "multiply"),
    ):
        assert y.op == op
        assert y.inputs == (x,)
    assert +x is x


def test_python_rounding_to_whole_numbers_records():
    x = Value(2.5)
    assert (math.floor(x).data, math.ceil(x).data) == (2.0, 3.0)
    assert math.floor(x).op == "floor"


# --------------------------------------------------------------------------- gradients


def test_leaves_accumulate_and_interior_nodes_are_set():
    x = Value(3.0)
    square = x * x
    y = square * x
    y.backward()
    y.backward()
    assert (x.grad, square.grad, y.grad) == (54.0, 3.0, 1.0)


def test_backward_of_a_leaf_adds_the_gradient():
    x = Value(3.0)
    x.backward()
    x.backward(0.5)
    assert x.grad == 1.5


def test_gradient_scales_the_derivatives():
    x = Value(3.0)
    (x * x).backward(gradient=0.5)
    assert x.grad == 3.0


def test_none_as_a_gradient_sets_it_to_zero_as_in_pytorch():
    x = Value(2.0)
    x.grad = 3.0
    x.grad = None
    assert x.grad == 0.0


def test_zero_grad_and_detach():
    x = Value(3.0, label="x")
    y = x * x
    y.backward()
    x.zero_grad()
    assert x.grad == 0.0
    leaf = y.detach()
    assert (leaf.data, leaf.op, leaf.operands, leaf.grad) == (9.0, None, (), 0.0)
    assert x.detach().label == "x"


def test_changing_data_after_recording_changes_no_gradient():
    x = Value(3.0)
    y = x * x
    x.data = 100.0
    y.backward()
    assert (x.grad, y.data) == (6.0, 9.0)


def test_the_order_of_a_sweep_is_that_of_the_arguments():
    a, b = Value(1.0), Value(2.0)
    p, q = a * b, b + a
    y = p - q
    assert autograd.engine.topological_order(y) == [a, b, p, q, y]


def test_no_gradient_flows_to_the_branch_not_taken():
    x = Value(0.0)
    y = autograd.where(x > 0, x.sqrt(), 0)
    y.backward()
    assert (x.grad, y.inputs) == (0.0, ())
    taken = autograd.where(x, 1.0, x * 3)
    taken.backward()
    assert x.grad == 3.0


def test_no_gradient_flows_through_steps_whatever_they_were_made_of():
    x = Value(0.0)
    y = x.sqrt().floor() + x
    y.backward()
    assert x.grad == 1.0


def test_a_sweep_over_an_operand_reached_both_ways_counts_the_gradient_once():
    x = Value(2.0)
    square = x * x
    y = autograd.where(square, square, 0.0) + square.step()
    y.backward()
    assert x.grad == 4.0


# --------------------------------------------------------------------------- unfinished and unused Values


@pytest.mark.parametrize("wrong", [lambda: Value(), lambda: Value(2.0, (), "+"), lambda: Value.__new__(Value)])
def test_a_value_that_was_never_made_is_dropped_in_silence(wrong):
    with contextlib.suppress(TypeError):
        wrong()
    gc.collect()


def test_an_unused_value_costs_nothing_in_no_grad():
    x = Value(2.0)
    with no_grad():
        y = x * x
    assert (y.op, y.operands, y.data) == (None, (), 4.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x: setattr(x, "grad", x), r"got Value; take the number out of it: x\.data"),
        (lambda x: setattr(x, "data", x), r"Value\.data takes a real number, got Value; take the number out of it"),
        (lambda x: setattr(x, "data", [1.0]), r"Value\.data takes a real number, got list"),
        (lambda _: Value(math.sin), r"got builtin_function_or_method; call it, and pass what it gives"),
        (lambda x: x + math.sin, r"call it, and pass what it gives"),
        (lambda _: autograd.exp(Value), r"exp\(\) takes a real number or a Value, got type; call it"),
        (lambda x: autograd.multiply(Value, x), r"multiply\(\) takes a real number or a Value, got type; call it"),
        (lambda x: autograd.where(Value, x, 1.0), r"where\(\) takes a real number or a Value, got type; call it"),
        (lambda x: autograd.add.reduce([Value, x]), r"add\(\) takes a real number or a Value, got type; call it"),
        (lambda x: autograd.clip(Value, x, 1.0), r"\(\) takes a real number or a Value, got type; call it"),
    ],
)
def test_what_is_no_number_is_refused_with_a_remedy_that_fits(change, message):
    x = Value(2.0)
    with pytest.raises(TypeError, match=message):
        change(x)
    assert (x.data, x.grad) == (2.0, 0.0)
