"""Compiled programs: transforms, nested arguments, programs within programs, and what is refused."""

import copy
import math
from fractions import Fraction

import numpy as np
import pytest

import autograd as ag
from autograd import Program, Value, compile, grad, hessian, jvp, vjp
from tests.derivatives.test_transforms import rosenbrock


def eager(f, *args):
    """What f returns for Values, as a float."""
    return float(f(*(Value(x) for x in args)))


def test_transforms_compile():
    x = [0.3, -0.7, 1.2]
    matrix = compile(hessian(rosenbrock))(x)
    assert np.array(matrix) == pytest.approx(np.array(hessian(rosenbrock)(x)), rel=1e-12)
    value, tangent = compile(lambda x: jvp(rosenbrock, (x,), ([1.0, 0.0, 2.0],)))(x)
    assert (value, tangent) == pytest.approx(jvp(rosenbrock, (x,), ([1.0, 0.0, 2.0],)), rel=1e-12)
    [pulled] = compile(lambda x: vjp(rosenbrock, x)[1](2.0))(x)
    assert pulled == pytest.approx(vjp(rosenbrock, x)[1](2.0)[0], rel=1e-12)
    assert compile(lambda x: grad(lambda t: t * x[0])(3.0))(x) == 0.3


def test_programs_of_gradients():
    program = compile(rosenbrock)
    x = np.array([0.3, -0.7, 1.2])
    assert isinstance(program.grad, Program)
    assert program.grad(x) == pytest.approx(np.array(grad(rosenbrock)(list(x))), rel=1e-12)
    value, gradient = program.value_and_grad(x)
    assert value == pytest.approx(program(x))
    assert gradient.shape == (3,)
    assert program.value_and_grad.map(np.array([x, x]))[1].shape == (2, 3)


def test_a_program_of_values_is_the_function():
    program = compile(lambda x: x * x)
    assert grad(program)(3.0) == 6.0
    assert compile(lambda x: program(x) + 1.0)(2.0) == 5.0


def test_structures_go_in_and_come_out():
    program = compile(lambda p, xs: {"sum": p["a"] + xs[0], "all": [xs[1], (p["b"], 2.0)]})
    assert program({"a": 1.0, "b": 2.0}, [3.0, 4.0]) == {"sum": 4.0, "all": [4.0, (2.0, 2.0)]}
    assert program({"a": 1, "b": 2}, [3, 4]) == {"sum": 4.0, "all": [4.0, (2.0, 2.0)]}
    rows = program.map({"a": [1.0, 5.0], "b": [2.0, 6.0]}, np.array([[3.0, 4.0], [7.0, 8.0]]))
    assert rows["sum"].tolist() == [4.0, 12.0]
    assert rows["all"][1][1].tolist() == [2.0, 2.0]


def test_many_arguments_and_results():
    program = compile(lambda *xs: [x * 2.0 for x in xs])
    rows = [np.arange(5.0) + i for i in range(70)]
    found = program.map(*rows)
    assert found.tolist() == (2.0 * np.column_stack(rows)).tolist()


def test_rows_that_are_not_contiguous():
    matrix = np.arange(24.0).reshape(4, 6)
    program = compile(lambda x, y: x[0] * 100.0 + x[1] + y)
    wanted = matrix[:, 1] * 100.0 + matrix[:, 3] + matrix[::-1, 0]
    assert program.map(matrix[:, 1:5:2], matrix[::-1, 0]).tolist() == wanted.tolist()
    assert program.map(matrix[:, 1:5:2].astype(np.float32), matrix[::-1, 0].astype(int)).tolist() == wanted.tolist()


@pytest.mark.parametrize(
    ("f", "what"),
    [
        (lambda x: x.data, r"\.data of a Value"),
        (lambda x: math.sin(x), r"float\(\) of a Value"),
        (lambda x: int(x), r"int\(\) of a Value"),
        (lambda x: (x * x).partials[0], r"\.partials of a Value"),
        (lambda x: x.grad, r"\.grad of a Value"),
        (lambda x: (x * x).backward(), r"backward\(\) within a compiled function"),
        (lambda x: setattr(x, "data", 1.0), r"\.data of a Value"),
        (lambda x: setattr(x, "grad", 1.0), r"\.grad of a Value is changed"),
        (lambda x: x.zero_grad(), r"\.grad of a Value is changed"),
    ],
)
def test_numbers_cannot_be_taken_out(f, what):
    with pytest.raises(TypeError, match=what):
        compile(f)(2.0)
    assert float(Value(1.0)) == 1.0  # outside, float() works as before


