"""Every instruction of the machine, in a call and over rows: results and gradients are those of the engine."""

import itertools
import random
import sys

import numpy as np
import pytest

import autograd as ag
from autograd import Value, backend, compile, grad, operation
from autograd.compiler import machine_evaluator
from autograd.compiler.assembler import assemble
from autograd.compiler.disassembler import steps_of
from autograd.compiler.instructions import INSTRUCTIONS

W = [Value(x, label=f"w{i}") for i, x in enumerate((0.7, -1.3, 0.4, 2.1, -0.6, 0.9, -1.7, 1.1, 0.3, -0.8))]
mixed = operation("mixed_in_machine", lambda a, b: a * a * b, ("2.0*a*b", "a*a"))


def sums(count, after=lambda y: y):
    """Sums of products of the same inputs and of uniform factors."""
    return lambda x, y, z: [after(W[k] + W[k + 1] * x + W[k + 2] * y + W[k + 3] * z) for k in range(count)]


def varying(x, y, z):
    """Sums of products of inputs, from a constant, a parameter and an input on."""
    return [2.5 + x * y + z * z + W[0] * x, W[1] + y * z + x * x, x + y * y + z * x, ag.relu(x * y + z * z + y)]


def uniform(x, y, z):
    """What is the same for all rows is computed once: a sum, an activation, a gate."""
    s = W[0] * W[1] + W[2] * W[3] + W[4] * W[5]
    return [s * x, ag.relu(s) * y + ag.relu(-s) * z, ag.tanh(W[6]) * ag.exp(W[7]) * z]


def branching(x, y, z):
    return [x * W[0] if x > y else y * W[1] - z, z if W[0] > 0.5 else x]


FUNCTIONS = {
    **{f"{count} sums": sums(count) for count in range(1, 8)},
    **{f"{count} relus": sums(count, ag.relu) for count in range(1, 6)},
    "varying": varying,
    "uniform": uniform,
    "tanh": lambda x, y, z: [ag.tanh(x), ag.sech_squared(x), ag.tanh(y * z), ag.sech_squared(y * z)],
    "scale": lambda x, y, z: [x * y, x * z, x * x, y * x, y * z, W[0] * x, W[0] * y, W[0] * 3.0],
    "gate": lambda x, y, z: [x * ag.step(y), W[0] * z * ag.step(x), z * 2.0 * ag.step(W[1] - x)],
    "call": lambda x, y, z: [mixed(x, y), mixed(W[0], z), mixed(W[1], W[2]) * x],
    "exact": lambda x, y, z: [ag.where(ag.exp(x) - y * z, x, z), ag.step(x * y - 0.25) + ag.floor(4.0 * x * z)],
    "branching": branching,
    "gradient": grad(lambda x, y, z: ag.sum(sums(5, ag.relu)(*sums(3, ag.relu)(x, y, z)))),
}


def scalar(f):
    """A number that depends on all results, with other weights for each."""
    return lambda x, y, z: ag.sum((k + 1.0) * r * r for k, r in enumerate(np.ravel(f(x, y, z)).tolist()))


