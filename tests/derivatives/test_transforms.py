"""Derivatives of functions: of every order, in every structure, nested in one another, and what they refuse."""

import itertools
import math
import random
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf

import autograd as ag
from autograd import TABLE, Value, backend, grad, gradients, hessian, hvp, jacobian, jvp, no_grad, value_and_grad, vjp
from autograd.engine import topological_order
from autograd.testing import expressions
from tests.effort import examples, seeded
from tests.operations.test_edges import CASES_OF, FUNCTIONS, numbers
from tests.oracle import ORDERED, exact
from tests.properties.test_graphs import programs


def rosenbrock(x):
    return ag.sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(len(x) - 1))


def same(a, b):
    return a == b or (math.isnan(a) and math.isnan(b))


def along(f, x, i):
    """f as a function of its i-th argument alone."""
    return lambda xi: f(*x[:i], xi, *x[i + 1 :])


# --------------------------------------------------------------------------- right at every order


def smooth_points(operation):
    """Some points of the operation's domain, away from its ends and kinks."""
    rng = seeded(operation.name)
    points = []
    while len(points) < 4:
        point = [rng.uniform(max(low + 0.05, -3), min(high - 0.05, 3)) for low, high in operation.domain]
        if operation.name in ORDERED:
            point[0] = float(rng.randrange(1, 4))
        if operation.name in ("shifted_power", "power_derivative"):
            point[2] = float(rng.randrange(0, 4))
        if operation.name == "falling_factorial":
            point[1:] = float(rng.randrange(0, 4)), float(rng.randrange(0, 2))
        if abs(operation.kink(*point)) > 0.05:
            points.append(tuple(point))
    return points


@pytest.mark.no_cover
@pytest.mark.parametrize("operation", [row for row in TABLE.values() if any(row.formulas)], ids=lambda row: row.name)
def test_derivatives_of_orders_1_to_4_are_within_256_ulps(operation):
    name = operation.name
    inputs_with_gradient = [i for i, formula in enumerate(operation.formulas) if formula is not None]
    for point, i in itertools.product(smooth_points(operation), inputs_with_gradient):
        inputs = [Value(x) for x in point]
        y = operation(*inputs)
        for order in range(1, 5):
            (y,) = gradients(y, [inputs[i]])
            orders = tuple(order if k == i else 0 for k in range(len(point)))
            want = exact(name, point, orders)
            terms = operation.terms()(point[0] + order, *point[1:]) if name in ORDERED else 0.0
            bound = 2.0**-44 * max(abs(want), mpf(2) ** -30, terms)
            assert abs(mpf(y.data) - want) <= bound, (point, i, order, y.data, want)


@pytest.mark.no_cover
@pytest.mark.parametrize("name", FUNCTIONS)
def test_forward_equals_reverse_exactly_at_orders_1_and_2_of_every_special_value(name):
    f = FUNCTIONS[name]

    def slope(i):
        return lambda *args: jvp(along(f, args, i), (args[i],), (1.0,))[1]

    for x in (numbers(case["args"]) for case in CASES_OF[name]):
        indices = range(len(x))
        reverse = grad(f, tuple(indices))(*x)
        assert all(map(same, reverse, (slope(i)(*x) for i in indices))), x
        for i, j in itertools.product(indices, indices):
            of_reverse = _or_zero(lambda i=i, j=j, x=x: grad(grad(f, i), j)(*x))
            of_forward = _or_zero(lambda i=i, j=j, x=x: jvp(along(slope(i), x, j), (x[j],), (1.0,))[1])
            assert same(of_reverse, of_forward), (x, i, j)


def _or_zero(derivative):
    """0 if the first derivative is a constant."""
    try:
        return derivative()
    except TypeError:  # "got the float"
        return 0.0


