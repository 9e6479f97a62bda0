"""Numbers that are taken out of Values within a function to differentiate: refused if a gradient would get lost."""

import copy
import math
import statistics
from concurrent.futures import ThreadPoolExecutor

import pytest

import autograd as ag
from autograd import (
    Value,
    compile,
    detect_anomaly,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    stop_gradient,
    value_and_grad,
    vjp,
)


def assigned(x):
    np = pytest.importorskip("numpy")
    array = np.zeros(2)
    array[0] = x
    return array[0] * x


def backpropagated(x):
    w = Value(2.0)
    (w * x).backward()
    return w.grad * x


SWALLOWED = {
    "float()": lambda x: x * float(x),
    ".data": lambda x: x * x.data,
    ".grad": lambda x: x + x.grad,
    ".partials": lambda x: x * (x * x).partials[0],
    "a copy": lambda x: x * copy.copy(x),
    "backward()": backpropagated,
    "math": lambda x: x * math.sin(x),
    "statistics": lambda x: x * statistics.fmean([x, x]),
    "an array of floats": assigned,
    "the result": lambda x: float(x),
    "a deep node": lambda x: x + float(ag.sum([x * k for k in range(5)])),
}

TRANSFORMS = {
    "grad": lambda f: grad(f)(2.0),
    "value_and_grad": lambda f: value_and_grad(f)(2.0),
    "jacobian": lambda f: jacobian(lambda x: [f(x)])(2.0),
    "hessian": lambda f: hessian(f)(2.0),
    "jvp": lambda f: jvp(f, (2.0,), (1.0,)),
    "vjp": lambda f: vjp(f, 2.0),
    "hvp": lambda f: hvp(f, (2.0,), (1.0,)),
    "grad of a Value": lambda f: grad(f)(Value(2.0)),
    "grad of grad": lambda f: grad(grad(f))(2.0),
    "grad of a program": lambda f: grad(compile(f))(2.0),
}


@pytest.mark.parametrize("how", SWALLOWED)
@pytest.mark.parametrize("transform", TRANSFORMS)
def test_a_number_that_would_lose_its_gradient_is_refused(transform, how):
    with pytest.raises(TypeError, match=r"gradient|cannot copy"):
        TRANSFORMS[transform](SWALLOWED[how])
    assert float(Value(1.0)) == 1.0  # outside, float() works as before


def test_the_error_says_what_was_taken_where_and_what_to_write_instead():
    with pytest.raises(TypeError, match=r"float\(\) of a Value that jvp\(\) differentiates .* or stop_gradient\(x\)"):
        jvp(lambda x: x * math.sin(x), (2.0,), (1.0,))
    with pytest.raises(TypeError, match=r"backward\(\) within grad\(\) .* use gradients\(y, \[x\]\)"):
        grad(backpropagated)(2.0)


CONSTANT = {
    "stop_gradient": lambda x: x * float(stop_gradient(x * x)),
    "detach": lambda x: x * x.detach() * x.detach().data,
    "no_grad": lambda x: x * squared_without_gradient(x),
}


def squared_without_gradient(x):
    with no_grad():
        return float(x * x)


@pytest.mark.parametrize("how", CONSTANT)
def test_a_number_that_is_meant_as_a_constant_is_one(how):
    assert grad(CONSTANT[how])(3.0) == 9.0
    assert jvp(CONSTANT[how], (3.0,), (1.0,)) == (27.0, 9.0)


def test_printing_is_free():
    def f(x):
        texts.append(f"{x} {x * x:.2f} {x!r} {[x]}")
        return x * x

    texts = []
    assert grad(f)(3.0) == 6.0
    assert "9.00" in texts[0]
    assert "data=3.0" in texts[0]


def test_a_picture_of_a_function_that_is_being_differentiated_is_free():
    def f(x):
        pictures.append(ag.draw(x * x).source)
        return x * x

    pictures = []
    assert grad(f)(3.0) == 6.0
    assert ">9</font>" in pictures[0]


def test_comparisons_and_int_are_free_because_their_derivative_is_0():
    table = [1.0, 2.0, 4.0]

    def interpolated(x):
        i = int(x)
        return table[i] + (x - i) * (table[i + 1] - table[i])

    assert value_and_grad(interpolated)(1.5) == (3.0, 2.0)
    assert grad(lambda x: max(x * x, 3.0 * x, 1.0) if x else x)(2.0) == 3.0
    assert grad(lambda x: x * sorted([2.0, x, 1.0]).index(x))(5.0) == 2.0


def test_a_value_that_does_not_depend_on_the_inputs_may_be_read():
    outside = Value(3.0)

    def f(x):
        w = outside * 2.0
        w.backward()
        return x * w.data * float(outside) + outside.grad + Value(4.0).data

    assert grad(f)(2.0) == 18.0
    assert grad(lambda x, y: x * y.data, argnums=0)(2.0, Value(5.0)).data == 5.0


