"""map() into arrays that exist, also those of the arguments: by a shortcut, or by way of new arrays."""

import itertools
import shutil

import numpy as np
import pytest

import autograd as ag
from autograd import Value, backend, compile
from autograd.compiler import specialize


def arithmetic(x, y):
    return (x - 2.0 * y) / (ag.sqrt(x * x + 0.5) + ag.absolute(y)), 3.0 - y / x


def columns(count=300):
    rng = np.random.default_rng(0)
    return rng.normal(size=count), rng.normal(size=count)


HAS_C = backend == "native" and any(map(shutil.which, ("cc", "gcc", "clang")))
SETTINGS = [{}, {"exact": True}, *([{"target": "c"}, {"exact": True, "target": "c"}] if HAS_C else [])]
LAYOUTS = {
    "contiguous": lambda x: x.copy(),
    "every second": lambda x: np.repeat(x, 2)[::2],
    "backwards": lambda x: x[::-1].copy()[::-1],
    "not aligned": lambda x: np.frombuffer(bytearray(b"." + x.tobytes()), offset=1),
}


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_results_may_replace_the_arguments(layout, settings):
    program = compile(arithmetic, **settings)
    wanted = program.map(*columns())
    for order in ((0, 1), (1, 0)):
        x, y = map(LAYOUTS[layout], columns())
        out = tuple((x, y)[i] for i in order)
        for k in range(3):  # also before anything was traced
            if k:
                x[:], y[:] = columns()
            assert program.map(x, y, out=out) is out
            assert all(map(np.array_equal, out, wanted))


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("shift", [-130, -1, 1, 7, 200])
def test_results_may_lie_across_the_arguments(shift, exact):
    program = compile(lambda x, y: x + 2.0 * y, exact=exact)
    x, y = columns(800)
    wanted = program.map(x[250:550], y[:300])
    memory = x.copy()
    program.map(memory[250:550], y[:300], out=memory[250 + shift : 550 + shift])
    assert np.array_equal(memory[250 + shift : 550 + shift], wanted)


def test_matrices_and_single_precision_are_arguments():
    program = compile(lambda x, y: [x[0] * y, x[1] - y])
    matrix, y = np.random.default_rng(0).normal(size=(200, 2)), columns(200)[1].astype(np.float32)
    wanted = program.map(matrix, y)
    assert np.array_equal(wanted, np.stack([matrix[:, 0] * y, matrix[:, 1] - y], axis=1))
    assert np.array_equal(program.map(matrix, y, out=matrix), wanted)
    for other in (np.empty((200, 2), order="F"), np.empty((200, 4))[:, ::2]):
        assert np.array_equal(program.map(wanted, y, out=other), program.map(wanted, y))


def test_arrays_that_cannot_hold_the_results_are_refused_and_keep_their_numbers():
    program = compile(lambda x, y: (x + y, x * y))
    x, y = columns()
    frozen = x.copy()
    frozen.flags.writeable = False
    good = x.copy()
    program.map(x, y, out=(np.empty(300), np.empty(300)))
    for out, error, message in [
        ((good, frozen), TypeError, "got a read-only array"),
        ((good, x.astype(np.float32)), TypeError, "got float32"),
        ((good, np.empty(299)), ValueError, r"got out= of \(299,\)"),
        ((good,), ValueError, "a tuple of 2"),
        (good, ValueError, "a tuple of 2"),
    ]:
        with pytest.raises(error, match=message):
            program.map(x, y, out=out)
        assert np.array_equal(good, x)