def test_the_branch_of_where_that_is_not_taken_has_no_gradient_in_any_mode():
    def f(x):
        return ag.where(x > 0, ag.sqrt(x), 0.0 * x)

    assert grad(f)(0.0) == 0.0
    assert jvp(f, (0.0,), (1.0,)) == (0.0, 0.0)
    assert grad(grad(f))(0.0) == 0.0


LOST_DIGITS = 1e-12 * sys.float_info.min  # subnormal numbers have fewer digits, so no relative error is promised


def largest_term(f, x):
    """The largest of the terms that add up to the derivatives; where they cancel, their rounding errors remain."""
    y = f(*[Value(number) for number in x])
    y.backward()
    terms = [abs(node.grad * slope) for node in topological_order(y) for slope in node.partials]
    return max(filter(math.isfinite, terms), default=0.0)


@examples(150)
@given(program=programs(), data=st.data())
def test_forward_equals_reverse_on_random_graphs(program, data):
    x = [data.draw(st.floats(-2, 2)) for _ in range(program.n_inputs)]
    indices = tuple(range(len(x)))

    def f(*args):
        return 1.0 * program.run(args, 1)

    reverse = grad(f, indices)(*x)
    scale = largest_term(f, x)
    for i in indices:
        unit = [float(i == k) for k in indices]
        forward = jvp(f, x, unit)[1]
        assert forward == pytest.approx(reverse[i], rel=1e-12, abs=1e-13 * scale + LOST_DIGITS)


# --------------------------------------------------------------------------- nested in one another

DERIVATIVES = {
    "grad": (1, grad),
    "value_and_grad": (1, lambda f: lambda x: value_and_grad(f)(x)[1]),
    "jvp": (1, lambda f: lambda x: jvp(f, (x,), (1.0,))[1]),
    "vjp": (1, lambda f: lambda x: vjp(f, x)[1](1.0)[0]),
    "jacobian": (1, jacobian),
    "hessian": (2, hessian),
    "hvp": (2, lambda f: lambda x: hvp(f, (x,), (1.0,))),
}


TAME = [
    "add",
    "subtract",
    "multiply",
    "divide",
    "sin",
    "tanh",
    "exp",
    "sigmoid",
    "arctan",
    "hypot",
    "power",
    "softplus",
]


@examples(100)
@given(expression=expressions(max_ops=5, ops=TAME), names=st.lists(st.sampled_from(sorted(DERIVATIVES)), max_size=3))
def test_transforms_nest_in_one_another(expression, names):
    at, *rest = expression.witness

    def f(x):
        return x * expression(x, *rest)  # depends on x, also if the expression does not

    nested, order = f, 0
    for name in names:
        added, transform = DERIVATIVES[name]
        nested = transform(nested)
        order += added
    z = Value(at)
    y = f(z)
    for _ in range(order):
        (y,) = gradients(y, [z])
    largest = max(abs(node.data) for node in topological_order(y))  # the last bits are lost by cancellation
    assert float(nested(at)) == pytest.approx(y.data, rel=1e-10, abs=1e-14 * largest)


def test_perturbations_are_not_confused():
    assert grad(lambda x: x * grad(lambda y: x + y)(1))(1) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(1))(4) == 8.0
    assert jvp(lambda x: x * jvp(lambda y: x * y, (1,), (1.0,))[1], (4,), (1.0,))[1] == 8.0
    x = Value(3.0)
    assert grad(lambda y: x * y)(x).data == 3.0  # by y alone, although the two are the same Value


def test_values_in_give_values_that_can_be_differentiated_further():
    x = Value(2.0)
    y = grad(lambda z: z * z * z)(x)
    assert (type(y), y.data) == (Value, 12.0)
    y.backward()
    assert x.grad == 12.0
    assert type(grad(lambda z: z * z)(2.0)) is float


