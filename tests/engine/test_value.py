"""Value: operands, gradients, comparisons, copies, NumPy."""

import contextlib
import copy
import gc
import itertools
import math
import operator
import pickle
import random
import re
import signal
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import autograd
from autograd import TABLE, Value, no_grad
from tests.threads import at_once

# --------------------------------------------------------------------------- operands

OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]


@pytest.mark.parametrize(
    "number", [3, 3.0, True, Fraction(3, 4), Decimal("0.5"), np.float32(0.5), np.int64(2), np.True_]
)
@pytest.mark.parametrize("f", OPERATORS)
def test_every_real_number_is_an_operand_on_either_side(f, number):
    x = Value(2.0)
    assert f(x, number).data == f(2.0, float(number))
    assert f(number, x).data == f(float(number), 2.0)


@pytest.mark.parametrize("f", OPERATORS)
def test_a_constant_stays_a_float_that_gets_no_gradient(f):
    x = Value(2.0)
    for y, constant in ((f(x, 3), 1), (f(3, x), 0)):
        assert y.operands[constant] == 3.0
        assert type(y.operands[constant]) is float
        assert y.inputs == (x,)
        assert len(y.partials) == 1


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        (1j, "z.real"),
        ("1", "float(text)"),
        (b"1", "float(text)"),
        (None, "return"),
        ([1.0], "for x in xs"),
        ((1.0,), "for x in xs"),
        ({}, "for x in d.values()"),
        (np.zeros(2), "for x in xs"),
        (np.array(1.0), "x.item()"),
        (object(), "for x in xs"),
    ],
    ids=lambda wrong: type(wrong).__name__,
)
def test_anything_else_is_refused_by_name_with_a_remedy(wrong, remedy):
    with pytest.raises(TypeError, match=rf"Value\(\) takes a real number, got {type(wrong).__name__}; "):
        Value(wrong)
    for attempt in (
        lambda: Value(1.0) * wrong,
        lambda: Value(1.0).hypot(wrong),
        lambda: autograd.exp(wrong),
        lambda: autograd.hypot(1.0, wrong),
        lambda: autograd.where(Value(1.0), wrong, 0.0),
        lambda: Value(1.0).backward(wrong),
    ):
        with pytest.raises(TypeError, match=rf"got {type(wrong).__name__}; .*{re.escape(remedy)}"):
            attempt()


def test_a_list_to_be_made_a_value_is_told_how():
    message = r"Value\(\) takes a real number, got list; build one Value per element: \[Value\(x\) for x in xs\]"
    with pytest.raises(TypeError, match=message):
        Value([1.0, 2.0])


def test_a_value_of_a_value_is_refused():
    with pytest.raises(TypeError, match=r"got Value; use x itself, or x\.detach\(\)"):
        Value(Value(1.0))


@pytest.mark.parametrize("huge", [10**400, Fraction(10**400)])
def test_an_int_beyond_the_range_is_an_infinity(huge):
    assert Value(huge).data == math.inf
    assert (Value(1.0) * -huge).data == -math.inf


def test_label_and_grad_are_checked_too():
    x = Value(1.0)
    with pytest.raises(TypeError, match="str"):
        x.label = 3
    with pytest.raises(TypeError, match="got str"):
        x.grad = "0"
    x.grad = 2
    assert x.grad == 2.0


@pytest.mark.parametrize("name", ["data", "grad", "label"])
def test_what_a_value_has_stays(name):
    x = Value(2.0, label="x")
    with pytest.raises(AttributeError):
        delattr(x, name)
    assert (x.data, x.grad, x.label) == (2.0, 0.0, "x")


def test_subclassing_is_refused():
    with pytest.raises(TypeError, match="hold a Value in an attribute"):
        type("Mine", (Value,), {})


# --------------------------------------------------------------------------- functions and methods


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_a_row_called_on_floats_and_on_values_gives_the_same_number(row):
    point = (0.75, 0.25, 2.0)[: len(row.formulas)]
    y = row(*map(Value, point))
    assert isinstance(y, Value)
    assert type(row(*point)) is float
    assert y.data == row(*point) or math.isnan(y.data)
    assert y.op == row.name


METHODS = [name for name in TABLE if hasattr(Value, name)]


@pytest.mark.parametrize("name", METHODS)
def test_a_method_is_the_function_of_its_name(name):
    row = TABLE[name]
    x, *rest = (0.75, 0.25)[: len(row.formulas)]
    y = getattr(Value(x), name)(*rest)
    assert y.op == name
    assert y.data == pytest.approx(row(x, *rest), rel=0, abs=0, nan_ok=True)


