"""Code written for micrograd 0.1.0 runs after its imports are changed; what fails there works here."""

import copy
import gc
import random
import threading
import weakref

import graphviz
import pytest

from autograd import Value, where
from nn import MLP, Layer, Module, Neuron

pytestmark = pytest.mark.no_cover

# --------------------------------------------------------------------------- drop-in


def test_the_readme_of_micrograd():
    a = Value(-4.0)
    b = Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    assert f"{g.data:.4f}" == "24.7041"
    g.backward()
    assert f"{a.grad:.4f}" == "138.8338"
    assert f"{b.grad:.4f}" == "645.5773"


def test_the_sanity_check_of_micrograd():
    x = Value(-4.0)
    z = 2 * x + 2 + x
    q = z.relu() + z * x
    h = (z * z).relu()
    y = h + q + q * x
    y.backward()
    assert (y.data, x.grad) == (-20.0, 46.0)


def trace(root):
    nodes, edges = set(), set()

    def build(v):
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def draw_dot(root, format="svg", rankdir="LR"):  # noqa: A002  # the notebook's own name
    """The function of micrograd's notebook, unchanged."""
    assert rankdir in ["LR", "TB"]
    nodes, edges = trace(root)
    dot = graphviz.Digraph(format=format, graph_attr={"rankdir": rankdir})
    for n in nodes:
        dot.node(name=str(id(n)), label=f"{{ data {n.data:.4f} | grad {n.grad:.4f} }}", shape="record")
        if n._op:
            dot.node(name=str(id(n)) + n._op, label=n._op)
            dot.edge(str(id(n)) + n._op, str(id(n)))
    for n1, n2 in edges:
        dot.edge(str(id(n1)), str(id(n2)) + n2._op)
    return dot


def test_draw_dot_of_the_notebook():
    x = Value(1.0)
    y = (x * 2 + 1).relu() ** 2
    y.backward()
    source = draw_dot(y).source
    for text in ("data 9.0000", "grad 12.0000", "ReLU", "**2", 'label="+"', 'label="*"'):
        assert text in source
    assert (x._op, x._prev) == ("", set())
    assert (x + x)._prev == {x}
    assert ((x**2)._op, (x**0.5)._op, (2**x)._op, (x**x)._op) == ("**2", "**0.5", "**", "**")


def test_networks_have_its_names_and_draw_its_weights():
    random.seed(1337)
    want = [random.uniform(-1, 1) for _ in range(2 * 16 + 16 * 16 + 16)]
    random.seed(1337)
    model = MLP(2, [16, 16, 1], init="micrograd")
    assert [w.data for layer in model.layers for n in layer.neurons for w in n.w] == want
    assert {n.b.data for layer in model.layers for n in layer.neurons} == {0.0}
    assert len(model.parameters()) == 337
    assert [p.data for p in model.layers[0].neurons[0].parameters()] == [*want[:2], 0.0]
    assert isinstance(model([1.0, -2.0]), Value)
    assert isinstance(Layer(2, 1)([1.0, -2.0]), Value)
    assert len(Layer(2, 3)([1.0, -2.0])) == 3
    assert Neuron(2, nonlin=False)([Value(1.0), Value(0.0)]).op == "add"
    assert isinstance(model, Module)


def test_a_module_may_name_its_parameters_itself_and_zero_them():
    class Scale(Module):
        def __init__(self):
            self.hidden = [Value(2.0)]

        def parameters(self):
            return self.hidden

    model = Scale()
    (model.hidden[0] * 3).backward()
    assert model.parameters()[0].grad == 3.0
    model.zero_grad()
    assert model.parameters()[0].grad == 0.0


# --------------------------------------------------------------------------- what fails there


def chain(length: int) -> tuple[Value, Value]:
    x = Value(1.0)
    y = x
    for _ in range(length):
        y = y + 1.0
    return x, y


def test_a_chain_of_a_million_operations_builds_differentiates_and_is_freed():
    x, y = chain(1_000_000)
    y.backward()
    assert (y.data, x.grad) == (1_000_001.0, 1.0)
    gone = weakref.ref(x)
    del x, y
    assert gone() is None


