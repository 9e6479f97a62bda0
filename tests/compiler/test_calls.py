"""How a program is called: by name, with numbers for whole columns, and what it has of its function."""

import collections
import functools
import inspect
import itertools

import numpy as np
import pytest

import autograd as ag
from autograd import Value, compile, grad

Point = collections.namedtuple("Point", "x y")


def call_price(spot, strike=100.0, rate=0.0):
    """The price."""
    return ag.maximum(spot - strike * ag.exp(-rate), 0.0)


# --------------------------------------------------------------------------- arguments


def test_arguments_have_the_names_of_the_function():
    program = compile(call_price)
    assert program(spot=110.0) == program(110.0) == 10.0
    assert program(110.0, strike=105.0) == program(strike=105.0, spot=110.0) == 5.0
    assert program(110.0, rate=0.0) == 10.0  # the default stands in for the one before
    assert program.grad(110.0, strike=90.0) == 1.0
    assert program.map(strike=[90.0, 120.0], spot=100.0).tolist() == [10.0, 0.0]
    assert program.backward([110.0, 120.0], strike=100.0) == 15.0
    assert grad(program)(110.0, strike=90.0) == 1.0
    assert compile(lambda x: program(spot=x))(103.0) == 3.0
    assert compile(functools.partial(call_price, rate=0.0))(strike=1.0, spot=3.0) == 2.0


def test_a_name_that_the_function_does_not_take_is_refused():
    for f in (lambda x, *, k=1.0: x * k, lambda x, **names: x * len(names), max):
        with pytest.raises(TypeError, match=r"got k=.* bind options first"):
            compile(f)(2.0, k=3.0)


@pytest.mark.parametrize("exact", [False, True])
def test_a_number_is_the_same_for_all_rows(exact):
    w = Value(2.0)
    program = compile(lambda x, y: w * x - y, exact=exact)
    column = np.linspace(-1.0, 1.0, 300)
    wanted = program.map(np.full(300, 3.0), column)
    for number in (3.0, 3, np.float64(3.0), np.array(3.0), np.int32(3)):
        assert program.map(number, column).tolist() == wanted.tolist()
    assert program.map(3.0, column, threads=2).tolist() == wanted.tolist()
    assert program.map(10**20, [1.0]).tolist() == [2e20]
    assert program.map([1.0, 2.0], True).tolist() == [1.0, 3.0]
    assert program.map([], 3.0).tolist() == []
    loss = program.backward(3.0, column)
    assert loss == pytest.approx(6.0)
    assert w.grad == pytest.approx(3.0)
    assert program.grad.map(3.0, column).tolist() == [2.0] * 300
    nested = compile(lambda p: p["a"] * p["b"][0])
    assert nested.map({"a": [1.0, 2.0], "b": (3.0,)}).tolist() == [3.0, 6.0]


def test_rows_of_mixed_branches_take_a_number_too():
    program = compile(lambda x, k: x - k if x > k else k)
    assert program.map([1.0, 5.0, 2.0], 2.0).tolist() == [2.0, 3.0, 2.0]


@pytest.mark.parametrize(
    "point",
    [
        collections.OrderedDict(x=2.0, y=3.0),
        collections.defaultdict(float, x=2.0, y=3.0),
        collections.defaultdict(None, x=2.0, y=3.0),
        {"x": 2.0, "y": 3.0},
        Point(2.0, 3.0),
    ],
)
def test_dicts_and_tuples_keep_their_kind(point):
    kinds = []

    def double(p):
        kinds.append(type(p))
        return type(p)(*[2 * x for x in p]) if isinstance(p, Point) else map_values(p)

    def map_values(p):
        copy = p.copy()
        copy.update((key, 2 * x) for key, x in p.items())
        return copy

    program = compile(double)
    for _ in range(2):
        doubled = program(point)
        assert type(doubled) is type(point)
        assert list(doubled.values() if isinstance(doubled, dict) else doubled) == [4.0, 6.0]
        assert getattr(doubled, "default_factory", None) is getattr(point, "default_factory", None)
    assert set(kinds) == {type(point)}
    if not isinstance(point, Point):
        rows = point.copy()
        rows.update(x=np.array([1.0, 2.0]), y=[3.0, 4.0])
        assert type(program.map(rows)) is type(point)
        assert program.map(rows)["x"].tolist() == [2.0, 4.0]


