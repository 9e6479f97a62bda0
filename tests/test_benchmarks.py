"""Benchmarks: the workloads compute the same for valuegrad as for plain Python."""

import importlib
import math
import random
import re
import shutil
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
NAMES = ["is", "or_", "add"]


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    if not FOLDER.exists():
        pytest.skip("the benchmarks are in the repository only")
    monkeypatch.syspath_prepend(FOLDER)


def module(name: str) -> ModuleType:
    return importlib.import_module(name)


def numbers(peer: Any, task: Any, steps: int = 1) -> list[float]:
    """The last loss and gradients after so many steps."""
    for step in range(steps):
        if step:
            task.update()
        recording = peer.forward(task.functions[step % len(task.functions)], task.parameters)
        peer.backward(recording)
    return [peer.result(recording), *peer.gradients(recording, task.parameters)]


def ours() -> Any:
    valuegrad = module("peers.valuegrad")
    return module(f"peers.valuegrad_{'native' if valuegrad.IS_NATIVE else 'reference'}")


@pytest.mark.parametrize(
    ("workload", "arguments", "steps"),
    [
        ("two_moons", (5,), 2),
        ("expression", (500, 20), 1),
        ("chain", (5000,), 1),
        pytest.param("microgpt", (NAMES, 1), 2, marks=pytest.mark.campaign),
    ],
)
@pytest.mark.parametrize("other", ["plain_value", "plain_partials"])
def test_valuegrad_and_plain_python_agree(workload: str, arguments: Any, steps: int, other: str) -> None:
    make_task = getattr(module("workloads"), workload)
    results = [numbers(peer, make_task(peer, *arguments), steps) for peer in (ours(), module(f"peers.{other}"))]
    assert results[0] == pytest.approx(results[1], rel=1e-9, abs=1e-15)
    assert sum(x != 0.0 for x in results[0]) > len(results[0]) / 3


def of_call(make_task: Any, peer: str, *arguments: Any) -> Any:
    """The numbers of a workload that is measured as a whole."""
    if peer in ("c", "valuegrad_exported", "valuegrad_machine_code") and not shutil.which("gcc"):
        pytest.skip("there is no gcc")
    if peer.startswith("valuegrad") and not module("peers.valuegrad").IS_NATIVE:
        pytest.skip("the peer that compiles needs the native engine")
    return module("worker").first_call(make_task(module(f"peers.{peer}"), *arguments))["numbers"]


@cache
def all_by_plain_python(samples: int, activation: str, penalty: float) -> list[float]:
    return by_plain_python(*module("workloads").moons_data(samples), activation, penalty)


def by_plain_python(weights: Any, points: Any, labels: Any, activation: str, penalty: float) -> list[float]:
    """The mean hinge loss of the network on two moons, and its gradient."""
    workloads, plain = module("workloads"), module("peers.plain_partials")
    parameters = plain.parameters(weights)
    layers = workloads.plain_layers(parameters, 2, [16, 16, 1])
    losses = [
        plain.relu(1 - label * workloads.mlp(layers, point, getattr(plain, activation)))
        for point, label in zip(points, labels)
    ]
    loss = sum(losses) * (1 / len(losses)) + penalty * sum(p * p for p in parameters)
    loss.backward()
    return [loss.data, *(p.grad for p in parameters)]


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize(("samples", "penalty"), [(7, 1e-4), (70, 0.0)])
@pytest.mark.parametrize("peer", ["c", "numpy_by_hand", "valuegrad_compiled"])
def test_rows_of_two_moons_are_those_of_plain_python(peer: str, samples: int, penalty: float, activation: str) -> None:
    pytest.importorskip("numpy")
    got = of_call(module("workloads").moons_rows, peer, samples, activation, penalty)
    want = all_by_plain_python(samples, activation, penalty)
    assert got == pytest.approx(want, rel=1e-9, abs=1e-15)
    assert sum(x != 0.0 for x in got) > len(got) / 3