def test_the_rows_a_user_calls_by_method_have_one():
    no_method = {"add", "subtract", "multiply", "divide", "power", "negative", "absolute"}
    helpers = {"semicircle", "sech_squared", "gaussian", "polygamma", "exceeds", "stop_gradient", "where"}
    helpers |= {"direction", "power_slope", "times", "shifted_power"}
    assert set(TABLE) - set(METHODS) == no_method | helpers


def test_operators_are_one_node_each():
    x = Value(3.0)
    for y, op in (
        (1 - x, "subtract"),
        (x - 1, "subtract"),
        (2 / x, "divide"),
        (x / 2, "divide"),
        (2**x, "power"),
        (x**2, "power"),
        (-x, "negative"),
        (abs(x), "absolute"),
        (1 + x, "add"),
        (2 * x, "multiply"),
    ):
        assert y.op == op
        assert y.inputs == (x,)
    assert +x is x


def test_python_rounding_to_whole_numbers_records():
    x = Value(2.5)
    assert (math.floor(x).data, math.ceil(x).data) == (2.0, 3.0)
    assert math.floor(x).op == "floor"


# --------------------------------------------------------------------------- gradients


def test_leaves_accumulate_and_interior_nodes_are_set():
    x = Value(3.0)
    square = x * x
    y = square * x
    y.backward()
    y.backward()
    assert (x.grad, square.grad, y.grad) == (54.0, 3.0, 1.0)


def test_backward_of_a_leaf_adds_the_gradient():
    x = Value(3.0)
    x.backward()
    x.backward(0.5)
    assert x.grad == 1.5


def test_gradient_scales_the_derivatives():
    x = Value(3.0)
    (x * x).backward(gradient=0.5)
    assert x.grad == 3.0


def test_zero_grad_and_detach():
    x = Value(3.0, label="x")
    y = x * x
    y.backward()
    x.zero_grad()
    assert x.grad == 0.0
    leaf = y.detach()
    assert (leaf.data, leaf.op, leaf.operands, leaf.grad) == (9.0, None, (), 0.0)
    assert x.detach().label == "x"


def test_changing_data_after_recording_changes_no_gradient():
    x = Value(3.0)
    y = x * x
    x.data = 100.0
    y.backward()
    assert (x.grad, y.data) == (6.0, 9.0)


def test_the_order_of_a_sweep_is_that_of_the_arguments():
    a, b = Value(1.0), Value(2.0)
    p, q = a * b, b + a
    y = p - q
    assert autograd.engine.topological_order(y) == [a, b, p, q, y]


def test_no_gradient_flows_to_the_branch_not_taken():
    x = Value(0.0)
    y = autograd.where(x > 0, x.sqrt(), 0)
    y.backward()
    assert (x.grad, y.inputs) == (0.0, ())
    taken = autograd.where(x, 1.0, x * 3)
    taken.backward()
    assert x.grad == 3.0


def test_no_gradient_flows_through_steps_whatever_they_were_made_of():
    x = Value(0.0)
    y = x.sqrt().floor() + x
    y.backward()
    assert x.grad == 1.0


def test_a_sweep_over_an_operand_reached_both_ways_counts_the_gradient_once():
    x = Value(2.0)
    square = x * x
    y = autograd.where(square, square, 0.0) + square.step()
    y.backward()
    assert x.grad == 4.0


def test_threads_that_share_leaves_lose_no_gradient():
    x = Value(1.0)

    def work():
        for _ in range(3000):
            x.backward()

    at_once(8, work)
    assert x.grad == 24_000.0


needs_a_timer = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this platform has no interval timer")


@contextlib.contextmanager
def interrupting_with(handler, every=0.001):
    """Call handler every so many seconds, in the middle of whatever runs; once if it raises."""
    before = signal.signal(signal.SIGALRM, lambda *_: handler())
    signal.setitimer(signal.ITIMER_REAL, 0.001, every)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@needs_a_timer
def test_a_signal_handler_may_call_backward_during_backward():
    x, y = Value(1.0), Value(1.0)
    total = autograd.sum([x] * 50_000)
    with interrupting_with(y.backward):
        for _ in range(5):
            total.backward()
    assert x.grad == 250_000.0
    assert y.grad > 0.0