@pytest.mark.parametrize("settings", SETTINGS)
def test_nested_arrays_are_filled(settings):
    program = compile(ag.value_and_grad(lambda x, y: (x * y + 0.5 * x) / (y * y + 1.0), argnums=(0, 1)), **settings)
    x, y = columns()
    value, partials = program.map(x, y)
    arrays = [np.empty(300) for _ in range(3)]
    for out in (
        (arrays[0], (arrays[1], arrays[2])),
        [arrays[0], [arrays[1], arrays[2]]],
        (arrays[0], [x, np.repeat(y, 2)[::2]]),
    ):
        assert program.map(x, y, out=out) is out
        assert all(map(np.array_equal, (out[0], *out[1]), (value, *partials)))
        x, y = columns()
    for wrong in ((arrays[0], arrays[1], arrays[2]), (arrays[0], (arrays[1],)), (arrays[0], {"a": x, "b": y})):
        with pytest.raises(ValueError, match="nested like the results"):
            program.map(x, y, out=wrong)


@pytest.mark.skipif(backend == "python", reason="only the compiled engine has a shortcut")
def test_nested_arrays_take_the_shortcut():
    program = compile(lambda x, y: [x * y, (x + y, [x - y, x / y])])
    x, y = columns()
    out = [np.empty(300), (np.empty(300), np.empty((300, 2)))]
    program.map(x, y, out=out)
    assert program._specializations[0].map_into((x, y), out)
    assert not program._specializations[0].map_into((x, y), [out[0], {"a": out[1][0], "b": out[1][1]}])


def test_rows_that_take_another_path_are_written_too():
    program = compile(lambda x: x * x if x > 0 else -3.0 * x)
    x = columns()[0]
    wanted = np.where(x > 0, x * x, -3.0 * x)
    for _ in range(2):
        assert np.array_equal(program.map(x, out=np.empty(300)), wanted)
    assert np.array_equal(program.map(x, out=x), wanted)


@pytest.mark.parametrize("settings", [x for x in SETTINGS if "exact" in x])
def test_exact_rows_of_arithmetic_have_the_bits_of_floats_also_at_special_values(settings):
    special = [0.0, -0.0, 1.0, -1.0, 0.1, 1e308, -1e308, 5e-324, float("inf"), float("-inf"), float("nan")]
    points = list(itertools.product(special, special)) * 3
    w = Value(0.3)

    def f(x, y):
        third = x * y + w * w + x * x - y * 0.5  # one step, with a product of parameters
        rest = [x / y, y - x * w, 1.0 / x, ag.sqrt(x) - y, -x, ag.absolute(x * y), x / w, w / x]
        return [w * x + (1.0 - w) * y, ag.relu(w * x + x * y), third, *rest, *divided(x * 0.1 + y * w)]

    def divided(total):  # a step of its own only where not every bit must be kept
        return 1.0 / total, ag.sqrt(total), ag.relu(total) * 3.0 + total * w

    def bits(numbers):
        numbers = np.array(numbers, dtype=float)
        return np.where(np.isnan(numbers), np.nan, numbers).view(np.int64).tolist()

    x, y = map(np.array, zip(*points))
    program = compile(f, **settings)
    wanted = [[float(v) for v in f(Value(a), Value(b))] for a, b in points]
    assert bits(program.map(x, y)) == bits(wanted)
    assert bits(program.map(x, y, out=np.empty((len(x), 14)))) == bits(wanted)


@pytest.mark.skipif(backend == "python", reason="only the compiled engine runs blocks of rows")
def test_exact_sums_of_products_run_in_blocks_of_rows():
    from autograd.compiler import _machine  # lazy: it needs the compiled engine

    program = compile(lambda x, y: ag.sqrt(0.9 * x * x + 0.1 * y * y) + x * y, exact=True)
    x, y = columns()
    program.map(x, y)
    [path] = program._specializations[0].paths
    assert "dot" in [name for name, _ in path.listing.steps]
    assert path.evaluator._machine.is_in_blocks == (_machine.load().numbers_at_a_time() > 1)


