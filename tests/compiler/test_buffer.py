"""Buffers: the arguments and results of a program in arrays that stay."""

import itertools
import math

import numpy as np
import pytest

import autograd as ag
from autograd import Value, compile, grad, scope


def test_a_call_computes_the_outputs_from_the_inputs():
    product = compile(lambda x, y: x * y + x).buffer(2.0, 3.0)
    assert product() is product.outputs
    assert product.outputs.tolist() == [8.0]
    product.inputs[:] = 4.0, 5.0
    assert product().tolist() == [24.0]


def test_arguments_and_results_are_views():
    program = compile(lambda point, scale: {"sum": point["x"] * scale[0] + scale[1], "all": [point["x"], scale[1]]})
    buffer = program.buffer({"x": 2.0}, np.array([3.0, 4.0]))
    buffer.args[0]["x"][...] = 5.0
    buffer.args[1][:] = 6.0, 7.0
    assert buffer.inputs.tolist() == [5.0, 6.0, 7.0]
    buffer()
    assert buffer.results == {"sum": 37.0, "all": [5.0, 7.0]}
    assert np.shares_memory(buffer.results["sum"], buffer.outputs)


def test_it_gives_the_bits_of_a_call():
    def f(x):
        return (x[0].exp() * x[1].tanh() - x[2] / x[1]).sin()

    for exact in (False, True):
        program = compile(f, exact=exact)
        for derived in (program, program.grad, program.value_and_grad):
            buffer = derived.buffer(np.ones(3))
            for point in np.random.default_rng(0).normal(size=(50, 3)):
                buffer.inputs[:] = point
                wanted = derived(point)
                wanted = [*wanted[:1], *wanted[1]] if derived is program.value_and_grad else np.atleast_1d(wanted)
                assert buffer().tolist() == list(wanted)


def test_each_branch_gives_its_result():
    buffer = compile(lambda x: x * 2.0 if x > 0.0 else -x).buffer(1.0)
    for _ in range(3):
        for x, wanted in ((3.0, 6.0), (-3.0, 3.0), (0.5, 1.0)):
            buffer.inputs[0] = x
            assert buffer().tolist() == [wanted]


def test_a_branch_with_other_results_is_refused_and_the_outputs_stay():
    buffer = compile(lambda x: x * 2.0 if x > 0.0 else (x, x)).buffer(1.0)
    assert buffer().tolist() == [2.0]
    buffer.inputs[0] = -1.0
    with pytest.raises(ValueError, match="differently nested results"):
        buffer()
    assert buffer.outputs.tolist() == [2.0]
    buffer.inputs[0] = 4.0
    assert buffer().tolist() == [8.0]


def test_parameters_are_read_in_every_call_also_after_bind():
    w = Value(2.0)
    program = compile(lambda x: w * x)
    buffer = program.buffer(3.0)
    assert buffer().tolist() == [6.0]
    w.data = 5.0
    assert buffer().tolist() == [15.0]
    program.bind([Value(7.0)])
    assert buffer().tolist() == [21.0]


def test_a_function_without_arguments_has_no_inputs():
    w = Value(2.0)
    buffer = compile(lambda: [w * w, w]).buffer()
    assert (buffer.inputs.shape, buffer().tolist()) == ((0,), [4.0, 2.0])


def test_a_buffer_takes_numbers_only():
    program = compile(lambda x: x)
    with pytest.raises(TypeError, match=r"buffer\(\) takes floats, got a Value; pass x.data"):
        program.buffer(Value(1.0))
    with pytest.raises(TypeError, match=r"buffer\(\) takes numbers"):
        program.buffer("text")


def test_where_the_gradient_would_be_lost_a_call_is_refused():
    buffer = compile(lambda x: x * x).buffer(1.0)
    with scope("s"):
        assert buffer().tolist() == [1.0]
    for run in (compile(lambda x: x * buffer()[0]), grad(lambda x: x * buffer()[0])):
        with pytest.raises(TypeError, match="which lose the gradient here; call the program itself"):
            run(2.0)
    with pytest.raises(TypeError, match=r"buffer\(\) of a program within a compiled function"):
        compile(lambda x: x * compile(lambda y: y).buffer(1.0)()[0])(2.0)


def test_a_sparse_matrix_has_its_zeros_in_every_call():
    hessian = compile(ag.hessian(lambda x: ag.sum(a * a * b for a, b in itertools.pairwise(x))))
    point = np.arange(1.0, 9.0)
    wanted = 2.0 * np.diag([*point[1:], 0.0]) + 2.0 * (np.diag(point[:-1], 1) + np.diag(point[:-1], -1))
    buffer = hessian.buffer(point)
    for k in range(3):
        assert (buffer().reshape(8, 8) == wanted).all()
        assert (hessian(point) == wanted).all()
        buffer.outputs[:] = 7.0 + k
    mixed = compile(lambda x: [ag.hessian(lambda y: y[0] * y[1] * y[2])(x), x[0] * 2.0, 0.0, -0.0])
    for _ in range(2):
        matrix, twice, zero, negative = mixed(point[:3])
        assert matrix.tolist() == [[0.0, 3.0, 2.0], [3.0, 0.0, 1.0], [2.0, 1.0, 0.0]]
        assert (twice, zero, math.copysign(1.0, negative)) == (2.0, 0.0, -1.0)


def test_the_arrays_of_a_buffer_are_filled_and_not_replaced():
    buffer = compile(lambda x: x[0] * x[1]).buffer([1.0, 2.0])
    for name in ("inputs", "outputs"):
        with pytest.raises(AttributeError, match=rf"fill this one: buffer\.{name}\[:\] = numbers"):
            setattr(buffer, name, np.array([3.0, 2.0]))
    buffer.inputs[:] = 3.0, 2.0
    assert buffer().tolist() == [6.0]
