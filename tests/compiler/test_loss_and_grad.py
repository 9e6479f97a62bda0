"""loss_and_grad(): the loss over rows and its gradient, for parameters in an array."""

import pickle
import random
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from autograd import (
    Program,
    Value,
    compile,
    detect_anomaly,
    gradients_to_vector,
    parameters_to_vector,
    vector_to_parameters,
)
from nn import MLP

ROWS = np.random.default_rng(0).normal(size=(200, 2))
LABELS = np.sign(ROWS[:, 0] * ROWS[:, 1])


def network():
    model = MLP(2, [8, 1], rng=random.Random(0))
    return compile(lambda x, label: (1 - label * model([x[0], x[1]])).relu())


def by_backward(program, numbers, *arrays, **options):
    """The loss and the gradient that backward() gives when these numbers are in the parameters, which are kept."""
    parameters = program.parameters
    former = parameters_to_vector(parameters), gradients_to_vector(parameters)
    vector_to_parameters(numbers, parameters)
    for x in parameters:
        x.zero_grad()
    loss = program.backward(*arrays, **options)
    gradient = gradients_to_vector(parameters)
    vector_to_parameters(former[0], parameters)
    for x, g in zip(parameters, former[1]):
        x.grad = g
    return loss, gradient


def check(program, numbers, *arrays, **options):
    """It gives the bits of backward(), and neither reads nor changes a Value."""
    parameters = program.parameters
    for x in parameters:
        x.grad = 0.25
    before = parameters_to_vector(parameters).tolist()
    loss, gradient = program.loss_and_grad(numbers, *arrays, **options)
    assert parameters_to_vector(parameters).tolist() == before
    assert set(gradients_to_vector(parameters).tolist()) == {0.25}
    wanted_loss, wanted = by_backward(program, numbers, *arrays, **options)
    assert loss == wanted_loss
    assert gradient.tolist() == wanted.tolist()


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("threads", [1, 2])
def test_it_gives_the_bits_of_backward(reduction, threads):
    program = network()
    program.backward(ROWS, LABELS)
    numbers = np.random.default_rng(1).normal(size=len(program.parameters))
    check(program, numbers, ROWS, LABELS, reduction=reduction, threads=threads)
    check(program, numbers.tolist(), ROWS.tolist(), LABELS, reduction=reduction, threads=threads)
    check(program, numbers, np.asfortranarray(ROWS), LABELS.astype(np.float32), reduction=reduction, threads=threads)


def test_before_any_trace_the_first_row_is_traced():
    program = network()
    model_numbers = [1.0] * 33
    loss, gradient = program.loss_and_grad(model_numbers, ROWS, LABELS)
    assert (loss, gradient.tolist()) == (lambda pair: (pair[0], pair[1].tolist()))(
        by_backward(program, model_numbers, ROWS, LABELS)
    )


def test_a_loop_of_gradient_descent_on_an_array_is_one_on_values():
    program = network()
    program.backward(ROWS, LABELS)
    parameters = program.parameters
    vector = parameters_to_vector(parameters)
    gradient = np.empty_like(vector)
    for _ in range(20):
        program.loss_and_grad(vector, ROWS, LABELS, out=gradient)
        vector -= 0.1 * gradient
    for _ in range(20):
        for x in parameters:
            x.zero_grad()
        program.backward(ROWS, LABELS)
        for x in parameters:
            x.data -= 0.1 * x.grad
    assert vector.tolist() == parameters_to_vector(parameters).tolist()


def test_rows_of_several_branches_add_up_to_one_gradient():
    a, b = Value(1.0), Value(-1.0)
    program = compile(lambda x: a * x if x > 0.0 else b * x * x)
    rows = np.array([1.0, -2.0, 3.0, -4.0])
    program.backward(rows)
    assert program.loss_and_grad([2.0, 3.0], rows)[1].tolist() == [1.0, 5.0]
    check(program, [2.0, 3.0], rows)
    check(program, [2.0, 3.0], rows[1::2])


def test_a_branch_on_a_parameter_is_that_of_its_number_in_the_array():
    a, b = Value(1.0), Value(-1.0)
    program = compile(lambda x: (a * x if a > 0.0 else b * x * x) + 0.0 * b)
    rows = np.array([1.0, 2.0])
    program.backward(rows)
    assert program.loss_and_grad([-1.0, 2.0], rows)[0] == 2.0 * 2.5
    assert (a.data, b.data) == (1.0, -1.0)
    check(program, [-1.0, 2.0], rows)


def test_a_branch_with_another_parameter_needs_its_number():
    a, b = Value(1.0), Value(-1.0)
    program = compile(lambda x: a * x if x > 0.0 else b * x * x)
    program.backward([1.0])
    with pytest.raises(ValueError, match="the numbers of 2 parameters, got 1; start with"):
        program.loss_and_grad([2.0], [1.0, -1.0])
    assert (a.data, b.data) == (1.0, -1.0)
    assert program.parameters == [a, b]
    assert program.loss_and_grad([2.0, 3.0], [-2.0])[1].tolist() == [0.0, 4.0]


def test_parameters_found_later_come_last():
    a, b = Value(1.0), Value(2.0)
    program = compile(lambda x: a * x if x > 0.0 else b * a * x)
    program.backward([1.0])
    assert program.parameters == [a]
    program(-1.0)
    program.map([-1.0])
    assert program.parameters == [a, b]


