"""Leaf Values from outside are the parameters of a program: read at every call, and bound to others."""

import gc
import pickle

import numpy as np
import pytest

from autograd import Value, compile


def test_parameters_are_read_at_every_call():
    w = Value(2.0)
    program = compile(lambda x: w * x)
    assert program(3.0) == 6.0
    w.data = 5.0
    assert program(3.0) == 15.0
    assert program.parameters == [w]


def test_leaves_made_in_the_function_are_constants():
    program = compile(lambda x: x * Value(2.0) + 1.0)
    assert program(3.0) == 7.0
    assert program.parameters == []


def test_nodes_made_before_are_computed_again_from_their_leaves():
    w = Value(2.0)
    square = w * w
    program = compile(lambda x: square * x)
    w.data = 3.0
    assert program(1.0) == 9.0


def test_parameters_live_as_long_as_the_program():
    program = compile((lambda w: lambda x: w * x)(Value(7.0)))
    assert program(1.0) == 7.0
    gc.collect()
    program._f = None
    gc.collect()
    assert program(2.0) == 14.0


def test_bind_takes_other_parameters():
    a, b = Value(2.0), Value(3.0)
    program = compile(lambda x: a * x + b)
    program(1.0)
    program.bind([Value(10.0), Value(20.0)])
    assert program(1.0) == 30.0
    with pytest.raises(ValueError, match="takes 2 parameters, got 1"):
        program.bind([a])
    with pytest.raises(ValueError, match="leaf Values as parameters, got one made by multiply"):
        program.bind([a, a * 2])


def test_bind_holds_for_derivatives_and_for_what_is_traced_later():
    w = Value(2.0)
    program = compile(lambda x: w * x * x if x > 0.0 else w * x)
    assert (program(1.0), program.grad(1.0)) == (2.0, 4.0)
    program.bind([Value(10.0)])
    program.bind([Value(20.0)])
    assert (program(1.0), program.grad(1.0), program.value_and_grad(1.0)) == (20.0, 40.0, (20.0, 40.0))
    assert (program(-1.0), program.map([-1.0, 2.0]).tolist()) == (-20.0, [-20.0, 80.0])
    assert [x.data for x in program.parameters] == [20.0]


def test_parameters_and_bind_know_the_derivatives():
    w, v = Value(2.0), Value(3.0)
    program = compile(lambda x: w * x * x + v)
    assert program.grad(1.0) == 4.0
    assert program.parameters == program.grad.parameters == [w]
    program(1.0)
    assert set(program.parameters) == {w, v}
    parameters = {w: Value(10.0), v: Value(20.0)}
    program.bind([parameters[x] for x in program.parameters])
    assert (program(1.0), program.grad(1.0), program.grad.grad(1.0)) == (30.0, 20.0, 20.0)
    copied = pickle.loads(pickle.dumps(program))
    copied.bind([Value(x.data + 1.0) for x in copied.parameters])
    assert (copied(1.0), copied.grad(1.0), copied.grad.grad(1.0)) == (32.0, 22.0, 22.0)


def test_bind_goes_by_the_parameters_there_are_and_not_by_those_there_were():
    a, b, c, d = map(Value, (1.0, 10.0, 100.0, 1000.0))
    program = compile(lambda x: a * x + 2.0 * b if x > 0.0 else a * x + 3.0 * b)
    program(1.0)
    program.bind(program.parameters[::-1])
    assert program(1.0) == 10.0 + 2.0
    program.bind([c, d])
    assert program.parameters == [c, d]
    assert (program(1.0), program(-1.0), program.grad(-1.0)) == (100.0 + 2000.0, -100.0 + 3000.0, 100.0)
    other = compile(lambda x: a * x if x > 0.0 else b * x)
    other(1.0)
    other.bind([b])
    other.bind([c])
    assert (other(1.0), other(-1.0)) == (100.0, -10.0)  # b itself was never bound


@pytest.mark.parametrize("n", [1, 3, 50])
def test_parameters_that_only_decide_a_branch_get_no_gradient(n):
    deciding, a = [Value(1.0) for _ in range(n)], Value(2.0)
    program = compile(lambda x: a * x * 3.0 if any(t > 5.0 for t in deciding) else a * x)
    for rows in (np.array([1.0, 2.0]), [1.0, 2.0]):
        a.grad = 0.0
        assert program.backward(rows, reduction="sum") == 6.0
        assert (a.grad, *(t.grad for t in deciding)) == (3.0, *[0.0] * n)
    deciding[0].data = 6.0
    assert program.backward(np.array([1.0, 2.0]), reduction="sum") == 18.0
    assert a.grad == 3.0 + 9.0


def test_code_of_a_derivative_does_not_depend_on_what_else_was_traced():
    w, v = Value(2.0), Value(3.0)
    program = compile(lambda x: v + w * x * x)
    program.grad(1.0)
    code = program.grad.to_c("f")
    program(1.0)
    assert program.grad.to_c("f") == code
    reloaded = pickle.loads(pickle.dumps(program.grad))
    assert len(reloaded.parameters) == len(program.grad.parameters) == 1
    program.grad.bind([Value(10.0)])
    assert (program(1.0), program.grad(1.0)) == (5.0, 20.0)


def test_bind_also_holds_where_rounding_decides_a_comparison():
    w = Value(2.0)
    product = 0.1 * 0.3

    def f(x, y, z):
        return w * x if x * y + z == 0.0 else -x

    program = compile(f)
    assert program(0.1, 0.3, -product) == 0.2
    rows = np.array([0.1]), np.array([0.3]), np.array([-product])
    program.bind([Value(3.0)])
    assert program(0.1, 0.3, -product) == 0.1 * 3.0
    assert program.map(*rows).tolist() == [0.1 * 3.0]


def test_a_bound_program_refuses_values():
    w = Value(2.0)
    program = compile(lambda x: w * x)
    program(1.0)
    program.bind([Value(50.0)])
    assert program(1.0) == 50.0
    with pytest.raises(TypeError, match="compile a function of the new ones"):
        program(Value(1.0))