@pytest.mark.parametrize(
    ("workload", "peer"),
    [
        ("moons_rows_1", "c"),
        ("moons_rows_1", "numpy_by_hand"),
        ("moons_rows_1", "valuegrad_compiled"),
        ("moons_rows_1", "valuegrad_buffer"),
        pytest.param("moons_rows_1", "valuegrad_machine_code", marks=pytest.mark.campaign),
        ("moons_rows_1", "valuegrad_exported"),
        ("compile_time", "valuegrad_compiled"),
    ],
)
def test_one_row_of_two_moons_is_that_of_plain_python(workload: str, peer: str) -> None:
    pytest.importorskip("numpy")
    workloads = module("workloads")
    got = of_call(getattr(workloads, workload), peer)
    weights, point, label = workloads.moons_row()
    assert got == pytest.approx(by_plain_python(weights, [point], [label], "relu", 0.0), rel=1e-9, abs=1e-15)
    assert sum(x != 0.0 for x in got) > len(got) / 4


def test_the_compiled_gpt_is_microgpt() -> None:
    pytest.importorskip("numpy")
    workloads = module("workloads")
    got = of_call(workloads.microgpt_compiled, "valuegrad_compiled", NAMES, 1)
    want = numbers(ours(), workloads.microgpt(ours(), NAMES, 1))
    assert got == pytest.approx(want, rel=1e-9, abs=1e-15)


def test_peers_with_the_same_requirements_share_an_environment() -> None:
    peers = module("environments").peers()
    assert peers["jax_scan"].home == peers["jax"].home == "jax"
    assert peers["numpy_by_hand"].home == "numpy_by_hand"


def test_digits_are_1797_images_of_which_44_batches_are_learnt() -> None:
    workloads = module("workloads")
    weights, rows, labels = workloads.digits_data()
    assert (len(weights), len(rows), len(labels)) == (2410, 44 * workloads.BATCH, 44 * workloads.BATCH)
    assert {len(row) for row in rows} == {64}
    assert {min(map(min, rows)), max(map(max, rows))} == {0.0, 1.0}
    assert set(labels) == set(range(10))


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_an_epoch_of_digits_has_the_loss_of_numpy(optimizer: str) -> None:
    pytest.importorskip("numpy")
    workloads = module("workloads")
    weights, rows, labels = workloads.digits_data()

    def short(peer: Any) -> Any:
        return peer.digits(weights, rows[:96], labels[:96], optimizer)

    [loss] = of_call(short, "valuegrad_compiled")
    assert [loss] == pytest.approx(of_call(short, "numpy_by_hand"), rel=1e-9)
    assert 1.0 < loss < math.log(10)


@pytest.mark.parametrize("peer", ["c", "numpy_by_hand", "valuegrad_compiled"])
def test_prices_of_options_have_the_derivatives_of_values(peer: str) -> None:
    pytest.importorskip("numpy")
    if peer == "numpy_by_hand":
        pytest.importorskip("scipy")
    workloads, autograd = module("workloads"), importlib.import_module("autograd")
    rows = [
        [value, *partials]
        for row in list(zip(*workloads.black_scholes(SimpleNamespace(black_scholes=list), 2001)))[::1000]
        for value, partials in [
            autograd.value_and_grad(lambda *x: workloads.call_price(*x, autograd), argnums=(0, 1, 2, 3, 4))(*row)
        ]
    ]
    got = of_call(lambda module: workloads.black_scholes(module, 2001), peer)
    assert got == pytest.approx([x for column in zip(*rows) for x in column], rel=1e-11)
    assert len(got) == 18


def test_pendulums_move_as_by_the_equations_and_their_derivatives_are_those_of_values() -> None:
    pytest.importorskip("numpy")
    workloads, autograd = module("workloads"), importlib.import_module("autograd")
    got = of_call(lambda peer: workloads.pendulum(peer, 5), "valuegrad_compiled")
    row = [column[0] for column in workloads.pendulum(SimpleNamespace(pendulum=list), 5)]
    state = workloads.swing(*row, math.sin)
    partials = autograd.jacobian(lambda *x: workloads.swing(*x, autograd.sin), argnums=(0, 1, 2, 3))(*row)
    assert got == pytest.approx([*state, *partials[0], *partials[1]], rel=1e-11)
    assert workloads.swing(0.3, 0.0, 9.0, 0.0, lambda x: x) == pytest.approx(
        (0.3 * math.cos(3.0), -0.9 * math.sin(3.0)), rel=1e-6
    )


def test_the_first_result_is_that_of_plain_python() -> None:
    pytest.importorskip("numpy")
    workloads, plain = module("workloads"), module("peers.plain_partials")
    got = of_call(lambda peer: workloads.first_result(peer, 300, 20), "valuegrad_compiled")
    assert got == pytest.approx(numbers(plain, workloads.expression(plain, 300, 20)), rel=1e-9, abs=1e-15)