def test_bound_parameters_keep_their_order():
    a, b = Value(2.0), Value(3.0)
    program = compile(lambda x: a * x + b if x > 0.0 else a * b * x)
    program.backward([1.0])
    program.bind([Value(5.0), Value(7.0)])
    assert program.loss_and_grad([1.0, 10.0], [2.0])[0] == 12.0
    loss, gradient = program.loss_and_grad([1.0, 10.0], [2.0, -2.0])
    assert (loss, gradient.tolist()) == ((12.0 - 20.0) / 2, [(2.0 - 20.0) / 2, (1.0 - 2.0) / 2])
    assert [x.data for x in (a, b, *program.parameters)] == [2.0, 3.0, 5.0, 7.0]


def test_a_pickled_program_has_it_too():
    program = network()
    program.backward(ROWS, LABELS)
    numbers = np.linspace(-1.0, 1.0, 33)
    copy = pickle.loads(pickle.dumps(program))
    assert (
        copy.loss_and_grad(numbers, ROWS, LABELS)[1].tolist()
        == program.loss_and_grad(numbers, ROWS, LABELS)[1].tolist()
    )


def test_threads_may_use_different_numbers_at_once():
    program = network()
    program.backward(ROWS, LABELS)
    points = np.random.default_rng(2).normal(size=(16, 33))
    wanted = [program.loss_and_grad(point, ROWS, LABELS)[1].tolist() for point in points]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda point: program.loss_and_grad(point, ROWS, LABELS)[1].tolist(), points))
    assert found == wanted


def test_no_rows_give_a_sum_of_zero_and_no_mean():
    program = network()
    loss, gradient = program.loss_and_grad([0.0] * 33, ROWS[:0], LABELS[:0], reduction="sum")
    assert (loss, gradient.any()) == (0.0, False)
    with pytest.raises(ValueError, match=r"loss_and_grad\(\) has no rows to take the mean of"):
        program.loss_and_grad([0.0] * 33, ROWS[:0], LABELS[:0])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda p: p.loss_and_grad([1.0], ROWS, LABELS), ValueError, "the numbers of 33 parameters"),
        (lambda p: p.loss_and_grad([[1.0] * 33], ROWS, LABELS), ValueError, "one axis, got shape"),
        (lambda p: p.loss_and_grad(["a"] * 33, ROWS, LABELS), TypeError, "an array of real numbers"),
        (lambda p: p.loss_and_grad([1.0] * 33, ROWS, LABELS, out=[0.0] * 33), TypeError, "float64, got list"),
        (lambda p: p.loss_and_grad([1.0] * 33, ROWS, LABELS, out=np.empty(3)), ValueError, "shape \\(33,\\)"),
        (lambda p: p.loss_and_grad([1.0] * 33, ROWS, LABELS[1:]), ValueError, "the same number of rows"),
        (lambda p: p.loss_and_grad([1.0] * 33, ROWS, LABELS, reduction="max"), ValueError, "'mean' or 'sum'"),
        (lambda p: p.loss_and_grad([1.0] * 33, ROWS, LABELS, threads=0), ValueError, "at least 1 thread"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, message):
    program = network()
    program.backward(ROWS, LABELS)
    with pytest.raises(error, match=message):
        call(program)


def test_within_a_compiled_function_it_is_refused():
    program = network()
    with pytest.raises(TypeError, match=r"loss_and_grad\(\) of a program within a compiled function"):
        compile(lambda x: x * program.loss_and_grad([0.0] * 33, ROWS, LABELS)[0])(1.0)


def test_detect_anomaly_sees_the_numbers_of_the_array():
    w = Value(1.0)
    program = compile(lambda x: (w * x).log())
    program.backward([1.0, 2.0])
    with detect_anomaly():
        assert program.loss_and_grad([2.0], [1.0, 2.0])[1].tolist() == [0.5]
        with pytest.raises(FloatingPointError, match="log"):
            program.loss_and_grad([0.0], [1.0, 2.0])
    assert w.data == 1.0


def test_declared_parameters_come_first_also_if_no_path_uses_them(tmp_path):
    u, v, w = Value(2.0), Value(3.0), Value(5.0)
    program = compile(lambda x: v * x * (u if x > 0.0 else 1.0), parameters=[w, u])
    assert program.parameters == [w, u]
    assert program.backward(np.array([-1.0])) == -3.0
    assert [id(x) for x in program.parameters] == [id(w), id(u), id(v)]
    loss, gradient = program.loss_and_grad([7.0, 2.0, 3.0], np.array([-1.0, 2.0]))
    assert (loss, gradient.tolist()) == ((-3.0 + 12.0) / 2, [0.0, 3.0, (-1.0 + 4.0) / 2])
    copy = pickle.loads(pickle.dumps(program))
    assert [x.data for x in copy.parameters] == [5.0, 2.0, 3.0]
    program.save(tmp_path / "program.json")
    assert [x.data for x in Program.load(tmp_path / "program.json").parameters] == [5.0, 2.0, 3.0]


def test_a_declared_parameter_can_be_bound_before_a_path_uses_it():
    u, w = Value(2.0), Value(5.0)
    program = compile(lambda x: w * x * (u if x > 0.0 else 1.0), parameters=[w, u])
    assert program(-1.0) == -5.0
    program.bind([Value(1.0), Value(10.0)])
    assert (program(-1.0), program(1.0)) == (-1.0, 10.0)


def test_declared_parameters_are_leaf_values():
    with pytest.raises(TypeError, match=r"compile\(\) takes Values as parameters, got float; write Value\(x\)"):
        compile(abs, parameters=[1.0])
    with pytest.raises(TypeError, match=r"takes a list of Values as parameters, got Value; write \[x\]"):
        compile(abs, parameters=Value(1.0))
    with pytest.raises(ValueError, match=r"takes leaf Values as parameters, got one made by exp; pass x.detach\(\)"):
        compile(abs, parameters=[Value(1.0).exp()])
