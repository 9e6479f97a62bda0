"""detect_anomaly(): the first nan or infinity made of finite numbers raises, and says where and why."""

import math
import pickle

import pytest

import autograd as ag
from autograd import Value, compile, detect_anomaly, grad, gradients, hessian, hvp, jacobian, jvp, no_grad, vjp
from nn import MLP


@pytest.mark.parametrize(
    ("f", "at", "message"),
    [
        (ag.log, 0.0, r"log\(0\.0\) = -inf, from finite numbers; recorded at .*test_anomaly.*above 0: log\("),
        (ag.sqrt, -1.0, r"sqrt\(-1\.0\) = nan, .*keep its argument above 0"),
        (ag.exp, 1000.0, r"exp\(1000\.0\) = inf, .*subtract the largest number first, as logsumexp"),
        (lambda x: 1 / x, 0.0, r"divide\(1\.0, 0\.0\) = inf, .*away from 0"),
        (lambda x: x**0.5, -1.0, r"power\(-1\.0, 0\.5\) = nan, .*recorded at .*test_anomaly.*keep the base above 0"),
        (lambda x: x * 1e200, 1e200, r"multiply\(1e\+200, 1e\+200\) = inf, .*scale"),
        (lambda x: ag.dot([x, x], [x, 1e300]), 1e200, r"dot\(\[1e\+200, 1e\+200\], \[1e\+200, 1e\+300\]\) = inf"),
        (
            lambda x: ag.where(x > 0, ag.log(x), 0.0),
            0.0,
            r"log\(0\.0\) = -inf, .*untaken branch of where\(\), write where",
        ),
        (ag.lgamma, 0.0, r"lgamma\(0\.0\) = inf"),
    ],
)
def test_the_first_bad_number_on_the_way_forward_raises(f, at, message):
    x = Value(at)
    with detect_anomaly(), pytest.raises(FloatingPointError, match=message):
        f(x)
    f(x)  # outside of it no error is raised


@pytest.mark.parametrize(
    ("f", "at", "message"),
    [
        (ag.sqrt, 0.0, r"the derivative of sqrt\(0\.0\) = 0\.0 is inf; recorded at .*norm\(\) and hypot\(\)"),
        (ag.arcsin, 1.0, r"the derivative of arcsin\(1\.0\) = 1\.57.* is inf; .*within -1 and 1"),
        (lambda x: 2 * ag.sqrt(x), 0.0, r"is inf, times the gradient 2\.0 is inf"),
        (lambda x: 1e308 * (x * 100.0), 1e-300, r"the derivative of multiply\(.*times the gradient 1e\+308 is inf"),
        (
            lambda x: 1e200 * ag.dot([1.0, x], [0.0, 1e200]),
            1e-300,
            r"of dot\(\[1\.0, 1e-300\], \[0\.0, 1e\+200\]\) = 1e-100 by a1 is 1e\+200, times the gradient 1e\+200",
        ),
        (lambda x: x * 1e308 + x * 1e308, 0.5, r"the gradients 1e\+308 and 1e\+308 of .* add up to inf"),
    ],
)
def test_the_first_bad_number_on_the_way_back_raises_and_changes_no_gradient(f, at, message):
    x = Value(at)
    with detect_anomaly():
        y = f(x)
        with pytest.raises(FloatingPointError, match=message):
            y.backward()
        with pytest.raises(FloatingPointError):
            grad(f)(at)
    assert x.grad == 0.0
    assert y.grad == 0.0


def test_what_was_recorded_before_is_looked_at_too():
    x = Value(0.0)
    y = ag.sqrt(x)
    with detect_anomaly(), pytest.raises(FloatingPointError, match="recorded before detect_anomaly"):
        y.backward()
    z = ag.exp(Value(1000.0)) * 2.0
    with detect_anomaly(), pytest.raises(FloatingPointError, match=r"the derivative of exp\(1000\.0\) = inf is inf"):
        z.backward()


def test_a_bad_number_that_came_in_is_not_made_by_an_operation():
    x = Value(math.nan)
    with detect_anomaly():
        y = x * 2.0 + math.inf
        y.backward()
    assert x.grad == 2.0


def test_finite_computations_are_as_without_it():
    model = MLP(2, [4, 1], activation="tanh")
    losses = []
    for watch in (False, True):
        model.zero_grad()
        if watch:
            with detect_anomaly():
                loss = model([0.5, -1.0]) ** 2
                loss.backward()
        else:
            loss = model([0.5, -1.0]) ** 2
            loss.backward()
        losses.append([loss.data, *(p.grad for p in model.parameters())])
    assert losses[0] == losses[1]


def test_the_line_is_that_of_the_program_and_not_of_the_library():
    model = MLP(1, [1])
    model.parameters()[0].data = 1e308
    with detect_anomaly(), pytest.raises(FloatingPointError, match=r"test_anomaly\.py:\d+ `model\(\[1e308\]\)`"):
        model([1e308])
    with detect_anomaly(), pytest.raises(FloatingPointError, match=r"test_anomaly\.py:\d+ `.*grad\(ag\.sqrt\)"):
        grad(ag.sqrt)(Value(0.0))


def test_the_dead_branch_of_where_gets_no_gradient_and_raises_nothing():
    with detect_anomaly():
        x = Value(0.0)
        y = ag.where(x > 0, ag.sqrt(x), 0.0)
        (y + x).backward()
    assert x.grad == 1.0


def test_within_no_grad_nothing_is_looked_at():
    with detect_anomaly(), no_grad():
        assert ag.log(Value(0.0)).data == -math.inf


