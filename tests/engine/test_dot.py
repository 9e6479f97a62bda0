"""A dot product is one node with all elements as operands. It gives what products and sums give."""

import random

import pytest

import autograd
from autograd import Value, no_grad


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
    assert y._prev > {a, b, c}
    assert sorted(x.data for x in y._prev - {a, b, c}) == [4.0, 7.0]  # constants, as in micrograd
    y.backward(-1.0)
    assert (a.grad, b.grad, c.grad) == (-9.0, -4.0, -9.0)


def woven(dot, seed):
    """Nodes of different magnitudes; each is a dot product, a product or a tanh of earlier ones."""
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


@pytest.mark.no_cover
def test_a_deep_recurrence_of_dot_products_with_shared_factors():
    a, b = Value(0.5), Value(1.0)
    y = Value(0.0)
    for _ in range(50_000):
        y = autograd.dot([Value(1.0), y], [b, a])
    y.backward()
    assert (y.data, b.grad, a.grad) == pytest.approx((2.0, 2.0, 4.0), rel=1e-12)


@pytest.mark.no_cover
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


def test_no_graph_of_a_dot_product_is_recorded_in_no_grad():
    with no_grad():
        y = autograd.dot([Value(2.0), Value(3.0)], [Value(5.0), 7.0])
    assert (y.op, y.operands, y.label, y.data) == (None, (), "", 31.0)