# --------------------------------------------------------------------------- branches


def test_the_truth_of_a_value_is_a_guard():
    w = Value(1.0)
    program = compile(lambda flag, x: x * w if flag else -x)
    assert [program(1.0, 5.0), program(0.0, 5.0), program(-0.0, 5.0), program(float("nan"), 5.0)] == [5, -5, -5, 5]
    assert program.map([0.0, 2.0, 0.0], 3.0).tolist() == [-3.0, 3.0, -3.0]
    assert program.backward([0.0, 2.0], 3.0) == 0.0
    assert w.grad == 1.5
    assert compile(lambda x: x * 2 if not x - 1 else x and 5.0 * x).map([1.0, 0.0, 2.0]).tolist() == [2.0, 0.0, 10.0]


# --------------------------------------------------------------------------- what a program has of its function


def test_a_program_has_the_name_and_the_signature_of_its_function():
    program = compile(call_price)
    assert program.__name__ == program.grad.__name__ == "call_price"
    assert program.__doc__ == "The price."
    assert program.__wrapped__ is call_price
    assert inspect.signature(program) == inspect.signature(call_price)
    assert not hasattr(compile(functools.partial(call_price, rate=0.0)), "__name__")


def test_the_attributes_of_a_function_do_not_take_the_place_of_those_of_its_program():
    def f(x):
        return x * x

    f.grad = f._f = "mine"
    assert compile(f).grad(3.0) == 6.0


@pytest.mark.filterwarnings("ignore:the function takes more than:UserWarning")
def test_many_traces_are_printed_shortly():
    program = compile(lambda x: ag.sum(a if a > 0 else -a for a in x))
    program.map(list(itertools.product([1.0, -1.0], repeat=12)))
    text = str(program)
    assert text.startswith("# the first of 7 traces with ")
    assert text.count("return") == 2
    assert len(program.listings) == 7


# --------------------------------------------------------------------------- text within a trace


def test_text_within_a_trace_has_no_numbers():
    def f(x):
        y = x * w
        y.label = "y"
        texts.extend([repr(x), str(y), f"{x:.3f}", f"{x}", f"{w}", str([x])])
        return y

    texts, w = [], Value(3.0)
    compile(f)(2.0)
    assert texts[:3] == ["Value(data=<traced>)", "Value(data=<traced>, label='y')", "<traced>"]
    assert not any(digit in text for text in texts for digit in "0123456789")
    assert f"{w:.1f} {w}" == "3.0 Value(data=3.0, grad=0.0)"


def test_gradients_cannot_be_written_within_a_trace():
    w = Value(1.0)
    w.grad = 5.0

    def cleared(x):
        w.zero_grad()
        return w * x

    def assigned(x):
        w.grad = 0.0
        return w * x

    for f in (cleared, assigned):
        with pytest.raises(TypeError, match=r"\.grad of a Value is changed within a compiled function"):
            compile(f)(2.0)
    assert w.grad == 5.0


def test_a_wrong_number_of_arguments_is_answered_with_a_remedy():
    program = compile(lambda x, y: x * y)
    for call in (program, lambda *args: program.map(*([x] for x in args)), lambda *args: program.backward(*args)):
        for args in ((), (1.0,), (1.0, 2.0, 3.0)):
            with pytest.raises((TypeError, ValueError), match=r"; (pass as many arguments|call the program itself)"):
                call(*args)
    with pytest.raises(TypeError, match=r"'y'$"):
        compile(lambda x: (lambda x, y: x + y)(x))(1.0)  # the function's own error is its own