def test_numbers_cannot_be_changed():
    w = Value(1.0)

    def f(x):
        w.data = 2.0
        return w * x

    with pytest.raises(TypeError, match=r"\.data of a Value is changed within a compiled function"):
        compile(f)(2.0)
    assert w.data == 1.0


def test_detach_stops_the_gradient_and_not_the_number():
    program = compile(grad(lambda x: x.detach() * x))
    assert [program(2.0), program(3.0)] == [2.0, 3.0]


def test_compile_is_a_decorator_with_and_without_arguments():
    @compile
    def f(x):
        return x * x

    @compile(exact=True)
    def g(x):
        return x * x

    assert f(3.0) == g(3.0) == 9.0
    assert (f._exact, g._exact) == (False, True)


def test_modes_that_make_no_sense_are_refused():
    @ag.no_grad()
    def f(x):
        return x * x

    with pytest.raises(RuntimeError, match=r"use stop_gradient\(x\)"):
        compile(f)(1.0)
    with ag.no_grad():
        assert compile(grad(lambda x: x * x))(3.0) == 6.0

    @ag.detect_anomaly()
    def g(x):
        return x * x

    with pytest.raises(RuntimeError, match=r"call the program within detect_anomaly"):
        compile(g)(1.0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda p: p.map(), ValueError, "got none; call the program itself"),
        (lambda p: p.map([1.0], [1.0, 2.0]), ValueError, "the same number of rows for each argument, got 1, 2"),
        (lambda p: p.map([[1.0], [1.0, 2.0]], [1.0, 2.0]), ValueError, "rows of the same length"),
        (lambda p: p.map(np.array([None]), [1.0]), TypeError, "got NoneType; leave such rows out, or put math.nan"),
        (lambda p: p.map([10**20], [1.0]), TypeError, r"array of objects; convert it: numpy.asarray\(x, dtype=float\)"),
        (lambda p: p.map([Fraction(1, 2)], [1.0]), TypeError, "array of objects; convert it"),
        (lambda p: p.map([Value(1.0)], [1.0]), TypeError, "got Values; close over them"),
        (lambda p: p.map(Value(1.0), [1.0]), TypeError, "got Values; close over them"),
        (lambda p: p.map(None, [1.0]), TypeError, "got NoneType; leave such rows out"),
        (lambda p: p.map({1.0}, [1.0]), TypeError, r"got set; make a list of it: list\(x\)"),
        (lambda p: p.map(iter([1.0]), [1.0]), TypeError, r"make a list of it: list\(x\)"),
        (lambda p: p.map(["a"], [1.0]), TypeError, "arrays of real numbers, got <U1; convert them"),
        (lambda p: p.map([1j], [1.0]), TypeError, "arrays of real numbers, got complex128; pass parts of them: x.real"),
        (lambda p: p.bind(Value(1.0)), TypeError, r"takes a list of Values as parameters, got Value; write \[x\]"),
        (lambda p: p.map(3.0, 1.0), TypeError, "got only numbers; call the program itself for one row"),
        (lambda p: p("a", 1.0), TypeError, "a program takes numbers"),
        (lambda p: p.backward([], []), ValueError, "no rows to take the mean of"),
        (lambda p: p.backward([1.0], [1.0], reduction="max"), ValueError, "'mean' or 'sum', got 'max'"),
        (lambda p: p.map([1.0], [1.0], threads=0), ValueError, "at least 1 thread, got threads=0"),
        (lambda p: p.map([1.0], [1.0], threads="2"), TypeError, "threads is a whole number, got str"),
        (lambda p: p.backward([1.0], [1.0], threads=1.5), TypeError, "threads is a whole number, got float"),
        (lambda p: p.to_c("a b"), ValueError, "is an identifier"),
        (lambda p: p.backward([1.0], [1.0], "sum"), TypeError, "pass options by name: reduction='sum'"),
        (lambda p: p(1.0, z=2.0), TypeError, "got z=, and takes these arguments by name here: y; bind options first"),
        (lambda p: p(1.0, 2.0, y=2.0), TypeError, "got y=, and takes these arguments by name here: none; bind"),
        (lambda p: p(y=2.0), TypeError, "got no x before y=; pass it too"),
        (lambda p: p((x for x in [1.0]), 2.0), TypeError, r"make a list of it: list\(x\)"),
    ],
)
def test_bad_input_gets_a_sentence(call, error, message):
    program = compile(lambda x, y: x * y)
    program(1.0, 2.0)
    with pytest.raises(error, match=message):
        call(program)
    assert program(3.0, 2.0) == 6.0