def test_it_works_as_a_decorator_and_ends():
    @detect_anomaly()
    def f(x):
        return ag.log(x)

    with pytest.raises(FloatingPointError):
        f(Value(0.0))
    assert ag.log(Value(0.0)).data == -math.inf


SQRT_AT_0 = r"the derivative of sqrt\(0\.0\) = 0\.0 is inf; recorded at .*test_anomaly"


@pytest.mark.parametrize(
    "derivative",
    [
        lambda: grad(ag.sqrt)(0.0),
        lambda: grad(ag.sqrt)(Value(0.0)),
        lambda: jvp(ag.sqrt, (0.0,), (1.0,)),
        lambda: vjp(ag.sqrt, 0.0)[1](1.0),
        lambda: jacobian(lambda x: [ag.sqrt(x)])(0.0),
        lambda: jacobian(lambda x: [ag.sqrt(x)])(Value(0.0)),
        lambda: hessian(ag.sqrt)(0.0),
    ],
)
def test_every_derivative_of_a_function_names_its_operation(derivative):
    with detect_anomaly(), pytest.raises(FloatingPointError, match=SQRT_AT_0):
        derivative()


@pytest.mark.parametrize(
    "derivative", [lambda f: hessian(f)(0.0), lambda f: hvp(f, (0.0,), (1.0,)), lambda f: grad(grad(f))(0.0)]
)
def test_a_second_derivative_says_that_it_is_one(derivative):
    message = r"the derivative of power_slope\(0\.0, 1\.5\) = 0\.0 .*a power whose derivative is differentiated"
    with detect_anomaly(), pytest.raises(FloatingPointError, match=message):
        derivative(lambda x: x**1.5)


def test_what_the_inputs_do_not_depend_on_is_not_looked_at():
    w, x = Value(0.0), Value(1.0)
    y = ag.sqrt(w) + x
    with detect_anomaly():
        assert [g.data for g in gradients(y, [x])] == [1.0]
        assert grad(lambda z: ag.sqrt(w) + z)(1.0) == 1.0
        with pytest.raises(FloatingPointError):
            y.backward()


# --------------------------------------------------------------------------- programs


def logarithm(x):
    return ag.log(x)  # this line


def root(x):
    return w * ag.sqrt(x)  # this line too


w = Value(2.0)

IN_PROGRAMS = {
    "a call": (lambda: compile(logarithm)(-1.0), r"log\(-1\.0\) = nan, from finite .*this line"),
    "a traced call": (lambda: traced(logarithm)(-1.0), r"log\(-1\.0\) = nan.*this line"),
    "rows": (lambda: traced(logarithm).map([1.0, 0.0]), r"log\(0\.0\) = -inf.*this line"),
    "a gradient": (lambda: traced(root).grad(0.0), r"the derivative of sqrt\(0\.0\) = 0\.0 is inf.*this line too"),
    "rows of gradients": (lambda: traced(root).grad.map([1.0, 0.0]), r"the derivative of sqrt.*this line too"),
    "backward": (lambda: traced(root).backward([1.0, -1.0]), r"sqrt\(-1\.0\) = nan.*this line too"),
    "backward alone": (lambda: traced(lambda x: ag.sqrt(x * zero)).backward([1.0]), r"the derivative of sqrt\(0\.0\)"),
    "a Hessian": (lambda: compile(hessian(lambda x: x**1.5))(0.0), "is inf"),
    "jvp of a program": (lambda: jvp(traced(root), (0.0,), (1.0,)), "the derivative of sqrt"),
    "a pickle": (lambda: pickled(logarithm)(-1.0), r"log\(-1\.0\) = nan.*without its function"),
    "rows of a pickle": (lambda: pickled(root).map([1.0, -1.0]), r"sqrt\(-1\.0\) = nan"),
    "backward of a pickle": (lambda: pickled(root).backward([1.0, -1.0]), r"sqrt\(-1\.0\) = nan"),
    "a bound program": (lambda: bound(root)(-1.0), r"sqrt\(-1\.0\) = nan"),
    "within a derivative": (lambda: grad(lambda y: y * traced(logarithm)(-1.0))(1.0), r"log\(-1\.0\) = nan"),
}

zero = Value(0.0)


def traced(f):
    program = compile(f)
    program(1.0)
    return program


def pickled(f):
    program = traced(f)
    program.backward([1.0])
    w.zero_grad()
    return pickle.loads(pickle.dumps(program))


def bound(f):
    program = traced(f)
    program.bind([Value(3.0)])
    return program


@pytest.mark.parametrize("case", IN_PROGRAMS)
def test_an_anomaly_in_a_program_is_found(case):
    pytest.importorskip("numpy")
    call, message = IN_PROGRAMS[case]
    with detect_anomaly(), pytest.raises(FloatingPointError, match=message):
        call()
    assert zero.grad == w.grad == 0.0


def test_programs_without_an_anomaly_run_as_before():
    pytest.importorskip("numpy")
    safe = compile(lambda x: ag.where(x > 0.0, ag.sqrt(ag.maximum(x, 1e-300)), 0.0) * w)
    with detect_anomaly():
        assert safe(4.0) == 4.0
        assert safe.map([4.0, -1.0]).tolist() == [4.0, 0.0]
        assert safe.grad(-1.0) == 0.0
        assert safe.backward([4.0, -1.0]) == 2.0
        assert compile(lambda x: 1.0 / x)(math.inf) == 0.0
        assert compile(lambda x: x + 1.0)(math.nan) != 0.0
        loaded = pickle.loads(pickle.dumps(safe))
        assert loaded(4.0) == 4.0
        assert loaded.backward([4.0, -1.0]) == 2.0
    assert w.grad == 1.0
    w.zero_grad()