def test_no_grad_of_a_user_changes_no_gradient_and_transforms_change_no_grad():
    w = Value(3.0)
    w.grad = 7.0
    with no_grad():
        assert grad(lambda x: w * x * x)(2.0) == 12.0
        assert hessian(lambda x: w * x * x)(2.0) == 6.0
        assert jvp(lambda x: w * x * x, (2.0,), (1.0,)) == (12.0, 12.0)
    assert grad(lambda x: w * x)(1.0) == 3.0
    assert hessian(lambda x: w * x * x)(2.0) == 6.0
    assert w.grad == 7.0


def test_threads_do_not_make_one_another_nested():
    inside, done = threading.Event(), threading.Event()
    results = []

    def slow(x):
        inside.set()
        assert done.wait(10)
        return x * x

    thread = threading.Thread(target=lambda: results.append(grad(slow)(3.0)))
    thread.start()
    assert inside.wait(10)
    assert type(grad(lambda x: x * x)(2.0)) is float
    done.set()
    thread.join()
    assert results == [6.0]


# --------------------------------------------------------------------------- cost


@pytest.mark.no_cover
def test_a_gradient_adds_at_most_5_nodes_for_each_node():
    rng = random.Random(0)
    leaves = [Value(rng.uniform(0.5, 1.5)) for _ in range(100)]
    nodes = list(leaves)
    for _ in range(10_000):
        a, b = rng.choice(nodes[-100:]), rng.choice(nodes)
        choices = [a + b, a - b, a * b, a / (1.5 + ag.tanh(b)), ag.tanh(a), ag.exp(-abs(a)), ag.relu(a), 0.7 * a]
        nodes.append(rng.choice(choices))
    y = ag.tanh(ag.mean(nodes[-100:]))
    before = set(topological_order(y))
    added = set(topological_order(*gradients(y, leaves))) - before
    assert len(added) <= 5 * len(before)


@pytest.mark.no_cover
@pytest.mark.parametrize("length", [1_000, 100_000 if backend == "native" else 10_000])
def test_the_gradient_of_a_chain_is_linear_in_its_length(length):
    x = Value(0.5)
    y = x
    for _ in range(length):
        y = y * y + 0.2
    (slope,) = gradients(y, [x])
    assert len(topological_order(slope)) <= 5 * 2 * length


def test_scipy_minimises_with_our_gradient_and_hessian():
    optimize = pytest.importorskip("scipy.optimize")
    found = optimize.minimize(rosenbrock, [-1.2, 1.0, 0.7], jac=grad(rosenbrock), method="BFGS")
    assert found.x == pytest.approx([1.0, 1.0, 1.0], abs=1e-5)
    found = optimize.minimize(
        rosenbrock, [-1.2, 1.0, 0.7], jac=grad(rosenbrock), hess=hessian(rosenbrock), method="trust-exact"
    )
    assert found.x == pytest.approx([1.0, 1.0, 1.0], abs=1e-5)
    found = optimize.minimize(value_and_grad(rosenbrock), [-1.2, 1.0], jac=True)
    assert found.x == pytest.approx([1.0, 1.0], abs=1e-4)


