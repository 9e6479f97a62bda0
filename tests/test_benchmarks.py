"""Benchmarks: the workloads compute the same for valuegrad as for plain Python."""

import importlib
import random
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
NAMES = ["add", "or_", "is"]


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    if not FOLDER.exists():
        pytest.skip("the benchmarks are in the repository only")
    monkeypatch.syspath_prepend(FOLDER)


def module(name: str) -> ModuleType:
    return importlib.import_module(name)


def numbers(peer: Any, task: Any, steps: int = 1) -> list[float]:
    """The last loss and gradients of so many steps."""
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
        ("microgpt", (NAMES, 1), 2),
    ],
)
@pytest.mark.parametrize("other", ["plain_value", "plain_partials"])
def test_valuegrad_and_plain_python_agree(workload: str, arguments: Any, steps: int, other: str) -> None:
    make_task = getattr(module("workloads"), workload)
    results = [numbers(peer, make_task(peer, *arguments), steps) for peer in (ours(), module(f"peers.{other}"))]
    assert results[0] == pytest.approx(results[1], rel=1e-9, abs=1e-15)
    assert sum(x != 0.0 for x in results[0]) > len(results[0]) / 3


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
    pytest.importorskip("numpy")
    optimize = pytest.importorskip("scipy.optimize")
    task = module("workloads").hessian(ours(), 10)
    rng = random.Random(0)
    want = optimize.rosen_hess([rng.uniform(-1, 1) for _ in range(10)])
    assert task.run() == pytest.approx(want, rel=1e-13, abs=1e-11)