@needs_a_timer
def test_a_signal_handler_may_call_backward_on_the_same_graph_during_backward():
    x = Value(1.0)
    part = autograd.sum([x] * 100)
    total = part * 2 + autograd.sum([x] * 20_000)
    inner = outer = 0

    def interrupt():
        nonlocal inner
        if inner < 20:  # then let the other one come to its end
            inner += 1
            part.backward()

    with interrupting_with(interrupt):
        while inner < 20:
            total.backward()
            outer += 1
    assert x.grad == outer * 20_200.0 + inner * 100.0


def test_threads_that_sweep_one_graph_lose_no_gradient():
    x = Value(1.0)
    total = autograd.sum([x] * 200)

    def work():
        for _ in range(50):
            total.backward()

    at_once(4, work)
    assert x.grad == 4 * 50 * 200.0


@needs_a_timer
def test_nothing_is_stored_if_backward_is_interrupted():
    x = Value(1.0)
    total = autograd.sum([x] * 50_000)

    def interrupt():
        raise KeyboardInterrupt

    def sweep_until_interrupted():
        with interrupting_with(interrupt, every=0.0):
            while True:
                total.backward()

    with pytest.raises(KeyboardInterrupt):
        sweep_until_interrupted()
    assert x.grad % 50_000.0 == 0.0
    x.zero_grad()
    total.backward()
    assert x.grad == 50_000.0


# --------------------------------------------------------------------------- dot products


def plain_dot(xs, ys):
    return autograd.add.reduce(autograd.multiply.map(xs, ys))


def test_a_dot_product_is_one_node_of_all_elements():
    a, b, c = Value(2.0), Value(3.0), Value(5.0)
    y = autograd.dot([a, b, 7, a], (c, 4.0, c, a))
    assert (y.op, y._op, y.data) == ("dot", "dot", 10.0 + 12.0 + 35.0 + 4.0)
    assert [x if isinstance(x, float) else id(x) for x in y.operands] == [
        *map(id, (a, b)),
        7.0,
        id(a),
        id(c),
        4.0,
        *map(id, (c, a)),
    ]
    assert list(map(id, y.inputs)) == list(map(id, (a, b, a, c, c, a)))
    assert y.partials == (5.0, 4.0, 2.0, 2.0, 7.0, 2.0)
    assert y._slopes == (5.0, 4.0, None, 2.0, 2.0, None, 7.0, 2.0)
    assert y._prev == {a, b, c}
    y.backward(-1.0)
    assert (a.grad, b.grad, c.grad) == (-9.0, -4.0, -9.0)


def woven(dot, seed):
    """Nodes of which each is a dot product, a product or a tanh of some before it; numbers of different magnitude."""
    rng = random.Random(seed)
    nodes = [Value(rng.uniform(-2.0, 2.0)) for _ in range(3)]
    for _ in range(rng.randrange(3, 12)):
        kind = rng.random()
        if kind < 0.6:
            pairs = [(rng.choice(nodes), rng.choice([*nodes[-4:], 0.1, 3.0])) for _ in range(rng.randrange(1, 6))]
            nodes.append(dot(*zip(*(pair if rng.random() < 0.7 else pair[::-1] for pair in pairs))))
        elif kind < 0.8:
            nodes.append(rng.choice(nodes) * rng.choice(nodes))
        else:
            nodes.append((rng.choice(nodes) * 0.3).tanh())
    return nodes


@pytest.mark.parametrize("seed", range(50))
def test_a_dot_product_is_what_its_products_and_sums_are(seed):
    ours, plain = woven(autograd.dot, seed), woven(plain_dot, seed)
    assert [x.data.hex() for x in ours] == [x.data.hex() for x in plain]
    for root, other in zip(ours[-2:], plain[-2:], strict=True):
        root.backward(0.3)
        other.backward(0.3)
    for x, y in zip(ours, plain, strict=True):
        assert x.grad == pytest.approx(y.grad, rel=1e-12, abs=1e-14)
    leaves, others = ours[:3], plain[:3]
    for x, y in zip(autograd.gradients(ours[-1], leaves), autograd.gradients(plain[-1], others), strict=True):
        assert x.data == pytest.approx(y.data, rel=1e-12, abs=1e-14)
        for second, same in zip(autograd.gradients(x, leaves), autograd.gradients(y, others), strict=True):
            assert second.data == pytest.approx(same.data, rel=1e-11, abs=1e-13)


def test_what_comes_through_a_dot_product_is_added_up_in_the_order_of_its_operands():
    x = Value(1.0)
    autograd.dot([x, 1e16, x], [1.0, x, -1e16]).backward()
    assert x.grad == (1.0 + -1e16) + 1e16


