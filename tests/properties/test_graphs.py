"""Whole graphs, with shared subexpressions, against mpmath: values and gradients."""

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

import autograd as ag
from autograd import Value
from tests.effort import examples

# each operation twice: on Values, and by mpmath alone; all results stay small, so that no graph overflows
OPERATIONS: dict[str, tuple[int, Callable[..., Value], Callable[..., mpf]]] = {
    "+": (2, lambda a, b: a + b, lambda a, b: a + b),
    "-": (2, lambda a, b: a - b, lambda a, b: a - b),
    "*": (2, lambda a, b: a * b, lambda a, b: a * b),
    "/": (2, lambda a, b: a / (1 + b * b), lambda a, b: a / (1 + b * b)),
    "1 -": (1, lambda a: 1 - a, lambda a: 1 - a),
    "hypot": (2, lambda a, b: ag.hypot(a, 1 + b * b), lambda a, b: mp.sqrt(a**2 + (1 + b * b) ** 2)),
    "tanh": (1, ag.tanh, mp.tanh),
    "sin": (1, ag.sin, mp.sin),
    "sigmoid": (1, ag.sigmoid, lambda a: 1 / (1 + mp.exp(-a))),
    "softplus": (1, ag.softplus, lambda a: mp.log1p(mp.exp(a))),
    "erf": (1, ag.erf, mp.erf),
    "arctan": (1, ag.arctan, mp.atan),
    "power": (2, lambda a, b: (1 + a * a) ** ag.tanh(b), lambda a, b: (1 + a * a) ** mp.tanh(b)),
}


@dataclass(frozen=True)
class Program:
    """Steps, each an operation on earlier numbers (the inputs come first); the last one is the result."""

    n_inputs: int
    steps: tuple[tuple[str, tuple[int, ...]], ...]

    def run(self, inputs, column):
        numbers = list(inputs)
        for name, operands in self.steps:
            numbers.append(OPERATIONS[name][column](*(numbers[i] for i in operands)))
        return numbers[-1]


@st.composite
def programs(draw: st.DrawFn) -> Program:
    n_inputs = draw(st.integers(1, 3))
    steps = []
    for count in range(n_inputs, n_inputs + draw(st.integers(1, 12))):
        name = draw(st.sampled_from(sorted(OPERATIONS)))
        # mostly the newest numbers, so that most of the graph is used, and used more than once
        operand = st.integers(max(0, count - 3), count - 1) | st.integers(0, count - 1)
        steps.append((name, tuple(draw(operand) for _ in range(OPERATIONS[name][0]))))
    return Program(n_inputs, tuple(steps))


def absolute_sweep(root: Value) -> dict[Value, float]:
    """The sum over all paths of the product of |partials|. Rounding errors are measured relative to it."""
    order, stack = [], [(root, False)]
    seen = set()
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack += [(node, True), *((x, False) for x in node.inputs)]
    sums = dict.fromkeys(order, 0.0)
    sums[root] = 1.0
    for node in reversed(order):
        for x, partial in zip(node.inputs, node.partials, strict=True):
            sums[x] += sums[node] * abs(partial)
    return sums


@examples(200)
@given(program=programs(), data=st.data())
def test_gradients_of_a_random_graph_are_those_of_mpmath(program, data):
    numbers = [data.draw(st.floats(-2, 2)) for _ in range(program.n_inputs)]
    inputs = [Value(x) for x in numbers]
    y = program.run(inputs, 1)
    y.backward()
    sizes = absolute_sweep(y)
    with mp.workdps(120):
        h = mpf(10) ** -40

        def at(i, move):
            return program.run([mpf(x) + move * (j == i) for j, x in enumerate(numbers)], 2)

        assert abs(y.data - at(0, 0)) <= 1e-12 * max(1, abs(at(0, 0)))
        for i, x in enumerate(inputs):
            want = (at(i, h) - at(i, -h)) / (2 * h)
            size = max(1, sizes.get(x, 0.0)) * max(1, abs(y.data))
            assert abs(x.grad - want) <= 1e-11 * size, (program, numbers, i)


@given(program=programs(), data=st.data())
def test_two_sweeps_and_one_of_twice_the_gradient_agree(program, data):
    numbers = [data.draw(st.floats(-2, 2)) for _ in range(program.n_inputs)]
    once, twice = [Value(x) for x in numbers], [Value(x) for x in numbers]
    program.run(once, 1).backward(2.0)
    y = program.run(twice, 1)
    y.backward()
    y.backward()
    assert [x.grad for x in once] == [x.grad for x in twice]