def test_an_inner_derivative_does_not_hide_what_the_outer_one_differentiates_by():
    with pytest.raises(TypeError, match=r"float\(\) of a Value that grad\(\) differentiates"):
        grad(lambda x: x * grad(lambda y: y * y * float(x))(1.0))(2.0)
    with pytest.raises(TypeError, match=r"float\(\) of a Value"):
        grad(lambda x: float(grad(lambda y: y * y * x)(1.0)) * x)(2.0)
    assert grad(lambda x: x * grad(lambda y: y * y * float(stop_gradient(x)))(1.0))(2.0).real == 4.0
    with detect_anomaly(), pytest.raises(TypeError, match=r"float\(\) of a Value"):
        grad(lambda x: x * float(x))(2.0)

    @detect_anomaly()
    def f(x):
        return x * float(x)

    with pytest.raises(TypeError, match=r"float\(\) of a Value"):
        grad(f)(2.0)


def test_reading_in_every_step_walks_over_no_node_twice():
    nodes = Value(1.0)
    looked_at = 0

    def f(x):
        nonlocal nodes, looked_at
        for _ in range(3000):
            nodes = nodes * 1.0
            looked_at += nodes.data
        return x * looked_at

    assert grad(f)(2.0) == 3000.0


def test_a_thread_that_works_for_the_function_is_watched_too():
    def in_a_thread(g):
        with ThreadPoolExecutor() as pool:
            return pool.submit(g).result()

    with pytest.raises(TypeError, match=r"float\(\) of a Value that grad"):
        grad(lambda x: x * in_a_thread(lambda: math.sin(x * x)))(2.0)
    assert grad(lambda x: x * in_a_thread(lambda: float(stop_gradient(x))))(2.0) == 2.0
    assert grad(lambda x: in_a_thread(lambda: x * x if x > 1.0 else x))(2.0) == 4.0
    assert grad(lambda x: x * in_a_thread(lambda: (Value(3.0) * 2.0).data))(2.0) == 6.0


def test_plain_backward_stays_python():
    x = Value(2.0)
    (x * float(x) * math.sin(x)).backward()
    assert x.grad == 2.0 * math.sin(2.0)


# --------------------------------------------------------------------------- programs that close over inputs


@pytest.mark.parametrize("program", [compile, lambda f: compile(f, exact=True), lambda f: warm(compile(f))])
def test_a_program_that_closes_over_the_argument_runs_as_its_function(program):
    assert grad(lambda y: program(lambda z: z * y)(2.0) + y)(3.0) == 3.0
    assert grad(lambda y: program(lambda z: z * (y * y))(2.0))(3.0) == 12.0
    assert grad(lambda y: program(lambda z: z * z * y).grad(2.0) + y)(3.0) == 5.0
    assert jvp(lambda y: program(lambda z: z.exp() * y)(0.0) + y, (3.0,), (1.0,)) == (6.0, 2.0)
    assert hessian(lambda y: program(lambda z: z * y[0])(2.0) * y[0])([3.0]) == [[4.0]]
    assert grad(lambda y: program(lambda z: [z * y, z])(2.0)[0])(3.0) == 2.0
    assert grad(grad(lambda y: program(lambda z: z * y * y)(2.0)))(3.0) == 4.0
    assert grad(lambda x: grad(lambda y: program(lambda z: z * y * x)(2.0))(1.0))(3.0) == 2.0


def warm(program):
    """The program, traced outside of what is differentiated as far as possible."""
    program(1.0)
    return program


def test_a_program_within_a_derivative_gives_floats_if_it_does_not_depend_on_the_argument():
    w = Value(5.0)
    program = compile(lambda z: z * w)
    results = []

    def f(y):
        results.append(program(2.0))
        return y * results[-1]

    assert grad(f)(3.0) == 10.0
    assert [type(x) for x in results] == [float]


def test_rows_of_a_program_that_closes_over_the_argument_are_refused():
    np = pytest.importorskip("numpy")

    def rows(method):
        return lambda y: y + np.sum(getattr(compile(lambda z: z * y), method)([1.0, 2.0]))

    for method in ("map", "backward"):
        with pytest.raises(TypeError, match=r"would lose the gradient in map\(\) and backward\(\); call the program"):
            grad(rows(method))(3.0)
        with pytest.raises(TypeError, match="would lose the gradient"):
            grad(rows(method))(Value(3.0))
    w = Value(5.0)
    independent = compile(lambda z: z * w)
    assert grad(lambda y: y * independent.map([1.0, 2.0]).sum())(3.0) == 15.0


def test_a_program_cannot_be_bound_to_what_is_differentiated():
    w, others = Value(5.0), [Value(7.0)]
    program = compile(lambda z: z * w)
    program(1.0)

    def f(y):
        program.bind([y])
        return program(2.0)

    with pytest.raises(TypeError, match=r"bind\(\) .* would lose the gradient"):
        grad(f)(3.0)
    program.bind(others)
    assert grad(lambda y: program(2.0) * y)(3.0) == 14.0


def test_derivatives_of_graphs_within_a_function_are_graphs():
    def f(x):
        (slope,) = gradients(x * x * x, [x])
        return slope * x

    assert grad(f)(2.0) == 36.0