def test_a_dot_product_has_a_label_as_any_node_has():
    y = autograd.dot([Value(2.0)], [3.0])
    assert y.label == ""
    for label in ("y", "", "z"):
        y.label = label
        assert y.label == label
    with pytest.raises(TypeError, match=r"Value\.label takes a str"):
        y.label = 1
    assert (y.label, y.operands[1]) == ("z", 3.0)


def test_a_deep_recurrence_of_dot_products_with_shared_factors():
    a, b = Value(0.5), Value(1.0)
    y = Value(0.0)
    for _ in range(50_000):
        y = autograd.dot([Value(1.0), y], [b, a])
    y.backward()
    assert (y.data, b.grad, a.grad) == pytest.approx((2.0, 2.0, 4.0), rel=1e-12)


def test_a_dot_product_of_many_results_of_which_each_is_an_operand_of_the_next():
    xs = [Value(1.0)]
    for _ in range(20_000):
        xs.append(xs[-1] * 1.0)
    autograd.dot(xs, [1.0] * len(xs)).backward()
    assert xs[0].grad == len(xs)


def test_changing_data_after_recording_a_dot_product_changes_none_of_its_numbers():
    a, b = Value(2.0), Value(3.0)
    y = autograd.dot([a, b], [5.0, a])
    a.data = b.data = y.data = 100.0
    y.backward()
    assert (a.grad, b.grad) == (5.0 + 3.0, 2.0)
    with pytest.raises(
        RuntimeError, match=r"\.data has changed since dot\(\) was recorded: .* was 2\.0 and now is 100\.0"
    ):
        autograd.gradients(y, [b])


def test_changing_a_list_after_recording_a_dot_product_changes_nothing():
    xs, ys = [Value(2.0), Value(3.0)], [5.0, 7.0]
    y = autograd.dot(xs, ys)
    first = xs.pop(0)
    ys[0] = 100.0
    y.backward()
    assert (first.grad, y.operands[2:]) == (5.0, (5.0, 7.0))


LONG_DOT = 300_000  # terms: longer than a sweep goes without a look at the signals


@needs_a_timer
@pytest.mark.parametrize("work", ["records", "differentiates"])
def test_a_long_dot_product_lets_signal_handlers_run_and_an_interrupt_changes_nothing(work):
    xs = [Value(1.0) for _ in range(LONG_DOT)]
    y = autograd.dot(xs, xs)

    def interrupt():
        raise KeyboardInterrupt

    def repeat():
        with interrupting_with(interrupt, every=0):
            while True:
                if work == "records":
                    autograd.dot(xs, xs)
                else:
                    y.backward()

    for _ in range(10):
        with pytest.raises(KeyboardInterrupt):
            repeat()
        [gradient] = {x.grad for x in xs}  # of all of them the same number of sweeps
        assert gradient % 2.0 == 0.0
    y.backward()
    assert {x.grad for x in xs} == {gradient + 2.0}


@needs_a_timer
@pytest.mark.parametrize("act", ["differentiates", "interrupts"])
def test_a_signal_handler_may_run_while_only_some_operands_of_a_dot_product_are_in_order(act):
    x, z, other = Value(1.0), Value(2.0), Value(3.0)
    deep = x
    for _ in range(150_000):
        deep = deep + 1.0
    y = autograd.dot([x, z, deep], [3.0, 5.0, 7.0])
    inner = autograd.dot([other, z * 2.0], [2.0, 3.0])

    def handle():
        if act == "differentiates":
            inner.backward()
            other.zero_grad()
        else:
            raise KeyboardInterrupt

    def sweep(times):
        for _ in range(times):
            y.backward()

    if act == "interrupts":
        with pytest.raises(KeyboardInterrupt), interrupting_with(handle, every=0):
            sweep(10_000)
    else:
        with interrupting_with(handle):
            sweep(8)
        assert x.grad == 80.0
    x.zero_grad()
    z.zero_grad()
    y.backward()
    assert (x.grad, z.grad) == (10.0, 5.0)


def test_no_graph_of_a_dot_product_is_recorded_in_no_grad():
    with no_grad():
        y = autograd.dot([Value(2.0), Value(3.0)], [Value(5.0), 7.0])
    assert (y.op, y.operands, y.label, y.data) == (None, (), "", 31.0)


# --------------------------------------------------------------------------- never made