def test_a_program_in_a_class_is_no_method():
    class Model:
        loss = compile(lambda self, x: self.w * x)
        double = staticmethod(compile(lambda x: 2 * x))

        def __init__(self):
            self.w = Value(3.0)
            self.own = compile(self.method)

        def method(self, x):
            return self.w * x

    assert not hasattr(Model(), "loss")
    with pytest.raises(AttributeError, match=r"is not a method.*self.loss = compile\(self.loss\) in __init__"):
        Model().loss(1.0)
    assert (Model().own(2.0), Model().double(2.0)) == (6.0, 4.0)


def test_what_is_no_function_is_refused():
    with pytest.raises(TypeError, match="takes a function, got Value"):
        compile(Value(1.0))


def test_rows_of_another_width_trace_again_and_fail_in_the_function():
    program = compile(lambda x: x[0] * x[1])
    assert program.map(np.ones((2, 2))).tolist() == [1.0, 1.0]
    with pytest.raises(IndexError):
        program.map(np.ones((2, 1)))


def test_no_rows_give_empty_arrays():
    assert compile(lambda x: [x, x]).map(np.empty(0)).shape == (0, 2)
    assert compile(lambda x: x).backward(np.empty(0), reduction="sum") == 0.0


def test_nothing_is_known_before_the_first_call():
    program = compile(lambda x: x)
    for look in (len, lambda p: p.to_c("f"), lambda p: p.fingerprint, lambda p: p.bind([Value(1.0)])):
        with pytest.raises(RuntimeError, match="call it once"):
            look(program)
    assert str(program).endswith("call it once, because the trace depends on the arguments")


def test_arrays_that_lie_between_the_words_of_memory():
    packed = np.zeros(100, dtype=[("flag", "u1"), ("x", "f8")])
    packed["x"] = np.arange(100.0)
    w = Value(2.0)
    program = compile(lambda x: w * x)
    assert not packed["x"].flags.aligned
    assert program.map(packed["x"]).tolist() == [2.0 * i for i in range(100)]
    assert program.backward(packed["x"], reduction="sum") == 9900.0
    assert compile(lambda x: x[1] * x[2])(packed["x"][1:4]) == 6.0


def test_a_program_within_a_program_is_a_part_of_it():
    w = Value(2.0)
    inner = compile(lambda y: y * w)
    program = compile(lambda x: x * inner(2.0))
    assert program(1.0) == 4.0
    w.data = 5.0
    assert program(1.0) == 10.0
    closing = compile(lambda x: compile(lambda y: y * x)(2.0))
    assert [closing(x) for x in (3.0, 4.0)] == [6.0, 8.0]
    assert closing.map([1.0, 2.0]).tolist() == [2.0, 4.0]


def test_rows_of_a_program_within_a_program_are_refused():
    w = Value(2.0)
    inner = compile(lambda y: y * w)
    for method in ("map", "backward"):
        with pytest.raises(TypeError, match=f"{method}.. of a program within a compiled function"):
            compile(lambda x: x * getattr(inner, method)([2.0]))(1.0)  # noqa: B023  # called in this round
    assert w.grad == 0.0


def test_a_program_is_true_and_its_own_copy():
    program = compile(lambda x: x)
    assert program
    assert copy.copy(program) is program
    assert copy.deepcopy([program])[0] is program


def test_a_structure_that_failed_does_not_count():
    program = compile(lambda x: x[0] * x[1])
    with pytest.raises(IndexError):
        program([1.0])
    program([1.0, 2.0])
    assert "program" in program.to_c("program")
