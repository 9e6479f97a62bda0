"""What a trace lists: the instructions as they were recorded, parameters, constants and guards."""

import gc
import math

import pytest

import autograd as ag
from autograd import Value, compile, grad, gradients
from autograd.compiler.trace import trace
from autograd.pytree import flatten

W = Value(2.0, label="w")


def traced(f, *numbers, **options):
    return trace(f, list(numbers), flatten(numbers, "", "")[1], **options)


def test_a_dot_product_is_listed_as_products_and_the_sums_of_the_engine():
    found = traced(lambda a, b, c: [ag.dot([a, b, W], [2.0, c, a]), ag.dot([a], [b])], 1.0, 2.0, 3.0)
    assert str(found.listing).splitlines() == [
        "v4 = x0 * 2.0", "v5 = x1 * x2", "v6 = v4 + v5", "v7 = p0 * x0", "v8 = v6 + v7", "v9 = x0 * x1", "return v8, v9"
    ]  # fmt: skip
    assert found.parameters == [W]


def test_values_from_outside_are_parameters_and_those_made_within_constants():
    found = traced(lambda a: ag.where(ag.step(a), a * W, Value(1.5)) - W, 1.0)
    assert str(found.listing).splitlines() == [
        "v2 = step(x0)", "v3 = x0 * p0", "v4 = where(v2, v3, 1.5)", "v5 = v4 - p0", "return v5"
    ]  # fmt: skip
    assert found.parameters == [W]


def test_gradients_are_by_the_parameters_in_their_order():
    v = Value(5.0)
    found = traced(lambda a: v * a + ag.exp(W), 3.0, with_gradients=True)
    assert found.parameters == [v, W]
    assert found.listing.outputs[1:] == [0, 4]  # the input, and exp(w)


@pytest.mark.parametrize(
    ("compare", "guard"),
    [
        (lambda a: a > 0.5, (">", 0, 0.5, True)),
        (lambda a: a < W, ("<", 0, 1, True)),
        (lambda a: a == 2**60 + 1, None),  # no float is equal to it
        (lambda a: a < 2**60 + 1, ("<=", 0, 2.0**60, True)),
        (lambda a: a <= 2**60 - 1, ("<=", 0, math.nextafter(2.0**60, 0.0), True)),
        (lambda a: a > 2**60 - 1, (">", 0, math.nextafter(2.0**60, 0.0), False)),
        (lambda a: a >= -(10**400), (">", 0, -math.inf, True)),
    ],
)
def test_a_comparison_is_a_guard_with_a_float(compare, guard):
    found = traced(lambda a: a * W if compare(a) else W, 1.0)
    assert found.listing.guards == ([] if guard is None else [guard])


def slope_of_slope(x):
    y = ag.where(ag.step(x), x * x * x, -x)
    (first,) = gradients(y, [x])
    return gradients(first, [x])[0]


def test_an_exact_second_derivative_is_traced_on_the_branch_that_is_taken():
    for at in (2.0, -2.0):
        both, taken = traced(slope_of_slope, at), traced(slope_of_slope, at, exact=True)
        assert both.listing.guards == []
        assert taken.listing.guards == [("!=", 1, 0.0, at > 0.0)]
    assert traced(lambda x: ag.where(x, x, 1.0), 2.0, exact=True).listing.guards == []


def test_a_program_over_rows_refuses_to_close_over_what_is_differentiated_if_one_result_depends_on_it():
    for f in (lambda x: lambda y: [y, x * y], lambda x: lambda y: [x * y, y], lambda x: lambda y: x + y):
        with pytest.raises(TypeError, match="closes over what is being differentiated"):
            grad(lambda x, f=f: ag.sum(compile(f(x)).map([2.0])[0]))(3.0)
    assert grad(lambda x: x * ag.sum(compile(lambda y: [y, 2.0 * y]).map([2.0])[0]))(3.0) == 6.0


def test_a_wrong_number_of_arguments_is_told_from_a_wrong_argument_within_the_function():
    with pytest.raises(TypeError, match="pass as many arguments as the compiled function takes"):
        compile(lambda x: x)(1.0, 2.0)
    with pytest.raises(TypeError) as refused:
        compile(lambda x: ag.exp(x, 1.0))(1.0)
    assert "compiled function" not in str(refused.value)


@pytest.mark.parametrize("is_enabled", [True, False])
def test_the_cycle_collector_runs_after_a_trace_as_before(is_enabled):
    try:
        (gc.enable if is_enabled else gc.disable)()
        assert compile(lambda x: x * W)(3.0) == 6.0
        assert gc.isenabled() == is_enabled
    finally:
        gc.enable()