@pytest.mark.parametrize("wrong", [lambda: Value(), lambda: Value(2.0, (), "+"), lambda: Value.__new__(Value)])
def test_a_value_that_was_never_made_is_dropped_in_silence(wrong):
    with contextlib.suppress(TypeError):
        wrong()
    gc.collect()


# --------------------------------------------------------------------------- as a number


@pytest.mark.parametrize("f", [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne])
def test_comparisons_are_those_of_the_numbers(f):
    numbers = [1.0, 2, math.nan, math.inf, Fraction(3, 2), np.float64(2.0), 10**400]
    for a, b in itertools.product([1.0, 2.0, math.nan, math.inf], numbers):
        assert f(Value(a), b) is bool(f(a, b))
        assert f(b, Value(a)) is bool(f(b, a))
        if abs(b) < 1e300:
            assert f(Value(a), Value(b)) is bool(f(a, float(b)))


def test_a_value_is_unequal_to_what_is_no_number_and_has_no_order_with_it():
    assert Value(1.0) != None  # noqa: E711  # the operator is what is tested
    assert Value(1.0) != "1.0"
    with pytest.raises(TypeError):
        Value(1.0) < "1.0"  # noqa: B015  # the operator is what is tested


def test_hash_is_by_identity():
    a, b = Value(1.0), Value(1.0)
    assert a == b
    assert len({a, b}) == 2
    assert {a: 1}[a] == 1


def test_conversions():
    x = Value(2.5)
    assert (float(x), int(x), bool(x), bool(Value(0.0))) == (2.5, 2, True, False)
    assert math.sin(x) == math.sin(2.5)


def test_repr_and_format():
    x = Value(2.0, label="x")
    assert repr(x) == "Value(data=2.0, grad=0.0, label='x')"
    assert repr(Value(2)) == str(Value(2)) == f"{Value(2)}" == "Value(data=2.0, grad=0.0)"
    assert f"{x:.3f} {x:8.1e}" == "2.000  2.0e+00"


# --------------------------------------------------------------------------- copies

COPIES = [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]


@pytest.mark.parametrize("duplicate", COPIES)
def test_a_leaf_is_copied_with_gradient_and_label(duplicate):
    with autograd.scope("model"):
        x = Value(2.0, label="x")
    x.grad = 3.0
    y = duplicate(x)
    assert (y.data, y.grad, y.label, y.scope) == (2.0, 3.0, "x", ("model",))
    y.data = 5.0
    assert x.data == 2.0


@pytest.mark.parametrize("duplicate", COPIES)
def test_a_node_with_history_is_not_copied(duplicate):
    with pytest.raises(TypeError, match=r"made by multiply.*x\.detach\(\)"):
        duplicate(Value(2.0) * 3)


def test_a_pickled_leaf_names_no_engine():
    assert pickle.dumps(Value(2.0), protocol=0).count(b"cautograd\nValue\n") == 1
    assert Value(2.0).__reduce_ex__(2) == (Value, (2.0,), (0.0, "", ()))


def test_a_leaf_shared_in_a_structure_stays_shared_in_its_copy():
    x = Value(2.0)
    a, b = copy.deepcopy([x, x])
    assert a is b


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_a_row_is_copied_and_pickled_as_itself(row):
    assert copy.deepcopy(row) is pickle.loads(pickle.dumps(row)) is row


# --------------------------------------------------------------------------- NumPy


def test_numpy_scalars_and_values_mix_on_either_side():
    v = Value(3.0)
    for y in (np.float64(2) * v, v * np.float64(2), np.float32(2) * v, np.int64(2) * v):
        assert isinstance(y, Value)
        assert y.data == 6.0
    assert (np.float64(2) - v).data == -1.0
    assert (np.float64(2) ** v).data == 8.0


@pytest.mark.parametrize("name", [n for n in METHODS if hasattr(np, n)] + ["add", "multiply", "power", "negative"])
def test_a_ufunc_of_an_object_array_is_the_row_of_its_name(name):
    row = TABLE[name]
    arrays = [np.array([Value(x), Value(x / 2)]) for x in (0.75, 0.5)[: len(row.formulas)]]
    if name == "arccosh":
        arrays = [arrays[0] + 1.0]
    result = getattr(np, name)(*arrays)
    want = [row(*(x.data for x in column)) for column in zip(*arrays, strict=True)]
    assert [y.data if isinstance(y, Value) else float(y) for y in result] == want


