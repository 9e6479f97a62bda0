"""The functions that are composed from operations, against mpmath."""

import math
from array import array
from collections import Counter, deque

import numpy as np
import pytest
from mpmath import mp

import autograd as ag
from autograd import Value

XS = [0.5, -1.25, 2.0, 0.75]


def gradient(function, xs):
    """The gradient of a function of a list of Values."""
    values = [Value(x) for x in xs]
    function(values).backward()
    return [v.grad for v in values]


def exact_gradient(function, xs):
    with mp.workdps(100):
        points = [mp.mpf(x) for x in xs]
        h = mp.mpf(10) ** -30
        bumped = [[x + (i == j) * h for j, x in enumerate(points)] for i in range(len(xs))]
        lowered = [[x - (i == j) * h for j, x in enumerate(points)] for i in range(len(xs))]
        return [float((function(p) - function(q)) / (2 * h)) for p, q in zip(bumped, lowered, strict=True)]


def phi(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


COMPOSED = {
    "sum": (ag.sum, lambda xs: mp.fsum(xs)),
    "mean": (ag.mean, lambda xs: mp.fsum(xs) / len(xs)),
    "dot": (lambda xs: ag.dot(xs, xs), lambda xs: mp.fsum(x * x for x in xs)),
    "norm": (ag.norm, lambda xs: mp.sqrt(mp.fsum(x * x for x in xs))),
    "logsumexp": (ag.logsumexp, lambda xs: mp.log(mp.fsum(map(mp.exp, xs)))),
    "softmax": (lambda xs: ag.softmax(xs)[1], lambda xs: mp.exp(xs[1]) / mp.fsum(map(mp.exp, xs))),
    "silu": (lambda xs: ag.sum(map(ag.silu, xs)), lambda xs: mp.fsum(x / (1 + mp.exp(-x)) for x in xs)),
    "gelu": (lambda xs: ag.sum(map(ag.gelu, xs)), lambda xs: mp.fsum(x * phi(x) for x in xs)),
    "leaky_relu": (lambda xs: ag.sum(map(ag.leaky_relu, xs)), lambda xs: mp.fsum(max(x, x / 100) for x in xs)),
    "elu": (lambda xs: ag.sum(map(ag.elu, xs)), lambda xs: mp.fsum(x if x > 0 else mp.expm1(x) for x in xs)),
    "clip": (lambda xs: ag.sum(ag.clip(x, -1, 1) for x in xs), lambda xs: mp.fsum(min(max(x, -1), 1) for x in xs)),
}


@pytest.mark.parametrize("name", COMPOSED)
def test_a_composed_function_and_its_gradient_are_those_of_mpmath(name):
    ours, exact = COMPOSED[name]
    with mp.workdps(50):
        want = float(exact([mp.mpf(x) for x in XS]))
    assert float(ours(XS)) == pytest.approx(want, rel=1e-14)
    assert ours([Value(x) for x in XS]).data == float(ours(XS))
    assert gradient(ours, XS) == pytest.approx(exact_gradient(exact, XS), rel=1e-13, abs=1e-16)


def test_functions_of_floats_alone_give_floats():
    assert [type(ours(XS)) for ours, _ in COMPOSED.values()] == [float] * len(COMPOSED)


def test_sums_of_nothing_are_zero_and_means_of_nothing_an_error():
    assert (ag.sum([]), ag.dot([], []), ag.norm([])) == (0.0, 0.0, 0.0)
    for function in (ag.mean, ag.logsumexp, ag.softmax):
        with pytest.raises(ValueError, match=r"\(\) takes at least one value, got none"):
            function([])


def test_a_sum_has_one_node_for_each_addition():
    xs = [Value(x) for x in XS]
    total = ag.sum(xs)
    count = 0
    while total.op == "add":
        total = total.operands[0]
        count += 1
    assert (count, total) == (len(xs) - 1, xs[0])


@pytest.mark.no_cover
def test_fifty_thousand_terms_are_not_too_deep():
    xs = [Value(1.0) for _ in range(50_000)]
    ag.sum(xs).backward()
    assert {x.grad for x in xs} == {1.0}


def test_parameters_of_composed_functions_get_gradients_too():
    slope, alpha, high = Value(0.25), Value(0.5), Value(3.0)
    ag.leaky_relu(Value(-2.0), slope).backward()
    ag.elu(Value(-1.0), alpha).backward()
    ag.clip(Value(5.0), 0.0, high).backward()
    assert (slope.grad, high.grad) == (-2.0, 1.0)
    assert alpha.grad == pytest.approx(math.expm1(-1.0), rel=1e-15)


@pytest.mark.parametrize("function", [ag.logsumexp, lambda xs: ag.softmax(xs)[0]])
def test_no_gradient_flows_through_the_shift_of_exponents(function):
    assert gradient(function, [1000.0, 1000.0, -1000.0])[2] == 0.0
    assert sum(gradient(ag.logsumexp, [700.0, 701.5, -3.0])) == pytest.approx(1.0, rel=1e-15)


def test_a_sum_of_one_is_checked_like_any_other():
    assert type(ag.sum([3])) is float
    with pytest.raises(TypeError, match=r"sum\(\) takes a real number or a Value, got str"):
        ag.sum(["a"])


@pytest.mark.parametrize("function", [ag.sum, ag.mean, ag.norm, ag.logsumexp, ag.softmax])
def test_functions_of_lists_refuse_a_single_number(function):
    with pytest.raises(TypeError, match=rf"{function.__name__}\(\) takes a list of numbers, got Value; write "):
        function(Value(1.0))


def used_up():
    numbers = (x for x in [1.0, 2.0])
    list(numbers)
    return numbers


FUNCTIONS = {
    "sum": ag.sum,
    "mean": ag.mean,
    "norm": ag.norm,
    "logsumexp": ag.logsumexp,
    "softmax": ag.softmax,
    "dot": lambda xs: ag.dot([1.0, 2.0], xs),
    "add.reduce": ag.add.reduce,
    "multiply.map": lambda xs: ag.multiply.map([1.0, 2.0], xs),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({1.0: Value(5.0), 2.0: Value(6.0)}, r"got dict; pass list\(d.values\(\)\)"),
        (Counter([1.0, 2.0]), r"got Counter; pass list\(d.values\(\)\)"),
        ({1.0, 2.0}, r"got set; list them in the order that you want: sorted\(s\)"),
        (frozenset({1.0, 2.0}), "got frozenset; list them"),
        (b"ab", "got bytes; convert the text first"),
        (bytearray(b"ab"), "got bytearray; convert the text first"),
        ("12", "got str; convert the text first"),
        (np.ma.array([1.0, 2.0], mask=[True, False]), "got MaskedArray; fill its gaps first"),
        (np.array(1.0), "got ndarray; write "),
        (list, "got type; write "),
        (used_up(), "got generator; it is used up; make a list of it"),
    ],
)
def test_functions_of_lists_refuse_what_does_not_give_its_numbers_in_order(name, numbers, message):
    with pytest.raises(TypeError, match=rf"{name}\(\) takes (a list|two lists) of numbers, {message}"):
        FUNCTIONS[name](numbers)


@pytest.mark.parametrize(
    "numbers",
    [(1.0, 2.0), np.array([1.0, 2.0]), array("d", [1.0, 2.0]), {"a": 1.0, "b": 2.0}.values(), deque([1.0, 2.0])],
    ids=lambda x: type(x).__name__,
)
def test_functions_of_lists_take_everything_else_that_has_an_order(numbers):
    assert [f(numbers) for f in FUNCTIONS.values()] == [f([1.0, 2.0]) for f in FUNCTIONS.values()]
    assert ag.sum(x for x in numbers) == ag.sum(iter(numbers)) == 3.0
    assert ag.dot(iter([2.0, 2.0]), (x for x in numbers)) == 6.0


def test_a_generator_without_numbers_is_not_one_that_is_used_up():
    assert ag.sum(x for x in [1.0, 2.0] if x > 5.0) == 0.0
