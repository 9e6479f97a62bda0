"""The loops of the compiled engine over graphs do what the Python code beside them does."""

import math

import pytest

import autograd as ag
from autograd import Value, backend, compile, engine, gradients, operation
from autograd.compiler import decisions, trace
from autograd.compiler.codes import code_of
from autograd.derivatives import chain_rule
from autograd.derivatives.chain_rule import depending_on, made_by
from autograd.engine import topological_order
from autograd.engine.watch import Watch
from autograd.operations.operation import TABLE

pytestmark = pytest.mark.skipif(backend == "python", reason="the readable engine has these loops in Python only")

twice = operation("twice_for_sweeps", lambda a: 2.0 * a, "2.0")

FUNCTIONS = {
    **{name: lambda *x, f=TABLE[name]: f(*x[: len(f.formulas)]) for name in TABLE},
    "dot": lambda a, b, c: ag.dot([a, b, 2.0, a], [b, c, a, 3.0]),
    "custom": lambda a, b, _: twice(a * b) * a,
    "shared": lambda a, b, c: (a * b) * (a * b) + c - (b - a) / (a + 1.5) + 0.25 * a,
    "constants": lambda a, b, _: (2.0 * a - b * 3.0) / 0.5 + (1.0 - a),
    "untaken": lambda a, b, c: ag.where(a, b * b, c) * ag.where(0.0, c, b),
    "floats": lambda a, b, c: ag.where(1.0, 2.0 * a, b) + c.detach() * b,
}


def in_python(monkeypatch):
    monkeypatch.setattr(chain_rule, "compiled", None)
    monkeypatch.setattr(trace, "compiled", None)


@pytest.fixture(params=FUNCTIONS.values(), ids=FUNCTIONS)
def function(request):
    return request.param


def test_both_make_the_same_graphs_of_derivatives(function, monkeypatch):
    def derivatives(*x):
        x = [Value(number) for number in x]
        y = function(*x)
        first = gradients(y, x)
        second = [by for slope in first for by in gradients(slope, x)]
        return as_numbers([*first, *second])

    found = derivatives(0.3, 0.7, 0.4)
    in_python(monkeypatch)
    assert derivatives(0.3, 0.7, 0.4) == found


def as_numbers(roots):
    """The graph of these nodes as text: each node with its number, its operation and the places of its operands."""
    places = {}
    lines = []
    for node in topological_order(*roots):
        places[node] = len(places)
        lines.append(repr((node.op, node.data, [places.get(x, x) for x in node.operands])))
    return lines, [places[root] for root in roots]


def test_both_make_the_same_listings(function, monkeypatch):
    def listing():
        program = compile(ag.value_and_grad(lambda x: function(*x)))
        program([0.3, 0.7, 0.4])
        return str(program)

    found = listing()
    in_python(monkeypatch)
    assert listing() == found


def test_both_find_the_same_dependences(function, monkeypatch):
    x = [Value(number) for number in (0.3, 0.7, 0.4)]
    order = topological_order(function(*x))
    inputs = [set(x), set(x[1:]), {x[0]: 1.0}, set(), {*order[-2:]}]
    found = [depending_on(some, order) for some in inputs]
    in_python(monkeypatch)
    assert [depending_on(some, order) for some in inputs] == found


class Told(Watch):
    def __init__(self):
        self.products = []

    def multiplying(self, node, i, slope, derivative):
        self.products.append((node, i, slope, float(derivative)))


def test_both_tell_of_the_same_products(function, monkeypatch):
    x = [Value(number) for number in (0.3, 0.7, 0.4)]
    y = function(*x) * x[0]

    def products():
        told = Told()
        with told:
            gradients(y, x)
        return told.products

    found = products()
    assert found
    in_python(monkeypatch)
    assert repr(products()) == repr(found)


def test_both_find_the_same_nodes(function, monkeypatch):
    x = [Value(number) for number in (0.3, 0.7, 0.4)]
    made = [Value(1.5) * x[0], function(*x), twice(x[1])]
    order = topological_order(made[1])

    def found():
        names = {None, "multiply", "dot", "twice_for_sweeps"}
        everything = [*order, *made]
        nodes = made_by(everything, names), made_by(everything, {"step", "where"}), trace.others(order, made, x)
        return decisions.operations_of(everything), [[*map(id, some)] for some in nodes]

    compiled = found()
    assert len(compiled[0]) > 1
    in_python(monkeypatch)
    monkeypatch.setattr(decisions, "compiled", None)
    assert found() == compiled


def test_what_is_no_value_is_refused():
    for call in (
        lambda: engine.compiled.list_steps([None], {}, [], 0, code_of, float),
        lambda: engine.compiled.list_steps([], {}, [None], 0, code_of, float),
        lambda: engine.compiled.made_by([None], set()),
        lambda: engine.compiled.operations_of([None]),
        lambda: engine.compiled.others([None], []),
        lambda: engine.compiled.others([], [None]),
        lambda: engine.compiled.depending_on(set(), [None]),
        lambda: engine.compiled.propagate([1.0], {}, set(), None, None),
    ):
        with pytest.raises(TypeError, match=r"Value|NoneType"):
            call()


def test_an_order_with_gaps_or_repetitions_does_no_harm():
    x = Value(2.0)
    y = x * x
    with pytest.raises(KeyError, match="operand"):
        engine.compiled.list_steps([y], {}, [], 0, code_of, float)
    assert engine.compiled.others([x, x, y], [y]) == [x, x]
    y.backward()
    assert x.grad == 4.0


@pytest.mark.parametrize("is_compiled", [True, False])
def test_numbers_that_changed_are_noticed(is_compiled, monkeypatch):
    if not is_compiled:
        in_python(monkeypatch)
    x, y = Value(3.0), Value(2.0)
    product = x * y
    x.data = 4.0
    gradients(product, [x])  # the partial by x is y
    with pytest.raises(RuntimeError, match=r"partial derivative was 3\.0 and now is 4\.0"):
        gradients(product, [y])
    x.data = math.nan
    with pytest.raises(RuntimeError, match="now is nan"):
        gradients(product, [y])
    nan = Value(math.nan)
    assert math.isnan(gradients(nan * y, [y])[0].data)