# --------------------------------------------------------------------------- arrays that stay


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_map_buffer_does_what_map_does_each_time(layout, settings):
    program = compile(arithmetic, **settings)
    x, y = map(LAYOUTS[layout], columns())
    for out in ((np.empty(300), np.empty(300)), (y, x)):
        buffer = program.map_buffer(x, y, out=out)
        for k in range(4):
            x[:], y[:] = np.roll(columns(), k, axis=1)
            wanted = program.map(x, y)
            assert buffer() is out
            assert all(map(np.array_equal, out, wanted))


def test_a_map_buffer_makes_arrays_for_its_results():
    x = columns()[0]
    buffer = compile(lambda x: {"twice": 2.0 * x}).map_buffer(x)
    first = buffer()
    x += 1.0
    assert buffer() is first is buffer.out
    assert np.array_equal(first["twice"], 2.0 * x)


def test_a_map_buffer_reads_parameters_in_every_call_also_after_bind():
    w = Value(2.0)
    program = compile(lambda x: w * x if w > 0.0 else x - w)
    x, out = np.array([1.0, 3.0]), np.empty(2)
    buffer = program.map_buffer(x, out=out)
    for number in (2.0, 3.0, -1.0, 5.0, -4.0):
        w.data = number
        assert buffer().tolist() == (number * x if number > 0.0 else x - number).tolist()
    program.bind([Value(7.0)])
    assert buffer().tolist() == [7.0, 21.0]


def test_a_map_buffer_follows_each_row_to_its_branch():
    program = compile(lambda x: x * x if x > 0 else -3.0 * x)
    x, out = columns()[0], np.empty(300)
    buffer = program.map_buffer(x, out=out)
    for _ in range(3):
        x *= -0.5
        assert np.array_equal(buffer(), np.where(x > 0, x * x, -3.0 * x))


def test_a_map_buffer_refuses_what_map_refuses_and_keeps_the_numbers():
    program = compile(lambda x: x + 1.0)
    x = columns()[0]
    program.map(x)
    out = np.zeros(299)
    with pytest.raises(ValueError, match=r"got out= of \(299,\)"):
        program.map_buffer(x, out=out)()
    assert not out.any()
    buffer = program.map_buffer(x, out=np.empty(300))
    buffer()
    with pytest.raises(TypeError, match=r"map\(\) of a program within a compiled function"):
        compile(lambda y: y * buffer()[0])(2.0)
    with pytest.raises(TypeError, match=r"map_buffer\(\) of a program within a compiled function"):
        compile(lambda y: y * program.map_buffer(x, out=x)()[0])(2.0)


@pytest.mark.skipif(backend == "python", reason="only the compiled engine has a shortcut")
def test_a_map_buffer_runs_without_a_check_from_the_second_call_on(monkeypatch):
    program = compile(lambda x: x + 1.0)
    x = np.array([1.0, 2.0])
    buffer = program.map_buffer(x, out=np.empty(2))
    buffer()
    monkeypatch.setattr(type(program), "map", None)
    x[:] = 3.0, 4.0
    assert buffer().tolist() == [4.0, 5.0]
    with ag.no_grad():
        x[:] = 5.0, 6.0
        assert buffer().tolist() == [6.0, 7.0]


# --------------------------------------------------------------------------- loss_and_grad


def test_a_gradient_is_written_to_an_array_whatever_the_layout_of_the_parameters():
    a, b = Value(0.5), Value(-1.0)
    program = compile(lambda x, y: (a * x + b - y) ** 2)
    x, y = columns()
    loss, wanted = program.loss_and_grad([2.0, 3.0], x, y)
    for parameters in ([2.0, 3.0], np.array([2.0, 3.0]), np.array([2, 3]), np.array([2.0, 9.0, 3.0])[::2]):
        for out in (np.empty(2), np.empty(4)[::2]):
            got, gradient = program.loss_and_grad(parameters, x, y, out=out)
            assert gradient is out
            assert (got, gradient.tolist()) == (loss, wanted.tolist())
    both = np.array([2.0, 3.0])
    assert program.loss_and_grad(both, x, y, out=both)[1].tolist() == wanted.tolist()