def test_a_call_adds_nothing_to_the_numbers_of_the_next() -> None:
    pytest.importorskip("numpy")
    workloads = module("workloads")

    def called(peer: Any) -> Any:
        call = workloads.moons_rows(peer, 3)
        call.run()
        return call

    assert of_call(called, "valuegrad_compiled") == of_call(workloads.moons_rows, "valuegrad_compiled", 3)


def test_numbers_are_those_of_nested_lists_and_arrays() -> None:
    numpy = pytest.importorskip("numpy")
    nested = (1, [numpy.array([[2.0, 3.0], [4.0, 5.0]]), numpy.float64(6.0)], numpy.array(7.0))
    assert module("worker").flat(nested) == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]


def test_a_call_of_a_fraction_of_a_microsecond_has_three_digits() -> None:
    number = module("report").number
    assert [number(x) for x in (0.000123456, 12.3456, 0.0, None)] == ["0.000123", "12.3", "0", "-"]


@pytest.mark.parametrize("steps", [1, 4])
def test_calls_are_timed_by_the_step(monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    worker, workloads, seconds = module("worker"), module("workloads"), [0.0]
    monkeypatch.setattr(worker, "perf_counter", lambda: seconds[0])

    def run(duration: float) -> None:
        seconds[0] += duration

    for duration in (2.0**-20, 2.0):
        task = workloads.Call(lambda duration=duration: run(duration), steps=steps)
        assert worker.timed_calls(task, 0.5) == {"step": pytest.approx(1000 * duration / steps)}


def test_a_target_compares_workloads_by_their_medians() -> None:
    target = module("report").Target("fast", "step", "ours", "theirs", 100, "slow")
    results = {"fast": {"ours": {"step": 0.5}}, "slow": {"theirs": {"step": 200.0}}}
    assert target.measured(results) == 400.0
    assert target.reached(400.0)
    assert str(target) == "fast: theirs in slow takes >= 100 times as long as ours"
    assert target.measured({"fast": {"ours": {"step": 0.5}}}) is None


def test_microgpt_by_dot_is_microgpt() -> None:
    workloads = module("workloads")
    by_dot, by_operators = (
        numbers(ours(), make_task(ours(), NAMES, 1)) for make_task in (workloads.microgpt_dot, workloads.microgpt)
    )
    assert by_dot == pytest.approx(by_operators, rel=1e-12, abs=1e-15)


def test_microgpt_has_4224_parameters_for_27_characters() -> None:
    assert len(module("microgpt").GPT(28, float).parameters()) == 4224


def test_every_operation_of_a_random_expression_is_used() -> None:
    _, source = module("workloads").random_expression(300, 20, random.Random(1))
    words = re.findall(r"v\d+", source)
    assert all(words.count(f"v{i}") > 1 for i in range(320))


def test_names_of_the_standard_library_fit_in_a_block() -> None:
    names = module("microgpt").standard_library_names()
    assert names == sorted(set(names))
    assert len(names) > 500
    assert max(map(len, names)) < module("microgpt").BLOCK_SIZE


def test_a_peer_that_disagrees_is_named() -> None:
    measured = {"a": {"numbers": [1.0, 2.0]}, "b": {"numbers": [1.0, 2.0]}, "c": {"numbers": [1.0, 2.0 + 1e-6]}}
    [complaint] = module("run").disagreements("two_moons", measured)
    assert complaint.startswith("c disagrees in two_moons: 1 of 2 numbers")


def test_the_hessian_of_valuegrad_is_that_of_the_textbook():
    numpy = pytest.importorskip("numpy")
    optimize = pytest.importorskip("scipy.optimize")
    task = module("workloads").hessian(ours(), 10)
    rng = random.Random(0)
    want = optimize.rosen_hess(numpy.array([rng.uniform(-1, 1) for _ in range(10)]))  # older versions take no list
    assert task.run() == pytest.approx(want, rel=1e-13, abs=1e-11)


def test_c_by_hand_leaves_subnormal_numbers_alone() -> None:
    pytest.importorskip("numpy")
    try:
        c = module("peers.c")
    except ImportError as error:
        pytest.skip(str(error))
    c.compiled("moons", "-ffast-math")
    assert 5e-324 * 1.0 > 0.0