# --------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: grad(lambda x: x > 0)(1.0), TypeError, "got the bool True; write where"),
        (lambda: grad(lambda x: [x])(1.0), TypeError, "gives one Value, got list; use jacobian"),
        (lambda: grad(lambda x: None)(1.0), TypeError, "got None; return the result"),  # noqa: ARG005
        (lambda: jacobian(lambda x: None)(1.0), TypeError, "got None; return the result"),  # noqa: ARG005
        (lambda: jacobian(lambda x: [x, "a"])(1.0), TypeError, "got str"),
        (lambda: grad(lambda x: x, 1)(1.0), ValueError, "by argument 1 of a call with 1 positional arguments; count"),
        (lambda: grad(lambda x: x)(x=1.0), ValueError, "a call with 0 positional arguments"),
        (lambda: grad(lambda x, y: x * y, (0, 0))(1.0, 2.0), ValueError, "names an argument twice"),
        (lambda: grad(lambda x: x, "x")(1.0), TypeError, "got 'x'; write argnums=0"),
        (lambda: grad(lambda x: x, True)(1.0), TypeError, "got True; write argnums=0"),
        (lambda: grad(lambda x: x)("a"), TypeError, "got str; bind other arguments first"),
        (lambda: grad(lambda x: x[0])([1.0, None]), TypeError, "got NoneType"),
        (lambda: jvp(lambda x: x, 1.0, (1.0,)), TypeError, "primals as a tuple, one for each argument, got float"),
        (lambda: jvp(lambda x: x, (1.0,), 1.0), TypeError, "tangents as a tuple"),
        (lambda: jvp(lambda x: x[0], ([1.0],), ((1.0,),)), ValueError, "tangents nested like primals"),
        (lambda: vjp(lambda x: [x], 1.0)[1](1.0), ValueError, "a cotangent nested like the result"),
        (lambda: hessian(lambda x, y: x * y, (0, 1), sparse=True), ValueError, "differentiates by one argument"),
        (lambda: hessian(lambda x: [x])(1.0), TypeError, "gives one Value, got list"),
        (
            lambda: gradients(1.0, []),
            TypeError,
            r"got float; a number that went through \.data",
        ),
        (lambda: gradients(Value(1.0), Value(2.0)), TypeError, r"write gradients\(y, \[x\]\)"),
        (lambda: gradients(Value(1.0), [1.0]), TypeError, r"got float among them; pass Value\(x\)"),
    ],
)
def test_what_cannot_be_differentiated_is_refused_with_a_remedy(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_factor_of_1_or_minus_1_records_no_multiplication():
    x, y = Value(3.0), Value(2.0)
    difference = ag.exp(x - y)
    by_x, by_y = gradients(difference, [x, y])
    assert by_x.op == "exp"
    assert (by_y.op, by_y.operands) == ("negative", (by_x,))


# --------------------------------------------------------------------------- numbers that changed meanwhile


def test_a_changed_number_is_not_differentiated_as_if_it_had_been_there_all_along():
    x = Value(2.0)
    y = x * x * x
    x.data = 5.0
    with pytest.raises(RuntimeError, match=r"\.data has changed since multiply\(\) was recorded: .* was 2\.0 and now"):
        gradients(y, [x])
    y.backward()  # backward() uses the recorded partials
    assert x.grad == 12.0
    w = Value(2.0)
    _, pull_back = vjp(lambda x: w * x * w * x, 3.0)
    assert pull_back(1.0) == (24.0,)
    w.data = 10.0
    with pytest.raises(RuntimeError, match="compute the result again"):
        pull_back(1.0)


def test_a_change_of_the_last_bit_is_noticed_too():
    x = Value(2.0)
    y = x * x * x
    x.data = math.nextafter(2.0, 3.0)
    with pytest.raises(RuntimeError, match=r"\.data has changed since multiply\(\) was recorded"):
        gradients(y, [x])


def test_a_change_that_leaves_the_partials_as_they_were_is_none():
    x = Value(2.0)
    y = 3.0 * x + 1.0
    x.data = 5.0
    assert gradients(y, [x])[0].data == 3.0
    x.data = math.nan
    assert math.isnan(gradients(x * x, [x])[0].data)


def test_inputs_may_come_from_a_generator():
    x, y = Value(2.0), Value(3.0)
    assert [g.data for g in gradients(x * y, (v for v in (x, y)))] == [3.0, 2.0]


# --------------------------------------------------------------------------- threads


def test_a_derivative_taken_in_another_thread_is_differentiated_too():
    def f(x):
        with ThreadPoolExecutor() as pool:
            (inner,) = pool.map(lambda k: grad(lambda y: x * x * y)(k), [1.0])
        return x * inner

    assert grad(f)(3.0) == 27.0
    assert grad(lambda x: x * jacobian(lambda y: [x * y])(1.0)[0])(3.0) == 6.0