def test_matrix_products_means_and_variances_of_object_arrays():
    values = np.array([[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]])
    product = values @ np.array([1.0, 10.0])
    assert [y.data for y in product] == [21.0, 43.0]
    assert (values @ values)[0, 0].data == 7.0
    mean, variance = values.mean(), values.var()
    assert (mean.data, variance.data) == (2.5, 1.25)
    variance.backward()
    assert values[0, 0].grad == pytest.approx(2 * (1.0 - 2.5) / 4)
    assert np.linalg.norm(values[0]).data == pytest.approx(math.sqrt(5))


def test_an_array_times_a_value_is_an_array_of_values():
    result = np.array([1.0, 2.0]) * Value(3.0)
    assert [y.data for y in result] == [3.0, 6.0]


# --------------------------------------------------------------------------- IEEE-754


@pytest.mark.parametrize(
    ("compute", "want"),
    [
        (lambda: Value(1000.0).exp(), math.inf),
        (lambda: Value(0.0).log(), -math.inf),
        (lambda: Value(-1.0).log(), math.nan),
        (lambda: Value(-8.0) ** (1 / 3), math.nan),
        (lambda: 1 / Value(0.0), math.inf),
        (lambda: 1 / Value(-0.0), -math.inf),
        (lambda: Value(0.0) / 0, math.nan),
        (lambda: Value(math.nan) / 0, math.nan),
        (lambda: Value(-2.0) ** 10001, -math.inf),
        (lambda: Value(2.0) ** 10000, math.inf),
        (lambda: Value(-0.0) ** -3, -math.inf),
        (lambda: Value(0.0) ** -math.inf, math.inf),
        (lambda: Value(math.inf).sin(), math.nan),
        (lambda: Value(math.inf).floor(), math.inf),
        (lambda: Value(2.0).arcsin(), math.nan),
        (lambda: Value(1.0).arctanh(), math.inf),
        (lambda: Value(-1.0).log1p(), -math.inf),
        (lambda: Value(1000.0).sinh(), math.inf),
        (lambda: Value(1000.0).cosh(), math.inf),
        (lambda: Value(1000.0).expm1(), math.inf),
        (lambda: autograd.hypot(Value(1.7e308), 1.7e308), math.inf),
        (lambda: autograd.hypot(Value(math.nan), 1e200), math.nan),
        (lambda: autograd.hypot(Value(math.nan), math.inf), math.inf),
        (lambda: Value(math.nan).digamma(), math.nan),
        (lambda: autograd.polygamma(1.5, Value(2.0)), math.nan),
        (lambda: autograd.polygamma(200, Value(2.0)), math.nan),
        (lambda: autograd.polygamma(2, Value(-1e-320)), math.inf),
        (lambda: autograd.lgamma(Value(-5e-324)), 744.4400719213812),
    ],
)
def test_arithmetic_gives_infinities_and_nan_and_never_raises(compute, want):
    got = compute().data
    assert got == want or (math.isnan(got) and math.isnan(want))


def test_an_unused_value_costs_nothing_in_no_grad():
    x = Value(2.0)
    with no_grad():
        y = x * x
    assert (y.op, y.operands, y.data) == (None, (), 4.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda x: setattr(x, "grad", None),
            r"Value\.grad takes a real number, got NoneType; write x\.zero_",
        ),
        (lambda x: setattr(x, "grad", x), r"got Value; take the number out of it: x\.data"),
        (lambda x: setattr(x, "data", x), r"Value\.data takes a real number, got Value; take the number out of it"),
        (lambda x: setattr(x, "data", [1.0]), r"Value\.data takes a real number, got list"),
        (lambda _: Value(math.sin), r"got builtin_function_or_method; call it, and pass what it gives"),
        (lambda x: x + math.sin, r"call it, and pass what it gives"),
        (lambda _: autograd.exp(Value), r"exp\(\) takes a real number or a Value, got type; call it"),
        (lambda x: autograd.multiply(Value, x), r"multiply\(\) takes a real number or a Value, got type; call it"),
        (lambda x: autograd.where(Value, x, 1.0), r"where\(\) takes a real number or a Value, got type; call it"),
        (lambda x: autograd.add.reduce([Value, x]), r"add\(\) takes a real number or a Value, got type; call it"),
        (lambda x: autograd.clip(Value, x, 1.0), r"\(\) takes a real number or a Value, got type; call it"),
    ],
)
def test_what_is_no_number_is_refused_with_a_remedy_that_fits(change, message):
    x = Value(2.0)
    with pytest.raises(TypeError, match=message):
        change(x)
    assert (x.data, x.grad) == (2.0, 0.0)