STEPS = {
    "a gradient flows through": lambda y: y + 1.0,
    "no gradient flows through": lambda y: y.floor(),
    "the branch not taken holds": lambda y: where(y, 1.0, y),
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_chain_of_100_000_operations_in_a_thread_with_a_small_stack(step):
    seen = []

    def work():
        x = Value(1.0)
        y = x
        for _ in range(100_000):
            y = step(y)
        y.backward()
        seen.append((weakref.ref(x), y.grad))
        del x, y
        seen.append(seen[0][0]())

    before = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert seen[0][1] == 1.0
    assert seen[1] is None


def test_a_dropped_graph_is_gone_without_the_garbage_collector():
    gc.collect()
    gc.disable()
    try:
        x, y = chain(100_000)
        gone = [weakref.ref(x), weakref.ref(y)]
        y.backward()
        del x, y
        assert [ref() for ref in gone] == [None, None]
    finally:
        gc.enable()


def test_a_dropped_graph_that_branches_leaves_the_shared_part():
    x = Value(1.0)
    shared = x * 2
    y = shared + 1
    gone = weakref.ref(y)
    del y
    assert gone() is None
    shared.backward()
    assert x.grad == 2.0


def test_backward_twice_leaves_27_then_54():
    x = Value(3.0)
    y = x * x * x
    y.backward()
    assert x.grad == 27.0
    y.backward()
    assert x.grad == 54.0


def test_backward_of_a_leaf_adds_1():
    x = Value(3.0)
    x.backward()
    assert x.grad == 1.0


@pytest.mark.parametrize(("exponent", "value", "gradient"), [(0, 1.0, 0.0), (0.5, 0.0, float("inf")), (1, 0.0, 1.0)])
def test_powers_of_zero(exponent, value, gradient):
    x = Value(0.0)
    y = x**exponent
    y.backward()
    assert (y.data, x.grad) == (value, gradient)


def test_exponents_may_be_values():
    a, b = Value(2.0), Value(3.0)
    y = a**b
    y.backward()
    assert (y.data, a.grad) == (8.0, 12.0)
    assert b.grad == pytest.approx(5.545177444479562, rel=1e-15)
    z = 2**b
    b.zero_grad()
    z.backward()
    assert b.grad == pytest.approx(5.545177444479562, rel=1e-15)


def test_relu_of_nan_is_nan():
    assert str(Value(float("nan")).relu().data) == "nan"


def test_sixty_doublings_have_a_gradient_of_2_to_the_60():
    x = Value(1.0)
    y = x
    for _ in range(60):
        y = y + y
    y.backward()
    assert (y.data, x.grad) == (2.0**60, 2.0**60)


def test_a_deep_copied_model_trains_on_its_own():
    model = MLP(2, [3, 1], rng=random.Random(0))
    twin = copy.deepcopy(model)
    before = [p.data for p in model.parameters()]
    (twin([1.0, -2.0]) ** 2).backward()
    for p in twin.parameters():
        p.data -= 0.1 * p.grad
    assert [p.data for p in model.parameters()] == before
    assert [p.grad for p in model.parameters()] == [0.0] * 13
    assert [p.data for p in twin.parameters()] != before


# --------------------------------------------------------------------------- what its programs do beyond its own tests


def test_a_label_may_be_the_fourth_argument_as_in_the_lecture():
    a = Value(2.0, (), "", "a")
    assert (a.data, a.label, a.op, a._prev) == (2.0, "a", None, set())
    assert Value(2.0, _children=(), _op="", label="a").label == "a"


@pytest.mark.parametrize("by_hand", [{"_children": (Value(1.0),)}, {"_op": "+"}])
def test_a_node_is_not_made_by_hand(by_hand):
    with pytest.raises(TypeError, match="compute with operators and functions"):
        Value(2.0, **by_hand)


def test_state_is_kept_on_parameters_until_they_are_freed():
    model = MLP(2, [2, 1], rng=random.Random(0))
    for step in range(3):
        model.zero_grad()
        (model([1.0, -2.0]) ** 2).backward()
        for p in model.parameters():
            p.momentum = 0.9 * (p.momentum if step else 0.0) + p.grad
            p.data -= 0.01 * p.momentum
    p, q = model.parameters()[:2]
    assert isinstance(p.momentum, float)
    del p.momentum
    assert not hasattr(p, "momentum")
    assert hasattr(q, "momentum")
    assert not hasattr(Value(1.0), "momentum")
    assert not hasattr(copy.copy(q), "momentum")
    with pytest.raises(AttributeError, match="no attribute 'momentum'"):
        del p.momentum
    y = p * q
    y._vis_color = kept = Module()
    gone = weakref.ref(kept)
    del y, kept
    assert gone() is None


@pytest.mark.parametrize("name", ["op", "inputs", "partials", "operands", "_prev", "_op", "_backward", "real"])
def test_what_a_value_computes_cannot_be_set(name):
    with pytest.raises(AttributeError):
        setattr(Value(1.0), name, 1.0)


def test_a_drawing_that_walks_over_prev_sees_constants():
    x = Value(1.0)
    y = (x * 2 + 1).relu() ** 2
    nodes, edges = trace(y)
    assert sorted(node.data for node in nodes) == [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 9.0]
    assert len(edges) == 6
    assert len((x + 1)._prev) == 2
    assert (x**2)._prev == {x}


@pytest.mark.parametrize(
    ("attempt", "remedy"),
    [
        (lambda x: x._backward(), r"call backward\(\) on the result"),
        (lambda x: setattr(x, "_backward", lambda: None), r"autograd\.operation\(\)"),
        (lambda x: Value(1.0, (x,), "+"), r"autograd\.operation\(\)"),
        (lambda _: Value(1.0, (), "exp"), r"autograd\.operation\(\)"),
        (lambda _: Value(1.0, "x"), r"write Value\(data, label='x'\)"),
        (lambda _: type("Weight", (Value,), {}), "hold a Value in an attribute"),
    ],
)
def test_what_works_in_micrograd_alone_is_refused_with_a_remedy(attempt, remedy):
    with pytest.raises((AttributeError, TypeError), match=remedy):
        attempt(Value(2.0))
