"""A Value as a number: comparisons, conversions, copies, NumPy, and the arithmetic of IEEE-754."""

import copy
import itertools
import math
import operator
import pickle
import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import autograd
from autograd import TABLE, Value
from tests.engine.test_value import METHODS

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


@pytest.mark.parametrize(
    "state",
    [
        ("a", 3, None), (0.0, 3, ()), (0.0, "x", None), (0.0, "x", ["a"]), (0.0, "x", (1,)), (None, "x", ()),
        (0.0, "x"), (0.0, "x", (), 1), [0.0, "x", ()], None, 3, "abc", {}, (0.0, b"x", ()),
        (1j, "x", ()), (0.0, "x", 5),
    ],
)  # fmt: skip
def test_the_state_of_a_value_is_checked_and_a_wrong_one_changes_nothing(state):
    x = Value(2.0, label="x")
    x.grad = 0.5
    with pytest.raises(TypeError, match=r"the state of a Value is|Value\.grad takes a real number"):
        x.__setstate__(state)
    assert (x.data, x.grad, x.label, x.scope) == (2.0, 0.5, "x", ())
    x.__setstate__((1, "y", ("layer 0",)))
    assert (x.grad, x.label, x.scope) == (1.0, "y", ("layer 0",))


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


UFUNCS = [n for n in METHODS if any("O" in kinds for kinds in getattr(getattr(np, n, None), "types", ()))]


@pytest.mark.parametrize("name", UFUNCS + ["add", "multiply", "power", "negative"])
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


@pytest.mark.parametrize("number", [Decimal("NaN"), Decimal("-NaN"), Decimal("sNaN")])
def test_a_decimal_nan_is_a_nan(number):
    assert math.isnan((Value(1.0) + number).data)
    assert math.isnan(autograd.exp(number))
    assert not Value(1.0) < number
    assert not Value(1.0) >= number
    assert Value(1.0) != number


@pytest.mark.parametrize("other", [Value(2.0), 3, 0.5, "text", None, True])
@pytest.mark.parametrize(
    ("call", "symbol", "remedy"),
    [
        (operator.matmul, "@", "dot"),
        (operator.and_, "&", "compare first"),
        (operator.or_, "|", "compare first"),
        (operator.xor, "^", "x ** y"),
        (operator.lshift, "<<", "2**n"),
        (operator.rshift, ">>", "2**n"),
        (lambda x, _: ~x, "~", "not x"),
    ],
)
def test_an_operator_that_it_lacks_is_answered_with_a_remedy(other, call, symbol, remedy):
    for x, y in ((Value(1.0), other), (other, Value(1.0))):
        if symbol == "~" and not isinstance(x, Value):
            continue
        with pytest.raises(TypeError, match=f"a Value has no operator {re.escape(symbol)}; .*{re.escape(remedy)}"):
            call(x, y)


@pytest.mark.parametrize("other", ["text", b"x", None, 1j, [1.0], (1.0,), {}, {1.0}])
@pytest.mark.parametrize("call", [operator.lt, operator.le, operator.gt, operator.ge])
def test_what_has_no_order_beside_a_number_is_answered_with_a_remedy(call, other):
    for x, y in ((Value(1.0), other), (other, Value(1.0))):
        with pytest.raises(
            TypeError, match=rf"Value [<>]=? takes a real number or a Value, got {type(other).__name__}; ."
        ):
            call(x, y)
    assert (Value(1.0) == other, Value(1.0) != other) == (False, True)


def test_other_classes_may_still_decide():
    class Above:
        def __lt__(self, other):
            return "below"

        def __rmatmul__(self, other):
            return "product"

        def __rmul__(self, other):
            return "product"

    assert (Value(1.0) > Above()) == "below"
    assert Value(1.0) @ Above() == "product"
    assert (Value(1.0) < np.arange(3.0)).tolist() == [False, False, True]