def test_a_gradient_cannot_be_written_to_every_array():
    w = Value(0.5)
    program = compile(lambda x: (w * x) ** 2)
    x = columns()[0]
    frozen = np.empty(1)
    frozen.flags.writeable = False
    program.loss_and_grad([2.0], x, out=np.empty(1))
    for out, error in ((frozen, TypeError), (np.empty(2), ValueError), (np.empty(1, np.float32), TypeError)):
        with pytest.raises(error, match=r"loss_and_grad\(\) writes to an array"):
            program.loss_and_grad(np.array([2.0]), x, out=out)
    with pytest.raises(ValueError, match="numbers of 1 parameters, got 2"):
        program.loss_and_grad(np.array([2.0, 1.0]), x, out=np.empty(2))


@pytest.mark.parametrize("settings", SETTINGS)
def test_guards_on_parameters_hold_for_all_rows_or_for_none(settings):
    w = Value(2.0)
    program = compile(lambda x: (w * x if w > 0.0 else x - w,), **settings)
    (x,) = columns()[:1]
    out = (np.empty_like(x),)
    for number in (2.0, 3.0, -1.0, 5.0, -4.0):
        w.data = number
        assert program.map(x, out=out) is out
        assert np.array_equal(out[0], number * x if number > 0.0 else x - number)


@pytest.mark.skipif(backend == "python", reason="only the compiled engine has a shortcut")
def test_a_guard_on_a_parameter_leaves_the_shortcut_open():
    w = Value(2.0)
    program = compile(lambda x: (w * x if w > 0.0 else x - w,))
    x, out = np.array([1.0, 3.0]), (np.zeros(2),)
    program.map(x, out=out)
    [specialization] = program._specializations
    assert specialization.map_into((x,), out)
    w.data = -1.0
    out[0][:] = 7.0
    assert not specialization.map_into((x,), out)
    assert out[0].tolist() == [7.0, 7.0]


@pytest.mark.skipif(backend == "python", reason="only the compiled engine has a shortcut")
@pytest.mark.parametrize("mode", [ag.enable_grad, ag.no_grad, lambda: ag.scope("name")], ids=["enable", "no", "scope"])
def test_modes_leave_the_shortcuts_open(mode, monkeypatch):
    w = Value(2.0)
    program = compile(lambda x: w * x, parameters=[w])
    x, out, gradient = np.array([1.0, 3.0]), np.zeros(2), np.zeros(1)
    program.map(x, out=out)
    program.loss_and_grad([2.0], x, out=gradient)
    for name in ("map", "reduce"):
        monkeypatch.delattr(specialize.Specialization, name)
    with mode():
        assert program.map(x + 1.0, out=out).tolist() == [4.0, 8.0]
        assert program.loss_and_grad(np.array([5.0]), x, out=gradient) == (10.0, [2.0])


@pytest.mark.skipif(backend == "python", reason="only the compiled engine binds arrays")
@pytest.mark.parametrize("settings", SETTINGS)
def test_arrays_that_are_arguments_and_results_are_bound(settings):
    x, y = columns()
    wanted = compile(arithmetic, **settings).map(x, y)
    step = compile(arithmetic, **settings).map_buffer(x, y, out=(x, y))
    step()
    assert np.array_equal((x, y), wanted)
    assert len(step._runs) == 1


def test_results_may_replace_arguments_whose_rows_overlap():
    memory = np.ones(5)
    windows = np.lib.stride_tricks.sliding_window_view(memory, 2, writeable=True)
    program = compile(lambda x: [x[0], x[0] + x[1]])
    for _ in range(2):
        memory[:] = 1.0
        wanted = program.map(windows.copy())
        program.map(windows, out=windows)
        assert memory.tolist() == [*wanted[:, 0], wanted[-1, 1]]
