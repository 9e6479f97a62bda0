"""Structures that are too deep, hold themselves, or hide their numbers: the same sentence on both engines."""

import math

import numpy as np
import pytest

from autograd import Value, compile, grad, gradients, jacobian, jvp


def nested(depth):
    x = 2.0
    for _ in range(depth):
        x = [x]
    return x


def innermost(x):
    while isinstance(x, list):
        (x,) = x
    return x * x


def loop():
    x = [1.0]
    x.append(x)
    return x


def loop_of_dicts():
    x = {"a": 1.0}
    x["self"] = [x]
    return x


def test_lists_nested_100_deep_work_again_and_again():
    program, x = compile(innermost), nested(99)
    assert [program(x) for _ in range(3)] == [4.0] * 3
    assert innermost(grad(innermost)(x)) == 16.0
    assert program.map([1.0, 2.0]).tolist() == [1.0, 4.0]


@pytest.mark.parametrize("x", [nested(150), nested(400), nested(5000), loop(), loop_of_dicts(), (loop(),)])
@pytest.mark.parametrize(
    "call",
    [lambda x: compile(innermost)(x), grad(innermost), jacobian(innermost), lambda x: jvp(innermost, (x,), (x,))],
)
def test_deeper_lists_and_lists_that_hold_themselves_are_refused(call, x):
    with pytest.raises(TypeError, match="deep; nest less; one of them may hold itself"):
        call(x)


def test_a_function_may_not_give_a_list_that_holds_itself():
    def f(x):
        y = [x]
        y.append(y)
        return y

    with pytest.raises(TypeError, match="deep; nest less"):
        compile(f)(1.0)


def test_a_masked_array_is_refused_and_not_read_as_if_it_had_no_gaps():
    x = np.ma.array([1.0, 2.0], mask=[True, False])
    program = compile(lambda x: x * 2.0)
    total = compile(lambda x: x * 2.0)
    assert program(1.0) == 2.0
    total.backward(np.array([1.0]))
    for method in (program.map, program.backward, total.backward):
        with pytest.raises(TypeError, match=r"takes arrays of numbers, got a masked array; .* x.compressed\(\)"):
            method(x)
    plain = compile(lambda x: x[0] * x[1])
    assert plain(np.array([2.0, 3.0])) == 6.0
    for call in (plain, grad(lambda x: x[0] * x[1])):
        with pytest.raises(TypeError, match=r"got a masked array; fill its gaps: x.filled\(math.nan\)"):
            call(x)
    assert math.isnan(plain(x.filled(math.nan)))


def test_an_array_of_lists_is_refused():
    x = np.empty(2, dtype=object)
    x[:] = [[1.0, 2.0], [3.0]]
    with pytest.raises(TypeError, match="got an array of list; write nested lists"):
        compile(lambda x: x[0])(x)
    x[:] = [Value(1.0), 2.0]
    assert grad(lambda x: x[0] * x[1])(x)[0].data == 2.0


@pytest.mark.parametrize("inputs", ["{v, w}", "{v: 1, w: 2}", "frozenset([v])", "'vw'"])
def test_inputs_and_parameters_are_lists_because_results_come_in_their_order(inputs):
    v, w = Value(2.0), Value(3.0)
    program = compile(lambda x: x * v * w)
    program(1.0)
    for call in (lambda xs: gradients(v * w, xs), program.bind):
        with pytest.raises(TypeError, match=r"as a list, got (set|dict|frozenset|str); "):
            call(eval(inputs, {"v": v, "w": w}))


def test_rows_that_hold_themselves_are_refused():
    program = compile(lambda d: d["a"])
    x = 1.0
    for _ in range(3000):
        x = {"a": x}
    itself = {"a": 1.0}
    itself["b"] = itself
    for rows in (itself, x, (x,)):
        with pytest.raises(TypeError, match="takes arrays nested at most 100 deep, got more; one may"):
            program.map(rows)
    with pytest.raises(ValueError, match="takes rows of the same length"):
        program.map(loop())


def test_bytes_are_no_rows():
    program = compile(lambda x: x * 2.0)
    for x in (b"ab", bytearray(b"ab")):
        with pytest.raises(TypeError, match=rf"map\(\) takes arrays of numbers, got {type(x).__name__}; "):
            program.map(x)