def rows(count):
    rng = random.Random(count)
    return [tuple(rng.uniform(-1.5, 1.5) for _ in range(3)) for _ in range(count)]


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_call_and_rows_give_the_results_of_the_engine(name, exact):
    f = FUNCTIONS[name]
    program = compile(f, exact=exact)
    for count in (1, 2, 5, 130, 259):
        points = rows(count)
        wanted = [np.ravel([float(y) for y in np.ravel(f(*map(Value, point)))]) for point in points]
        found = [np.ravel(program(*point)) for point in points[:8]]
        columns = np.reshape(program.map(*np.transpose(points)), (count, -1))
        if exact:
            assert np.array_equal(found, wanted[:8])
            assert np.array_equal(columns, wanted)
        else:
            np.testing.assert_allclose(found, wanted[:8], rtol=1e-13, atol=1e-14)
            np.testing.assert_allclose(columns, wanted, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_sums_over_rows_give_the_gradients_of_the_engine(name, exact):
    f = scalar(FUNCTIONS[name])
    for count in (1, 3, 130):
        points = rows(count)
        for p in W:
            p.zero_grad()
        total = ag.sum(f(*map(Value, point)) for point in points)
        total.backward()
        wanted = [p.grad for p in W]
        for p in W:
            p.zero_grad()
        loss = compile(f, exact=exact).backward(*np.transpose(points), reduction="sum")
        assert loss == pytest.approx(total.data, rel=1e-12)
        assert [p.grad for p in W] == pytest.approx(wanted, rel=1e-11, abs=1e-12)


COLUMNS = {
    "float32": lambda x: x.astype(np.float32),
    "another byte order": lambda x: x.astype(">f8"),
    "backwards": lambda x: x[::-1].copy()[::-1],
    "every second": lambda x: np.repeat(x, 2)[::2],
    "the same row": lambda x: np.broadcast_to(x[0], x.shape),
}


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("name", ["varying", "branching", "scale"])
@pytest.mark.parametrize("kind", COLUMNS)
def test_arrays_of_every_kind_are_read(kind, name, exact):
    program = compile(FUNCTIONS[name], exact=exact)
    columns = [COLUMNS[kind](x) for x in np.transpose(rows(131))]
    plain = [np.array(x, dtype=float) for x in columns]
    assert np.array_equal(program.map(*columns), program.map(*plain))
    total = compile(scalar(FUNCTIONS[name]), exact=exact)
    assert total.backward(*columns) == total.backward(*plain)


def test_no_array_is_kept_after_a_call():
    x, y, point = np.linspace(0.0, 1.0, 7), np.linspace(1.0, 2.0, 7), np.array([1.0, 2.0])
    numbers, gradients, out = np.empty(len(W)), np.empty(len(W)), np.empty((7, 2))
    pair, total = compile(lambda x, y: [x * y, x + W[0]]), compile(lambda x, y: x * y * W[1])
    scaled = compile(lambda v: v * W[0])
    arrays = [x, y, point, numbers, gradients, out]
    before = list(map(sys.getrefcount, arrays))
    for _ in range(3):
        pair.map(x, y)
        pair.map(x, y, out=out)
        total.backward(x, y)
        result = scaled(point)
        ag.parameters_to_vector(W, numbers)
        ag.gradients_to_vector(W, gradients)
        ag.vector_to_parameters(numbers, W)
        with pytest.raises(ValueError, match="rows"):
            total.backward(x, y[:3])
    assert list(map(sys.getrefcount, arrays)) == before
    fresh = np.array([0.7, 1.4])
    assert sys.getrefcount(result) == sys.getrefcount(fresh)


@pytest.mark.skipif(backend == "python", reason="only the compiled engine has instructions")
def test_these_functions_use_every_instruction(monkeypatch):
    used = set()

    def recorded(*args, **settings):
        assembly = assemble(*args, **settings)
        names = {number: name for name, number in args[1].items()}
        for code in (assembly.uniform, assembly.row, assembly.sums, assembly.flat):
            used.update(step.instruction.name for step in steps_of(code, names) if step.instruction)
        return assembly

    monkeypatch.setattr(machine_evaluator, "assemble", recorded)
    for f in FUNCTIONS.values():
        compile(f)(1.2, -0.7, 0.4)
        compile(scalar(f)).backward([1.2], [-0.7], [0.4])
    assert used == {x.name for x in INSTRUCTIONS}


ROWS = {
    "rows": lambda x: x,
    "columns": np.asfortranarray,
    "every second row": lambda x: np.repeat(x, 2, axis=0)[::2],
    "backwards": lambda x: x[::-1].copy()[::-1],
    "every second number": lambda x: np.repeat(x, 2, axis=1)[:, ::2],
    "float32": lambda x: x.astype(np.float32),
}


@pytest.mark.parametrize("kind", ROWS)
@pytest.mark.parametrize("width", [3, 4, 5, 8, 11])
def test_neighbours_in_a_row_are_read_in_any_number(width, kind):
    program = compile(lambda x, y: [2.0 * a - y for a in x])
    loss = compile(lambda x, y: sum((k + 1) * W[0] * a * y for k, a in enumerate(x)))
    for count in (1, 7, 8, 24, 32, 128, 130, 136, 264):
        x = ROWS[kind](np.round(np.random.default_rng(count).normal(size=(count, width)), 2))
        y = np.arange(count) / 8
        wanted = 2.0 * x.astype(float) - y[:, None]
        assert np.array_equal(program.map(x, y), wanted)
        assert np.array_equal(program.map(x, y, out=np.empty((count, width))), wanted)
        factors = x.astype(float) @ np.arange(1, width + 1) * y
        total, gradient = loss.loss_and_grad([3.0], x, y, reduction="sum")
        assert (total, gradient[0]) == (pytest.approx(3.0 * factors.sum()), pytest.approx(factors.sum()))


def test_totals_side_by_side_and_elsewhere_are_those_of_numpy():
    for n_inputs, n_outputs, order in itertools.product((1, 3, 4, 5, 9), (1, 2, 3, 4, 7), ("rows", "columns")):
        w = [[Value(0.0) for _ in range(n_inputs)] for _ in range(n_outputs)]
        flat = list(itertools.chain(*w)) if order == "rows" else list(itertools.chain(*zip(*w)))
        program = compile(lambda x, y, w=w: sum(ag.dot(row, x) * b for row, b in zip(w, y)), parameters=flat)
        for count in (1, 6, 32, 130):
            rng = np.random.default_rng(count)
            x, y = rng.normal(size=(count, n_inputs)), rng.normal(size=(count, n_outputs))
            _, gradient = program.loss_and_grad(np.zeros(len(flat)), x, y, reduction="sum")
            wanted = y.T @ x if order == "rows" else x.T @ y
            np.testing.assert_allclose(gradient, wanted.ravel(), rtol=1e-11, atol=1e-12)
